package rewrite

import (
	"context"
	"errors"
	"io"
)

// Job is a rewrite that is to be carried out.
type Job struct {
	// Run is the number of the crosswalk's run, and Crosswalk tells this
	// crosswalk from others: the digest of that run.
	Run       int64
	Crosswalk string
	Actor     string
	Surveyed  []*Surveyed
	Tables    Tables
	AllowDDL  bool
	BatchRows int // 0: 20,000
	Progress  func(reference string, done, total int64)
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
}

// FindUnfinished looks into the journals of the databases of refs.
func FindUnfinished(ctx context.Context, refs []*Reference) ([]Unfinished, error) {
	return nil, errors.New("rewrite.FindUnfinished: to be written")
}

// Apply carries a job out, or on where it was interrupted. References that are
// blocked are an error before anything is written.
func Apply(ctx context.Context, j Job) ([]Result, error) {
	return nil, errors.New("rewrite.Apply: to be written")
}

// Undone is what became of a reference of a rewrite that is undone.
type Undone struct {
	Name     string   `json:"reference"`
	Restored int64    `json:"restored"`
	Kept     int64    `json:"kept"` // changed since: they stay
	DDL      []string `json:"ddl,omitempty"`
}

// Undo puts the old values of a run back, as far as what was written is still
// there. With dryRun it counts only.
func Undo(ctx context.Context, refs []*Reference, run int64, crosswalk string, allowDDL, dryRun bool) ([]Undone, error) {
	return nil, errors.New("rewrite.Undo: to be written")
}

// Script writes the job as SQL for the database's own client: one script for
// each database.
func Script(ctx context.Context, w io.Writer, j Job) error {
	return errors.New("rewrite.Script: to be written")
}
