package duckdb

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/duckdb/duckdb-go-bindings"
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Query checks one statement, runs it over the catalog and returns its result as
// soon as the first rows are there. The caller must Close the result. Errors are
// of type *Error.
//
// ctx covers the query up to its last row; the time limit counts from the moment
// the query is admitted and covers the reading of the rows too.
func (e *Engine) Query(ctx context.Context, cat Catalog, sql string) (*Result, error) {
	if err := e.begin(); err != nil {
		return nil, err
	}
	q := &query{e: e, cat: &cat, sql: sql}
	q.ctx, q.cancel = context.WithCancelCause(ctx)
	detach := context.AfterFunc(e.ctx, func() { q.cancel(errClosed) })
	r := &Result{q: q, batches: make(chan batch, 1), head: make(chan struct{}), gone: make(chan struct{})}
	go func() {
		defer e.workers.Done()
		defer close(r.gone)
		defer detach()
		r.fail(q.run(r))
	}()
	select {
	case <-r.head:
	case <-r.gone:
	case <-q.ctx.Done():
		// The worker is interrupted and cleans up behind us.
	}
	select {
	case <-r.head:
		return r, nil
	default:
	}
	if err := q.stopped(); err != nil {
		q.cancel(err)
		return nil, err
	}
	<-r.gone
	q.cancel(nil)
	if r.workerErr != nil {
		return nil, r.workerErr
	}
	return r, nil
}

// query is one run. Everything below run happens on the worker's goroutine.
type query struct {
	e      *Engine
	cat    *Catalog
	sql    string
	ctx    context.Context
	cancel context.CancelCauseFunc
	conn   mapping.Connection
}

// stopped returns the Error for why the query's context ended, nil while it runs.
func (q *query) stopped() error {
	cause := context.Cause(q.ctx)
	var e *Error
	switch {
	case cause == nil:
		return nil
	case errors.As(cause, &e):
		return e
	case errors.Is(cause, context.DeadlineExceeded):
		return &Error{Kind: KindTimeout, Msg: "the query took longer than it may", Hint: adviceTime, cause: cause}
	}
	return &Error{Kind: KindCancelled, Msg: "the query was cancelled", cause: cause}
}

func (q *query) run(r *Result) error {
	if err := plausible(q.sql); err != nil {
		return err
	}
	dc, err := q.e.connector.Connect(q.ctx)
	if err != nil {
		return internalError("no connection to DuckDB")
	}
	defer dc.Close()
	if q.conn, err = rawConn(dc); err != nil {
		return err
	}
	// Parsing a contrived megabyte can take seconds and cannot be interrupted; the
	// caller at least does not wait for it.
	limit := q.e.opts.MaxShort
	timer := time.AfterFunc(limit, func() { q.cancel(errSlowParse) })
	defer timer.Stop()
	c, err := q.check()
	if err != nil {
		return err
	}
	stmts, heavy, err := q.cat.plan(c.refs, q.references)
	if err != nil {
		return err
	}
	timer.Stop() // waiting for admission does not count
	if heavy || c.short {
		if err := q.e.admit(q.ctx); err != nil {
			return q.stopped()
		}
		defer q.e.release()
	}
	if !c.short {
		limit = q.e.opts.MaxTime
	}
	timer = time.AfterFunc(limit, func() {
		q.cancel(&Error{Kind: KindTimeout, Msg: "the query took longer than the " + limit.String() + " it may take", Hint: adviceTime})
	})
	defer timer.Stop() // of the new one
	defer q.e.memory.add(q.cancel)()
	defer q.watch()()
	for _, s := range stmts {
		if err := q.exec(s); err != nil {
			return err
		}
	}
	return q.stream(c, r)
}

var errSlowParse = &Error{Kind: KindTimeout, Msg: "the statement takes too long to parse", Hint: "shorten it"}

// plausible refuses texts that DuckDB's parser and the walk might see differently.
func plausible(sql string) error {
	switch {
	case len(sql) > maxStatement:
		return &Error{Kind: KindInvalid, Msg: "the statement is longer than 1 MiB"}
	case !utf8.ValidString(sql):
		return &Error{Kind: KindInvalid, Msg: "the statement is not valid UTF-8"}
	case strings.IndexByte(sql, 0) >= 0:
		return &Error{Kind: KindInvalid, Msg: "the statement has a NUL byte"}
	}
	return nil
}

