package kql

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// text is a query as characters. The parser looks at r, which is width-folded;
// quoted text is taken from raw.
type text struct {
	query  string
	r, raw []rune
	pos    []int // byte offset in query of each character, and of the end
}

func newText(query string) (*text, error) {
	t := &text{query: query}
	for i, r := range query {
		if r == utf8.RuneError && !strings.HasPrefix(query[i:], "\uFFFD") {
			return nil, &Error{Query: strings.ToValidUTF8(query[:i], "") + "\uFFFD", Pos: i,
				Msg: "the query is not valid UTF-8", Hint: "paste it again as text"}
		}
		t.raw = append(t.raw, r)
		t.r = append(t.r, fold(r))
		t.pos = append(t.pos, i)
	}
	t.pos = append(t.pos, len(query))
	return t, nil
}

// fold maps full-width ASCII and the ideographic space to ASCII. width.Fold
// would also turn half-width kana into full-width ones, which the events may
// hold as they are.
func fold(r rune) rune {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E:
		return r - 0xFEE0
	case r == 0x3000:
		return ' '
	}
	return r
}

// at is the character at i, 0 at the end.
func (t *text) at(i int) rune {
	if i < len(t.r) {
		return t.r[i]
	}
	return 0
}

func (t *text) end(i int) bool { return i >= len(t.r) }

func (t *text) errorf(i int, hint, format string, args ...any) error {
	return &Error{Query: t.query, Pos: t.pos[min(i, len(t.r))], Msg: fmt.Sprintf(format, args...), Hint: hint}
}

func (t *text) skipBlanks(i int) int {
	for !t.end(i) && unicode.IsSpace(t.r[i]) {
		i++
	}
	return i
}

// isQuote reports double quotes: straight, and the curly ones that editors put in their place.
func isQuote(r rune) bool { return r == '"' || r >= '“' && r <= '‟' }

// endsWord reports the characters that a bare word cannot hold unescaped.
func endsWord(r rune) bool {
	switch r {
	case '(', ')', '{', '}', '<', '>':
		return true
	}
	return isQuote(r) || unicode.IsSpace(r)
}

// wordEnd is the end of the bare word at i, colons included.
func (t *text) wordEnd(i int) int {
	path := isDrivePath(t.r[i:])
	for ; !t.end(i) && !endsWord(t.r[i]); i++ {
		if t.r[i] == '\\' && !path {
			i++
		}
	}
	return min(i, len(t.r))
}

// indexBare is the first place in [i, j) where an unescaped s stands, or -1.
func (t *text) indexBare(i, j int, s ...rune) int {
	for ; i <= j-len(s); i++ {
		if t.r[i] == '\\' {
			i++
			continue
		}
		if string(t.r[i:i+len(s)]) == string(s) {
			return i
		}
	}
	return -1
}

// keyword is "and", "or" or "not" where one of these stands at i as an operator, else "".
func (t *text) keyword(i int) string {
	for _, k := range [...]string{"and", "or", "not"} {
		j := i + len(k)
		if j > len(t.r) || !strings.EqualFold(string(t.r[i:j]), k) {
			continue
		}
		if t.end(j) || endsWord(t.r[j]) && t.r[j] != '<' && t.r[j] != '>' {
			return k
		}
	}
	return ""
}

func isKeyword(s string) bool {
	return strings.EqualFold(s, "and") || strings.EqualFold(s, "or") || strings.EqualFold(s, "not")
}

// glyph is a character of a bare word after escapes.
type glyph struct {
	r       rune
	wild    bool // r is '*' or '?' and a wildcard
	escaped bool
}

// word reads the bare word in [i, j).
func (t *text) word(i, j int) ([]glyph, error) {
	if t.r[i] == '\\' && isKeyword(string(t.r[i+1:j])) {
		var gs []glyph
		for _, r := range t.r[i+1 : j] {
			gs = append(gs, glyph{r: r, escaped: true})
		}
		return gs, nil
	}
	path := isDrivePath(t.r[i:j])
	var gs []glyph
	for i < j {
		switch c := t.r[i]; {
		case c == '\\' && !path:
			r, next, err := t.escape(i)
			if err != nil {
				return nil, err
			}
			gs = append(gs, glyph{r: r, escaped: true})
			i = next
			continue
		case c == '*' && len(gs) > 0 && gs[len(gs)-1] == (glyph{r: '*', wild: true}):
		case c == '*' || c == '?':
			gs = append(gs, glyph{r: c, wild: true})
		default:
			gs = append(gs, glyph{r: c})
		}
		i++
	}
	return gs, nil
}

