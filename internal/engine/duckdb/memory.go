package duckdb

import (
	"bytes"
	"context"
	"os"
	"runtime/metrics"
	"strconv"
	"sync"
	"time"
)

// memoryGuard watches what DuckDB's limit does not count: the text and lists an
// expression makes (x || x in a recursion) are allocated outside of the buffer
// manager. When the process's memory outside of Go's heap passes the limit, the
// query that started last is stopped, if the memory grew while it ran. The guard
// sleeps while no query runs and does nothing where /proc is missing.
type memoryGuard struct {
	limit int64
	mu    sync.Mutex
	runs  []*guarded // in order of their start
	wake  chan struct{}
	done  chan struct{}
}

type guarded struct {
	start  int64 // memory when the query began
	cancel context.CancelCauseFunc
}

const (
	guardEvery  = 25 * time.Millisecond
	guardGrowth = 256 << 20 // a query that added less is not to blame
)

var errMemory = &Error{Kind: KindMemory, Msg: "the query needs more memory than it may use", Hint: adviceMemory}

func newMemoryGuard(limit int64) *memoryGuard {
	g := &memoryGuard{limit: limit*2 + 512<<20, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go g.loop()
	return g
}

func (g *memoryGuard) close() { close(g.done) }

// add begins to watch a query; the returned function ends it.
func (g *memoryGuard) add(cancel context.CancelCauseFunc) func() {
	r := &guarded{start: foreignMemory(), cancel: cancel}
	g.mu.Lock()
	g.runs = append(g.runs, r)
	g.mu.Unlock()
	select {
	case g.wake <- struct{}{}:
	default:
	}
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		for i, x := range g.runs {
			if x == r {
				g.runs = append(g.runs[:i], g.runs[i+1:]...)
				break
			}
		}
	}
}

func (g *memoryGuard) loop() {
	for {
		select {
		case <-g.done:
			return
		case <-g.wake:
		}
		for g.look() {
			time.Sleep(guardEvery)
		}
	}
}

// look stops the youngest guilty query when memory is over the limit, and tells
// whether any query runs.
func (g *memoryGuard) look() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.runs) == 0 {
		return false
	}
	if now := foreignMemory(); now > g.limit {
		for i := len(g.runs) - 1; i >= 0; i-- {
			if r := g.runs[i]; now-r.start > guardGrowth {
				r.cancel(errMemory)
				break
			}
		}
	}
	return true
}

// foreignMemory is the resident memory of the process that Go did not allocate,
// in bytes; 0 where it is not known.
func foreignMemory() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	f := bytes.Fields(b)
	if len(f) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(f[1]), 10, 64)
	if err != nil {
		return 0
	}
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return pages*int64(os.Getpagesize()) - int64(s[0].Value.Uint64()) + int64(s[1].Value.Uint64())
}
