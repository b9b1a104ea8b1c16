package logtypetest

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ashiato/internal/decode"
	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

// shared is where other people's samples lie, seen from a log type's directory.
const shared = "../../../../shared/"

// SharedFile returns the plain bytes of a file of the corpus, or skips the test when it is not there.
func SharedFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(shared + "corpus/" + path)
	if err != nil {
		t.Skipf("no corpus here: %v", err)
	}
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err == nil {
			data, err = io.ReadAll(z)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return data
}

// Corpus reads the files that accept/NATIVE.tsv lists for the type: each is recognised under its own
// name among all types, and gives exactly the listed number of events, no reject, nothing verbatim.
// counted overrides numbers of the list that are wrong.
func Corpus(t *testing.T, typ logtype.Type, catalog *logtype.Catalog, counted map[string]int) {
	list, err := os.ReadFile(shared + "accept/NATIVE.tsv")
	if err != nil {
		t.Skipf("no corpus here: %v", err)
	}
	for _, line := range strings.Split(string(list), "\n") {
		f := strings.Split(line, "\t")
		if len(f) != 3 || f[0] == "#" || f[1] != typ.Name {
			continue
		}
		t.Run(f[0], func(t *testing.T) {
			data := SharedFile(t, f[0])
			if got, err := catalog.Recognise(&logtype.Object{Key: f[0]}, data); err != nil {
				t.Errorf("not recognised: %v", err)
			} else if got.Name != typ.Name {
				t.Errorf("recognised as %s", got.Name)
			}
			r := Read(t, typ, f[0], data)
			for _, x := range r.Rejects {
				t.Errorf("reject: %s: %.300q", x.Reason, x.Data)
			}
			want, wrong := counted[f[0]]
			if !wrong {
				want, _ = strconv.Atoi(f[2])
			}
			if r.Batch.N != want {
				t.Errorf("%d events, want %d", r.Batch.N, want)
			}
			for i := range r.Batch.N {
				if v := r.Batch.Cols[event.CVerbatim].BytesAt(i); v != nil {
					t.Errorf("kept verbatim: %.300q", v)
				}
			}
		})
	}
}

// Fuzz feeds one line after the other to a text type: each becomes an event that rebuilds to the same
// bytes without being kept verbatim, a reject, or nothing when it is a header.
func Fuzz(f *testing.F, typ logtype.Type) {
	files, _ := filepath.Glob("samples/*")
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if !strings.HasSuffix(name, ".golden") {
			for _, line := range bytes.Split(data, []byte("\n")) {
				f.Add(line)
			}
		}
	}
	c, err := logtype.Compile(typ)
	if err != nil {
		f.Fatal(err)
	}
	b := event.NewBatch(c.Schema)
	f.Fuzz(func(t *testing.T, data []byte) {
		data, _, _ = bytes.Cut(data, []byte("\n"))
		b.Reset()
		s := &sink{}
		n, err := c.NewReader(b).Read(decode.WholeWindow(data, decode.DefaultMaxRecord), logtype.Object{Key: "fuzz", ModTime: ModTime}, "0", 0, 0, s)
		if err != nil {
			t.Fatal(err)
		}
		c.Deriver.Run(b)
		if int(n) != b.N+len(s.rejects) {
			t.Fatalf("%d records, %d events, %d rejects", n, b.N, len(s.rejects))
		}
		line := bytes.TrimRight(bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF")), "\r")
		for i := range b.N {
			raw, err := b.Rebuild(nil, i)
			if err != nil || !bytes.Equal(raw, line) && typ.Line != nil && len(typ.Fields) == 0 && !bytes.HasPrefix(line, []byte("{")) {
				t.Fatalf("rebuilt %q (%v)", raw, err)
			}
			if v := b.Cols[event.CVerbatim].BytesAt(i); v != nil && bytes.IndexByte(v, event.Mark) < 0 {
				t.Fatalf("kept verbatim: %q", v)
			}
		}
	})
}

// Bench measures Reader.Read, and the rules after it, over lines that line makes.
func Bench(b *testing.B, typ logtype.Type, line func(i int) string) {
	const lines = 50_000
	var data []byte
	for i := range lines {
		data = append(append(data, line(i)...), '\n')
	}
	c, err := logtype.Compile(typ)
	if err != nil {
		b.Fatal(err)
	}
	batch := event.NewBatch(c.Schema)
	run := func(rules bool) func(b *testing.B) {
		return func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				batch.Reset()
				s := &sink{}
				if _, err := c.NewReader(batch).Read(decode.WholeWindow(data, decode.DefaultMaxRecord), logtype.Object{Key: "bench", ModTime: ModTime}, "0", 0, 0, s); err != nil {
					b.Fatal(err)
				}
				if batch.N != lines {
					b.Fatalf("%d events of %d lines, %v", batch.N, lines, s.rejects[0])
				}
				if rules {
					c.Deriver.Run(batch)
				}
			}
			b.ReportMetric(float64(lines*b.N)/b.Elapsed().Seconds(), "lines/s")
		}
	}
	b.Run("read", run(false))
	b.Run("read+rules", run(true))
	b.Run("parallel", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.RunParallel(func(pb *testing.PB) {
			batch := event.NewBatch(c.Schema)
			for pb.Next() {
				batch.Reset()
				if _, err := c.NewReader(batch).Read(decode.WholeWindow(data, decode.DefaultMaxRecord), logtype.Object{Key: "bench", ModTime: ModTime}, "0", 0, 0, &sink{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.ReportMetric(float64(lines*b.N)/b.Elapsed().Seconds(), "lines/s")
	})
}

// Expect compares columns of a row with what is expected; "" stands for null.
func (r Result) Expect(t *testing.T, i int, want map[string]string) {
	t.Helper()
	if i >= r.Batch.N {
		t.Fatalf("no row %d; rejects: %v", i, r.Rejects)
	}
	row := r.Row(i)
	for name, v := range want {
		if r.Batch.Schema.Index(name) < 0 {
			t.Errorf("no column %s", name)
		}
		if row[name] != v {
			t.Errorf("row %d: %s is %q, want %q", i, name, row[name], v)
		}
	}
	if row[event.ColVerbatim] != "" {
		t.Errorf("row %d is kept verbatim", i)
	}
}