// escape resolves the backslash at i of a bare word.
func (t *text) escape(i int) (rune, int, error) {
	c := t.at(i + 1)
	switch {
	case t.end(i + 1):
		return 0, 0, t.errorf(i, `write \\ for a backslash`, `nothing after the backslash`)
	case c == 'u':
		if r, next := t.unicodeEscape(i); next > 0 {
			return r, next, nil
		}
		return 0, 0, t.errorf(i, `write four hexadecimal digits, as in \u3042, or \\u for a backslash and a u`, `incomplete \u escape`)
	case blankEscape(c) != 0:
		return blankEscape(c), i + 2, nil
	case c < utf8.RuneSelf && (unicode.IsPunct(c) || unicode.IsSymbol(c)) || unicode.IsSpace(c):
		return c, i + 2, nil
	}
	return 0, 0, t.errorf(i, fmt.Sprintf(`write \\%c for a backslash and %c`, c, c), `unknown escape \%c`, c)
}

// blankEscape is what \c stands for when it is \t, \n or \r, else 0.
func blankEscape(c rune) rune {
	switch c {
	case 't':
		return '\t'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	}
	return 0
}

// unicodeEscape reads \uXXXX, or two of them that are a surrogate pair. The
// second result is 0 when there is none.
func (t *text) unicodeEscape(i int) (rune, int) {
	hex := func(i int) rune {
		if t.at(i) != '\\' || t.at(i+1) != 'u' || i+6 > len(t.r) {
			return -1
		}
		v := rune(0)
		for _, c := range t.r[i+2 : i+6] {
			d := strings.IndexRune("0123456789abcdef", unicode.ToLower(c))
			if d < 0 {
				return -1
			}
			v = v<<4 | rune(d)
		}
		return v
	}
	r := hex(i)
	switch {
	case r < 0:
		return 0, 0
	case !utf16.IsSurrogate(r):
		return r, i + 6
	}
	if r = utf16.DecodeRune(r, hex(i+6)); r == utf8.RuneError {
		return 0, 0
	}
	return r, i + 12
}

// quoted reads the quoted text that opens at i and gives the place after its end.
func (t *text) quoted(i int) (string, int, error) {
	open, curly := i, t.r[i] != '"'
	path := isDrivePath(t.raw[i+1:])
	var b strings.Builder
	for i++; !t.end(i); {
		c := t.r[i]
		switch {
		case c == '"' || curly && isQuote(c):
			return b.String(), i + 1, nil
		case c != '\\' || path:
			b.WriteRune(t.raw[i])
			i++
		case t.at(i+1) == '\\' || isQuote(t.at(i+1)):
			b.WriteRune(t.raw[i+1])
			i += 2
		case blankEscape(t.at(i+1)) != 0:
			b.WriteRune(blankEscape(t.at(i + 1)))
			i += 2
		default:
			if r, next := t.unicodeEscape(i); next > 0 {
				b.WriteRune(r)
				i = next
				continue
			}
			b.WriteRune(t.raw[i])
			i++
		}
	}
	return "", 0, t.errorf(open, `add the closing ", or write \" for a quote that is part of the text`, "the quote is not closed")
}

func parts(gs []glyph) []Part {
	var ps []Part
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			ps = append(ps, Part{Lit: lit.String()})
			lit.Reset()
		}
	}
	for _, g := range gs {
		if !g.wild {
			lit.WriteRune(g.r)
			continue
		}
		flush()
		if g.r == '?' {
			ps = append(ps, Part{One: true})
		} else if len(ps) == 0 || !ps[len(ps)-1].Any {
			ps = append(ps, Part{Any: true})
		}
	}
	flush()
	return ps
}

func bareValue(gs []glyph) Value {
	var b strings.Builder
	wild := false
	for _, g := range gs {
		b.WriteRune(g.r)
		wild = wild || g.wild
	}
	v := Value{Text: b.String()}
	if wild {
		v.Pattern = parts(gs)
	}
	return v
}

// fieldName is the text of a field: wildcards as they are, a literal *, ? or \ escaped.
func fieldName(gs []glyph) string {
	var b strings.Builder
	for _, g := range gs {
		if !g.wild && (g.r == '*' || g.r == '?' || g.r == '\\') {
			b.WriteByte('\\')
		}
		b.WriteRune(g.r)
	}
	return b.String()
}
