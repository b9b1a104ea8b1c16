package web

import (
	"net/http"
	"regexp"
	"strings"

	"ashiato/internal/ingest"
	"ashiato/internal/lake"
	"ashiato/internal/lake/catalog"
	"ashiato/internal/service"
)

// access says who may call a route.
type access uint8

const (
	local   access = iota // this machine
	open                  // anybody
	private               // with the private token
)

// route is one operation: how it is called, what it does, and how the API document describes it.
type route struct {
	method, path string
	handler      http.HandlerFunc
	access       access
	hidden       bool // a page, not part of the API
	id, summary  string
	params       []param
	body         any               // zero value of the request's type, nil for none
	bodyMedia    string            // default application/json
	answer       any               // zero value of the answer's type, nil for text
	media        string            // default application/json
	also         map[string]string // further media types of the answer with what they hold
}

// param is a parameter in the query or the path.
type param struct {
	name, kind, about string
	path, list        bool
	required          bool
}

// pattern is the route for http.ServeMux.
func (r route) pattern() string {
	if r.path == "/" {
		return "/{$}"
	}
	return r.path
}

var wildcard = regexp.MustCompile(`\\\{[a-z]+\\\}`)

func (r route) matches(path string) bool {
	return regexp.MustCompile("^" + wildcard.ReplaceAllString(regexp.QuoteMeta(r.path), "[^/]+") + "$").MatchString(path)
}

var (
	workspaceParam = param{name: "workspace", kind: "string", about: "Workspace, default is \"default\"."}
	queryParams    = []param{
		{name: "q", kind: "string", about: "Query in KQL; empty is all events."},
		{name: "from", kind: "string", about: "Start of the time range, inclusive: 2026-10-01T12:00:00Z, 2026-10-01, now-15m, seconds since 1970."},
		{name: "to", kind: "string", about: "End of the time range, exclusive; a whole day, month or year is included."},
		{name: "type", kind: "string", about: "Log type; may be repeated.", list: true},
		workspaceParam,
	}
)

func with(more []param, p ...param) []param { return append(append([]param{}, more...), p...) }

