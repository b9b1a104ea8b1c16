package app

import (
	"context"

	"ashiato/internal/event"
	"ashiato/internal/lake"
	"ashiato/internal/service"
)

// Compact implements service.Service.
func (a *App) Compact(ctx context.Context, q service.CompactRequest) (lake.Compaction, error) {
	if q.AtLeast < 0 {
		return lake.Compaction{}, invalid("the number of segments is negative")
	}
	w, err := a.reader(q.Workspace)
	if err != nil {
		return lake.Compaction{}, err
	}
	if l, _, _, err := w.view(ctx); err != nil || l == nil {
		return lake.Compaction{}, err
	}
	_, release, err := a.writer(ctx, q.Workspace, newReporter(nil))
	if err != nil {
		return lake.Compaction{}, err
	}
	defer release()
	w.compacting.Lock()
	defer w.compacting.Unlock()
	w.mu.Lock()
	l := w.lake
	w.mu.Unlock()
	if l == nil {
		return lake.Compaction{}, &service.Error{Kind: service.Unavailable, Message: "the program is stopping"}
	}
	return l.Compact(ctx, max(q.AtLeast, 2), func(dataset string) *event.Schema {
		if t := a.types.Get(dataset); t != nil {
			return t.Schema
		}
		return nil
	})
}
