package app

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"ashiato/internal/event"
	"ashiato/internal/service"
)

func open(t *testing.T) *App {
	t.Helper()
	a, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func withSamples(t *testing.T) *App {
	t.Helper()
	a := open(t)
	objects, err := sampleObjects()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.push(context.Background(), "", "", objects); err != nil {
		t.Fatal(err)
	}
	return a
}

func csv(t *testing.T, a *App, sql string) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := a.SQL(context.Background(), service.SQLRequest{SQL: sql, Format: service.CSV}, &b); err != nil {
		t.Errorf("%s: %v", sql, err)
	}
	return strings.TrimSpace(b.String())
}

// TestTables asks every table and view of every log type, empty and with the samples of all types.
func TestTables(t *testing.T) {
	for name, a := range map[string]*App{"empty": open(t), "samples": withSamples(t)} {
		t.Run(name, func(t *testing.T) {
			for _, typ := range a.types.Types {
				tables := []string{tableName(typ.Name)}
				for _, v := range typ.Views {
					tables = append(tables, v.Name)
				}
				for _, table := range tables {
					n := strings.Count(csv(t, a, "SELECT * FROM "+table+" LIMIT 3"), "\n")
					if name == "samples" && n == 0 {
						t.Errorf("%s is empty", table)
					}
				}
				got := csv(t, a, "SELECT count(*) = count(event_id) AND count(*) = count(DISTINCT event_id) FROM "+tableName(typ.Name))
				if !strings.HasSuffix(got, "true") {
					t.Errorf("%s: event_id is missing or not unique", typ.Name)
				}
			}
			csv(t, a, "SELECT * FROM events LIMIT 3")
		})
	}
}

// TestEventsAgreesWithSearch compares the virtual table with what search finds.
func TestEventsAgreesWithSearch(t *testing.T) {
	a := withSamples(t)
	for _, typ := range a.types.Types {
		n, err := a.Count(context.Background(), service.Query{Types: []string{typ.Name}})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		_, err = a.Search(context.Background(), service.SearchRequest{Query: service.Query{Types: []string{typ.Name}}, Fields: []string{"event.id"}}, func(ev []byte) error {
			ids = append(ids, string(ev))
			return nil
		})
		if err != nil || int64(len(ids)) != n.Count {
			t.Errorf("%s: %d events, count is %d (%v)", typ.Name, len(ids), n.Count, err)
		}
		got := csv(t, a, "SELECT count(*) AS n FROM events WHERE event_dataset = '"+typ.Name+"'")
		if want := "n\n" + itoa(n.Count); got != want {
			t.Errorf("%s: events has %q, want %q", typ.Name, got, want)
		}
		sqlIDs := csv(t, a, "SELECT '{\"event.id\":' || to_json(event_id)::VARCHAR || '}' AS id FROM "+tableName(typ.Name))
		for _, id := range ids {
			if !strings.Contains(sqlIDs, strings.ReplaceAll(id, `"`, `""`)) {
				t.Errorf("%s: SQL has no event %s", typ.Name, id)
			}
		}
	}
}

func TestCommonColumnsAreKnown(t *testing.T) {
	for _, c := range commonColumns() {
		if c.Name == "" || c.Type == "" {
			t.Errorf("column %+v", c)
		}
	}
	if got := commonColumns()[0].Name; got != event.ColTimestamp {
		t.Errorf("the first column is %q", got)
	}
}
