package segment

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ashiato/internal/event"
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/logtypetest"
)

const rebuildScript = "../../../docs/rebuild_raw.py"

var pyarrow sync.Mutex

// python returns a Python that has pyarrow: a venv in the cache folder, made when it is not there.
func python(t testing.TB) string {
	t.Helper()
	pyarrow.Lock()
	defer pyarrow.Unlock()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("no cache folder for tools: %v", err)
	}
	venv := filepath.Join(cache, "ashiato-tools", "pyarrow-venv")
	bin := filepath.Join(venv, "bin", "python")
	if exec.Command(bin, "-c", "import pyarrow.parquet").Run() == nil {
		return bin
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	for _, args := range [][]string{{"python3", "-m", "venv", venv}, {bin, "-m", "pip", "install", "--quiet", "pyarrow"}} {
		if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Skipf("cannot install pyarrow: %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	return bin
}

func runPython(t testing.TB, args ...string) []byte {
	t.Helper()
	var stderr bytes.Buffer
	c := exec.Command(python(t), args...)
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("python %s: %v\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return out
}

// TestPythonSamples writes the samples of every log type as segments. docs/rebuild_raw.py must give back
// each record, and pyarrow, a reader that shares nothing with ours, must see the same columns.
func TestPythonSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob("../../logtype/*/samples/*")
	seen := map[string]bool{}
	var written []written
	for _, name := range files {
		if strings.HasSuffix(name, ".golden") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := catalog.Recognise(&logtype.Object{Key: name}, data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		seen[c.Name] = true
		written = append(written, writeBatch(t, name, logtypetest.Read(t, c.Type, name, data).Batch))
	}
	if len(seen) < len(catalog.Types) {
		t.Errorf("samples of %d log types, there are %d", len(seen), len(catalog.Types))
	}
	checkWithPython(t, written...)
}

// TestPythonFormats holds every format number, the corners of numbers and what is kept verbatim against
// the script.
func TestPythonFormats(t *testing.T) { checkWithPython(t, writeBatch(t, "formats", formatsBatch(t))) }

// TestPythonRowGroups reads two row groups with dictionaries, plain pages and nulls of every kind.
func TestPythonRowGroups(t *testing.T) {
	n := 130_000
	if testing.Short() {
		n = 5000
	}
	b, _ := randomBatch(t, n, 11)
	checkWithPython(t, writeBatch(t, "random", b))
}

// written is a batch with the segment that was made of it.
type written struct {
	name, path string
	batch      *event.Batch
}

func writeBatch(t *testing.T, name string, b *event.Batch) written {
	t.Helper()
	if b.N == 0 {
		t.Fatalf("%s: no records", name)
	}
	order := make([]uint32, b.N)
	for i := range order {
		order[i] = uint32(i)
	}
	dir := t.TempDir()
	info, err := NewWriter().Write(dir, Info{ID: "x", Dataset: b.Schema.Dataset, Day: "2026-10-20"}, b, order)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return written{name, filepath.Join(dir, info.DataFile()), b}
}

func checkWithPython(t *testing.T, segments ...written) {
	t.Helper()
	var paths, want []string
	for _, s := range segments {
		paths = append(paths, s.path)
		for i := range s.batch.N {
			raw, err := s.batch.Rebuild(nil, i)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, string(raw))
		}
	}
	if _, err := os.ReadFile(rebuildScript); err != nil { // so that `go test` runs again when it changes
		t.Fatal(err)
	}
	got := runPython(t, append([]string{rebuildScript, "--null"}, paths...)...)
	n := 0
	for _, s := range segments {
		for i := range s.batch.N {
			next := append([]byte(want[n]), 0)
			if !bytes.HasPrefix(got, next) {
				t.Fatalf("%s: record %d: %.300q, want %.300q", s.name, i, got[:min(len(got), len(next))], next)
			}
			got = got[len(next):]
			n++
		}
	}
	if len(got) > 0 {
		t.Errorf("after the last record: %.300q", got)
	}
	if got, want := strings.TrimSpace(string(runPython(t, append([]string{rebuildScript, "--hash"}, paths...)...))), multisetHash(want); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
	checkColumns(t, segments)
}

func multisetHash(records []string) string {
	sum, n := new(big.Int), new(big.Int)
	for _, r := range records {
		h := sha256.Sum256([]byte(r))
		sum.Add(sum, n.SetBytes(h[:16]))
	}
	sum.Mod(sum, new(big.Int).Lsh(big.NewInt(1), 128))
	return fmt.Sprintf("%d %032x", len(records), sum)
}

// formatsBatch has a record for every way in which a value may be printed.
func formatsBatch(t *testing.T) *event.Batch {
	s, err := event.NewSchema("test.formats", []event.Column{{Field: "text"}, {Field: "when", Kind: event.Time}, {Field: "number", Kind: event.Int},
		{Field: "ratio", Kind: event.Float}, {Field: "event.type"}, {Field: "source.ip"}})
	if err != nil {
		t.Fatal(err)
	}
	b := event.NewBatch(s)
	col := func(name string) int { return s.Index(name) }
	seen := map[[2]byte]bool{} // column index and format of the markers
	add := func(value string, span func(r *event.Row, start, end int)) {
		const head = "2026-10-20T12:00:00.000Z <"
		rec := []byte(head + value + ">")
		r := b.Begin(rec)
		r.SpanTime(event.CTimestamp, 0, 24, event.RFC3339Milli)
		span(r, len(head), len(head)+len(value))
		if err := r.Commit(0, len(rec)); err != nil {
			t.Fatal(err)
		}
		for sk := b.Cols[event.CSkeleton].BytesAt(b.N - 1); ; {
			i := bytes.IndexByte(sk, event.Mark)
			if i < 0 {
				return
			}
			seen[[2]byte{sk[i+1] - 1, sk[i+2] - 1}] = true
			sk = sk[i+3:]
		}
	}
	times := []int64{0, -1, 1, 999_999, -62_167_219_200_000_000, 253_402_300_799_999_999, 951_782_400_123_456, 1_792_497_600_000_000, -1_000_001}
	for f := event.RFC3339Sec; f < event.ZonedFrom+3*53; f++ {
		for _, us := range times {
			text := event.AppendTime(nil, us, f)
			if len(text) == 0 {
				break // no such format
			}
			add(string(text), func(r *event.Row, i, j int) {
				if f == event.Syslog {
					r.SpanSyslogTime(col("when"), i, j, us)
				} else {
					r.SpanTime(col("when"), i, j, f)
				}
			})
		}
	}
	var controls []byte
	for c := range byte(0x80) {
		controls = append(controls, c)
	}
	for _, plain := range []string{"", "plain", "say \"hi\"\\\n", string(controls), "日本語 é 𝄞", "it's", `a""b`} {
		v := []byte(plain)
		add(plain, func(r *event.Row, i, j int) { r.Span(col("text"), i, j) })
		for f := event.JSONEscape; f <= event.CSVEscape; f++ {
			add(string(event.AppendText(nil, v, f)), func(r *event.Row, i, j int) { r.SpanQuoted(col("text"), i, j, f) })
		}
	}
	for _, v := range []string{"0", "-1", "7", "999999999999999999", "-999999999999999999", "007", "1.0", "1e3"} {
		add(v, func(r *event.Row, i, j int) { r.SpanInt(col("number"), i, j) })
	}
	for d := range 18 {
		add(fmt.Sprintf("%.*f", d, 0.5), func(r *event.Row, i, j int) { r.SpanFloat(col("ratio"), i, j) })
	}
	for _, v := range []string{"1", "-0.25", "1.10", "0.1234567890123456", "3.14159265358979312", "123456789012345680000", "-0.000", "0.30000000000000004", "1e9", "+Inf", "-Inf", "NaN"} {
		add(v, func(r *event.Row, i, j int) { r.SpanFloat(col("ratio"), i, j) })
	}
	for _, v := range []string{"203.0.113.9", "2001:DB8::1", "2001:db8::1", "-", "bad \xff\x01\x01 byte", "bad \x80 byte"} {
		add(v, func(r *event.Row, i, j int) { r.Span(col("source_ip"), i, j); r.Span(col("text"), i, j) })
	}
	for f := range event.ZonedFrom + 3*53 {
		c := col("when")
		switch {
		case f > event.RFC3339Minute && f < event.ZonedFrom, f == 0:
			continue // there is no such format
		case f >= event.ZonedFrom && (f-event.ZonedFrom)%53 == 24:
			continue // offset 0 has a format of its own
		}
		if !seen[[2]byte{byte(c), byte(f)}] {
			t.Errorf("no record has time format %d", f)
		}
	}
	for f := range event.CSVEscape + 1 {
		if !seen[[2]byte{byte(col("text")), byte(f)}] {
			t.Errorf("no record has text format %d", f)
		}
	}
	for d := range 18 {
		if !seen[[2]byte{byte(col("ratio")), byte(d)}] {
			t.Errorf("no record has a number with %d decimals", d)
		}
	}
	add("list", func(r *event.Row, _, _ int) { r.SetList(col("event_type"), []byte("a"), nil, []byte("日本")) })
	return b
}

// columnsScript prints a line per column of each file: name, type as pyarrow has it, and the hash of its
// values.
const columnsScript = `
import hashlib, json, struct, sys
import pyarrow as pa, pyarrow.parquet as pq
def enc(v):
    if v is None: return b"n"
    if isinstance(v, float): return b"f" + struct.pack("<d", v)
    if isinstance(v, int): return b"i%d;" % v
    if isinstance(v, list): return b"l%d;" % len(v) + b"".join(enc(x) for x in v)
    if isinstance(v, str): v = v.encode()
    return b"t%d;" % len(v) + v
for path in sys.argv[1:]:
    f = pq.ParquetFile(path)  # pq.read_table would add columns for directories named key=value
    for name, c in zip(f.schema_arrow.names, f.read().columns):
        v = (c.cast(pa.int64()) if pa.types.is_timestamp(c.type) else c).to_pylist()
        print(json.dumps([name, str(c.type), hashlib.sha256(b"".join(map(enc, v))).hexdigest()]))
`

// checkColumns compares the columns as pyarrow reads them with the batches they were written from.
func checkColumns(t *testing.T, segments []written) {
	t.Helper()
	args := []string{"-c", columnsScript}
	for _, s := range segments {
		args = append(args, s.path)
	}
	got := json.NewDecoder(bytes.NewReader(runPython(t, args...)))
	for _, s := range segments {
		for c, col := range s.batch.Schema.Columns {
			var line [3]string
			if err := got.Decode(&line); err != nil {
				t.Fatal(err)
			}
			if want := [3]string{col.Name, arrowType(col.Kind), hashColumn(s.batch, c)}; line != want {
				t.Errorf("%s: column %d as pyarrow reads it: %v, want %v", s.name, c, line, want)
			}
		}
	}
	if got.More() {
		t.Error("pyarrow sees more columns")
	}
}

func arrowType(k event.Kind) string {
	switch k {
	case event.Binary:
		return "binary"
	case event.Int:
		return "int64"
	case event.Time:
		return "timestamp[us, tz=UTC]"
	case event.Float:
		return "double"
	case event.List:
		return "list<element: string not null>"
	}
	return "string"
}

func hashColumn(b *event.Batch, c int) string {
	h := sha256.New()
	col := &b.Cols[c]
	text := func(v []byte) { fmt.Fprintf(h, "t%d;%s", len(v), v) }
	for row := range b.N {
		switch kind := b.Schema.Columns[c].Kind.Stored(); {
		case kind == event.StoreInt && col.Int(row) != event.NullInt:
			fmt.Fprintf(h, "i%d;", col.Int(row))
		case kind == event.StoreFloat && !event.NullFloat(col.Float(row)):
			h.Write(binary.LittleEndian.AppendUint64([]byte{'f'}, math.Float64bits(col.Float(row))))
		case kind == event.StoreBytes && col.ID(row) != 0:
			text(col.BytesAt(row))
		case kind == event.StoreList && col.ID(row) != 0:
			var elements [][]byte
			event.EachElement(col.BytesAt(row), func(e []byte) { elements = append(elements, e) })
			fmt.Fprintf(h, "l%d;", len(elements))
			for _, e := range elements {
				text(e)
			}
		default:
			h.Write([]byte("n"))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
