// Package rdsmysql is the log type aws.rds_mysql: the audit log of Aurora MySQL, RDS for MySQL and RDS
// for MariaDB. The plugins write the same ten fields; Aurora's time is an epoch in microseconds.
package rdsmysql

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"ashiato/internal/event"
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/sqltext"
)

// Type returns the catalogue entry.
func Type() logtype.Type {
	return logtype.Type{
		Name:  "aws.rds_mysql",
		Title: "RDS and Aurora MySQL audit log",
		Docs:  "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Auditing.html",
		Keys:  []string{`(MySQL|mysql|MariaDB|mariadb).*audit`, `server_audit\.log`, `\.audit\.log`},
		LogGroups: []string{
			`^/aws/rds/(cluster|instance)/[^/]+/audit:`,
		},
		Sniff:      func(s *logtype.Sample) bool { return s.AnyLine(line) },
		Framing:    logtype.Lines,
		First:      startsRecord,
		CloudWatch: true,
		Line:       func(*logtype.Object) logtype.LineParser { return logtype.LineFunc(parse) },
		Columns:    columns,
		Rules:      rules,
		Message:    message,
		Views:      views,
	}
}

var line = regexp.MustCompile(`^(\d{8} \d\d:\d\d:\d\d|\d{16}),[^,]*,[^,]*,[^,]*,\d+,\d+,(CONNECT|FAILED_CONNECT|DISCONNECT|CHANGEUSER|PROXY_CONNECT|QUERY\w*|READ|WRITE|TABLE|CREATE|ALTER|RENAME|DROP),`)

// startsRecord: queries may hold line breaks, so a record goes on until a line starts with a time.
func startsRecord(l []byte) bool {
	_, end, ok := timeOf(l)
	return ok && end < len(l) && l[end] == ','
}

// timeOf returns the form of the time at the start of a line and its end.
func timeOf(l []byte) (f event.Format, end int, ok bool) {
	n := 0
	for n < len(l) && l[n] >= '0' && l[n] <= '9' {
		n++
	}
	switch {
	case n == 16:
		return event.EpochMicro, n, true
	case n == 8 && len(l) >= 17 && l[8] == ' ' && l[11] == ':' && l[14] == ':':
		return event.MariaDB, 17, true
	}
	return 0, 0, false
}

// Columns in the order of the record come first: parse relies on it.
var columns = []event.Column{
	{Field: "host.name", Native: []string{"serverhost"}},
	{Field: "user.name", Native: []string{"username"}},
	{Field: "source.address", Native: []string{"host"}},
	{Field: "connectionid", Kind: event.Int, Native: []string{"mysql.connection_id"}},
	{Field: "queryid", Kind: event.Int, Native: []string{"mysql.query_id"}},
	{Field: "event.action", Native: []string{"operation"}},
	{Field: "db.name", Native: []string{"database", "rds.database_name"}},
	{Field: "object", Kind: event.Keyword},
	{Field: "db.statement", Native: []string{"rds.query"}},
	{Field: "retcode", Kind: event.Int, Native: []string{"event.code"}},
	{Field: "connection_type", Kind: event.Int},
	{Field: "source.ip"},
	{Field: "event.kind"}, {Field: "event.category"}, {Field: "event.type"}, {Field: "event.outcome"},
	{Field: "cloud.account.id"}, {Field: "cloud.region"},
	{Field: "rds.cluster_identifier"}, {Field: "rds.instance_identifier"},
}

const (
	cHost = event.CModule + 1 + iota
	cUser
	cSource
	cConnection
	cQuery
	cOperation
	cDatabase
	cObject
	cStatement
	cRetcode
	cConnectionType
)

var errTime = errors.New("does not start with a time as audit logs write it (20060102 15:04:05 or epoch microseconds)")

// parse reads timestamp,serverhost,username,host,connectionid,queryid,operation,database,object,retcode
// and what newer versions add behind it. The object of a query stands in single quotes.
func parse(row *event.Row, start, end int) error {
	b := row.Data()[:end]
	f, n, ok := timeOf(b[start:])
	if !ok {
		return errTime
	}
	i := start + n
	if !row.SpanTime(event.CTimestamp, start, i, f) {
		return errTime
	}
	for c := cHost; c <= cDatabase; c++ {
		if i >= end || b[i] != ',' {
			return fmt.Errorf("ends before field %s", row.Schema().Columns[c].Native[0])
		}
		i++
		j := i
		for j < end && b[j] != ',' {
			j++
		}
		if j > i {
			if c == cConnection || c == cQuery {
				if !row.SpanInt(c, i, j) {
					return fmt.Errorf("%s %q is not a number", row.Schema().Columns[c].Field, b[i:j])
				}
			} else {
				row.Span(c, i, j)
			}
		}
		i = j
	}
	if i >= end || b[i] != ',' {
		return errors.New("ends before field object")
	}
	i++
	tail := i // where the fields after the object start
	if i < end && b[i] == '\'' {
		if q := closingQuote(b, i+1); q >= 0 {
			row.SpanQuoted(cStatement, i+1, q, event.SQLEscape)
			tail = q + 1
		} else {
			row.SpanQuoted(cStatement, i+1, end, event.SQLEscape) // cut off by the size limit of the plugin
			return nil
		}
	} else {
		for tail < end && b[tail] != ',' {
			tail++
		}
		if tail > i {
			row.Span(cObject, i, tail)
		}
	}
	for _, c := range [...]int{cRetcode, cConnectionType} {
		if tail >= end {
			break
		}
		i = tail + 1
		for tail = i; tail < end && b[tail] != ','; {
			tail++
		}
		if tail > i {
			row.SpanInt(c, i, tail) // what is no number stays in the record
		}
	}
	return nil
}

