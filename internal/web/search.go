package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ashiato/internal/engine/scan"
	"ashiato/internal/service"
)

const (
	defaultPage = 100
	maxPage     = 10_000
	ndjson      = "application/x-ndjson"
)

// searchBody is the request of POST /api/v1/search.
type searchBody struct {
	service.Query
	Limit  *int     `json:"limit,omitempty"`
	Cursor string   `json:"cursor,omitempty"`
	Fields []string `json:"fields,omitempty"`
	Raw    *bool    `json:"raw,omitempty"`
}

// searchPage is its answer.
type searchPage struct {
	Events  []json.RawMessage `json:"events"`
	Next    string            `json:"next,omitempty"` // cursor of the next page
	Stats   scan.Stats        `json:"stats"`
	Elapsed float64           `json:"elapsed_ms"`
	Empty   bool              `json:"empty,omitempty"` // nothing was ever taken in
}

func (b *searchBody) request() (service.SearchRequest, error) {
	q := service.SearchRequest{Query: b.Query, Limit: defaultPage, Fields: b.Fields, Raw: b.Raw == nil || *b.Raw}
	if b.Limit != nil {
		q.Limit = *b.Limit
	}
	if q.Limit < 0 {
		return q, &service.Error{Kind: service.Invalid, Message: "limit is negative"}
	}
	var err error
	q.Cursor, err = decodeCursor(b.Cursor)
	return q, err
}

func encodeCursor(c *scan.Cursor) string {
	if c == nil {
		return ""
	}
	b, _ := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString(b)
}

func decodeCursor(s string) (*scan.Cursor, error) {
	if s == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	c := &scan.Cursor{}
	if err == nil {
		err = json.Unmarshal(b, c)
	}
	if err != nil {
		return nil, &service.Error{Kind: service.Invalid, Message: "the cursor is not one that a search has given"}
	}
	return c, nil
}

// search answers with a page, or streams all events as lines when asked for NDJSON.
func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	var body searchBody
	if err := readJSON(w, r, &body); err != nil {
		fail(w, err)
		return
	}
	q, err := body.request()
	if err != nil {
		fail(w, err)
		return
	}
	if accepts(r, ndjson) {
		st := newStream(w, r, ndjson, s.private(r))
		s.query(st, r, func(ctx context.Context) error {
			res, err := s.svc.Search(ctx, q, func(ev []byte) error {
				if _, err := st.Write(ev); err != nil {
					return err
				}
				_, err := st.Write([]byte{'\n'})
				return err
			})
			if err == nil {
				st.result(res)
			}
			return err
		})
		return
	}
	if q.Limit == 0 || q.Limit > maxPage {
		fail(w, &service.Error{Kind: service.TooLarge, Message: "a page has at most 10,000 events", Hint: "follow next, or stream with Accept: " + ndjson})
		return
	}
	s.query(w, r, func(ctx context.Context) error {
		page := searchPage{Events: []json.RawMessage{}}
		res, err := s.svc.Search(ctx, q, func(ev []byte) error {
			page.Events = append(page.Events, bytes.Clone(ev))
			return nil
		})
		if err != nil {
			return err
		}
		page.Next, page.Stats, page.Elapsed, page.Empty = encodeCursor(res.Next), res.Stats, res.Elapsed, res.Empty
		writeJSON(w, page)
		return nil
	})
}

func (s *Server) count(w http.ResponseWriter, r *http.Request) {
	var q service.Query
	if err := readJSON(w, r, &q); err != nil {
		fail(w, err)
		return
	}
	s.query(w, r, func(ctx context.Context) error {
		n, err := s.svc.Count(ctx, q)
		if err == nil {
			writeJSON(w, n)
		}
		return err
	})
}

