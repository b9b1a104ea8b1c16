package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf16"

	"ashiato/internal/service"
)

// statusOf is the HTTP status of a kind of error.
func statusOf(k service.Kind) int {
	switch k {
	case service.Invalid:
		return http.StatusBadRequest
	case service.NotFound:
		return http.StatusNotFound
	case service.Conflict:
		return http.StatusConflict
	case service.Denied:
		return http.StatusForbidden
	case service.Unavailable:
		return http.StatusServiceUnavailable
	case service.TooLarge:
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusInternalServerError
}

// failure is the one shape of errors.
type failure struct {
	Error *service.Error `json:"error"`
}

// fail answers with an error, or ends an answer that has begun.
func fail(w http.ResponseWriter, err error) {
	e := service.AsError(err)
	if st, ok := w.(*stream); ok {
		if st.begun {
			st.broken(e)
			return
		}
		w = st.ResponseWriter
	}
	writeError(w, statusOf(e.Kind), e)
}

func writeError(w http.ResponseWriter, status int, e *service.Error) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(failure{e})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.Encode(v)
}

// readJSON reads a request's body. Unknown members are errors: a filter that is misspelt must not be
// ignored.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return &service.Error{Kind: service.Invalid, Message: "the body is not marked as JSON", Hint: "send Content-Type: application/json"}
	}
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(30 * time.Second))
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxJSON))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err == nil {
		if _, extra := dec.Token(); extra != io.EOF {
			err = errors.New("there is more than one JSON value")
		}
	}
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return &service.Error{Kind: service.TooLarge, Message: "the request is larger than 2 MiB"}
	}
	return &service.Error{Kind: service.Invalid, Message: "the body cannot be read as JSON of the right shape: " + strings.TrimPrefix(err.Error(), "json: "), Hint: "see /api/v1/openapi.json"}
}

// accepts reports whether a request asks for a media type by name.
func accepts(r *http.Request, media string) bool {
	for _, a := range strings.Split(r.Header.Get("Accept"), ",") {
		if t, _, _ := mime.ParseMediaType(a); t == media {
			return true
		}
	}
	return false
}

// Trailers of streamed answers, for clients that send "TE: trailers". Others see the connection break off
// when an answer cannot be completed.
const (
	trailerResult = "Ashiato-Result"
	trailerError  = "Ashiato-Error"
)

// stream is an answer of unknown length: its header is written with its first byte, so that an error
// before that is an ordinary one.
type stream struct {
	http.ResponseWriter
	media    string
	trailers bool
	private  bool
	begun    bool
	flushed  time.Time
}

func newStream(w http.ResponseWriter, r *http.Request, media string, private bool) *stream {
	return &stream{ResponseWriter: w, media: media, trailers: strings.Contains(strings.ToLower(r.Header.Get("TE")), "trailers"), private: private}
}

// writeTime is how long a client may take to receive one piece of a stream.
const writeTime = 5 * time.Minute

func (s *stream) begin() {
	if s.begun {
		return
	}
	s.begun = true
	s.Header().Set("Content-Type", s.media)
	if s.trailers {
		s.Header().Set("Trailer", trailerResult+", "+trailerError)
	}
	s.WriteHeader(http.StatusOK)
	s.flushed = time.Now()
}

// Write implements io.Writer. What waits for long is flushed.
func (s *stream) Write(p []byte) (int, error) {
	s.begin()
	now := time.Now()
	if !s.private { // a person may be reading what a verb prints, page by page
		http.NewResponseController(s.ResponseWriter).SetWriteDeadline(now.Add(writeTime))
	}
	n, err := s.ResponseWriter.Write(p)
	if err == nil && now.Sub(s.flushed) > 100*time.Millisecond {
		err = s.flush()
	}
	return n, err
}

func (s *stream) flush() error {
	s.flushed = time.Now()
	return http.NewResponseController(s.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach the connection.
func (s *stream) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// result ends the answer with what follows the rows.
func (s *stream) result(v any) {
	s.begin()
	if s.trailers {
		b, _ := json.Marshal(v)
		s.Header().Set(trailerResult, asciiJSON(b))
	}
}

// broken ends an answer that cannot be completed.
func (s *stream) broken(e *service.Error) {
	if !s.trailers {
		panic(http.ErrAbortHandler) // so that what was sent does not look whole
	}
	b, _ := json.Marshal(e)
	s.Header().Set(trailerError, asciiJSON(b))
}

// asciiJSON escapes what may not be in a header.
func asciiJSON(b []byte) string {
	var out []byte
	for _, r := range string(b) {
		switch {
		case r < 0x7f:
			out = append(out, byte(r))
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return string(out)
}
