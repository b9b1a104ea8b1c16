package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"ashiato/internal/service"
)

// Recall says whether free text found tokens of records.
type Recall struct {
	Tried      int    `json:"tried"`
	Found      int    `json:"found"`
	PartsTried int    `json:"parts_tried"` // tokens that are part of a time or a decimal number: "05T10", "002"
	PartsFound int    `json:"parts_found"`
	Missed     []Miss `json:"missed"` // at most 20 of each
}

// Miss is a token whose record was not among the hits.
type Miss struct {
	Query  string `json:"query"`
	Part   bool   `json:"part"` // of a time or a decimal number
	Record string `json:"record"`
}

// word is what the search pages promise to find: a UUID, an IPv4 address, or a run of letters and digits.
var word = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b\d{1,3}(?:\.\d{1,3}){3}\b|[0-9A-Za-z]{2,}`)

// number is a time or a decimal number, whose parts are tokens too.
var number = regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z| \d+\.\d{3}\b`)

// drawWord draws a token of a record; part says that it is part of a time or of a decimal number.
func drawWord(r rnd, record []byte) (token string, part bool) {
	all := word.FindAllIndex(record, -1)
	w := all[r.n(len(all))]
	for _, n := range number.FindAllIndex(record, -1) {
		part = part || n[0] <= w[0] && w[1] <= n[1]
	}
	return string(record[w[0]:w[1]]), part
}

// recall draws records at random by making their objects again, draws a token of each, and looks for it
// among the events of the record's second.
func (b *searching) recall(ctx context.Context) (Recall, error) {
	out := Recall{Missed: []Miss{}}
	r := newRnd(b.opt.Seed, 1<<40)
	total := b.total()
	const perObject = 4 // tokens from each object that is made
	for out.Tried+out.PartsTried < b.opt.Recall {
		at, k := int64(r.n(int(total))), 0
		for at >= b.made[k].Events {
			at -= b.made[k].Events
			k++
		}
		m := b.made[k]
		p, err := newProducer(m.Kind, m.Events, m.Seed, m.Hard)
		if err != nil {
			return out, err
		}
		var o object
		p.fill(p.kind.generator(p.world), &o, at/p.kind.PerObject)
		for range min(perObject, b.opt.Recall-out.Tried-out.PartsTried) {
			i := r.n(len(o.start))
			record := o.plain[o.start[i]:o.end[i]]
			token, part := drawWord(r, record)
			query := `"` + token + `"`
			found, err := b.finds(ctx, query, m.Dataset, o.times[i], string(record))
			if err != nil {
				return out, fmt.Errorf("recall of %s: %w", query, err)
			}
			out.count(found, Miss{query, part, string(record)})
		}
	}
	return out, nil
}

// finds reports whether a record is among what a query finds in its second.
func (b *searching) finds(ctx context.Context, query, dataset string, at int64, record string) (bool, error) {
	const form = "2006-01-02T15:04:05Z"
	second := time.UnixMilli(at).UTC().Truncate(time.Second)
	q := service.Query{Query: query, From: second.Format(form), To: second.Add(time.Second).Format(form), Types: []string{dataset}}
	found := false
	_, err := b.service.Search(ctx, service.SearchRequest{Query: q, Raw: true, Fields: []string{"raw"}}, func(event []byte) error {
		var e struct{ Raw string }
		if err := json.Unmarshal(event, &e); err != nil {
			return err
		}
		found = found || e.Raw == record
		return nil
	})
	return found, err
}

func (r *Recall) count(found bool, m Miss) {
	tried, hit := &r.Tried, &r.Found
	if m.Part {
		tried, hit = &r.PartsTried, &r.PartsFound
	}
	*tried++
	if found {
		*hit++
	} else if *tried-*hit <= 20 {
		r.Missed = append(r.Missed, m)
	}
}

// whole reports whether everything was found but parts of times and numbers.
func (r Recall) whole() bool { return r.Found == r.Tried }
