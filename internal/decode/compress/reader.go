package compress

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zip"
)

// Reader streams the plain bytes of an object and says how it was packed.
//
// A zip archive is presented member after member: Read ends with io.EOF at the
// end of each, Next goes to the following one. All other formats are one
// member. Reader is not safe for concurrent use. It never closes the source.
type Reader struct {
	lim    Limits
	src    source
	format Format
	inner  Format

	cur      io.Reader // plain bytes of the current member
	curErr   error     // why the current member could not be opened
	closers  []func()  // of the current member
	trailing bool
	produced [maxLayers + 1]int64 // plain bytes by layer, all members together

	zip     *zip.Reader
	zipSize int64
	next    int
	depth   int // layer of the zip archive
	entry   string
	spool   *os.File
}

// maxLayers is how many layers of compression are unpacked.
const maxLayers = 2

// NewReader looks at the first bytes of r and returns a reader of what is
// packed in it, placed on the first member. size is the number of bytes in r,
// or -1 when unknown.
//
// Zip needs random access: r is used directly when it is an io.ReaderAt whose
// offset 0 is the start of the object and size is known (a file, a
// bytes.Reader); otherwise it is copied to a temporary file first, which Close
// removes.
func NewReader(r io.Reader, size int64, lim Limits) (*Reader, error) {
	z := &Reader{lim: lim.withDefaults(), src: source{r: r}}
	br := bufio.NewReaderSize(&z.src, 64<<10)
	var at io.ReaderAt
	if ra, ok := r.(io.ReaderAt); ok && size >= 0 {
		at = ra
	}
	if err := z.open(br, 0, at, size); err != nil {
		z.Close()
		return nil, err
	}
	return z, nil
}

// Format tells how the object itself is packed.
func (z *Reader) Format() Format { return z.format }

// Inner tells how the current member is packed once more inside, Plain if not.
func (z *Reader) Inner() Format { return z.inner }

// Entry is the name of the current zip member, empty for other formats. It is
// text from the object and not a safe path.
func (z *Reader) Entry() string { return z.entry }

// TrailingGarbage tells whether bytes other than zeros followed the compressed
// data and were left out. It is known once Read has returned io.EOF.
func (z *Reader) TrailingGarbage() bool { return z.trailing }

// CompressedBytes is how many bytes of the object have been read so far,
// including read-ahead.
func (z *Reader) CompressedBytes() int64 { return max(z.src.n, z.zipSize) }

// Read reads plain bytes of the current member.
func (z *Reader) Read(p []byte) (int, error) {
	if z.curErr != nil {
		return 0, z.curErr
	}
	n, err := z.cur.Read(p)
	if err != nil {
		z.curErr = err
	}
	return n, err
}

// Next goes to the next zip member, also when reading the current one failed
// or is not finished. It returns io.EOF when there is none. A member that cannot
// be opened gives its error from Read, not from Next.
func (z *Reader) Next() error {
	z.closeMember()
	z.cur, z.inner, z.entry = nil, Plain, ""
	if z.zip == nil {
		z.curErr = io.EOF
		return io.EOF
	}
	for z.next < len(z.zip.File) {
		f := z.zip.File[z.next]
		z.next++
		if f.FileInfo().IsDir() {
			continue
		}
		z.entry, z.curErr = f.Name, nil
		if err := z.openMember(f); err != nil {
			z.curErr = fmt.Errorf("zip member %q: %w", f.Name, err)
		}
		return nil
	}
	z.curErr = io.EOF
	return io.EOF
}

// Close frees buffers and temporary files; the source stays open.
func (z *Reader) Close() error {
	z.closeMember()
	if z.spool != nil {
		z.spool.Close()
		os.Remove(z.spool.Name())
		z.spool = nil
	}
	z.curErr = os.ErrClosed
	return nil
}

func (z *Reader) closeMember() {
	for i := len(z.closers) - 1; i >= 0; i-- {
		z.closers[i]()
	}
	z.closers = z.closers[:0]
}

// open puts the decompressor for what br holds in place, layer by layer.
func (z *Reader) open(br *bufio.Reader, depth int, at io.ReaderAt, size int64) error {
	head, _ := br.Peek(sniffLen) // an error shows again when reading
	f := Sniff(head)
	switch {
	case f == Plain:
		z.cur = br
		return nil
	case depth == maxLayers, f == Zip && z.zip != nil:
		return fmt.Errorf("%w: %s inside %d layers", ErrNested, f, depth)
	}
	if z.zip != nil || depth > 0 {
		z.inner = f
	} else {
		z.format = f
	}
	var r io.Reader
	switch f {
	case Zip:
		return z.openZip(br, depth, at, size)
	case Gzip:
		r = z.newGzip(br)
	case Bzip2:
		r = z.newBzip2(br)
	case Zstd:
		r = z.newZstd(br)
	}
	m := &meter{z: z, r: r, layer: depth + 1, what: f.String()}
	return z.open(bufio.NewReaderSize(m, 4<<10), depth+1, nil, -1)
}

// checkCost compares what one layer has put out with the limits.
func (z *Reader) checkCost(layer int) error {
	out := z.produced[layer]
	if out > z.lim.MaxBytes {
		return fmt.Errorf("%w of %d bytes", ErrTooLarge, z.lim.MaxBytes)
	}
	if in := z.CompressedBytes(); out > ratioGrace && out/z.lim.MaxRatio > in {
		return fmt.Errorf("%w: %d bytes out of %d, ratio over %d", ErrTooLarge, out, in, z.lim.MaxRatio)
	}
	return nil
}

// source counts the object's bytes and remembers its own failure.
type source struct {
	r   io.Reader
	n   int64
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.n += int64(n)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// meter counts what a decompressor puts out, stops it at the limits and gives
// its errors their kind.
type meter struct {
	z     *Reader
	r     io.Reader
	layer int
	what  string
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.z.produced[m.layer] += int64(n)
	if cost := m.z.checkCost(m.layer); cost != nil {
		return 0, cost
	}
	return n, wrapDecode(m.what, err, m.z.src.err)
}
