package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"

	"ashiato/internal/source"
)

// maxWhole is the largest object, as delivered, that is held in memory whole.
const maxWhole = 32 << 20

// objectData is an object's bytes as delivered: in memory, or in a file.
type objectData struct {
	id    string
	size  int64
	head  []byte
	whole []byte
	file  *os.File
	temp  bool
}

func (d *objectData) open() (io.Reader, error) {
	if d.whole != nil {
		return bytes.NewReader(d.whole), nil
	}
	_, err := d.file.Seek(0, io.SeekStart)
	return d.file, err
}

func (d *objectData) close() {
	if d.file != nil {
		d.file.Close()
		if d.temp {
			os.Remove(d.file.Name())
		}
	}
}

// read fetches an object and hashes it. Large ones that are not files go to a temporary file.
func (w *worker) read(ctx context.Context, o source.Object) (*objectData, error) {
	r, err := o.Open(ctx)
	if err != nil {
		return nil, err
	}
	keep := false
	defer func() {
		if !keep {
			r.Close()
		}
	}()
	if w.whole, err = readUpTo(w.whole[:0], r, maxWhole+1, o.Size); err != nil {
		return nil, err
	}
	if len(w.whole) <= maxWhole {
		sum := sha256.Sum256(w.whole)
		return &objectData{id: hex.EncodeToString(sum[:16]), size: int64(len(w.whole)), head: w.whole[:min(len(w.whole), 64)], whole: w.whole}, nil
	}
	d := &objectData{head: bytes.Clone(w.whole[:64])}
	h := sha256.New()
	h.Write(w.whole)
	if f, isFile := r.(*os.File); isFile {
		n, err := io.Copy(h, f)
		if err != nil {
			return nil, err
		}
		keep = true
		d.file, d.size = f, n+int64(len(w.whole))
	} else if err := w.spool(d, h, r); err != nil {
		d.close()
		return nil, err
	}
	w.whole = nil
	d.id = hex.EncodeToString(h.Sum(nil)[:16])
	return d, nil
}

func (w *worker) spool(d *objectData, h io.Writer, r io.Reader) error {
	dir, err := w.in.lake.TempDir()
	if err != nil {
		return err
	}
	if d.file, err = os.CreateTemp(dir, "object-"); err != nil {
		return err
	}
	d.temp = true
	if _, err = d.file.Write(w.whole); err != nil {
		return err
	}
	n, err := io.Copy(io.MultiWriter(h, d.file), r)
	d.size = n + int64(len(w.whole))
	return err
}

// readUpTo appends at most max bytes of r to dst; size is a hint.
func readUpTo(dst []byte, r io.Reader, max, size int64) ([]byte, error) {
	if size > 0 && size < max && int64(cap(dst)) <= size {
		dst = make([]byte, 0, size+size/8+512)
	}
	for int64(len(dst)) < max {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := r.Read(dst[len(dst):min(int64(cap(dst)), max)])
		dst = dst[:len(dst)+n]
		if err == io.EOF {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// grownFrom finds out whether the object is what was taken in under the same name before, with more at
// its end: then the records that are in the lake already are skipped. It returns how many.
func (w *worker) grownFrom(ctx context.Context, o source.Object, d *objectData) (skip int64, err error) {
	if o.URI == "-" {
		return 0, nil
	}
	last, err := w.in.lake.Catalog.LastAt(ctx, o.URI)
	if err != nil || last == nil || last.Bytes >= d.size || last.Bytes == 0 {
		return 0, err
	}
	h := sha256.New()
	if d.whole != nil {
		h.Write(d.whole[:last.Bytes])
	} else {
		r, err := d.open()
		if err != nil {
			return 0, err
		}
		if _, err := io.CopyN(h, r, last.Bytes); err != nil {
			return 0, err
		}
	}
	if hex.EncodeToString(h.Sum(nil)[:16]) != last.ID {
		return 0, nil
	}
	return last.Records, nil
}
