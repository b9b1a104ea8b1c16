package cli

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ashiato/internal/service"
)

const timesHelp = `Times: 2026-10-01, 2026-10-01T12:30:00Z, now-15m, now/d, seconds since 1970; UTC unless an offset is given.
--from is inclusive. --to is exclusive, but a whole day, month or year is included: --to 2026-10-01 ends with that day.`

// queryFlags are the flags that choose events.
type queryFlags struct {
	from, to string
	types    []string
}

func (q *queryFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&q.from, "from", "", "events from this time on")
	c.Flags().StringVar(&q.to, "to", "", "events up to this time")
	c.Flags().StringSliceVar(&q.types, "type", nil, "only these log types (repeatable)")
}

func (q *queryFlags) query(e *env, args []string) service.Query {
	return service.Query{Workspace: e.workspace, Query: strings.Join(args, " "), From: q.from, To: q.to, Types: q.types}
}

func (e *env) searchCmd() *cobra.Command {
	var q queryFlags
	var limit int
	var only bool
	var fields []string
	var raw bool
	c := &cobra.Command{
		Use: "search [flags] 'KQL'", Short: "Find events, newest first",
		Long: `Prints the events that match a query in KQL, the language of Discover, newest first: one JSON object per line
with dotted ECS names, and the record as delivered under raw. Without a query all events match.

  ashiato search 'source.ip: 203.0.113.0/24 and not event.action: (Describe* or List* or Get*)'
  ashiato search --from now-1d --type aws.cloudtrail 'error.code: *Denied*'
  ashiato search --count '"svc-backup"'

` + timesHelp + `

--count prints the number of events alone; with --json {"count": N}.`,
		RunE: func(c *cobra.Command, args []string) error {
			if limit < 0 {
				return usage("--limit is negative", "0 prints all events")
			}
			s, end, err := e.connect(c.Context())
			if err != nil {
				return err
			}
			defer end()
			query := q.query(e, args)
			if only {
				return e.searchCount(c, s, query)
			}
			if len(fields) > 0 && !c.Flags().Changed("raw") {
				raw = false // raw can be named among the fields
			}
			out := bufio.NewWriterSize(e.out, 64<<10)
			res, err := s.Search(c.Context(), service.SearchRequest{Query: query, Limit: limit, Fields: fields, Raw: raw}, func(ev []byte) error {
				out.Write(ev)
				err := out.WriteByte('\n')
				if err == nil && out.Buffered() > 48<<10 {
					err = out.Flush()
				}
				return err
			})
			if e := out.Flush(); err == nil {
				err = e
			}
			if err == nil && res.Empty {
				e.emptyHint()
			}
			return err
		},
	}
	q.add(c)
	c.Flags().IntVar(&limit, "limit", 100, "at most so many events; 0 is all")
	c.Flags().BoolVar(&only, "count", false, "print only how many there are")
	c.Flags().StringSliceVar(&fields, "fields", nil, "only these fields, separated by commas")
	c.Flags().BoolVar(&raw, "raw", true, "with the record as delivered; not with --fields unless asked for")
	return c
}

func (e *env) searchCount(c *cobra.Command, s service.Service, q service.Query) error {
	n, err := s.Count(c.Context(), q)
	if err != nil {
		return err
	}
	if n.Empty {
		e.emptyHint()
	}
	if e.json {
		return e.printJSON(struct {
			Count int64 `json:"count"`
		}{n.Count})
	}
	_, err = fmt.Fprintln(e.out, n.Count)
	return err
}

func (e *env) emptyHint() {
	fmt.Fprintf(e.err, "workspace %s is empty\nhint: ashiato ingest PATH takes in logs\n", e.workspace)
}
