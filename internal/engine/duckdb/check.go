package duckdb

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// checked is what the walk over a statement found out.
type checked struct {
	run   string          // the text to run: the user's, but for SHOW TABLES and DESCRIBE
	shift int             // bytes put before the user's text
	refs  map[string]bool // lower-case names of the catalog's tables and views it reads
	short bool            // can grow without bound (recursion, generators): the short time limit applies
}

// serialized is the answer of json_serialize_sql.
type serialized struct {
	Error      bool   `json:"error"`
	ErrorType  string `json:"error_type"`
	Message    string `json:"error_message"`
	Subtype    string `json:"error_subtype"`
	Position   any    `json:"position"`
	Statements []struct {
		Node   map[string]any `json:"node"`
		Params []any          `json:"named_param_map"`
	} `json:"statements"`
}

const (
	maxStatement = 1 << 20 // bytes of one statement's text
	maxSelects   = 1000    // SELECTs of one statement: planning grows faster than their number
	maxWalkDepth = 2000    // nesting of the tree; DuckDB's own expression limit is 1000
)

// check decides whether a statement may run. tree is json_serialize_sql's answer
// for sql.
func check(tree []byte, sql string, cat *Catalog) (*checked, error) {
	var s serialized
	dec := json.NewDecoder(strings.NewReader(string(tree)))
	dec.UseNumber()
	if err := dec.Decode(&s); err != nil {
		// A literal such as 9e999 comes as a bare Infinity.
		return nil, &Error{Kind: KindInvalid, Msg: "the parsed statement could not be read", Hint: "is a number in it out of range?"}
	}
	if s.Error {
		return nil, parseError(&s, sql)
	}
	switch n := len(s.Statements); {
	case n == 0:
		return nil, &Error{Kind: KindInvalid, Msg: "there is no statement"}
	case n > 1:
		return nil, &Error{Kind: KindDenied, Msg: fmt.Sprintf("one statement at a time, this text has %d", n)}
	case len(s.Statements[0].Params) > 0:
		return nil, &Error{Kind: KindDenied, Msg: "parameters ($1, ?) cannot be used", Hint: "write the value into the statement"}
	}
	w := &walker{sql: sql, cat: cat, out: &checked{run: sql, refs: map[string]bool{}}, rows: 1}
	node := s.Statements[0].Node
	if done, err := w.show(node); done || err != nil {
		return w.out, err
	}
	if err := w.walk(node, nil); err != nil {
		return nil, err
	}
	return w.out, nil
}

// parseError is the Error of a text that did not parse, or that parsed to
// something else than SELECT.
func parseError(s *serialized, sql string) *Error {
	if s.ErrorType == "not implemented" {
		return &Error{Kind: KindDenied, Msg: "only SELECT statements can be run", Hint: "SHOW TABLES, DESCRIBE and SUMMARIZE work too; PIVOT needs its values named: ON column IN (…)"}
	}
	msg, _, _ := strings.Cut(s.Message, "\n")
	e := &Error{Kind: KindInvalid, Msg: scrub(msg)}
	var pos int
	if _, err := fmt.Sscan(fmt.Sprint(s.Position), &pos); err == nil {
		// The parser counts characters here; query_location and the positions of
		// binder errors count bytes.
		at := len(sql)
		for i := range sql {
			if pos == 0 {
				at = i
				break
			}
			pos--
		}
		e.Line, e.Col = lineCol(sql, at)
	}
	return e
}

// scope is the chain of names that WITH brought in.
type scope struct {
	name      string
	recursive bool // usable as recurring.name
	outer     *scope
}

func (s *scope) find(name string) *scope {
	for ; s != nil; s = s.outer {
		if s.name == name {
			return s
		}
	}
	return nil
}

type walker struct {
	sql     string
	cat     *Catalog
	out     *checked
	depth   int
	selects int
	lambdas int     // lambdas around the node
	rows    float64 // product of the constant sizes of generators
}

// nodeTypes are the "type" values of maps without a class: query nodes,
// modifiers, table references, order items and type descriptions. fromTypes
// are looked at more closely in check_from.go.
var nodeTypes = set(`SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE
	ORDER_MODIFIER LIMIT_MODIFIER LIMIT_PERCENT_MODIFIER DISTINCT_MODIFIER
	ORDER_DEFAULT ASCENDING DESCENDING
	BASE_TABLE SUBQUERY JOIN TABLE_FUNCTION EXPRESSION_LIST EMPTY PIVOT SHOW_REF
	STRUCT_TYPE_INFO LIST_TYPE_INFO DECIMAL_TYPE_INFO ARRAY_TYPE_INFO UNBOUND_TYPE_INFO
	ENUM_TYPE_INFO STRING_TYPE_INFO GENERIC_TYPE_INFO USER_TYPE_INFO INTEGER_LITERAL_TYPE_INFO`)

