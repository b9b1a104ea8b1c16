package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"ashiato/internal/decode"
	"ashiato/internal/decode/compress"
	"ashiato/internal/decode/parquetin"
	"ashiato/internal/event"
	"ashiato/internal/lake/catalog"
	"ashiato/internal/lake/segment"
	"ashiato/internal/logtype"
	"ashiato/internal/source"
)

const (
	// maxPlainWhole is the largest decompressed object that is held in memory whole.
	maxPlainWhole = 128 << 20
	// maxBatchRows and maxBatchBytes bound what a worker collects before it writes segments. Larger
	// batches repeat less in dictionaries, smaller ones need less memory.
	maxBatchRows  = 250_000
	maxBatchBytes = 96 << 20
	// maxRejectBytes is how much of a rejected record is kept; rejects of whole unknown objects are
	// longer and can be read again where they came from.
	maxRejectBytes = 1 << 20
	// maxUnknownBytes is how much of an object of no known type is kept.
	maxUnknownBytes = 64 << 10
)

// worker takes objects one after another into batches of its own.
type worker struct {
	run       *run
	in        *Ingester
	batches   map[string]*typeBatch
	writer    *segment.Writer
	segReader *segment.Reader
	gunzip    compress.Decoder
	whole     []byte
	plain     []byte
	pending   pending
	cur       current
}

// pending is what the next commit will hold beside the rows in the batches.
type pending struct {
	flushed
	objects    []catalog.Object
	deliveries []catalog.Delivery
	rejects    []catalog.Reject
	spilled    bool // some flights have been under way since before this commit began
}

// current is the object being read.
type current struct {
	obj     catalog.Object
	tb      *typeBatch         // of the member being read
	first   map[*typeBatch]int // the object's first row in each batch it goes to
	early   flushed            // segments written in the middle of the object
	rejects []catalog.Reject
	ctx     context.Context
	skip    int64
}

func newWorker(r *run) *worker {
	return &worker{run: r, in: r.in, batches: map[string]*typeBatch{}, writer: segment.NewWriter(), segReader: segment.NewReader(),
		pending: pending{flushed: flushed{dropped: map[string]int64{}}}}
}

func (w *worker) close() {
	for _, f := range w.pending.flights {
		w.in.dedup.land(f, context.Canceled)
	}
}

func (w *worker) loop(ctx context.Context, queue <-chan source.Object) error {
	every := w.run.opt.EveryTime
	if every <= 0 {
		every = 5 * time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			if err := w.commit(ctx); err != nil {
				return err
			}
		case o, ok := <-queue:
			if !ok {
				return w.commit(ctx)
			}
			if err := w.take(ctx, o); err != nil {
				return err
			}
			if w.full() {
				if err := w.commit(ctx); err != nil {
					return err
				}
			}
		}
	}
}

func (w *worker) full() bool {
	size, rows := 0, 0
	for _, tb := range w.batches {
		size += tb.batch.Bytes()
		rows += tb.batch.N
	}
	return size > maxBatchBytes || rows > maxBatchRows || len(w.pending.rejects) > 10_000
}

// take reads one object. The error it returns concerns the lake; what concerns the object is reported.
func (w *worker) take(ctx context.Context, o source.Object) error {
	data, err := w.read(ctx, o)
	if err != nil {
		w.run.fail(o.URI, err)
		return ctx.Err()
	}
	defer data.close()
	delivery := catalog.Delivery{ID: o.ID(), Object: data.id, URI: o.URI}
	known, err := w.in.lake.Catalog.ObjectByID(ctx, data.id)
	if err != nil {
		return err
	}
	if known != nil || !w.in.claim(data.id) {
		w.run.count(func(p *Progress) { p.Known++ })
		w.run.mu.Lock()
		w.run.late = append(w.run.late, delivery)
		w.run.mu.Unlock()
		return nil
	}
	skip, err := w.grownFrom(ctx, o, data)
	if err != nil {
		return err
	}
	w.cur = current{obj: catalog.Object{ID: data.id, URI: o.URI, Bytes: data.size}, first: map[*typeBatch]int{}, ctx: ctx, skip: skip, early: flushed{dropped: map[string]int64{}}}
	if data.whole == nil {
		// a large object commits by itself, so that it can be given up without touching others
		if err := w.commit(ctx); err != nil {
			return err
		}
	}
	err = w.parse(ctx, o, data)
	var lakeErr *lakeError
	switch {
	case errors.As(err, &lakeErr):
		return lakeErr.err
	case err != nil:
		w.giveUp()
		w.in.unclaim(data.id)
		w.run.fail(o.URI, err)
		return ctx.Err()
	}
	return w.finish(ctx, delivery)
}

