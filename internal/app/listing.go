package app

import (
	"context"
	"io"
	"iter"
	"strings"
	"sync"

	"ashiato/internal/ingest"
	"ashiato/internal/service"
	"ashiato/internal/source"
)

// lookAhead is how many objects are listed before they are read: enough for most runs to know early how
// much there is, at 4 MB.
const lookAhead = 32 << 10

// listing lists what arguments name, ahead of its being read, and counts.
type listing struct {
	args  []string
	opt   source.Options
	fixed []source.Object // in place of args

	mu sync.Mutex
	n  service.IngestProgress
}

type listed struct {
	object source.Object
	err    error
}

// progress returns a run's progress with what is listed.
func (l *listing) progress(p ingest.Progress) *service.IngestProgress {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.n
	n.Progress = p
	return &n
}

// objects yields the objects of all arguments until ctx ends: one argument after the other, or all
// together when they are followed.
func (l *listing) objects(ctx context.Context) iter.Seq2[source.Object, error] {
	stop := ctx // outlives the listing: standard input is read after it
	return func(yield func(source.Object, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		queue := make(chan listed, lookAhead)
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		list := func(args ...string) {
			wg.Go(func() {
				for _, arg := range args {
					for o, err := range source.Expand(ctx, arg, l.opt) {
						if err == nil && (o.URI == "-" || o.Size < 0 && strings.HasPrefix(o.URI, "file:")) {
							o.Open = interruptible(stop, o.Open)
						}
						if !l.send(ctx, queue, o, err) {
							return
						}
					}
				}
			})
		}
		switch {
		case l.fixed != nil:
			wg.Go(func() {
				for _, o := range l.fixed {
					l.send(ctx, queue, o, nil)
				}
			})
		case l.opt.Follow:
			for _, arg := range l.args {
				list(arg)
			}
		default:
			list(l.args...)
		}
		go func() {
			wg.Wait()
			l.mu.Lock()
			l.n.Complete = true
			l.mu.Unlock()
			close(queue)
		}()
		for x := range queue {
			if ctx.Err() != nil {
				return
			}
			l.mu.Lock()
			l.n.Handed += max(x.object.Size, 0)
			l.mu.Unlock()
			if !yield(x.object, x.err) {
				return
			}
		}
	}
}

func (l *listing) send(ctx context.Context, queue chan<- listed, o source.Object, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	if err == nil {
		l.mu.Lock()
		l.n.Listed++
		l.n.ListedSize += max(o.Size, 0)
		l.mu.Unlock()
	}
	select {
	case queue <- listed{o, err}:
		return true
	case <-ctx.Done():
		return false
	}
}

// interruptible lets a read of standard input or a pipe, which may wait for ever, end with ctx. Opening a pipe
// to which nobody writes waits too.
func interruptible(ctx context.Context, open func(context.Context) (io.ReadCloser, error)) func(context.Context) (io.ReadCloser, error) {
	return func(c context.Context) (io.ReadCloser, error) {
		pr, pw := io.Pipe()
		go func() {
			r, err := open(c)
			if err != nil {
				pw.CloseWithError(err)
				return
			}
			_, err = io.CopyBuffer(pw, r, make([]byte, 1<<20))
			pw.CloseWithError(err)
			r.Close()
		}()
		stop := context.AfterFunc(ctx, func() { pw.CloseWithError(ctx.Err()) })
		return &stoppable{pr, stop}, nil
	}
}

type stoppable struct {
	*io.PipeReader
	stop func() bool
}

func (s *stoppable) Close() error {
	s.stop()
	return s.PipeReader.Close()
}
