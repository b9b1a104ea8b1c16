package lake

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"time"

	"ashiato/internal/event"
	"ashiato/internal/lake/parquet"
	"ashiato/internal/lake/segment"
)

const (
	// compactRows bounds a compacted segment: four row groups. Larger ones save no more bytes.
	compactRows = 4 * segment.GroupRows
	// compactBytes bounds the files that are merged at once, and so the memory it takes.
	compactBytes = 256 << 20
	compactRaw   = 1 << 30 // of the records as delivered: dictionaries have 32-bit offsets
)

// Compaction says what Compact did.
type Compaction struct {
	Merged  int   `json:"merged"`  // segments that went into others
	Made    int   `json:"made"`    // segments that came out
	Rows    int64 `json:"rows"`    //
	Before  int64 `json:"before"`  // bytes of the merged segments
	After   int64 `json:"after"`   // bytes of the new ones
	Skipped int   `json:"skipped"` // days that need it, left for the next run
}

// Compact merges the small segments of each log type and day that has at least atLeast of them. Readers
// keep what they hold: replaced files stay until Sweep. The caller has the writer's lock. schema returns the
// columns of a log type, nil for one that this program does not know (left alone).
func (l *Lake) Compact(ctx context.Context, atLeast int, schema func(dataset string) *event.Schema) (Compaction, error) {
	var done Compaction
	infos, err := l.Catalog.Segments(ctx)
	if err != nil {
		return done, err
	}
	type key struct{ dataset, day string }
	small := map[key][]segment.Info{}
	var order []key
	for _, i := range infos {
		if i.Rows > compactRows/2 {
			continue
		}
		k := key{i.Dataset, i.Day}
		if small[k] == nil {
			order = append(order, k)
		}
		small[k] = append(small[k], i)
	}
	for _, k := range order {
		s := schema(k.dataset)
		if len(small[k]) < max(atLeast, 2) || s == nil {
			continue
		}
		slices.SortFunc(small[k], func(a, b segment.Info) int {
			if a.MinTime < b.MinTime {
				return -1
			}
			return 1
		})
		for list := small[k]; len(list) > 1; {
			n, rows, bytes, raw := 0, int64(0), int64(0), int64(0)
			for n < len(list) && rows+list[n].Rows <= compactRows && bytes+list[n].Bytes <= compactBytes && raw+list[n].RawBytes <= compactRaw {
				rows, bytes, raw = rows+list[n].Rows, bytes+list[n].Bytes, raw+list[n].RawBytes
				n++
			}
			if n > 1 {
				if err := l.merge(ctx, s, list[:n], &done); err != nil {
					return done, fmt.Errorf("compact %s of %s: %w", k.dataset, k.day, err)
				}
			}
			list = list[max(n, 1):]
		}
	}
	return done, nil
}

// merge writes the events of several segments as one and swaps it in.
func (l *Lake) merge(ctx context.Context, s *event.Schema, old []segment.Info, done *Compaction) error {
	b := event.NewBatch(s)
	r := segment.NewReader()
	var ids []string
	info := segment.Info{Dataset: old[0].Dataset, Day: old[0].Day}
	for _, o := range old {
		seg, release, err := l.Acquire(o)
		if err != nil {
			return err
		}
		for g := range seg.Groups {
			if err = appendGroup(b, r, seg, g); err != nil {
				break
			}
		}
		seg.DropDicts()
		release()
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		ids = append(ids, o.ID)
		info.RawBytes += o.RawBytes
		done.Before += o.Bytes
	}
	times := b.Cols[event.CTimestamp].Ints
	order := make([]uint32, b.N)
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortStableFunc(order, func(x, y uint32) int {
		switch {
		case times[x] < times[y]:
			return -1
		case times[x] > times[y]:
			return 1
		}
		return 0
	})
	info, err := l.replace(ctx, segment.NewWriter(), ids, info, b, order)
	if err != nil {
		return err
	}
	done.Merged += len(old)
	done.Made++
	done.Rows += info.Rows
	done.After += info.Bytes
	return nil
}

