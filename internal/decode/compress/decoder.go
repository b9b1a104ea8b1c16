package compress

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"github.com/klauspost/compress/flate"
)

// Decoder unpacks whole gzip objects in memory. It keeps its tables and window
// between objects and allocates nothing per object once dst has grown. It is
// not safe for concurrent use: one per worker.
type Decoder struct {
	src bytes.Reader
	inf io.ReadCloser
}

// maxTrustedRatio caps how far the length in the trailer is believed when dst
// is grown for the first time; a lying trailer costs at most this.
const maxTrustedRatio = 32

// Gunzip appends the plain bytes of the gzip object src to dst, at most max of
// them, and returns the extended slice, which may share dst's memory. All
// members are unpacked; zero padding and garbage after the last one are left
// out, as gzip(1) does.
//
// It returns dst unchanged and ErrUseReader when src is not gzip, is packed
// twice or holds more than max plain bytes. With ErrTruncated and ErrCorrupt
// the result holds what could be decoded.
func (d *Decoder) Gunzip(dst, src []byte, max int) ([]byte, error) {
	if Sniff(src) != Gzip {
		return dst, fmt.Errorf("%w: not gzip", ErrUseReader)
	}
	base := len(dst)
	end := base + max
	hint := 0
	if len(src) >= 18 {
		hint = int(min(uint64(binary.LittleEndian.Uint32(src[len(src)-4:])), uint64(len(src))*maxTrustedRatio, uint64(max)))
	}
	// One byte more than the trailer says, so that the end shows without growing.
	dst = slices.Grow(dst, hint+1)

	for rest := src; ; {
		n, err := gzipHeaderLen(rest)
		start := len(dst)
		if err == nil {
			d.src.Reset(rest[n:])
			dst, err = d.inflate(dst, end)
		}
		if errors.Is(err, ErrUseReader) {
			return dst[:base], err
		}
		if err != nil {
			return dst, err
		}
		if base < len(dst) && start == base && Sniff(dst[base:]) != Plain {
			return dst[:base], fmt.Errorf("%w: packed twice", ErrUseReader)
		}
		trailer := rest[len(rest)-d.src.Len():]
		if len(trailer) < 8 {
			return dst, fmt.Errorf("%w: gzip trailer is missing", ErrTruncated)
		}
		plain := dst[start:]
		if binary.LittleEndian.Uint32(trailer) != crc32.ChecksumIEEE(plain) ||
			binary.LittleEndian.Uint32(trailer[4:]) != uint32(len(plain)) {
			return dst, fmt.Errorf("%w: gzip checksum or length does not match", ErrCorrupt)
		}
		rest = trailer[8:]
		if Sniff(rest) != Gzip {
			return dst, nil
		}
	}
}

// inflate appends the DEFLATE stream at d.src to dst up to length end.
func (d *Decoder) inflate(dst []byte, end int) ([]byte, error) {
	if d.inf == nil {
		d.inf = flate.NewReader(&d.src)
	} else if err := d.inf.(flate.Resetter).Reset(&d.src, nil); err != nil {
		return dst, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	for {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, max(64<<10, min(cap(dst), end-len(dst)+1)))
		}
		n, err := d.inf.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if len(dst) > end {
			return dst, fmt.Errorf("%w: more than the allowed plain bytes", ErrUseReader)
		}
		switch {
		case err == io.EOF:
			return dst, nil
		case err != nil:
			return dst, wrapDecode("gzip", err, nil)
		}
	}
}

var errShortHeader = fmt.Errorf("%w: gzip header", ErrTruncated)

// gzipHeaderLen returns the length of the member header at the start of b
// (RFC 1952, section 2.3).
func gzipHeaderLen(b []byte) (int, error) {
	const flagExtra, flagName, flagComment = 1 << 2, 1 << 3, 1 << 4
	short := errShortHeader
	if len(b) < 10 {
		return 0, short
	}
	if b[0] != 0x1f || b[1] != 0x8b || b[2] != 8 {
		return 0, fmt.Errorf("%w: gzip header", ErrCorrupt)
	}
	flags, n := b[3], 10
	if flags&^(flagExtra|flagName|flagComment) != 0 {
		// Text flag, header checksum, reserved bits: nobody who delivers logs sets them.
		return 0, fmt.Errorf("%w: gzip header flags %#x", ErrUseReader, flags)
	}
	if flags&flagExtra != 0 {
		if len(b) < n+2 {
			return 0, short
		}
		n += 2 + int(binary.LittleEndian.Uint16(b[n:]))
	}
	for _, f := range [...]byte{flagName, flagComment} {
		if flags&f == 0 {
			continue
		}
		if n > len(b) {
			return 0, short
		}
		i := bytes.IndexByte(b[n:], 0)
		if i < 0 {
			return 0, short
		}
		n += i + 1
	}
	if n > len(b) {
		return 0, short
	}
	return n, nil
}
