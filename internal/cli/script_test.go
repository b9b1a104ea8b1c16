package cli_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// exits CODE ARGS… runs ashiato with standard input, if the script has set one, and checks the exit code.
// Output is compared with stdout and stderr as for exec.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARGS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec("ashiato", args[1:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

const patience = 20 * time.Second

// serverFile is what data/server.json says.
type serverFile struct {
	Address, Instance string
	PID               int
}

func readServer(ts *testscript.TestScript) (f serverFile, err error) {
	b, err := os.ReadFile(ts.MkAbs("data/server.json"))
	if err == nil {
		err = json.Unmarshal(b, &f)
	}
	return f, err
}

// waitserver waits until the server of the data directory answers.
func waitServer(ts *testscript.TestScript, _ bool, _ []string) {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		f, err := readServer(ts)
		if err != nil {
			continue
		}
		res, err := http.Get("http://" + f.Address + "/healthz")
		if err != nil {
			continue
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if strings.Contains(string(b), f.Instance) {
			return
		}
	}
	ts.Fatalf("no server answers")
}

// killserver SIGNAL ends the server of the data directory with KILL or TERM and waits until it is gone.
func killServer(ts *testscript.TestScript, _ bool, args []string) {
	f, err := readServer(ts)
	ts.Check(err)
	sig := map[string]syscall.Signal{"KILL": syscall.SIGKILL, "TERM": syscall.SIGTERM}[strings.ToUpper(args[0])]
	ts.Check(syscall.Kill(f.PID, sig))
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		state, err := os.ReadFile("/proc/" + strconv.Itoa(f.PID) + "/stat")
		if err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
	}
	ts.Fatalf("the server does not end")
}
