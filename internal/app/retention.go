package app

import (
	"context"
	"time"

	"ashiato/internal/lake"
	"ashiato/internal/lake/catalog"
	"ashiato/internal/service"
)

// Retain implements service.Service.
func (a *App) Retain(ctx context.Context, q service.RetainRequest) (service.Retained, error) {
	out := service.Retained{Types: []catalog.Retention{}}
	if q.Type != "" && a.types.Get(q.Type) == nil {
		return out, &service.Error{Kind: service.NotFound, Message: "there is no log type " + q.Type, Hint: "ashiato types lists them"}
	}
	if q.Days < 0 {
		return out, invalid("events cannot be kept for a negative number of days")
	}
	if q.Type == "" {
		w, err := a.reader(q.Workspace)
		if err != nil {
			return out, err
		}
		l, _, _, err := w.view(ctx)
		if err != nil || l == nil {
			return out, err
		}
		out.Types, err = l.Catalog.Retentions(ctx)
		return out, err
	}
	// a workspace that is not there yet is made: the setting must not get lost
	_, release, err := a.writer(ctx, q.Workspace, newReporter(nil))
	if err != nil {
		return out, err
	}
	release()
	err = a.rewrite(ctx, q.Workspace, func(l *lake.Lake) (err error) {
		if err = l.Catalog.SetRetention(ctx, catalog.Retention{Dataset: q.Type, Days: q.Days}); err != nil {
			return err
		}
		if out.Expired, err = l.Catalog.Expire(ctx, time.Now()); err != nil {
			return err
		}
		out.Types, err = l.Catalog.Retentions(ctx)
		return err
	})
	return out, err
}
