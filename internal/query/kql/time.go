package kql

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	absoluteRE = regexp.MustCompile(`^(\d{4})(?:[-/](\d\d)(?:[-/](\d\d)(?:[Tt ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?([Zz]|[+-]\d\d(?::?\d\d)?)?)?)?)?$`)
	epochRE    = regexp.MustCompile(`^\d{9,19}$`)
	agoRE      = regexp.MustCompile(`^-?(\d+[smhdwMyH])(/[smhdwMyH])?$`)
	dateMathRE = regexp.MustCompile(`^now([+-]\d+[smhdwMyH]|/[smhdwMyH])*$`)
	stepRE     = regexp.MustCompile(`[+-]\d+[smhdwMyH]|/[smhdwMyH]`)
)

// ParseTime reads a time and gives its start and its precision: s means the
// times from the start up to, not including, start plus precision.
//
//	2026  2026-10  2026-10-01  2026/10/01     a year, a month, a day
//	2026-10-01T12  2026-10-01 12:30           an hour, a minute
//	2026-10-01T12:30:05.25+09:00              a second, or as many digits as there are
//	1790856000  1790856000000                 seconds, milliseconds (also micro-, nanoseconds) since 1970
//	now  now-15m  now-1d/d  now/M+8h          date math as in Elasticsearch
//	15m  -15m                                 the same as now-15m
//
// A time without a zone is in loc (UTC when nil), and days, weeks (from
// Monday), months and years are the calendar's there: a day may have 23 hours.
// Subtracting a month from the 31st gives the last day of a shorter month. The
// units are s m h d w M y. The precision of a relative time is that of the
// rounding it ends in, a day for now-1d/d, else a nanosecond: now-15m is an instant.
func ParseTime(s string, now time.Time, loc *time.Location) (time.Time, time.Duration, error) {
	if loc == nil {
		loc = time.UTC
	}
	s = strings.TrimSpace(s)
	if m := absoluteRE.FindStringSubmatch(s); m != nil {
		return absolute(s, m[1:], loc)
	}
	if epochRE.MatchString(s) {
		return epoch(s, loc)
	}
	if m := agoRE.FindStringSubmatch(s); m != nil {
		return relative(s, "-"+m[1]+m[2], now.In(loc))
	}
	if dateMathRE.MatchString(s) {
		return relative(s, strings.TrimPrefix(s, "now"), now.In(loc))
	}
	return time.Time{}, 0, fmt.Errorf("%q is not a time; write 2026-10-01, 2026-10-01T12:30:00Z, now-15m or seconds since 1970", shortText(s))
}

