// Package tokens splits text into the tokens that free-text search finds, and keeps sets of them in
// binary fuse filters. docs/FORMATS.md specifies both; Version changes when either does.
//
// A token is a run of letters and digits, ASCII letters in lower case. An IPv4 address and a UUID are
// tokens as a whole too (the UUID in place of its parts). Each Han, Hiragana, Katakana and Hangul
// character is a token of its own, because those scripts do not separate words.
package tokens

import (
	"encoding/binary"
	"math/bits"
	"unicode"
	"unicode/utf8"
)

// Version names the rules of this package in side-cars.
const Version = 1

const (
	mulWord = 0x9E3779B97F4A7C15
	mulEnd  = 0xD6E8FEB86659FD93
)

const (
	classOther = iota
	classWord
	classEscape
	classHigh
)

var (
	class [256]uint8
	lower [256]uint8
)

func init() {
	for c := range 256 {
		lower[c] = uint8(c)
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			notHex[c] = 1
		}
		switch {
		case c >= 'A' && c <= 'Z':
			class[c], lower[c] = classWord, uint8(c+32)
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			class[c] = classWord
		case c == '\\':
			class[c] = classEscape
		case c >= 0x80:
			class[c] = classHigh
		}
	}
}

func step(h uint64, c byte) uint64 {
	h = (h ^ uint64(c)) * mulWord
	return h ^ h>>29
}

func finish(h uint64, n int) uint64 {
	hi, lo := bits.Mul64(h^uint64(n), mulEnd)
	return hi ^ lo
}

// Append appends the hashes of the tokens of text. Backslash escapes are understood as JSON's, so the
// same rules hold for plain text and for the inside of JSON: \n ends a word, \u00e9 is a letter. A
// letter after a backslash that could also be text (C:\new) starts a word both with and without it.
// Single ASCII characters are no tokens.
func Append(dst []uint64, text []byte) []uint64 {
	i := 0
	for i < len(text) {
		switch class[text[i]] {
		case classWord:
			dst, i = word(dst, text, i)
		case classHigh:
			if r, n := utf8.DecodeRune(text[i:]); wordRune(r) {
				dst, i = word(dst, text, i)
			} else {
				i += n
			}
		case classEscape:
			if r, n := escapedRune(text[i:]); n > 0 {
				if wordRune(r) {
					dst, i = word(dst, text, i)
				} else {
					i += n
				}
				continue
			}
			i++
			if i < len(text) && isEscapeLetter(text[i]) {
				dst, _ = word(dst, text, i)
				i++
			} else if i < len(text) && class[text[i]] == classEscape {
				i++
			}
		default:
			i++
		}
	}
	return dst
}

func isEscapeLetter(c byte) bool {
	return c == 'n' || c == 't' || c == 'r' || c == 'b' || c == 'f'
}

// escapedRune decodes \uXXXX at the start of b; n is 0 when there is none.
func escapedRune(b []byte) (r rune, n int) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, 0
	}
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, 0
		}
	}
	return r, 6
}

// word appends the tokens of the word that starts at i and returns where it ends.
func word(dst []uint64, text []byte, i int) ([]uint64, int) {
	start, h, n := i, uint64(mulWord), 0
	for i < len(text) {
		c := text[i]
		if class[c] == classWord {
			h = step(h, lower[c])
			n++
			i++
			continue
		}
		var r rune
		var size int
		switch class[c] {
		case classHigh:
			r, size = utf8.DecodeRune(text[i:])
		case classEscape:
			if r, size = escapedRune(text[i:]); size == 0 {
				goto end
			}
		default:
			goto end
		}
		if ideographic(r) {
			if n > 1 {
				dst = append(dst, finish(h, n))
			}
			dst = append(dst, finish(hashRune(mulWord, r), 1))
			h, n = mulWord, 0
			i += size
			start = i
			continue
		}
		if !wordRune(r) {
			goto end
		}
		h = hashRune(h, unicode.ToLower(r))
		n++
		i += size
	}
end:
	if n == 8 && i-start == 8 && i < len(text) && text[i] == '-' && IsUUID(text[start:]) {
		return append(dst, hashUUID(text[start:start+36])), start + 36
	}
	if n > 1 {
		dst = append(dst, finish(h, n))
	}
	if n > 0 && n <= 3 && i < len(text) && text[i] == '.' && (start == 0 || text[start-1] != '.') {
		if k := ipv4Len(text[start:]); k > 0 {
			dst = append(dst, hashBytes(text[start:start+k]))
		}
	}
	return dst, max(i, start)
}

// wordRune reports whether a character belongs to words. Bytes that are not UTF-8 separate words.
func wordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

func hashRune(h uint64, r rune) uint64 {
	var buf [4]byte
	for _, c := range buf[:utf8.EncodeRune(buf[:], r)] {
		h = step(h, c)
	}
	return h
}

func hashBytes(b []byte) uint64 {
	h := uint64(mulWord)
	for _, c := range b {
		h = step(h, lower[c])
	}
	return finish(h, len(b))
}

func ideographic(r rune) bool {
	return r >= 0x2E80 && (unicode.Is(unicode.Han, r) || unicode.Is(unicode.Hiragana, r) || unicode.Is(unicode.Katakana, r) || unicode.Is(unicode.Hangul, r) || r == 'ー')
}

// hashUUID hashes the 36 bytes of a UUID, ignoring case, eight bytes at a time: in its alphabet a letter
// turns to lower case, and all else stays, when bit 5 is set.
func hashUUID(b []byte) uint64 {
	const fold = 0x2020202020202020
	h := uint64(mulWord)
	for i := 0; i < 32; i += 8 {
		hi, lo := bits.Mul64(h^(binary.LittleEndian.Uint64(b[i:])|fold), mulEnd)
		h = hi ^ lo
	}
	hi, lo := bits.Mul64(h^uint64(binary.LittleEndian.Uint32(b[32:])|fold&0xFFFFFFFF), mulWord)
	return hi ^ lo
}

var notHex [256]uint8

// IsUUID reports whether b starts with a UUID in 8-4-4-4-12 form that no letter or digit follows.
func IsUUID(b []byte) bool {
	if len(b) < 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' || len(b) > 36 && class[b[36]] == classWord {
		return false
	}
	var bad uint8
	for _, part := range [...][2]int{{0, 8}, {9, 13}, {14, 18}, {19, 23}, {24, 36}} {
		for _, c := range b[part[0]:part[1]] {
			bad |= notHex[c]
		}
	}
	return bad == 0
}

// ipv4Len returns the length of the IPv4 address at the start of b, 0 when there is none or the
// dotted number goes on.
func ipv4Len(b []byte) int {
	i := 0
	for part := range 4 {
		n, digits := 0, 0
		for i < len(b) && b[i] >= '0' && b[i] <= '9' && digits < 4 {
			n = n*10 + int(b[i]-'0')
			i, digits = i+1, digits+1
		}
		if digits == 0 || digits > 3 || n > 255 {
			return 0
		}
		if part < 3 {
			if i >= len(b) || b[i] != '.' {
				return 0
			}
			i++
		}
	}
	if i < len(b) && (class[b[i]] == classWord || b[i] == '.' && i+1 < len(b) && b[i+1] >= '0' && b[i+1] <= '9') {
		return 0
	}
	return i
}
