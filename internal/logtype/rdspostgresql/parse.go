package rdspostgresql

import (
	"bytes"
	"errors"
	"fmt"

	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

type parser struct{ obj *logtype.Object }

var (
	errNoPrefix = errors.New("does not start with a time, as log_line_prefix %t or csvlog writes it")
	errNoPID    = errors.New("no user@database:[pid]: after the time")
	errNoLevel  = errors.New("no severity (LOG, ERROR, ...) after the prefix")
	errQuote    = errors.New("a quoted csvlog field does not end")
)

// Parse reads one entry (logtype.LineParser).
func (p *parser) Parse(row *event.Row, start, end int) error {
	b := row.Data()[:end]
	if !dateStamp(b[start:]) {
		return errNoPrefix
	}
	i, err := p.time(row, b, start)
	if err != nil {
		return err
	}
	if b[i] == ',' {
		return csvlog(row, b, i+1)
	}
	return prefixed(row, b, i+1)
}

// time reads "2006-01-02 15:04:05[.000] ZONE" and returns where it ends, at a ':' or ','. The time of a
// zone other than UTC is kept as written in log_time; where the zone's name is not known, the time of
// the CloudWatch Logs event stands for it.
func (p *parser) time(row *event.Row, b []byte, start int) (int, error) {
	clock := start + 19
	format := event.SQLSec
	if clock < len(b) && b[clock] == '.' {
		format = event.SQLMilli
		for clock++; clock < len(b) && b[clock] >= '0' && b[clock] <= '9'; clock++ {
		}
	}
	if clock >= len(b) || b[clock] != ' ' {
		return 0, errNoPrefix
	}
	i := clock + 1
	for i < len(b) && b[i] != ':' && b[i] != ',' && b[i] != ' ' {
		i++
	}
	zone := b[clock+1 : i]
	if i >= len(b) || b[i] == ' ' {
		return 0, errNoPrefix
	}
	offset, known := zoneOffset(zone)
	if known && offset == 0 {
		if !row.SpanTime(event.CTimestamp, start, clock, format) {
			return 0, fmt.Errorf("%q is not a time", b[start:clock])
		}
		return i, nil
	}
	if !row.SpanTime(cLogTime, start, clock, format) {
		return 0, fmt.Errorf("%q is not a time", b[start:clock])
	}
	switch {
	case known:
		row.SetInt(event.CTimestamp, row.Int(cLogTime)-int64(offset)*1e6)
	case p.obj.EventTime == 0:
		return 0, fmt.Errorf("time zone %q is not known", zone)
	}
	return i, nil
}

// zones are the abbreviations that PostgreSQL's default abbreviation set knows, with offsets in
// minutes. Ambiguous ones mean what PostgreSQL takes them for: CST and EST are American, IST is Israel's.
var zones = map[string]int{
	"UTC": 0, "GMT": 0, "Z": 0, "UCT": 0, "WET": 0, "JST": 540, "KST": 540, "SGT": 480, "HKT": 480, "PHT": 480, "AWST": 480, "WIB": 420, "ICT": 420,
	"IST": 120, "PKT": 300, "NPT": 345, "MSK": 180, "EAT": 180, "CAT": 120, "SAST": 120, "EET": 120, "EEST": 180, "CET": 60, "CEST": 120, "MET": 60,
	"WEST": 60, "BST": 60, "WAT": 60, "IDT": 180, "BRT": -180, "ART": -180, "CLT": -240, "AST": -240, "ADT": -180, "NST": -210, "NDT": -150,
	"EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600,
	"ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
}

// zoneOffset returns a zone's seconds east of UTC. Zones without a name are written as +09 or -0330.
func zoneOffset(zone []byte) (seconds int, ok bool) {
	if len(zone) >= 3 && (zone[0] == '+' || zone[0] == '-') {
		n := 0
		for _, c := range zone[1:] {
			if c < '0' || c > '9' {
				return 0, false
			}
			n = n*10 + int(c-'0')
		}
		switch len(zone) {
		case 3:
			n *= 3600
		case 5:
			n = n/100*3600 + n%100*60
		default:
			return 0, false
		}
		if zone[0] == '-' {
			n = -n
		}
		return n, true
	}
	m, ok := zones[string(zone)]
	return m * 60, ok
}

// prefixed reads what follows the time in the default prefix: %r:%u@%d:[%p]: and the severity.
func prefixed(row *event.Row, b []byte, i int) error {
	// %r is empty, [local], or host(port); IPv6 hosts hold colons
	j := i
	if bytes.HasPrefix(b[i:], []byte("[local]:")) {
		j = i + len("[local]")
		row.Span(cSource, i, j)
	} else {
		for j < len(b) && b[j] != '(' && b[j] != '@' && b[j] != ' ' && b[j] != '\n' {
			j++
		}
		if j < len(b) && b[j] == '(' && j > i {
			e := j + 1
			for e < len(b) && b[e] >= '0' && b[e] <= '9' {
				e++
			}
			if e+1 >= len(b) || b[e] != ')' || b[e+1] != ':' {
				return errNoPID
			}
			row.Span(cSource, i, j)
			row.SpanInt(cPort, j+1, e)
			j = e + 1
		} else {
			n := bytes.IndexByte(b[i:], ':')
			if n < 0 {
				return errNoPID
			}
			if j = i + n; n > 0 {
				row.Span(cSource, i, j)
			}
		}
	}
	i = j + 1
	// %u@%d:[%p]: ends at the first :[digits]:
	who, pid, pidEnd := i, 0, 0
	for k := i; ; {
		n := bytes.Index(b[min(k, len(b)):], []byte(":["))
		if n < 0 || n > 512 {
			return errNoPID
		}
		k += n
		pid = k + 2
		for pidEnd = pid; pidEnd < len(b) && b[pidEnd] >= '0' && b[pidEnd] <= '9'; pidEnd++ {
		}
		if pidEnd > pid && pidEnd+1 < len(b) && b[pidEnd] == ']' && b[pidEnd+1] == ':' {
			i = k
			break
		}
		k++
	}
	at := bytes.LastIndexByte(b[who:i], '@')
	if at < 0 {
		return errNoPID
	}
	name(row, cUser, b, who, who+at)
	name(row, cDatabase, b, who+at+1, i)
	row.SpanInt(cPID, pid, pidEnd)

	// where the prefix was made longer, the severity comes after more fields
	for k := pidEnd + 2; k < len(b) && k-pidEnd < 256 && b[k] != '\n'; {
		e := k
		for e < len(b) && (b[e] >= 'A' && b[e] <= 'Z' || b[e] >= '1' && b[e] <= '5') {
			e++
		}
		if e < len(b) && b[e] == ':' && levels[string(b[k:e])] {
			row.Span(cLevel, k, e)
			m := e + 1
			for m < len(b) && b[m] == ' ' {
				m++
			}
			analyse(row, b, m, len(b), b[k:e], false)
			return nil
		}
		n := bytes.IndexByte(b[k:], ':')
		if n < 0 {
			break
		}
		k += n + 1
	}
	return errNoLevel
}

var levels = map[string]bool{"LOG": true, "ERROR": true, "FATAL": true, "PANIC": true, "WARNING": true, "NOTICE": true, "INFO": true, "STATEMENT": true,
	"DETAIL": true, "HINT": true, "CONTEXT": true, "QUERY": true, "LOCATION": true, "DEBUG": true, "DEBUG1": true, "DEBUG2": true, "DEBUG3": true, "DEBUG4": true, "DEBUG5": true}

// name gives a user or database column its value; [unknown] stands for none yet.
func name(row *event.Row, col int, b []byte, start, end int) {
	if end > start && string(b[start:end]) != "[unknown]" {
		row.Span(col, start, end)
	}
}

// csvColumns are the columns of csvlog after log_time, in the order of PostgreSQL's manual (26 columns
// since version 14). -1 marks those with a treatment of their own.
var csvColumns = [...]int{cUser, cDatabase, cPID, -1, cSessionID, cSessionLine, cCommandTag, cSessionStart, cVirtualTransaction, cTransaction, cLevel,
	cErrorCode, -1, cDetail, cHint, cInternalQuery, cInternalQueryPos, cContext, cStatement, cQueryPos, cLocation, cApplication, cBackendType, cLeaderPID, cQueryID}

const (
	csvConnection = 3
	csvMessage    = 12
)

func csvlog(row *event.Row, b []byte, i int) error {
	var level []byte
	for n := 0; i <= len(b); n++ {
		start, end, next, quoted := i, i, 0, false
		if i < len(b) && b[i] == '"' {
			start = i + 1
			for end = start; ; end++ {
				q := bytes.IndexByte(b[end:], '"')
				if q < 0 {
					return errQuote
				}
				if end += q; end+1 < len(b) && b[end+1] == '"' {
					end++
					quoted = true
					continue
				}
				break
			}
			next = end + 1
		} else {
			for end < len(b) && b[end] != ',' {
				end++
			}
			next = end
		}
		if next < len(b) && b[next] != ',' {
			return fmt.Errorf("text after the quotes of csvlog field %d", n+2)
		}
		i = next + 1
		if end == start || n >= len(csvColumns) {
			continue // columns of later versions stay in the record
		}
		switch c := csvColumns[n]; {
		case n == csvConnection:
			if colon := bytes.LastIndexByte(b[start:end], ':'); colon > 0 {
				row.Span(cSource, start, start+colon)
				row.SpanInt(cPort, start+colon+1, end)
			} else {
				row.Span(cSource, start, end)
			}
		case n == csvMessage:
			analyse(row, b, start, end, level, quoted)
		case row.Schema().Columns[c].Kind == event.Int:
			row.SpanInt(c, start, end)
		default:
			if c == cLevel {
				level = b[start:end]
			}
			text(row, c, start, end, quoted)
		}
	}
	if level == nil {
		return errNoLevel
	}
	return nil
}

// text gives a column data[start:end], in which quotes may be doubled.
func text(row *event.Row, col, start, end int, quoted bool) {
	switch {
	case start >= end:
	case quoted:
		row.SpanQuoted(col, start, end, event.CSVEscape)
	default:
		row.Span(col, start, end)
	}
}
