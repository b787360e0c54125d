package rewrite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
)

// Job is a rewrite that is to be carried out.
type Job struct {
	// Run is the number of the crosswalk's run, and Crosswalk tells this
	// crosswalk from others: the digest of that run.
	Run       int64
	Crosswalk string
	Actor     string
	Surveyed  []*Surveyed
	// Tables are those that Survey had. One under the empty name translates
	// canonical IDs into what they mean now: it refreshes what earlier runs
	// wrote in place; without it, that stays.
	Tables    Tables
	AllowDDL  bool
	BatchRows int // 0: 20,000
	Progress  func(reference string, done, total int64)

	wrap func(driver.Connector) driver.Connector // for tests
}

func (j *Job) tell(reference string, done, total int64) {
	if j.Progress != nil {
		j.Progress(reference, done, total)
	}
}

// Result is what became of a reference. Read = Written + Unchanged + Orphans +
// Empty + Contended.
type Result struct {
	Name      string   `json:"reference"`
	Read      int64    `json:"rows"`
	Empty     int64    `json:"empty"`
	Written   int64    `json:"written"`
	Unchanged int64    `json:"unchanged"`
	Orphans   int64    `json:"orphans"`
	Contended int64    `json:"contended"` // changed by somebody else between reading and writing; left alone
	Resumed   bool     `json:"resumed,omitempty"`
	DDL       []string `json:"ddl,omitempty"` // statements that changed columns and constraints
	// After is what the look at the database afterwards found: no new orphans,
	// counts that agree; see Surveyed.
	After []Obstacle `json:"after,omitempty"`
}

// Unfinished is a rewrite that was interrupted, as a database's journal has it.
type Unfinished struct {
	Run        int64
	Crosswalk  string
	References []string
	Undoing    bool // it was being undone
}

// BlockedError says that something stands in the way of a reference.
type BlockedError struct {
	Reference string
	Obstacles []Obstacle
}

func (e *BlockedError) Error() string {
	var what []string
	for _, o := range e.Obstacles {
		if o.Severity != Note.String() {
			what = append(what, fmt.Sprintf("%s [%s]", o.Detail, o.Code))
		}
	}
	return fmt.Sprintf("%s cannot be rewritten: %s", e.Reference, strings.Join(what, "; "))
}

// DDLError says that columns or constraints of a database have to change, which
// is not allowed.
type DDLError struct {
	Database  string
	Statement string // the first one
}

func (e *DDLError) Error() string {
	return fmt.Sprintf("columns or constraints of the %s have to change, which --allow-ddl allows; nothing was written there: %s", e.Database, e.Statement)
}

// UnfinishedError says that another run has to be finished, or undone, first.
type UnfinishedError struct {
	Run      int64
	Database string
	Why      string
}

func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("run %d %s in the %s; go on with it, or take it back with rewrite --undo %d", e.Run, e.Why, e.Database, e.Run)
}

// Apply carries a job out, or on where it was interrupted. References that are
// blocked are a [*BlockedError] before anything is written; a database that
// another process rewrites is a [*LockedError], one in which another run is
// unfinished an [*UnfinishedError], one that has to change and may not a
// [*DDLError]. The results are in the order of
// j.Surveyed, also with an error, as far as it came.
//
// In each database all references are read and their changes put into the
// journal first; then columns and constraints change; then rows are written,
// reference by reference, batch by batch; then constraints come back. So
// whatever the order, a reference is translated from what stood there before
// the run. A reference that no foreign key binds is written first, then
// parents before the children to which the database itself carries new
// numbers over.
func Apply(ctx context.Context, j Job) ([]Result, error) {
	unfinished, err := FindUnfinished(ctx, references(j.Surveyed))
	if err != nil {
		return nil, err
	}
	resuming := slices.ContainsFunc(unfinished, func(u Unfinished) bool { return u.Run == j.Run && u.Crosswalk == j.Crosswalk })
	for _, s := range j.Surveyed {
		if !resuming && s.Blocked(j.AllowDDL) {
			return nil, &BlockedError{s.Name, s.Obstacles}
		}
	}
	results := make([]Result, len(j.Surveyed))
	for i, s := range j.Surveyed {
		results[i].Name = s.Name
	}
	for _, b := range databases(references(j.Surveyed)) {
		w := &work{job: &j, database: b, results: results}
		if err := w.run(ctx); err != nil {
			return results, err
		}
	}
	return results, nil
}

func references(surveyed []*Surveyed) []*Reference {
	refs := make([]*Reference, len(surveyed))
	for i, s := range surveyed {
		refs[i] = s.Reference
	}
	return refs
}
