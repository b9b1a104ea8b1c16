package duckdb

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind says what sort of error an [Error] is.
type Kind string

// The kinds of errors. Only KindInternal is not the user's to mend.
const (
	KindDenied    Kind = "denied"    // the statement asks for something users may not do
	KindInvalid   Kind = "invalid"   // the statement is wrong: syntax, names, types, values
	KindTimeout   Kind = "timeout"   // the time limit was reached
	KindMemory    Kind = "memory"    // the memory limit was reached
	KindCancelled Kind = "cancelled" // the caller's context ended or the result was closed
	KindInternal  Kind = "internal"  // everything else
)

// Error is what every failing query returns. Msg and Hint never hold file paths.
// Line and Col count from 1, Col in characters; both are 0 where there is no
// position.
type Error struct {
	Kind Kind
	Msg  string
	Hint string
	Line int
	Col  int

	cause error
}

// Error prints position, message and hint on one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d, column %d: ", e.Line, e.Col)
	}
	b.WriteString(e.Msg)
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	return b.String()
}

// Unwrap gives the context's error for cancelled queries, so that errors.Is(err,
// context.Canceled) works.
func (e *Error) Unwrap() error { return e.cause }

func internalError(format string, args ...any) *Error {
	return &Error{Kind: KindInternal, Msg: fmt.Sprintf(format, args...)}
}

// duckError is what DuckDB prints with errors_as_json.
type duckError struct {
	Type       string `json:"exception_type"`
	Message    string `json:"exception_message"`
	Subtype    string `json:"error_subtype"`
	Position   string `json:"position"`
	Name       string `json:"name"`
	Candidates string `json:"candidates"`
	EntryType  string `json:"type"`
}

const (
	adviceTime   = "narrow the time range, add a filter, or select fewer columns"
	adviceMemory = "narrow the time range, aggregate over fewer distinct values, select fewer columns, or add a LIMIT"
)

// errorFromDuckDB turns the text of a DuckDB error into an Error. sql is the
// statement the position refers to, shift the bytes that were put before it.
func errorFromDuckDB(text, sql string, shift int, cat *Catalog) *Error {
	var d duckError
	if i := strings.IndexByte(text, '{'); i < 0 || json.Unmarshal([]byte(text[i:]), &d) != nil || d.Message == "" {
		d = duckError{Message: text}
		if name, rest, ok := strings.Cut(text, " Error: "); ok && len(name) < 30 {
			d.Type, d.Message = name, rest
		}
	}
	e := &Error{Kind: KindInvalid}
	msg, hint, _ := strings.Cut(d.Message, "\n")
	msg, _, _ = strings.Cut(msg, "\n\nLINE ")
	e.Msg = scrub(msg)
	if outOfMemory.MatchString(d.Message) {
		d.Type = "Out of Memory"
	}
	switch d.Type {
	case "Out of Memory":
		e.Kind, e.Msg, e.Hint = KindMemory, "the query needs more memory than it may use", adviceMemory
	case "Interrupt", "INTERRUPT":
		e.Kind, e.Msg = KindCancelled, "the query was cancelled"
	case "IO", "HTTP":
		e.Kind, e.Msg = KindInternal, "a data file could not be read: "+e.Msg
	case "Permission":
		e.Kind, e.Msg = KindInternal, "a data file may not be read: "+e.Msg
	case "INTERNAL", "Internal", "Fatal", "FATAL", "Serialization", "Connection", "TransactionContext":
		e.Kind = KindInternal
	default:
		e.Hint = userHint(d, hint, cat)
	}
	if n, err := strconv.Atoi(d.Position); err == nil && n >= shift && e.Kind == KindInvalid {
		e.Line, e.Col = lineCol(sql, n-shift)
	}
	return e
}

// userHint makes "did you mean" out of DuckDB's candidates. DuckDB offers system
// tables and functions that users may not use, so names are chosen again here.
func userHint(d duckError, rest string, cat *Catalog) string {
	switch {
	case d.Subtype == "MISSING_ENTRY" && strings.Contains(d.EntryType, "Function"):
		return didYouMean(nearest(strings.ToLower(d.Name), allowedNames()))
	case d.Subtype == "MISSING_ENTRY":
		return didYouMean(nearest(strings.ToLower(d.Name), cat.names()))
	case d.Subtype == "COLUMN_NOT_FOUND" && d.Candidates != "":
		names := strings.Split(d.Candidates, ",")
		if near := nearest(strings.ToLower(d.Name), names); near != "" {
			return didYouMean(near)
		}
		return "columns that are near: " + strings.Join(names, ", ")
	case strings.HasPrefix(rest, "Did you mean"), strings.HasPrefix(rest, "Candidate"):
		return scrub(strings.Join(strings.Fields(rest), " "))
	}
	return ""
}

// outOfMemory finds errors of the memory and temp limits that come with another
// type.
var outOfMemory = regexp.MustCompile(`^(failed to (offload|allocate|pin)|could not allocate|Out of Memory|std::bad_alloc)`)

func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return "did you mean " + name + "?"
}

// pathLike finds absolute paths, file URLs and names of data files. Error texts
// lose them: a user has no business with where segments lie.
var pathLike = regexp.MustCompile(`(?:[A-Za-z]:)?(?:/[\w@%+=:,.~-]+){2,}/?|[\w./\\@%+=:~-]*\.(?:parquet|tmp|duckdb|db)\b`)

func scrub(s string) string {
	return strings.TrimSpace(pathLike.ReplaceAllString(s, "<file>"))
}

// lineCol converts a byte offset to a line and a column in characters, from 1.
func lineCol(sql string, off int) (line, col int) {
	off = max(0, min(off, len(sql)))
	before := sql[:off]
	line = 1 + strings.Count(before, "\n")
	if i := strings.LastIndexByte(before, '\n'); i >= 0 {
		before = before[i+1:]
	}
	return line, 1 + utf8.RuneCountInString(before)
}
