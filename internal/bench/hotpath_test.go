package bench

import (
	"fmt"
	"path/filepath"
	"testing"

	"ashiato/internal/decode"
	"ashiato/internal/engine/scan"
	"ashiato/internal/event"
	"ashiato/internal/lake"
	"ashiato/internal/lake/catalog"
	"ashiato/internal/lake/segment"
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/all"
	"ashiato/internal/query/kql"
)

func typeOf(b testing.TB, kind string) *logtype.Compiled {
	c, err := all.Catalog()
	if err != nil {
		b.Fatal(err)
	}
	k, err := KindOf(kind)
	if err != nil {
		b.Fatal(err)
	}
	return c.Get(k.Dataset)
}

// benchParse reads objects of 400,000 records into batches of several, as taking in does.
func benchParse(b *testing.B, kind string, hard bool) {
	t := typeOf(b, kind)
	var objects []*object
	for i := range int64(8) {
		objects = append(objects, makeObject(b, kind, 400_000, hard, i))
	}
	batch := event.NewBatch(t.Schema)
	r := t.NewReader(batch)
	size, records := 0, 0
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		o := objects[i%len(objects)]
		if i%len(objects) == 0 {
			batch.Reset()
		}
		if _, err := r.Read(decode.WholeWindow(o.plain, decode.DefaultMaxRecord), logtype.Object{Key: o.key}, "0123456789abcdef0123456789abcdef", 0, 0, strict{}); err != nil {
			b.Fatal(err)
		}
		size, records = size+len(o.plain), records+len(o.start)
	}
	b.SetBytes(int64(size / b.N))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
}

func BenchmarkParse(b *testing.B) {
	b.Run("cloudtrail", func(b *testing.B) { benchParse(b, "cloudtrail", false) })
	b.Run("cloudtrail-hard", func(b *testing.B) { benchParse(b, "cloudtrail", true) })
	b.Run("vpcflow", func(b *testing.B) { benchParse(b, "vpcflow", false) })
	b.Run("alb", func(b *testing.B) { benchParse(b, "alb", false) })
	b.Run("waf", func(b *testing.B) { benchParse(b, "waf", false) })
}

// fillBatch parses objects of a kind into a batch and derives the other columns.
func fillBatch(b *testing.B, kind string, objects int64) (*logtype.Compiled, *event.Batch, []uint32) {
	t := typeOf(b, kind)
	batch := event.NewBatch(t.Schema)
	r := t.NewReader(batch)
	for i := range objects {
		o := makeObject(b, kind, 2_000_000, false, i)
		if _, err := r.Read(decode.WholeWindow(o.plain, decode.DefaultMaxRecord), logtype.Object{Key: o.key}, "0123456789abcdef0123456789abcdef", 0, 0, strict{}); err != nil {
			b.Fatal(err)
		}
	}
	t.Deriver.Run(batch)
	order := make([]uint32, batch.N)
	for i := range order {
		order[i] = uint32(i)
	}
	return t, batch, order
}

func BenchmarkDerive(b *testing.B) {
	t := typeOf(b, "cloudtrail")
	batch := event.NewBatch(t.Schema)
	r := t.NewReader(batch)
	o := makeObject(b, "cloudtrail", 2_000_000, false, 0)
	for b.Loop() {
		b.StopTimer()
		batch.Reset()
		if _, err := r.Read(decode.WholeWindow(o.plain, decode.DefaultMaxRecord), logtype.Object{Key: o.key}, "0123456789abcdef0123456789abcdef", 0, 0, strict{}); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		t.Deriver.Run(batch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(batch.N), "ns/record")
}

func BenchmarkSegmentWrite(b *testing.B) {
	for _, x := range []struct {
		kind    string
		objects int64
	}{{"cloudtrail", 10}, {"vpcflow", 2}} {
		b.Run(x.kind, func(b *testing.B) {
			t, batch, order := fillBatch(b, x.kind, x.objects)
			w, dir := segment.NewWriter(), b.TempDir()
			var info segment.Info
			var err error
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				n++
				if info, err = w.Write(dir, segment.Info{ID: fmt.Sprint(n), Dataset: t.Name, Day: "2026-10-05"}, batch, order); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(batch.N), "ns/record")
			b.ReportMetric(float64(info.Bytes)/float64(batch.N), "bytes/record")
		})
	}
}

// openBatch writes a batch of CloudTrail as a lake of one segment.
func openBatch(b *testing.B) (*logtype.Compiled, *lake.Lake, *lake.Snapshot) {
	t, batch, order := fillBatch(b, "cloudtrail", 10)
	l, err := lake.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	info, err := segment.NewWriter().Write(l.Dir(), segment.Info{ID: "x", Dataset: t.Name, Day: "2026-10-05"}, batch, order)
	if err != nil {
		b.Fatal(err)
	}
	if err := l.Catalog.Apply(b.Context(), &catalog.Commit{Segments: []segment.Info{info}}); err != nil {
		b.Fatal(err)
	}
	snap, err := l.Snapshot(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return t, l, snap
}

// BenchmarkSegmentFetch fetches one whole event and rebuilds its record, another one each time.
func BenchmarkSegmentFetch(b *testing.B) {
	t, l, snap := openBatch(b)
	i := snap.Segments[0]
	s, err := segment.Open(filepath.Join(l.Dir(), i.DataFile()), filepath.Join(l.Dir(), i.SidecarFile()), i)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	r := segment.NewReader()
	var raw []byte
	row := 0
	b.ReportAllocs()
	for b.Loop() {
		row = (row + 7919) % s.Groups[0].Rows
		rows, err := r.Fetch(s, t.Schema, 0, []int{row}, nil)
		if err != nil {
			b.Fatal(err)
		}
		if raw, err = rows.Raw(raw[:0], 0); err != nil || len(raw) < 500 {
			b.Fatal(len(raw), err)
		}
	}
}

// BenchmarkScan counts the events of a segment of 50,000 that match.
func BenchmarkScan(b *testing.B) {
	_, l, snap := openBatch(b)
	types, err := all.Catalog()
	if err != nil {
		b.Fatal(err)
	}
	e := scan.New(l, types)
	for _, q := range []string{"event.action: Describe*", "error.code: AccessDenied", `"` + absentToken + `"`, "*qxwvtail*", "source.ip: 198.18.0.0/24"} {
		b.Run(q, func(b *testing.B) {
			node, err := kql.Parse(q)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := e.Count(b.Context(), snap, scan.Query{Node: node, Text: q}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
