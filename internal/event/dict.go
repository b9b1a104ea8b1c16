package event

import (
	"bytes"
	"hash/maphash"
	"net/netip"
	"unicode/utf8"
)

var seed = maphash.MakeSeed()

const (
	// plainFrom and plainShare: a column with more distinct values than plainFrom that make up more
	// than a third of its rows stops hashing and only appends, because look-ups no longer pay.
	plainFrom  = 8192
	plainShare = 3
)

type slot struct{ hash, id uint32 }

// Dict interns the values of one column. Ids start at 1; 0 is null. Values live in one arena.
type Dict struct {
	table  []slot
	mask   uint32
	end    []uint32 // value id spans arena[end[id-1]:end[id]]
	hashes []uint32
	arena  []byte
	last   uint32
	plain  bool
	rows   int               // values interned, repeats included
	check  check             // what values must be, asked once per distinct value
	repair map[uint32]uint32 // id of a value that fails the check → id to use instead, 0 for null
}

// check returns what to store in place of v, and whether v is right as it is. nil means null.
type check func(v []byte) (instead []byte, ok bool)

func checkUTF8(v []byte) ([]byte, bool) {
	if utf8.Valid(v) {
		return v, true
	}
	return bytes.ToValidUTF8(v, []byte("\uFFFD")), false
}

// checkIP accepts addresses in canonical text form (RFC 5952 for IPv6), rewrites others to it and
// turns what is no address into null.
func checkIP(v []byte) ([]byte, bool) {
	if len(v) > 64 {
		return nil, false
	}
	if isIPv4(v) {
		return v, true
	}
	a, err := netip.ParseAddr(string(v))
	if err != nil {
		return nil, false
	}
	canonical := a.WithZone("").Unmap().String()
	return []byte(canonical), canonical == string(v)
}

// isIPv4 reports whether v is a dotted quad without leading zeros.
func isIPv4(v []byte) bool {
	part, digits, n := 0, 0, 0
	for _, c := range v {
		switch {
		case c >= '0' && c <= '9':
			if digits > 0 && n == 0 {
				return false
			}
			n = n*10 + int(c-'0')
			if digits++; n > 255 {
				return false
			}
		case c == '.' && digits > 0 && part < 3:
			part, digits, n = part+1, 0, 0
		default:
			return false
		}
	}
	return part == 3 && digits > 0
}

func newDict(c check) *Dict {
	d := &Dict{check: c}
	d.reset()
	return d
}

func (d *Dict) reset() {
	if d.table == nil || len(d.table) > 1<<16 {
		d.table, d.mask = make([]slot, 256), 255
	} else {
		clear(d.table)
	}
	if d.end == nil {
		d.end, d.hashes = []uint32{0}, []uint32{0}
	}
	d.end, d.hashes, d.arena = d.end[:1], d.hashes[:1], d.arena[:0]
	d.last, d.plain, d.rows, d.repair = 0, false, 0, nil
}

// Len returns how many values there are (repeats included once Plain).
func (d *Dict) Len() int { return len(d.end) - 1 }

// Plain reports whether the column has too many distinct values for a dictionary.
func (d *Dict) Plain() bool { return d.plain }

// Value returns the bytes of an id; they are valid until the batch is reset.
func (d *Dict) Value(id uint32) []byte { return d.arena[d.end[id-1]:d.end[id]:d.end[id]] }

// Intern returns the id of v, adding it when it is new.
func (d *Dict) Intern(v []byte) uint32 {
	d.rows++
	if d.last != 0 && string(d.arena[d.end[d.last-1]:d.end[d.last]]) == string(v) {
		return d.last
	}
	if d.plain {
		id := d.add(v)
		d.checkNew(id)
		return id
	}
	h := uint32(maphash.Bytes(seed, v))
	i := h & d.mask
	for d.table[i].id != 0 {
		s := d.table[i]
		if s.hash == h && string(d.arena[d.end[s.id-1]:d.end[s.id]]) == string(v) {
			d.last = s.id
			return s.id
		}
		i = (i + 1) & d.mask
	}
	id := d.add(v)
	d.hashes = append(d.hashes, h)
	d.table[i] = slot{h, id}
	d.checkNew(id)
	if n := uint32(d.Len()); n*2 > d.mask && !d.plain {
		if n >= plainFrom && int(n)*plainShare > d.rows {
			d.plain = true
			return id
		}
		d.grow()
	}
	return id
}

func (d *Dict) add(v []byte) uint32 {
	if len(v) > cap(d.arena)-len(d.arena) {
		d.arena = append(make([]byte, 0, max(1<<10, 2*cap(d.arena), len(d.arena)+len(v))), d.arena...)
	}
	d.arena = append(d.arena, v...)
	if len(d.end) == cap(d.end) {
		d.end = append(make([]uint32, 0, 2*cap(d.end)+64), d.end...)
	}
	d.end = append(d.end, uint32(len(d.arena)))
	d.last = uint32(len(d.end) - 1)
	return d.last
}

func (d *Dict) checkNew(id uint32) {
	if d.check == nil {
		return
	}
	instead, ok := d.check(d.Value(id))
	if ok {
		return
	}
	to := uint32(0)
	if instead != nil {
		to = d.Intern(instead)
	}
	if d.repair == nil {
		d.repair = map[uint32]uint32{}
	}
	d.repair[id] = to
}

func (d *Dict) grow() {
	n := (d.mask + 1) * 4
	d.table, d.mask = make([]slot, n), n-1
	for id := 1; id < len(d.end); id++ {
		h := d.hashes[id]
		i := h & d.mask
		for d.table[i].id != 0 {
			i = (i + 1) & d.mask
		}
		d.table[i] = slot{h, uint32(id)}
	}
}
