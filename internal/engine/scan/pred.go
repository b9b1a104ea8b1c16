package scan

import (
	"math"

	"ashiato/internal/event"
	"ashiato/internal/lake/parquet"
	"ashiato/internal/lake/segment"
)

// pred is a predicate compiled for one log type. may asks the filters whether the group can hold a match;
// eval returns which of the candidate rows match.
type pred interface {
	may(u *unit) bool
	eval(u *unit, cand bitmap) (bitmap, error)
}

type all struct{}

func (all) may(*unit) bool                            { return true }
func (all) eval(_ *unit, cand bitmap) (bitmap, error) { return cand, nil }

type none struct{}

func (none) may(*unit) bool { return false }
func (none) eval(_ *unit, cand bitmap) (bitmap, error) {
	return make(bitmap, len(cand)), nil
}

type and []pred

func (a and) may(u *unit) bool {
	for _, p := range a {
		if !p.may(u) {
			return false
		}
	}
	return true
}

func (a and) eval(u *unit, cand bitmap) (bitmap, error) {
	var err error
	for _, p := range a {
		if cand.empty() {
			break
		}
		if cand, err = p.eval(u, cand); err != nil {
			return nil, err
		}
	}
	return cand, nil
}

type or []pred

func (o or) may(u *unit) bool {
	for _, p := range o {
		if p.may(u) {
			return true
		}
	}
	return false
}

func (o or) eval(u *unit, cand bitmap) (bitmap, error) {
	out := make(bitmap, len(cand))
	for _, p := range o {
		if !p.may(u) {
			continue
		}
		rest := cand.andNot(out)
		if rest.empty() {
			break
		}
		b, err := p.eval(u, rest)
		if err != nil {
			return nil, err
		}
		out.or(b)
	}
	return out, nil
}

type not struct{ p pred }

func (not) may(*unit) bool { return true }
func (n not) eval(u *unit, cand bitmap) (bitmap, error) {
	if !n.p.may(u) {
		return cand, nil
	}
	b, err := n.p.eval(u, cand)
	if err != nil {
		return nil, err
	}
	return cand.andNot(b), nil
}

// column is a predicate on one column's values.
type column struct {
	col    int // in the schema
	kind   event.Kind
	hashes []uint64            // tokens that a matching value has; nil when unknown
	text   func(v []byte) bool // text kinds and elements of lists
	num    func(v int64) bool  // Int and Time
	float  func(v float64) bool
	within func(all []byte) bool                 // may any of these values, one after another, match? nil when that cannot be told
	places func(all []byte, f func(at int)) bool // where may one of these values match? see tokens.Needle.Places
	low    int64                                 // Int and Time: matching values lie in low..high
	high   int64
}

func (c *column) may(u *unit) bool {
	k := u.columns[c.col]
	if k < 0 || u.g().IsNull(k) {
		return false
	}
	meta := &u.g().Columns[k]
	if c.num != nil && meta.HasRange && (meta.Max < c.low || meta.Min > c.high) {
		return false
	}
	return len(c.hashes) == 0 || u.g().ColumnMayHold(k, c.hashes)
}

