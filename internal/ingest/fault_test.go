package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ashiato/internal/ingest"
	"ashiato/internal/lake"
	"ashiato/internal/lake/catalog"
	"ashiato/internal/source"
)

// records are the records of trail(from, to), each once.
func records(from, to int) map[string]int {
	out := map[string]int{}
	for i := from; i < to; i++ {
		out[trailEvent(i)] = 1
	}
	return out
}

func sameRaws(t *testing.T, l *lake.Lake, want map[string]int) {
	t.Helper()
	if got := raws(t, l); !maps.Equal(got, want) {
		t.Errorf("%d different records are in the lake, want %d, each once", len(got), len(want))
	}
}

// listed lists a path to its end, as a run does that is ahead of its workers.
func listed(t *testing.T, path string) []source.Object {
	t.Helper()
	var out []source.Object
	for o, err := range source.Expand(context.Background(), path, source.Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, o)
	}
	return out
}

func sequence(objects []source.Object) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		for _, o := range objects {
			if !yield(o, nil) {
				return
			}
		}
	}
}

// failing runs objects of which some cannot be read, and returns the errors by name.
func failing(t *testing.T, l *lake.Lake, objects iter.Seq2[source.Object, error]) (ingest.Progress, map[string]string) {
	t.Helper()
	errs := map[string]string{}
	p, err := ingest.New(l, types(t)).Run(context.Background(), objects, ingest.Options{Workers: 1, OnError: func(uri string, err error) { errs[filepath.Base(uri)] = err.Error() }})
	if err != nil {
		t.Fatal(err)
	}
	return p, errs
}

// TestFileDisappears removes a file between listing and reading.
func TestFileDisappears(t *testing.T) {
	in, l := t.TempDir(), open(t, t.TempDir())
	for i := range 3 {
		write(t, fmt.Sprintf("%s/%d.json", in, i), trail(i*10, i*10+10))
	}
	objects := listed(t, in)
	if err := os.Rename(in+"/1.json", in+"/.1"); err != nil {
		t.Fatal(err)
	}
	p, errs := failing(t, l, sequence(objects))
	if p.Failed != 1 || p.Events != 20 || !strings.Contains(errs["1.json"], "no such file") {
		t.Errorf("%+v, %v", p, errs)
	}
	os.Rename(in+"/.1", in+"/1.json")
	if p = take(t, l, in, ingest.Options{}); p.Events != 10 || p.Failed != 0 {
		t.Errorf("when it is back: %+v", p)
	}
	sameRaws(t, l, records(0, 30))
}

// TestUnreadableFile meets a file without the right to read it.
func TestUnreadableFile(t *testing.T) {
	in, l := t.TempDir(), open(t, t.TempDir())
	write(t, in+"/0.json", trail(0, 10))
	write(t, in+"/1.json", trail(10, 20))
	objects := listed(t, in)
	if os.Getuid() == 0 { // may read everything
		objects[1].Open = func(context.Context) (io.ReadCloser, error) {
			return nil, &fs.PathError{Op: "open", Path: in + "/1.json", Err: syscall.EACCES}
		}
	} else if err := os.Chmod(in+"/1.json", 0); err != nil {
		t.Fatal(err)
	}
	p, errs := failing(t, l, sequence(objects))
	if p.Failed != 1 || p.Events != 10 || !strings.Contains(errs["1.json"], "permission denied") {
		t.Errorf("%+v, %v", p, errs)
	}
	os.Chmod(in+"/1.json", 0o600)
	take(t, l, in, ingest.Options{})
	sameRaws(t, l, records(0, 20))
}

