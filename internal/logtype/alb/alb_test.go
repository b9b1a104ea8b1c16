package alb_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"ashiato/internal/logtype/alb"
	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/logtypetest"
)

func TestSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Samples(t, alb.Type(), catalog)
}

func TestCorpus(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Corpus(t, alb.Type(), catalog, nil)
}

func TestHostile(t *testing.T) {
	for _, f := range []string{"samples/current.log", "samples/hostile-and-old.log"} {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		logtypetest.Hostile(t, alb.Type(), data)
	}
}

func FuzzParse(f *testing.F) { logtypetest.Fuzz(f, alb.Type()) }

const head = `http 2026-10-20T04:00:00.000000Z app/web/50dc6c495c0c9188 198.51.100.9:1024 10.0.4.17:80 0.000 0.000 0.000 `

// TestLargeNumbers is defect D10: byte counts beyond 31 bits.
func TestLargeNumbers(t *testing.T) {
	r := logtypetest.Read(t, alb.Type(), "x", []byte(head+`200 200 5368709120 99999999999 "GET http://a.example:80/ HTTP/1.1" "-" - -`))
	r.Expect(t, 0, map[string]string{"http_request_bytes": "5368709120", "http_response_bytes": "99999999999"})
}

func TestRequests(t *testing.T) {
	for _, c := range []struct {
		request string
		want    map[string]string
	}{
		{`GET https://a.example:443/x/y?q=1&r=/?2 HTTP/1.1`, map[string]string{"http_request_method": "GET", "url_scheme": "https", "url_domain": "a.example", "url_port": "443", "url_path": "/x/y", "url_query": "q=1&r=/?2", "http_version": "1.1"}},
		{`GET http://[2001:db8::1]:80/ HTTP/1.1`, map[string]string{"url_domain": "[2001:db8::1]", "url_port": "80", "url_path": "/"}},
		{`GET http://[2001:db8::1]/ HTTP/1.1`, map[string]string{"url_domain": "[2001:db8::1]", "url_port": "", "url_path": "/"}},
		{`GET http://a.example:80?x HTTP/1.1`, map[string]string{"url_domain": "a.example", "url_path": "", "url_query": "x"}},
		{`GET http://a.example:80/with blank and " quote HTTP/1.1`, map[string]string{"url_path": `/with blank and " quote`, "http_version": "1.1"}},
		{`GET http://a.example:80/" "x HTTP/1.1`, map[string]string{"url_path": `/" "x`, "http_version": "1.1", "user_agent_original": "agent"}},
		{`OPTIONS * HTTP/1.1`, map[string]string{"http_request_method": "OPTIONS", "url_path": "*"}},
		{`- http://a.example:80- -`, map[string]string{"http_request_method": "", "url_domain": "a.example", "url_port": "80", "url_path": "", "http_version": ""}},
		{`GET http://a.example:80x/ HTTP/1.1`, map[string]string{"url_original": "http://a.example:80x/", "url_domain": ""}},
		{`\x80\x01`, map[string]string{"request": `\x80\x01`, "http_request_method": ""}},
		{``, map[string]string{"request": "", "http_request_method": ""}},
	} {
		r := logtypetest.Read(t, alb.Type(), "x", []byte(head+`200 200 1 2 "`+c.request+`" "agent" - - arn "-"`))
		r.Expect(t, 0, c.want)
	}
}

// TestForgedFields: a user agent that imitates the rest of a line must not move the fields before it,
// and the line must not be lost.
func TestForgedFields(t *testing.T) {
	line := head + `200 200 1 2 "GET http://a.example:80/ HTTP/1.1" "x" - - arn:aws:elasticloadbalancing:us-east-1:999999999999:targetgroup/a/b "y" - - arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/a/b "Root=1-1"`
	r := logtypetest.Read(t, alb.Type(), "x", []byte(line))
	r.Expect(t, 0, map[string]string{"source_ip": "198.51.100.9", "http_response_status_code": "200", "url_domain": "a.example", "user_agent_original": "x"})
	r = logtypetest.Read(t, alb.Type(), "x", []byte(head+`200 200 1 2 "GET http://a/ HTTP/1.1" "-" - - a "b" "c" "d" 1 yesterday "forward" "-`))
	r.Expect(t, 0, map[string]string{"matched_rule_priority": "1", "event_start": "", "additional_fields": `yesterday "forward" "-`})
}

func TestRejects(t *testing.T) {
	for text, reason := range map[string]string{
		`http 2026-10-20T04:00:00.000000Z app/web/50dc`:                                            "the line ends before the field client:port",
		head + `200 200 x 2 "GET http://a/ HTTP/1.1" "-"`:                                          `"x" is not a number (field received_bytes)`,
		head + `200 200 1 2 "GET http://a/ HTTP/1.1`:                                               "the field request has no closing quote",
		`http - app/web/50dc 198.51.100.9:1 - 0 0 0 200 200 1 1 "GET http://a/ HTTP/1.1" "curl/8"`: "no event time that can be read",
	} {
		r := logtypetest.Read(t, alb.Type(), "x", []byte(text))
		if len(r.Rejects) != 1 || r.Rejects[0].Reason != reason {
			t.Errorf("%s: %v, want %s", text, r.Rejects, reason)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	agents := []string{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36", "curl/8.9.1", "python-requests/2.32.3", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"}
	logtypetest.Bench(b, alb.Type(), func(i int) string {
		r := uint32(i) * 2654435761
		return fmt.Sprintf(`https 2026-10-20T03:%02d:%02d.%06dZ app/shop-web/50dc6c495c0c9188 203.0.113.%d:%d 10.0.4.%d:8080 0.00%d 0.%03d 0.000 %s 200 %d %d "GET https://shop.example.com:443/%s/%d?session=%x HTTP/2.0" "%s" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/shop-web/73e2d6bc24d8a067 "Root=1-%08x-%024x" "shop.example.com" "arn:aws:acm:ap-northeast-1:111122223333:certificate/12345678-1234-1234-1234-123456789012" 1 2026-10-20T03:%02d:%02d.%06dZ "forward" "-" "-" "10.0.4.%d:8080" "200" "-" "-" TID_%032x "-" "-" "-"`,
			i/1000%60, i/17%60, r%1000000, r%250, 1024+r%60000, r%9, r%3, r%700, []string{"200", "404", "302"}[r%3], r%900, r%90000, strings.Repeat("a", int(r%5)+1), r%4000, r, agents[r%4], r, r, i/1000%60, i/17%60, r%997000, r%9, r)
	})
}
