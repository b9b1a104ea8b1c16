package event

import (
	"testing"
	"time"
)

func TestTimeLayouts(t *testing.T) {
	at := time.Date(2026, 2, 7, 9, 5, 3, 123456000, time.UTC).UnixMicro()
	for f := RFC3339Sec; f < formatTimesEnd; f++ {
		text := AppendTime(nil, at, f)
		if f == Syslog {
			if string(text) != "Feb  7 09:05:03" {
				t.Errorf("syslog: %s", text)
			}
			continue
		}
		us, ok := ParseTime(text, f)
		if back := AppendTime(nil, us, f); !ok || string(back) != string(text) || at-us >= 60e6 {
			t.Errorf("format %d: %q reads as %d and prints as %q (%v)", f, text, us, back, ok)
		}
	}
	for f := ZonedFrom; f < ZonedFrom+Format(len(zonedLayouts)*zones); f++ {
		text := AppendTime(nil, at, f)
		us, g, ok := parseZoned(text)
		if int(f-ZonedFrom)%zones == -firstZone {
			g = f // offset 0 has a format of its own
		}
		if !ok || g != f || at-us >= 1e6 {
			t.Errorf("format %d: %q reads as %d, format %d (%v)", f, text, us, g, ok)
		}
		if want, err := time.Parse([]string{"02/Jan/2006:15:04:05 -0700", time.RFC3339, time.RFC3339Nano}[int(f-ZonedFrom)/zones], string(text)); err != nil || want.UnixMicro() != us {
			t.Errorf("format %d: %q is %v, read as %v (%v)", f, text, want, time.UnixMicro(us), err)
		}
	}
	for _, bad := range []string{"31/Feb/2026:00:00:00 +0000", "00/Jan/2026:00:00:00 +0000", "01/jan/2026:00:00:00 +0000", "01/Jan/2026:24:00:00 +0000", "01/Jan/2026:00:00:00 -0000", "01/Jan/2026:00:00:00 +0545", "01/Jan/2026:00:00:00 +1430"} {
		if _, ok := ParseTime([]byte(bad), CLF); ok {
			t.Errorf("%q is taken as UTC", bad)
		}
		if _, _, ok := parseZoned([]byte(bad)); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestParseSyslog(t *testing.T) {
	for _, c := range []struct{ text, ref, want string }{
		{"Oct 20 11:59:59", "2026-10-20T12:00:00Z", "2026-10-20T11:59:59Z"},
		{"Oct 21 00:00:00", "2026-10-20T12:00:00Z", "2026-10-21T00:00:00Z"},
		{"Oct 21 00:00:01", "2026-10-20T12:00:00Z", "2025-10-21T00:00:01Z"},
		{"Dec 31 23:59:59", "2026-01-01T00:00:10Z", "2025-12-31T23:59:59Z"},
		{"Jan  1 00:00:01", "2025-12-31T23:00:00Z", "2026-01-01T00:00:01Z"},
		{"Feb 29 10:00:00", "2026-03-01T00:00:00Z", "2024-02-29T10:00:00Z"},
		{"Feb 30 10:00:00", "2026-03-01T00:00:00Z", ""},
		{"Oct 07 10:00:00", "2026-10-20T12:00:00Z", ""},
	} {
		ref, _ := time.Parse(time.RFC3339, c.ref)
		us, ok := ParseSyslog([]byte(c.text), ref)
		got := ""
		if ok {
			got = time.UnixMicro(us).UTC().Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%s seen at %s: %s, want %s", c.text, c.ref, got, c.want)
		}
	}
}
