package event

import "time"

// Layouts of times in a fixed number of bytes. Runs of Y, M, D, h, m, s and f are digits of year,
// month, day, hour, minute, second and its fraction; bbb is the month's English name, _D the day padded
// with a blank. Other bytes stand for themselves.
var timeLayouts = [formatTimesEnd]string{
	RFC3339Sec: "YYYY-MM-DDThh:mm:ssZ", RFC3339Milli: "YYYY-MM-DDThh:mm:ss.fffZ", RFC3339Micro: "YYYY-MM-DDThh:mm:ss.ffffffZ",
	CLF: "DD/bbb/YYYY:hh:mm:ss +0000", Suricata: "YYYY-MM-DDThh:mm:ss.ffffff+0000", SQLSec: "YYYY-MM-DD hh:mm:ss",
	SQLMilli: "YYYY-MM-DD hh:mm:ss.fff", TabSec: "YYYY-MM-DD\thh:mm:ss", Syslog: "bbb _D hh:mm:ss", MariaDB: "YYYYMMDD hh:mm:ss",
	OffsetSec: "YYYY-MM-DDThh:mm:ss+00:00", OffsetMicro: "YYYY-MM-DDThh:mm:ss.ffffff+00:00", RFC3339Minute: "YYYY-MM-DDThh:mmZ",
}

// Times with another offset than UTC's: from ZonedFrom on there is one format per half hour from
// -12:00 to +14:00 for each layout of zonedLayouts. Times with the few other offsets in use stay in the
// skeleton.
const ZonedFrom Format = 64

const (
	zones     = 53
	firstZone = -24 // half hours
)

var zonedLayouts = [...]struct {
	layout string
	colon  bool   // +09:00 rather than +0900
	utc    Format // the same with offset 0
}{
	{"DD/bbb/YYYY:hh:mm:ss ", false, CLF},
	{"YYYY-MM-DDThh:mm:ss", true, OffsetSec},
	{"YYYY-MM-DDThh:mm:ss.ffffff", true, OffsetMicro},
}

const monthNames = "JanFebMarAprMayJunJulAugSepOctNovDec"

// clock is a time of day on a day of the calendar.
type clock struct{ year, month, day, hour, minute, second, micro int64 }

// parseLayout reads v, which must be as long as the layout and print back the same.
func parseLayout(v []byte, layout string) (c clock, ok bool) {
	if len(v) != len(layout) {
		return c, false
	}
	c = clock{month: 1, day: 1}
	for i := 0; i < len(layout); {
		l := layout[i]
		switch l {
		case 'Y', 'M', 'D', 'h', 'm', 's', 'f':
			var n int64
			start := i
			for ; i < len(layout) && layout[i] == l; i++ {
				d := v[i] - '0'
				if d > 9 {
					return c, false
				}
				n = n*10 + int64(d)
			}
			if l == 'f' {
				for range 6 - (i - start) {
					n *= 10
				}
			}
			c.set(l, n)
		case 'b':
			if c.month = monthOf(v[i : i+3]); c.month == 0 {
				return c, false
			}
			i += 3
		case '_':
			tens, ones := v[i], v[i+1]-'0'
			if tens == ' ' {
				tens = '0'
			} else if tens == '0' {
				return c, false
			}
			if tens -= '0'; tens > 9 || ones > 9 {
				return c, false
			}
			c.day = int64(tens)*10 + int64(ones)
			i += 2
		default:
			if v[i] != l {
				return c, false
			}
			i++
		}
	}
	ok = c.month >= 1 && c.month <= 12 && c.day >= 1 && c.hour < 24 && c.minute < 60 && c.second < 60
	return c, ok && (c.day <= daysIn(c.year, c.month) || layout == timeLayouts[Syslog] && c.day <= 29)
}

func (c *clock) set(letter byte, n int64) {
	switch letter {
	case 'Y':
		c.year = n
	case 'M':
		c.month = n
	case 'D':
		c.day = n
	case 'h':
		c.hour = n
	case 'm':
		c.minute = n
	case 's':
		c.second = n
	case 'f':
		c.micro = n
	}
}

func monthOf(v []byte) int64 {
	for m := 0; m < 12; m++ {
		if string(v) == monthNames[3*m:3*m+3] {
			return int64(m + 1)
		}
	}
	return 0
}

