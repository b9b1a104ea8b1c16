package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ashiato/internal/service"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

const flowLine = "2 123456789012 eni-0050644426037aa0f 10.0.%d.%d 198.51.100.9 60220 443 6 48 2186 1790856000 1790856060 ACCEPT OK\n"

// flows writes a folder of n flow logs with ten lines each.
func flows(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		var b strings.Builder
		for j := range 10 {
			fmt.Fprintf(&b, flowLine, i, j)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.log", i)), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestTwoAtOnce takes the same folder in from two processes' worth of Apps: one waits for the other, and
// nothing is there twice.
func TestTwoAtOnce(t *testing.T) {
	data, logs := t.TempDir(), flows(t, 50)
	var wg sync.WaitGroup
	var results [2]service.IngestResult
	for i := range results {
		a, err := Open(data)
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			defer a.Close()
			var err error
			if results[i], err = a.Ingest(context.Background(), service.IngestRequest{Paths: []string{logs}}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := results[0].Events + results[1].Events; n != 500 {
		t.Errorf("%d events are new, want 500", n)
	}
	a, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if n, err := a.Count(context.Background(), service.Query{}); err != nil || n.Count != 500 {
		t.Errorf("%d events (%v), want 500", n.Count, err)
	}
}

// TestInterrupted ends a run that follows a folder: what came is there.
func TestInterrupted(t *testing.T) {
	a, logs := open(t), flows(t, 3)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	res, err := a.Ingest(ctx, service.IngestRequest{Paths: []string{logs}, Follow: true}, func(r service.IngestReport) {
		if r.Progress != nil && r.Progress.Objects == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if n, err := a.Count(context.Background(), service.Query{}); err != nil || n.Count != 30 || res.Events != 30 {
		t.Errorf("%d events, %d said to be new (%v), want 30", n.Count, res.Events, err)
	}
}

func TestTimeRange(t *testing.T) {
	now := time.Date(2026, 10, 20, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ from, to, first, end string }{
		{"", "", "", ""},
		{"2026-10-01", "2026-10-01", "2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z"},
		{"2026-10", "2026-10", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"},
		{"now-1h", "now", "2026-10-20T11:00:00Z", "2026-10-20T12:00:00Z"},
		{"now/d", "now/d", "2026-10-20T00:00:00Z", "2026-10-21T00:00:00Z"},
		{"2026-10-01T00:00:00Z", "2026-10-01T12:00:00Z", "2026-10-01T00:00:00Z", "2026-10-01T12:00:00Z"},
	} {
		first, end, err := timeRange(c.from, c.to, now)
		if err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		for _, x := range []struct {
			got  int64
			want string
		}{{first, c.first}, {end, c.end}} {
			got := ""
			if x.got != 0 {
				got = time.UnixMicro(x.got).UTC().Format(time.RFC3339)
			}
			if got != x.want {
				t.Errorf("%s to %s: %s, want %s", c.from, c.to, got, x.want)
			}
		}
	}
	if _, _, err := timeRange("now", "now-1h", now); err == nil {
		t.Error("an empty range is accepted")
	}
}

func TestHistogramAddsUp(t *testing.T) {
	a := withSamples(t)
	n, err := a.Count(context.Background(), service.Query{})
	if err != nil {
		t.Fatal(err)
	}
	h, err := a.Histogram(context.Background(), service.HistogramRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, b := range h.Buckets {
		sum += b.Count
	}
	if sum != n.Count || len(h.Buckets) > defaultBuckets+1 {
		t.Errorf("%d bars hold %d events, want %d", len(h.Buckets), sum, n.Count)
	}
}

func TestSQLEnginesAreFewAndTidy(t *testing.T) {
	a := open(t)
	for i := range idleEngines + 3 {
		name := fmt.Sprintf("w%d", i)
		if _, err := a.Ingest(context.Background(), service.IngestRequest{Workspace: name, Paths: []string{flows(t, 1)}}, nil); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if _, err := a.SQL(context.Background(), service.SQLRequest{Workspace: name, SQL: "SELECT count(*) FROM events"}, &b); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(a.sql.open); n > idleEngines {
		t.Errorf("%d idle engines are open", n)
	}
	a.sql.close()
	if _, err := os.Stat(filepath.Join(a.dir, "tmp")); !os.IsNotExist(err) {
		t.Errorf("temporary files stay: %v", err)
	}
}
