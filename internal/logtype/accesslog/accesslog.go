// Package accesslog holds what the access logs of web servers, load balancers and stores have in
// common: the request line, what a status code means, and percent-encoding.
package accesslog

import (
	"bytes"

	"ashiato/internal/event"
)

// Request are the columns that a request line goes to; -1 stands for a column that a type lacks.
type Request struct {
	method, version             int
	scheme, domain, port        int
	path, query, original, line int
}

// Bind finds the columns of request lines in a schema. A target that is no URL goes to url.original, a
// request line that is none to the column "request".
func Bind(s *event.Schema) Request {
	return Request{
		method: s.Index("http_request_method"), version: s.Index("http_version"),
		scheme: s.Index("url_scheme"), domain: s.Index("url_domain"), port: s.Index("url_port"),
		path: s.Index("url_path"), query: s.Index("url_query"), original: s.Index("url_original"), line: s.Index("request"),
	}
}

func span(row *event.Row, col, i, j int) {
	if col >= 0 && j > i {
		row.Span(col, i, j)
	}
}

// Absent reports whether a field says that there is no value.
func Absent(b []byte, i, j int) bool { return i == j || j == i+1 && b[i] == '-' }

// Span sends the request line data[i:j], without its quotes, to the columns.
func (q *Request) Span(row *event.Row, i, j int) {
	b := row.Data()
	for j > i && b[j-1] == ' ' {
		j--
	}
	if Absent(b, i, j) {
		return
	}
	blank := bytes.IndexByte(b[i:j], ' ')
	if blank < 0 || !isMethod(b[i:i+blank]) {
		span(row, q.line, i, j)
		return
	}
	if !Absent(b, i, i+blank) {
		span(row, q.method, i, i+blank)
	}
	start, end, version := i+blank+1, j, j
	if last := bytes.LastIndexByte(b[start:end], ' '); last >= 0 {
		v := start + last + 1
		switch {
		case bytes.HasPrefix(b[v:end], []byte("HTTP/")):
			end, version = start+last, v+len("HTTP/")
		case Absent(b, v, end):
			end = start + last
		}
	}
	q.target(row, start, end) // spans in the order of the line need no sorting
	span(row, q.version, version, j)
}

// isMethod reports whether v could be a method: letters, as all registered ones are, with - and _.
func isMethod(v []byte) bool {
	for _, c := range v {
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_' {
			return false
		}
	}
	return len(v) > 0 && len(v) <= 32
}

// target splits the request target: a path, an absolute URL or anything else.
func (q *Request) target(row *event.Row, i, j int) {
	b := row.Data()
	switch {
	case Absent(b, i, j):
	case b[i] == '/' || b[i] == '*':
		q.pathQuery(row, i, j)
	case !q.absolute(row, i, j):
		span(row, q.original, i, j)
	}
}

func (q *Request) pathQuery(row *event.Row, i, j int) {
	mark := bytes.IndexByte(row.Data()[i:j], '?')
	if mark < 0 {
		span(row, q.path, i, j)
		return
	}
	span(row, q.path, i, i+mark)
	span(row, q.query, i+mark+1, j)
}

// absolute splits scheme://host[:port][/path][?query]; false when the target has another form.
func (q *Request) absolute(row *event.Row, i, j int) bool {
	b := row.Data()
	colon := bytes.Index(b[i:min(j, i+16)], []byte("://"))
	if colon <= 0 || q.scheme < 0 || !isMethod(b[i:i+colon]) {
		return false
	}
	host := i + colon + len("://")
	end := host // of the authority
	for end < j && b[end] != '/' && b[end] != '?' && b[end] != ' ' {
		if b[end] == '@' || b[end] == '"' {
			return false
		}
		end++
	}
	domainEnd, port := end, 0
	if p := bytes.LastIndexByte(b[host:end], ':'); p >= 0 && bytes.IndexByte(b[host+p:end], ']') < 0 {
		domainEnd, port = host+p, host+p+1
		portEnd := port
		for portEnd < end && b[portEnd] >= '0' && b[portEnd] <= '9' {
			portEnd++
		}
		if rest := b[portEnd:j]; len(rest) > 0 && string(rest) != "-" && portEnd != end {
			return false
		}
		if portEnd < end { // "http://host:80-" is how a load balancer writes a request without a path
			j = portEnd
		}
		end = portEnd
	}
	if end < j && b[end] == ' ' {
		return false
	}
	span(row, q.scheme, i, i+colon)
	span(row, q.domain, host, domainEnd)
	if port > 0 && port < end {
		row.SpanInt(q.port, port, end)
	}
	q.pathQuery(row, end, j)
	return true
}

// Classify sets a rule's outputs event.kind, event.category, event.type and event.outcome, at index 0
// to 3, for a request answered with the status; ok is false when none was.
func Classify(a *event.Args, status int64, ok bool) {
	a.Set(0, "event")
	a.SetList(1, "web")
	switch {
	case !ok || status <= 0:
		a.SetList(2, "access")
		a.Set(3, "unknown")
	case status >= 500:
		a.SetList(2, "access", "error")
		a.Set(3, "failure")
	case status >= 400:
		a.SetList(2, "access")
		a.Set(3, "failure")
	default:
		a.SetList(2, "access")
		a.Set(3, "success")
	}
}

// StatusRule classifies requests by their status alone.
func StatusRule() event.Rule {
	return event.Rule{From: []string{"http_response_status_code"}, To: []string{"event_kind", "event_category", "event_type", "event_outcome"}, Fn: func(a *event.Args) {
		status, ok := a.Int(0)
		Classify(a, status, ok)
	}}
}

// SpanInt gives an Int column the number at data[i:j], also one with leading zeros; false when it is
// none.
func SpanInt(row *event.Row, col, i, j int) bool {
	if row.SpanInt(col, i, j) {
		return true
	}
	b := row.Data()[i:j]
	if len(b) == 0 || len(b) > 18 {
		return false
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
		n = n*10 + int64(c-'0')
	}
	row.SetInt(col, n)
	return true
}

// Unescape undoes percent-encoding, leaving what is no %XX as it is. CloudFront used to encode twice:
// when no blank came out but %20 did, the text is decoded once more.
func Unescape(s string) string {
	out := unescape(s)
	if bytes.IndexByte(out, ' ') < 0 && bytes.Contains(out, []byte("%20")) {
		out = unescape(string(out))
	}
	return string(out)
}

func unescape(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := hex(s[i+1]), hex(s[i+2])
			if hi < 16 && lo < 16 {
				out = append(out, hi<<4|lo)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

func hex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 0xFF
}
