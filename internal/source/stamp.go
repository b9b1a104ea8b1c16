package source

import (
	"regexp"
	"strconv"
	"time"
)

// Stamps that AWS and log shippers write into names, most precise first:
//
//	111122223333_CloudTrail_us-east-1_20261001T0405Z_x.json.gz
//	E2ABC.2026-10-01-14.a1b2.gz, 2026-10-01-00-00-38-ABC…, 2026-10-01T14:00
//	AWSLogs/…/2026/10/01/, …/2026/10/01/14/
//	year=2026/month=10/day=01/hour=14, region=…/eventDay=20261001
var (
	reDate    = regexp.MustCompile(`(?:^|[^0-9])(20\d\d)(-|/|/month=|)(0[1-9]|1[0-2])(-|/|/day=|)(0[1-9]|[12]\d|3[01])`)
	reTime    = regexp.MustCompile(`^(?:[-T/ _]|/hour=)?([01]\d|2[0-3])(?:[-:/_]?([0-5]\d)(?:[-:_]?([0-5]\d))?)?(?:[^0-9]|$)`)
	separated = map[[2]string]bool{{"-", "-"}: true, {"/", "/"}: true, {"/month=", "/day="}: true, {"", ""}: true}
)

// stamp is a date found in a key.
type stamp struct {
	at         time.Time // UTC, as precise as the name is
	start, end int       // of the date in the key
	layout     string    // of the date, for time.Format
}

// stampOf finds the most precise date and time in a whole key. The last of
// equally precise ones counts, since folders come before names.
func stampOf(key string) (stamp, bool) {
	var best stamp
	bestParts := -1
	for from := 0; from < len(key); {
		s, parts, next := nextStamp(key, from)
		if next < 0 {
			break
		}
		if parts >= bestParts {
			best, bestParts = s, parts
		}
		from = next
	}
	return best, bestParts >= 0
}

// firstStamp finds the first date in a key; what lies before it is the same for
// all deliveries of one stream.
func firstStamp(key string) (stamp, bool) {
	for from := 0; from < len(key); {
		s, parts, next := nextStamp(key, from)
		if parts >= 0 || next < 0 {
			return s, parts >= 0
		}
		from = next
	}
	return stamp{}, false
}

// nextStamp looks for a date from an index on. parts is how many parts of the
// time of day follow it, -1 when what was found is no date; next is where to
// look on, -1 at the end.
func nextStamp(key string, from int) (s stamp, parts, next int) {
	m := reDate.FindStringSubmatchIndex(key[from:])
	if m == nil {
		return stamp{}, -1, -1
	}
	for i := range m {
		m[i] += from
	}
	part := func(i int) string { return key[m[2*i]:m[2*i+1]] }
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	sep := [2]string{part(2), part(4)}
	rest := key[m[1]:]
	digitAt := func(i int) bool { return i >= 0 && i < len(key) && key[i] >= '0' && key[i] <= '9' }
	if !separated[sep] || digitAt(m[2]-1) || digitAt(m[1]) { // part of a longer number, such as an account
		return stamp{}, -1, m[3]
	}
	clock := reTime.FindStringSubmatch(rest)
	y, mo, d := number(part(1)), number(part(3)), number(part(5))
	var hms [3]int
	for i := range hms {
		if clock != nil && clock[i+1] != "" {
			hms[i], parts = number(clock[i+1]), i+1
		}
	}
	at := time.Date(y, time.Month(mo), d, hms[0], hms[1], hms[2], 0, time.UTC)
	return stamp{at: at, start: m[2], end: m[1], layout: "2006" + sep[0] + "01" + sep[1] + "02"}, parts, m[1]
}
