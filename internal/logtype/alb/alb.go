// Package alb is the log type aws.alb: access logs of Application Load Balancers.
//
// A record is a line of fields separated by blanks, some in quotes. What clients send stands in it
// nearly as they sent it, so the ends of the request and of the user agent are found by what must
// follow them, not by the next quote.
package alb

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
		Name:      "aws.alb",
		Title:     "Application Load Balancer access logs",
		Docs:      "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html",
		Keys:      []string{`_elasticloadbalancing_[^/]*_app\.[^/]*\.log(\.gz)?$`, `_elasticloadbalancing_[^/]*T\d{4}Z_\d+\.\d+\.\d+\.\d+_\w*\.log\.gz$`},
		LogGroups: []string{`(?i)alb.*access|application-?load-?balancer`},
		Sniff: func(s *logtype.Sample) bool {
			return !s.IsJSON && line.Match(s.FirstLine())
		},
		Framing:    logtype.Lines,
		CloudWatch: true,
		Line:       func(*logtype.Object) logtype.LineParser { return &parser{} },
		Columns:    columns(),
		Rules:      rules,
		Message:    message,
		Views:      views,
	}
}

var line = regexp.MustCompile(`^(?:https?|h2|grpcs?|wss?) \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z app/[^/ ]+/[0-9a-zA-Z]+ \S+:\d+ \S+ -?\d`)

// form says how a field is read.
type form uint8

const (
	text form = iota
	integer
	decimal
	instant
	address // address:port
	request
	agent
)

// optional is the first field that a line may lack. A client that forges quotes can also shift the
// fields from here on: what does not read as it must ends up, with the rest of the line, in
// additional_fields, so that the event is not lost.
const optional = 14

// fields are AWS's, in the order of the line.
var fields = []struct {
	name   string // as AWS documents it
	form   form
	column event.Column
	port   event.Column // form address
}{
	{name: "type", column: event.Column{Field: "type"}},
	{name: "time", form: instant, column: event.Column{Field: "@timestamp"}},
	{name: "elb", column: event.Column{Field: "resource.name"}},
	{name: "client:port", form: address, column: event.Column{Field: "source.ip", Native: []string{"client_ip"}}, port: event.Column{Field: "source.port", Native: []string{"client_port"}}},
	{name: "target:port", form: address, column: event.Column{Field: "destination.ip", Native: []string{"target_ip"}}, port: event.Column{Field: "destination.port", Native: []string{"target_port"}}},
	{name: "request_processing_time", form: decimal, column: event.Column{Field: "request_processing_time"}},
	{name: "target_processing_time", form: decimal, column: event.Column{Field: "target_processing_time"}},
	{name: "response_processing_time", form: decimal, column: event.Column{Field: "response_processing_time"}},
	{name: "elb_status_code", form: integer, column: event.Column{Field: "http.response.status_code"}},
	{name: "target_status_code", form: integer, column: event.Column{Field: "target_status_code"}},
	{name: "received_bytes", form: integer, column: event.Column{Field: "http.request.bytes", Native: []string{"source.bytes"}}},
	{name: "sent_bytes", form: integer, column: event.Column{Field: "http.response.bytes", Native: []string{"destination.bytes"}}},
	{name: "request", form: request, column: event.Column{Field: "request"}},
	{name: "user_agent", form: agent, column: event.Column{Field: "user_agent.original"}},
	{name: "ssl_cipher", column: event.Column{Field: "tls.cipher"}},
	{name: "ssl_protocol", column: event.Column{Field: "tls.version"}},
	{name: "target_group_arn", column: event.Column{Field: "target_group_arn"}},
	{name: "trace_id", column: event.Column{Field: "trace.id"}},
	{name: "domain_name", column: event.Column{Field: "tls.client.server_name"}},
	{name: "chosen_cert_arn", column: event.Column{Field: "chosen_cert_arn"}},
	{name: "matched_rule_priority", form: integer, column: event.Column{Field: "matched_rule_priority"}},
	{name: "request_creation_time", form: instant, column: event.Column{Field: "event.start"}},
	{name: "actions_executed", column: event.Column{Field: "actions_executed"}},
	{name: "redirect_url", column: event.Column{Field: "redirect_url"}},
	{name: "error_reason", column: event.Column{Field: "error.code", Native: []string{"lambda_error_reason"}}},
	{name: "target:port_list", column: event.Column{Field: "target_port_list"}},
	{name: "target_status_code_list", column: event.Column{Field: "target_status_code_list"}},
	{name: "classification", column: event.Column{Field: "classification"}},
	{name: "classification_reason", column: event.Column{Field: "classification_reason"}},
	{name: "conn_trace_id", column: event.Column{Field: "conn_trace_id"}},
	{name: "transformed_host", column: event.Column{Field: "transformed_host"}},
	{name: "transformed_uri", column: event.Column{Field: "transformed_uri"}},
	{name: "request_transform_status", column: event.Column{Field: "request_transform_status"}},
}

