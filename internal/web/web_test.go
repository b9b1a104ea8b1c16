package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ashiato/internal/app"
	"ashiato/internal/service"
	"ashiato/internal/web"
)

const trail = `{"Records":[
{"eventVersion":"1.11","eventTime":"2026-10-01T12:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.7","eventID":"id-1","eventType":"AwsApiCall"},
{"eventVersion":"1.11","eventTime":"2026-10-02T10:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.1","eventID":"id/2","eventType":"AwsApiCall"},
{"eventVersion":"1.11","eventTime":"2026-10-02T11:00:00Z","eventSource":"cloudtrail.amazonaws.com","eventName":"DeleteTrail","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.9","eventID":"id-3","eventType":"AwsApiCall"}
]}`

const flow = "2 123456789012 eni-0050644426037aa0f 10.0.0.%d 198.51.100.9 60220 443 6 48 2186 1790856000 1790856060 ACCEPT OK\n"

type server struct {
	*httptest.Server
	t      *testing.T
	web    *web.Server
	client *web.Client
}

// start serves a lake in a temporary folder that holds trail.
func start(t *testing.T, opt web.Options) *server {
	t.Helper()
	a, err := app.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := web.New(a, opt)
	s := &server{httptest.NewServer(w), t, w, nil}
	s.client = web.NewClient(strings.TrimPrefix(s.URL, "http://"), w.Token(), strings.NewReader(""))
	t.Cleanup(func() { s.client.Close(); s.Close(); a.Close() })
	if _, err := s.client.Upload(context.Background(), service.UploadRequest{Key: "CloudTrail/t.json"}, strings.NewReader(trail), nil); err != nil {
		t.Fatal(err)
	}
	return s
}

// ask sends a request with headers given as name, value pairs.
func (s *server) ask(method, path, body string, headers ...string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res, string(b)
}

func TestAnswers(t *testing.T) {
	s := start(t, web.Options{})
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/healthz", "", 200, `"status":"ok"`},
		{"GET", "/", "", 200, "足跡"},
		{"GET", "/style.css", "", 200, "main"},
		{"GET", "/api/v1/types", "", 200, `"name":"aws.cloudtrail"`},
		{"GET", "/api/v1/status", "", 200, `"events":3`},
		{"GET", "/api/v1/status?workspace=none", "", 404, `"code":"not_found"`},
		{"POST", "/api/v1/search", `{"query":"source.ip: 203.0.113.0/24","limit":1,"fields":["event.action"],"raw":false}`, 200, `"events":[{"event.action":"DeleteTrail"}],"next":"`},
		{"POST", "/api/v1/search", `{"query":"(a"}`, 400, `"position":{"offset":0,"line":1,"column":1,"source":"(a"}`},
		{"POST", "/api/v1/search", `{"qery":"a"}`, 400, `qery`},
		{"POST", "/api/v1/search", `{"query":"","limit":0}`, 413, `"code":"too_large"`},
		{"POST", "/api/v1/search", `{"query":"","cursor":"x"}`, 400, `cursor`},
		{"POST", "/api/v1/search", `{"query":""} {}`, 400, `more than one`},
		{"POST", "/api/v1/count", `{"query":"","from":"2026-10-02"}`, 200, `{"count":2,`},
		{"GET", "/api/v1/histogram?interval=24h", "", 200, `"count":2`},
		{"GET", "/api/v1/histogram?interval=x", "", 400, `"hint":"write 30s, 5m or 1h"`},
		{"GET", "/api/v1/fields", "", 200, `"source.ip"`},
		{"GET", "/api/v1/values?field=event.action&n=2&q=", "", 200, `"distinct":3`},
		{"GET", "/api/v1/values", "", 400, `no field is named`},
		{"GET", "/api/v1/events/id%2F2", "", 200, `"event.action":"CreateUser"`},
		{"GET", "/api/v1/events/none", "", 404, `"code":"not_found"`},
		{"POST", "/api/v1/sql", `{"sql":"SELECT count(*) AS n FROM cloudtrail"}`, 200, `{"n":3}`},
		{"POST", "/api/v1/sql", `{"sql":"SELECT count(*) AS n FROM events","format":"csv"}`, 200, "n\n3\n"},
		{"POST", "/api/v1/sql", `{"sql":"SELECT nope FROM events"}`, 400, `"column":8`},
		{"POST", "/api/v1/sql", `{"sql":"SELECT * FROM read_text('/etc/passwd')"}`, 403, `"code":"denied"`},
		{"POST", "/api/v1/export", `{"query":"event.action: GetObject"}`, 200, "GetObject"},
		{"GET", "/api/v1/rejects", "", 200, `{"groups":[],"recent":[]}`},
		{"GET", "/api/v1/rejects/1", "", 404, `"code":"not_found"`},
		{"GET", "/api/v1/rejects?limit=-1", "", 400, `limit`},
		{"POST", "/api/v1/rejects/replay", `{}`, 200, `"replayed":0`},
		{"POST", "/api/v1/compact", `{}`, 200, `"merged":0`},
		{"POST", "/api/v1/repair", `{}`, 200, `"repaired":0,"rows":0,"lost":[]`},
		{"GET", "/api/v1/nothing", "", 404, `"code":"not_found"`},
		{"GET", "/api/v1/search", "", 405, `"error"`},
		{"POST", "/api/v1/ingest", `{"paths":["/etc"]}`, 403, `private token`},
	} {
		t.Run(c.method+" "+c.path+" "+c.body, func(t *testing.T) {
			res, body := s.ask(c.method, c.path, c.body)
			if res.StatusCode != c.status || !strings.Contains(body, c.want) {
				t.Errorf("%d %s; want %d with %s", res.StatusCode, body, c.status, c.want)
			}
			for _, h := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control", "Content-Type"} {
				if res.Header.Get(h) == "" {
					t.Errorf("no %s", h)
				}
			}
		})
	}
}

