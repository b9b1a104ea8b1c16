package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"ashiato/internal/service"
)

const allTogether = "first page + histogram + 10 facets, together"

// facets are the fields of the Discover page that are measured.
var facets = []string{"event.dataset", "event.action", "event.outcome", "cloud.account.id", "cloud.region", "user.name", "source.ip", "user_agent.original", "error.code", "destination.port"}

// questions lists what is asked. A question whose needle was not planted, in small or other mixes, is left out.
func (b *searching) questions() []question {
	out := []question{
		{name: "count of everything", ask: b.countAll},
		{name: "newest 100 of everything, whole", ask: func(ctx context.Context, s Asked, _ int) (answer, error) {
			a, err := page(ctx, s, "", 100, nil)
			return a, wrong(err, a.hits, min(100, b.total()))
		}},
	}
	planted := func(q question, needle string, limit int64) {
		all := b.needles(needle)
		if len(all) == 0 || needle == "filter" && all[0].Hits == 0 {
			return
		}
		q.ask = func(ctx context.Context, s Asked, i int) (answer, error) {
			n := all[i%len(all)]
			return checkedPage(ctx, s, n, limit)
		}
		if q.name = strings.ReplaceAll(q.name, "N", human(float64(all[0].Hits))); limit < 0 {
			q.ask = func(ctx context.Context, s Asked, i int) (answer, error) {
				n := all[i%len(all)]
				c, err := s.Count(ctx, service.Query{Query: n.Query})
				return answer{hits: c.Count}, wrong(err, c.Count, n.Hits)
			}
		}
		out = append(out, q)
	}
	planted(question{name: "token that does not occur", goal: 30}, "absent", 100)
	planted(question{name: "id, 1 hit, whole", goal: 30}, "id", 100)
	planted(question{name: "address, N hits, whole", goal: 30}, "address", 100)
	planted(question{name: "access key, N hits, whole", goal: 30}, "key", 100)
	planted(question{name: "token, N hits, newest 100 whole"}, "agent", 100)
	if ids := b.ids(); len(ids) > 0 {
		out = append(out, question{name: "whole event by id", goal: 30, ask: func(ctx context.Context, s Asked, i int) (answer, error) {
			return byID(ctx, s, ids[i%len(ids)])
		}})
	}
	planted(question{name: "filter of N hits, newest 100 whole"}, "filter", 100)
	planted(question{name: "count of event.action: Describe*"}, "wildcard", -1)
	planted(question{name: "substring *…*, N hits, count", goal: 2000, runs: min(b.opt.Runs, 5)}, "substring", -1)
	return append(out, b.discover()...)
}

// discover is what the Discover page asks at once, and each part alone.
func (b *searching) discover() []question {
	few := min(b.opt.Runs, 5)
	filter := "error.code: AccessDenied"
	if len(b.needles("filter")) == 0 {
		filter = "event.action: REJECT"
	}
	return []question{
		{name: "first page of 50", ask: func(ctx context.Context, s Asked, _ int) (answer, error) { return page(ctx, s, "", 50, nil) }},
		{name: "histogram of everything", runs: few, ask: func(ctx context.Context, s Asked, _ int) (answer, error) { return b.bars(ctx, s, "") }},
		{name: "10 facets of everything", runs: few, ask: func(ctx context.Context, s Asked, _ int) (answer, error) { return b.facets(ctx, s, "") }},
		{name: allTogether, goal: 1000, runs: few, ask: func(ctx context.Context, s Asked, _ int) (answer, error) { return b.together(ctx, s, "") }},
		{name: "the same of a filter", runs: few, ask: func(ctx context.Context, s Asked, _ int) (answer, error) { return b.together(ctx, s, filter) }},
		{name: "SQL: GROUP BY event_action, LIMIT 10", runs: few, ask: func(ctx context.Context, s Asked, _ int) (answer, error) {
			return sql(ctx, s, "SELECT event_action, count(*) AS n FROM events GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10")
		}},
		{name: "SQL: count(*)", runs: few, ask: func(ctx context.Context, s Asked, _ int) (answer, error) {
			a, err := sql(ctx, s, "SELECT count(*) AS n FROM events")
			return a, wrong(err, a.hits, b.total())
		}},
	}
}

