package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"ashiato/internal/engine/duckdb"
	"ashiato/internal/engine/scan"
	"ashiato/internal/ingest"
	"ashiato/internal/lake"
	"ashiato/internal/service"
)

// workspace is one lake with its engines. Its lake is opened when it is first needed.
type workspace struct {
	app  *App
	name string
	dir  string

	mu       sync.Mutex
	lake     *lake.Lake // nil: not open, or nothing there yet
	readOnly bool
	scan     *scan.Engine
	retired  []*lake.Lake // read-only, in use by queries that began before the lake was opened for writing
	ingester *ingest.Ingester
	lock     *lake.Lock
	tables   *duckdb.Catalog // of the last snapshot

	compacting sync.Mutex

	turn chan struct{} // held by who is getting the writer's lock
}

// open opens the lake. Without write it must exist: fs.ErrNotExist says that it does not.
func (w *workspace) open(write bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lake != nil && !(write && w.readOnly) {
		return nil
	}
	var l *lake.Lake
	var err error
	if write {
		l, err = openWriting(w.dir)
	} else {
		l, err = lake.OpenReadOnly(w.dir)
	}
	if errors.Is(err, fs.ErrNotExist) && !write {
		return err
	}
	if err != nil {
		return &service.Error{Kind: service.Unavailable, Message: fmt.Sprintf("cannot open workspace %s: %v", w.name, err),
			Hint: "check that " + w.dir + " can be read and written by this user"}
	}
	if w.lake != nil {
		w.retired = append(w.retired, w.lake)
	}
	w.lake, w.readOnly, w.scan = l, !write, scan.New(l, w.app.types)
	return nil
}

// openWriting opens a lake. Two processes that create one at the same moment get in each other's way: SQLite
// does not wait while a database is switched to its write-ahead log.
func openWriting(dir string) (l *lake.Lake, err error) {
	for range 100 {
		if l, err = lake.Open(dir); err == nil || !strings.Contains(err.Error(), "database is locked") {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return l, err
}

// view returns the lake, its scan engine and a snapshot; l is nil while there is nothing.
func (w *workspace) view(ctx context.Context) (l *lake.Lake, e *scan.Engine, s *lake.Snapshot, err error) {
	w.mu.Lock()
	l, e = w.lake, w.scan
	w.mu.Unlock()
	if l == nil {
		return nil, nil, nil, nil
	}
	s, err = l.Snapshot(ctx)
	return l, e, s, err
}

func (w *workspace) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var err error
	for _, l := range w.retired {
		err = errors.Join(err, l.Close())
	}
	if w.lake != nil {
		err = errors.Join(err, w.lake.Close())
	}
	if w.lock != nil {
		err = errors.Join(err, w.lock.Unlock())
	}
	w.lake, w.retired, w.lock = nil, nil, nil
	return err
}

// writer opens the workspace for writing and takes the writer's lock, waiting for it: it returns what
// takes objects in, and release. A server keeps the lock.
func (w *workspace) writer(ctx context.Context, who string, waiting func(holder string)) (in *ingest.Ingester, release func(), err error) {
	if err := w.open(true); err != nil {
		return nil, nil, err
	}
	select {
	case w.turn <- struct{}{}:
		defer func() { <-w.turn }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	w.mu.Lock()
	l, lock, in := w.lake, w.lock, w.ingester
	w.mu.Unlock()
	if lock != nil && w.app.keep {
		return in, func() {}, nil
	}
	lock, err = l.WaitLock(ctx, who, func(holder error) {
		if waiting != nil {
			waiting(holder.Error())
		}
	})
	if err != nil {
		return nil, nil, err
	}
	if err := l.Sweep(ctx, lake.Grace); err != nil {
		lock.Unlock()
		return nil, nil, fmt.Errorf("clear workspace %s of leftovers: %w", w.name, err)
	}
	in = ingest.New(l, w.app.types)
	if !w.app.keep {
		return in, func() { lock.Unlock() }, nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lake == nil { // closed meanwhile
		lock.Unlock()
		return nil, nil, &service.Error{Kind: service.Unavailable, Message: "the server is stopping"}
	}
	w.lock, w.ingester = lock, in
	return in, func() {}, nil
}

// Status implements service.Service.
func (a *App) Status(ctx context.Context, name string) (service.Status, error) {
	w, err := a.reader(name)
	if err != nil {
		return service.Status{}, err
	}
	out := service.Status{Workspace: w.name, Types: []service.TypeStatus{}}
	l, _, _, err := w.view(ctx)
	if err != nil || l == nil {
		return out, err
	}
	types, err := l.Catalog.Status(ctx)
	if err != nil {
		return out, err
	}
	for _, t := range types {
		out.Types = append(out.Types, service.TypeStatus{TypeStatus: t, Lag: lag(t.Last)})
		sum(&out.Total, t)
	}
	out.Total.Lag = lag(out.Total.Last)
	out.Disk, err = diskSize(w.dir)
	return out, err
}

// diskSize adds up the files below a directory. Files that go away meanwhile do not count.
func diskSize(dir string) (int64, error) {
	var total int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if i, e := d.Info(); e == nil {
				total += i.Size()
			}
		}
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	})
	return total, err
}
