package lake

import (
	"errors"
	"fmt"
	"os"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"

	"ashiato/internal/decode/parquetin"
	"ashiato/internal/event"
)

// readRows is how many values are decoded at a time.
const readRows = 4096

// maxPage is the largest page that the reader of segments takes (docs/FORMATS.md, Limits).
const maxPage = 1 << 30

// readParquet reads the events of a segment without its side-car, columns by name. arrow-go trusts the
// structure of a file and panics on some damaged ones: this is the boundary where that ends.
func readParquet(path string, s *event.Schema) (b *event.Batch, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	defer func() {
		if p := recover(); p != nil {
			b, err = nil, fmt.Errorf("the file is damaged: %v", p)
		}
	}()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := parquetin.CheckFooter(f, st.Size()); err != nil {
		return nil, err
	}
	props := parquet.NewReaderProperties(nil)
	props.MaxCompressedPageSize, props.MaxUncompressedPageSize = maxPage, maxPage
	pf, err := file.NewParquetReader(f, file.WithReadProps(props))
	if err != nil {
		return nil, err
	}
	r := &fileReader{batch: event.NewBatch(s), file: pf}
	if err := r.read(); err != nil {
		return nil, err
	}
	return r.batch, nil
}

// fileReader fills a batch from a Parquet file that package segment wrote.
type fileReader struct {
	batch  *event.Batch
	file   *file.Reader
	places []int // column of the file → column of the schema, -1 when that lacks it
	def    [readRows]int16
	rep    [readRows]int16
	texts  [readRows]parquet.ByteArray
	ints   [readRows]int64
	floats [readRows]float64
	list   []byte
}

func (r *fileReader) read() error {
	schema := r.file.MetaData().Schema
	for c := range schema.NumColumns() {
		name := schema.Column(c).ColumnPath()[0]
		r.places = append(r.places, r.batch.Schema.Index(name))
	}
	for g := range r.file.NumRowGroups() {
		group := r.file.RowGroup(g)
		for c, to := range r.places {
			if err := r.column(group, c, to); err != nil {
				return fmt.Errorf("column %s: %w", schema.Column(c).ColumnPath()[0], err)
			}
		}
		r.batch.N += int(group.NumRows())
	}
	return nil
}

var errUnknownColumn = errors.New("this program does not know it: use a newer one")

// column reads one column of a row group. Values of a column that the schema lacks are an error: they would
// be lost.
func (r *fileReader) column(group *file.RowGroupReader, c, to int) error {
	chunk, err := group.Column(c)
	if err != nil {
		return err
	}
	at, kind := row{next: r.batch.N, end: r.batch.N + int(group.NumRows())}, event.Keyword
	var col *event.Col
	if to >= 0 {
		col, kind = &r.batch.Cols[to], r.batch.Schema.Columns[to].Kind
	}
	list := kind.Stored() == event.StoreList
	d := chunk.Descriptor()
	if to >= 0 && (d.MaxRepetitionLevel() > 0) != list {
		return errors.New("it is a list, or should be one")
	}
	max := d.MaxDefinitionLevel()
	for chunk.HasNext() {
		// Values are read page by page: they lie in the page's buffer.
		var levels int64
		var values int
		switch chunk := chunk.(type) {
		case *file.ByteArrayColumnChunkReader:
			levels, values, err = chunk.ReadBatchInPage(readRows, r.texts[:], r.def[:], r.rep[:])
		case *file.Int64ColumnChunkReader:
			levels, values, err = chunk.ReadBatchInPage(readRows, r.ints[:], r.def[:], r.rep[:])
		case *file.Float64ColumnChunkReader:
			levels, values, err = chunk.ReadBatchInPage(readRows, r.floats[:], r.def[:], r.rep[:])
		default:
			return fmt.Errorf("values of type %v", chunk.Type())
		}
		if err != nil {
			return err
		}
		if levels == 0 {
			return errors.New("a page without values")
		}
		if want := storage(chunk.Type()); to >= 0 && want != kind.Stored() && !(list && want == event.StoreBytes) {
			return fmt.Errorf("values of type %v", chunk.Type())
		}
		v := 0
		for i := range int(levels) {
			present := r.def[i] == max
			if present && v >= values {
				return errors.New("values are missing")
			}
			switch {
			case !present || to < 0:
				if present && to < 0 {
					return errUnknownColumn
				}
				if list {
					r.flush(col, &at)
				}
			case list:
				if r.rep[i] == 0 {
					r.flush(col, &at)
				}
				r.list = event.AppendList(r.list, r.texts[v])
			default:
				if at.next >= at.end {
					return errors.New("more values than rows")
				}
				if err := r.set(col, kind, at.next, to == event.CSkeleton, v); err != nil {
					return err
				}
			}
			if present {
				v++
			}
			if r.rep[i] == 0 || d.MaxRepetitionLevel() == 0 {
				at.next++
			}
		}
	}
	if err := chunk.Err(); err != nil {
		return err
	}
	if list {
		r.flush(col, &at)
	}
	if at.next != at.end {
		return fmt.Errorf("%d values for %d rows", at.next-r.batch.N, group.NumRows())
	}
	return nil
}

// row counts the rows of a column chunk.
type row struct{ next, end int }

// flush gives the row before the next one the list that was collected.
func (r *fileReader) flush(col *event.Col, at *row) {
	if len(r.list) > 0 {
		col.SetID(at.next-1, col.Dict.Intern(r.list))
		r.list = r.list[:0]
	}
}

// set gives a row the v-th of the values just read.
func (r *fileReader) set(col *event.Col, kind event.Kind, row int, skeleton bool, v int) error {
	switch kind.Stored() {
	case event.StoreInt:
		col.SetInt(row, r.ints[v])
		return nil
	case event.StoreFloat:
		col.SetFloat(row, r.floats[v])
		return nil
	}
	text := []byte(r.texts[v])
	if kind != event.Binary && !utf8.Valid(text) {
		return errors.New("a text that is not UTF-8")
	}
	if skeleton {
		var err error
		if text, err = moveMarkers(text, r.places); err != nil {
			return err
		}
	}
	col.SetID(row, col.Dict.Intern(text))
	return nil
}

// storage is how values of a Parquet type lie in a batch.
func storage(t parquet.Type) event.Storage {
	switch t {
	case parquet.Types.Int64:
		return event.StoreInt
	case parquet.Types.Double:
		return event.StoreFloat
	}
	return event.StoreBytes
}
