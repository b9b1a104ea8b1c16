package kql

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestMatchFold(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{`GetObject`, []string{"GetObject", "getobject", "GETOBJECT"}, []string{"GetObjects", "GetObjec", ""}},
		{`Get*`, []string{"Get", "getObject"}, []string{"Ge", "ForGet"}},
		{`*Get`, []string{"Get", "forGet", "getget"}, []string{"getx"}},
		{`*Get*Tag*`, []string{"getTag", "xxGetObjectTagging"}, []string{"TagGet", "Get"}},
		{`a?c`, []string{"abc", "A漢C", "a?c"}, []string{"ac", "abbc"}},
		{`??`, []string{"ab", "漢字"}, []string{"a", "abc", ""}},
		{`?*`, []string{"a", "ab"}, []string{""}},
		{`*ab*ab`, []string{"abab", "abxabab"}, []string{"ab", "abaxb"}},
		{`*aab`, []string{"aaab", "aab"}, []string{"aaba"}},
		{`*\*`, []string{"*", "a*"}, []string{"a", "*a"}},
		{`"Get*"`, []string{"get*"}, []string{"GetObject"}},
		{`*ЖУК`, []string{"жук", "большой Жук"}, []string{"жуки"}},
		{`ΣΊΣΥΦΟΣ*`, []string{"σίσυφος", "Σίσυφοσ x"}, []string{"σίσυφ"}},
		{`*kelvin`, []string{"\u212Aelvin", "K-Kelvin"}, []string{"elvin"}},
		{`*ſet`, []string{"Set", "reſET"}, []string{"et"}},
		{`田中*`, []string{"田中太郎"}, []string{"鈴木"}},
		{`*-*`, []string{"-", "a-b"}, []string{"", "ab"}},
		{`*b*?`, []string{"bc", "abcd"}, []string{"b", "ab"}},
		{`a*\ufffd`, []string{"a\xff", "a\ufffd"}, []string{"a"}},
	} {
		n, err := Parse("f: " + c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		v := n.(Match).Value
		for _, s := range c.yes {
			if !v.MatchFold(s) {
				t.Errorf("%s does not match %q", c.pattern, s)
			}
		}
		for _, s := range c.no {
			if v.MatchFold(s) {
				t.Errorf("%s matches %q", c.pattern, s)
			}
		}
	}
	if (Value{}).MatchFold("x") || !(Value{}).MatchFold("") {
		t.Error("the empty value matches only the empty text")
	}
}

// All patterns over a small alphabet against all short texts, with regexp as the judge.
func TestMatchFoldAgainstRegexp(t *testing.T) {
	words := func(alphabet string, n int) []string {
		all, last := []string{""}, []string{""}
		for range n {
			var next []string
			for _, w := range last {
				for _, r := range alphabet {
					next = append(next, w+string(r))
				}
			}
			all, last = append(all, next...), next
		}
		return all
	}
	texts := words("aBé", 5)
	for _, p := range words("abÉ*?", 4) {
		var gs []glyph
		expr := "(?is)^"
		for _, r := range p {
			gs = append(gs, glyph{r: r, wild: r == '*' || r == '?'})
			expr += map[rune]string{'*': ".*", '?': "."}[r]
			if r != '*' && r != '?' {
				expr += string(r)
			}
		}
		re := regexp.MustCompile(expr + "$")
		v := bareValue(gs)
		for _, s := range texts {
			if got, want := v.MatchFold(s), re.MatchString(s); got != want {
				t.Fatalf("%q on %q: %v, want %v", p, s, got, want)
			}
		}
	}
}

// Patterns that make a backtracking matcher exponential.
func TestMatchFoldIsBounded(t *testing.T) {
	v := Value{Pattern: nil}
	for range 50 {
		v.Pattern = append(v.Pattern, Part{Lit: "a"}, Part{Any: true})
	}
	v.Pattern = append(v.Pattern, Part{Lit: "b"})
	s := strings.Repeat("a", 100_000)
	start := time.Now()
	if v.MatchFold(s) || !v.MatchFold(s+"b") {
		t.Error("wrong answer")
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

func BenchmarkMatchFold(b *testing.B) {
	for _, pattern := range []string{"GetObject", "Get*", "*assumed-role*", "*:role/*admin"} {
		n, err := Parse("f: " + pattern)
		if err != nil {
			b.Fatal(err)
		}
		v := n.(Match).Value
		b.Run(pattern, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v.MatchFold("arn:aws:sts::123456789012:assumed-role/Deploy/i-0abcdef0123456789")
			}
		})
	}
}
