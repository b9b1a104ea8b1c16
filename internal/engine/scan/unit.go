package scan

import (
	"context"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"

	"ashiato/internal/event"
	"ashiato/internal/lake"
	"ashiato/internal/lake/segment"
	"ashiato/internal/logtype"
)

// unit is one row group that a query may find something in.
type unit struct {
	seg     *segment.Segment
	group   int
	base    int // rows of the segment before this group
	t       *logtype.Compiled
	pred    pred
	from    int64
	to      int64 // 0 is open
	columns []int // schema column → segment column
	reader  *segment.Reader
}

func (u *unit) g() *segment.Group { return &u.seg.Groups[u.group] }

// units opens the segments that a query needs, newest first. release must be called.
func (e *Engine) units(ctx context.Context, snap *lake.Snapshot, q Query) (us []*unit, st Stats, release func(), err error) {
	var releases []func()
	releaseAll := func() {
		for _, r := range releases {
			r()
		}
	}
	defer func() {
		if err != nil {
			releaseAll()
		}
	}()
	if err := e.checkTypes(q); err != nil {
		return nil, st, nil, err
	}
	preds := map[string]pred{}
	for _, info := range snap.Segments {
		t := e.types.Get(info.Dataset)
		if t == nil || !wanted(q.Types, info.Dataset) || q.From != 0 && info.MaxTime < q.From || q.To != 0 && info.MinTime >= q.To {
			continue
		}
		p, ok := preds[info.Dataset]
		if !ok {
			if p, err = compile(q, t); err != nil {
				return nil, st, nil, err
			}
			preds[info.Dataset] = p
		}
		if _, never := p.(none); never {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, st, nil, err
		}
		st.Segments++
		s, rel, err := e.lake.Acquire(info)
		if err != nil {
			return nil, st, nil, err
		}
		releases = append(releases, rel)
		columns := make([]int, len(t.Schema.Columns))
		for i, c := range t.Schema.Columns {
			columns[i] = s.Column(c.Name)
		}
		base := 0
		for g := range s.Groups {
			u := &unit{seg: s, group: g, base: base, t: t, pred: p, from: q.From, to: q.To, columns: columns}
			base += s.Groups[g].Rows
			st.Groups++
			if q.From != 0 && s.Groups[g].MaxTime < q.From || q.To != 0 && s.Groups[g].MinTime >= q.To {
				continue
			}
			if !p.may(u) {
				st.Pruned++
				continue
			}
			us = append(us, u)
		}
	}
	sort.SliceStable(us, func(i, j int) bool { return us[i].g().MaxTime > us[j].g().MaxTime })
	return us, st, releaseAll, nil
}

func wanted(types []string, t string) bool {
	if len(types) == 0 {
		return true
	}
	for _, w := range types {
		if w == t {
			return true
		}
	}
	return false
}

// timeRows returns the rows from..to whose time lies in the query's range. Rows are sorted by time.
func (u *unit) timeRows() (from, to int, err error) {
	g := u.g()
	from, to = 0, g.Rows
	if u.from > g.MinTime {
		if from, err = u.firstAt(u.from); err != nil {
			return 0, 0, err
		}
	}
	if u.to != 0 && u.to <= g.MaxTime {
		if to, err = u.firstAt(u.to); err != nil {
			return 0, 0, err
		}
	}
	return from, max(to, from), nil
}

// firstAt returns the first row whose time is at least t.
func (u *unit) firstAt(t int64) (int, error) {
	pages := u.g().Columns[event.CTimestamp].Pages
	var err error
	p := sort.Search(len(pages), func(i int) bool {
		v, e := u.reader.Ints(u.seg, u.group, event.CTimestamp, i)
		if e != nil {
			err = e
			return true
		}
		return v[len(v)-1] >= t
	})
	if err != nil || p == len(pages) {
		return u.g().Rows, err
	}
	v, err := u.reader.Ints(u.seg, u.group, event.CTimestamp, p)
	if err != nil {
		return 0, err
	}
	return pages[p].FirstRow + sort.Search(len(v), func(i int) bool { return v[i] >= t }), nil
}

// matches evaluates the unit's predicate.
func (u *unit) matches() (bitmap, error) {
	from, to, err := u.timeRows()
	if err != nil {
		return nil, err
	}
	cand := fullBitmap(u.g().Rows, from, to)
	if from == to {
		return cand, nil
	}
	return u.pred.eval(u, cand)
}

// each runs f over units on all CPUs. f has a worker number below the number of CPUs.
func each(ctx context.Context, us []*unit, f func(worker int, u *unit) error) error {
	workers := min(runtime.GOMAXPROCS(0), max(1, len(us)))
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, workers)
	var stop atomic.Bool
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r := segment.NewReader()
			for !stop.Load() {
				i := int(next.Add(1)) - 1
				if i >= len(us) {
					return
				}
				if err := ctx.Err(); err != nil {
					errs[w] = err
					stop.Store(true)
					return
				}
				u := us[i]
				u.reader = r
				if err := f(w, u); err != nil {
					errs[w] = err
					stop.Store(true)
					return
				}
			}
		}()
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
