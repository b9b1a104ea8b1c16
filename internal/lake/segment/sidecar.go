// Package segment is one immutable piece of the lake: a Parquet file of one log type and one UTC day,
// with a side-car that holds the page table and the token filters. docs/FORMATS.md specifies both.
package segment

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"

	"ashiato/internal/lake/parquet"
	"ashiato/internal/lake/tokens"
)

// SidecarVersion changes with the layout below.
const SidecarVersion = 1

var magic = [8]byte{'A', 'S', 'H', 'I', 'D', 'X', '\r', '\n'}

// ErrSidecar is wrapped by errors about damaged or foreign side-cars.
var ErrSidecar = errors.New("damaged or foreign side-car")

// Group describes one row group.
type Group struct {
	Rows    int
	MinTime int64 // µs
	MaxTime int64
	Columns []Column
	shared  *tokens.Filter // tokens of all tokenised columns without a filter of their own
}

// Column describes one column of a row group.
type Column struct {
	parquet.Chunk
	Tokenised bool // the column's values stand in records, so free text looks here
	Filtered  bool // the column's tokens are in filters
	own       *tokens.Filter
	pages     []*tokens.Filter // one per page, of a column stored plain
}

// side-car layout: magic, u32 length of the head, u32 length of the head before compression, head
// (zstd), filters, u32 CRC-32C of all before. Integers of the head are uvarints unless said otherwise.

type headWriter struct{ b []byte }

func (h *headWriter) int(v int)      { h.b = binary.AppendUvarint(h.b, uint64(v)) }
func (h *headWriter) signed(v int64) { h.b = binary.AppendVarint(h.b, v) }
func (h *headWriter) str(s string)   { h.int(len(s)); h.b = append(h.b, s...) }

type groupFilters struct {
	shared []byte
	own    [][]byte
	pages  [][][]byte
}

func encodeSidecar(fields []parquet.Field, groups []Group, filters []groupFilters) []byte {
	h := &headWriter{}
	var blob []byte
	add := func(f []byte) {
		h.int(len(f))
		blob = append(blob, f...)
	}
	h.int(SidecarVersion)
	h.int(tokens.Version)
	h.int(len(fields))
	for _, f := range fields {
		h.str(f.Name)
		h.int(int(f.Type))
	}
	h.int(len(groups))
	for gi, g := range groups {
		h.int(g.Rows)
		h.signed(g.MinTime)
		h.signed(g.MaxTime)
		add(filters[gi].shared)
		for ci := range g.Columns {
			c := &g.Columns[ci]
			flags := 0
			if c.Tokenised {
				flags |= 1
			}
			if c.HasRange {
				flags |= 2
			}
			if c.Filtered {
				flags |= 4
			}
			h.int(flags)
			h.int(int(c.Encoding))
			h.int(int(c.Offset))
			h.int(c.DictHeader)
			if c.DictHeader > 0 {
				h.int(c.DictLength)
				h.int(c.DictRaw)
				h.int(c.DictSize)
				h.int(len(c.Frames))
				for _, f := range c.Frames {
					h.int(f.Length)
					h.int(f.Raw)
					h.int(f.Values)
				}
			}
			h.int(c.Nulls)
			if c.HasRange {
				h.signed(c.Min)
				h.signed(c.Max)
			}
			h.int(len(c.Pages))
			for _, p := range c.Pages {
				h.int(p.Header)
				h.int(p.Length)
				h.int(p.Raw)
				h.int(p.Rows)
				h.int(p.Values)
			}
			add(filters[gi].own[ci])
			h.int(len(filters[gi].pages[ci]))
			for _, f := range filters[gi].pages[ci] {
				add(f)
			}
		}
	}
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(err) // the options are constants
	}
	head := z.EncodeAll(h.b, nil)
	z.Close()
	out := append([]byte(nil), magic[:]...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(head)))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(h.b)))
	out = append(append(out, head...), blob...)
	return binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, castagnoli))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

type headReader struct {
	b    []byte
	blob []byte
	bad  bool
}

func (h *headReader) int() int {
	v, k := binary.Uvarint(h.b)
	if k <= 0 || v > 1<<48 {
		h.bad = true
		return 0
	}
	h.b = h.b[k:]
	return int(v)
}

func (h *headReader) signed() int64 {
	v, k := binary.Varint(h.b)
	if k <= 0 {
		h.bad = true
		return 0
	}
	h.b = h.b[k:]
	return v
}

// count reads a number of things of which each takes at least one byte of the head.
func (h *headReader) count() int {
	n := h.int()
	if n > len(h.b) {
		h.bad = true
		return 0
	}
	return n
}