// lakeError marks an error that is not the object's fault.
type lakeError struct{ err error }

func (e *lakeError) Error() string { return e.err.Error() }

// finish counts the object as taken in with the next commit.
func (w *worker) finish(ctx context.Context, d catalog.Delivery) error {
	c := &w.cur
	p := &w.pending
	c.obj.Rejects = int64(len(c.rejects))
	p.objects = append(p.objects, c.obj)
	p.deliveries = append(p.deliveries, d)
	p.rejects = append(p.rejects, c.rejects...)
	p.segments = append(p.segments, c.early.segments...)
	p.flights = append(p.flights, c.early.flights...)
	p.after = append(p.after, c.early.after...)
	for id, n := range c.early.dropped {
		p.dropped[id] += n
	}
	p.dups += c.early.dups
	early := len(c.early.flights) > 0 || len(c.early.segments) > 0
	w.run.count(func(p *Progress) {
		p.Objects++
		p.Events += c.obj.Events
		p.Rejects += c.obj.Rejects
		p.Bytes += c.obj.Bytes
		p.PlainBytes += c.obj.PlainBytes
	})
	w.cur = current{}
	if early {
		return w.commit(ctx)
	}
	return nil
}

// giveUp removes what the current object has left.
func (w *worker) giveUp() {
	c := &w.cur
	for tb, n := range c.first {
		tb.batch.Truncate(n)
	}
	for _, s := range c.early.segments {
		os.Remove(w.in.lake.DataPath(s))
		os.Remove(w.in.lake.Dir() + "/" + s.SidecarFile())
	}
	for _, f := range c.early.flights {
		w.in.dedup.land(f, errors.New("object given up"))
	}
	w.cur = current{}
}

