// Package bench makes native AWS logs from a seed and measures the program with them: taking in against
// the limits of the machine, and search over a lake of known content.
//
// The generators are deterministic to the byte: math/rand/v2's PCG, integer arithmetic only (compilers fuse
// floating point differently), nothing that depends on the clock or on the order of a map. Each object has a
// generator of its own, seeded with the run's seed and the object's number, so objects are made in parallel
// and any single one can be made again. Numbers, names and addresses are invented or set aside for
// documentation and benchmarks (RFC 2544, 3849, 5737).
//
// Needles are planted at known places; the manifest beside the data says which questions find how many.
package bench

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Version of the generators: it changes when the bytes that they make do.
const Version = 1

// Kind is a kind of log that can be made.
type Kind struct {
	Name      string // as on the command line
	Dataset   string // log type that takes it in
	PerObject int64  // records in one object
	Events    int64  // of a measurement, when no other number is asked for
	generator func(w *world) generator
}

// kinds are all kinds; the first is the default.
var kinds = []Kind{
	{Name: "cloudtrail", Dataset: "aws.cloudtrail", PerObject: 5_000, Events: 500_000, generator: newCloudTrail},
	{Name: "vpcflow", Dataset: "aws.vpcflow", PerObject: 25_000, Events: 5_000_000, generator: newVPCFlow},
	{Name: "alb", Dataset: "aws.alb", PerObject: 10_000, Events: 1_000_000, generator: newALB},
	{Name: "resolver", Dataset: "aws.route53resolver", PerObject: 10_000, Events: 500_000, generator: newResolver},
	{Name: "waf", Dataset: "aws.waf", PerObject: 5_000, Events: 500_000, generator: newWAF},
}

// Kinds returns all kinds; the first is the default.
func Kinds() []Kind { return slices.Clone(kinds) }

// KindOf returns a kind by name.
func KindOf(name string) (Kind, error) {
	var names []string
	for _, k := range kinds {
		if k.Name == name {
			return k, nil
		}
		names = append(names, k.Name)
	}
	return Kind{}, fmt.Errorf("there is no kind %q: write one of %s", name, strings.Join(names, ", "))
}

// generator makes the objects of one kind. One goroutine uses it.
type generator interface {
	// fill makes records first..first+n of a run into o, whose rnd is seeded for this object.
	fill(o *object, first, n int64)
}

// object is one delivered file while it is made.
type object struct {
	rnd
	plants []plant // of these records, in order of at

	key   string
	plain []byte
	start []int   // of each record in plain
	end   []int   // after its last byte, a line break left out
	times []int64 // event times, ms since 1970
	ids   []sampledID
	tally tally
}

// tally counts what questions ask for.
type tally struct{ denied, describe int64 }

func (t *tally) add(o tally) {
	t.denied += o.denied
	t.describe += o.describe
}

func (o *object) reset(r rnd, plants []plant) {
	*o = object{rnd: r, plants: plants, plain: o.plain[:0], start: o.start[:0], end: o.end[:0], times: o.times[:0], ids: o.ids[:0]}
}

// record notes that a record lies from start to the end of plain.
func (o *object) record(start int, ms int64) {
	o.start, o.end, o.times = append(o.start, start), append(o.end, len(o.plain)), append(o.times, ms)
}

// planted returns the plant of a record, nil for none. Calls go through the records in order.
func (o *object) planted(at int64) *plant {
	for len(o.plants) > 0 && o.plants[0].at < at {
		o.plants = o.plants[1:]
	}
	if len(o.plants) > 0 && o.plants[0].at == at {
		return &o.plants[0]
	}
	return nil
}

// plant is a needle at a record.
type plant struct {
	at   int64
	what string // "address", "key", "agent", "substring", "id"
	text string
}

// plan spreads the needles of a kind over a run of n records.
func plan(kind string, n int64) []plant {
	var all []plant
	taken := map[int64]bool{}
	put := func(what, text string, hits int64, offset int64) {
		for j := range hits {
			at := (j*n/hits + offset) % n
			for taken[at] {
				at = (at + 1) % n
			}
			taken[at] = true
			all = append(all, plant{at, what, text})
		}
	}
	ten := min(10, n/200)
	switch kind {
	case "cloudtrail":
		for k := range int64(needleSets) {
			put("address", needleAddress(kind, k), ten, 17+k*n/97)
			put("key", fmt.Sprintf("AKIABENCHNEEDLE%05d", 20000+k), ten, 31+k*n/89)
		}
		for k := range int64(2) {
			put("agent", fmt.Sprintf("zephyrscan%d", k), min(1000, n/20), 41+k)
		}
		put("substring", "plumqxwvtail42", min(25, n/100), 53)
		put("id", "", min(32, n/10), 61)
	case "vpcflow":
		for k := range int64(needleSets) {
			put("address", needleAddress(kind, k), ten, 17+k*n/97)
		}
	}
	slices.SortFunc(all, func(a, b plant) int { return cmp.Compare(a.at, b.at) })
	return all
}

// needleSets is how many needles of a kind there are, so that a question can be repeated with another text.
const needleSets = 8

// needleAddress is an address that nothing else uses.
func needleAddress(kind string, k int64) string {
	if kind == "vpcflow" {
		return fmt.Sprintf("198.19.200.%d", 20+k)
	}
	return fmt.Sprintf("198.19.77.%d", 20+k)
}
