package segment

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"sort"
	"sync"
	"syscall"

	"ashiato/internal/event"
	"ashiato/internal/lake/parquet"
)

// Segment is an open segment. It is safe for concurrent use; a Reader per goroutine decodes from it.
type Segment struct {
	Info   Info
	Groups []Group
	fields []parquet.Field
	byName map[string]int
	file   *os.File
	size   int64 // bytes held in memory by the side-car

	mu    sync.Mutex
	dicts map[dictKey]*Dict
	held  int64 // bytes of dictionaries
}

type dictKey struct{ group, column int }

// Dict is a decoded dictionary of text.
type Dict struct {
	arena []byte
	ends  []uint32
	Ints  []int64 // of Int and Time columns (and floats, as bits)
}

// Len returns the number of values.
func (d *Dict) Len() int { return len(d.ends) }

// Value returns the value with an index.
func (d *Dict) Value(i int) []byte {
	start := uint32(0)
	if i > 0 {
		start = d.ends[i-1]
	}
	return d.arena[start:d.ends[i]:d.ends[i]]
}

// At returns the index of the value that the byte at an offset of Bytes belongs to.
func (d *Dict) At(offset int) int { return valueAt(d.ends, offset) }

func valueAt(ends []uint32, offset int) int {
	return sort.Search(len(ends), func(i int) bool { return int(ends[i]) > offset })
}

// Bytes returns all values, one after another.
func (d *Dict) Bytes() []byte { return d.arena }

// Open opens a segment's files. The error wraps ErrSidecar when it is the side-car that is missing, damaged
// or not this segment's.
func Open(dataPath, sidecarPath string, info Info) (*Segment, error) {
	side, err := os.ReadFile(sidecarPath)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: %s is missing", ErrSidecar, sidecarPath)
	case errors.Is(err, syscall.EIO): // the disk does not give it back
		return nil, fmt.Errorf("%w: %w", ErrSidecar, err)
	case err != nil:
		return nil, err
	}
	fields, groups, err := decodeSidecar(side)
	if err == nil {
		err = info.matches(fields, groups)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", sidecarPath, err)
	}
	f, err := os.Open(dataPath)
	if err != nil {
		return nil, err
	}
	s := &Segment{Info: info, Groups: groups, fields: fields, byName: map[string]int{}, file: f, size: int64(2 * len(side)), dicts: map[dictKey]*Dict{}}
	for i, c := range fields {
		s.byName[c.Name] = i
	}
	return s, nil
}

// matches compares a side-car with what the catalog says: files may have been mixed up.
func (i Info) matches(fields []parquet.Field, groups []Group) error {
	rows, first, last := int64(0), int64(math.MaxInt64), int64(math.MinInt64)
	for _, g := range groups {
		rows, first, last = rows+int64(g.Rows), min(first, g.MinTime), max(last, g.MaxTime)
	}
	if rows != i.Rows || first != i.MinTime || last != i.MaxTime || layoutOf(fields) != i.Layout {
		return fmt.Errorf("%w: it belongs to another segment", ErrSidecar)
	}
	return nil
}

// Close closes the data file.
func (s *Segment) Close() error { return s.file.Close() }

// Column returns the index of a column in this segment, -1 when the segment was written before the
// log type had it.
func (s *Segment) Column(name string) int {
	if i, ok := s.byName[name]; ok {
		return i
	}
	return -1
}

// Memory returns about how many bytes the segment holds in memory.
func (s *Segment) Memory() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size + s.held
}

// DropDicts forgets decoded dictionaries.
func (s *Segment) DropDicts() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.dicts)
	s.held = 0
}

// MayHold reports, from the filters, whether any value of a group's tokenised columns may have the token.
func (g *Group) MayHold(hash uint64) bool {
	if g.shared.Has(hash) {
		return true
	}
	for i := range g.Columns {
		if g.Columns[i].own.Has(hash) {
			return true
		}
	}
	return false
}

// ColumnMayHold reports whether a value of the column may have all the tokens. For a column without a
// filter of its own the shared one answers.
func (g *Group) ColumnMayHold(column int, hashes []uint64) bool {
	c := &g.Columns[column]
	if !c.Filtered {
		return true
	}
	f := c.own
	if f == nil {
		f = g.shared
	}
	return f.HasAll(hashes)
}

// PageMayHold is ColumnMayHold for one page.
func (g *Group) PageMayHold(column, page int, hashes []uint64) bool {
	c := &g.Columns[column]
	if page >= len(c.pages) {
		return true
	}
	return c.pages[page].HasAll(hashes)
}

