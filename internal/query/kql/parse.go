package kql

import "strings"

// Parse reads a query. Its error is an *Error. A query is bounded in length
// (64 KiB), nesting (100) and number of terms (10,000).
func Parse(query string) (Node, error) {
	if len(query) > maxQuery {
		return nil, &Error{Query: strings.ToValidUTF8(query[:maxQuery], ""), Pos: maxQuery,
			Msg: "the query is longer than 64 KiB", Hint: "keep a long list of indicators in a watch list and match against that"}
	}
	t, err := newText(query)
	if err != nil {
		return nil, err
	}
	if err := t.rejectSQL(); err != nil {
		return nil, err
	}
	p := &parser{text: t}
	if p.skip(); p.end(p.i) {
		return All{}, nil
	}
	n, err := p.or(p.clause)
	if err != nil {
		return nil, err
	}
	if !p.end(p.i) {
		return nil, p.unopened()
	}
	return n, nil
}

// parser descends over text. or, and, not and primary are shared between
// clauses and the values in "field: (...)"; leaf reads one of these.
type parser struct {
	*text
	i      int
	depth  int
	terms  int
	prefix string // field names in braces continue this, "a." in a: { b: x }
	op     string // operator just read, whose right side comes next
	opAt   int
}

type leaf func() (Node, error)

func (p *parser) skip() { p.i = p.skipBlanks(p.i) }

func (p *parser) or(read leaf) (Node, error) {
	var nodes []Node
	for {
		n, err := p.and(read)
		if err != nil {
			return nil, err
		}
		if o, ok := n.(Or); ok {
			nodes = append(nodes, o.Nodes...)
		} else {
			nodes = append(nodes, n)
		}
		if p.keyword(p.i) != "or" {
			break
		}
		p.operator("or")
	}
	if len(nodes) == 1 {
		return nodes[0], nil
	}
	return Or{nodes}, nil
}

func (p *parser) and(read leaf) (Node, error) {
	var nodes []Node
	for {
		n, err := p.not(read)
		if err != nil {
			return nil, err
		}
		if a, ok := n.(And); ok {
			nodes = append(nodes, a.Nodes...)
		} else {
			nodes = append(nodes, n)
		}
		p.skip()
		if k := p.keyword(p.i); k == "and" {
			p.operator(k)
		} else if c := p.at(p.i); p.end(p.i) || k == "or" || c == ')' || c == '}' {
			break
		}
	}
	if len(nodes) == 1 {
		return nodes[0], nil
	}
	return And{nodes}, nil
}

func (p *parser) not(read leaf) (Node, error) {
	p.skip()
	if p.keyword(p.i) != "not" {
		return p.primary(read)
	}
	if err := p.enter(p.i); err != nil {
		return nil, err
	}
	defer p.leave()
	p.operator("not")
	n, err := p.not(read)
	if err != nil {
		return nil, err
	}
	return Not{n}, nil
}

// operator steps over the keyword k.
func (p *parser) operator(k string) {
	p.op, p.opAt = k, p.i
	p.i += len(k)
}

func (p *parser) primary(read leaf) (Node, error) {
	switch c := p.at(p.i); {
	case p.op != "" && (p.end(p.i) || c == ')' || c == '}'):
		return nil, p.errorf(p.opAt, `remove it, or put "`+p.op+`" in double quotes to search for the word`, `nothing follows "%s"`, p.op)
	case c == ')' || c == '}':
		return nil, p.unopened()
	case c == '(':
		return p.group(read)
	}
	if k := p.keyword(p.i); k != "" {
		hint := `remove it, or put "` + k + `" in double quotes to search for the word`
		if p.op != "" {
			return nil, p.errorf(p.i, hint, `"%s" directly after "%s"`, k, p.op)
		}
		return nil, p.errorf(p.i, hint, `nothing stands before "%s"`, k)
	}
	p.op = ""
	if p.terms++; p.terms > maxTerms {
		return nil, p.errorf(p.i, "keep a long list of indicators in a watch list and match against that", "the query has more than 10,000 terms")
	}
	return read()
}

// group reads what the parenthesis or brace at the current place encloses.
func (p *parser) group(read leaf) (Node, error) {
	open, closer := p.i, ')'
	if p.at(open) == '{' {
		closer = '}'
	}
	if err := p.enter(open); err != nil {
		return nil, err
	}
	defer p.leave()
	p.op = ""
	p.i++
	p.skip()
	if p.at(p.i) == closer {
		return nil, p.errorf(open, "put something between them or remove them", "nothing between %c and %c", p.at(open), closer)
	}
	if p.end(p.i) {
		return nil, p.unclosed(open, closer)
	}
	n, err := p.or(read)
	if err != nil {
		return nil, err
	}
	if p.at(p.i) != closer {
		return nil, p.unclosed(open, closer)
	}
	p.i++
	return n, nil
}

func (p *parser) unclosed(open int, closer rune) error {
	if p.end(p.i) {
		return p.errorf(open, "add the closing "+string(closer), "%c is not closed", p.at(open))
	}
	return p.errorf(p.i, "write "+string(closer), "%c closed by %c", p.at(open), p.at(p.i))
}

func (p *parser) unopened() error {
	c := p.at(p.i)
	return p.errorf(p.i, `remove it, or write \`+string(c)+" if it is part of the text", "%c without an opening %s",
		c, map[rune]string{')': "(", '}': "{"}[c])
}

func (p *parser) enter(i int) error {
	if p.depth++; p.depth > maxDepth {
		return p.errorf(i, "write the query flatter, or use SQL", "the query nests deeper than 100 levels")
	}
	return nil
}

func (p *parser) leave() { p.depth-- }
