package web

import (
	"context"
	"crypto/subtle"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"ashiato/internal/service"
)

// policy is the Content-Security-Policy of every answer.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

func securityHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
}

// guard puts the security headers on every answer and refuses strangers.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		securityHeaders(w.Header())
		if err := s.check(r); err != nil {
			fail(w, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) check(r *http.Request) error {
	if !loopback(r.RemoteAddr) {
		return &service.Error{Kind: service.Denied, Message: "this server answers only its own machine"}
	}
	if !loopback(r.Host) {
		return &service.Error{Kind: service.Denied, Message: "this server does not go by the name " + r.Host, Hint: "use http://127.0.0.1 or http://localhost with its port"}
	}
	if r.URL.Path == "/healthz" || s.private(r) {
		return nil
	}
	if r.Header.Get("Authorization") != "" {
		return &service.Error{Kind: service.Denied, Message: "the token is not this server's", Hint: "it is in server.json of the data directory and changes with every start"}
	}
	if err := s.csrf.Check(r); err != nil || r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.URL.Path != "/" {
		return &service.Error{Kind: service.Denied, Message: "the request comes from another web site"}
	}
	return nil
}

// private reports whether a request carries the private token.
func (s *Server) private(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && subtle.ConstantTimeCompare([]byte(token), []byte(s.opt.Token)) == 1
}

// loopback reports whether a host, with a port or without, is this machine's own.
func loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

var errQueryTime = errors.New("the query's time is over")

// query runs f as one of a bounded number of queries, with a time limit for those without the token.
func (s *Server) query(w http.ResponseWriter, r *http.Request, f func(ctx context.Context) error) {
	ctx := r.Context()
	if !s.private(r) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, s.opt.MaxTime, errQueryTime)
		defer cancel()
	}
	wait := time.NewTimer(s.opt.Wait)
	defer wait.Stop()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-wait.C:
		w.Header().Set("Retry-After", "5")
		fail(w, &service.Error{Kind: service.Unavailable, Message: "too many queries are running", Hint: "try again in a moment"})
		return
	case <-ctx.Done():
		return
	}
	err := f(ctx)
	if err != nil && errors.Is(context.Cause(ctx), errQueryTime) {
		err = &service.Error{Kind: service.TooLarge, Message: "the query took longer than it may", Hint: "narrow the time range or add a filter"}
	}
	if err != nil {
		fail(w, err)
	}
}

func baseContext(ctx context.Context) func(net.Listener) context.Context {
	return func(net.Listener) context.Context { return ctx }
}