func shortText(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// absolute builds the time from the groups of absoluteRE: year to second, fraction, zone.
func absolute(s string, m []string, loc *time.Location) (time.Time, time.Duration, error) {
	fields := [6]int{0, 1, 1} // January and the first, when absent
	given := 0
	for i := range fields {
		if m[i] == "" {
			break
		}
		fields[i], _ = strconv.Atoi(m[i])
		given = i + 1
	}
	if zone := strings.ToUpper(m[7]); zone == "Z" {
		loc = time.UTC
	} else if zone != "" {
		digits := strings.ReplaceAll(zone[1:], ":", "") + "00"
		h, _ := strconv.Atoi(digits[:2])
		mins, _ := strconv.Atoi(digits[2:4])
		if h > 23 || mins > 59 {
			return time.Time{}, 0, fmt.Errorf("%q has no such time zone; write an offset such as +09:00", s)
		}
		offset := h*3600 + mins*60
		if zone[0] == '-' {
			offset = -offset
		}
		loc = time.FixedZone("", offset)
	}
	nanos, _ := strconv.Atoi((m[6] + "000000000")[:9])
	t := time.Date(fields[0], time.Month(fields[1]), fields[2], fields[3], fields[4], fields[5], nanos, loc)
	// time.Date carries 2026-02-30 over into March. The hour may differ where the clock was put forward.
	if fields[3] > 23 || fields[4] > 59 || fields[5] > 59 || fields[1] < 1 || fields[1] > 12 || fields[2] < 1 || fields[2] > daysIn(fields[0], fields[1]) {
		return time.Time{}, 0, fmt.Errorf("%q is not a time: the calendar or the clock has no such value", s)
	}
	if m[6] != "" {
		precision := time.Second
		for range m[6] {
			precision /= 10
		}
		return t, precision, nil
	}
	return t, unitLength(t, "yMdhms"[given-1]), nil
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// epoch tells the unit by the magnitude: seconds reach 1e11 in the year 5138,
// milliseconds are beyond it from 1973 on.
func epoch(s string, loc *time.Location) (time.Time, time.Duration, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil:
		return time.Time{}, 0, fmt.Errorf("%q is too large for a time since 1970", s)
	case n < 1e11:
		return time.Unix(n, 0).In(loc), time.Second, nil
	case n < 1e14:
		return time.UnixMilli(n).In(loc), time.Millisecond, nil
	case n < 1e17:
		return time.UnixMicro(n).In(loc), time.Microsecond, nil
	}
	return time.Unix(0, n).In(loc), time.Nanosecond, nil
}

// relative applies steps, such as "-1d/d", to t.
func relative(s, steps string, t time.Time) (time.Time, time.Duration, error) {
	precision := time.Nanosecond
	for _, step := range stepRE.FindAllString(steps, -1) {
		unit := step[len(step)-1]
		if step[0] == '/' {
			t = truncate(t, unit)
			precision = unitLength(t, unit)
			continue
		}
		n, err := strconv.Atoi(step[:len(step)-1])
		// The bound keeps every unit within 200 years and within a Duration.
		if limit := int(200 * 365 * 24 * time.Hour / unitLength(t, unit)); err != nil || n > limit || n < -limit {
			return time.Time{}, 0, fmt.Errorf("%q reaches more than 200 years from now", shortText(s))
		}
		t = add(t, n, unit)
		precision = time.Nanosecond
		if y := t.Year(); y < 1 || y > 9999 {
			return time.Time{}, 0, fmt.Errorf("%q is outside the years 1 to 9999", shortText(s))
		}
	}
	return t, precision, nil
}

// add moves t by n units. Months and years stay within the month they reach.
func add(t time.Time, n int, unit byte) time.Time {
	switch unit {
	case 's':
		return t.Add(time.Duration(n) * time.Second)
	case 'm':
		return t.Add(time.Duration(n) * time.Minute)
	case 'h', 'H':
		return t.Add(time.Duration(n) * time.Hour)
	case 'd':
		return t.AddDate(0, 0, n)
	case 'w':
		return t.AddDate(0, 0, 7*n)
	case 'y':
		n *= 12
	}
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	day := min(t.Day(), daysIn(first.Year(), int(first.Month())))
	h, m, sec := t.Clock()
	return time.Date(first.Year(), first.Month(), day, h, m, sec, t.Nanosecond(), t.Location())
}

// truncate is the start of the unit that t is in.
func truncate(t time.Time, unit byte) time.Time {
	y, mon, d := t.Date()
	switch unit {
	case 'y':
		return time.Date(y, 1, 1, 0, 0, 0, 0, t.Location())
	case 'M':
		return time.Date(y, mon, 1, 0, 0, 0, 0, t.Location())
	case 'w':
		return time.Date(y, mon, d-(int(t.Weekday())+6)%7, 0, 0, 0, 0, t.Location())
	case 'd':
		return time.Date(y, mon, d, 0, 0, 0, 0, t.Location())
	}
	// Of the clock, subtract: time.Date cannot tell the two hours where the clock is put back.
	_, m, s := t.Clock()
	back := time.Duration(t.Nanosecond())
	if unit != 's' {
		back += time.Duration(s) * time.Second
	}
	if unit == 'h' || unit == 'H' {
		back += time.Duration(m) * time.Minute
	}
	return t.Add(-back)
}

func unitLength(t time.Time, unit byte) time.Duration { return add(t, 1, unit).Sub(t) }
