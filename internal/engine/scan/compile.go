package scan

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"ashiato/internal/decode"
	"ashiato/internal/event"
	"ashiato/internal/lake/segment"
	"ashiato/internal/lake/tokens"
	"ashiato/internal/logtype"
	"ashiato/internal/query/kql"
)

// checkTypes refuses log types that do not exist.
func (e *Engine) checkTypes(q Query) error {
	for _, t := range q.Types {
		if e.types.Get(t) == nil {
			return fmt.Errorf("there is no log type %q: see ashiato types", t)
		}
	}
	return nil
}

// compile turns a query into a predicate for one log type.
func compile(q Query, t *logtype.Compiled) (pred, error) {
	if q.Node == nil {
		return all{}, nil
	}
	c := &compiler{t: t, query: q.Text, now: time.Now()}
	p, err := c.node(q.Node)
	return p, err
}

type compiler struct {
	t     *logtype.Compiled
	query string
	now   time.Time
}

func (c *compiler) node(n kql.Node) (pred, error) {
	switch n := n.(type) {
	case kql.All:
		return all{}, nil
	case kql.And:
		var out and
		for _, x := range n.Nodes {
			p, err := c.node(x)
			if err != nil {
				return nil, err
			}
			switch p.(type) {
			case none:
				return none{}, nil
			case all:
				continue
			}
			out = append(out, p)
		}
		if len(out) == 0 {
			return all{}, nil
		}
		sort.SliceStable(out, func(i, j int) bool { return cost(out[i]) < cost(out[j]) })
		return out, nil
	case kql.Or:
		var out or
		for _, x := range n.Nodes {
			p, err := c.node(x)
			if err != nil {
				return nil, err
			}
			switch p.(type) {
			case all:
				return all{}, nil
			case none:
				continue
			}
			out = append(out, p)
		}
		if len(out) == 0 {
			return none{}, nil
		}
		return out, nil
	case kql.Not:
		p, err := c.node(n.Node)
		if err != nil {
			return nil, err
		}
		switch p.(type) {
		case all:
			return none{}, nil
		case none:
			return all{}, nil
		}
		return not{p}, nil
	case kql.Match:
		return c.match(n)
	case kql.Exists:
		if isEventID(n.Field) {
			return all{}, nil // who has none of its own is known by object and position
		}
		return c.field(n.Field, nil, nil, func(col int, kind event.Kind) (pred, error) { return anyValue(col, kind), nil })
	case kql.Range:
		return c.rangeNode(n)
	}
	return nil, fmt.Errorf("query holds a %T, which this engine does not know", n)
}

// cost orders the clauses of an and: cheap and selective ones first.
func cost(p pred) int {
	switch p := p.(type) {
	case *column:
		if len(p.hashes) > 0 {
			return 0
		}
		return 2
	case and, or:
		return 3
	case not:
		return 4
	case *freeText:
		return 1
	case *rowPred:
		return 9
	}
	return 5
}

func (c *compiler) fail(pos int, hint, format string, args ...any) error {
	return &kql.Error{Query: c.query, Pos: pos, Msg: fmt.Sprintf(format, args...), Hint: hint}
}

func (c *compiler) match(m kql.Match) (pred, error) {
	if m.Field == "" {
		if m.Value.Pattern != nil {
			return newFreePattern(m.Value), nil
		}
		return newFreeText(m.Value.Text, c.t), nil
	}
	p, err := c.field(m.Field, &m.Value, nil, func(col int, kind event.Kind) (pred, error) { return c.value(col, kind, m) })
	if id := c.t.NativeID(); err == nil && id >= 0 && isEventID(m.Field) {
		// a record of such a type may lack its id
		if derived, ok := c.derivedID(&m.Value).(and); ok {
			return or{p, append(derived, not{anyValue(id, event.Keyword)})}, nil
		}
	}
	return p, err
}

func isEventID(field string) bool {
	switch strings.ToLower(field) {
	case "event.id", "event_id", "_id":
		return true
	}
	return false
}