func (s *Server) export(w http.ResponseWriter, r *http.Request) {
	var q service.ExportRequest
	if err := readJSON(w, r, &q); err != nil {
		fail(w, err)
		return
	}
	st := newStream(w, r, "application/octet-stream", s.private(r))
	s.query(st, r, func(ctx context.Context) error {
		res, err := s.svc.Export(ctx, q, st)
		if err == nil {
			st.result(res)
		}
		return err
	})
}

// parameters reads the query string of a GET.
type parameters struct {
	url.Values
	err error
}

func parametersOf(r *http.Request) *parameters {
	v, err := url.ParseQuery(r.URL.RawQuery)
	p := &parameters{Values: v}
	if err != nil {
		p.err = &service.Error{Kind: service.Invalid, Message: "the query string cannot be read: " + err.Error()}
	}
	return p
}

// query returns the parameters q, from, to, type and workspace.
func (p *parameters) query() service.Query {
	return service.Query{Workspace: p.Get("workspace"), Query: p.Get("q"), From: p.Get("from"), To: p.Get("to"), Types: p.list("type")}
}

// list returns a parameter that may be repeated or have commas.
func (p *parameters) list(name string) []string {
	var out []string
	for _, v := range p.Values[name] {
		for _, x := range strings.Split(v, ",") {
			if x = strings.TrimSpace(x); x != "" {
				out = append(out, x)
			}
		}
	}
	return out
}

func (p *parameters) int(name string, fallback int64) int64 {
	v := p.Get(name)
	if v == "" {
		return fallback
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 {
		p.err = &service.Error{Kind: service.Invalid, Message: name + " is not a number from 0 on"}
	}
	return n
}

func (p *parameters) bool(name string, fallback bool) bool {
	v := p.Get(name)
	if v == "" {
		return fallback
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		p.err = &service.Error{Kind: service.Invalid, Message: name + " is neither true nor false"}
	}
	return b
}

func (p *parameters) duration(name string) time.Duration {
	v := p.Get(name)
	if v == "" {
		return 0
	}
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 {
		p.err = &service.Error{Kind: service.Invalid, Message: name + " is no length of time", Hint: "write 30s, 5m or 1h"}
	}
	return d
}

// get answers a GET of a query with what f returns.
func (s *Server) get(w http.ResponseWriter, r *http.Request, f func(ctx context.Context, p *parameters) (any, error)) {
	p := parametersOf(r)
	s.query(w, r, func(ctx context.Context) error {
		v, err := f(ctx, p)
		if p.err != nil {
			err = p.err
		}
		if err == nil {
			writeJSON(w, v)
		}
		return err
	})
}

func (s *Server) histogram(w http.ResponseWriter, r *http.Request) {
	s.get(w, r, func(ctx context.Context, p *parameters) (any, error) {
		q := service.HistogramRequest{Query: p.query(), Interval: p.duration("interval"), Buckets: int(p.int("buckets", 0))}
		if p.err != nil {
			return nil, p.err
		}
		return s.svc.Histogram(ctx, q)
	})
}

type fieldList struct {
	Fields []string `json:"fields"`
}

func (s *Server) fields(w http.ResponseWriter, r *http.Request) {
	s.get(w, r, func(ctx context.Context, p *parameters) (any, error) {
		f, err := s.svc.Fields(ctx, p.query())
		return fieldList{f}, err
	})
}

type facetList struct {
	Facets []scan.Facet `json:"facets"`
}

func (s *Server) values(w http.ResponseWriter, r *http.Request) {
	s.get(w, r, func(ctx context.Context, p *parameters) (any, error) {
		q := service.ValuesRequest{Query: p.query(), Fields: p.list("field"), N: int(p.int("n", 10))}
		if p.err != nil {
			return nil, p.err
		}
		f, err := s.svc.Values(ctx, q)
		return facetList{f}, err
	})
}

func (s *Server) event(w http.ResponseWriter, r *http.Request) {
	s.get(w, r, func(ctx context.Context, p *parameters) (any, error) {
		return s.svc.Event(ctx, p.Get("workspace"), r.PathValue("id"))
	})
}
