package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"sync"

	"ashiato/internal/ingest"
	"ashiato/internal/service"
)

// ingestLine is one line of the answer of POST /api/v1/ingest. The last one has result or error, or both
// when the run was stopped.
type ingestLine struct {
	service.IngestReport
	Result *ingest.Progress `json:"result,omitempty"`
	Error  *service.Error   `json:"error,omitempty"`
}

// ingest takes in paths of this machine and of S3.
func (s *Server) ingest(w http.ResponseWriter, r *http.Request) {
	if !s.private(r) {
		fail(w, &service.Error{Kind: service.Denied, Message: "reading files of this machine needs the private token", Hint: "use ashiato ingest, or POST /api/v1/ingest/upload"})
		return
	}
	var q service.IngestRequest
	if err := readJSON(w, r, &q); err != nil {
		fail(w, err)
		return
	}
	for _, p := range q.Paths {
		if !strings.HasPrefix(p, "s3://") && !filepath.IsAbs(p) {
			fail(w, &service.Error{Kind: service.Invalid, Message: p + " is not an absolute path"})
			return
		}
	}
	l := &ingestLines{st: newStream(w, r, ndjson, true)}
	res, err := s.svc.Ingest(r.Context(), q, l.report)
	l.end(res, err)
}

// ingestLines streams reports.
type ingestLines struct {
	mu   sync.Mutex
	st   *stream
	mute bool // no reports
}

func (l *ingestLines) report(r service.IngestReport) {
	if !l.mute {
		l.write(ingestLine{IngestReport: r})
	}
}

func (l *ingestLines) write(line ingestLine) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, err := json.Marshal(line)
	if err != nil {
		return
	}
	if _, err := l.st.Write(append(b, '\n')); err == nil {
		l.st.flush()
	}
}

func (l *ingestLines) end(res service.IngestResult, err error) {
	if err != nil && !l.st.begun && !errors.Is(err, context.Canceled) {
		fail(l.st, err)
		return
	}
	line := ingestLine{Result: &res.Progress}
	if err != nil {
		line.Error = service.AsError(err)
	}
	l.write(line)
}

// upload takes in the body, or each file of a multipart form. With Accept: application/x-ndjson the answer
// is lines as those of /api/v1/ingest, else the result.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r)
	if p.err != nil {
		fail(w, p.err)
		return
	}
	q := service.UploadRequest{Workspace: p.Get("workspace"), Type: p.Get("type"), Key: p.Get("key")}
	body := io.Reader(r.Body)
	if s.private(r) {
		q.URI = p.Get("uri")
	} else {
		body = http.MaxBytesReader(w, r.Body, s.opt.MaxUpload)
	}
	lines := &ingestLines{st: newStream(w, r, ndjson, s.private(r)), mute: true}
	res, err := s.takeBody(r, q, body)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		err = &service.Error{Kind: service.TooLarge, Message: "the upload is larger than this server takes", Hint: "use ashiato ingest"}
	}
	switch {
	case accepts(r, ndjson):
		lines.end(res, err)
	case err != nil:
		fail(w, err)
	default:
		writeJSON(w, res.Progress)
	}
}

func (s *Server) takeBody(r *http.Request, q service.UploadRequest, body io.Reader) (service.IngestResult, error) {
	var failed *service.ObjectError
	report := func(x service.IngestReport) {
		if x.Failed != nil {
			failed = x.Failed
		}
	}
	media, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if media != "multipart/form-data" {
		res, err := s.svc.Upload(r.Context(), q, body, report)
		if err == nil && failed != nil {
			err = &service.Error{Kind: service.Invalid, Message: failed.Message}
		}
		return res, err
	}
	var total service.IngestResult
	parts := multipart.NewReader(body, params["boundary"])
	n := 0
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return total, &service.Error{Kind: service.Invalid, Message: "the form cannot be read: " + err.Error()}
		}
		if part.FileName() == "" {
			continue
		}
		n++
		one := q
		if one.Key = strings.TrimSuffix(q.Key, "/"); one.Key != "" {
			one.Key += "/"
		}
		one.Key += part.FileName()
		res, err := s.svc.Upload(r.Context(), one, part, report)
		total.Add(res)
		if err != nil {
			return total, err
		}
	}
	if n == 0 {
		return total, &service.Error{Kind: service.Invalid, Message: "the form holds no file"}
	}
	return total, nil
}
