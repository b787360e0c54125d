package plan

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// verdict records with the plan what it says of two records, unless somebody
// said so before: later runs then keep to it.
func (d *draft) verdict(x, y crosswalk.NamedKey, v crosswalk.Verdict) {
	if x.Compare(y) > 0 {
		x, y = y, x
	}
	said := crosswalk.Decision{Left: x, Right: y, Verdict: v, Actor: d.opts.Actor, Reason: d.opts.Reason}
	if before := d.force[[2]crosswalk.NamedKey{x, y}]; before != nil {
		if before.Verdict == v {
			return
		}
		said.Review = before.Review
	}
	d.force[[2]crosswalk.NamedKey{x, y}] = &said
	d.plan.Verdicts = append(d.plan.Verdicts, said)
}

// between lists the decisions in force of pairs with a record on either of
// two sides, in the order of the pairs; also withdrawals that a review waits
// for.
func (d *draft) between(side func(crosswalk.NamedKey) int) (list []*crosswalk.Decision) {
	for _, said := range d.force {
		left, right := side(said.Left), side(said.Right)
		if left != 0 && right != 0 && left != right && (said.Verdict != crosswalk.Withdrawn || said.Review != "") {
			list = append(list, said)
		}
	}
	slices.SortFunc(list, func(x, y *crosswalk.Decision) int {
		if c := x.Left.Compare(y.Left); c != 0 {
			return c
		}
		return x.Right.Compare(y.Right)
	})
	return list
}

// noteVerdicts says what the act records of its records.
func (d *draft) noteVerdicts(what string) {
	v := d.plan.Verdicts
	if len(v) == 0 {
		return
	}
	slices.SortFunc(v, func(x, y crosswalk.Decision) int {
		if c := x.Left.Compare(y.Left); c != 0 {
			return c
		}
		return x.Right.Compare(y.Right)
	})
	more := ""
	if n := len(v) - 1; n > 0 {
		more = ", and " + count(n, "more pair")
	}
	d.note("%s %s and %s %s%s: recorded as %s", v[0].Left.Source, v[0].Left.Key, v[0].Right.Source, v[0].Right.Key, more, what)
}

// settleReviews closes the open reviews that need no answer after the plan,
// as the next run would, and those of the records that the plan retires.
func (d *draft) settleReviews(ctx context.Context) error {
	open, err := d.snap.Reviews(ctx)
	if err != nil || len(open) == 0 {
		return err
	}
	answered, err := d.answered(ctx, open)
	if err != nil {
		return err
	}
	retired := map[crosswalk.SourceKey]bool{}
	for i := range d.writes {
		if l := &d.writes[i].Link; l.State == crosswalk.Retired {
			retired[l.ID()] = true
		}
	}
	for i := range open {
		if r := &open[i]; answered(r) || retired[r.Left] || retired[r.Right] {
			d.plan.Closed = append(d.plan.Closed, r.ID)
		}
	}
	switch n := len(d.plan.Closed); n {
	case 0:
	case 1:
		d.note("review %s needs no answer any more", d.plan.Closed[0])
	default:
		d.note("%d reviews need no answer any more, the first is %s", n, d.plan.Closed[0])
	}
	return nil
}

// answered tells of reviews whether nobody has to answer them after the plan,
// as a run tells it.
func (d *draft) answered(ctx context.Context, reviews []crosswalk.Review) (func(*crosswalk.Review) bool, error) {
	no := map[string]int{}
	for k, name := range d.names {
		no[name] = k
	}
	id := func(k crosswalk.NamedKey) crosswalk.SourceKey {
		return crosswalk.SourceKey{Source: no[k.Source], Key: k.Key}
	}
	var keys []crosswalk.SourceKey
	for _, r := range reviews {
		keys = append(keys, r.Left, r.Right)
	}
	for _, said := range d.force {
		if said.Verdict == crosswalk.Different {
			keys = append(keys, id(said.Left), id(said.Right))
		}
	}
	numbers, err := d.numbersAfter(ctx, keys)
	if err != nil {
		return nil, err
	}
	apart := map[[2]string]bool{}
	for _, said := range d.force {
		left, right := numbers[id(said.Left)], numbers[id(said.Right)]
		if said.Verdict == crosswalk.Different && left != "" && right != "" {
			apart[[2]string{left, right}], apart[[2]string{right, left}] = true, true
		}
	}
	return func(r *crosswalk.Review) bool {
		said := d.force[d.pair(*r)]
		left, right := numbers[r.Left], numbers[r.Right]
		strayed := slices.ContainsFunc(mapping.DecodeEvidence(r.Evidence), func(e mapping.Evidence) bool { return e.On == linkEvidence })
		switch {
		case said != nil && said.Verdict != crosswalk.Withdrawn:
			return true
		case left == "" || left != right:
			return apart[[2]string{left, right}]
		}
		// Where a verdict was taken back, somebody is to decide again.
		return !strayed && (said == nil || said.Review == "")
	}, nil
}

