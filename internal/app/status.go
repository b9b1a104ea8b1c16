package app

import (
	"time"

	"ashiato/internal/lake/catalog"
	"ashiato/internal/service"
)

// lag is how long ago the last event happened, in seconds.
func lag(last *time.Time) float64 {
	if last == nil {
		return 0
	}
	return time.Since(*last).Round(time.Second).Seconds()
}

// sum adds a type to the total.
func sum(total *service.TypeStatus, t catalog.TypeStatus) {
	total.Events += t.Events
	total.Days = max(total.Days, t.Days)
	total.Segments += t.Segments
	total.Bytes += t.Bytes
	total.RawBytes += t.RawBytes
	total.Objects += t.Objects
	total.ObjectSize += t.ObjectSize
	total.Rejects += t.Rejects
	total.Duplicates += t.Duplicates
	total.First = earliest(total.First, t.First)
	total.Last = latest(total.Last, t.Last)
	total.LastTaken = latest(total.LastTaken, t.LastTaken)
}

func earliest(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.Before(*a) {
		return b
	}
	return a
}

func latest(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.After(*a) {
		return b
	}
	return a
}
