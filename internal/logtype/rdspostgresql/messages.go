package rdspostgresql

import (
	"bytes"

	"ashiato/internal/event"
)

// Values of event.action.
var (
	actReceived      = []byte("connection received")
	actAuthenticated = []byte("connection authenticated")
	actAuthorized    = []byte("connection authorized")
	actAuthFailed    = []byte("authentication failed")
	actDisconnected  = []byte("disconnection")
	actStatement     = []byte("statement")
	actDuration      = []byte("duration")
	actAudit         = []byte("audit")
	actDenied        = []byte("permission denied")
	actError         = []byte("error")
)

// analyse reads the message b[s:e] of an entry. quoted says that its quotes are doubled.
func analyse(row *event.Row, b []byte, s, e int, level []byte, quoted bool) {
	m := b[s:e]
	has := func(prefix string) bool { return len(m) >= len(prefix) && string(m[:len(prefix)]) == prefix }
	switch {
	case string(level) == "STATEMENT" || string(level) == "QUERY":
		text(row, cStatement, s, e, quoted)
		return
	case string(level) == "LOG" || string(level) == "INFO":
		switch {
		case has("statement: "):
			row.SetText(cAction, actStatement)
			text(row, cStatement, s+len("statement: "), e, quoted)
			return
		case has("execute ") && step(row, b, s, e, quoted):
			row.SetText(cAction, actStatement)
			return
		case has("duration: ") && duration(row, b, s+len("duration: "), e, quoted):
			return
		case has("AUDIT: ") && !quoted && audit(row, b, s+len("AUDIT: "), e):
			row.SetText(cAction, actAudit)
			return
		case has("disconnection: session time: "):
			row.SetText(cAction, actDisconnected)
			disconnection(row, b, s+len("disconnection: session time: "), e)
			return
		case has("connection received: "):
			row.SetText(cAction, actReceived)
		case has("connection authenticated: "):
			row.SetText(cAction, actAuthenticated)
			pair(row, b, s, e, "identity=", cIdentity, quoted)
			pair(row, b, s, e, "method=", cAuthMethod, false)
			return
		case has("connection authorized: "), has("replication connection authorized: "):
			row.SetText(cAction, actAuthorized)
			pair(row, b, s, e, "application_name=", cApplication, false)
			pair(row, b, s, e, "protocol=", cTLSVersion, false)
			pair(row, b, s, e, "cipher=", cTLSCipher, false)
			return
		}
	case string(level) == "FATAL" && authFailure(m):
		row.SetText(cAction, actAuthFailed)
	case string(level) == "ERROR" || string(level) == "FATAL" || string(level) == "PANIC":
		if has("permission denied") || has("must be ") {
			row.SetText(cAction, actDenied)
		} else {
			row.SetText(cAction, actError)
		}
	}
	text(row, cMessage, s, e, quoted)
}

func authFailure(m []byte) bool {
	for _, p := range [...]string{"authentication failed for user", "no pg_hba.conf entry", "pg_hba.conf rejects", "is not permitted to log in", "permission denied for database"} {
		if bytes.Contains(m, []byte(p)) {
			return true
		}
	}
	return (bytes.HasPrefix(m, []byte("role ")) || bytes.HasPrefix(m, []byte("database "))) && bytes.HasSuffix(m, []byte("does not exist"))
}

// pair spans the value after key, up to a blank, comma or bracket, or the inside of its quotes.
func pair(row *event.Row, b []byte, s, e int, key string, col int, quoted bool) {
	i := bytes.Index(b[s:e], []byte(key))
	if i < 0 {
		return
	}
	i += s + len(key)
	if i < e && b[i] == '"' && !quoted {
		if n := bytes.IndexByte(b[i+1:e], '"'); n > 0 {
			row.Span(col, i+1, i+1+n)
		}
		return
	}
	j := i
	for j < e && b[j] != ' ' && b[j] != ',' && b[j] != ')' && b[j] != '"' {
		j++
	}
	if j > i {
		row.Span(col, i, j)
	}
}