// commit writes all rows that the batches hold and makes them, and the objects they came from, visible.
func (w *worker) commit(ctx context.Context) error {
	p := &w.pending
	if err := w.flush(ctx, w.plans(), &p.flushed); err != nil {
		return err
	}
	w.reset()
	if len(p.objects) == 0 && len(p.segments) == 0 && len(p.rejects) == 0 {
		return nil
	}
	for _, f := range p.after {
		// A worker that has spilled does not wait: the other one may be waiting for it. Should the other's
		// commit then fail, its object is taken in again with the record that was dropped here.
		if p.spilled || own(p.flights, f) {
			continue
		}
		select {
		case <-f.done:
			if f.err != nil {
				return fmt.Errorf("a commit that this one depends on failed: %w", f.err)
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for i := range p.objects {
		o := &p.objects[i]
		o.Duplicates = p.dropped[o.ID]
		o.Events -= o.Duplicates
	}
	err := w.in.lake.Catalog.Apply(ctx, &catalog.Commit{Segments: p.segments, Objects: p.objects, Deliveries: p.deliveries, Rejects: p.rejects})
	for _, f := range p.flights {
		w.in.dedup.land(f, err)
	}
	dups, events := p.dups, int64(0)
	for _, s := range p.segments {
		events += s.Rows
	}
	for _, o := range p.objects {
		w.in.unclaim(o.ID)
	}
	w.pending = pending{flushed: flushed{dropped: map[string]int64{}}}
	if err == nil {
		w.run.count(func(p *Progress) {
			p.Duplicates += dups
			p.Events -= dups
			p.Committed += events
		})
	}
	return err
}

// plans completes the rows in the batches and plans to write them all.
func (w *worker) plans() []plan {
	var out []plan
	for _, tb := range w.batches {
		w.prepare(tb)
		out = append(out, newPlan(tb, 0, tb.batch.N))
	}
	return out
}

// reset empties the batches.
func (w *worker) reset() {
	for _, tb := range w.batches {
		tb.batch.Reset()
	}
}

func own(flights []*flight, f *flight) bool {
	for _, o := range flights {
		if o == f {
			return true
		}
	}
	return false
}

// prepare fills the columns that are not the parser's.
func (w *worker) prepare(tb *typeBatch) {
	tb.c.Deriver.Run(tb.batch)
	tb.batch.Fill(event.CIngested, time.Now().UnixMicro())
}

// batch returns the worker's batch of a type.
func (w *worker) batch(c *logtype.Compiled) *typeBatch {
	tb := w.batches[c.Name]
	if tb == nil {
		b := event.NewBatch(c.Schema)
		tb = &typeBatch{c: c, batch: b, reader: c.NewReader(b)}
		w.batches[c.Name] = tb
	}
	return tb
}

// parse decompresses, recognises and parses the object.
func (w *worker) parse(ctx context.Context, o source.Object, d *objectData) error {
	if compress.Sniff(d.head) == compress.Gzip && d.whole != nil {
		plain, err := w.gunzip.Gunzip(w.plain[:0], d.whole, maxPlainWhole)
		if err == nil {
			w.plain = plain
			if !bytes.HasPrefix(plain, []byte(parquetin.Magic)) && compress.Sniff(plain) == compress.Plain {
				return w.records(o, decode.WholeWindow(plain, w.maxRecord()), int64(len(plain)))
			}
		}
		w.plain = w.plain[:0]
	} else if d.whole != nil && compress.Sniff(d.head) == compress.Plain && !bytes.HasPrefix(d.head, []byte(parquetin.Magic)) {
		return w.records(o, decode.WholeWindow(d.whole, w.maxRecord()), d.size)
	}
	return w.stream(ctx, o, d)
}

func (w *worker) maxRecord() int {
	if n := w.run.opt.MaxRecord; n > 0 {
		return n
	}
	return decode.DefaultMaxRecord
}

// stream parses an object of any packing without holding it whole.
func (w *worker) stream(ctx context.Context, o source.Object, d *objectData) error {
	r, err := d.open()
	if err != nil {
		return err
	}
	if bytes.HasPrefix(d.head, []byte(parquetin.Magic)) {
		lines, err := parquetin.Lines(ctx, r.(io.ReaderAt), d.size)
		if err != nil {
			return w.reject(nil, 0, 0, err)
		}
		defer lines.Close()
		return w.member(o, lines)
	}
	z, err := compress.NewReader(r, d.size, compress.Limits{})
	if err != nil {
		return w.damaged(err, 0)
	}
	defer z.Close()
	for {
		sub := o
		if e := z.Entry(); e != "" {
			sub.Key = o.Key + "/" + e
		}
		if err := w.member(sub, z); err != nil {
			return err
		}
		if err := z.Next(); err == io.EOF {
			return nil
		} else if err != nil {
			return w.damaged(err, w.cur.obj.PlainBytes)
		}
	}
}

func (w *worker) member(o source.Object, r io.Reader) error {
	counted := &countingReader{r: r}
	win := decode.NewWindow(counted, w.maxRecord())
	err := w.records(o, win, 0)
	w.cur.obj.PlainBytes += counted.n
	if err != nil {
		return err
	}
	if win.Err != nil {
		return w.damaged(win.Err, counted.n)
	}
	return nil
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// damaged decides about a stream that broke: bytes that are damaged as delivered become a reject and the
// records before them stay; a failure to read gives the object up, to be tried again.
func (w *worker) damaged(err error, offset int64) error {
	for _, e := range []error{compress.ErrTruncated, compress.ErrCorrupt, compress.ErrTooLarge, compress.ErrNested, compress.ErrUnsupported, parquetin.ErrCorrupt, parquetin.ErrTooLarge} {
		if errors.Is(err, e) {
			return w.reject(nil, w.cur.obj.Records, offset, err)
		}
	}
	return err
}

// records parses plain bytes.
func (w *worker) records(o source.Object, win *decode.Window, plain int64) error {
	c := &w.cur
	obj := logtype.Object{Key: o.Key, ModTime: o.ModTime}
	t := w.run.forced
	if t == nil {
		head := win.Head(logtype.HeadSize)
		if len(bytes.TrimSpace(head)) == 0 && win.Final {
			return nil
		}
		var err error
		if t, err = w.in.types.Recognise(&obj, head); err != nil {
			return w.unknown(win, err)
		}
	}
	tb := w.batch(t)
	if _, begun := c.first[tb]; !begun {
		c.first[tb] = tb.batch.N
	}
	c.tb = tb
	if c.obj.Dataset == "" {
		c.obj.Dataset = t.Name
	}
	c.obj.PlainBytes += plain
	n, err := tb.reader.Read(win, obj, c.obj.ID, c.obj.Records, c.skip, w)
	c.obj.Records += n
	return err
}

// unknown rejects an object of no known type.
func (w *worker) unknown(win *decode.Window, reason error) error {
	for !win.Final && len(win.Buf) < maxUnknownBytes && win.Fill() {
	}
	data := win.Buf[:min(len(win.Buf), maxUnknownBytes)]
	size := int64(len(win.Buf))
	c := &w.cur
	c.obj.Records++
	c.rejects = append(c.rejects, catalog.Reject{Object: c.obj.ID, URI: c.obj.URI, Reason: reason.Error(), Size: max(size, c.obj.Bytes), Data: append([]byte{}, data...)})
	for win.Fill() {
		win.Discard(len(win.Buf))
	}
	win.Discard(len(win.Buf))
	for win.Fill() {
		win.Discard(len(win.Buf))
	}
	return nil
}

// Row implements logtype.Sink.
func (w *worker) Row() error {
	c := &w.cur
	c.obj.Events++
	if c.obj.Events&1023 != 0 {
		return nil
	}
	if err := c.ctx.Err(); err != nil {
		return err
	}
	b := c.tb.batch
	if b.N < 2*maxBatchRows && b.Bytes() < 2*maxBatchBytes {
		return nil
	}
	return w.spill()
}

// spill writes the batch in the middle of an object. Rows of earlier objects are committed on their own.
func (w *worker) spill() error {
	c := &w.cur
	tb := c.tb
	w.prepare(tb)
	w.pending.spilled = true
	if first := c.first[tb]; first > 0 {
		if err := w.flush(c.ctx, []plan{newPlan(tb, 0, first)}, &w.pending.flushed); err != nil {
			return &lakeError{err}
		}
	}
	if err := w.flush(c.ctx, []plan{newPlan(tb, c.first[tb], tb.batch.N)}, &c.early); err != nil {
		return &lakeError{err}
	}
	tb.batch.Reset()
	c.first[tb] = 0
	return nil
}

// Reject implements logtype.Sink.
func (w *worker) Reject(data []byte, position, offset int64, reason error) error {
	return w.reject(data, position, offset, reason)
}

func (w *worker) reject(data []byte, position, offset int64, reason error) error {
	c := &w.cur
	why := reason.Error()
	if len(why) > 500 {
		why = why[:500]
	}
	c.rejects = append(c.rejects, catalog.Reject{Object: c.obj.ID, URI: c.obj.URI, Dataset: c.obj.Dataset, Position: position, Offset: offset,
		Reason: why, Size: int64(len(data)), Data: append([]byte{}, data[:min(len(data), maxRejectBytes)]...)})
	return nil
}
