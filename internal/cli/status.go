package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ashiato/internal/service"
)

func (e *env) statusCmd() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "What is in the lake: events, sizes, lag, rejects", Args: cobra.NoArgs,
		Long: `Shows what the workspace holds of each log type. DISK is what its segments take, DELIVERED the records as
delivered, without compression. LAG is the time since the last event.

--json prints {"workspace", "types": [{"type", "events", "days", "segments", "bytes", "raw_bytes", "objects",
"object_bytes", "rejects", "duplicates", "first_event", "last_event", "last_taken_in", "lag_s"}], "total", "disk_bytes"}.`,
		RunE: func(c *cobra.Command, _ []string) error {
			s, end, err := e.connect(c.Context())
			if err != nil {
				return err
			}
			defer end()
			st, err := s.Status(c.Context(), e.workspace)
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(st)
			}
			return e.printStatus(st)
		},
	}
}

func (e *env) printStatus(st service.Status) error {
	if len(st.Types) == 0 {
		fmt.Fprintf(e.out, "workspace %s is empty\n", st.Workspace)
		e.emptyHint()
		return nil
	}
	rows := []string{"TYPE\tEVENTS\tDAYS\tDISK\tDELIVERED\tSEGMENTS\tOBJECTS\tREJECTS\tDUPLICATES\tLAST EVENT\tLAG"}
	row := func(name string, t service.TypeStatus) {
		last, lag := "-", "-"
		if t.Last != nil {
			last, lag = t.Last.Format("2006-01-02T15:04:05Z"), age(time.Duration(t.Lag*float64(time.Second)))
		}
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", name, count(t.Events), count(t.Days), size(t.Bytes), size(t.RawBytes),
			count(t.Segments), count(t.Objects), count(t.Rejects), count(t.Duplicates), last, lag))
	}
	for _, t := range st.Types {
		name := t.Dataset
		if name == "" {
			name = "(unknown)"
		}
		row(name, t)
	}
	row("total", st.Total)
	if err := columns(e.out, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(e.out, "\nworkspace %s: %s on disk\n", st.Workspace, size(st.Disk))
	return err
}
