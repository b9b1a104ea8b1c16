package event

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Mark is the first byte of a marker in a skeleton. The byte 0xFF occurs in no valid UTF-8; a record
// that holds it anyway is kept verbatim. A marker is Mark, column index + 1, Format + 1.
const Mark = 0xFF

// ErrNoTime is the reason of a record whose event time is missing or unreadable.
var ErrNoTime = errors.New("no event time that can be read")

type span struct {
	start, end int
	col        uint8
	format     Format
}

// Row is the record that a parser is filling. Parsers call the Span methods for values that stand in
// the record as they are and the Set methods for values that were computed or rewritten; only the
// former are taken out of the record. A second value for the same column is ignored and stays in the
// skeleton.
type Row struct {
	b       *Batch
	data    []byte
	spans   []span
	touched []uint8
	scratch []byte
	skel    []byte
	rebuilt []byte
}

// Begin starts a row over data, the buffer that the record lies in. Offsets given to the Span
// methods count from its start. The buffer must not change until Commit or Abort.
func (b *Batch) Begin(data []byte) *Row {
	b.row.begin(data)
	return &b.row
}

func (r *Row) begin(data []byte) {
	r.data, r.spans, r.touched = data, r.spans[:0], r.touched[:0]
}

// Data returns the buffer given to Begin.
func (r *Row) Data() []byte { return r.data }

// Schema returns the schema of the batch.
func (r *Row) Schema() *Schema { return r.b.Schema }

// Has reports whether the column has a value in this row already.
func (r *Row) Has(col int) bool { return r.b.Cols[col].isSet(r.b.N) }

// Text returns the value of a text column in this row, nil when it has none.
func (r *Row) Text(col int) []byte { return r.b.Cols[col].BytesAt(r.b.N) }

// Int returns the value of an Int or Time column in this row, NullInt when it has none.
func (r *Row) Int(col int) int64 { return r.b.Cols[col].Int(r.b.N) }

func (r *Row) intern(col int, v []byte) (id uint32, asIs bool) {
	d := r.b.Cols[col].Dict
	id = d.Intern(v)
	if d.repair != nil {
		if to, bad := d.repair[id]; bad {
			return to, false
		}
	}
	return id, true
}

func (r *Row) touch(col int) bool {
	if r.b.Cols[col].isSet(r.b.N) {
		return false
	}
	r.touched = append(r.touched, uint8(col))
	return true
}

// Span gives a text column the bytes data[start:end]. In an IP column, what is no address is null.
func (r *Row) Span(col, start, end int) {
	if !r.touch(col) {
		return
	}
	id, asIs := r.intern(col, r.data[start:end])
	r.b.Cols[col].SetID(r.b.N, id)
	if asIs {
		r.spans = append(r.spans, span{start, end, uint8(col), AsIs})
	}
}

// SpanEscaped gives a text column the unescaped text of the JSON string whose inside is
// data[start:end].
func (r *Row) SpanEscaped(col, start, end int) { r.SpanQuoted(col, start, end, JSONEscape) }

// SpanQuoted gives a text column the plain text of data[start:end], which is the inside of a string
// quoted as the format says: JSONEscape, SQLEscape or CSVEscape.
func (r *Row) SpanQuoted(col, start, end int, f Format) {
	if !r.touch(col) {
		return
	}
	n, v := len(r.scratch), r.data[start:end]
	switch f {
	case SQLEscape:
		r.scratch = AppendSQLUnescaped(r.scratch, v)
	case CSVEscape:
		r.scratch = AppendCSVUnescaped(r.scratch, v)
	default:
		r.scratch = AppendJSONUnescaped(r.scratch, v)
	}
	plain := r.scratch[n:]
	id, asIs := r.intern(col, plain)
	r.b.Cols[col].SetID(r.b.N, id)
	if asIs {
		m := len(r.scratch)
		r.scratch = AppendText(r.scratch, plain, f)
		if bytes.Equal(r.scratch[m:], v) {
			r.spans = append(r.spans, span{start, end, uint8(col), f})
		}
	}
	r.scratch = r.scratch[:n]
}

