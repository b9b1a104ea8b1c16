package duckdb

import (
	"context"
	"time"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// ResultColumn is a column of a result. Type is DuckDB's name of the type, for
// example BIGINT, VARCHAR[], STRUCT("a" INTEGER), JSON.
type ResultColumn struct{ Name, Type string }

// Result streams the rows of a query. It is not safe for concurrent use.
//
//	for r.Next() {
//		row := r.Row()
//	}
//	if err := r.Err(); err != nil { … }
//
// Values are nil, bool, int64, float64, string, []byte (BLOB), time.Time in UTC
// (DATE and all TIMESTAMPs), json.Number (DECIMAL, and integers that do not fit
// int64), []any (lists, arrays), [Struct] and [Map].
// TIME, INTERVAL, UUID, BIT, ENUM, and DATE inside of lists, maps and structs are
// strings in DuckDB's spelling; JSON is the string as stored.
type Result struct {
	Columns []ResultColumn
	// Truncated tells, once Next has returned false, that rows were left out
	// because of Options.MaxRows.
	Truncated bool

	q       *query
	batches chan batch
	head    chan struct{} // closed when Columns is set and the first rows are there
	gone    chan struct{} // closed when the worker is done
	cur     [][]any
	pos     int
	err     error
	ended   bool

	// Written by the worker before gone is closed.
	workerErr error
	truncated bool
}

type batch [][]any

// read runs on the worker: it fetches, decodes and hands over chunk by chunk.
func (r *Result) read(ctx context.Context, res *mapping.Result) error {
	n := int(mapping.ColumnCount(res))
	decoders := make([]*decoder, n)
	r.Columns = make([]ResultColumn, n)
	for i := range n {
		t := mapping.ColumnLogicalType(res, mapping.IdxT(i))
		decoders[i] = newDecoder(t)
		r.Columns[i] = ResultColumn{Name: mapping.ColumnName(res, mapping.IdxT(i)), Type: typeName(t)}
		mapping.DestroyLogicalType(&t)
	}
	rows, first := 0, true
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		chunk := mapping.FetchChunk(*res)
		if chunk.Ptr == nil {
			if msg := mapping.ResultError(res); msg != "" {
				return duckText(msg)
			}
			if first {
				close(r.head)
			}
			return nil
		}
		b := decodeChunk(chunk, decoders)
		mapping.DestroyDataChunk(&chunk)
		if limit := r.q.e.opts.MaxRows; limit >= 0 && rows+len(b) > limit {
			b, r.truncated = b[:limit-rows], true
		}
		rows += len(b)
		if first {
			first = false
			close(r.head)
		}
		select {
		case r.batches <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
		if r.truncated {
			return nil
		}
	}
}

func decodeChunk(chunk mapping.DataChunk, decoders []*decoder) batch {
	n := int(mapping.DataChunkGetSize(chunk))
	b := make(batch, n)
	cells := make([]any, n*len(decoders))
	for i := range b {
		b[i] = cells[i*len(decoders) : (i+1)*len(decoders) : (i+1)*len(decoders)]
	}
	for c, d := range decoders {
		d.bind(mapping.DataChunkGetVector(chunk, mapping.IdxT(c)))
		for i := range b {
			b[i][c] = d.at(i)
		}
	}
	return b
}

// fail ends the worker's side; err may be nil.
func (r *Result) fail(err error) {
	r.workerErr = err
	close(r.batches)
}

// Next moves to the next row. It returns false at the end, on an error and after
// Close.
func (r *Result) Next() bool {
	if r.ended {
		return false
	}
	for r.pos++; r.pos >= len(r.cur); r.pos = 0 {
		select {
		case b, ok := <-r.batches:
			if !ok {
				<-r.gone
				r.end(r.workerErr)
				r.Truncated = r.truncated
				return false
			}
			r.cur = b
		case <-r.q.ctx.Done():
			r.end(r.q.stopped())
			return false
		}
	}
	return true
}

func (r *Result) end(err error) {
	r.ended, r.cur, r.err = true, nil, err
	r.q.cancel(nil)
}

// Row returns the current row. The slice is the caller's.
func (r *Result) Row() []any {
	if r.pos < len(r.cur) {
		return r.cur[r.pos]
	}
	return nil
}

// Err returns what ended the rows early, an *Error, or nil.
func (r *Result) Err() error { return r.err }

// Close stops the query if it still runs and gives its place to the next one. It
// waits for DuckDB to let go, a second at most, and always returns nil.
func (r *Result) Close() error {
	r.q.cancel(&Error{Kind: KindCancelled, Msg: "the result was closed"})
	r.ended, r.cur = true, nil
	select {
	case <-r.gone:
	case <-time.After(time.Second):
	}
	return nil
}
