package duckdb

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// A decoder turns one column of DuckDB's vectors into Go values. It is made once
// per result and bound to each chunk's vector; values are copies.
type decoder struct {
	kind     mapping.Type
	inner    mapping.Type // storage of DECIMAL and ENUM
	scale    int
	size     int // of ARRAY
	dict     []string
	names    []string // fields of STRUCT, members of UNION
	children []*decoder
	nested   bool // inside a list, map or struct

	data  unsafe.Pointer
	valid unsafe.Pointer
}

func newDecoder(t mapping.LogicalType) *decoder {
	d := &decoder{kind: mapping.GetTypeId(t)}
	child := func(ct mapping.LogicalType) {
		c := newDecoder(ct)
		c.nested = true
		d.children = append(d.children, c)
		mapping.DestroyLogicalType(&ct)
	}
	switch d.kind {
	case mapping.TypeDecimal:
		d.inner, d.scale = mapping.DecimalInternalType(t), int(mapping.DecimalScale(t))
	case mapping.TypeEnum:
		d.inner = mapping.EnumInternalType(t)
		for i := range mapping.EnumDictionarySize(t) {
			d.dict = append(d.dict, mapping.EnumDictionaryValue(t, mapping.IdxT(i)))
		}
	case mapping.TypeList:
		child(mapping.ListTypeChildType(t))
	case mapping.TypeArray:
		d.size = int(mapping.ArrayTypeArraySize(t))
		child(mapping.ArrayTypeChildType(t))
	case mapping.TypeMap:
		// Stored as a list of structs of key and value.
		entry := &decoder{kind: mapping.TypeStruct, names: []string{"key", "value"}}
		k, v := mapping.MapTypeKeyType(t), mapping.MapTypeValueType(t)
		entry.children = []*decoder{newDecoder(k), newDecoder(v)}
		mapping.DestroyLogicalType(&k)
		mapping.DestroyLogicalType(&v)
		entry.children[0].nested, entry.children[1].nested = true, true
		d.children = []*decoder{entry}
	case mapping.TypeStruct:
		for i := range mapping.StructTypeChildCount(t) {
			d.names = append(d.names, mapping.StructTypeChildName(t, i))
			child(mapping.StructTypeChildType(t, i))
		}
	case mapping.TypeUnion:
		d.children = append(d.children, &decoder{kind: mapping.TypeUTinyInt})
		for i := range mapping.UnionTypeMemberCount(t) {
			child(mapping.UnionTypeMemberType(t, i))
		}
	}
	return d
}

// bind points the decoder at a vector. It stays valid until the chunk is destroyed.
func (d *decoder) bind(v mapping.Vector) {
	d.data, d.valid = mapping.VectorGetData(v), mapping.VectorGetValidity(v)
	switch d.kind {
	case mapping.TypeList, mapping.TypeMap:
		d.children[0].bind(mapping.ListVectorGetChild(v))
	case mapping.TypeArray:
		d.children[0].bind(mapping.ArrayVectorGetChild(v))
	case mapping.TypeStruct, mapping.TypeUnion:
		for i, c := range d.children {
			c.bind(mapping.StructVectorGetChild(v, mapping.IdxT(i)))
		}
	}
}

func value[T any](d *decoder, i int) T {
	var zero T
	return *(*T)(unsafe.Add(d.data, uintptr(i)*unsafe.Sizeof(zero)))
}

// at returns the value at row i.
func (d *decoder) at(i int) any {
	if d.valid != nil && *(*uint64)(unsafe.Add(d.valid, i/64*8))&(1<<(i%64)) == 0 {
		return nil
	}
	switch d.kind {
	case mapping.TypeBoolean:
		return value[uint8](d, i) != 0
	case mapping.TypeTinyInt:
		return int64(value[int8](d, i))
	case mapping.TypeSmallInt:
		return int64(value[int16](d, i))
	case mapping.TypeInteger:
		return int64(value[int32](d, i))
	case mapping.TypeBigInt:
		return value[int64](d, i)
	case mapping.TypeUTinyInt:
		return int64(value[uint8](d, i))
	case mapping.TypeUSmallInt:
		return int64(value[uint16](d, i))
	case mapping.TypeUInteger:
		return int64(value[uint32](d, i))
	case mapping.TypeUBigInt:
		return integer(new(big.Int).SetUint64(value[uint64](d, i)))
	case mapping.TypeFloat:
		return float64(value[float32](d, i))
	case mapping.TypeDouble:
		return value[float64](d, i)
	case mapping.TypeVarchar:
		return textAt(d.data, i)
	case mapping.TypeBlob, mapping.TypeGeometry:
		return []byte(textAt(d.data, i))
	}
	return d.atTime(i)
}

func (d *decoder) atTime(i int) any {
	switch d.kind {
	case mapping.TypeTimestamp, mapping.TypeTimestampTZ:
		return time.UnixMicro(value[int64](d, i)).UTC()
	case mapping.TypeTimestampS:
		return time.Unix(value[int64](d, i), 0).UTC()
	case mapping.TypeTimestampMS:
		return time.UnixMilli(value[int64](d, i)).UTC()
	case mapping.TypeTimestampNS:
		return time.Unix(0, value[int64](d, i)).UTC()
	case mapping.TypeDate:
		t := time.Unix(int64(value[int32](d, i))*86400, 0).UTC()
		if d.nested { // nobody but us knows its type, and a time of day would be wrong
			return plainTime(t, true)
		}
		return t
	case mapping.TypeTime:
		return clock(value[int64](d, i))
	case mapping.TypeTimeTZ:
		ti := mapping.FromTimeTZ(value[mapping.TimeTZ](d, i))
		ts, off := mapping.TimeTZStructMembers(&ti)
		h, m, s, us := mapping.TimeStructMembers(&ts)
		return clock((int64(h)*3600+int64(m)*60+int64(s))*1e6+int64(us)) + fmt.Sprintf("%+03d:%02d", off/3600, max(off, -off)/60%60)
	case mapping.TypeInterval:
		iv := value[mapping.Interval](d, i)
		return interval(mapping.IntervalMembers(&iv))
	}
	return d.atNested(i)
}

