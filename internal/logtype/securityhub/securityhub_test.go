package securityhub_test

import (
	"os"
	"testing"

	"ashiato/internal/logtype"
	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/logtypetest"
	"ashiato/internal/logtype/securityhub"
)

func TestSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Samples(t, securityhub.Type(), catalog)
}

func TestHostile(t *testing.T) {
	data, err := os.ReadFile("samples/findings.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Hostile(t, securityhub.Type(), data)
}

func TestCorpus(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Corpus(t, securityhub.Type(), catalog, nil)
}

// TestNotGuardDuty: replies of both services hold their findings in "Findings".
func TestNotGuardDuty(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{"samples/get-findings.json": "aws.securityhub", "../guardduty/samples/get-findings.json": "aws.guardduty"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := catalog.Recognise(&logtype.Object{Key: "findings.json"}, data); err != nil || c.Name != want {
			t.Errorf("%s: %v, %v", file, c, err)
		}
	}
}

// TestRaw reads a record of another product's example.
func TestRaw(t *testing.T) {
	r := logtypetest.Read(t, securityhub.Type(), "x", logtypetest.SharedFile(t, "pairs-ocsf/securityhub/v1.0.0-rc.2-security-hub.raw"))
	if r.Batch.N == 0 || len(r.Rejects) > 0 {
		t.Fatalf("%d events, %v", r.Batch.N, r.Rejects)
	}
}

// TestIdentity: an update and a change of the workflow status give events of their own.
func TestIdentity(t *testing.T) {
	f := func(updated, status string) string {
		return `{"Id":"i","AwsAccountId":"1","UpdatedAt":"` + updated + `","Workflow":{"Status":"` + status + `"}}` + "\n"
	}
	r := logtypetest.Read(t, securityhub.Type(), "x", []byte(f("2026-01-01T00:00:00Z", "NEW")+f("2026-01-01T00:00:00.000Z", "NEW")+f("2026-01-01T00:00:00Z", "NOTIFIED")+f("2026-01-01T00:00:01Z", "NEW")))
	for i, want := range []string{"i_2026-01-01T00:00:00.000Z_NEW", "i_2026-01-01T00:00:00.000Z_NEW", "i_2026-01-01T00:00:00.000Z_NOTIFIED", "i_2026-01-01T00:00:01.000Z_NEW"} {
		r.Expect(t, i, map[string]string{"event_id": want})
	}
}
