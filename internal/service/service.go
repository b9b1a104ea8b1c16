// Package service defines what the program can do with a data directory: the operations behind the
// verbs, the HTTP API and the assistants' tools, with their requests and answers. Package app does the
// work in this process; package web's Client has a running server do it.
package service

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"ashiato/internal/engine/scan"
	"ashiato/internal/ingest"
	"ashiato/internal/lake"
	"ashiato/internal/lake/catalog"
)

// Service is everything that a front end may ask for. Errors are of type *Error, or a context's.
type Service interface {
	// Search calls emit with the newest matching events, newest first. The bytes are one JSON object
	// without line breaks, valid during the call.
	Search(ctx context.Context, q SearchRequest, emit func(event []byte) error) (SearchResult, error)
	// Count returns the exact number of matching events.
	Count(ctx context.Context, q Query) (CountResult, error)
	// Histogram counts matching events per interval.
	Histogram(ctx context.Context, q HistogramRequest) (Histogram, error)
	// Fields lists the fields that events of the query's types can have.
	Fields(ctx context.Context, q Query) ([]string, error)
	// Values returns the most frequent values of fields.
	Values(ctx context.Context, q ValuesRequest) ([]scan.Facet, error)
	// Event returns one whole event as a JSON object.
	Event(ctx context.Context, workspace, id string) (json.RawMessage, error)
	// Export writes records as they were delivered, newest first.
	Export(ctx context.Context, q ExportRequest, w io.Writer) (ExportResult, error)
	// SQL runs one statement and writes its rows.
	SQL(ctx context.Context, q SQLRequest, w io.Writer) (SQLResult, error)
	// Types lists the catalogue of log types.
	Types(ctx context.Context) ([]TypeInfo, error)
	// Status sums up what a workspace holds.
	Status(ctx context.Context, workspace string) (Status, error)
	// Rejects lists rejected records.
	Rejects(ctx context.Context, q RejectsRequest) (Rejects, error)
	// Reject returns one rejected record with its bytes.
	Reject(ctx context.Context, workspace string, id int64) (catalog.Reject, error)
	// ReplayRejects parses rejected records again.
	ReplayRejects(ctx context.Context, q ReplayRequest) (ReplayResult, error)
	// Ingest takes in what paths name. When ctx ends, what is complete is committed and the result so
	// far is returned with the context's error.
	Ingest(ctx context.Context, q IngestRequest, report func(IngestReport)) (IngestResult, error)
	// Upload takes in one object that is sent along.
	Upload(ctx context.Context, q UploadRequest, body io.Reader, report func(IngestReport)) (IngestResult, error)
	// Compact merges the small segments of each log type and day.
	Compact(ctx context.Context, q CompactRequest) (lake.Compaction, error)
	// Retain lists how long events are kept, or sets it for a log type.
	Retain(ctx context.Context, q RetainRequest) (Retained, error)
	// Repair makes segments again whose side-car cannot be read.
	Repair(ctx context.Context, q RepairRequest) (lake.Repairs, error)
}

// Query chooses events.
type Query struct {
	Workspace string   `json:"workspace,omitempty"` // default "default"
	Query     string   `json:"query"`               // KQL; empty is everything
	From      string   `json:"from,omitempty"`      // as kql.ParseTime reads it, inclusive
	To        string   `json:"to,omitempty"`        // exclusive; a day, month or year is included whole
	Types     []string `json:"types,omitempty"`     // log types; none is all
}

// SearchRequest asks for events.
type SearchRequest struct {
	Query
	Limit  int          `json:"limit"`            // 0: all
	Cursor *scan.Cursor `json:"cursor,omitempty"` // where the page before ended
	Fields []string     `json:"fields,omitempty"` // none is all
	Raw    bool         `json:"raw"`              // with the record as delivered
}

// SearchResult follows the events.
type SearchResult struct {
	Next    *scan.Cursor `json:"next,omitempty"` // nil: there are no more
	Stats   scan.Stats   `json:"stats"`
	Empty   bool         `json:"empty,omitempty"` // nothing was ever taken in
	Elapsed float64      `json:"elapsed_ms"`
}

// CountResult answers Count.
type CountResult struct {
	Count int64      `json:"count"`
	Stats scan.Stats `json:"stats"`
	Empty bool       `json:"empty,omitempty"`
}

// HistogramRequest asks for bars.
type HistogramRequest struct {
	Query
	Interval time.Duration `json:"interval_ns,omitempty"` // 0: chosen so that there are at most Buckets bars
	Buckets  int           `json:"buckets,omitempty"`     // default 60
}

// Histogram answers with the bars that are not empty.
type Histogram struct {
	Interval float64       `json:"interval_s"`
	Buckets  []scan.Bucket `json:"buckets"`
	Stats    scan.Stats    `json:"stats"`
}

// ValuesRequest asks for the N most frequent values of fields.
type ValuesRequest struct {
	Query
	Fields []string `json:"fields"`
	N      int      `json:"n"`
}

// ExportRequest asks for records.
type ExportRequest struct {
	Query
	Null bool `json:"null"` // end records with a NUL byte in place of a line break
}

// ExportResult counts what Export has written.
type ExportResult struct {
	Records   int64 `json:"records"`
	Multiline int64 `json:"multiline"` // records that hold line breaks
}

// Format is how SQL writes rows.
type Format string

