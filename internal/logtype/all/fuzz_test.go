package all_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ashiato/internal/decode"
	"ashiato/internal/event"
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/all"
)

type sink struct {
	t       *testing.T
	data    []byte
	rejects int
}

func (s *sink) Row() error { return nil }

func (s *sink) Reject(data []byte, _ int64, _ int64, reason error) error {
	s.rejects++
	if reason == nil || reason.Error() == "" {
		s.t.Fatal("a reject without a reason")
	}
	return nil
}

// FuzzTakeIn holds rebuild(take in(x)) == x for any bytes: every row of every log type rebuilds to bytes that
// stood in the object, and nothing panics. The window is small, so that records go over its edge.
func FuzzTakeIn(f *testing.F) {
	catalog, err := all.Catalog()
	if err != nil {
		f.Fatal(err)
	}
	files, _ := filepath.Glob("../*/samples/*")
	for _, name := range files {
		if strings.HasSuffix(name, ".golden") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for i, t := range catalog.Types {
			if strings.Contains(name, "/"+strings.NewReplacer(".", "", "_", "", "aws", "").Replace(t.Name)+"/") {
				f.Add(b, uint8(i))
			}
		}
		f.Add(b, uint8(255))
	}
	f.Fuzz(func(t *testing.T, data []byte, which uint8) {
		if len(data) > 64<<10 {
			return
		}
		obj := logtype.Object{Key: "fuzz"}
		c, err := catalog.Recognise(&obj, data)
		if int(which) < len(catalog.Types) {
			c, err = catalog.Types[which], nil
		}
		if err != nil {
			return
		}
		whole := take(t, c, decode.WholeWindow(data, 16<<10), data)
		streamed := take(t, c, decode.NewWindow(&slow{data}, 16<<10), data)
		if whole != streamed {
			t.Fatalf("%s: held whole it gives %s, streamed %s", c.Name, whole, streamed)
		}
	})
}

// slow gives out seven bytes at a time.
type slow struct{ b []byte }

func (s *slow) Read(p []byte) (int, error) {
	n := copy(p[:min(len(p), 7)], s.b)
	s.b = s.b[n:]
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// take reads data and returns a summary of what came of it.
func take(t *testing.T, c *logtype.Compiled, w *decode.Window, data []byte) string {
	b := event.NewBatch(c.Schema)
	s := &sink{t: t, data: data}
	if _, err := c.NewReader(b).Read(w, logtype.Object{Key: "fuzz"}, "id", 0, 0, s); err != nil {
		t.Fatalf("%s: %v", c.Name, err)
	}
	c.Deriver.Run(b)
	verbatim := 0
	unescaped := event.AppendJSONUnescaped(nil, data) // messages in CloudWatch Logs payloads
	for i := range b.N {
		raw, err := b.Rebuild(nil, i)
		if err != nil {
			t.Fatalf("%s: row %d: %v", c.Name, i, err)
		}
		if !bytes.Contains(data, raw) && !bytes.Contains(unescaped, raw) {
			t.Fatalf("%s: row %d rebuilds to bytes that were not there: %q", c.Name, i, raw)
		}
		if b.Cols[event.CVerbatim].BytesAt(i) != nil {
			verbatim++
		}
	}
	return fmt.Sprintf("%d rows", b.N)
}