// classes are the kinds of expressions users may write.
var classes = set(`COLUMN_REF CONSTANT FUNCTION WINDOW SUBQUERY OPERATOR CONJUNCTION
	COMPARISON BETWEEN CASE CAST COLLATE LAMBDA STAR POSITIONAL_REFERENCE TYPE`)

// walk visits everything below v. It does not pick fields by name: whatever a
// future DuckDB adds to a node is visited too, and what has an unknown type or
// class is refused.
func (w *walker) walk(v any, sc *scope) error {
	if w.depth++; w.depth > maxWalkDepth {
		return &Error{Kind: KindInvalid, Msg: "the statement is nested too deeply"}
	}
	defer func() { w.depth-- }()
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if err := w.walk(x, sc); err != nil {
				return err
			}
		}
	case map[string]any:
		return w.node(v, sc)
	}
	return nil
}

func (w *walker) node(m map[string]any, sc *scope) error {
	class, isExpr := m["class"]
	typ, _ := m["type"].(string)
	switch {
	case isExpr:
		return w.expr(m, text(class), sc)
	case typ != "" && !nodeTypes[typ]:
		return w.deny(m, "this kind of statement ("+typ+") cannot be run")
	}
	if _, ok := m["cte_map"]; ok {
		return w.query(m, typ, sc)
	}
	switch typ {
	case "BASE_TABLE":
		return w.baseTable(m, sc)
	case "TABLE_FUNCTION":
		return w.tableFunction(m, sc)
	case "PIVOT":
		if text(m["pivot_enum"]) != "" {
			return w.deny(m, "PIVOT needs its values named: FOR column IN (…)")
		}
	case "SHOW_REF":
		return w.showRef(m, sc)
	}
	return w.children(m, sc)
}

func (w *walker) children(m map[string]any, sc *scope, skip ...string) error {
	for _, k := range sortedKeys(m) {
		if !slices.Contains(skip, k) {
			if err := w.walk(m[k], sc); err != nil {
				return err
			}
		}
	}
	return nil
}

// query walks a node that can have WITH. A common table expression sees those
// before it and those of the queries around, not itself: WITH e AS (SELECT …
// FROM e) reads the table e, so e must be one of the catalog's.
func (w *walker) query(m map[string]any, typ string, sc *scope) error {
	ctes, _ := m["cte_map"].(map[string]any)
	if w.selects++; w.selects > maxSelects {
		return &Error{Kind: KindInvalid, Msg: "the statement has more than 1000 SELECTs", Hint: "use IN (…) or VALUES"}
	}
	list, ok := ctes["map"].([]any)
	if !ok || len(ctes) != 1 {
		return internalError("WITH has an unknown shape")
	}
	for _, c := range list {
		entry, _ := c.(map[string]any)
		if err := w.walk(entry["value"], sc); err != nil {
			return err
		}
		sc = &scope{name: lower(text(entry["key"])), outer: sc}
	}
	if typ != "RECURSIVE_CTE_NODE" {
		return w.children(m, sc, "cte_map")
	}
	w.out.short = true
	if err := w.children(m, sc, "cte_map", "right"); err != nil {
		return err
	}
	return w.walk(m["right"], &scope{name: lower(text(m["cte_name"])), recursive: true, outer: sc})
}

// deny makes an Error of kind denied at the node's place in the text.
func (w *walker) deny(m map[string]any, msg string) *Error {
	e := &Error{Kind: KindDenied, Msg: msg}
	w.place(e, m)
	return e
}

func (w *walker) place(e *Error, m map[string]any) {
	if n, ok := m["query_location"].(json.Number); ok {
		if at, err := n.Int64(); err == nil && at <= int64(len(w.sql)) {
			e.Line, e.Col = lineCol(w.sql, int(at))
		}
	}
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// set makes a set of the words in s.
func set(s string) map[string]bool {
	m := map[string]bool{}
	for _, f := range strings.Fields(s) {
		m[f] = true
	}
	return m
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
