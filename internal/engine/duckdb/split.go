package duckdb

import (
	"strings"
)

// Split cuts the text of a file into its statements at semicolons outside of
// quotes ('…', "…", E'…', $tag$…$tag$) and comments (-- … and nested /* … */).
// Statements come back trimmed, without the semicolon; parts that hold nothing
// but space and comments are left out. An open quote or comment is an error that
// names where it began.
func Split(sql string) ([]string, error) {
	var out []string
	start, empty := 0, true
	flush := func(end int) {
		if !empty {
			out = append(out, strings.Trim(sql[start:end], " \t\n\r\f\v"))
		}
		start, empty = end+1, true
	}
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == ';':
			flush(i)
			i++
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			i++
		case c == '-' && strings.HasPrefix(sql[i:], "--"):
			i = endOfLine(sql, i)
		case c == '/' && strings.HasPrefix(sql[i:], "/*"):
			end := endOfComment(sql, i)
			if end < 0 {
				return nil, openError(sql, i, "comment")
			}
			i = end
		default:
			empty = false
			end, what := endOfToken(sql, i)
			if end < 0 {
				return nil, openError(sql, i, what)
			}
			i = end
		}
	}
	flush(len(sql))
	return out, nil
}

func openError(sql string, at int, what string) error {
	line, col := lineCol(sql, at)
	return &Error{Kind: KindInvalid, Msg: "this " + what + " is never closed", Line: line, Col: col}
}

func endOfLine(s string, i int) int {
	if n := strings.IndexAny(s[i:], "\r\n"); n >= 0 {
		return i + n
	}
	return len(s)
}

// endOfComment returns the offset behind the comment that starts at i, or -1.
// Comments nest, as in PostgreSQL and DuckDB.
func endOfComment(s string, i int) int {
	depth := 0
	for i < len(s) {
		switch {
		case strings.HasPrefix(s[i:], "/*"):
			depth++
			i += 2
		case strings.HasPrefix(s[i:], "*/"):
			depth--
			i += 2
			if depth == 0 {
				return i
			}
		default:
			i++
		}
	}
	return -1
}

// endOfToken returns the offset behind the quoted text, the word or the single
// byte that starts at i; -1 and the name of the construct where it is open.
func endOfToken(s string, i int) (int, string) {
	switch c := s[i]; {
	case c == '\'' || c == '"':
		return endOfQuote(s, i, false), "quote"
	case isWord(c) && c != '$':
		j := i
		for j < len(s) && isWord(s[j]) {
			j++
		}
		// E'…' knows backslashes; the other prefixes (X, B, N) do not.
		if j == i+1 && (c == 'e' || c == 'E') && j < len(s) && s[j] == '\'' {
			return endOfQuote(s, j, true), "quote"
		}
		return j, ""
	case c == '$':
		if tag, ok := dollarTag(s, i); ok {
			n := strings.Index(s[i+len(tag):], tag)
			if n < 0 {
				return -1, "dollar quote"
			}
			return i + 2*len(tag) + n, ""
		}
	}
	return i + 1, ""
}

func endOfQuote(s string, i int, backslash bool) int {
	q := s[i]
	for i++; i < len(s); i++ {
		switch {
		case backslash && s[i] == '\\':
			i++
		case s[i] == q && i+1 < len(s) && s[i+1] == q:
			i++
		case s[i] == q:
			return i + 1
		}
	}
	return -1
}

// dollarTag reads $$ or $name$ at i. A name does not begin with a digit, so $1 is
// a parameter.
func dollarTag(s string, i int) (string, bool) {
	for j := i + 1; j < len(s); j++ {
		switch c := s[j]; {
		case c == '$':
			return s[i : j+1], true
		case !isWord(c) || j == i+1 && c >= '0' && c <= '9':
			return "", false
		}
	}
	return "", false
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