func (c *column) eval(u *unit, cand bitmap) (bitmap, error) {
	out := make(bitmap, len(cand))
	if !c.may(u) {
		return out, nil
	}
	k := u.columns[c.col]
	meta := &u.g().Columns[k]
	var match []bool
	if meta.DictHeader > 0 {
		d, err := u.reader.Dict(u.seg, u.group, k)
		if err != nil {
			return nil, err
		}
		if c.within != nil && !c.within(d.Bytes()) {
			return out, nil
		}
		any := false
		if match, any = c.matchDict(d); !any {
			return out, nil
		}
	}
	for p, page := range meta.Pages {
		if !cand.any(page.FirstRow, page.FirstRow+page.Rows) || len(c.hashes) > 0 && !u.g().PageMayHold(k, p, c.hashes) {
			continue
		}
		if err := c.page(u, k, p, page, match, cand, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// matchDict asks each value of a dictionary once.
func (c *column) matchDict(d *segment.Dict) (match []bool, any bool) {
	n := max(d.Len(), len(d.Ints))
	match = make([]bool, n+1) // match[0] is null
	if c.places != nil && c.places(d.Bytes(), func(at int) {
		if i := d.At(at); !match[i+1] && c.text(d.Value(i)) {
			match[i+1], any = true, true
		}
	}) {
		return match, any
	}
	for i := range n {
		var m bool
		switch {
		case c.num != nil:
			m = c.num(d.Ints[i])
		case c.float != nil:
			m = c.float(math.Float64frombits(uint64(d.Ints[i])))
		default:
			m = c.text(d.Value(i))
		}
		match[i+1] = m
		any = any || m
	}
	return match, any
}

func (c *column) page(u *unit, k, p int, page parquet.Page, match []bool, cand, out bitmap) error {
	switch {
	case c.kind == event.List:
		l, err := u.reader.Lists(u.seg, u.group, k, p)
		if err != nil {
			return err
		}
		for i := range page.Rows {
			for _, e := range l.Elements(i) {
				if match[e+1] && cand.has(page.FirstRow+i) {
					out.set(page.FirstRow + i)
					break
				}
			}
		}
	case match != nil:
		ids, err := u.reader.Indices(u.seg, u.group, k, p)
		if err != nil {
			return err
		}
		for i, id := range ids {
			if int(id) < len(match) && match[id] && cand.has(page.FirstRow+i) {
				out.set(page.FirstRow + i)
			}
		}
	case c.num != nil || c.float != nil:
		v, err := u.reader.Ints(u.seg, u.group, k, p)
		if err != nil {
			return err
		}
		for i, x := range v {
			if x == event.NullInt || !cand.has(page.FirstRow+i) {
				continue
			}
			if c.num != nil && c.num(x) || c.float != nil && c.float(math.Float64frombits(uint64(x))) {
				out.set(page.FirstRow + i)
			}
		}
	default:
		t, err := u.reader.Texts(u.seg, u.group, k, p)
		if err != nil {
			return err
		}
		if c.within != nil && !c.within(t.Bytes()) {
			return nil
		}
		if c.places != nil && c.places(t.Bytes(), func(at int) {
			if i := t.At(at); cand.has(page.FirstRow+i) && c.text(t.Value(i)) {
				out.set(page.FirstRow + i)
			}
		}) {
			return nil
		}
		for i := range page.Rows {
			if !cand.has(page.FirstRow + i) {
				continue
			}
			if v := t.Value(i); v != nil && c.text(v) {
				out.set(page.FirstRow + i)
			}
		}
	}
	return nil
}

// anyValue is the predicate "the column has a value".
func anyValue(col int, kind event.Kind) pred {
	c := &column{col: col, kind: kind, low: math.MinInt64, high: math.MaxInt64}
	switch kind.Stored() {
	case event.StoreInt:
		c.num = func(int64) bool { return true }
	case event.StoreFloat:
		c.float = func(float64) bool { return true }
	default:
		c.text = func([]byte) bool { return true }
	}
	return c
}

// rowPred asks whole records of the candidate rows that pre lets through.
type rowPred struct {
	pre  pred
	test func(u *unit, rows *segment.Rows, i int) (bool, error)
}

func (r *rowPred) may(u *unit) bool { return r.pre.may(u) }

func (r *rowPred) eval(u *unit, cand bitmap) (bitmap, error) {
	cand, err := r.pre.eval(u, cand)
	if err != nil {
		return nil, err
	}
	out := make(bitmap, len(cand))
	const step = 2048
	rows := cand.rows()
	for len(rows) > 0 {
		n := min(step, len(rows))
		f, err := u.reader.Fetch(u.seg, u.t.Schema, u.group, rows[:n], nil)
		if err != nil {
			return nil, err
		}
		for i := range n {
			ok, err := r.test(u, f, i)
			if err != nil {
				return nil, err
			}
			if ok {
				out.set(rows[i])
			}
		}
		rows = rows[n:]
	}
	return out, nil
}
