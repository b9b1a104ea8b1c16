package web

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"ashiato/internal/engine/scan"
	"ashiato/internal/lake"
	"ashiato/internal/lake/catalog"
	"ashiato/internal/service"
)

// Search implements service.Service.
func (c *Client) Search(ctx context.Context, q service.SearchRequest, emit func([]byte) error) (out service.SearchResult, err error) {
	body := searchBody{Query: q.Query, Limit: &q.Limit, Cursor: encodeCursor(q.Cursor), Fields: q.Fields, Raw: &q.Raw}
	res, err := c.post(ctx, "/api/v1/search", body, ndjson)
	if err != nil {
		return out, err
	}
	defer res.Body.Close()
	r := bufio.NewReaderSize(res.Body, 64<<10)
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(line) == 0:
			return out, finish(res, &out)
		case err != nil:
			return out, c.lost(ctx, err)
		}
		if err := emit(line[:len(line)-1]); err != nil {
			return out, err
		}
		line = line[:0]
	}
}

// Count implements service.Service.
func (c *Client) Count(ctx context.Context, q service.Query) (out service.CountResult, err error) {
	res, err := c.post(ctx, "/api/v1/count", q, "")
	if err != nil {
		return out, err
	}
	return out, c.decode(ctx, res, &out)
}

func queryValues(q service.Query) url.Values {
	v := url.Values{}
	set(v, "workspace", q.Workspace)
	set(v, "q", q.Query)
	set(v, "from", q.From)
	set(v, "to", q.To)
	v["type"] = q.Types
	return v
}

func set(v url.Values, name, value string) {
	if value != "" {
		v.Set(name, value)
	}
}

// Histogram implements service.Service.
func (c *Client) Histogram(ctx context.Context, q service.HistogramRequest) (out service.Histogram, err error) {
	v := queryValues(q.Query)
	if q.Interval > 0 {
		v.Set("interval", q.Interval.String())
	}
	if q.Buckets > 0 {
		v.Set("buckets", strconv.Itoa(q.Buckets))
	}
	return out, c.get(ctx, "/api/v1/histogram", v, &out)
}

// Fields implements service.Service.
func (c *Client) Fields(ctx context.Context, q service.Query) ([]string, error) {
	var out fieldList
	err := c.get(ctx, "/api/v1/fields", queryValues(q), &out)
	return out.Fields, err
}

// Values implements service.Service.
func (c *Client) Values(ctx context.Context, q service.ValuesRequest) ([]scan.Facet, error) {
	v := queryValues(q.Query)
	v["field"] = q.Fields
	v.Set("n", strconv.Itoa(q.N))
	var out facetList
	err := c.get(ctx, "/api/v1/values", v, &out)
	return out.Facets, err
}

// Event implements service.Service.
func (c *Client) Event(ctx context.Context, workspace, id string) (out json.RawMessage, err error) {
	v := url.Values{}
	set(v, "workspace", workspace)
	return out, c.get(ctx, "/api/v1/events/"+url.PathEscape(id), v, &out)
}

// Export implements service.Service.
func (c *Client) Export(ctx context.Context, q service.ExportRequest, w io.Writer) (out service.ExportResult, err error) {
	res, err := c.post(ctx, "/api/v1/export", q, "")
	if err != nil {
		return out, err
	}
	return out, c.copyTo(ctx, w, res, &out)
}

// SQL implements service.Service.
func (c *Client) SQL(ctx context.Context, q service.SQLRequest, w io.Writer) (out service.SQLResult, err error) {
	if q.Format == "" {
		q.Format = service.JSON
	}
	res, err := c.post(ctx, "/api/v1/sql", q, "")
	if err != nil {
		return out, err
	}
	return out, c.copyTo(ctx, w, res, &out)
}

// Types implements service.Service.
func (c *Client) Types(ctx context.Context) ([]service.TypeInfo, error) {
	var out typeList
	err := c.get(ctx, "/api/v1/types", nil, &out)
	return out.Types, err
}

// Status implements service.Service.
func (c *Client) Status(ctx context.Context, workspace string) (out service.Status, err error) {
	v := url.Values{}
	set(v, "workspace", workspace)
	return out, c.get(ctx, "/api/v1/status", v, &out)
}

