package scan

import (
	"strconv"
	"strings"

	"ashiato/internal/event"
	"ashiato/internal/lake/segment"
	"ashiato/internal/lake/tokens"
	"ashiato/internal/logtype"
	"ashiato/internal/query/kql"
)

// freeText finds a text anywhere in the record as delivered, keys included, as whole words.
//
// A text of one token is looked for column by column. One of several tokens is found whole in a column, or
// its tokens are spread over columns: then the records that have all of them are rebuilt and compared.
type freeText struct {
	text    string
	parts   []*textPart // the tokens of the text
	whole   *textPart
	spreads bool // the text may go over the edge of a column
}

// textPart is a text that is looked for within single columns.
type textPart struct {
	text   string
	hashes []uint64
	isInt  bool // may be printed by an Int column
	value  int64
	isTime bool // may be printed by a Time column: from..to
	from   int64
	to     int64
}

func newFreeText(text string, t *logtype.Compiled) pred {
	f := &freeText{text: text, whole: newTextPart(text)}
	if len(f.whole.hashes) == 0 && f.whole.text == "" {
		return none{}
	}
	words := splitWords(text)
	if len(words) > 1 {
		for _, w := range words {
			f.parts = append(f.parts, newTextPart(w))
		}
		f.spreads = t.Framing == logtype.Lines || strings.ContainsFunc(text, func(r rune) bool {
			return r < 0x80 && !strings.ContainsRune("-_./:@+%~", r) && !isAlnum(byte(r)) && r != '\\'
		})
	}
	return f
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// splitWords splits a text into what is one token each: words, IPv4 addresses, UUIDs.
func splitWords(text string) []string {
	var out []string
	b := []byte(text)
	for i := 0; i < len(b); {
		if !isAlnum(b[i]) && b[i] < 0x80 {
			i++
			continue
		}
		j := i
		for j < len(b) && (isAlnum(b[j]) || b[j] >= 0x80) {
			j++
		}
		if j-i == 8 && j < len(b) && b[j] == '-' && tokens.IsUUID(b[i:]) {
			j = i + 36
		} else if j < len(b) && b[j] == '.' && j-i <= 3 {
			if n := ipv4At(b[i:]); n > 0 {
				j = i + n
			}
		}
		out = append(out, string(b[i:j]))
		i = j
	}
	return out
}

func ipv4At(b []byte) int {
	end := 0
	for end < len(b) && (b[end] == '.' || b[end] >= '0' && b[end] <= '9') {
		end++
	}
	if end < len(b) && isAlnum(b[end]) {
		return 0
	}
	parts := strings.Split(strings.TrimRight(string(b[:end]), "."), ".")
	if len(parts) != 4 {
		return 0
	}
	n := 3
	for _, p := range parts {
		if x, err := strconv.Atoi(p); err != nil || x > 255 || len(p) > 3 {
			return 0
		}
		n += len(p)
	}
	return n
}

func newTextPart(text string) *textPart {
	p := &textPart{text: text, hashes: tokens.NewNeedle(text).Hashes}
	if v, ok := event.ParseInt([]byte(text)); ok {
		p.isInt, p.value = true, v
		for _, f := range []event.Format{event.EpochSec, event.EpochMilli, event.EpochMicro} {
			if us, ok := event.ParseTime([]byte(text), f); ok && us > 946684800e6 {
				p.isTime, p.from, p.to = true, us, us+1e6-1
				break
			}
		}
	} else if us, n, ok := timePrefix(text); ok {
		p.isTime, p.from, p.to = true, us, us+n-1
	}
	return p
}

// timePrefix reads a date, or a date and time, as it stands in logs; n is how many µs it covers.
func timePrefix(s string) (us, n int64, ok bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return 0, 0, false
	}
	full := "0000-01-01T00:00:00Z"
	t := strings.TrimSuffix(strings.ToUpper(s), "Z")
	t, _, _ = strings.Cut(t, ".")
	t = strings.Replace(t, " ", "T", 1)
	switch len(t) {
	case 10:
		n = 86400e6
	case 16:
		n = 60e6
	case 19:
		n = 1e6
	default:
		return 0, 0, false
	}
	us, ok = event.ParseTime([]byte(t+full[len(t):]), event.RFC3339Sec)
	return us, n, ok
}

// numeric reports whether some record of the group prints numbers or times that filters do not know.
func (p *textPart) numeric(u *unit) bool { return p.isInt || p.isTime }

func (p *textPart) may(u *unit) bool {
	if p.numeric(u) {
		return true
	}
	for _, h := range p.hashes {
		if !u.g().MayHold(h) {
			return false
		}
	}
	return true
}

