package duckdb

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// timePattern is a compiled date format: MySQL's (date_parse, date_format; see
// https://prestodb.io/docs/current/functions/datetime.html) or Joda-Time's
// (parse_datetime, format_datetime).
type timePattern struct{ parts []timePart }

// timePart is a literal (field 0) or a field: Y M D H I(12-hour clock) N(minute)
// S F(fraction) B(month name) b(short) A(day name) a(short) P(AM/PM) J(day of the
// year) Z(zone) E(era-less two-digit year).
type timePart struct {
	field byte
	lit   string
	width int // digits that are written at least and, when fixed, read at most
	fixed bool
}

var (
	mysqlCache = newCache[compiled](256)
	jodaCache  = newCache[compiled](256)
)

type compiled struct {
	p   *timePattern
	err error
}

func mysqlPattern(s string) (*timePattern, error) {
	c := mysqlCache.get(s, func() compiled { p, err := compileMySQL(s); return compiled{p, err} })
	return c.p, c.err
}

func jodaPattern(s string) (*timePattern, error) {
	c := jodaCache.get(s, func() compiled { p, err := compileJoda(s); return compiled{p, err} })
	return c.p, c.err
}

var mysqlFields = map[byte][]timePart{
	'Y': {{field: 'Y', width: 4, fixed: true}}, 'y': {{field: 'E', width: 2, fixed: true}},
	'm': {{field: 'M', width: 2, fixed: true}}, 'c': {{field: 'M', width: 1}},
	'd': {{field: 'D', width: 2, fixed: true}}, 'e': {{field: 'D', width: 1}},
	'H': {{field: 'H', width: 2, fixed: true}}, 'k': {{field: 'H', width: 1}},
	'h': {{field: 'I', width: 2, fixed: true}}, 'I': {{field: 'I', width: 2, fixed: true}}, 'l': {{field: 'I', width: 1}},
	'i': {{field: 'N', width: 2, fixed: true}}, 's': {{field: 'S', width: 2, fixed: true}}, 'S': {{field: 'S', width: 2, fixed: true}},
	'f': {{field: 'F', width: 6}}, 'M': {{field: 'B'}}, 'b': {{field: 'b'}}, 'W': {{field: 'A'}}, 'a': {{field: 'a'}},
	'p': {{field: 'P'}}, 'j': {{field: 'J', width: 3, fixed: true}}, '%': {{lit: "%"}},
	'T': {{field: 'H', width: 2, fixed: true}, {lit: ":"}, {field: 'N', width: 2, fixed: true}, {lit: ":"}, {field: 'S', width: 2, fixed: true}},
	'r': {{field: 'I', width: 2, fixed: true}, {lit: ":"}, {field: 'N', width: 2, fixed: true}, {lit: ":"}, {field: 'S', width: 2, fixed: true}, {lit: " "}, {field: 'P'}},
}

func compileMySQL(s string) (*timePattern, error) {
	p := &timePattern{}
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			p.literal(s[i : i+1])
			continue
		}
		if i++; i == len(s) {
			return nil, fmt.Errorf("the date format ends in %%")
		}
		parts, ok := mysqlFields[s[i]]
		if !ok {
			return nil, fmt.Errorf("the date format has %%%c, which is not supported", s[i])
		}
		p.parts = append(p.parts, parts...)
	}
	return p, nil
}

var jodaFields = map[byte]byte{'y': 'Y', 'Y': 'Y', 'u': 'Y', 'M': 'M', 'd': 'D', 'H': 'H', 'h': 'I', 'm': 'N', 's': 'S', 'S': 'F', 'a': 'P', 'D': 'J', 'E': 'a', 'Z': 'Z', 'z': 'Z', 'X': 'Z'}

func compileJoda(s string) (*timePattern, error) {
	p := &timePattern{}
	for i := 0; i < len(s); {
		c := s[i]
		if c == '\'' {
			end := strings.IndexByte(s[i+1:], '\'')
			if end < 0 {
				return nil, fmt.Errorf("the date format has an open quote")
			}
			if lit := s[i+1 : i+1+end]; lit == "" {
				p.literal("'")
			} else {
				p.literal(lit)
			}
			i += end + 2
			continue
		}
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			n := 1
			for i+n < len(s) && s[i+n] == c {
				n++
			}
			f, ok := jodaFields[c]
			if !ok {
				return nil, fmt.Errorf("the date format has %c, which is not supported", c)
			}
			p.parts = append(p.parts, jodaPart(f, n))
			i += n
			continue
		}
		p.literal(s[i : i+1])
		i++
	}
	return p, nil
}

func jodaPart(f byte, n int) timePart {
	switch {
	case f == 'M' && n >= 4:
		return timePart{field: 'B'}
	case f == 'M' && n == 3:
		return timePart{field: 'b'}
	case f == 'a' && n >= 4:
		return timePart{field: 'A'}
	case f == 'Y' && n == 2:
		return timePart{field: 'E', width: 2, fixed: true}
	case f == 'F':
		return timePart{field: f, width: min(n, 9), fixed: true}
	case f == 'Y':
		return timePart{field: f, width: 4, fixed: true}
	}
	return timePart{field: f, width: min(n, 9), fixed: n > 1}
}

func (p *timePattern) literal(s string) {
	if n := len(p.parts); n > 0 && p.parts[n-1].field == 0 {
		p.parts[n-1].lit += s
		return
	}
	p.parts = append(p.parts, timePart{lit: s})
}