// replace writes rows of a batch as a new segment, named by its age like all, and swaps it in for others.
func (l *Lake) replace(ctx context.Context, w *segment.Writer, old []string, info segment.Info, b *event.Batch, order []uint32) (segment.Info, error) {
	var random [8]byte
	rand.Read(random[:])
	info.ID = fmt.Sprintf("%012x%s", time.Now().UnixMilli(), hex.EncodeToString(random[:]))
	info, err := w.Write(l.Dir(), info, b, order)
	if err != nil {
		return info, err
	}
	if err := l.Catalog.Swap(ctx, old, []segment.Info{info}); err != nil {
		os.Remove(l.DataPath(info))
		os.Remove(l.sidecarPath(info))
		return info, err
	}
	return info, nil
}

// appendGroup adds the rows of a row group to a batch, dictionaries merged by value.
func appendGroup(b *event.Batch, r *segment.Reader, s *segment.Segment, g int) error {
	group := &s.Groups[g]
	places := s.Places(b.Schema)
	for i, col := range b.Schema.Columns {
		c := s.Column(col.Name)
		if c < 0 || group.IsNull(c) {
			continue
		}
		to := &b.Cols[i]
		for p := range group.Columns[c].Pages {
			remap := func(v []byte) ([]byte, error) { return v, nil }
			if i == event.CSkeleton {
				remap = func(v []byte) ([]byte, error) { return moveMarkers(v, places) }
			}
			if err := appendPage(b.N, to, col.Kind, r, s, g, c, p, remap); err != nil {
				return err
			}
		}
	}
	b.N += group.Rows
	return nil
}

// moveMarkers rewrites a skeleton whose markers count the columns of an older file.
func moveMarkers(skeleton []byte, places []int) ([]byte, error) {
	out := skeleton
	for i := 0; i+2 < len(skeleton); i++ {
		if skeleton[i] != event.Mark {
			continue
		}
		from := int(skeleton[i+1]) - 1
		if from < 0 || from >= len(places) || places[from] < 0 {
			return nil, fmt.Errorf("a record refers to column %d of its file, which this program does not know", from)
		}
		if places[from] != from {
			if &out[0] == &skeleton[0] {
				out = slices.Clone(skeleton)
			}
			out[i+1] = byte(places[from] + 1)
		}
		i += 2
	}
	return out, nil
}

func appendPage(base int, to *event.Col, kind event.Kind, r *segment.Reader, s *segment.Segment, g, c, p int, remap func([]byte) ([]byte, error)) error {
	page := s.Groups[g].Columns[c].Pages[p]
	row := base + page.FirstRow
	switch kind.Stored() {
	case event.StoreInt, event.StoreFloat:
		v, err := r.Ints(s, g, c, p)
		if err != nil {
			return err
		}
		for i, x := range v {
			if kind == event.Float {
				to.SetFloat(row+i, segment.Float(x))
			} else {
				to.SetInt(row+i, x)
			}
		}
	case event.StoreList:
		l, err := r.Lists(s, g, c, p)
		if err != nil {
			return err
		}
		var enc []byte
		for i := range page.Rows {
			enc = enc[:0]
			l.Each(i, func(e []byte) { enc = event.AppendList(enc, e) })
			if len(enc) > 0 {
				to.SetID(row+i, to.Dict.Intern(enc))
			}
		}
	default:
		if s.Groups[g].IsPlainText(c) {
			t, err := r.Texts(s, g, c, p)
			if err != nil {
				return err
			}
			for i := range t.Rows() {
				if v := t.Value(i); v != nil {
					if v, err = remap(v); err != nil {
						return err
					}
					to.SetID(row+i, to.Dict.Intern(v))
				}
			}
			return nil
		}
		d, err := r.Dict(s, g, c)
		if err != nil {
			return err
		}
		ids, err := r.Indices(s, g, c, p)
		if err != nil {
			return err
		}
		known := make([]uint32, d.Len()+1)
		for i, id := range ids {
			if id == 0 {
				continue
			}
			if int(id) > d.Len() {
				return parquet.ErrFormat
			}
			if known[id] == 0 {
				v, err := remap(d.Value(int(id - 1)))
				if err != nil {
					return err
				}
				known[id] = to.Dict.Intern(v)
			}
			to.SetID(row+i, known[id])
		}
	}
	return nil
}
