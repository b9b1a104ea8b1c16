package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
)

// MakeOptions say which data to make.
type MakeOptions struct {
	Kind     string
	Events   int64
	Seed     uint64
	Hard     bool // unique parameters, rotating sessions and keys: what compresses worst
	Dir      string
	Workers  int                     // default: one per CPU; the bytes do not depend on it
	Progress func(done, total int64) // records, called by one goroutine at a time
}

// Manifest describes data that was made. It lies beside them in a hidden file, which taking in the folder skips.
type Manifest struct {
	Version    int         `json:"generator_version"`
	Kind       string      `json:"kind"`
	Dataset    string      `json:"type"`
	Events     int64       `json:"events"`
	Seed       uint64      `json:"seed"`
	Hard       bool        `json:"hard"`
	Complete   bool        `json:"complete"`
	Objects    int64       `json:"objects"`
	PlainBytes int64       `json:"plain_bytes"`
	GzipBytes  int64       `json:"gzip_bytes"`
	First      time.Time   `json:"first_event"`
	Last       time.Time   `json:"last_event"`
	Needles    []Needle    `json:"needles"`
	IDs        []sampledID `json:"ids"`
}

// Needle is a question with the number of events that it finds.
type Needle struct {
	Name  string `json:"name"`
	Query string `json:"query"` // KQL
	Hits  int64  `json:"hits"`
}

// sampledID is the id of an event and the SHA-256 of its record.
type sampledID struct {
	ID     string `json:"id"`
	SHA256 string `json:"sha256"`
}

// ManifestPath returns where the manifest of a kind lies in a folder.
func ManifestPath(dir, kind string) string { return filepath.Join(dir, ".bench-"+kind+".json") }

// ReadManifest reads the manifest of a kind; fs.ErrNotExist when nothing was made there.
func ReadManifest(dir, kind string) (Manifest, error) {
	var m Manifest
	b, err := os.ReadFile(ManifestPath(dir, kind))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("read manifest %s: %w", ManifestPath(dir, kind), err)
	}
	return m, nil
}

func (m Manifest) write(dir string) error {
	b, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(ManifestPath(dir, m.Kind), append(b, '\n'), 0o644)
}

func (m Manifest) sameData(o Manifest) bool {
	return m.Version == o.Version && m.Kind == o.Kind && m.Events == o.Events && m.Seed == o.Seed && m.Hard == o.Hard
}

// Make makes data, or finds that the folder holds them already. A folder with other data of the kind is an error.
func Make(ctx context.Context, opt MakeOptions) (Manifest, error) {
	p, err := newProducer(opt.Kind, opt.Events, opt.Seed, opt.Hard)
	if err != nil {
		return Manifest{}, err
	}
	m := Manifest{Version: Version, Kind: opt.Kind, Dataset: p.kind.Dataset, Events: opt.Events, Seed: opt.Seed, Hard: opt.Hard}
	switch have, err := ReadManifest(opt.Dir, opt.Kind); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return m, err
	case !have.sameData(m):
		return m, fmt.Errorf("%s holds other %s data (%d events, seed %d, hard %t, generator %d): name another folder", opt.Dir, opt.Kind, have.Events, have.Seed, have.Hard, have.Version)
	case have.Complete:
		return have, nil
	}
	if err := os.MkdirAll(opt.Dir, 0o755); err != nil {
		return m, err
	}
	if err := m.write(opt.Dir); err != nil { // an interrupted run is known to be ours
		return m, err
	}
	if err := p.run(ctx, opt, &m); err != nil {
		return m, fmt.Errorf("make %s data in %s: %w", opt.Kind, opt.Dir, err)
	}
	m.Complete = true
	return m, m.write(opt.Dir)
}

// producer makes the objects of a run.
type producer struct {
	kind   Kind
	world  *world
	plants []plant
}

func newProducer(kind string, n int64, seed uint64, hard bool) (*producer, error) {
	k, err := KindOf(kind)
	if err != nil {
		return nil, err
	}
	if n <= 0 {
		return nil, fmt.Errorf("%d is no number of events", n)
	}
	return &producer{k, newWorld(seed, n, hard), plan(kind, n)}, nil
}

