package catalog

import (
	"context"
	"fmt"
	"time"
)

// Retention says how long events of a log type are kept, counted from their event time.
type Retention struct {
	Dataset string `json:"type"`
	Days    int    `json:"days"`
}

// Retentions lists the log types whose events expire. The others are kept for ever.
func (c *Catalog) Retentions(ctx context.Context) ([]Retention, error) {
	rows, err := c.db.QueryContext(ctx, "SELECT dataset, days FROM retention ORDER BY dataset")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Retention{}
	for rows.Next() {
		var r Retention
		if err := rows.Scan(&r.Dataset, &r.Days); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// SetRetention sets how many days events of a type are kept; 0 is for ever.
func (c *Catalog) SetRetention(ctx context.Context, r Retention) error {
	if r.Days < 0 {
		return fmt.Errorf("events cannot be kept for %d days", r.Days)
	}
	var err error
	if r.Days == 0 {
		_, err = c.db.ExecContext(ctx, "DELETE FROM retention WHERE dataset = ?", r.Dataset)
	} else {
		_, err = c.db.ExecContext(ctx, "INSERT OR REPLACE INTO retention VALUES (?, ?)", r.Dataset, r.Days)
	}
	return err
}

// Expire takes the segments out of the lake whose days are over for their log type, and returns how many events
// they held. A segment is of one day and goes as a whole when that day does.
func (c *Catalog) Expire(ctx context.Context, now time.Time) (events int64, err error) {
	retentions, err := c.Retentions(ctx)
	if err != nil {
		return 0, err
	}
	for _, r := range retentions {
		before := now.UTC().AddDate(0, 0, -r.Days).Format("2006-01-02")
		tx, err := c.db.BeginTx(ctx, nil)
		if err != nil {
			return events, err
		}
		var n int64
		if err = tx.QueryRowContext(ctx, "SELECT coalesce(sum(rows), 0) FROM segments WHERE dataset = ? AND dead IS NULL AND day < ?", r.Dataset, before).Scan(&n); err == nil {
			_, err = tx.ExecContext(ctx, "UPDATE segments SET dead = ? WHERE dataset = ? AND dead IS NULL AND day < ?", now.UnixMicro(), r.Dataset, before)
		}
		if err == nil {
			err = tx.Commit()
		}
		if err != nil {
			tx.Rollback()
			return events, err
		}
		events += n
	}
	return events, nil
}
