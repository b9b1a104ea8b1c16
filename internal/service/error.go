package service

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"
)

// Kind says what sort of failure an Error is. Each maps to one HTTP status and one exit code.
type Kind string

// The kinds.
const (
	Invalid     Kind = "invalid"     // the request is wrong
	NotFound    Kind = "not_found"   // what it names does not exist
	Conflict    Kind = "conflict"    // it does not go together with what is there
	Denied      Kind = "denied"      // the caller may not do that
	Unavailable Kind = "unavailable" // not now
	TooLarge    Kind = "too_large"   // over a limit of size, memory or time
	Internal    Kind = "internal"    // ours to mend
)

// Error is how every operation fails.
type Error struct {
	Kind     Kind      `json:"code"`
	Message  string    `json:"message"`
	Hint     string    `json:"hint,omitempty"` // what to do next
	Position *Position `json:"position,omitempty"`

	cause error
}

// Position is a place in the text of a query or statement.
type Position struct {
	Offset int    `json:"offset"` // bytes
	Line   int    `json:"line"`   // from 1
	Column int    `json:"column"` // from 1, in characters
	Source string `json:"source"` // the text
}

// Error gives the message and the hint on one line.
func (e *Error) Error() string {
	if e.Hint != "" {
		return e.Message + " (" + e.Hint + ")"
	}
	return e.Message
}

// Unwrap returns what was wrapped.
func (e *Error) Unwrap() error { return e.cause }

// Wrap makes an error of a kind with a message before the cause's.
func Wrap(kind Kind, message string, cause error) *Error {
	return &Error{Kind: kind, Message: message + ": " + cause.Error(), cause: cause}
}

// AsError returns the Error in err, or makes one: contexts that ended are Unavailable, all else Internal.
func AsError(err error) *Error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &Error{Kind: Unavailable, Message: "the request was cancelled", cause: err}
	}
	return &Error{Kind: Internal, Message: err.Error(), cause: err}
}

// At returns the position of a byte offset in a text.
func At(source string, offset int) *Position {
	offset = max(0, min(offset, len(source)))
	before := source[:offset]
	p := &Position{Offset: offset, Line: 1 + strings.Count(before, "\n"), Source: source}
	p.Column = 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return p
}

// AtLine returns the position of a line and a column, in characters, both from 1.
func AtLine(source string, line, column int) *Position {
	offset := 0
	for range line - 1 {
		i := strings.IndexByte(source[offset:], '\n')
		if i < 0 {
			break
		}
		offset += i + 1
	}
	for range column - 1 {
		if offset >= len(source) {
			break
		}
		_, n := utf8.DecodeRuneInString(source[offset:])
		offset += n
	}
	return At(source, offset)
}
