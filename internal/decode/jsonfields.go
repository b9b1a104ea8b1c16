package decode

import (
	"fmt"
	"slices"
	"strings"

	"ashiato/internal/event"
)

// Field sends the value at a path of a JSON record to a column.
//
// What happens follows the column's kind. Text kinds take strings, numbers, booleans and whole
// sub-trees; JSON takes any value but null with its bytes; Int, Float and Time take numbers written
// bare or in a string; List takes an array of scalars or one scalar. A value of another type leaves
// the column null and stays in the record.
type Field struct {
	Path   string       // "userIdentity.arn"; "[0]" after a name takes the first element: "networkInterfaces[0].privateIpAddress"
	Column string       // SQL name
	Time   event.Format // for a Time column: the format that is usual
}

type node struct {
	key      string
	col      int
	kind     event.Kind
	time     event.Format
	children []*node
	start    int   // index of the child that came first last time
	prev     *node // child found last in this object
	next     int   // for a child: index of the sibling that followed it last time
	first    bool
	root     bool // an object that holds the record's fields in place of the top level
}

// JSONParser walks JSON records of one log type once and fills rows. One goroutine uses it.
type JSONParser struct {
	root   *node
	noSpan int
	depth  int
	outer  []uint8 // inside a root object: columns that fields around it have filled
}

// CompileJSON binds fields to a schema. roots are paths of objects that hold the record's fields in
// place of the top level, such as "detail" for the EventBridge envelope; the top level is always one.
// A value in such an object wins over one of the same name around it: an envelope's "id" is not the
// record's.
func CompileJSON(s *event.Schema, fields []Field, roots ...string) (*JSONParser, error) {
	root := &node{col: -1}
	for _, prefix := range append([]string{""}, roots...) {
		for _, f := range fields {
			path := f.Path
			if prefix != "" {
				path = prefix + "." + path
			}
			n := root
			for _, part := range strings.Split(path, ".") {
				part = strings.ReplaceAll(part, "\\", ".")
				name, first := strings.CutSuffix(part, "[0]")
				n = n.child(name)
				n.first = n.first || first
			}
			c := s.Index(f.Column)
			if c < 0 {
				return nil, fmt.Errorf("%s: field %s goes to column %s, which does not exist", s.Dataset, f.Path, f.Column)
			}
			if n.col >= 0 {
				return nil, fmt.Errorf("%s: field %s is mapped twice", s.Dataset, f.Path)
			}
			n.col, n.kind, n.time = c, s.Columns[c].Kind, f.Time
			if n.time == 0 {
				n.time = event.RFC3339Sec
			}
		}
		if prefix != "" {
			n := root
			for _, part := range strings.Split(prefix, ".") {
				n = n.child(part)
			}
			n.root = true
		}
	}
	return &JSONParser{root: root}, nil
}

func (n *node) child(key string) *node {
	for _, c := range n.children {
		if c.key == key {
			return c
		}
	}
	c := &node{key: key, col: -1}
	n.children = append(n.children, c)
	return c
}

// Clone returns a parser that another goroutine can use.
func (p *JSONParser) Clone() *JSONParser { return &JSONParser{root: p.root.clone()} }

func (n *node) clone() *node {
	m := *n
	m.children = make([]*node, len(n.children))
	for i, c := range n.children {
		m.children[i] = c.clone()
	}
	return &m
}

// find returns the child for a key, trying first the one that stood here last time: AWS services
// write their keys in the same order again and again.
func (n *node) find(key []byte) *node {
	if len(n.children) == 0 {
		return nil
	}
	expected := n.start
	if n.prev != nil {
		expected = n.prev.next
	}
	if c := n.children[expected]; c.key == string(key) {
		n.prev = c
		return c
	}
	for i, c := range n.children {
		if c.key == string(key) {
			if n.prev != nil {
				n.prev.next = i
			} else {
				n.start = i
			}
			n.prev = c
			return c
		}
	}
	return nil
}

// Parse walks the JSON object that starts at buf[at] and fills row, which must have begun with buf.
// It returns the index after the object; ErrShort means that buf ends before the object does.
func (p *JSONParser) Parse(row *event.Row, buf []byte, at int) (int, error) {
	p.noSpan, p.depth, p.outer = 0, 0, p.outer[:0]
	if at >= len(buf) {
		return at, ErrShort
	}
	if buf[at] != '{' {
		return at, &SyntaxError{at, fmt.Sprintf("expected a JSON object, found %q", buf[at])}
	}
	return p.object(row, buf, at, p.root)
}

