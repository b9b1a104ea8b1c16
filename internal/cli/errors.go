package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"ashiato/internal/query/kql"
	"ashiato/internal/service"
)

// printError prints what went wrong, where in the query, and what to do next.
func printError(w io.Writer, err error) {
	var e *service.Error
	if !errors.As(err, &e) {
		fmt.Fprintf(w, "ashiato: %s\n", terminal(err.Error()))
		return
	}
	message, hint := terminal(e.Message), terminal(e.Hint)
	if p := e.Position; p != nil {
		// kql.Error draws the caret; SQL looks the same.
		fmt.Fprintf(w, "ashiato: %s\n", (&kql.Error{Query: p.Source, Pos: p.Offset, Msg: message, Hint: hint}).Error())
		return
	}
	fmt.Fprintf(w, "ashiato: %s\n", message)
	if hint != "" {
		fmt.Fprintf(w, "hint: %s\n", hint)
	}
}

// terminal keeps control characters of log records and file names off the terminal. Line breaks stay.
func terminal(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return '�'
		}
		return r
	}, s)
}

// oneLine is terminal without line breaks, cut to n characters.
func oneLine(s string, n int) string {
	s = strings.ReplaceAll(terminal(s), "\n", " ")
	if r := []rune(s); n > 0 && len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
