package plan

import (
	"context"
	"errors"
	"fmt"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// Undone says what becomes of a run that is undone. Reversed counts what is
// again as it was before the run: links, numbers, reviews and verdicts.
type Undone struct {
	Run      int64     `json:"run"`
	Kind     string    `json:"kind"`
	Actor    string    `json:"actor"`
	Reversed int64     `json:"reversed"`
	Links    int64     `json:"links"`
	Numbers  int64     `json:"numbers"`
	Reviews  int64     `json:"reviews"`
	Verdicts int64     `json:"verdicts"`
	Kept     []Kept    `json:"kept"`
	Failed   []Failure `json:"failed"`
}

// Kept is something that the run made and that stays, because a later run
// changed it. Source is empty where it is a canonical ID.
type Kept struct {
	Source      string `json:"source"`
	SourceID    string `json:"source_id"`
	CanonicalID string `json:"canonical_id"`
	ByRun       int64  `json:"by_run"`
	ByKind      string `json:"by_kind"`
	ByActor     string `json:"by_actor"`
	Detail      string `json:"detail"`
}

// Failure is something that the run made and that cannot be reversed.
type Failure struct {
	Source      string `json:"source"`
	SourceID    string `json:"source_id"`
	CanonicalID string `json:"canonical_id"`
	Reason      string `json:"reason"`
}

// NoRunError says that there is no such run to undo. Last are the newest runs
// that there are.
type NoRunError struct {
	Run  int64
	Last []crosswalk.RunInfo
}

func (e *NoRunError) Error() string {
	if len(e.Last) == 0 {
		return fmt.Sprintf("there is no run %d: no run has been published yet", e.Run)
	}
	text := fmt.Sprintf("there is no run %d; the newest are", e.Run)
	for _, r := range e.Last {
		text += fmt.Sprintf("\n  run %d (%s%s)", r.Run, r.Kind, by(r.Actor))
	}
	return text
}

func by(actor string) string {
	if actor == "" {
		return ""
	}
	return ", " + actor
}

// FinalError says that a run is of a kind that cannot be undone.
type FinalError struct {
	Run  int64
	What string
	Hint string
}

func (e *FinalError) Error() string {
	return fmt.Sprintf("run %d cannot be undone: %s. %s", e.Run, e.What, e.Hint)
}

// undoing is an undo in the making: what the run wrote is compared with how
// things stand. What is still as the run left it, or was brought back to that
// by undoing later runs, is reversed; the rest stays.
type undoing struct {
	plan    *Plan
	snap    *crosswalk.Snapshot
	run     crosswalk.RunInfo
	runs    []crosswalk.RunInfo
	undone  crosswalk.Undone
	names   map[int]string
	report  *Undone
	links   reversal
	numbers numberReversal
}

// Undo plans to reverse a run, of whatever kind: each link that the run wrote
// says again what it said before, or nothing where the run made it; customers
// that it merged are apart again, reviews that it closed are open, verdicts
// that it recorded no longer hold, and marks go back. What later runs changed
// stays. Numbers that nobody has any more are never given to anyone else: they
// answer "gone", and who founded with one gets it again. To undo an undo is to
// do it again.
//
// Errors are [*NoRunError], [*FinalError] for a run that erased or rekeyed, or
// that published or rewrote, which is taken back by other means, [*InUseError]
// while numbers of the run are in use outside of the crosswalk, and
// [*NothingError] for one that changed nothing. A plan that is empty finds
// nothing left to reverse.
//
// Memory is up to 100 bytes for each link that is reversed or kept.
func Undo(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, run int64, o Options) (*Plan, error) {
	u, err := newUndoing(ctx, snap, rs, run, o)
	if err != nil {
		return nil, err
	}
	if err := u.refuse(); err != nil {
		p, sealErr := u.finish()
		return p, errors.Join(err, sealErr)
	}
	steps := [...]func(context.Context) error{u.findUses, u.findNumbers, u.findLinks, u.keepJoined, u.countCustomers, u.findReviews, u.findVerdicts}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	u.placeBack()
	return u.finish()
}

// shownRuns is how many runs an error lists.
const shownRuns = 5

func newUndoing(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, run int64, o Options) (*undoing, error) {
	runs, err := snap.Runs(ctx)
	if err != nil {
		return nil, err
	}
	if run < 1 || run > int64(len(runs)) {
		return nil, &NoRunError{Run: run, Last: runs[max(0, len(runs)-shownRuns):]}
	}
	d, err := newDraft(ctx, snap, rs, "undo", o)
	if err != nil {
		return nil, err
	}
	u := &undoing{plan: d.plan, snap: snap, runs: runs, run: runs[run-1], names: map[int]string{}}
	for _, s := range u.plan.Spaces {
		u.names[s.No] = s.Name
	}
	if u.undone, err = snap.Undone(ctx); err != nil {
		return nil, err
	}
	u.report = &Undone{Run: run, Kind: u.run.Kind, Actor: u.run.Actor, Kept: []Kept{}, Failed: []Failure{}}
	u.plan.Undo = u.report
	return u, nil
}

// refuse says why a run is not one that can be undone.
func (u *undoing) refuse() error {
	before := int64(0)
	if u.run.Run > 1 {
		before = u.runs[u.run.Run-2].Serial
	}
	switch {
	case u.run.Kind == "erase":
		return &FinalError{u.run.Run, "it erased people, and what was erased is nowhere any more", "The numbers still answer \"gone\""}
	case u.run.Kind == "rekey":
		return &FinalError{u.run.Run, "it made the keys of a source anew", "Put the source's `key` in xwalk.yaml back as it was and run `xwalk rekey SOURCE` again"}
	case u.run.Kind == "publish" && u.run.TookBack == 0:
		return &FinalError{u.run.Run, "it wrote numbers into the sources", fmt.Sprintf("Take them back with `xwalk publish --undo %d`", u.run.Run)}
	case u.run.Kind == "publish":
		return &FinalError{u.run.Run, "it took numbers back out of the sources", "Write them again with `xwalk publish`"}
	case u.run.Kind == "rewrite" && u.run.Undid == 0:
		return &FinalError{u.run.Run, "it wrote numbers into references", fmt.Sprintf("Put the old ones back with `xwalk rewrite --undo %d`", u.run.Run)}
	case u.run.Kind == "rewrite":
		return &FinalError{u.run.Run, "it put the old numbers back into references", "Rewrite them again with `xwalk rewrite --apply`"}
	case u.run.Serial == before:
		return &NothingError{fmt.Sprintf("run %d changed nothing, so there is nothing to undo", u.run.Run)}
	}
	return nil
}

// keep notes what stays because of a later run.
func (u *undoing) keep(source int, id, canonical string, by int64, detail string) {
	k := Kept{SourceID: id, CanonicalID: canonical, ByRun: by, Detail: detail}
	if source > 0 {
		k.Source = u.names[source]
	}
	if by >= 1 && by <= int64(len(u.runs)) {
		k.ByKind, k.ByActor = u.runs[by-1].Kind, u.runs[by-1].Actor
	}
	u.report.Kept = append(u.report.Kept, k)
}

// finish closes the plan.
func (u *undoing) finish() (*Plan, error) {
	r, p := u.report, u.plan
	r.Links, r.Numbers = u.links.len(), u.numbers.reversed
	r.Reversed = r.Links + r.Numbers + r.Reviews + r.Verdicts
	p.Totals.ReviewsOpen += int64(len(p.Reviews) - len(p.Closed))
	p.body = u.links.writes(u.snap)
	p.told = u.changes
	return p, p.seal()
}

// changes streams what is reversed.
func (u *undoing) changes(yield func(Change, error) bool) {
	detail := fmt.Sprintf("as before run %d", u.run.Run)
	for _, c := range u.numbers.changes {
		c.Detail = detail
		if !yield(c, nil) {
			return
		}
	}
	for w, err := range u.plan.body(false) {
		if err != nil {
			yield(Change{}, err)
			return
		}
		c := Change{Kind: w.Kind, Source: u.names[w.Link.Source], SourceID: w.Link.Verbatim, CanonicalID: w.Link.Canonical, Rule: w.Link.Rule, Detail: detail}
		switch w.Link.State {
		case crosswalk.Void:
			c.CanonicalID, c.Rule = "", ""
			c.Detail = fmt.Sprintf("was not known before run %d", u.run.Run)
			if w.Link.Canonical != "" {
				c.Detail += ", which gave it " + w.Link.Canonical
			}
		case crosswalk.Retired:
			c.Detail += ": its record was gone"
		}
		if !yield(c, nil) {
			return
		}
	}
	for _, v := range u.plan.Reviews {
		c := Change{Kind: mapping.KindReview, Source: v.Right.Source, SourceID: v.Right.SourceID, CanonicalID: v.Right.CanonicalID, Rule: v.Rule}
		c.Detail = fmt.Sprintf("review %s: %s %s, open again", v.ID, v.Left.Source, v.Left.SourceID)
		if !yield(c, nil) {
			return
		}
	}
}
