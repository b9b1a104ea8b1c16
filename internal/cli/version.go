package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"ashiato/internal/service"
)

func (e *env) versionCmd() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			b := service.ThisBuild()
			if e.json {
				return e.printJSON(b)
			}
			line := "ashiato " + b.Version
			if b.Revision != "" {
				line += " (" + b.Revision[:min(12, len(b.Revision))]
				if b.Modified {
					line += ", changed"
				}
				line += ")"
			}
			_, err := fmt.Fprintf(e.out, "%s %s %s\n", line, b.Go, b.System)
			return err
		},
	}
}
