package ingest

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"ashiato/internal/decode"
	"ashiato/internal/event"
	"ashiato/internal/lake/catalog"
	"ashiato/internal/logtype"
)

// ReplayResult counts rejects.
type ReplayResult struct {
	Events     int64 `json:"events"`     // became events; of an object of unknown type, all its records
	Replayed   int64 `json:"replayed"`   // rejects that went away
	Duplicates int64 `json:"duplicates"` // events among them whose id was in the lake already
	Kept       int64 `json:"kept"`       // rejects that still cannot be parsed
	Incomplete int64 `json:"incomplete"` // rejects among those kept whose bytes were not kept whole
}

// replayBatch bounds the rejects of one commit.
const (
	replayRecords = 10_000
	replayBytes   = 64 << 20
)

// Replay parses rejected records again, as their own type or as typ when that is not empty. A record that
// becomes an event keeps its object and position; its reject goes away in the commit that adds the event.
func (in *Ingester) Replay(ctx context.Context, q catalog.RejectQuery, typ string) (ReplayResult, error) {
	var out ReplayResult
	var forced *logtype.Compiled
	if typ != "" {
		if forced = in.types.Get(typ); forced == nil {
			return out, fmt.Errorf("there is no log type %q: see ashiato types", typ)
		}
	}
	w := newWorker(&run{in: in})
	defer w.close()
	q.Data, q.Limit = true, 100
	var ids []int64
	records, size := 0, 0
	for {
		page, err := in.lake.Catalog.Rejects(ctx, q)
		if err != nil {
			return out, err
		}
		for i := range page {
			r := &page[i]
			q.After = r.ID
			n, whole := w.replay(r, forced)
			switch {
			case n > 0:
				ids = append(ids, r.ID)
				out.Events += n
			case !whole:
				out.Incomplete++
				fallthrough
			default:
				out.Kept++
			}
			records++
			size += len(r.Data)
		}
		if last := len(page) < q.Limit; last || records >= replayRecords || size >= replayBytes {
			dups, err := w.commitReplay(ctx, ids)
			if err != nil {
				return out, err
			}
			out.Replayed += int64(len(ids))
			out.Duplicates += dups
			out.Events -= dups
			if last {
				return out, nil
			}
			ids, records, size = ids[:0], 0, 0
		}
	}
}

// replay parses one reject into a batch. It returns how many rows that gave; whole says whether the
// bytes were there. A record gives exactly one row, an object that was of no known type any number.
func (w *worker) replay(r *catalog.Reject, t *logtype.Compiled) (rows int64, whole bool) {
	if len(r.Data) == 0 || r.Size > int64(len(r.Data)) {
		return 0, false
	}
	object := r.Dataset == ""
	obj := logtype.Object{Key: keyOf(r.URI), ModTime: r.Taken}
	if t == nil {
		t = w.in.types.Get(r.Dataset)
	}
	if t == nil {
		var err error
		if t, err = w.in.types.Recognise(&obj, r.Data[:min(len(r.Data), logtype.HeadSize)]); err != nil {
			return 0, true
		}
	}
	tb := w.batch(t)
	before := tb.batch.N
	s := &replaySink{}
	_, err := tb.reader.Read(decode.WholeWindow(r.Data, decode.DefaultMaxRecord), obj, r.Object, 0, 0, s)
	n := tb.batch.N - before
	if err != nil || s.rejects > 0 || n == 0 || n > 1 && !object {
		tb.batch.Truncate(before)
		return 0, true
	}
	offsets := tb.batch.Cols[event.CObjectOffset].Ints
	for i := before; i < tb.batch.N; i++ {
		offsets[i] = r.Position + int64(i-before)
	}
	return int64(n), true
}

// commitReplay makes the rows in the batches visible and removes the rejects they came from.
func (w *worker) commitReplay(ctx context.Context, ids []int64) (duplicates int64, err error) {
	out := flushed{dropped: map[string]int64{}}
	defer func() {
		for _, f := range out.flights {
			w.in.dedup.land(f, err)
		}
	}()
	if err := w.flush(ctx, w.plans(), &out); err != nil {
		return 0, err
	}
	w.reset()
	for _, f := range out.after {
		if own(out.flights, f) {
			continue
		}
		select {
		case <-f.done:
			if f.err != nil {
				return 0, fmt.Errorf("a commit that this one depends on failed: %w", f.err)
			}
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	if len(ids) == 0 {
		return 0, nil
	}
	return out.dups, w.in.lake.Catalog.Apply(ctx, &catalog.Commit{Segments: out.segments, Replayed: ids})
}

type replaySink struct{ rejects int }

func (s *replaySink) Row() error { return nil }

func (s *replaySink) Reject([]byte, int64, int64, error) error {
	s.rejects++
	return nil
}

// keyOf returns the key that an object with this URI was recognised by, as far as that is known.
func keyOf(uri string) string {
	if rest, ok := strings.CutPrefix(uri, "s3://"); ok {
		_, key, _ := strings.Cut(rest, "/")
		return key
	}
	if u, err := url.Parse(uri); err == nil && u.Scheme != "" {
		if u.Path != "" {
			return u.Path
		}
		if p, err := url.PathUnescape(u.Opaque); err == nil {
			return p
		}
	}
	return uri
}
