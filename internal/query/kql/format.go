package kql

import (
	"fmt"
	"strings"
	"unicode"
)

// Format writes n as a query. What Parse gave parses back to the same tree,
// positions aside, unless the text passes the 64 KiB bound: the braces of
// field: { ... } are written out as full field names. All alone is "".
func Format(n Node) string {
	if _, ok := n.(All); ok || n == nil {
		return ""
	}
	return string(appendNode(nil, n, orLevel))
}

// Binding strengths: a node is put in parentheses where a stronger one is needed.
const (
	orLevel = iota
	andLevel
	notLevel
)

func appendNode(dst []byte, n Node, level int) []byte {
	switch n := n.(type) {
	case And:
		if len(n.Nodes) == 0 {
			return append(dst, '*')
		}
		return appendNodes(dst, n.Nodes, " and ", andLevel, level)
	case Or:
		if len(n.Nodes) == 0 {
			return append(dst, "not *"...)
		}
		if field, ok := sameField(n.Nodes); ok {
			dst = append(dst, formatField(field)+": ("...)
			for i, c := range n.Nodes {
				if i > 0 {
					dst = append(dst, " or "...)
				}
				dst = append(dst, listValue(c)...)
			}
			return append(dst, ')')
		}
		return appendNodes(dst, n.Nodes, " or ", orLevel, level)
	case Not:
		return appendNode(append(dst, "not "...), n.Node, notLevel)
	case Match:
		if n.Field == "" {
			return append(dst, formatValue(n.Value, true)...)
		}
		return append(dst, formatField(n.Field)+": "+formatValue(n.Value, false)...)
	case Exists:
		return append(dst, formatField(n.Field)+": *"...)
	case Range:
		return append(dst, formatField(n.Field)+" "+string(n.Op)+" "+formatBound(n.Value)...)
	}
	return append(dst, '*') // All
}

func appendNodes(dst []byte, nodes []Node, op string, own, level int) []byte {
	if len(nodes) == 1 {
		return appendNode(dst, nodes[0], level)
	}
	if own < level {
		dst = append(dst, '(')
	}
	for i, n := range nodes {
		if i > 0 {
			dst = append(dst, op...)
		}
		dst = appendNode(dst, n, own+1)
	}
	if own < level {
		dst = append(dst, ')')
	}
	return dst
}

// sameField is the field that all nodes test, so that they can be written as field: (a or b).
func sameField(nodes []Node) (string, bool) {
	field := ""
	for _, n := range nodes {
		f := ""
		switch n := n.(type) {
		case Match:
			f = n.Field
		case Exists:
			f = n.Field
		}
		if f == "" || field != "" && f != field {
			return "", false
		}
		field = f
	}
	return field, len(nodes) > 1
}

func listValue(n Node) string {
	if m, ok := n.(Match); ok {
		return formatValue(m.Value, false)
	}
	return "*"
}

func formatField(field string) string {
	var gs []glyph
	escaped := false
	for _, r := range field {
		if r == '\\' && !escaped {
			escaped = true
			continue
		}
		gs = append(gs, glyph{r: r, wild: !escaped && (r == '*' || r == '?')})
		escaped = false
	}
	s := formatWord(gs, true)
	if isLiteral(s + ":") { // a date such as 01/Oct/2026: would be free text
		return formatQuoted(field)
	}
	if s != "" && (s[0] == '-' || s[0] == '+') {
		s = `\` + s
	}
	return s
}

func formatValue(v Value, freeText bool) string {
	if v.Quoted || v.Text == "" && v.Pattern == nil {
		return formatQuoted(v.Text)
	}
	var gs []glyph
	if v.Pattern == nil {
		for _, r := range v.Text {
			gs = append(gs, glyph{r: r})
		}
	}
	for _, p := range v.Pattern {
		switch {
		case p.Any:
			gs = append(gs, glyph{r: '*', wild: true})
		case p.One:
			gs = append(gs, glyph{r: '?', wild: true})
		}
		for _, r := range p.Lit {
			gs = append(gs, glyph{r: r})
		}
	}
	if freeText {
		return formatFree(gs)
	}
	return formatWords(gs)
}

// formatFree writes a word that must not be taken for a field, an address or a
// time as it is.
func formatFree(gs []glyph) string {
	if plain := formatWord(gs, false); isLiteral(plain) && !isDrivePath([]rune(plain)) {
		return plain
	}
	return formatWord(gs, true)
}

// formatWords writes the value of a field, of one or several words.
func formatWords(gs []glyph) string {
	var b strings.Builder
	start, write := 0, func(gs []glyph) string { return formatWord(gs, false) }
	for i := range gs {
		// A single blank between words stays one, any other becomes an escape.
		if gs[i].r == ' ' && i > start && i+1 < len(gs) && !unicode.IsSpace(gs[i+1].r) && !isStar(gs[:i]) {
			b.WriteString(write(gs[start:i]))
			b.WriteByte(' ')
			start, write = i+1, formatFree
		}
	}
	return b.String() + write(gs[start:])
}

// formatWord writes one bare word. colons: escape every colon, as what is
// before one would be a field here.
func formatWord(gs []glyph, colons bool) string {
	var b strings.Builder
	for i, g := range gs {
		switch {
		case g.wild:
			b.WriteRune(g.r)
		case g.r == '\t':
			b.WriteString(`\t`)
		case g.r == '\n':
			b.WriteString(`\n`)
		case g.r == '\r':
			b.WriteString(`\r`)
		case g.r == ' ':
			b.WriteString(`\ `)
		case g.r != '"' && isQuote(g.r), g.r != fold(g.r), unicode.IsSpace(g.r), unicode.IsControl(g.r):
			fmt.Fprintf(&b, `\u%04x`, g.r)
		case strings.ContainsRune(`\()<>"*?{}`, g.r), g.r == ':' && colons,
			g.r == '=' && (colons || i == 0), i == 0 && strings.ContainsRune("![]&|", g.r),
			(g.r == '&' || g.r == '|') && gs[i-1].r == g.r:
			b.WriteByte('\\')
			b.WriteRune(g.r)
		default:
			b.WriteRune(g.r)
		}
	}
	s := b.String()
	switch {
	case isKeyword(s), regexRE.MatchString(s):
		return `\` + s
	case !colons && (isDrivePath([]rune(s)) || strings.HasSuffix(s, ":") && !isAddress(s)):
		return formatWord(gs, true)
	}
	return s
}

func formatQuoted(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case unicode.IsControl(r), r != fold(r) && (fold(r) == '"' || fold(r) == '\\'):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	body := b.String()
	if isDrivePath([]rune(body)) { // "C:" and a control character, which is not a path
		body = body[:1] + `\u003a` + body[2:]
	}
	return `"` + body + `"`
}

// formatBound writes the bound of a comparison: bare when it is made of plain
// characters, else quoted.
func formatBound(s string) string {
	plain := s != "" && !isKeyword(s) && !strings.HasSuffix(s, ":")
	for _, r := range s {
		if !isLetter(r) && (r < '0' || r > '9') && !strings.ContainsRune("._:+-@", r) {
			plain = false
		}
	}
	if plain || strings.HasPrefix(s, "now") && dateMathRE.MatchString(s) {
		return s
	}
	return formatQuoted(s)
}
