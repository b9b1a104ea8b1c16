package kql

import "unicode"

// clause reads free text, or a field with what it is compared with.
func (p *parser) clause() (Node, error) {
	start := p.i
	if err := p.rejectStart(); err != nil {
		return nil, err
	}
	var gs []glyph
	quoted := isQuote(p.at(start))
	if quoted {
		s, next, err := p.quoted(start)
		if err != nil {
			return nil, err
		}
		for _, r := range s {
			gs = append(gs, glyph{r: r, escaped: true})
		}
		p.i = next
	} else {
		end := p.clauseWordEnd(start)
		if err := p.rejectWord(start, end, true); err != nil {
			return nil, err
		}
		var err error
		if gs, err = p.word(start, end); err != nil {
			return nil, err
		}
		p.i = end
	}
	k := p.skipBlanks(p.i)
	if err := p.rejectOperator(k, display(gs)); err != nil {
		return nil, err
	}
	if c := p.at(k); p.isComparison(k) && (k == p.i || !p.isAddressAt(k)) {
		field, err := p.field(gs, start)
		if err != nil {
			return nil, err
		}
		p.i = k
		if c != ':' {
			return p.comparison(field, start)
		}
		p.i++
		return p.value(field, start, false)
	}
	if err := p.adjacent(); err != nil {
		return nil, err
	}
	if p.prefix != "" {
		return nil, p.errorf(start, `write "field: value" in { }`, "text without a field in { }")
	}
	if quoted {
		if len(gs) == 0 {
			return nil, p.errorf(start, "put the text to search for in them", "empty quotes")
		}
		return Match{Value: Value{Text: display(gs), Quoted: true}, Pos: p.pos[start], ValuePos: p.pos[start]}, nil
	}
	if isStar(gs) {
		return All{}, nil
	}
	return Match{Value: bareValue(gs), Pos: p.pos[start], ValuePos: p.pos[start]}, nil
}

// rejectStart is the error for a character that cannot begin a clause.
func (p *parser) rejectStart() error {
	switch c := p.at(p.i); c {
	case ':', '>', '<':
		if p.isAddressAt(p.i) {
			return nil
		}
		if err := p.rejectOperator(p.i, ""); err != nil {
			return err
		}
		return p.errorf(p.i, `write the field before it, as in "user.name: alice"; put text that begins with `+string(c)+` in double quotes`,
			"no field before %c", c)
	case '{':
		return p.errorf(p.i, `write "field: { sub: value }"; put JSON and other text with braces in double quotes`, "no field before {")
	}
	return nil
}

func (p *parser) isComparison(i int) bool {
	c := p.at(i)
	return c == ':' || c == '<' || c == '>'
}

// isAddressAt reports an address such as ::1, the colon of which is not an operator.
func (p *parser) isAddressAt(i int) bool {
	return p.at(i) == ':' && isAddress(string(p.r[i:p.wordEnd(i)]))
}

// clauseWordEnd is the end of a word of free text or of a field.
func (p *parser) clauseWordEnd(i int) int {
	end := p.wordEnd(i)
	if k := p.indexBare(i, end, ':'); k >= 0 && !isLiteral(string(p.r[i:end])) {
		return k
	}
	return end
}

// field is the name held by gs inside the braces it stands in.
func (p *parser) field(gs []glyph, start int) (string, error) {
	if len(gs) == 0 {
		return "", p.errorf(start, `write the field's name, as in "user.name: alice"`, "empty field name")
	}
	if g := gs[0]; !g.escaped && (g.r == '-' || g.r == '+') {
		hint := `write "` + display(gs[1:]) + `: value"`
		if g.r == '-' {
			hint = `write "not ` + display(gs[1:]) + `: value"`
		}
		return "", p.errorf(start, hint, "%c before a field is not an operator", g.r)
	}
	return p.prefix + fieldName(gs), nil
}

// adjacent is the error for something that touches the end of a word or of a quote.
func (p *parser) adjacent() error {
	c := p.at(p.i)
	switch {
	case p.end(p.i) || c == ')' || c == '}' || unicode.IsSpace(c):
		return nil
	case isQuote(p.r[p.i-1]):
		if err := p.rejectOperator(p.i, ""); err != nil {
			return err
		}
		return p.errorf(p.i, `put a blank between them, or write \" for a quote that is part of the text`, "text touches the closing quote")
	}
	return p.errorf(p.i, `put the whole text in double quotes, or write \`+string(c), "%c inside a word", c)
}

func display(gs []glyph) string { return bareValue(gs).Text }

func isStar(gs []glyph) bool { return len(gs) == 1 && gs[0] == glyph{r: '*', wild: true} }
