package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"ashiato/internal/engine/scan"
	"ashiato/internal/lake"
	"ashiato/internal/query/kql"
	"ashiato/internal/service"
)

// searching is a query made ready over a snapshot.
type searching struct {
	engine *scan.Engine
	snap   *lake.Snapshot
	query  scan.Query
	empty  bool // nothing was ever taken in
}

// prepare parses a query and takes a snapshot.
func (a *App) prepare(ctx context.Context, q service.Query) (*searching, error) {
	s := &searching{query: scan.Query{Text: q.Query, Types: q.Types}}
	if err := a.checkTypes(q.Types...); err != nil {
		return nil, err
	}
	var err error
	if s.query.Node, err = kql.Parse(q.Query); err != nil {
		return nil, kqlError(err, q.Query)
	}
	if s.query.From, s.query.To, err = timeRange(q.From, q.To, time.Now()); err != nil {
		return nil, err
	}
	w, err := a.reader(q.Workspace)
	if err != nil {
		return nil, err
	}
	l, e, snap, err := w.view(ctx)
	if err != nil {
		return nil, err
	}
	if l == nil {
		s.empty, s.snap, s.engine = true, &lake.Snapshot{}, scan.New(nil, a.types)
		return s, nil
	}
	s.engine, s.snap, s.empty = e, snap, len(snap.Segments) == 0
	return s, nil
}

// timeRange reads from and to as µs; 0 is open. from is the start of what it names. to is exclusive, but
// a day, a month or a year is included whole: --to 2026-10-01 ends with that day, as people mean it.
func timeRange(from, to string, now time.Time) (first, end int64, err error) {
	if from != "" {
		t, _, err := kql.ParseTime(from, now, nil)
		if err != nil {
			return 0, 0, invalid("from: %v", err)
		}
		first = t.UnixMicro()
	}
	if to != "" {
		t, precision, err := kql.ParseTime(to, now, nil)
		if err != nil {
			return 0, 0, invalid("to: %v", err)
		}
		if precision >= 23*time.Hour { // where the clock is put forward a day has 23
			t = t.Add(precision)
		}
		end = t.UnixMicro()
	}
	if from != "" && to != "" && first >= end {
		return 0, 0, &service.Error{Kind: service.Invalid, Message: "the time range is empty: from " + from + " is not before to " + to}
	}
	return first, end, nil
}

// Search implements service.Service.
func (a *App) Search(ctx context.Context, q service.SearchRequest, emit func([]byte) error) (service.SearchResult, error) {
	start := time.Now()
	s, err := a.prepare(ctx, q.Query)
	if err != nil {
		return service.SearchResult{}, err
	}
	if s.empty {
		return service.SearchResult{Empty: true}, nil
	}
	var buf []byte
	next, stats, err := s.engine.Search(ctx, s.snap, s.query, q.Limit, q.Cursor, func(e *scan.Event) error {
		var err error
		if buf, err = e.AppendJSON(buf[:0], q.Fields, q.Raw); err != nil {
			return err
		}
		return emit(buf)
	})
	return service.SearchResult{Next: next, Stats: stats, Elapsed: milliseconds(start)}, kqlError(err, q.Query.Query)
}

func milliseconds(start time.Time) float64 {
	return float64(time.Since(start).Microseconds()) / 1000
}

// Count implements service.Service.
func (a *App) Count(ctx context.Context, q service.Query) (service.CountResult, error) {
	s, err := a.prepare(ctx, q)
	if err != nil {
		return service.CountResult{}, err
	}
	if s.empty {
		return service.CountResult{Empty: true}, nil
	}
	n, stats, err := s.engine.Count(ctx, s.snap, s.query)
	return service.CountResult{Count: n, Stats: stats}, kqlError(err, q.Query)
}

// Fields implements service.Service.
func (a *App) Fields(ctx context.Context, q service.Query) ([]string, error) {
	s, err := a.prepare(ctx, q)
	if err != nil {
		return nil, err
	}
	return s.engine.Fields(q.Types), nil
}

// maxValues bounds how many values of a field are listed.
const maxValues = 1000

// Values implements service.Service.
func (a *App) Values(ctx context.Context, q service.ValuesRequest) ([]scan.Facet, error) {
	s, err := a.prepare(ctx, q.Query)
	if err != nil {
		return nil, err
	}
	if q.N <= 0 {
		q.N = 10
	}
	if len(q.Fields) == 0 {
		return nil, invalid("no field is named")
	}
	if s.empty {
		out := make([]scan.Facet, 0, len(q.Fields))
		for _, f := range q.Fields {
			out = append(out, scan.Facet{Field: f, Values: []scan.ValueCount{}})
		}
		return out, nil
	}
	out, _, err := s.engine.Facets(ctx, s.snap, s.query, q.Fields, min(q.N, maxValues))
	return out, kqlError(err, q.Query.Query)
}

// Event implements service.Service.
func (a *App) Event(ctx context.Context, workspace, id string) (json.RawMessage, error) {
	s, err := a.prepare(ctx, service.Query{Workspace: workspace})
	if err != nil {
		return nil, err
	}
	missing := &service.Error{Kind: service.NotFound, Message: "there is no event with the id " + id}
	if s.empty {
		return nil, missing
	}
	e, err := s.engine.EventByID(ctx, s.snap, id)
	if err != nil {
		return nil, lakeError(err)
	}
	if e == nil {
		return nil, missing
	}
	return e.AppendJSON(nil, nil, true)
}

// Export implements service.Service.
func (a *App) Export(ctx context.Context, q service.ExportRequest, w io.Writer) (service.ExportResult, error) {
	var out service.ExportResult
	s, err := a.prepare(ctx, q.Query)
	if err != nil || s.empty {
		return out, err
	}
	end := byte('\n')
	if q.Null {
		end = 0
	}
	var buf []byte
	_, _, err = s.engine.Search(ctx, s.snap, s.query, 0, nil, func(e *scan.Event) error {
		var err error
		if buf, err = e.Raw(buf[:0]); err != nil {
			return err
		}
		out.Records++
		for _, c := range buf {
			if c == '\n' {
				out.Multiline++
				break
			}
		}
		_, err = w.Write(append(buf, end))
		return err
	})
	if errors.Is(err, scan.ErrStop) {
		err = nil
	}
	return out, kqlError(err, q.Query.Query)
}
