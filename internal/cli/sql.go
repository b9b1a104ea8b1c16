package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"ashiato/internal/engine/duckdb"
	"ashiato/internal/service"
)

// maxScript bounds a file of statements.
const maxScript = 16 << 20

// tableWidth is the widest a column gets on a terminal.
const tableWidth = 60

func (e *env) sqlCmd() *cobra.Command {
	var format, file string
	var width int
	c := &cobra.Command{
		Use: "sql [flags] ['SQL' | -f FILE]", Short: "Ask in the SQL of Athena",
		Long: `Runs SELECT statements over the tables of the workspace: one per log type (aws_cloudtrail, aws_vpcflow …, see
ashiato types), the table events over what all types share, and views in the shape of Athena's tables (cloudtrail,
vpc_flow_logs, alb_access_logs …). SHOW TABLES lists them, DESCRIBE and SUMMARIZE describe one.

Statements come from the argument, a file (-f, - is standard input) or a pipe, separated by semicolons; results are
printed one after another with an empty line between them (none in json). The first error ends the run.

--format json (or --json) prints one JSON object per row; csv has a header line.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			f := service.Format(format)
			if e.json && !c.Flags().Changed("format") {
				f = service.JSON
			}
			switch f {
			case service.Table, service.JSON, service.CSV:
			default:
				return usage(fmt.Sprintf("there is no format %q", format), "write --format table, json or csv")
			}
			script, err := e.script(args, file)
			if err != nil {
				return err
			}
			statements, err := duckdb.Split(script)
			if err != nil {
				return splitError(err, script)
			}
			if len(statements) == 0 {
				return usage("there is no statement", "write ashiato sql 'SELECT count(*) FROM events'")
			}
			if !c.Flags().Changed("width") && isTerminal(e.out) {
				width = tableWidth
			}
			return e.runSQL(c, statements, service.SQLRequest{Workspace: e.workspace, Format: f, Width: width})
		},
	}
	c.Flags().StringVar(&format, "format", string(service.Table), "table, json or csv")
	c.Flags().StringVarP(&file, "file", "f", "", "read statements from this file")
	c.Flags().IntVar(&width, "width", 0, "table: the widest a column gets, 0 is no limit (default 60 on a terminal)")
	return c
}

// script returns the text of the statements.
func (e *env) script(args []string, file string) (string, error) {
	switch {
	case len(args) > 0 && file != "":
		return "", usage("both a statement and a file are given", "give one of them")
	case len(args) > 0:
		return args[0], nil
	case file != "" && file != "-":
		f, err := os.Open(file)
		if err != nil {
			return "", err
		}
		defer f.Close()
		return readScript(f)
	case file == "" && isTerminal(e.in):
		return "", usage("there is no statement", "write ashiato sql 'SELECT count(*) FROM events', -f FILE, or pipe it in")
	}
	return readScript(e.in)
}

func readScript(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxScript+1))
	if err == nil && len(b) > maxScript {
		err = &service.Error{Kind: service.TooLarge, Message: "the statements are longer than 16 MiB", Hint: "split the file"}
	}
	return strings.TrimPrefix(string(b), "\uFEFF"), err
}

func splitError(err error, script string) error {
	var d *duckdb.Error
	if !errors.As(err, &d) || d.Line == 0 {
		return err
	}
	return &service.Error{Kind: service.Invalid, Message: d.Msg, Hint: d.Hint, Position: service.AtLine(script, d.Line, d.Col)}
}

func (e *env) runSQL(c *cobra.Command, statements []string, q service.SQLRequest) error {
	s, end, err := e.connect(c.Context())
	if err != nil {
		return err
	}
	defer end()
	out := bufio.NewWriterSize(e.out, 64<<10)
	for i, statement := range statements {
		if i > 0 && q.Format != service.JSON {
			out.WriteByte('\n')
		}
		q.SQL = statement
		res, err := s.SQL(c.Context(), q, out)
		if e := out.Flush(); err == nil {
			err = e
		}
		if err != nil {
			if len(statements) > 1 {
				fmt.Fprintf(e.err, "statement %d of %d:\n", i+1, len(statements))
			}
			return err
		}
		if res.Truncated && q.Format != service.Table {
			fmt.Fprintln(e.err, "more rows were left out\nhint: add a LIMIT, a narrower WHERE, or aggregate")
		}
	}
	return nil
}
