// Package logtypetest runs a log type over its samples and holds the outcome against golden files.
package logtypetest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ashiato/internal/decode"
	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

var update = flag.Bool("update", false, "rewrite golden files")

// ModTime is the modification time that samples pretend to have.
var ModTime = time.Date(2026, 10, 20, 12, 0, 0, 0, time.UTC)

// Reject is one record that could not become an event.
type Reject struct {
	Data   string
	Reason string
}

// Result is what reading an object gave.
type Result struct {
	Batch   *event.Batch
	Rejects []Reject
}

type sink struct{ rejects []Reject }

func (s *sink) Row() error { return nil }
func (s *sink) Reject(data []byte, _ int64, _ int64, reason error) error {
	s.rejects = append(s.rejects, Reject{string(data), reason.Error()})
	return nil
}

// Read parses data as an object of the type and runs the type's rules.
func Read(t testing.TB, typ logtype.Type, key string, data []byte) Result {
	t.Helper()
	c, err := logtype.Compile(typ)
	if err != nil {
		t.Fatal(err)
	}
	b := event.NewBatch(c.Schema)
	s := &sink{}
	w := decode.WholeWindow(data, decode.DefaultMaxRecord)
	if _, err := c.NewReader(b).Read(w, logtype.Object{Key: key, ModTime: ModTime}, "0000000000000000", 0, 0, s); err != nil {
		t.Fatal(err)
	}
	c.Deriver.Run(b)
	return Result{b, s.rejects}
}

// Row returns a row's values by SQL name, as text; lists are joined by commas. Columns without a
// value are absent.
func (r Result) Row(i int) map[string]string {
	m := map[string]string{}
	for c, col := range r.Batch.Schema.Columns {
		v := &r.Batch.Cols[c]
		switch col.Kind.Stored() {
		case event.StoreInt:
			if n := v.Int(i); n != event.NullInt {
				if col.Kind == event.Time {
					m[col.Name] = string(event.AppendTime(nil, n, event.RFC3339Micro))
				} else {
					m[col.Name] = fmt.Sprint(n)
				}
			}
		case event.StoreFloat:
			if f := v.Float(i); !event.NullFloat(f) {
				m[col.Name] = fmt.Sprint(f)
			}
		case event.StoreList:
			var e []string
			event.EachElement(v.BytesAt(i), func(x []byte) { e = append(e, string(x)) })
			if len(e) > 0 {
				m[col.Name] = strings.Join(e, ",")
			}
		default:
			if x := v.BytesAt(i); x != nil && col.Name != event.ColSkeleton {
				m[col.Name] = string(x)
			}
		}
	}
	return m
}

// Samples reads every file of the test's samples directory, checks that the type is recognised by
// content alone among all types of the catalogue, that each record is rebuilt exactly and none is
// kept verbatim for want of a better way, and compares rows and messages with the golden file beside
// it (run with -update to write it).
func Samples(t *testing.T, typ logtype.Type, catalog *logtype.Catalog) {
	files, _ := filepath.Glob("samples/*")
	n := 0
	for _, f := range files {
		if strings.HasSuffix(f, ".golden") {
			continue
		}
		n++
		t.Run(filepath.Base(f), func(t *testing.T) {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got, err := catalog.Recognise(&logtype.Object{Key: "x"}, data)
			if err != nil {
				t.Errorf("not recognised by content: %v", err)
			} else if got.Name != typ.Name {
				t.Errorf("recognised as %s", got.Name)
			}
			compareGolden(t, f+".golden", render(t, typ, Read(t, typ, f, data)))
		})
	}
	if n == 0 {
		t.Error("no samples")
	}
}

func render(t *testing.T, typ logtype.Type, r Result) []byte {
	var out bytes.Buffer
	for i := 0; i < r.Batch.N; i++ {
		row := r.Row(i)
		if row[event.ColVerbatim] != "" {
			t.Errorf("row %d is kept verbatim", i)
		}
		if typ.Message != nil {
			row["message"] = typ.Message(func(c string) string { return row[c] })
		}
		delete(row, event.ColObjectID)
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(row); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range r.Rejects {
		fmt.Fprintf(&out, "reject: %s: %.200q\n", x.Reason, x.Data)
	}
	return out.Bytes()
}

func compareGolden(t *testing.T, name string, got []byte) {
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v (run with -update to write it)", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n%s", name, firstDifference(want, got))
	}
}

func firstDifference(want, got []byte) string {
	w, g := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := 0; i < max(len(w), len(g)); i++ {
		a, b := "", ""
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\nwant %s\ngot  %s", i+1, a, b)
		}
	}
	return ""
}

// Hostile feeds damaged variants of data to the type: truncated at each of many places, with CRLF, a
// byte order mark, bytes that are not UTF-8, extra columns and a very long line. Nothing may panic,
// and bytes of every record must end as an event that rebuilds or as a reject.
func Hostile(t *testing.T, typ logtype.Type, data []byte) {
	try := func(name string, d []byte) {
		r := Read(t, typ, "hostile", d)
		for i := 0; i < r.Batch.N; i++ {
			raw, err := r.Batch.Rebuild(nil, i)
			if err != nil {
				t.Fatalf("%s: row %d: %v", name, i, err)
			}
			if !bytes.Contains(d, raw) {
				t.Fatalf("%s: row %d rebuilds to bytes that were not there: %.200q", name, i, raw)
			}
		}
		if len(bytes.TrimSpace(d)) > 0 && r.Batch.N == 0 && len(r.Rejects) == 0 && name != "header" {
			t.Logf("%s: nothing came out of %d bytes", name, len(d))
		}
	}
	step := max(1, len(data)/200)
	for i := 0; i < len(data); i += step {
		try(fmt.Sprintf("cut at %d", i), data[:i])
	}
	try("crlf", bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n")))
	try("bom", append([]byte("\xEF\xBB\xBF"), data...))
	for i := 0; i < len(data); i += step {
		d := bytes.Clone(data)
		d[i] = 0xFF
		try(fmt.Sprintf("0xFF at %d", i), d)
		d[i] = 0x80
		try(fmt.Sprintf("0x80 at %d", i), d)
		d[i] = '"'
		try(fmt.Sprintf("quote at %d", i), d)
		d[i] = '\n'
		try(fmt.Sprintf("newline at %d", i), d)
	}
	try("extra columns", bytes.ReplaceAll(data, []byte("\n"), []byte(" extra \"col umn\"\n")))
	try("long line", append(append(bytes.Clone(data), '\n'), bytes.Repeat([]byte("x "), 1<<19)...))
}
