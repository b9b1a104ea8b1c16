package segment

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ashiato/internal/event"
	"ashiato/internal/lake/parquet"
	"ashiato/internal/lake/tokens"
)

const (
	// GroupRows bounds a row group: what DuckDB scans in one piece (LAKE-NOTES section 3).
	GroupRows = 122_880
	// ownFilterTokens: a column with more tokens than this gets a filter of its own.
	ownFilterTokens = 2048
	// dictShare: text with more distinct values than rows / dictShare is stored plain.
	dictShare = 2
)

// Info is what the catalog keeps of a segment.
type Info struct {
	ID       string
	Dataset  string
	Day      string // 2026-10-20, UTC
	Rows     int64
	MinTime  int64 // µs
	MaxTime  int64
	Bytes    int64  // data file and side-car
	RawBytes int64  // of the records as delivered
	Layout   string // names of the columns, separated by blanks: later versions of a log type may have more
}

func layoutOf(fields []parquet.Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return strings.Join(names, " ")
}

// Columns returns the names of the columns that the segment has.
func (i Info) Columns() []string { return strings.Fields(i.Layout) }

// DataFile and SidecarFile name a segment's files within the lake directory.
func (i Info) DataFile() string    { return filepath.Join(i.Dataset, i.Day, i.ID+".parquet") }
func (i Info) SidecarFile() string { return filepath.Join(i.Dataset, i.Day, i.ID+".idx") }

// Fields returns the Parquet schema of a log type.
func Fields(s *event.Schema) []parquet.Field {
	out := make([]parquet.Field, len(s.Columns))
	for i, c := range s.Columns {
		out[i].Name = c.Name
		switch c.Kind {
		case event.Binary:
			out[i].Type = parquet.Bytes
		case event.Int:
			out[i].Type = parquet.Int64
		case event.Time:
			out[i].Type = parquet.Time
		case event.Float:
			out[i].Type = parquet.Double
		case event.List:
			out[i].Type = parquet.List
		default:
			out[i].Type = parquet.String
		}
	}
	return out
}

// Writer writes segments. One goroutine uses it.
type Writer struct {
	enc     *parquet.Encoder
	builder tokens.Builder
	shared  tokens.Set
	own     tokens.Set
	page    tokens.Set
	hashes  []uint64
	recent  [8192]uint64
	local   []uint32 // dictionary id → local id of the row group
	used    []uint32 // dictionary ids in order of local id
	ids     []uint32
	ints    []int64
	floats  []float64
}

// NewWriter returns a writer.
func NewWriter() *Writer { return &Writer{enc: parquet.NewEncoder()} }

// Write writes the given rows of a batch, in that order, as one segment below the directory lake. The
// files are complete and synced when it returns; nothing refers to them until the catalog does.
func (w *Writer) Write(lake string, info Info, b *event.Batch, order []uint32) (_ Info, err error) {
	path := filepath.Join(lake, info.DataFile())
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return info, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return info, err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(path)
			os.Remove(filepath.Join(lake, info.SidecarFile()))
		}
	}()
	buf := bufio.NewWriterSize(f, 1<<20)
	fields := Fields(b.Schema)
	pw, err := parquet.NewWriter(buf, fields)
	if err != nil {
		return info, err
	}
	var groups []Group
	var filters []groupFilters
	for p := 0; p < len(order); p += GroupRows {
		g, gf, err := w.group(pw, b, order[p:min(p+GroupRows, len(order))])
		if err != nil {
			return info, err
		}
		groups, filters = append(groups, g), append(filters, gf)
	}
	size, err := pw.Close()
	if err = errors.Join(err, buf.Flush()); err != nil {
		return info, fmt.Errorf("write segment: %w", err)
	}
	if err = errors.Join(f.Sync(), f.Close()); err != nil {
		return info, fmt.Errorf("write segment: %w", err)
	}
	side := encodeSidecar(fields, groups, filters)
	if err = writeFileSync(filepath.Join(lake, info.SidecarFile()), side); err != nil {
		return info, fmt.Errorf("write side-car: %w", err)
	}
	info.Layout = layoutOf(fields)
	info.Dataset, info.Rows, info.Bytes = b.Schema.Dataset, int64(len(order)), size+int64(len(side))
	info.MinTime, info.MaxTime = groups[0].MinTime, groups[0].MaxTime
	for _, g := range groups {
		info.MinTime, info.MaxTime = min(info.MinTime, g.MinTime), max(info.MaxTime, g.MaxTime)
	}
	return info, nil
}

