package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"ashiato/internal/app"
	"ashiato/internal/bench"
)

func (e *env) benchCmd() *cobra.Command {
	c := &cobra.Command{
		Use: "bench", Short: "Repeatable measurements of taking in and of search", Args: cobra.NoArgs,
		Long: `Makes native AWS logs from a seed and measures the program with them. docs/PERFORMANCE.md lists the figures and the
commands that repeat them. The data directory is not touched, except by bench compact.`,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(e.benchMakeCmd(), e.benchIngestCmd(), e.benchSearchCmd(), e.benchCompactCmd())
	return c
}

func (e *env) benchMakeCmd() *cobra.Command {
	var o bench.MakeOptions
	c := &cobra.Command{
		Use: "make KIND N DIR", Short: "Make N records of cloudtrail, vpcflow, alb, resolver or waf",
		Long: `Makes gzip objects as AWS delivers them below DIR/AWSLogs. The same seed gives the same bytes on any machine. A hidden
file beside them, .bench-KIND.json, says what was made and which questions find how many events; ingest skips it.

--json prints that file.`,
		Args: cobra.ExactArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			n, err := strconv.ParseInt(args[1], 10, 64)
			if err != nil || n <= 0 {
				return usage(fmt.Sprintf("%q is no number of records", args[1]), "")
			}
			if _, err := bench.KindOf(args[0]); err != nil {
				return usage(err.Error(), "")
			}
			o.Kind, o.Events, o.Dir, o.Progress = args[0], n, args[2], e.made()
			m, err := bench.Make(c.Context(), o)
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(m)
			}
			_, err = fmt.Fprintf(e.out, "%s records in %s, %s plain, %s gzip, %s a record\nneedles  %s\n", count(m.Events), plural(m.Objects, "object"), size(m.PlainBytes), size(m.GzipBytes),
				size(m.PlainBytes/m.Events), bench.ManifestPath(o.Dir, o.Kind))
			return err
		},
	}
	c.Flags().Uint64Var(&o.Seed, "seed", 7, "what the data follow from")
	c.Flags().BoolVar(&o.Hard, "hard", false, "cloudtrail: unique parameters, rotating sessions and keys")
	return c
}

// made returns a function that tells how many records have been made, every few seconds.
func (e *env) made() func(done, total int64) {
	next := time.Now().Add(2 * time.Second)
	return func(done, total int64) {
		if now := time.Now(); now.After(next) {
			next = now.Add(progressEvery)
			fmt.Fprintf(e.err, "%s of %s records made\n", count(done), count(total))
		}
	}
}

// steps returns a function that tells which step begins.
func (e *env) steps() func(string) {
	return func(step string) { fmt.Fprintf(e.err, "%s …\n", step) }
}

// program is the command line that starts this program again.
func program() ([]string, error) {
	path, err := os.Executable()
	return []string{path}, err
}

// benchDir is where measurements keep their data unless told otherwise.
func benchDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "ashiato-bench")
}

func (e *env) benchIngestCmd() *cobra.Command {
	var o bench.IngestOptions
	c := &cobra.Command{
		Use: "ingest", Short: "Measure taking in against the limits of this machine", Args: cobra.NoArgs,
		Long: `Makes the data, or takes those that are in --dir from an earlier run, then measures with them: gunzip alone, gunzip and
parse, gunzip and zstd -3, all cores; then ashiato ingest and compaction, each in a process of its own, whose time
from start to end, CPU time and peak memory count.

--json prints {"machine", "kind", "hard", "events", "objects", "plain_bytes", "gzip_bytes", "limits", "ingest",
"events_per_s", "disk_before", "compact", "compacted", "disk_after", "dir", "goals": [{"what", "goal", "measured", "met"}]}.
Goals that are not met do not change the exit code.`,
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if _, err := bench.KindOf(o.Kind); err != nil {
				return usage(err.Error(), "")
			}
			if o.Program, err = program(); err != nil {
				return err
			}
			o.Report, o.Progress = e.steps(), e.made()
			r, err := bench.Ingest(c.Context(), o)
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(r)
			}
			if _, err := io.WriteString(e.out, r.Head()+"\n"); err != nil {
				return err
			}
			return columns(e.out, r.Rows())
		},
	}
	f := c.Flags()
	f.StringVar(&o.Kind, "kind", "cloudtrail", "cloudtrail, vpcflow, alb, resolver or waf")
	f.Int64Var(&o.Events, "events", 0, "how many (default 500,000; vpcflow 5 million, alb 1 million)")
	f.Uint64Var(&o.Seed, "seed", 7, "what the data follow from")
	f.BoolVar(&o.Hard, "hard", false, "cloudtrail: unique parameters, rotating sessions and keys")
	f.StringVar(&o.Dir, "dir", benchDir(), "where data and lakes are kept")
	f.BoolVar(&o.Keep, "keep", false, "leave the lake behind")
	return c
}

