package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Machine describes what a measurement ran on.
type Machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Memory int64  `json:"memory_bytes"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
}

// String is one line for a report.
func (m Machine) String() string {
	return fmt.Sprintf("%s, %d cores, %.0f GB of memory, %s, %s", m.CPU, m.Cores, float64(m.Memory)/1e9, m.Kernel, m.Go)
}

// ThisMachine describes the machine. What cannot be read stays empty.
func ThisMachine() Machine {
	m := Machine{CPU: runtime.GOARCH, Cores: runtime.GOMAXPROCS(0), Go: runtime.Version()}
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if v := field(string(b), "model name"); v != "" {
			m.CPU = v
		}
	}
	if b, err := os.ReadFile("/proc/meminfo"); err == nil {
		m.Memory = kilobytes(field(string(b), "MemTotal"))
	}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		m.Kernel = unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:])
	}
	return m
}

// field returns the first value of a name in text of "name: value" lines.
func field(text, name string) string {
	for line := range strings.Lines(text) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func kilobytes(s string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSuffix(s, " kB"), 10, 64)
	return n << 10
}

// Cost is what a step took.
type Cost struct {
	Wall float64 `json:"wall_s"`
	CPU  float64 `json:"cpu_s"` // user and system, all cores
}

// cpuSeconds is what this process has used so far.
func cpuSeconds() float64 {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// timed runs f and says what it cost.
func timed(f func() error) (Cost, error) {
	start, cpu := time.Now(), cpuSeconds()
	err := f()
	return Cost{time.Since(start).Seconds(), cpuSeconds() - cpu}, err
}

// Child is a run of the program in a process of its own.
type Child struct {
	Cost
	PeakRSS int64 `json:"peak_rss_bytes"` // VmHWM; 0 where the system does not tell
}

// pollEvery is how often a child's peak is read: what it gains after the last look is missed, and a process
// keeps no peak that outlives it. (The kernel's ru_maxrss will not do: a child inherits its parent's.)
const pollEvery = 5 * time.Millisecond

// runChild runs a program and decodes the JSON document that it prints.
func runChild(ctx context.Context, program []string, into any, args ...string) (Child, error) {
	var c Child
	args = append(program[1:len(program):len(program)], args...)
	cmd := exec.CommandContext(ctx, program[0], args...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return c, fmt.Errorf("start %s: %w", program[0], err)
	}
	ended, polled := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(polled)
		for {
			c.PeakRSS = max(c.PeakRSS, peakRSS(cmd.Process.Pid))
			select {
			case <-ended:
				return
			case <-time.After(pollEvery):
			}
		}
	}()
	err := cmd.Wait()
	c.Wall = time.Since(start).Seconds()
	close(ended)
	<-polled
	if s := cmd.ProcessState; s != nil {
		c.CPU = (s.UserTime() + s.SystemTime()).Seconds()
	}
	if err != nil {
		return c, fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(errOut.Bytes()))
	}
	if err := json.Unmarshal(out.Bytes(), into); err != nil {
		return c, fmt.Errorf("%s printed no JSON document: %w", strings.Join(args, " "), err)
	}
	return c, nil
}

func peakRSS(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	return kilobytes(field(string(b), "VmHWM"))
}
