package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ashiato/internal/service"
)

func (e *env) ingestCmd() *cobra.Command {
	var q service.IngestRequest
	var quiet bool
	c := &cobra.Command{
		Use: "ingest [flags] PATH|-|s3://bucket/prefix …", Short: "Take in logs: files, folders, buckets, standard input",
		Long: `Takes in objects: files, folders with what is below them, s3://bucket/prefix, or - for standard input. The log type
of each is recognised by its name and content, compression and envelopes are unpacked. An object is taken in once: by
its name, size and time or etag, and by its content. A record that AWS gave an id is kept once, whoever delivered it.

What cannot be parsed becomes a reject, with its bytes, position and reason (ashiato rejects list). Killing the process
loses nothing and doubles nothing: run it again.

--json prints {"objects", "known", "failed", "events", "rejects", "duplicates", "bytes", "plain_bytes", "elapsed_s",
"events_per_s"}. Exit code 3: there were rejects. Exit code 1: an object could not be read, or the run was interrupted.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("nothing to take in is named", "")
			}
			q.Paths = args
			q.Workspace = e.workspace
			s, end, err := e.connect(c.Context())
			if err != nil {
				return err
			}
			defer end()
			p := newProgress(e.err, quiet)
			res, err := s.Ingest(c.Context(), q, p.report)
			p.end()
			return e.ingested(res, err)
		},
	}
	f := c.Flags()
	f.StringVar(&q.Type, "type", "", "take everything for this log type")
	f.BoolVar(&q.Follow, "follow", false, "go on with what is delivered later")
	f.StringVar(&q.Region, "region", "", "AWS region of the buckets")
	f.StringVar(&q.EndpointURL, "endpoint-url", "", "address of another S3 server")
	f.BoolVar(&q.RequesterPays, "requester-pays", false, "accept the charges of buckets that ask for it")
	f.BoolVar(&quiet, "quiet", false, "no progress")
	return c
}

// ingested prints the summary and picks the exit code.
func (e *env) ingested(r service.IngestResult, err error) error {
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	rate := 0.0
	if s := r.Elapsed.Seconds(); s > 0 {
		rate = float64(r.Events) / s
	}
	var printed error
	if e.json {
		printed = e.printJSON(map[string]any{"objects": r.Objects, "known": r.Known, "failed": r.Failed, "events": r.Events, "rejects": r.Rejects,
			"duplicates": r.Duplicates, "bytes": r.Bytes, "plain_bytes": r.PlainBytes, "elapsed_s": r.Elapsed.Round(time.Millisecond).Seconds(), "events_per_s": int64(rate)})
	} else {
		var b strings.Builder
		fmt.Fprintf(&b, "objects  %s taken in, %s already there", count(r.Objects), count(r.Known))
		if r.Failed > 0 {
			fmt.Fprintf(&b, ", %s could not be read", count(r.Failed))
		}
		fmt.Fprintf(&b, "\nevents   %s new, %s, %s\n", count(r.Events), plural(r.Rejects, "reject"), plural(r.Duplicates, "duplicate"))
		fmt.Fprintf(&b, "bytes    %s as delivered, %s unpacked\n", size(r.Bytes), size(r.PlainBytes))
		fmt.Fprintf(&b, "time     %.1f s, %s events/s\n", r.Elapsed.Seconds(), count(int64(rate)))
		_, printed = fmt.Fprint(e.out, b.String())
	}
	switch {
	case err != nil:
		return err
	case printed != nil:
		return printed
	case r.Failed > 0:
		return exitError(exitFailed)
	case r.Rejects > 0:
		fmt.Fprintln(e.err, "hint: ashiato rejects list shows what could not be parsed")
		return exitError(exitRejects)
	}
	return nil
}
