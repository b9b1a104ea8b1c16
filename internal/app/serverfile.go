package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"ashiato/internal/service"
)

// serverFile is DATA/server.json: where the server of a data directory listens. Only the owner can read
// it, since the token lets verbs have the server read files.
type serverFile struct {
	Address  string    `json:"address"` // host:port
	Token    string    `json:"token"`
	Instance string    `json:"instance"` // as /healthz says it
	PID      int       `json:"pid"`
	Started  time.Time `json:"started"`
}

func serverPath(dir string) string { return filepath.Join(dir, "server.json") }

func readServerFile(dir string) (serverFile, error) {
	var f serverFile
	b, err := os.ReadFile(serverPath(dir))
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(b, &f); err != nil || f.Address == "" || f.Instance == "" {
		return f, errors.Join(err, fmt.Errorf("%s is damaged", serverPath(dir)))
	}
	return f, nil
}

// write puts the file in its place in one step.
func (f serverFile) write(dir string) error {
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	t, err := os.CreateTemp(dir, ".server-*.json") // mode 0600
	if err != nil {
		return err
	}
	_, err = t.Write(append(b, '\n'))
	if e := t.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(t.Name(), serverPath(dir))
	}
	if err != nil {
		os.Remove(t.Name())
	}
	return err
}

// remove deletes the file, unless another server has replaced it.
func (f serverFile) remove(dir string) {
	if now, err := readServerFile(dir); err == nil && now.Instance == f.Instance {
		os.Remove(serverPath(dir))
	}
}

// lockServer makes sure that a data directory has one server. The kernel takes the lock back from a
// process that dies.
func lockServer(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "server.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		e := &service.Error{Kind: service.Conflict, Message: "a server is running on " + dir + " already"}
		if s, err := readServerFile(dir); err == nil {
			e.Message += fmt.Sprintf(": process %d at http://%s, since %s", s.PID, s.Address, s.Started.Format(time.RFC3339))
			e.Hint = "use it, stop it, or give another --data"
		}
		return nil, e
	}
	return f, nil
}
