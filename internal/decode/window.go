// Package decode finds records in the bytes of an object: lines, multi-line text and JSON in all the
// shapes that AWS delivers. It reads through a window, so memory does not grow with the object.
package decode

import (
	"errors"
	"io"
)

// DefaultMaxRecord bounds one record, in bytes. A longer one becomes a reject.
const DefaultMaxRecord = 16 << 20

// ErrShort is returned by a record handler when the record goes on after the end of the buffer.
var ErrShort = errors.New("record is cut off")

// Window is a growing view on a stream: Buf holds the bytes from Base on. When Final is set, Buf
// reaches to the end of the object.
type Window struct {
	Buf   []byte
	Base  int64 // offset of Buf[0] in the stream
	Final bool
	Err   error // the read error that ended the stream early, nil at a proper end
	r     io.Reader
	own   []byte
	max   int
}

// NewWindow returns a window over r that never holds much more than maxRecord bytes.
func NewWindow(r io.Reader, maxRecord int) *Window {
	return &Window{r: r, max: maxRecord}
}

// WholeWindow returns a window over bytes that are all there.
func WholeWindow(b []byte, maxRecord int) *Window {
	return &Window{Buf: b, Final: true, max: maxRecord}
}

// Discard drops the first n bytes of Buf.
func (w *Window) Discard(n int) {
	w.Buf = w.Buf[n:]
	w.Base += int64(n)
}

// Full reports whether Buf has reached the bound of a record.
func (w *Window) Full() bool { return len(w.Buf) >= w.max }

const windowStep = 1 << 20

// Fill reads more bytes behind those in Buf. It returns false when there are no more, or when the
// window is full.
func (w *Window) Fill() bool {
	if w.Final || w.Full() {
		return false
	}
	if cap(w.own)-len(w.own) < windowStep/2 || len(w.own) != 0 && &w.own[0] != firstByte(w.Buf) {
		need := max(windowStep, 2*len(w.Buf))
		if cap(w.own) < need {
			grown := make([]byte, len(w.Buf), need+windowStep/2)
			copy(grown, w.Buf)
			w.own = grown
		} else {
			w.own = w.own[:copy(w.own[:cap(w.own)], w.Buf)]
		}
	}
	n := len(w.own)
	for n < cap(w.own) {
		k, err := w.r.Read(w.own[n:cap(w.own)])
		n += k
		if err != nil {
			w.Final = true
			if err != io.EOF {
				w.Err = err
			}
			break
		}
		if k > 0 && n-len(w.own) >= 64<<10 {
			break
		}
	}
	got := n > len(w.own)
	w.own = w.own[:n]
	w.Buf = w.own
	return got
}

func firstByte(b []byte) *byte {
	if len(b) == 0 {
		return nil
	}
	return &b[0]
}

// Head returns up to n bytes from the start without consuming them.
func (w *Window) Head(n int) []byte {
	for len(w.Buf) < n && w.Fill() {
	}
	return w.Buf[:min(n, len(w.Buf))]
}
