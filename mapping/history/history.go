// Package history tells what happened to a source ID or a canonical ID: every
// event, in order, with the run or the person behind it.
//
// Nothing is stored for it. The versions of links and of numbers, reviews and
// decisions are all there for ever; an event is the difference between a
// version and the one before.
package history

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// What can happen.
const (
	Created      = "created"        // founded a customer
	Linked       = "linked"         // joined a customer
	Updated      = "updated"        // its record changed, its customer did not
	Respelt      = "respelt"        // the same ID, written otherwise
	Held         = "held"           // waits for a decision, without a number
	Contested    = "contested"      // several customers hold it, so that it resolves to none
	Retired      = "retired"        // it, or its record, is gone
	Restored     = "restored"       // it is back
	Moved        = "moved"          // belongs to another customer
	SplitOff     = "split_off"      // moved by a split
	Renumbered   = "renumbered"     // its customer has another number
	Void         = "void"           // says nothing any more: the run that linked it was undone
	Rekeyed      = "rekeyed"        // compared by another key
	Rewritten    = "rewritten"      // came in place of another ID, when its source was rewritten
	Published    = "published"      // its number was written into its own record
	TakenBack    = "taken_back"     // and taken out again
	Given        = "given"          // a number that was kept or imported
	Merged       = "merged"         // a number means another one
	Absorbed     = "absorbed"       // another number means this one
	Redirected   = "redirected"     // what a merged number means was merged itself
	InForce      = "in_force"       // a number means its own customer again
	Gone         = "gone"           // a number means nobody any more
	ReviewRaised = "review_raised"  // a person is asked
	ReviewClosed = "review_closed"  // nobody is asked any more
	SaidSame     = "said_same"      // a person decided
	SaidOther    = "said_different" // a person decided
	Withdrawn    = "withdrawn"      // a person took a decision back
	Erased       = "erased"         // was forgotten, and with it what it had been
)

// Event is one thing that happened. Run is 0 and RunKind empty for what a
// person decided outside of a run. Source and SourceID are empty for what
// happened to a number alone.
type Event struct {
	Run       int64
	At        time.Time // when the run was published, or the decision was made
	Actor     string
	Reason    string
	RunKind   string
	Event     string
	Source    string
	SourceID  string
	Canonical string
	Detail    string

	place int64 // orders events: twice the run, less one for what was decided before it
	rank  int   // orders events of one place
}

// Of tells what happened to source IDs and to canonical IDs, oldest first: for
// a source ID to all that it ever was, and to the numbers that it had while
// it had them; for a canonical ID to all source IDs that ever had it, and to
// the numbers that were merged into it as long as they were. What was never
// seen has no events.
func Of(ctx context.Context, snap *crosswalk.Snapshot, keys []crosswalk.SourceKey, ids []string) ([]Event, error) {
	t := &teller{
		snap: snap, names: map[int]string{}, asked: map[crosswalk.SourceKey]bool{}, numbers: map[string][]crosswalk.Number{},
		told: map[crosswalk.SourceKey]bool{}, own: map[string]span{}, spans: map[string][]span{},
	}
	sources, err := snap.Sources(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range sources {
		t.names[s.No] = s.Name
	}
	for _, k := range keys {
		t.asked[k] = true
	}
	t.ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	for _, read := range []func(context.Context) error{t.readNumbers, t.readLinks, t.readSurvivors, t.readReviews, t.readErased, t.readPublished, t.readDecisions, t.readRuns} {
		if err := read(ctx); err != nil {
			return nil, err
		}
	}
	t.tellLinks()
	t.tellNumbers()
	t.tellReviews()
	t.tellErased()
	t.tellPublished()
	t.tellDecisions()
	slices.SortStableFunc(t.events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.rank, b.rank))
	})
	return t.events, nil
}
