package duckdb

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// tableSample is how many rows decide the widths of a table's columns. Later rows
// are cut to them.
const tableSample = 1000

// WriteTable writes aligned text for a terminal: a header, a rule, the rows, and a
// line with their number. maxWidth is the widest a column gets, in terminal
// columns (0: no limit); longer values end in an ellipsis. Wide (East Asian)
// characters count as two. Control characters are escaped, so that a log record
// cannot speak to the terminal. It does not close r.
func WriteTable(w io.Writer, r *Result, maxWidth int) error {
	out := bufio.NewWriter(w)
	t := table{out: out, max: maxWidth}
	for _, c := range r.Columns {
		s := visible(c.Name)
		t.heads = append(t.heads, s)
		t.widths = append(t.widths, textWidth(s))
		t.right = append(t.right, numeric(c.Type))
	}
	var sample [][]string
	rows := 0
	for r.Next() {
		rows++
		cells := t.cells(r)
		if rows <= tableSample {
			sample = append(sample, cells)
			for i, s := range cells {
				t.widths[i] = max(t.widths[i], textWidth(s))
			}
			continue
		}
		t.flush(&sample)
		t.line(cells)
	}
	t.flush(&sample)
	if err := r.Err(); err != nil {
		out.Flush()
		return err
	}
	fmt.Fprintf(out, "(%d row%s", rows, plural(rows))
	if r.Truncated {
		out.WriteString(", more were left out")
	}
	out.WriteString(")\n")
	return out.Flush()
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

type table struct {
	out    *bufio.Writer
	max    int
	heads  []string
	widths []int
	right  []bool
	headed bool
}

func (t *table) cells(r *Result) []string {
	cells := make([]string, len(r.Columns))
	for i, v := range r.Row() {
		if v == nil {
			cells[i] = "NULL"
			continue
		}
		cells[i] = visible(plain(v, r.Columns[i].Type))
	}
	return cells
}

// flush writes the header once and the rows that were held back.
func (t *table) flush(sample *[][]string) {
	if !t.headed {
		t.headed = true
		rule := make([]string, len(t.widths))
		for i := range t.widths {
			if t.max > 0 {
				t.widths[i] = min(t.widths[i], t.max)
			}
			rule[i] = strings.Repeat("-", t.widths[i])
		}
		t.line(t.heads)
		t.line(rule)
	}
	for _, cells := range *sample {
		t.line(cells)
	}
	*sample = nil
}

func (t *table) line(cells []string) {
	var b strings.Builder
	for i, s := range cells {
		if i > 0 {
			b.WriteString("  ")
		}
		s, n := fit(s, t.widths[i])
		pad := strings.Repeat(" ", t.widths[i]-n)
		if t.right[i] {
			b.WriteString(pad + s)
		} else {
			b.WriteString(s + pad)
		}
	}
	t.out.WriteString(strings.TrimRight(b.String(), " ") + "\n")
}

func numeric(typ string) bool {
	typ, _, _ = strings.Cut(typ, "(")
	switch typ {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL":
		return true
	}
	return false
}

// visible escapes what a terminal would act on.
func visible(s string) string {
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case hidden(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hidden tells control characters and the marks that turn the direction of text.
func hidden(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

func runeWidth(r rune) int {
	switch {
	case r < 0x7f:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

func textWidth(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// fit cuts s to n terminal columns and returns it with its width.
func fit(s string, n int) (string, int) {
	w := textWidth(s)
	if w <= n {
		return s, w
	}
	w = 0
	for i, r := range s {
		if w+runeWidth(r) > n-1 {
			return s[:i] + "…", w + 1
		}
		w += runeWidth(r)
	}
	return s, w
}
