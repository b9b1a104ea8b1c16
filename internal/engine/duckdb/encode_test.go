package duckdb

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

const everyType = `select 1::tinyint a, 2::utinyint b, 18446744073709551615::ubigint c, 1.5::float d, 'nan'::double e, '-inf'::double f,
	'1e30'::double g, 12345678901234567890.123456789::decimal(38,9) h, -0.05::decimal(4,2) i, date '1969-12-31' j,
	timestamp '2026-10-01 12:30:00.5' k, timestamptz '2026-10-01 12:30:00+09' l, timestamp_ns '2026-10-01 12:30:00.123456789' m,
	time '01:02:03.004' n, interval '14 months -3 days 90 minutes' o, e'<é"\n>' p, '\x00\xff'::blob q, 'b'::enum('a', 'b') r,
	[1, null, 3] s, {'z': 1, 'a': {'x': 'y'}} t, map {'k': 1, 'j': null} u, '101'::bit v, [1, 2]::int[2] w, null x,
	'{"a": 1}'::json y, true z, [date '2026-10-01'] aa, union_value(num := 2) ab, -170141183460469231731687303715884105727::hugeint ac`

func open(t *testing.T, e *Engine, cat Catalog, q string) *Result {
	t.Helper()
	r, err := e.Query(context.Background(), cat, q)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func TestEncodeEveryType(t *testing.T) {
	e, cat := lake(t, Options{})
	write := func(f func(io.Writer, *Result) error) string {
		var b bytes.Buffer
		if err := f(&b, open(t, e, cat, everyType)); err != nil {
			t.Error(err)
		}
		return b.String()
	}
	_, got, _ := strings.Cut(write(WriteCSV), "\n")
	want := `1,2,18446744073709551615,1.5,NaN,-Infinity,1e+30,12345678901234567890.123456789,-0.05,1969-12-31,` +
		`2026-10-01 12:30:00.500000,2026-10-01 03:30:00.000000,2026-10-01 12:30:00.123456,01:02:03.004,1 year 2 months -3 days 01:30:00,"<é""` + "\n" + `>",00ff,b,` +
		`"[1,null,3]","{""z"":1,""a"":{""x"":""y""}}","{""k"":1,""j"":null}",101,"[1,2]",,"{""a"": 1}",true,"[""2026-10-01""]",2,-170141183460469231731687303715884105727` + "\n"
	if got != want {
		t.Errorf("CSV\n got %s\nwant %s", got, want)
	}
	got = write(WriteJSONLines)
	want = `{"a":1,"b":2,"c":18446744073709551615,"d":1.5,"e":"NaN","f":"-Infinity","g":1e+30,"h":12345678901234567890.123456789,"i":-0.05,"j":"1969-12-31",` +
		`"k":"2026-10-01T12:30:00.5Z","l":"2026-10-01T03:30:00Z","m":"2026-10-01T12:30:00.123456789Z","n":"01:02:03.004","o":"1 year 2 months -3 days 01:30:00","p":"<é\"\n>","q":"AP8=","r":"b",` +
		`"s":[1,null,3],"t":{"z":1,"a":{"x":"y"}},"u":{"k":1,"j":null},"v":"101","w":[1,2],"x":null,"y":"{\"a\": 1}","z":true,"aa":["2026-10-01"],"ab":2,"ac":-170141183460469231731687303715884105727}` + "\n"
	if got != want {
		t.Errorf("JSON\n got %s\nwant %s", got, want)
	}
	if !json.Valid([]byte(got)) {
		t.Error("not JSON")
	}
	r := open(t, e, cat, everyType)
	types := make([]string, 0, len(r.Columns))
	for _, c := range r.Columns {
		types = append(types, c.Type)
	}
	const wantTypes = `TINYINT|UTINYINT|UBIGINT|FLOAT|DOUBLE|DOUBLE|DOUBLE|DECIMAL(38,9)|DECIMAL(4,2)|DATE|TIMESTAMP|TIMESTAMP WITH TIME ZONE|TIMESTAMP_NS|TIME|INTERVAL|VARCHAR|BLOB|ENUM|INTEGER[]|STRUCT("z" INTEGER, "a" STRUCT("x" VARCHAR))|MAP(VARCHAR, INTEGER)|BIT|INTEGER[2]|INTEGER|JSON|BOOLEAN|DATE[]|UNION("num" INTEGER)|HUGEINT`
	if got := strings.Join(types, "|"); got != wantTypes {
		t.Errorf("types\n got %s\nwant %s", got, wantTypes)
	}
}

func TestWriteCSV(t *testing.T) {
	e, cat := lake(t, Options{})
	const q = "select * from (values (null, '=1+1', -1), ('', '@x', 2)) t(a, \"b,c\", d)"
	var b bytes.Buffer
	if err := WriteCSV(&b, open(t, e, cat, q)); err != nil || b.String() != "a,\"b,c\",d\n,=1+1,-1\n,@x,2\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
	b.Reset()
	if err := WriteSpreadsheetCSV(&b, open(t, e, cat, q)); err != nil || b.String() != "a,\"b,c\",d\n,'=1+1,-1\n,'@x,2\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
	b.Reset()
	if err := WriteCSV(&b, open(t, e, cat, "select null as x")); err != nil || b.String() != "x\n\"\"\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

func TestWriteJSONLinesSameNames(t *testing.T) {
	e, cat := lake(t, Options{})
	var b bytes.Buffer
	if err := WriteJSONLines(&b, open(t, e, cat, "select 1 as a, 2 as a, 3 as a, 4 as a_1")); err != nil || b.String() != `{"a":1,"a_1":2,"a_2":3,"a_1_1":4}`+"\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

func TestWriteTable(t *testing.T) {
	e, cat := lake(t, Options{})
	var b bytes.Buffer
	q := "select * from (values (1, '足跡', null), (12345, e'a\\x1b[31m\\n', true), (2, 'a long long value', false)) t(n, \"名前\", ok)"
	if err := WriteTable(&b, open(t, e, cat, q), 12); err != nil {
		t.Fatal(err)
	}
	want := "    n  名前          ok\n" +
		"-----  ------------  -----\n" +
		"    1  足跡          NULL\n" +
		"12345  a\\u001b[31m…  true\n" +
		"    2  a long long…  false\n" +
		"(3 rows)\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	b.Reset()
	if err := WriteTable(&b, open(t, e, cat, "select * from nothing"), 0); err != nil || b.String() != "x  s\n-  -\n(0 rows)\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
}
