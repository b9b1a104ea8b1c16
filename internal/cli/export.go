package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"ashiato/internal/service"
)

func (e *env) exportCmd() *cobra.Command {
	var q queryFlags
	var raw, null bool
	var file string
	c := &cobra.Command{
		Use: "export --raw [flags] ['KQL']", Short: "Write records out exactly as they were delivered",
		Long: `Writes the records of the events that match, byte for byte as they were delivered, newest first, each followed by a
line break. Records that hold line breaks themselves are written as they are; --null ends records with a NUL byte
instead, so that a program can tell them apart. What was around the records (envelopes, header lines) is not written.

  ashiato export --raw --from 2026-10-01 --to 2026-10-01 --type aws.cloudtrail -o records.jsonl

` + timesHelp + `

With -o, --json prints {"records", "multiline"}: how many there are, and how many of them hold line breaks.`,
		RunE: func(c *cobra.Command, args []string) error {
			if !raw {
				return usage("export needs --raw", "records as delivered are what can be exported; ashiato search writes events as JSON")
			}
			if e.json && file == "" {
				return usage("--json needs -o FILE", "the records go to standard output otherwise")
			}
			s, end, err := e.connect(c.Context())
			if err != nil {
				return err
			}
			defer end()
			write := func(w io.Writer) (r service.ExportResult, err error) {
				out := bufio.NewWriterSize(w, 256<<10)
				r, err = s.Export(c.Context(), service.ExportRequest{Query: q.query(e, args), Null: null}, out)
				if e := out.Flush(); err == nil {
					err = e
				}
				return r, err
			}
			var r service.ExportResult
			if file == "" || file == "-" {
				r, err = write(e.out)
			} else {
				err = writeFile(file, func(w io.Writer) error { r, err = write(w); return err })
			}
			if err != nil {
				return err
			}
			if r.Multiline > 0 && !null {
				fmt.Fprintf(e.err, "%s of %s with line breaks inside\nhint: --null ends records with a NUL byte\n", count(r.Multiline), plural(r.Records, "record"))
			}
			if e.json {
				return e.printJSON(r)
			}
			return nil
		},
	}
	q.add(c)
	c.Flags().BoolVar(&raw, "raw", false, "records as delivered")
	c.Flags().BoolVar(&null, "null", false, "end records with a NUL byte in place of a line break")
	c.Flags().StringVarP(&file, "output", "o", "", "write to this file")
	return c
}

// writeFile writes a file that only its owner can read; it gets its name when it is complete.
func writeFile(path string, write func(io.Writer) error) error {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		return os.Rename(part, path)
	}
	os.Remove(part)
	return err
}
