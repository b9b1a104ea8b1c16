package route53resolver_test

import (
	"os"
	"strings"
	"testing"

	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/logtypetest"
	"ashiato/internal/logtype/route53resolver"
)

func TestSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Samples(t, route53resolver.Type(), catalog)
}

func TestHostile(t *testing.T) {
	data, err := os.ReadFile("samples/query.log")
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Hostile(t, route53resolver.Type(), data)
}

// TestPairs reads the raw records of other products' examples.
func TestPairs(t *testing.T) {
	for _, f := range []string{"pairs-ocsf/route53resolver/v1.0.0-rc.2-route53.raw", "pairs-ocsf/route53resolver/v1.1.0-route53.raw"} {
		r := logtypetest.Read(t, route53resolver.Type(), f, logtypetest.SharedFile(t, f))
		if r.Batch.N == 0 || len(r.Rejects) > 0 {
			t.Errorf("%s: %d events, %v", f, r.Batch.N, r.Rejects)
		}
		if row := r.Row(0); row["dns_question_name"] == "" || strings.HasSuffix(row["dns_question_name"], ".") || row["source_ip"] == "" {
			t.Errorf("%s: %v", f, row)
		}
	}
}

// TestEveryAnswer: the floor keeps the first answer only.
func TestEveryAnswer(t *testing.T) {
	r := logtypetest.Read(t, route53resolver.Type(), "x", []byte(`{"query_timestamp":"2026-01-01T00:00:00Z","query_name":"a.example.","query_type":"A","answers":[{"Rdata":"b.example.","Type":"CNAME","Class":"IN"},{"Rdata":"203.0.113.1","Type":"A","Class":"IN"},{"Rdata":"203.0.113.2","Type":"A","Class":"IN"}]}`))
	r.Expect(t, 0, map[string]string{"dns_answers_data": "b.example.,203.0.113.1,203.0.113.2", "dns_answers_type": "CNAME,A,A", "dns_answers_class": "IN,IN,IN",
		"dns_resolved_ip": "203.0.113.1,203.0.113.2", "dns_question_name": "a.example", "query_name": "a.example."})
}
