package lake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ashiato/internal/event"
	"ashiato/internal/lake/segment"
)

// A SidecarError says that a segment cannot be searched because its side-car is missing, damaged or of
// another version. Repair makes it again.
type SidecarError struct {
	Segment segment.Info
	Err     error
}

// Error names the segment.
func (e *SidecarError) Error() string {
	return fmt.Sprintf("the side-car of segment %s (%s, %s, %d events) cannot be read: %v", e.Segment.ID, e.Segment.Dataset, e.Segment.Day, e.Segment.Rows, e.Err)
}

// Unwrap returns what was wrong with the side-car.
func (e *SidecarError) Unwrap() error { return e.Err }

// Repairs says what Repair did.
type Repairs struct {
	Checked  int    `json:"checked"`  // live segments
	Repaired int    `json:"repaired"` // segments that have a side-car again
	Rows     int64  `json:"rows"`     // events in those
	Lost     []Lost `json:"lost"`     // segments that cannot be repaired, left as they are
}

// Lost is a segment whose Parquet file cannot be read, or not by this program.
type Lost struct {
	ID      string `json:"id"`
	Dataset string `json:"type"`
	Day     string `json:"day"`
	Rows    int64  `json:"rows"`
	File    string `json:"file"`
	Reason  string `json:"reason"`
}

// Repair looks at the files of every live segment and writes those again whose side-car cannot be read, from
// their Parquet files, with all records as they were. Readers keep what they hold, as with Compact. The caller
// has the writer's lock. schema returns the columns of a log type, nil for one that this program does not
// know.
func (l *Lake) Repair(ctx context.Context, schema func(dataset string) *event.Schema) (Repairs, error) {
	done := Repairs{Lost: []Lost{}}
	infos, err := l.Catalog.Segments(ctx)
	if err != nil {
		return done, err
	}
	w := segment.NewWriter()
	for _, i := range infos {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		done.Checked++
		reason, err := l.check(i)
		switch {
		case err != nil:
			return done, fmt.Errorf("repair %s: %w", i.ID, err)
		case reason == nil:
			continue
		}
		var damage *SidecarError
		var b *event.Batch
		if errors.As(reason, &damage) {
			b, reason = l.reread(i, schema(i.Dataset))
		}
		if reason != nil {
			done.Lost = append(done.Lost, Lost{ID: i.ID, Dataset: i.Dataset, Day: i.Day, Rows: i.Rows, File: l.DataPath(i), Reason: reason.Error()})
			continue
		}
		order := make([]uint32, b.N)
		for r := range order {
			order[r] = uint32(r)
		}
		if _, err := l.replace(ctx, w, []string{i.ID}, segment.Info{Dataset: i.Dataset, Day: i.Day, RawBytes: i.RawBytes}, b, order); err != nil {
			return done, fmt.Errorf("repair %s: %w", i.ID, err)
		}
		done.Repaired++
		done.Rows += i.Rows
	}
	return done, nil
}

// check says what is wrong with the files of a segment: a SidecarError, or why its events are lost. err is a
// failure that says nothing about the files.
func (l *Lake) check(i segment.Info) (damage, err error) {
	side := int64(0)
	s, err := segment.Open(l.DataPath(i), l.sidecarPath(i), i)
	switch {
	case errors.Is(err, segment.ErrSidecar):
		return &SidecarError{i, err}, nil
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("the file is missing"), nil
	case errors.Is(err, fs.ErrPermission):
		return err, nil
	case err != nil:
		return nil, err
	}
	defer s.Close()
	st, err := os.Stat(l.sidecarPath(i))
	if err == nil {
		side = st.Size()
		st, err = os.Stat(l.DataPath(i))
	}
	if err != nil {
		return nil, err
	}
	if st.Size()+side != i.Bytes {
		return fmt.Errorf("the file has %d bytes, not %d", st.Size(), i.Bytes-side), nil
	}
	return nil, nil
}

// reread fills a batch with the events of a segment's Parquet file.
func (l *Lake) reread(i segment.Info, s *event.Schema) (*event.Batch, error) {
	if s == nil {
		return nil, errors.New("this program does not know the log type: use a newer one")
	}
	b, err := readParquet(l.DataPath(i), s)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("the file is missing")
	case err != nil:
		return nil, err
	case int64(b.N) != i.Rows:
		return nil, fmt.Errorf("the file holds %d events, not %d", b.N, i.Rows)
	}
	var raw []byte
	last := i.MinTime
	for r := range b.N {
		if raw, err = b.Rebuild(raw[:0], r); err != nil {
			return nil, err
		}
		t := b.Cols[event.CTimestamp].Int(r)
		if t < last || t > i.MaxTime {
			return nil, fmt.Errorf("row %d has a time that does not follow the one before", r)
		}
		last = t
	}
	return b, nil
}

func (l *Lake) sidecarPath(i segment.Info) string { return filepath.Join(l.Dir(), i.SidecarFile()) }
