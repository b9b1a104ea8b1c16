// Package linuxauth is the log type linux.auth: /var/log/secure and /var/log/auth.log, as rsyslog,
// syslog-ng and journald write them, with RFC 3164, RFC 3339 or RFC 5424 heads.
//
// What sshd, sudo, su, PAM, the account tools, systemd-logind, login and cron say is taken apart by a
// table of templates (templates.go): the varying parts go to columns, the constant text stays in the
// skeleton, which so becomes the template. A message that no template fits goes to the column
// syslog.message whole.
package linuxauth

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"time"

	"ashiato/internal/event"
	"ashiato/internal/logtype"
)

// Type returns the catalogue entry.
func Type() logtype.Type {
	return logtype.Type{
		Name:       "linux.auth",
		Title:      "Linux authentication log",
		Docs:       "https://www.rsyslog.com/doc/configuration/templates.html",
		Keys:       []string{`(?i)linux.*secure`, `(^|/)(secure|auth\.log)([-.][^/]*)?$`},
		LogGroups:  []string{`(?i)(^|[/:_-])(secure|auth\.log)([/:._-]|$)`},
		Sniff:      sniff,
		Framing:    logtype.Lines,
		CloudWatch: true,
		Line:       func(obj *logtype.Object) logtype.LineParser { return &parser{obj: obj} },
		Columns:    columns,
		Rules:      rules,
		Message:    message,
	}
}

var columns = []event.Column{
	{Field: "@timestamp"},
	{Field: "host.name", Native: []string{"host.hostname", "hostname"}},
	{Field: "process.name", Native: []string{"program"}}, {Field: "process.pid", Native: []string{"pid"}},
	{Field: "log.syslog.priority"}, {Field: "log.syslog.msgid"}, {Field: "log.syslog.structured_data"},
	{Field: "syslog.message", Kind: event.Text}, // a message that no template fits
	{Field: "repeat_count", Kind: event.Int},    // "message repeated N times"
	{Field: "event.kind"}, {Field: "event.category"}, {Field: "event.type"}, {Field: "event.action"}, {Field: "event.outcome"}, {Field: "event.reason"},
	{Field: "user.name"}, {Field: "user.id"}, {Field: "user.effective.name"}, {Field: "user.target.name"}, {Field: "user.target.id"},
	{Field: "group.name"}, {Field: "group.id"},
	{Field: "source.ip"}, {Field: "source.port"}, {Field: "source.address"}, {Field: "destination.ip"}, {Field: "destination.port"},
	{Field: "process.command_line", Native: []string{"sudo.command"}},
	{Field: "ssh.method", Native: []string{"system.auth.ssh.method"}}, {Field: "ssh.signature", Native: []string{"system.auth.ssh.signature"}},
	{Field: "sudo.pwd", Native: []string{"system.auth.sudo.pwd"}}, {Field: "tty", Native: []string{"system.auth.sudo.tty"}},
	{Field: "session.id"}, {Field: "pam.ruser"},
	{Field: "useradd.home", Native: []string{"system.auth.useradd.home"}}, {Field: "useradd.shell", Native: []string{"system.auth.useradd.shell"}},
	{Field: "cloud.account.id"}, {Field: "cloud.region"}, {Field: "cloud.instance.id"},
}

const head = `^(?:<\d{1,3}>)?(?:1 )?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)) \S+ `

var (
	syslogLine = regexp.MustCompile(head)
	authLine   = regexp.MustCompile(head + `(?:sshd(?:-session|-auth)?|sudo|su|login|useradd|usermod|userdel|groupadd|groupmod|groupdel|gpasswd|passwd|chpasswd|chage|systemd-logind|polkitd|pkexec|(?i:crond?)|sssd\S*|unix_chkpwd)(?:\([^)]*\))?(?:\[\d+\]: | \d+ \S+ (?:-|\[)|: )`)
)

// sniff wants syslog lines, most of them by programs that write to this log and few others.
func sniff(s *logtype.Sample) bool {
	auth := 0
	for _, l := range s.Lines {
		if !syslogLine.Match(l) {
			return false
		}
		if authLine.Match(l) {
			auth++
		}
	}
	return auth > 0 && 2*auth >= len(s.Lines)
}

// cols are the indices of the columns that the parser itself fills.
type cols struct {
	host, process, pid, priority, msgid, data, message, repeat, action, outcome, reason int
	user, effective, pwd, tty, command, group                                           int
	ip, address                                                                         int
}

// parser reads the lines of one object.
type parser struct {
	obj     *logtype.Object
	bound   bool
	c       cols
	column  []int // per template variable
	matched [maxCaptures]capture
}

func (p *parser) bind(s *event.Schema) {
	i := s.Index
	p.c = cols{
		host: i("host_name"), process: i("process_name"), pid: i("process_pid"), priority: i("log_syslog_priority"), msgid: i("log_syslog_msgid"),
		data: i("log_syslog_structured_data"), message: i("syslog_message"), repeat: i("repeat_count"), action: i("event_action"), outcome: i("event_outcome"), reason: i("event_reason"),
		user: i("user_name"), effective: i("user_effective_name"), pwd: i("sudo_pwd"), tty: i("tty"), command: i("process_command_line"), group: i("group_name"),
		ip: i("source_ip"), address: i("source_address"),
	}
	p.column = p.column[:0]
	for _, v := range variables {
		p.column = append(p.column, i(v.column))
	}
	p.bound = true
}

