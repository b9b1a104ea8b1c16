package app

import (
	"context"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"ashiato/internal/ingest"
	"ashiato/internal/service"
	"ashiato/internal/source"
)

// Ingest implements service.Service.
func (a *App) Ingest(ctx context.Context, q service.IngestRequest, report func(service.IngestReport)) (service.IngestResult, error) {
	if err := a.checkTypes(q.Type); err != nil {
		return service.IngestResult{}, err
	}
	if len(q.Paths) == 0 {
		return service.IngestResult{}, &service.Error{Kind: service.Invalid, Message: "nothing to take in is named", Hint: "name a file, a folder, s3://bucket/prefix or -"}
	}
	paths, err := absolute(q.Paths)
	if err != nil {
		return service.IngestResult{}, err
	}
	r := newReporter(report)
	in, release, err := a.writer(ctx, q.Workspace, r)
	if err != nil {
		return service.IngestResult{}, err
	}
	defer release()
	l := &listing{args: paths, opt: source.Options{Region: q.Region, EndpointURL: q.EndpointURL, RequesterPays: q.RequesterPays, Follow: q.Follow}}
	return takeIn(ctx, in, ingest.Options{Type: q.Type}, l, r)
}

// absolute makes paths independent of the working directory: a server has another one, and log types are
// recognised by the path too.
func absolute(paths []string) ([]string, error) {
	out := make([]string, len(paths))
	for i, p := range paths {
		if p == "-" || strings.HasPrefix(p, "s3://") {
			out[i] = p
			continue
		}
		abs, err := filepath.Abs(p)
		if err != nil {
			return nil, err
		}
		out[i] = abs
	}
	return out, nil
}

// Upload implements service.Service.
func (a *App) Upload(ctx context.Context, q service.UploadRequest, body io.Reader, report func(service.IngestReport)) (service.IngestResult, error) {
	if err := a.checkTypes(q.Type); err != nil {
		return service.IngestResult{}, err
	}
	r := newReporter(report)
	// The writer's lock comes first: who takes it clears the directory for temporary files.
	in, release, err := a.writer(ctx, q.Workspace, r)
	if err != nil {
		return service.IngestResult{}, err
	}
	defer release()
	w, err := a.workspace(q.Workspace)
	if err != nil {
		return service.IngestResult{}, err
	}
	path, size, err := w.spool(body)
	if err != nil {
		return service.IngestResult{}, err
	}
	defer os.Remove(path)
	if q.Key == "" {
		q.Key = "-"
	}
	if q.URI == "" {
		q.URI = "upload:" + (&url.URL{Path: q.Key}).EscapedPath()
	}
	o := source.Object{URI: q.URI, Key: q.Key, Size: size, ModTime: time.Now(), Open: func(context.Context) (io.ReadCloser, error) { return os.Open(path) }}
	return takeIn(ctx, in, ingest.Options{Type: q.Type, Workers: 1}, &listing{fixed: []source.Object{o}}, r)
}

// writer opens a workspace for writing, creating it, and takes the writer's lock.
func (a *App) writer(ctx context.Context, workspace string, r *reporter) (*ingest.Ingester, func(), error) {
	w, err := a.workspace(workspace)
	if err != nil {
		return nil, nil, err
	}
	who := "ashiato ingest"
	if a.keep {
		who = "ashiato up"
	}
	in, release, err := w.writer(ctx, who, func(holder string) { r.tell(service.IngestReport{Waiting: holder}) })
	return in, release, lakeError(err)
}

// takeIn runs a listing through the ingester. When ctx ends no further object is begun; those that were
// begun are taken in, and ctx's error is returned with the result.
func takeIn(ctx context.Context, in *ingest.Ingester, opt ingest.Options, l *listing, r *reporter) (out service.IngestResult, err error) {
	opt.Progress = func(p ingest.Progress) { r.tell(service.IngestReport{Progress: l.progress(p)}) }
	opt.OnError = func(uri string, err error) {
		r.tell(service.IngestReport{Failed: &service.ObjectError{URI: uri, Message: err.Error()}})
	}
	out.Progress, err = in.Run(context.WithoutCancel(ctx), l.objects(ctx), opt)
	r.end()
	if err == nil {
		err = ctx.Err()
	}
	return out, lakeError(err)
}

// reporter passes reports on one at a time, and none after the end.
type reporter struct {
	mu    sync.Mutex
	f     func(service.IngestReport)
	ended bool
}

func newReporter(f func(service.IngestReport)) *reporter { return &reporter{f: f, ended: f == nil} }

func (r *reporter) tell(x service.IngestReport) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended {
		r.f(x)
	}
}

func (r *reporter) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
}

// spool writes a body to a temporary file.
func (w *workspace) spool(body io.Reader) (path string, size int64, err error) {
	w.mu.Lock()
	l := w.lake
	w.mu.Unlock()
	if l == nil {
		return "", 0, &service.Error{Kind: service.Unavailable, Message: "the server is stopping"}
	}
	dir, err := l.TempDir()
	if err != nil {
		return "", 0, err
	}
	f, err := os.CreateTemp(dir, "upload-")
	if err != nil {
		return "", 0, err
	}
	size, err = io.Copy(f, body)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		os.Remove(f.Name())
		return "", 0, err
	}
	return f.Name(), size, nil
}
