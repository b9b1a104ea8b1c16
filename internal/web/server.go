// Package web is the HTTP API over a service.Service, under /api/v1 and described by the OpenAPI document
// there, and the Client that makes a running server do the work of a verb.
//
// Until people can sign in, a server answers only requests that come from this machine and name it by a
// loopback address (a guard against DNS rebinding); what changes something must come from no other web
// site. Reading files of this machine needs the private token, which lies in the data directory.
package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"time"

	"ashiato/internal/service"
)

// Backend is what a server needs: the service, and taking in objects that are in memory.
type Backend interface {
	service.Service
	// Push takes in objects in one commit.
	Push(ctx context.Context, workspace string, objects []PushObject) (service.IngestResult, error)
}

// PushObject is an object in memory.
type PushObject struct {
	URI  string
	Key  string
	Data []byte
}

// Options of a server. Zero fields mean the defaults.
type Options struct {
	Token       string        // private token; made up when empty
	Instance    string        // id of this process; made up when empty
	FirehoseKey string        // access key that Firehose must send; empty: none
	Searches    int           // queries that run at a time; default 8
	Wait        time.Duration // how long others wait for their turn; default 10 s
	MaxTime     time.Duration // of a query without the token; default 2 min
	MaxUpload   int64         // bytes of an upload without the token; default 5 GiB
}

// Limits of request bodies in bytes.
const (
	maxJSON     = 2 << 20  // a statement may have 1 MiB
	maxFirehose = 64 << 20 // Firehose sends at most this
	maxPlain    = 512 << 20
)

// Server answers HTTP requests.
type Server struct {
	svc      Backend
	opt      Options
	slots    chan struct{}
	csrf     *http.CrossOriginProtection
	document []byte // OpenAPI
	handler  http.Handler
}

// New returns a server over a backend.
func New(svc Backend, opt Options) *Server {
	if opt.Token == "" {
		opt.Token = rand.Text() + rand.Text()
	}
	if opt.Instance == "" {
		var b [8]byte
		rand.Read(b[:])
		opt.Instance = hex.EncodeToString(b[:])
	}
	if opt.Searches <= 0 {
		opt.Searches = 8
	}
	if opt.Wait <= 0 {
		opt.Wait = 10 * time.Second
	}
	if opt.MaxTime <= 0 {
		opt.MaxTime = 2 * time.Minute
	}
	if opt.MaxUpload <= 0 {
		opt.MaxUpload = 5 << 30
	}
	s := &Server{svc: svc, opt: opt, slots: make(chan struct{}, opt.Searches), csrf: http.NewCrossOriginProtection()}
	s.document = openAPI(s.routes())
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		mux.HandleFunc(r.method+" "+r.pattern(), r.handler)
	}
	mux.HandleFunc("/", s.notFound)
	s.handler = s.guard(mux)
	return s
}

// Token returns the private token.
func (s *Server) Token() string { return s.opt.Token }

// Instance returns the id of this process.
func (s *Server) Instance() string { return s.opt.Instance }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// HTTP returns the settings of an http.Server for it. Requests end with ctx.
func (s *Server) HTTP(ctx context.Context) *http.Server {
	return &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: baseContext(ctx), ErrorLog: nil,
	}
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	for _, route := range s.routes() {
		if route.matches(r.URL.Path) && route.method != r.Method {
			w.Header().Add("Allow", route.method)
		}
	}
	if w.Header().Get("Allow") != "" {
		writeError(w, http.StatusMethodNotAllowed, &service.Error{Kind: service.Invalid, Message: r.Method + " is not what can be done here", Hint: "see /api/v1/openapi.json"})
		return
	}
	fail(w, &service.Error{Kind: service.NotFound, Message: "there is nothing at " + r.URL.Path, Hint: "see /api/v1/openapi.json"})
}

// health answers anybody. The instance tells a verb that the server of its data directory is meant.
type health struct {
	Status   string `json:"status"`
	Instance string `json:"instance"`
	Version  string `json:"version"`
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, health{"ok", s.opt.Instance, service.Version})
}
