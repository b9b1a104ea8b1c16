package parquetin

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// boundedAllocator is Arrow's allocator with a ceiling. Past it, it panics with
// ErrTooLarge once armed; allocators have no other way to fail.
type boundedAllocator struct {
	memory.GoAllocator
	limit int64
	held  atomic.Int64 // Free also runs in finalizers
	armed atomic.Bool
}

func (a *boundedAllocator) charge(n int) {
	if held := a.held.Add(int64(n)); held > a.limit && a.armed.Load() {
		a.held.Add(-int64(n))
		panic(fmt.Errorf("%w: more than %d MiB of memory", ErrTooLarge, a.limit>>20))
	}
}

// Allocate implements memory.Allocator.
func (a *boundedAllocator) Allocate(size int) []byte {
	a.charge(size)
	return a.GoAllocator.Allocate(size)
}

// Reallocate implements memory.Allocator.
func (a *boundedAllocator) Reallocate(size int, b []byte) []byte {
	a.charge(size - len(b))
	return a.GoAllocator.Reallocate(size, b)
}

// Free implements memory.Allocator.
func (a *boundedAllocator) Free(b []byte) {
	a.held.Add(-int64(len(b)))
	a.GoAllocator.Free(b)
}

// maxFooter bounds the metadata; a file of 10,000 row groups and 100 columns
// has about this much.
const maxFooter = 256 << 20

// CheckFooter looks at the frame of the file and walks the footer's Thrift
// structure before arrow-go sees it: a list that claims more elements than
// there are bytes would make the Thrift library reserve gigabytes. Whoever gives
// arrow-go a file that may be damaged calls it first.
func CheckFooter(r io.ReaderAt, size int64) error {
	const tail = 8 // footer length, magic
	if size < int64(len(Magic))+tail {
		return fmt.Errorf("%w: %d bytes are too few", ErrCorrupt, size)
	}
	var end [tail]byte
	if _, err := r.ReadAt(end[:], size-tail); err != nil && err != io.EOF {
		return fmt.Errorf("read parquet footer: %w", err)
	}
	switch string(end[4:]) {
	case Magic:
	case "PARE":
		return fmt.Errorf("%w: encrypted", ErrCorrupt)
	default:
		return fmt.Errorf("%w: no %s at the end; not Parquet, or truncated", ErrCorrupt, Magic)
	}
	n := int64(binary.LittleEndian.Uint32(end[:]))
	if n > size-tail-int64(len(Magic)) {
		return fmt.Errorf("%w: footer of %d bytes in a file of %d", ErrCorrupt, n, size)
	}
	if n > maxFooter {
		return fmt.Errorf("%w: footer of %d bytes", ErrTooLarge, n)
	}
	footer := make([]byte, n)
	if _, err := r.ReadAt(footer, size-tail-n); err != nil && err != io.EOF {
		return fmt.Errorf("read parquet footer: %w", err)
	}
	w := thriftWalk{b: footer}
	w.structure(0)
	if w.bad {
		return fmt.Errorf("%w: footer is not a Thrift structure", ErrCorrupt)
	}
	return nil
}

// thriftWalk skips over one value of the Thrift compact protocol
// (thrift-compact-protocol.md) and turns bad where a length points outside.
type thriftWalk struct {
	b   []byte
	bad bool
}

const maxThriftDepth = 32

func (w *thriftWalk) fail() { w.bad, w.b = true, nil }

func (w *thriftWalk) byte() byte {
	if len(w.b) == 0 {
		w.fail()
		return 0
	}
	c := w.b[0]
	w.b = w.b[1:]
	return c
}

func (w *thriftWalk) varint() uint64 {
	v, n := binary.Uvarint(w.b)
	if n <= 0 {
		w.fail()
		return 0
	}
	w.b = w.b[n:]
	return v
}

func (w *thriftWalk) skip(n uint64) {
	if n > uint64(len(w.b)) {
		w.fail()
		return
	}
	w.b = w.b[n:]
}

func (w *thriftWalk) structure(depth int) {
	if depth > maxThriftDepth {
		w.fail()
	}
	for !w.bad {
		head := w.byte()
		kind := head & 0x0f
		if kind == 0 { // stop
			return
		}
		if head>>4 == 0 { // long form of the field id
			w.varint()
		}
		if kind > 2 { // a boolean field has its value in the head
			w.value(kind, depth)
		}
	}
}

func (w *thriftWalk) value(kind byte, depth int) {
	switch kind {
	case 1, 2, 3: // boolean in a list, byte
		w.skip(1)
	case 4, 5, 6: // integers
		w.varint()
	case 7: // double
		w.skip(8)
	case 8: // binary
		w.skip(w.varint())
	case 9, 10: // list, set
		head := w.byte()
		n := uint64(head >> 4)
		if n == 15 {
			n = w.varint()
		}
		if n > uint64(len(w.b)) {
			w.fail()
		}
		if depth > maxThriftDepth {
			w.fail()
		}
		for ; n > 0 && !w.bad; n-- {
			w.value(head&0x0f, depth+1)
		}
	case 12:
		w.structure(depth + 1)
	default: // Parquet has no maps
		w.fail()
	}
}
