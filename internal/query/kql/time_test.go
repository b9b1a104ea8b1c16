package kql

import (
	"strings"
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip("no time zone data: ", err)
	}
	now := time.Date(2026, 10, 8, 14, 35, 20, 500e6, time.UTC) // a Thursday
	const day = 24 * time.Hour
	for _, c := range []struct {
		in        string
		loc       *time.Location
		want      string // RFC 3339
		precision time.Duration
	}{
		{"2026", nil, "2026-01-01T00:00:00Z", 365 * day},
		{"2024", nil, "2024-01-01T00:00:00Z", 366 * day},
		{"2026-10", nil, "2026-10-01T00:00:00Z", 31 * day},
		{"2026-02", nil, "2026-02-01T00:00:00Z", 28 * day},
		{"2026-10-01", nil, "2026-10-01T00:00:00Z", day},
		{"2026/10/01", nil, "2026-10-01T00:00:00Z", day},
		{"2026-10-01", tokyo, "2026-09-30T15:00:00Z", day},
		{"2026-03-08", newYork, "2026-03-08T05:00:00Z", 23 * time.Hour},
		{"2026-11-01", newYork, "2026-11-01T04:00:00Z", 25 * time.Hour},
		{"2026-10-01T12", nil, "2026-10-01T12:00:00Z", time.Hour},
		{"2026-10-01 12:30", nil, "2026-10-01T12:30:00Z", time.Minute},
		{"2026-10-01T12:30", tokyo, "2026-10-01T03:30:00Z", time.Minute},
		{"2026-10-01T12:30Z", tokyo, "2026-10-01T12:30:00Z", time.Minute},
		{"2026-10-01T12:30:05", nil, "2026-10-01T12:30:05Z", time.Second},
		{"2026-10-01t12:30:05z", tokyo, "2026-10-01T12:30:05Z", time.Second},
		{"2026-10-01T12:30:05+09:00", nil, "2026-10-01T03:30:05Z", time.Second},
		{"2026-10-01T12:30:05-0730", nil, "2026-10-01T20:00:05Z", time.Second},
		{"2026-10-01T12:30:05+09", nil, "2026-10-01T03:30:05Z", time.Second},
		{"2026-10-01T12:30:05.25Z", nil, "2026-10-01T12:30:05.25Z", 10 * time.Millisecond},
		{"2026-10-01T12:30:05.123456789Z", nil, "2026-10-01T12:30:05.123456789Z", 1},
		{" 1790856000 ", nil, "2026-10-01T12:00:00Z", time.Second},
		{"1790856000123", nil, "2026-10-01T12:00:00.123Z", time.Millisecond},
		{"1790856000123456", nil, "2026-10-01T12:00:00.123456Z", time.Microsecond},
		{"1790856000123456789", nil, "2026-10-01T12:00:00.123456789Z", 1},
		{"now", nil, "2026-10-08T14:35:20.5Z", 1},
		{"now-15m", nil, "2026-10-08T14:20:20.5Z", 1},
		{"15m", nil, "2026-10-08T14:20:20.5Z", 1},
		{"-15m", nil, "2026-10-08T14:20:20.5Z", 1},
		{"15m/h", nil, "2026-10-08T14:00:00Z", time.Hour},
		{"now-15m/h", nil, "2026-10-08T14:00:00Z", time.Hour},
		{"now/s", nil, "2026-10-08T14:35:20Z", time.Second},
		{"now/m", nil, "2026-10-08T14:35:00Z", time.Minute},
		{"now-1d/d", nil, "2026-10-07T00:00:00Z", day},
		{"now/d", tokyo, "2026-10-07T15:00:00Z", day},
		{"now/w", nil, "2026-10-05T00:00:00Z", 7 * day},
		{"now/M", nil, "2026-10-01T00:00:00Z", 31 * day},
		{"now/y", nil, "2026-01-01T00:00:00Z", 365 * day},
		{"now-1w", nil, "2026-10-01T14:35:20.5Z", 1},
		{"now+1h", nil, "2026-10-08T15:35:20.5Z", 1},
		{"now-1y", nil, "2025-10-08T14:35:20.5Z", 1},
		{"now-10M/M", nil, "2025-12-01T00:00:00Z", 31 * day},
		{"now-1d/d+8h", nil, "2026-10-07T08:00:00Z", 1},
	} {
		got, precision, err := ParseTime(c.in, now, c.loc)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if s := got.UTC().Format(time.RFC3339Nano); s != c.want || precision != c.precision {
			t.Errorf("%s: %s for %v, want %s for %v", c.in, s, precision, c.want, c.precision)
		}
	}
}

func TestParseTimeMonthEnd(t *testing.T) {
	now := time.Date(2026, 3, 31, 1, 2, 3, 0, time.UTC)
	got, _, err := ParseTime("now-1M", now, nil)
	if want := time.Date(2026, 2, 28, 1, 2, 3, 0, time.UTC); err != nil || !got.Equal(want) {
		t.Errorf("got %v %v, want %v", got, err, want)
	}
	// The second 1:30 of the night when the clock is put back stays the second.
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip(err)
	}
	now = time.Date(2026, 11, 1, 6, 30, 0, 0, time.UTC)
	got, _, err = ParseTime("now/h", now, newYork)
	if want := now.Add(-30 * time.Minute); err != nil || !got.Equal(want) {
		t.Errorf("got %v %v, want %v", got, err, want)
	}
}

func TestParseTimeErrors(t *testing.T) {
	for _, s := range []string{
		"", "yesterday", "2026-13", "2026-13-01", "2026-02-30", "2026-10-01T25:00", "2026-10-01T12:60", "2026-10-01T12:30:60", "2026-00-01",
		"20261001", "12:30", "now-", "now-1", "now-1x", "now-1d/x", "now - 1d", "nowhere", "+15m", "2026-10-01T12:30:05+25:00",
		"now-999999999y", "now-99999999999999999999s", "now" + strings.Repeat("-200y", 100), "9999999999999999999", "2026-10-01T12:30:05.1234567890",
	} {
		if got, _, err := ParseTime(s, time.Unix(1790856000, 0), nil); err == nil || len(err.Error()) > 200 {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"now-1d/d+8h", "2026-10-01T12:30:05.25+09:00", "1790856000123", "15m/h"} {
		f.Add(s)
	}
	now := time.Unix(1790856000, 0)
	f.Fuzz(func(t *testing.T, s string) {
		if got, precision, err := ParseTime(s, now, nil); err == nil && precision <= 0 {
			t.Fatalf("%q: %v for %v", s, got, precision)
		}
	})
}
