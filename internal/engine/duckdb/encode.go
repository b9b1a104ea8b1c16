package duckdb

import (
	"bufio"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// WriteCSV writes a header line and the rows as RFC 4180 with LF line ends. NULL
// is empty, timestamps are 2026-10-01 12:30:00.123456, lists, maps and structs
// are JSON, BLOB is hexadecimal. Values are written exactly; for a file that
// people open in a spreadsheet use [WriteSpreadsheetCSV]. It does not close r.
func WriteCSV(w io.Writer, r *Result) error { return writeCSV(w, r, false) }

// WriteSpreadsheetCSV is WriteCSV with an apostrophe before texts that a
// spreadsheet would take for a formula: logs are hostile input.
func WriteSpreadsheetCSV(w io.Writer, r *Result) error { return writeCSV(w, r, true) }

func writeCSV(w io.Writer, r *Result, guard bool) error {
	c := csv.NewWriter(w)
	rec := make([]string, len(r.Columns))
	for i, col := range r.Columns {
		rec[i] = spreadsheetSafe(col.Name, guard)
	}
	if err := c.Write(rec); err != nil {
		return err
	}
	for r.Next() {
		for i, v := range r.Row() {
			rec[i] = plain(v, r.Columns[i].Type)
			if _, ok := v.(string); ok {
				rec[i] = spreadsheetSafe(rec[i], guard)
			}
		}
		// The csv package writes a lone empty field as an empty line, which its
		// readers skip.
		if len(rec) == 1 && rec[0] == "" {
			c.Flush()
			if _, err := io.WriteString(w, "\"\"\n"); err != nil {
				return err
			}
			continue
		}
		if err := c.Write(rec); err != nil {
			return err
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return err
	}
	return r.Err()
}

func spreadsheetSafe(s string, guard bool) string {
	if guard && s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// WriteJSONLines writes one object per row with the columns in order. Integers
// and decimals are numbers with all their digits, times are RFC 3339 (DATE:
// 2026-10-01), BLOB is base64, NaN and infinities are texts. Of columns with the
// same name all are written, as name, name_1, name_2. It does not close r.
func WriteJSONLines(w io.Writer, r *Result) error {
	out := bufio.NewWriterSize(w, 64<<10)
	keys := make([][]byte, len(r.Columns))
	for i, name := range uniqueNames(r.Columns) {
		keys[i] = append(appendText(nil, name), ':')
	}
	var buf []byte
	for r.Next() {
		buf = append(buf[:0], '{')
		for i, v := range r.Row() {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = append(buf, keys[i]...)
			if t, ok := v.(time.Time); ok && r.Columns[i].Type == "DATE" {
				v = plainTime(t, true)
			}
			buf = appendJSON(buf, v)
		}
		if _, err := out.Write(append(buf, '}', '\n')); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return r.Err()
}

func uniqueNames(cols []ResultColumn) []string {
	used := map[string]bool{}
	out := make([]string, len(cols))
	for i, c := range cols {
		name := c.Name
		for n := 1; used[name]; n++ {
			name = c.Name + "_" + strconv.Itoa(n)
		}
		used[name], out[i] = true, name
	}
	return out
}

// appendJSON appends a row's value.
func appendJSON(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case float64:
		return appendFloat(dst, v, true)
	case json.Number:
		return append(dst, v...)
	case string:
		return appendText(dst, v)
	case []byte:
		return appendText(dst, base64.StdEncoding.EncodeToString(v))
	case time.Time:
		return appendText(dst, v.Format(time.RFC3339Nano))
	case []any:
		dst = append(dst, '[')
		for i, x := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, x)
		}
		return append(dst, ']')
	case Struct:
		dst = append(dst, '{')
		for i, f := range v {
			dst = appendKey(dst, i, f.Name)
			dst = appendJSON(dst, f.Value)
		}
		return append(dst, '}')
	case Map:
		dst = append(dst, '{')
		for i, e := range v {
			dst = appendKey(dst, i, plain(e.Key, ""))
			dst = appendJSON(dst, e.Value)
		}
		return append(dst, '}')
	}
	return append(dst, "null"...)
}

func appendKey(dst []byte, i int, name string) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	return append(appendText(dst, name), ':')
}

// appendFloat writes the shortest text that reads back as the same number.
func appendFloat(dst []byte, f float64, quoted bool) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		s := "NaN"
		if !math.IsNaN(f) {
			s = strings.Replace(strconv.FormatFloat(f, 'f', -1, 64), "Inf", "Infinity", 1)
			s = strings.TrimPrefix(s, "+")
		}
		if quoted {
			s = `"` + s + `"`
		}
		return append(dst, s...)
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, f, format, -1, 64)
}

// appendText writes a JSON string, without the HTML escapes of encoding/json.
func appendText(dst []byte, s string) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < 0x20 || c == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		i++
	}
	return append(dst, '"')
}
