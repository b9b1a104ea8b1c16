package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"ashiato/internal/service"
)

func (e *env) compactCmd() *cobra.Command {
	var q service.CompactRequest
	c := &cobra.Command{
		Use: "compact", Short: "Merge small segments into large ones", Args: cobra.NoArgs,
		Long: `Merges the small segments of each log type and day, which makes the lake smaller and queries faster. The files that
were merged stay for queries that still read them; the next run that writes deletes them after ten minutes.

--json prints {"merged", "made", "rows", "before", "after", "skipped"}; before and after are bytes.`,
		RunE: func(c *cobra.Command, _ []string) error {
			s, end, err := e.connect(c.Context())
			if err != nil {
				return err
			}
			defer end()
			q.Workspace = e.workspace
			r, err := s.Compact(c.Context(), q)
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(r)
			}
			_, err = fmt.Fprintf(e.out, "%s merged into %s: %s became %s\n", plural(int64(r.Merged), "segment"), count(int64(r.Made)), size(r.Before), size(r.After))
			return err
		},
	}
	c.Flags().IntVar(&q.AtLeast, "at-least", 2, "only days with so many small segments")
	return c
}