// eval marks the candidate rows of which a column holds the part.
func (p *textPart) eval(u *unit, cand bitmap) (bitmap, error) {
	out := make(bitmap, len(cand))
	// one needle looks through many values while the other judges single ones: each has a buffer of its own
	needle, inner := tokens.NewNeedle(p.text), tokens.NewNeedle(p.text)
	for i, col := range u.t.Schema.Columns {
		k := u.columns[i]
		if k < 0 || !u.g().Columns[k].Tokenised || u.g().IsNull(k) {
			continue
		}
		c := &column{col: i, kind: col.Kind}
		switch {
		case col.Kind == event.Time:
			if !p.isTime {
				continue
			}
			c.low, c.high = p.from, p.to
			c.num = func(v int64) bool { return v >= p.from && v <= p.to }
		case col.Kind == event.Int:
			if !p.isInt {
				continue
			}
			c.low, c.high = p.value, p.value
			c.num = func(v int64) bool { return v == p.value }
		case col.Kind.Stored() == event.StoreBytes:
			c.hashes, c.text = p.hashes, inner.In
			c.places = needle.Places
			if i == event.CSkeleton {
				c.text = func(v []byte) bool { return inSkeleton(inner, v) }
			}
		default:
			continue
		}
		if !c.may(u) {
			continue
		}
		b, err := c.eval(u, cand.andNot(out))
		if err == nil {
			b, err = u.inRecord(i, b)
		}
		if err != nil {
			return nil, err
		}
		out.or(b)
	}
	return out, nil
}

// inRecord keeps the rows whose records hold the column's value: the others got it from elsewhere, such as an
// account id from the object's name.
func (u *unit) inRecord(col int, rows bitmap) (bitmap, error) {
	if col == event.CSkeleton || col == event.CVerbatim || rows.empty() {
		return rows, nil
	}
	k := u.columns[event.CSkeleton]
	file := u.columns[col]
	d, err := u.reader.Dict(u.seg, u.group, k)
	if err != nil {
		return nil, err
	}
	marks := func(skeleton []byte) bool {
		for i := 0; i+2 < len(skeleton); i++ {
			if skeleton[i] == event.Mark {
				if int(skeleton[i+1])-1 == file {
					return true
				}
				i += 2
			}
		}
		return false
	}
	c := &column{col: event.CSkeleton, kind: event.Binary, text: marks}
	if d != nil && u.g().Columns[k].Nulls == 0 {
		every := true
		for i := range d.Len() {
			if !marks(d.Value(i)) {
				every = false
				break
			}
		}
		if every {
			return rows, nil
		}
	}
	return c.eval(u, rows)
}

// inSkeleton looks for the needle between the markers.
func inSkeleton(n *tokens.Needle, skeleton []byte) bool {
	for len(skeleton) > 0 {
		end := len(skeleton)
		for i, c := range skeleton {
			if c == event.Mark {
				end = i
				break
			}
		}
		if n.In(skeleton[:end]) {
			return true
		}
		skeleton = skeleton[min(end+3, len(skeleton)):]
	}
	return false
}

func (f *freeText) may(u *unit) bool {
	if len(f.parts) == 0 {
		return f.whole.may(u)
	}
	for _, p := range f.parts {
		if !p.may(u) {
			return false
		}
	}
	return true
}

func (f *freeText) eval(u *unit, cand bitmap) (bitmap, error) {
	out, err := f.whole.eval(u, cand)
	if err != nil || !f.spreads {
		return out, err
	}
	rest := cand.andNot(out)
	for _, p := range f.parts {
		if rest.empty() {
			return out, nil
		}
		if rest, err = p.eval(u, rest); err != nil {
			return nil, err
		}
	}
	needle := tokens.NewNeedle(f.text)
	var raw []byte
	check := &rowPred{pre: all{}, test: func(u *unit, rows *segment.Rows, i int) (bool, error) {
		var err error
		raw, err = rows.Raw(raw[:0], i)
		return err == nil && needle.In(raw), err
	}}
	b, err := check.eval(u, rest)
	if err != nil {
		return nil, err
	}
	out.or(b)
	return out, nil
}

// freePattern finds a text with wildcards within single columns, wherever in a value it stands.
type freePattern struct {
	match   func(v []byte) bool
	literal string // the longest run without wildcards
}

func newFreePattern(v kql.Value) pred {
	f := &freePattern{match: anywhere(v)}
	for _, p := range v.Pattern {
		if len(p.Lit) > len(f.literal) {
			f.literal = p.Lit
		}
	}
	return f
}

func (f *freePattern) may(*unit) bool { return true }

func (f *freePattern) eval(u *unit, cand bitmap) (bitmap, error) {
	out := make(bitmap, len(cand))
	literal := tokens.NewSubstring(f.literal)
	for i, col := range u.t.Schema.Columns {
		k := u.columns[i]
		if k < 0 || !u.g().Columns[k].Tokenised || col.Kind.Stored() != event.StoreBytes {
			continue
		}
		c := &column{col: i, kind: col.Kind, text: f.match, within: literal.In}
		b, err := c.eval(u, cand.andNot(out))
		if err == nil {
			b, err = u.inRecord(i, b)
		}
		if err != nil {
			return nil, err
		}
		out.or(b)
	}
	return out, nil
}
