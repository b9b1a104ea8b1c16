package event

import (
	"net/netip"
	"strconv"
	"testing"
)

func TestParseInt(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "7": 7, "-7": -7, "5368709120": 5368709120, "9223372036854775807": 9223372036854775807, "-9223372036854775807": -9223372036854775807} {
		if n, ok := ParseInt([]byte(text)); !ok || n != want {
			t.Errorf("%s: %d %v", text, n, ok)
		}
	}
	// what would not print back the same, and what stands for null, is refused
	for _, text := range []string{"", "-", "007", "-0", "+5", "1e3", "9223372036854775808", "-9223372036854775808", "99999999999999999999", " 1"} {
		if n, ok := ParseInt([]byte(text)); ok {
			t.Errorf("%q: %d", text, n)
		}
	}
}

// FuzzParseInt holds that a number which is read prints back the same.
func FuzzParseInt(f *testing.F) {
	f.Add("9223372036854775807")
	f.Fuzz(func(t *testing.T, text string) {
		if n, ok := ParseInt([]byte(text)); ok && strconv.FormatInt(n, 10) != text {
			t.Errorf("%q is read as %d", text, n)
		}
	})
}

// FuzzIPv4 holds the quick check of addresses against net/netip.
func FuzzIPv4(f *testing.F) {
	for _, s := range []string{"203.0.113.12", "256.1.1.1", "1.2.3", "01.2.3.4", "1.2.3.4.5", "0.0.0.0", "1..2.3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := netip.ParseAddr(text)
		if want := err == nil && a.Is4() && a.String() == text; isIPv4([]byte(text)) != want {
			t.Errorf("%q: %v", text, !want)
		}
	})
}

// FuzzTime holds that a time which is read in a format prints back the same in it.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"2026-10-20T03:04:05Z", "2026-10-20T03:04:05.678Z", "20/Oct/2026:03:04:05 +0000", "1760918400", "2024-02-29 23:59:59", "2023-02-29T00:00:00Z"} {
		f.Add([]byte(s), uint8(RFC3339Sec))
		f.Add([]byte(s), uint8(CLF))
		f.Add([]byte(s), uint8(EpochSec))
	}
	f.Fuzz(func(t *testing.T, text []byte, format uint8) {
		us, ok := ParseTime(text, Format(format))
		if ok && string(AppendTime(nil, us, Format(format))) != string(text) {
			t.Errorf("%q in format %d is read as %d, which prints as %q", text, format, us, AppendTime(nil, us, Format(format)))
		}
		ParseAnyTime(text)
	})
}
