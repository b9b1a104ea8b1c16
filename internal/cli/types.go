package cli

import (
	"github.com/spf13/cobra"

	"ashiato/internal/service"
)

func (e *env) typesCmd() *cobra.Command {
	return &cobra.Command{
		Use: "types", Short: "List the log types that are known", Args: cobra.NoArgs,
		Long: `Lists the catalogue of log types with how records lie in objects, the table in SQL, and the vendor's
description of the format.

--json prints {"types": [{"name", "title", "framing", "docs", "table", "views"}]}.`,
		RunE: func(c *cobra.Command, _ []string) error {
			s, end, err := e.connect(c.Context())
			if err != nil {
				return err
			}
			defer end()
			types, err := s.Types(c.Context())
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(struct {
					Types []service.TypeInfo `json:"types"`
				}{types})
			}
			rows := []string{"TYPE\tTITLE\tFRAMING\tDOCUMENTATION"}
			for _, t := range types {
				rows = append(rows, t.Name+"\t"+t.Title+"\t"+t.Framing+"\t"+t.Docs)
			}
			return columns(e.out, rows)
		},
	}
}
