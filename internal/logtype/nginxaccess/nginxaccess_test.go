package nginxaccess_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"ashiato/internal/event"
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/logtypetest"
	"ashiato/internal/logtype/nginxaccess"
)

func TestSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Samples(t, nginxaccess.Type(), catalog)
	apache := []byte(`203.0.113.24 - frank [10/Oct/2026:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326`)
	if got, err := catalog.Recognise(&logtype.Object{Key: "apache/access_log"}, apache); err == nil && got.Name == "nginx.access" {
		t.Error("what is named Apache's is taken for NGINX's")
	}
}

func TestHostile(t *testing.T) {
	files, _ := filepath.Glob("samples/*.log")
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		logtypetest.Hostile(t, nginxaccess.Type(), data)
	}
}

func FuzzParse(f *testing.F) { logtypetest.Fuzz(f, nginxaccess.Type()) }

// TestZones: the time is no part of the skeleton, whatever the server's zone.
func TestZones(t *testing.T) {
	r := logtypetest.Read(t, nginxaccess.Type(), "x", []byte(`203.0.113.24 - - [20/Oct/2026:12:15:07 +0900] "GET / HTTP/1.1" 200 5 "-" "-"
203.0.113.25 - - [20/Oct/2026:12:15:08 +0900] "GET /x HTTP/1.1" 404 6 "-" "-"
`))
	r.Expect(t, 0, map[string]string{"timestamp": "2026-10-20T03:15:07.000000Z"})
	r.Expect(t, 1, map[string]string{"timestamp": "2026-10-20T03:15:08.000000Z"})
	if sk := r.Batch.Cols[event.CSkeleton]; sk.ID(0) != sk.ID(1) {
		t.Errorf("skeletons differ: %q, %q", sk.BytesAt(0), sk.BytesAt(1))
	}
}

func TestRejects(t *testing.T) {
	for text, reason := range map[string]string{
		"hello": "no [time] where an access log has one",
		`203.0.113.24 - - [20/Oct/2026:12:15:07 +0900] GET`:                   `no "request" after the time`,
		`203.0.113.24 - - [yesterday] "GET / HTTP/1.1" 200 5`:                 `"yesterday" is not a time`,
		`203.0.113.24 - - [20/Oct/2026:12:15:07 +0900] "GET / HTTP/1.1" OK 5`: `"OK" is not a number (field http.response.status_code)`,
		`203.0.113.24 - - [20/Oct/2026:12:15:07 +0900] "GET / HTTP/1.1" 200`:  "the line ends before status and size",
		`203.0.113.24 - - [20/Oct/2026:12:15:07 +0900] "GET / HTTP/1.1`:       "the request has no closing quote",
		` - - [20/Oct/2026:12:15:07 +0900] "GET / HTTP/1.1" 200 1`:            "no client address in front of the time",
	} {
		r := logtypetest.Read(t, nginxaccess.Type(), "x", []byte(text))
		if len(r.Rejects) != 1 || r.Rejects[0].Reason != reason {
			t.Errorf("%s: %v, want %s", text, r.Rejects, reason)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	logtypetest.Bench(b, nginxaccess.Type(), func(i int) string {
		r := uint32(i) * 2654435761
		return fmt.Sprintf(`203.0.113.%d - - [20/Oct/2026:12:%02d:%02d +0900] "GET /static/%d.js?v=%x HTTP/1.1" %s %d "https://shop.example.com/%d" "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36"`,
			r%250, i/1000%60, i/17%60, r%4000, r, []string{"200", "304", "404"}[r%3], r%90000, r%300, 100+r%30)
	})
}
