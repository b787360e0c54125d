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

// Error prints what went wrong. Problems with a place come one by one, with
// their lines, and are counted.
func Error(w io.Writer, s report.Style, err error) {
	var list diag.List
	if !errors.As(err, &list) {
		fmt.Fprintf(w, "%s %s\n", s.Red("error:"), message(err))
		return
	}
	for _, d := range list {
		fmt.Fprintf(w, "%s\n", clean(d.String()))
	}
	if len(list) > 1 {
		fmt.Fprintf(w, "%s %d problems\n", s.Red("error:"), len(list))
	}
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
