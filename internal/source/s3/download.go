package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// wholeObject is up to which size Open fetches the object at once: the usual log
// object is about 1 MB, and its connection is free again when Open returns.
const wholeObject = 8 << 20

// Open downloads an object. When the connection breaks or stands still, the
// reader asks for the rest from the byte where it stopped and goes on; it gives
// up after Options.Attempts failures in a row. With e.ETag set, an object that
// was replaced in the meantime ends with ErrChanged and never with mixed bytes.
// The returned reader is not safe for concurrent use; ctx must live as long as
// it.
func (c *Client) Open(ctx context.Context, e Entry) (io.ReadCloser, error) {
	d := &download{ctx: ctx, c: c, cl: c.forBucket(ctx, e.Bucket), e: e, size: -1}
	if err := d.connect(); err != nil {
		return nil, err
	}
	if d.size < 0 || d.size > wholeObject {
		return d, nil
	}
	defer d.Close()
	buf := make([]byte, d.size)
	if _, err := io.ReadFull(d, buf); err != nil {
		return nil, err
	}
	return wholeReader{bytes.NewReader(buf)}, nil
}

// wholeReader keeps the random access of bytes.Reader, which zip and Parquet
// make use of.
type wholeReader struct{ *bytes.Reader }

func (wholeReader) Close() error { return nil }

type download struct {
	ctx      context.Context
	c        *Client
	cl       *awss3.Client
	e        Entry
	body     io.ReadCloser
	cancel   context.CancelFunc // of the current request
	off      int64              // bytes handed out
	size     int64              // of the object, -1 before the first answer
	failures int                // in a row, without progress
	err      error
}

// connect asks for the object from d.off on, with pauses between failures that
// may pass.
func (d *download) connect() error {
	for {
		err := d.request()
		if err == nil {
			return nil
		}
		d.disconnect()
		err = explain(d.ctx, "get", d.e.Bucket, d.e.Key, err)
		if !errors.Is(err, ErrUnavailable) {
			return err
		}
		if err := d.failed(err); err != nil {
			return err
		}
	}
}

// failed counts a failure and waits before the next attempt, or gives up.
func (d *download) failed(cause error) error {
	d.failures++
	if d.failures >= d.c.opt.Attempts {
		return &Error{Op: "get", URI: "s3://" + d.e.Bucket + "/" + d.e.Key, Kind: ErrUnavailable, Err: cause,
			What: fmt.Sprintf("gave up at byte %d after %d attempts: %v", d.off, d.failures, cause)}
	}
	select {
	case <-time.After(50 * time.Millisecond << (d.failures - 1)):
		return nil
	case <-d.ctx.Done():
		return d.ctx.Err()
	}
}

func (d *download) request() error {
	d.disconnect()
	in := &awss3.GetObjectInput{Bucket: &d.e.Bucket, Key: &d.e.Key, RequestPayer: d.c.payer()}
	if d.off > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", d.off))
	}
	if d.e.ETag != "" {
		in.IfMatch = aws.String(`"` + d.e.ETag + `"`)
	}
	ctx, cancel := context.WithCancel(d.ctx)
	out, err := d.cl.GetObject(ctx, in)
	if err != nil {
		cancel()
		return err
	}
	d.body, d.cancel = out.Body, cancel
	// Servers that ignore If-Match or Range are found out here.
	etag := strings.Trim(aws.ToString(out.ETag), `"`)
	if d.e.ETag == "" {
		d.e.ETag = etag
	}
	size := aws.ToInt64(out.ContentLength) + d.off
	if etag != d.e.ETag || d.size >= 0 && size != d.size {
		return &Error{Op: "get", URI: "s3://" + d.e.Bucket + "/" + d.e.Key, Kind: ErrChanged,
			What: "the object was replaced while it was read", Hint: "list again to take in the new version"}
	}
	if d.off > 0 && !strings.HasPrefix(aws.ToString(out.ContentRange), fmt.Sprintf("bytes %d-", d.off)) {
		return fmt.Errorf("the server ignores ranges (Content-Range %q)", aws.ToString(out.ContentRange))
	}
	if out.ContentLength != nil {
		d.size = size
	}
	return nil
}

func (d *download) disconnect() {
	if d.body != nil {
		d.cancel() // else Close would wait for the rest
		d.body.Close()
		d.body = nil
	}
}

// Read gives the next bytes, over as many connections as it takes.
func (d *download) Read(p []byte) (int, error) {
	for d.err == nil {
		if d.size >= 0 && d.off >= d.size {
			d.err = io.EOF
			break
		}
		if len(p) == 0 {
			return 0, nil
		}
		idle := time.AfterFunc(d.c.opt.IdleTimeout, d.cancel)
		n, err := d.body.Read(p)
		idle.Stop()
		if d.size >= 0 {
			n = int(min(int64(n), d.size-d.off))
		}
		if d.off += int64(n); n > 0 {
			d.failures = 0
			return n, nil // an error shows again on the next call
		}
		switch {
		case d.ctx.Err() != nil:
			d.err = d.ctx.Err()
		case err == io.EOF && d.size < 0:
			d.err = io.EOF
		case err == nil:
		default:
			if d.err = d.failed(fmt.Errorf("the connection broke: %w", err)); d.err == nil {
				d.err = d.connect()
			}
		}
	}
	return 0, d.err
}

// Close drops the connection.
func (d *download) Close() error {
	d.disconnect()
	d.err = os.ErrClosed
	return nil
}
