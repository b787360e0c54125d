package plan

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// Use is a later run that carried numbers of a run out of the crosswalk.
type Use struct {
	Run  int64    `json:"run"`
	Kind string   `json:"kind"` // publish or rewrite
	IDs  int64    `json:"ids"`  // source IDs whose number was published
	In   []string `json:"in"`   // references that were rewritten
}

// InUseError says that the numbers of a run that is to be undone are in use
// outside of the crosswalk: in fields of the sources, or in references. Uses
// are the newest first, which is the order to take them back in.
type InUseError struct {
	Run  int64
	Uses []Use
}

func (e *InUseError) Error() string {
	text := fmt.Sprintf("run %d cannot be undone yet: its numbers are in use outside of the crosswalk. Nothing was written", e.Run)
	for _, u := range e.Uses {
		if u.Kind == "publish" {
			text += fmt.Sprintf("\n  run %d published the numbers of %d of its source IDs", u.Run, u.IDs)
			continue
		}
		text += fmt.Sprintf("\n  run %d wrote them into %s", u.Run, some(u.In))
	}
	return text
}

// some names the first of some things.
func some(names []string) string {
	text := ""
	for i, name := range names[:min(len(names), shownExamples)] {
		if i > 0 {
			text += ", "
		}
		text += name
	}
	if more := len(names) - shownExamples; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// findUses refuses to undo a run whose numbers are in use outside.
func (u *undoing) findUses(ctx context.Context) error {
	published, err := u.snap.PublishedSince(ctx, u.run.Run)
	if err != nil {
		return err
	}
	var uses []Use
	for _, run := range slices.Sorted(maps.Keys(published)) {
		uses = append(uses, Use{Run: run, Kind: "publish", IDs: published[run], In: []string{}})
	}
	gave := map[string]bool{}
	for _, r := range rewritesInForce(u.runs[u.run.Run:]) {
		use := Use{Run: r.Run, Kind: "rewrite", In: []string{}}
		for _, ref := range r.Rewrote {
			no := slices.IndexFunc(u.plan.Spaces, func(s crosswalk.Source) bool { return s.Name == ref.RefersTo })
			if _, asked := gave[ref.RefersTo]; !asked && no >= 0 {
				if gave[ref.RefersTo], err = u.snap.GaveIn(ctx, u.run.Run, u.plan.Spaces[no].No); err != nil {
					return err
				}
			}
			if gave[ref.RefersTo] {
				use.In = append(use.In, ref.Reference)
			}
		}
		if len(use.In) > 0 {
			uses = append(uses, use)
		}
	}
	if len(uses) == 0 {
		return nil
	}
	slices.SortFunc(uses, func(x, y Use) int { return int(y.Run - x.Run) })
	return &InUseError{Run: u.run.Run, Uses: uses}
}

// rewritesInForce are the rewrites among runs that were not undone.
func rewritesInForce(runs []crosswalk.RunInfo) (list []crosswalk.RunInfo) {
	undone := map[int64]bool{}
	for _, r := range runs {
		if r.Kind == "rewrite" && r.Undid > 0 {
			undone[r.Undid] = true
		}
	}
	for _, r := range runs {
		if r.Kind == "rewrite" && r.Undid == 0 && !undone[r.Run] {
			list = append(list, r)
		}
	}
	return list
}
