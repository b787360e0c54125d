package plan

import (
	"context"
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// findReviews closes the reviews that the run raised and opens those that it
// closed, as they were raised, unless that is how they stand.
func (u *undoing) findReviews(ctx context.Context) error {
	raised, err := u.snap.ReviewsOfRun(ctx, u.run.Run)
	if err != nil {
		return err
	}
	for len(raised) > 0 {
		n := 1
		for n < len(raised) && raised[n].ID == raised[0].ID {
			n++
		}
		u.reviewBack(raised[:n])
		raised = raised[n:]
	}
	if len(u.plan.Reviews) == 0 {
		return nil
	}
	return u.nameSides(ctx)
}

// reviewBack decides about one review, by all the times that it was raised. A
// version of it is open, or closed.
func (u *undoing) reviewBack(raised []crosswalk.Review) {
	var runs []int64
	var open []*crosswalk.Review // by version; nil: closed
	version := func(run int64, r *crosswalk.Review) {
		if n := len(runs); n > 0 && runs[n-1] == run { // closed and raised again by one run
			open[n-1] = r
			return
		}
		runs, open = append(runs, run), append(open, r)
	}
	for i := range raised {
		version(raised[i].FromRun, &raised[i])
		if raised[i].UntilRun > 0 {
			version(raised[i].UntilRun, nil)
		}
	}
	last := len(runs) - 1
	before, ok := u.undone.Trail(runs).Before(last, u.run.Run)
	if !ok {
		return
	}
	var was *crosswalk.Review
	if before >= 0 {
		was = open[before]
	}
	now := open[last]
	if now == nil && was == nil || now != nil && was != nil && now.Evidence == was.Evidence && now.Score == was.Score {
		return
	}
	if now != nil {
		u.plan.Closed = append(u.plan.Closed, now.ID)
	}
	if was != nil {
		u.plan.Reviews = append(u.plan.Reviews, openReview(u.names, was))
	}
	u.report.Reviews++
}

// openReview is a stored review as a plan raises it again. names are those of
// the crosswalk's sources.
func openReview(names map[int]string, r *crosswalk.Review) Review {
	v := Review{ID: r.ID, Score: r.Score, Evidence: mapping.DecodeEvidence(r.Evidence)}
	if len(v.Evidence) > 0 && v.Evidence[0].On == mapping.OnRule {
		v.Rule, v.Evidence = v.Evidence[0].Says, v.Evidence[1:]
	}
	v.Left = ReviewSide{Source: names[r.Left.Source], SourceID: r.Left.Key, Space: r.Left.Source, Key: r.Left.Key}
	v.Right = ReviewSide{Source: names[r.Right.Source], SourceID: r.Right.Key, Space: r.Right.Source, Key: r.Right.Key}
	return v
}

// nameSides adds to reviews that open again the IDs as they were received, and
// the numbers.
func (u *undoing) nameSides(ctx context.Context) error {
	var keys []crosswalk.SourceKey
	for i := range u.plan.Reviews {
		keys = append(keys, u.plan.Reviews[i].Left.key(), u.plan.Reviews[i].Right.key())
	}
	links, err := u.snap.ByKeys(ctx, keys)
	if err != nil {
		return err
	}
	for i := range u.plan.Reviews {
		for _, s := range [...]*ReviewSide{&u.plan.Reviews[i].Left, &u.plan.Reviews[i].Right} {
			k, found := slices.BinarySearchFunc(links, s.key(), func(l crosswalk.Link, id crosswalk.SourceKey) int { return l.ID().Compare(id) })
			if found {
				s.SourceID = links[k].Verbatim
				if links[k].State == crosswalk.Live {
					s.CanonicalID = u.numbers.means(links[k].Canonical)
				}
			}
		}
	}
	return nil
}

// findVerdicts takes back the verdicts that the run recorded, or puts those
// back in force that they replaced. They stand while a part of what the run
// did stands: whom a person told apart, or called one, would otherwise be
// joined or asked about again.
func (u *undoing) findVerdicts(ctx context.Context) error {
	if len(u.run.Verdicts) == 0 {
		return nil
	}
	if len(u.report.Kept)+len(u.report.Failed) > 0 {
		u.plan.Notes = append(u.plan.Notes, fmt.Sprintf("the verdicts that run %d recorded stay in force, since a part of what it did stays; `xwalk review reopen` takes one back", u.run.Run))
		return nil
	}
	log, err := u.snap.DecisionLog(ctx)
	if err != nil {
		return err
	}
	by := map[int64]int64{} // decision -> run
	for i := range u.runs {
		for _, no := range u.runs[i].Verdicts {
			by[no] = u.runs[i].Run
		}
	}
	type pair [2]crosswalk.NamedKey
	own := map[pair]bool{}
	for _, d := range log {
		if by[d.No] == u.run.Run && d.Left.Key != "" && d.Right.Key != "" { // else who it was about was erased
			own[pair{d.Left, d.Right}] = true
		}
	}
	said := map[pair][]crosswalk.Decision{}
	for _, d := range log {
		if p := (pair{d.Left, d.Right}); own[p] {
			said[p] = append(said[p], d)
		}
	}
	for _, d := range log {
		p := pair{d.Left, d.Right}
		if !own[p] {
			continue
		}
		own[p] = false // once
		list := said[p]
		runs := make([]int64, len(list))
		for i := range list {
			runs[i] = by[list[i].No] // 0: a person's own
		}
		last := len(list) - 1
		before, ok := u.undone.Trail(runs).Before(last, u.run.Run)
		if !ok {
			continue
		}
		back := crosswalk.Decision{Left: d.Left, Right: d.Right, Verdict: crosswalk.Withdrawn, Review: list[last].Review, Actor: u.plan.Author}
		if before >= 0 {
			back = list[before]
			back.No = 0
		}
		back.Reason = u.reason(back.Reason)
		u.plan.Verdicts = append(u.plan.Verdicts, back)
		u.report.Verdicts++
	}
	return nil
}

func (u *undoing) reason(own string) string {
	if own != "" {
		return own
	}
	return fmt.Sprintf("undo of run %d", u.run.Run)
}

// placeBack puts the marks and the shapes of sources back that the run noted.
func (u *undoing) placeBack() {
	back := func(no int, noted func(*crosswalk.RunInfo) map[int]string) (text string, ok bool) {
		var runs []int64
		var texts []string
		for i := range u.runs {
			if t, there := noted(&u.runs[i])[no]; there {
				runs, texts = append(runs, u.runs[i].Run), append(texts, t)
			}
		}
		before, ok := u.undone.Trail(runs).Before(len(runs)-1, u.run.Run)
		if ok && before >= 0 {
			text = texts[before]
		}
		return text, ok
	}
	for no := range u.run.Marks {
		if text, ok := back(no, func(r *crosswalk.RunInfo) map[int]string { return r.Marks }); ok {
			if u.plan.Marks == nil {
				u.plan.Marks = map[int]string{}
			}
			u.plan.Marks[no] = text
		}
	}
	for no := range u.run.Shapes {
		text, ok := back(no, func(r *crosswalk.RunInfo) map[int]string { return r.Shapes })
		for i := range u.plan.Spaces {
			if s := &u.plan.Spaces[i]; ok && s.No == no && text != "" {
				s.Shape = text
			}
		}
	}
}