func (e *env) benchSearchCmd() *cobra.Command {
	var o bench.SearchOptions
	c := &cobra.Command{
		Use: "search", Short: "Measure search over a lake of known content", Args: cobra.NoArgs,
		Long: `Fills a lake with all kinds of logs and compacts it, or takes the one that is in --dir from an earlier run. Then it asks
each question once cold (files opened anew, their pages dropped from the system's cache) and --runs times warm, with
another needle each time, and holds every answer against what the generator planted. Last, free text has to find random
tokens of random records.

--json prints {"machine", "events", "gzip_bytes", "disk", "timings": [{"name", "runs", "hits", "cold_ms", "median_ms",
"p95_ms", "max_ms", "first_row_ms"}], "recall": {"tried", "found", "parts_tried", "parts_found", "missed"}, "peak_rss_bytes", "goals"}. Exit code 1: an
answer was wrong.`,
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if o.Program, err = program(); err != nil {
				return err
			}
			o.Report, o.Progress = e.steps(), e.made()
			o.Open = func(dir string) (bench.Asked, func() error, error) {
				a, err := app.Open(dir)
				if err != nil {
					return nil, nil, err
				}
				return a, a.Close, nil
			}
			r, err := bench.Search(c.Context(), o)
			if err != nil {
				return err
			}
			if e.json {
				err = e.printJSON(r)
			} else if _, err = io.WriteString(e.out, r.Head()+"\n"); err == nil {
				err = columns(e.out, r.Rows())
			}
			if err == nil && r.Wrong() {
				return exitError(exitFailed)
			}
			return err
		},
	}
	f := c.Flags()
	f.Int64Var(&o.Events, "events", 10_000_000, "how many, of all kinds together")
	f.StringVar(&o.Mix, "mix", "cloudtrail=50,vpcflow=30,alb=10,resolver=5,waf=5", "percent of each kind")
	f.Uint64Var(&o.Seed, "seed", 7, "what the data follow from")
	f.BoolVar(&o.Hard, "hard", false, "hard CloudTrail data")
	f.StringVar(&o.Dir, "dir", benchDir(), "where data and lakes are kept")
	f.IntVar(&o.Runs, "runs", 20, "warm runs of each question")
	f.IntVar(&o.Recall, "recall", 300, "random tokens to look for")
	return c
}

func (e *env) benchCompactCmd() *cobra.Command {
	return &cobra.Command{
		Use: "compact", Short: "Compact the workspace now and delete what is replaced", Args: cobra.NoArgs,
		Long: `Merges the small segments of --workspace and deletes the replaced files at once: stop servers and queries first.

--json prints {"merged", "made", "rows", "before", "after", "skipped", "wall_s"}.`,
		RunE: func(c *cobra.Command, _ []string) error {
			dir, err := app.DataDir(e.data)
			if err != nil {
				return err
			}
			r, err := bench.Compact(c.Context(), filepath.Join(dir, "workspaces", e.workspace))
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(r)
			}
			_, err = fmt.Fprintf(e.out, "%d segments became %d: %s, before %s, in %.1f s\n", r.Merged, r.Made, size(r.After), size(r.Before), r.Wall)
			return err
		},
	}
}
