package guardduty_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/guardduty"
	"ashiato/internal/logtype/logtypetest"
)

func TestSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Samples(t, guardduty.Type(), catalog)
}

func TestHostile(t *testing.T) {
	data, err := os.ReadFile("samples/export.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Hostile(t, guardduty.Type(), data)
}

func TestCorpus(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Corpus(t, guardduty.Type(), catalog, nil)
}

func finding(severity, typ, more string) []byte {
	return []byte(`{"schemaVersion":"2.0","accountId":"111122223333","region":"us-east-1","id":"f1","arn":"arn:aws:guardduty:us-east-1:111122223333:detector/d/finding/f1","type":"` + typ + `","severity":` + severity + `,"updatedAt":"2026-01-01T00:00:00.001Z"` + more + `}`)
}

// TestCritical is defect D2: a severity of 9 and more, and attack sequences.
func TestCritical(t *testing.T) {
	for severity, label := range map[string]string{"9": "critical", "9.0": "critical", "9.8": "critical", "10": "critical", "8.9": "high", "7": "high", "6.9": "medium", "4": "medium", "3.9": "low", "1": "low", "0.5": "low"} {
		r := logtypetest.Read(t, guardduty.Type(), "x", finding(severity, "AttackSequence:IAM/CompromisedCredentials", ""))
		r.Expect(t, 0, map[string]string{"severity_label": label, "threat_purpose": "AttackSequence", "resource_type_affected": "IAM", "threat_family_name": "CompromisedCredentials",
			"detection_mechanism": "", "artifact": "", "event_kind": "alert"})
	}
	r := logtypetest.Read(t, guardduty.Type(), "x", pantherFindings(t))
	r.Expect(t, 0, map[string]string{"severity_label": "critical", "event_severity": "9", "threat_family_name": "CompromisedCredentials"})
	r.Expect(t, 1, map[string]string{"severity_label": "critical", "threat_family_name": "CompromisedData"})
}

// pantherFindings returns the events of rule tests, a line each.
func pantherFindings(t *testing.T) []byte {
	var out []byte
	for _, l := range bytes.Split(bytes.TrimSpace(logtypetest.SharedFile(t, "guardduty/panther-rule-tests.jsonl.gz")), []byte("\n")) {
		var test struct{ Event json.RawMessage }
		if err := json.Unmarshal(l, &test); err != nil {
			t.Fatal(err)
		}
		out = append(append(out, test.Event...), '\n')
	}
	return out
}

func TestTypeParts(t *testing.T) {
	for typ, want := range map[string][5]string{
		"Backdoor:EC2/C&CActivity.B!DNS":                                       {"Backdoor", "EC2", "C&CActivity", "B", "DNS"},
		"UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS": {"UnauthorizedAccess", "IAMUser", "InstanceCredentialExfiltration", "OutsideAWS", ""},
		"Policy:S3/AccountBlockPublicAccessDisabled":                           {"Policy", "S3", "AccountBlockPublicAccessDisabled", "", ""},
		"Custom": {"Custom", "", "", "", ""},
	} {
		r := logtypetest.Read(t, guardduty.Type(), "x", finding("5", typ, ""))
		r.Expect(t, 0, map[string]string{"threat_purpose": want[0], "resource_type_affected": want[1], "threat_family_name": want[2], "detection_mechanism": want[3], "artifact": want[4]})
	}
}

// TestModified reads findings whose "service" another product has renamed: they stay events.
func TestModified(t *testing.T) {
	for _, f := range []string{"mozdef-cryptodomainrequestb", "mozdef-ddossourceudp", "mozdef-rdpbruteforce", "mozdef-toroutbound"} {
		r := logtypetest.Read(t, guardduty.Type(), f, logtypetest.SharedFile(t, "guardduty/"+f+".json"))
		if r.Batch.N != 1 || len(r.Rejects) > 0 {
			t.Fatalf("%s: %d events, %v", f, r.Batch.N, r.Rejects)
		}
		if row := r.Row(0); row["severity_label"] == "" || row["threat_purpose"] == "" || !strings.HasPrefix(row["cloud_instance_id"], "i-") {
			t.Errorf("%s: %v", f, row)
		}
	}
}

// TestEnvelopeID: the id of an EventBridge envelope is not the finding's, wherever it stands.
func TestEnvelopeID(t *testing.T) {
	f := string(finding("5", "A:B/C", ""))
	for _, d := range []string{`{"id":"envelope","region":"eu-west-1","detail":` + f + `}`, `{"detail":` + f + `,"id":"envelope","region":"eu-west-1"}`} {
		r := logtypetest.Read(t, guardduty.Type(), "x", []byte(d))
		r.Expect(t, 0, map[string]string{"finding_id": "f1", "event_id": "f1_2026-01-01T00:00:00.001Z", "cloud_region": "us-east-1"})
	}
}
