package plan

import (
	"context"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// Renumber plans to give the customer that a canonical ID means another
// number: to, or, where to is empty, the next of its scheme. The old number
// redirects to the new one. Errors are [*ActError], [*CapacityError], and
// [*NothingError] where it has that number.
func Renumber(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, number, to string, o Options) (*Plan, error) {
	d, err := newDraft(ctx, snap, rs, "renumber", o)
	if err != nil {
		return nil, err
	}
	list, err := d.inForce(ctx, number)
	if err != nil {
		return nil, err
	}
	c := list[0]
	if to == c.number {
		return d.nothing(ctx, "%s is its number already", to)
	}
	live := c.live()
	founder := live[0]
	if records := d.records(live, c.number); len(records) > 0 {
		founder = records[0]
	}
	id, err := d.newNumber(ctx, to, founder, "--to")
	if err != nil {
		return nil, err
	}
	d.list(Change{Kind: mapping.KindRenumber, SourceID: c.number, CanonicalID: id, Rule: ruleRenumber, Detail: "the old number redirects"})
	d.number(crosswalk.Number{Canonical: c.number, State: crosswalk.Merged, Into: id, Survivor: id})
	for _, n := range c.merged() {
		d.redirect(n, n.Into, id)
	}
	d.inOrder(live)
	for _, l := range live {
		d.listLink(mapping.KindRenumber, l, id, ruleRenumber, "was "+c.number)
	}
	for _, l := range c.links { // also retired ones, should they come back
		if l.Canonical == c.number {
			l.Canonical, l.SinceRun = id, 0
			d.rewrite(mapping.KindRenumber, l)
		}
	}
	if err := d.settleReviews(ctx); err != nil {
		return nil, err
	}
	return d.close(ctx)
}
