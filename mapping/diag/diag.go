// Package diag describes problems that a person can mend in a file: where,
// what was found, what was expected, and what to try.
//
// A [Diagnostic] prints as
//
//	xwalk.yaml:12:5: unknown key "pth" [config.unknown_key]
//	  12 |     pth: legacy.csv
//	     |     ^^^
//	  hint: did you mean "path"?
//
// Checks collect all of them in a [List] rather than stopping at the first.
package diag

import (
	"fmt"
	"sort"
	"strings"
)

// Pos is a place in a text file. Line and Column are 1-based; Column counts
// characters, not bytes. A zero Line means that the place is not known.
type Pos struct {
	File   string
	Line   int
	Column int
}

// String is "file:line:column", shortened to what is known.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
}

// Diagnostic is one problem. Code is stable and dotted
// ("config.unknown_key"), so that programs can branch on it. Snippet is the
// source line, empty where there is none to show; Width is how many
// characters of it are at fault, at least 1.
type Diagnostic struct {
	Pos     Pos
	Code    string
	Message string
	Hint    string
	Snippet string
	Width   int
}

// String prints the problem as people read it, over several lines.
func (d Diagnostic) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s [%s]", d.Pos, d.Message, d.Code)
	if d.Snippet != "" && d.Pos.Line > 0 {
		no := fmt.Sprintf("%d", d.Pos.Line)
		fmt.Fprintf(&b, "\n  %s | %s", no, d.Snippet)
		if d.Pos.Column > 0 {
			fmt.Fprintf(&b, "\n  %s | %s%s", strings.Repeat(" ", len(no)),
				indent(d.Snippet, d.Pos.Column-1), strings.Repeat("^", max(1, d.Width)))
		}
	}
	if d.Hint != "" {
		fmt.Fprintf(&b, "\n  hint: %s", d.Hint)
	}
	return b.String()
}

// indent is as wide as the first n characters of line on a terminal: tabs
// are kept and wide characters count twice.
func indent(line string, n int) string {
	var b strings.Builder
	for _, r := range line {
		if n == 0 {
			break
		}
		n--
		switch {
		case r == '\t':
			b.WriteByte('\t')
		case r >= 0x1100:
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// List is a set of problems; it is an error when it is not empty.
type List []Diagnostic

// Error prints every problem, in the order of their places.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, d := range l {
		lines[i] = d.String()
	}
	return strings.Join(lines, "\n")
}

// Sort orders the problems by file, line and column.
func (l List) Sort() {
	sort.SliceStable(l, func(i, j int) bool {
		a, b := l[i].Pos, l[j].Pos
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
}

// Err is l as an error, sorted, or nil when it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	l.Sort()
	return l
}
