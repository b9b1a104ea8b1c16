// Package scan answers KQL over the segments: it prunes by time, type and token filters, evaluates
// predicates once per distinct value, and fetches whole events. SQL goes to package duckdb; both read the
// same files.
package scan

import (
	"context"
	"errors"

	"ashiato/internal/lake"
	"ashiato/internal/logtype"
	"ashiato/internal/query/kql"
)

// Query is what a search asks for.
type Query struct {
	Node  kql.Node
	Text  string   // the query as typed, for error messages
	From  int64    // µs, inclusive; 0 is open
	To    int64    // µs, exclusive; 0 is open
	Types []string // log types; none means all
}

// Engine answers queries over one lake. It is safe for concurrent use.
type Engine struct {
	lake  *lake.Lake
	types *logtype.Catalog
}

// New returns an engine.
func New(l *lake.Lake, types *logtype.Catalog) *Engine { return &Engine{lake: l, types: types} }

// Stats says what a query cost.
type Stats struct {
	Segments int64 `json:"segments"` // that could hold matches by time and type
	Groups   int64 `json:"row_groups"`
	Pruned   int64 `json:"pruned"` // row groups that filters ruled out
}

// Cursor marks a place in a result that is ordered newest first: events after it are older, or equally old
// and later in the order of segments and rows.
type Cursor struct {
	Time    int64  `json:"t"`
	Segment string `json:"s"`
	Row     int    `json:"r"`
}

// ErrStop ends an emit loop without being an error of the query.
var ErrStop = errors.New("stop")

// Bucket is one bar of a histogram.
type Bucket struct {
	Start int64 `json:"start"` // µs
	Count int64 `json:"count"`
}

// ValueCount is a value of a field with the number of events that have it.
type ValueCount struct {
	Value string `json:"value"`
	Count int64  `json:"count"`
}

// Facet is the most frequent values of a field.
type Facet struct {
	Field    string       `json:"field"`
	Values   []ValueCount `json:"values"`
	With     int64        `json:"with"`     // events that have the field
	Without  int64        `json:"without"`  // events that lack it
	Distinct int64        `json:"distinct"` // exact
}

// Search calls emit with the newest matching events, newest first, until limit (0: all) is reached, and
// returns where to go on. emit's event is valid during the call.
func (e *Engine) Search(ctx context.Context, snap *lake.Snapshot, q Query, limit int, after *Cursor, emit func(*Event) error) (next *Cursor, st Stats, err error) {
	return e.search(ctx, snap, q, limit, after, emit)
}

// Count returns the exact number of matching events.
func (e *Engine) Count(ctx context.Context, snap *lake.Snapshot, q Query) (int64, Stats, error) {
	return e.count(ctx, snap, q)
}

// Histogram counts matching events per interval, in µs; buckets start at multiples of it, ascending, empty
// ones left out.
func (e *Engine) Histogram(ctx context.Context, snap *lake.Snapshot, q Query, interval int64) ([]Bucket, Stats, error) {
	return e.histogram(ctx, snap, q, interval)
}

// Facets returns the n most frequent values of each field, exact.
func (e *Engine) Facets(ctx context.Context, snap *lake.Snapshot, q Query, fields []string, n int) ([]Facet, Stats, error) {
	return e.facets(ctx, snap, q, fields, n)
}

// EventByID returns the event with an event.id, nil when there is none.
func (e *Engine) EventByID(ctx context.Context, snap *lake.Snapshot, id string) (*Event, error) {
	return e.eventByID(ctx, snap, id)
}

// Fields lists the fields that the log types of the query have, in ECS names, sorted.
func (e *Engine) Fields(types []string) []string { return e.fields(types) }
