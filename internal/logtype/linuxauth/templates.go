package linuxauth

import (
	"bytes"
	"strings"

	"ashiato/internal/event"
)

// A template is the text of a message with variables in braces. Where a variable may hold blanks, and so
// anything a client sends, the text behind it is looked for from the end of the message: a user called
// "root from 192.0.2.1" does not pass for an address.
type template struct {
	parts           []part
	action, outcome []byte
}

type part struct {
	literal  []byte
	variable int // index in variables when there is no literal
}

// class says what a variable may hold.
type class uint8

const (
	anything class = iota
	word           // at least one byte, no blanks
	digits
	host // an address, a host name or nothing
)

// variables: the column of each, "" for what stays in the skeleton.
var variables = []struct {
	name, column string
	class        class
}{
	{"user", "user_name", anything}, {"effective", "user_effective_name", anything}, {"target", "user_target_name", word},
	{"uid", "user_id", digits}, {"target_uid", "user_target_id", digits}, {"group", "group_name", word}, {"gid", "group_id", digits},
	{"from", "source_ip", host}, {"port", "source_port", digits}, {"to", "destination_ip", host}, {"to_port", "destination_port", digits},
	{"method", "ssh_method", word}, {"signature", "ssh_signature", anything}, {"reason", "event_reason", anything},
	{"command", "process_command_line", anything}, {"tty", "tty", anything}, {"session", "session_id", word}, {"by", "pam_ruser", anything},
	{"home", "useradd_home", anything}, {"shell", "useradd_shell", anything}, {"times", "repeat_count", digits},
	{"word", "", word}, {"any", "", anything}, {"n", "", digits},
}

const (
	maxCaptures = 10
	maxTries    = 8 // places that are tried for the text behind a variable
)

type capture struct{ variable, start, end int }

// says makes templates: text, action and outcome of each.
func says(rows ...[3]string) []template {
	var out []template
	for _, r := range rows {
		t := template{action: []byte(r[1]), outcome: []byte(r[2])}
		for text := r[0]; text != ""; {
			literal, rest, variable := strings.Cut(text, "{")
			if literal != "" {
				t.parts = append(t.parts, part{literal: []byte(literal)})
			}
			if !variable {
				break
			}
			name, rest, _ := strings.Cut(rest, "}")
			t.parts = append(t.parts, part{variable: variableNamed(name)})
			text = rest
		}
		out = append(out, t)
	}
	return out
}

func variableNamed(name string) int {
	for i, v := range variables {
		if v.name == name {
			return i
		}
	}
	panic("linuxauth: a template names the variable " + name + ", which does not exist")
}

// match reports whether parts fit b[i:end]; captures are appended to p.matched from n on.
func (p *parser) match(parts []part, b []byte, i, end, n int) (captures int, ok bool) {
	if len(parts) == 0 {
		return n, i == end
	}
	if lit := parts[0].literal; lit != nil {
		if !bytes.HasPrefix(b[i:end], lit) {
			return n, false
		}
		return p.match(parts[1:], b, i+len(lit), end, n)
	}
	v := parts[0].variable
	if n >= maxCaptures {
		return n, false
	}
	if len(parts) == 1 {
		p.matched[n] = capture{v, i, end}
		return n + 1, variables[v].class.fits(b[i:end])
	}
	next := parts[1].literal
	last := variables[v].class == anything
	from, to := i, end
	for range maxTries {
		var at int
		if last {
			at = bytes.LastIndex(b[from:to], next)
		} else {
			at = bytes.Index(b[from:to], next)
		}
		if at < 0 {
			return n, false
		}
		at += from
		if variables[v].class.fits(b[i:at]) {
			p.matched[n] = capture{v, i, at}
			if captures, ok = p.match(parts[1:], b, at, end, n+1); ok {
				return captures, true
			}
		}
		if last {
			to = at + len(next) - 1
		} else {
			from = at + 1
		}
		if from > to {
			return n, false
		}
	}
	return n, false
}

func (c class) fits(v []byte) bool {
	switch c {
	case word:
		return len(v) > 0 && bytes.IndexByte(v, ' ') < 0
	case host:
		return bytes.IndexByte(v, ' ') < 0
	case digits:
		for _, d := range v {
			if d < '0' || d > '9' {
				return false
			}
		}
		return len(v) > 0 && len(v) <= 18
	}
	return true
}

// apply looks for the template that fits data[i:end] and sends its variables to their columns.
func (p *parser) apply(row *event.Row, templates []template, i, end int) bool {
	b := row.Data()
	for t := range templates {
		n, ok := p.match(templates[t].parts, b, i, end, 0)
		if !ok {
			continue
		}
		for _, m := range p.matched[:n] {
			p.send(row, m)
		}
		p.classify(row, templates[t].action, templates[t].outcome)
		return true
	}
	return false
}

func (p *parser) classify(row *event.Row, action, outcome []byte) {
	row.SetText(p.c.action, action)
	row.SetText(p.c.outcome, outcome)
}

func (p *parser) send(row *event.Row, m capture) {
	v, col := variables[m.variable], p.column[m.variable]
	if col < 0 || m.start == m.end {
		return
	}
	switch {
	case v.class == digits && row.Schema().Columns[col].Kind == event.Int:
		row.SpanInt(col, m.start, m.end)
	case col == p.c.ip && !isAddress(row.Data()[m.start:m.end]):
		row.Span(p.c.address, m.start, m.end)
	default:
		row.Span(col, m.start, m.end)
	}
}

// isAddress tells addresses from host names by their characters.
func isAddress(v []byte) bool {
	dots := 0
	for i, c := range v {
		switch {
		case c == '.' || c == ':':
			dots++
		case c == '%' && dots > 1: // zone of a link-local address
			return i > 0
		case (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F'):
			return false
		}
	}
	return dots > 1
}
