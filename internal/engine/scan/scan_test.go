package scan_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ashiato/internal/engine/scan"
	"ashiato/internal/ingest"
	"ashiato/internal/lake"
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/all"
	"ashiato/internal/query/kql"
	"ashiato/internal/source"
)

type fixture struct {
	l     *lake.Lake
	e     *scan.Engine
	types *logtype.Catalog
	snap  *lake.Snapshot
}

// samples takes in the samples of every log type.
func samples(t testing.TB) fixture {
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
	files, _ := filepath.Glob("../../logtype/*/samples/*")
	for i, f := range files {
		if strings.HasSuffix(f, ".golden") {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(fmt.Sprintf("%s/%03d-%s", in, i, filepath.Base(f)), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	p, err := ingest.New(l, c).Run(ctx, source.Expand(ctx, in, source.Options{}), ingest.Options{OnError: func(u string, err error) { t.Errorf("%s: %v", u, err) }})
	if err != nil || p.Events == 0 {
		t.Fatalf("%+v %v", p, err)
	}
	s, err := l.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return fixture{l, scan.New(l, c), c, s}
}

func (f fixture) find(t testing.TB, query string, limit int) []string {
	t.Helper()
	n, err := kql.Parse(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	var raws []string
	_, _, err = f.e.Search(context.Background(), f.snap, scan.Query{Node: n, Text: query}, limit, nil, func(e *scan.Event) error {
		raw, err := e.Raw(nil)
		raws = append(raws, string(raw))
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return raws
}

var word = regexp.MustCompile(`[A-Za-z0-9]{2,}`)

// TestRecall looks for words of every sample record: each must find the record that it stands in. Pieces of
// times and of numbers with a fraction, and of UUIDs and addresses, are found as a whole only.
func TestRecall(t *testing.T) {
	f := samples(t)
	records := f.find(t, "*", 0)
	whole := regexp.MustCompile(`(?i)\d{4}-\d\d-\d\d[T \t]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:?\d\d)?|\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d( [+-]\d{4})?|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{8} \d\d:\d\d:\d\d|\b\d+\.\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\\u[0-9a-f]{4}|\\[nrtbf"\\/]|\b\d{10}(\d{3})?\b`)
	asked := map[string]map[string]bool{}
	missed := 0
	for i, r := range records {
		text := whole.ReplaceAllString(r, " ")
		words := word.FindAllStringIndex(text, -1)
		for k, at := range words {
			if (k+i)%3 != 0 && len(records) > 150 { // a third of them is plenty
				continue
			}
			w := text[at[0]:at[1]]
			if at[1] < len(text) && text[at[1]] >= 0x80 || at[0] > 0 && text[at[0]-1] >= 0x80 {
				continue
			}
			if asked[w] == nil {
				asked[w] = map[string]bool{}
				for _, hit := range f.find(t, `"`+w+`"`, 0) {
					asked[w][hit] = true
				}
			}
			if !asked[w][r] {
				if missed++; missed < 20 {
					t.Errorf("%q does not find %.300s", w, r)
				}
			}
		}
	}
	t.Logf("%d records, %d words, %d misses", len(records), len(asked), missed)
}

// TestNoFalseHits holds that what free text finds stands in the record as whole words.
func TestNoFalseHits(t *testing.T) {
	f := samples(t)
	for _, q := range []string{"alice", "203.0.113.12", "443", "AccessDenied", "us-east-1", "arn:aws:iam::111122223333:user/alice", "GET", "10.0.0", "root"} {
		pattern := regexp.MustCompile(`(?i)(^|[^a-z0-9])` + regexp.QuoteMeta(q) + `($|[^a-z0-9])`)
		want := 0
		for _, r := range f.find(t, "*", 0) {
			if pattern.MatchString(r) {
				want++
			}
		}
		got := f.find(t, `"`+q+`"`, 0)
		for _, r := range got {
			if !pattern.MatchString(r) {
				t.Errorf("%q finds %.300s", q, r)
			}
		}
		if len(got) != want {
			t.Errorf("%q: %d hits, want %d", q, len(got), want)
		}
	}
}

// TestOrderAndPages holds that results come newest first and that pages put together are the whole.
func TestOrderAndPages(t *testing.T) {
	f := samples(t)
	var whole, paged []string
	last := int64(1 << 62)
	_, _, err := f.e.Search(context.Background(), f.snap, scan.Query{}, 0, nil, func(e *scan.Event) error {
		if e.Time() > last {
			t.Errorf("%d comes after %d", e.Time(), last)
		}
		last = e.Time()
		whole = append(whole, e.ID())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var after *scan.Cursor
	for {
		next, _, err := f.e.Search(context.Background(), f.snap, scan.Query{}, 7, after, func(e *scan.Event) error {
			paged = append(paged, e.ID())
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if next == nil {
			break
		}
		after = next
	}
	if strings.Join(whole, " ") != strings.Join(paged, " ") {
		t.Errorf("%d events in pages, %d in one go", len(paged), len(whole))
	}
	n, _, err := f.e.Count(context.Background(), f.snap, scan.Query{})
	if err != nil || int(n) != len(whole) {
		t.Errorf("count is %d, %d events came (%v)", n, len(whole), err)
	}
}

// TestAggregates holds counts, histogram and facets against the events themselves.
func TestAggregates(t *testing.T) {
	f := samples(t)
	for _, q := range []string{"*", "event.outcome: failure", "source.ip: 203.0.113.0/24", "not event.dataset: aws.vpcflow", "source.port >= 1024", "related.ip: 203.0.113.12", "event.type: denied", "event.category: (iam or network)"} {
		n, err := kql.Parse(q)
		if err != nil {
			t.Fatal(err)
		}
		query := scan.Query{Node: n, Text: q}
		values := map[string]int64{}
		total := int64(0)
		buckets := map[int64]int64{}
		_, _, err = f.e.Search(context.Background(), f.snap, query, 0, nil, func(e *scan.Event) error {
			b, err := e.AppendJSON(nil, nil, true)
			if err != nil {
				return err
			}
			var m map[string]any
			if err := json.Unmarshal(b, &m); err != nil {
				return fmt.Errorf("%w: %s", err, b)
			}
			total++
			buckets[e.Time()/3600e6*3600e6]++
			if v, ok := m["event.action"].(string); ok {
				values[v]++
			}
			return nil
		})
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		if c, _, err := f.e.Count(context.Background(), f.snap, query); err != nil || c != total {
			t.Errorf("%s: count %d, want %d (%v)", q, c, total, err)
		}
		h, _, err := f.e.Histogram(context.Background(), f.snap, query, 3600e6)
		if err != nil || len(h) != len(buckets) {
			t.Errorf("%s: %d buckets, want %d (%v)", q, len(h), len(buckets), err)
		}
		for _, b := range h {
			if buckets[b.Start] != b.Count {
				t.Errorf("%s: bucket %d has %d, want %d", q, b.Start, b.Count, buckets[b.Start])
			}
		}
		fa, _, err := f.e.Facets(context.Background(), f.snap, query, []string{"event.action"}, 1000)
		if err != nil || len(fa[0].Values) != len(values) || int(fa[0].Distinct) != len(values) {
			t.Errorf("%s: %d values, want %d (%v)", q, len(fa[0].Values), len(values), err)
			continue
		}
		for _, v := range fa[0].Values {
			if values[v.Value] != v.Count {
				t.Errorf("%s: %s has %d, want %d", q, v.Value, v.Count, values[v.Value])
			}
		}
	}
}

// TestPathsAndErrors asks for fields that no column holds, and wrong things.
func TestPathsAndErrors(t *testing.T) {
	f := samples(t)
	for q, atLeast := range map[string]int{
		`requestParameters.userName: bob`: 1, `requestParameters.bucketName: payroll-*`: 1, `resources.ARN: "arn:aws:s3:::payroll-archive"`: 1,
		`insightDetails.insightContext.statistics.insight.average > 19`: 0, `insightDetails.state: Start`: 1, `responseElements.accessKey.status: *`: 1,
		`eventName: CreateAccessKey`: 1, `user.*: alice`: 1, `message: "called CreateAccessKey"`: 1, `*accesskey*`: 1,
		`raw: "Failed authentication"`: 1, `event.type: creation and user.name: ALICE`: 1, `@timestamp: 2026-10-20`: 1, `timestamp >= 2026-10-20T03:05:00Z`: 1,
	} {
		if n := len(f.find(t, q, 0)); n < atLeast {
			t.Errorf("%s: %d hits", q, n)
		}
	}
	for _, q := range []string{`source.ip: 203.0.113.0/99`, `@timestamp: yesterdayish`, `source.port > many`} {
		n, err := kql.Parse(q)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := f.e.Count(context.Background(), f.snap, scan.Query{Node: n, Text: q}); err == nil {
			t.Errorf("%s: no error", q)
		}
	}
	_, _, err := f.e.Search(context.Background(), f.snap, scan.Query{}, 0, nil, func(e *scan.Event) error {
		got, err := f.e.EventByID(context.Background(), f.snap, e.ID())
		if err != nil || got == nil || got.ID() != e.ID() {
			return fmt.Errorf("event %s of %s is not found by its id (%v)", e.ID(), e.Type.Name, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