// Rejects implements service.Service.
func (c *Client) Rejects(ctx context.Context, q service.RejectsRequest) (out service.Rejects, err error) {
	v := url.Values{"limit": {strconv.Itoa(q.Limit)}, "after": {strconv.FormatInt(q.After, 10)}}
	set(v, "workspace", q.Workspace)
	set(v, "type", q.Type)
	return out, c.get(ctx, "/api/v1/rejects", v, &out)
}

// Reject implements service.Service.
func (c *Client) Reject(ctx context.Context, workspace string, id int64) (out catalog.Reject, err error) {
	v := url.Values{}
	set(v, "workspace", workspace)
	return out, c.get(ctx, "/api/v1/rejects/"+strconv.FormatInt(id, 10), v, &out)
}

// ReplayRejects implements service.Service.
func (c *Client) ReplayRejects(ctx context.Context, q service.ReplayRequest) (out service.ReplayResult, err error) {
	res, err := c.post(ctx, "/api/v1/rejects/replay", q, "")
	if err != nil {
		return out, err
	}
	return out, c.decode(ctx, res, &out)
}

// Compact implements service.Service.
func (c *Client) Compact(ctx context.Context, q service.CompactRequest) (out lake.Compaction, err error) {
	res, err := c.post(ctx, "/api/v1/compact", q, "")
	if err != nil {
		return out, err
	}
	return out, c.decode(ctx, res, &out)
}

// Retain implements service.Service.
func (c *Client) Retain(ctx context.Context, q service.RetainRequest) (out service.Retained, err error) {
	res, err := c.post(ctx, "/api/v1/retention", q, "")
	if err != nil {
		return out, err
	}
	return out, c.decode(ctx, res, &out)
}

// Repair implements service.Service.
func (c *Client) Repair(ctx context.Context, q service.RepairRequest) (out lake.Repairs, err error) {
	res, err := c.post(ctx, "/api/v1/repair", q, "")
	if err != nil {
		return out, err
	}
	return out, c.decode(ctx, res, &out)
}

// Ingest implements service.Service. Paths are made absolute; standard input is sent along.
func (c *Client) Ingest(ctx context.Context, q service.IngestRequest, report func(service.IngestReport)) (out service.IngestResult, err error) {
	var paths []string
	stdin := false
	for _, p := range q.Paths {
		switch {
		case p == "-":
			stdin = true
			continue
		case !strings.HasPrefix(p, "s3://"):
			if p, err = filepath.Abs(p); err != nil {
				return out, err
			}
		}
		paths = append(paths, p)
	}
	q.Paths = paths
	if len(paths) > 0 || !stdin {
		res, err := c.post(ctx, "/api/v1/ingest", q, "")
		if err != nil {
			return out, err
		}
		if out, err = c.reports(ctx, res, report); err != nil {
			return out, err
		}
	}
	if stdin {
		one, err := c.Upload(ctx, service.UploadRequest{Workspace: q.Workspace, Type: q.Type, URI: "-", Key: "-"}, c.stdin, report)
		out.Add(one)
		return out, err
	}
	return out, nil
}

// Upload implements service.Service.
func (c *Client) Upload(ctx context.Context, q service.UploadRequest, body io.Reader, report func(service.IngestReport)) (out service.IngestResult, err error) {
	v := url.Values{}
	set(v, "workspace", q.Workspace)
	set(v, "type", q.Type)
	set(v, "uri", q.URI)
	set(v, "key", q.Key)
	res, err := c.do(ctx, "POST", "/api/v1/ingest/upload?"+v.Encode(), "application/octet-stream", io.NopCloser(body), ndjson)
	if err != nil {
		return out, err
	}
	return c.reports(ctx, res, report)
}

// reports reads the lines of a run.
func (c *Client) reports(ctx context.Context, res *http.Response, report func(service.IngestReport)) (out service.IngestResult, err error) {
	defer res.Body.Close()
	dec := json.NewDecoder(res.Body)
	for {
		var line ingestLine
		if err := dec.Decode(&line); err != nil {
			return out, c.lost(ctx, err)
		}
		switch {
		case line.Result != nil:
			out.Progress = *line.Result
			if line.Error != nil {
				return out, line.Error
			}
			return out, nil
		case line.Error != nil:
			return out, line.Error
		}
		if line.Progress != nil {
			out.Progress = line.Progress.Progress // should the run be interrupted
		}
		if report != nil {
			report(line.IngestReport)
		}
	}
}
