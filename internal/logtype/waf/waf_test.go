package waf_test

import (
	"fmt"
	"os"
	"testing"

	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/logtypetest"
	"ashiato/internal/logtype/waf"
)

func TestSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Samples(t, waf.Type(), catalog)
}

func TestHostile(t *testing.T) {
	data, err := os.ReadFile("samples/webacl.log")
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Hostile(t, waf.Type(), data)
}

func TestCorpus(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Corpus(t, waf.Type(), catalog, nil)
}

// TestOutcome: the floor's WAF mapping has no outcome.
func TestOutcome(t *testing.T) {
	for action, want := range map[string][2]string{"ALLOW": {"success", "event"}, "BLOCK": {"failure", "alert"}, "CAPTCHA": {"failure", "event"}, "COUNT": {"unknown", "event"}} {
		r := logtypetest.Read(t, waf.Type(), "x", []byte(`{"timestamp":1767225600123,"webaclId":"x","action":"`+action+`","httpRequest":{"clientIp":"203.0.113.1"}}`))
		r.Expect(t, 0, map[string]string{"event_outcome": want[0], "event_kind": want[1], "event_action": action})
	}
}

// TestHeaders: headers however they are written.
func TestHeaders(t *testing.T) {
	for _, headers := range []string{
		`[{"name":"Host","value":"a.example"},{"name":"User-Agent","value":"x \"y\""}]`,
		`[ { "name" : "Host", "value" : "a.example" }, {"value":"x \"y\"","name":"User-Agent"} ]`,
		`[{"name":"Host","value":"a.example"}, {"value":"x \"y\"","name":"User-Agent"}]`,
		`[{"name":"hOST","value":"a.example:8443","more":1},{"name":"user-agent","value":"x \"y\""}]`,
	} {
		r := logtypetest.Read(t, waf.Type(), "x", []byte(`{"timestamp":1,"webaclId":"x","action":"ALLOW","httpRequest":{"clientIp":"203.0.113.1","headers":`+headers+`}}`))
		r.Expect(t, 0, map[string]string{"url_domain": "a.example", "user_agent_original": `x "y"`})
	}
}

// TestTruncatedHeaders: what is no list of headers gives no values and no panic.
func TestTruncatedHeaders(t *testing.T) {
	for _, headers := range []string{`[]`, `{}`, `"x"`, `[{"name":"host"}]`, `[{"name":"host","value":null}]`, `[{"name":"host","value":{"a":"b"}}]`} {
		r := logtypetest.Read(t, waf.Type(), "x", []byte(`{"timestamp":1,"webaclId":"x","action":"ALLOW","httpRequest":{"headers":`+headers+`}}`))
		if r.Batch.N != 1 {
			t.Errorf("%s: %v", headers, r.Rejects)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	logtypetest.Bench(b, waf.Type(), func(i int) string {
		return fmt.Sprintf(`{"timestamp":%d,"formatVersion":1,"webaclId":"arn:aws:wafv2:us-east-1:111122223333:global/webacl/cf-acl/0a1b2c3d-0000-4000-8000-000000000002","terminatingRuleId":"Default_Action","terminatingRuleType":"REGULAR","action":"ALLOW","terminatingRuleMatchDetails":[],"httpSourceName":"CF","httpSourceId":"E1EXAMPLE00001","ruleGroupList":[],"rateBasedRuleList":[],"nonTerminatingMatchingRules":[],"requestHeadersInserted":null,"responseCodeSent":null,"httpRequest":{"clientIp":"203.0.113.%d","country":"JP","headers":[{"name":"host","value":"d111111abcdef8.cloudfront.net"},{"name":"user-agent","value":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/%d.0.0.0"},{"name":"accept","value":"*/*"},{"name":"accept-encoding","value":"gzip, deflate, br"},{"name":"accept-language","value":"en-US,en;q=0.9"}],"uri":"/static/js/%d.chunk.js","args":"","httpVersion":"HTTP/2.0","httpMethod":"GET","requestId":"req-%d"}}`,
			1767225600000+i, i%250, 100+i%20, i%400, i)
	})
}
