package linuxauth

import (
	"bytes"

	"ashiato/internal/event"
)

var (
	repeated     = []byte("message repeated ")
	lastRepeated = []byte("last message repeated ")
	timesOf      = []byte(" times: [ ")
	prefixes     = [][]byte{[]byte("error: "), []byte("fatal: "), []byte("info: "), []byte("warning: ")}
	suffixes     = [][]byte{[]byte(" [preauth]"), []byte(" [postauth]")}
)

// say takes a program's message, data[i:end], apart.
func (p *parser) say(row *event.Row, program []byte, i, end int) {
	b := row.Data()
	for end > i && b[end-1] == ' ' {
		end--
	}
	if i >= end {
		return
	}
	start, stop := i, end
	if n := bytes.Index(b[i:end], timesOf); n > 0 && b[end-1] == ']' && bytes.HasPrefix(b[i:end], repeated) && digits.fits(b[i+len(repeated):i+n]) {
		row.SpanInt(p.c.repeat, i+len(repeated), i+n)
		i, end = i+n+len(timesOf), end-1
		start, stop = i, end
	}
	if program == nil && bytes.HasPrefix(b[i:end], lastRepeated) && bytes.HasSuffix(b[i:end], []byte(" times")) {
		if from, to := i+len(lastRepeated), end-len(" times"); from < to && digits.fits(b[from:to]) {
			row.SpanInt(p.c.repeat, from, to)
			return
		}
	}
	for i < end && b[i] == ' ' {
		i++
	}
	templates := programs[string(program)]
	for _, s := range suffixes {
		if bytes.HasSuffix(b[i:end], s) {
			end -= len(s)
		}
	}
	for _, s := range prefixes {
		if bytes.HasPrefix(b[i:end], s) {
			i += len(s)
		}
	}
	fits := p.apply(row, templates, i, end) ||
		bytes.HasPrefix(b[i:end], []byte("pam_")) && p.apply(row, pam, i, end) ||
		string(program) == "sudo" && p.sudo(row, i, end)
	if !fits && start < stop {
		row.Span(p.c.message, start, stop)
	}
}

var (
	separator = []byte(" ; ")
	sudoKeys  = [...]struct {
		key string
		col func(*cols) int
	}{
		{"TTY=", func(c *cols) int { return c.tty }}, {"PWD=", func(c *cols) int { return c.pwd }},
		{"USER=", func(c *cols) int { return c.effective }}, {"GROUP=", func(c *cols) int { return c.group }},
		{"ENV=", nil}, {"TSID=", nil}, {"CHROOT=", nil}, {"HOST=", nil},
	}
)

// sudo reads "user : [reason ; ]TTY=… ; PWD=… ; USER=… ; COMMAND=…".
func (p *parser) sudo(row *event.Row, i, end int) bool {
	b := row.Data()
	colon := bytes.Index(b[i:end], []byte(" : "))
	if colon <= 0 || !bytes.Contains(b[i+colon:end], []byte("COMMAND=")) && !bytes.Contains(b[i+colon:end], []byte("PWD=")) {
		return false
	}
	userEnd := i + colon
	at := userEnd + len(" : ")
	if bytes.HasPrefix(b[at:end], []byte("(command continued)")) {
		return false
	}
	row.Span(p.c.user, i, userEnd)
	reason := false
next:
	for at < end {
		if rest, ok := bytes.CutPrefix(b[at:end], []byte("COMMAND=")); ok {
			if len(rest) > 0 {
				row.Span(p.c.command, end-len(rest), end)
			}
			break
		}
		stop := end
		if n := bytes.Index(b[at:end], separator); n >= 0 {
			stop = at + n
		}
		for _, k := range sudoKeys {
			if !bytes.HasPrefix(b[at:stop], []byte(k.key)) {
				continue
			}
			if k.col != nil && at+len(k.key) < stop {
				row.Span(k.col(&p.c), at+len(k.key), stop)
			}
			at = min(stop+len(separator), end)
			continue next
		}
		if !reason && stop > at {
			row.Span(p.c.reason, at, stop)
			reason = true
		}
		at = min(stop+len(separator), end)
	}
	switch why := row.Text(p.c.reason); {
	case !reason:
		p.classify(row, []byte("sudo_command"), []byte(ok))
	case bytes.Contains(why, []byte("password")):
		p.classify(row, []byte("sudo_authentication"), []byte(failure))
	default:
		p.classify(row, []byte("sudo_denied"), []byte(failure))
	}
	return true
}
