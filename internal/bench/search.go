package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"ashiato/internal/engine/scan"
	"ashiato/internal/service"
)

// Asked is the part of service.Service that is measured.
type Asked interface {
	Search(ctx context.Context, q service.SearchRequest, emit func(event []byte) error) (service.SearchResult, error)
	Count(ctx context.Context, q service.Query) (service.CountResult, error)
	Histogram(ctx context.Context, q service.HistogramRequest) (service.Histogram, error)
	Values(ctx context.Context, q service.ValuesRequest) ([]scan.Facet, error)
	Event(ctx context.Context, workspace, id string) (json.RawMessage, error)
	SQL(ctx context.Context, q service.SQLRequest, w io.Writer) (service.SQLResult, error)
}

// SearchOptions say which lake to ask and how often.
type SearchOptions struct {
	Events   int64  // of all kinds together
	Mix      string // percent of each kind: "cloudtrail=50,vpcflow=50"
	Seed     uint64
	Hard     bool
	Dir      string
	Runs     int                                           // warm runs of each question
	Recall   int                                           // random tokens to look for
	Program  []string                                      // the command line of this program, without a verb
	Open     func(dir string) (Asked, func() error, error) // opens a data directory
	Progress func(done, total int64)
	Report   func(step string)
}

// SearchReport is the outcome of a measurement of search.
type SearchReport struct {
	Machine Machine  `json:"machine"`
	Events  int64    `json:"events"`
	Plain   int64    `json:"plain_bytes"`
	Gzip    int64    `json:"gzip_bytes"`
	Disk    Disk     `json:"disk"`
	Timings []Timing `json:"timings"`
	Recall  Recall   `json:"recall"`
	PeakRSS int64    `json:"peak_rss_bytes"` // of this process, DuckDB and the recall check included
	Goals   []Goal   `json:"goals"`
}

// searching is a measurement under way.
type searching struct {
	opt     SearchOptions
	lake    string
	parts   []MakeOptions
	made    []Manifest
	service Asked
	close   func() error
}

// Search fills a lake, or takes the one that is there, and asks it questions whose answers are known.
func Search(ctx context.Context, opt SearchOptions) (r SearchReport, err error) {
	r.Machine = ThisMachine()
	opt.Runs = max(opt.Runs, 1)
	b := &searching{opt: opt}
	if err := b.fill(ctx); err != nil {
		return r, err
	}
	defer func() {
		if b.close != nil {
			err = errors.Join(err, b.close())
		}
	}()
	for _, m := range b.made {
		r.Events += m.Events
		r.Plain += m.PlainBytes
		r.Gzip += m.GzipBytes
	}
	if r.Disk, err = diskOf(filepath.Join(b.lake, "workspaces")); err != nil {
		return r, err
	}
	for _, q := range b.questions() {
		opt.Report("ask: " + q.name)
		t, err := b.measure(ctx, q)
		if err != nil {
			return r, err
		}
		r.Timings = append(r.Timings, t)
	}
	opt.Report("recall")
	if r.Recall, err = b.recall(ctx); err != nil {
		return r, err
	}
	r.PeakRSS = peakRSS(os.Getpid())
	r.Goals = r.goals()
	return r, nil
}

// parseMix reads percents by kind, in the order of the kinds.
func parseMix(s string) (map[string]int64, error) {
	mix, sum := map[string]int64{}, int64(0)
	for part := range strings.SplitSeq(s, ",") {
		name, percent, _ := strings.Cut(strings.TrimSpace(part), "=")
		if _, err := KindOf(name); err != nil {
			return nil, err
		}
		n, err := strconv.ParseInt(percent, 10, 64)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("%q is no share: write KIND=PERCENT,…", part)
		}
		mix[name] += n
		sum += n
	}
	if sum != 100 {
		return nil, fmt.Errorf("the shares of %q add up to %d, not to 100", s, sum)
	}
	return mix, nil
}