// The formats.
const (
	Table Format = "table" // aligned text
	JSON  Format = "json"  // one object per line
	CSV   Format = "csv"   // with a header line
)

// SQLRequest is one statement.
type SQLRequest struct {
	Workspace   string `json:"workspace,omitempty"`
	SQL         string `json:"sql"`
	Format      Format `json:"format,omitempty"`      // default json
	Width       int    `json:"width,omitempty"`       // table: the widest column, 0 is no limit
	Spreadsheet bool   `json:"spreadsheet,omitempty"` // csv: guard against formulas
}

// SQLResult follows the rows.
type SQLResult struct {
	Truncated bool `json:"truncated"` // rows were left out because there are too many
}

// TypeInfo describes a log type.
type TypeInfo struct {
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Framing string   `json:"framing"` // json or lines
	Docs    string   `json:"docs"`
	Table   string   `json:"table"` // in SQL
	Views   []string `json:"views"`
}

// Status is what a workspace holds.
type Status struct {
	Workspace string       `json:"workspace"`
	Types     []TypeStatus `json:"types"`
	Total     TypeStatus   `json:"total"`
	Disk      int64        `json:"disk_bytes"` // of the workspace's directory
	Server    string       `json:"server,omitempty"`
}

// TypeStatus is the catalog's summary with the time since the last event.
type TypeStatus struct {
	catalog.TypeStatus
	Lag float64 `json:"lag_s,omitempty"` // now minus the last event, in seconds
}

// RejectsRequest asks for a list.
type RejectsRequest struct {
	Workspace string `json:"workspace,omitempty"`
	Type      string `json:"type,omitempty"`
	Limit     int    `json:"limit,omitempty"` // default 20
	After     int64  `json:"after,omitempty"` // ids above; 0 lists the most recent
}

// Rejects is how many there are of each kind, and some of them without their bytes, by id.
type Rejects struct {
	Groups []catalog.RejectCount `json:"groups"`
	Recent []catalog.Reject      `json:"recent"`
}

// ReplayRequest chooses rejects and says as what to parse them.
type ReplayRequest struct {
	Workspace string `json:"workspace,omitempty"`
	Type      string `json:"type,omitempty"` // parse as this type; default: each as its own
	ID        int64  `json:"id,omitempty"`   // only this one
}

// ReplayResult counts rejects.
type ReplayResult = ingest.ReplayResult

// IngestRequest names what to take in.
type IngestRequest struct {
	Workspace     string   `json:"workspace,omitempty"`
	Type          string   `json:"type,omitempty"` // take everything for this log type
	Paths         []string `json:"paths"`          // files, folders, s3://bucket/prefix, "-" for standard input
	Follow        bool     `json:"follow,omitempty"`
	Region        string   `json:"region,omitempty"`
	EndpointURL   string   `json:"endpoint_url,omitempty"`
	RequesterPays bool     `json:"requester_pays,omitempty"`
}

// UploadRequest describes an object that is sent along.
type UploadRequest struct {
	Workspace string `json:"workspace,omitempty"`
	Type      string `json:"type,omitempty"`
	URI       string `json:"uri"` // what the object is called in the lake; "-" for standard input
	Key       string `json:"key"` // name to recognise it by
}

// IngestReport is one thing to tell while taking in; one field is set.
type IngestReport struct {
	Waiting  string          `json:"waiting,omitempty"` // who has the writer's lock
	Progress *IngestProgress `json:"progress,omitempty"`
	Failed   *ObjectError    `json:"failed,omitempty"`
}

// IngestProgress is how far a run is.
type IngestProgress struct {
	ingest.Progress
	Listed     int64 `json:"listed"`       // objects
	ListedSize int64 `json:"listed_bytes"` // of objects whose size is known
	Handed     int64 `json:"handed_bytes"` // of those that are done or being done
	Complete   bool  `json:"complete"`     // the listing is
}

// ObjectError is an object that could not be read.
type ObjectError struct {
	URI     string `json:"uri"`
	Message string `json:"message"`
}

// IngestResult sums up a run.
type IngestResult struct{ ingest.Progress }

// Add sums two runs up.
func (r *IngestResult) Add(o IngestResult) {
	r.Objects += o.Objects
	r.Known += o.Known
	r.Failed += o.Failed
	r.Events += o.Events
	r.Rejects += o.Rejects
	r.Duplicates += o.Duplicates
	r.Bytes += o.Bytes
	r.PlainBytes += o.PlainBytes
	r.Committed += o.Committed
	r.Elapsed += o.Elapsed
}

// CompactRequest asks for small segments to be merged.
type CompactRequest struct {
	Workspace string `json:"workspace,omitempty"`
	AtLeast   int    `json:"at_least,omitempty"` // only days with so many small segments; default 2
}

// RetainRequest sets how long events of a log type are kept; without a type it only asks.
type RetainRequest struct {
	Workspace string `json:"workspace,omitempty"`
	Type      string `json:"type,omitempty"`
	Days      int    `json:"days,omitempty"` // counted from the event's day; 0 is for ever
}

// Retained lists the log types whose events expire, and says how many have just expired.
type Retained struct {
	Types   []catalog.Retention `json:"types"`
	Expired int64               `json:"expired"` // events
}

// RepairRequest asks for the files of all segments to be looked at.
type RepairRequest struct {
	Workspace string `json:"workspace,omitempty"`
}
