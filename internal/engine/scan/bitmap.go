package scan

import "math/bits"

// bitmap marks rows of a row group.
type bitmap []uint64

func newBitmap(rows int) bitmap { return make(bitmap, (rows+63)/64) }

// fullBitmap marks rows from..to of a group.
func fullBitmap(rows, from, to int) bitmap {
	b := newBitmap(rows)
	for i := from; i < to; {
		if i&63 == 0 && i+64 <= to {
			b[i>>6] = ^uint64(0)
			i += 64
			continue
		}
		b.set(i)
		i++
	}
	return b
}

func (b bitmap) set(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b bitmap) has(i int) bool { return b[i>>6]>>(i&63)&1 != 0 }

func (b bitmap) count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

func (b bitmap) empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

// any reports whether a row of from..to is marked.
func (b bitmap) any(from, to int) bool {
	for i := from; i < to; {
		if i&63 == 0 && i+64 <= to {
			if b[i>>6] != 0 {
				return true
			}
			i += 64
			continue
		}
		if b.has(i) {
			return true
		}
		i++
	}
	return false
}

func (b bitmap) or(o bitmap) {
	for i := range b {
		b[i] |= o[i]
	}
}

func (b bitmap) andNot(o bitmap) bitmap {
	out := make(bitmap, len(b))
	for i := range b {
		out[i] = b[i] &^ o[i]
	}
	return out
}

// each calls f for every marked row, ascending.
func (b bitmap) each(f func(row int)) {
	for i, w := range b {
		for w != 0 {
			f(i<<6 + bits.TrailingZeros64(w))
			w &= w - 1
		}
	}
}

func (b bitmap) rows() []int {
	out := make([]int, 0, b.count())
	b.each(func(r int) { out = append(out, r) })
	return out
}
