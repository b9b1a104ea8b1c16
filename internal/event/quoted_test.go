package event

import "testing"

// TestQuoted: text quoted in each way is stored plain and comes back as it was.
func TestQuoted(t *testing.T) {
	s, err := NewSchema("test.quoted", []Column{{Field: "v"}})
	if err != nil {
		t.Fatal(err)
	}
	col := s.Index("v")
	for _, c := range []struct {
		record, plain string
		format        Format
		spanned       bool
	}{
		{`'it\'s \\ a\nb\tc'`, "it's \\ a\nb\tc", SQLEscape, true},
		{`'odd \q and \'`, `odd \q and \`, SQLEscape, false}, // printing doubles the backslashes
		{"'raw\nbreak'", "raw\nbreak", SQLEscape, false},
		{`"say ""hi"""`, `say "hi"`, CSVEscape, true},
		{`"lone " quote"`, `lone " quote`, CSVEscape, false},
		{`"a\"b\u0001"`, "a\"b\x01", JSONEscape, true},
		{`"a\/b"`, "a/b", JSONEscape, false},
	} {
		b := NewBatch(s)
		r := b.Begin([]byte(c.record))
		r.SetInt(CTimestamp, 1)
		r.SpanQuoted(col, 1, len(c.record)-1, c.format)
		if err := r.Commit(0, len(c.record)); err != nil {
			t.Fatal(err)
		}
		if got := string(b.Cols[col].BytesAt(0)); got != c.plain {
			t.Errorf("%s: stored %q, want %q", c.record, got, c.plain)
		}
		if got, err := b.Rebuild(nil, 0); err != nil || string(got) != c.record {
			t.Errorf("%s: rebuilt %q, %v", c.record, got, err)
		}
		if b.Cols[CVerbatim].BytesAt(0) != nil {
			t.Errorf("%s: kept verbatim", c.record)
		}
		if spanned := len(b.Cols[CSkeleton].BytesAt(0)) == 5; spanned != c.spanned {
			t.Errorf("%s: taken out of the record: %v", c.record, spanned)
		}
	}
}

// TestForget: a column's value can be taken back before the row is committed.
func TestForget(t *testing.T) {
	s, err := NewSchema("test.forget", []Column{{Field: "a"}, {Field: "b"}})
	if err != nil {
		t.Fatal(err)
	}
	a, b := s.Index("a"), s.Index("b")
	batch := NewBatch(s)
	for range 2 {
		r := batch.Begin([]byte("xyz"))
		r.SetInt(CTimestamp, 1)
		r.Span(a, 0, 1)
		r.Span(b, 1, 2)
		r.Forget(a)
		r.Span(a, 2, 3)
		if err := r.Commit(0, 3); err != nil {
			t.Fatal(err)
		}
	}
	for row := range 2 {
		if got := string(batch.Cols[a].BytesAt(row)) + string(batch.Cols[b].BytesAt(row)); got != "zy" {
			t.Errorf("row %d: %q", row, got)
		}
		if got, _ := batch.Rebuild(nil, row); string(got) != "xyz" {
			t.Errorf("row %d rebuilt: %q", row, got)
		}
	}
}

// TestFloatInput: a rule's function runs once per value of a Float column too.
func TestFloatInput(t *testing.T) {
	s, err := NewSchema("test.float", []Column{{Field: "f", Kind: Float}, {Field: "n", Kind: Int}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDeriver(s, []Rule{{From: []string{"f"}, To: []string{"n"}, Fn: func(a *Args) {
		if f, ok := a.Float(0); ok {
			a.SetInt(0, int64(f))
		}
	}}})
	if err != nil {
		t.Fatal(err)
	}
	b := NewBatch(s)
	for _, f := range []float64{9.5, 2, 9.5} {
		b.AppendRow(func(r *Row) { r.SetFloat(s.Index("f"), f) })
	}
	b.AppendRow(func(*Row) {})
	d.Run(b)
	for row, want := range []int64{9, 2, 9, NullInt} {
		if got := b.Cols[s.Index("n")].Int(row); got != want {
			t.Errorf("row %d: %d, want %d", row, got, want)
		}
	}
}