// Reader decodes columns of segments. One goroutine uses it; slices it returns are valid until the next
// call of the same method.
type Reader struct {
	dec   *parquet.Decoder
	buf   []byte
	ids   []uint32
	ints  []int64
	arena []byte
	ends  []uint32
	nulls []bool
	elems []uint32
	at    []int
}

// NewReader returns a reader.
func NewReader() *Reader { return &Reader{dec: parquet.NewDecoder()} }

func (r *Reader) read(s *Segment, offset int64, n int) ([]byte, error) {
	if cap(r.buf) < n {
		r.buf = make([]byte, n+n/4)
	}
	b := r.buf[:n]
	if _, err := s.file.ReadAt(b, offset); err != nil {
		return nil, fmt.Errorf("read segment %s: %w", s.Info.ID, err)
	}
	return b, nil
}

func (r *Reader) page(s *Segment, c *Column, p parquet.Page) ([]byte, error) {
	return r.read(s, c.Offset+int64(p.Offset+p.Header), p.Length)
}

func (s *Segment) cachedDict(group, column int) *Dict {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dicts[dictKey{group, column}]
}

// Dict returns a column's dictionary of a group, nil when it has none. It is cached in the segment.
func (r *Reader) Dict(s *Segment, group, column int) (*Dict, error) {
	c := &s.Groups[group].Columns[column]
	if c.DictHeader == 0 {
		return nil, nil
	}
	key := dictKey{group, column}
	d := s.cachedDict(group, column)
	if d != nil {
		return d, nil
	}
	b, err := r.read(s, c.Offset+int64(c.DictHeader), c.DictLength)
	if err != nil {
		return nil, err
	}
	d = &Dict{}
	held := int64(c.DictRaw)
	switch s.fields[column].Type {
	case parquet.Int64, parquet.Time, parquet.Double:
		d.Ints, err = r.dec.IntDictionary(b, c.DictRaw, c.DictSize)
	default:
		d.arena, d.ends, err = r.dec.TextDictionary(b, c.DictRaw, c.DictSize)
	}
	if err != nil {
		return nil, fmt.Errorf("segment %s column %s: %w", s.Info.ID, s.fields[column].Name, err)
	}
	s.mu.Lock()
	if s.dicts[key] == nil {
		s.dicts[key] = d
		s.held += held
	}
	s.mu.Unlock()
	return d, nil
}

// Indices returns 1 + the dictionary index of every row of a page of a dictionary column, 0 for null.
func (r *Reader) Indices(s *Segment, group, column, page int) ([]uint32, error) {
	c := &s.Groups[group].Columns[column]
	p := c.Pages[page]
	if c.DictHeader == 0 { // a column without any value
		r.ids = r.ids[:0]
		for range p.Rows {
			r.ids = append(r.ids, 0)
		}
		return r.ids, nil
	}
	b, err := r.page(s, c, p)
	if err != nil {
		return nil, err
	}
	r.ids, err = r.dec.Indices(r.ids[:0], b, p)
	return r.ids, s.wrap(err, column)
}

// IndicesAt is Indices for a few rows of a page, ascending, counted from the page's first.
func (r *Reader) IndicesAt(s *Segment, group, column, page int, rows []int) ([]uint32, error) {
	c := &s.Groups[group].Columns[column]
	p := c.Pages[page]
	r.ids = r.ids[:0]
	if c.DictHeader == 0 {
		for range rows {
			r.ids = append(r.ids, 0)
		}
		return r.ids, nil
	}
	b, err := r.page(s, c, p)
	if err != nil {
		return nil, err
	}
	r.ids, err = r.dec.IndicesAt(r.ids, b, p, rows)
	return r.ids, s.wrap(err, column)
}

func (s *Segment) wrap(err error, column int) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("segment %s column %s: %w", s.Info.ID, s.fields[column].Name, err)
}

// TextPage is a decoded page of text that is stored plain.
type TextPage struct {
	arena []byte
	ends  []uint32
	nulls []bool
}

// Value returns the value of a row of the page, nil for null.
func (t *TextPage) Value(i int) []byte {
	if t.nulls[i] {
		return nil
	}
	start := uint32(0)
	if i > 0 {
		start = t.ends[i-1]
	}
	return t.arena[start:t.ends[i]:t.ends[i]]
}

// At returns the row whose value the byte at an offset of Bytes belongs to.
func (t *TextPage) At(offset int) int { return valueAt(t.ends, offset) }

