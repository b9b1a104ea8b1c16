// Package source finds the objects that an argument of `ashiato ingest` names:
// a file, a folder, standard input or a bucket. It lists and opens; what is in
// an object is the business of package decode.
//
// Listings come in the order of the times that AWS writes into names, as far as
// a window of 100,000 entries can sort them, so that neighbouring objects hold
// neighbouring times and memory stays bounded.
package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Object is one delivered file. Key is what log types recognise it by (the S3
// key, or the slash-separated path as it was given).
type Object struct {
	URI     string // s3://bucket/key, file:///path, or "-"
	Key     string
	Size    int64 // bytes; -1 when unknown
	ModTime time.Time
	ETag    string // S3 only, without quotes
	// Open starts reading at the first byte. ctx must live as long as the
	// reader. A reader that is also an io.ReaderAt has the object's offset 0 at
	// its start.
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// ID is the delivery identity: bucket/key/etag or path/size/mtime in
// nanoseconds. An object that is replaced or has grown has a new one.
func (o Object) ID() string {
	if rest, ok := strings.CutPrefix(o.URI, "s3://"); ok {
		return rest + "/" + o.ETag
	}
	path := o.URI
	if u, err := url.Parse(o.URI); err == nil && u.Scheme == "file" {
		path = u.Path
	}
	return fmt.Sprintf("%s/%d/%d", path, o.Size, o.ModTime.UnixNano())
}

// Options steer Expand.
type Options struct {
	Region        string        // of the S3 client; empty: from the environment
	EndpointURL   string        // another S3 server
	RequesterPays bool          // accept the charges of such buckets
	Concurrency   int           // parallel list calls; default 8
	Follow        bool          // go on with what is delivered later, until ctx ends
	PollEvery     time.Duration // between looks when following; default 5 s for folders, 30 s for buckets
	After         string        // S3: only keys greater than this one
}

const (
	defaultPollFolder = 5 * time.Second
	defaultPollBucket = 30 * time.Second
)

// Expand lists what an argument names: a file, a folder (recursive, symlink
// loops guarded, hidden files and unfinished ones such as .tmp and .part
// skipped), "-" (standard input), or s3://bucket/prefix. Errors for single
// entries are yielded and do not stop the listing; an argument that names
// nothing yields one error. With Follow the sequence ends when ctx ends, without
// an error; otherwise an ended ctx yields its error last.
func Expand(ctx context.Context, arg string, opt Options) iter.Seq2[Object, error] {
	if opt.Concurrency <= 0 {
		opt.Concurrency = 8
	}
	if arg == "-" {
		return one(Object{URI: "-", Key: "-", Size: -1, ModTime: time.Now(), Open: openStdin})
	}
	if rest, ok := strings.CutPrefix(arg, "s3://"); ok {
		bucket, prefix, _ := strings.Cut(rest, "/")
		if bucket == "" {
			return failed(fmt.Errorf("%q names no bucket; write s3://bucket/prefix", arg))
		}
		if opt.Follow {
			return followBucket(ctx, bucket, prefix, opt)
		}
		return sorted(bucketObjects(ctx, bucket, prefix, opt), windowSize)
	}
	st, err := os.Stat(arg)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return failed(fmt.Errorf("%s does not exist", arg))
	case err != nil:
		return failed(fmt.Errorf("cannot look at %s: %w", arg, err))
	case opt.Follow && (st.IsDir() || st.Mode().IsRegular()):
		return followFolder(ctx, arg, opt)
	case st.IsDir():
		return sorted(folderObjects(ctx, arg), windowSize)
	}
	return one(fileObject(arg, st))
}

func one(o Object) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) { yield(o, nil) }
}

func failed(err error) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) { yield(Object{}, err) }
}

// openStdin does not offer ReadAt: a pipe has none, and a redirected file may
// not be at its start.
func openStdin(context.Context) (io.ReadCloser, error) {
	return io.NopCloser(struct{ io.Reader }{os.Stdin}), nil
}

func fileObject(path string, st fs.FileInfo) Object {
	abs, err := filepath.Abs(path)
	if err != nil {
		abs = path
	}
	size := st.Size()
	if !st.Mode().IsRegular() { // a pipe
		size = -1
	}
	return Object{
		URI: (&url.URL{Scheme: "file", Path: filepath.ToSlash(abs)}).String(),
		Key: filepath.ToSlash(path), Size: size, ModTime: st.ModTime(),
		Open: func(context.Context) (io.ReadCloser, error) { return os.Open(path) },
	}
}

// pause waits for d and reports whether ctx still lives.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
