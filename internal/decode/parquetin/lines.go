// Package parquetin reads any Parquet file as newline-delimited JSON, so that
// logs delivered in Parquet (VPC flow logs, CloudFront v2, Security Lake) take
// the same road as all others.
//
// One row is one object on one line: columns in the order of the file under
// the names of the file, nulls left out, integers and decimals exact,
// timestamps RFC 3339 in UTC with microseconds, binary as text where it is
// UTF-8 and else in base64, NaN and infinities null, structs and maps as
// objects, lists as arrays (a null in a list stays null).
//
// Files are hostile input: sizes declared in them are compared with what the
// file can hold, memory and output are bounded, and a damaged file ends with an
// error after the rows before the damage.
package parquetin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// Errors that Lines and the reader it returns wrap.
var (
	// ErrCorrupt: the file is not Parquet, truncated or damaged.
	ErrCorrupt = errors.New("parquet file is corrupt")
	// ErrTooLarge: reading on would need more memory, or give more output for
	// its size, than is allowed.
	ErrTooLarge = errors.New("parquet file exceeds the limits")
)

const (
	// batchRows keeps a batch of a wide table within a few MB.
	batchRows = 1024
	// outputChunk is how much JSON is made at a time.
	outputChunk = 256 << 10
	// maxPage bounds one page, packed and plain. Writers aim at 1 MiB; a
	// dictionary page of large values may be a multiple of that.
	maxPage = 64 << 20
	// maxMemory bounds what Arrow holds for one file at any time.
	maxMemory = 1 << 30
	// maxRatio bounds JSON bytes by file bytes, once outputGrace have come out:
	// a page of a few bytes can claim two billion equal rows. Real tables of
	// repeated values stay below 1,000.
	maxRatio    = 10_000
	outputGrace = 256 << 20
)

// Magic is what a Parquet file starts and ends with.
const Magic = "PAR1"

// Lines opens the Parquet file of size bytes in r and returns its rows as JSON
// lines. Nothing but metadata is read at first; memory stays bounded by a page
// per column and a batch of rows. Reading ends with ctx's error when ctx ends.
// Close does not close r. The reader is not safe for concurrent use.
func Lines(ctx context.Context, r io.ReaderAt, size int64) (io.ReadCloser, error) {
	if err := CheckFooter(r, size); err != nil {
		return nil, err
	}
	l := &lines{ctx: ctx, fileSize: size, mem: &boundedAllocator{limit: maxMemory}}
	if err := guard(func() error { return l.open(r, size) }); err != nil {
		l.release()
		return nil, err
	}
	return l, nil
}

type lines struct {
	ctx      context.Context
	fileSize int64
	mem      *boundedAllocator
	records  pqarrow.RecordReader
	fields   []field
	batch    arrow.RecordBatch
	row      int
	wantRows int64 // according to the footer
	gotRows  int64
	buf      []byte // JSON not read yet is buf[off:]
	off      int
	made     int64
	err      error
}

func (l *lines) open(r io.ReaderAt, size int64) error {
	props := parquet.NewReaderProperties(l.mem)
	props.BufferedStreamEnabled = true // else whole column chunks are read into memory
	props.MaxCompressedPageSize, props.MaxUncompressedPageSize = maxPage, maxPage
	pf, err := file.NewParquetReader(io.NewSectionReader(r, 0, size), file.WithReadProps(props))
	if err != nil {
		return err
	}
	fr, err := pqarrow.NewFileReader(pf, pqarrow.ArrowReadProperties{BatchSize: batchRows}, l.mem)
	if err != nil {
		return err
	}
	for i := range pf.NumRowGroups() {
		rows := pf.MetaData().RowGroup(i).NumRows()
		if rows < 0 || l.wantRows+rows < 0 {
			return errors.New("negative number of rows")
		}
		l.wantRows += rows
	}
	if l.wantRows == 0 || pf.MetaData().Schema.NumColumns() == 0 {
		l.err = io.EOF
		return nil
	}
	if err := tryLeaves(l.ctx, fr, pf.NumRowGroups()); err != nil {
		return err
	}
	if l.records, err = fr.GetRecordReader(l.ctx, nil, nil); err != nil {
		return err
	}
	l.fields = fieldsOf(l.records.Schema().Fields())
	l.mem.armed.Store(true)
	return nil
}

