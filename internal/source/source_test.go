package source

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func put(t *testing.T, path, body string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

func collect(t *testing.T, dir string, seq iter.Seq2[Object, error]) (keys, errs []string) {
	t.Helper()
	for o, err := range seq {
		if err != nil {
			errs = append(errs, err.Error())
			continue
		}
		keys = append(keys, strings.TrimPrefix(o.Key, filepath.ToSlash(dir)+"/"))
	}
	return keys, errs
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"b/2026/10/01/x.log", "a/2026/10/02/x.log", "a/2026/09/30/with space+日本.log", "plain.log",
		".hidden", ".git/config", "x.tmp", "y.part", "deep/.z/a.log"} {
		put(t, filepath.Join(dir, f), f)
	}
	outside := t.TempDir()
	put(t, filepath.Join(outside, "2026-01-01.log"), "linked")
	for link, to := range map[string]string{"loop": dir, "a/up": "..", "linked": outside, "twice": outside, "broken": "/does/not/exist", "file.log": filepath.Join(dir, "plain.log"), "same": filepath.Join(dir, "b")} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	keys, errs := collect(t, dir, Expand(t.Context(), dir, Options{}))
	want := []string{"file.log", "plain.log", "linked/2026-01-01.log", "a/2026/09/30/with space+日本.log", "b/2026/10/01/x.log", "a/2026/10/02/x.log"}
	if !slices.Equal(keys, want) {
		t.Errorf("got %q\nwant %q", keys, want)
	}
	if all := strings.Join(errs, "\n"); len(errs) != 3 || !strings.Contains(all, "broken") || !strings.Contains(all, "leads back") {
		t.Errorf("errors %q", errs)
	}
}

func TestFileAndItsIdentity(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a log.gz")
	put(t, path, "body")
	get := func() Object {
		t.Helper()
		for o, err := range Expand(t.Context(), path, Options{}) {
			if err != nil {
				t.Fatal(err)
			}
			return o
		}
		t.Fatal("nothing")
		return Object{}
	}
	o := get()
	r, err := o.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if b, _ := io.ReadAll(r); string(b) != "body" || o.Size != 4 {
		t.Errorf("%q, size %d", b, o.Size)
	}
	if want := fmt.Sprintf("%s/4/%d", path, o.ModTime.UnixNano()); o.ID() != want {
		t.Errorf("ID %q, want %q", o.ID(), want)
	}
	put(t, path, "longer body")
	if get().ID() == o.ID() {
		t.Error("a grown file has the same ID")
	}
	s := Object{URI: "s3://b/k e+y", ETag: "abc"}
	if s.ID() != "b/k e+y/abc" {
		t.Errorf("ID %q", s.ID())
	}
}

func TestArgumentsThatNameNothing(t *testing.T) {
	for arg, word := range map[string]string{"/no/such/file": "does not exist", "s3://": "names no bucket"} {
		keys, errs := collect(t, "", Expand(t.Context(), arg, Options{}))
		if len(keys) != 0 || len(errs) != 1 || !strings.Contains(errs[0], word) {
			t.Errorf("%s: %q %q", arg, keys, errs)
		}
	}
}

func TestStampOf(t *testing.T) {
	cases := map[string]string{
		"AWSLogs/111122223333/CloudTrail/us-east-1/2026/10/01/111122223333_CloudTrail_us-east-1_20261001T0405Z_abc.json.gz": "2026-10-01T04:05:00",
		"E2ABC.2026-10-01-14.a1b2.gz":                         "2026-10-01T14:00:00",
		"access/2026-10-01-00-00-38-ABCDEF0123456789":         "2026-10-01T00:00:38",
		"waf/2026/10/01/14/aws-waf-logs-x":                    "2026-10-01T14:00:00",
		"vpc/year=2026/month=10/day=01/hour=14/x.parquet":     "2026-10-01T14:00:00",
		"ext/region=us-east-1/eventDay=20261001/x.gz.parquet": "2026-10-01T00:00:00",
		"a/2026/10/01/111122223333_elasticloadbalancing_ap-northeast-1_app.lb.0123_20261001T0410Z_10.0.0.1_x.log.gz": "2026-10-01T04:10:00",
		"log/2026-10-01T04:05:06.log":               "2026-10-01T04:05:06",
		"201012051234/us-east-1/x.log":              "",
		"AWSLogs/201012051234/2026/10/01/x":         "2026-10-01T00:00:00",
		"no/date/20261399/2026/13/01/2026-10/1.log": "",
	}
	for key, want := range cases {
		s, ok := stampOf(key)
		got := ""
		if ok {
			got = s.at.Format("2006-01-02T15:04:05")
		}
		if got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

func FuzzStamp(f *testing.F) {
	f.Add("a/2026/10/01/x_20261001T0405Z_y")
	f.Fuzz(func(t *testing.T, key string) {
		first, ok := firstStamp(key)
		best, okBest := stampOf(key)
		if ok != okBest || best.start < first.start {
			t.Fatalf("first %+v, best %+v", first, best)
		}
		if !ok {
			return
		}
		date := key[first.start:first.end]
		// A day such as 31 February rolls over into the next month.
		if got := first.at.Format(first.layout); got != date && first.at.Day() > 3 {
			t.Errorf("%q prints as %q", date, got)
		}
	})
}

func TestSortedWithinWindow(t *testing.T) {
	in := func(yield func(Object, error) bool) {
		for i := range 1000 {
			j := i ^ 7 // out of order by up to 7 places
			if !yield(Object{Key: fmt.Sprintf("x/2026-10-01-%02d-%02d-%02d", j/3600, j/60%60, j%60)}, nil) {
				return
			}
		}
	}
	last, n := "", 0
	for o, err := range sorted(in, 10) {
		if err != nil || o.Key <= last {
			t.Fatalf("%q after %q, %v", o.Key, last, err)
		}
		last, n = o.Key, n+1
	}
	if n != 1000 {
		t.Errorf("%d of 1000", n)
	}
}

func TestFollowFolder(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.log")
	put(t, path, "one")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var got []string
	for o, err := range Expand(ctx, dir, Options{Follow: true, PollEvery: 5 * time.Millisecond}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s:%d", filepath.Base(o.Key), o.Size))
		switch len(got) {
		case 1:
			put(t, filepath.Join(dir, "sub", "b.log"), "new file")
		case 2:
			put(t, path, "one and two")
		case 3:
			cancel() // ends the sequence
		}
	}
	if want := []string{"a.log:3", "b.log:8", "a.log:11"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A file that grows between two looks is not taken.
func TestFollowWaitsForStability(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.log")
	f := folderState{files: map[string]seenFile{}, errors: map[string]bool{}}
	taken := func() (n int) {
		f.poll(t.Context(), dir, func(Object, error) bool { n++; return true })
		return n
	}
	for i, step := range []struct {
		body string
		want int
	}{{"1", 0}, {"12", 0}, {"123", 0}, {"", 1}, {"", 0}, {"1234", 0}, {"", 1}} {
		if step.body != "" {
			put(t, path, step.body)
		}
		if n := taken(); n != step.want {
			t.Errorf("look %d took %d, want %d", i, n, step.want)
		}
	}
}
