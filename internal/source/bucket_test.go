package source

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"ashiato/internal/testserver"
)

func bucketServer(t *testing.T) (endpoint string, put func(key string)) {
	t.Helper()
	endpoint, access, secret := testserver.StartVersityGW(t)
	t.Setenv("AWS_ACCESS_KEY_ID", access)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
	t.Setenv("AWS_SESSION_TOKEN", "")
	t.Setenv("AWS_PROFILE", "")
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	cl := awss3.New(awss3.Options{Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(access, secret, "")})
	if _, err := cl.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: aws.String("logs")}); err != nil {
		t.Fatal(err)
	}
	return endpoint, func(key string) {
		t.Helper()
		if _, err := cl.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: aws.String("logs"), Key: &key, Body: bytes.NewReader([]byte(key))}); err != nil {
			t.Fatal(err)
		}
	}
}

func trailKey(account int, day int) string {
	return fmt.Sprintf("AWSLogs/%012d/CloudTrail/us-east-1/2026/10/%02d/%012d_CloudTrail_us-east-1_202610%02dT0405Z_x.json.gz", account, day, account, day)
}

func TestBucket(t *testing.T) {
	endpoint, put := bucketServer(t)
	var want []string
	for day := 1; day <= 5; day++ {
		for account := 1; account <= 3; account++ {
			want = append(want, trailKey(account, day))
		}
	}
	for _, k := range want {
		put(k)
	}
	var got []string
	for o, err := range Expand(t.Context(), "s3://logs/AWSLogs/", Options{EndpointURL: endpoint}) {
		if err != nil {
			t.Fatal(err)
		}
		r, err := o.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		r.Close()
		if err != nil || string(b) != o.Key || o.URI != "s3://logs/"+o.Key || !strings.HasPrefix(o.ID(), "logs/"+o.Key+"/") {
			t.Errorf("%+v: %q, %v", o, b, err)
		}
		got = append(got, o.Key)
	}
	if !slices.Equal(got, want) { // by day over all accounts
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestFollowBucket(t *testing.T) {
	endpoint, put := bucketServer(t)
	for _, k := range []string{trailKey(1, 10), trailKey(1, 11), "note.txt"} {
		put(k)
	}
	// Each is put once the ones before have been yielded: the next day, a late
	// one of yesterday, a file without a date, a new account.
	later := []string{trailKey(1, 12), strings.Replace(trailKey(1, 11), "_x.", "_late.", 1), "note2.txt", trailKey(2, 12)}
	want := append([]string{"note.txt", trailKey(1, 10), trailKey(1, 11)}, later...)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var got []string
	for o, err := range Expand(ctx, "s3://logs", Options{EndpointURL: endpoint, Follow: true, PollEvery: 5 * time.Millisecond}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, o.Key)
		switch n := len(got) - 3; {
		case n >= 0 && n < len(later):
			put(later[n])
		case n == len(later):
			cancel()
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
