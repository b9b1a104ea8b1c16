package event

import (
	"bytes"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// Format is the second byte of a marker: how the column's value is printed to get the delivered
// text back. A value is replaced by a marker only when printing it gives exactly what was there.
type Format uint8

// Formats of text columns.
const (
	AsIs       Format = 0 // the value itself
	JSONEscape Format = 1 // escaped as JSON strings are: \" \\ \b \f \n \r \t, other controls \u00xx
	SQLEscape  Format = 2 // inside of a string of MariaDB's audit log: \' \\ \b \n \r \t
	CSVEscape  Format = 3 // inside of a quoted CSV field: quotes are doubled
)

// Formats of time columns. 0 is not used, so that a zero marker is an error.
const (
	RFC3339Sec    Format = iota + 1 // 2006-01-02T15:04:05Z
	RFC3339Milli                    // 2006-01-02T15:04:05.000Z
	RFC3339Micro                    // 2006-01-02T15:04:05.000000Z
	EpochSec                        // seconds since 1970
	EpochMilli                      // milliseconds since 1970
	EpochMicro                      // microseconds since 1970
	CLF                             // 02/Jan/2006:15:04:05 +0000
	Suricata                        // 2006-01-02T15:04:05.000000+0000
	SQLSec                          // 2006-01-02 15:04:05
	SQLMilli                        // 2006-01-02 15:04:05.000
	TabSec                          // 2006-01-02<TAB>15:04:05
	Syslog                          // Jan _2 15:04:05, the year comes from elsewhere
	MariaDB                         // 20060102 15:04:05
	OffsetSec                       // 2006-01-02T15:04:05+00:00
	OffsetMicro                     // 2006-01-02T15:04:05.000000+00:00
	RFC3339Minute                   // 2006-01-02T15:04Z
	formatTimesEnd
)

func append2(dst []byte, n int64) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// AppendTime appends a time, in µs since 1970 UTC, in a format.
func AppendTime(dst []byte, us int64, f Format) []byte {
	switch f {
	case EpochSec:
		return strconv.AppendInt(dst, floorDiv(us, 1e6), 10)
	case EpochMilli:
		return strconv.AppendInt(dst, floorDiv(us, 1e3), 10)
	case EpochMicro:
		return strconv.AppendInt(dst, us, 10)
	case RFC3339Sec, RFC3339Milli, RFC3339Micro:
		sec, frac := floorDiv(us, 1e6), us-floorDiv(us, 1e6)*1e6
		y, m, d := civil(floorDiv(sec, 86400))
		if y < 0 || y > 9999 {
			return append(dst, "year out of range"...)
		}
		r := sec - floorDiv(sec, 86400)*86400
		dst = append2(append2(dst, y/100), y%100)
		dst = append2(append(dst, '-'), m)
		dst = append2(append(dst, '-'), d)
		dst = append2(append(dst, 'T'), r/3600)
		dst = append2(append(dst, ':'), r/60%60)
		dst = append2(append(dst, ':'), r%60)
		if f == RFC3339Milli {
			ms := frac / 1000
			dst = append2(append(dst, '.', byte('0'+ms/100)), ms%100)
		} else if f == RFC3339Micro {
			dst = append2(append2(append2(append(dst, '.'), frac/10000), frac/100%100), frac%100)
		}
		return append(dst, 'Z')
	}
	if f >= ZonedFrom {
		return appendZoned(dst, us, f)
	}
	if f == 0 || f >= formatTimesEnd {
		return dst
	}
	return appendLayout(dst, us, timeLayouts[f])
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// civil and daysFrom convert between days since 1970 and the proleptic Gregorian calendar
// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
func civil(z int64) (y, m, d int64) {
	z += 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = doy - (153*mp+2)/5 + 1
	m = (mp+2)%12 + 1
	y = yoe + era*400
	if m <= 2 {
		y++
	}
	return y, m, d
}

func daysFrom(y, m, d int64) int64 {
	if m <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	doy := (153*((m+9)%12)+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

// ParseTime reads a time in exactly the given format; ok means that AppendTime gives v back.
func ParseTime(v []byte, f Format) (us int64, ok bool) {
	switch f {
	case EpochSec, EpochMilli, EpochMicro:
		n, ok := ParseInt(v)
		scale := int64(1)
		switch f {
		case EpochSec:
			scale = 1e6
		case EpochMilli:
			scale = 1e3
		}
		if !ok || n > 253402300799999999/scale || n < -62135596800000000/scale {
			return 0, false
		}
		return n * scale, true
	case RFC3339Sec, RFC3339Milli, RFC3339Micro:
		return parseRFC3339(v, f)
	case Syslog:
		return 0, false // needs a year: ParseSyslog
	}
	if f >= ZonedFrom {
		us, g, ok := parseZoned(v)
		return us, ok && g == f
	}
	if f == 0 || f >= formatTimesEnd {
		return 0, false
	}
	c, ok := parseLayout(v, timeLayouts[f])
	return c.unixMicro(), ok
}

func parseRFC3339(v []byte, f Format) (int64, bool) {
	want := [...]int{RFC3339Sec: 20, RFC3339Milli: 24, RFC3339Micro: 27}[f]
	if len(v) != want || v[10] != 'T' || v[want-1] != 'Z' || v[13] != ':' || v[16] != ':' || v[4] != '-' || v[7] != '-' {
		return 0, false
	}
	var bad byte
	digit := func(i int) int64 {
		c := v[i] - '0'
		if c > 9 {
			bad = 1
		}
		return int64(c)
	}
	y := digit(0)*1000 + digit(1)*100 + digit(2)*10 + digit(3)
	m, d := digit(5)*10+digit(6), digit(8)*10+digit(9)
	h, mi, s := digit(11)*10+digit(12), digit(14)*10+digit(15), digit(17)*10+digit(18)
	var frac int64
	if f != RFC3339Sec {
		if v[19] != '.' {
			return 0, false
		}
		for i := 20; i < want-1; i++ {
			frac = frac*10 + digit(i)
		}
		if f == RFC3339Milli {
			frac *= 1000
		}
	}
	if bad != 0 || m < 1 || m > 12 || d < 1 || h > 23 || mi > 59 || s > 59 || d > daysIn(y, m) {
		return 0, false
	}
	return ((daysFrom(y, m, d)*24+h)*60+mi)*60*1e6 + s*1e6 + frac, true
}

func daysIn(y, m int64) int64 {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// lenient are the layouts that ParseAnyTime tries; fractions of any length are accepted by each.
var lenient = []string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 MST",
	"2006-01-02 15:04:05", "02/Jan/2006:15:04:05 -0700", "Jan 2, 2006, 3:04:05 PM", "2006-01-02T15:04Z07:00", time.RFC1123Z, time.RFC1123, "2006-01-02",
}

// ParseAnyTime reads a time in any of the formats that logs use, epoch numbers by magnitude
// (seconds, milliseconds, microseconds, nanoseconds) included. Nanoseconds are cut to microseconds.
func ParseAnyTime(v []byte) (us int64, ok bool) {
	v = bytes.TrimSpace(v)
	if len(v) == 0 || len(v) > 64 {
		return 0, false
	}
	if f, err := strconv.ParseFloat(string(v), 64); err == nil {
		n, isInt := ParseInt(v)
		switch {
		case f < 0:
			return 0, false
		case f < 1e11:
			return int64(f * 1e6), true
		case f < 1e14:
			return int64(f * 1e3), true
		case f < 1e17:
			return int64(f), true
		case isInt:
			return n / 1000, true
		}
		return 0, false
	}
	for _, l := range lenient {
		if t, err := time.Parse(l, string(v)); err == nil {
			return t.UnixMicro(), true
		}
	}
	return 0, false
}

// ParseInt reads a canonical decimal integer: no leading zeros or plus, fits in 64 bits.
func ParseInt(v []byte) (int64, bool) {
	d := v
	neg := len(v) > 0 && v[0] == '-'
	if neg {
		d = v[1:]
	}
	if len(d) == 0 || len(d) > 19 || d[0] == '0' && (len(d) > 1 || neg) {
		return 0, false
	}
	var n uint64
	for _, c := range d {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	if n > math.MaxInt64 {
		return 0, false
	}
	if neg {
		return -int64(n), true
	}
	return int64(n), true
}

// parseFloat reads a number in plain decimal notation and returns how many decimals it has.
func parseFloat(v []byte) (x float64, f Format, ok bool) {
	if len(v) == 0 || len(v) > 24 {
		return 0, 0, false
	}
	dot := bytes.IndexByte(v, '.')
	if dot >= 0 {
		f = Format(len(v) - dot - 1)
	}
	x, err := strconv.ParseFloat(string(v), 64)
	if err != nil || f > 17 || x != x || x > math.MaxFloat64 || x < -math.MaxFloat64 {
		return 0, 0, false
	}
	var buf [32]byte
	return x, f, bytes.Equal(strconv.AppendFloat(buf[:0], x, 'f', int(f), 64), v)
}

// AppendJSONEscaped appends v escaped as in a JSON string, without quotes.
func AppendJSONEscaped(dst, v []byte) []byte {
	const hex = "0123456789abcdef"
	for _, c := range v {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= 0x20:
			dst = append(dst, c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c == '\b':
			dst = append(dst, '\\', 'b')
		case c == '\f':
			dst = append(dst, '\\', 'f')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

// AppendJSONUnescaped appends the text of a JSON string's inside. Bad escapes stay as they are,
// lone surrogates become U+FFFD.
func AppendJSONUnescaped(dst, v []byte) []byte {
	for i := 0; i < len(v); i++ {
		c := v[i]
		if c != '\\' || i+1 >= len(v) {
			dst = append(dst, c)
			continue
		}
		i++
		switch v[i] {
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'u':
			r, ok := hex4(v[i+1:])
			if !ok {
				dst = append(dst, '\\', 'u')
				continue
			}
			i += 4
			if r >= 0xD800 && r < 0xDC00 && i+2 < len(v) && v[i+1] == '\\' && v[i+2] == 'u' {
				if low, ok := hex4(v[i+3:]); ok && low >= 0xDC00 && low < 0xE000 {
					r = (r-0xD800)<<10 + (low - 0xDC00) + 0x10000
					i += 6
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, v[i])
		}
	}
	return dst
}

// AppendSQLEscaped appends v escaped as MariaDB's server_audit plugin escapes objects.
func AppendSQLEscaped(dst, v []byte) []byte {
	for _, c := range v {
		switch c {
		case '\'', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\b':
			dst = append(dst, '\\', 'b')
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// AppendSQLUnescaped undoes AppendSQLEscaped. Unknown escapes stay as they are.
func AppendSQLUnescaped(dst, v []byte) []byte {
	for i := 0; i < len(v); i++ {
		c := v[i]
		if c != '\\' || i+1 >= len(v) {
			dst = append(dst, c)
			continue
		}
		i++
		switch v[i] {
		case '\'', '\\':
			dst = append(dst, v[i])
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'b':
			dst = append(dst, '\b')
		default:
			dst = append(dst, c, v[i])
		}
	}
	return dst
}

// AppendCSVEscaped appends v with its quotes doubled.
func AppendCSVEscaped(dst, v []byte) []byte {
	for _, c := range v {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return dst
}

// AppendCSVUnescaped undoes AppendCSVEscaped.
func AppendCSVUnescaped(dst, v []byte) []byte {
	for i := 0; i < len(v); i++ {
		dst = append(dst, v[i])
		if v[i] == '"' && i+1 < len(v) && v[i+1] == '"' {
			i++
		}
	}
	return dst
}

func hex4(v []byte) (rune, bool) {
	if len(v) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(v[:4]), 16, 32)
	return rune(n), err == nil
}