// routes lists every operation of the server.
func (s *Server) routes() []route {
	return []route{
		{method: "GET", path: "/", handler: s.page, hidden: true},
		{method: "GET", path: "/style.css", handler: s.style, hidden: true},
		{method: "GET", path: "/healthz", handler: s.healthz, access: open, id: "health", summary: "Says that the server runs.", answer: health{}},
		{method: "GET", path: "/api/v1/openapi.json", handler: s.openapi, access: open, id: "openapi", summary: "This document.", answer: map[string]any{}},
		{method: "POST", path: "/api/v1/search", handler: s.search, id: "search", summary: "Finds events, newest first: a page, or all as a stream of lines.",
			body: searchBody{}, answer: searchPage{}, also: map[string]string{ndjson: "One event per line, up to limit (0 is all)."}},
		{method: "GET", path: "/api/v1/search/stream", handler: s.searchStream, id: "searchStream",
			summary: "Finds events and sends them as server-sent events: \"events\" (an array), \"progress\", and last \"done\" or \"error\". Closing the connection cancels the search.",
			params: with(queryParams, param{name: "limit", kind: "integer", about: "At most so many events, default 100, 0 is all."}, param{name: "cursor", kind: "string", about: "Where a search before has ended."},
				param{name: "fields", kind: "string", about: "Only these fields.", list: true}, param{name: "raw", kind: "boolean", about: "With the record as delivered, default true."}),
			media: "text/event-stream"},
		{method: "POST", path: "/api/v1/count", handler: s.count, id: "count", summary: "Counts matching events, exactly.", body: service.Query{}, answer: service.CountResult{}},
		{method: "GET", path: "/api/v1/histogram", handler: s.histogram, id: "histogram", summary: "Counts matching events per interval; empty bars are left out.",
			params: with(queryParams, param{name: "interval", kind: "string", about: "Length of a bar: 30s, 5m, 1h; default: chosen by buckets."}, param{name: "buckets", kind: "integer", about: "At most about so many bars, default 60."}),
			answer: service.Histogram{}},
		{method: "GET", path: "/api/v1/fields", handler: s.fields, id: "fields", summary: "Lists the fields that events can have.", params: queryParams, answer: fieldList{}},
		{method: "GET", path: "/api/v1/values", handler: s.values, id: "values", summary: "The most frequent values of fields, with exact counts.",
			params: with(queryParams, param{name: "field", kind: "string", about: "Field; may be repeated.", list: true, required: true}, param{name: "n", kind: "integer", about: "Values of each field, default 10, at most 1000."}),
			answer: facetList{}},
		{method: "GET", path: "/api/v1/events/{id}", handler: s.event, id: "event", summary: "One whole event by its event.id (percent-encoded).",
			params: []param{{name: "id", kind: "string", about: "event.id", path: true, required: true}, workspaceParam}, answer: map[string]any{}},
		{method: "POST", path: "/api/v1/export", handler: s.export, id: "export", summary: "Records exactly as they were delivered, newest first, with line breaks or NUL bytes between.",
			body: service.ExportRequest{}, media: "application/octet-stream"},
		{method: "POST", path: "/api/v1/sql", handler: s.sql, id: "sql", summary: "Runs one SELECT in the dialect of Athena. The format is the body's, else Accept's.",
			body: service.SQLRequest{}, media: ndjson, also: map[string]string{"text/csv": "A header line and the rows.", "text/plain": "Aligned text."}},
		{method: "GET", path: "/api/v1/types", handler: s.types, id: "types", summary: "Lists the catalogue of log types.", answer: typeList{}},
		{method: "GET", path: "/api/v1/status", handler: s.status, id: "status", summary: "What the workspace holds.", params: []param{workspaceParam}, answer: service.Status{}},
		{method: "GET", path: "/api/v1/rejects", handler: s.rejects, id: "rejects", summary: "Why records were rejected, and the most recent ones.",
			params: []param{{name: "type", kind: "string", about: "Log type."}, {name: "limit", kind: "integer", about: "At most so many, default 20."}, {name: "after", kind: "integer", about: "Those with ids above this one, in place of the most recent."}, workspaceParam},
			answer: service.Rejects{}},
		{method: "GET", path: "/api/v1/rejects/{id}", handler: s.reject, id: "reject", summary: "One rejected record with its bytes.",
			params: []param{{name: "id", kind: "integer", about: "Id of the reject.", path: true, required: true}, workspaceParam}, answer: catalog.Reject{}},
		{method: "POST", path: "/api/v1/rejects/replay", handler: s.replay, id: "replayRejects", summary: "Parses rejected records again.", body: service.ReplayRequest{}, answer: service.ReplayResult{}},
		{method: "POST", path: "/api/v1/compact", handler: s.compact, id: "compact", summary: "Merges small segments.", body: service.CompactRequest{}, answer: lake.Compaction{}},
		{method: "POST", path: "/api/v1/retention", handler: s.retain, id: "retention", summary: "How long events are kept, by log type; with a type in the body, sets it.", body: service.RetainRequest{}, answer: service.Retained{}},
		{method: "POST", path: "/api/v1/repair", handler: s.repair, id: "repair", summary: "Makes segments again whose side-car cannot be read, and lists those that are lost.", body: service.RepairRequest{}, answer: lake.Repairs{}},
		{method: "POST", path: "/api/v1/ingest", handler: s.ingest, access: private, id: "ingest", summary: "Takes in files and folders of the server's machine and S3 prefixes; streams reports, the last line has the result.",
			body: service.IngestRequest{}, answer: ingestLine{}, media: ndjson},
		{method: "POST", path: "/api/v1/ingest/upload", handler: s.upload, id: "upload", summary: "Takes in the body as one object, or each file of a form (multipart/form-data).",
			params: []param{{name: "key", kind: "string", about: "Name to recognise the log type by; of a form: folder of its files."}, {name: "type", kind: "string", about: "Log type."}, workspaceParam},
			body:   []byte{}, bodyMedia: "application/octet-stream", answer: ingest.Progress{}},
		{method: "POST", path: "/api/v1/firehose", handler: s.firehose, id: "firehose", summary: "Delivery of Amazon Data Firehose to an HTTP endpoint.",
			params: []param{workspaceParam}, body: firehoseRequest{}, answer: firehoseAnswer{}},
	}
}

// tag groups operations by the first part of their path.
func (r route) tag() string {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.path, "/api/v1/"), "/")
	return strings.TrimPrefix(name, "/")
}
