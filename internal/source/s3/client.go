// Package s3 lists and downloads objects of S3 and of servers that speak its
// protocol.
//
// Listings fan out over common prefixes. Downloads survive broken connections:
// they go on at the byte where they broke off, and never mix the bytes of two
// versions of an object. Errors say what to do: which setting, which IAM
// permission.
//
// Permissions needed: s3:ListBucket on the bucket, s3:GetObject on the objects.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Options configure a Client. The zero value takes everything from the
// environment, the shared configuration files and the instance, as the AWS
// command line does.
type Options struct {
	// Region overrides the configured one. The region of each bucket is found
	// out unless EndpointURL is set.
	Region string
	// EndpointURL is another S3 server, such as http://127.0.0.1:9000. Buckets
	// are then addressed by path.
	EndpointURL string
	// RequesterPays accepts the charges of buckets that ask for it.
	RequesterPays bool
	// Concurrency bounds parallel list calls; default 8.
	Concurrency int
	// Attempts is how often in a row a download may fail without one byte of
	// progress; default 5.
	Attempts int
	// IdleTimeout is how long a download may stand still before it counts as
	// broken; default 30 seconds.
	IdleTimeout time.Duration
}

// Client talks to one S3 server. It is safe for concurrent use.
type Client struct {
	opt Options
	cfg aws.Config

	mu      sync.Mutex
	regions map[string]*awss3.Client // by bucket
}

// defaultRegion is asked where a bucket is when no region is configured.
const defaultRegion = "us-east-1"

// New reads the AWS configuration; it makes no call.
func New(ctx context.Context, opt Options) (*Client, error) {
	if opt.Concurrency <= 0 {
		opt.Concurrency = 8
	}
	if opt.Attempts <= 0 {
		opt.Attempts = 5
	}
	if opt.IdleTimeout <= 0 {
		opt.IdleTimeout = 30 * time.Second
	}
	hc := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = 64 // a connection per worker is kept
		t.ResponseHeaderTimeout = opt.IdleTimeout
	})
	load := []func(*config.LoadOptions) error{config.WithHTTPClient(hc)}
	if opt.Region != "" {
		load = append(load, config.WithRegion(opt.Region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("read AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		cfg.Region = defaultRegion
	}
	return &Client{opt: opt, cfg: cfg, regions: map[string]*awss3.Client{}}, nil
}

func (c *Client) inRegion(region string) *awss3.Client {
	return awss3.NewFromConfig(c.cfg, func(o *awss3.Options) {
		o.Region = region
		if c.opt.EndpointURL != "" {
			o.BaseEndpoint = aws.String(c.opt.EndpointURL)
			o.UsePathStyle = true
		}
		// Other servers know few checksums, and the SDK would log a line for
		// each object that has none.
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		o.DisableLogOutputChecksumValidationSkipped = true
	})
}

// forBucket returns a client of the bucket's region, which the first call finds
// out. Concurrent first calls may ask twice, which does no harm.
func (c *Client) forBucket(ctx context.Context, bucket string) *awss3.Client {
	c.mu.Lock()
	cl := c.regions[bucket]
	c.mu.Unlock()
	if cl != nil {
		return cl
	}
	region, certain := c.cfg.Region, true
	if c.opt.EndpointURL == "" && c.cfg.BaseEndpoint == nil {
		var found string
		if found, certain = c.bucketRegion(ctx, bucket); certain {
			region = found
		}
	}
	cl = c.inRegion(region)
	if certain {
		c.mu.Lock()
		c.regions[bucket] = cl
		c.mu.Unlock()
	}
	return cl
}

// bucketRegion asks where a bucket is. S3 tells it in a header of every answer
// to HeadBucket, redirects (301) and refusals (403) included.
func (c *Client) bucketRegion(ctx context.Context, bucket string) (string, bool) {
	out, err := c.inRegion(c.cfg.Region).HeadBucket(ctx, &awss3.HeadBucketInput{Bucket: &bucket})
	if err == nil {
		return aws.ToString(out.BucketRegion), aws.ToString(out.BucketRegion) != ""
	}
	var re *awshttp.ResponseError
	if errors.As(err, &re) && re.Response != nil && re.Response.Response != nil {
		if r := re.Response.Header.Get("X-Amz-Bucket-Region"); r != "" {
			return r, true
		}
	}
	return "", false
}

func (c *Client) payer() types.RequestPayer {
	if c.opt.RequesterPays {
		return types.RequestPayerRequester
	}
	return ""
}
