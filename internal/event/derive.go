package event

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Rule computes columns from other columns. Fn must be a pure function of its inputs: it runs once
// per distinct combination of them in a batch.
type Rule struct {
	From []string // SQL names of the inputs
	To   []string // SQL names of the outputs; each column is the output of one rule at most
	Fn   func(*Args)
}

// Args gives a rule's function its inputs and takes its outputs.
type Args struct {
	b    *Batch
	rule *boundRule
	row  int
	out  []outValue
	list []byte
}

type outValue struct {
	id  uint32
	num int64
}

type boundRule struct {
	from, to []int
	fn       func(*Args)
}

// Deriver runs the rules of a log type over batches.
type Deriver struct{ rules []boundRule }

// NewDeriver binds rules to a schema's columns.
func NewDeriver(s *Schema, rules []Rule) (*Deriver, error) {
	d := &Deriver{}
	taken := map[string]bool{}
	for _, r := range rules {
		br := boundRule{fn: r.Fn}
		for _, n := range r.From {
			i := s.Index(n)
			if i < 0 {
				return nil, fmt.Errorf("%s: a rule reads column %s, which does not exist", s.Dataset, n)
			}
			br.from = append(br.from, i)
		}
		for _, n := range r.To {
			i := s.Index(n)
			if i < 0 || s.Columns[i].Kind == Float {
				return nil, fmt.Errorf("%s: a rule writes column %s, which does not exist or is a float", s.Dataset, n)
			}
			if taken[n] {
				return nil, fmt.Errorf("%s: two rules write column %s", s.Dataset, n)
			}
			taken[n] = true
			br.to = append(br.to, i)
		}
		d.rules = append(d.rules, br)
	}
	return d, nil
}

// Run fills the output columns of all rows. Values that a parser set itself are kept.
func (d *Deriver) Run(b *Batch) {
	for i := range d.rules {
		d.rules[i].run(b)
	}
}

func (r *boundRule) run(b *Batch) {
	a := &Args{b: b, rule: r, out: make([]outValue, len(r.to))}
	tuples := newDict(nil)
	var memo []outValue
	var key []byte
	for row := 0; row < b.N; row++ {
		key = key[:0]
		for _, c := range r.from {
			col := &b.Cols[c]
			switch col.store {
			case StoreInt:
				key = binary.LittleEndian.AppendUint64(key, uint64(col.Int(row)))
			case StoreFloat:
				key = binary.LittleEndian.AppendUint64(key, math.Float64bits(col.Float(row)))
			default:
				key = binary.LittleEndian.AppendUint32(key, col.ID(row))
			}
		}
		known := uint32(tuples.Len())
		id := tuples.Intern(key)
		if id > known {
			a.row = row
			for i := range a.out {
				a.out[i] = outValue{0, NullInt}
			}
			r.fn(a)
			memo = append(memo, a.out...)
		}
		for i, o := range memo[int(id-1)*len(r.to) : int(id)*len(r.to)] {
			col := &b.Cols[r.to[i]]
			if col.store == StoreInt {
				if o.num != NullInt && !col.isSet(row) {
					col.SetInt(row, o.num)
				}
			} else if o.id != 0 && !col.isSet(row) {
				col.SetID(row, o.id)
			}
		}
	}
}

// Bytes returns input i, a text column, nil when null.
func (a *Args) Bytes(i int) []byte { return a.b.Cols[a.rule.from[i]].BytesAt(a.row) }

// Str returns input i, a text column, empty when null.
func (a *Args) Str(i int) string { return string(a.Bytes(i)) }

// Int returns input i, an Int or Time column; ok is false when null.
func (a *Args) Int(i int) (v int64, ok bool) {
	v = a.b.Cols[a.rule.from[i]].Int(a.row)
	return v, v != NullInt
}

// Float returns input i, a Float column; ok is false when null.
func (a *Args) Float(i int) (v float64, ok bool) {
	v = a.b.Cols[a.rule.from[i]].Float(a.row)
	return v, !NullFloat(v)
}

// List returns the elements of input i, a List column.
func (a *Args) List(i int) []string {
	var out []string
	EachElement(a.Bytes(i), func(e []byte) { out = append(out, string(e)) })
	return out
}

// Set gives output i, a text column, a value; empty means null.
func (a *Args) Set(i int, v string) {
	if v != "" {
		a.out[i].id, _ = (&Row{b: a.b}).intern(a.rule.to[i], []byte(v))
	}
}

// SetInt gives output i, an Int or Time column, a value.
func (a *Args) SetInt(i int, v int64) { a.out[i].num = v }

// SetList gives output i, a List column, its elements; empty ones are left out.
func (a *Args) SetList(i int, elements ...string) {
	a.list = a.list[:0]
	for _, e := range elements {
		if e != "" {
			a.list = AppendList(a.list, []byte(e))
		}
	}
	if len(a.list) > 0 {
		a.out[i].id = a.b.Cols[a.rule.to[i]].Dict.Intern(a.list)
	}
}
