package tokens

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/FastFilter/xorfilter"
)

// Set collects distinct hashes. The zero hash is stored as 1.
type Set struct {
	table []uint64
	mask  uint64
	n     int
	keys  []uint64
}

// Reset empties the set.
func (s *Set) Reset() {
	if len(s.table) == 0 || len(s.table) > 1<<20 && s.n*16 < len(s.table) {
		s.table, s.mask = make([]uint64, 1024), 1023
	} else {
		clear(s.table)
	}
	s.n = 0
}

// Len returns how many hashes the set has.
func (s *Set) Len() int { return s.n }

// Add adds a hash.
func (s *Set) Add(h uint64) {
	if h == 0 {
		h = 1
	}
	i := h & s.mask
	for s.table[i] != 0 {
		if s.table[i] == h {
			return
		}
		i = (i + 1) & s.mask
	}
	s.table[i] = h
	if s.n++; s.n*2 > len(s.table) {
		s.grow()
	}
}

func (s *Set) grow() {
	old := s.table
	s.table = make([]uint64, len(old)*4)
	s.mask = uint64(len(s.table) - 1)
	for _, h := range old {
		if h == 0 {
			continue
		}
		i := h & s.mask
		for s.table[i] != 0 {
			i = (i + 1) & s.mask
		}
		s.table[i] = h
	}
}

// Builder makes filters from sets, reusing its memory.
type Builder struct{ b xorfilter.BinaryFuseBuilder }

// AppendFilter appends the encoded filter of a set: 24 bytes of parameters, then one byte per slot
// (about 1.13 bytes per token for large sets). An empty set gives no bytes.
func (b *Builder) AppendFilter(dst []byte, s *Set) ([]byte, error) {
	if s.n == 0 {
		return dst, nil
	}
	s.keys = s.keys[:0]
	for _, h := range s.table {
		if h != 0 {
			s.keys = append(s.keys, h)
		}
	}
	f, err := xorfilter.BuildBinaryFuse[uint8](&b.b, s.keys)
	if err != nil {
		return dst, fmt.Errorf("build token filter of %d tokens: %w", s.n, err)
	}
	dst = binary.LittleEndian.AppendUint64(dst, f.Seed)
	dst = binary.LittleEndian.AppendUint32(dst, f.SegmentLength)
	dst = binary.LittleEndian.AppendUint32(dst, f.SegmentLengthMask)
	dst = binary.LittleEndian.AppendUint32(dst, f.SegmentCount)
	dst = binary.LittleEndian.AppendUint32(dst, f.SegmentCountLength)
	return append(dst, f.Fingerprints...), nil
}

// Filter answers whether a token may be in a set: never wrong when it is, wrong once in 256 times when
// it is not.
type Filter struct{ f xorfilter.BinaryFuse8 }

var errFilter = errors.New("damaged token filter")

// ParseFilter reads an encoded filter. The bytes are kept, not copied.
func ParseFilter(b []byte) (*Filter, error) {
	if len(b) < 24 {
		return nil, errFilter
	}
	f := &Filter{}
	f.f.Seed = binary.LittleEndian.Uint64(b)
	f.f.SegmentLength = binary.LittleEndian.Uint32(b[8:])
	f.f.SegmentLengthMask = binary.LittleEndian.Uint32(b[12:])
	f.f.SegmentCount = binary.LittleEndian.Uint32(b[16:])
	f.f.SegmentCountLength = binary.LittleEndian.Uint32(b[20:])
	f.f.Fingerprints = b[24:]
	// the look-up touches at most SegmentCountLength - 1 + 2 * SegmentLength + the masked bits
	if f.f.SegmentCount == 0 || f.f.SegmentLength == 0 || f.f.SegmentLength&(f.f.SegmentLength-1) != 0 || f.f.SegmentLengthMask != f.f.SegmentLength-1 ||
		uint64(f.f.SegmentCount)*uint64(f.f.SegmentLength) != uint64(f.f.SegmentCountLength) ||
		uint64(len(f.f.Fingerprints)) < uint64(f.f.SegmentCountLength)+2*uint64(f.f.SegmentLength) {
		return nil, errFilter
	}
	return f, nil
}

// Has reports whether the token may be in the set. A nil filter has none.
func (f *Filter) Has(h uint64) bool {
	if f == nil {
		return false
	}
	if h == 0 {
		h = 1
	}
	return f.f.Contains(h)
}

// HasAll reports whether all tokens may be in the set.
func (f *Filter) HasAll(hashes []uint64) bool {
	for _, h := range hashes {
		if !f.Has(h) {
			return false
		}
	}
	return true
}

// Each calls f for every hash of the set.
func (s *Set) Each(f func(h uint64)) {
	for _, h := range s.table {
		if h != 0 {
			f(h)
		}
	}
}
