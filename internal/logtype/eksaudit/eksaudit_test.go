package eksaudit_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/eksaudit"
	"ashiato/internal/logtype/logtypetest"
)

func TestSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Samples(t, eksaudit.Type(), catalog)
}

func TestHostile(t *testing.T) {
	data, err := os.ReadFile("samples/audit.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Hostile(t, eksaudit.Type(), data)
}

func TestCorpus(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Corpus(t, eksaudit.Type(), catalog, nil)
}

// TestRuleTests reads the Kubernetes events of another product's rule tests.
func TestRuleTests(t *testing.T) {
	n := 0
	for _, l := range bytes.Split(bytes.TrimSpace(logtypetest.SharedFile(t, "eks-audit/panther-rule-tests.jsonl.gz")), []byte("\n")) {
		var test struct{ Event json.RawMessage }
		if err := json.Unmarshal(l, &test); err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(test.Event, []byte(`"auditID"`)) || !bytes.Contains(test.Event, []byte(`"verb"`)) || !bytes.Contains(test.Event, []byte("Timestamp")) {
			continue // cut down by its authors, or another cloud's
		}
		n++
		r := logtypetest.Read(t, eksaudit.Type(), "x", test.Event)
		if r.Batch.N != 1 || r.Row(0)["event_action"] == "" || r.Row(0)["event_outcome"] == "" {
			t.Errorf("%d events, %v of %s", r.Batch.N, r.Rejects, test.Event)
		}
	}
	if n == 0 {
		t.Error("none read")
	}
}

func TestClassification(t *testing.T) {
	for _, c := range []struct{ verb, object, rest, category, types, outcome string }{
		{"get", `"resource":"secrets"`, `,"responseStatus":{"code":200}`, "api", "access", "success"},
		{"create", `"resource":"pods","subresource":"exec"`, `,"responseStatus":{"code":101}`, "api,process", "start", "success"},
		{"create", `"resource":"serviceaccounts","subresource":"token"`, `,"responseStatus":{"code":201}`, "api,authentication,iam", "creation", "success"},
		{"patch", `"resource":"clusterroles"`, `,"responseStatus":{"code":403}`, "api,iam", "change,denied", "failure"},
		{"delete", `"resource":"pods"`, `,"responseStatus":{"code":404}`, "api", "deletion", "failure"},
		{"create", `"resource":"subjectaccessreviews"`, ``, "api,iam", "info", "unknown"},
		{"create", `"resource":"pods","subresource":"portforward"`, ``, "api,network", "start", "unknown"},
	} {
		r := logtypetest.Read(t, eksaudit.Type(), "x", []byte(`{"auditID":"a","stage":"ResponseComplete","verb":"`+c.verb+`","objectRef":{`+c.object+`},"requestReceivedTimestamp":"2026-01-01T00:00:00.000001Z"`+c.rest+`}`))
		r.Expect(t, 0, map[string]string{"event_category": c.category, "event_type": c.types, "event_outcome": c.outcome, "event_id": "a_ResponseComplete"})
	}
}
