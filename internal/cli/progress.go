package cli

import (
	"fmt"
	"io"
	"time"

	"ashiato/internal/service"
)

const (
	// progressEvery is how often progress is printed where it is not a terminal.
	progressEvery = 10 * time.Second
	// maxFailures is how many objects that could not be read are named.
	maxFailures = 20
)

// progress tells on standard error how a run is going.
type progress struct {
	w        io.Writer
	tty      bool
	quiet    bool
	drawn    bool // a line without its end is on the terminal
	next     time.Time
	failures int
}

func newProgress(w io.Writer, quiet bool) *progress {
	return &progress{w: w, tty: isTerminal(w), quiet: quiet, next: time.Now().Add(progressEvery)}
}

func (p *progress) report(r service.IngestReport) {
	switch {
	case r.Waiting != "":
		p.line("waiting: " + r.Waiting)
	case r.Failed != nil:
		p.failures++
		switch {
		case p.failures < maxFailures:
			what := oneLine(r.Failed.Message, 0)
			if r.Failed.URI != "" {
				what = oneLine(r.Failed.URI, 0) + ": " + what
			}
			p.line("could not read: " + what)
		case p.failures == maxFailures:
			p.line("could not read further objects; the summary counts them")
		}
	case r.Progress != nil && !p.quiet:
		p.draw(progressText(r.Progress))
	}
}

func progressText(n *service.IngestProgress) string {
	s := fmt.Sprintf("%s, %s, %s, %s", plural(n.Objects+n.Known, "object"), plural(n.Events, "event"), plural(n.Rejects, "reject"), size(n.Bytes))
	seconds := n.Elapsed.Seconds()
	if seconds <= 0 {
		return s
	}
	s += fmt.Sprintf(", %s events/s", count(int64(float64(n.Events)/seconds)))
	if n.Complete && n.Handed > 0 && n.Handed < n.ListedSize {
		left := seconds * float64(n.ListedSize-n.Handed) / float64(n.Handed)
		s += fmt.Sprintf(", %s of %s, about %s left", size(n.Handed), size(n.ListedSize), age(time.Duration(left*float64(time.Second))))
	}
	return s
}

func (p *progress) draw(s string) {
	if p.tty {
		fmt.Fprintf(p.w, "\r\x1b[K%s", s)
		p.drawn = true
	} else if now := time.Now(); now.After(p.next) {
		p.next = now.Add(progressEvery)
		fmt.Fprintln(p.w, s)
	}
}

func (p *progress) line(s string) {
	p.end()
	fmt.Fprintln(p.w, s)
}

// end leaves the line that is being drawn.
func (p *progress) end() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.drawn = false
	}
}
