package parquetin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	parquetcompress "github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// write makes a Parquet file in row groups of groupRows.
func write(t testing.TB, schema *arrow.Schema, groupRows int64, rows int, add func(b *array.RecordBuilder, i int)) []byte {
	t.Helper()
	rb := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer rb.Release()
	for i := range rows {
		add(rb, i)
	}
	rec := rb.NewRecordBatch()
	defer rec.Release()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out, parquet.NewWriterProperties(
		parquet.WithMaxRowGroupLength(groupRows), parquet.WithCompression(parquetcompress.Codecs.Snappy)),
		pqarrow.NewArrowWriterProperties(pqarrow.WithDeprecatedInt96Timestamps(false)))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteBuffered(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func lineText(t testing.TB, b []byte) (string, error) {
	t.Helper()
	l, err := Lines(context.Background(), bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return "", err
	}
	defer l.Close()
	out, err := io.ReadAll(l)
	return string(out), err
}

// flowFile is a VPC flow log as AWS delivers it: snake_case names, int and
// bigint columns.
func flowFile(t testing.TB, rows int) []byte {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "version", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
		{Name: "account_id", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "srcaddr", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "srcport", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
		{Name: "bytes", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "start", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "tcp_flags", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
	}, nil)
	return write(t, schema, 700, rows, func(b *array.RecordBuilder, i int) {
		b.Field(0).(*array.Int32Builder).Append(5)
		b.Field(1).(*array.StringBuilder).Append("111122223333")
		b.Field(2).(*array.StringBuilder).Append(fmt.Sprintf("10.0.%d.%d", i/256%256, i%256))
		b.Field(3).(*array.Int32Builder).Append(int32(i % 65536))
		b.Field(4).(*array.Int64Builder).Append(math.MaxInt64 - int64(i))
		b.Field(5).(*array.Int64Builder).Append(1_790_000_000 + int64(i))
		if i%2 == 0 {
			b.Field(6).AppendNull()
		} else {
			b.Field(6).(*array.Int32Builder).Append(18)
		}
	})
}

func TestFlowLogs(t *testing.T) {
	const rows = 3000 // several batches and row groups
	got, err := lineText(t, flowFile(t, rows))
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for i := range rows {
		flags := ""
		if i%2 == 1 {
			flags = `,"tcp_flags":18`
		}
		fmt.Fprintf(&want, `{"version":5,"account_id":"111122223333","srcaddr":"10.0.%d.%d","srcport":%d,"bytes":%d,"start":%d%s}`+"\n",
			i/256%256, i%256, i%65536, math.MaxInt64-int64(i), 1_790_000_000+i, flags)
	}
	if got != want.String() {
		t.Errorf("got %.300s\nwant %.300s", got, want.String())
	}
}

func nestedFile(t testing.TB) []byte {
	endpoint := arrow.StructOf(
		arrow.Field{Name: "ip", Type: arrow.BinaryTypes.String, Nullable: true},
		arrow.Field{Name: "port", Type: arrow.PrimitiveTypes.Int32, Nullable: true})
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "time_dt", Type: &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}, Nullable: true},
		{Name: "src", Type: endpoint, Nullable: true},
		{Name: "tags", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String), Nullable: true},
		{Name: "list", Type: arrow.ListOf(endpoint), Nullable: true},
		{Name: "cost", Type: &arrow.Decimal128Type{Precision: 20, Scale: 4}, Nullable: true},
		{Name: "ratio", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "blob", Type: arrow.BinaryTypes.Binary, Nullable: true},
		{Name: "day", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
		{Name: "ok", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		{Name: "big", Type: arrow.PrimitiveTypes.Uint64, Nullable: true},
		{Name: `odd"name`, Type: arrow.BinaryTypes.String, Nullable: true},
	}, nil)
	return write(t, schema, 100, 3, func(b *array.RecordBuilder, i int) {
		if i == 2 {
			for f := range schema.NumFields() {
				b.Field(f).AppendNull()
			}
			return
		}
		b.Field(0).(*array.TimestampBuilder).Append(arrow.Timestamp(1_790_000_000_123))
		src := b.Field(1).(*array.StructBuilder)
		src.Append(true)
		src.FieldBuilder(0).(*array.StringBuilder).Append("2001:db8::1")
		src.FieldBuilder(1).AppendNull()
		tags := b.Field(2).(*array.MapBuilder)
		tags.Append(true)
		tags.KeyBuilder().(*array.StringBuilder).Append("k\n")
		tags.ItemBuilder().(*array.StringBuilder).Append("日本")
		list := b.Field(3).(*array.ListBuilder)
		list.Append(true)
		if i == 0 {
			el := list.ValueBuilder().(*array.StructBuilder)
			el.Append(true)
			el.FieldBuilder(0).AppendNull()
			el.FieldBuilder(1).(*array.Int32Builder).Append(443)
			el.AppendNull()
		}
		b.Field(4).(*array.Decimal128Builder).Append(decimal128.FromI64(-1234567890123))
		b.Field(5).(*array.Float64Builder).Append([]float64{0.1, math.NaN()}[i])
		b.Field(6).(*array.BinaryBuilder).Append([][]byte{{0xff, 0xfe}, []byte("text")}[i])
		b.Field(7).(*array.Date32Builder).Append(20_000)
		b.Field(8).(*array.BooleanBuilder).Append(i == 0)
		b.Field(9).(*array.Uint64Builder).Append(math.MaxUint64)
		b.Field(10).(*array.StringBuilder).Append(`a\b`)
	})
}

