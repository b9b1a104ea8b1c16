package decode

import "bytes"

// EachLine frames text: a record is a line without its line break, or, when first is given, a line
// for which first is true together with the lines after it for which it is false. Empty lines between
// records are skipped. An unterminated last line is a record unless the stream broke.
func EachLine(w *Window, first func(line []byte) bool, h Handler) error {
	if bytes.HasPrefix(w.Head(len(bom)), bom) {
		w.Discard(len(bom))
	}
	for {
		end, next, ok := recordEnd(w, first)
		if !ok {
			if w.Fill() {
				continue
			}
			if w.Full() {
				if err := rejectLongLine(w, h); err != nil {
					return err
				}
				continue
			}
			end, next = len(w.Buf), len(w.Buf)
			for end > 0 && (w.Buf[end-1] == '\n' || w.Buf[end-1] == '\r') {
				end--
			}
			if end > 0 {
				if w.Err != nil {
					return h.Reject(w.Buf[:end], w.Base, ErrTruncated)
				}
				if err := lineRecord(w, end, h); err != nil {
					return err
				}
			}
			w.Discard(next)
			return nil
		}
		if end > 0 {
			if err := lineRecord(w, end, h); err != nil {
				return err
			}
		}
		w.Discard(next)
	}
}

func lineRecord(w *Window, end int, h Handler) error {
	if end > w.max {
		return h.Reject(w.Buf[:end], w.Base, ErrTooLong)
	}
	_, err := h.Record(w.Buf[:end:end], 0, w.Base, nil)
	if bad, isSyntax := err.(*SyntaxError); isSyntax {
		return h.Reject(w.Buf[:end], w.Base, bad)
	}
	if err == ErrShort {
		return h.Reject(w.Buf[:end], w.Base, ErrTruncated)
	}
	return err
}

// recordEnd returns where the record at the start of the window ends and the next one starts; ok is
// false when the window must grow to tell.
func recordEnd(w *Window, first func([]byte) bool) (end, next int, ok bool) {
	b := w.Buf
	i := 0
	for {
		n := bytes.IndexByte(b[i:], '\n')
		if n < 0 {
			return 0, 0, false
		}
		end, next = i+n, i+n+1
		for end > i && b[end-1] == '\r' {
			end--
		}
		if first == nil || end == 0 {
			return end, next, true
		}
		// the record goes on unless the next line starts another; blank lines at its end are not its
		m := bytes.IndexByte(b[next:], '\n')
		if m < 0 && !w.Final {
			return 0, 0, false
		}
		line := b[next:]
		if m >= 0 {
			line = b[next : next+m]
		}
		if line = bytes.TrimRight(line, "\r"); len(line) == 0 && (m < 0 || next+m+1 >= len(b) && w.Final) || first(line) {
			return end, next, true
		}
		i = next
	}
}

func rejectLongLine(w *Window, h Handler) error {
	if err := h.Reject(w.Buf, w.Base, ErrTooLong); err != nil {
		return err
	}
	for {
		if n := bytes.IndexByte(w.Buf, '\n'); n >= 0 {
			w.Discard(n + 1)
			return nil
		}
		w.Discard(len(w.Buf))
		if !w.Fill() {
			return nil
		}
	}
}