func (p *JSONParser) object(row *event.Row, b []byte, i int, n *node) (int, error) {
	if p.depth++; p.depth > maxDepth {
		return i, &SyntaxError{i, "nested too deep"}
	}
	defer func() { p.depth-- }()
	n.prev = nil
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		i = skipSpace(b, i)
		if i >= len(b) {
			return i, ErrShort
		}
		if b[i] != '"' {
			return i, &SyntaxError{i, fmt.Sprintf("expected a key, found %q", b[i])}
		}
		ke, _ := scanString(b, i+1)
		if ke < 0 {
			return i, stringError(i, ke)
		}
		c := n.find(b[i+1 : ke])
		if i = skipSpace(b, ke+1); i >= len(b) {
			return i, ErrShort
		}
		if b[i] != ':' {
			return i, &SyntaxError{i, fmt.Sprintf("expected a colon, found %q", b[i])}
		}
		i = skipSpace(b, i+1)
		var err error
		if c == nil {
			i, err = skipValue(b, i)
		} else {
			i, err = p.value(row, b, i, c)
		}
		if err != nil {
			return i, err
		}
		if i = skipSpace(b, i); i >= len(b) {
			return i, ErrShort
		}
		if b[i] == '}' {
			return i + 1, nil
		}
		if b[i] != ',' {
			return i, &SyntaxError{i, fmt.Sprintf("expected a comma, found %q", b[i])}
		}
		i++
	}
}

func (p *JSONParser) value(row *event.Row, b []byte, i int, n *node) (int, error) {
	if i >= len(b) {
		return i, ErrShort
	}
	switch {
	case b[i] == '{' && len(n.children) > 0 && n.col < 0:
		if n.root {
			p.outer = row.Touched(p.outer[:0])
			end, err := p.object(row, b, i, n)
			p.outer = p.outer[:0]
			return end, err
		}
		return p.object(row, b, i, n)
	case b[i] == '[' && n.first && n.col < 0:
		return p.firstElement(row, b, i, n)
	case n.col < 0:
		return skipValue(b, i)
	case b[i] == '"':
		e, escaped := scanString(b, i+1)
		if e < 0 {
			return i, stringError(i, e)
		}
		if n.kind == event.JSON {
			p.text(row, b, n, i, e+1, false)
		} else {
			p.text(row, b, n, i+1, e, escaped)
		}
		return e + 1, nil
	}
	end, err := skipValue(b, i)
	if err != nil || b[i] == 'n' {
		return end, err
	}
	if b[i] == '{' || b[i] == '[' {
		if n.kind == event.List {
			p.override(row, n)
			p.list(row, b[i:end], n)
			return end, nil
		}
		p.text(row, b, n, i, end, false)
		if len(n.children) > 0 {
			p.noSpan++
			if b[i] == '{' {
				_, err = p.object(row, b, i, n)
			} else if n.first {
				_, err = p.firstElement(row, b, i, n)
			}
			p.noSpan--
		}
		return end, err
	}
	p.text(row, b, n, i, end, false)
	return end, nil
}

// firstElement walks the first element of the array at i and skips the rest.
func (p *JSONParser) firstElement(row *event.Row, b []byte, i int, n *node) (int, error) {
	end, err := skipValue(b, i)
	if err != nil {
		return end, err
	}
	if j := skipSpace(b, i+1); b[j] != ']' {
		_, err = p.element(row, b, j, n)
	}
	return end, err
}

func (p *JSONParser) element(row *event.Row, b []byte, i int, n *node) (int, error) {
	if b[i] == '{' && len(n.children) > 0 {
		return p.object(row, b, i, n)
	}
	return i, nil
}

// text sends b[start:end] to the node's column.
func (p *JSONParser) text(row *event.Row, b []byte, n *node, start, end int, escaped bool) {
	v := b[start:end]
	p.override(row, n)
	if p.noSpan > 0 {
		p.set(row, v, n, escaped)
		return
	}
	switch n.kind {
	case event.Int:
		row.SpanInt(n.col, start, end)
	case event.Float:
		row.SpanFloat(n.col, start, end)
	case event.Time:
		row.SpanTime(n.col, start, end, n.time)
	case event.List:
		row.SetList(n.col, v)
	default:
		if escaped {
			row.SpanEscaped(n.col, start, end)
		} else {
			row.Span(n.col, start, end)
		}
	}
}

// override makes way for a value in a root object where the envelope has filled the column.
func (p *JSONParser) override(row *event.Row, n *node) {
	if i := slices.Index(p.outer, uint8(n.col)); i >= 0 {
		p.outer = slices.Delete(p.outer, i, i+1)
		row.Forget(n.col)
	}
}

func (p *JSONParser) set(row *event.Row, v []byte, n *node, escaped bool) {
	if escaped {
		v = event.AppendJSONUnescaped(nil, v)
	}
	switch n.kind {
	case event.Int:
		if x, ok := event.ParseInt(v); ok {
			row.SetInt(n.col, x)
		}
	case event.Time:
		if x, ok := event.ParseAnyTime(v); ok {
			row.SetInt(n.col, x)
		}
	case event.Float:
	case event.List:
		row.SetList(n.col, v)
	default:
		row.SetText(n.col, v)
	}
}

// list sends the scalars of an array to a List column.
func (p *JSONParser) list(row *event.Row, array []byte, n *node) {
	var elements [][]byte
	EachJSONElement(array, func(v []byte) { elements = append(elements, JSONText(v)) })
	row.SetList(n.col, elements...)
}
