package segment

import (
	"fmt"

	"ashiato/internal/event"
	"ashiato/internal/lake/parquet"
)

// Rows holds whole events fetched from one row group, column by column.
type Rows struct {
	schema  *event.Schema
	N       int
	place   []int // column of the file → column of the schema, -1 when that has it no more
	columns []rowsColumn
}

type rowsColumn struct {
	texts [][]byte // text, and encoded lists
	ints  []int64
}

// Places maps the columns of the segment's file to those of a schema, -1 for one that it lacks. Markers in
// skeletons count the columns of their own file.
func (s *Segment) Places(schema *event.Schema) []int {
	out := make([]int, len(s.fields))
	for i, f := range s.fields {
		out[i] = schema.Index(f.Name)
	}
	return out
}

// Fetch decodes the given rows of a group, ascending, with the columns for which want is true (nil: all).
func (r *Reader) Fetch(s *Segment, schema *event.Schema, group int, rows []int, want []bool) (*Rows, error) {
	out := &Rows{schema: schema, N: len(rows), place: s.Places(schema), columns: make([]rowsColumn, len(schema.Columns))}
	g := &s.Groups[group]
	for i, col := range schema.Columns {
		c := s.Column(col.Name)
		if c < 0 || want != nil && !want[i] || g.IsNull(c) {
			continue
		}
		if err := r.fetchColumn(s, g, group, c, col.Kind, rows, &out.columns[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *Reader) fetchColumn(s *Segment, g *Group, group, c int, kind event.Kind, rows []int, out *rowsColumn) error {
	meta := &g.Columns[c]
	for k := 0; k < len(rows); {
		page := meta.PageOf(rows[k])
		p := meta.Pages[page]
		end := k
		for end < len(rows) && rows[end] < p.FirstRow+p.Rows {
			end++
		}
		if err := r.fetchPage(s, group, c, page, kind, rows[k:end], p.FirstRow, out); err != nil {
			return err
		}
		k = end
	}
	return nil
}

func (r *Reader) fetchPage(s *Segment, group, c, page int, kind event.Kind, rows []int, first int, out *rowsColumn) error {
	switch kind.Stored() {
	case event.StoreInt, event.StoreFloat:
		if d, err := r.Dict(s, group, c); err != nil {
			return err
		} else if d != nil {
			ids, err := r.fewIndices(s, group, c, page, rows, first)
			if err != nil {
				return err
			}
			for _, id := range ids {
				switch {
				case id == 0:
					out.ints = append(out.ints, event.NullInt)
				case int(id) > len(d.Ints):
					return s.wrap(parquet.ErrFormat, c)
				default:
					out.ints = append(out.ints, d.Ints[id-1])
				}
			}
			return nil
		}
		v, err := r.Ints(s, group, c, page)
		if err != nil {
			return err
		}
		for _, row := range rows {
			out.ints = append(out.ints, v[row-first])
		}
	case event.StoreList:
		l, err := r.Lists(s, group, c, page)
		if err != nil {
			return err
		}
		for _, row := range rows {
			var enc []byte
			l.Each(row-first, func(e []byte) { enc = event.AppendList(enc, e) })
			out.texts = append(out.texts, enc)
		}
	default:
		if s.Groups[group].IsPlainText(c) {
			t, err := r.Texts(s, group, c, page)
			if err != nil {
				return err
			}
			for _, row := range rows {
				v := t.Value(row - first)
				if v != nil {
					v = append(make([]byte, 0, len(v)), v...)
				}
				out.texts = append(out.texts, v)
			}
			return nil
		}
		ids, err := r.fewIndices(s, group, c, page, rows, first)
		if err != nil {
			return err
		}
		return r.values(s, group, c, ids, out)
	}
	return nil
}

// frameValues: fetching that many values frame by frame beats decoding a dictionary of as many frames.
const frameValues = 4

// values appends the dictionary's values for 1 + their indices, null for 0. When they are few and the dictionary is
// large and not at hand, only the frames that hold them are decoded.
func (r *Reader) values(s *Segment, group, c int, ids []uint32, out *rowsColumn) error {
	meta := &s.Groups[group].Columns[c]
	for _, id := range ids {
		if int(id) > meta.DictSize {
			return s.wrap(parquet.ErrFormat, c)
		}
	}
	d := s.cachedDict(group, c)
	if d == nil && len(meta.Frames) > frameValues*len(ids) {
		return r.framedValues(s, group, c, ids, out)
	}
	d, err := r.Dict(s, group, c)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if id == 0 {
			out.texts = append(out.texts, nil)
		} else {
			out.texts = append(out.texts, d.Value(int(id-1)))
		}
	}
	return nil
}

func (r *Reader) framedValues(s *Segment, group, c int, ids []uint32, out *rowsColumn) error {
	meta := &s.Groups[group].Columns[c]
	var d *Dict
	from, to := 0, 0 // values of d
	for _, id := range ids {
		if id == 0 {
			out.texts = append(out.texts, nil)
			continue
		}
		k := int(id - 1)
		if d == nil || k < from || k >= to {
			at := meta.Offset + int64(meta.DictHeader)
			from = 0
			var f parquet.Frame
			for _, f = range meta.Frames {
				if k < from+f.Values {
					break
				}
				from += f.Values
				at += int64(f.Length)
			}
			to = from + f.Values
			b, err := r.read(s, at, f.Length)
			if err != nil {
				return err
			}
			d = &Dict{}
			if d.arena, d.ends, err = r.dec.TextDictionary(b, f.Raw, f.Values); err != nil {
				return s.wrap(err, c)
			}
		}
		out.texts = append(out.texts, d.Value(k-from))
	}
	return nil
}

// fewIndices decodes the dictionary indices of rows of a page that starts at row first: one by one when they
// are few, else the page.
func (r *Reader) fewIndices(s *Segment, group, c, page int, rows []int, first int) ([]uint32, error) {
	r.at = r.at[:0]
	for _, row := range rows {
		r.at = append(r.at, row-first)
	}
	if len(rows)*16 < s.Groups[group].Columns[c].Pages[page].Rows {
		return r.IndicesAt(s, group, c, page, r.at)
	}
	all, err := r.Indices(s, group, c, page)
	if err != nil {
		return nil, err
	}
	for i, at := range r.at { // rows ascend, so nothing is overwritten before it is read
		all[i] = all[at]
	}
	return all[:len(rows)], nil
}

// Text returns the value of a text column, or the encoded form of a list; nil for null.
func (f *Rows) Text(column, i int) []byte {
	if t := f.columns[column].texts; i < len(t) {
		return t[i]
	}
	return nil
}

// Int returns the value of an Int or Time column, event.NullInt for null; of a Float column the bits.
func (f *Rows) Int(column, i int) int64 {
	if v := f.columns[column].ints; i < len(v) {
		return v[i]
	}
	return event.NullInt
}

// Raw appends the record of a row exactly as it was delivered.
func (f *Rows) Raw(dst []byte, i int) ([]byte, error) {
	if v := f.Text(event.CVerbatim, i); v != nil {
		return append(dst, v...), nil
	}
	sk := f.Text(event.CSkeleton, i)
	if sk == nil {
		return dst, fmt.Errorf("row has neither skeleton nor verbatim record")
	}
	return event.Rebuild(dst, sk, func(dst []byte, c int, format event.Format) ([]byte, error) {
		if c >= len(f.place) || f.place[c] < 0 {
			return dst, fmt.Errorf("the record refers to column %d of its file, which this program does not know", c)
		}
		c = f.place[c]
		switch kind := f.schema.Columns[c].Kind; kind.Stored() {
		case event.StoreInt:
			return event.AppendInt(dst, f.Int(c, i), kind, format), nil
		case event.StoreFloat:
			return event.AppendFloat(dst, Float(f.Int(c, i)), format), nil
		default:
			return event.AppendText(dst, f.Text(c, i), format), nil
		}
	})
}
