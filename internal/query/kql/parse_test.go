package kql

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// Positions count bytes of the query as typed, before full-width characters are folded.
func TestPositions(t *testing.T) {
	q := `利用者：（田中　or　"鈴木"） and bytes >= 5`
	n, err := Parse(q)
	if err != nil {
		t.Fatal(err)
	}
	and := n.(And)
	or := and.Nodes[0].(Or)
	first, second := or.Nodes[0].(Match), or.Nodes[1].(Match)
	r := and.Nodes[1].(Range)
	for _, c := range []struct {
		name string
		at   int
		want string
	}{
		{"field", first.Pos, "利用者"}, {"first value", first.ValuePos, "田中"}, {"same field", second.Pos, "利用者"},
		{"second value", second.ValuePos, `"鈴木"`}, {"range", r.Pos, "bytes"}, {"bound", r.ValuePos, "5"},
	} {
		if !strings.HasPrefix(q[c.at:], c.want) {
			t.Errorf("%s: byte %d is at %q, want %q", c.name, c.at, q[c.at:], c.want)
		}
	}
}

func TestBounds(t *testing.T) {
	for _, c := range []struct{ name, ok, bad, msg string }{
		{"length", strings.Repeat("a", maxQuery), strings.Repeat("a", maxQuery+1), "longer than 64 KiB"},
		{"parentheses", strings.Repeat("(", 100) + "a" + strings.Repeat(")", 100), strings.Repeat("(", 101) + "a" + strings.Repeat(")", 101), "deeper than 100"},
		{"not", strings.Repeat("not ", 100) + "a", strings.Repeat("not ", 101) + "a", "deeper than 100"},
		{"braces", strings.Repeat("a:{", 100) + "a:b" + strings.Repeat("}", 100), strings.Repeat("a:{", 20000), "deeper than 100"},
		{"terms", strings.Repeat("a ", 10000), strings.Repeat("a ", 10001), "more than 10,000"},
		{"values", "f: (a" + strings.Repeat(" or a", 9998) + ")", "f: (a" + strings.Repeat(" or a", 10001) + ")", "more than 10,000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := Parse(c.ok)
			if err != nil {
				t.Fatal(err)
			}
			roundTrip(t, c.ok, n)
			_, err = Parse(c.bad)
			var e *Error
			if !errors.As(err, &e) || !strings.Contains(e.Msg, c.msg) || e.Hint == "" {
				t.Fatalf("got %v", err)
			}
			if len(e.Error()) > 1000 {
				t.Errorf("the message has %d bytes", len(e.Error()))
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	for _, c := range []struct {
		err  Error
		want string
	}{
		{Error{Msg: "m"}, "m"},
		{Error{Msg: "m", Hint: "h"}, "m\nhint: h"},
		{Error{Query: "abc", Pos: 3, Msg: "m"}, "m at column 4\n  abc\n     ^"},
		{Error{Query: "abc", Pos: 99, Msg: "m"}, "m at column 4\n  abc\n     ^"},
		{Error{Query: "a\tb\x1b", Pos: 2, Msg: "m"}, "m at column 3\n  a b \n    ^"},
		{Error{Query: "か\u3099a", Pos: 6, Msg: "m"}, "m at column 3\n  か\u3099a\n    ^"},
		{Error{Query: "a\nb\nc", Pos: 2, Msg: "m"}, "m at line 2, column 1\n  b\n  ^"},
		{Error{Query: strings.Repeat("x", 200), Pos: 100, Msg: "m"},
			"m at column 101\n  …" + strings.Repeat("x", 120) + "…\n  " + strings.Repeat(" ", 61) + "^"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}

func TestInvalidUTF8(t *testing.T) {
	_, err := Parse("user: \xff")
	var e *Error
	if !errors.As(err, &e) || e.Pos != 6 {
		t.Fatalf("got %#v", err)
	}
	if _, err := Parse("user: \uFFFD"); err != nil {
		t.Fatal(err)
	}
}

func TestFieldPattern(t *testing.T) {
	for _, c := range []struct {
		query string
		want  []Part
		wild  bool
	}{
		{"user.*: x", []Part{{Lit: "user."}, {Any: true}}, true},
		{"*.ip: x", []Part{{Any: true}, {Lit: ".ip"}}, true},
		{"a?c > 1", []Part{{Lit: "a"}, {One: true}, {Lit: "c"}}, true},
		{`user.\*: x`, []Part{{Lit: "user.*"}}, false},
		{`"user.*": x`, []Part{{Lit: "user.*"}}, false},
		{`a\\b: *`, []Part{{Lit: `a\b`}}, false},
		{"user.name: x", []Part{{Lit: "user.name"}}, false},
	} {
		n, err := Parse(c.query)
		if err != nil {
			t.Fatal(err)
		}
		var field string
		switch n := n.(type) {
		case Match:
			field = n.Field
		case Range:
			field = n.Field
		case Exists:
			field = n.Field
		}
		if got, wild := FieldPattern(field); !reflect.DeepEqual(got, c.want) || wild != c.wild {
			t.Errorf("%s: %+v %v", c.query, got, wild)
		}
	}
}
