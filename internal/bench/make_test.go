package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"ashiato/internal/logtype"
	"ashiato/internal/logtype/all"
)

// kindHard are all kinds of data; hard exists for CloudTrail only.
var kindHard = []struct {
	kind string
	hard bool
}{{"cloudtrail", false}, {"cloudtrail", true}, {"vpcflow", false}, {"alb", false}, {"resolver", false}, {"waf", false}}

func makeObject(t testing.TB, kind string, n int64, hard bool, i int64) *object {
	p, err := newProducer(kind, n, 7, hard)
	if err != nil {
		t.Fatal(err)
	}
	o := &object{}
	p.fill(p.kind.generator(p.world), o, i)
	return o
}

// TestBytes pins the plain bytes and the key of objects: they are the same on every machine until Version changes.
func TestBytes(t *testing.T) {
	want := map[string]string{
		"cloudtrail": "009a1a2d8e789fe9", "cloudtrail hard": "1bba6ea199f8875f", "vpcflow": "2d416d87f3946d12",
		"alb": "dcacafb3bc9018fd", "resolver": "dc1152fa77061df7", "waf": "c4f3f7ea7c39fc49",
	}
	for _, k := range kindHard {
		h := sha256.New()
		for i := range int64(2) {
			o := makeObject(t, k.kind, 60_000, k.hard, i)
			h.Write([]byte(o.key))
			h.Write(o.plain)
		}
		name := k.kind
		if k.hard {
			name += " hard"
		}
		if got := hex.EncodeToString(h.Sum(nil)[:8]); got != want[name] {
			t.Errorf("%s: the hash is %s, was %s: raise Version when this is on purpose", name, got, want[name])
		}
	}
}

// TestSizes holds the mean size of a record to what docs/PERFORMANCE.md states.
func TestSizes(t *testing.T) {
	for kind, want := range map[string][2]int{"cloudtrail": {1200, 1500}, "vpcflow": {220, 270}, "alb": {600, 750}, "resolver": {350, 500}, "waf": {1000, 1300}} {
		for _, hard := range []bool{false, true} {
			if hard && kind != "cloudtrail" {
				continue
			}
			plain, records := 0, 0
			for i := range int64(8) {
				o := makeObject(t, kind, 400_000, hard, i)
				plain, records = plain+len(o.plain), records+len(o.start)
			}
			if mean := plain / records; mean < want[0] || mean > want[1] {
				t.Errorf("%s (hard %t): a record has %d bytes, not %d to %d", kind, hard, mean, want[0], want[1])
			}
		}
	}
}

// TestVariety counts the different calls and looks for the skew that the data claim.
func TestVariety(t *testing.T) {
	names, services := map[string]bool{}, map[string]bool{}
	for _, c := range calls {
		names[c.name], services[c.service] = true, true
	}
	if len(names) < 40 || len(services) < 8 {
		t.Errorf("%d calls of %d services", len(names), len(services))
	}
	for name := range slots {
		if _, err := compile("x{" + name + "}y"); err != nil {
			t.Error(err)
		}
	}
	if _, err := compile(`{"a":"{nosuch}"}`); err == nil {
		t.Error("a template with an unknown slot compiles")
	}
}

func TestCurve(t *testing.T) {
	c := newCurve(1000)
	last, byHour := int64(0), [24]int{}
	for i := range int64(1000) {
		at := c.at(i, 0)
		if at < last || at < start.UnixMilli() || at >= start.AddDate(0, 0, days).UnixMilli() {
			t.Fatalf("record %d is at %d, the one before at %d", i, at, last)
		}
		byHour[(at-start.UnixMilli())/hourMillis%24]++
		last = at
	}
	if byHour[11] < 3*byHour[3] {
		t.Errorf("%d records at 11, %d at 3: there is no night", byHour[11], byHour[3])
	}
	if big := newCurve(1 << 40); big.at(1<<39, 1<<15) < start.UnixMilli() {
		t.Error("large runs overflow")
	}
}

// TestMake makes all kinds twice with different numbers of workers, and parses every file: all of them are
// recognised, by content alone too, and give exactly the records that were made.
func TestMake(t *testing.T) {
	const n = 12_345
	catalog, err := all.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kindHard {
		one, four := t.TempDir(), t.TempDir()
		opt := MakeOptions{Kind: k.kind, Events: n, Seed: 3, Hard: k.hard, Dir: one, Workers: 1}
		m, err := Make(context.Background(), opt)
		if err != nil {
			t.Fatal(err)
		}
		opt.Dir, opt.Workers = four, 4
		if _, err := Make(context.Background(), opt); err != nil {
			t.Fatal(err)
		}
		files, err := objectFiles(one)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(files)) != m.Objects {
			t.Errorf("%s: %d files, %d objects", k.kind, len(files), m.Objects)
		}
		for _, f := range files {
			a, _ := os.ReadFile(f)
			rel, _ := filepath.Rel(one, f)
			if b, err := os.ReadFile(filepath.Join(four, rel)); err != nil || string(a) != string(b) {
				t.Errorf("%s differs between one worker and four: %v", rel, err)
			}
		}
		records := int64(0)
		err = eachObject(context.Background(), files, func() (func(string, []byte) error, func() error, error) {
			parse := parseInto(catalog.Get(m.Dataset))
			return func(path string, plain []byte) error {
				rel, _ := filepath.Rel(one, path)
				for _, key := range []string{rel, "x"} {
					if got, err := catalog.Recognise(&logtype.Object{Key: key}, plain[:min(len(plain), logtype.HeadSize)]); err != nil || got.Name != m.Dataset {
						t.Errorf("%s is not recognised as %s by the key %q: %v", rel, m.Dataset, key, err)
					}
				}
				return parse(path, plain)
			}, nil, nil
		})
		if err != nil {
			t.Error(err)
		}
		for i := range m.Objects {
			o := makeObject(t, k.kind, n, k.hard, i)
			records += int64(len(o.start))
			if !slices.IsSorted(o.times) {
				t.Errorf("%s: times of object %d are not in order", k.kind, i)
			}
		}
		if records != n {
			t.Errorf("%s: %d records of %d", k.kind, records, n)
		}
		opt.Seed++
		if _, err := Make(context.Background(), opt); err == nil {
			t.Errorf("%s: other data are made into the same folder", k.kind)
		}
	}
}
