package tokens

import (
	"bytes"
	"encoding/binary"
	"unicode"
	"unicode/utf8"

	"ashiato/internal/event"
)

// Needle is a text that a search looks for as whole words, ignoring case.
type Needle struct {
	Hashes []uint64 // tokens that a text holding the needle has
	forms  [][]byte // the needle in lower case: as it is, and as JSON would escape it
	front  bool     // the needle starts with a word character, so none may stand before it
	back   bool
	buf    []byte
}

// NewNeedle prepares a needle. It is not safe for concurrent use; Clone it.
func NewNeedle(text string) *Needle {
	n := &Needle{Hashes: Append(nil, []byte(text))}
	low := appendLower(nil, []byte(text))
	n.forms = append(n.forms, low)
	if esc := event.AppendJSONEscaped(nil, low); !bytes.Equal(esc, low) {
		n.forms = append(n.forms, esc)
	}
	if esc := escapeNonASCII(low); esc != nil {
		n.forms = append(n.forms, esc)
	}
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	n.front, n.back = isWordRune(first), isWordRune(last)
	return n
}

// Clone returns a needle that another goroutine can use.
func (n *Needle) Clone() *Needle {
	m := *n
	m.buf = nil
	return &m
}

func isWordRune(r rune) bool { return wordRune(r) && !ideographic(r) }

func escapeNonASCII(b []byte) []byte {
	const hex = "0123456789abcdef"
	var out []byte
	changed := false
	for _, r := range string(b) {
		switch {
		case r < 0x80:
			out = event.AppendJSONEscaped(out, []byte{byte(r)})
			continue
		case r > 0xFFFF:
			return nil
		}
		changed = true
		out = append(out, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
	}
	if !changed {
		return nil
	}
	return out
}

// appendLower appends b in lower case: eight ASCII bytes at a time, the rest rune by rune.
func appendLower(dst, b []byte) []byte {
	const (
		ones = 0x0101010101010101
		high = 0x8080808080808080
	)
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		if w&high != 0 {
			break
		}
		// bit 7 of a byte is set where it is at least 'A' and not above 'Z'; shifted, that is the case bit
		upper := (w + (0x80-'A')*ones) & ^(w + (0x80-'Z'-1)*ones) & high
		dst = binary.LittleEndian.AppendUint64(dst, w|upper>>2)
	}
	for ; i < len(b); i++ {
		c := b[i]
		if c < 0x80 {
			dst = append(dst, lower[c])
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError {
			dst = append(dst, b[i:i+n]...)
		} else {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		i += n - 1
	}
	return dst
}

// In reports whether text holds the needle, with no letter or digit directly before or after it.
func (n *Needle) In(text []byte) bool {
	if len(text) < len(n.forms[0]) {
		return false
	}
	n.buf = appendLower(n.buf[:0], text)
	for _, f := range n.forms {
		for from := 0; ; {
			k := bytes.Index(n.buf[from:], f)
			if k < 0 {
				break
			}
			at := from + k
			if n.bounded(n.buf, at, at+len(f)) {
				return true
			}
			from = at + 1
		}
	}
	return false
}

// Places calls f with the offset of every occurrence of the needle in a text, word boundaries aside: a quick look
// through many values that stand one after another. ok is false when offsets cannot be told, because lower case
// has another length; then the text may hold the needle anywhere.
func (n *Needle) Places(text []byte, f func(at int)) (ok bool) {
	n.buf = appendLower(n.buf[:0], text)
	for _, form := range n.forms {
		for from := 0; ; {
			k := bytes.Index(n.buf[from:], form)
			if k < 0 {
				break
			}
			if len(n.buf) != len(text) {
				return false
			}
			f(from + k)
			from += k + 1
		}
	}
	return true
}

func (n *Needle) bounded(b []byte, start, end int) bool {
	if n.front && start > 0 {
		r, _ := utf8.DecodeLastRune(b[:start])
		if isWordRune(r) && !escapeEndsAt(b, start) {
			return false
		}
	}
	if n.back && end < len(b) {
		r, _ := utf8.DecodeRune(b[end:])
		if isWordRune(r) {
			return false
		}
	}
	return true
}

// escapeEndsAt reports whether a JSON escape such as \n or \u003d ends just before i.
func escapeEndsAt(b []byte, i int) bool {
	if i >= 2 && b[i-2] == '\\' && isEscapeLetter(b[i-1]) {
		return true
	}
	if i >= 6 {
		if r, n := escapedRune(b[i-6 : i]); n > 0 {
			return !isWordRune(r)
		}
	}
	return false
}

// Substring is a text that a search looks for anywhere, ignoring case, without regard to words.
type Substring struct {
	forms [][]byte
	buf   []byte
}

// NewSubstring prepares a substring search.
func NewSubstring(text string) *Substring {
	return &Substring{forms: NewNeedle(text).forms}
}

// In reports whether text holds the substring.
func (s *Substring) In(text []byte) bool {
	s.buf = appendLower(s.buf[:0], text)
	for _, f := range s.forms {
		if bytes.Contains(s.buf, f) {
			return true
		}
	}
	return false
}
