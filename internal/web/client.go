package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"ashiato/internal/service"
)

// Client has a running server do the work. It implements service.Service.
type Client struct {
	base  string // http://127.0.0.1:8480
	token string
	stdin io.Reader
	http  *http.Client
}

var _ service.Service = (*Client)(nil)

// NewClient returns a client of the server at an address (host:port). What an ingest names "-" is read
// from stdin.
func NewClient(address, token string, stdin io.Reader) *Client {
	return &Client{base: "http://" + address, token: token, stdin: stdin, http: &http.Client{Transport: &http.Transport{DisableCompression: true}}}
}

// Health asks for the id of the server's process.
func (c *Client) Health(ctx context.Context) (instance string, err error) {
	var h health
	err = c.get(ctx, "/healthz", nil, &h)
	return h.Instance, err
}

// Close ends idle connections.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// do sends a request. The answer is a success, or err says why not.
func (c *Client) do(ctx context.Context, method, path, contentType string, body io.Reader, accept string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("TE", "trailers")
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	res, err := c.http.Do(r)
	if err != nil {
		return nil, c.lost(ctx, err)
	}
	if res.StatusCode == http.StatusOK {
		return res, nil
	}
	defer res.Body.Close()
	var f failure
	if err := json.NewDecoder(io.LimitReader(res.Body, maxJSON)).Decode(&f); err != nil || f.Error == nil {
		return nil, &service.Error{Kind: service.Internal, Message: "the server answers " + res.Status}
	}
	return nil, f.Error
}

func (c *Client) lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return &service.Error{Kind: service.Unavailable, Message: fmt.Sprintf("the server at %s does not answer: %v", c.base, err), Hint: "run the command again; it works without a server too"}
}

func (c *Client) get(ctx context.Context, path string, q url.Values, v any) error {
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	res, err := c.do(ctx, "GET", path, "", nil, "")
	if err != nil {
		return err
	}
	return c.decode(ctx, res, v)
}

func (c *Client) post(ctx context.Context, path string, body any, accept string) (*http.Response, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return c.do(ctx, "POST", path, "application/json", bytes.NewReader(b), accept)
}

func (c *Client) decode(ctx context.Context, res *http.Response, v any) error {
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(v); err != nil {
		return c.lost(ctx, err)
	}
	return nil
}

// finish reads the trailers of a streamed answer whose body is read.
func finish(res *http.Response, v any) error {
	if t := res.Trailer.Get(trailerError); t != "" {
		e := &service.Error{}
		if err := json.Unmarshal([]byte(t), e); err != nil {
			return err
		}
		return e
	}
	t := res.Trailer.Get(trailerResult)
	if t == "" {
		return &service.Error{Kind: service.Unavailable, Message: "the server's answer broke off"}
	}
	return json.Unmarshal([]byte(t), v)
}

// copyTo copies a streamed answer.
func (c *Client) copyTo(ctx context.Context, w io.Writer, res *http.Response, v any) error {
	defer res.Body.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := res.Body.Read(buf)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return finish(res, v)
		}
		if err != nil {
			return c.lost(ctx, err)
		}
	}
}
