// Package parquet writes the segments' Parquet files and reads back what it wrote, page by page.
//
// The writer emits a small, plain subset of the format (https://parquet.apache.org/docs/file-format/):
// optional columns, version 1 data pages, zstd, RLE_DICTIONARY, DELTA_BINARY_PACKED,
// DELTA_LENGTH_BYTE_ARRAY and PLAIN, and an OffsetIndex. The reader decodes exactly that and refuses the
// rest; other programs' files are read elsewhere.
package parquet

import (
	"encoding/binary"
	"io"
)

// Type is what a column holds.
type Type uint8

// The column types with their Parquet types. Times are INT64 TIMESTAMP_MICROS.
const (
	String Type = iota // BYTE_ARRAY, UTF8
	Bytes              // BYTE_ARRAY
	Int64              // INT64
	Time               // INT64, TIMESTAMP_MICROS
	Double             // DOUBLE
	List               // optional group of repeated BYTE_ARRAY, UTF8
)

// Field names a column. All columns are optional.
type Field struct {
	Name string
	Type Type
}

// Encoding says how a chunk's values are stored.
type Encoding uint8

// The encodings, with Parquet's numbers.
const (
	Plain       Encoding = 0
	DeltaInt    Encoding = 5 // DELTA_BINARY_PACKED
	DeltaLength Encoding = 6 // DELTA_LENGTH_BYTE_ARRAY
	Dictionary  Encoding = 8 // RLE_DICTIONARY
	encRLE      Encoding = 3
)

// Page locates one data page in its chunk. Offsets count from the chunk's start.
type Page struct {
	Offset   int // of the page header
	Header   int // bytes of the header
	Length   int // bytes of the compressed body
	Raw      int // bytes of the body
	FirstRow int
	Rows     int
	Values   int // entries, nulls included; differs from Rows in lists
}

// Frame locates one zstd frame of a dictionary page. A dictionary of text is written as several frames, one
// after another, which readers take for one page; with their places known one value costs one frame.
type Frame struct {
	Length int // compressed bytes
	Raw    int // bytes
	Values int
}

// Chunk is one encoded column of a row group.
type Chunk struct {
	Data       []byte // dictionary page and data pages
	Encoding   Encoding
	DictHeader int // bytes of the dictionary page's header, 0 when there is no dictionary
	DictLength int // compressed bytes of the dictionary
	DictRaw    int
	DictSize   int // entries
	Frames     []Frame
	Pages      []Page
	Values     int // entries, nulls included
	Nulls      int
	Raw        int   // bytes before compression, headers included
	HasRange   bool  // Min and Max are set
	Min, Max   int64 // of Int64 and Time columns
	Offset     int64 // in the file, set by the Writer
	size       int
	indexAt    int64
	indexLen   int
}

// Writer writes row groups to w.
type Writer struct {
	w      io.Writer
	offset int64
	fields []Field
	groups []group
}

type group struct {
	rows   int
	chunks []*Chunk
}

// NewWriter starts a file.
func NewWriter(w io.Writer, fields []Field) (*Writer, error) {
	_, err := io.WriteString(w, "PAR1")
	return &Writer{w: w, offset: 4, fields: fields}, err
}

// RowGroup writes one chunk per field. The chunks' Data is dropped once written.
func (w *Writer) RowGroup(rows int, chunks []*Chunk) error {
	for _, c := range chunks {
		c.Offset = w.offset
		n, err := w.w.Write(c.Data)
		w.offset += int64(n)
		if err != nil {
			return err
		}
		c.size, c.Data = len(c.Data), nil
	}
	w.groups = append(w.groups, group{rows, chunks})
	return nil
}

// Close writes the page index and the footer and returns the file's size. It does not close w.
func (w *Writer) Close() (int64, error) {
	t := &thrift{}
	for _, g := range w.groups {
		for _, c := range g.chunks {
			t.b = t.b[:0]
			offsetIndex(t, c)
			c.indexAt, c.indexLen = w.offset, len(t.b)
			n, err := w.w.Write(t.b)
			w.offset += int64(n)
			if err != nil {
				return 0, err
			}
		}
	}
	t.b = t.b[:0]
	w.footer(t)
	b := binary.LittleEndian.AppendUint32(t.b, uint32(len(t.b)))
	n, err := w.w.Write(append(b, "PAR1"...))
	w.offset += int64(n)
	return w.offset, err
}

func offsetIndex(t *thrift, c *Chunk) {
	t.begin()
	t.list(1, tStruct, len(c.Pages))
	for _, p := range c.Pages {
		t.begin()
		t.i64(1, c.Offset+int64(p.Offset))
		t.i32(2, int64(p.Header+p.Length))
		t.i64(3, int64(p.FirstRow))
		t.end()
	}
	t.end()
}