// SpanInt gives an Int column the number written at data[start:end]. It returns false, and leaves
// the column null, when that is not an integer of 64 bits.
func (r *Row) SpanInt(col, start, end int) bool {
	v := r.data[start:end]
	n, ok := ParseInt(v)
	if !ok {
		var f float64
		if f, _, ok = parseFloat(v); !ok || f != float64(int64(f)) {
			return false
		}
		r.SetInt(col, int64(f))
		return true
	}
	if r.touch(col) {
		r.b.Cols[col].SetInt(r.b.N, n)
		r.spans = append(r.spans, span{start, end, uint8(col), AsIs})
	}
	return true
}

// SpanFloat gives a Float column the number written at data[start:end]; false when it is none.
func (r *Row) SpanFloat(col, start, end int) bool {
	x, f, exact := parseFloat(r.data[start:end])
	if !exact {
		return false
	}
	if x == 0 && r.data[start] == '-' {
		r.SetFloat(col, 0) // negative zero is how null is stored
		return true
	}
	if r.touch(col) {
		r.b.Cols[col].SetFloat(r.b.N, x)
		r.spans = append(r.spans, span{start, end, uint8(col), f})
	}
	return true
}

// SpanTime gives a Time column the time written at data[start:end]. Format f is tried first; a time
// in another known format is taken too, but its text stays in the skeleton. It returns false when
// the text is no time.
func (r *Row) SpanTime(col, start, end int, f Format) bool {
	v := r.data[start:end]
	us, exact := ParseTime(v, f)
	if !exact {
		for _, g := range [...]Format{RFC3339Sec, RFC3339Milli, RFC3339Micro} {
			if us, exact = ParseTime(v, g); exact {
				f = g
				break
			}
		}
	}
	if !exact {
		var zoned Format
		if us, zoned, exact = parseZoned(v); exact {
			f = zoned
		}
	}
	if !exact {
		var ok bool
		if us, ok = ParseAnyTime(v); !ok {
			return false
		}
		r.SetInt(col, us)
		return true
	}
	if r.touch(col) {
		r.b.Cols[col].SetInt(r.b.N, us)
		r.spans = append(r.spans, span{start, end, uint8(col), f})
	}
	return true
}

// SpanSyslogTime gives a Time column the year-less time written at data[start:end], which the
// caller has read with ParseSyslog.
func (r *Row) SpanSyslogTime(col, start, end int, us int64) {
	if r.touch(col) {
		r.b.Cols[col].SetInt(r.b.N, us)
		r.spans = append(r.spans, span{start, end, uint8(col), Syslog})
	}
}

// SetText gives a text column a value that does not stand in the record as it is.
func (r *Row) SetText(col int, v []byte) {
	if r.touch(col) {
		id, _ := r.intern(col, v)
		r.b.Cols[col].SetID(r.b.N, id)
	}
}

// SetInt gives an Int or Time (µs) column a value.
func (r *Row) SetInt(col int, v int64) {
	if r.touch(col) {
		r.b.Cols[col].SetInt(r.b.N, v)
	}
}

// SetFloat gives a Float column a value.
func (r *Row) SetFloat(col int, v float64) {
	if r.touch(col) {
		r.b.Cols[col].SetFloat(r.b.N, v+0) // turns negative zero into zero
	}
}

// SetList gives a List column its elements; none leave it null.
func (r *Row) SetList(col int, elements ...[]byte) {
	if len(elements) == 0 || !r.touch(col) {
		return
	}
	n := len(r.scratch)
	for _, e := range elements {
		if !utf8.Valid(e) {
			e = bytes.ToValidUTF8(e, []byte("\uFFFD"))
		}
		r.scratch = AppendList(r.scratch, e)
	}
	r.b.Cols[col].SetID(r.b.N, r.b.Cols[col].Dict.Intern(r.scratch[n:]))
	r.scratch = r.scratch[:n]
}

// Touched appends the columns that have a value in this row so far.
func (r *Row) Touched(dst []uint8) []uint8 { return append(dst, r.touched...) }

// Forget takes back a column's value in this row.
func (r *Row) Forget(col int) {
	if i := slices.Index(r.touched, uint8(col)); i >= 0 {
		r.touched = slices.Delete(r.touched, i, i+1)
		r.b.Cols[col].truncate(r.b.N)
		r.spans = slices.DeleteFunc(r.spans, func(g span) bool { return g.col == uint8(col) })
	}
}