func writeFileSync(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close(), syncDir(filepath.Dir(path)))
}

// syncDir makes the names of new files durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (w *Writer) group(pw *parquet.Writer, b *event.Batch, rows []uint32) (Group, groupFilters, error) {
	n := len(b.Cols)
	g := Group{Rows: len(rows), Columns: make([]Column, n)}
	gf := groupFilters{own: make([][]byte, n), pages: make([][][]byte, n)}
	chunks := make([]*parquet.Chunk, n)
	w.shared.Reset()
	clear(w.recent[:])
	marked := markedColumns(b, rows)
	id := b.Schema.Index(event.ColID)
	var err error
	for i := range b.Cols {
		tokenise := marked[i] || i == event.CSkeleton || i == event.CVerbatim
		filter := tokenise || i == id // ids are looked up for every record that comes in
		chunks[i], gf.own[i], gf.pages[i], err = w.column(&b.Cols[i], b.Schema.Columns[i].Kind, rows, filter)
		if err != nil {
			return g, gf, err
		}
		g.Columns[i].Tokenised, g.Columns[i].Filtered = tokenise, filter
	}
	if gf.shared, err = w.builder.AppendFilter(nil, &w.shared); err != nil {
		return g, gf, err
	}
	if err := pw.RowGroup(len(rows), chunks); err != nil {
		return g, gf, err
	}
	for i, c := range chunks {
		g.Columns[i].Chunk = *c
	}
	g.MinTime, g.MaxTime = chunks[event.CTimestamp].Min, chunks[event.CTimestamp].Max
	return g, gf, nil
}

// markedColumns tells which columns some record of the rows refers to.
func markedColumns(b *event.Batch, rows []uint32) []bool {
	marked := make([]bool, len(b.Cols))
	col := &b.Cols[event.CSkeleton]
	seen := make([]bool, col.Dict.Len()+1)
	for _, r := range rows {
		id := col.ID(int(r))
		if id == 0 || seen[id] {
			continue
		}
		seen[id] = true
		MarkedIn(col.Dict.Value(id), marked)
	}
	return marked
}

// MarkedIn sets the columns that a skeleton's markers name.
func MarkedIn(skeleton []byte, marked []bool) {
	for {
		i := bytes.IndexByte(skeleton, event.Mark)
		if i < 0 || i+2 >= len(skeleton) {
			return
		}
		if c := int(skeleton[i+1]) - 1; c >= 0 && c < len(marked) {
			marked[c] = true
		}
		skeleton = skeleton[i+3:]
	}
}

func (w *Writer) column(c *event.Col, kind event.Kind, rows []uint32, tokenise bool) (ch *parquet.Chunk, own []byte, pages [][]byte, err error) {
	switch kind.Stored() {
	case event.StoreInt:
		if len(c.Ints) == 0 {
			return w.enc.Null(len(rows), parquet.Int64), nil, nil, nil
		}
		w.ints = slices.Grow(w.ints[:0], len(rows))
		for _, r := range rows {
			w.ints = append(w.ints, c.Int(int(r)))
		}
		return w.enc.Ints(w.ints, event.NullInt), nil, nil, nil
	case event.StoreFloat:
		if len(c.Floats) == 0 {
			return w.enc.Null(len(rows), parquet.Double), nil, nil, nil
		}
		w.floats = slices.Grow(w.floats[:0], len(rows))
		for _, r := range rows {
			w.floats = append(w.floats, c.Float(int(r)))
		}
		return w.enc.Floats(w.floats), nil, nil, nil
	case event.StoreList:
		if len(c.IDs) == 0 {
			return w.enc.Null(len(rows), parquet.List), nil, nil, nil
		}
		return w.list(c, rows), nil, nil, nil
	}
	if len(c.IDs) == 0 {
		return w.enc.Null(len(rows), parquet.String), nil, nil, nil
	}
	present := w.localise(c, rows)
	switch {
	case present == 0:
		return w.enc.Null(len(rows), parquet.String), nil, nil, nil
	case len(w.used) > 1024 && len(w.used)*dictShare > present:
		return w.plain(c, rows, tokenise)
	}
	ch = w.enc.Dict(w.ids, len(w.used), func(i int) []byte { return c.Dict.Value(w.used[i]) })
	if tokenise {
		w.own.Reset()
		for _, id := range w.used {
			w.tokensOf(c.Dict.Value(id), &w.own)
		}
		own, err = w.ownOrShared()
	}
	return ch, own, nil, err
}

