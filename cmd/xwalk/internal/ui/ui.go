// Package ui is what the verbs share in speaking to people: the progress
// line, and how errors and warnings look.
package ui

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/report"
)

// Problems are errors that do not hang together and are told together.
type Problems []error

// Err is p as an error, or nil when it is empty.
func (p Problems) Err() error {
	switch len(p) {
	case 0:
		return nil
	case 1:
		return p[0]
	}
	return p
}

// Error prints every problem on a line of its own.
func (p Problems) Error() string { return errors.Join(p...).Error() }

// Unwrap returns the problems.
func (p Problems) Unwrap() []error { return p }

// Error prints what went wrong. Problems with a place come one by one, with
// their lines; several are counted.
func Error(w io.Writer, s report.Style, err error) {
	if n := show(w, s, err); n > 1 {
		fmt.Fprintf(w, "%s %d problems\n", s.Red("error:"), n)
	}
}

// show prints the problems of err and says how many there are.
func show(w io.Writer, s report.Style, err error) (n int) {
	var many Problems
	var list diag.List
	switch {
	case errors.As(err, &many):
		for _, e := range many {
			n += show(w, s, e)
		}
		return n
	case errors.As(err, &list):
		for _, d := range list {
			fmt.Fprintf(w, "%s\n", clean(d.String()))
		}
		return len(list)
	}
	fmt.Fprintf(w, "%s %s\n", s.Red("error:"), message(err))
	return 1
}

// Warnings prints problems that do not stop anything.
func Warnings(w io.Writer, s report.Style, list diag.List) {
	for _, d := range list {
		fmt.Fprintf(w, "%s %s\n", s.Yellow("warning:"), clean(d.String()))
	}
}

func message(err error) string { return clean(err.Error()) }

// clean keeps the line breaks of a message that has several lines.
func clean(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.ReplaceAll(report.Clean(strings.ReplaceAll(l, "\t", "    ")), "\r", "")
	}
	return strings.Join(lines, "\n")
}
