// Package rdspostgresql is the log type aws.rds_postgresql: server logs of RDS and Aurora PostgreSQL in
// the prefix of their default parameter groups (%t:%r:%u@%d:[%p]:) or as csvlog, pgaudit's lines among
// them. STATEMENT, DETAIL, HINT and CONTEXT lines are events of their own, as delivered.
package rdspostgresql

import (
	"regexp"

	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

// Type returns the catalogue entry.
func Type() logtype.Type {
	return logtype.Type{
		Name:       "aws.rds_postgresql",
		Title:      "RDS and Aurora PostgreSQL log",
		Docs:       "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.overview.parameter-groups.html",
		Keys:       []string{`[Pp]ostgre`},
		LogGroups:  []string{`^/aws/rds/(cluster|instance)/[^/]+/postgresql:`},
		Sniff:      func(s *logtype.Sample) bool { return s.AnyLine(prefixLine) || s.AnyLine(csvLine) },
		Framing:    logtype.Lines,
		First:      func(l []byte) bool { return dateStamp(l) },
		CloudWatch: true,
		Line:       func(o *logtype.Object) logtype.LineParser { return &parser{obj: o} },
		Columns:    columns,
		Rules:      rules,
		Message:    message,
		Views:      views,
	}
}

var (
	prefixLine = regexp.MustCompile(`^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [A-Za-z0-9+-]{1,6}:([^ :]*|\S*\(\d+\)|\[local\]):[^@]*@[^:]*:\[\d+\]:`)
	csvLine    = regexp.MustCompile(`^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [A-Za-z0-9+-]{1,6},("[^"]*")?,("[^"]*")?,\d+,("[^"]*")?,[0-9a-f]+\.[0-9a-f]+,\d+,`)
)

// dateStamp reports whether a line starts with 2006-01-02 15:04:05.
func dateStamp(l []byte) bool {
	if len(l) < 20 || l[0] != '2' || l[4] != '-' || l[7] != '-' || l[10] != ' ' || l[13] != ':' || l[16] != ':' {
		return false
	}
	for _, i := range [...]int{1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18} {
		if l[i] < '0' || l[i] > '9' {
			return false
		}
	}
	return true
}

var columns = []event.Column{
	{Field: "log_time", Kind: event.Time},
	{Field: "source.address", Native: []string{"connection_from"}},
	{Field: "source.port"},
	{Field: "user.name"},
	{Field: "db.name", Native: []string{"database_name", "rds.database_name"}},
	{Field: "process.pid", Native: []string{"process_id"}},
	{Field: "log.level", Native: []string{"error_severity"}},
	{Field: "event.action"},
	{Field: "rds.message", Kind: event.Text},
	{Field: "db.statement", Native: []string{"rds.query"}},
	{Field: "postgresql.duration_ms", Kind: event.Float},
	{Field: "postgresql.query_step", Kind: event.Keyword},
	{Field: "postgresql.query_name", Kind: event.Keyword},
	{Field: "postgresql.session_time", Kind: event.Keyword},
	{Field: "postgresql.session_time_seconds", Kind: event.Float},
	{Field: "event.duration"},
	{Field: "application_name", Kind: event.Keyword},
	{Field: "tls.version"}, {Field: "tls.cipher"},
	{Field: "postgresql.identity", Kind: event.Keyword},
	{Field: "postgresql.auth_method", Kind: event.Keyword},
	{Field: "pgaudit.audit_type", Kind: event.Keyword},
	{Field: "pgaudit.statement_id", Kind: event.Int},
	{Field: "pgaudit.substatement_id", Kind: event.Int},
	{Field: "pgaudit.class", Kind: event.Keyword},
	{Field: "pgaudit.command", Kind: event.Keyword},
	{Field: "pgaudit.object_type", Kind: event.Keyword},
	{Field: "pgaudit.object_name", Kind: event.Keyword},
	{Field: "pgaudit.parameter", Kind: event.Text},
	{Field: "session_id", Kind: event.Keyword},
	{Field: "session_line_num", Kind: event.Int},
	{Field: "command_tag", Kind: event.Keyword},
	{Field: "session_start_time", Kind: event.Keyword},
	{Field: "virtual_transaction_id", Kind: event.Keyword},
	{Field: "transaction_id", Kind: event.Keyword},
	{Field: "error.code", Native: []string{"sql_state_code"}},
	{Field: "detail", Kind: event.Text},
	{Field: "hint", Kind: event.Text},
	{Field: "internal_query", Kind: event.Text},
	{Field: "internal_query_pos", Kind: event.Int},
	{Field: "context", Kind: event.Text},
	{Field: "query_pos", Kind: event.Int},
	{Field: "location", Kind: event.Keyword},
	{Field: "backend_type", Kind: event.Keyword},
	{Field: "leader_pid", Kind: event.Int},
	{Field: "query_id", Kind: event.Keyword},
	{Field: "source.ip"}, {Field: "error.message"},
	{Field: "event.kind"}, {Field: "event.category"}, {Field: "event.type"}, {Field: "event.outcome"},
	{Field: "cloud.account.id"}, {Field: "cloud.region"},
	{Field: "rds.cluster_identifier"}, {Field: "rds.instance_identifier"},
}

// Indices of the columns that parsers fill, in the order of columns.
const (
	cLogTime = event.CModule + 1 + iota
	cSource
	cPort
	cUser
	cDatabase
	cPID
	cLevel
	cAction
	cMessage
	cStatement
	cDurationMS
	cStep
	cQueryName
	cSessionTime
	cSessionSeconds
	cDuration
	cApplication
	cTLSVersion
	cTLSCipher
	cIdentity
	cAuthMethod
	cAuditType
	cStatementID
	cSubstatementID
	cAuditClass
	cAuditCommand
	cAuditObjectType
	cAuditObjectName
	cAuditParameter
	cSessionID
	cSessionLine
	cCommandTag
	cSessionStart
	cVirtualTransaction
	cTransaction
	cErrorCode
	cDetail
	cHint
	cInternalQuery
	cInternalQueryPos
	cContext
	cQueryPos
	cLocation
	cBackendType
	cLeaderPID
	cQueryID
)
