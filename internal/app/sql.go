package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"ashiato/internal/engine/duckdb"
	"ashiato/internal/lake"
	"ashiato/internal/service"
)

// SQL implements service.Service.
func (a *App) SQL(ctx context.Context, q service.SQLRequest, out io.Writer) (service.SQLResult, error) {
	var result service.SQLResult
	w, err := a.reader(q.Workspace)
	if err != nil {
		return result, err
	}
	l, _, snap, err := w.view(ctx)
	if err != nil {
		return result, err
	}
	if snap == nil {
		snap = &lake.Snapshot{}
	}
	engine, release, err := a.sql.of(w)
	if err != nil {
		return result, err
	}
	defer release()
	r, err := engine.Query(ctx, w.sqlTables(l, snap), q.SQL)
	if err != nil {
		return result, sqlError(err, q.SQL)
	}
	defer r.Close()
	switch q.Format {
	case service.Table:
		err = duckdb.WriteTable(out, r, q.Width)
	case service.CSV:
		if q.Spreadsheet {
			err = duckdb.WriteSpreadsheetCSV(out, r)
		} else {
			err = duckdb.WriteCSV(out, r)
		}
	case service.JSON, "":
		err = duckdb.WriteJSONLines(out, r)
	default:
		return result, &service.Error{Kind: service.Invalid, Message: fmt.Sprintf("there is no format %q", q.Format), Hint: "write table, json or csv"}
	}
	result.Truncated = r.Truncated
	return result, sqlError(err, q.SQL)
}

// sqlTables returns the tables of a snapshot, made once for each.
func (w *workspace) sqlTables(l *lake.Lake, snap *lake.Snapshot) duckdb.Catalog {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tables == nil || w.tables.ID != snap.ID {
		cat := sqlCatalog(w.app.types, l, snap)
		w.tables = &cat
	}
	return *w.tables
}

// idleEngines is how many DuckDB instances without a query stay open.
const idleEngines = 2

// sqlEngines holds one DuckDB instance for each workspace that is asked, so that none can read another's
// files. Instances that are not in use are closed when there are too many.
type sqlEngines struct {
	temp string

	mu     sync.Mutex
	open   map[string]*sqlEngine
	tick   int64
	closed bool
}

type sqlEngine struct {
	*duckdb.Engine
	temp string
	refs int
	used int64
}

// of returns the engine of a workspace; release must be called after use.
func (s *sqlEngines) of(w *workspace) (*duckdb.Engine, func(), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, nil, &service.Error{Kind: service.Unavailable, Message: "the program is stopping"}
	}
	e := s.open[w.name]
	if e == nil {
		s.clear()
		temp := filepath.Join(s.temp, "sql-"+strconv.Itoa(os.Getpid()), w.name)
		opt := duckdb.Options{Dirs: []string{filepath.Join(w.dir, "lake")}, TempDir: temp}
		if err := os.MkdirAll(temp, 0o700); err != nil {
			opt.TempDir, temp = "", "" // a data directory that cannot be written: queries do not spill
		}
		engine, err := duckdb.Open(opt)
		if err != nil {
			return nil, nil, fmt.Errorf("open the SQL engine: %w", err)
		}
		e = &sqlEngine{Engine: engine, temp: temp}
		if s.open == nil {
			s.open = map[string]*sqlEngine{}
		}
		s.open[w.name] = e
	}
	e.refs++
	s.tick++
	e.used = s.tick
	return e.Engine, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		e.refs--
		s.shrink()
	}, nil
}

func (s *sqlEngines) shrink() {
	for {
		idle, oldest := 0, ""
		for name, e := range s.open {
			if e.refs == 0 {
				idle++
				if oldest == "" || e.used < s.open[oldest].used {
					oldest = name
				}
			}
		}
		if idle <= idleEngines || s.closed {
			return
		}
		s.open[oldest].end()
		delete(s.open, oldest)
	}
}

func (e *sqlEngine) end() error {
	err := e.Close()
	if e.temp != "" {
		os.RemoveAll(e.temp)
	}
	return err
}

// clear removes what killed processes have left in the temporary directory.
func (s *sqlEngines) clear() {
	entries, _ := os.ReadDir(s.temp)
	for _, d := range entries {
		pid, err := strconv.Atoi(strings.TrimPrefix(d.Name(), "sql-"))
		if err == nil && pid != os.Getpid() && errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
			os.RemoveAll(filepath.Join(s.temp, d.Name()))
		}
	}
}

func (s *sqlEngines) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	var err error
	for _, e := range s.open {
		err = errors.Join(err, e.end())
	}
	if len(s.open) > 0 {
		os.Remove(filepath.Join(s.temp, "sql-"+strconv.Itoa(os.Getpid())))
		os.Remove(s.temp)
	}
	s.open = nil
	return err
}