func TestPagesJoin(t *testing.T) {
	s := start(t, web.Options{})
	var got []string
	cursor := ""
	for range 4 {
		_, body := s.ask("POST", "/api/v1/search", fmt.Sprintf(`{"query":"","limit":1,"fields":["event.id"],"raw":false,"cursor":%q}`, cursor))
		var page struct {
			Events []map[string]string
			Next   string
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Events {
			got = append(got, e["event.id"])
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if want := "id-3 id/2 id-1"; strings.Join(got, " ") != want {
		t.Errorf("pages give %q, want %s", got, want)
	}
}

func TestStrangersAreRefused(t *testing.T) {
	s := start(t, web.Options{})
	port := s.URL[strings.LastIndexByte(s.URL, ':'):]
	search := `{"query":""}`
	for _, c := range []struct {
		name    string
		headers []string
		status  int
	}{
		{"own", nil, 200},
		{"token", []string{"Authorization", "Bearer " + s.web.Token()}, 200},
		{"wrong token", []string{"Authorization", "Bearer x"}, 403},
		{"localhost", []string{"Host", "localhost" + port}, 200},
		{"IPv6", []string{"Host", "[::1]" + port}, 200},
		{"rebound name", []string{"Host", "evil.example" + port}, 403},
		{"rebound name with the token", []string{"Host", "evil.example", "Authorization", "Bearer " + s.web.Token()}, 403},
		{"same origin", []string{"Origin", s.URL, "Sec-Fetch-Site", "same-origin"}, 200},
		{"other site", []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, 403},
		{"other origin, old browser", []string{"Origin", "https://evil.example"}, 403},
		{"form", []string{"Content-Type", "text/plain"}, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, body := s.ask("POST", "/api/v1/search", search, c.headers...)
			if res.StatusCode != c.status {
				t.Errorf("%d %s, want %d", res.StatusCode, body, c.status)
			}
		})
	}
	if res, _ := s.ask("GET", "/api/v1/status", "", "Sec-Fetch-Site", "cross-site"); res.StatusCode != 403 {
		t.Errorf("a GET of another site gives %d", res.StatusCode)
	}
	r := httptest.NewRequest("GET", "http://127.0.0.1/api/v1/status", nil)
	r.RemoteAddr = "192.0.2.1:1234"
	w := httptest.NewRecorder()
	s.web.ServeHTTP(w, r)
	if w.Code != 403 {
		t.Errorf("another machine gets %d", w.Code)
	}
}

func TestStream(t *testing.T) {
	s := start(t, web.Options{})
	res, body := s.ask("GET", "/api/v1/search/stream?fields=event.id&raw=false&q="+url.QueryEscape("event.action: (Get* or Create*)"), "")
	want := "event: events\ndata: [{\"event.id\":\"id/2\"},{\"event.id\":\"id-1\"}]\n\nevent: done\ndata: {"
	if res.Header.Get("Content-Type") != "text/event-stream" || !strings.HasPrefix(body, want) || !strings.Contains(body, `"events":2`) {
		t.Errorf("%s: %s", res.Header.Get("Content-Type"), body)
	}
	if res, _ := s.ask("GET", "/api/v1/search/stream?q=%28a", ""); res.StatusCode != 400 {
		t.Errorf("a wrong query gives %d", res.StatusCode)
	}
}

func TestUploads(t *testing.T) {
	s := start(t, web.Options{MaxUpload: 4 << 10})
	res, body := s.ask("POST", "/api/v1/ingest/upload?key=flow.log", fmt.Sprintf(flow, 1), "Content-Type", "text/plain")
	if res.StatusCode != 200 || !strings.Contains(body, `"events":1`) {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for i := range 2 {
		w, err := form.CreateFormFile("file", fmt.Sprintf("flow%d.log", i))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(w, flow, 10+i)
	}
	form.Close()
	res, body = s.ask("POST", "/api/v1/ingest/upload", b.String(), "Content-Type", form.FormDataContentType())
	if res.StatusCode != 200 || !strings.Contains(body, `"objects":2,`) || !strings.Contains(body, `"events":2`) {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if res, body = s.ask("POST", "/api/v1/ingest/upload?key=x", strings.Repeat("x", 5<<10)); res.StatusCode != 413 {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if res, body = s.ask("POST", "/api/v1/ingest/upload?type=nonsense", "x"); res.StatusCode != 400 {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

func TestFirehose(t *testing.T) {
	s := start(t, web.Options{FirehoseKey: "secret"})
	zip := func(text string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		io.WriteString(z, text)
		z.Close()
		return b.Bytes()
	}
	cloudwatch := `{"messageType":"DATA_MESSAGE","owner":"123456789012","logGroup":"/vpc/flow","logStream":"eni-1","subscriptionFilters":["x"],"logEvents":[{"id":"1","timestamp":1790856000000,"message":"` +
		strings.TrimSpace(fmt.Sprintf(flow, 20)) + `"}]}`
	body := fmt.Sprintf(`{"requestId":"r-1","timestamp":1790856000000,"records":[{"data":%q},{"data":%q},{"data":%q}]}`,
		base64.StdEncoding.EncodeToString(fmt.Appendf(nil, flow, 21)), base64.StdEncoding.EncodeToString(zip(cloudwatch)), base64.StdEncoding.EncodeToString(fmt.Appendf(nil, flow, 22)))
	key := []string{"X-Amz-Firehose-Access-Key", "secret", "X-Amz-Firehose-Request-Id", "r-1"}
	for range 2 { // Firehose repeats what it is not sure about
		res, got := s.ask("POST", "/api/v1/firehose", body, key...)
		if res.StatusCode != 200 || !strings.HasPrefix(got, `{"requestId":"r-1","timestamp":`) || res.Header.Get("X-Amz-Firehose-Request-Id") != "r-1" {
			t.Errorf("%d %s", res.StatusCode, got)
		}
	}
	n, err := s.client.Count(context.Background(), service.Query{Types: []string{"aws.vpcflow"}})
	if err != nil || n.Count != 3 {
		t.Errorf("%d events (%v), want 3", n.Count, err)
	}
	for name, c := range map[string]struct {
		body   string
		header []string
		status int
	}{
		"no key":       {body, nil, 401},
		"wrong key":    {body, []string{"X-Amz-Firehose-Access-Key", "x"}, 401},
		"not JSON":     {"x", key, 400},
		"other id":     {strings.Replace(body, "r-1", "r-2", 1), key, 400},
		"not base64":   {`{"requestId":"r-1","records":[{"data":"*"}]}`, key, 400},
		"nothing":      {`{"requestId":"r-1","records":[]}`, key, 200},
		"gzipped body": {string(zip(body)), append([]string{"Content-Encoding", "gzip"}, key...), 200},
	} {
		if res, got := s.ask("POST", "/api/v1/firehose", c.body, c.header...); res.StatusCode != c.status {
			t.Errorf("%s: %d %s, want %d", name, res.StatusCode, got, c.status)
		}
	}
}

// TestClient asks through the client what verbs ask, errors in the middle of an answer included.
func TestClient(t *testing.T) {
	s := start(t, web.Options{})
	ctx := context.Background()
	var lines []string
	res, err := s.client.Search(ctx, service.SearchRequest{Limit: 2, Fields: []string{"event.id"}}, func(ev []byte) error {
		lines = append(lines, string(ev))
		return nil
	})
	if err != nil || len(lines) != 2 || res.Next == nil {
		t.Errorf("%q, next %v (%v)", lines, res.Next, err)
	}
	var b bytes.Buffer
	if _, err := s.client.SQL(ctx, service.SQLRequest{SQL: "SELECT 1 AS one"}, &b); err != nil || b.String() != "{\"one\":1}\n" {
		t.Errorf("%q (%v)", b.String(), err)
	}
	b.Reset()
	_, err = s.client.SQL(ctx, service.SQLRequest{SQL: "SELECT CASE WHEN i < 900000 THEN i ELSE error('日本 ' || i) END AS i FROM range(1000000) t(i)"}, &b)
	if err == nil || b.Len() == 0 {
		t.Errorf("an error in the middle is lost: %d bytes, %v", b.Len(), err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.log"), fmt.Appendf(nil, flow, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := s.client.Ingest(ctx, service.IngestRequest{Paths: []string{dir}}, nil)
	if err != nil || in.Events != 1 {
		t.Errorf("%+v (%v)", in, err)
	}
	if _, err := s.client.Ingest(ctx, service.IngestRequest{Type: "nonsense", Paths: []string{dir}}, nil); service.AsError(err).Kind != service.Invalid {
		t.Errorf("error %v", err)
	}
	if _, err := s.client.Event(ctx, "", "id/2"); err != nil {
		t.Error(err)
	}
	if f, err := s.client.Values(ctx, service.ValuesRequest{Fields: []string{"event.action"}, N: 1}); err != nil || len(f) != 1 {
		t.Errorf("%v (%v)", f, err)
	}
}
