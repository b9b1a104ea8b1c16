package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"ashiato/internal/engine/scan"
	"ashiato/internal/service"
)

const (
	sseBatch = 100                    // events in one message at most
	sseEvery = 150 * time.Millisecond // and how long one waits for company
	sseBeat  = time.Second            // between progress messages
)

// sseProgress is the data of an SSE message "progress".
type sseProgress struct {
	Events  int     `json:"events"` // sent so far
	Elapsed float64 `json:"elapsed_ms"`
}

// sseDone is the data of the last message, "done".
type sseDone struct {
	Next    string     `json:"next,omitempty"`
	Stats   scan.Stats `json:"stats"`
	Events  int        `json:"events"`
	Elapsed float64    `json:"elapsed_ms"`
	Empty   bool       `json:"empty,omitempty"`
}

// searchStream runs a search and sends what it finds as server-sent events: "events" (a JSON array),
// "progress", and at the end "done" or "error". Closing the connection cancels the search.
func (s *Server) searchStream(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r)
	q := service.SearchRequest{Query: p.query(), Limit: int(p.int("limit", defaultPage)), Fields: p.list("fields"), Raw: p.bool("raw", true)}
	cursor, err := decodeCursor(p.Get("cursor"))
	if p.err != nil {
		err = p.err
	}
	if err != nil {
		fail(w, err)
		return
	}
	q.Cursor = cursor
	st := newStream(w, r, "text/event-stream", s.private(r))
	s.query(st, r, func(ctx context.Context) error {
		m := &messages{st: st, start: time.Now()}
		stop := m.beat()
		res, err := s.svc.Search(ctx, q, m.add)
		stop()
		if err != nil && !st.begun {
			return err
		}
		if e := m.flush(); err == nil {
			err = e
		}
		if ctx.Err() != nil && r.Context().Err() != nil {
			return nil // nobody listens
		}
		if err != nil {
			m.send("error", failure{service.AsError(err)})
			return nil
		}
		return m.send("done", sseDone{encodeCursor(res.Next), res.Stats, m.n, milliseconds(m.start), res.Empty})
	})
}

func milliseconds(start time.Time) float64 {
	return float64(time.Since(start).Microseconds()) / 1000
}

// messages collects events into SSE messages.
type messages struct {
	mu    sync.Mutex
	st    *stream
	start time.Time
	buf   bytes.Buffer
	held  int
	since time.Time // of the first event held
	n     int
}

func (m *messages) add(ev []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held == 0 {
		m.since = time.Now()
		m.buf.WriteByte('[')
	} else {
		m.buf.WriteByte(',')
	}
	m.buf.Write(ev)
	m.held++
	m.n++
	if m.held >= sseBatch || time.Since(m.since) > sseEvery {
		return m.flushHeld()
	}
	return nil
}

func (m *messages) flushHeld() error {
	if m.held == 0 {
		return nil
	}
	m.buf.WriteByte(']')
	err := m.write("events", m.buf.Bytes())
	m.buf.Reset()
	m.held = 0
	return err
}

func (m *messages) flush() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.flushHeld()
}

// write sends one message. JSON has no line breaks, so data is one line.
func (m *messages) write(event string, data []byte) error {
	if _, err := fmt.Fprintf(m.st, "event: %s\ndata: %s\n\n", event, data); err != nil {
		return err
	}
	return m.st.flush()
}

func (m *messages) send(event string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.write(event, b)
}

// beat sends what is held, and progress, from time to time until the returned function is called.
func (m *messages) beat() (stop func()) {
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		t := time.NewTicker(sseBeat)
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case <-t.C:
				m.flush()
				m.mu.Lock()
				n := m.n
				m.mu.Unlock()
				m.send("progress", sseProgress{n, milliseconds(m.start)})
			}
		}
	}()
	return func() { close(done); <-gone }
}
