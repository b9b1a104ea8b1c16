// Package nginxaccess is the log type nginx.access: access logs of NGINX in the formats common and
// combined, the latter with and without X-Forwarded-For, and with whatever a site appends.
//
// NGINX escapes quotes and unprintable bytes as \xHH; a quote after a backslash, as other servers write
// it, does not end a field either. The columns keep the delivered text.
package nginxaccess

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"

	"ashiato/internal/event"
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/accesslog"
)

// Type returns the catalogue entry.
func Type() logtype.Type {
	return logtype.Type{
		Name:       "nginx.access",
		Title:      "NGINX access log",
		Docs:       "https://nginx.org/en/docs/http/ngx_http_log_module.html",
		Keys:       []string{`(?i)nginx.*access`},
		LogGroups:  []string{`(?i)nginx.*access`},
		Sniff:      sniff,
		Framing:    logtype.Lines,
		CloudWatch: true,
		Line:       func(*logtype.Object) logtype.LineParser { return &parser{} },
		Columns:    columns,
		Rules:      rules,
		Message:    func(get logtype.Getter) string { return accesslog.Message(get, "") },
	}
}

var (
	line   = regexp.MustCompile(`^[0-9A-Za-z.:_-]+ \S+ \S.* ?\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "(?:[^"\\]|\\.)*" \d{3} (?:\d+|-)(?: "|$| [^"]*$)`)
	apache = regexp.MustCompile(`(?i)apache|httpd`)
)

// sniff takes the combined format for NGINX's unless the name says Apache, which writes the same.
func sniff(s *logtype.Sample) bool {
	return !s.IsJSON && !apache.MatchString(s.Key) && line.Match(s.FirstLine())
}

var columns = []event.Column{
	{Field: "@timestamp", Native: []string{"time_local"}},
	{Field: "source.ip", Native: []string{"remote_addr"}}, {Field: "source.address"},
	{Field: "user.name", Native: []string{"remote_user"}},
	{Field: "request"}, {Field: "http.request.method", Native: []string{"request_method"}}, {Field: "http.version"},
	{Field: "url.scheme"}, {Field: "url.domain"}, {Field: "url.port"}, {Field: "url.path"}, {Field: "url.query"}, {Field: "url.original"},
	{Field: "http.response.status_code", Native: []string{"status"}},
	{Field: "http.response.bytes", Native: []string{"body_bytes_sent", "http.response.body.bytes", "destination.bytes"}},
	{Field: "http.request.referrer", Native: []string{"http_referer"}},
	{Field: "user_agent.original", Native: []string{"http_user_agent"}},
	{Field: "x_forwarded_for", Native: []string{"http_x_forwarded_for"}},
	{Field: "additional_fields"},
	{Field: "cloud.account.id"}, {Field: "cloud.region"}, {Field: "cloud.instance.id"},
	{Field: "event.kind"}, {Field: "event.category"}, {Field: "event.type"}, {Field: "event.outcome"},
}

var instance = regexp.MustCompile(`\bi-[0-9a-f]{8,17}\b`)

var rules = []event.Rule{
	accesslog.StatusRule(),
	{From: []string{"aws_cloudwatch_log_stream"}, To: []string{"cloud_instance_id"}, Fn: func(a *event.Args) { a.Set(0, instance.FindString(a.Str(0))) }},
}

// parser binds the columns to the schema of the first row it sees.
type parser struct {
	bound                                 bool
	request                               accesslog.Request
	ip, address, user, status, size, more int
	quoted                                [3]int // referrer, user agent, X-Forwarded-For
}

func (p *parser) bind(s *event.Schema) {
	p.request, p.bound = accesslog.Bind(s), true
	p.ip, p.address, p.user = s.Index("source_ip"), s.Index("source_address"), s.Index("user_name")
	p.status, p.size, p.more = s.Index("http_response_status_code"), s.Index("http_response_bytes"), s.Index("additional_fields")
	p.quoted = [3]int{s.Index("http_request_referrer"), s.Index("user_agent_original"), s.Index("x_forwarded_for")}
}

