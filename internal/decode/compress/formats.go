package compress

import (
	"bufio"
	"compress/bzip2"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// gzipPool keeps the window and tables (40 KB) of finished gzip streams.
var gzipPool = sync.Pool{New: func() any { return new(gzip.Reader) }}

// gzipStream reads all members of a gzip object. The library's own multi-member
// mode is not used because it fails on padding and garbage after the last one.
type gzipStream struct {
	z      *Reader
	br     *bufio.Reader
	zr     *gzip.Reader
	opened bool
}

func (z *Reader) newGzip(br *bufio.Reader) io.Reader {
	g := &gzipStream{z: z, br: br, zr: gzipPool.Get().(*gzip.Reader)}
	z.closers = append(z.closers, func() {
		gzipPool.Put(g.zr)
		g.zr = nil
	})
	return g
}

func (g *gzipStream) Read(p []byte) (int, error) {
	for {
		if !g.opened {
			if err := g.zr.Reset(g.br); err != nil {
				if err == io.EOF { // the first member was sniffed, so its header is cut
					err = io.ErrUnexpectedEOF
				}
				return 0, err
			}
			g.zr.Multistream(false)
			g.opened = true
		}
		n, err := g.zr.Read(p)
		if err != io.EOF {
			return n, err
		}
		if head, _ := g.br.Peek(3); Sniff(head) == Gzip {
			g.opened = false
			if n > 0 {
				return n, nil
			}
			continue
		}
		return n, g.z.drain(g.br)
	}
}

// drain reads what follows the compressed data and notes whether it is more
// than padding.
func (z *Reader) drain(r io.Reader) error {
	buf := make([]byte, 4<<10)
	for {
		n, err := r.Read(buf)
		for _, b := range buf[:n] {
			z.trailing = z.trailing || b != 0
		}
		if err != nil {
			return err
		}
	}
}

// tolerant ends a stream at garbage after its last part instead of failing.
type tolerant struct {
	z         *Reader
	r         io.Reader
	isGarbage func(error) bool
}

func (t *tolerant) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if err != nil && t.isGarbage(err) {
		t.z.trailing = true
		err = io.EOF
	}
	return n, err
}

func (z *Reader) newBzip2(br *bufio.Reader) io.Reader {
	// The first stream's magic was sniffed, so a wrong one can only follow a
	// complete stream. The standard library has no value for that error.
	return &tolerant{z: z, r: bzipStream{bzip2.NewReader(br), br}, isGarbage: func(err error) bool {
		var s bzip2.StructuralError
		return errors.As(err, &s) && strings.Contains(string(s), "bad magic value in continuation")
	}}
}

// bzipStream tells a cut stream from a damaged one: the library reads zeros
// after the end and then complains about a block's checksum.
type bzipStream struct {
	io.Reader
	br *bufio.Reader
}

func (b bzipStream) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && err != io.EOF && !strings.Contains(err.Error(), "file checksum") {
		if _, end := b.br.Peek(1); end == io.EOF {
			err = io.ErrUnexpectedEOF
		}
	}
	return n, err
}

func (z *Reader) newZstd(br *bufio.Reader) io.Reader {
	zr, err := newZstdDecoder(br)
	if err != nil {
		return failing{err}
	}
	z.closers = append(z.closers, zr.Close)
	return &tolerant{z: z, r: zr, isGarbage: func(err error) bool {
		return errors.Is(err, zstd.ErrMagicMismatch)
	}}
}

func newZstdDecoder(r io.Reader) (*zstd.Decoder, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxZstdWindow), zstd.WithDecoderMaxMemory(1<<62))
}

// failing is a reader that could not be set up.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
