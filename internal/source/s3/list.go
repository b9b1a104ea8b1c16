package s3

import (
	"context"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// Entry is one listed object.
type Entry struct {
	Bucket, Key  string
	Size         int64 // bytes
	ModTime      time.Time
	ETag         string // without quotes
	StorageClass string
}

// page is one answer to a list call.
type page struct {
	entries  []Entry
	prefixes []string
	err      error
}

// List yields all objects under prefix whose key is greater than startAfter, in
// no order. Prefixes that share a parent are listed in parallel. After an error
// the rest of the listing is still yielded; an error that concerns the whole
// bucket comes once. Folder markers (empty objects named like "logs/") are left
// out.
func (c *Client) List(ctx context.Context, bucket, prefix, startAfter string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		cl := c.forBucket(ctx, bucket)
		// Breadth first with a delimiter until there is enough to do in
		// parallel; from there on flat, since a call per day folder costs more
		// than the 1,000 keys of a page.
		frontier := []string{prefix}
		enough := 2 * c.opt.Concurrency
		for depth := 0; len(frontier) > 0 && len(frontier) < enough && depth < maxFanOutDepth; depth++ {
			var next []string
			for p := range c.listAll(ctx, cl, bucket, frontier, startAfter, "/") {
				next = append(next, p.prefixes...)
				if !yieldPage(p, yield) {
					return
				}
			}
			frontier = next
		}
		for p := range c.listAll(ctx, cl, bucket, frontier, startAfter, "") {
			if !yieldPage(p, yield) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(Entry{}, err)
		}
	}
}

// Prefixes yields the folders directly under prefix and the objects beside them.
func (c *Client) Prefixes(ctx context.Context, bucket, prefix string) (folders []string, objects []Entry, err error) {
	for p := range c.listAll(ctx, c.forBucket(ctx, bucket), bucket, []string{prefix}, "", "/") {
		folders = append(folders, p.prefixes...)
		objects = append(objects, p.entries...)
		if p.err != nil {
			err = p.err
		}
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return folders, objects, err
}

// maxFanOutDepth is enough for AWSLogs/<org>/<account>/<service>/<region>/.
const maxFanOutDepth = 6

func yieldPage(p page, yield func(Entry, error) bool) bool {
	for _, e := range p.entries {
		if !yield(e, nil) {
			return false
		}
	}
	return p.err == nil || yield(Entry{}, p.err)
}

// listAll lists several prefixes in parallel and yields their pages as they
// come. Breaking off stops the calls.
func (c *Client) listAll(ctx context.Context, cl *awss3.Client, bucket string, prefixes []string, startAfter, delimiter string) iter.Seq[page] {
	return func(yield func(page) bool) {
		ctx, cancel := context.WithCancel(ctx)
		pages := make(chan page)
		work := make(chan string)
		var wg sync.WaitGroup
		for range min(c.opt.Concurrency, len(prefixes)) {
			wg.Go(func() {
				for prefix := range work {
					c.listOne(ctx, cl, bucket, prefix, startAfter, delimiter, pages)
				}
			})
		}
		go func() {
			defer close(pages)
			defer wg.Wait()
			defer close(work)
			for _, p := range prefixes {
				if startAfter > p && !strings.HasPrefix(startAfter, p) {
					continue // all its keys lie before
				}
				select {
				case work <- p:
				case <-ctx.Done():
					return
				}
			}
		}()
		defer func() {
			cancel()
			for range pages { // let the workers end
			}
		}()
		for p := range pages {
			if !yield(p) {
				return
			}
		}
	}
}

func (c *Client) listOne(ctx context.Context, cl *awss3.Client, bucket, prefix, startAfter, delimiter string, pages chan<- page) {
	in := &awss3.ListObjectsV2Input{Bucket: &bucket, RequestPayer: c.payer()}
	if prefix != "" {
		in.Prefix = &prefix
	}
	// Inside of a folder, S3 and other servers disagree whether the folder of
	// startAfter itself is then named; ask for all and leave keys out here.
	if below, ok := strings.CutPrefix(startAfter, prefix); startAfter != "" && (delimiter == "" || !ok || !strings.Contains(below, delimiter)) {
		in.StartAfter = &startAfter
	}
	if delimiter != "" {
		in.Delimiter = &delimiter
	}
	for {
		out, err := cl.ListObjectsV2(ctx, in)
		if err != nil {
			send(ctx, pages, page{err: explain(ctx, "list", bucket, prefix, err)})
			return
		}
		var p page
		for _, o := range out.Contents {
			key := aws.ToString(o.Key)
			if key <= startAfter || strings.HasSuffix(key, "/") && aws.ToInt64(o.Size) == 0 {
				continue
			}
			p.entries = append(p.entries, Entry{Bucket: bucket, Key: key, Size: aws.ToInt64(o.Size),
				ModTime: aws.ToTime(o.LastModified), ETag: strings.Trim(aws.ToString(o.ETag), `"`),
				StorageClass: string(o.StorageClass)})
		}
		for _, cp := range out.CommonPrefixes {
			p.prefixes = append(p.prefixes, aws.ToString(cp.Prefix))
		}
		if !send(ctx, pages, p) || !aws.ToBool(out.IsTruncated) || aws.ToString(out.NextContinuationToken) == "" {
			return
		}
		in.ContinuationToken = out.NextContinuationToken
	}
}

func send(ctx context.Context, pages chan<- page, p page) bool {
	select {
	case pages <- p:
		return true
	case <-ctx.Done():
		return false
	}
}
