// Package kql parses the query language of the Discover page: Kibana's KQL and
// OpenSearch's DQL, with what an investigator pastes accepted without quotes.
//
//	source.ip: 203.0.113.0/24 and not event.action: (Describe* or List* or Get*)
//	event.time >= now-15m/h "svc-backup" error.code: *
//
// # Language
//
//	field: value            the field equals the value, * and ? are wildcards
//	field: "a phrase"       the same, nothing in quotes is a wildcard
//	field: (a or b and not c)
//	field: *                the field exists
//	field > 5, field: >5    also >= < <=
//	field: [1 TO 5}         a range; [ ] include the bound, { } exclude it, * is no bound
//	field: { sub: x }       the same as field.sub: x
//	user.*: x               any field whose name matches
//	value, "a phrase"       any field
//	and, or, not            in any case; not binds tighter than and, and tighter than or
//
// A backslash makes the next punctuation character or blank plain text; \t \n
// \r \uXXXX and the words \and \or \not are the other escapes. In quotes only
// \\ \" \t \n \r \uXXXX are escapes, any other backslash is text.
//
// # Where this departs from KQL and DQL
//
//   - Clauses next to each other are joined by and, and so are the words of free
//     text: foo bar finds events that hold both. DQL's or is not what an
//     investigator wants.
//   - After "field:" the bare words up to the next operator or field form are one
//     value joined by single blanks, as in KQL: field: foo bar is "foo bar". After
//     a comparison, and after the lone * of "field: *", the value is one word.
//   - A value may hold colons (addresses, ARNs, times, s3:GetObject). A bare word
//     with colons is free text rather than a field when it is an IP or MAC address,
//     a CIDR block, a time, a URL, a Windows path or begins with arn:aws.
//   - A Windows path (C:\temp\x, also in quotes) keeps its backslashes.
//   - Full-width ASCII and the ideographic space are read as their half-width forms
//     outside quotes. In quotes only the quote and the backslash are, so that full-width text
//     can still be searched for exactly. Half-width kana stay as they are.
//     Curly double quotes are quotes; one that opened curly may close straight.
//   - =, ==, !=, !, && and || are errors that say what to write instead, as are
//     Lucene's /regex/ and SQL.
package kql

// Node is one of All, And, Or, Not, Match, Exists and Range.
type Node interface{ node() }

// All matches every event: the empty query, or a lone *.
type All struct{}

// And matches when each of Nodes does. Parse gives at least two and never an And among them.
type And struct{ Nodes []Node }

// Or matches when one of Nodes does. Parse gives at least two and never an Or among them.
type Or struct{ Nodes []Node }

// Not matches when Node does not.
type Not struct{ Node Node }

// Match compares a field with a value.
type Match struct {
	// Field is the field's name, "" for free text over all fields. It may hold
	// wildcards; see FieldPattern.
	Field string
	Value Value
	Pos   int // byte offset of the clause (its field, if it has one) in the query
	// ValuePos is the byte offset of the value: in field: (a or b) the two
	// matches share Pos and differ here.
	ValuePos int
}

// Exists matches when the field has a value.
type Exists struct {
	Field string // as in Match, never ""
	Pos   int    // byte offset of the field in the query
}

// Range compares a field with a bound. field: [1 TO 5] gives an And of two.
type Range struct {
	Field    string // as in Match, never ""
	Op       Op
	Value    string // a number, an address, a time (see ParseTime) or text
	Pos      int    // byte offset of the field in the query
	ValuePos int    // byte offset of the bound
}

// Op is a comparison as it is written.
type Op string

// The comparisons.
const (
	Greater      Op = ">"
	GreaterEqual Op = ">="
	Less         Op = "<"
	LessEqual    Op = "<="
)

// Value is what a Match looks for.
type Value struct {
	Text   string // escapes resolved; with wildcards, for display only
	Quoted bool
	// Pattern is non-nil when the unquoted text holds wildcards. Literal and
	// wildcard parts alternate freely, two Any are never adjacent.
	Pattern []Part
}

// Part is a piece of a pattern: literal text, or one of the wildcards.
type Part struct {
	Lit string
	Any bool // *: any run of characters, also none
	One bool // ?: exactly one character
}

func (All) node()    {}
func (And) node()    {}
func (Or) node()     {}
func (Not) node()    {}
func (Match) node()  {}
func (Exists) node() {}
func (Range) node()  {}

// Bounds that keep a hostile query cheap. They are far above what a person
// writes; a pasted list of indicators belongs in a watch list.
const (
	maxQuery = 64 << 10 // bytes
	maxDepth = 100      // parentheses, braces and nots inside one another
	maxTerms = 10_000   // leaves of the tree
)

// FieldPattern splits a field name as Match, Exists and Range hold it. The
// result is true when the name has wildcards. Otherwise the one part is the
// name itself, which differs from field only where a literal *, ? or \ is
// held escaped.
func FieldPattern(field string) ([]Part, bool) {
	var gs []glyph
	wild, escaped := false, false
	for _, r := range field {
		switch {
		case escaped:
			gs = append(gs, glyph{r: r})
			escaped = false
		case r == '\\':
			escaped = true
		case r == '*' || r == '?':
			gs = append(gs, glyph{r: r, wild: true})
			wild = true
		default:
			gs = append(gs, glyph{r: r})
		}
	}
	if escaped {
		gs = append(gs, glyph{r: '\\'})
	}
	return parts(gs), wild
}
