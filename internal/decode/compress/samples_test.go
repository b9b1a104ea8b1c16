package compress

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// bzip2Hello is "hello bzip2\n" packed by bzip2 1.0.8; Go has no writer for it.
var bzip2Hello = []byte("\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\xab\x6b\xa1\xf1\x00\x00\x02\xd9\x80\x00\x10\x40\x00\x10\x00\x12\x64\xc0\x10\x20\x00\x31\x00\xd3\x4d\x04\x00\x1e\xa3\xef\x4e\x51\xa2\x07\x8b\xb9\x22\x9c\x28\x48\x55\xb5\xd0\xf8\x80")

func gz(t testing.TB, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zst(t testing.TB, plain []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(plain, nil)
}

type member struct {
	name string
	data []byte
}

func zipped(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		f, err := w.Create(m.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(m.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// cloudTrail makes an object of n events in the shape AWS delivers; it packs
// about 11:1, real ones about 7:1.
func cloudTrail(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"DescribeInstances", "GetObject", "AssumeRole", "ListBuckets", "PutObject", "Decrypt"}
	b := []byte(`{"Records":[`)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		u := r.IntN(40)
		b = fmt.Appendf(b, `{"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE%05d:svc-%d","arn":"arn:aws:sts::111122223333:assumed-role/role-%d/svc-%d","accountId":"111122223333","accessKeyId":"ASIA%012X","sessionContext":{"attributes":{"creationDate":"2026-10-01T%02d:%02d:%02dZ","mfaAuthenticated":"false"}}},"eventTime":"2026-10-01T04:%02d:%02dZ","eventSource":"ec2.amazonaws.com","eventName":"%s","awsRegion":"ap-northeast-1","sourceIPAddress":"10.%d.%d.%d","userAgent":"aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 md/GOOS#linux","requestParameters":{"bucketName":"data-%d","key":"in/%08x/%d.json"},"responseElements":null,"requestID":"%08x-%04x-4%03x-a%03x-%012x","eventID":"%08x-%04x-4%03x-b%03x-%012x","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"ec2.ap-northeast-1.amazonaws.com"}}`,
			u, u, u, u, u*7919, r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(60), r.IntN(60), names[r.IntN(len(names))], r.IntN(4), r.IntN(256), r.IntN(256),
			u, r.Uint32(), r.IntN(100), r.Uint32(), r.IntN(65536), r.IntN(4096), r.IntN(4096), r.Uint64()>>16, r.Uint32(), r.IntN(65536), r.IntN(4096), r.IntN(4096), r.Uint64()>>16)
	}
	return append(b, `]}`...)
}
