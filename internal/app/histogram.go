package app

import (
	"context"
	"time"

	"ashiato/internal/engine/scan"
	"ashiato/internal/service"
)

// steps are the lengths that a histogram's bars may have when nobody names one.
var steps = []time.Duration{
	time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second,
	time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour, 365 * 24 * time.Hour,
}

const (
	defaultBuckets = 60
	maxBuckets     = 10_000
)

// Histogram implements service.Service.
func (a *App) Histogram(ctx context.Context, q service.HistogramRequest) (service.Histogram, error) {
	s, err := a.prepare(ctx, q.Query)
	if err != nil {
		return service.Histogram{}, err
	}
	first, end := s.span()
	n := q.Buckets
	if n <= 0 {
		n = defaultBuckets
	}
	step := q.Interval
	switch {
	case step < 0 || step > 0 && step < time.Millisecond:
		return service.Histogram{}, invalid("an interval has at least a millisecond")
	case step == 0:
		step = nearestStep(time.Duration(end-first)*time.Microsecond, min(n, maxBuckets))
	case (end-first)/step.Microseconds() > maxBuckets:
		return service.Histogram{}, &service.Error{Kind: service.TooLarge, Message: "the interval gives more than 10,000 bars", Hint: "narrow the time range or take a longer interval"}
	}
	out := service.Histogram{Interval: step.Seconds(), Buckets: []scan.Bucket{}}
	if s.empty {
		return out, nil
	}
	bars, stats, err := s.engine.Histogram(ctx, s.snap, s.query, step.Microseconds())
	if bars != nil {
		out.Buckets = bars
	}
	out.Stats = stats
	return out, kqlError(err, q.Query.Query)
}

// span returns the time that the query can match in, µs.
func (s *searching) span() (first, end int64) {
	for i, seg := range s.snap.Segments {
		if i == 0 || seg.MinTime < first {
			first = seg.MinTime
		}
		end = max(end, seg.MaxTime+1)
	}
	if s.query.From != 0 {
		first = s.query.From
	}
	if s.query.To != 0 {
		end = s.query.To
	}
	return first, max(first, end)
}

func nearestStep(span time.Duration, buckets int) time.Duration {
	for _, s := range steps {
		if span/s < time.Duration(buckets) {
			return s
		}
	}
	return steps[len(steps)-1]
}