// closingQuote finds the quote that ends an object: the last one of the record that only short fields
// without quotes follow. Looking from the end copes with quotes that a plugin did not escape.
func closingQuote(b []byte, from int) int {
	q := bytes.LastIndexByte(b[from:], '\'')
	if q < 0 {
		return -1
	}
	q += from
	rest := b[q+1:]
	if len(rest) == 0 {
		return q
	}
	if rest[0] != ',' || len(rest) > 64 {
		return -1
	}
	for _, c := range rest {
		if c != ',' && c != '-' && c != '_' && c != '/' && c != '.' && !(c >= '0' && c <= '9') && !(c|0x20 >= 'a' && c|0x20 <= 'z') {
			return -1
		}
	}
	return q
}

var rules = []event.Rule{
	{From: []string{"source_address"}, To: []string{"source_ip"}, Fn: func(a *event.Args) {
		if _, err := netip.ParseAddr(a.Str(0)); err == nil {
			a.Set(0, a.Str(0))
		}
	}},
	{From: []string{"event_action", "retcode"}, To: []string{"event_kind", "event_outcome"}, Fn: func(a *event.Args) {
		a.Set(0, "event")
		code, ok := a.Int(1)
		switch {
		case a.Str(0) == "FAILED_CONNECT", ok && code != 0:
			a.Set(1, "failure")
		case ok:
			a.Set(1, "success")
		default:
			a.Set(1, "unknown") // READ, WRITE and their kind carry no code
		}
	}},
	{From: []string{"event_action", "db_statement"}, To: []string{"event_category", "event_type"}, Fn: classify},
	{From: []string{"aws_cloudwatch_log_group", "aws_cloudwatch_log_stream"}, To: []string{"rds_cluster_identifier", "rds_instance_identifier"}, Fn: func(a *event.Args) {
		parts := strings.Split(a.Str(0), "/") // /aws/rds/cluster/NAME/audit
		if len(parts) < 5 || parts[2] != "rds" {
			return
		}
		stream, _, _ := strings.Cut(a.Str(1), ".audit.log")
		switch parts[3] {
		case "cluster":
			a.Set(0, parts[4])
			a.Set(1, stream)
		case "instance":
			a.Set(1, parts[4])
		}
	}},
}

func classify(a *event.Args) {
	category, types := []string{"database"}, []string{"info"}
	switch op := a.Str(0); op {
	case "CONNECT", "FAILED_CONNECT", "CHANGEUSER", "PROXY_CONNECT":
		category, types = []string{"authentication", "database"}, []string{"start"}
	case "DISCONNECT":
		category, types = []string{"authentication", "database"}, []string{"end"}
	case "READ", "TABLE":
		types = []string{"access"}
	case "WRITE", "ALTER", "RENAME":
		types = []string{"change"}
	case "CREATE":
		types = []string{"creation"}
	case "DROP":
		types = []string{"deletion"}
	default:
		if c, t := sqltext.Classify(a.Bytes(1)); t != nil {
			category, types = c, t
		}
	}
	a.SetList(0, category...)
	a.SetList(1, types...)
}

func message(get logtype.Getter) string {
	who, where := get("user_name"), get("source_address")
	if who == "" {
		who = "someone"
	}
	if where != "" {
		who += " from " + where
	}
	server := get("host_name")
	if d := get("db_name"); d != "" {
		server += "/" + d
	}
	result := ""
	if get("event_outcome") == "failure" {
		result = ": failed with code " + get("retcode")
	}
	switch op := get("event_action"); op {
	case "CONNECT":
		return who + " connected to " + server + result
	case "FAILED_CONNECT":
		return who + " could not connect to " + server + result
	case "DISCONNECT":
		return who + " disconnected from " + server + result
	default:
		what := get("db_statement")
		if what == "" {
			what = op + " " + get("object")
		}
		if r := []rune(what); len(r) > 200 {
			what = string(r[:200]) + "…"
		}
		return who + " ran on " + server + ": " + strings.Join(strings.Fields(what), " ") + result
	}
}

// views: AWS documents no Athena table for this log; the columns are those of its field list.
var views = []logtype.View{{
	Name: "rds_mysql_audit",
	Docs: "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Auditing.html",
	SQL: `SELECT epoch_us("timestamp") AS "timestamp", host_name AS serverhost, user_name AS username, source_address AS host, connectionid, queryid,
 event_action AS operation, db_name AS "database", COALESCE(db_statement, "object") AS "object", retcode, connection_type
FROM aws_rds_mysql`,
}}
