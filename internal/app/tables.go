package app

import (
	"maps"
	"slices"
	"strings"

	"ashiato/internal/engine/duckdb"
	"ashiato/internal/engine/scan"
	"ashiato/internal/event"
	"ashiato/internal/lake"
	"ashiato/internal/logtype"
)

// tableName is what a log type's table is called in SQL: aws.cloudtrail is aws_cloudtrail.
func tableName(logType string) string { return strings.ReplaceAll(logType, ".", "_") }

// sqlCatalog describes the tables and views over a snapshot.
func sqlCatalog(types *logtype.Catalog, l *lake.Lake, snap *lake.Snapshot) duckdb.Catalog {
	// files of one layout have the same columns; a log type that gained columns has several layouts
	files := map[string]map[string][]string{}
	for _, s := range snap.Segments {
		if files[s.Dataset] == nil {
			files[s.Dataset] = map[string][]string{}
		}
		files[s.Dataset][s.Layout] = append(files[s.Dataset][s.Layout], l.DataPath(s))
	}
	cat := duckdb.Catalog{ID: snap.ID}
	events := duckdb.Table{Name: "events", Columns: commonColumns(), Comment: "what all log types share"}
	for _, t := range types.Types {
		table := typeTable(t, nil)
		for _, layout := range slices.Sorted(maps.Keys(files[t.Name])) {
			columns := typeTable(t, strings.Fields(layout)).Columns
			f := files[t.Name][layout]
			table.Branches = append(table.Branches, duckdb.Branch{Files: f, Columns: commonBranch(columns, table.Columns)})
			events.Branches = append(events.Branches, duckdb.Branch{Files: f, Columns: commonBranch(columns, events.Columns)})
		}
		cat.Tables = append(cat.Tables, table)
		for _, v := range t.Views {
			cat.Views = append(cat.Views, duckdb.View{Name: v.Name, SQL: v.SQL, Comment: t.Title + ", as in " + v.Docs})
		}
	}
	cat.Tables = append(cat.Tables, events)
	return cat
}

// typeTable lists the columns of a type's table: those of the files, then the vendor's names for them,
// then what is made of several.
//
// layout lists the columns that the files have, nil for all.
func typeTable(t *logtype.Compiled, layout []string) duckdb.Table {
	table := duckdb.Table{Name: tableName(t.Name), Comment: t.Title}
	lacks := func(name string) bool { return layout != nil && !slices.Contains(layout, name) }
	taken := map[string]bool{}
	add := func(c duckdb.Column) {
		if !taken[c.Name] {
			taken[c.Name] = true
			table.Columns = append(table.Columns, c)
		}
	}
	for i, c := range t.Schema.Columns {
		switch {
		case c.Kind == event.Binary: // skeleton, verbatim
			continue
		case lacks(c.Name):
			add(duckdb.Column{Name: c.Name, Expr: "NULL::" + sqlType(c.Kind), Type: sqlType(c.Kind)})
		case i == event.CDataset:
			add(duckdb.Column{Name: c.Name, Expr: quoteText(t.Name), Type: "VARCHAR"}) // known without reading
		case i == t.NativeID():
			add(duckdb.Column{Name: c.Name, Expr: "coalesce(" + event.ColID + ", " + derivedID + ")", Type: "VARCHAR"})
		default:
			add(duckdb.Column{Name: c.Name, Expr: quoteName(c.Name), Type: sqlType(c.Kind)})
		}
	}
	if t.NativeID() < 0 {
		add(duckdb.Column{Name: event.ColID, Expr: derivedID, Type: "VARCHAR"})
	}
	for _, r := range scan.Related {
		add(duckdb.Column{Name: event.SQLName(r.Field), Expr: relatedExpr(t.Schema, r.Columns, lacks), Type: "VARCHAR[]"})
	}
	for _, c := range t.Schema.Columns {
		for _, n := range c.Native {
			if name := event.SQLName(n); name != "" && c.Kind != event.Binary {
				expr := quoteName(c.Name)
				if lacks(c.Name) {
					expr = "NULL::" + sqlType(c.Kind)
				}
				add(duckdb.Column{Name: name, Expr: expr, Type: sqlType(c.Kind)})
			}
		}
	}
	return table
}

// derivedID identifies a record that has no id of its own: its object's hash and its position there.
const derivedID = event.ColObjectID + " || '-' || " + event.ColObjectOffset

// relatedExpr is the sorted list of the distinct values of columns, null when there is none.
func relatedExpr(s *event.Schema, columns []string, lacks func(string) bool) string {
	if columns == nil {
		for _, c := range s.Columns {
			if c.Kind == event.IP {
				columns = append(columns, c.Name)
			}
		}
	}
	var single []string
	var lists []string
	for _, name := range columns {
		switch i := s.Index(name); {
		case i < 0 || lacks(name):
		case s.Columns[i].Kind == event.List:
			lists = append(lists, "coalesce("+quoteName(name)+", [])")
		default:
			single = append(single, quoteName(name))
		}
	}
	if len(single) > 0 {
		lists = append(lists, "["+strings.Join(single, ", ")+"]")
	}
	all := ""
	for _, l := range lists {
		if all == "" {
			all = l
		} else {
			all = "list_concat(" + all + ", " + l + ")"
		}
	}
	if all == "" {
		return "NULL::VARCHAR[]"
	}
	return "nullif(list_sort(list_distinct(" + all + ")), [])" // list_distinct leaves nulls out
}

// commonColumns are those of the virtual table events.
func commonColumns() []duckdb.Column {
	var out []duckdb.Column
	for _, f := range event.Common {
		out = append(out, duckdb.Column{Name: event.SQLName(f), Type: sqlType(event.CommonKind(f))})
	}
	for _, r := range scan.Related {
		out = append(out, duckdb.Column{Name: event.SQLName(r.Field), Type: "VARCHAR[]"})
	}
	return out
}

// commonBranch gives the columns of events that a type has.
func commonBranch(have, common []duckdb.Column) map[string]string {
	exprs := make(map[string]string, len(have))
	for _, c := range have {
		exprs[c.Name] = c.Expr
	}
	out := map[string]string{}
	for _, c := range common {
		if e, ok := exprs[c.Name]; ok {
			out[c.Name] = e
		}
	}
	return out
}

// sqlType is the DuckDB type of a kind.
func sqlType(k event.Kind) string {
	switch k {
	case event.Int:
		return "BIGINT"
	case event.Float:
		return "DOUBLE"
	case event.Time:
		return "TIMESTAMP"
	case event.List:
		return "VARCHAR[]"
	case event.Binary:
		return "BLOB"
	}
	return "VARCHAR"
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
