package segment

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"ashiato/internal/event"
	"ashiato/internal/lake/tokens"
)

// randomBatch makes rows whose records hold a value of every kind of column, with nulls, repeats, and
// columns of few and of many distinct values.
func randomBatch(t testing.TB, n int, seed uint64) (*event.Batch, []string) {
	s, err := event.NewSchema("test.kinds", []event.Column{
		{Field: "event.id"}, {Field: "source.ip"}, {Field: "few"}, {Field: "many"}, {Field: "source.port"},
		{Field: "big", Kind: event.Int}, {Field: "ratio", Kind: event.Float}, {Field: "event.type"}, {Field: "absent"},
	})
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	b := event.NewBatch(s)
	col := func(name string) int { return s.Index(name) }
	var records []string
	for i := range n {
		port, ratio := fmt.Sprint(rnd.IntN(100)*7), fmt.Sprintf("%.3f", rnd.Float64()*float64(rnd.IntN(3)))
		parts := []struct{ column, text string }{
			{"timestamp", fmt.Sprintf("2026-10-20T%02d:%02d:%02dZ", rnd.IntN(24), rnd.IntN(60), rnd.IntN(60))},
			{"event_id", fmt.Sprintf("%08x-0000-4000-8000-%012x", i, rnd.Uint64()>>16)},
			{"source_ip", fmt.Sprintf("203.0.113.%d", rnd.IntN(256))},
			{"few", fmt.Sprintf("value %d", rnd.IntN(9))},
			{"many", fmt.Sprintf("%x", rnd.Uint64())},
			{"source_port", port}, {"big", fmt.Sprint(int64(rnd.Uint64() >> rnd.IntN(60) >> 5))}, {"ratio", ratio},
		}
		var rec []byte
		type at struct{ c, s, e int }
		var spans []at
		for _, p := range parts {
			if rnd.IntN(11) == 0 && p.column != "timestamp" && p.column != "event_id" {
				continue
			}
			rec = append(rec, p.column[:3]...)
			rec = append(rec, '=')
			spans = append(spans, at{col(p.column), len(rec), len(rec) + len(p.text)})
			rec = append(append(rec, p.text...), ' ')
		}
		row := b.Begin(rec)
		for _, a := range spans {
			switch s.Columns[a.c].Kind {
			case event.Time:
				row.SpanTime(a.c, a.s, a.e, event.RFC3339Sec)
			case event.Int:
				row.SpanInt(a.c, a.s, a.e)
			case event.Float:
				row.SpanFloat(a.c, a.s, a.e)
			default:
				row.Span(a.c, a.s, a.e)
			}
		}
		if rnd.IntN(3) > 0 {
			var l [][]byte
			for range rnd.IntN(4) {
				l = append(l, fmt.Appendf(nil, "e%d", rnd.IntN(5)))
			}
			row.SetList(col("event_type"), l...)
		}
		if err := row.Commit(0, len(rec)); err != nil {
			t.Fatal(err)
		}
		records = append(records, string(rec))
	}
	return b, records
}

func writeTest(t testing.TB, b *event.Batch) (*Segment, string) {
	dir := t.TempDir()
	order := make([]uint32, b.N)
	for i := range order {
		order[i] = uint32(i)
	}
	info, err := NewWriter().Write(dir, Info{ID: "x", Dataset: "test.kinds", Day: "2026-10-20"}, b, order)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(filepath.Join(dir, info.DataFile()), filepath.Join(dir, info.SidecarFile()), info)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, filepath.Join(dir, info.DataFile())
}

func TestRoundTrip(t *testing.T) {
	for _, n := range []int{1, 7, 8, 9, 100, 2048, 2049, 5000, 130_000} {
		b, records := randomBatch(t, n, uint64(n))
		s, _ := writeTest(t, b)
		r := NewReader()
		base := 0
		for g := range s.Groups {
			var rows []int
			for i := 0; i < s.Groups[g].Rows; i += 1 + n/3000 {
				rows = append(rows, i)
			}
			got, err := r.Fetch(s, b.Schema, g, rows, nil)
			if err != nil {
				t.Fatal(err)
			}
			for k, row := range rows {
				raw, err := got.Raw(nil, k)
				if err != nil || string(raw) != records[base+row] {
					t.Fatalf("n=%d row %d: %q, want %q (%v)", n, base+row, raw, records[base+row], err)
				}
				for c := range b.Cols {
					compare(t, b, got, c, base+row, k)
				}
			}
			base += s.Groups[g].Rows
		}
		if base != n {
			t.Errorf("%d rows, want %d", base, n)
		}
	}
}

