package plan

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Merge plans to make one customer of those that the canonical IDs mean. The
// number of keep survives, or, where keep is empty, the one that was issued
// first; the others redirect to it. That their first records are the same
// customer is recorded as a person's verdict, so that later runs keep them
// together.
//
// Another person's verdict that two of their records are different refuses it,
// with [crosswalk.ContraryErrors], unless override is set. Other errors are
// [*ActError], and [*NothingError] where they are one customer already.
func Merge(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, numbers []string, keep string, override bool, o Options) (*Plan, error) {
	d, err := newDraft(ctx, snap, rs, "merge", o)
	if err != nil {
		return nil, err
	}
	list, err := d.inForce(ctx, numbers...)
	if err != nil {
		return nil, err
	}
	if keep != "" && !slices.ContainsFunc(list, func(c *customer) bool { return c.number == keep }) {
		return nil, refused("", "--keep %s: it is the number in force of none of the customers", keep)
	}
	if len(list) == 1 {
		return d.nothing(ctx, "they are one customer already: %s", list[0].number)
	}
	for _, c := range list[1:] {
		if a, b := list[0].live()[0], c.live()[0]; a.Kind != b.Kind {
			return nil, refused("only customers of one kind can be one customer", "%s is a %s and %s a %s", list[0].number, a.Kind, c.number, b.Kind)
		}
	}
	if err := d.survivorFirst(ctx, list, keep); err != nil {
		return nil, err
	}
	if err := d.sayTheSame(ctx, list, override); err != nil {
		return nil, err
	}
	survivor := list[0].number
	for _, c := range list[1:] {
		lost := c.live()
		d.list(Change{
			Kind: mapping.KindMerge, SourceID: c.number, CanonicalID: survivor, Rule: ruleMerge,
			Detail: fmt.Sprintf("%s to %s", going(len(lost)), survivor),
		})
		d.number(crosswalk.Number{Canonical: c.number, State: crosswalk.Merged, Into: survivor, Survivor: survivor})
		for _, n := range c.merged() {
			d.redirect(n, n.Into, survivor)
		}
		for _, l := range lost {
			d.listLink(mapping.KindLink, l, survivor, ruleMerge, "was "+c.number)
		}
	}
	d.plan.Totals.Merged = int64(len(list) - 1)
	if err := d.settleReviews(ctx); err != nil {
		return nil, err
	}
	return d.close(ctx)
}

// survivorFirst puts the customer first whose number survives.
func (d *draft) survivorFirst(ctx context.Context, list []*customer, keep string) error {
	var ids []string
	for _, c := range list {
		ids = append(ids, c.number)
	}
	issued, err := d.snap.IssuedIn(ctx, ids)
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(x, y *customer) int {
		if (x.number == keep) != (y.number == keep) {
			if x.number == keep {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(issued[x.number], issued[y.number]), scheme.Compare(x.number, y.number))
	})
	return nil
}

// sayTheSame records that the customers are one, and that so are all records
// of theirs that people were asked about or called different.
func (d *draft) sayTheSame(ctx context.Context, list []*customer, override bool) error {
	sides := map[crosswalk.NamedKey]int{}
	for i, c := range list {
		for k := range c.links {
			sides[d.key(&c.links[k])] = i + 1
		}
	}
	side := func(k crosswalk.NamedKey) int { return sides[k] }
	var contrary crosswalk.ContraryErrors
	for _, said := range d.between(side) {
		if said.Verdict == crosswalk.Different && said.Actor != d.opts.Actor && !override {
			contrary = append(contrary, &crosswalk.ContraryError{Index: len(contrary), Before: *said, Now: crosswalk.Same})
		}
		d.verdict(said.Left, said.Right, crosswalk.Same)
	}
	if len(contrary) > 0 {
		return contrary
	}
	if first := d.records(list[0].live(), list[0].number); len(first) > 0 {
		for _, c := range list[1:] {
			if other := d.records(c.live(), c.number); len(other) > 0 {
				d.verdict(d.key(first[0]), d.key(other[0]), crosswalk.Same)
			}
		}
	}
	open, err := d.snap.Reviews(ctx)
	if err != nil {
		return err
	}
	for _, r := range open {
		pair := d.pair(r)
		if left, right := side(pair[0]), side(pair[1]); left != 0 && right != 0 && left != right {
			d.answer(r, crosswalk.Same)
		}
	}
	d.noteVerdicts("the same customer, so that no later run takes them apart")
	return nil
}

// answer records a verdict as the answer to an open review.
func (d *draft) answer(r crosswalk.Review, v crosswalk.Verdict) {
	pair := d.pair(r)
	d.verdict(pair[0], pair[1], v)
	for i := range d.plan.Verdicts {
		if said := &d.plan.Verdicts[i]; said.Left == pair[0] && said.Right == pair[1] {
			said.Review = r.ID
		}
	}
}

func going(links int) string {
	if links == 1 {
		return "its 1 link goes"
	}
	return fmt.Sprintf("its %d links go", links)
}

// count is "1 link" or "3 links".
func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}