// field resolves a field and makes a predicate for each column that it names: by ECS name, native name or
// SQL name, wildcards and related.* included; else as a path into a sub-tree column or the record. test, when
// not nil, is what values there must pass in place of being equal to v.
func (c *compiler) field(name string, v *kql.Value, test func([]byte) bool, make func(col int, kind event.Kind) (pred, error)) (pred, error) {
	s := c.t.Schema
	var cols []int
	parts, wild := kql.FieldPattern(name)
	switch {
	case wild:
		for i, col := range s.Columns {
			if i != event.CSkeleton && i != event.CVerbatim && (kql.Value{Pattern: parts}).MatchFold(col.Field) {
				cols = append(cols, i)
			}
		}
	default:
		if len(parts) == 1 {
			name = parts[0].Lit
		}
		lower := strings.ToLower(name)
		switch {
		case lower == "raw" || lower == "event.original":
			return c.raw(v), nil
		case lower == "message":
			return c.message(v), nil
		case strings.HasPrefix(lower, "related."):
			cols = relatedColumns(s, lower)
		case isEventID(name) && c.t.NativeID() < 0:
			return c.derivedID(v), nil
		default:
			if i := s.Lookup(name); i >= 0 && i != event.CSkeleton && i != event.CVerbatim {
				cols = []int{i}
			}
		}
	}
	if len(cols) == 0 {
		if wild {
			return none{}, nil
		}
		if test != nil {
			return c.path(name, nil, test), nil
		}
		return c.path(name, v, nil), nil
	}
	var out or
	for _, i := range cols {
		p, err := make(i, s.Columns[i].Kind)
		if err != nil {
			return nil, err
		}
		if _, never := p.(none); !never {
			out = append(out, p)
		}
	}
	switch len(out) {
	case 0:
		return none{}, nil
	case 1:
		return out[0], nil
	}
	return out, nil
}

func str(v []byte) string { return unsafe.String(unsafe.SliceData(v), len(v)) }

// value compares a column with a value as the column's kind wants it.
func (c *compiler) value(col int, kind event.Kind, m kql.Match) (pred, error) {
	v := m.Value
	p := &column{col: col, kind: kind, low: math.MinInt64, high: math.MaxInt64}
	switch kind {
	case event.Int:
		if v.Pattern != nil {
			p.num = func(x int64) bool { return v.MatchFold(strconv.FormatInt(x, 10)) }
			return p, nil
		}
		n, err := strconv.ParseInt(v.Text, 10, 64)
		if err != nil {
			return none{}, nil
		}
		p.low, p.high = n, n
		p.num = func(x int64) bool { return x == n }
	case event.Float:
		n, err := strconv.ParseFloat(v.Text, 64)
		if err != nil {
			return none{}, nil
		}
		p.float = func(x float64) bool { return x == n }
	case event.Time:
		t, precision, err := kql.ParseTime(v.Text, c.now, time.UTC)
		if err != nil {
			return nil, c.fail(m.ValuePos, "write a time such as 2026-10-20, 2026-10-20T12:30:00Z or now-15m", "%q is not a time", v.Text)
		}
		p.low, p.high = t.UnixMicro(), t.Add(precision).UnixMicro()-1
		p.high = max(p.high, p.low)
		p.num = func(x int64) bool { return x >= p.low && x <= p.high }
	case event.IP:
		return c.address(p, m)
	case event.Text, event.JSON:
		if v.Pattern != nil {
			p.text = anywhere(v)
			return p, nil
		}
		needle := tokens.NewNeedle(v.Text)
		p.hashes = needle.Hashes
		// a Needle has a buffer of its own, and units run side by side
		p.text = func(x []byte) bool { return needle.Clone().In(x) }
	default:
		if v.Pattern == nil && kind != event.List {
			p.hashes = tokens.NewNeedle(v.Text).Hashes
		}
		p.text = func(x []byte) bool { return v.MatchFold(str(x)) }
	}
	return p, nil
}

func anywhere(v kql.Value) func([]byte) bool {
	w := kql.Value{Pattern: append(append([]kql.Part{{Any: true}}, v.Pattern...), kql.Part{Any: true})}
	return func(x []byte) bool { return w.MatchFold(str(x)) }
}