// step reads "parse|bind|execute NAME: STATEMENT".
func step(row *event.Row, b []byte, s, e int, quoted bool) bool {
	blank := bytes.IndexByte(b[s:e], ' ')
	colon := bytes.Index(b[s:e], []byte(": "))
	if blank <= 0 || colon < blank {
		return false
	}
	switch string(b[s : s+blank]) {
	case "parse", "bind", "execute":
	default:
		return false
	}
	row.Span(cStep, s, s+blank)
	text(row, cQueryName, s+blank+1, s+colon, quoted)
	text(row, cStatement, s+colon+2, e, quoted)
	return true
}

// duration reads "12.345 ms", alone or followed by two blanks and the statement.
func duration(row *event.Row, b []byte, s, e int, quoted bool) bool {
	n := bytes.Index(b[s:e], []byte(" ms"))
	if n <= 0 || !row.SpanFloat(cDurationMS, s, s+n) {
		return false
	}
	row.SetText(cAction, actDuration)
	if us, ok := decimal(b[s:s+n], 3); ok {
		row.SetInt(cDuration, us*1000)
	}
	i := s + n + len(" ms")
	for i < e && b[i] == ' ' {
		i++
	}
	const statement = "statement: "
	switch {
	case bytes.HasPrefix(b[i:e], []byte(statement)):
		text(row, cStatement, i+len(statement), e, quoted)
	case i < e && !step(row, b, i, e, quoted):
		text(row, cMessage, i, e, quoted)
	}
	return true
}

// decimal reads a decimal number in units of 10^-places, further digits cut.
func decimal(v []byte, places int) (n int64, ok bool) {
	seen := -1
	for _, c := range v {
		switch {
		case c == '.' && seen < 0:
			seen = 0
		case c >= '0' && c <= '9' && n < 1e15:
			if seen >= places {
				continue
			}
			n = n*10 + int64(c-'0')
			if seen >= 0 {
				seen++
			}
		default:
			return 0, false
		}
	}
	for i := max(seen, 0); i < places; i++ {
		n *= 10
	}
	return n, len(v) > 0
}

// disconnection reads "H:MM:SS.mmm user=U database=D host=H [port=P]": who and from where stand in the
// prefix too.
func disconnection(row *event.Row, b []byte, s, e int) {
	i := s
	for i < e && b[i] != ' ' {
		i++
	}
	row.Span(cSessionTime, s, i)
	if ms, ok := sessionTime(b[s:i]); ok {
		row.SetFloat(cSessionSeconds, float64(ms)/1000)
		row.SetInt(cDuration, ms*1e6)
	}
}

// sessionTime returns the milliseconds of hours:minutes:seconds.
func sessionTime(v []byte) (ms int64, ok bool) {
	h, rest, ok1 := bytes.Cut(v, []byte(":"))
	m, s, ok2 := bytes.Cut(rest, []byte(":"))
	hours, ok3 := decimal(h, 0)
	minutes, ok4 := decimal(m, 0)
	msec, ok5 := decimal(s, 3)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || hours > 1e9 {
		return 0, false
	}
	return (hours*3600+minutes*60)*1000 + msec, true
}

var auditColumns = [...]int{cAuditType, cStatementID, cSubstatementID, cAuditClass, cAuditCommand, cAuditObjectType, cAuditObjectName, cStatement, cAuditParameter}

// audit reads pgaudit's fields: AUDIT_TYPE,STATEMENT_ID,SUBSTATEMENT_ID,CLASS,COMMAND,OBJECT_TYPE,
// OBJECT_NAME,STATEMENT,PARAMETER.
func audit(row *event.Row, b []byte, i, e int) bool {
	if !bytes.HasPrefix(b[i:e], []byte("SESSION,")) && !bytes.HasPrefix(b[i:e], []byte("OBJECT,")) {
		return false
	}
	for n := 0; n < len(auditColumns) && i <= e; n++ {
		c, start, end, doubled := auditColumns[n], i, i, false
		if i < e && b[i] == '"' {
			start = i + 1
			for end = start; end < e; end++ {
				if b[end] != '"' {
					continue
				}
				if end+1 < e && b[end+1] == '"' {
					end++
					doubled = true
					continue
				}
				break
			}
			i = min(end+2, e+1)
		} else {
			for end < e && b[end] != ',' {
				end++
			}
			i = end + 1
		}
		switch {
		case start >= end:
		case c == cStatementID || c == cSubstatementID:
			row.SpanInt(c, start, end)
		default:
			text(row, c, start, min(end, e), doubled)
		}
	}
	return true
}
