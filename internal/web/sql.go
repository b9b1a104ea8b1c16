package web

import (
	"context"
	"net/http"

	"ashiato/internal/service"
)

// sqlMedia are the media types of the formats.
var sqlMedia = map[service.Format]string{
	service.JSON:  ndjson,
	service.CSV:   "text/csv; charset=utf-8; header=present",
	service.Table: "text/plain; charset=utf-8",
}

// sql runs a statement. The format is the body's, else Accept's: text/csv, text/plain, JSON lines for all
// others.
func (s *Server) sql(w http.ResponseWriter, r *http.Request) {
	var q service.SQLRequest
	if err := readJSON(w, r, &q); err != nil {
		fail(w, err)
		return
	}
	if q.Format == "" {
		switch {
		case accepts(r, "text/csv"):
			q.Format, q.Spreadsheet = service.CSV, true
		case accepts(r, "text/plain"):
			q.Format = service.Table
		default:
			q.Format = service.JSON
		}
	}
	media, ok := sqlMedia[q.Format]
	if !ok {
		fail(w, &service.Error{Kind: service.Invalid, Message: "there is no such format", Hint: "write table, json or csv"})
		return
	}
	st := newStream(w, r, media, s.private(r))
	s.query(st, r, func(ctx context.Context) error {
		res, err := s.svc.SQL(ctx, q, st)
		if err == nil {
			st.result(res)
		}
		return err
	})
}
