// Package s3access is the log type aws.s3access: Amazon S3 server access logs.
//
// A record is a line of fields separated by blanks. The request line, the referrer and the user agent
// are in quotes that clients may imitate; the user agent ends at the last quote of the line, because
// nothing after it is quoted. Fields have been added at the end over the years.
package s3access

import (
	"bytes"
	"fmt"
	"regexp"

	"ashiato/internal/event"
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/accesslog"
)

// Type returns the catalogue entry.
func Type() logtype.Type {
	return logtype.Type{
		Name:    "aws.s3access",
		Title:   "Amazon S3 server access logs",
		Docs:    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html",
		Keys:    []string{`(^|/|[^0-9])20\d{2}-[01]\d-\d{2}-\d{2}-\d{2}-\d{2}-[0-9A-Z]{16}$`},
		Sniff:   func(s *logtype.Sample) bool { return !s.IsJSON && line.Match(s.FirstLine()) },
		Framing: logtype.Lines,
		Line:    func(*logtype.Object) logtype.LineParser { return &parser{} },
		Columns: columns(),
		Rules:   rules,
		Message: message,
		Views:   views,
	}
}

var line = regexp.MustCompile(`^\S+ \S+ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] \S+ \S+ \S+ (?:REST|WEBSITE|SOAP|BATCH|S3)\.[A-Z][A-Z0-9_.]* \S+ `)

// form says how a field is read.
type form uint8

const (
	text form = iota
	integer
	instant
	request  // quoted request line
	referrer // quoted
	agent    // quoted
)

// fields are AWS's, in the order of the line.
var fields = []struct {
	name   string // as Athena's table calls it
	form   form
	column event.Column
}{
	{"bucketowner", text, event.Column{Field: "bucket_owner"}},
	{"bucket_name", text, event.Column{Field: "resource.name", Native: []string{"bucket"}}},
	{"requestdatetime", instant, event.Column{Field: "@timestamp"}},
	{"remoteip", text, event.Column{Field: "source.ip", Native: []string{"remote_ip"}}},
	{"requester", text, event.Column{Field: "user.id"}},
	{"requestid", text, event.Column{Field: "http.request.id", Native: []string{"request_id"}}},
	{"operation", text, event.Column{Field: "event.action"}},
	{"key", text, event.Column{Field: "key"}},
	{"request_uri", request, event.Column{Field: "request"}},
	{"httpstatus", integer, event.Column{Field: "http.response.status_code", Native: []string{"http_status"}}},
	{"errorcode", text, event.Column{Field: "error.code"}},
	{"bytessent", integer, event.Column{Field: "http.response.bytes", Native: []string{"bytes_sent", "http.response.body.bytes", "destination.bytes"}}},
	{"objectsize", integer, event.Column{Field: "file.size", Native: []string{"object_size"}}},
	{"totaltime", integer, event.Column{Field: "total_time"}},
	{"turnaroundtime", integer, event.Column{Field: "turn_around_time"}},
	{"referrer", referrer, event.Column{Field: "http.request.referrer", Native: []string{"referer"}}},
	{"useragent", agent, event.Column{Field: "user_agent.original", Native: []string{"user_agent"}}},
	{"versionid", text, event.Column{Field: "version_id"}},
	{"hostid", text, event.Column{Field: "host_id"}},
	{"sigv", text, event.Column{Field: "signature_version"}},
	{"ciphersuite", text, event.Column{Field: "tls.cipher", Native: []string{"cipher_suite"}}},
	{"authtype", text, event.Column{Field: "authentication_type"}},
	{"endpoint", text, event.Column{Field: "url.domain", Native: []string{"host_header", "destination.domain"}}},
	{"tlsversion", text, event.Column{Field: "tls.version"}},
	{"accesspointarn", text, event.Column{Field: "access_point_arn"}},
	{"aclrequired", text, event.Column{Field: "acl_required"}},
	{"sourceregion", text, event.Column{Field: "source_region"}},
}

// optional is the first field that a line may lack.
const optional = 17

