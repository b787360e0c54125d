package plan

import (
	"context"
	"slices"

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
	no := map[string]int{}
	for k, name := range d.names {
		no[name] = k
	}
	id := func(k crosswalk.NamedKey) crosswalk.SourceKey {
		return crosswalk.SourceKey{Source: no[k.Source], Key: k.Key}
	}
	var keys []crosswalk.SourceKey
	for _, r := range open {
		keys = append(keys, r.Left, r.Right)
	}
	for _, said := range d.force {
		if said.Verdict == crosswalk.Different {
			keys = append(keys, id(said.Left), id(said.Right))
		}
	}
	numbers, err := d.numbersAfter(ctx, keys)
	if err != nil {
		return err
	}
	apart := map[[2]string]bool{}
	for _, said := range d.force {
		left, right := numbers[id(said.Left)], numbers[id(said.Right)]
		if said.Verdict == crosswalk.Different && left != "" && right != "" {
			apart[[2]string{left, right}], apart[[2]string{right, left}] = true, true
		}
	}
	retired := map[crosswalk.SourceKey]bool{}
	for i := range d.writes {
		if l := &d.writes[i].Link; l.State == crosswalk.Retired {
			retired[l.ID()] = true
		}
	}
	for _, r := range open {
		said := d.force[d.pair(r)]
		left, right := numbers[r.Left], numbers[r.Right]
		joined := left != "" && left == right
		strayed := slices.ContainsFunc(mapping.DecodeEvidence(r.Evidence), func(e mapping.Evidence) bool { return e.On == linkEvidence })
		switch {
		case said != nil && said.Verdict != crosswalk.Withdrawn, !joined && apart[[2]string{left, right}],
			joined && !strayed && (said == nil || said.Review == ""), // else a verdict was taken back, and somebody is to decide again
			retired[r.Left] || retired[r.Right]:
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
