package decode

import (
	"bytes"
	"errors"
	"strings"
)

// Envelope describes what stands around the records of an array.
type Envelope struct {
	Array string // path of the array: "Records", "logEvents", "detail.findings"; empty for a bare array
	Head  []byte // a copy of the envelope's bytes before the array
}

// Handler takes the records that a framer finds. Offsets count plain bytes from the object's start.
type Handler interface {
	// Record handles the record that starts at buf[at] and returns the index after it. ErrShort asks
	// for more bytes; a *SyntaxError makes the framer find the record's end itself and reject it. Any
	// other error stops the framer.
	Record(buf []byte, at int, offset int64, env *Envelope) (end int, err error)
	// Reject takes bytes that are no record.
	Reject(data []byte, offset int64, reason error) error
}

// ErrTooLong is the reason of a record that exceeds the window's bound.
var ErrTooLong = errors.New("record is longer than the limit")

// ErrTruncated is the reason of bytes at the end of an object whose record is not complete.
var ErrTruncated = errors.New("the object ends in the middle of this record")

// CloudWatchArray is the array that holds the records of a CloudWatch Logs subscription payload.
const CloudWatchArray = "logEvents"

type jsonFramer struct {
	w       *Window
	arrays  []string
	h       Handler
	env     *Envelope
	inArray bool
	open    int             // wrapper objects to close after the array
	records map[string]bool // first keys of objects known to be records, not wrappers
}

// EachJSON frames JSON: one value after another, on lines of their own or not; arrays of records; and
// objects that hold their records in one of the named arrays (dotted paths).
func EachJSON(w *Window, arrays []string, h Handler) error {
	f := &jsonFramer{w: w, arrays: arrays, h: h, records: map[string]bool{}}
	for {
		done, err := f.step()
		if err != nil {
			return err
		}
		if done {
			return nil
		}
	}
}

func (f *jsonFramer) step() (done bool, err error) {
	w := f.w
	i := skipSpace(w.Buf, 0)
	for i < len(w.Buf) && (w.Buf[i] == ',' || w.Buf[i] == 0xEF && bytes.HasPrefix(w.Buf[i:], bom) || w.Buf[i] == 0x1E) {
		if w.Buf[i] == 0xEF {
			i += 2
		}
		i = skipSpace(w.Buf, i+1)
	}
	w.Discard(i)
	if len(w.Buf) == 0 {
		if w.Fill() {
			return false, nil
		}
		if f.inArray {
			return true, f.rejectRest(ErrTruncated)
		}
		return true, nil
	}
	switch c := w.Buf[0]; {
	case c == ']' && f.inArray:
		w.Discard(1)
		f.inArray = false
		return false, f.closeEnvelope()
	case c == '[' && !f.inArray:
		f.inArray, f.env, f.open = true, &Envelope{}, 0
		w.Discard(1)
		return false, nil
	case c == '{' && !f.inArray:
		return false, f.topObject()
	}
	return false, f.record()
}

var bom = []byte("\xEF\xBB\xBF")

// topObject decides whether the object at the start of the window is a wrapper or a record.
func (f *jsonFramer) topObject() error {
	w := f.w
	for {
		first := firstKey(w.Buf)
		if f.records[string(first)] {
			return f.record()
		}
		at, name, open, err := findArray(w.Buf, 0, "", f.arrays, 1)
		if err == ErrShort && w.Fill() {
			continue
		}
		if err == nil && at > 0 {
			f.env = &Envelope{Array: name, Head: bytes.Clone(w.Buf[:at])}
			f.inArray, f.open = true, open
			w.Discard(at + 1)
			return nil
		}
		if err == nil && len(first) > 0 && len(f.records) < 64 {
			f.records[string(first)] = true
		}
		f.env = nil
		return f.record()
	}
}

func firstKey(b []byte) []byte {
	i := skipSpace(b, 1)
	if i >= len(b) || b[i] != '"' {
		return nil
	}
	e, _ := scanString(b, i+1)
	if e < 0 || e-i > 64 {
		return nil
	}
	return b[i+1 : e]
}