func (p *timePattern) format(t time.Time) string {
	var b strings.Builder
	num := func(n, width int) { fmt.Fprintf(&b, "%0*d", width, n) }
	for _, f := range p.parts {
		switch f.field {
		case 0:
			b.WriteString(f.lit)
		case 'Y':
			num(t.Year(), f.width)
		case 'E':
			num(t.Year()%100, 2)
		case 'M':
			num(int(t.Month()), f.width)
		case 'D':
			num(t.Day(), f.width)
		case 'H':
			num(t.Hour(), f.width)
		case 'I':
			num((t.Hour()+11)%12+1, f.width)
		case 'N':
			num(t.Minute(), f.width)
		case 'S':
			num(t.Second(), f.width)
		case 'F':
			b.WriteString(fmt.Sprintf("%09d", t.Nanosecond())[:f.width])
		case 'B':
			b.WriteString(t.Month().String())
		case 'b':
			b.WriteString(t.Month().String()[:3])
		case 'A':
			b.WriteString(t.Weekday().String())
		case 'a':
			b.WriteString(t.Weekday().String()[:3])
		case 'P':
			b.WriteString(t.Format("PM"))
		case 'J':
			num(t.YearDay(), f.width)
		case 'Z':
			b.WriteString("+0000")
		}
	}
	return b.String()
}

// timeFields are what a text said.
type timeFields struct {
	n    map[byte]int
	nano int
	zone int // seconds east of UTC
}

func (p *timePattern) parse(s string) (any, error) {
	f := timeFields{n: map[byte]int{'Y': 1970, 'M': 1, 'D': 1}}
	rest := s
	for _, part := range p.parts {
		n, ok := f.read(part, rest)
		if !ok {
			return nil, fmt.Errorf("%q does not have the date format", s)
		}
		rest = rest[n:]
	}
	if rest != "" {
		return nil, fmt.Errorf("%q is longer than the date format", s)
	}
	return f.time(s)
}

func (f *timeFields) time(s string) (any, error) {
	hour := f.n['H']
	if h, ok := f.n['I']; ok {
		hour = h%12 + f.n['P']
	}
	t := time.Date(f.n['Y'], time.Month(f.n['M']), f.n['D'], hour, f.n['N'], f.n['S'], f.nano, time.UTC)
	if j, ok := f.n['J']; ok {
		t = t.AddDate(0, 0, j-t.YearDay())
	} else if t.Month() != time.Month(f.n['M']) || t.Day() != f.n['D'] {
		return nil, fmt.Errorf("%q is not a date", s)
	}
	return t.Add(-time.Duration(f.zone) * time.Second), nil
}

// read takes one part from the front of s and returns how many bytes it used.
func (f *timeFields) read(p timePart, s string) (int, bool) {
	switch p.field {
	case 0:
		return len(p.lit), strings.HasPrefix(s, p.lit)
	case 'B', 'b':
		return f.name(s, 'M', 12, 1, p.field == 'b', func(i int) string { return time.Month(i + 1).String() })
	case 'A', 'a':
		return f.name(s, 'w', 7, 0, p.field == 'a', func(i int) string { return time.Weekday(i).String() })
	case 'P':
		if len(s) < 2 {
			return 0, false
		}
		switch strings.ToUpper(s[:2]) {
		case "AM":
			return 2, true
		case "PM":
			f.n['P'] = 12
			return 2, true
		}
		return 0, false
	case 'Z':
		return f.readZone(s)
	}
	most := 2
	switch {
	case p.field == 'F':
		most = 9
	case p.fixed:
		most = p.width
	case p.field == 'J':
		most = 3
	}
	n := 0
	for n < len(s) && n < most && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n == 0 {
		return 0, false
	}
	v, _ := strconv.Atoi(s[:n]) // at most nine digits
	switch p.field {
	case 'F':
		f.nano, _ = strconv.Atoi((s[:n] + "000000000")[:9])
	case 'E':
		if v < 70 {
			v += 100
		}
		f.n['Y'] = 1900 + v
	default:
		f.n[p.field] = v
	}
	return n, f.inRange(p.field, v)
}

func (f *timeFields) inRange(field byte, v int) bool {
	switch field {
	case 'M':
		return v >= 1 && v <= 12
	case 'D':
		return v >= 1 && v <= 31
	case 'H':
		return v <= 23
	case 'I':
		return v >= 1 && v <= 12
	case 'N', 'S':
		return v <= 59
	case 'J':
		return v >= 1 && v <= 366
	}
	return true
}

func (f *timeFields) name(s string, field byte, count, first int, short bool, name func(int) string) (int, bool) {
	for i := range count {
		n := name(i)
		if short {
			n = n[:3]
		}
		if len(s) >= len(n) && strings.EqualFold(s[:len(n)], n) {
			f.n[field] = i + first
			return len(n), true
		}
	}
	return 0, false
}

func (f *timeFields) readZone(s string) (int, bool) {
	for _, utc := range []string{"UTC", "GMT", "Z"} {
		if strings.HasPrefix(s, utc) {
			return len(utc), true
		}
	}
	for _, layout := range []string{"-07:00", "-0700"} {
		if len(s) >= len(layout) {
			if t, err := time.Parse(layout, s[:len(layout)]); err == nil {
				_, f.zone = t.Zone()
				return len(layout), true
			}
		}
	}
	return 0, false
}
