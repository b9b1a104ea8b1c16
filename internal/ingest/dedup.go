package ingest

import (
	"context"
	"hash/maphash"
	"sync"

	"ashiato/internal/event"
	"ashiato/internal/lake"
	"ashiato/internal/lake/segment"
	"ashiato/internal/lake/tokens"
)

// A dedup keeps each record that has an id of its own once per workspace, however many objects deliver
// it. A repeat has the event time of the first, so only row groups whose time range covers it are asked,
// by their filters first. Flushes that are not committed yet answer from memory.
type dedup struct {
	lake *lake.Lake

	mu      sync.Mutex
	flights []*flight
	seeds   [2]maphash.Seed
}

// A flight is a flush on its way to the catalog.
type flight struct {
	dataset string
	ids     idSet
	done    chan struct{} // closed when committed or failed
	err     error
}

func newDedup(l *lake.Lake) *dedup {
	return &dedup{lake: l, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
}

func (d *dedup) key(id []byte) [2]uint64 {
	return [2]uint64{maphash.Bytes(d.seeds[0], id), maphash.Bytes(d.seeds[1], id) | 1}
}

// filter removes rows whose id is known already from order, which is sorted by time. It returns the
// flight that announces the rest, the flights that hold some of the removed records, and the removed
// rows. The caller must wait for those flights to succeed before it commits that it has dropped their
// records, must land its own, and holds d.mu.
func (d *dedup) filter(ctx context.Context, b *event.Batch, idColumn int, order []uint32, r *segment.Reader) (kept []uint32, f *flight, after []*flight, dropped []uint32, err error) {
	col := &b.Cols[idColumn]
	f = &flight{dataset: b.Schema.Dataset, ids: newIDSet(len(order)), done: make(chan struct{})}
	segs, err := d.overlapping(ctx, b, order)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	defer func() {
		for _, s := range segs {
			s.release()
		}
	}()
	var hashes []uint64
	kept = order[:0]
next:
	for _, row := range order {
		id := col.BytesAt(int(row))
		if id == nil {
			kept = append(kept, row)
			continue
		}
		k := d.key(id)
		if f.ids.has(k) {
			dropped = append(dropped, row)
			continue
		}
		for _, o := range d.flights {
			if o.dataset != f.dataset {
				continue
			}
			if o.ids.has(k) {
				dropped = append(dropped, row)
				after = append(after, o)
				continue next
			}
		}
		if len(segs) > 0 {
			hashes = tokens.Append(hashes[:0], id)
			dup, err := d.stored(segs, b.Cols[event.CTimestamp].Int(int(row)), id, hashes, r)
			if err != nil {
				return nil, nil, nil, nil, err
			}
			if dup {
				dropped = append(dropped, row)
				continue
			}
		}
		f.ids.add(k)
		kept = append(kept, row)
	}
	d.flights = append(d.flights, f)
	return kept, f, after, dropped, nil
}

// land ends a flight: its rows are in the catalog, or err says why not.
func (d *dedup) land(f *flight, err error) {
	if f == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, o := range d.flights {
		if o == f {
			d.flights = append(d.flights[:i], d.flights[i+1:]...)
			break
		}
	}
	f.err = err
	close(f.done)
}

type stored struct {
	*segment.Segment
	column  int
	release func()
}

// overlapping opens the committed segments that may hold repeats of the rows.
func (d *dedup) overlapping(ctx context.Context, b *event.Batch, order []uint32) ([]stored, error) {
	if len(order) == 0 {
		return nil, nil
	}
	first := b.Cols[event.CTimestamp].Int(int(order[0]))
	last := b.Cols[event.CTimestamp].Int(int(order[len(order)-1]))
	infos, err := d.lake.Catalog.Segments(ctx)
	if err != nil {
		return nil, err
	}
	var out []stored
	for _, i := range infos {
		if i.Dataset != b.Schema.Dataset || i.MaxTime < first || i.MinTime > last {
			continue
		}
		s, release, err := d.lake.Acquire(i)
		if err != nil {
			return nil, err
		}
		if c := s.Column(event.ColID); c >= 0 {
			out = append(out, stored{s, c, release})
		} else {
			release()
		}
	}
	return out, nil
}

func (d *dedup) stored(segs []stored, at int64, id []byte, hashes []uint64, r *segment.Reader) (bool, error) {
	for _, s := range segs {
		if at < s.Info.MinTime || at > s.Info.MaxTime {
			continue
		}
		for g := range s.Groups {
			if at < s.Groups[g].MinTime || at > s.Groups[g].MaxTime {
				continue
			}
			if found, err := r.FindText(s.Segment, g, s.column, id, hashes); found || err != nil {
				return found, err
			}
		}
	}
	return false, nil
}

// idSet is a set of 128-bit hashes of ids, open-addressed, at most half full. The zero key is empty.
type idSet struct {
	table [][2]uint64
	mask  uint64
}

func newIDSet(n int) idSet {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return idSet{make([][2]uint64, size), uint64(size - 1)}
}

func (s *idSet) has(k [2]uint64) bool {
	for i := k[0] & s.mask; s.table[i] != [2]uint64{}; i = (i + 1) & s.mask {
		if s.table[i] == k {
			return true
		}
	}
	return false
}

// add adds a key that is not in the set; the set has room for as many as it was made for.
func (s *idSet) add(k [2]uint64) {
	i := k[0] & s.mask
	for s.table[i] != [2]uint64{} {
		i = (i + 1) & s.mask
	}
	s.table[i] = k
}