// fill makes the data and the lake, as far as they are not there yet.
func (b *searching) fill(ctx context.Context) error {
	mix, err := parseMix(b.opt.Mix)
	if err != nil {
		return err
	}
	mark := fmt.Sprintf("generator %d, seed %d, hard %t", Version, b.opt.Seed, b.opt.Hard)
	for _, k := range kinds {
		n := b.opt.Events * mix[k.Name] / 100
		if n == 0 {
			continue
		}
		o := MakeOptions{Kind: k.Name, Events: n, Seed: b.opt.Seed, Hard: b.opt.Hard && k.Name == "cloudtrail", Progress: b.opt.Progress}
		o.Dir = folder(b.opt.Dir, "data", o)
		b.opt.Report("make data in " + o.Dir)
		m, err := Make(ctx, o)
		if err != nil {
			return err
		}
		b.parts, b.made = append(b.parts, o), append(b.made, m)
		mark += fmt.Sprintf(", %s %d", k.Name, n)
	}
	if len(b.made) == 0 {
		return fmt.Errorf("%d events are too few for the mix %q", b.opt.Events, b.opt.Mix)
	}
	b.lake = filepath.Join(b.opt.Dir, fmt.Sprintf("lake-mix-%d-seed%d", b.opt.Events, b.opt.Seed))
	if b.opt.Hard {
		b.lake += "-hard"
	}
	have, err := os.ReadFile(filepath.Join(b.lake, lakeMark))
	if err == nil && string(have) == mark {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := emptyLake(b.lake); err != nil {
		return err
	}
	for i, m := range b.made {
		b.opt.Report("take in " + m.Kind)
		if _, err := takeIn(ctx, b.opt.Program, b.lake, filepath.Join(b.parts[i].Dir, "AWSLogs"), m.Events); err != nil {
			return err
		}
	}
	b.opt.Report("compact")
	var c Compacted
	if _, err := runChild(ctx, b.opt.Program, &c, "--data", b.lake, "--json", "bench", "compact"); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.lake, lakeMark), []byte(mark), 0o644)
}

// needles returns the planted needles of a name, of all kinds.
func (b *searching) needles(name string) []Needle {
	var out []Needle
	for _, m := range b.made {
		for _, n := range m.Needles {
			if n.Name == name {
				out = append(out, n)
			}
		}
	}
	return out
}

// Wrong reports whether an answer was wrong.
func (r *SearchReport) Wrong() bool { return !r.Recall.whole() }

// goals compares the figures with those of docs/PERFORMANCE.md.
func (r *SearchReport) goals() []Goal {
	var out []Goal
	for _, t := range r.Timings {
		if t.goal > 0 {
			out = append(out, Goal{t.Name + ", warm p95", fmt.Sprintf("at most %.0f ms", t.goal), fmt.Sprintf("%.1f ms", t.P95), t.P95 <= t.goal})
		}
		if t.Name == allTogether {
			out = append(out, Goal{"first row of " + t.Name, "at most 200 ms", fmt.Sprintf("%.1f ms", t.First), t.First <= 200})
		}
	}
	return append(out, Goal{"recall of random tokens", "all", fmt.Sprintf("%d of %d", r.Recall.Found, r.Recall.Tried), r.Recall.whole()},
		Goal{"recall of parts of times and decimals", "all", fmt.Sprintf("%d of %d", r.Recall.PartsFound, r.Recall.PartsTried), r.Recall.PartsFound == r.Recall.PartsTried})
}

// Rows returns the report as tab-separated lines.
func (r *SearchReport) Rows() []string {
	rows := []string{"QUESTION\tHITS\tCOLD ms\tMEDIAN ms\tP95 ms\tMAX ms\tFIRST ROW ms"}
	for _, t := range r.Timings {
		first := "-"
		if t.First > 0 {
			first = fmt.Sprintf("%.1f", t.First)
		}
		rows = append(rows, fmt.Sprintf("%s\t%s\t%.1f\t%.1f\t%.1f\t%.1f\t%s", t.Name, human(float64(t.Hits)), t.Cold, t.Median, t.P95, t.Max, first))
	}
	rows = append(rows, "")
	for _, m := range r.Recall.Missed {
		if !m.Part {
			rows = append(rows, "NOT FOUND: "+m.Query+" of "+m.Record)
		}
	}
	return append(rows, goalRows(r.Goals)...)
}

// Head says what was measured on what.
func (r *SearchReport) Head() string {
	return fmt.Sprintf("%s events, %s plain, %s gzip, %s on disk (%s data, %s side-cars, %d segments); peak memory %.0f MiB\n%s\n",
		human(float64(r.Events)), megabytes(r.Plain), megabytes(r.Gzip), megabytes(r.Disk.Total()), megabytes(r.Disk.Data), megabytes(r.Disk.Sidecars), r.Disk.Segments,
		float64(r.PeakRSS)/(1<<20), r.Machine)
}
