package rdspostgresql

import (
	"net/netip"
	"strings"

	"ashiato/internal/event"
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/sqltext"
)

var rules = []event.Rule{
	{From: []string{"source_address"}, To: []string{"source_ip"}, Fn: func(a *event.Args) {
		if _, err := netip.ParseAddr(a.Str(0)); err == nil {
			a.Set(0, a.Str(0))
		}
	}},
	{From: []string{"log_level", "event_action"}, To: []string{"event_kind", "event_outcome"}, Fn: func(a *event.Args) {
		a.Set(0, "event")
		a.Set(1, outcome(a.Str(0), a.Str(1)))
	}},
	{From: []string{"log_level", "rds_message"}, To: []string{"error_message"}, Fn: func(a *event.Args) {
		if failed(a.Str(0)) {
			a.Set(0, a.Str(1))
		}
	}},
	{From: []string{"log_level", "event_action", "pgaudit_class", "db_statement"}, To: []string{"event_category", "event_type"}, Fn: classify},
	{From: []string{"aws_cloudwatch_log_group", "aws_cloudwatch_log_stream"}, To: []string{"rds_cluster_identifier", "rds_instance_identifier"}, Fn: func(a *event.Args) {
		parts := strings.Split(a.Str(0), "/") // /aws/rds/cluster/NAME/postgresql
		if len(parts) < 5 || parts[2] != "rds" {
			return
		}
		switch parts[3] {
		case "cluster":
			stream := a.Str(1)
			if i := strings.LastIndexByte(stream, '.'); i > 0 {
				stream = stream[:i]
			}
			a.Set(0, parts[4])
			a.Set(1, stream)
		case "instance":
			a.Set(1, parts[4])
		}
	}},
}

func failed(level string) bool { return level == "ERROR" || level == "FATAL" || level == "PANIC" }

// outcome: a statement is logged before it runs, so its outcome is not known; a duration is logged when
// it is done.
func outcome(level, action string) string {
	switch {
	case failed(level):
		return "failure"
	case action == "connection authorized", action == "connection authenticated", action == "duration", action == "disconnection":
		return "success"
	}
	return "unknown"
}

func classify(a *event.Args) {
	level, action, class := a.Str(0), a.Str(1), a.Str(2)
	category, types := []string{"database"}, []string{"info"}
	switch action {
	case "connection received":
		category, types = []string{"database", "network"}, []string{"connection", "start"}
	case "connection authorized", "connection authenticated", "authentication failed":
		category, types = []string{"authentication", "database"}, []string{"start"}
	case "disconnection":
		category, types = []string{"database", "session"}, []string{"end"}
	case "permission denied":
		types = []string{"error", "denied"}
	case "error":
		types = []string{"error"}
	case "statement", "duration", "audit":
		if c, t := sqltext.Classify(a.Bytes(3)); t != nil {
			category, types = c, t
		}
		if class == "ROLE" {
			category = []string{"database", "iam"}
		}
	default:
		if failed(level) {
			types = []string{"error"}
		}
	}
	a.SetList(0, category...)
	a.SetList(1, types...)
}

func message(get logtype.Getter) string {
	who := get("user_name")
	if who == "" {
		who = "the server"
	}
	if d := get("db_name"); d != "" {
		who += " on " + d
	}
	if s := get("source_address"); s != "" {
		who += " from " + s
	}
	what := get("rds_message") // an entry of csvlog has both where a statement failed
	if what == "" {
		what = get("db_statement")
	}
	what = strings.Join(strings.Fields(what), " ")
	if r := []rune(what); len(r) > 200 {
		what = string(r[:200]) + "…"
	}
	switch get("event_action") {
	case "connection received":
		return "connection received from " + get("source_address")
	case "connection authorized", "connection authenticated":
		return who + ": " + get("event_action")
	case "authentication failed":
		return who + " could not sign in: " + what
	case "disconnection":
		return who + " disconnected after " + get("postgresql_session_time")
	case "statement", "audit":
		return who + " ran " + what
	case "duration":
		s := who + " took " + get("postgresql_duration_ms") + " ms"
		if what != "" {
			s += " for " + what
		}
		return s
	}
	return who + ": " + get("log_level") + ": " + what
}

// views: AWS documents no Athena table for this log; the columns are csvlog's.
var views = []logtype.View{{
	Name: "rds_postgresql_log",
	Docs: "https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-CSVLOG",
	SQL: `SELECT "timestamp" AS log_time, user_name, db_name AS database_name, process_pid AS process_id,
 CASE WHEN source_port IS NULL THEN source_address ELSE source_address || ':' || source_port END AS connection_from, session_id, session_line_num, command_tag,
 session_start_time, virtual_transaction_id, transaction_id, log_level AS error_severity, error_code AS sql_state_code, COALESCE(rds_message, db_statement) AS "message",
 detail, hint, internal_query, internal_query_pos, context, db_statement AS query, query_pos, "location", application_name, backend_type, leader_pid, query_id
FROM aws_rds_postgresql`,
}}
