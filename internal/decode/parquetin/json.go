package parquetin

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// field is a column or struct member with its name as a JSON key: `"name":`.
type field struct {
	key      []byte
	children []field // of a struct
}

func fieldsOf(fs []arrow.Field) []field {
	out := make([]field, len(fs))
	for i, f := range fs {
		out[i].key = append(appendString(nil, f.Name), ':')
		out[i].children = childrenOf(f.Type)
	}
	return out
}

// childrenOf finds the struct members below lists and maps.
func childrenOf(t arrow.DataType) []field {
	switch t := t.(type) {
	case *arrow.StructType:
		return fieldsOf(t.Fields())
	case *arrow.MapType:
		return childrenOf(t.ItemType())
	case arrow.ListLikeType:
		return childrenOf(t.Elem())
	case arrow.ExtensionType:
		return childrenOf(t.StorageType())
	}
	return nil
}

// appendObject appends row i of the columns as a JSON object without its nulls.
func appendObject(dst []byte, fields []field, cols []arrow.Array, i int) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	var err error
	for c, col := range cols {
		if col.IsNull(i) || col.DataType().ID() == arrow.NULL {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, fields[c].key...)
		if dst, err = appendValue(dst, fields[c].children, col, i); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// appendValue appends element i of a; children are those of the next struct
// below.
func appendValue(dst []byte, children []field, a arrow.Array, i int) ([]byte, error) {
	if a.IsNull(i) {
		return append(dst, "null"...), nil
	}
	switch a := a.(type) {
	case *array.Null:
		return append(dst, "null"...), nil
	case *array.Boolean:
		return strconv.AppendBool(dst, a.Value(i)), nil
	case *array.Int8:
		return strconv.AppendInt(dst, int64(a.Value(i)), 10), nil
	case *array.Int16:
		return strconv.AppendInt(dst, int64(a.Value(i)), 10), nil
	case *array.Int32:
		return strconv.AppendInt(dst, int64(a.Value(i)), 10), nil
	case *array.Int64:
		return strconv.AppendInt(dst, a.Value(i), 10), nil
	case *array.Uint8:
		return strconv.AppendUint(dst, uint64(a.Value(i)), 10), nil
	case *array.Uint16:
		return strconv.AppendUint(dst, uint64(a.Value(i)), 10), nil
	case *array.Uint32:
		return strconv.AppendUint(dst, uint64(a.Value(i)), 10), nil
	case *array.Uint64:
		return strconv.AppendUint(dst, a.Value(i), 10), nil
	case *array.Float16:
		return appendFloat(dst, float64(a.Value(i).Float32()), 32), nil
	case *array.Float32:
		return appendFloat(dst, float64(a.Value(i)), 32), nil
	case *array.Float64:
		return appendFloat(dst, a.Value(i), 64), nil
	case *array.String:
		return appendText(dst, a.Value(i)), nil
	case *array.LargeString:
		return appendText(dst, a.Value(i)), nil
	case *array.StringView:
		return appendText(dst, a.Value(i)), nil
	case *array.Binary:
		return appendText(dst, a.Value(i)), nil
	case *array.LargeBinary:
		return appendText(dst, a.Value(i)), nil
	case *array.BinaryView:
		return appendText(dst, a.Value(i)), nil
	case *array.FixedSizeBinary:
		return appendText(dst, a.Value(i)), nil
	case *array.Decimal32, *array.Decimal64, *array.Decimal128, *array.Decimal256:
		return appendDecimal(dst, a, i), nil
	case *array.Date32, *array.Date64, *array.Time32, *array.Time64, *array.Timestamp, *array.Duration:
		return appendTemporal(dst, a, i), nil
	case *array.Struct:
		cols := make([]arrow.Array, a.NumField())
		for c := range cols {
			cols[c] = a.Field(c)
		}
		return appendObject(dst, children, cols, i)
	case *array.Map:
		return appendMap(dst, children, a, i)
	case array.ListLike:
		return appendList(dst, children, a, i)
	case *array.Dictionary:
		return appendValue(dst, children, a.Dictionary(), a.GetValueIndex(i))
	case array.ExtensionArray:
		if a.ExtensionType().ExtensionName() == "arrow.uuid" {
			return appendString(dst, a.ValueStr(i)), nil
		}
		return appendValue(dst, children, a.Storage(), i)
	}
	return dst, fmt.Errorf("column type %s is not supported", a.DataType())
}

func appendList(dst []byte, children []field, a array.ListLike, i int) ([]byte, error) {
	from, to := a.ValueOffsets(i)
	values := a.ListValues()
	dst = append(dst, '[')
	var err error
	for j := from; j < to; j++ {
		if j > from {
			dst = append(dst, ',')
		}
		if dst, err = appendValue(dst, children, values, int(j)); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

// appendMap appends a map as an object. Keys that are not text are put as the
// text of their JSON; entries without a value are left out like other nulls.
func appendMap(dst []byte, children []field, a *array.Map, i int) ([]byte, error) {
	from, to := a.ValueOffsets(i)
	keys, items := a.Keys(), a.Items()
	dst = append(dst, '{')
	first := true
	for j := int(from); j < int(to); j++ {
		if items.IsNull(j) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		key, err := appendValue(nil, nil, keys, j)
		if err != nil {
			return dst, err
		}
		if key[0] == '"' {
			dst = append(dst, key...)
		} else {
			dst = appendString(dst, string(key))
		}
		dst = append(dst, ':')
		if dst, err = appendValue(dst, children, items, j); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, bits)
}

// appendDecimal appends the exact digits as a JSON number.
func appendDecimal(dst []byte, a arrow.Array, i int) []byte {
	scale := a.DataType().(arrow.DecimalType).GetScale()
	switch a := a.(type) {
	case *array.Decimal32:
		return append(dst, a.Value(i).ToString(scale)...)
	case *array.Decimal64:
		return append(dst, a.Value(i).ToString(scale)...)
	case *array.Decimal128:
		return append(dst, a.Value(i).ToString(scale)...)
	case *array.Decimal256:
		return append(dst, a.Value(i).ToString(scale)...)
	}
	return append(dst, "null"...)
}

const (
	timestampLayout = `"2006-01-02T15:04:05.000000Z"`
	dateLayout      = `"2006-01-02"`
	timeLayout      = `"15:04:05.000000"`
)

// appendTemporal appends instants, dates and times of day as text in UTC and
// durations as the plain number. Instants without a zone are taken as UTC.
func appendTemporal(dst []byte, a arrow.Array, i int) []byte {
	switch a := a.(type) {
	case *array.Timestamp:
		return instant(int64(a.Value(i)), a.DataType().(*arrow.TimestampType).Unit).AppendFormat(dst, timestampLayout)
	case *array.Date32:
		return instant(int64(a.Value(i))*86400, arrow.Second).AppendFormat(dst, dateLayout)
	case *array.Date64:
		return instant(int64(a.Value(i)), arrow.Millisecond).AppendFormat(dst, dateLayout)
	case *array.Time32:
		return instant(int64(a.Value(i)), a.DataType().(*arrow.Time32Type).Unit).AppendFormat(dst, timeLayout)
	case *array.Time64:
		return instant(int64(a.Value(i)), a.DataType().(*arrow.Time64Type).Unit).AppendFormat(dst, timeLayout)
	case *array.Duration:
		return strconv.AppendInt(dst, int64(a.Value(i)), 10)
	}
	return append(dst, "null"...)
}

// instant does not go through nanoseconds, which overflow in the year 2262.
func instant(v int64, unit arrow.TimeUnit) time.Time {
	switch unit {
	case arrow.Second:
		return time.Unix(v, 0).UTC()
	case arrow.Millisecond:
		return time.UnixMilli(v).UTC()
	case arrow.Microsecond:
		return time.UnixMicro(v).UTC()
	}
	return time.Unix(0, v).UTC()
}

// appendText appends text as a JSON string, and bytes that are not UTF-8 in
// base64.
func appendText[T string | []byte](dst []byte, s T) []byte {
	if utf8.ValidString(string(s)) {
		return appendString(dst, s)
	}
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, []byte(s))
	return append(dst, '"')
}

// appendString appends s, which is UTF-8, as a JSON string and escapes no more
// than JSON demands.
func appendString[T string | []byte](dst []byte, s T) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
