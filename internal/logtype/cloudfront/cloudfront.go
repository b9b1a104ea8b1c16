// Package cloudfront is the log type aws.cloudfront: standard logs of CloudFront distributions in W3C
// extended format, legacy and v2.
//
// The #Fields line says which columns there are; values are separated by tabs and percent-encoded.
// Columns keep the delivered text. A file that lost its header is read by the order in which AWS has
// appended fields over the years.
package cloudfront

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"ashiato/internal/event"
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/accesslog"
)

// Type returns the catalogue entry.
func Type() logtype.Type {
	return logtype.Type{
		Name:       "aws.cloudfront",
		Title:      "CloudFront standard logs",
		Docs:       "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html",
		Keys:       []string{`(^|/)[0-9A-Z]{12,14}\.20\d{2}-\d{2}-\d{2}-\d{2}\.[0-9a-z]{8}(\.gz)?$`, `/CloudFront/.*\.(gz|txt|log)$`},
		LogGroups:  []string{`(?i)cloudfront`},
		Sniff:      sniff,
		Framing:    logtype.Lines,
		CloudWatch: true,
		Line:       func(obj *logtype.Object) logtype.LineParser { return newParser(obj) },
		Columns:    columns(),
		Rules:      rules,
		Message:    func(get logtype.Getter) string { return accesslog.Message(get, "at edge "+get("x_edge_location")) },
		Views:      views,
	}
}

var headless = regexp.MustCompile(`^\d{4}-\d\d-\d\d\t\d\d:\d\d:\d\d\t[A-Z]{3}\d+(?:-[A-Z]+\d+)?\t(?:\d+|-)\t[0-9a-fA-F.:]+\t[A-Z-]+\t[^\t]+\t`)

func sniff(s *logtype.Sample) bool {
	if s.IsJSON {
		return false
	}
	for _, l := range s.Lines {
		if h, ok := header(l); ok {
			known := 0
			for _, n := range h {
				if _, ok := byName[n]; ok {
					known++
				}
			}
			return known >= 3 && 2*known >= len(h) && bytes.Contains(l, []byte("x-edge-")) && !bytes.Contains(l, []byte("x-event"))
		}
	}
	return headless.Match(s.FirstLine("#"))
}

// header returns the names in a #Fields line.
func header(line []byte) (names []string, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("#Fields:"))
	if !ok {
		return nil, false
	}
	return strings.Fields(string(rest)), true
}

var byName = func() map[string]int {
	m := map[string]int{}
	for i, f := range fields {
		m[f.name] = i
	}
	return m
}()

// form says how a field is read.
type form uint8

const (
	skip form = iota // stays in the skeleton
	text
	integer
	decimal
	instant  // a time in the format of the field
	dateTime // date, with time in the next field
	protocol // HTTP/2.0
)

type field struct {
	name   string
	col    int
	form   form
	format event.Format
}

// parser reads the lines of one object.
type parser struct {
	header       []field
	more         int
	resource     int
	distribution []byte // id of the distribution that the object's name gives
}

var objectName = regexp.MustCompile(`(?:^|/)([0-9A-Z]{12,14})\.20\d{2}-\d{2}-\d{2}-\d{2}\.|/(?:DistributionId=)?(E[0-9A-Z]{11,13})/`)

func newParser(obj *logtype.Object) *parser {
	p := &parser{}
	if m := objectName.FindStringSubmatch(obj.Key); m != nil {
		p.distribution = []byte(m[1] + m[2])
	}
	return p
}

// setHeader binds names to columns.
func (p *parser) setHeader(s *event.Schema, names []string) {
	p.header, p.more, p.resource = p.header[:0], s.Index("additional_fields"), s.Index("resource_name")
	haveTime := false
	for i, n := range names {
		haveTime = haveTime || n == "date" && i+1 < len(names) && names[i+1] == "time"
	}
	for i, n := range names {
		f := field{name: n}
		known, ok := byName[n]
		if ok {
			f.col, f.form = s.Lookup(fields[known].column.Field), text
			switch s.Columns[f.col].Kind {
			case event.Int:
				f.form = integer
			case event.Float:
				f.form = decimal
			}
		}
		switch n {
		case "date":
			f.form = skip
			if i+1 < len(names) && names[i+1] == "time" {
				f.form, f.format = dateTime, event.TabSec
			}
		case "time":
			f.form = skip
		case "timestamp", "timestamp(ms)":
			f.form, f.format = instant, event.EpochSec
			if n == "timestamp(ms)" {
				f.format = event.EpochMilli
			}
			if !haveTime { // no better one
				f.col, haveTime = event.CTimestamp, true
			}
		case "cs-protocol-version":
			f.form = protocol
		}
		p.header = append(p.header, f)
	}
}

// Parse reads one line (logtype.LineParser).
func (p *parser) Parse(row *event.Row, start, end int) error {
	b := row.Data()
	if b[start] == '#' {
		if names, ok := header(b[start:end]); ok {
			p.setHeader(row.Schema(), names)
		}
		return logtype.ErrNotRecord
	}
	if len(p.header) == 0 {
		if err := p.headless(row.Schema(), b[start:end]); err != nil {
			return err
		}
	}
	n, i := 0, start
	for ; n < len(p.header) && i <= end; n++ {
		j := bytes.IndexByte(b[i:end], '\t')
		if j < 0 {
			j = end
		} else {
			j += i
		}
		f := &p.header[n]
		if f.form == dateTime {
			if j == end {
				return fmt.Errorf("the line ends after its date")
			}
			date := j
			if j = bytes.IndexByte(b[date+1:end], '\t'); j < 0 {
				j = end
			} else {
				j += date + 1
			}
			n++
		}
		if err := p.value(row, f, i, j); err != nil {
			return err
		}
		i = j + 1
	}
	if n < len(p.header) {
		return fmt.Errorf("%d fields where the header names %d", n, len(p.header))
	}
	if i < end { // more than the header names
		row.Span(p.more, i, end)
	}
	if p.distribution != nil && !row.Has(p.resource) {
		row.SetText(p.resource, p.distribution)
	}
	return nil
}

// headless takes the columns that the legacy format had when it had as many fields as the line.
func (p *parser) headless(s *event.Schema, line []byte) error {
	if !headless.Match(line) {
		return fmt.Errorf("no #Fields line names the columns, and this is not a line of the legacy format")
	}
	n := bytes.Count(line, []byte{'\t'}) + 1
	if n < fewest {
		return fmt.Errorf("%d fields without a #Fields line; the legacy format has at least %d", n, fewest)
	}
	var names []string
	for _, f := range fields[:min(n, standard)] {
		names = append(names, f.name)
	}
	p.setHeader(s, names)
	return nil
}

func (p *parser) value(row *event.Row, f *field, i, j int) error {
	b := row.Data()
	if f.form == skip || accesslog.Absent(b, i, j) {
		return nil
	}
	ok := true
	switch f.form {
	case integer:
		ok = accesslog.SpanInt(row, f.col, i, j) // a request that was given up has status 000
	case decimal:
		ok = row.SpanFloat(f.col, i, j)
	case instant, dateTime:
		if ok = row.SpanTime(f.col, i, j, f.format); !ok {
			return fmt.Errorf("%.60q is not a time (field %s)", b[i:j], f.name)
		}
	case protocol:
		if bytes.HasPrefix(b[i:j], []byte("HTTP/")) {
			i += len("HTTP/")
		}
		row.Span(f.col, i, j)
	default:
		row.Span(f.col, i, j)
	}
	if !ok {
		return fmt.Errorf("%.60q is not a number (field %s)", b[i:j], f.name)
	}
	return nil
}
