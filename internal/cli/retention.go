package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"ashiato/internal/service"
)

func (e *env) retentionCmd() *cobra.Command {
	return &cobra.Command{
		Use: "retention [TYPE DAYS|off]", Short: "Show or set how long events are kept", Args: cobra.RangeArgs(0, 2),
		Long: `Without arguments, lists the log types whose events expire. All others are kept for ever, which is the default: logs
that are taken in for an investigation are often old.

With a log type and a number of days, events of that type whose day is longer ago leave the lake now, and from then on
day by day. off keeps them for ever.

--json prints {"types": [{"type", "days"}], "expired"}; expired counts events.`,
		Example: "  ashiato retention aws.vpcflow 90\n  ashiato retention aws.vpcflow off",
		RunE: func(c *cobra.Command, args []string) error {
			q := service.RetainRequest{Workspace: e.workspace}
			switch {
			case len(args) == 1:
				return usage("say for how many days, or off", "ashiato retention "+args[0]+" 90")
			case len(args) == 2 && args[1] == "off":
				q.Type = args[0]
			case len(args) == 2:
				n, err := strconv.Atoi(args[1])
				if err != nil || n < 1 {
					return usage(fmt.Sprintf("%q is not a number of days", args[1]), "write a number above zero, or off")
				}
				q.Type, q.Days = args[0], n
			}
			s, end, err := e.connect(c.Context())
			if err != nil {
				return err
			}
			defer end()
			r, err := s.Retain(c.Context(), q)
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(r)
			}
			if q.Days > 0 {
				fmt.Fprintf(e.out, "%s expired\n", plural(r.Expired, "event"))
			}
			if len(r.Types) == 0 {
				fmt.Fprintln(e.out, "all events are kept for ever")
			}
			for _, t := range r.Types {
				fmt.Fprintf(e.out, "%s: %s\n", t.Dataset, plural(int64(t.Days), "day"))
			}
			return nil
		},
	}
}