func (d *decoder) atNested(i int) any {
	switch d.kind {
	case mapping.TypeList:
		e := value[mapping.ListEntry](d, i)
		off, n := mapping.ListEntryMembers(&e)
		return d.children[0].slice(int(off), int(n))
	case mapping.TypeArray:
		return d.children[0].slice(i*d.size, d.size)
	case mapping.TypeMap:
		e := value[mapping.ListEntry](d, i)
		off, n := mapping.ListEntryMembers(&e)
		m := make(Map, n)
		entry := d.children[0]
		for j := range m {
			m[j] = Entry{entry.children[0].at(int(off) + j), entry.children[1].at(int(off) + j)}
		}
		return m
	case mapping.TypeStruct:
		s := make(Struct, len(d.children))
		for j, c := range d.children {
			s[j] = Field{d.names[j], c.at(i)}
		}
		return s
	case mapping.TypeUnion:
		return d.children[1+int(value[uint8](d.children[0], i))].at(i)
	}
	return d.atWide(i)
}

func (d *decoder) atWide(i int) any {
	switch d.kind {
	case mapping.TypeDecimal:
		var n *big.Int
		switch d.inner {
		case mapping.TypeSmallInt:
			n = big.NewInt(int64(value[int16](d, i)))
		case mapping.TypeInteger:
			n = big.NewInt(int64(value[int32](d, i)))
		case mapping.TypeBigInt:
			n = big.NewInt(value[int64](d, i))
		default:
			n = huge(d, i)
		}
		return decimal(n, d.scale)
	case mapping.TypeHugeInt:
		return integer(huge(d, i))
	case mapping.TypeUHugeInt:
		u := value[[2]uint64](d, i)
		n := new(big.Int).SetUint64(u[1])
		return integer(n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(u[0])))
	case mapping.TypeUUID:
		u := value[[2]uint64](d, i)
		hi, lo := u[1]^1<<63, u[0]
		return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&0xffffffffffff)
	case mapping.TypeEnum:
		var k int
		switch d.inner {
		case mapping.TypeUTinyInt:
			k = int(value[uint8](d, i))
		case mapping.TypeUSmallInt:
			k = int(value[uint16](d, i))
		default:
			k = int(value[uint32](d, i))
		}
		return d.dict[k]
	case mapping.TypeBit:
		return bits(textAt(d.data, i))
	}
	return nil // BIGNUM, VARIANT and the like: shown as NULL, users can cast
}

func (d *decoder) slice(off, n int) []any {
	out := make([]any, n)
	for j := range out {
		out[j] = d.at(off + j)
	}
	return out
}

// textAt copies a duckdb_string_t: a 32-bit length, then up to 12 bytes in place
// or, behind a four-byte prefix, a pointer.
func textAt(data unsafe.Pointer, i int) string {
	p := unsafe.Add(data, i*16)
	n := *(*uint32)(p)
	src := unsafe.Add(p, 4)
	if n > 12 {
		src = *(*unsafe.Pointer)(unsafe.Add(p, 8))
	}
	return strings.Clone(unsafe.String((*byte)(src), int(n)))
}

func huge(d *decoder, i int) *big.Int {
	u := value[[2]uint64](d, i)
	n := big.NewInt(int64(u[1]))
	return n.Lsh(n, 64).Add(n, new(big.Int).SetUint64(u[0]))
}

func integer(n *big.Int) any {
	if n.IsInt64() {
		return n.Int64()
	}
	return json.Number(n.String())
}

func decimal(n *big.Int, scale int) json.Number {
	s := new(big.Int).Abs(n).String()
	if scale > 0 {
		if len(s) <= scale {
			s = strings.Repeat("0", scale-len(s)+1) + s
		}
		s = s[:len(s)-scale] + "." + s[len(s)-scale:]
	}
	if n.Sign() < 0 {
		s = "-" + s
	}
	return json.Number(s)
}

// clock prints microseconds of a day as DuckDB does: 12:30:00 or 12:30:00.123456.
func clock(us int64) string {
	s := fmt.Sprintf("%02d:%02d:%02d", us/3_600_000_000, us/60_000_000%60, us/1_000_000%60)
	if f := us % 1_000_000; f != 0 {
		s += strings.TrimRight(fmt.Sprintf(".%06d", f), "0")
	}
	return s
}

func interval(months, days int32, us int64) string {
	var parts []string
	add := func(n int32, unit string) {
		switch n {
		case 0:
		case 1, -1:
			parts = append(parts, fmt.Sprintf("%d %s", n, unit))
		default:
			parts = append(parts, fmt.Sprintf("%d %ss", n, unit))
		}
	}
	add(months/12, "year")
	add(months%12, "month")
	add(days, "day")
	if us < 0 {
		parts = append(parts, "-"+clock(-us))
	} else if us > 0 || len(parts) == 0 {
		parts = append(parts, clock(us))
	}
	return strings.Join(parts, " ")
}

// bits prints DuckDB's BIT: a byte that counts the padding, then padded bytes.
func bits(s string) string {
	var b strings.Builder
	for _, c := range []byte(s[min(1, len(s)):]) {
		fmt.Fprintf(&b, "%08b", c)
	}
	if s == "" || b.Len() < int(s[0]) {
		return ""
	}
	return b.String()[s[0]:]
}
