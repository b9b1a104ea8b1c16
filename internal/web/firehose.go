package web

import (
	"bytes"
	"compress/gzip"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"ashiato/internal/service"
)

// The request and answer of an HTTP endpoint of Amazon Data Firehose:
// https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
type firehoseRequest struct {
	RequestID string `json:"requestId"`
	Timestamp int64  `json:"timestamp"` // ms
	Records   []struct {
		Data string `json:"data"` // base64
	} `json:"records"`
}

type firehoseAnswer struct {
	RequestID string `json:"requestId"`
	Timestamp int64  `json:"timestamp"`
	Error     string `json:"errorMessage,omitempty"`
}

// firehose takes in one delivery. Records that are objects of their own (gzip, CloudWatch Logs) stay
// apart, the others are lines of one object. Firehose repeats a delivery with the same records, and an
// object of the same bytes is taken in once.
func (s *Server) firehose(w http.ResponseWriter, r *http.Request) {
	id := r.Header.Get("X-Amz-Firehose-Request-Id")
	answer := func(status int, message string) {
		w.Header().Set("Content-Type", "application/json")
		if id != "" {
			w.Header().Set("X-Amz-Firehose-Request-Id", id)
		}
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(firehoseAnswer{id, time.Now().UnixMilli(), message})
	}
	if k := s.opt.FirehoseKey; k != "" && subtle.ConstantTimeCompare([]byte(k), []byte(r.Header.Get("X-Amz-Firehose-Access-Key"))) != 1 {
		answer(http.StatusUnauthorized, "the access key is not the one that is configured here")
		return
	}
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Minute))
	q, err := readFirehose(w, r)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		answer(http.StatusRequestEntityTooLarge, "a delivery has at most 64 MiB")
		return
	case err != nil:
		answer(http.StatusBadRequest, err.Error())
		return
	case id == "":
		id = q.RequestID
	case id != q.RequestID:
		answer(http.StatusBadRequest, "the request id in the header is not the one in the body")
		return
	}
	objects, err := firehoseObjects(q, streamName(r.Header.Get("X-Amz-Firehose-Source-Arn")))
	if err != nil {
		answer(http.StatusBadRequest, err.Error())
		return
	}
	if _, err := s.svc.Push(r.Context(), r.URL.Query().Get("workspace"), objects); err != nil {
		e := service.AsError(err)
		answer(statusOf(e.Kind), e.Message)
		return
	}
	answer(http.StatusOK, "")
}

func readFirehose(w http.ResponseWriter, r *http.Request) (*firehoseRequest, error) {
	body := io.Reader(http.MaxBytesReader(w, r.Body, maxFirehose))
	if strings.EqualFold(r.Header.Get("Content-Encoding"), "gzip") {
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, fmt.Errorf("the body is not gzip: %w", err)
		}
		body = io.LimitReader(z, maxPlain)
	}
	q := &firehoseRequest{}
	if err := json.NewDecoder(body).Decode(q); err != nil {
		return nil, fmt.Errorf("the body is not a delivery of Firehose: %w", err)
	}
	if q.RequestID == "" {
		return nil, errors.New("the delivery has no requestId")
	}
	return q, nil
}

func firehoseObjects(q *firehoseRequest, stream string) ([]PushObject, error) {
	var out []PushObject
	var lines []byte
	add := func(data []byte) {
		name := fmt.Sprintf("%s/%s/%d", stream, q.RequestID, len(out))
		out = append(out, PushObject{URI: "firehose:" + name, Key: "firehose/" + name, Data: data})
	}
	for i, rec := range q.Records {
		data, err := base64.StdEncoding.DecodeString(rec.Data)
		if err != nil {
			return nil, fmt.Errorf("record %d is not base64: %w", i, err)
		}
		switch {
		case len(data) == 0:
		case bytes.HasPrefix(data, []byte{0x1f, 0x8b}), bytes.Contains(data[:min(len(data), 512)], []byte(`"messageType"`)):
			add(data)
		default:
			lines = append(lines, data...)
			if lines[len(lines)-1] != '\n' {
				lines = append(lines, '\n')
			}
		}
	}
	if len(lines) > 0 {
		add(lines)
	}
	return out, nil
}

// streamName is the last part of a delivery stream's ARN, by which log types may recognise it.
func streamName(arn string) string {
	name := arn[strings.LastIndexAny(arn, "/:")+1:]
	if name == "" {
		return "stream"
	}
	return name
}