func (h *headReader) str() string {
	n := h.count()
	s := string(h.b[:n])
	h.b = h.b[n:]
	return s
}

func (h *headReader) filter() *tokens.Filter {
	n := h.int()
	if n > len(h.blob) {
		h.bad = true
	}
	if n == 0 || h.bad {
		return nil
	}
	f, err := tokens.ParseFilter(h.blob[:n:n])
	if err != nil {
		h.bad = true
	}
	h.blob = h.blob[n:]
	return f
}

func decodeSidecar(b []byte) (fields []parquet.Field, groups []Group, err error) {
	if len(b) < 20 || [8]byte(b[:8]) != magic {
		return nil, nil, fmt.Errorf("%w: no magic", ErrSidecar)
	}
	if n := len(b) - 4; crc32.Checksum(b[:n], castagnoli) != binary.LittleEndian.Uint32(b[n:]) {
		return nil, nil, fmt.Errorf("%w: checksum differs", ErrSidecar)
	}
	length, raw := binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])
	body := b[16 : len(b)-4]
	if uint64(length) > uint64(len(body)) || raw > 1<<30 {
		return nil, nil, fmt.Errorf("%w: head of %d bytes", ErrSidecar, length)
	}
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
	if err != nil {
		return nil, nil, err
	}
	defer z.Close()
	head, err := z.DecodeAll(body[:length], make([]byte, 0, raw))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrSidecar, err)
	}
	h := &headReader{b: head, blob: body[length:]}
	if v := h.int(); v != SidecarVersion {
		return nil, nil, fmt.Errorf("%w: version %d, not %d", ErrSidecar, v, SidecarVersion)
	}
	if v := h.int(); v != tokens.Version {
		return nil, nil, fmt.Errorf("%w: tokens of version %d, not %d", ErrSidecar, v, tokens.Version)
	}
	for range h.count() {
		fields = append(fields, parquet.Field{Name: h.str(), Type: parquet.Type(h.int())})
	}
	groups = make([]Group, h.count())
	for gi := range groups {
		h.group(&groups[gi], len(fields))
	}
	if h.bad {
		return nil, nil, fmt.Errorf("%w: head ends early", ErrSidecar)
	}
	return fields, groups, nil
}

func (h *headReader) group(g *Group, columns int) {
	g.Rows, g.MinTime, g.MaxTime = h.int(), h.signed(), h.signed()
	g.shared = h.filter()
	g.Columns = make([]Column, columns)
	for ci := range g.Columns {
		c := &g.Columns[ci]
		flags := h.int()
		c.Tokenised, c.HasRange, c.Filtered = flags&1 != 0, flags&2 != 0, flags&4 != 0
		c.Encoding, c.Offset = parquet.Encoding(h.int()), int64(h.int())
		at := 0
		if c.DictHeader = h.int(); c.DictHeader > 0 {
			c.DictLength, c.DictRaw, c.DictSize = h.int(), h.int(), h.int()
			at = c.DictHeader + c.DictLength
			if c.Frames = h.frames(c); h.bad {
				return
			}
		}
		c.Nulls = h.int()
		if c.HasRange {
			c.Min, c.Max = h.signed(), h.signed()
		}
		c.Pages = make([]parquet.Page, h.count())
		row := 0
		for i := range c.Pages {
			p := parquet.Page{Offset: at, Header: h.int(), Length: h.int(), Raw: h.int(), FirstRow: row, Rows: h.int(), Values: h.int()}
			c.Pages[i] = p
			at += p.Header + p.Length
			row += p.Rows
			c.Values += p.Values
		}
		if row != g.Rows {
			h.bad = true
		}
		c.own = h.filter()
		if n := h.count(); n > 0 {
			c.pages = make([]*tokens.Filter, n)
			for i := range c.pages {
				c.pages[i] = h.filter()
			}
		}
		if h.bad {
			return
		}
	}
}

// frames reads the frames of a dictionary, which make up the whole of it.
func (h *headReader) frames(c *Column) []parquet.Frame {
	out := make([]parquet.Frame, h.count())
	length, raw, values := 0, 0, 0
	for i := range out {
		out[i] = parquet.Frame{Length: h.int(), Raw: h.int(), Values: h.int()}
		length, raw, values = length+out[i].Length, raw+out[i].Raw, values+out[i].Values
	}
	if len(out) > 0 && (length != c.DictLength || raw != c.DictRaw || values != c.DictSize) {
		h.bad = true
	}
	return out
}
