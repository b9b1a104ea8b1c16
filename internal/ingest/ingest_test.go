package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ashiato/internal/engine/scan"
	"ashiato/internal/ingest"
	"ashiato/internal/lake"
	"ashiato/internal/lake/catalog"
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/all"
	"ashiato/internal/query/kql"
	"ashiato/internal/source"
)

func types(testing.TB) *logtype.Catalog {
	c, err := all.Catalog()
	if err != nil {
		panic(err)
	}
	return c
}

func open(t testing.TB, dir string) *lake.Lake {
	l, err := lake.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// take takes in a path and fails the test when the lake does.
func take(t testing.TB, l *lake.Lake, path string, opt ingest.Options) ingest.Progress {
	t.Helper()
	ctx := context.Background()
	p, err := ingest.New(l, types(t)).Run(ctx, source.Expand(ctx, path, source.Options{}), opt)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func count(t testing.TB, l *lake.Lake, query string) int64 {
	t.Helper()
	n, err := kql.Parse(query)
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := scan.New(l, types(t)).Count(context.Background(), s, scan.Query{Node: n, Text: query})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// raws returns how often each record is in the lake.
func raws(t testing.TB, l *lake.Lake) map[string]int {
	t.Helper()
	s, err := l.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	_, _, err = scan.New(l, types(t)).Search(context.Background(), s, scan.Query{}, 0, nil, func(e *scan.Event) error {
		raw, err := e.Raw(nil)
		out[string(raw)]++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func trailEvent(i int) string {
	return fmt.Sprintf(`{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/u%d","userName":"u%d"},"eventTime":"2026-10-%02dT%02d:%02d:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.%d","userAgent":"x/%d","requestParameters":{"bucketName":"b%d","key":"k/%x"},"eventID":"%08x-0000-4000-8000-000000000000","eventType":"AwsApiCall","recipientAccountId":"111122223333"}`,
		i%9, i%9, 1+i%20, i%24, i%60, i%250, i%7, i%5, sha256.Sum256([]byte{byte(i), byte(i >> 8)}), i)
}

func trail(from, to int) []byte {
	var e []string
	for i := from; i < to; i++ {
		e = append(e, trailEvent(i))
	}
	return []byte(`{"Records":[` + strings.Join(e, ",") + `]}`)
}

func zip(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestExactlyOnce(t *testing.T) {
	in, l := t.TempDir(), open(t, t.TempDir())
	write(t, in+"/a/111122223333_CloudTrail_us-east-1_20261001T0000Z_a.json.gz", zip(trail(0, 1000)))
	if p := take(t, l, in, ingest.Options{}); p.Events != 1000 || p.Objects != 1 {
		t.Fatalf("%+v", p)
	}
	if p := take(t, l, in, ingest.Options{}); p.Known != 1 || p.Objects != 0 {
		t.Errorf("the same file again: %+v", p)
	}
	write(t, in+"/copy/other-name.json.gz", zip(trail(0, 1000)))
	if p := take(t, l, in, ingest.Options{}); p.Known != 2 || p.Objects != 0 {
		t.Errorf("the same bytes under another name: %+v", p)
	}
	write(t, in+"/b/second-trail.json.gz", zip(trail(500, 1500)))
	if p := take(t, l, in, ingest.Options{}); p.Events != 500 || p.Duplicates != 500 {
		t.Errorf("half of the events delivered by a second trail: %+v", p)
	}
	if n := count(t, l, "*"); n != 1500 {
		t.Errorf("%d events, want 1500", n)
	}
	for raw, n := range raws(t, l) {
		if n != 1 {
			t.Fatalf("%d times: %s", n, raw)
		}
	}
}

// TestRepeatsInOneRun delivers every event three times to workers that run side by side.
func TestRepeatsInOneRun(t *testing.T) {
	in, l := t.TempDir(), open(t, t.TempDir())
	for i := range 30 {
		write(t, fmt.Sprintf("%s/trail%d/%d.json.gz", in, i%3, i), zip(append(trail(i/3*100, i/3*100+100), bytes.Repeat([]byte{' '}, i)...)))
	}
	p := take(t, l, in, ingest.Options{Workers: 4, EveryTime: 1000000})
	if p.Events != 1000 || p.Duplicates != 2000 || count(t, l, "*") != 1000 {
		t.Errorf("%+v, %d in the lake", p, count(t, l, "*"))
	}
}

// TestRepeatsOfSeveralTypes has workers commit several log types at once, each with records that the other
// worker is committing: no two commits may wait for each other.
func TestRepeatsOfSeveralTypes(t *testing.T) {
	in := t.TempDir()
	guardDuty, err := os.ReadFile("../logtype/guardduty/samples/s3-export.jsonl")
	if err != nil {
		files, _ := filepath.Glob("../logtype/guardduty/samples/*.jsonl")
		if len(files) == 0 {
			t.Fatal(err)
		}
		if guardDuty, err = os.ReadFile(files[0]); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 40 {
		blanks := bytes.Repeat([]byte{' '}, i)
		write(t, fmt.Sprintf("%s/%d/trail.json", in, i), append(trail(i%5*10, i%5*10+10), blanks...))
		write(t, fmt.Sprintf("%s/%d/findings.jsonl", in, i), append(append(bytes.Clone(guardDuty), '\n'), blanks...))
	}
	for range 5 {
		l := open(t, t.TempDir())
		take(t, l, in, ingest.Options{Workers: 4, EveryTime: time.Millisecond})
		if n := count(t, l, "event.dataset: aws.cloudtrail"); n != 50 {
			t.Errorf("%d events of CloudTrail, want 50", n)
		}
	}
}

// TestEqualLines holds that two equal lines of one object are two events.
func TestEqualLines(t *testing.T) {
	in, l := t.TempDir(), open(t, t.TempDir())
	line := "2 111122223333 eni-0a1b2c3d4e5f60718 203.0.113.12 10.0.4.17 51834 443 6 12 5120 1760918400 1760918460 ACCEPT OK\n"
	write(t, in+"/flow.log", []byte(line+line))
	if take(t, l, in, ingest.Options{}); count(t, l, "*") != 2 {
		t.Errorf("%d events, want 2", count(t, l, "*"))
	}
	write(t, in+"/flow.log", []byte(line+line+line+"2 111122223333 eni-0a1b2c3d4e5f60718 - - - - - - - 1760918460 1760918520 - NODATA\n"))
	if p := take(t, l, in, ingest.Options{}); p.Events != 2 || count(t, l, "*") != 4 {
		t.Errorf("a file that has grown: %+v, %d in the lake, want 4", p, count(t, l, "*"))
	}
}

func TestDamage(t *testing.T) {
	whole := zip(trail(0, 2000))
	for _, c := range []struct {
		name    string
		data    []byte
		events  [2]int64 // at least, at most
		rejects bool
	}{
		{"truncated gzip", whole[:len(whole)/2], [2]int64{500, 1500}, true},
		{"torn JSON", trail(0, 100)[:20000], [2]int64{20, 60}, true},
		{"garbage", bytes.Repeat([]byte{0, 0xFF, 7, '{', 0x80}, 1000), [2]int64{0, 0}, true},
		{"one bad record", []byte(strings.Replace(string(trail(0, 10)), `"awsRegion":"us-east-1"`, `"awsRegion" "x"`, 1)), [2]int64{9, 9}, true},
		{"no event time", []byte(strings.Replace(string(trail(0, 10)), `"eventTime"`, `"eventTimf"`, 1)), [2]int64{0, 9}, true},
		{"empty", nil, [2]int64{0, 0}, false},
		{"empty gzip", zip(nil), [2]int64{0, 0}, false},
		{"no records", []byte(`{"Records":[]}`), [2]int64{0, 0}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			in, l := t.TempDir(), open(t, t.TempDir())
			write(t, in+"/AWSLogs/111122223333/CloudTrail/us-east-1/x.json.gz", c.data)
			p := take(t, l, in, ingest.Options{})
			if p.Events < c.events[0] || p.Events > c.events[1] || (p.Rejects > 0) != c.rejects && c.name != "no records" {
				t.Errorf("%+v", p)
			}
			if n := count(t, l, "*"); n != p.Events {
				t.Errorf("%d in the lake, %d reported", n, p.Events)
			}
			r, err := l.Catalog.Rejects(context.Background(), catalog.RejectQuery{Data: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range r {
				if x.Reason == "" {
					t.Errorf("a reject without reason: %+v", x)
				}
			}
			if again := take(t, l, in, ingest.Options{}); again.Events != 0 {
				t.Errorf("taken in again: %+v", again)
			}
		})
	}
}

// TestBomb takes in 1 GiB of zeros in a few hundred kilobytes: it ends as a reject, in bounded memory.
func TestBomb(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 1 GiB through gzip")
	}
	in, l := t.TempDir(), open(t, t.TempDir())
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	zeros := make([]byte, 1<<20)
	for range 1024 {
		z.Write(zeros)
	}
	z.Close()
	write(t, in+"/AWSLogs/111122223333/CloudTrail/bomb.json.gz", out.Bytes())
	if p := take(t, l, in, ingest.Options{}); p.Events != 0 || p.Rejects == 0 {
		t.Errorf("%+v", p)
	}
}

// TestCompact holds that compaction changes no event, and that a query that began before goes on.
func TestCompact(t *testing.T) {
	in, l := t.TempDir(), open(t, t.TempDir())
	for i := range 12 {
		write(t, fmt.Sprintf("%s/%02d.json.gz", in, i), zip(trail(i*200, i*200+200)))
		take(t, l, in, ingest.Options{})
	}
	want := raws(t, l)
	old, err := l.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c := types(t)
	done, err := l.Compact(context.Background(), 2, c.SchemaOf)
	if err != nil || done.Made == 0 || done.Merged <= done.Made || done.Rows != 2400 {
		t.Fatalf("%+v %v", done, err)
	}
	got := raws(t, l)
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for r, n := range want {
		if got[r] != n {
			t.Fatalf("%d times, want %d: %s", got[r], n, r)
		}
	}
	n, _, err := scan.New(l, c).Count(context.Background(), old, scan.Query{})
	if err != nil || n != 2400 {
		t.Errorf("the snapshot from before: %d, %v", n, err)
	}
	if err := l.Sweep(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	write(t, in+"/again.json.gz", zip(append(trail(0, 2400), ' ')))
	if p := take(t, l, in, ingest.Options{}); p.Events != 0 || p.Duplicates != 2400 {
		t.Errorf("repeats after compaction: %+v", p)
	}
}

// TestFullDisk makes writing fail: the run ends with an error, and all is taken in once there is room again.
func TestFullDisk(t *testing.T) {
	if os.Getuid() == 0 {
		if _, err := os.Stat("/dev/full"); err != nil {
			t.Skip("no /dev/full")
		}
	}
	in, l := t.TempDir(), open(t, t.TempDir())
	write(t, in+"/a.json.gz", zip(trail(0, 100)))
	// a file where the directory of the log type should be stands for a disk that takes no more
	write(t, filepath.Join(l.Dir(), "aws.cloudtrail"), nil)
	ctx := context.Background()
	p, err := ingest.New(l, types(t)).Run(ctx, source.Expand(ctx, in, source.Options{}), ingest.Options{})
	if err == nil {
		t.Fatalf("no error: %+v", p)
	}
	if err := os.Remove(filepath.Join(l.Dir(), "aws.cloudtrail")); err != nil {
		t.Fatal(err)
	}
	if p := take(t, l, in, ingest.Options{}); p.Events != 100 {
		t.Errorf("after the disk has room again: %+v", p)
	}
}

// TestSpill takes in an object that does not fit a batch.
func TestSpill(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a large object")
	}
	in, l := t.TempDir(), open(t, t.TempDir())
	var b bytes.Buffer
	const n = 700_000
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		fmt.Fprintf(&b, "2 111122223333 eni-0a1b2c3d4e5f60718 203.0.113.%d 10.0.%d.%d %d 443 6 12 %d %d %d ACCEPT OK\n", rnd.IntN(250), rnd.IntN(250), rnd.IntN(250), rnd.IntN(60000), rnd.IntN(1e6), 1760918400+i/10, 1760918460+i/10)
	}
	write(t, in+"/flow.log", b.Bytes())
	if p := take(t, l, in, ingest.Options{}); p.Events != n || count(t, l, "*") != n {
		t.Errorf("%+v, %d in the lake", p, count(t, l, "*"))
	}
}
