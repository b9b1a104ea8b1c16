package scan

import (
	"container/heap"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"

	"ashiato/internal/event"
	"ashiato/internal/lake"
	"ashiato/internal/lake/segment"
	"ashiato/internal/query/kql"
)

func (e *Engine) count(ctx context.Context, snap *lake.Snapshot, q Query) (int64, Stats, error) {
	us, st, release, err := e.units(ctx, snap, q)
	if err != nil {
		return 0, st, err
	}
	defer release()
	var n atomic.Int64
	err = each(ctx, us, func(_ int, u *unit) error {
		if _, ok := u.pred.(all); ok {
			from, to, err := u.timeRows()
			n.Add(int64(to - from))
			return err
		}
		m, err := u.matches()
		if err == nil {
			n.Add(int64(m.count()))
		}
		return err
	})
	return n.Load(), st, err
}

func (e *Engine) histogram(ctx context.Context, snap *lake.Snapshot, q Query, interval int64) ([]Bucket, Stats, error) {
	if interval <= 0 {
		return nil, Stats{}, fmt.Errorf("the interval must be above zero")
	}
	us, st, release, err := e.units(ctx, snap, q)
	if err != nil {
		return nil, st, err
	}
	defer release()
	parts := make([]map[int64]int64, runtime.GOMAXPROCS(0))
	err = each(ctx, us, func(w int, u *unit) error {
		if parts[w] == nil {
			parts[w] = map[int64]int64{}
		}
		m, err := u.matches()
		if err != nil {
			return err
		}
		start, n := int64(0), int64(0)
		for p, page := range u.g().Columns[event.CTimestamp].Pages {
			if !m.any(page.FirstRow, page.FirstRow+page.Rows) {
				continue
			}
			v, err := u.reader.Ints(u.seg, u.group, event.CTimestamp, p)
			if err != nil {
				return err
			}
			for i, t := range v {
				if !m.has(page.FirstRow + i) {
					continue
				}
				// rows are sorted, so the bucket rarely changes
				if n > 0 && t >= start && t < start+interval {
					n++
					continue
				}
				if n > 0 {
					parts[w][start] += n
				}
				start, n = floorTo(t, interval), 1
			}
		}
		if n > 0 {
			parts[w][start] += n
		}
		return nil
	})
	if err != nil {
		return nil, st, err
	}
	total := map[int64]int64{}
	for _, p := range parts {
		for k, n := range p {
			total[k] += n
		}
	}
	out := make([]Bucket, 0, len(total))
	for k, n := range total {
		out = append(out, Bucket{k, n})
	}
	slices.SortFunc(out, func(a, b Bucket) int {
		if a.Start < b.Start {
			return -1
		}
		return 1
	})
	return out, st, nil
}

func floorTo(t, interval int64) int64 {
	r := t % interval
	if r < 0 {
		r += interval
	}
	return t - r
}

// facets evaluates the query once per unit and counts each field by dictionary id.
func (e *Engine) facets(ctx context.Context, snap *lake.Snapshot, q Query, fields []string, n int) ([]Facet, Stats, error) {
	us, st, release, err := e.units(ctx, snap, q)
	if err != nil {
		return nil, st, err
	}
	defer release()
	workers := runtime.GOMAXPROCS(0)
	counts := make([][]map[string]int64, workers)
	with := make([][]int64, workers)
	totals := make([]int64, workers)
	for w := range workers {
		counts[w], with[w] = make([]map[string]int64, len(fields)), make([]int64, len(fields))
		for i := range fields {
			counts[w][i] = map[string]int64{}
		}
	}
	err = each(ctx, us, func(w int, u *unit) error {
		m, err := u.matches()
		if err != nil {
			return err
		}
		totals[w] += int64(m.count())
		for i, f := range fields {
			c := u.t.Schema.Lookup(f)
			if c < 0 || u.columns[c] < 0 || u.g().IsNull(u.columns[c]) {
				continue
			}
			k, err := countValues(u, c, m, counts[w][i])
			if err != nil {
				return err
			}
			with[w][i] += k
		}
		return nil
	})
	if err != nil {
		return nil, st, err
	}
	out := make([]Facet, len(fields))
	for i, f := range fields {
		all := counts[0][i]
		for w := 1; w < workers; w++ {
			for v, k := range counts[w][i] {
				all[v] += k
			}
		}
		out[i] = Facet{Field: f, Distinct: int64(len(all)), Values: topN(all, n)}
		for w := range workers {
			out[i].With += with[w][i]
			out[i].Without += totals[w] - with[w][i]
		}
	}
	return out, st, nil
}

type leastFirst []ValueCount