// address compares an IP column with an address or a network.
func (c *compiler) address(p *column, m kql.Match) (pred, error) {
	v := m.Value
	if v.Pattern != nil {
		p.text = func(x []byte) bool { return v.MatchFold(str(x)) }
		return p, nil
	}
	if strings.Contains(v.Text, "/") {
		prefix, err := netip.ParsePrefix(v.Text)
		if err != nil {
			return nil, c.fail(m.ValuePos, "write a network such as 203.0.113.0/24 or 2001:db8::/32", "%q is not a network", v.Text)
		}
		prefix = prefix.Masked()
		p.text = func(x []byte) bool {
			a, err := netip.ParseAddr(str(x))
			return err == nil && prefix.Contains(a)
		}
		return p, nil
	}
	a, err := netip.ParseAddr(v.Text)
	if err != nil {
		return none{}, nil
	}
	want := a.WithZone("").Unmap().String()
	p.hashes = tokens.NewNeedle(want).Hashes
	p.text = func(x []byte) bool { return str(x) == want }
	return p, nil
}

// raw looks into the record as delivered.
func (c *compiler) raw(v *kql.Value) pred {
	switch {
	case v == nil:
		return all{}
	case v.Pattern != nil:
		match := anywhere(*v)
		return &rowPred{pre: all{}, test: func(_ *unit, rows *segment.Rows, i int) (bool, error) {
			raw, err := rows.Raw(nil, i)
			return err == nil && match(raw), err
		}}
	}
	return newFreeText(v.Text, c.t)
}

func (c *compiler) message(v *kql.Value) pred {
	if c.t.Message == nil {
		return none{}
	}
	var match func([]byte) bool
	switch {
	case v == nil:
		return all{}
	case v.Pattern != nil:
		match = anywhere(*v)
	default:
		match = func(x []byte) bool { return tokens.NewNeedle(v.Text).In(x) }
	}
	return &rowPred{pre: all{}, test: func(u *unit, rows *segment.Rows, i int) (bool, error) {
		e := &Event{Type: u.t, rows: rows, i: i}
		return match([]byte(e.Message())), nil
	}}
}

// objectIDLength is how many hex digits an object's id has (docs/FORMATS.md, Identities).
const objectIDLength = 32

// derivedID finds an event by its object's id and position.
func (c *compiler) derivedID(v *kql.Value) pred {
	if v == nil {
		return all{}
	}
	object, position, ok := strings.Cut(v.Text, "-")
	n, err := strconv.ParseInt(position, 10, 64)
	if !ok || err != nil || v.Pattern != nil || len(object) != objectIDLength {
		return none{}
	}
	object = strings.ToLower(object)
	return and{
		&column{col: event.CObjectID, kind: event.Keyword, text: func(x []byte) bool { return string(x) == object }},
		&column{col: event.CObjectOffset, kind: event.Int, low: n, high: n, num: func(x int64) bool { return x == n }},
	}
}

// path looks at a path of the record that no column holds. When a prefix of it is a sub-tree column, only
// that is read; else whole records are, of those rows that hold the value's tokens or the path's keys.
func (c *compiler) path(name string, v *kql.Value, match func([]byte) bool) pred {
	subtrees := v == nil && match == nil
	switch {
	case match != nil:
	case v == nil:
		match = func(x []byte) bool { return x != nil }
	default:
		match = func(x []byte) bool { return x != nil && v.MatchFold(str(x)) }
	}
	atPath := func(record []byte, path string) bool {
		found := false
		decode.EachJSONPath(record, path, func(x []byte) {
			if !found && (len(x) == 0 || x[0] != '{' && x[0] != '[') {
				found = match(decode.JSONText(x))
			} else if !found {
				found = subtrees || match(x)
			}
		})
		return found
	}
	s := c.t.Schema
	for i := len(name) - 1; i > 0; i-- {
		if name[i] != '.' && name[i] != '[' {
			continue
		}
		col := s.Lookup(name[:i])
		if col < 0 || s.Columns[col].Kind != event.JSON {
			continue
		}
		rest := strings.TrimPrefix(name[i:], ".")
		p := &column{col: col, kind: event.JSON, text: func(x []byte) bool { return atPath(x, rest) }}
		if v != nil && v.Pattern == nil {
			p.hashes = tokens.NewNeedle(v.Text).Hashes
		}
		return p
	}
	if c.t.Framing != logtype.JSON {
		return none{}
	}
	keys := strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == '[' || r == ']' || r == '*' })
	if len(keys) == 0 {
		return none{}
	}
	pre := pred(newFreeText(keys[len(keys)-1], c.t))
	if v != nil && v.Pattern == nil && strings.TrimSpace(v.Text) != "" {
		f := newFreeText(v.Text, c.t)
		if ft, ok := f.(*freeText); ok && len(ft.whole.hashes) > 0 {
			pre = and{pre, f}
		}
	}
	return &rowPred{pre: pre, test: func(_ *unit, rows *segment.Rows, i int) (bool, error) {
		raw, err := rows.Raw(nil, i)
		if err != nil {
			return false, err
		}
		return atPath(raw, name) || atPath(raw, "detail."+name), nil
	}}
}

