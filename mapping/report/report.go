// Package report shows what a run would do, or did: the diff report.
//
// A [Run] holds what there is to tell. [Run.Text] is for people: a table of
// the sources, the changes grouped with + = ~ - ?, what was rejected and why,
// and what to do next. [Run.JSON] is for programs and keeps to a contract:
// keys are added, never renamed. [Run.CSV] is for spreadsheets, so text that
// one would execute as a formula is neutralised in it.
package report

import (
	"iter"

	"github.com/xwalk-id/xwalk/mapping"
)

// Run is one plan, apply or import.
type Run struct {
	Title   string // "Plan for production", the first line of the text
	Number  int64  // of the run; 0 when nothing was applied
	Serial  int64  // the one planned on, or the new one
	Applied bool
	Resumed bool // an interrupted run was carried to its end
	Act     bool // a person's act, which reads no source and of which all is shown
	Sources []Source
	Totals  mapping.Totals
	// Changes lists every change in order, reviews and rejects among them; it
	// may be long and is walked as far as needed. nil is an empty list.
	Changes iter.Seq2[Change, error]
	Rejects []mapping.Reject
	Repairs []mapping.Repair
	Reviews []Review
	Notes   []string // warnings
	Facts   []Fact   // what acts tell that no count of records says
	Next    []string // what to do next, in whole sentences
	// Reversal says that the run undoes another one: what it changes is not new
	// customers and records that are gone, so it is listed as it comes.
	Reversal bool

	ApprovedBy []string // who approved the plan
}

// Fact is one thing that only some kind of run tells: a key of the JSON object
// with its value, unless the key is empty, and a line for people.
type Fact struct {
	Key   string
	Value any
	Label string
	Text  string
}

// Source is the counts of one source.
type Source struct {
	Name   string
	Counts mapping.Counts
}

// Change is one change of the list.
type Change struct {
	Kind        mapping.Kind
	Source      string
	SourceID    string
	CanonicalID string
	Rule        string
	Detail      string
}

// Review is a possible match that a person must decide.
type Review struct {
	ID       string             `json:"review"`
	Score    float64            `json:"score"`
	Left     Side               `json:"left"`
	Right    Side               `json:"right"`
	Evidence []mapping.Evidence `json:"evidence"`
}

// Side is one of the two records of a review.
type Side struct {
	Source   string              `json:"source"`
	SourceID string              `json:"source_id"`
	Fields   map[string][]string `json:"fields,omitempty"`
}

// Pending reports whether there is anything left to do or to decide.
func (r *Run) Pending() bool {
	return r.Totals.Changes() || r.Totals.Merged+r.Totals.Split > 0 || r.Totals.ReviewsOpen > 0
}