// Bytes returns all values of the page, one after another.
func (t *TextPage) Bytes() []byte { return t.arena }

// Rows returns how many rows the page has.
func (t *TextPage) Rows() int { return len(t.ends) }

// Texts decodes a page of a column of text that is stored plain.
func (r *Reader) Texts(s *Segment, group, column, page int) (TextPage, error) {
	c := &s.Groups[group].Columns[column]
	p := c.Pages[page]
	b, err := r.page(s, c, p)
	if err != nil {
		return TextPage{}, err
	}
	r.arena, r.ends, r.nulls, err = r.dec.Texts(r.arena[:0], r.ends[:0], r.nulls[:0], b, p)
	return TextPage{r.arena, r.ends, r.nulls}, s.wrap(err, column)
}

// IsPlainText reports whether a column of text is stored plain in a group.
func (g *Group) IsPlainText(column int) bool {
	return g.Columns[column].Encoding == parquet.DeltaLength
}

// IsNull reports whether a column has no value in a group.
func (g *Group) IsNull(column int) bool { return g.Columns[column].Nulls == g.Rows }

// Ints returns the values of a page of an Int or Time column, event.NullInt for null. Floats come as
// the bits of the number.
func (r *Reader) Ints(s *Segment, group, column, page int) ([]int64, error) {
	c := &s.Groups[group].Columns[column]
	p := c.Pages[page]
	r.ints = r.ints[:0]
	if c.Nulls == s.Groups[group].Rows {
		for range p.Rows {
			r.ints = append(r.ints, event.NullInt)
		}
		return r.ints, nil
	}
	if c.DictHeader > 0 {
		d, err := r.Dict(s, group, column)
		if err != nil {
			return nil, err
		}
		ids, err := r.Indices(s, group, column, page)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			switch {
			case id == 0:
				r.ints = append(r.ints, event.NullInt)
			case int(id) > len(d.Ints):
				return nil, s.wrap(parquet.ErrFormat, column)
			default:
				r.ints = append(r.ints, d.Ints[id-1])
			}
		}
		return r.ints, nil
	}
	b, err := r.page(s, c, p)
	if err != nil {
		return nil, err
	}
	r.ints, err = r.dec.Ints(r.ints, b, p, c.Encoding, event.NullInt)
	return r.ints, s.wrap(err, column)
}

// Float turns what Ints returns for a Float column into its number, NaN for null.
func Float(v int64) float64 {
	if v == event.NullInt {
		return math.NaN()
	}
	return math.Float64frombits(uint64(v))
}

// ListPage is a decoded page of lists.
type ListPage struct {
	dict  *Dict
	ends  []uint32
	elems []uint32
}

// Each calls f with the elements of a row's list.
func (l *ListPage) Each(i int, f func(element []byte)) {
	start := uint32(0)
	if i > 0 {
		start = l.ends[i-1]
	}
	for _, e := range l.elems[start:l.ends[i]] {
		f(l.dict.Value(int(e)))
	}
}

// Elements returns the dictionary indices of a row's list.
func (l *ListPage) Elements(i int) []uint32 {
	start := uint32(0)
	if i > 0 {
		start = l.ends[i-1]
	}
	return l.elems[start:l.ends[i]]
}

// Lists decodes a page of a list column.
func (r *Reader) Lists(s *Segment, group, column, page int) (ListPage, error) {
	c := &s.Groups[group].Columns[column]
	p := c.Pages[page]
	if c.DictHeader == 0 {
		r.ends = r.ends[:0]
		for range p.Rows {
			r.ends = append(r.ends, 0)
		}
		return ListPage{ends: r.ends}, nil
	}
	d, err := r.Dict(s, group, column)
	if err != nil {
		return ListPage{}, err
	}
	b, err := r.page(s, c, p)
	if err != nil {
		return ListPage{}, err
	}
	r.ends, r.elems, err = r.dec.ListIndices(r.ends[:0], r.elems[:0], b, p)
	if err == nil {
		for _, e := range r.elems {
			if int(e) >= d.Len() {
				err = parquet.ErrFormat
			}
		}
	}
	return ListPage{d, r.ends, r.elems}, s.wrap(err, column)
}

// PageOf returns the page that holds a row of a column.
func (c *Column) PageOf(row int) int {
	if len(c.Pages) == 1 {
		return 0
	}
	lo, hi := 0, len(c.Pages)-1
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if c.Pages[mid].FirstRow <= row {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}
