package scan

import (
	"bytes"
	"encoding/json"
	"math"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"ashiato/internal/event"
	"ashiato/internal/lake/segment"
	"ashiato/internal/logtype"
)

// Event is one whole event of a result.
type Event struct {
	Type    *logtype.Compiled
	Segment string
	Row     int // within the segment
	rows    *segment.Rows
	i       int
}

// Time returns the event time in µs.
func (e *Event) Time() int64 { return e.rows.Int(event.CTimestamp, e.i) }

// ID returns the event's id: its own, or its object's id and position.
func (e *Event) ID() string {
	if c := e.Type.NativeID(); c >= 0 {
		if v := e.rows.Text(c, e.i); v != nil {
			return string(v)
		}
	}
	return string(e.rows.Text(event.CObjectID, e.i)) + "-" + strconv.FormatInt(e.rows.Int(event.CObjectOffset, e.i), 10)
}

// Raw appends the record exactly as it was delivered.
func (e *Event) Raw(dst []byte) ([]byte, error) { return e.rows.Raw(dst, e.i) }

// Message returns the sentence that says what happened.
func (e *Event) Message() string {
	if e.Type.Message == nil {
		return ""
	}
	return e.Type.Message(e.text)
}

// text returns a column's value as text.
func (e *Event) text(column string) string {
	c := e.Type.Schema.Index(column)
	if c < 0 {
		return ""
	}
	switch kind := e.Type.Schema.Columns[c].Kind; kind.Stored() {
	case event.StoreInt:
		v := e.rows.Int(c, e.i)
		if v == event.NullInt {
			return ""
		}
		if kind == event.Time {
			return string(event.AppendTime(nil, v, event.RFC3339Micro))
		}
		return strconv.FormatInt(v, 10)
	case event.StoreFloat:
		if f := segment.Float(e.rows.Int(c, e.i)); !event.NullFloat(f) {
			return strconv.FormatFloat(f, 'f', -1, 64)
		}
		return ""
	case event.StoreList:
		var all []string
		event.EachElement(e.rows.Text(c, e.i), func(v []byte) { all = append(all, string(v)) })
		return strings.Join(all, ", ")
	}
	return string(e.rows.Text(c, e.i))
}

// RelatedField is a pivot field, such as related.ip: the distinct values of several columns.
type RelatedField struct {
	Field   string
	Columns []string // SQL names; nil: all of kind IP
}

// Related lists the pivot fields. They are made when read, in search here and in SQL by package app.
var Related = []RelatedField{
	{"related.hosts", []string{"cloud_instance_id", "host_name", "host_hostname", "source_domain", "destination_domain", "dns_question_name", "url_domain"}},
	{"related.ip", nil},
	{"related.resource", []string{"resource_arn", "resource_name"}},
	{"related.user", []string{"user_name", "user_arn", "user_access_key_id", "user_target_name", "user_session_name", "user_effective_name"}},
}

func relatedColumns(s *event.Schema, field string) []int {
	var out []int
	for _, r := range Related {
		if r.Field != field {
			continue
		}
		if r.Columns == nil {
			for i, c := range s.Columns {
				if c.Kind == event.IP {
					out = append(out, i)
				}
			}
		}
		for _, name := range r.Columns {
			if i := s.Index(name); i >= 0 {
				out = append(out, i)
			}
		}
	}
	return out
}

