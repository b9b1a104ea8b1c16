package kql

import (
	"strings"
	"unicode"
)

// isTo reports the word TO of "[a TO b]" at i.
func (p *parser) isTo(i int) bool {
	return i+2 < len(p.r) && strings.EqualFold(string(p.r[i:i+2]), "to") && unicode.IsSpace(p.r[i+2])
}

// isInterval reports that the brace at i opens "{a TO b}" and not "{ sub: x }".
func (p *parser) isInterval(i int) bool {
	i = p.skipBlanks(i + 1)
	if p.end(i) || p.keyword(i) != "" {
		return false
	}
	if isQuote(p.r[i]) {
		_, next, err := p.quoted(i)
		return err == nil && p.isTo(p.skipBlanks(next))
	}
	start := i
	for range 2 { // a date and a time of day are two words
		end := p.wordEnd(i)
		if end == i || p.r[end-1] == ':' && !isAddress(string(p.r[i:end])) {
			return false
		}
		next := p.skipBlanks(end)
		if p.isTo(next) {
			return true
		}
		if i != start || !dateRE.MatchString(string(p.r[i:end])) {
			return false
		}
		i = next
	}
	return false
}

// interval reads "[a TO b]", either bracket of which may be a brace.
func (p *parser) interval(field string, fieldAt int) (Node, error) {
	open := p.i
	if err := p.enter(open); err != nil {
		return nil, err
	}
	defer p.leave()
	const hint = `write [1 TO 5]; a list of values is (1 or 5); put text with brackets in double quotes`
	p.i++
	p.skip()
	lo, loAt, err := p.intervalBound(open, hint)
	if err != nil {
		return nil, err
	}
	if p.skip(); !p.isTo(p.i) {
		return nil, p.errorf(p.i, hint, "no TO in the range")
	}
	p.i += len("TO")
	p.skip()
	hi, hiAt, err := p.intervalBound(open, hint)
	if err != nil {
		return nil, err
	}
	p.skip()
	closer := p.at(p.i)
	if closer != ']' && closer != '}' {
		return nil, p.errorf(open, hint, "the range is not closed")
	}
	p.i++
	if err := p.adjacent(); err != nil {
		return nil, err
	}
	var nodes []Node
	if lo != nil {
		nodes = append(nodes, Range{field, pick(p.at(open) == '[', GreaterEqual, Greater), *lo, p.pos[fieldAt], loAt})
	}
	if hi != nil {
		nodes = append(nodes, Range{field, pick(closer == ']', LessEqual, Less), *hi, p.pos[fieldAt], hiAt})
	}
	switch len(nodes) {
	case 0:
		return p.exists(field, fieldAt), nil
	case 1:
		return nodes[0], nil
	}
	p.terms++
	return And{nodes}, nil
}

// intervalBound reads one end of a range, nil for a bare *, and gives its byte offset.
func (p *parser) intervalBound(open int, hint string) (*string, int, error) {
	if p.end(p.i) {
		return nil, 0, p.errorf(open, hint, "the range is not closed")
	}
	start := p.i
	if endsWord(p.r[start]) && !isQuote(p.r[start]) {
		return nil, 0, p.errorf(start, hint, "no value in the range")
	}
	s, err := p.bound("]}")
	if err != nil {
		return nil, 0, err
	}
	if s == "*" && p.i == start+1 && p.r[start] == '*' {
		return nil, 0, nil
	}
	return &s, p.pos[start], nil
}

func pick(cond bool, a, b Op) Op {
	if cond {
		return a
	}
	return b
}
