package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/klauspost/compress/zstd"
)

// ErrFormat is wrapped by errors about bytes that this package's writer cannot have written.
var ErrFormat = errors.New("damaged or foreign Parquet page")

// Decoder decodes pages. One goroutine uses it.
type Decoder struct {
	z     *zstd.Decoder
	body  []byte
	def   []uint32
	rep   []uint32
	idx   []uint32
	ints  []int64
	ranks []int
}

// NewDecoder returns a decoder.
func NewDecoder() *Decoder {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
	if err != nil {
		panic(err) // the options are constants
	}
	return &Decoder{z: z}
}

func (d *Decoder) inflate(compressed []byte, raw int) error {
	if raw < 0 || raw > 1<<30 {
		return fmt.Errorf("%w: page of %d bytes", ErrFormat, raw)
	}
	var err error
	if cap(d.body) < raw {
		d.body = make([]byte, 0, raw+raw/4)
	}
	if d.body, err = d.z.DecodeAll(compressed, d.body[:0]); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if len(d.body) != raw {
		return fmt.Errorf("%w: %d bytes where %d belong", ErrFormat, len(d.body), raw)
	}
	return nil
}

// TextDictionary decodes a dictionary page's body into an arena and the end of each value.
func (d *Decoder) TextDictionary(compressed []byte, raw, n int) (arena []byte, ends []uint32, err error) {
	if err := d.inflate(compressed, raw); err != nil {
		return nil, nil, err
	}
	b := d.body
	if n < 0 || n > len(b)/4 {
		return nil, nil, fmt.Errorf("%w: dictionary of %d values", ErrFormat, n)
	}
	arena, ends = make([]byte, 0, len(b)-4*n), make([]uint32, n)
	for i := range n {
		if len(b) < 4 {
			return nil, nil, ErrFormat
		}
		k := binary.LittleEndian.Uint32(b)
		if uint64(k) > uint64(len(b)-4) {
			return nil, nil, ErrFormat
		}
		arena = append(arena, b[4:4+k]...)
		ends[i] = uint32(len(arena))
		b = b[4+k:]
	}
	return arena, ends, nil
}

// IntDictionary decodes a dictionary page's body of 64-bit values.
func (d *Decoder) IntDictionary(compressed []byte, raw, n int) ([]int64, error) {
	if err := d.inflate(compressed, raw); err != nil {
		return nil, err
	}
	if len(d.body) != 8*n {
		return nil, ErrFormat
	}
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(binary.LittleEndian.Uint64(d.body[8*i:]))
	}
	return out, nil
}

// levels reads a level run with its length in front.
func levels(dst []uint32, b []byte, n, width int) (out []uint32, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, ErrFormat
	}
	k := binary.LittleEndian.Uint32(b)
	if uint64(k) > uint64(len(b)-4) {
		return nil, nil, ErrFormat
	}
	out, err = hybrid(dst[:0], b[4:4+k], n, width)
	return out, b[4+k:], err
}

// Indices decodes a page of dictionary indices of a column that is no list: one entry per row, 0 for
// null, else 1 + index.
func (d *Decoder) Indices(dst []uint32, compressed []byte, p Page) ([]uint32, error) {
	if err := d.inflate(compressed, p.Raw); err != nil {
		return nil, err
	}
	var b []byte
	var err error
	if d.def, b, err = levels(d.def, d.body, p.Values, 1); err != nil {
		return nil, err
	}
	if len(b) < 1 || b[0] > 32 {
		return nil, ErrFormat
	}
	present := 0
	for _, x := range d.def {
		present += int(x)
	}
	if d.idx, err = hybrid(d.idx[:0], b[1:], present, int(b[0])); err != nil {
		return nil, err
	}
	if present == p.Values {
		for _, x := range d.idx {
			dst = append(dst, x+1)
		}
		return dst, nil
	}
	k := 0
	for _, x := range d.def {
		if x == 0 {
			dst = append(dst, 0)
		} else {
			dst = append(dst, d.idx[k]+1)
			k++
		}
	}
	return dst, nil
}