// AppendJSON appends the event as one JSON object with dotted ECS names, sorted, and without values that
// are absent: event.id, message, related.* and, when raw is true, the record as it was delivered. When
// fields are given, only those.
func (e *Event) AppendJSON(dst []byte, fields []string, raw bool) ([]byte, error) {
	s := e.Type.Schema
	parts := map[string][]byte{}
	for c, col := range s.Columns {
		switch c {
		case event.CSkeleton, event.CVerbatim:
			continue
		}
		if v := e.value(c, col.Kind); v != nil {
			parts[col.Field] = v
		}
	}
	parts["event.id"] = appendString(nil, e.ID())
	if m := e.Message(); m != "" {
		parts["message"] = appendString(nil, m)
	}
	for _, r := range Related {
		if v := e.related(r.Field); v != nil {
			parts[r.Field] = v
		}
	}
	if len(fields) > 0 {
		kept := map[string][]byte{}
		for _, f := range fields {
			if v, ok := parts[f]; ok {
				kept[f] = v
			} else if c := s.Lookup(f); c >= 0 {
				if v := e.value(c, s.Columns[c].Kind); v != nil {
					kept[f] = v
				}
			} else if v := e.path(f); v != nil {
				kept[f] = v
			}
			raw = raw || f == "raw"
		}
		parts = kept
	}
	if raw {
		rec, err := e.Raw(nil)
		if err != nil {
			return dst, err
		}
		parts["raw"] = appendString(nil, string(rec))
	}
	names := make([]string, 0, len(parts))
	for n := range parts {
		names = append(names, n)
	}
	sort.Strings(names)
	dst = append(dst, '{')
	for i, n := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, n)
		dst = append(append(dst, ':'), parts[n]...)
	}
	return append(dst, '}'), nil
}

// value returns a column's value as JSON, nil when absent.
func (e *Event) value(c int, kind event.Kind) []byte {
	switch kind.Stored() {
	case event.StoreInt:
		v := e.rows.Int(c, e.i)
		switch {
		case v == event.NullInt:
			return nil
		case kind == event.Time:
			return append(event.AppendTime([]byte{'"'}, v, event.RFC3339Micro), '"')
		}
		return strconv.AppendInt(nil, v, 10)
	case event.StoreFloat:
		f := segment.Float(e.rows.Int(c, e.i))
		if event.NullFloat(f) || math.IsInf(f, 0) {
			return nil
		}
		return strconv.AppendFloat(nil, f, 'f', -1, 64)
	case event.StoreList:
		list := e.rows.Text(c, e.i)
		if len(list) == 0 {
			return nil
		}
		out := []byte{'['}
		event.EachElement(list, func(v []byte) {
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = appendString(out, string(v))
		})
		return append(out, ']')
	}
	v := e.rows.Text(c, e.i)
	if v == nil {
		return nil
	}
	if kind == event.JSON && json.Valid(v) {
		if bytes.IndexByte(v, '\n') < 0 {
			return v
		}
		// delivered on several lines: an event is one line
		var line bytes.Buffer
		if err := json.Compact(&line, v); err == nil {
			return line.Bytes()
		}
	}
	return appendString(nil, string(v))
}

// related returns the distinct values of a pivot field as a JSON list.
func (e *Event) related(field string) []byte {
	seen := map[string]bool{}
	out := []byte{'['}
	add := func(v []byte) {
		if len(v) == 0 || seen[string(v)] {
			return
		}
		seen[string(v)] = true
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = appendString(out, string(v))
	}
	for _, c := range relatedColumns(e.Type.Schema, field) {
		if e.Type.Schema.Columns[c].Kind == event.List {
			event.EachElement(e.rows.Text(c, e.i), add)
		} else {
			add(e.rows.Text(c, e.i))
		}
	}
	if len(out) == 1 {
		return nil
	}
	return append(out, ']')
}

// path returns the value at a path of the record as JSON.
func (e *Event) path(field string) []byte {
	rec, err := e.Raw(nil)
	if err != nil {
		return nil
	}
	var line bytes.Buffer
	if v := firstAtPath(rec, field); v != nil && json.Compact(&line, v) == nil {
		return line.Bytes()
	}
	return nil
}

// appendString appends a JSON string; bytes that are not UTF-8 become U+FFFD.
func appendString(dst []byte, s string) []byte {
	if utf8.ValidString(s) {
		return append(event.AppendJSONEscaped(append(dst, '"'), []byte(s)), '"')
	}
	return appendString(dst, strings.ToValidUTF8(s, "\uFFFD"))
}
