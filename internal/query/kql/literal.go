package kql

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// A bare word with a colon is a field and a value unless it has one of these forms.
var (
	// clockRE is a time of day, with or without a date before it.
	clockRE = regexp.MustCompile(`^(\d{4}-\d\d-\d\d[Tt])?\d{1,2}:\d\d(:\d\d([.,]\d+)?)?([Zz]|[+-]\d\d(:?\d\d)?)?$`)
	// stampRE begins a time, the rest of which may be a wildcard: ISO 8601 and the access logs' 01/Oct/2026:12:30:00.
	stampRE = regexp.MustCompile(`^(\d{4}-\d\d-\d\d[Tt]\d\d|\d\d/[A-Z][a-z][a-z]/\d{4}):`)
	urlRE   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)
	arnRE   = regexp.MustCompile(`^(?i:arn:(aws|\*))`)
	macRE   = regexp.MustCompile(`^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$`)
	// prefix6RE is an IPv6 address cut short by a wildcard, as in 2001:db8:*.
	// The digit in the first group keeps short field names such as a: out.
	prefix6RE = regexp.MustCompile(`^[0-9A-Fa-f]{0,3}[0-9][0-9A-Fa-f]{0,3}:[0-9A-Fa-f:*]*:[0-9A-Fa-f:]*\*$`)
	dateRE    = regexp.MustCompile(`^\d{4}[-/]\d\d[-/]\d\d$`)
)

// isLiteral reports that the colons of the bare word s are part of its text.
func isLiteral(s string) bool {
	return isAddress(s) || clockRE.MatchString(s) || stampRE.MatchString(s) || urlRE.MatchString(s) ||
		arnRE.MatchString(s) || isDrivePath([]rune(s))
}

func isAddress(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if _, err := netip.ParsePrefix(s); err == nil {
		return true
	}
	if _, err := netip.ParseAddrPort(s); err == nil {
		return true
	}
	return macRE.MatchString(s) || prefix6RE.MatchString(s)
}

// isDrivePath reports text that begins like C:\dir. There no backslash is an
// escape, as \t in C:\temp would silently be a tab. With the backslash doubled,
// C:\\temp, the ordinary rules hold.
func isDrivePath(r []rune) bool {
	if len(r) < 4 || r[1] != ':' || r[2] != '\\' {
		return false
	}
	c := r[3]
	return isLetter(r[0]) && (isLetter(c) || c >= '0' && c <= '9' || strings.ContainsRune("_$%.", c))
}

func isLetter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' }

var (
	// assignRE is name=value, name==value and name!=value.
	assignRE = regexp.MustCompile(`^([A-Za-z_@][A-Za-z0-9_@.*-]*)(!=|==?)`)
	// regexRE is what tells Lucene's /a.*b/ from a path.
	regexRE = regexp.MustCompile(`^/.*(\.[*+?]|[\[\]+|^$\\]).*/$`)
	sqlRE   = regexp.MustCompile(`(?i)^\s*(select\s+[^\s:<>]+|insert\s+into\s|delete\s+from\s|create\s+(or\s+replace|external|table|view)\s|` +
		`drop\s+(table|view)\s|alter\s+table\s|update\s+\S+\s+set\s|with\s+\S+\s+as\s*\()`)
)

// rejectSQL is the error for a query that is SQL.
func (t *text) rejectSQL() error {
	start := t.skipBlanks(0)
	m := sqlRE.FindString(string(t.r[start:min(start+200, len(t.r))]))
	if m == "" {
		return nil
	}
	words := strings.Fields(m)
	if strings.EqualFold(words[0], "select") {
		if isKeyword(words[1]) {
			return nil
		}
		if k := t.skipBlanks(start + len([]rune(m))); t.at(k) == ':' {
			return nil
		}
	}
	return t.errorf(start, "run SQL in the SQL console or with `ashiato sql`; to search for these words, put them in double quotes",
		"this looks like SQL, and this is a KQL query")
}

// rejectOperator is the error for an operator of another language at i, if there is one.
// name is what stands before it, or "".
func (t *text) rejectOperator(i int, name string) error {
	if name == "" {
		name = "field"
	}
	a, b := t.at(i), t.at(i+1)
	alone := b == 0 || endsWord(b)
	switch {
	case a == '&' && b == '&':
		return t.errorf(i, `write "and"`, "&& is not an operator")
	case a == '|' && b == '|':
		return t.errorf(i, `write "or"`, "|| is not an operator")
	case a == '!' && b == '=', a == '<' && b == '>':
		return t.errorf(i, `write "not `+name+`: value"`, "%c%c is not an operator", a, b)
	case a == '!':
		return t.errorf(i, `write "not"; put the text in double quotes to search for the !`, "! is not an operator")
	case a == '=' && (b == '=' || b == '~'):
		return t.errorf(i, `write "`+name+`: value"`, "%c%c is not an operator", a, b)
	case a == '=' && (b == '>' || b == '<'):
		return t.errorf(i, fmt.Sprintf(`write "%s %c= value"`, name, b), "=%c is not an operator", b)
	case a == '=':
		return t.errorf(i, `write "`+name+`: value"`, "= is not an operator")
	case a == '|' && alone:
		return t.errorf(i, `write "or" for either; for a pipeline use the CloudWatch Logs Insights syntax or SQL`, "| is not an operator")
	case a == '&' && alone:
		return t.errorf(i, `write "and"`, "& is not an operator")
	}
	return nil
}

// rejectWord is the error for a bare word in [i, j) that belongs to another
// language. clause: the word is free text or a field, not a value.
func (t *text) rejectWord(i, j int, clause bool) error {
	if err := t.rejectOperator(i, ""); err != nil {
		return err
	}
	s := string(t.r[i:j])
	if isLiteral(s) {
		return nil
	}
	for _, op := range [...]rune{'&', '|'} {
		if k := t.indexBare(i, j, op, op); k >= 0 {
			return t.rejectOperator(k, "")
		}
	}
	if regexRE.MatchString(s) {
		return t.errorf(i, "use the wildcards * and ?; put the text in double quotes if it is a path; SQL has regexp_like",
			"regular expressions are not supported")
	}
	if m := assignRE.FindStringSubmatch(s); clause && m != nil && (len(m[0]) < len(s) || isQuote(t.at(j))) {
		not := ""
		if m[2] == "!=" {
			not = "not "
		}
		return t.errorf(i+len(m[1]), fmt.Sprintf(`write "%s%s: value"; to search for the text itself put it in double quotes`, not, m[1]),
			"%s is not an operator", m[2])
	}
	return nil
}
