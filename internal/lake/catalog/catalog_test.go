package catalog

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"ashiato/internal/lake/segment"
)

func TestRetention(t *testing.T) {
	ctx := context.Background()
	c, err := Open(filepath.Join(t.TempDir(), "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	var k Commit
	for i, day := range []string{"2026-10-01", "2026-10-25", "2026-10-26", "2026-11-25"} {
		for _, d := range []string{"aws.vpcflow", "aws.cloudtrail"} {
			k.Segments = append(k.Segments, segment.Info{ID: day + d, Dataset: d, Day: day, Rows: int64(10 + i)})
		}
	}
	if err := c.Apply(ctx, &k); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Expire(ctx, now); n != 0 || err != nil {
		t.Fatalf("without a setting %d events expire (%v)", n, err)
	}
	if err := c.SetRetention(ctx, Retention{"aws.vpcflow", 30}); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Expire(ctx, now); n != 10+11 || err != nil {
		t.Errorf("%d events expire, want 21 (%v)", n, err)
	}
	live, err := c.Segments(ctx)
	if err != nil || len(live) != 6 {
		t.Errorf("%d segments are left, want 6 (%v)", len(live), err)
	}
	if err := c.SetRetention(ctx, Retention{"aws.vpcflow", 0}); err != nil {
		t.Fatal(err)
	}
	if r, err := c.Retentions(ctx); len(r) != 0 || err != nil {
		t.Errorf("%v is left (%v)", r, err)
	}
	if err := c.SetRetention(ctx, Retention{"aws.vpcflow", -1}); err == nil {
		t.Error("negative days are accepted")
	}
}