func compare(t *testing.T, b *event.Batch, got *Rows, c, row, k int) {
	col := &b.Cols[c]
	switch b.Schema.Columns[c].Kind.Stored() {
	case event.StoreInt:
		if got.Int(c, k) != col.Int(row) {
			t.Fatalf("column %d row %d: %d, want %d", c, row, got.Int(c, k), col.Int(row))
		}
	case event.StoreFloat:
		if a, w := Float(got.Int(c, k)), col.Float(row); a != w && (a == a || w == w) {
			t.Fatalf("column %d row %d: %v, want %v", c, row, a, w)
		}
	default:
		if !bytes.Equal(got.Text(c, k), col.BytesAt(row)) {
			t.Fatalf("column %d row %d: %q, want %q", c, row, got.Text(c, k), col.BytesAt(row))
		}
	}
}

// TestFiltersFindEverything holds that a token of any record is announced by its row group and column.
func TestFiltersFindEverything(t *testing.T) {
	b, _ := randomBatch(t, 3000, 5)
	s, _ := writeTest(t, b)
	for row := range b.N {
		for c, col := range b.Schema.Columns {
			if col.Kind.Stored() != event.StoreBytes || col.Kind == event.Binary {
				continue
			}
			v := b.Cols[c].BytesAt(row)
			if v == nil || !s.Groups[0].Columns[c].Tokenised {
				continue
			}
			h := tokens.Append(nil, v)
			if !s.Groups[0].ColumnMayHold(c, h) || !s.Groups[0].PageMayHold(c, s.Groups[0].Columns[c].PageOf(row), h) {
				t.Fatalf("row %d column %s: %q is not announced", row, col.Name, v)
			}
		}
	}
}

// TestArrowReadsSegments reads a segment with a reader that shares nothing with ours.
func TestArrowReadsSegments(t *testing.T) {
	b, _ := randomBatch(t, 130_000, 9)
	_, path := writeTest(t, b)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pf, err := file.NewParquetReader(f)
	if err != nil {
		t.Fatal(err)
	}
	fr, err := pqarrow.NewFileReader(pf, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	table, err := fr.ReadTable(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	if int(table.NumRows()) != b.N || int(table.NumCols()) != len(b.Cols) {
		t.Fatalf("%d x %d", table.NumRows(), table.NumCols())
	}
	for c, col := range b.Schema.Columns {
		row := 0
		for _, chunk := range table.Column(c).Data().Chunks() {
			for i := range chunk.Len() {
				checkArrow(t, chunk, i, b, c, row, col)
				row++
			}
		}
	}
}

func checkArrow(t *testing.T, a interface{ IsNull(int) bool }, i int, b *event.Batch, c, row int, col event.Column) {
	v := &b.Cols[c]
	switch x := a.(type) {
	case *array.String:
		if w := v.BytesAt(row); x.IsNull(i) != (w == nil) || w != nil && x.Value(i) != string(w) {
			t.Fatalf("%s row %d: %q, want %q", col.Name, row, x.Value(i), w)
		}
	case *array.Binary:
		if w := v.BytesAt(row); x.IsNull(i) != (w == nil) || w != nil && !bytes.Equal(x.Value(i), w) {
			t.Fatalf("%s row %d: %q, want %q", col.Name, row, x.Value(i), w)
		}
	case *array.Int64:
		if w := v.Int(row); x.IsNull(i) != (w == event.NullInt) || !x.IsNull(i) && x.Value(i) != w {
			t.Fatalf("%s row %d: %d, want %d", col.Name, row, x.Value(i), w)
		}
	case *array.Timestamp:
		if w := v.Int(row); x.IsNull(i) != (w == event.NullInt) || !x.IsNull(i) && int64(x.Value(i)) != w {
			t.Fatalf("%s row %d: %d, want %d", col.Name, row, x.Value(i), w)
		}
	case *array.Float64:
		if w := v.Float(row); x.IsNull(i) != event.NullFloat(w) || !x.IsNull(i) && x.Value(i) != w {
			t.Fatalf("%s row %d: %v, want %v", col.Name, row, x.Value(i), w)
		}
	case *array.List:
		var want []string
		event.EachElement(v.BytesAt(row), func(e []byte) { want = append(want, string(e)) })
		var got []string
		s, e := x.ValueOffsets(i)
		for k := s; k < e; k++ {
			got = append(got, x.ListValues().(*array.String).Value(int(k)))
		}
		if fmt.Sprint(want) != fmt.Sprint(got) {
			t.Fatalf("%s row %d: %v, want %v", col.Name, row, got, want)
		}
	default:
		t.Fatalf("%s is read as %T", col.Name, a)
	}
}

// FuzzSidecar holds that no bytes make the side-car's reader panic.
func FuzzSidecar(f *testing.F) {
	b, _ := randomBatch(f, 50, 3)
	_, path := writeTest(f, b)
	side, err := os.ReadFile(path[:len(path)-len("parquet")] + "idx")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(side)
	f.Fuzz(func(t *testing.T, b []byte) { _, _, _ = decodeSidecar(b) })
}
