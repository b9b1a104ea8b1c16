package app

import (
	"context"
	"time"

	"ashiato/internal/lake"
	"ashiato/internal/service"
)

// Compact implements service.Service.
func (a *App) Compact(ctx context.Context, q service.CompactRequest) (lake.Compaction, error) {
	if q.AtLeast < 0 {
		return lake.Compaction{}, invalid("the number of segments is negative")
	}
	var out lake.Compaction
	err := a.rewrite(ctx, q.Workspace, func(l *lake.Lake) (err error) {
		out, err = l.Compact(ctx, max(q.AtLeast, 2), a.types.SchemaOf)
		return err
	})
	return out, lakeError(err)
}

// Repair implements service.Service.
func (a *App) Repair(ctx context.Context, q service.RepairRequest) (lake.Repairs, error) {
	out := lake.Repairs{Lost: []lake.Lost{}}
	err := a.rewrite(ctx, q.Workspace, func(l *lake.Lake) (err error) {
		out, err = l.Repair(ctx, a.types.SchemaOf)
		return err
	})
	return out, lakeError(err)
}

// rewrite calls f, which replaces segments, with the writer's lock; not at all where nothing was taken in yet.
func (a *App) rewrite(ctx context.Context, workspace string, f func(*lake.Lake) error) error {
	w, err := a.reader(workspace)
	if err != nil {
		return err
	}
	if l, _, _, err := w.view(ctx); err != nil || l == nil {
		return err
	}
	_, release, err := a.writer(ctx, workspace, newReporter(nil))
	if err != nil {
		return err
	}
	defer release()
	w.compacting.Lock()
	defer w.compacting.Unlock()
	w.mu.Lock()
	l := w.lake
	w.mu.Unlock()
	if l == nil {
		return &service.Error{Kind: service.Unavailable, Message: "the program is stopping"}
	}
	return f(l)
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
			if _, err := l.Catalog.Expire(ctx, time.Now()); err != nil && ctx.Err() == nil {
				say("workspace %s: expiring old events: %v", name, err)
			}
			if err := l.Purge(ctx, lake.Grace); err != nil && ctx.Err() == nil {
				say("workspace %s: deleting replaced segments: %v", name, err)
			}
		}
	}
}
