package segment

import "bytes"

// FindText reports whether a text column of a group has a value, asking the filters first. hashes are
// the value's tokens.
func (r *Reader) FindText(s *Segment, group, column int, value []byte, hashes []uint64) (bool, error) {
	g := &s.Groups[group]
	if g.IsNull(column) || !g.ColumnMayHold(column, hashes) {
		return false, nil
	}
	if !g.IsPlainText(column) {
		d, err := r.Dict(s, group, column)
		if err != nil || d == nil {
			return false, err
		}
		for i := range d.Len() {
			if bytes.Equal(d.Value(i), value) {
				return true, nil
			}
		}
		return false, nil
	}
	for p := range g.Columns[column].Pages {
		if !g.PageMayHold(column, p, hashes) {
			continue
		}
		t, err := r.Texts(s, group, column, p)
		if err != nil {
			return false, err
		}
		for i := range t.Rows() {
			if bytes.Equal(t.Value(i), value) {
				return true, nil
			}
		}
	}
	return false, nil
}