// watch interrupts DuckDB from the moment the query's context ends until the
// returned function is called. One interrupt is not enough: DuckDB clears the flag
// between the phases of a statement.
func (q *query) watch() func() {
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		select {
		case <-done:
			return
		case <-q.ctx.Done():
		}
		for {
			mapping.Interrupt(q.conn)
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() { close(done); <-gone }
}

// check parses the statement with DuckDB and walks the tree.
func (q *query) check() (*checked, error) {
	tree, err := serialize(q.conn, q.sql)
	if err != nil {
		return nil, err
	}
	return check(tree, q.sql, q.cat)
}

// serialize calls json_serialize_sql.
func serialize(conn mapping.Connection, sql string) ([]byte, error) {
	stmt, err := prepare(conn, "SELECT json_serialize_sql($1::VARCHAR)")
	if err != nil {
		return nil, errorFromDuckDB(err.Error(), sql, 0, nil)
	}
	defer mapping.DestroyPrepare(&stmt)
	mapping.BindVarcharLength(stmt, 1, sql, mapping.IdxT(len(sql)))
	var res mapping.Result
	defer mapping.DestroyResult(&res)
	if mapping.ExecutePrepared(stmt, &res) == mapping.StateError {
		return nil, errorFromDuckDB(mapping.ResultError(&res), sql, 0, nil)
	}
	chunk := mapping.FetchChunk(res)
	defer mapping.DestroyDataChunk(&chunk)
	if chunk.Ptr == nil || mapping.DataChunkGetSize(chunk) != 1 {
		return nil, internalError("the statement could not be parsed")
	}
	v := mapping.DataChunkGetVector(chunk, 0)
	return []byte(textAt(mapping.VectorGetData(v), 0)), nil
}

// references lists the lower-case names a trusted view reads, common table
// expressions included (they are told apart by the catalog's names).
func (q *query) references(sql string) ([]string, error) {
	if names, ok := q.e.viewRefs.Load(sql); ok {
		return names.([]string), nil
	}
	tree, err := serialize(q.conn, sql)
	if err != nil {
		return nil, err
	}
	names, err := baseTables(tree)
	if err != nil {
		return nil, err
	}
	q.e.viewRefs.Store(sql, names)
	return names, nil
}

// exec runs a trusted statement without a result.
func (q *query) exec(sql string) error {
	var res mapping.Result
	defer mapping.DestroyResult(&res)
	if mapping.Query(q.conn, sql, &res) == mapping.StateError {
		if err := q.stopped(); err != nil {
			return err
		}
		e := errorFromDuckDB(mapping.ResultError(&res), sql, 0, q.cat)
		if e.Kind == KindInvalid {
			e.Kind, e.Msg = KindInternal, "a table of the catalog is not right: "+e.Msg
		}
		e.Line, e.Col = 0, 0
		return e
	}
	return nil
}

// duckText is an error text of DuckDB.
type duckText string

func (t duckText) Error() string { return string(t) }

// prepare prepares a text that must be one statement.
func prepare(conn mapping.Connection, sql string) (mapping.PreparedStatement, error) {
	var stmts mapping.ExtractedStatements
	var stmt mapping.PreparedStatement
	n := mapping.ExtractStatements(conn, sql, &stmts)
	defer mapping.DestroyExtracted(&stmts)
	if n != 1 {
		if msg := mapping.ExtractStatementsError(stmts); msg != "" {
			return stmt, duckText(msg)
		}
		return stmt, &Error{Kind: KindDenied, Msg: "one statement at a time"}
	}
	if mapping.PrepareExtractedStatement(conn, stmts, 0, &stmt) == mapping.StateError {
		err := duckText(mapping.PrepareError(stmt))
		mapping.DestroyPrepare(&stmt)
		return stmt, err
	}
	return stmt, nil
}

// stream prepares and runs the checked text and sends its rows to the result.
func (q *query) stream(c *checked, r *Result) error {
	fail := func(err error) error {
		if stopped := q.stopped(); stopped != nil {
			return stopped
		}
		var e *Error
		if errors.As(err, &e) {
			return e
		}
		return errorFromDuckDB(err.Error(), q.sql, c.shift, q.cat)
	}
	stmt, err := prepare(q.conn, c.run)
	if err != nil {
		return fail(err)
	}
	defer mapping.DestroyPrepare(&stmt)
	// The walk made sure of both; a second look costs nothing.
	if mapping.PreparedStatementType(stmt) != mapping.StatementTypeSelect || mapping.NParams(stmt) != 0 {
		return &Error{Kind: KindDenied, Msg: "only SELECT statements can be run"}
	}
	var pending mapping.PendingResult
	state := duckdb_go_bindings.PendingPreparedStreaming(stmt, &pending)
	defer mapping.DestroyPending(&pending)
	if state == mapping.StateError {
		return fail(duckText(mapping.PendingError(pending)))
	}
	var res mapping.Result
	defer mapping.DestroyResult(&res)
	if mapping.ExecutePending(pending, &res) == mapping.StateError {
		return fail(duckText(mapping.ResultError(&res)))
	}
	if err := r.read(q.ctx, &res); err != nil {
		return fail(err)
	}
	return nil
}
