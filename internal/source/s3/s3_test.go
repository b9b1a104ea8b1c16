package s3_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"ashiato/internal/source/s3"
	"ashiato/internal/testserver"
)

const bucket = "logs"

// server starts an S3 server with one bucket; put writes an object.
func server(t *testing.T) (endpoint string, put func(key string, body []byte)) {
	t.Helper()
	endpoint, access, secret := testserver.StartVersityGW(t)
	isolate(t)
	t.Setenv("AWS_ACCESS_KEY_ID", access)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
	cl := awss3.New(awss3.Options{Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(access, secret, "")})
	if _, err := cl.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: aws.String(bucket)}); err != nil {
		t.Fatal(err)
	}
	return endpoint, func(key string, body []byte) {
		t.Helper()
		if _, err := cl.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String(bucket), Key: &key, Body: bytes.NewReader(body)}); err != nil {
			t.Fatal(err)
		}
	}
}

// isolate keeps the machine's own AWS configuration out.
func isolate(t *testing.T) {
	t.Helper()
	for _, v := range []string{"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL",
		"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"} {
		t.Setenv(v, "")
	}
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_REGION", "us-east-1")
}

func client(t *testing.T, opt s3.Options) *s3.Client {
	t.Helper()
	c, err := s3.New(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func list(t *testing.T, c *s3.Client, prefix, after string) (entries []s3.Entry, keys []string) {
	t.Helper()
	for e, err := range c.List(t.Context(), bucket, prefix, after) {
		if err != nil {
			t.Fatal(err)
		}
		entries, keys = append(entries, e), append(keys, e.Key)
	}
	slices.Sort(keys)
	return entries, keys
}

func read(c *s3.Client, e s3.Entry) ([]byte, error) {
	r, err := c.Open(context.Background(), e)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestListAndRead(t *testing.T) {
	endpoint, put := server(t)
	c := client(t, s3.Options{EndpointURL: endpoint, Concurrency: 4})
	var want []string
	add := func(key string) {
		put(key, []byte("body of "+key))
		want = append(want, key)
	}
	for i := range 1100 { // more than a page
		add(fmt.Sprintf("flat/%04d.log", i))
	}
	for _, account := range []string{"111122223333", "444455556666"} {
		for _, region := range []string{"us-east-1", "ap-northeast-1"} {
			for day := range 3 {
				add(fmt.Sprintf("AWSLogs/%s/CloudTrail/%s/2026/10/%02d/x.json.gz", account, region, day+1))
			}
		}
	}
	odd := []string{"odd/with space.log", "odd/a+b.log", "odd/日本語.log", "odd/100%25.log", "odd/a&b=c?d#e.log", "top.log"}
	for _, k := range odd {
		add(k)
	}
	put("AWSLogs/", nil) // folder marker
	slices.Sort(want)

	entries, keys := list(t, c, "", "")
	if !slices.Equal(keys, want) {
		t.Fatalf("listed %d keys, want %d", len(keys), len(want))
	}
	for _, e := range entries {
		if slices.Contains(odd, e.Key) {
			if b, err := read(c, e); err != nil || string(b) != "body of "+e.Key {
				t.Errorf("%s: %q, %v", e.Key, b, err)
			}
			if e.Size != int64(len("body of "+e.Key)) || e.ETag == "" || time.Since(e.ModTime) > time.Hour {
				t.Errorf("entry %+v", e)
			}
		}
	}
	if _, keys := list(t, c, "flat/00", ""); len(keys) != 100 {
		t.Errorf("%d keys under flat/00, want 100", len(keys))
	}
	after := "AWSLogs/444455556666/CloudTrail/us-east-1/2026/10/01/x.json.gz"
	_, keys = list(t, c, "AWSLogs", after)
	if len(keys) != 2 || keys[0] <= after {
		t.Errorf("after %s: %q", after, keys)
	}
	for range c.List(t.Context(), bucket, "", "") {
		break // must not leak or hang
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range c.List(ctx, bucket, "", "") {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}
}

func TestErrors(t *testing.T) {
	endpoint, put := server(t)
	put("a", []byte("a"))
	firstError := func(c *s3.Client, bucket string) error {
		for _, err := range c.List(t.Context(), bucket, "", "") {
			return err
		}
		return nil
	}
	check := func(err, kind error, words ...string) {
		t.Helper()
		if !errors.Is(err, kind) {
			t.Fatalf("error %v, want %v", err, kind)
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q does not mention %q", err, w)
			}
		}
	}
	c := client(t, s3.Options{EndpointURL: endpoint})
	check(firstError(c, "no-such-bucket"), s3.ErrNotFound, "bucket does not exist", "--endpoint-url")
	_, err := read(c, s3.Entry{Bucket: bucket, Key: "gone"})
	check(err, s3.ErrNotFound, "s3://logs/gone")
	_, err = read(c, s3.Entry{Bucket: bucket, Key: "a", ETag: "0123456789abcdef0123456789abcdef"})
	check(err, s3.ErrChanged, "replaced")

	t.Setenv("AWS_SECRET_ACCESS_KEY", "wrong")
	check(firstError(client(t, s3.Options{EndpointURL: endpoint}), bucket), s3.ErrCredentials, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	check(firstError(client(t, s3.Options{EndpointURL: endpoint}), bucket), s3.ErrCredentials, "AWS_PROFILE")
}

// proxy cuts each connection after the next number of bytes from the server; 0
// lets all through. Connections after the last number are whole.
func proxy(t *testing.T, endpoint string, cuts ...int64) (addr string, conns *atomic.Int64) {
	t.Helper()
	u, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	conns = new(atomic.Int64)
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			n := int(conns.Add(1)) - 1
			go func() {
				defer in.Close()
				out, err := net.Dial("tcp", u.Host)
				if err != nil {
					return
				}
				defer out.Close()
				go func() {
					_, _ = io.Copy(out, in)
					out.Close()
				}()
				if n < len(cuts) && cuts[n] > 0 {
					_, _ = io.CopyN(in, out, cuts[n])
					return
				}
				_, _ = io.Copy(in, out)
			}()
		}
	}()
	return "http://" + l.Addr().String(), conns
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(b)
	return b
}

func find(t *testing.T, c *s3.Client, key string) s3.Entry {
	t.Helper()
	entries, _ := list(t, c, key, "")
	if len(entries) != 1 {
		t.Fatalf("%d entries for %s", len(entries), key)
	}
	return entries[0]
}

func TestResume(t *testing.T) {
	endpoint, put := server(t)
	big, small := randomBytes(20<<20), randomBytes(1<<20)
	put("big", big)
	put("small", small)
	direct := client(t, s3.Options{EndpointURL: endpoint})
	for _, c := range []struct {
		key  string
		want []byte
		cuts []int64
	}{
		{"big", big, []int64{5 << 20, 100, 7<<20 + 13, 1}},
		{"small", small, []int64{300_000, 400_000}},
	} {
		t.Run(c.key, func(t *testing.T) {
			addr, conns := proxy(t, endpoint, c.cuts...)
			got, err := read(client(t, s3.Options{EndpointURL: addr}), find(t, direct, c.key))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, c.want) {
				t.Errorf("%d bytes differ from the %d put", len(got), len(c.want))
			}
			if conns.Load() <= int64(len(c.cuts)) {
				t.Errorf("%d connections: the cuts were not met", conns.Load())
			}
		})
	}
}

func TestGivesUp(t *testing.T) {
	endpoint, put := server(t)
	put("big", randomBytes(9<<20))
	e := find(t, client(t, s3.Options{EndpointURL: endpoint}), "big")
	cuts := append([]int64{1 << 20}, slices.Repeat([]int64{10}, 100)...)
	addr, _ := proxy(t, endpoint, cuts...)
	_, err := read(client(t, s3.Options{EndpointURL: addr, Attempts: 2}), e)
	if !errors.Is(err, s3.ErrUnavailable) || !strings.Contains(err.Error(), "gave up at byte") {
		t.Errorf("error %v", err)
	}
}

func TestStandstill(t *testing.T) {
	endpoint, put := server(t)
	want := randomBytes(9 << 20)
	put("big", want)
	e := find(t, client(t, s3.Options{EndpointURL: endpoint}), "big")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	u, _ := url.Parse(endpoint)
	go func() { // the first connection stands still after 1 MiB, without closing
		for n := 0; ; n++ {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", u.Host)
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(out, in) }()
			if n == 0 {
				_, _ = io.CopyN(in, out, 1<<20)
				continue
			}
			go func() { _, _ = io.Copy(in, out); in.Close() }()
		}
	}()
	got, err := read(client(t, s3.Options{EndpointURL: "http://" + l.Addr().String(), IdleTimeout: 300 * time.Millisecond}), e)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestReplacedDuringDownload(t *testing.T) {
	endpoint, put := server(t)
	put("big", randomBytes(20<<20))
	e := find(t, client(t, s3.Options{EndpointURL: endpoint}), "big")
	addr, _ := proxy(t, endpoint, 5<<20)
	r, err := client(t, s3.Options{EndpointURL: addr}).Open(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadFull(r, make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	put("big", bytes.Repeat([]byte("x"), 20<<20))
	n, err := io.Copy(io.Discard, r)
	if !errors.Is(err, s3.ErrChanged) {
		t.Errorf("%d more bytes, %v; want ErrChanged", n, err)
	}
}
