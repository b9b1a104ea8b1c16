package compress

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zip"
)

// Methods of zip members besides stored and deflate (APPNOTE.TXT 4.4.5).
const (
	zipMethodBzip2 = 12
	zipMethodZstd  = 93
)

// directoryBytesPerMember bounds what is read while the directory is parsed:
// the library parses all of it before we can count its entries.
const directoryBytesPerMember = 1 << 10

func (z *Reader) openZip(br *bufio.Reader, depth int, at io.ReaderAt, size int64) error {
	if at == nil {
		var err error
		if at, size, err = z.spoolToDisk(br); err != nil {
			return err
		}
	}
	budget := &budgetReaderAt{r: at, left: int64(z.lim.MaxMembers)*directoryBytesPerMember + 1<<20}
	zr, err := zip.NewReader(budget, size)
	budget.left = -1
	switch {
	case errors.Is(err, zip.ErrInsecurePath): // names are never used as paths
	case err != nil:
		return wrapDecode("zip directory", err, z.src.err)
	}
	if len(zr.File) > z.lim.MaxMembers {
		return fmt.Errorf("%w of %d zip members", ErrTooLarge, z.lim.MaxMembers)
	}
	zr.RegisterDecompressor(zipMethodBzip2, func(r io.Reader) io.ReadCloser { return io.NopCloser(bzip2.NewReader(r)) })
	zr.RegisterDecompressor(zipMethodZstd, func(r io.Reader) io.ReadCloser {
		d, err := newZstdDecoder(r)
		if err != nil {
			return io.NopCloser(failing{err})
		}
		return d.IOReadCloser()
	})
	// From here on the closers belong to members; what lies under the archive
	// has been read to its end.
	z.closeMember()
	z.zip, z.depth = zr, depth
	if depth == 0 {
		z.zipSize = size
	}
	if err := z.Next(); err != nil && err != io.EOF {
		return err
	}
	return nil
}

func (z *Reader) openMember(f *zip.File) error {
	if f.Flags&1 != 0 {
		return fmt.Errorf("%w: encrypted", ErrUnsupported)
	}
	rc, err := f.Open()
	if err != nil {
		return wrapDecode("zip", err, nil)
	}
	z.closers = append(z.closers, func() { rc.Close() })
	if z.depth > 0 {
		z.inner = Zip
	}
	m := &meter{z: z, r: rc, layer: z.depth + 1, what: "zip"}
	return z.open(bufio.NewReaderSize(m, 4<<10), z.depth+1, nil, -1)
}

// spoolToDisk copies r to a temporary file.
func (z *Reader) spoolToDisk(r io.Reader) (io.ReaderAt, int64, error) {
	f, err := os.CreateTemp("", "ashiato-zip-*")
	if err != nil {
		return nil, 0, fmt.Errorf("spool zip archive: %w", err)
	}
	z.spool = f
	n, err := io.Copy(f, io.LimitReader(r, z.lim.MaxBytes+1))
	if err != nil {
		return nil, 0, fmt.Errorf("spool zip archive: %w", err)
	}
	if n > z.lim.MaxBytes {
		return nil, 0, fmt.Errorf("%w of %d bytes: zip archive", ErrTooLarge, z.lim.MaxBytes)
	}
	return f, n, nil
}

// budgetReaderAt fails once more than left bytes were read; negative is without
// bound.
type budgetReaderAt struct {
	r    io.ReaderAt
	left int64
}

func (b *budgetReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if b.left >= 0 {
		if b.left -= int64(len(p)); b.left < 0 {
			b.left = 0
			return 0, fmt.Errorf("%w: zip directory", ErrTooLarge)
		}
	}
	return b.r.ReadAt(p, off)
}
