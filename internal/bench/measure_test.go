package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"testing"

	"ashiato/internal/app"
	"ashiato/internal/bench"
	"ashiato/internal/cli"
)

// TestMain is the whole program when a measurement starts this binary as its child.
func TestMain(m *testing.M) {
	if os.Getenv("ASHIATO_BENCH_TEST_CHILD") != "" {
		os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Setenv("ASHIATO_BENCH_TEST_CHILD", "1") // for the children
	os.Exit(m.Run())
}

func program(t *testing.T) []string {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return []string{exe}
}

// TestIngest runs the measurement on every kind: the events come in without rejects, and the figures are there.
func TestIngest(t *testing.T) {
	dir := t.TempDir()
	for _, k := range bench.Kinds() {
		opt := bench.IngestOptions{Program: program(t), Report: func(string) {}}
		opt.Kind, opt.Events, opt.Dir, opt.Hard = k.Name, 6_000, dir, k.Name == "cloudtrail"
		r, err := bench.Ingest(context.Background(), opt)
		if err != nil {
			t.Fatalf("%s: %v", k.Name, err)
		}
		if r.Ingest.PeakRSS < 10<<20 || r.Ingest.CPU <= 0 || r.Limits.ZstdBytes == 0 || r.Before.Data == 0 || r.Before.Sidecars == 0 || r.After.Segments == 0 {
			t.Errorf("%s: a figure is missing: %+v", k.Name, r)
		}
		if _, err := os.Stat(r.Dir); err == nil {
			t.Errorf("%s: the lake was left behind", k.Name)
		}
		if rows := r.Rows(); len(rows) < 12 || len(r.Goals) < 2 {
			t.Errorf("%s: the report has %d rows and %d goals", k.Name, len(rows), len(r.Goals))
		}
	}
}

// TestSearch runs the measurement of search over a small mix: every answer is held against what was planted.
func TestSearch(t *testing.T) {
	opt := bench.SearchOptions{Events: 30_000, Mix: "cloudtrail=50,vpcflow=30,alb=10,resolver=5,waf=5", Seed: 7, Dir: t.TempDir(), Runs: 3, Recall: 80,
		Program: program(t), Report: func(string) {},
		Open: func(dir string) (bench.Asked, func() error, error) {
			a, err := app.Open(dir)
			if err != nil {
				return nil, nil, err
			}
			return a, a.Close, nil
		}}
	r, err := bench.Search(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Timings) < 17 {
		t.Errorf("only %d questions", len(r.Timings))
	}
	if r.Wrong() || r.Recall.Tried+r.Recall.PartsTried != 80 {
		t.Errorf("recall: %d of %d: %+v", r.Recall.Found, r.Recall.Tried, r.Recall.Missed)
	}
	again, err := bench.Search(context.Background(), opt)
	if err != nil || again.Disk.Data != r.Disk.Data || again.Disk.Segments != r.Disk.Segments {
		t.Errorf("the lake is not taken as it is: %+v, %v", again.Disk, err)
	}
}

// TestVerb runs the verb that makes data and takes the whole folder in: the manifest is not taken for a log.
func TestVerb(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	var out, errOut bytes.Buffer
	if code := cli.Main([]string{"bench", "make", "vpcflow", "3000", dir, "--json"}, nil, &out, &errOut); code != 0 {
		t.Fatalf("exit code %d: %s", code, errOut.String())
	}
	var m bench.Manifest
	if err := json.Unmarshal(out.Bytes(), &m); err != nil || m.Events != 3000 || len(m.Needles) == 0 {
		t.Errorf("manifest %s: %v", out.String(), err)
	}
	if code := cli.Main([]string{"--data", data, "ingest", "--quiet", dir}, nil, &out, &errOut); code != 0 {
		t.Errorf("exit code %d: %s", code, errOut.String())
	}
	if code := cli.Main([]string{"bench", "make", "nosuch", "10", dir}, nil, &out, &errOut); code != 2 {
		t.Errorf("an unknown kind gives exit code %d", code)
	}
}