func (h leastFirst) Len() int { return len(h) }
func (h leastFirst) Less(i, j int) bool {
	if h[i].Count != h[j].Count {
		return h[i].Count < h[j].Count
	}
	return h[i].Value > h[j].Value
}
func (h leastFirst) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *leastFirst) Push(x any)   { *h = append(*h, x.(ValueCount)) }
func (h *leastFirst) Pop() any {
	x := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return x
}

// topN returns the n most frequent values, ties in order of value.
func topN(counts map[string]int64, n int) []ValueCount {
	var h leastFirst
	for v, k := range counts {
		x := ValueCount{v, k}
		if len(h) < n {
			heap.Push(&h, x)
		} else if n > 0 && (leastFirst{h[0], x}).Less(0, 1) {
			h[0] = x
			heap.Fix(&h, 0)
		}
	}
	sort.Sort(sort.Reverse(h))
	return h
}

// countValues adds the values of a column in the marked rows and returns how many rows have one.
func countValues(u *unit, c int, m bitmap, into map[string]int64) (with int64, err error) {
	k, kind := u.columns[c], u.t.Schema.Columns[c].Kind
	meta := &u.g().Columns[k]
	d, err := u.reader.Dict(u.seg, u.group, k)
	if err != nil {
		return 0, err
	}
	var ids []int64
	if d != nil {
		ids = make([]int64, max(d.Len(), len(d.Ints))+1)
	}
	for p, page := range meta.Pages {
		if !m.any(page.FirstRow, page.FirstRow+page.Rows) {
			continue
		}
		n, err := countPage(u, k, p, page.FirstRow, page.Rows, kind, m, ids, into)
		if err != nil {
			return 0, err
		}
		with += n
	}
	for id, n := range ids {
		if id == 0 || n == 0 {
			continue
		}
		if len(d.Ints) > 0 {
			into[formatInt(d.Ints[id-1], kind)] += n
		} else {
			into[string(d.Value(id-1))] += n
		}
	}
	return with, nil
}

func countPage(u *unit, k, p, first, rows int, kind event.Kind, m bitmap, ids []int64, into map[string]int64) (with int64, err error) {
	switch {
	case kind == event.List:
		l, err := u.reader.Lists(u.seg, u.group, k, p)
		if err != nil {
			return 0, err
		}
		for i := range rows {
			if e := l.Elements(i); len(e) > 0 && m.has(first+i) {
				with++
				for _, x := range e {
					ids[x+1]++
				}
			}
		}
	case ids != nil:
		v, err := u.reader.Indices(u.seg, u.group, k, p)
		if err != nil {
			return 0, err
		}
		for i, id := range v {
			if id != 0 && int(id) < len(ids) && m.has(first+i) {
				ids[id]++
				with++
			}
		}
	case kind.Stored() == event.StoreBytes:
		t, err := u.reader.Texts(u.seg, u.group, k, p)
		if err != nil {
			return 0, err
		}
		for i := range rows {
			if v := t.Value(i); v != nil && m.has(first+i) {
				into[string(v)]++
				with++
			}
		}
	default:
		v, err := u.reader.Ints(u.seg, u.group, k, p)
		if err != nil {
			return 0, err
		}
		for i, x := range v {
			if x != event.NullInt && m.has(first+i) {
				into[formatInt(x, kind)]++
				with++
			}
		}
	}
	return with, nil
}

func formatInt(v int64, kind event.Kind) string {
	switch kind {
	case event.Time:
		return string(event.AppendTime(nil, v, event.RFC3339Micro))
	case event.Float:
		return strconv.FormatFloat(segment.Float(v), 'f', -1, 64)
	}
	return strconv.FormatInt(v, 10)
}

func (e *Engine) eventByID(ctx context.Context, snap *lake.Snapshot, id string) (*Event, error) {
	q := Query{Node: kql.Match{Field: "event.id", Value: kql.Value{Text: id, Quoted: true}}, Text: id}
	var found *Event
	_, _, err := e.Search(ctx, snap, q, 1, nil, func(ev *Event) error {
		found = ev
		return nil
	})
	return found, err
}

func (e *Engine) fields(types []string) []string {
	seen := map[string]bool{"event.id": true, "message": true}
	for _, r := range Related {
		seen[r.Field] = true
	}
	for _, t := range e.types.Types {
		if !wanted(types, t.Name) {
			continue
		}
		for i, c := range t.Schema.Columns {
			if i != event.CSkeleton && i != event.CVerbatim {
				seen[c.Field] = true
			}
		}
	}
	var out []string
	for f := range seen {
		out = append(out, f)
	}
	sort.Slice(out, func(i, j int) bool { return strings.ToLower(out[i]) < strings.ToLower(out[j]) })
	return out
}
