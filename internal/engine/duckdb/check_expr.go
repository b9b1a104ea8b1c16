package duckdb

import (
	"regexp"
)

// maxLambdas is how deep lambdas may nest: each level multiplies the work by the
// length of a list, and DuckDB cannot be interrupted inside one.
const maxLambdas = 2

func (w *walker) expr(m map[string]any, class string, sc *scope) error {
	if !classes[class] {
		e := w.deny(m, "this kind of expression ("+class+") cannot be used")
		if class == "PARAMETER" {
			e.Msg, e.Hint = "parameters ($1, ?) cannot be used", "write the value into the statement"
		}
		return e
	}
	switch class {
	case "CONSTANT":
		return nil // literals only; nothing below can name a thing
	case "FUNCTION", "WINDOW":
		if err := w.function(m); err != nil {
			return err
		}
	case "LAMBDA":
		if w.lambdas++; w.lambdas > maxLambdas {
			return w.deny(m, "lambdas are nested too deeply")
		}
		defer func() { w.lambdas-- }()
	}
	return w.children(m, sc)
}

// function checks a name against the allow-list and the arguments of those whose
// result can be far larger than their input.
func (w *walker) function(m map[string]any) error {
	name := lower(text(m["function_name"]))
	if !allowed[name] {
		return w.unknownFunction(m, name)
	}
	if err := w.plainName(m); err != nil {
		return err
	}
	args, _ := m["children"].([]any)
	switch name {
	case "range", "generate_series", "sequence":
		if w.lambdas > 0 {
			return w.deny(m, name+" cannot be used inside a lambda")
		}
	case "lpad", "rpad", "approx_top_k":
		if len(args) > 1 {
			if n, ok := number(args[1]); !ok || n > maxPad {
				e := w.deny(m, name+" needs a plain number as its second argument")
				e.Hint = "at most 10000"
				return e
			}
		}
	case "regexp_replace":
		if len(args) > 3 {
			if s, ok := constantText(args[2]); !ok || len(s) > maxReplacement {
				e := w.deny(m, "regexp_replace with options needs a plain text as its replacement")
				e.Hint = "at most 1000 bytes"
				return e
			}
		}
	case "format", "printf":
		if len(args) > 0 {
			if s, ok := constantText(args[0]); !ok || wideFormat.MatchString(s) {
				return w.deny(m, name+" needs a plain text as its format, with widths below 1000")
			}
		}
	}
	return nil
}

const (
	maxPad         = 10_000
	maxReplacement = 1000
)

// wideFormat finds widths of four or more digits and widths taken from arguments.
var wideFormat = regexp.MustCompile(`%[^a-zA-Z%]*(\*|\d{4})|\{[^}]*(\{|\d{4})`)

// plainName refuses schema.function(): with a schema a user could reach the
// built-in behind one of our limiting macros. The parser itself writes "main" for
// operators and syntax such as EXTRACT.
func (w *walker) plainName(m map[string]any) error {
	name, schema, catalog := lower(text(m["function_name"])), text(m["schema"]), text(m["catalog"])
	if catalog == "" && (schema == "" || schema == "main" && !limited[name]) {
		return nil
	}
	e := w.deny(m, "functions cannot be called with a schema or through a dot")
	e.Hint = "write " + name + "(…)"
	return e
}

func (w *walker) unknownFunction(m map[string]any, name string) error {
	e := w.deny(m, "the function "+name+" cannot be used")
	if why := deniedWhy[name]; why != "" {
		e.Hint = why
	} else {
		e.Hint = didYouMean(nearest(name, allowedNames()))
	}
	return e
}
