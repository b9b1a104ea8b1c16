package web

import (
	"context"
	"net/http"
	"strconv"

	"ashiato/internal/service"
)

type typeList struct {
	Types []service.TypeInfo `json:"types"`
}

func (s *Server) types(w http.ResponseWriter, r *http.Request) {
	s.get(w, r, func(ctx context.Context, _ *parameters) (any, error) {
		t, err := s.svc.Types(ctx)
		return typeList{t}, err
	})
}

func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	s.get(w, r, func(ctx context.Context, p *parameters) (any, error) {
		return s.svc.Status(ctx, p.Get("workspace"))
	})
}

func (s *Server) rejects(w http.ResponseWriter, r *http.Request) {
	s.get(w, r, func(ctx context.Context, p *parameters) (any, error) {
		q := service.RejectsRequest{Workspace: p.Get("workspace"), Type: p.Get("type"), Limit: int(p.int("limit", 0)), After: p.int("after", 0)}
		if p.err != nil {
			return nil, p.err
		}
		return s.svc.Rejects(ctx, q)
	})
}

func (s *Server) reject(w http.ResponseWriter, r *http.Request) {
	s.get(w, r, func(ctx context.Context, p *parameters) (any, error) {
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil {
			return nil, &service.Error{Kind: service.NotFound, Message: "there is no reject " + r.PathValue("id")}
		}
		return s.svc.Reject(ctx, p.Get("workspace"), id)
	})
}

func (s *Server) compact(w http.ResponseWriter, r *http.Request) {
	change(w, r, s.svc.Compact)
}

func (s *Server) repair(w http.ResponseWriter, r *http.Request) {
	change(w, r, s.svc.Repair)
}

func (s *Server) retain(w http.ResponseWriter, r *http.Request) {
	change(w, r, s.svc.Retain)
}

// change answers a request whose JSON body is what an operation of the service takes.
func change[Q, A any](w http.ResponseWriter, r *http.Request, do func(context.Context, Q) (A, error)) {
	var q Q
	if err := readJSON(w, r, &q); err != nil {
		fail(w, err)
		return
	}
	a, err := do(r.Context(), q)
	if err != nil {
		fail(w, err)
		return
	}
	writeJSON(w, a)
}

func (s *Server) replay(w http.ResponseWriter, r *http.Request) {
	var q service.ReplayRequest
	if err := readJSON(w, r, &q); err != nil {
		fail(w, err)
		return
	}
	res, err := s.svc.ReplayRejects(r.Context(), q)
	if err != nil {
		fail(w, err)
		return
	}
	writeJSON(w, res)
}
