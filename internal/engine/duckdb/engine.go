package duckdb

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"time"
	"unsafe"

	driver "github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Options of an engine. Zero values get the defaults named here.
type Options struct {
	Dirs          []string      // directories that catalogs' files lie in; nothing outside can be read
	MemoryLimit   int64         // bytes for all queries together (2 GiB); the process peaks at about 1.5 times that
	Threads       int           // for all queries together (number of CPUs)
	TempDir       string        // where queries spill to; "" means that they do not
	TempLimit     int64         // bytes of spilled data (10 GiB)
	MaxTime       time.Duration // of a query, from its start to its last row (2 min)
	MaxShort      time.Duration // of statements that may never end: recursion, unbounded generators (10 s)
	MaxRows       int           // of a result; more are cut off and Truncated is set (1,000,000; -1 for no limit)
	MaxConcurrent int           // queries over files that run at a time, others wait (4)
}

func (o Options) withDefaults() Options {
	set := func(p *int64, v int64) {
		if *p == 0 {
			*p = v
		}
	}
	set(&o.MemoryLimit, 2<<30)
	set(&o.TempLimit, 10<<30)
	set((*int64)(&o.MaxTime), int64(2*time.Minute))
	set((*int64)(&o.MaxShort), int64(10*time.Second))
	o.MaxShort = min(o.MaxShort, o.MaxTime)
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.MaxRows == 0 {
		o.MaxRows = 1_000_000
	}
	if o.MaxConcurrent == 0 {
		o.MaxConcurrent = 4
	}
	return o
}

// Engine is one locked DuckDB instance. It is safe for concurrent use.
type Engine struct {
	opts      Options
	connector *driver.Connector
	db        *sql.DB // owns connector; used for the set-up only
	spill     string  // own directory below TempDir
	slots     chan struct{}
	memory    *memoryGuard
	ctx       context.Context // ended by Close
	stop      context.CancelCauseFunc
	mu        sync.Mutex // guards closed and the first Add of workers
	closed    bool
	workers   sync.WaitGroup
	viewRefs  sync.Map // view SQL → []string, see references
}

// Open starts an instance, defines the functions of macros.go and locks it.
func Open(o Options) (*Engine, error) {
	o = o.withDefaults()
	e := &Engine{opts: o, slots: make(chan struct{}, o.MaxConcurrent)}
	e.ctx, e.stop = context.WithCancelCause(context.Background())
	if o.TempDir != "" {
		if err := os.MkdirAll(o.TempDir, 0o700); err != nil {
			return nil, fmt.Errorf("make the temp directory of queries: %w", err)
		}
		dir, err := os.MkdirTemp(o.TempDir, "duckdb-*")
		if err != nil {
			return nil, fmt.Errorf("make the temp directory of queries: %w", err)
		}
		e.spill = dir
	}
	connector, err := driver.NewConnector("?autoinstall_known_extensions=false&autoload_known_extensions=false&allow_community_extensions=false", nil)
	if err != nil {
		e.removeSpill()
		return nil, fmt.Errorf("open DuckDB: %w", err)
	}
	e.connector, e.db = connector, sql.OpenDB(connector)
	e.db.SetMaxOpenConns(1)
	if err := e.setUp(); err != nil {
		e.db.Close()
		e.removeSpill()
		return nil, fmt.Errorf("set up DuckDB: %w", err)
	}
	e.memory = newMemoryGuard(o.MemoryLimit)
	return e, nil
}

func (e *Engine) setUp() error {
	ctx := context.Background()
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := rawConnOf(conn); err != nil {
		return err
	}
	if err := registerFunctions(conn); err != nil {
		return err
	}
	settings, err := e.settings()
	if err != nil {
		return err
	}
	for _, s := range append(append([]string{}, macros...), settings...) {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// settings lists the SET statements in order; the last one locks all others.
func (e *Engine) settings() ([]string, error) {
	o := e.opts
	var dirs []string
	for _, d := range o.Dirs {
		abs, err := filepath.Abs(d)
		if err != nil {
			return nil, err
		}
		dirs = append(dirs, quoteText(strings.TrimSuffix(abs, string(filepath.Separator))+string(filepath.Separator)))
	}
	return []string{
		"SET GLOBAL TimeZone = 'UTC'",
		"SET GLOBAL errors_as_json = true",
		"SET GLOBAL parquet_metadata_cache = true",
		"SET GLOBAL allow_persistent_secrets = false",
		fmt.Sprintf("SET GLOBAL memory_limit = '%dB'", o.MemoryLimit),
		fmt.Sprintf("SET GLOBAL threads = %d", o.Threads),
		"SET GLOBAL temp_directory = " + quoteText(e.spill),
		fmt.Sprintf("SET GLOBAL max_temp_directory_size = '%dB'", o.TempLimit),
		"SET GLOBAL allowed_directories = [" + strings.Join(dirs, ", ") + "]",
		"SET GLOBAL allow_community_extensions = false",
		"SET GLOBAL enable_external_access = false",
		"SET GLOBAL lock_configuration = true",
	}, nil
}

var errClosed = &Error{Kind: KindCancelled, Msg: "the query engine is closing"}

// Close stops the running queries, waits a while for DuckDB to let go of them and
// closes the instance. An instance whose query does not stop within five seconds
// is left to the process's end.
func (e *Engine) Close() error {
	e.mu.Lock()
	again := e.closed
	e.closed = true
	e.mu.Unlock()
	if again {
		return nil
	}
	e.stop(errClosed)
	done := make(chan struct{})
	go func() { e.workers.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		return internalError("a query did not stop")
	}
	e.memory.close()
	err := e.db.Close()
	e.removeSpill()
	return err
}

func (e *Engine) removeSpill() {
	if e.spill != "" {
		os.RemoveAll(e.spill) // what stays behind is an empty or scratch directory
	}
}

// begin counts a worker in, unless the engine is closing.
func (e *Engine) begin() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return errClosed
	}
	e.workers.Add(1)
	return nil
}

// admit waits for a slot.
func (e *Engine) admit(ctx context.Context) error {
	select {
	case e.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (e *Engine) release() { <-e.slots }

// rawConn is the connection behind a driver's connection. The driver does not
// export it, and its own way to interrupt a query sleeps 500 ms; so the field is
// read by reflection. The version is pinned in go.mod; Open fails if the field
// is not what it was.
func rawConn(c sqldriver.Conn) (mapping.Connection, error) {
	v := reflect.ValueOf(c)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return mapping.Connection{}, internalError("the DuckDB driver's connection is not a struct")
	}
	f := v.Elem().FieldByName("conn")
	if !f.IsValid() || f.Type() != reflect.TypeFor[mapping.Connection]() {
		return mapping.Connection{}, internalError("the DuckDB driver's connection has no field conn")
	}
	return *(*mapping.Connection)(unsafe.Pointer(f.UnsafeAddr())), nil
}

func rawConnOf(c *sql.Conn) (raw mapping.Connection, err error) {
	err = c.Raw(func(dc any) error {
		raw, err = rawConn(dc.(sqldriver.Conn))
		return err
	})
	return raw, err
}
