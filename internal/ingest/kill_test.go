package ingest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"ashiato/internal/ingest"
	"ashiato/internal/lake"
	"ashiato/internal/source"
)

// TestMain lets the test binary play the process that is killed.
func TestMain(m *testing.M) {
	if in := os.Getenv("ASHIATO_KILL_IN"); in != "" {
		if err := takeAsChild(in, os.Getenv("ASHIATO_KILL_LAKE")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func takeAsChild(in, dir string) error {
	l, err := lake.Open(dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	k, err := l.WaitLock(ctx, "kill test", func(error) {})
	if err != nil {
		return err
	}
	defer k.Unlock()
	if err := l.Sweep(ctx, 0); err != nil {
		return err
	}
	c := types(nil)
	if _, err := ingest.New(l, c).Run(ctx, source.Expand(ctx, in, source.Options{}), ingest.Options{EveryTime: 3 * time.Millisecond}); err != nil {
		return err
	}
	_, err = l.Compact(ctx, 4, c.SchemaOf)
	return err
}

// TestKill kills a process that takes in and compacts, 200 times at random moments (40 with -short), while
// new objects keep coming. Nothing may be lost or doubled, and no lock may stand in the way. The seed makes
// a run repeatable as far as the machine's timing is.
func TestKill(t *testing.T) {
	runs := 200
	if testing.Short() {
		runs = 40
	}
	rnd := rand.New(rand.NewPCG(20261020, 7))
	in, dir := t.TempDir(), t.TempDir()
	child := func() *exec.Cmd {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "ASHIATO_KILL_IN="+in, "ASHIATO_KILL_LAKE="+dir)
		c.Stderr = os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	const per = 40
	objects, killed := 0, 0
	for range runs {
		for range 1 + rnd.IntN(4) {
			write(t, fmt.Sprintf("%s/o%05d.json.gz", in, objects), zip(trail(objects*per, objects*per+per)))
			objects++
		}
		c := child()
		time.Sleep(time.Duration(rnd.IntN(45)) * time.Millisecond)
		c.Process.Kill()
		if err := c.Wait(); err != nil {
			killed++
		}
	}
	if err := child().Wait(); err != nil {
		t.Fatal(err)
	}
	l := open(t, dir)
	got := raws(t, l)
	total := 0
	for raw, n := range got {
		total += n
		if n != 1 {
			t.Fatalf("%d times: %s", n, raw)
		}
	}
	if total != objects*per {
		t.Errorf("%d events, want %d", total, objects*per)
	}
	if killed < runs/4 {
		t.Errorf("only %d of %d runs were killed before they ended: the test tests too little", killed, runs)
	}
	t.Logf("%d events in %d objects, %d of %d runs killed", total, objects, killed, runs)
}