// Abort forgets the row.
func (r *Row) Abort() {
	for _, c := range r.touched {
		r.b.Cols[c].truncate(r.b.N)
	}
	r.spans, r.touched = r.spans[:0], r.touched[:0]
}

// Commit adds the row, whose record is data[start:end]. The record is rebuilt from what was stored
// and compared; if it differs it is stored verbatim. ErrNoTime means that the row was not added.
func (r *Row) Commit(start, end int) error {
	b := r.b
	if !b.Cols[CTimestamp].isSet(b.N) {
		r.Abort()
		return ErrNoTime
	}
	record := r.data[start:end]
	if bytes.IndexByte(record, Mark) < 0 && r.buildSkeleton(start, end) {
		b.Cols[CSkeleton].SetID(b.N, b.Cols[CSkeleton].Dict.Intern(r.skel))
		if r.holds() {
			b.N++
			return nil
		}
		b.Cols[CSkeleton].truncate(b.N)
	}
	b.Cols[CVerbatim].SetID(b.N, b.Cols[CVerbatim].Dict.Intern(record))
	b.N++
	return nil
}

func (r *Row) buildSkeleton(start, end int) bool {
	if !slices.IsSortedFunc(r.spans, func(a, b span) int { return a.start - b.start }) {
		slices.SortFunc(r.spans, func(a, b span) int { return a.start - b.start })
	}
	sk, p := r.skel[:0], start
	for _, g := range r.spans {
		if g.start < p || g.end > end {
			return false
		}
		sk = append(sk, r.data[p:g.start]...)
		sk = append(sk, Mark, g.col+1, byte(g.format)+1)
		p = g.end
	}
	r.skel = append(sk, r.data[p:end]...)
	return true
}

// holds reports whether the row rebuilds to its record. The skeleton has been cut from the record along the
// spans, so that is so exactly when each column gives back what stood in its span.
func (r *Row) holds() bool {
	b := r.b
	for _, g := range r.spans {
		c := &b.Cols[g.col]
		var v []byte
		if c.store == StoreBytes && g.format == AsIs {
			v = c.BytesAt(b.N)
		} else {
			v = b.appendValue(r.rebuilt[:0], int(g.col), b.N, g.format)
			r.rebuilt = v
		}
		if !bytes.Equal(v, r.data[g.start:g.end]) {
			return false
		}
	}
	return true
}

// appendValue appends the text of a column's value in a format.
func (b *Batch) appendValue(dst []byte, col, row int, f Format) []byte {
	switch c := &b.Cols[col]; c.store {
	case StoreBytes:
		return AppendText(dst, c.BytesAt(row), f)
	case StoreInt:
		return AppendInt(dst, c.Int(row), b.Schema.Columns[col].Kind, f)
	case StoreFloat:
		return AppendFloat(dst, c.Float(row), f)
	}
	return dst
}

// Rebuild appends the record of a row exactly as it was delivered.
func (b *Batch) Rebuild(dst []byte, row int) ([]byte, error) {
	if v := b.Cols[CVerbatim].BytesAt(row); v != nil {
		return append(dst, v...), nil
	}
	sk := b.Cols[CSkeleton].BytesAt(row)
	if sk == nil {
		return dst, fmt.Errorf("row %d has neither skeleton nor verbatim record", row)
	}
	return b.rebuild(dst, sk, row)
}

func (b *Batch) rebuild(dst, sk []byte, row int) ([]byte, error) {
	for {
		i := bytes.IndexByte(sk, Mark)
		if i < 0 {
			return append(dst, sk...), nil
		}
		if i+2 >= len(sk) || sk[i+1] == 0 || int(sk[i+1]) > len(b.Cols) || sk[i+2] == 0 {
			return dst, fmt.Errorf("bad marker in skeleton")
		}
		dst = append(dst, sk[:i]...)
		dst = b.appendValue(dst, int(sk[i+1]-1), row, Format(sk[i+2]-1))
		sk = sk[i+3:]
	}
}