func (p *producer) objects() int64 { return (p.world.n + p.kind.PerObject - 1) / p.kind.PerObject }

// fill makes an object with a generator that the caller keeps for itself.
func (p *producer) fill(g generator, o *object, i int64) {
	first := i * p.kind.PerObject
	n := min(p.kind.PerObject, p.world.n-first)
	o.reset(newRnd(p.world.seed, mixAll(uint64(len(p.kind.Name)), uint64(p.kind.Name[0]), uint64(i))), p.plants)
	g.fill(o, first, n)
}

// run makes all objects; the manifest's sums are put together in their order.
func (p *producer) run(ctx context.Context, opt MakeOptions, m *Manifest) error {
	workers := opt.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	type made struct {
		plain, packed int64
		first, last   int64
		ids           []sampledID
		tally         tally
	}
	all := make([]made, p.objects())
	var next, done atomic.Int64
	var mu sync.Mutex
	var failed error
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			g := p.kind.generator(p.world)
			var o object
			var packed bytes.Buffer
			z, _ := gzip.NewWriterLevel(nil, 6) // 6 is a valid level
			for {
				i := next.Add(1) - 1
				if i >= int64(len(all)) || ctx.Err() != nil {
					return
				}
				p.fill(g, &o, i)
				err := write(opt.Dir, &o, z, &packed)
				mu.Lock()
				if err != nil {
					failed = errors.Join(failed, err)
					next.Store(int64(len(all)))
				}
				if n := done.Add(int64(len(o.start))); opt.Progress != nil {
					opt.Progress(n, opt.Events)
				}
				mu.Unlock()
				all[i] = made{int64(len(o.plain)), int64(packed.Len()), o.times[0], o.times[len(o.times)-1], append([]sampledID(nil), o.ids...), o.tally}
			}
		})
	}
	wg.Wait()
	if err := errors.Join(failed, ctx.Err()); err != nil {
		return err
	}
	var sum tally
	for _, a := range all {
		m.Objects++
		m.PlainBytes += a.plain
		m.GzipBytes += a.packed
		m.IDs = append(m.IDs, a.ids...)
		sum.add(a.tally)
	}
	m.First, m.Last = time.UnixMilli(all[0].first).UTC(), time.UnixMilli(all[len(all)-1].last).UTC()
	m.Needles = needles(p, sum, m.IDs)
	return nil
}

func write(dir string, o *object, z *gzip.Writer, packed *bytes.Buffer) error {
	packed.Reset()
	z.Reset(packed)
	if _, err := z.Write(o.plain); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	path := filepath.Join(dir, filepath.FromSlash(o.key))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, packed.Bytes(), 0o644)
}

// needles turns what was planted and counted into questions.
func needles(p *producer, t tally, ids []sampledID) []Needle {
	hits := map[string]int64{}
	var order []plant
	for _, x := range p.plants {
		if x.what != "id" {
			if hits[x.text] == 0 {
				order = append(order, x)
			}
			hits[x.text]++
		}
	}
	out := []Needle{}
	for _, x := range order {
		n := Needle{Name: x.what, Query: `"` + x.text + `"`, Hits: hits[x.text]}
		if x.what == "substring" {
			n.Query = "*" + x.text[4:12] + "*"
		}
		out = append(out, n)
	}
	if p.kind.Name == "cloudtrail" {
		for _, id := range ids {
			out = append(out, Needle{"id", `"` + id.ID + `"`, 1})
		}
		out = append(out, Needle{"absent", `"` + absentToken + `"`, 0},
			Needle{"filter", "error.code: AccessDenied", t.denied}, Needle{"wildcard", "event.action: Describe*", t.describe})
	}
	return out
}

// absentToken occurs in no record.
const absentToken = "qzabsentneedle7731"

func hashOf(record []byte) string {
	h := sha256.Sum256(record)
	return hex.EncodeToString(h[:])
}