func (w *Writer) footer(t *thrift) {
	rows := 0
	for _, g := range w.groups {
		rows += g.rows
	}
	t.begin()
	t.i32(1, 2)
	w.schema(t)
	t.i64(3, int64(rows))
	t.list(4, tStruct, len(w.groups))
	for _, g := range w.groups {
		raw, size := 0, 0
		t.begin()
		t.list(1, tStruct, len(g.chunks))
		for i, c := range g.chunks {
			raw += c.Raw
			size += c.size
			w.columnChunk(t, c, w.fields[i])
		}
		t.i64(2, int64(raw))
		t.i64(3, int64(g.rows))
		if len(g.chunks) > 0 {
			t.i64(5, g.chunks[0].Offset)
		}
		t.i64(6, int64(size))
		t.end()
	}
	t.str(6, "ashiato")
	// the order of values is the one of their types; without this field readers distrust minima and maxima
	t.list(7, tStruct, len(w.fields))
	for range w.fields {
		t.begin()
		t.field(1, tStruct)
		t.begin()
		t.end()
		t.end()
	}
	t.end()
}

const (
	convUTF8        = 0
	convList        = 3
	convTimeMicros  = 10
	repRequired     = 0
	repOptional     = 1
	repRepeated     = 2
	physInt64       = 2
	physDouble      = 5
	physBytes       = 6
	codecPlain      = 0
	codecZstd       = 6
	pageData        = 0
	pageDictionary  = 2
	statNulls       = 3
	statMax         = 5
	statMin         = 6
	metaDictOffset  = 11
	metaStatistics  = 12
	chunkMetadata   = 3
	chunkIndexAt    = 4
	chunkIndexBytes = 5
)

func (w *Writer) schema(t *thrift) {
	n := 1
	for _, f := range w.fields {
		n++
		if f.Type == List {
			n += 2
		}
	}
	t.list(2, tStruct, n)
	t.begin()
	t.str(4, "schema")
	t.i32(5, int64(len(w.fields)))
	t.end()
	for _, f := range w.fields {
		if f.Type == List {
			t.begin()
			t.i32(3, repOptional)
			t.str(4, f.Name)
			t.i32(5, 1)
			t.i32(6, convList)
			t.end()
			t.begin()
			t.i32(3, repRepeated)
			t.str(4, "list")
			t.i32(5, 1)
			t.end()
			t.begin()
			t.i32(1, physBytes)
			t.i32(3, repRequired)
			t.str(4, "element")
			t.i32(6, convUTF8)
			t.end()
			continue
		}
		t.begin()
		t.i32(1, int64(f.Type.physical()))
		t.i32(3, repOptional)
		t.str(4, f.Name)
		switch f.Type {
		case String:
			t.i32(6, convUTF8)
		case Time:
			t.i32(6, convTimeMicros)
		}
		t.end()
	}
}

func (t Type) physical() int {
	switch t {
	case Int64, Time:
		return physInt64
	case Double:
		return physDouble
	}
	return physBytes
}

func (w *Writer) columnChunk(t *thrift, c *Chunk, f Field) {
	t.begin()
	t.i64(2, c.Offset)
	t.field(chunkMetadata, tStruct)
	t.begin()
	t.i32(1, int64(f.Type.physical()))
	encodings := []Encoding{encRLE, c.Encoding}
	if c.Encoding == Dictionary {
		encodings = append(encodings, Plain)
	}
	t.list(2, tI32, len(encodings))
	for _, e := range encodings {
		t.zigzag(int64(e))
	}
	path := []string{f.Name}
	if f.Type == List {
		path = []string{f.Name, "list", "element"}
	}
	t.list(3, tBinary, len(path))
	for _, p := range path {
		t.uvarint(uint64(len(p)))
		t.b = append(t.b, p...)
	}
	t.i32(4, codecZstd)
	t.i64(5, int64(c.Values))
	t.i64(6, int64(c.Raw))
	t.i64(7, int64(c.size))
	t.i64(9, c.Offset+int64(c.dictBytes()))
	if c.DictHeader > 0 {
		t.i64(metaDictOffset, c.Offset)
	}
	if f.Type != List {
		t.field(metaStatistics, tStruct)
		t.begin()
		t.i64(statNulls, int64(c.Nulls))
		if c.HasRange {
			t.bytes(statMax, binary.LittleEndian.AppendUint64(nil, uint64(c.Max)))
			t.bytes(statMin, binary.LittleEndian.AppendUint64(nil, uint64(c.Min)))
		}
		t.end()
	}
	t.end()
	t.i64(chunkIndexAt, c.indexAt)
	t.i32(chunkIndexBytes, int64(c.indexLen))
	t.end()
}

// dictBytes is where the data pages start.
func (c *Chunk) dictBytes() int {
	if c.DictHeader == 0 {
		return 0
	}
	return c.DictHeader + c.DictLength
}
