package app

import (
	"context"
	"fmt"

	"ashiato/internal/lake/catalog"
	"ashiato/internal/service"
)

const (
	defaultRejects = 20
	maxRejects     = 10_000
)

// Rejects implements service.Service.
func (a *App) Rejects(ctx context.Context, q service.RejectsRequest) (service.Rejects, error) {
	out := service.Rejects{Groups: []catalog.RejectCount{}, Recent: []catalog.Reject{}}
	if err := a.checkTypes(q.Type); err != nil {
		return out, err
	}
	w, err := a.reader(q.Workspace)
	if err != nil {
		return out, err
	}
	l, _, _, err := w.view(ctx)
	if err != nil || l == nil {
		return out, err
	}
	groups, err := l.Catalog.RejectCounts(ctx)
	if err != nil {
		return out, err
	}
	for _, g := range groups {
		if q.Type == "" || g.Dataset == q.Type {
			out.Groups = append(out.Groups, g)
		}
	}
	if q.Limit <= 0 {
		q.Limit = defaultRejects
	}
	q.Limit = min(q.Limit, maxRejects)
	recent, err := recentRejects(ctx, l.Catalog, q)
	out.Recent = append(out.Recent, recent...)
	return out, err
}

// recentRejects returns the rejects after an id, or the last ones.
func recentRejects(ctx context.Context, c *catalog.Catalog, q service.RejectsRequest) ([]catalog.Reject, error) {
	if q.After > 0 {
		return c.Rejects(ctx, catalog.RejectQuery{Dataset: q.Type, Limit: q.Limit, After: q.After})
	}
	var out []catalog.Reject
	for after := int64(0); ; {
		page, err := c.Rejects(ctx, catalog.RejectQuery{Dataset: q.Type, Limit: maxRejects, After: after})
		if err != nil {
			return nil, err
		}
		if len(page) > 0 {
			after = page[len(page)-1].ID
		}
		out = append(out, page...)
		out = append(out[:0], out[max(0, len(out)-q.Limit):]...)
		if len(page) < maxRejects {
			return out, nil
		}
	}
}

// Reject implements service.Service.
func (a *App) Reject(ctx context.Context, workspace string, id int64) (catalog.Reject, error) {
	missing := &service.Error{Kind: service.NotFound, Message: fmt.Sprintf("there is no reject %d", id), Hint: "ashiato rejects list shows them"}
	w, err := a.reader(workspace)
	if err != nil {
		return catalog.Reject{}, err
	}
	l, _, _, err := w.view(ctx)
	if err != nil {
		return catalog.Reject{}, err
	}
	if l == nil || id <= 0 {
		return catalog.Reject{}, missing
	}
	found, err := l.Catalog.Rejects(ctx, catalog.RejectQuery{ID: id, Data: true, Limit: 1})
	if err != nil {
		return catalog.Reject{}, err
	}
	if len(found) == 0 {
		return catalog.Reject{}, missing
	}
	return found[0], nil
}

// ReplayRejects implements service.Service.
func (a *App) ReplayRejects(ctx context.Context, q service.ReplayRequest) (service.ReplayResult, error) {
	if err := a.checkTypes(q.Type); err != nil {
		return service.ReplayResult{}, err
	}
	if q.ID != 0 {
		if _, err := a.Reject(ctx, q.Workspace, q.ID); err != nil {
			return service.ReplayResult{}, err
		}
	}
	w, err := a.reader(q.Workspace)
	if err != nil {
		return service.ReplayResult{}, err
	}
	if l, _, _, err := w.view(ctx); err != nil || l == nil {
		return service.ReplayResult{}, err
	}
	in, release, err := a.writer(ctx, q.Workspace, newReporter(nil))
	if err != nil {
		return service.ReplayResult{}, err
	}
	defer release()
	out, err := in.Replay(ctx, catalog.RejectQuery{ID: q.ID}, q.Type)
	return out, lakeError(err)
}
