package duckdb

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Column of a table. Name is what users see. Expr is trusted SQL over the file's
// columns ("source_ip", "NULL::VARCHAR", an expression); it is used by branches
// that say nothing of their own, and "" stands for the column of the same name.
// Type is the DuckDB type, used for columns that a branch lacks and for a table
// without files.
type Column struct{ Name, Expr, Type string }

// Branch is one SELECT of a table's UNION ALL over an explicit list of Parquet
// files of the same shape. Columns maps a column's Name to its Expr in these
// files; a name that is missing is NULL of the column's Type. A nil map means
// that the columns' own Expr hold. Where is trusted SQL, optional, and may use
// file_row_number.
type Branch struct {
	Columns map[string]string
	Files   []string
	Where   string
}

// Table is the union of its branches. Branches without files are left out; a
// table without any file exists and is empty.
type Table struct {
	Name     string
	Columns  []Column
	Branches []Branch
	Comment  string
}

// View is trusted SQL over tables and other views, for example one in the shape
// of an Athena table.
type View struct{ Name, SQL, Comment string }

// Catalog is everything one caller may see. ID names the snapshot: catalogs of
// the same ID have the same definition. Names are unique without regard to case.
type Catalog struct {
	Tables []Table
	Views  []View
	ID     string
}

// names lists the tables and views in the order of the catalog.
func (c *Catalog) names() []string {
	if c == nil {
		return nil
	}
	var out []string
	for i := range c.Tables {
		out = append(out, c.Tables[i].Name)
	}
	for i := range c.Views {
		out = append(out, c.Views[i].Name)
	}
	return out
}

// has tells whether a table or view of that lower-case name exists.
func (c *Catalog) has(name string) bool {
	for i := range c.Tables {
		if lower(c.Tables[i].Name) == name {
			return true
		}
	}
	for i := range c.Views {
		if lower(c.Views[i].Name) == name {
			return true
		}
	}
	return false
}

// plan lists the statements that create what the named tables and views need,
// each after what it depends on, and tells whether files are read.
// refs parses a view's SQL to the lower-case names it reads.
func (c *Catalog) plan(want map[string]bool, refs func(sql string) ([]string, error)) (stmts []string, heavy bool, err error) {
	done := map[string]bool{}
	var add func(name string, depth int) error
	add = func(name string, depth int) error {
		if done[name] {
			return nil
		}
		if depth > 32 {
			return internalError("views of the catalog refer to each other in a circle at %q", name)
		}
		for i := range c.Tables {
			if t := &c.Tables[i]; lower(t.Name) == name {
				done[name] = true
				heavy = heavy || t.files() > 0
				sql, err := t.sql()
				stmts = append(stmts, "CREATE TEMP VIEW "+quoteIdent(t.Name)+" AS "+sql)
				return err
			}
		}
		for i := range c.Views {
			v := &c.Views[i]
			if lower(v.Name) != name {
				continue
			}
			needs, err := refs(v.SQL)
			if err != nil {
				return err
			}
			for _, n := range needs {
				if n != name && c.has(n) {
					if err := add(n, depth+1); err != nil {
						return err
					}
				}
			}
			done[name] = true
			stmts = append(stmts, "CREATE TEMP VIEW "+quoteIdent(v.Name)+" AS "+v.SQL)
			return nil
		}
		return internalError("the catalog has no %q", name)
	}
	for _, n := range sortedKeys(want) {
		if err := add(n, 0); err != nil {
			return nil, false, err
		}
	}
	return stmts, heavy, nil
}

func (t *Table) files() int {
	n := 0
	for i := range t.Branches {
		n += len(t.Branches[i].Files)
	}
	return n
}

// sql is the SELECT behind a table.
func (t *Table) sql() (string, error) {
	if len(t.Columns) == 0 {
		return "", internalError("table %q has no columns", t.Name)
	}
	var b strings.Builder
	for i := range t.Branches {
		br := &t.Branches[i]
		if len(br.Files) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(" UNION ALL ")
		}
		b.WriteString("SELECT ")
		for j, c := range t.Columns {
			if j > 0 {
				b.WriteString(", ")
			}
			b.WriteString(br.expr(c) + " AS " + quoteIdent(c.Name))
		}
		if err := br.from(&b); err != nil {
			return "", fmt.Errorf("table %q: %w", t.Name, err)
		}
		if br.Where != "" {
			b.WriteString(" WHERE (" + br.Where + ")")
		}
	}
	if b.Len() > 0 {
		return b.String(), nil
	}
	b.WriteString("SELECT ")
	for j, c := range t.Columns {
		if j > 0 {
			b.WriteString(", ")
		}
		b.WriteString(nullOf(c) + " AS " + quoteIdent(c.Name))
	}
	b.WriteString(" WHERE false")
	return b.String(), nil
}

func (br *Branch) expr(c Column) string {
	e, ok := c.Expr, true
	if br.Columns != nil {
		e, ok = br.Columns[c.Name]
	}
	switch {
	case !ok:
		return nullOf(c)
	case e == "":
		return quoteIdent(c.Name)
	}
	return e
}

// from writes the scan. Hive partitioning is off so that a folder named x=1 adds
// no column.
func (br *Branch) from(b *strings.Builder) error {
	b.WriteString(" FROM read_parquet([")
	for i, f := range br.Files {
		if strings.ContainsAny(f, "*?[{") || strings.Contains(f, "://") {
			return internalError("a file's name has a character that DuckDB takes for a pattern")
		}
		abs, err := filepath.Abs(f)
		if err != nil {
			return internalError("a file's absolute path is not known")
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quoteText(abs))
	}
	b.WriteString("], hive_partitioning=false)")
	return nil
}

func nullOf(c Column) string {
	t := c.Type
	if t == "" {
		t = "VARCHAR"
	}
	return "NULL::" + t
}

func quoteIdent(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
func quoteText(s string) string  { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
