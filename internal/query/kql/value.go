package kql

import "strings"

// value reads what follows "field:", or one element of "field: (...)".
func (p *parser) value(field string, fieldAt int, inList bool) (Node, error) {
	p.skip()
	start := p.i
	if err := p.missing(field); err != nil {
		return nil, err
	}
	switch c := p.at(start); {
	case c == '(':
		return p.group(func() (Node, error) { return p.value(field, fieldAt, true) })
	case c == '[' || c == '{' && p.isInterval(start):
		return p.interval(field, fieldAt)
	case c == '{' && inList:
		return nil, p.errorf(start, `write "`+field+`: { sub: value }" as a clause of its own`, "{ } inside a list of values")
	case c == '{':
		outer := p.prefix
		p.prefix = field + "."
		defer func() { p.prefix = outer }()
		return p.group(p.clause)
	case c == '<' || c == '>':
		return p.comparison(field, fieldAt)
	case isQuote(c):
		s, next, err := p.quoted(start)
		if err != nil {
			return nil, err
		}
		p.i = next
		return Match{field, Value{Text: s, Quoted: true}, p.pos[fieldAt], p.pos[start]}, p.adjacent()
	}
	gs, err := p.bare()
	if err != nil {
		return nil, err
	}
	if isStar(gs) {
		return p.exists(field, fieldAt), nil
	}
	for {
		more, err := p.joins(inList)
		if err != nil {
			return nil, err
		}
		if !more {
			return Match{field, bareValue(gs), p.pos[fieldAt], p.pos[start]}, nil
		}
		p.skip()
		w, err := p.bare()
		if err != nil {
			return nil, err
		}
		gs = append(append(gs, glyph{r: ' '}), w...)
	}
}

// exists is the test for any value. Any value of any field is every event.
func (p *parser) exists(field string, fieldAt int) Node {
	if field == "*" {
		return All{}
	}
	return Exists{field, p.pos[fieldAt]}
}

// missing is the error when no value stands at the current place.
func (p *parser) missing(field string) error {
	k, c := p.keyword(p.i), p.at(p.i)
	switch {
	case k == "not":
		return p.errorf(p.i, `write "not `+field+`: value"; put "not" in double quotes to search for the word`, `"not" between a field and its value`)
	case k != "":
		return p.errorf(p.i, `put "`+k+`" in double quotes to search for the word, or write "`+field+`: *" for any value`, "no value for %s", field)
	case p.end(p.i) || c == ')' || c == '}' || c == ']':
		return p.errorf(p.i, `write a value, or "`+field+`: *" for any value`, "no value for %s", field)
	case c == '=' || c == '!':
		return p.rejectOperator(p.i, field)
	}
	return nil
}

// bare reads one bare word of a value. Its colons are text.
func (p *parser) bare() ([]glyph, error) {
	start := p.i
	end := p.wordEnd(start)
	if err := p.rejectWord(start, end, false); err != nil {
		return nil, err
	}
	gs, err := p.word(start, end)
	if err != nil {
		return nil, err
	}
	if err := p.endsInColon(gs, start, end); err != nil {
		return nil, err
	}
	p.i = end
	return gs, p.adjacent()
}

// endsInColon is the error for a value such as "b:" in a: b: c, which was
// meant to be a field. An address may end in a colon.
func (p *parser) endsInColon(gs []glyph, start, end int) error {
	if g := gs[len(gs)-1]; g.r != ':' || g.escaped || isAddress(string(p.r[start:end])) {
		return nil
	}
	return p.errorf(end-1, "write the value of the field before it; put a colon that is part of the text in double quotes",
		"colon at the end of a value")
}

// joins reports that the next word continues a value of several words.
func (p *parser) joins(inList bool) (bool, error) {
	i := p.skipBlanks(p.i)
	if p.end(i) || p.keyword(i) != "" || endsWord(p.r[i]) || p.r[i] == ':' && !p.isAddressAt(i) {
		return false, nil
	}
	end := p.clauseWordEnd(i)
	if k := p.skipBlanks(end); p.isComparison(k) && (k == end || !p.isAddressAt(k)) {
		if inList {
			return false, p.errorf(i, `close the list with ) before the next field; put text with : < or > in double quotes`, "a field inside a list of values")
		}
		return false, nil
	}
	return true, nil
}

// comparison reads an operator and its bound.
func (p *parser) comparison(field string, fieldAt int) (Node, error) {
	if err := p.rejectOperator(p.i, field); err != nil {
		return nil, err
	}
	op := Op(p.at(p.i))
	p.i++
	if p.at(p.i) == '=' {
		op += "="
		p.i++
	}
	p.skip()
	start := p.i
	if p.at(start) == '=' {
		return nil, p.errorf(start, `write "`+field+" "+string(op[0])+`= value" without a blank in the operator`, "no value after %s", op)
	}
	if err := p.missing(field); err != nil {
		return nil, err
	}
	if c := p.at(start); strings.ContainsRune("([{<>", c) {
		return nil, p.errorf(start, "write one number, address, time or quoted text after "+string(op), "no value after %s", op)
	}
	v, err := p.bound("")
	if err != nil {
		return nil, err
	}
	return Range{field, op, v, p.pos[fieldAt], p.pos[start]}, nil
}

// bound reads the value of a comparison: a quoted text, or one bare word, or a
// date and a time of day. The word also ends at the characters of stop.
func (p *parser) bound(stop string) (string, error) {
	if isQuote(p.at(p.i)) {
		s, next, err := p.quoted(p.i)
		if err != nil {
			return "", err
		}
		p.i = next
		if strings.ContainsRune(stop, p.at(p.i)) {
			return s, nil
		}
		return s, p.adjacent()
	}
	start := p.i
	s, err := p.boundWord(stop)
	if err != nil {
		return "", err
	}
	if i := p.skipBlanks(p.i); i > p.i && dateRE.MatchString(string(p.r[start:p.i])) {
		if end := p.boundEnd(i, stop); clockRE.MatchString(string(p.r[i:end])) {
			p.i = i
			clock, err := p.boundWord(stop)
			return s + " " + clock, err
		}
	}
	return s, nil
}

func (p *parser) boundEnd(i int, stop string) int {
	end := p.wordEnd(i)
	for _, c := range stop {
		if k := p.indexBare(i, end, c); k >= 0 {
			end = k
		}
	}
	return end
}

func (p *parser) boundWord(stop string) (string, error) {
	start, end := p.i, p.boundEnd(p.i, stop)
	if start == end {
		return "", p.errorf(start, `write a value, or * for no bound`, "no value in the range")
	}
	if err := p.rejectWord(start, end, false); err != nil {
		return "", err
	}
	gs, err := p.word(start, end)
	if err != nil {
		return "", err
	}
	for _, g := range gs {
		if g.wild && (stop == "" || !isStar(gs)) {
			return "", p.errorf(start, `compare with a plain value, or write "field: value*" to match a pattern`, "a wildcard in a comparison")
		}
	}
	if err := p.endsInColon(gs, start, end); err != nil {
		return "", err
	}
	p.i = end
	if end < len(p.r) && strings.ContainsRune(stop, p.r[end]) {
		return display(gs), nil
	}
	return display(gs), p.adjacent()
}
