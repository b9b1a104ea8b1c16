package duckdb

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// endless runs until it is stopped.
const endless = "select count(*) from range(10000000) a, range(100) b, flows c where (a.range * b.range + bytes) % 7 = 3"

func TestCancel(t *testing.T) {
	e, cat := lake(t, Options{Threads: 2})
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(300*time.Millisecond, cancel)
	start := time.Now()
	_, err := e.Query(ctx, cat, endless)
	took := time.Since(start) - 300*time.Millisecond
	if kindOf(err) != KindCancelled || !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if took > 2*time.Second { // 200 ms are meant; the machine may be busy
		t.Errorf("took %v after the cancellation", took)
	}
	t.Logf("returned %v after the cancellation", took)
	// DuckDB let go too, not only the caller.
	start = time.Now()
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("closed in %v", time.Since(start))
}

func TestCancelBetweenRows(t *testing.T) {
	e, cat := lake(t, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, err := e.Query(ctx, cat, "select * from range(10000000) a, range(100)")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i := 0; r.Next(); i++ {
		if i == 5000 {
			cancel()
		}
	}
	if kindOf(r.Err()) != KindCancelled {
		t.Errorf("got %v", r.Err())
	}
}

func TestTimeout(t *testing.T) {
	e, cat := lake(t, Options{MaxTime: 300 * time.Millisecond})
	start := time.Now()
	_, err := ask(e, cat, endless)
	if kindOf(err) != KindTimeout || !strings.Contains(err.Error(), "time range") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := e.Query(ctx, cat, endless); kindOf(err) != KindTimeout || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the context's deadline: got %v", err)
	}
}

func TestSlowReader(t *testing.T) {
	e, cat := lake(t, Options{MaxTime: 300 * time.Millisecond, MaxRows: -1})
	r, err := e.Query(context.Background(), cat, "select range from range(10000000)")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	time.Sleep(600 * time.Millisecond)
	for r.Next() {
	}
	if kindOf(r.Err()) != KindTimeout {
		t.Errorf("got %v", r.Err())
	}
}

func TestRecursionBomb(t *testing.T) {
	e, cat := lake(t, Options{MaxShort: time.Second})
	for _, q := range []string{
		"with recursive t(x) as (select 1 union all select x + 1 from t) select count(*) from t",
		"with recursive t(x) as (select 1 union all select a.x from t a, t b) select count(*) from t",
		"with recursive t(x) as (select 1 union select x + 1 from t) select max(x) from t",
	} {
		start := time.Now()
		_, err := ask(e, cat, q)
		if k := kindOf(err); k != KindTimeout && k != KindMemory {
			t.Errorf("%s: got %v", q, err)
		}
		if took := time.Since(start); took > 8*time.Second {
			t.Errorf("%s: took %v", q, took)
		}
	}
}

// TestMemoryBombs runs queries that need more memory than there is, while a small
// one goes on.
func TestMemoryBombs(t *testing.T) {
	e, cat := lake(t, Options{MemoryLimit: 128 << 20, TempLimit: 64 << 20, MaxTime: 30 * time.Second})
	for _, q := range []string{
		"select list(a.range || ' ' || b.range) from range(10000000) a, range(100) b",
		"select count(distinct a.range || '-' || b.range) from range(10000000) a, range(100) b",
		"select a.range, b.range, a.range || 'x' s from range(1000000) a, range(100) b order by s desc",
		"select string_agg(a.range::varchar, ',') from range(10000000) a, range(100)",
		"with recursive t(x) as (select 'aaaaaaaaaaaaaaaa' union all select x || x from t) select max(length(x)) from t",
	} {
		done := make(chan error, 1)
		go func() { _, err := ask(e, cat, q); done <- err }()
		small := 0
		var err error
		for running := true; running; {
			select {
			case err = <-done:
				running = false
			default:
				if got, err := ask(e, cat, "select count(*) from flows where action = 'REJECT'"); err != nil && kindOf(err) != KindMemory {
					t.Errorf("beside %s: %q, %v", q, got, err)
				} else if err == nil {
					small++
				}
			}
		}
		if k := kindOf(err); k != KindMemory && k != KindTimeout && !(k == KindInvalid && runtime.GOOS != "linux") || k == KindMemory && !strings.Contains(err.Error(), "LIMIT") {
			t.Errorf("%s: kind %q: %v", q, k, err)
		}
		t.Logf("%d small queries beside %.60s: %v", small, q, err)
	}
	if got, err := ask(e, cat, "select count(*) from flows"); got != "1000" || err != nil {
		t.Errorf("afterwards: %q, %v", got, err)
	}
}

func TestAdmission(t *testing.T) {
	e, cat := lake(t, Options{MaxConcurrent: 1})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	gone := make(chan error, 1)
	go func() { _, err := e.Query(ctx, cat, endless); gone <- err }()
	for len(e.slots) == 0 {
		time.Sleep(time.Millisecond)
	}
	if got, err := ask(e, cat, "select 1"); got != "1" || err != nil {
		t.Errorf("a light query waits: %q, %v", got, err)
	}
	short, stop := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer stop()
	if _, err := e.Query(short, cat, "select count(*) from flows"); kindOf(err) != KindTimeout {
		t.Errorf("a heavy query did not wait: %v", err)
	}
	cancel()
	<-gone
	if got, err := ask(e, cat, "select count(*) from flows"); got != "1000" || err != nil {
		t.Errorf("the place was not given back: %q, %v", got, err)
	}
}

func TestManyAtOnce(t *testing.T) {
	e, cat := lake(t, Options{})
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for j := range 20 {
				c := cat
				c.ID = fmt.Sprint(i)
				q := []string{"select count(*) from flows", "select count(*) from rejected", "select sum(length(source_ip)) > 0 from flows, unnest(tags)", "select nope from flows"}[(i+j)%4]
				if _, err := ask(e, c, q); (err != nil) != strings.Contains(q, "nope") {
					t.Errorf("%s: %v", q, err)
				}
			}
		})
	}
	wg.Wait()
}

// TestUnread closes results in every state and looks for workers left behind.
func TestUnread(t *testing.T) {
	e, cat := lake(t, Options{})
	for _, q := range []string{"select 1", "select * from range(10000000)", "select * from flows", "show tables"} {
		for _, reads := range []int{0, 1, 3000} {
			r, err := e.Query(context.Background(), cat, q)
			if err != nil {
				t.Fatal(err)
			}
			for range reads {
				r.Next()
			}
			r.Close()
			r.Close()
			if r.Next() {
				t.Error("Next after Close")
			}
		}
	}
	e.workers.Wait()
	if len(e.slots) != 0 {
		t.Errorf("%d slots are still taken", len(e.slots))
	}
}
