package duckdb

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Struct is a STRUCT value, its fields in the order of the type. In JSON it is an
// object.
type Struct []Field

// Field is one member of a Struct.
type Field struct {
	Name  string
	Value any
}

// Map is a MAP value in the order of its keys' insertion. In JSON it is an object
// whose keys are the keys' texts.
type Map []Entry

// Entry is one key of a Map with its value.
type Entry struct{ Key, Value any }

// MarshalJSON writes an object.
func (s Struct) MarshalJSON() ([]byte, error) { return appendJSON(nil, s), nil }

// MarshalJSON writes an object.
func (m Map) MarshalJSON() ([]byte, error) { return appendJSON(nil, m), nil }

// simpleTypes are the names of types without parameters, as DuckDB prints them.
var simpleTypes = map[mapping.Type]string{
	mapping.TypeBoolean: "BOOLEAN", mapping.TypeTinyInt: "TINYINT", mapping.TypeSmallInt: "SMALLINT",
	mapping.TypeInteger: "INTEGER", mapping.TypeBigInt: "BIGINT", mapping.TypeHugeInt: "HUGEINT",
	mapping.TypeUTinyInt: "UTINYINT", mapping.TypeUSmallInt: "USMALLINT", mapping.TypeUInteger: "UINTEGER",
	mapping.TypeUBigInt: "UBIGINT", mapping.TypeUHugeInt: "UHUGEINT", mapping.TypeFloat: "FLOAT",
	mapping.TypeDouble: "DOUBLE", mapping.TypeVarchar: "VARCHAR", mapping.TypeBlob: "BLOB",
	mapping.TypeTimestamp: "TIMESTAMP", mapping.TypeTimestampTZ: "TIMESTAMP WITH TIME ZONE",
	mapping.TypeTimestampS: "TIMESTAMP_S", mapping.TypeTimestampMS: "TIMESTAMP_MS",
	mapping.TypeTimestampNS: "TIMESTAMP_NS", mapping.TypeDate: "DATE", mapping.TypeTime: "TIME",
	mapping.TypeTimeTZ: "TIME WITH TIME ZONE", mapping.TypeInterval: "INTERVAL", mapping.TypeUUID: "UUID",
	mapping.TypeBit: "BIT", mapping.TypeEnum: "ENUM", mapping.TypeSQLNull: "NULL",
}

// typeName is DuckDB's name of a type.
func typeName(t mapping.LogicalType) string {
	if alias := mapping.LogicalTypeGetAlias(t); alias != "" {
		return alias
	}
	child := func(c mapping.LogicalType) string {
		defer mapping.DestroyLogicalType(&c)
		return typeName(c)
	}
	switch id := mapping.GetTypeId(t); id {
	case mapping.TypeDecimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", mapping.DecimalWidth(t), mapping.DecimalScale(t))
	case mapping.TypeList:
		return child(mapping.ListTypeChildType(t)) + "[]"
	case mapping.TypeArray:
		return fmt.Sprintf("%s[%d]", child(mapping.ArrayTypeChildType(t)), mapping.ArrayTypeArraySize(t))
	case mapping.TypeMap:
		return "MAP(" + child(mapping.MapTypeKeyType(t)) + ", " + child(mapping.MapTypeValueType(t)) + ")"
	case mapping.TypeStruct:
		var parts []string
		for i := range mapping.StructTypeChildCount(t) {
			parts = append(parts, quoteIdent(mapping.StructTypeChildName(t, i))+" "+child(mapping.StructTypeChildType(t, i)))
		}
		return "STRUCT(" + strings.Join(parts, ", ") + ")"
	case mapping.TypeUnion:
		var parts []string
		for i := range mapping.UnionTypeMemberCount(t) {
			parts = append(parts, quoteIdent(mapping.UnionTypeMemberName(t, i))+" "+child(mapping.UnionTypeMemberType(t, i)))
		}
		return "UNION(" + strings.Join(parts, ", ") + ")"
	default:
		if n := simpleTypes[id]; n != "" {
			return n
		}
		return fmt.Sprintf("TYPE %d", id)
	}
}

// plainTime prints a time as Athena does. date leaves the clock out.
func plainTime(t time.Time, date bool) string {
	if date {
		return t.Format("2006-01-02")
	}
	return t.Format("2006-01-02 15:04:05.000000")
}

// plain is the text of a value in CSV and tables: lists, maps and structs as
// JSON, BLOB as hexadecimal digits.
func plain(v any, typ string) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool, int64:
		return fmt.Sprint(v)
	case float64:
		return string(appendFloat(nil, v, false))
	case json.Number:
		return string(v)
	case []byte:
		return fmt.Sprintf("%x", v)
	case time.Time:
		return plainTime(v, typ == "DATE")
	}
	return string(appendJSON(nil, v))
}