func (b *searching) total() int64 {
	n := int64(0)
	for _, m := range b.made {
		n += m.Events
	}
	return n
}

func (b *searching) ids() []sampledID {
	var out []sampledID
	for _, m := range b.made {
		out = append(out, m.IDs...)
	}
	return out
}

// wrong is err, or says that a number is not the expected one.
func wrong(err error, got, want int64) error {
	if err == nil && got != want {
		err = fmt.Errorf("the answer is %d where %d is right", got, want)
	}
	return err
}

func (b *searching) countAll(ctx context.Context, s Asked, _ int) (answer, error) {
	c, err := s.Count(ctx, service.Query{})
	return answer{hits: c.Count}, wrong(err, c.Count, b.total())
}

// page asks for the newest events, whole, and passes each on.
func page(ctx context.Context, s Asked, query string, limit int, each func(event []byte) error) (answer, error) {
	var a answer
	start := time.Now()
	_, err := s.Search(ctx, service.SearchRequest{Query: service.Query{Query: query}, Limit: limit, Raw: true}, func(event []byte) error {
		if a.hits++; a.hits == 1 {
			a.first = time.Since(start)
		}
		if each != nil {
			return each(event)
		}
		return nil
	})
	return a, err
}

// checkedPage asks for a needle: as many events as were planted, and the needle in each.
func checkedPage(ctx context.Context, s Asked, n Needle, limit int64) (answer, error) {
	text := []byte(strings.Trim(n.Query, `"`))
	a, err := page(ctx, s, n.Query, int(limit), func(event []byte) error {
		if n.Name != "filter" && !bytes.Contains(event, text) {
			return fmt.Errorf("an event without %s was found: %.300s", n.Query, event)
		}
		return nil
	})
	return a, wrong(err, a.hits, min(n.Hits, limit))
}

// byID fetches an event and compares its record.
func byID(ctx context.Context, s Asked, id sampledID) (answer, error) {
	b, err := s.Event(ctx, "", id.ID)
	if err != nil {
		return answer{}, err
	}
	var e struct{ Raw string }
	if err := json.Unmarshal(b, &e); err != nil {
		return answer{}, err
	}
	if hashOf([]byte(e.Raw)) != id.SHA256 {
		return answer{}, fmt.Errorf("the record of %s is not the one that was made", id.ID)
	}
	return answer{hits: 1}, nil
}

// bars asks for the histogram; the bars of everything add up to the whole.
func (b *searching) bars(ctx context.Context, s Asked, query string) (answer, error) {
	h, err := s.Histogram(ctx, service.HistogramRequest{Query: service.Query{Query: query}})
	sum := int64(0)
	for _, x := range h.Buckets {
		sum += x.Count
	}
	if query == "" {
		err = wrong(err, sum, b.total())
	}
	return answer{hits: sum}, err
}

func (b *searching) facets(ctx context.Context, s Asked, query string) (answer, error) {
	f, err := s.Values(ctx, service.ValuesRequest{Query: service.Query{Query: query}, Fields: facets, N: 10})
	if err == nil && query == "" {
		for _, x := range f {
			err = wrong(err, x.With+x.Without, b.total())
		}
	}
	return answer{hits: int64(len(f))}, err
}

// together asks as the page does: at the same time.
func (b *searching) together(ctx context.Context, s Asked, query string) (answer, error) {
	var a answer
	var errs [3]error
	var wg sync.WaitGroup
	wg.Go(func() { a, errs[0] = page(ctx, s, query, 50, nil) })
	wg.Go(func() { _, errs[1] = b.bars(ctx, s, query) })
	wg.Go(func() { _, errs[2] = b.facets(ctx, s, query) })
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return a, err
		}
	}
	return a, nil
}

// sql runs a statement; the hits are the value of n in the first row.
func sql(ctx context.Context, s Asked, statement string) (answer, error) {
	var out bytes.Buffer
	if _, err := s.SQL(ctx, service.SQLRequest{SQL: statement, Format: service.JSON}, &out); err != nil {
		return answer{}, err
	}
	line, _, _ := bytes.Cut(out.Bytes(), []byte("\n"))
	var row struct{ N int64 }
	err := json.Unmarshal(line, &row)
	return answer{hits: row.N}, err
}
