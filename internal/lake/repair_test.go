package lake_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"ashiato/internal/event"
	"ashiato/internal/lake"
	"ashiato/internal/lake/catalog"
	"ashiato/internal/lake/segment"
)

func schema(t *testing.T, columns ...event.Column) *event.Schema {
	t.Helper()
	s, err := event.NewSchema("test.repair", columns)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var (
	list  = event.Column{Field: "x.list", Kind: event.List}
	float = event.Column{Field: "x.float", Kind: event.Float}
	when  = event.Column{Field: "x.when", Kind: event.Time}
	num   = event.Column{Field: "x.num", Kind: event.Int}
	word  = event.Column{Field: "x.word", Kind: event.Keyword}
	addr  = event.Column{Field: "x.addr", Kind: event.IP}
	tree  = event.Column{Field: "x.tree", Kind: event.JSON}
	later = event.Column{Field: "x.later", Kind: event.Keyword}
)

const base = 1792454400000000 // 2026-10-20

// fill makes a batch with every kind of column, values and nulls, and a record per row.
func fill(t *testing.T, s *event.Schema, rows int) *event.Batch {
	t.Helper()
	b := event.NewBatch(s)
	for i := range rows {
		text := fmt.Sprintf("word%d|%d|10.0.%d.%d", i%7000, i, i>>8&255, i&255)
		n, m := len(fmt.Sprintf("word%d", i%7000)), len(fmt.Sprintf("word%d|%d", i%7000, i))
		if i%11 == 5 {
			text += "\xff"
		}
		r := b.Begin([]byte(text))
		r.SetInt(event.CTimestamp, int64(base+i/3))
		r.SetInt(event.CObjectOffset, int64(i))
		r.Span(s.Index("x_word"), 0, n)
		r.SpanInt(s.Index("x_num"), n+1, m)
		r.Span(s.Index("x_addr"), m+1, m+1+len(fmt.Sprintf("10.0.%d.%d", i>>8&255, i&255)))
		if i%3 != 0 {
			r.SetFloat(s.Index("x_float"), float64(i)/8-100)
			r.SetInt(s.Index("x_when"), int64(i)*1e6)
			r.SetText(s.Index("x_tree"), fmt.Appendf(nil, `{"n":%d}`, i))
		}
		var elements [][]byte
		for k := range i % 4 {
			elements = append(elements, fmt.Appendf(nil, "e%d", (i+k)%300))
			if k == 2 {
				elements = append(elements, []byte{})
			}
		}
		r.SetList(s.Index("x_list"), elements...)
		if err := r.Commit(0, len(text)); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func rows(n int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		out[i] = uint32(i)
	}
	return out
}

// TestRepairRows writes a segment with every kind of column and several row groups, and repairs it as a
// schema whose columns are in another order and more.
func TestRepairRows(t *testing.T) {
	const n = segment.GroupRows + 9000
	ctx := context.Background()
	old := schema(t, list, float, when, num, word, addr, tree)
	b := fill(t, old, n)
	l, err := lake.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	info, err := segment.NewWriter().Write(l.Dir(), segment.Info{ID: "0123", Dataset: old.Dataset, Day: "2026-10-20", RawBytes: 12345}, b, rows(n))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Catalog.Apply(ctx, &catalog.Commit{Segments: []segment.Info{info}}); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(l.Dir(), info.SidecarFile())); err != nil {
		t.Fatal(err)
	}
	less := schema(t, list, float, when, num, word, addr)
	if r, err := l.Repair(ctx, func(string) *event.Schema { return less }); err != nil || len(r.Lost) != 1 {
		t.Errorf("a column would be lost: %+v, %v", r, err)
	}
	if r, err := l.Repair(ctx, func(string) *event.Schema { return nil }); err != nil || len(r.Lost) != 1 {
		t.Errorf("an unknown log type: %+v, %v", r, err)
	}
	now := schema(t, tree, addr, word, num, when, float, list, later)
	if r, err := l.Repair(ctx, func(string) *event.Schema { return now }); err != nil || r.Repaired != 1 || r.Rows != n {
		t.Fatalf("%+v, %v", r, err)
	}
	snap, err := l.Snapshot(ctx)
	if err != nil || len(snap.Segments) != 1 {
		t.Fatal(snap, err)
	}
	if i := snap.Segments[0]; i.ID == info.ID || i.Rows != n || i.Day != info.Day || i.RawBytes != info.RawBytes || i.MinTime != info.MinTime || i.MaxTime != info.MaxTime {
		t.Errorf("%+v, before %+v", i, info)
	}
	s, release, err := l.Acquire(snap.Segments[0])
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	row := 0
	for g := range s.Groups {
		got, err := segment.NewReader().Fetch(s, now, g, rowsOf(s.Groups[g].Rows), nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got.N {
			compare(t, old, now, b, got, row, i)
			row++
		}
	}
	if row != n {
		t.Errorf("%d rows, want %d", row, n)
	}
}

func rowsOf(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func compare(t *testing.T, old, now *event.Schema, b *event.Batch, got *segment.Rows, row, i int) {
	t.Helper()
	want, err := b.Rebuild(nil, row)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := got.Raw(nil, i); err != nil || string(raw) != string(want) {
		t.Fatalf("row %d: record %q, want %q (%v)", row, raw, want, err)
	}
	for c, col := range old.Columns {
		if c == event.CSkeleton {
			continue
		}
		to := now.Index(col.Name)
		same := true
		switch col.Kind.Stored() {
		case event.StoreInt:
			same = got.Int(to, i) == b.Cols[c].Int(row)
		case event.StoreFloat:
			x, y := segment.Float(got.Int(to, i)), b.Cols[c].Float(row)
			same = x == y || math.IsNaN(x) && math.IsNaN(y)
		default:
			v := b.Cols[c].BytesAt(row)
			same = string(got.Text(to, i)) == string(v) && (v == nil) == (got.Text(to, i) == nil)
		}
		if !same {
			t.Fatalf("row %d: column %s differs", row, col.Name)
		}
	}
}
