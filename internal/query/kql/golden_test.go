package kql

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/*.txt")

// dump writes the tree as the golden files show it. ~ marks a pattern, of
// which | separates the parts.
func dump(n Node) string {
	list := func(op string, nodes []Node) string {
		for _, c := range nodes {
			op += " " + dump(c)
		}
		return "(" + op + ")"
	}
	switch n := n.(type) {
	case And:
		return list("and", n.Nodes)
	case Or:
		return list("or", n.Nodes)
	case Not:
		return "(not " + dump(n.Node) + ")"
	case Exists:
		return fmt.Sprintf("(exists %s)", n.Field)
	case Range:
		return fmt.Sprintf("(%s %s %q)", n.Op, n.Field, n.Value)
	case Match:
		op, val := "match "+n.Field, fmt.Sprintf("`%s`", n.Value.Text)
		if n.Field == "" {
			op = "text"
		}
		if n.Value.Quoted || strings.ContainsAny(n.Value.Text, "\n\t") {
			val = fmt.Sprintf("%q", n.Value.Text)
		}
		if n.Value.Pattern != nil {
			var ps []string
			for _, p := range n.Value.Pattern {
				switch {
				case p.Any:
					ps = append(ps, "*")
				case p.One:
					ps = append(ps, "?")
				default:
					ps = append(ps, fmt.Sprintf("%q", p.Lit))
				}
			}
			val = "~" + strings.Join(ps, "|")
		}
		return fmt.Sprintf("(%s %s)", op, val)
	}
	return "(all)"
}

// Each block of testdata/*.txt is a query on lines that begin with "> ", then
// its tree and its canonical text, or its error.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for block := range strings.SplitSeq(strings.TrimRight(string(data), "\n"), "\n\n") {
			var query []string
			for line := range strings.SplitSeq(block, "\n") {
				if q, ok := strings.CutPrefix(line, "> "); ok {
					query = append(query, q)
					fmt.Fprintln(&out, line)
				} else if strings.HasPrefix(line, "#") {
					fmt.Fprintln(&out, line)
				}
			}
			if len(query) == 0 {
				out.WriteString("\n")
				continue
			}
			n, err := Parse(strings.Join(query, "\n"))
			if failing := strings.Contains(file, "error"); failing != (err != nil) {
				t.Errorf("%s: %q: error %v", file, query, err)
			}
			if err != nil {
				fmt.Fprintf(&out, "%v\n\n", err)
				continue
			}
			fmt.Fprintln(&out, dump(n))
			if text := Format(n); text != "" {
				fmt.Fprintln(&out, text)
			}
			out.WriteString("\n")
		}
		got := strings.TrimRight(out.String(), "\n") + "\n"
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got != string(data) {
			t.Errorf("%s differs; see git diff after go test -update:\n%s", file, firstDifference(string(data), got))
		}
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\nwant %s\ngot  %s", i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// queries are all queries of the golden files that parse.
func queries(t testing.TB) []string {
	files, _ := filepath.Glob("testdata/*.txt")
	var qs []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for block := range strings.SplitSeq(string(data), "\n\n") {
			var q []string
			for line := range strings.SplitSeq(block, "\n") {
				if s, ok := strings.CutPrefix(line, "> "); ok {
					q = append(q, s)
				}
			}
			qs = append(qs, strings.Join(q, "\n"))
		}
	}
	return qs
}

// roundTrip checks that what Format writes parses to the same tree and is a fixed point.
func roundTrip(t *testing.T, q string, n Node) {
	t.Helper()
	text := Format(n)
	if len(text) > maxQuery {
		return
	}
	again, err := Parse(text)
	if err != nil {
		t.Fatalf("%q\nformats as %q, which fails:\n%v", q, text, err)
	}
	if a, b := unplaced(n), unplaced(again); !reflect.DeepEqual(a, b) {
		t.Fatalf("%q\nformats as %q\n%#v\n%#v", q, text, a, b)
	}
	if second := Format(again); second != text {
		t.Fatalf("%q\nformats as %q\nand then   %q", q, text, second)
	}
}

// unplaced is n without positions.
func unplaced(n Node) Node {
	each := func(nodes []Node) []Node {
		var out []Node
		for _, c := range nodes {
			out = append(out, unplaced(c))
		}
		return out
	}
	switch n := n.(type) {
	case And:
		return And{each(n.Nodes)}
	case Or:
		return Or{each(n.Nodes)}
	case Not:
		return Not{unplaced(n.Node)}
	case Match:
		n.Pos, n.ValuePos = 0, 0
		return n
	case Range:
		n.Pos, n.ValuePos = 0, 0
		return n
	case Exists:
		n.Pos = 0
		return n
	}
	return n
}

func TestRoundTrip(t *testing.T) {
	for _, q := range queries(t) {
		if n, err := Parse(q); err == nil {
			roundTrip(t, q, n)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, q := range queries(f) {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		n, err := Parse(q)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Pos < 0 || e.Pos > len(q) || e.Hint == "" || len(e.Error()) > 4096+4*len(q) {
				t.Fatalf("%q: %#v", q, err)
			}
			return
		}
		roundTrip(t, q, n)
		walk(n, func(m Match) {
			if m.Pos < 0 || m.ValuePos < m.Pos || m.ValuePos >= len(q) {
				t.Fatalf("%q: %#v", q, m)
			}
			if m.Value.Pattern == nil && !m.Value.MatchFold(m.Value.Text) {
				t.Fatalf("%q: %#v does not match itself", q, m)
			}
		})
	})
}

func walk(n Node, f func(Match)) {
	switch n := n.(type) {
	case And:
		for _, c := range n.Nodes {
			walk(c, f)
		}
	case Or:
		for _, c := range n.Nodes {
			walk(c, f)
		}
	case Not:
		walk(n.Node, f)
	case Match:
		f(n)
	}
}