func (c *clock) unixMicro() int64 {
	return ((daysFrom(c.year, c.month, c.day)*24+c.hour)*60+c.minute)*60*1e6 + c.second*1e6 + c.micro
}

// appendLayout prints a time, UTC.
func appendLayout(dst []byte, us int64, layout string) []byte {
	sec := floorDiv(us, 1e6)
	days := floorDiv(sec, 86400)
	r := sec - days*86400
	c := clock{hour: r / 3600, minute: r / 60 % 60, second: r % 60, micro: us - sec*1e6}
	c.year, c.month, c.day = civil(days)
	for i := 0; i < len(layout); {
		switch l := layout[i]; l {
		case 'Y':
			dst = append2(append2(dst, c.year/100), c.year%100)
			i += 4
		case 'b':
			dst = append(dst, monthNames[3*(c.month-1):3*c.month]...)
			i += 3
		case '_':
			if c.day < 10 {
				dst = append(dst, ' ', byte('0'+c.day))
			} else {
				dst = append2(dst, c.day)
			}
			i += 2
		case 'f':
			for unit := int64(100000); i < len(layout) && layout[i] == 'f'; i, unit = i+1, unit/10 {
				dst = append(dst, byte('0'+c.micro/unit%10))
			}
		case 'M', 'D', 'h', 'm', 's':
			dst = append2(dst, c.of(l))
			i += 2
		default:
			dst = append(dst, l)
			i++
		}
	}
	return dst
}

func (c *clock) of(letter byte) int64 {
	switch letter {
	case 'M':
		return c.month
	case 'D':
		return c.day
	case 'h':
		return c.hour
	case 'm':
		return c.minute
	}
	return c.second
}

// parseZoned reads a time with an offset in one of the zoned layouts and says which format it has.
func parseZoned(v []byte) (us int64, f Format, ok bool) {
	for i, z := range zonedLayouts {
		n := len(z.layout)
		offset := len("+0900")
		if z.colon {
			offset++
		}
		if len(v) != n+offset {
			continue
		}
		c, ok := parseLayout(v[:n], z.layout)
		half, ok2 := parseOffset(v[n:], z.colon)
		if !ok || !ok2 {
			return 0, 0, false
		}
		f = z.utc
		if half != 0 {
			f = ZonedFrom + Format(i*zones+half-firstZone)
		}
		return c.unixMicro() - int64(half)*1800e6, f, true
	}
	return 0, 0, false
}

// parseOffset reads +hhmm or +hh:mm as half hours.
func parseOffset(v []byte, colon bool) (half int, ok bool) {
	m := 3
	if colon {
		if v[3] != ':' {
			return 0, false
		}
		m = 4
	}
	if v[1]-'0' > 1 || v[2]-'0' > 9 || v[m] != '0' && v[m] != '3' || v[m+1] != '0' {
		return 0, false
	}
	half = 2 * (int(v[1]-'0')*10 + int(v[2]-'0'))
	if v[m] == '3' {
		half++
	}
	switch {
	case v[0] == '-' && half > 0:
		half = -half
	case v[0] != '+':
		return 0, false
	}
	return half, half >= firstZone && half < firstZone+zones
}

func appendZoned(dst []byte, us int64, f Format) []byte {
	n := int(f - ZonedFrom)
	if n >= len(zonedLayouts)*zones {
		return dst
	}
	z, half := zonedLayouts[n/zones], int64(n%zones+firstZone)
	dst = appendLayout(dst, us+half*1800e6, z.layout)
	sign := byte('+')
	if half < 0 {
		sign, half = '-', -half
	}
	dst = append2(append(dst, sign), half/2)
	if z.colon {
		dst = append(dst, ':')
	}
	return append2(dst, half%2*30)
}

// ParseSyslog reads "Jan _2 15:04:05". Such lines carry no year: it is the one that puts the time
// nearest before ref (an object's own time), with half a day's grace for clocks ahead.
func ParseSyslog(v []byte, ref time.Time) (us int64, ok bool) {
	c, ok := parseLayout(v, timeLayouts[Syslog])
	if !ok {
		return 0, false
	}
	latest := ref.Add(12 * time.Hour).UnixMicro()
	for year := int64(ref.UTC().Year()) + 1; year > int64(ref.UTC().Year())-5; year-- {
		if c.year = year; c.day > daysIn(year, c.month) {
			continue // 29 February
		}
		if us = c.unixMicro(); us <= latest {
			return us, true
		}
	}
	return 0, false
}
