package duckdb

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// makeParquet writes a file with a separate, unlocked instance.
func makeParquet(t testing.TB, path, query string) {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("COPY (" + query + ") TO " + quoteText(path) + " (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
}

const flowSQL = `SELECT TIMESTAMP '2026-10-01 12:00:00' + to_seconds(i) AS ts,
	'10.0.' || (i %% 4) || '.' || (i %% 250) AS source_ip, (i * 7 %% 1500)::BIGINT AS bytes,
	CASE WHEN i %% 3 = 0 THEN 'REJECT' ELSE 'ACCEPT' END AS action,
	'{"a":{"b":"' || i || '"},"l":[1,2]}' AS raw, ['x', 'y' || (i %% 2)] AS tags,
	{'name': 'u' || (i %% 5), 'id': i} AS who
	FROM range(%d, %d) t(i)`

// lake is an engine over two files of 500 flows each, an empty table and views.
func lake(t testing.TB, o Options) (*Engine, Catalog) {
	t.Helper()
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.parquet"), filepath.Join(dir, "b.parquet")
	makeParquet(t, a, fmt.Sprintf(flowSQL, 0, 500))
	makeParquet(t, b, fmt.Sprintf(flowSQL, 500, 1000))
	cols := []Column{{"timestamp", "ts", "TIMESTAMP"}, {"source_ip", "", "VARCHAR"}, {"bytes", "", "BIGINT"},
		{"action", "", "VARCHAR"}, {"raw", "raw::JSON", "JSON"}, {"tags", "", "VARCHAR[]"}, {"who", "", "STRUCT(name VARCHAR, id BIGINT)"}}
	cat := Catalog{
		Tables: []Table{
			{Name: "flows", Columns: cols, Branches: []Branch{{Files: []string{a, b}}}, Comment: "VPC flow logs"},
			{Name: "halves", Columns: []Column{{"x", "", "BIGINT"}, {"kind", "", "VARCHAR"}}, Branches: []Branch{
				{Files: []string{a}, Columns: map[string]string{"x": "bytes", "kind": "'a'"}, Where: "file_row_number < 10"},
				{Columns: map[string]string{"x": "1"}},
				{Files: []string{b}, Columns: map[string]string{"x": "bytes"}, Where: "action = 'REJECT'"},
			}},
			{Name: "nothing", Columns: []Column{{"x", "", "BIGINT"}, {"s", "", "VARCHAR"}}},
		},
		Views: []View{
			{Name: "vpcflow", SQL: "SELECT source_ip AS srcaddr, action, epoch(timestamp)::BIGINT AS start FROM flows", Comment: "as Athena has it"},
			{Name: "rejected", SQL: "WITH v AS (SELECT * FROM vpcflow) SELECT * FROM v WHERE action = 'REJECT'"},
		},
		ID: "1",
	}
	o.Dirs = append(o.Dirs, dir)
	if o.TempDir == "" {
		o.TempDir = t.TempDir()
	}
	e, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e, cat
}

// ask runs a statement and returns its rows as CSV without the header.
func ask(e *Engine, cat Catalog, q string) (string, error) {
	r, err := e.Query(context.Background(), cat, q)
	if err != nil {
		return "", err
	}
	defer r.Close()
	var b bytes.Buffer
	err = WriteCSV(&b, r)
	_, rows, _ := strings.Cut(b.String(), "\n")
	return strings.TrimSuffix(rows, "\n"), err
}

func kindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

func TestCatalogTables(t *testing.T) {
	e, cat := lake(t, Options{})
	for _, c := range []struct{ q, want string }{
		{"select count(*), min(timestamp) from flows", "1000,2026-10-01 12:00:00.000000"},
		{"select count(*) from FLOWS f", "1000"},
		{"select count(*) from main.flows", "1000"},
		{"select kind, count(*) from halves group by 1 order by 1 nulls last", "a,10\n,167"},
		{"select count(*), count(s) from nothing", "0,0"},
		{"select count(*) from rejected r join vpcflow v using (start)", "334"},
		{"show tables", "flows,VPC flow logs\nhalves,\nnothing,\nrejected,\nvpcflow,as Athena has it"},
		{"SHOW TABLES;", "flows,VPC flow logs\nhalves,\nnothing,\nrejected,\nvpcflow,as Athena has it"},
		{"describe nothing", "x,BIGINT\ns,VARCHAR"},
		{" /* c */ DESC vpcflow -- x\n;", "srcaddr,VARCHAR\naction,VARCHAR\nstart,BIGINT"},
		{"describe select 1 as a", "a,INTEGER"},
		{"select column_name, column_type from (describe nothing)", "x,BIGINT\ns,VARCHAR"},
		{"with flows as (select 1 as a) select * from flows", "1"},
		{"with flows as (select * from flows where action = 'REJECT') select count(*) from flows", "334"},
	} {
		if got, err := ask(e, cat, c.q); err != nil || got != c.want {
			t.Errorf("%s\n got %q, %v\nwant %q", c.q, got, err, c.want)
		}
	}
	if got, err := ask(e, cat, "select count(*) from (summarize flows)"); err != nil || got != "7" {
		t.Errorf("summarize: %q %v", got, err)
	}
}

func TestCatalogsAreSeparate(t *testing.T) {
	e, cat := lake(t, Options{})
	other := Catalog{ID: "2", Tables: []Table{{Name: "own", Columns: []Column{{"a", "", "INTEGER"}}}}}
	r, err := e.Query(context.Background(), cat, "select * from flows limit 1")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, q := range []string{"select * from flows", "select * from main.flows", "select * from temp.flows", "select * from temp.main.flows", "select * from memory.main.flows"} {
		if _, err := ask(e, other, q); err == nil {
			t.Errorf("%s ran over a catalog without flows", q)
		}
	}
	if got, err := ask(e, other, "show tables"); got != "own," || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestFilesOutsideDirs(t *testing.T) {
	e, _ := lake(t, Options{})
	out := filepath.Join(t.TempDir(), "secret.parquet")
	makeParquet(t, out, "SELECT 1 AS a")
	cat := Catalog{Tables: []Table{{Name: "x", Columns: []Column{{"a", "", "INTEGER"}}, Branches: []Branch{{Files: []string{out}}}}}}
	_, err := ask(e, cat, "select * from x")
	if kindOf(err) != KindInternal || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestDirBehindLink(t *testing.T) {
	real := filepath.Join(t.TempDir(), "it's a lake")
	if err := os.Mkdir(real, 0o755); err != nil {
		t.Fatal(err)
	}
	makeParquet(t, filepath.Join(real, "a.parquet"), "SELECT 1 AS a")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(real, link); err != nil {
		t.Skip(err)
	}
	for _, dirs := range [][2]string{{real, real}, {link, link}, {link + "/", link}} {
		e, err := Open(Options{Dirs: dirs[:1]})
		if err != nil {
			t.Fatal(err)
		}
		cat := Catalog{Tables: []Table{{Name: "x", Columns: []Column{{"a", "", "INTEGER"}}, Branches: []Branch{{Files: []string{filepath.Join(dirs[1], "a.parquet")}}}}}}
		if got, err := ask(e, cat, "select * from x"); got != "1" || err != nil {
			t.Errorf("%q: %q, %v", dirs, got, err)
		}
		e.Close()
	}
}

func TestMissingFileHasNoPath(t *testing.T) {
	e, cat := lake(t, Options{})
	cat.Tables[0].Branches[0].Files = []string{filepath.Join(filepath.Dir(cat.Tables[0].Branches[0].Files[0]), "gone.parquet")}
	_, err := ask(e, cat, "select * from flows")
	if kindOf(err) != KindInternal || strings.Contains(err.Error(), "gone") || strings.Contains(err.Error(), "/") {
		t.Errorf("got %v", err)
	}
}

func TestErrors(t *testing.T) {
	e, cat := lake(t, Options{})
	for _, c := range []struct {
		q         string
		kind      Kind
		line, col int
		part      string
	}{
		{"selec 1", KindInvalid, 1, 1, "selec"},
		{"select 1,\n  ファイル, from from", KindInvalid, 2, 14, ""},
		{"select\n acton from flows", KindInvalid, 2, 2, "did you mean action?"},
		{"select 'ファイル', acton from flows", KindInvalid, 1, 16, "did you mean action?"},
		{"select 'ファイル', getenv('x')", KindDenied, 1, 16, "environment"},
		{"select * from flws", KindInvalid, 1, 15, "did you mean flows?"},
		{"select upperr(action) from flows", KindDenied, 1, 8, "did you mean upper?"},
		{"select 'a'::int", KindInvalid, 1, 11, "Could not convert"},
		{"select bytes + 'a' from flows", KindInvalid, 1, 16, "a"},
		{"select substr(1, 2, 3, 4)", KindInvalid, 1, 8, ""},
		{"describe select nope from flows", KindInvalid, 1, 17, "nope"},
		{"", KindInvalid, 0, 0, "no statement"},
		{"-- only", KindInvalid, 0, 0, "no statement"},
		{"select error('see /var/lib/ashiato/x.parquet')", KindInvalid, 0, 0, "<file>"},
		{"select from_base64('!')", KindInvalid, 0, 0, ""},
		{"select ?", KindDenied, 0, 0, "parameters"},
		{"insert into flows values (1)", KindDenied, 0, 0, "only SELECT"},
	} {
		_, err := ask(e, cat, c.q)
		var x *Error
		if !errors.As(err, &x) {
			t.Errorf("%s: got %v", c.q, err)
			continue
		}
		if x.Kind != c.kind || x.Line != c.line || x.Col != c.col || !strings.Contains(err.Error(), c.part) {
			t.Errorf("%s: got kind %s at %d:%d: %v", c.q, x.Kind, x.Line, x.Col, err)
		}
	}
}

func TestErrorInLaterRows(t *testing.T) {
	e, cat := lake(t, Options{})
	r, err := e.Query(context.Background(), cat, "select case when range = 900000 then error('late') else 1 end from range(1000000)")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n := 0
	for r.Next() {
		n++
	}
	if n == 0 || n >= 1000000 || kindOf(r.Err()) != KindInvalid || !strings.Contains(r.Err().Error(), "late") {
		t.Errorf("%d rows, then %v", n, r.Err())
	}
}

func TestMaxRows(t *testing.T) {
	e, cat := lake(t, Options{MaxRows: 3000})
	for _, c := range []struct {
		n, want int
		cut     bool
	}{{10, 10, false}, {3000, 3000, false}, {3001, 3000, true}, {100000, 3000, true}} {
		r, err := e.Query(context.Background(), cat, fmt.Sprintf("select range from range(%d)", c.n))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for r.Next() {
			if r.Row()[0] != int64(n) {
				t.Fatalf("row %d is %v", n, r.Row())
			}
			n++
		}
		if n != c.want || r.Truncated != c.cut || r.Err() != nil {
			t.Errorf("range(%d): %d rows, truncated %v, %v", c.n, n, r.Truncated, r.Err())
		}
		r.Close()
	}
}

func TestQueryAfterClose(t *testing.T) {
	e, cat := lake(t, Options{})
	r, err := e.Query(context.Background(), cat, "select * from range(10000000)")
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for r.Next() {
	}
	if kindOf(r.Err()) != KindCancelled {
		t.Errorf("got %v", r.Err())
	}
	if _, err := e.Query(context.Background(), cat, "select 1"); kindOf(err) != KindCancelled {
		t.Errorf("got %v", err)
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		e, err := Open(Options{})
		if err != nil {
			b.Fatal(err)
		}
		e.Close()
	}
}

// BenchmarkManyFiles is the cost of a table of 1,350 files, as LAKE-NOTES has it.
func BenchmarkManyFiles(b *testing.B) {
	e, cat := lake(b, Options{})
	dir := filepath.Dir(cat.Tables[0].Branches[0].Files[0])
	data, err := os.ReadFile(cat.Tables[0].Branches[0].Files[0])
	if err != nil {
		b.Fatal(err)
	}
	var files []string
	for i := range 1350 {
		files = append(files, filepath.Join(dir, fmt.Sprintf("f%d.parquet", i)))
		if err := os.WriteFile(files[i], data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	cat.Tables[0].Branches[0].Files = files
	for _, q := range []string{"select 1", "select count(*) from flows", "select action, sum(bytes) from flows group by 1", "select * from flows limit 10"} {
		b.Run(strings.ReplaceAll(q, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				if _, err := ask(e, cat, q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkQuery(b *testing.B) {
	e, cat := lake(b, Options{})
	for _, q := range []string{"select 1", "select count(*) from flows where action = 'REJECT'", "select count(*) from rejected"} {
		b.Run(strings.ReplaceAll(q, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				if _, err := ask(e, cat, q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
