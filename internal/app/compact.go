package app

import (
	"context"
	"time"

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

const (
	// maintainEvery is how often a server looks for small segments to merge.
	maintainEvery = time.Minute
	// maintainAtLeast small segments of a type and day are worth merging.
	maintainAtLeast = 8
)

// maintain merges small segments and deletes replaced ones while a server runs.
func (a *App) maintain(ctx context.Context, say func(string, ...any)) {
	t := time.NewTicker(maintainEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		for _, name := range a.names() {
			if _, err := a.Compact(ctx, service.CompactRequest{Workspace: name, AtLeast: maintainAtLeast}); err != nil && ctx.Err() == nil {
				say("workspace %s: merging small segments: %v", name, err)
				continue
			}
			w, err := a.workspace(name)
			if err != nil {
				continue
			}
			w.mu.Lock()
			l, locked := w.lake, w.lock != nil
			w.mu.Unlock()
			if l == nil || !locked {
				continue
			}
			if err := l.Purge(ctx, lake.Grace); err != nil && ctx.Err() == nil {
				say("workspace %s: deleting replaced segments: %v", name, err)
			}
		}
	}
}
