// Package testserver starts real servers for tests: on a free port of the
// loopback interface, in a temporary folder, stopped with the test. Tools are
// installed once into a cache folder outside the tree; a test is skipped only
// where that cannot be done.
package testserver

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

const versityGWVersion = "v1.8.0"

// StartVersityGW starts an S3 server that checks signatures and returns its
// endpoint URL and the credentials of its root user. Buckets are the folders in
// a temporary folder.
func StartVersityGW(t testing.TB) (endpoint, accessKey, secretKey string) {
	t.Helper()
	bin := versityGW(t)
	addr := freeAddress(t)
	accessKey, secretKey = "test", "testtest"
	var log bytes.Buffer
	cmd := exec.Command(bin, "--port", addr, "posix", t.TempDir())
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+accessKey, "ROOT_SECRET_KEY="+secretKey)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatalf("start versitygw: %v", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	endpoint = "http://" + addr
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		select {
		case <-ended:
			t.Fatalf("versitygw ended: %s", log.String())
		default:
		}
		if res, err := http.Get(endpoint); err == nil {
			res.Body.Close()
			return endpoint, accessKey, secretKey
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("versitygw does not answer")
	return "", "", ""
}

// ToolDir is where installed tools are kept: $XDG_CACHE_HOME/ashiato-tools.
func ToolDir(t testing.TB) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("no cache folder for tools: %v", err)
	}
	return filepath.Join(cache, "ashiato-tools", "bin")
}

var installing sync.Mutex

// versityGW returns the path of the server, building it (2 minutes) when it is
// not in the cache.
func versityGW(t testing.TB) string {
	t.Helper()
	installing.Lock()
	defer installing.Unlock()
	dir := ToolDir(t)
	bin := filepath.Join(dir, "versitygw-"+versityGWVersion)
	if _, err := os.Stat(bin); err == nil {
		return bin
	}
	// Built beside its place and renamed, since other test processes may look
	// for it at the same time.
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Skipf("cannot keep tools: %v", err)
	}
	build, err := os.MkdirTemp(dir, "build-*")
	if err != nil {
		t.Skipf("cannot keep tools: %v", err)
	}
	defer os.RemoveAll(build)
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "install", "github.com/versity/versitygw/cmd/versitygw@"+versityGWVersion)
	cmd.Dir = build // outside of this module
	cmd.Env = append(os.Environ(), "GOBIN="+build, "GOFLAGS=-buildvcs=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("cannot install versitygw: %v\n%s", err, out)
	}
	if err := os.Rename(filepath.Join(build, "versitygw"), bin); err != nil {
		t.Skipf("cannot keep versitygw: %v", err)
	}
	return bin
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
