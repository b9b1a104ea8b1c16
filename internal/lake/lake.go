// Package lake holds the segments of one workspace and their life: opening, snapshots for readers,
// the writer's lock, compaction, retention and the clearing of what is left behind.
package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"ashiato/internal/lake/catalog"
	"ashiato/internal/lake/segment"
)

// Lake is an open workspace. It is safe for concurrent use.
type Lake struct {
	Catalog *catalog.Catalog
	dir     string
	budget  int64

	mu   sync.Mutex
	open map[string]*entry
	tick int64
}

type entry struct {
	seg  *segment.Segment
	refs int
	used int64
}

// DefaultMemory bounds what open segments hold in memory, in bytes.
const DefaultMemory = 384 << 20

// maxOpen bounds the number of open segment files.
const maxOpen = 2048

// Open opens the workspace in a directory and creates it when it does not exist.
func Open(dir string) (*Lake, error) {
	if err := os.MkdirAll(filepath.Join(dir, "lake"), 0o700); err != nil {
		return nil, fmt.Errorf("open workspace: %w", err)
	}
	c, err := catalog.Open(filepath.Join(dir, "catalog.db"))
	if err != nil {
		return nil, err
	}
	return newLake(dir, c), nil
}

// OpenReadOnly opens an existing workspace for reading. fs.ErrNotExist means that nothing was taken in
// there yet.
func OpenReadOnly(dir string) (*Lake, error) {
	path := filepath.Join(dir, "catalog.db")
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	c, err := catalog.OpenReadOnly(path)
	if err != nil {
		return nil, err
	}
	return newLake(dir, c), nil
}

func newLake(dir string, c *catalog.Catalog) *Lake {
	return &Lake{Catalog: c, dir: dir, budget: DefaultMemory, open: map[string]*entry{}}
}

// Dir returns the directory that segment paths count from.
func (l *Lake) Dir() string { return filepath.Join(l.dir, "lake") }

// TempDir returns a directory for files that do not outlive the process.
func (l *Lake) TempDir() (string, error) {
	d := filepath.Join(l.dir, "tmp")
	return d, os.MkdirAll(d, 0o700)
}

// DataPath returns the path of a segment's Parquet file.
func (l *Lake) DataPath(i segment.Info) string { return filepath.Join(l.Dir(), i.DataFile()) }

// Close closes all files.
func (l *Lake) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	for _, e := range l.open {
		err = errors.Join(err, e.seg.Close())
	}
	clear(l.open)
	return errors.Join(err, l.Catalog.Close())
}

// Snapshot is the lake at one moment: what a query sees, whatever is committed while it runs.
type Snapshot struct {
	ID       string
	Segments []segment.Info // newest event first
}

// Snapshot reads the live segments.
func (l *Lake) Snapshot(ctx context.Context) (*Snapshot, error) {
	segs, err := l.Catalog.Segments(ctx)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	for _, s := range segs {
		h.Write([]byte(s.ID))
	}
	return &Snapshot{ID: hex.EncodeToString(h.Sum(nil)[:16]), Segments: segs}, nil
}

// Acquire opens a segment, or finds it open. release must be called when its use ends. The error is a
// SidecarError when Repair can help.
func (l *Lake) Acquire(info segment.Info) (s *segment.Segment, release func(), err error) {
	l.mu.Lock()
	e := l.open[info.ID]
	if e == nil {
		l.mu.Unlock()
		s, err := segment.Open(l.DataPath(info), l.sidecarPath(info), info)
		if errors.Is(err, segment.ErrSidecar) {
			return nil, nil, &SidecarError{info, err}
		}
		if err != nil {
			return nil, nil, fmt.Errorf("open segment %s (%s, %s, %d events): %w", info.ID, info.Dataset, info.Day, info.Rows, err)
		}
		l.mu.Lock()
		if e = l.open[info.ID]; e != nil {
			s.Close()
		} else {
			e = &entry{seg: s}
			l.open[info.ID] = e
		}
	}
	e.refs++
	l.tick++
	e.used = l.tick
	l.mu.Unlock()
	return e.seg, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		e.refs--
		l.shrink()
	}, nil
}

