package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"

	"ashiato/internal/decode"
	"ashiato/internal/decode/compress"
	"ashiato/internal/event"
	"ashiato/internal/logtype"
	"ashiato/internal/logtype/all"
)

// Limits are what the machine does with the same data at best, all cores.
type Limits struct {
	Gunzip    Cost  `json:"gunzip"`       // the product's decoder, plain bytes thrown away
	Parse     Cost  `json:"gunzip_parse"` // and the product's reader into batches that are thrown away
	Zstd      Cost  `json:"gunzip_zstd3"` // and zstd level 3 of the plain bytes, one stream per core
	ZstdBytes int64 `json:"zstd3_bytes"`
}

// objectFiles lists the objects below a folder, in order.
func objectFiles(dir string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(filepath.Join(dir, "AWSLogs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".gz") {
			out = append(out, path)
		}
		return err
	})
	slices.Sort(out)
	return out, err
}

// maxPlain bounds an object of a measurement; the generators stay far below.
const maxPlain = 1 << 30

// eachObject gives the plain bytes of every object to one function per core, made by start and ended by end.
func eachObject(ctx context.Context, files []string, start func() (take func(path string, plain []byte) error, end func() error, err error)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, runtime.GOMAXPROCS(0))
	for worker := range errs {
		wg.Go(func() {
			take, end, err := start()
			var d compress.Decoder
			var packed, plain []byte
			for err == nil && ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= len(files) {
					break
				}
				if packed, err = readFile(packed[:0], files[i]); err != nil {
					break
				}
				if plain, err = d.Gunzip(plain[:0], packed, maxPlain); err == nil {
					err = take(files[i], plain)
				}
				if err != nil {
					err = fmt.Errorf("%s: %w", files[i], err)
				}
			}
			if end != nil {
				err = errors.Join(err, end())
			}
			errs[worker] = errors.Join(err, ctx.Err())
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// readFile appends a file to dst.
func readFile(dst []byte, path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return dst, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return dst, err
	}
	dst = slices.Grow(dst, int(st.Size()))[:st.Size()]
	_, err = io.ReadFull(f, dst)
	return dst, err
}

// measureLimits runs the three passes over the objects of a folder.
func measureLimits(ctx context.Context, dir, dataset string, report func(step string)) (Limits, error) {
	var l Limits
	files, err := objectFiles(dir)
	if err != nil {
		return l, err
	}
	catalog, err := all.Catalog()
	if err != nil {
		return l, err
	}
	report("gunzip alone")
	if l.Gunzip, err = timed(func() error {
		return eachObject(ctx, files, func() (func(string, []byte) error, func() error, error) {
			return func(string, []byte) error { return nil }, nil, nil
		})
	}); err != nil {
		return l, err
	}
	report("gunzip and parse")
	if l.Parse, err = timed(func() error {
		return eachObject(ctx, files, func() (func(string, []byte) error, func() error, error) {
			return parseInto(catalog.Get(dataset)), nil, nil
		})
	}); err != nil {
		return l, err
	}
	report("gunzip and zstd -3")
	var size atomic.Int64
	l.Zstd, err = timed(func() error {
		return eachObject(ctx, files, func() (func(string, []byte) error, func() error, error) {
			z, err := zstd.NewWriter(counter{&size}, zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(3)), zstd.WithEncoderConcurrency(1))
			if err != nil {
				return nil, nil, err
			}
			return func(_ string, plain []byte) error { _, err := z.Write(plain); return err }, z.Close, nil
		})
	})
	l.ZstdBytes = size.Load()
	return l, err
}

type counter struct{ n *atomic.Int64 }

func (c counter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return len(p), nil
}

// batchRows is about how many rows the batch of a parse holds before it is emptied, as in taking in.
const batchRows = 250_000

// parseInto returns a function that parses objects of a log type into a batch; rejects are errors.
func parseInto(t *logtype.Compiled) func(path string, plain []byte) error {
	b := event.NewBatch(t.Schema)
	r := t.NewReader(b)
	return func(path string, plain []byte) error {
		if b.N > batchRows {
			b.Reset()
		}
		_, err := r.Read(decode.WholeWindow(plain, decode.DefaultMaxRecord), logtype.Object{Key: filepath.ToSlash(path)}, "0123456789abcdef0123456789abcdef", 0, 0, strict{})
		return err
	}
}

// strict is a logtype.Sink that takes no rejects.
type strict struct{}

func (strict) Row() error { return nil }
func (strict) Reject(data []byte, position, _ int64, reason error) error {
	return fmt.Errorf("record %d is rejected: %w: %.200q", position, reason, data)
}
