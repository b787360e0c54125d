package crosswalk

import (
	"context"
	"errors"
	"iter"
)

// PublicationState is how far a publication is.
type PublicationState uint8

// The states. An intended one is durable before the source is written to, so
// that a publisher that was killed leaves a trace of whatever it may have
// done; it becomes one of the others once the source has answered.
const (
	Intended  PublicationState = iota
	Delivered                  // written, and read back
	Refused                    // the source refused it, or has no such record
	TakenBack                  // delivered, and undone by a later run
)

// Publication is an entry of the ledger: what a run wrote, or was to write,
// into a field of a source's own record.
type Publication struct {
	Source    int
	Key       string
	Run       int64
	Canonical string // empty: the field was to be as it had been (an undo)
	State     PublicationState
	// Before is what the field held until then, HadBefore whether it held
	// anything. They count in delivered entries.
	Before    string
	HadBefore bool
	Reason    string // of a refusal
}

// Rewritten says what a run of kind rewrite was about: a reference, the ID
// space that it refers to, and where it is.
type Rewritten struct {
	Reference string `json:"reference"`
	RefersTo  string `json:"refers_to"`
	InPlace   bool   `json:"in_place,omitempty"`
}

// WritePublications adds entries to the ledger, all Intended, in the order of
// (source, key). Nobody sees them before the run is published.
func (r *Run) WritePublications(ctx context.Context, entries []Publication) error {
	return errors.New("crosswalk: WritePublications: to be written")
}

// SettlePublications records what became of entries of published runs. It is
// not part of a run, for the source was written to already.
func (l *Lease) SettlePublications(ctx context.Context, entries []Publication) error {
	return errors.New("crosswalk: SettlePublications: to be written")
}

// Publications yields the last entry of each source ID of a source that was
// not refused or taken back, in the order of the keys: what its field holds,
// or is to hold.
func (v *Snapshot) Publications(ctx context.Context, source int) iter.Seq2[*Publication, error] {
	return func(func(*Publication, error) bool) {}
}

// PublicationsOf yields the entries of a run, in the order of (source, key).
func (v *Snapshot) PublicationsOf(ctx context.Context, run int64) iter.Seq2[*Publication, error] {
	return func(func(*Publication, error) bool) {}
}
