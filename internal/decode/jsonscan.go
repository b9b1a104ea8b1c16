package decode

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// SyntaxError says what is wrong with a record and where in the buffer.
type SyntaxError struct {
	At  int
	Msg string
}

func (e *SyntaxError) Error() string { return e.Msg }

const maxDepth = 200

const (
	ones = 0x0101010101010101
	high = 0x8080808080808080
)

// scanString returns the index of the closing quote of the string whose inside starts at i, and
// whether it holds escapes. -1 means that the buffer ends first, -2 that a control character stands
// in it.
func scanString(b []byte, i int) (end int, escaped bool) {
	for i+8 <= len(b) {
		w := binary.LittleEndian.Uint64(b[i:])
		q := w ^ (ones * '"')
		s := w ^ (ones * '\\')
		m := ((q-ones)&^q | (s-ones)&^s | (w-ones*0x20)&^w) & high
		if m == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(m) >> 3
		switch c := b[i]; {
		case c == '"':
			return i, escaped
		case c == '\\':
			escaped = true
			i += 2
		case c < 0x20:
			return -2, escaped
		default:
			i++ // the borrow of a lower byte made this one look special
		}
	}
	for i < len(b) {
		switch c := b[i]; {
		case c == '"':
			return i, escaped
		case c < 0x20:
			return -2, escaped
		case c == '\\':
			escaped = true
			i++
		}
		i++
	}
	return -1, escaped
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns the index after the JSON value that starts at i, checking its structure.
func skipValue(b []byte, i int) (int, error) {
	if i < len(b) && b[i] != '{' && b[i] != '[' {
		return skipScalar(b, i)
	}
	var isObject [maxDepth]bool
	depth := 0
	for {
		// at the start of a value
		i = skipSpace(b, i)
		if i >= len(b) {
			return i, ErrShort
		}
		opened := false
		switch b[i] {
		case '{', '[':
			if depth == maxDepth {
				return i, &SyntaxError{i, fmt.Sprintf("nested deeper than %d", maxDepth)}
			}
			isObject[depth] = b[i] == '{'
			depth++
			i = skipSpace(b, i+1)
			if i >= len(b) {
				return i, ErrShort
			}
			opened = true
		default:
			var err error
			if i, err = skipScalar(b, i); err != nil {
				return i, err
			}
		}
		for {
			// after a value, or just inside a bracket
			i = skipSpace(b, i)
			if i >= len(b) {
				return i, ErrShort
			}
			c := b[i]
			if c == '}' || c == ']' {
				if (c == '}') != isObject[depth-1] {
					return i, &SyntaxError{i, "brackets do not match"}
				}
				i++
				depth--
				opened = false
				if depth == 0 {
					return i, nil
				}
				continue
			}
			if !opened {
				if c != ',' {
					return i, &SyntaxError{i, fmt.Sprintf("expected a comma, found %q", c)}
				}
				if i = skipSpace(b, i+1); i >= len(b) {
					return i, ErrShort
				}
			}
			if isObject[depth-1] {
				if b[i] != '"' {
					return i, &SyntaxError{i, fmt.Sprintf("expected a key, found %q", b[i])}
				}
				e, _ := scanString(b, i+1)
				if e < 0 {
					return i, stringError(i, e)
				}
				if i = skipSpace(b, e+1); i >= len(b) {
					return i, ErrShort
				}
				if b[i] != ':' {
					return i, &SyntaxError{i, fmt.Sprintf("expected a colon, found %q", b[i])}
				}
				i++
			}
			break
		}
	}
}

func stringError(i, e int) error {
	if e == -2 {
		return &SyntaxError{i, "control character in a string"}
	}
	return ErrShort
}

func skipScalar(b []byte, i int) (int, error) {
	if i >= len(b) {
		return i, ErrShort
	}
	switch c := b[i]; {
	case c == '"':
		e, _ := scanString(b, i+1)
		if e < 0 {
			return i, stringError(i, e)
		}
		return e + 1, nil
	case c == '-' || c >= '0' && c <= '9':
		j := i + 1
		for j < len(b) && (b[j] >= '0' && b[j] <= '9' || b[j] == '.' || b[j] == 'e' || b[j] == 'E' || b[j] == '+' || b[j] == '-') {
			j++
		}
		if j == len(b) {
			return j, ErrShort
		}
		return j, nil
	case c == 't':
		return skipLiteral(b, i, "true")
	case c == 'f':
		return skipLiteral(b, i, "false")
	case c == 'n':
		return skipLiteral(b, i, "null")
	}
	return i, &SyntaxError{i, fmt.Sprintf("expected a value, found %q", b[i])}
}

func skipLiteral(b []byte, i int, lit string) (int, error) {
	n := min(len(lit), len(b)-i)
	if string(b[i:i+n]) != lit[:n] {
		return i, &SyntaxError{i, "expected " + lit}
	}
	if n < len(lit) {
		return i, ErrShort
	}
	return i + n, nil
}
