// Package logtype defines what a log type is: how to recognise it, frame it, parse it, map it to ECS
// and speak about it. The entries themselves live in the directories below, one per type with its
// samples; package all lists them.
package logtype

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"ashiato/internal/decode"
	"ashiato/internal/event"
)

// Framing says how records lie in an object.
type Framing uint8

// The framings.
const (
	JSON  Framing = iota // JSON values: alone, on lines, in arrays, in envelopes
	Lines                // text, a record a line (or several lines when First is set)
)

// Type is one catalogue entry. Everything the program knows about a kind of log is in it.
type Type struct {
	Name  string // "aws.cloudtrail": becomes event.dataset
	Title string // "AWS CloudTrail"
	Docs  string // address of the vendor's description of the format

	// Recognition. Keys are regular expressions on the object key; LogGroups on the CloudWatch Logs
	// group and stream ("group:stream"). Sniff looks at the content and must be sure: when it is set,
	// it also has to agree with a key that matches.
	Keys      []string
	LogGroups []string
	Sniff     func(*Sample) bool

	Framing    Framing
	Arrays     []string                 // JSON: paths of arrays that hold records
	First      func(line []byte) bool   // Lines: starts a record that may span lines
	Line       func(*Object) LineParser // Lines: returns the parser of one object
	Fields     []decode.Field           // JSON
	Roots      []string                 // JSON: objects that may hold the fields in place of the top level
	CloudWatch bool                     // may come through CloudWatch Logs: has log group and stream columns
	Times      []string                 // Time columns, by SQL name, that stand in for an absent event time, best first

	Columns []event.Column // beside the leading ones (event.NewSchema)
	Rules   []event.Rule   // derived columns
	Message func(Getter) string
	Views   []View
}

// View is an Athena-shaped view that published queries for this log run against unchanged.
type View struct {
	Name string // table name that AWS's documentation uses
	SQL  string // SELECT over the type's table
	Docs string
}

// Getter reads a row for a message: text of a column by its SQL name, empty when null.
type Getter func(column string) string

// Object is what is known about an object beside its bytes.
type Object struct {
	Key       string // S3 key or path with slashes
	ModTime   time.Time
	LogGroup  string // of CloudWatch Logs payloads
	LogStream string
	Owner     string // account id in CloudWatch Logs payloads
	EventTime int64  // µs, time of the CloudWatch log event; 0 when there is none
}

// LineParser parses text records of one object, in order.
type LineParser interface {
	// Parse fills row from row.Data()[start:end]. ErrNotRecord skips a header or comment line; any
	// other error is the reason of a reject.
	Parse(row *event.Row, start, end int) error
}

// LineFunc is a LineParser without state.
type LineFunc func(row *event.Row, start, end int) error

// Parse calls f.
func (f LineFunc) Parse(row *event.Row, start, end int) error { return f(row, start, end) }

// ErrNotRecord marks a header, comment or directive line.
var ErrNotRecord = errors.New("not a record")

// Compiled is a Type made ready: names bound to column indices.
type Compiled struct {
	Type
	Schema  *event.Schema
	Deriver *event.Deriver
	json    *decode.JSONParser
	keys    []*regexp.Regexp
	groups  []*regexp.Regexp
	times   []int
	group   int // columns set from the object, -1 when the type lacks them
	stream  int
	account int
	region  int
	eventID int
}

// Compile checks a type and binds it.
func Compile(t Type) (*Compiled, error) {
	cols := t.Columns
	if t.CloudWatch {
		cols = append(append([]event.Column{}, cols...), event.Column{Field: "aws.cloudwatch.log_group"}, event.Column{Field: "aws.cloudwatch.log_stream"})
	}
	s, err := event.NewSchema(t.Name, cols)
	if err != nil {
		return nil, err
	}
	c := &Compiled{Type: t, Schema: s}
	module := s.Module
	lead := event.Rule{To: []string{event.ColDataset, event.ColModule}, Fn: func(a *event.Args) { a.Set(0, t.Name); a.Set(1, module) }}
	if c.Deriver, err = event.NewDeriver(s, append([]event.Rule{lead}, t.Rules...)); err != nil {
		return nil, err
	}
	if c.json, err = decode.CompileJSON(s, t.Fields, t.Roots...); err != nil {
		return nil, err
	}
	if t.Framing == Lines && t.Line == nil {
		return nil, fmt.Errorf("%s: a text type needs Line", t.Name)
	}
	for _, k := range t.Keys {
		re, err := regexp.Compile(k)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		c.keys = append(c.keys, re)
	}
	for _, k := range t.LogGroups {
		re, err := regexp.Compile(k)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		c.groups = append(c.groups, re)
	}
	for _, name := range t.Times {
		i := s.Index(name)
		if i < 0 || s.Columns[i].Kind != event.Time {
			return nil, fmt.Errorf("%s: %s is no time column", t.Name, name)
		}
		c.times = append(c.times, i)
	}
	c.group, c.stream = s.Index("aws_cloudwatch_log_group"), s.Index("aws_cloudwatch_log_stream")
	c.account, c.region, c.eventID = s.Index("cloud_account_id"), s.Index("cloud_region"), s.Index(event.ColID)
	return c, nil
}

// NativeID returns the index of the event_id column when records carry an id of their own, else -1:
// then an event's id is its object's id and its position.
func (c *Compiled) NativeID() int { return c.eventID }

// Catalog is the list of compiled types.
type Catalog struct {
	Types  []*Compiled
	byName map[string]*Compiled
	arrays []string
}

// NewCatalog compiles types. Earlier ones come first where several recognise an object by its key.
func NewCatalog(types []Type) (*Catalog, error) {
	c := &Catalog{byName: map[string]*Compiled{}, arrays: []string{decode.CloudWatchArray}}
	for _, t := range types {
		ct, err := Compile(t)
		if err != nil {
			return nil, err
		}
		if c.byName[t.Name] != nil {
			return nil, fmt.Errorf("log type %s is listed twice", t.Name)
		}
		c.Types = append(c.Types, ct)
		c.byName[t.Name] = ct
		c.arrays = append(c.arrays, t.Arrays...)
	}
	return c, nil
}

// Get returns a type by name, nil when there is none.
func (c *Catalog) Get(name string) *Compiled { return c.byName[name] }

// SchemaOf returns the columns of a log type, nil when there is none of that name.
func (c *Catalog) SchemaOf(name string) *event.Schema {
	if t := c.byName[name]; t != nil {
		return t.Schema
	}
	return nil
}
