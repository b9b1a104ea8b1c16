package app

import (
	"strings"
	"testing"

	"ashiato/internal/event"
	"ashiato/internal/logtype/all"
)

// TestOlderLayout holds that the table of a log type that has gained a column names it in no expression over
// files from before.
func TestOlderLayout(t *testing.T) {
	types, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range types.Types {
		for _, gone := range typ.Schema.Columns[event.CModule+1:] {
			var layout []string
			for _, c := range typ.Schema.Columns {
				if c.Name != gone.Name {
					layout = append(layout, c.Name)
				}
			}
			for _, c := range typeTable(typ, layout).Columns {
				if strings.Contains(c.Expr, `"`+gone.Name+`"`) {
					t.Errorf("%s without %s: column %s is %s", typ.Name, gone.Name, c.Name, c.Expr)
				}
			}
		}
	}
}
