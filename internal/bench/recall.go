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
	Tried  int    `json:"tried"`
	Found  int    `json:"found"`
	Missed []Miss `json:"missed"` // at most 20
}

// Miss is a token whose record was not among the hits.
type Miss struct {
	Query  string `json:"query"`
	Record string `json:"record"`
}

// word is what the search pages promise to find: a UUID, an IPv4 address, or a run of letters and digits.
var word = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b\d{1,3}(?:\.\d{1,3}){3}\b|[0-9A-Za-z]{2,}`)

// recall draws records at random by making their objects again, draws a token of each, and looks for it
// among the events of the record's second.
func (b *searching) recall(ctx context.Context) (Recall, error) {
	out := Recall{Missed: []Miss{}}
	r := newRnd(b.opt.Seed, 1<<40)
	total := b.total()
	const perObject = 4 // tokens from each object that is made
	for out.Tried < b.opt.Recall {
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
		for range min(perObject, b.opt.Recall-out.Tried) {
			i := r.n(len(o.start))
			record := o.plain[o.start[i]:o.end[i]]
			words := word.FindAll(record, -1)
			query := `"` + string(words[r.n(len(words))]) + `"`
			found, err := b.finds(ctx, query, m.Dataset, o.times[i], string(record))
			if err != nil {
				return out, fmt.Errorf("recall of %s: %w", query, err)
			}
			out.Tried++
			if found {
				out.Found++
			} else if len(out.Missed) < 20 {
				out.Missed = append(out.Missed, Miss{query, string(record)})
			}
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
