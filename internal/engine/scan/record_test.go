package scan_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"ashiato/internal/engine/scan"
	"ashiato/internal/ingest"
	"ashiato/internal/lake"
	"ashiato/internal/logtype/all"
	"ashiato/internal/source"
)

// take takes in files by name and content.
func take(t *testing.T, files map[string]string) fixture {
	c, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	in := t.TempDir()
	for name, text := range files {
		p := filepath.Join(in, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	if _, err := ingest.New(l, c).Run(ctx, source.Expand(ctx, in, source.Options{}), ingest.Options{}); err != nil {
		t.Fatal(err)
	}
	s, err := l.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return fixture{l, scan.New(l, c), c, s}
}

const (
	withAccount    = `{"eventVersion":"1.11","eventTime":"2026-10-20T03:04:05Z","eventSource":"sts.amazonaws.com","eventName":"A","recipientAccountId":"111122223333","eventID":"5c695e4d-0000-4000-8000-000000000101"}`
	withoutAccount = `{"eventVersion":"1.11","eventTime":"2026-10-20T03:04:06Z","eventSource":"sts.amazonaws.com","eventName":"B","userIdentity":{"userName":"CORP\\alice"},"eventID":"5c695e4d-0000-4000-8000-000000000102"}`
)

// TestFreeTextIsOfTheRecord holds that a value which the program added to an event, here the account from the
// object's name, is not found by free text, whatever other records hold; and that backslashes hide no word.
func TestFreeTextIsOfTheRecord(t *testing.T) {
	f := take(t, map[string]string{"AWSLogs/111122223333/CloudTrail/us-east-1/2026/10/20/x.json": `{"Records":[` + withAccount + "," + withoutAccount + `]}`})
	for q, want := range map[string]int{
		"111122223333": 1, "cloud.account.id: 111122223333": 2, "alice": 1, `"CORP\\alice"`: 1, "corp": 1, "*1111222*": 1, `user.name: "CORP\\alice"`: 1,
	} {
		if got := len(f.find(t, q, 0)); got != want {
			t.Errorf("%s: %d hits, want %d", q, got, want)
		}
	}
}