var (
	errNoHost = errors.New("no host after the time")
	errCut    = errors.New("the line ends within its head")
)

// Parse reads one line (logtype.LineParser).
func (p *parser) Parse(row *event.Row, start, end int) error {
	if !p.bound {
		p.bind(row.Schema())
	}
	b := row.Data()
	i, rfc5424 := start, false
	if b[i] == '<' {
		if n := bytes.IndexByte(b[i:min(end, i+5)], '>'); n > 1 && row.SpanInt(p.c.priority, i+1, i+n) {
			i += n + 1
			if bytes.HasPrefix(b[i:end], []byte("1 ")) {
				i, rfc5424 = i+2, true
			}
		}
	}
	i, err := p.time(row, i, end)
	if err != nil {
		return err
	}
	j := token(b, i, end)
	if j == i {
		return errNoHost
	}
	row.Span(p.c.host, i, j)
	if i = j + 1; i >= end {
		return errCut
	}
	if rfc5424 {
		return p.structured(row, i, end)
	}
	i, program := p.tag(row, i, end)
	p.say(row, program, i, end)
	return nil
}

// token returns the end of the run of bytes other than blanks at i.
func token(b []byte, i, end int) int {
	if n := bytes.IndexByte(b[i:end], ' '); n >= 0 {
		return i + n
	}
	return end
}

// time reads the time at i and returns what comes after the blank behind it.
func (p *parser) time(row *event.Row, i, end int) (int, error) {
	const syslog = len("Jan _2 15:04:05")
	b := row.Data()
	if i < end && b[i] >= 'A' && b[i] <= 'Z' {
		if end-i <= syslog || b[i+syslog] != ' ' {
			return i, fmt.Errorf("%.40q is no time", b[i:end])
		}
		ref := p.obj.ModTime
		if p.obj.EventTime != 0 {
			ref = time.UnixMicro(p.obj.EventTime)
		}
		if us, ok := event.ParseSyslog(b[i:i+syslog], ref); ok {
			row.SpanSyslogTime(event.CTimestamp, i, i+syslog, us)
			return i + syslog + 1, nil
		}
		padded := [syslog]byte(b[i : i+syslog])
		if padded[4] == '0' { // "Jan 02": not what syslog says, but seen
			padded[4] = ' '
		}
		us, ok := event.ParseSyslog(padded[:], ref)
		if !ok {
			return i, fmt.Errorf("%.40q is no time", b[i:i+syslog])
		}
		row.SetInt(event.CTimestamp, us)
		return i + syslog + 1, nil
	}
	j := token(b, i, end)
	if j == i || b[i] < '0' || b[i] > '9' || j-i < len("2006-01-02T15:04:05") || !row.SpanTime(event.CTimestamp, i, j, event.OffsetMicro) {
		return i, fmt.Errorf("%.40q is no time", b[i:j])
	}
	return min(j+1, end), nil
}

// tag reads "program[pid]: " and returns where the message starts.
func (p *parser) tag(row *event.Row, i, end int) (int, []byte) {
	b := row.Data()
	j := token(b, i, end)
	if j == i || b[j-1] != ':' {
		return i, nil
	}
	name := j - 1
	if n := bytes.IndexByte(b[i:name], '['); n > 0 && b[name-1] == ']' {
		row.Span(p.c.process, i, i+n)
		row.SpanInt(p.c.pid, i+n+1, name-1)
		return min(j+1, end), b[i : i+n]
	}
	if b[name-1] == ']' { // "gdm-password]: "
		name--
	}
	if name > i {
		row.Span(p.c.process, i, name)
	}
	return min(j+1, end), b[i:name]
}

// structured reads the rest of an RFC 5424 line: program, pid, message id, structured data, message.
func (p *parser) structured(row *event.Row, i, end int) error {
	b := row.Data()
	var program []byte
	for n, col := range [3]int{p.c.process, p.c.pid, p.c.msgid} {
		j := token(b, i, end)
		if j >= end {
			return errCut
		}
		if n == 0 {
			program = b[i:j]
		}
		if j > i && !(j == i+1 && b[i] == '-') {
			if n == 1 {
				row.SpanInt(col, i, j)
			} else {
				row.Span(col, i, j)
			}
		}
		i = j + 1
	}
	if i < end && b[i] == '[' {
		j := elements(b, i, end)
		row.Span(p.c.data, i, j)
		i = j
	} else {
		i = token(b, i, end)
	}
	i = min(i+1, end)
	if bytes.HasPrefix(b[i:end], []byte("\xEF\xBB\xBF")) {
		i += 3
	}
	p.say(row, program, i, end)
	return nil
}

// elements returns the end of the structured data elements at i: [id key="value" …][…].
func elements(b []byte, i, end int) int {
	quoted := false
	for ; i < end; i++ {
		switch {
		case quoted && b[i] == '\\':
			i++
		case b[i] == '"':
			quoted = !quoted
		case b[i] == ']' && !quoted && (i+1 >= end || b[i+1] != '['):
			return i + 1
		}
	}
	return end
}
