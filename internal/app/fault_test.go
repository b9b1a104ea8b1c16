package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ashiato/internal/service"
)

// mount runs mount and undoes it at the end; without the right to do so the test is skipped.
func mount(t *testing.T, dir string, args ...string) {
	t.Helper()
	if out, err := exec.Command("mount", append(args, dir)...).CombinedOutput(); err != nil {
		t.Skipf("mounting is not allowed here: %s", bytes.TrimSpace(out))
	}
	t.Cleanup(func() { exec.Command("umount", dir).Run() })
}

// manyFlows writes n flow logs of lines that do not compress well and returns every line.
func manyFlows(t *testing.T, dir string, n, lines int) map[string]int {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(n), 5))
	all := map[string]int{}
	for i := range n {
		var b strings.Builder
		for range lines {
			line := fmt.Sprintf("2 123456789012 eni-%017x 10.%d.%d.%d 198.51.100.%d %d 443 6 %d %d 1790856%03d 1790856999 ACCEPT OK", r.Int64N(1<<60), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(65536), r.IntN(1000), r.IntN(1e9), r.IntN(999))
			all[line]++
			b.WriteString(line + "\n")
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.log", i)), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func exported(t *testing.T, a *App) map[string]int {
	t.Helper()
	var b bytes.Buffer
	if _, err := a.Export(context.Background(), service.ExportRequest{}, &b); err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for line := range strings.Lines(b.String()) {
		out[strings.TrimSuffix(line, "\n")]++
	}
	return out
}

// hinted checks that an error says what to do.
func hinted(t *testing.T, err error, message, hint string) {
	t.Helper()
	var e *service.Error
	if !errors.As(err, &e) || !strings.Contains(e.Message, message) || !strings.Contains(e.Hint, hint) {
		t.Errorf("the error is %#v: %v, want %q and the hint %q", err, err, message, hint)
	}
}

// TestFullDisk fills a file system of 3 MiB: the run that meets its end fails, what was committed before is
// there, and everything is there once when there is room.
func TestFullDisk(t *testing.T) {
	dir, logs := t.TempDir(), t.TempDir()
	mount(t, dir, "-t", "tmpfs", "-o", "size=3m", "tmpfs")
	want := manyFlows(t, logs, 60, 3000)
	files, _ := filepath.Glob(logs + "/*.log")
	ctx := context.Background()
	failed := 0
	for len(files) > 0 {
		a, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.Ingest(ctx, service.IngestRequest{Paths: files[:5]}, nil)
		if err == nil {
			files = files[5:]
		} else {
			failed++
			hinted(t, err, "no space left", "make room")
			before := exported(t, a)
			if len(before) != 3000*(60-len(files)) {
				t.Errorf("%d records after the disk was full, want %d", len(before), 3000*(60-len(files)))
			}
			if failed == 1 { // full again
				if _, err := a.Ingest(ctx, service.IngestRequest{Paths: files[:5]}, nil); err == nil {
					t.Error("the disk is still full, but there is no error")
				}
			}
			if out, err := exec.Command("mount", "-o", "remount,size=64m", dir).CombinedOutput(); err != nil {
				t.Fatalf("%s", out)
			}
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	if failed != 1 {
		t.Errorf("%d runs failed, want 1", failed)
	}
	a, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if got := exported(t, a); !maps.Equal(got, want) {
		t.Errorf("%d different records, want %d", len(got), len(want))
	}
}

// TestReadOnlyDisk makes the data directory read-only, before it is opened and while it is open: it can be
// searched, and taking in says why it cannot.
func TestReadOnlyDisk(t *testing.T) {
	dir, logs, more := t.TempDir(), t.TempDir(), t.TempDir()
	mount(t, dir, "--bind", dir)
	want := manyFlows(t, logs, 2, 50)
	later := manyFlows(t, more, 3, 50)
	ctx := context.Background()
	a, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Ingest(ctx, service.IngestRequest{Paths: []string{logs}}, nil); err != nil {
		t.Fatal(err)
	}
	remount := func(how string) {
		if out, err := exec.Command("mount", "-o", "remount,bind,"+how, dir).CombinedOutput(); err != nil {
			t.Skipf("remounting is not allowed here: %s", bytes.TrimSpace(out))
		}
	}
	check := func(a *App, name string) {
		t.Helper()
		_, err := a.Ingest(ctx, service.IngestRequest{Paths: []string{more}}, nil)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		hinted(t, err, "read", "writ")
		if got := exported(t, a); !maps.Equal(got, want) {
			t.Errorf("%s: %d different records, want %d", name, len(got), len(want))
		}
		var b bytes.Buffer
		if _, err := a.SQL(ctx, service.SQLRequest{SQL: "SELECT count(*) AS n FROM events"}, &b); err != nil || !strings.Contains(b.String(), `"n":100}`) {
			t.Errorf("%s: SQL says %s (%v)", name, b.String(), err)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	remount("ro")
	if a, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	check(a, "opened read-only")
	a.Close()
	remount("rw")
	if a, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if _, err := a.Ingest(ctx, service.IngestRequest{Paths: []string{more}}, nil); err != nil {
		t.Fatal(err)
	}
	maps.Copy(want, later)
	if got := exported(t, a); !maps.Equal(got, want) {
		t.Errorf("%d different records, want %d", len(got), len(want))
	}
}

// TestPipeWithoutWriter names a pipe to which nobody writes: the run waits, and ends when it is interrupted.
func TestPipeWithoutWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	a := open(t)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := a.Ingest(ctx, service.IngestRequest{Paths: []string{path}}, nil)
		done <- err
	}()
	select {
	case err := <-done:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it hangs")
	}
	if f, err := os.OpenFile(path, os.O_RDWR, 0); err == nil { // lets go who still waits
		f.Close()
	}
}