// IndicesAt decodes the entries of a few rows, ascending, of a page of dictionary indices: it walks over the
// runs and unpacks only what is asked for.
func (d *Decoder) IndicesAt(dst []uint32, compressed []byte, p Page, rows []int) ([]uint32, error) {
	if err := d.inflate(compressed, p.Raw); err != nil {
		return nil, err
	}
	if len(d.body) < 4 {
		return nil, ErrFormat
	}
	b := d.body
	ranks := d.ranks[:0] // position among the values that are not null, -1 for null
	if run, k := binary.Uvarint(b[4:]); k > 0 && run == uint64(p.Values)<<1 && len(b) > 4+k {
		// one run: all present, or all null
		for _, r := range rows {
			if b[4+k] == 0 {
				r = -1
			}
			ranks = append(ranks, r)
		}
		n := binary.LittleEndian.Uint32(b)
		if uint64(n) > uint64(len(b)-4) {
			return nil, ErrFormat
		}
		b = b[4+n:]
	} else {
		var err error
		if d.def, b, err = levels(d.def, b, p.Values, 1); err != nil {
			return nil, err
		}
		rank, at := 0, 0
		for _, r := range rows {
			for ; at < r; at++ {
				rank += int(d.def[at])
			}
			if d.def[r] == 0 {
				ranks = append(ranks, -1)
			} else {
				ranks = append(ranks, rank)
			}
		}
	}
	d.ranks = ranks
	if len(b) < 1 || b[0] > 32 {
		return nil, ErrFormat
	}
	return hybridAt(dst, b[1:], int(b[0]), ranks)
}

// hybridAt decodes single values of the RLE / bit-packed hybrid encoding: for each position, ascending, 1 + the
// value, and 0 for the position -1.
func hybridAt(dst []uint32, b []byte, width int, positions []int) ([]uint32, error) {
	start, end := 0, 0 // positions of the current run
	packed := []byte(nil)
	var value uint32
	for _, pos := range positions {
		if pos < 0 {
			dst = append(dst, 0)
			continue
		}
		for pos >= end {
			head, k := binary.Uvarint(b)
			if k <= 0 || head < 2 || head>>1 > 1<<31 {
				return nil, ErrFormat
			}
			b = b[k:]
			start = end
			if head&1 == 0 {
				n := (width + 7) / 8
				if len(b) < n {
					return nil, ErrFormat
				}
				value, packed = 0, nil
				for i := range n {
					value |= uint32(b[i]) << (8 * i)
				}
				b = b[n:]
				end += int(head >> 1)
				continue
			}
			n := head >> 1 * uint64(width)
			if n > uint64(len(b)) {
				return nil, ErrFormat
			}
			packed, b = b[:n:n], b[n:]
			end += int(head>>1) * 8
		}
		if packed != nil {
			dst = append(dst, uint32(unpack(packed, (pos-start)*width, width))+1)
		} else {
			dst = append(dst, value+1)
		}
	}
	return dst, nil
}

// ListIndices decodes a page of a list column: for each row the end of its elements in elements.
func (d *Decoder) ListIndices(ends, elements []uint32, compressed []byte, p Page) (e, el []uint32, err error) {
	if err := d.inflate(compressed, p.Raw); err != nil {
		return nil, nil, err
	}
	var b []byte
	if d.rep, b, err = levels(d.rep, d.body, p.Values, 1); err != nil {
		return nil, nil, err
	}
	if d.def, b, err = levels(d.def, b, p.Values, 2); err != nil {
		return nil, nil, err
	}
	present := 0
	for _, x := range d.def {
		if x == 2 {
			present++
		}
	}
	if present > 0 {
		if len(b) < 1 || b[0] > 32 {
			return nil, nil, ErrFormat
		}
		if d.idx, err = hybrid(d.idx[:0], b[1:], present, int(b[0])); err != nil {
			return nil, nil, err
		}
	}
	k, rows := 0, 0
	for i := range d.rep {
		if d.rep[i] == 0 {
			if rows > 0 {
				ends = append(ends, uint32(len(elements)))
			}
			rows++
		}
		if d.def[i] == 2 {
			elements = append(elements, d.idx[k])
			k++
		}
	}
	if rows > 0 {
		ends = append(ends, uint32(len(elements)))
	}
	if rows != p.Rows {
		return nil, nil, ErrFormat
	}
	return ends, elements, nil
}

// Texts decodes a page of DELTA_LENGTH_BYTE_ARRAY values: for each row the end of its value in arena,
// and whether it is null.
func (d *Decoder) Texts(arena []byte, ends []uint32, nulls []bool, compressed []byte, p Page) ([]byte, []uint32, []bool, error) {
	if err := d.inflate(compressed, p.Raw); err != nil {
		return nil, nil, nil, err
	}
	var b []byte
	var err error
	if d.def, b, err = levels(d.def, d.body, p.Values, 1); err != nil {
		return nil, nil, nil, err
	}
	if d.ints, b, err = delta(d.ints[:0], b); err != nil {
		return nil, nil, nil, err
	}
	total := int64(0)
	for _, n := range d.ints {
		if n < 0 || n > int64(len(b)) {
			return nil, nil, nil, ErrFormat
		}
		total += n
	}
	if total != int64(len(b)) {
		return nil, nil, nil, ErrFormat
	}
	base := uint32(len(arena))
	if arena == nil {
		arena = []byte{} // an empty text is not null
	}
	arena = append(arena, b...)
	k := 0
	for _, x := range d.def {
		if x == 1 {
			if k >= len(d.ints) {
				return nil, nil, nil, ErrFormat
			}
			base += uint32(d.ints[k])
			k++
		}
		ends = append(ends, base)
		nulls = append(nulls, x == 0)
	}
	return arena, ends, nulls, nil
}

