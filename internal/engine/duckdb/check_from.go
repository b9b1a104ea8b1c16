package duckdb

import (
	"encoding/json"
	"strings"
)

// baseTable allows names of WITH and of the catalog. Everything else would make
// DuckDB look into its system schemas, or take the name for a file.
func (w *walker) baseTable(m map[string]any, sc *scope) error {
	name, schema, catalog := text(m["table_name"]), text(m["schema_name"]), text(m["catalog_name"])
	low := lower(name)
	if m["at_clause"] != nil {
		return w.deny(m, "AT (time travel) cannot be used")
	}
	cte := sc.find(low)
	switch {
	case catalog == "" && schema == "" && cte != nil:
	case catalog == "" && lower(schema) == "recurring" && cte != nil && cte.recursive:
	case catalog == "" && (schema == "" || lower(schema) == "main") && w.cat.has(low):
		w.out.refs[low] = true
	case catalog != "" || schema != "":
		e := w.deny(m, "tables of schema "+strings.Trim(catalog+"."+schema, ".")+" cannot be read")
		if e.Hint = "SHOW TABLES lists what is there"; w.cat.has(low) {
			e.Hint = "write " + name + " without a schema"
		}
		return e
	case strings.ContainsAny(name, `/\.*:`):
		return w.deny(m, "files cannot be read by name")
	default:
		e := w.deny(m, "there is no table "+name)
		e.Kind, e.Hint = KindInvalid, didYouMean(nearest(low, w.cat.names()))
		if e.Hint == "" {
			e.Hint = "SHOW TABLES lists what is there"
		}
		return e
	}
	return w.children(m, sc)
}

// tableFunctions may stand in FROM. range and generate_series are counted.
var tableFunctions = set("unnest json_each json_tree range generate_series")

const (
	maxGenerated = 10_000_000    // rows of one generator
	maxProduct   = 1_000_000_000 // rows of all generators of a statement multiplied
)

func (w *walker) tableFunction(m map[string]any, sc *scope) error {
	f, _ := m["function"].(map[string]any)
	name := lower(text(f["function_name"]))
	if text(f["class"]) != "FUNCTION" || !tableFunctions[name] {
		e := w.deny(m, "the table function "+name+" cannot be used")
		if strings.HasPrefix(name, "read_") || strings.HasPrefix(name, "parquet") || name == "glob" {
			e.Hint = "files cannot be read by name; SHOW TABLES lists what is there"
		}
		return e
	}
	if err := w.plainName(f); err != nil {
		return err
	}
	if name == "range" || name == "generate_series" {
		if err := w.generator(f, name); err != nil {
			return err
		}
	}
	if err := w.children(f, sc); err != nil { // the arguments
		return err
	}
	return w.children(m, sc, "function")
}

// generator limits the rows that range and generate_series make. Sizes that are
// not plain numbers cannot be known here: those statements get the short time
// limit instead (a generator in FROM can be interrupted).
func (w *walker) generator(f map[string]any, name string) error {
	args, _ := f["children"].([]any)
	nums := make([]float64, 0, 3)
	for _, a := range args {
		n, ok := number(a)
		if !ok {
			w.out.short = true
			return nil
		}
		nums = append(nums, n)
	}
	from, to, step := 0.0, 0.0, 1.0
	switch len(nums) {
	case 1:
		to = nums[0]
	case 2:
		from, to = nums[0], nums[1]
	case 3:
		from, to, step = nums[0], nums[1], nums[2]
	}
	n := 0.0
	if step != 0 {
		n = max(0, (to-from)/step)
	}
	w.rows *= max(1, n)
	if n > maxGenerated || w.rows > maxProduct {
		e := w.deny(f, name+" makes too many rows")
		e.Hint = "at most 10 million each and 1,000 million in a product"
		return e
	}
	return nil
}

// number reads a numeric literal.
func number(v any) (float64, bool) {
	m, _ := v.(map[string]any)
	if text(m["class"]) != "CONSTANT" {
		return 0, false
	}
	val, _ := m["value"].(map[string]any)
	n, ok := val["value"].(interface{ Float64() (float64, error) })
	if !ok {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil
}

// constantText reads a text literal.
func constantText(v any) (string, bool) {
	m, _ := v.(map[string]any)
	if text(m["class"]) != "CONSTANT" {
		return "", false
	}
	val, _ := m["value"].(map[string]any)
	s, ok := val["value"].(string)
	return s, ok
}

// showRef allows DESCRIBE and SUMMARIZE of a query; their query is walked.
func (w *walker) showRef(m map[string]any, sc *scope) error {
	if kind := text(m["show_type"]); m["query"] == nil || kind != "DESCRIBE" && kind != "SUMMARY" {
		e := w.deny(m, "this SHOW statement cannot be run")
		e.Hint = "SHOW TABLES, DESCRIBE and SUMMARIZE work"
		return e
	}
	return w.children(m, sc)
}

// show recognises SHOW TABLES as the whole statement and answers it from the
// catalog; of DESCRIBE it keeps the two columns that mean something here.
func (w *walker) show(node map[string]any) (bool, error) {
	from, _ := node["from_table"].(map[string]any)
	if text(from["type"]) != "SHOW_REF" {
		return false, nil
	}
	switch name := lower(text(from["table_name"])); {
	case text(from["show_type"]) == "SHOW_UNQUALIFIED" && (name == `"tables"` || name == "__show_tables_expanded"):
		w.out.run, w.out.shift = w.cat.showTables(), 0
		return true, nil
	case text(from["show_type"]) == "DESCRIBE" && strings.IndexByte(w.sql, 0) < 0:
		parts, err := Split(w.sql)
		if err != nil || len(parts) != 1 || len(w.sql) == 0 {
			return false, err
		}
		const head = "SELECT column_name, column_type FROM ("
		w.out.shift = len(head) - strings.Index(w.sql, parts[0])
		w.out.run = head + parts[0] + "\n)"
		return false, nil
	}
	return false, nil
}

func (c *Catalog) showTables() string {
	var b strings.Builder
	b.WriteString("SELECT * FROM (VALUES ('','')")
	for i := range c.Tables {
		b.WriteString(", (" + quoteText(c.Tables[i].Name) + "," + quoteText(c.Tables[i].Comment) + ")")
	}
	for i := range c.Views {
		b.WriteString(", (" + quoteText(c.Views[i].Name) + "," + quoteText(c.Views[i].Comment) + ")")
	}
	b.WriteString(") t(table_name, comment) WHERE table_name <> '' ORDER BY table_name")
	return b.String()
}

// baseTables lists the lower-case table names in a tree, of trusted SQL.
func baseTables(tree []byte) ([]string, error) {
	var s serialized
	if err := json.Unmarshal(tree, &s); err != nil || s.Error || len(s.Statements) != 1 {
		return nil, internalError("a view of the catalog does not parse: %s", scrub(s.Message))
	}
	names := map[string]bool{}
	var visit func(v any)
	visit = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				visit(x)
			}
		case map[string]any:
			if text(v["type"]) == "BASE_TABLE" {
				names[lower(text(v["table_name"]))] = true
			}
			for _, x := range v {
				visit(x)
			}
		}
	}
	visit(s.Statements[0].Node)
	return sortedKeys(names), nil
}