// findArray walks the object at b[i] for the first of the named arrays. It returns the index of its
// bracket, 0 when there is none, and how many objects are open around it.
func findArray(b []byte, i int, prefix string, arrays []string, depth int) (at int, name string, open int, err error) {
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return 0, "", 0, nil
	}
	for {
		if i = skipSpace(b, i); i >= len(b) {
			return 0, "", 0, ErrShort
		}
		if b[i] != '"' {
			return 0, "", 0, &SyntaxError{i, "expected a key"}
		}
		ke, _ := scanString(b, i+1)
		if ke < 0 {
			return 0, "", 0, stringError(i, ke)
		}
		path := prefix + string(b[i+1:ke])
		if i = skipSpace(b, ke+1); i >= len(b) {
			return 0, "", 0, ErrShort
		}
		if b[i] != ':' {
			return 0, "", 0, &SyntaxError{i, "expected a colon"}
		}
		if i = skipSpace(b, i+1); i >= len(b) {
			return 0, "", 0, ErrShort
		}
		for _, a := range arrays {
			if b[i] == '[' && a == path && holdsObjects(b, i) {
				return i, a, depth, nil
			}
			if b[i] == '{' && strings.HasPrefix(a, path+".") {
				at, name, open, err := findArray(b, i, path+".", arrays, depth+1)
				if at > 0 || err != nil {
					return at, name, open, err
				}
				break
			}
		}
		if i, err = skipValue(b, i); err != nil {
			return 0, "", 0, err
		}
		if i = skipSpace(b, i); i >= len(b) {
			return 0, "", 0, ErrShort
		}
		if b[i] == '}' {
			return 0, "", 0, nil
		}
		i++
	}
}

// holdsObjects reports whether the array at b[i] is empty or starts with an object.
func holdsObjects(b []byte, i int) bool {
	i = skipSpace(b, i+1)
	return i >= len(b) || b[i] == '{' || b[i] == ']'
}

// closeEnvelope skips what follows the array up to the end of its wrapper objects.
func (f *jsonFramer) closeEnvelope() error {
	w := f.w
	for f.open > 0 {
		i := skipSpace(w.Buf, 0)
		if i < len(w.Buf) && w.Buf[i] == '}' {
			f.open--
			w.Discard(i + 1)
			continue
		}
		end, err := skipMember(w.Buf, i)
		if err == nil {
			w.Discard(end)
			continue
		}
		if err == ErrShort && w.Fill() {
			continue
		}
		f.open = 0
		if err == ErrShort {
			return f.rejectRest(ErrTruncated)
		}
		return f.rejectRest(err)
	}
	return nil
}

// skipMember skips ,"key":value.
func skipMember(b []byte, i int) (int, error) {
	if i >= len(b) {
		return i, ErrShort
	}
	if b[i] != ',' {
		return i, &SyntaxError{i, "expected a comma after the array of records"}
	}
	if i = skipSpace(b, i+1); i >= len(b) {
		return i, ErrShort
	}
	if b[i] != '"' {
		return i, &SyntaxError{i, "expected a key"}
	}
	ke, _ := scanString(b, i+1)
	if ke < 0 {
		return i, stringError(i, ke)
	}
	if i = skipSpace(b, ke+1); i >= len(b) {
		return i, ErrShort
	}
	if b[i] != ':' {
		return i, &SyntaxError{i, "expected a colon"}
	}
	if i = skipSpace(b, i+1); i >= len(b) {
		return i, ErrShort
	}
	return skipValue(b, i)
}

// record hands the value at the start of the window to the handler.
func (f *jsonFramer) record() error {
	w := f.w
	for {
		buf := w.Buf[:min(len(w.Buf), w.max)]
		end, err := f.h.Record(buf, 0, w.Base, f.env)
		switch {
		case err == nil:
			w.Discard(end)
			return nil
		case err == ErrShort:
			if w.Fill() {
				continue
			}
			if w.Full() {
				return f.rejectLong()
			}
			return f.rejectCut(ErrTruncated)
		}
		var bad *SyntaxError
		if errors.As(err, &bad) {
			return f.rejectBad(err)
		}
		return err
	}
}

// rejectCut rejects a record that never ends: up to the line's end where another object follows on
// the next line, else all the rest.
func (f *jsonFramer) rejectCut(reason error) error {
	if !f.inArray {
		if n := nextLineObject(f.w.Buf); n > 0 {
			err := f.h.Reject(bytes.TrimRight(f.w.Buf[:n], "\r\n"), f.w.Base, reason)
			f.w.Discard(n)
			return err
		}
	}
	return f.rejectRest(reason)
}

