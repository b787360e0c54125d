package ui

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/report"
)

func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	at := time.Unix(0, 0)
	p := &Progress{W: &b, Terminal: true, Now: func() time.Time { return at }}
	p.Tell("reading 邮政", 10, 100)
	at = at.Add(50 * time.Millisecond)
	p.Tell("reading 邮政", 20, 100) // too soon to be drawn
	at = at.Add(1950 * time.Millisecond)
	p.Tell("reading 邮政", 50, 100)
	p.Tell("matching", 0, 0)
	p.Done()
	want := "\rreading 邮政  10 of 100  10%" +
		"\rreading 邮政  50 of 100  50%  25/s  2s left" +
		"\rmatching" + strings.Repeat(" ", 35) +
		"\r        \r"
	if got := b.String(); got != want {
		t.Errorf("drew\n%q, want\n%q", got, want)
	}
}

func TestProgressElsewhere(t *testing.T) {
	t.Parallel()
	var quiet, verbose bytes.Buffer
	for _, p := range []*Progress{{W: &quiet}, {W: &verbose, Verbose: true}} {
		p.Tell("reading", 1, 2)
		p.Tell("reading", 2, 2)
		p.Tell("matching", 0, 0)
		p.Done()
	}
	if quiet.Len() > 0 || verbose.String() != "reading\nmatching\n" {
		t.Errorf("quiet %q, verbose %q", quiet.String(), verbose.String())
	}
}

func TestError(t *testing.T) {
	t.Parallel()
	list := diag.List{{Pos: diag.Pos{File: "x.yaml", Line: 1, Column: 1}, Code: "a.b", Message: "one"}, {Pos: diag.Pos{File: "x.yaml"}, Code: "a.c", Message: "two"}}
	for want, err := range map[string]error{
		"error: boom\\x1b\n": errors.New("boom\x1b"),
		"x.yaml:1:1: one [a.b]\nx.yaml: two [a.c]\nerror: 2 problems\n": fmt.Errorf("load: %w", list),
	} {
		var b bytes.Buffer
		Error(&b, report.Style{}, err)
		if b.String() != want {
			t.Errorf("Error(%v) printed %q, want %q", err, b.String(), want)
		}
	}
}