func TestNested(t *testing.T) {
	got, err := lineText(t, nestedFile(t))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"time_dt":"2026-09-21T14:13:20.123000Z","src":{"ip":"2001:db8::1"},"tags":{"k\n":"日本"},"list":[{"port":443},null],"cost":-123456789.0123,"ratio":0.1,"blob":"//4=","day":"2024-10-04","ok":true,"big":18446744073709551615,"odd\"name":"a\\b"}
{"time_dt":"2026-09-21T14:13:20.123000Z","src":{"ip":"2001:db8::1"},"tags":{"k\n":"日本"},"list":[],"cost":-123456789.0123,"ratio":null,"blob":"text","day":"2024-10-04","ok":false,"big":18446744073709551615,"odd\"name":"a\\b"}
{}
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestEmptyTable(t *testing.T) {
	if got, err := lineText(t, flowFile(t, 0)); got != "" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestDamage(t *testing.T) {
	good := flowFile(t, 3000)
	lyingFooter := bytes.Clone(good)
	copy(lyingFooter[len(lyingFooter)-8:], "\xff\xff\xff\x7f")
	cases := map[string][]byte{
		"empty":        nil,
		"not parquet":  bytes.Repeat([]byte("x"), 1000),
		"truncated":    good[:len(good)-100],
		"head only":    good[:100],
		"lying footer": lyingFooter,
		"encrypted":    append(bytes.Clone(good[:len(good)-4]), "PARE"...),
		"zeroed pages": append(append([]byte("PAR1"), make([]byte, len(good)/2)...), good[len(good)/2+4:]...),
		// a list of 2^31-1 row groups in a footer of a few bytes
		"huge list": []byte("PAR1\x49\xfc\xff\xff\xff\xff\x07\x00\x08\x00\x00\x00PAR1"),
	}
	for name, b := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := lineText(t, b); !errors.Is(err, ErrCorrupt) {
				t.Errorf("error %v, want ErrCorrupt", err)
			}
		})
	}
}

// Every byte of a nested file is damaged in turn: no panic may leave.
func TestFlippedBytes(t *testing.T) {
	good := nestedFile(t)
	for i := range good {
		for _, x := range []byte{0xff, 0x01, 0x80}[i%3 : i%3+1] {
			b := bytes.Clone(good)
			b[i] ^= x
			_, _ = lineText(t, b)
		}
	}
}

func TestMemoryLimit(t *testing.T) {
	b := flowFile(t, 3000)
	l := &lines{ctx: t.Context(), fileSize: int64(len(b)), mem: &boundedAllocator{limit: 4 << 10}}
	if err := guard(func() error { return l.open(bytes.NewReader(b), int64(len(b))) }); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := io.ReadAll(l); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v, want ErrTooLarge", err)
	}
}

func TestCancel(t *testing.T) {
	b := flowFile(t, 3000)
	ctx, cancel := context.WithCancel(context.Background())
	l, err := Lines(ctx, bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cancel()
	if _, err := io.ReadAll(l); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

type sized struct {
	*os.File
	size int64
}

func mustOpen(t *testing.T, path string) sized {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return sized{f, st.Size()}
}

// TestCorpus reads the samples that others wrote.
func TestCorpus(t *testing.T) {
	root := filepath.Join("..", "..", "..", "..", "shared", "corpus")
	var files []string
	_ = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(p, ".parquet") {
			files = append(files, p)
		}
		return nil
	})
	if len(files) == 0 {
		t.Skip("no Parquet samples under " + root)
	}
	for _, p := range files {
		t.Run(filepath.Base(p), func(t *testing.T) {
			f := mustOpen(t, p)
			l, err := Lines(t.Context(), f, f.size)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			d := json.NewDecoder(l)
			rows := 0
			for {
				var row map[string]any
				err := d.Decode(&row)
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if row["class_uid"] == nil && row["class_name"] == nil && rows == 0 {
					t.Errorf("no OCSF class in the first row: %v", row)
				}
				rows++
			}
			if rows == 0 {
				t.Error("no rows")
			}
			t.Logf("%d rows", rows)
		})
	}
}

func FuzzLines(f *testing.F) {
	f.Add(nestedFile(f))
	f.Add(flowFile(f, 3))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Lines(t.Context(), bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		defer l.Close()
		if out, err := io.ReadAll(io.LimitReader(l, 1<<20)); err == nil {
			for line := range bytes.Lines(out) {
				if line[len(line)-1] == '\n' && !json.Valid(line) {
					t.Fatalf("not JSON: %q", line)
				}
			}
		}
	})
}

func BenchmarkLines(b *testing.B) {
	obj := flowFile(b, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		l, err := Lines(b.Context(), bytes.NewReader(obj), int64(len(obj)))
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, l)
		if err != nil {
			b.Fatal(err)
		}
		l.Close()
		b.SetBytes(n)
	}
	b.ReportMetric(float64(b.N)*100_000/b.Elapsed().Seconds(), "rows/s")
}