// Ints decodes a page of DELTA_BINARY_PACKED or PLAIN 64-bit values; null stands for absent ones.
func (d *Decoder) Ints(dst []int64, compressed []byte, p Page, enc Encoding, null int64) ([]int64, error) {
	if err := d.inflate(compressed, p.Raw); err != nil {
		return nil, err
	}
	var b []byte
	var err error
	if d.def, b, err = levels(d.def, d.body, p.Values, 1); err != nil {
		return nil, err
	}
	if enc == DeltaInt {
		if d.ints, _, err = delta(d.ints[:0], b); err != nil {
			return nil, err
		}
	} else {
		d.ints = d.ints[:0]
		for ; len(b) >= 8; b = b[8:] {
			d.ints = append(d.ints, int64(binary.LittleEndian.Uint64(b)))
		}
	}
	k := 0
	for _, x := range d.def {
		if x == 0 {
			dst = append(dst, null)
			continue
		}
		if k >= len(d.ints) {
			return nil, ErrFormat
		}
		dst = append(dst, d.ints[k])
		k++
	}
	return dst, nil
}

// hybrid decodes n values of the RLE / bit-packed hybrid encoding.
func hybrid(dst []uint32, b []byte, n, width int) ([]uint32, error) {
	if width > 32 {
		return nil, ErrFormat
	}
	mask := uint64(1)<<width - 1
	for len(dst) < n {
		head, k := binary.Uvarint(b)
		if k <= 0 {
			return nil, ErrFormat
		}
		b = b[k:]
		if head&1 == 0 {
			run := head >> 1
			vb := (width + 7) / 8
			if len(b) < vb || run == 0 || run > uint64(n-len(dst)) {
				return nil, ErrFormat
			}
			var x uint32
			for i := range vb {
				x |= uint32(b[i]) << (8 * i)
			}
			b = b[vb:]
			for range run {
				dst = append(dst, x)
			}
			continue
		}
		groups := head >> 1
		if groups == 0 || groups > uint64(n)/8+1 || uint64(len(b)) < groups*uint64(width) {
			return nil, ErrFormat
		}
		packed := b[:groups*uint64(width)]
		b = b[len(packed):]
		want := min(int(groups)*8, n-len(dst))
		var acc uint64
		have, at := 0, 0
		for range want {
			for have < width {
				acc |= uint64(packed[at]) << have
				at++
				have += 8
			}
			dst = append(dst, uint32(acc&mask))
			acc >>= width
			have -= width
		}
	}
	return dst, nil
}

// delta decodes DELTA_BINARY_PACKED integers and returns the bytes after them.
func delta(dst []int64, b []byte) ([]int64, []byte, error) {
	var bad bool
	uvarint := func() uint64 {
		x, k := binary.Uvarint(b)
		if k <= 0 {
			bad = true
			return 0
		}
		b = b[k:]
		return x
	}
	unzig := func(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }
	block, minis, total := uvarint(), uvarint(), uvarint()
	first := unzig(uvarint())
	if bad || block != deltaBlock || minis != deltaMinis || total > math.MaxInt32 {
		return nil, nil, ErrFormat
	}
	if total == 0 {
		return dst, b, nil
	}
	n := len(dst) + int(total)
	dst = append(dst, first)
	prev := first
	for len(dst) < n {
		low := unzig(uvarint())
		if bad || len(b) < deltaMinis {
			return nil, nil, ErrFormat
		}
		widths := b[:deltaMinis]
		b = b[deltaMinis:]
		for _, w := range widths {
			if len(dst) >= n {
				break
			}
			size := deltaMini * int(w) / 8
			if w > 64 || len(b) < size {
				return nil, nil, ErrFormat
			}
			for i := 0; i < deltaMini && len(dst) < n; i++ {
				prev += low + int64(unpack(b, i*int(w), int(w)))
				dst = append(dst, prev)
			}
			b = b[size:]
		}
	}
	return dst, b, nil
}

// unpack reads width bits at a bit offset.
func unpack(b []byte, bit, width int) uint64 {
	if width == 0 {
		return 0
	}
	at, off := bit>>3, bit&7
	if off+width <= 64 && at+8 <= len(b) {
		return binary.LittleEndian.Uint64(b[at:]) >> off & (math.MaxUint64 >> (64 - width))
	}
	var x uint64
	for got := 0; got < width; {
		take := min(8-off, width-got)
		x |= uint64(b[at]>>off) & (1<<take - 1) << got
		got += take
		at++
		off = 0
	}
	return x
}