func columns() []event.Column {
	var out []event.Column
	for _, f := range fields {
		c := f.column
		if c.Field != f.name {
			c.Native = append([]string{f.name}, c.Native...)
		}
		if f.form == integer {
			c.Kind = event.Int
		}
		out = append(out, c)
	}
	return append(out,
		event.Column{Field: "http.request.method", Native: []string{"requesturi_operation"}}, event.Column{Field: "url.path"}, event.Column{Field: "url.query"},
		event.Column{Field: "url.original"}, event.Column{Field: "http.version"}, event.Column{Field: "additional_fields"},
		event.Column{Field: "user.arn"}, event.Column{Field: "user.name"}, event.Column{Field: "user.type"}, event.Column{Field: "user.session_name"},
		event.Column{Field: "cloud.account.id"}, event.Column{Field: "cloud.region"}, event.Column{Field: "cloud.service.name"},
		event.Column{Field: "resource.arn"}, event.Column{Field: "resource.type"},
		event.Column{Field: "event.kind"}, event.Column{Field: "event.category"}, event.Column{Field: "event.type"},
		event.Column{Field: "event.outcome"}, event.Column{Field: "event.duration"},
	)
}

// parser binds the fields to the schema of the first row it sees.
type parser struct {
	bound   bool
	request accesslog.Request
	col     [32]int
	more    int
}

func (p *parser) bind(s *event.Schema) {
	for i, f := range fields {
		p.col[i] = s.Lookup(f.column.Field)
	}
	p.request, p.more, p.bound = accesslog.Bind(s), s.Index("additional_fields"), true
}

// Parse reads one line (logtype.LineParser).
func (p *parser) Parse(row *event.Row, start, end int) error {
	if !p.bound {
		p.bind(row.Schema())
	}
	b := row.Data()
	i := start
	for n := range fields {
		f := &fields[n]
		if i >= end {
			if n >= optional {
				return nil
			}
			return fmt.Errorf("the line ends before the field %s", f.name)
		}
		from, to, next := bounds(b, i, end, f.form)
		if to < 0 {
			return fmt.Errorf("the field %s is not closed", f.name)
		}
		if err := p.value(row, n, from, to); err != nil {
			return err
		}
		i = next + 1 // the blank
	}
	for i < end && b[i] == ' ' { // AWS adds fields now and then
		i++
	}
	if i < end {
		row.Span(p.more, i, end)
	}
	return nil
}

// bounds returns where the field at data[i] starts and ends without its quotes or brackets, and where
// its last byte's successor is; to is negative when the end is missing.
func bounds(b []byte, i, end int, f form) (from, to, next int) {
	switch {
	case f == instant && b[i] == '[':
		if to = bytes.IndexByte(b[i:end], ']'); to < 0 {
			return i, -1, end
		}
		return i + 1, i + to, i + to + 1
	case f >= request && b[i] == '"':
		if to = closing(b[i+1:end], f); to < 0 {
			return i, -1, end
		}
		return i + 1, i + 1 + to, i + 2 + to
	}
	if to = bytes.IndexByte(b[i:end], ' '); to < 0 {
		return i, end, end
	}
	return i, i + to, i + to
}

// closing returns where the quoted field ends whose inside starts v, or -1.
func closing(v []byte, f form) int {
	if f == agent {
		return bytes.LastIndexByte(v, '"')
	}
	first := -1
	for at := 0; ; {
		q := bytes.Index(v[at:], []byte(`" `))
		if q < 0 {
			return first
		}
		q += at
		rest := v[q+2:]
		if f == request && startsStatus(rest) || f == referrer && len(rest) > 0 && (rest[0] == '"' || rest[0] == '-') {
			return q
		}
		if first < 0 {
			first = q
		}
		at = q + 1
	}
}

// startsStatus reports whether v starts with a status code, an error code and four numbers, each of
// which may be a dash.
func startsStatus(v []byte) bool {
	for n := range 6 {
		token, rest, more := bytes.Cut(v, []byte{' '})
		v = rest
		switch {
		case len(token) == 0 || !more && n < 5:
			return false
		case n == 1 || string(token) == "-":
			continue
		case n == 0 && len(token) != 3:
			return false
		}
		for _, c := range token {
			if c < '0' || c > '9' {
				return false
			}
		}
	}
	return true
}

// value sends field n, which is data[i:j], to its columns.
func (p *parser) value(row *event.Row, n, i, j int) error {
	b, f := row.Data(), &fields[n]
	if accesslog.Absent(b, i, j) {
		return nil
	}
	switch f.form {
	case integer:
		if !row.SpanInt(p.col[n], i, j) {
			return fmt.Errorf("%.60q is not a number (field %s)", b[i:j], f.name)
		}
	case instant:
		if !row.SpanTime(p.col[n], i, j, event.CLF) {
			return fmt.Errorf("%.60q is not a time (field %s)", b[i:j], f.name)
		}
	case request:
		p.request.Span(row, i, j)
	default:
		row.Span(p.col[n], i, j)
	}
	return nil
}
