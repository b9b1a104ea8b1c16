package cloudfront_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/cloudfront"
	"ashiato/internal/logtype/logtypetest"
)

func TestSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Samples(t, cloudfront.Type(), catalog)
}

func TestCorpus(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Corpus(t, cloudfront.Type(), catalog, map[string]int{
		"cloudfront/centralized-logging-cloudfront.log": 2, // listed as 1: the last of its two records has no line break
	})
}

func TestHostile(t *testing.T) {
	files, _ := filepath.Glob("samples/*.log")
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		logtypetest.Hostile(t, cloudfront.Type(), data)
	}
}

func FuzzParse(f *testing.F) { logtypetest.Fuzz(f, cloudfront.Type()) }

// TestPairs holds the type against the ECS document that another product makes of the same line.
// Differences:
//   - cloud.region is global here: an edge location is in no AWS region.
//   - tls.version is the vendor's text, as in aws.cloudtrail; there it is split into version and protocol.
//   - network.protocol is the application protocol http, url.scheme says https.
//   - the request id is no event.id: nothing promises that a line is delivered only once or that two
//     lines never share it.
//   - fields looked up elsewhere (geo, ASN, user agent) are the enricher's, url.full and related.* the
//     query layer's.
func TestPairs(t *testing.T) {
	data := logtypetest.SharedFile(t, "pairs-ecs/cloudfront/elastic-cloudfront.raw")
	r := logtypetest.Read(t, cloudfront.Type(), "x", data)
	r.Expect(t, 0, map[string]string{
		"timestamp": "2019-12-04T21:02:31.000000Z", "x_edge_location": "LAX1", "destination_domain": "d111111abcdef8.cloudfront.net",
		"event_action": "Hit", "x_edge_detailed_result_type": "Hit", "x_edge_response_result_type": "Hit", "time_to_first_byte": "0.001",
		"event_category": "web", "event_duration": "1000000", "event_kind": "event", "event_outcome": "success", "event_type": "access",
		"http_request_bytes": "23", "http_request_id": "SOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==", "http_request_method": "GET",
		"http_response_body_bytes": "78", "http_response_bytes": "392", "http_response_mime_type": "text/html", "http_response_status_code": "200",
		"http_version": "2.0", "source_ip": "89.160.20.112", "source_port": "11040", "tls_cipher": "ECDHE-RSA-AES128-GCM-SHA256",
		"url_domain": "d111111abcdef8.cloudfront.net", "url_path": "/index.html", "url_scheme": "https",
		"user_agent_original": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/78.0.3904.108 Safari/537.36",
		"cloud_region":        "global", "tls_version": "TLSv1.2", "network_protocol": "http",
	})
}

const line = "2026-10-20\t03:15:07\tNRT57-P2\t5120\t203.0.113.24\tGET\td1.cloudfront.net\t/\t200\t-\tcurl/8.9.1\t-"

func TestHeaders(t *testing.T) {
	r := logtypetest.Read(t, cloudfront.Type(), "logs/EMLARXS9EXAMPLE.2026-10-20-03.a1b2c3d4.gz", []byte(line+"\n#Fields: cs-uri-stem time date x-edge-location timestamp\n/b\t03:15:09\t2026-10-20\tNRT57-P2\t1792466109\n#Fields: date time cs-uri-stem\n2026-10-20\t03:15:10\t/c\tmore\tand more\n"))
	if len(r.Rejects) > 0 {
		t.Fatal(r.Rejects)
	}
	r.Expect(t, 0, map[string]string{"timestamp": "2026-10-20T03:15:07.000000Z", "url_path": "/", "resource_name": ""})
	r.Expect(t, 1, map[string]string{"timestamp": "2026-10-20T03:15:09.000000Z", "url_path": "/b"})
	r.Expect(t, 2, map[string]string{"timestamp": "2026-10-20T03:15:10.000000Z", "url_path": "/c", "additional_fields": "more\tand more"})

	r = logtypetest.Read(t, cloudfront.Type(), "logs/EMLARXS9EXAMP.2026-10-20-03.a1b2c3d4.gz", []byte(line))
	r.Expect(t, 0, map[string]string{"resource_name": "EMLARXS9EXAMP", "resource_type": "AWS::CloudFront::Distribution", "resource_arn": ""})
	r = logtypetest.Read(t, cloudfront.Type(), "AWSLogs/111122223333/CloudFront/EMLARXS9EXAMP.2026-10-20-03.a1b2c3d4.gz", []byte(line))
	r.Expect(t, 0, map[string]string{"cloud_account_id": "111122223333"})
}

func TestRejects(t *testing.T) {
	for text, reason := range map[string]string{
		"#Fields: date time cs-method c-ip\n2026-10-20\t03:15:07\tGET": "3 fields where the header names 4",
		"#Fields: date time sc-bytes\n2026-10-20\t03:15:07\tmany":      `"many" is not a number (field sc-bytes)`,
		"#Fields: date time sc-bytes\n2026-10-20":                      "the line ends after its date",
		"#Fields: date time sc-bytes\n2026-13-20\t03:15:07\t1":         `"2026-13-20\t03:15:07" is not a time (field date)`,
		"#Fields: sc-bytes\n1":                                         "no event time that can be read",
		"one\ttwo":                                                     "no #Fields line names the columns, and this is not a line of the legacy format",
	} {
		r := logtypetest.Read(t, cloudfront.Type(), "x", []byte(text))
		if len(r.Rejects) != 1 || r.Rejects[0].Reason != reason {
			t.Errorf("%s: %v, want %s", text, r.Rejects, reason)
		}
	}
}

// TestLargeNumbers is defect D10: byte counts beyond 31 bits.
func TestLargeNumbers(t *testing.T) {
	r := logtypetest.Read(t, cloudfront.Type(), "x", []byte(strings.Replace(line, "5120", "9999999999", 1)))
	r.Expect(t, 0, map[string]string{"http_response_bytes": "9999999999"})
}

func BenchmarkRead(b *testing.B) {
	logtypetest.Bench(b, cloudfront.Type(), func(i int) string {
		r := uint32(i) * 2654435761
		return fmt.Sprintf("2026-10-20\t03:%02d:%02d\tNRT57-P2\t%d\t203.0.113.%d\tGET\td111111abcdef8.cloudfront.net\t/static/%d.js\t%s\t-\tMozilla/5.0%%20(Windows%%20NT%%2010.0;%%20Win64;%%20x64)%%20AppleWebKit/537.36%%20(KHTML,%%20like%%20Gecko)%%20Chrome/%d.0.0.0%%20Safari/537.36\tv=%x\t-\tHit\t%032x%024x==\twww.example.com\thttps\t%d\t0.%03d\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tHit\tHTTP/2.0\t-\t-\t%d\t0.%03d\tHit\tapplication/javascript\t%d\t-\t-",
			i/1000%60, i/17%60, r%90000, r%250, r%4000, []string{"200", "304", "404"}[r%3], 100+r%30, r, r, r, r%900, r%700, 1024+r%60000, r%300, r%89000)
	})
}
