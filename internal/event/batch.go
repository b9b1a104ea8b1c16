package event

import (
	"encoding/binary"
	"math"
)

// NullInt is how an absent value of an Int or Time column is held in memory.
const NullInt = math.MinInt64

// NullFloat reports whether v stands for an absent value of a Float column (any NaN does).
func NullFloat(v float64) bool { return v != v }

// Col holds one column's values of a batch, in row order. Slices may be shorter than the batch:
// missing rows at the end are null. Which slice is used follows the column's Storage.
type Col struct {
	Dict   *Dict     // StoreBytes, StoreList (a list's value is its elements, see AppendList)
	IDs    []uint32  // 0 is null
	Ints   []int64   // NullInt is null
	Floats []float64 // NaN is null
	store  Storage
}

// grown returns s with room for a row. It grows fourfold: append's quarter steps would copy each column ten
// times on the way to a full batch.
func grown[T any](s []T, row int) []T {
	return append(make([]T, 0, max(1<<10, 4*cap(s), row+1)), s...)
}

// Batch collects rows of one log type. It is used by one goroutine at a time.
type Batch struct {
	Schema *Schema
	N      int // committed rows
	Cols   []Col
	row    Row
}

// NewBatch returns an empty batch.
func NewBatch(s *Schema) *Batch {
	b := &Batch{Schema: s, Cols: make([]Col, len(s.Columns))}
	for i, c := range s.Columns {
		b.Cols[i].store = c.Kind.Stored()
		switch b.Cols[i].store {
		case StoreBytes:
			switch c.Kind {
			case Binary:
				b.Cols[i].Dict = newDict(nil)
			case IP:
				b.Cols[i].Dict = newDict(checkIP)
			default:
				b.Cols[i].Dict = newDict(checkUTF8)
			}
		case StoreList:
			b.Cols[i].Dict = newDict(nil)
		}
	}
	b.row.b = b
	return b
}

// Reset empties the batch and keeps its memory for reuse.
func (b *Batch) Reset() {
	b.N = 0
	for i := range b.Cols {
		c := &b.Cols[i]
		c.IDs, c.Ints, c.Floats = c.IDs[:0], c.Ints[:0], c.Floats[:0]
		if c.Dict != nil {
			c.Dict.reset()
		}
	}
}

// Bytes estimates the memory held by values, to decide when a batch is full.
func (b *Batch) Bytes() int {
	n := 0
	for i := range b.Cols {
		c := &b.Cols[i]
		n += 4*len(c.IDs) + 8*len(c.Ints) + 8*len(c.Floats)
		if c.Dict != nil {
			n += len(c.Dict.arena) + 8*len(c.Dict.end) + 8*len(c.Dict.table)
		}
	}
	return n
}

// ID returns the dictionary id of a StoreBytes or StoreList column at a row, 0 for null.
func (c *Col) ID(row int) uint32 {
	if row < len(c.IDs) {
		return c.IDs[row]
	}
	return 0
}

// Int returns the value of a StoreInt column at a row, NullInt for null.
func (c *Col) Int(row int) int64 {
	if row < len(c.Ints) {
		return c.Ints[row]
	}
	return NullInt
}

// Float returns the value of a StoreFloat column at a row, NaN for null.
func (c *Col) Float(row int) float64 {
	if row < len(c.Floats) {
		return c.Floats[row]
	}
	return math.NaN()
}

// BytesAt returns the value of a StoreBytes column at a row, nil for null.
func (c *Col) BytesAt(row int) []byte {
	if id := c.ID(row); id != 0 {
		return c.Dict.Value(id)
	}
	return nil
}

// SetID gives a row of a StoreBytes or StoreList column the dictionary id of its value.
func (c *Col) SetID(row int, id uint32) {
	if cap(c.IDs) <= row {
		c.IDs = grown(c.IDs, row)
	}
	for len(c.IDs) < row {
		c.IDs = append(c.IDs, 0)
	}
	if len(c.IDs) == row {
		c.IDs = append(c.IDs, id)
	} else {
		c.IDs[row] = id
	}
}

// SetInt gives a row of a StoreInt column its value.
func (c *Col) SetInt(row int, v int64) {
	if cap(c.Ints) <= row {
		c.Ints = grown(c.Ints, row)
	}
	for len(c.Ints) < row {
		c.Ints = append(c.Ints, NullInt)
	}
	if len(c.Ints) == row {
		c.Ints = append(c.Ints, v)
	} else {
		c.Ints[row] = v
	}
}

// SetFloat gives a row of a StoreFloat column its value.
func (c *Col) SetFloat(row int, v float64) {
	for len(c.Floats) < row {
		c.Floats = append(c.Floats, math.NaN())
	}
	if len(c.Floats) == row {
		c.Floats = append(c.Floats, v)
	} else {
		c.Floats[row] = v
	}
}

func (c *Col) isSet(row int) bool {
	switch c.store {
	case StoreInt:
		return len(c.Ints) > row && c.Ints[row] != NullInt
	case StoreFloat:
		return len(c.Floats) > row && !NullFloat(c.Floats[row])
	}
	return len(c.IDs) > row && c.IDs[row] != 0
}

func (c *Col) truncate(rows int) {
	c.IDs, c.Ints, c.Floats = c.IDs[:min(rows, len(c.IDs))], c.Ints[:min(rows, len(c.Ints))], c.Floats[:min(rows, len(c.Floats))]
}

// AppendList appends one element to the encoded form of a list: length, bytes.
func AppendList(dst, element []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(element)))
	return append(dst, element...)
}

// EachElement calls f for every element of an encoded list.
func EachElement(list []byte, f func([]byte)) {
	for len(list) > 0 {
		n, k := binary.Uvarint(list)
		if k <= 0 || uint64(len(list)-k) < n {
			return
		}
		f(list[k : k+int(n)])
		list = list[k+int(n):]
	}
}

// AppendRow appends a row whose values are given by set, without a record behind it (compaction and
// tests). set uses the same methods as a parser.
func (b *Batch) AppendRow(set func(*Row)) {
	r := &b.row
	r.begin(nil)
	set(r)
	b.N++
}

// Truncate removes the rows from n on.
func (b *Batch) Truncate(n int) {
	for i := range b.Cols {
		b.Cols[i].truncate(n)
	}
	b.N = n
}

// Fill gives every row without a value in an Int or Time column this one.
func (b *Batch) Fill(col int, v int64) {
	c := &b.Cols[col]
	for row := range b.N {
		if !c.isSet(row) {
			c.SetInt(row, v)
		}
	}
}
