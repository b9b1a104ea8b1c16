package logtype

import (
	"strings"

	"ashiato/internal/decode"
	"ashiato/internal/event"
)

// Mapping is one column of a JSON log together with the paths of the record that fill it. The paths
// become further names of the column: they are what the vendor documents.
type Mapping struct {
	column event.Column
	from   []string
	time   event.Format
}

// Map maps paths of the record to a column. Without a path it is a column that rules fill. The kind of an
// ECS field is ECS's.
func Map(field string, kind event.Kind, from ...string) Mapping {
	return Mapping{column: event.Column{Field: field, Kind: kind}, from: from}
}

// Called gives the column a SQL name of its own.
func (m Mapping) Called(sqlName string) Mapping {
	m.column.Name = sqlName
	return m
}

// Also gives the column further names that queries may use.
func (m Mapping) Also(names ...string) Mapping {
	m.column.Native = append(m.column.Native, names...)
	return m
}

// In says in which format times are usually written; the default is RFC 3339 with seconds.
func (m Mapping) In(f event.Format) Mapping {
	m.time = f
	return m
}

// Columns returns the columns of mappings, for Type.Columns.
func Columns(ms []Mapping) []event.Column {
	var out []event.Column
	for _, m := range ms {
		c := m.column
		var native []string
		for _, p := range m.from {
			native = append(native, plainPath(p))
		}
		c.Native = append(native, c.Native...)
		out = append(out, c)
	}
	return out
}

// Fields returns the fields of mappings, for Type.Fields.
func Fields(ms []Mapping) []decode.Field {
	var out []decode.Field
	for _, m := range ms {
		name := m.column.Name
		switch {
		case m.column.Field == "@timestamp":
			name = event.ColTimestamp
		case name == "":
			name = event.SQLName(m.column.Field)
		}
		for _, p := range m.from {
			out = append(out, decode.Field{Path: p, Column: name, Time: m.time})
		}
	}
	return out
}

// plainPath writes a decode path as queries write it: without element indices, with the dots that
// belong to a key.
func plainPath(p string) string {
	return strings.ReplaceAll(strings.ReplaceAll(p, "[0]", ""), `\`, ".")
}
