package kql

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Error says what is wrong with a query, where, and what to write instead.
type Error struct {
	Query string // the whole query, for the caret line; may be ""
	Pos   int    // byte offset in Query
	Msg   string
	Hint  string // may be ""
}

// excerpt is how many characters of a long line are shown on each side of the caret.
const excerpt = 60

// Error gives four lines: the message with the 1-based column in characters
// (and the line, where the query has several), the line of the query, a caret
// under the position, and the hint.
func (e *Error) Error() string {
	if e.Query == "" {
		if e.Hint == "" {
			return e.Msg
		}
		return e.Msg + "\nhint: " + e.Hint
	}
	pos := min(max(e.Pos, 0), len(e.Query))
	start := strings.LastIndexByte(e.Query[:pos], '\n') + 1
	end := len(e.Query)
	if i := strings.IndexByte(e.Query[pos:], '\n'); i >= 0 {
		end = pos + i
	}
	var b strings.Builder
	b.WriteString(e.Msg)
	b.WriteString(" at ")
	if strings.Contains(e.Query, "\n") {
		fmt.Fprintf(&b, "line %d, ", strings.Count(e.Query[:pos], "\n")+1)
	}
	fmt.Fprintf(&b, "column %d\n", utf8.RuneCountInString(e.Query[start:pos])+1)
	before, after := shorten(e.Query[start:pos], e.Query[pos:end])
	fmt.Fprintf(&b, "  %s%s\n  %s^", printable(before), printable(after), strings.Repeat(" ", cells(before)))
	if e.Hint != "" {
		b.WriteString("\nhint: " + e.Hint)
	}
	return b.String()
}

func shorten(before, after string) (string, string) {
	if r := []rune(before); len(r) > excerpt {
		before = "…" + string(r[len(r)-excerpt:])
	}
	if r := []rune(after); len(r) > excerpt {
		after = string(r[:excerpt]) + "…"
	}
	return before, after
}

// printable keeps control characters of the query off the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// cells is the width of s on a terminal: 2 for East Asian wide characters, 0
// for combining marks.
func cells(s string) int {
	n := 0
	for _, r := range s {
		k := width.LookupRune(r).Kind()
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case k == width.EastAsianWide || k == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
