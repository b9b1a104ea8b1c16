package networkfirewall_test

import (
	"os"
	"testing"

	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/logtypetest"
	"ashiato/internal/logtype/networkfirewall"
)

func TestSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Samples(t, networkfirewall.Type(), catalog)
}

func TestHostile(t *testing.T) {
	data, err := os.ReadFile("samples/all.log")
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Hostile(t, networkfirewall.Type(), data)
}

func TestCorpus(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Corpus(t, networkfirewall.Type(), catalog, nil)
}

// TestLargeFlow is defect D10: byte counts beyond 31 bits; and ICMP has no ports.
func TestLargeFlow(t *testing.T) {
	r := logtypetest.Read(t, networkfirewall.Type(), "x", []byte(`{"firewall_name":"f","availability_zone":"us-east-1a","event_timestamp":"1767225601","event":{"timestamp":"2026-01-01T00:00:01.123456+0000","event_type":"netflow","src_ip":"10.0.0.1","dest_ip":"203.0.113.1","icmp_type":8,"icmp_code":0,"proto":"ICMP","netflow":{"pkts":3000000000,"bytes":5000000000}}}`))
	r.Expect(t, 0, map[string]string{"network_bytes": "5000000000", "network_packets": "3000000000", "network_transport": "icmp", "source_port": "", "destination_port": "", "event_kind": "event", "event_category": "network"})
}

// TestVerdict: alert.action is what the rule asked for, the verdict what happened.
func TestVerdict(t *testing.T) {
	for verdict, want := range map[string]string{`"verdict":{"action":"drop"},`: "failure", `"verdict":{"action":"pass"},`: "success", ``: "success"} {
		r := logtypetest.Read(t, networkfirewall.Type(), "x", []byte(`{"firewall_name":"f","event_timestamp":"1767225601","event":{`+verdict+`"event_type":"alert","src_ip":"10.0.0.1","alert":{"action":"allowed","signature":"s"}}}`))
		r.Expect(t, 0, map[string]string{"event_outcome": want, "event_kind": "alert", "event_category": "intrusion_detection,network", "timestamp": "2026-01-01T00:00:01.000000Z"})
	}
}
