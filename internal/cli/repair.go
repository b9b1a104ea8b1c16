package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"ashiato/internal/service"
)

func (e *env) repairCmd() *cobra.Command {
	return &cobra.Command{
		Use: "repair", Short: "Make damaged segments whole again where that is possible", Args: cobra.NoArgs,
		Long: `Looks at the files of every segment. A segment is a Parquet file, which has the events, and a side-car, which makes
search fast. Where the side-car is missing, damaged or of another version, both are written again from the Parquet file.
Where the Parquet file itself is missing or damaged its events are lost here: it is listed and left as it is.

--json prints {"checked", "repaired", "rows", "lost": [{"id", "type", "day", "rows", "file", "reason"}]}.
Exit code 1: segments are lost.`,
		RunE: func(c *cobra.Command, _ []string) error {
			s, end, err := e.connect(c.Context())
			if err != nil {
				return err
			}
			defer end()
			r, err := s.Repair(c.Context(), service.RepairRequest{Workspace: e.workspace})
			if err != nil {
				return err
			}
			if e.json {
				err = e.printJSON(r)
			} else {
				_, err = fmt.Fprintf(e.out, "%s checked, %s repaired with %s\n", plural(int64(r.Checked), "segment"), count(int64(r.Repaired)), plural(r.Rows, "event"))
			}
			if err != nil || len(r.Lost) == 0 {
				return err
			}
			for _, l := range r.Lost {
				fmt.Fprintf(e.err, "lost: %s of %s, %s: %s: %s\n", plural(l.Rows, "event"), l.Dataset, l.Day, oneLine(l.File, 0), oneLine(l.Reason, 0))
			}
			fmt.Fprintln(e.err, "hint: put the files back from a backup and run this again; or take their logs in again into another workspace")
			return exitError(exitFailed)
		},
	}
}