func firstAtPath(record []byte, path string) []byte {
	var out []byte
	decode.EachJSONPath(record, path, func(v []byte) {
		if out == nil {
			out = slices.Clone(v)
		}
	})
	return out
}

func (c *compiler) rangeNode(r kql.Range) (pred, error) {
	text := compareText(r)
	return c.field(r.Field, &kql.Value{Text: r.Value}, text, func(col int, kind event.Kind) (pred, error) {
		p := &column{col: col, kind: kind, low: math.MinInt64, high: math.MaxInt64}
		switch kind {
		case event.Int:
			n, err := strconv.ParseFloat(r.Value, 64)
			if err != nil {
				return nil, c.fail(r.ValuePos, r.Field+" holds numbers", "%q is not a number", r.Value)
			}
			p.num = func(x int64) bool { return compareOp(r.Op, float64(x)-n) }
			if i, err := strconv.ParseInt(r.Value, 10, 64); err == nil { // exact beyond 2^53 too
				p.num = func(x int64) bool { return compareOp(r.Op, float64(cmp.Compare(x, i))) }
			}
			switch r.Op {
			case kql.Greater, kql.GreaterEqual:
				p.low = int64(math.Floor(n))
			default:
				p.high = int64(math.Ceil(n))
			}
		case event.Float:
			n, err := strconv.ParseFloat(r.Value, 64)
			if err != nil {
				return nil, c.fail(r.ValuePos, r.Field+" holds numbers", "%q is not a number", r.Value)
			}
			p.float = func(x float64) bool { return compareOp(r.Op, x-n) }
		case event.Time:
			t, precision, err := kql.ParseTime(r.Value, c.now, time.UTC)
			if err != nil {
				return nil, c.fail(r.ValuePos, "write a time such as 2026-10-20 or now-15m", "%q is not a time", r.Value)
			}
			start, end := t.UnixMicro(), max(t.Add(precision).UnixMicro(), t.UnixMicro()+1)
			switch r.Op {
			case kql.Greater:
				p.low = end
			case kql.GreaterEqual:
				p.low = start
			case kql.Less:
				p.high = start - 1
			case kql.LessEqual:
				p.high = end - 1
			}
			p.num = func(x int64) bool { return x >= p.low && x <= p.high }
		case event.IP:
			b, err := netip.ParseAddr(r.Value)
			if err != nil {
				return nil, c.fail(r.ValuePos, r.Field+" holds addresses", "%q is not an address", r.Value)
			}
			p.text = func(x []byte) bool {
				a, err := netip.ParseAddr(str(x))
				return err == nil && a.BitLen() == b.BitLen() && compareOp(r.Op, float64(a.Compare(b)))
			}
		default:
			p.text = text
		}
		return p, nil
	})
}

// compareText compares as numbers when the bound is one, else as text without regard to case.
func compareText(r kql.Range) func([]byte) bool {
	if n, err := strconv.ParseFloat(r.Value, 64); err == nil {
		return func(x []byte) bool {
			f, err := strconv.ParseFloat(str(x), 64)
			return err == nil && compareOp(r.Op, f-n)
		}
	}
	bound := strings.ToLower(r.Value)
	return func(x []byte) bool {
		return x != nil && compareOp(r.Op, float64(strings.Compare(strings.ToLower(str(x)), bound)))
	}
}

func compareOp(op kql.Op, d float64) bool {
	switch op {
	case kql.Greater:
		return d > 0
	case kql.GreaterEqual:
		return d >= 0
	case kql.Less:
		return d < 0
	}
	return d <= 0
}
