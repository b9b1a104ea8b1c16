package app

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"ashiato/internal/lake"
	"ashiato/internal/service"
)

// contents is what a lake answers: how often each record is there, how many events each type has, and what
// searches find.
type contents struct {
	raw    map[string]int
	counts map[string]int64
}

func contentsOf(t *testing.T, a *App) contents {
	t.Helper()
	c := contents{map[string]int{}, map[string]int64{}}
	var b bytes.Buffer
	if _, err := a.Export(context.Background(), service.ExportRequest{Null: true}, &b); err != nil {
		t.Fatal(err)
	}
	for _, r := range strings.Split(b.String(), "\x00") {
		c.raw[r]++
	}
	for _, typ := range a.types.Types {
		c.counts["event.dataset: "+typ.Name] = 0
	}
	for _, q := range []string{"10.0.3.7", "203.0.113.12", "AssumeRole", "arn:aws:iam::111122223333", `event.category: network and destination.port: 443`, "event.action: *a*", "related.ip: 10.0.0.0/8"} {
		c.counts[q] = 0
	}
	for q := range c.counts {
		n, err := a.Count(context.Background(), service.Query{Query: q})
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		c.counts[q] = n.Count
	}
	return c
}

func (c contents) equal(t *testing.T, o contents) {
	t.Helper()
	if !maps.Equal(c.raw, o.raw) {
		t.Errorf("%d different records became %d, or their numbers differ", len(c.raw), len(o.raw))
	}
	for q, n := range c.counts {
		if o.counts[q] != n {
			t.Errorf("%s: %d, before %d", q, o.counts[q], n)
		}
	}
}

