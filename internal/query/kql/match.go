package kql

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MatchFold reports that the whole of s is v, letters compared without case
// (Unicode simple folding, as strings.EqualFold). It allocates nothing. With
// wildcards it takes at most len(s) times the longest stretch of the pattern
// between two *.
func (v Value) MatchFold(s string) bool {
	if v.Pattern == nil {
		return strings.EqualFold(v.Text, s)
	}
	return matchParts(v.Pattern, s)
}

// matchParts walks pattern and text once. Where they differ, it goes back to
// the last * and lets that take one more character: an earlier * never needs
// to be tried again, as what stands between was matched at its leftmost place.
func matchParts(ps []Part, s string) bool {
	i, off := 0, 0        // part, and byte in its literal
	at := 0               // byte in s
	star, starAt := -1, 0 // part after the last *, and where it was last tried
	for {
		if i < len(ps) && ps[i].Any {
			if i++; i == len(ps) {
				return true
			}
			star, starAt, off = i, skipTo(ps[i], s, at), 0
			at = starAt
			continue
		}
		if i < len(ps) && !ps[i].One && off == len(ps[i].Lit) {
			i, off = i+1, 0
			continue
		}
		if i == len(ps) && at == len(s) {
			return true
		}
		if i < len(ps) && at < len(s) {
			if ps[i].One {
				_, n := utf8.DecodeRuneInString(s[at:])
				i, off, at = i+1, 0, at+n
				continue
			}
			if n, m := equalFoldFirst(ps[i].Lit[off:], s[at:]); n > 0 {
				off, at = off+n, at+m
				continue
			}
		}
		if star < 0 || starAt >= len(s) {
			return false
		}
		_, n := utf8.DecodeRuneInString(s[starAt:])
		starAt = skipTo(ps[star], s, starAt+n)
		i, off, at = star, 0, starAt
	}
}

// skipTo is the first place at or after at where p can match, len(s) if there is none.
// It only looks at the first byte of a literal, and leaves out k and s, which
// fold to the non-ASCII K (kelvin) and ſ.
func skipTo(p Part, s string, at int) int {
	if p.Lit == "" || p.Lit[0] >= utf8.RuneSelf {
		return at
	}
	lower := p.Lit[0]
	if isLetter(rune(lower)) {
		lower |= 0x20
	}
	if lower == 'k' || lower == 's' {
		return at
	}
	if !isLetter(rune(lower)) {
		if k := strings.IndexByte(s[at:], lower); k >= 0 {
			return at + k
		}
		return len(s)
	}
	for ; at < len(s); at++ {
		if s[at]|0x20 == lower {
			return at
		}
	}
	return at
}

// equalFoldFirst compares the first characters of a and b, both not empty, and
// gives their lengths in bytes, 0 when they differ.
func equalFoldFirst(a, b string) (int, int) {
	if a[0] < utf8.RuneSelf && b[0] < utf8.RuneSelf {
		if a[0] == b[0] || isLetter(rune(a[0])) && a[0]|0x20 == b[0]|0x20 {
			return 1, 1
		}
		return 0, 0
	}
	r, n := utf8.DecodeRuneInString(a)
	q, m := utf8.DecodeRuneInString(b)
	if r == q {
		return n, m
	}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if f == q {
			return n, m
		}
	}
	return 0, 0
}
