package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"ashiato/internal/service"
	"ashiato/internal/web"
)

// ServeOptions of a server.
type ServeOptions struct {
	Listen string                        // host:port, on the loopback interface
	Demo   bool                          // take in the samples
	Ready  func(address string)          // called when the server answers
	Say    func(format string, a ...any) // tells the operator something; may be called from any goroutine
}

// stopTime is how long answers that have begun may take when the server stops.
const stopTime = 30 * time.Second

// Serve runs the server of a data directory until ctx ends.
func Serve(ctx context.Context, dir string, opt ServeOptions) error {
	if err := checkListen(opt.Listen); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	lock, err := lockServer(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	a, err := Open(dir)
	if err != nil {
		return err
	}
	a.keep = true
	defer a.Close()
	l, err := net.Listen("tcp", opt.Listen)
	if err != nil {
		return &service.Error{Kind: service.Unavailable, Message: fmt.Sprintf("cannot listen on %s: %v", opt.Listen, err), Hint: "give another --listen; 127.0.0.1:0 takes a free port"}
	}
	ws := web.New(a, web.Options{FirehoseKey: os.Getenv("ASHIATO_FIREHOSE_KEY")})
	f := serverFile{Address: l.Addr().String(), Token: ws.Token(), Instance: ws.Instance(), PID: os.Getpid(), Started: time.Now().UTC().Truncate(time.Second)}
	running, stop := context.WithCancel(ctx)
	defer stop()
	hs := ws.HTTP(running)
	ended := make(chan error, 1)
	go func() { ended <- hs.Serve(l) }()
	if err := f.write(dir); err != nil {
		hs.Close()
		return err
	}
	defer f.remove(dir)
	if opt.Ready != nil {
		opt.Ready(f.Address)
	}
	background := make(chan struct{})
	go func() {
		defer close(background)
		a.lockWorkspaces(running, opt.Say)
		if opt.Demo {
			a.demo(running, opt.Say)
		}
		a.maintain(running, opt.Say)
	}()
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	stop()
	end, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if e := hs.Shutdown(end); e != nil {
		hs.Close()
	}
	<-background
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

// checkListen refuses addresses that others can reach: nobody can sign in yet.
func checkListen(listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return &service.Error{Kind: service.Invalid, Message: fmt.Sprintf("%q is no address to listen on", listen), Hint: "write 127.0.0.1:8480"}
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return &service.Error{Kind: service.Denied, Message: "the server listens on the loopback interface only, not on " + listen,
			Hint: "nobody can sign in yet, so it must not be reached from outside; write 127.0.0.1:8480 and use an SSH tunnel"}
	}
	return nil
}

// lockWorkspaces takes the writer's lock of every workspace, waiting for verbs that are writing.
func (a *App) lockWorkspaces(ctx context.Context, say func(string, ...any)) {
	names := a.names()
	if len(names) == 0 {
		names = []string{DefaultWorkspace}
	}
	for _, name := range names {
		w, err := a.workspace(name)
		if err == nil {
			_, _, err = w.writer(ctx, "ashiato up", func(holder string) { say("workspace %s: %s; what is taken in waits for it", name, holder) })
		}
		if err != nil && ctx.Err() == nil {
			say("workspace %s cannot be written: %v", name, err)
		}
	}
}

// Push implements web.Backend.
func (a *App) Push(ctx context.Context, workspace string, objects []web.PushObject) (service.IngestResult, error) {
	return a.push(ctx, workspace, "", pushed(objects))
}
