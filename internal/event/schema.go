// Package event is the schema of one normalised log record and the columnar batch that records are
// collected in.
//
// Columns carry ECS 8.x names (https://www.elastic.co/guide/en/ecs/8.17/index.html) with dots in
// queries and underscores in SQL. A Batch holds one log type: text is interned into a dictionary per
// column as it is first touched, so everything after the parser runs once per distinct value. The
// record's own bytes are not stored: its skeleton (the bytes with each value that went to a column
// replaced by a marker) and the columns rebuild it, which Row.Commit proves for every record.
package event

import (
	"fmt"
	"strings"
)

// Kind says what a column's values are and how a query compares them.
type Kind uint8

// The kinds. Keyword, Text, JSON, IP and Binary are stored as bytes, List as a list of strings.
const (
	Keyword Kind = iota // compared whole, ignoring case
	Text                // prose: a query matches words of it
	JSON                // a sub-tree, exactly as delivered; queries reach into it by path
	IP                  // an address in text form; queries may name a network
	Int                 // signed 64 bit
	Float               // IEEE 754 double
	Time                // microseconds since 1970 UTC
	List                // list of Keyword
	Binary              // bytes that need not be UTF-8; never shown (skeleton, verbatim)
)

// Stored reports how values lie in memory and on disk.
func (k Kind) Stored() Storage {
	switch k {
	case Int, Time:
		return StoreInt
	case Float:
		return StoreFloat
	case List:
		return StoreList
	}
	return StoreBytes
}

// Storage is the physical class of a column.
type Storage uint8

// The storage classes; each has one Parquet encoding family (docs/FORMATS.md).
const (
	StoreBytes Storage = iota
	StoreInt
	StoreFloat
	StoreList
)

// Column describes one column of a log type.
type Column struct {
	Field  string   // dotted name, as queries and the UI show it: "source.ip"
	Name   string   // SQL and Parquet name: "source_ip"; empty means SQLName(Field)
	Kind   Kind     //
	Native []string // further dotted names of the same values, as the log's vendor documents them
}

// SQLName turns a dotted or camel-case field name into lower snake case: "userIdentity.accessKeyId"
// becomes "user_identity_access_key_id", "cs(User-Agent)" becomes "cs_user_agent".
func SQLName(field string) string {
	b := make([]byte, 0, len(field)+8)
	for i := 0; i < len(field); i++ {
		c := field[i]
		switch {
		case c >= 'A' && c <= 'Z':
			lowerBefore := i > 0 && (field[i-1] >= 'a' && field[i-1] <= 'z' || field[i-1] >= '0' && field[i-1] <= '9')
			acronymEnds := i > 0 && field[i-1] >= 'A' && field[i-1] <= 'Z' && i+1 < len(field) && field[i+1] >= 'a' && field[i+1] <= 'z'
			if (lowerBefore || acronymEnds) && len(b) > 0 && b[len(b)-1] != '_' {
				b = append(b, '_')
			}
			b = append(b, c+'a'-'A')
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b = append(b, c)
		default:
			if len(b) > 0 && b[len(b)-1] != '_' {
				b = append(b, '_')
			}
		}
	}
	return strings.TrimRight(string(b), "_")
}

// Names of the columns that every log type has.
const (
	ColTimestamp    = "timestamp"
	ColIngested     = "event_ingested"
	ColID           = "event_id"
	ColDataset      = "event_dataset"
	ColModule       = "event_module"
	ColObjectID     = "object_id"
	ColObjectOffset = "object_offset"
	ColSkeleton     = "skeleton"
	ColVerbatim     = "verbatim"
)

// Schema is the ordered columns of one log type. The first columns are the same for all types, so
// their indices are constants.
type Schema struct {
	Dataset string // log type, "aws.cloudtrail"
	Module  string // "aws"
	Columns []Column
	byName  map[string]int
	byField map[string]int
}

// Indices of the leading columns of every schema.
const (
	CTimestamp = iota
	CIngested
	CObjectID
	CObjectOffset
	CSkeleton
	CVerbatim
	CDataset
	CModule
	cFirst
)

// MaxColumns bounds a schema: a marker names its column in one byte.
const MaxColumns = 250

// NewSchema puts the leading columns before cols and indexes all names. Column kinds of ECS fields
// are taken from ECS when cols give only the field.
func NewSchema(dataset string, cols []Column) (*Schema, error) {
	module, _, _ := strings.Cut(dataset, ".")
	s := &Schema{Dataset: dataset, Module: module, byName: map[string]int{}, byField: map[string]int{}}
	lead := []Column{
		{Field: "@timestamp", Name: ColTimestamp, Kind: Time, Native: []string{"timestamp"}},
		{Field: "event.ingested", Kind: Time},
		{Field: "object.id", Kind: Keyword},
		{Field: "object.offset", Kind: Int},
		{Field: "skeleton", Kind: Binary},
		{Field: "verbatim", Kind: Binary},
		{Field: "event.dataset", Kind: Keyword},
		{Field: "event.module", Kind: Keyword},
	}
	for _, c := range append(lead, cols...) {
		if c.Field == "@timestamp" && len(s.Columns) >= cFirst {
			s.addNames(CTimestamp, c.Native)
			continue
		}
		if c.Name == "" {
			c.Name = SQLName(c.Field)
		}
		if k, ok := ecsKinds[c.Field]; ok {
			c.Kind = k
		}
		if _, dup := s.byName[c.Name]; dup {
			return nil, fmt.Errorf("%s: column %s is declared twice", dataset, c.Name)
		}
		i := len(s.Columns)
		if i >= MaxColumns {
			return nil, fmt.Errorf("%s: more than %d columns", dataset, MaxColumns)
		}
		s.Columns = append(s.Columns, c)
		s.byName[c.Name] = i
		s.addNames(i, []string{c.Field, c.Name})
		s.addNames(i, c.Native)
	}
	return s, nil
}

func (s *Schema) addNames(i int, names []string) {
	for _, n := range names {
		if _, taken := s.byField[strings.ToLower(n)]; !taken {
			s.byField[strings.ToLower(n)] = i
		}
	}
	s.Columns[i].Native = appendNew(s.Columns[i].Native, names, s.Columns[i])
}

func appendNew(dst, names []string, c Column) []string {
next:
	for _, n := range names {
		if n == c.Field || n == c.Name {
			continue
		}
		for _, d := range dst {
			if d == n {
				continue next
			}
		}
		dst = append(dst, n)
	}
	return dst
}

// Index returns the position of the column with that SQL name, or -1.
func (s *Schema) Index(name string) int {
	if i, ok := s.byName[name]; ok {
		return i
	}
	return -1
}

// Lookup resolves a field as a query writes it: ECS name, native name or SQL name, ignoring case.
// It returns -1 when no column bears the name.
func (s *Schema) Lookup(field string) int {
	if i, ok := s.byField[strings.ToLower(field)]; ok {
		return i
	}
	return -1
}
