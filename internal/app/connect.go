package app

import (
	"context"

	"ashiato/internal/service"
)

// Connect returns the service over a data directory: a running server, or this process.
func Connect(ctx context.Context, dir string) (service.Service, func() error, error) {
	a, err := Open(dir)
	if err != nil {
		return nil, nil, err
	}
	return a, a.Close, nil
}
