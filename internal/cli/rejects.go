package cli

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"ashiato/internal/lake/catalog"
	"ashiato/internal/service"
)

func (e *env) rejectsCmd() *cobra.Command {
	c := &cobra.Command{
		Use: "rejects", Short: "Records that could not be parsed: list, show, replay",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return usage("rejects needs to know what to do", "write ashiato rejects list, show ID or replay")
		},
	}
	c.AddCommand(e.rejectsListCmd(), e.rejectsShowCmd(), e.rejectsReplayCmd())
	return c
}

func (e *env) rejectsListCmd() *cobra.Command {
	var q service.RejectsRequest
	c := &cobra.Command{
		Use: "list", Short: "Why records were rejected, and the most recent ones", Args: cobra.NoArgs,
		Long: `Lists how many records of each type were rejected for each reason, and the most recent ones.

--json prints {"groups": [{"type", "reason", "count"}], "recent": [{"id", "object_id", "uri", "type", "position",
"offset", "reason", "bytes", "taken"}]}.`,
		RunE: func(c *cobra.Command, _ []string) error {
			s, end, err := e.connect(c.Context())
			if err != nil {
				return err
			}
			defer end()
			q.Workspace = e.workspace
			r, err := s.Rejects(c.Context(), q)
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(r)
			}
			return e.printRejects(r)
		},
	}
	c.Flags().StringVar(&q.Type, "type", "", "only of this log type")
	c.Flags().IntVar(&q.Limit, "limit", 20, "at most so many of the most recent ones")
	return c
}

func (e *env) printRejects(r service.Rejects) error {
	if len(r.Groups) == 0 {
		_, err := fmt.Fprintln(e.out, "no rejects")
		return err
	}
	rows := []string{"COUNT\tTYPE\tREASON"}
	for _, g := range r.Groups {
		rows = append(rows, count(g.Count)+"\t"+typeName(g.Dataset)+"\t"+oneLine(g.Reason, 120))
	}
	if err := columns(e.out, rows); err != nil {
		return err
	}
	fmt.Fprintln(e.out)
	rows = []string{"ID\tTYPE\tPOSITION\tBYTES\tOBJECT\tREASON"}
	for _, x := range r.Recent {
		rows = append(rows, fmt.Sprintf("%d\t%s\t%d\t%d\t%s\t%s", x.ID, typeName(x.Dataset), x.Position, x.Size, oneLine(x.URI, 80), oneLine(x.Reason, 80)))
	}
	return columns(e.out, rows)
}

func typeName(dataset string) string {
	if dataset == "" {
		return "(unknown)"
	}
	return dataset
}

func (e *env) rejectsShowCmd() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "One rejected record with its bytes", Args: cobra.ExactArgs(1),
		Long: `Shows where a rejected record came from, why it was rejected, and its bytes: as text, or as a hex dump when they
are no text. --json prints the reject with its bytes as base64 under data.`,
		RunE: func(c *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id <= 0 {
				return usage(fmt.Sprintf("%q is no id of a reject", args[0]), "ashiato rejects list shows them")
			}
			s, end, err := e.connect(c.Context())
			if err != nil {
				return err
			}
			defer end()
			r, err := s.Reject(c.Context(), e.workspace, id)
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(r)
			}
			return e.printReject(r)
		},
	}
}

func (e *env) printReject(r catalog.Reject) error {
	fmt.Fprintf(e.out, "id        %d\ntype      %s\nreason    %s\nobject    %s\nobject id %s\nposition  record %d, byte %d\ntaken in  %s\nbytes     %d\n",
		r.ID, typeName(r.Dataset), terminal(r.Reason), terminal(r.URI), r.Object, r.Position, r.Offset, r.Taken.Format("2006-01-02T15:04:05Z"), r.Size)
	if len(r.Data) == 0 {
		_, err := fmt.Fprintln(e.out, "\n(no bytes were kept)")
		return err
	}
	fmt.Fprintln(e.out)
	var err error
	if isText(r.Data) {
		_, err = fmt.Fprintln(e.out, terminal(string(r.Data)))
	} else {
		_, err = fmt.Fprint(e.out, hex.Dump(r.Data))
	}
	if n := r.Size - int64(len(r.Data)); n > 0 && err == nil {
		_, err = fmt.Fprintf(e.out, "(%s more were not kept)\n", plural(n, "byte"))
	}
	return err
}

// isText reports whether bytes can be shown as they are.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 || unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
			return false
		}
		b = b[n:]
	}
	return true
}

func (e *env) rejectsReplayCmd() *cobra.Command {
	var q service.ReplayRequest
	c := &cobra.Command{
		Use: "replay", Short: "Parse rejected records again", Args: cobra.NoArgs,
		Long: `Parses the rejected records again, as their own log type or as --type. A record that becomes an event goes away from
the rejects in the same step. Exit code 3: some could still not be parsed.

--json prints {"events", "replayed", "duplicates", "kept", "incomplete"}.`,
		RunE: func(c *cobra.Command, _ []string) error {
			s, end, err := e.connect(c.Context())
			if err != nil {
				return err
			}
			defer end()
			q.Workspace = e.workspace
			r, err := s.ReplayRejects(c.Context(), q)
			if err != nil {
				return err
			}
			if e.json {
				err = e.printJSON(r)
			} else {
				_, err = fmt.Fprintf(e.out, "%s replayed: %s, %s\n%s kept\n", plural(r.Replayed, "reject"), plural(r.Events, "new event"), plural(r.Duplicates, "duplicate"), plural(r.Kept, "reject"))
			}
			if err != nil {
				return err
			}
			if r.Incomplete > 0 {
				fmt.Fprintf(e.err, "the bytes of %s were not kept whole\nhint: take the objects in again with ashiato ingest --type\n", plural(r.Incomplete, "reject"))
			}
			if r.Kept > 0 {
				return exitError(exitRejects)
			}
			return nil
		},
	}
	c.Flags().StringVar(&q.Type, "type", "", "parse as this log type")
	c.Flags().Int64Var(&q.ID, "id", 0, "only this reject")
	return c
}