// tryLeaves opens every nested column once on its own. arrow-go opens the parts
// of a struct in goroutines, where a panic could not be caught; what would panic
// there does so here first.
func tryLeaves(ctx context.Context, fr *pqarrow.FileReader, rowGroups int) error {
	groups := make([]int, rowGroups)
	for i := range groups {
		groups[i] = i
	}
	all := fr.Manifest.Fields
	defer func() { fr.Manifest.Fields = all }()
	var try func(f pqarrow.SchemaField) error
	try = func(f pqarrow.SchemaField) error {
		for _, c := range f.Children {
			if err := try(c); err != nil {
				return err
			}
		}
		if len(f.Children) > 0 {
			return nil
		}
		fr.Manifest.Fields = []pqarrow.SchemaField{f}
		rd, err := fr.GetFieldReader(ctx, 0, map[int]bool{f.ColIndex: true}, groups)
		if err != nil {
			return err
		}
		rd.Release()
		return nil
	}
	for _, f := range all {
		if len(f.Children) == 0 {
			continue
		}
		if err := try(f); err != nil {
			return err
		}
	}
	return nil
}

// Read gives JSON lines; io.EOF follows the last row.
func (l *lines) Read(p []byte) (int, error) {
	for l.off == len(l.buf) {
		if l.err != nil {
			return 0, l.err
		}
		l.buf, l.off = l.buf[:0], 0
		if l.err = guard(l.fill); l.err != nil {
			l.release()
		}
	}
	n := copy(p, l.buf[l.off:])
	l.off += n
	return n, nil
}

// Close frees the memory held for the file.
func (l *lines) Close() error {
	l.release()
	l.buf, l.off, l.err = nil, 0, os.ErrClosed
	return nil
}

func (l *lines) release() {
	// Releasing after a panic may find half-built structures.
	_ = guard(func() error {
		if l.batch != nil {
			l.batch.Release()
			l.batch = nil
		}
		if l.records != nil {
			l.records.Release()
			l.records = nil
		}
		return nil
	})
}

// fill makes the next chunk of JSON.
func (l *lines) fill() error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	if l.batch == nil {
		if err := l.nextBatch(); err != nil {
			return err
		}
	}
	rows := int(l.batch.NumRows())
	for ; l.row < rows && len(l.buf) < outputChunk; l.row++ {
		start := len(l.buf)
		buf, err := appendObject(l.buf, l.fields, l.batch.Columns(), l.row)
		if err != nil {
			l.buf = l.buf[:start]
			return err
		}
		l.buf = append(buf, '\n')
	}
	if l.row == rows {
		l.batch.Release()
		l.batch = nil
	}
	l.made += int64(len(l.buf))
	if l.made > outputGrace && l.made/maxRatio > l.fileSize {
		return fmt.Errorf("%w: %d bytes of JSON out of %d", ErrTooLarge, l.made, l.fileSize)
	}
	return nil
}

func (l *lines) nextBatch() error {
	b, err := l.records.Read()
	if err == io.EOF || err == nil && b == nil {
		if l.gotRows != l.wantRows {
			return fmt.Errorf("%d rows, the footer says %d", l.gotRows, l.wantRows)
		}
		return io.EOF
	}
	if err != nil {
		return err
	}
	// The reader keeps the batch only until its next call.
	b.Retain()
	l.batch, l.row = b, 0
	l.gotRows += b.NumRows()
	return nil
}

// guard runs f, gives its errors a kind, and turns a panic into ErrCorrupt.
// This is the one boundary where panics are caught: arrow-go trusts the
// structure of a file and panics on some damaged ones.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if e, ok := p.(error); ok {
				err = e
			} else {
				err = fmt.Errorf("%v", p)
			}
			err = withKind(err)
		}
	}()
	return withKind(f())
}

func withKind(err error) error {
	switch {
	case err == nil, err == io.EOF, errors.Is(err, ErrCorrupt), errors.Is(err, ErrTooLarge),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}
