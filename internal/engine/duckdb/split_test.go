package duckdb

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"", nil}, {" ; ;\n-- x\n/* y */;", nil},
		{"select 1", []string{"select 1"}},
		{"select 1; select 2;", []string{"select 1", "select 2"}},
		{"select ';', \";\" ; select 'it''s;'", []string{"select ';', \";\"", "select 'it''s;'"}},
		{"select e'\\';' ; 2", []string{"select e'\\';'", "2"}},
		{"select 'a\\'; 2", []string{"select 'a\\'", "2"}},
		{"select name'x;'", []string{"select name'x;'"}},
		{"select $$;$$; select $a$ ; $$ ; $a$", []string{"select $$;$$", "select $a$ ; $$ ; $a$"}},
		{"select $1; select a$b$c; d$b$", []string{"select $1", "select a$b$c", "d$b$"}},
		{"select 1 -- ; \n; select 2 /* ; /* ; */ ; */", []string{"select 1 -- ;", "select 2 /* ; /* ; */ ; */"}},
		{"-- first\nselect 1", []string{"-- first\nselect 1"}},
		{"select 'ファイル;'; ファイル", []string{"select 'ファイル;'", "ファイル"}},
		{"select 1 - -1; select 4/2", []string{"select 1 - -1", "select 4/2"}},
	} {
		got, err := Split(c.in)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q\n got %q, %v\nwant %q", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{"select 'a", "select \"a", "select /* a", "select $$ a", "select $x$ $$", "select e'\\'"} {
		if got, err := Split("select 1;\n" + in); err == nil || !strings.Contains(err.Error(), "line 2, column ") {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"select 1; select ';'", "$a$;$a$;", "e'\\'';", "/*/**/;*/;", "--\n;x", "\"\";"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		parts, err := Split(s)
		if err != nil {
			return
		}
		for _, p := range parts {
			again, err := Split(p)
			if err != nil || len(again) != 1 || again[0] != p {
				t.Fatalf("%q: part %q splits into %q, %v", s, p, again, err)
			}
		}
		again, err := Split(strings.Join(parts, "\n;\n"))
		if err != nil || !slices.Equal(again, parts) {
			t.Fatalf("%q: joined %q, again %q, %v", s, parts, again, err)
		}
	})
}

// FuzzSplitLikeDuckDB compares the number of statements with DuckDB's own.
func FuzzSplitLikeDuckDB(f *testing.F) {
	e, _ := lake(f, Options{})
	for _, s := range []string{"select 1; select ';'", "select $a$;$a$;", "select e'\\'';", "/*/**/;*/;", "--\n;select 1", "select \"\";"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if plausible(s) != nil {
			return
		}
		n, ok := countStatements(e, s)
		if !ok {
			return // does not parse
		}
		parts, err := Split(s)
		if err != nil || len(parts) != n {
			t.Fatalf("%q: DuckDB sees %d statements, we see %q, %v", s, n, parts, err)
		}
	})
}

func countStatements(e *Engine, s string) (int, bool) {
	conn, err := e.connector.Connect(context.Background())
	if err != nil {
		return 0, false
	}
	defer conn.Close()
	raw, err := rawConn(conn)
	if err != nil {
		return 0, false
	}
	var stmts mapping.ExtractedStatements
	n := mapping.ExtractStatements(raw, s, &stmts)
	defer mapping.DestroyExtracted(&stmts)
	return int(n), n > 0
}