func columns() []event.Column {
	var out []event.Column
	for _, f := range fields {
		c := f.column
		if c.Field != f.name {
			c.Native = append([]string{f.name}, c.Native...)
		}
		switch f.form {
		case integer:
			c.Kind = event.Int
		case decimal:
			c.Kind = event.Float
		}
		out = append(out, c)
		if f.form == address {
			out = append(out, f.port)
		}
	}
	return append(out,
		event.Column{Field: "http.request.method", Native: []string{"request_verb"}}, event.Column{Field: "http.version"},
		event.Column{Field: "url.scheme"}, event.Column{Field: "url.domain"}, event.Column{Field: "url.port"},
		event.Column{Field: "url.path"}, event.Column{Field: "url.query"}, event.Column{Field: "url.original"},
		event.Column{Field: "additional_fields"},
		event.Column{Field: "cloud.account.id"}, event.Column{Field: "cloud.region"}, event.Column{Field: "resource.arn"}, event.Column{Field: "resource.type"},
		event.Column{Field: "event.kind"}, event.Column{Field: "event.category"}, event.Column{Field: "event.type"},
		event.Column{Field: "event.outcome"}, event.Column{Field: "event.action"}, event.Column{Field: "event.duration"},
		event.Column{Field: "network.protocol"},
	)
}

// parser binds the fields to the schema of the first row it sees.
type parser struct {
	bound   bool
	request accesslog.Request
	col     [40]int
	port    [40]int
	more    int
}

func (p *parser) bind(s *event.Schema) {
	for i, f := range fields {
		p.col[i] = s.Lookup(f.column.Field)
		if f.form == address {
			p.port[i] = s.Lookup(f.port.Field)
		}
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
		from, to, next := i, 0, 0
		if b[i] == '"' {
			from++
			to = closing(b[from:end], f.form)
			if to < 0 && n >= optional {
				break
			}
			if to < 0 {
				return fmt.Errorf("the field %s has no closing quote", f.name)
			}
			to += from
			next = to + 1
		} else {
			if to = bytes.IndexByte(b[i:end], ' '); to < 0 {
				to = end - i
			}
			to += i
			next = to
		}
		if err := p.value(row, n, from, to); err != nil {
			if n >= optional {
				break
			}
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

// value sends field n, which is data[i:j], to its columns.
func (p *parser) value(row *event.Row, n, i, j int) error {
	b, f := row.Data(), &fields[n]
	if accesslog.Absent(b, i, j) {
		return nil
	}
	ok := true
	switch f.form {
	case integer:
		ok = row.SpanInt(p.col[n], i, j)
	case decimal:
		ok = row.SpanFloat(p.col[n], i, j)
	case instant:
		ok = row.SpanTime(p.col[n], i, j, event.RFC3339Micro)
	case address:
		p.address(row, n, i, j)
	case request:
		p.request.Span(row, i, j)
	default:
		row.Span(p.col[n], i, j)
	}
	if !ok {
		kind := "number"
		if f.form == instant {
			kind = "time"
		}
		return fmt.Errorf("%.60q is not a %s (field %s)", b[i:j], kind, f.name)
	}
	return nil
}

// address splits 203.0.113.5:443 and [2001:db8::5]:443.
func (p *parser) address(row *event.Row, n, i, j int) {
	b := row.Data()
	end := j
	if colon := bytes.LastIndexByte(b[i:j], ':'); colon >= 0 {
		j = i + colon
	}
	port := j + 1
	if j-i >= 2 && b[i] == '[' && b[j-1] == ']' {
		i, j = i+1, j-1
	}
	if i < j {
		row.Span(p.col[n], i, j)
	}
	if port < end {
		row.SpanInt(p.port[n], port, end)
	}
}

// closing returns where the quoted field ends whose inside starts v, or -1. It is the first quote that
// a blank or the end of the line follows; of a request or user agent, the first after which the line
// goes on as it must, if there is one.
func closing(v []byte, f form) int {
	first := -1
	for at := 0; ; {
		q := bytes.IndexByte(v[at:], '"')
		if q < 0 {
			return first
		}
		q += at
		at = q + 1
		if at < len(v) && v[at] != ' ' {
			continue
		}
		rest := v[min(at+1, len(v)):]
		switch f {
		case request:
			if !bytes.HasPrefix(rest, []byte{'"'}) {
				continue
			}
			if endsRequest(v[:q]) {
				return q
			}
		case agent:
			if len(rest) == 0 || startsTLS(rest) {
				return q
			}
		default:
			return q
		}
		if first < 0 {
			first = q
		}
	}
}

// endsRequest reports whether a request line ends like one: with the protocol or a dash.
func endsRequest(v []byte) bool {
	v = bytes.TrimRight(v, " ")
	last := v[bytes.LastIndexByte(v, ' ')+1:]
	return bytes.HasPrefix(last, []byte("HTTP/")) || string(last) == "-" || len(v) == 0
}

// startsTLS reports whether v starts with a cipher suite and a TLS version, or dashes.
func startsTLS(v []byte) bool {
	cipher, rest, ok := bytes.Cut(v, []byte{' '})
	if !ok || len(cipher) == 0 {
		return false
	}
	for _, c := range cipher {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	version, _, _ := bytes.Cut(rest, []byte{' '})
	return string(version) == "-" || bytes.HasPrefix(version, []byte("TLS")) || bytes.HasPrefix(version, []byte("SSL"))
}