// localise fills w.ids and w.used with the row group's own dictionary ids and returns how many rows
// have a value. A column without a dictionary counts every value as new.
func (w *Writer) localise(c *event.Col, rows []uint32) (present int) {
	w.ids, w.used = slices.Grow(w.ids[:0], len(rows)), w.used[:0]
	if n := c.Dict.Len() + 1; len(w.local) < n {
		w.local = make([]uint32, n+n/4)
	}
	for _, r := range rows {
		id := c.ID(int(r))
		if id == 0 {
			w.ids = append(w.ids, 0)
			continue
		}
		present++
		if w.local[id] == 0 {
			w.used = append(w.used, id)
			w.local[id] = uint32(len(w.used))
		}
		w.ids = append(w.ids, w.local[id])
	}
	for _, id := range w.used {
		w.local[id] = 0
	}
	return present
}

func (w *Writer) plain(c *event.Col, rows []uint32, tokenise bool) (ch *parquet.Chunk, own []byte, pages [][]byte, err error) {
	ch = w.enc.Plain(len(rows), func(i int) []byte { return c.BytesAt(int(rows[i])) })
	if !tokenise {
		return ch, nil, nil, nil
	}
	w.own.Reset()
	for _, p := range ch.Pages {
		w.page.Reset()
		for _, r := range rows[p.FirstRow : p.FirstRow+p.Rows] {
			if v := c.BytesAt(int(r)); v != nil {
				w.hashes = tokens.Append(w.hashes[:0], v)
				for _, h := range w.hashes {
					w.page.Add(h)
					w.own.Add(h)
				}
			}
		}
		f, err := w.builder.AppendFilter(nil, &w.page)
		if err != nil {
			return nil, nil, nil, err
		}
		pages = append(pages, f)
	}
	own, err = w.builder.AppendFilter(nil, &w.own)
	return ch, own, pages, err
}

func (w *Writer) list(c *event.Col, rows []uint32) *parquet.Chunk {
	present := w.localise(c, rows)
	if present == 0 {
		return w.enc.Null(len(rows), parquet.List)
	}
	lists := make([][]uint32, len(w.used))
	var values [][]byte
	index := map[string]uint32{}
	for i, id := range w.used {
		event.EachElement(c.Dict.Value(id), func(e []byte) {
			k, ok := index[string(e)]
			if !ok {
				k = uint32(len(values))
				index[string(e)] = k
				values = append(values, e)
			}
			lists[i] = append(lists[i], k)
		})
	}
	return w.enc.Lists(w.ids, lists, len(values), func(i int) []byte { return values[i] })
}

func (w *Writer) tokensOf(v []byte, set *tokens.Set) {
	w.hashes = tokens.Append(w.hashes[:0], v)
	for _, h := range w.hashes {
		if slot := &w.recent[h>>51]; *slot != h {
			set.Add(h)
			*slot = h
		}
	}
}

// ownOrShared turns the tokens in w.own into a filter when they are many, and adds them to the shared
// ones when they are few.
func (w *Writer) ownOrShared() ([]byte, error) {
	clear(w.recent[:])
	if w.own.Len() > ownFilterTokens {
		return w.builder.AppendFilter(nil, &w.own)
	}
	w.own.Each(w.shared.Add)
	return nil, nil
}