var (
	errNoTime    = errors.New("no [time] where an access log has one")
	errNoRequest = errors.New(`no "request" after the time`)
	errOpen      = errors.New("the request has no closing quote")
)

// Parse reads one line (logtype.LineParser).
func (p *parser) Parse(row *event.Row, start, end int) error {
	if !p.bound {
		p.bind(row.Schema())
	}
	b := row.Data()
	// the user name is the client's choice and may hold brackets: the time is what a request follows
	closed := bytes.Index(b[start:end], []byte(`] "`))
	if closed < 0 {
		if bytes.IndexByte(b[start:end], ']') < 0 {
			return errNoTime
		}
		return errNoRequest
	}
	closed += start
	open := bytes.LastIndex(b[start:closed], []byte(" ["))
	if open < 0 {
		return errNoTime
	}
	open += start
	if err := p.client(row, start, open); err != nil {
		return err
	}
	if !row.SpanTime(event.CTimestamp, open+2, closed, event.CLF) {
		return fmt.Errorf("%.60q is not a time", b[open+2:closed])
	}
	i := closed + len(`] "`)
	j := closing(b, i, end)
	if j < 0 {
		return errOpen
	}
	p.request.Span(row, i, j)
	return p.answer(row, j+1, end)
}

// client reads address, identity and user; the user may hold blanks.
func (p *parser) client(row *event.Row, i, end int) error {
	b := row.Data()
	blank := bytes.IndexByte(b[i:end], ' ')
	if blank <= 0 {
		return errors.New("no client address in front of the time")
	}
	if !accesslog.Absent(b, i, i+blank) {
		if isAddress(b[i : i+blank]) {
			row.Span(p.ip, i, i+blank)
		} else {
			row.Span(p.address, i, i+blank)
		}
	}
	i += blank + 1
	if blank = bytes.IndexByte(b[i:end], ' '); blank >= 0 && !accesslog.Absent(b, i+blank+1, end) {
		row.Span(p.user, i+blank+1, end)
	}
	return nil
}

// isAddress tells addresses from host names by their characters.
func isAddress(v []byte) bool {
	dots := 0
	for _, c := range v {
		switch {
		case c == '.' || c == ':':
			dots++
		case (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F'):
			return false
		}
	}
	return dots > 1
}

// answer reads status, size, the quoted fields and what a site has added.
func (p *parser) answer(row *event.Row, i, end int) error {
	b := row.Data()
	for _, col := range [2]int{p.status, p.size} {
		if i >= end || b[i] != ' ' {
			return errors.New("the line ends before status and size")
		}
		i++
		j := i
		for j < end && b[j] != ' ' {
			j++
		}
		if !accesslog.Absent(b, i, j) && !accesslog.SpanInt(row, col, i, j) {
			return fmt.Errorf("%.60q is not a number (field %s)", b[i:j], row.Schema().Columns[col].Field)
		}
		i = j
	}
	for _, col := range p.quoted {
		if i+1 >= end || b[i+1] != '"' {
			break
		}
		j := closing(b, i+2, end)
		if j < 0 {
			break
		}
		if !accesslog.Absent(b, i+2, j) {
			row.Span(col, i+2, j)
		}
		i = j + 1
	}
	for i < end && b[i] == ' ' {
		i++
	}
	if i < end {
		row.Span(p.more, i, end)
	}
	return nil
}

// closing returns the index of the quote that ends the field starting at i, -1 when there is none: one
// with an even number of backslashes before it that a blank or the end of the line follows.
func closing(b []byte, i, end int) int {
	for at := i; ; at++ {
		q := bytes.IndexByte(b[at:end], '"')
		if q < 0 {
			return -1
		}
		at += q
		slashes := 0
		for at-slashes > i && b[at-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 && (at+1 == end || b[at+1] == ' ') {
			return at
		}
	}
}
