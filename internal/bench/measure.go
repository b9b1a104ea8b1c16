package bench

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Timing is how long a question took. Warm runs ask with another needle each time where there are several.
type Timing struct {
	Name   string  `json:"name"`
	Runs   int     `json:"runs"` // warm
	Hits   int64   `json:"hits"` // of the last run
	Cold   float64 `json:"cold_ms"`
	Median float64 `json:"median_ms"`
	P95    float64 `json:"p95_ms"`
	Max    float64 `json:"max_ms"`
	First  float64 `json:"first_row_ms,omitempty"` // median time to the first row, warm
	goal   float64 // ms for P95, 0: none
}

// question is one thing to measure: ask answers the i-th form of it and checks the answer.
type question struct {
	name string
	goal float64 // ms
	runs int     // 0: the default
	ask  func(ctx context.Context, s Asked, i int) (answer, error)
}

// answer is what a question found.
type answer struct {
	hits  int64
	first time.Duration // until the first row; 0 when there are no rows
}

// measure asks a question cold and then warm.
func (b *searching) measure(ctx context.Context, q question) (Timing, error) {
	runs := q.runs
	if runs == 0 {
		runs = b.opt.Runs
	}
	t := Timing{Name: q.name, Runs: runs, goal: q.goal}
	if err := b.reopen(); err != nil {
		return t, err
	}
	var warm, firsts []float64
	for i := range runs + 1 {
		start := time.Now()
		a, err := q.ask(ctx, b.service, i)
		took := ms(time.Since(start))
		if err != nil {
			return t, fmt.Errorf("%s: %w", q.name, err)
		}
		t.Hits = a.hits
		if i == 0 {
			t.Cold = took
			continue
		}
		warm = append(warm, took)
		if a.first > 0 {
			firsts = append(firsts, ms(a.first))
		}
	}
	slices.Sort(warm)
	t.Median, t.P95, t.Max = quantile(warm, 50), quantile(warm, 95), warm[len(warm)-1]
	if len(firsts) > 0 {
		slices.Sort(firsts)
		t.First = quantile(firsts, 50)
	}
	return t, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// quantile returns the smallest of sorted values that p percent do not exceed.
func quantile[T cmp.Ordered](sorted []T, p int) T {
	return sorted[max((len(sorted)*p+99)/100-1, 0)]
}

// reopen closes the lake, asks the system to forget its files and opens it again.
func (b *searching) reopen() error {
	if b.close != nil {
		if err := b.close(); err != nil {
			return err
		}
		b.close = nil
	}
	if err := dropPages(b.lake); err != nil {
		return err
	}
	var err error
	b.service, b.close, err = b.opt.Open(b.lake)
	return err
}

// dropPages gives the cached pages of the files below a folder back to the system.
func dropPages(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
			return fmt.Errorf("drop the pages of %s: %w", path, err)
		}
		return nil
	})
}
