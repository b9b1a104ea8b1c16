package decode

import (
	"strconv"
	"strings"

	"ashiato/internal/event"
)

// EachJSONElement calls f with the bytes of each element of a JSON array. It stops at bad syntax.
func EachJSONElement(array []byte, f func(value []byte)) {
	i := skipSpace(array, 0)
	if i >= len(array) || array[i] != '[' {
		return
	}
	for i = skipSpace(array, i+1); i < len(array) && array[i] != ']'; {
		end, err := skipValue(array, i)
		if err != nil {
			return
		}
		f(array[i:end])
		if i = skipSpace(array, end); i < len(array) && array[i] == ',' {
			i = skipSpace(array, i+1)
		}
	}
}

// EachJSONMember calls f with the key, unescaped, and the bytes of each value of a JSON object. It
// stops when f returns false, and at bad syntax.
func EachJSONMember(object []byte, f func(key string, value []byte) bool) {
	i := skipSpace(object, 0)
	if i >= len(object) || object[i] != '{' {
		return
	}
	for i = skipSpace(object, i+1); i < len(object) && object[i] == '"'; {
		ke, escaped := scanString(object, i+1)
		if ke < 0 {
			return
		}
		key := object[i+1 : ke]
		if escaped {
			key = event.AppendJSONUnescaped(nil, key)
		}
		if i = skipSpace(object, ke+1); i >= len(object) || object[i] != ':' {
			return
		}
		i = skipSpace(object, i+1)
		end, err := skipValue(object, i)
		if err != nil || !f(string(key), object[i:end]) {
			return
		}
		if i = skipSpace(object, end); i < len(object) && object[i] == ',' {
			i = skipSpace(object, i+1)
		}
	}
}

// JSONText returns a JSON value as plain text: a string without quotes and escapes, anything else as
// it stands; nil for null.
func JSONText(value []byte) []byte {
	if len(value) >= 2 && value[0] == '"' {
		in := value[1 : len(value)-1]
		for _, c := range in {
			if c == '\\' {
				return event.AppendJSONUnescaped(make([]byte, 0, len(in)), in)
			}
		}
		return in
	}
	if string(value) == "null" {
		return nil
	}
	return value
}

// EachJSONPath calls f with the bytes of every value at a dotted path. Arrays on the way are gone
// through; "[]" and "[*]" may be written after a name, and "[2]" takes one element. Keys that contain
// dots are matched too. Keys are compared ignoring case.
func EachJSONPath(value []byte, path string, f func(value []byte)) {
	i := skipSpace(value, 0)
	if i >= len(value) {
		return
	}
	value = value[i:]
	if value[0] == '[' {
		if rest, index, ok := cutIndex(path); ok {
			k := 0
			EachJSONElement(value, func(e []byte) {
				if index < 0 || index == k {
					EachJSONPath(e, rest, f)
				}
				k++
			})
			return
		}
		if path == "" {
			f(value)
			return
		}
		EachJSONElement(value, func(e []byte) { EachJSONPath(e, path, f) })
		return
	}
	if path == "" {
		f(value)
		return
	}
	if value[0] != '{' {
		return
	}
	EachJSONMember(value, func(key string, v []byte) bool {
		if rest, ok := cutKey(path, key); ok {
			EachJSONPath(v, rest, f)
		}
		return true
	})
}

func cutKey(path, key string) (rest string, ok bool) {
	if len(path) < len(key) || !strings.EqualFold(path[:len(key)], key) {
		return "", false
	}
	rest = path[len(key):]
	switch {
	case rest == "":
		return "", true
	case rest[0] == '.':
		return rest[1:], true
	case rest[0] == '[':
		return rest, true
	}
	return "", false
}

func cutIndex(path string) (rest string, index int, ok bool) {
	if path == "" || path[0] != '[' {
		return path, 0, false
	}
	end := strings.IndexByte(path, ']')
	if end < 0 {
		return path, 0, false
	}
	index = -1
	if s := path[1:end]; s != "" && s != "*" {
		n, err := strconv.Atoi(s)
		if err != nil {
			return path, 0, false
		}
		index = n
	}
	return strings.TrimPrefix(path[end+1:], "."), index, true
}

// JSONPath returns the text of the first value at a path, nil when there is none or it is null.
func JSONPath(value []byte, path string) []byte {
	var out []byte
	found := false
	EachJSONPath(value, path, func(v []byte) {
		if !found {
			out, found = JSONText(v), true
		}
	})
	return out
}

// SkipValue returns the index after the JSON value that starts at b[i]. ErrShort means that b ends
// before the value does; a *SyntaxError says what is wrong.
func SkipValue(b []byte, i int) (int, error) { return skipValue(b, i) }