// TestOddFiles takes in a folder with loops of links, links to nothing and a pipe that nobody writes to.
func TestOddFiles(t *testing.T) {
	in, l := t.TempDir(), open(t, t.TempDir())
	write(t, in+"/a/0.json", trail(0, 10))
	for name, target := range map[string]string{"a/up": "..", "a/self": "self", "x": "y", "y": "x", "gone": "nothing"} {
		if err := os.Symlink(target, filepath.Join(in, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(in+"/pipe.json", 0o600); err != nil {
		t.Skip(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		p, _ := failing(t, l, source.Expand(context.Background(), in, source.Options{}))
		if p.Events != 10 || p.Failed < 4 {
			t.Errorf("%+v", p)
		}
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("it hangs")
	}
	sameRaws(t, l, records(0, 10))
}

// TestLongRecords has a line of 1 MiB and a record of 20 MiB amidst others: only the latter is rejected, and
// what follows it goes on. An object is read whole, through gzip, and as a stream.
func TestLongRecords(t *testing.T) {
	const line = "203.0.113.9 - - [20/Oct/2026:12:00:0%d +0000] \"GET /%s HTTP/1.1\" 200 5 \"-\" \"x\"\n"
	in, l := t.TempDir(), open(t, t.TempDir())
	lines := fmt.Sprintf(line, 1, "a") + fmt.Sprintf(line, 2, strings.Repeat("b", 1<<20)) + fmt.Sprintf(line, 3, "c")
	write(t, in+"/access.log", []byte(lines))
	if p := take(t, l, in, ingest.Options{}); p.Events != 3 || p.Rejects != 0 {
		t.Errorf("a line of 1 MiB: %+v", p)
	}
	want := map[string]int{}
	for s := range strings.Lines(lines) {
		want[strings.TrimSuffix(s, "\n")] = 1
	}
	sameRaws(t, l, want)

	long := strings.Replace(trailEvent(1), `"awsRegion"`, `"x":"`+strings.Repeat("y", 20<<20)+`","awsRegion"`, 1)
	object := []byte(`{"Records":[` + trailEvent(0) + "," + long + "," + trailEvent(2) + `]}`)
	padding := bytes.Repeat([]byte{' '}, 33<<20)
	for name, b := range map[string][]byte{"whole.json": object, "packed.json.gz": zip(object), "stream.json": append(bytes.Clone(object), padding...), "lines.jsonl": []byte(trailEvent(0) + "\n" + long + "\n" + trailEvent(2) + "\n")} {
		t.Run(name, func(t *testing.T) {
			in, l := t.TempDir(), open(t, t.TempDir())
			write(t, in+"/"+name, b)
			if p := take(t, l, in, ingest.Options{}); p.Events != 2 || p.Rejects != 1 {
				t.Errorf("%+v", p)
			}
			sameRaws(t, l, map[string]int{trailEvent(0): 1, trailEvent(2): 1})
			r, err := l.Catalog.Rejects(context.Background(), catalog.RejectQuery{Data: true})
			if err != nil || len(r) != 1 || !strings.Contains(r[0].Reason, "longer than the limit") {
				t.Fatalf("%d rejects (%v)", len(r), err)
			}
			if len(r[0].Data) > 1<<20 || r[0].Size <= int64(len(r[0].Data)) {
				t.Errorf("%d bytes are kept of %d", len(r[0].Data), r[0].Size)
			}
			if p := take(t, l, in, ingest.Options{}); p.Known != 1 || p.Events != 0 {
				t.Errorf("again: %+v", p)
			}
		})
	}
}

// breaking is a reader that fails after so many bytes, never when left is below 0.
type breaking struct {
	io.Reader
	left int
}

var errBroken = errors.New("connection reset by peer")

func (b *breaking) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errBroken
	}
	if b.left > 0 {
		p = p[:min(len(p), b.left)]
	}
	n, err := b.Reader.Read(p)
	if b.left > 0 {
		b.left -= n
	}
	return n, err
}

func (b *breaking) Close() error { return nil }

// TestBrokenRead breaks an object of a bucket off at several places: nothing of it is there, no temporary file
// stays, other objects go on, and the next run takes it in once.
func TestBrokenRead(t *testing.T) {
	small := zip(trail(0, 200))
	large := append(trail(0, 200), bytes.Repeat([]byte{' '}, 40<<20)...)
	for name, c := range map[string]struct {
		data []byte
		at   int
	}{
		"at once": {small, 0}, "small": {small, len(small) / 2}, "before the last byte": {small, len(small) - 1},
		"in memory": {large, 50_000}, "spooled": {large, 36 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l := open(t, dir)
			object := func(at int) source.Object {
				return source.Object{URI: "s3://bucket/AWSLogs/x.json", Key: "AWSLogs/x.json", ETag: "e", Size: int64(len(c.data)), ModTime: time.Unix(1792454400, 0),
					Open: func(context.Context) (io.ReadCloser, error) { return &breaking{bytes.NewReader(c.data), at}, nil }}
			}
			other := source.Object{URI: "s3://bucket/other.json", Key: "other.json", ETag: "f", Size: -1,
				Open: func(context.Context) (io.ReadCloser, error) {
					return &breaking{bytes.NewReader(trail(200, 210)), -1}, nil
				}}
			p, errs := failing(t, l, sequence([]source.Object{object(c.at), other}))
			if p.Failed != 1 || p.Events != 10 || !strings.Contains(errs["x.json"], errBroken.Error()) {
				t.Errorf("%+v, %v", p, errs)
			}
			sameRaws(t, l, records(200, 210))
			if left, _ := filepath.Glob(dir + "/tmp/*"); len(left) > 0 {
				t.Errorf("temporary files stay: %v", left)
			}
			for range 2 {
				p, errs = failing(t, l, sequence([]source.Object{object(-1), other}))
				if len(errs) > 0 {
					t.Errorf("when it can be read: %+v, %v", p, errs)
				}
			}
			sameRaws(t, l, records(0, 210))
		})
	}
}
