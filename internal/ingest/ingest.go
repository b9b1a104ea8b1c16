// Package ingest takes objects into the lake: it reads, decompresses, recognises, parses, and commits
// segments together with the objects that fed them.
//
// Exactly once: an object is known by its delivery (name, size, time or etag) and by the hash of its
// bytes, a record by its own id where it has one. What a commit holds becomes visible together or not at
// all, so a process may be killed at any moment.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"time"

	"ashiato/internal/lake"
	"ashiato/internal/lake/catalog"
	"ashiato/internal/logtype"
	"ashiato/internal/source"
)

// Options steer a run. Zero fields mean the defaults.
type Options struct {
	Type      string        // take every object for this log type
	Workers   int           // default: one per CPU
	MaxRecord int           // bytes, default decode.DefaultMaxRecord
	EveryTime time.Duration // commit at least this often, for runs that follow; default 5 s
	Progress  func(Progress)
	OnError   func(uri string, err error) // an object that could not be read
}

// Progress counts what a run has done so far.
type Progress struct {
	Objects    int64         `json:"objects"`    // taken in
	Known      int64         `json:"known"`      // had been taken in before, by name or by content
	Failed     int64         `json:"failed"`     // could not be read
	Events     int64         `json:"events"`     // new in the lake
	Rejects    int64         `json:"rejects"`    // records
	Duplicates int64         `json:"duplicates"` // records whose id was in the lake already
	Bytes      int64         `json:"bytes"`      // as delivered
	PlainBytes int64         `json:"plain_bytes"`
	Elapsed    time.Duration `json:"elapsed_ns"`
	Committed  int64         `json:"committed"` // events that are safe
}

// Ingester takes objects into one lake. The caller holds the lake's writer lock.
type Ingester struct {
	lake  *lake.Lake
	types *logtype.Catalog
	dedup *dedup

	mu      sync.Mutex
	claimed map[string]bool // object ids that this process is taking in
}

// New returns an ingester.
func New(l *lake.Lake, types *logtype.Catalog) *Ingester {
	return &Ingester{lake: l, types: types, dedup: newDedup(l), claimed: map[string]bool{}}
}

// run is one call of Run.
type run struct {
	in       *Ingester
	opt      Options
	forced   *logtype.Compiled
	started  time.Time
	progress Progress
	mu       sync.Mutex // progress and late
	late     []catalog.Delivery
}

// Run takes in all objects. Objects that cannot be read are counted and reported, the others go on; an
// error that concerns the lake stops everything. What was committed before stays.
func (in *Ingester) Run(ctx context.Context, objects iter.Seq2[source.Object, error], opt Options) (Progress, error) {
	r := &run{in: in, opt: opt, started: time.Now()}
	if opt.Type != "" {
		if r.forced = in.types.Get(opt.Type); r.forced == nil {
			return Progress{}, fmt.Errorf("there is no log type %q: see ashiato types", opt.Type)
		}
	}
	if opt.Workers <= 0 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan source.Object, 4*opt.Workers)
	var wg sync.WaitGroup
	for range opt.Workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			w := newWorker(r)
			defer w.close()
			if err := w.loop(ctx, queue); err != nil {
				cancel(err)
			}
		}()
	}
	go r.report(ctx)
	r.feed(ctx, objects, queue)
	close(queue)
	wg.Wait()
	err := context.Cause(ctx)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = context.Canceled
	}
	if err == nil && len(r.late) > 0 {
		err = in.lake.Catalog.Apply(context.WithoutCancel(ctx), &catalog.Commit{Deliveries: r.late})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress.Elapsed = time.Since(r.started)
	return r.progress, err
}

// feed sends objects that were not delivered before to the workers.
func (r *run) feed(ctx context.Context, objects iter.Seq2[source.Object, error], queue chan<- source.Object) {
	for o, err := range objects {
		if err != nil {
			r.fail(o.URI, err)
			continue
		}
		if o.URI != "-" {
			known, err := r.in.lake.Catalog.Delivered(ctx, o.ID())
			if err != nil && ctx.Err() == nil {
				r.fail(o.URI, err)
				continue
			}
			if known {
				r.count(func(p *Progress) { p.Known++ })
				continue
			}
		}
		select {
		case queue <- o:
		case <-ctx.Done():
			return
		}
	}
}

func (r *run) fail(uri string, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	r.count(func(p *Progress) { p.Failed++ })
	if r.opt.OnError != nil {
		r.opt.OnError(uri, err)
	}
}

func (r *run) count(f func(*Progress)) {
	r.mu.Lock()
	f(&r.progress)
	r.mu.Unlock()
}

// report calls Progress twice a second.
func (r *run) report(ctx context.Context) {
	if r.opt.Progress == nil {
		return
	}
	t := time.NewTicker(500 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			r.mu.Lock()
			p := r.progress
			r.mu.Unlock()
			p.Elapsed = time.Since(r.started)
			r.opt.Progress(p)
		}
	}
}

// claim reserves an object for this process; false means that another worker has it.
func (in *Ingester) claim(id string) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.claimed[id] {
		return false
	}
	in.claimed[id] = true
	return true
}

func (in *Ingester) unclaim(id string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.claimed, id)
}