func nextLineObject(b []byte) int {
	for i := 0; i < len(b); {
		n := bytes.IndexByte(b[i:], '\n')
		if n < 0 {
			return 0
		}
		i += n + 1
		if i < len(b) && b[i] == '{' {
			return i
		}
	}
	return 0
}

func (f *jsonFramer) rejectBad(reason error) error {
	w := f.w
	for {
		if !f.inArray {
			if n := bytes.IndexByte(w.Buf, '\n'); n >= 0 && (w.Buf[0] != '{' || nextLineObject(w.Buf) == n+1) {
				err := f.h.Reject(bytes.TrimRight(w.Buf[:n], "\r"), w.Base, reason)
				w.Discard(n + 1)
				return err
			}
		}
		if n := balancedEnd(w.Buf); n > 0 {
			err := f.h.Reject(w.Buf[:n], w.Base, reason)
			w.Discard(n)
			return err
		}
		if w.Fill() {
			continue
		}
		if w.Full() {
			return f.rejectLong()
		}
		return f.rejectCut(reason)
	}
}

// balancedEnd finds the end of a bracketed value by counting brackets outside strings; 0 means that
// none was found.
func balancedEnd(b []byte) int {
	if len(b) == 0 || b[0] != '{' && b[0] != '[' {
		return 0
	}
	depth, inString := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// rejectLong rejects a record that is longer than the limit and goes on behind it: at the end of its brackets,
// or at the next line when these cannot be trusted.
func (f *jsonFramer) rejectLong() error {
	w := f.w
	var s skipper
	if n := s.next(w.Buf); n > 0 { // the object is in memory whole
		err := f.h.Reject(w.Buf[:n], w.Base, ErrTooLong)
		w.Discard(n)
		return err
	}
	if err := f.h.Reject(w.Buf, w.Base, ErrTooLong); err != nil {
		return err
	}
	for {
		w.Discard(len(w.Buf))
		if !w.Fill() {
			return nil
		}
		if n := s.next(w.Buf); n > 0 {
			w.Discard(n)
			return nil
		}
	}
}

// skipper finds the end of a JSON value that comes in pieces. A line that ends within a string, or outside of
// brackets, ends the value.
type skipper struct {
	depth             int
	inString, escaped bool
}

// next returns the index after the value in b, 0 when it goes on behind b.
func (s *skipper) next(b []byte) int {
	for i, c := range b {
		switch {
		case c == '\n' && (s.inString || s.depth == 0):
			return i + 1
		case s.escaped:
			s.escaped = false
		case s.inString:
			s.escaped = c == '\\'
			s.inString = c != '"'
		case c == '"':
			s.inString = true
		case c == '{' || c == '[':
			s.depth++
		case c == '}' || c == ']':
			if s.depth--; s.depth <= 0 {
				return i + 1
			}
		}
	}
	return 0
}

func (f *jsonFramer) rejectRest(reason error) error {
	f.inArray = false
	w := f.w
	for !w.Full() && w.Fill() {
	}
	if len(w.Buf) > 0 {
		if err := f.h.Reject(w.Buf, w.Base, reason); err != nil {
			return err
		}
	}
	for {
		w.Discard(len(w.Buf))
		if !w.Fill() {
			return nil
		}
	}
}

// FirstRecord returns the bytes of the first JSON record in the head of an object, which may be cut
// off, and the envelope around it. ok is false when the head is not JSON.
func FirstRecord(head []byte, arrays []string) (record []byte, env *Envelope, ok bool) {
	i := skipSpace(bytes.TrimPrefix(head, bom), 0)
	head = bytes.TrimPrefix(head, bom)[i:]
	if len(head) == 0 || head[0] != '{' && head[0] != '[' {
		return nil, nil, false
	}
	if head[0] == '[' {
		i := skipSpace(head, 1)
		if i < len(head) && head[i] != '{' {
			return nil, nil, false
		}
		return valueAt(head, i), &Envelope{}, true
	}
	at, name, _, _ := findArray(head, 0, "", arrays, 1)
	if at > 0 {
		return valueAt(head, skipSpace(head, at+1)), &Envelope{Array: name, Head: head[:at]}, true
	}
	return valueAt(head, 0), nil, true
}

func valueAt(b []byte, i int) []byte {
	end, err := skipValue(b, i)
	if err != nil {
		return b[min(i, len(b)):]
	}
	return b[i:end]
}