// shrink closes the segments that have not been used for longest until the rest fits the budget.
func (l *Lake) shrink() {
	total := int64(0)
	for _, e := range l.open {
		total += e.seg.Memory()
	}
	for total > l.budget || len(l.open) > maxOpen {
		oldest := ""
		for id, e := range l.open {
			if e.refs == 0 && (oldest == "" || e.used < l.open[oldest].used) {
				oldest = id
			}
		}
		if oldest == "" {
			return
		}
		e := l.open[oldest]
		total -= e.seg.Memory()
		e.seg.Close()
		delete(l.open, oldest)
	}
}

// Lock is the right to change the lake. One process has it at a time; the kernel takes it back from a
// process that dies.
type Lock struct{ f *os.File }

// ErrLocked is wrapped by the error of TryLock when somebody else has the lock.
var ErrLocked = errors.New("another process is writing here")

// TryLock takes the writer's lock; who says what for, in a few words. The error names the holder.
func (l *Lake) TryLock(who string) (*Lock, error) {
	f, err := os.OpenFile(filepath.Join(l.dir, "writer.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the workspace: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		holder := make([]byte, 200)
		n, _ := f.ReadAt(holder, 0)
		f.Close()
		return nil, fmt.Errorf("%w: %s", ErrLocked, strings.TrimSpace(string(holder[:n])))
	}
	if err := f.Truncate(0); err == nil {
		_, err = f.WriteAt(fmt.Appendf(nil, "%s (process %d, since %s)\n", who, os.Getpid(), time.Now().Format(time.RFC3339)), 0)
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("lock the workspace: %w", err)
		}
	}
	return &Lock{f}, nil
}

// WaitLock takes the writer's lock, waiting for it. waiting is called once with the holder's name.
func (l *Lake) WaitLock(ctx context.Context, who string, waiting func(holder error)) (*Lock, error) {
	told := false
	for {
		k, err := l.TryLock(who)
		if err == nil || !errors.Is(err, ErrLocked) {
			return k, err
		}
		if !told {
			waiting(err)
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Unlock gives the lock back.
func (k *Lock) Unlock() error { return k.f.Close() }

// Grace is how long the files of replaced segments stay for queries that still read them.
const Grace = 10 * time.Minute

// Purge deletes the files of segments that were replaced or expired more than grace ago. The caller has the
// writer's lock.
func (l *Lake) Purge(ctx context.Context, grace time.Duration) error {
	dead, err := l.Catalog.Dead(ctx, time.Now().Add(-grace))
	if err != nil {
		return err
	}
	var gone []string
	for _, s := range dead {
		if err := errors.Join(removeIfThere(l.DataPath(s)), removeIfThere(l.sidecarPath(s))); err != nil {
			return err
		}
		gone = append(gone, s.ID)
	}
	return l.Catalog.Forget(ctx, gone)
}

// Sweep lets events expire whose time is over, purges, and deletes the files that a killed process left behind without committing them. The caller
// has the writer's lock and takes nothing in meanwhile.
func (l *Lake) Sweep(ctx context.Context, grace time.Duration) error {
	if _, err := l.Catalog.Expire(ctx, time.Now()); err != nil {
		return err
	}
	if err := l.Purge(ctx, grace); err != nil {
		return err
	}
	os.RemoveAll(filepath.Join(l.dir, "tmp"))
	return filepath.WalkDir(l.Dir(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		id := strings.TrimSuffix(strings.TrimSuffix(d.Name(), ".parquet"), ".idx")
		known, err := l.Catalog.Known(ctx, id)
		if err != nil || known {
			return err
		}
		return os.Remove(path)
	})
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
