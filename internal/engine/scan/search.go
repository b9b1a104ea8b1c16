package scan

import (
	"container/heap"
	"context"
	"errors"
	"slices"

	"ashiato/internal/event"
	"ashiato/internal/lake"
	"ashiato/internal/lake/segment"
)

// stream is the matching rows of one unit, newest first.
type stream struct {
	u     *unit
	rows  []int // ascending; the last one is next
	times []int64
}

func (s *stream) time() int64 { return s.times[len(s.rows)-1] }
func (s *stream) row() int    { return s.rows[len(s.rows)-1] }

// before orders results: newest first, then by segment and row, both descending.
func before(t1 int64, s1 string, r1 int, t2 int64, s2 string, r2 int) bool {
	if t1 != t2 {
		return t1 > t2
	}
	if s1 != s2 {
		return s1 > s2
	}
	return r1 > r2
}

type streams []*stream

func (h streams) Len() int { return len(h) }
func (h streams) Less(i, j int) bool {
	return before(h[i].time(), h[i].u.seg.Info.ID, h[i].u.base+h[i].row(), h[j].time(), h[j].u.seg.Info.ID, h[j].u.base+h[j].row())
}
func (h streams) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *streams) Push(x any)   { *h = append(*h, x.(*stream)) }
func (h *streams) Pop() any {
	x := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return x
}

type hit struct {
	u    *unit
	row  int
	time int64
}

// search evaluates units newest first, only as many as the limit needs, and merges their rows by time.
func (e *Engine) search(ctx context.Context, snap *lake.Snapshot, q Query, limit int, after *Cursor, emit func(*Event) error) (*Cursor, Stats, error) {
	if after != nil && (q.To == 0 || q.To > after.Time+1) {
		q.To = after.Time + 1
	}
	us, st, release, err := e.units(ctx, snap, q)
	if err != nil {
		return nil, st, err
	}
	defer release()
	var h streams
	r := segment.NewReader()
	batch := 128
	var hits []hit
	emitted := 0
	var last *Cursor
	flush := func() error {
		err := e.emit(r, hits, emit)
		if len(hits) > 0 {
			l := hits[len(hits)-1]
			last = &Cursor{l.time, l.u.seg.Info.ID, l.u.base + l.row}
		}
		hits = hits[:0]
		batch = min(2*batch, 2048)
		return err
	}
	for len(us) > 0 || h.Len() > 0 {
		// a unit must be open before a row that is not newer than its newest is given out
		for len(us) > 0 && (h.Len() == 0 || h[0].time() <= us[0].g().MaxTime) {
			if err := ctx.Err(); err != nil {
				return nil, st, err
			}
			s, err := openStream(us[0], r, after)
			if err != nil {
				return nil, st, err
			}
			us = us[1:]
			if s != nil {
				heap.Push(&h, s)
			}
		}
		if h.Len() == 0 {
			continue
		}
		s := h[0]
		hits = append(hits, hit{s.u, s.row(), s.time()})
		if s.rows = s.rows[:len(s.rows)-1]; len(s.rows) == 0 {
			heap.Pop(&h)
		} else {
			heap.Fix(&h, 0)
		}
		if emitted++; emitted == limit {
			break
		}
		if len(hits) == batch {
			if err := flush(); err != nil {
				return stopped(last, st, err)
			}
		}
	}
	if err := flush(); err != nil {
		return stopped(last, st, err)
	}
	if limit == 0 || emitted < limit {
		last = nil
	}
	return last, st, nil
}

func stopped(last *Cursor, st Stats, err error) (*Cursor, Stats, error) {
	if errors.Is(err, ErrStop) {
		err = nil
	}
	return last, st, err
}

// openStream evaluates a unit; nil means that nothing matches.
func openStream(u *unit, r *segment.Reader, after *Cursor) (*stream, error) {
	u.reader = r
	m, err := u.matches()
	if err != nil {
		return nil, err
	}
	rows := m.rows()
	if len(rows) == 0 {
		return nil, nil
	}
	times, err := u.times(rows)
	if err != nil {
		return nil, err
	}
	if after != nil {
		for len(rows) > 0 && !before(after.Time, after.Segment, after.Row, times[len(rows)-1], u.seg.Info.ID, u.base+rows[len(rows)-1]) {
			rows = rows[:len(rows)-1]
		}
		if len(rows) == 0 {
			return nil, nil
		}
	}
	return &stream{u, rows, times}, nil
}

// times returns the event times of rows, ascending.
func (u *unit) times(rows []int) ([]int64, error) {
	out := make([]int64, 0, len(rows))
	meta := &u.g().Columns[event.CTimestamp]
	for k := 0; k < len(rows); {
		p := meta.PageOf(rows[k])
		page := meta.Pages[p]
		v, err := u.reader.Ints(u.seg, u.group, event.CTimestamp, p)
		if err != nil {
			return nil, err
		}
		for k < len(rows) && rows[k] < page.FirstRow+page.Rows {
			out = append(out, v[rows[k]-page.FirstRow])
			k++
		}
	}
	return out, nil
}

// emit fetches hits group by group and gives them out in their order.
func (e *Engine) emit(r *segment.Reader, hits []hit, emit func(*Event) error) error {
	type key struct {
		seg   string
		group int
	}
	groups := map[key][]int{} // indices of hits
	var order []key
	for i, h := range hits {
		k := key{h.u.seg.Info.ID, h.u.group}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], i)
	}
	events := make([]Event, len(hits))
	for _, k := range order {
		idx := groups[k]
		slices.SortFunc(idx, func(a, b int) int { return hits[a].row - hits[b].row })
		rows := make([]int, len(idx))
		for i, x := range idx {
			rows[i] = hits[x].row
		}
		u := hits[idx[0]].u
		f, err := r.Fetch(u.seg, u.t.Schema, u.group, rows, nil)
		if err != nil {
			return err
		}
		for i, x := range idx {
			events[x] = Event{Type: u.t, Segment: u.seg.Info.ID, Row: u.base + hits[x].row, rows: f, i: i}
		}
	}
	for i := range events {
		if err := emit(&events[i]); err != nil {
			return err
		}
	}
	return nil
}
