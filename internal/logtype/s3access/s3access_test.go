package s3access_test

import (
	"fmt"
	"os"
	"testing"

	"ashiato/internal/logtype/all"
	"ashiato/internal/logtype/logtypetest"
	"ashiato/internal/logtype/s3access"
)

func TestSamples(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Samples(t, s3access.Type(), catalog)
}

func TestCorpus(t *testing.T) {
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Corpus(t, s3access.Type(), catalog, nil)
}

func TestHostile(t *testing.T) {
	data, err := os.ReadFile("samples/2026-10-20-03-20-11-0123456789ABCDEF")
	if err != nil {
		t.Fatal(err)
	}
	logtypetest.Hostile(t, s3access.Type(), data)
}

func FuzzParse(f *testing.F) { logtypetest.Fuzz(f, s3access.Type()) }

// TestPairs holds the type against the ECS document that another product makes of the same line.
// Differences:
//   - its @timestamp is not the event's; ours is.
//   - client.ip and client.user.id are source.ip and user.id, where the other AWS logs have them.
//   - the request id is http.request.id, not event.id: the records of one batch delete share it.
//   - tls.version is the vendor's text, as in aws.cloudtrail.
//   - url.original is kept only where the target has no path and query; they are columns.
//   - event.category names the configuration or file beside web, event.type what was done to it.
//   - http.response.body.bytes is a further name of http.response.bytes.
func TestPairs(t *testing.T) {
	r := logtypetest.Read(t, s3access.Type(), "x", logtypetest.SharedFile(t, "pairs-ecs/s3access/elastic-s3access.raw"))
	arn := "arn:aws:sts::123456:assumed-role/AWSServiceRoleForTrustedAdvisor/TrustedAdvisor_627959692251_784ab70b-8cc9-4d37-a2ec-2ff4d0c08af9"
	r.Expect(t, 0, map[string]string{
		"timestamp": "2019-08-01T00:24:41.000000Z", "url_path": "/test-s3-ks/", "url_query": "location&aws-account=627959692251",
		"http_request_method": "GET", "http_version": "1.1", "http_response_bytes": "142", "http_response_status_code": "200",
		"user_id": arn, "user_arn": arn, "source_ip": "72.21.217.31", "tls_cipher": "ECDHE-RSA-AES128-SHA", "tls_version": "TLSv1.2",
		"event_duration": "17000000", "event_kind": "event", "event_action": "REST.GET.LOCATION", "http_request_id": "44EE8651683CB4DA",
		"event_category": "web,configuration", "event_type": "access", "event_outcome": "success", "resource_name": "test-s3-ks",
		"signature_version": "SigV4", "authentication_type": "AuthHeader", "url_domain": "s3.ap-southeast-1.amazonaws.com", "cloud_region": "ap-southeast-1",
		"host_id":      "BsCfJedfuSnds2QFoxi+E/O7M6OEWzJnw4dUaes/2hyA363sONRJKzB7EOY+Bt9DTHYUn+HoHxI=",
		"bucket_owner": "36c1f05b76016b78528454e6e0c60e2b7ff7aa20c0a5e4c748276e5b0a2debd2", "total_time": "17",
	})
	if i := r.Batch.Schema.Lookup("http.response.body.bytes"); i != r.Batch.Schema.Index("http_response_bytes") {
		t.Errorf("http.response.body.bytes is column %d", i)
	}
}

const head = `owner bucket [20/Oct/2026:03:15:07 +0000] 203.0.113.24 - ID REST.GET.OBJECT k `

// TestLargeNumbers is defect D10: sizes beyond 31 bits.
func TestLargeNumbers(t *testing.T) {
	r := logtypetest.Read(t, s3access.Type(), "x", []byte(head+`"GET /k HTTP/1.1" 200 - 5497558138880 5497558138881 7 1 "-" "-" -`))
	r.Expect(t, 0, map[string]string{"http_response_bytes": "5497558138880", "file_size": "5497558138881"})
}

func TestQuotes(t *testing.T) {
	r := logtypetest.Read(t, s3access.Type(), "x", []byte(head+`"GET /k" 200 x HTTP/1.1" 200 - 1 2 7 1 "a" "b" "c" - - "d" - host`))
	r.Expect(t, 0, map[string]string{"source_ip": "203.0.113.24", "host_id": "host", "http_request_referrer": "a", "user_agent_original": `b" "c" - - "d`})
}

func TestRejects(t *testing.T) {
	for text, reason := range map[string]string{
		"owner bucket [20/Oct/2026:03:15:07":                       "the field requestdatetime is not closed",
		"owner bucket [20/Octo/2026:03:15:07 +0000] -":             `"20/Octo/2026:03:15:07 +0000" is not a time (field requestdatetime)`,
		head + `"GET /k HTTP/1.1" 200`:                             "the line ends before the field errorcode",
		head + `"GET /k HTTP/1.1" OK - - - - - "-" "-" -`:          `"OK" is not a number (field httpstatus)`,
		head + `"GET /k HTTP/1.1`:                                  "the field request_uri is not closed",
		"owner bucket - 203.0.113.24 - ID REST.GET.OBJECT k - 200": "the line ends before the field errorcode",
	} {
		r := logtypetest.Read(t, s3access.Type(), "x", []byte(text))
		if len(r.Rejects) != 1 || r.Rejects[0].Reason != reason {
			t.Errorf("%s: %v, want %s", text, r.Rejects, reason)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	logtypetest.Bench(b, s3access.Type(), func(i int) string {
		r := uint32(i) * 2654435761
		return fmt.Sprintf(`79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be shop-assets [20/Oct/2026:03:%02d:%02d +0000] 203.0.113.%d arn:aws:sts::111122223333:assumed-role/web-role/i-%08x %016X REST.GET.OBJECT reports/%d.csv "GET /reports/%d.csv HTTP/1.1" %s - %d %d %d %d "-" "aws-sdk-go-v2/1.%d.3 os/linux lang/go#1.26" - %064x= SigV4 TLS_AES_128_GCM_SHA256 AuthHeader shop-assets.s3.ap-northeast-1.amazonaws.com TLSv1.3 - - -`,
			i/1000%60, i/17%60, r%250, r%64, r, r%4000, r%4000, []string{"200", "304", "404"}[r%3], r%90000, r%90000, r%900, r%300, r%30, r)
	})
}
