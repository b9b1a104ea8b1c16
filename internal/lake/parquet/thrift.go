package parquet

import "encoding/binary"

// thrift writes the Thrift compact protocol, as the Parquet format uses it
// (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md).
type thrift struct {
	b    []byte
	last []int16
}

const (
	tI32    = 5
	tI64    = 6
	tBinary = 8
	tList   = 9
	tStruct = 12
)

func (t *thrift) uvarint(x uint64) { t.b = binary.AppendUvarint(t.b, x) }
func (t *thrift) zigzag(x int64)   { t.uvarint(uint64(x<<1) ^ uint64(x>>63)) }
func (t *thrift) begin()           { t.last = append(t.last, 0) }
func (t *thrift) end() {
	t.b = append(t.b, 0)
	t.last = t.last[:len(t.last)-1]
}

func (t *thrift) field(id int16, kind byte) {
	last := &t.last[len(t.last)-1]
	if d := id - *last; d > 0 && d < 16 {
		t.b = append(t.b, byte(d)<<4|kind)
	} else {
		t.b = append(t.b, kind)
		t.zigzag(int64(id))
	}
	*last = id
}

func (t *thrift) i32(id int16, v int64) { t.field(id, tI32); t.zigzag(v) }
func (t *thrift) i64(id int16, v int64) { t.field(id, tI64); t.zigzag(v) }
func (t *thrift) bytes(id int16, v []byte) {
	t.field(id, tBinary)
	t.uvarint(uint64(len(v)))
	t.b = append(t.b, v...)
}
func (t *thrift) str(id int16, v string) { t.bytes(id, []byte(v)) }

func (t *thrift) list(id int16, kind byte, n int) {
	t.field(id, tList)
	if n < 15 {
		t.b = append(t.b, byte(n)<<4|kind)
	} else {
		t.b = append(t.b, 0xf0|kind)
		t.uvarint(uint64(n))
	}
}
