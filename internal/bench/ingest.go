package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ashiato/internal/lake"
	"ashiato/internal/logtype/all"
)

// Disk is what a workspace takes, in bytes.
type Disk struct {
	Data     int64 `json:"data"`
	Sidecars int64 `json:"sidecars"`
	Catalog  int64 `json:"catalog"`
	Other    int64 `json:"other"`
	Segments int64 `json:"segments"`
}

// Total adds it up.
func (d Disk) Total() int64 { return d.Data + d.Sidecars + d.Catalog + d.Other }

func diskOf(dir string) (Disk, error) {
	var d Disk
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		i, err := e.Info()
		if err != nil {
			return err
		}
		switch name := e.Name(); {
		case strings.HasSuffix(name, ".parquet"):
			d.Data += i.Size()
			d.Segments++
		case strings.HasSuffix(name, ".idx"):
			d.Sidecars += i.Size()
		case strings.HasPrefix(name, "catalog.db"):
			d.Catalog += i.Size()
		default:
			d.Other += i.Size()
		}
		return nil
	})
	return d, err
}

// Compacted says what compaction did.
type Compacted struct {
	lake.Compaction
	Wall float64 `json:"wall_s"`
}

// Compact merges the small segments of a workspace and deletes what they replace at once: nobody may be
// reading.
func Compact(ctx context.Context, workspace string) (Compacted, error) {
	var out Compacted
	if _, err := os.Stat(filepath.Join(workspace, "catalog.db")); err != nil {
		return out, fmt.Errorf("there is no workspace to compact: %w", err)
	}
	types, err := all.Catalog()
	if err != nil {
		return out, err
	}
	l, err := lake.Open(workspace)
	if err != nil {
		return out, err
	}
	defer l.Close()
	lock, err := l.TryLock("ashiato bench compact")
	if err != nil {
		return out, err
	}
	defer lock.Unlock()
	start := time.Now()
	if out.Compaction, err = l.Compact(ctx, 2, types.SchemaOf); err != nil {
		return out, err
	}
	err = l.Sweep(ctx, 0)
	out.Wall = time.Since(start).Seconds()
	return out, err
}

// IngestOptions say what to take in and how the program is started.
type IngestOptions struct {
	MakeOptions
	Program []string          // the command line of this program, without a verb
	Keep    bool              // leave the lake behind
	Report  func(step string) // called as each step begins
}

// IngestReport is the outcome of a measurement of taking in.
type IngestReport struct {
	Machine   Machine   `json:"machine"`
	Data      Manifest  `json:"-"`
	Kind      string    `json:"kind"`
	Hard      bool      `json:"hard"`
	Events    int64     `json:"events"`
	Objects   int64     `json:"objects"`
	Plain     int64     `json:"plain_bytes"`
	Gzip      int64     `json:"gzip_bytes"`
	Limits    Limits    `json:"limits"`
	Ingest    Child     `json:"ingest"` // the whole process, its start and end included
	Rate      float64   `json:"events_per_s"`
	Before    Disk      `json:"disk_before"`
	Compact   Child     `json:"compact"`
	Compacted Compacted `json:"compacted"`
	After     Disk      `json:"disk_after"`
	Dir       string    `json:"dir"`
	Goals     []Goal    `json:"goals"`
}

// folder names the place of a data set or a lake below a folder.
func folder(dir, what string, m MakeOptions) string {
	name := fmt.Sprintf("%s-%s-%d-seed%d", what, m.Kind, m.Events, m.Seed)
	if m.Hard {
		name += "-hard"
	}
	return filepath.Join(dir, name)
}

// Ingest makes data, or takes those that are there, measures the limits and then taking in and compaction,
// each in a process of its own.
func Ingest(ctx context.Context, opt IngestOptions) (IngestReport, error) {
	r := IngestReport{Machine: ThisMachine()}
	k, err := KindOf(opt.Kind)
	if err != nil {
		return r, err
	}
	if opt.Events <= 0 {
		opt.Events = k.Events
	}
	dir := opt.Dir
	opt.MakeOptions.Dir = folder(dir, "data", opt.MakeOptions)
	opt.Report("make data in " + opt.MakeOptions.Dir)
	m, err := Make(ctx, opt.MakeOptions)
	if err != nil {
		return r, err
	}
	r.Data, r.Kind, r.Hard, r.Events, r.Objects, r.Plain, r.Gzip = m, m.Kind, m.Hard, m.Events, m.Objects, m.PlainBytes, m.GzipBytes
	if r.Limits, err = measureLimits(ctx, opt.MakeOptions.Dir, m.Dataset, opt.Report); err != nil {
		return r, err
	}
	opt.MakeOptions.Dir = dir
	r.Dir = folder(dir, "lake", opt.MakeOptions)
	if err := emptyLake(r.Dir); err != nil {
		return r, err
	}
	if !opt.Keep {
		defer os.RemoveAll(r.Dir)
	}
	workspace := filepath.Join(r.Dir, "workspaces", "default")
	opt.Report("take in")
	if r.Ingest, err = takeIn(ctx, opt.Program, r.Dir, filepath.Join(folder(dir, "data", opt.MakeOptions), "AWSLogs"), m.Events); err != nil {
		return r, err
	}
	r.Rate = float64(m.Events) / r.Ingest.Wall
	if r.Before, err = diskOf(workspace); err != nil {
		return r, err
	}
	opt.Report("compact")
	if r.Compact, err = runChild(ctx, opt.Program, &r.Compacted, "--data", r.Dir, "--json", "bench", "compact"); err != nil {
		return r, err
	}
	if r.After, err = diskOf(workspace); err != nil {
		return r, err
	}
	r.Goals = r.goals()
	return r, nil
}

// takeIn runs `ashiato ingest` over a folder, which must give so many events and no rejects.
func takeIn(ctx context.Context, program []string, lake, data string, events int64) (Child, error) {
	var out struct{ Events, Rejects, Failed, Duplicates int64 }
	c, err := runChild(ctx, program, &out, "--data", lake, "--json", "ingest", "--quiet", data)
	if err != nil {
		return c, err
	}
	if out.Events != events || out.Rejects+out.Failed+out.Duplicates > 0 {
		return c, fmt.Errorf("of %d events %d were taken in, with %d rejects, %d failures, %d duplicates", events, out.Events, out.Rejects, out.Failed, out.Duplicates)
	}
	return c, nil
}

// lakeMark is the file that says that a lake is a measurement's own, so that it may be deleted.
const lakeMark = ".bench-lake"

// emptyLake makes an empty data directory in place of an earlier measurement's.
func emptyLake(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		if _, err := os.Stat(filepath.Join(dir, lakeMark)); err != nil {
			return fmt.Errorf("%s exists and is no lake of a measurement: name another --dir", dir)
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, lakeMark), nil, 0o644)
}
