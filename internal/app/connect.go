package app

import (
	"context"
	"io"
	"time"

	"ashiato/internal/service"
	"ashiato/internal/web"
)

// healthTime is how long a server may take to say that it is there.
const healthTime = 2 * time.Second

// Connect returns the service over a data directory: a running server, or this process. What an ingest
// names "-" is read from stdin.
func Connect(ctx context.Context, dir string, stdin io.Reader) (service.Service, func() error, error) {
	if c := runningServer(ctx, dir, stdin); c != nil {
		return c, c.Close, nil
	}
	a, err := Open(dir)
	if err != nil {
		return nil, nil, err
	}
	return a, a.Close, nil
}

// runningServer returns a client of the directory's server, nil when none runs. A file that a killed
// server has left behind is ignored.
func runningServer(ctx context.Context, dir string, stdin io.Reader) *web.Client {
	f, err := readServerFile(dir)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	c := web.NewClient(f.Address, f.Token, stdin)
	if instance, err := c.Health(ctx); err != nil || instance != f.Instance {
		c.Close()
		return nil
	}
	return c
}
