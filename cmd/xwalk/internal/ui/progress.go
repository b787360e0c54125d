package ui

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/xwalk-id/xwalk/mapping/report"
)

// Progress shows how far a long step has come: on a terminal as one line
// that is rewritten, with rate and time left; else, where Verbose is set, as
// one line per step; else not at all. The zero value shows nothing. It may
// be told from several goroutines at once.
type Progress struct {
	W        io.Writer
	Terminal bool
	Verbose  bool
	Now      func() time.Time // nil: time.Now

	mu    sync.Mutex
	step  string
	since time.Time
	shown time.Time
	width int // of the line that stands on the terminal
}

const redraw = 100 * time.Millisecond

// Tell says that done of total units of a step are done; total 0 is unknown.
func (p *Progress) Tell(step string, done, total int64) {
	if p == nil || p.W == nil || !p.Terminal && !p.Verbose {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now
	if p.Now != nil {
		now = p.Now
	}
	at := now()
	if step != p.step {
		if p.Verbose {
			p.clear()
			fmt.Fprintf(p.W, "%s\n", report.Clean(step))
		}
		p.step, p.since, p.shown = step, at, time.Time{}
	}
	if !p.Terminal || at.Sub(p.shown) < redraw {
		return
	}
	p.shown = at
	p.draw(line(step, done, total, at.Sub(p.since)))
}

// Done takes the line off the terminal, so that results stand alone.
func (p *Progress) Done() {
	if p == nil || p.W == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *Progress) clear() {
	if p.width > 0 {
		p.draw("")
		fmt.Fprint(p.W, "\r")
		p.width = 0
	}
}

// draw overwrites the line; blanks cover what a longer one left.
func (p *Progress) draw(text string) {
	w := report.Width(text)
	fmt.Fprintf(p.W, "\r%s%s", text, strings.Repeat(" ", max(0, p.width-w)))
	p.width = w
}

// line is "reading shop  120,000 of 1,000,000  12%  400,000/s  2s left".
func line(step string, done, total int64, elapsed time.Duration) string {
	parts := []string{report.Clean(step)}
	switch {
	case total > 0 && done > 0:
		parts = append(parts, fmt.Sprintf("%s of %s", report.Number(done), report.Number(total)), fmt.Sprintf("%d%%", min(100, done*100/total)))
	case done > 0:
		parts = append(parts, report.Number(done))
	}
	if seconds := elapsed.Seconds(); seconds >= 1 && done > 0 {
		rate := float64(done) / seconds
		parts = append(parts, report.Number(int64(rate))+"/s")
		if total > done && rate > 0 {
			left := time.Duration(float64(total-done) / rate * float64(time.Second))
			parts = append(parts, left.Round(time.Second).String()+" left")
		}
	}
	return strings.Join(parts, "  ")
}
