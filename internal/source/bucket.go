package source

import (
	"context"
	"io"
	"iter"

	"ashiato/internal/source/s3"
)

func newS3(ctx context.Context, opt Options) (*s3.Client, error) {
	return s3.New(ctx, s3.Options{Region: opt.Region, EndpointURL: opt.EndpointURL,
		RequesterPays: opt.RequesterPays, Concurrency: opt.Concurrency})
}

// bucketObjects lists s3://bucket/prefix in no order.
func bucketObjects(ctx context.Context, bucket, prefix string, opt Options) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		c, err := newS3(ctx, opt)
		if err != nil {
			yield(Object{}, err)
			return
		}
		for o, err := range objects(c, c.List(ctx, bucket, prefix, opt.After)) {
			if !yield(o, err) {
				return
			}
		}
	}
}

// objects gives listed entries their way to be opened.
func objects(c *s3.Client, list iter.Seq2[s3.Entry, error]) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for e, err := range list {
			var o Object
			if err == nil {
				o = Object{URI: "s3://" + e.Bucket + "/" + e.Key, Key: e.Key, Size: e.Size, ModTime: e.ModTime, ETag: e.ETag,
					Open: func(ctx context.Context) (io.ReadCloser, error) { return c.Open(ctx, e) }}
			}
			if !yield(o, err) {
				return
			}
		}
	}
}