// otherVersion makes a whole side-car one of another version; at says which number of its head to raise.
func otherVersion(t *testing.T, b []byte, at int) []byte {
	t.Helper()
	length := binary.LittleEndian.Uint32(b[8:])
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	head, err := d.DecodeAll(b[16:16+length], nil)
	if err != nil {
		t.Fatal(err)
	}
	head[at]++
	e, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	z := e.EncodeAll(head, nil)
	out := binary.LittleEndian.AppendUint32(slices.Clone(b[:8]), uint32(len(z)))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(head)))
	out = append(append(out, z...), b[16+length:len(b)-4]...)
	return binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, crc32.MakeTable(crc32.Castagnoli)))
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// spoil damages the side-cars below a data directory, each in another way, and returns how many.
func spoil(t *testing.T, dir string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "workspaces/default/lake/*/*/*.idx"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%d side-cars (%v)", len(files), err)
	}
	other := read(t, files[len(files)-1])
	for i, f := range files {
		b := read(t, f)
		var bad []byte
		switch i % 8 {
		case 0:
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
			continue
		case 1:
			bad = b[:len(b)/2]
		case 2:
		case 3:
			bad = b
			bad[len(bad)/2] ^= 0x20
		case 4:
			bad = otherVersion(t, b, 0)
		case 5:
			bad = otherVersion(t, b, 1)
		case 6:
			bad = bytes.Repeat([]byte{0}, len(b))
		case 7:
			bad = other
			if i == len(files)-1 {
				bad = nil
			}
		}
		if err := os.WriteFile(f, bad, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return len(files)
}

// TestRepair takes all side-cars of a lake away, before and after compaction, and repairs it.
func TestRepair(t *testing.T) {
	a := withSamples(t)
	ctx := context.Background()
	for i := range 3 {
		if _, err := a.Ingest(ctx, service.IngestRequest{Paths: []string{flows(t, 4+i)}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	want := contentsOf(t, a)
	reopen := func() {
		dir := a.dir
		a.Close()
		var err error
		if a, err = Open(dir); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Close() })
	}
	check := func(name string) {
		t.Helper()
		reopen()
		n := spoil(t, a.dir)
		_, err := a.Count(ctx, service.Query{Query: "event.action: none"})
		var e *service.Error
		var s *lake.SidecarError
		if !errors.As(err, &e) || !errors.As(err, &s) || !strings.Contains(e.Hint, "ashiato repair") || !strings.Contains(e.Message, s.Segment.ID) {
			t.Errorf("%s: the error of a search is %v", name, err)
		}
		if _, err := a.Compact(ctx, service.CompactRequest{}); !errors.As(err, &s) && name == "many segments" {
			t.Errorf("the error of compact is %v", err)
		}
		r, err := a.Repair(ctx, service.RepairRequest{})
		if err != nil || r.Repaired != n || r.Checked != n || len(r.Lost) > 0 {
			t.Fatalf("%s: %+v, %v, want %d repaired", name, r, err, n)
		}
		want.equal(t, contentsOf(t, a))
		reopen()
		want.equal(t, contentsOf(t, a))
		if r, err = a.Repair(ctx, service.RepairRequest{}); err != nil || r.Repaired != 0 || r.Checked != n {
			t.Errorf("%s: repaired again: %+v, %v", name, r, err)
		}
		// the replaced files go away, so that the next round spoils live ones
		w, err := a.reader("")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.lake.Sweep(ctx, 0); err != nil {
			t.Fatal(err)
		}
	}
	check("many segments")
	if c, err := a.Compact(ctx, service.CompactRequest{}); err != nil || c.Merged == 0 {
		t.Fatalf("%+v, %v", c, err)
	}
	w, err := a.reader("")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.lake.Sweep(ctx, 0); err != nil {
		t.Fatal(err)
	}
	check("compacted")
}

// TestRepairLost damages Parquet files: what cannot be repaired is named and left alone.
func TestRepairLost(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, data, side string){
		"missing": func(t *testing.T, data, side string) { os.Remove(data) },
		"both missing": func(t *testing.T, data, side string) {
			os.Remove(data)
			os.Remove(side)
		},
		"truncated": func(t *testing.T, data, side string) {
			os.Truncate(data, int64(len(read(t, data))/2))
		},
		"truncated without side-car": func(t *testing.T, data, side string) {
			os.Truncate(data, int64(len(read(t, data))/2))
			os.Remove(side)
		},
		"zeroed pages": func(t *testing.T, data, side string) {
			b := read(t, data)
			clear(b[4 : len(b)/3])
			os.WriteFile(data, b, 0o600)
			os.Remove(side)
		},
		"footer": func(t *testing.T, data, side string) {
			b := read(t, data)
			for i := len(b) - 300; i < len(b)-8; i++ {
				b[i] ^= 0x55
			}
			os.WriteFile(data, b, 0o600)
			os.Remove(side)
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, ctx := open(t), context.Background()
			for range 2 {
				if _, err := a.Ingest(ctx, service.IngestRequest{Paths: []string{flows(t, 3)}}, nil); err != nil {
					t.Fatal(err)
				}
			}
			files, err := filepath.Glob(filepath.Join(a.dir, "workspaces/default/lake/*/*/*.parquet"))
			if err != nil || len(files) < 1 {
				t.Fatal(files, err)
			}
			damage(t, files[0], strings.TrimSuffix(files[0], ".parquet")+".idx")
			before, _ := os.ReadFile(files[0])
			r, err := a.Repair(ctx, service.RepairRequest{})
			if err != nil || r.Repaired != 0 || len(r.Lost) != 1 {
				t.Fatalf("%+v, %v", r, err)
			}
			l := r.Lost[0]
			if l.File != files[0] || l.Rows < 10 || l.Dataset != "aws.vpcflow" || l.Day != "2026-10-01" || l.ID == "" || l.Reason == "" {
				t.Errorf("%+v", l)
			}
			t.Log(l.Reason)
			if after, _ := os.ReadFile(files[0]); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

// TestRepairHostile flips bits of Parquet files without side-cars: repair says lost or gives as many events,
// and never panics.
func TestRepairHostile(t *testing.T) {
	a, ctx := withSamples(t), context.Background()
	dir := a.dir
	files, err := filepath.Glob(filepath.Join(dir, "workspaces/default/lake/aws.cloudtrail/*/*.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	whole, want := read(t, files[0]), contentsOf(t, a)
	total := 0
	for _, k := range want.raw {
		total += k
	}
	catalog := filepath.Join(dir, "workspaces/default/catalog.db")
	a.Close()
	saved := read(t, catalog)
	lost, changed := 0, 0
	for i := range 60 {
		os.Remove(catalog + "-wal")
		os.Remove(catalog + "-shm")
		if err := os.WriteFile(catalog, saved, 0o600); err != nil {
			t.Fatal(err)
		}
		b := slices.Clone(whole)
		at := i * len(b) / 60
		if i >= 30 { // the footer
			at = len(b) - 9 - i*13
		}
		b[at] ^= byte(1 << (i % 8))
		os.WriteFile(files[0], b, 0o600)
		os.Remove(strings.TrimSuffix(files[0], ".parquet") + ".idx")
		a, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		r, err := a.Repair(ctx, service.RepairRequest{})
		if err != nil || r.Repaired+len(r.Lost) != 1 {
			t.Errorf("byte %d: %+v, %v", at, r, err)
		}
		lost += len(r.Lost)
		if r.Repaired == 1 {
			n := 0
			for r, k := range contentsOf(t, a).raw {
				n += k
				if want.raw[r] == 0 {
					changed++
				}
			}
			if n != total {
				t.Errorf("byte %d: %d records, want %d", at, n, total)
			}
		}
		a.Close()
	}
	if lost == 0 {
		t.Error("no damage was noticed")
	}
	t.Logf("60 damaged files: %d lost, %d records changed, which no checksum tells", lost, changed)
}