// reopenReviews asks again what was not answered when links were retired.
func (d *draft) reopenReviews(ctx context.Context, links []crosswalk.Link) error {
	back, runs := map[crosswalk.SourceKey]bool{}, map[int64]bool{}
	for i := range links {
		back[links[i].ID()], runs[links[i].FromRun] = true, true
	}
	closed := map[string]crosswalk.Review{}
	for run := range runs {
		raised, err := d.snap.ReviewsOfRun(ctx, run)
		if err != nil {
			return err
		}
		for _, r := range raised { // the last time that it was raised counts
			delete(closed, r.ID)
			if r.UntilRun == run && (back[r.Left] || back[r.Right]) {
				closed[r.ID] = r
			}
		}
	}
	list := slices.SortedFunc(maps.Values(closed), func(x, y crosswalk.Review) int { return strings.Compare(x.ID, y.ID) })
	answered, err := d.answered(ctx, list)
	if err != nil {
		return err
	}
	var keys []crosswalk.SourceKey
	for _, r := range list {
		keys = append(keys, r.Left, r.Right)
	}
	resolves, err := d.numbersAfter(ctx, keys)
	if err != nil {
		return err
	}
	for i := range list {
		if r := &list[i]; resolves[r.Left] != "" && resolves[r.Right] != "" && !answered(r) {
			v := openReview(d.names, r)
			v.Left.CanonicalID, v.Right.CanonicalID = resolves[r.Left], resolves[r.Right]
			d.plan.Reviews = append(d.plan.Reviews, v)
		}
	}
	return nil
}

// pair is what a review asks about, as decisions name it.
func (d *draft) pair(r crosswalk.Review) [2]crosswalk.NamedKey {
	left := crosswalk.NamedKey{Source: d.names[r.Left.Source], Key: r.Left.Key}
	right := crosswalk.NamedKey{Source: d.names[r.Right.Source], Key: r.Right.Key}
	if left.Compare(right) > 0 {
		left, right = right, left
	}
	return [2]crosswalk.NamedKey{left, right}
}

// numbersAfter are the canonical IDs that source IDs resolve to after the
// plan; those that resolve to none are left out.
func (d *draft) numbersAfter(ctx context.Context, keys []crosswalk.SourceKey) (map[crosswalk.SourceKey]string, error) {
	links, err := d.snap.ByKeys(ctx, keys)
	if err != nil {
		return nil, err
	}
	given := map[crosswalk.SourceKey]string{}
	for i := range links {
		if links[i].State == crosswalk.Live {
			given[links[i].ID()] = links[i].Canonical
		}
	}
	for i := range d.writes {
		l := &d.writes[i].Link
		delete(given, l.ID())
		if l.State == crosswalk.Live {
			given[l.ID()] = l.Canonical
		}
	}
	var ids []string
	for _, id := range given {
		ids = append(ids, id)
	}
	noted, err := d.snap.NumbersOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	means := map[string]string{}
	for _, n := range slices.Concat(noted, d.plan.Numbers) {
		delete(means, n.Canonical)
		if n.State == crosswalk.Merged {
			means[n.Canonical] = n.Survivor
		}
	}
	for k, id := range given {
		if s := means[id]; s != "" {
			given[k] = s
		}
	}
	return given, nil
}
