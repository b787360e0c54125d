package translate

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/charset"
)

// Field is a column of a file, or a path in JSON, and how it is translated.
type Field struct {
	// Names are the columns; several make one composite ID. A JSON path is
	// names with dots between them; [] stands for every element of an array.
	Names []string
	Column
	// Add is the name of a column that takes the translation, so that the old
	// text stays; empty: the column itself does.
	Add string
}

// Stream says how a file or stream is translated.
type Stream struct {
	Name      string // for messages
	Delimiter byte   // of CSV; 0: the text shows it
	Charset   charset.Charset
	Fields    []Field
	Diverted  io.Writer // where a field's Missing is Divert
}

// Tally counts what became of a field's IDs.
type Tally struct {
	Field      string           `json:"field"`
	Cells      int64            `json:"cells"`      // that hold an ID
	Translated int64            `json:"translated"` // IDs that have an answer
	Unchanged  int64            `json:"unchanged"`  // of those, the ones that were the answer already
	Redirected int64            `json:"redirected"` // of those that have one, the ones whose customer had another number before
	Missing    map[string]int64 `json:"missing"`    // IDs that have none, by status
	Examples   []Example        `json:"examples"`   // of what is missing, the first few of each status
}

// Example is an ID that is missing, and its place.
type Example struct {
	Line   int64  `json:"line"`
	ID     string `json:"id"`
	Status string `json:"status"`
}

// Summary is what became of a stream.
type Summary struct {
	Records  int64   `json:"records"`
	Broken   int64   `json:"broken"`
	Diverted int64   `json:"diverted"`
	Fields   []Tally `json:"fields"`
	// FirstBroken are the first few that are broken, each with its place and
	// reason.
	FirstBroken []string `json:"first_broken,omitempty"`
	Notes       []string `json:"notes,omitempty"`
}

// newSummary has an empty tally for every field.
func newSummary(fields []Field) *Summary {
	s := &Summary{Fields: make([]Tally, len(fields))}
	for i, f := range fields {
		s.Fields[i] = Tally{Field: strings.Join(f.Names, "|"), Missing: map[string]int64{}, Examples: []Example{}}
	}
	return s
}

// fewExamples are kept of each status.
const fewExamples = 3

// add counts what became of one cell.
func (t *Tally) add(o *Outcome, line int64) {
	if o.IDs == 0 {
		return
	}
	t.Cells++
	t.Translated += int64(o.Translated)
	t.Unchanged += int64(o.Unchanged)
	t.Redirected += int64(o.Redirected)
	for _, l := range o.Lost {
		status := l.Status.String()
		if t.Missing[status]++; t.Missing[status] <= fewExamples {
			t.Examples = append(t.Examples, Example{line, l.ID, status})
		}
	}
}

// merge adds what another goroutine counted of the same field.
func (t *Tally) merge(other *Tally) {
	t.Cells += other.Cells
	t.Translated += other.Translated
	t.Unchanged += other.Unchanged
	t.Redirected += other.Redirected
	for status, n := range other.Missing {
		t.Missing[status] += n
	}
	all := append(t.Examples, other.Examples...)
	slices.SortStableFunc(all, func(a, b Example) int { return cmp.Compare(a.Line, b.Line) })
	seen := map[string]int{}
	t.Examples = slices.DeleteFunc(all, func(e Example) bool {
		seen[e.Status]++
		return seen[e.Status] > fewExamples
	})
}

// Lost is how many IDs have no answer.
func (t *Tally) Lost() int64 {
	var n int64
	for _, of := range t.Missing {
		n += of
	}
	return n
}

// MissingError says that a field whose Missing is Fail has IDs without an
// answer. Nothing from the record of the first of them on was written; the
// counts are of the whole stream.
type MissingError struct {
	Summary *Summary
	Field   string
	First   Example
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s: %s in line %d is %s", e.Field, e.First.ID, e.First.Line, strings.ReplaceAll(e.First.Status, "_", " "))
}
