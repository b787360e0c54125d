package plan

import (
	"context"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// Restore plans to take a retirement back: links resolve again and their
// number is in force. What a steward retired becomes what it was before. What
// was retired because its record vanished stays live from then on although the
// record is gone. Errors are [*ActError], and [*NothingError] where nothing is
// retired.
func Restore(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, t Target, o Options) (*Plan, error) {
	d, err := newDraft(ctx, snap, rs, "restore", o)
	if err != nil {
		return nil, err
	}
	c, only, err := d.target(ctx, t)
	if err != nil {
		return nil, err
	}
	if n := c.noted[t.Number]; t.Number != "" && n.State == crosswalk.Merged && len(c.live()) > 0 {
		return nil, refused("`xwalk split "+c.number+" --links SOURCE:ID,…` gives its records their number back", "%s is not retired: it was merged, and means %s now", t.Number, c.number)
	}
	before, err := d.beforeRetirement(ctx, c)
	if err != nil {
		return nil, err
	}
	var back []crosswalk.Link
	for i := range c.links {
		if l := &c.links[i]; l.State == crosswalk.Retired && d.comesBack(l, c, only) {
			back = append(back, before(l))
		}
	}
	switch {
	case len(back) > 0:
	case only != nil:
		return d.nothing(ctx, "%s is not retired", d.text(only))
	default:
		return d.nothing(ctx, "%s is not retired", c.number)
	}
	if !slices.ContainsFunc(back, func(l crosswalk.Link) bool { return l.State == crosswalk.Live }) {
		for i := range back { // they had vanished before they were retired
			back[i].State, back[i].Rule = crosswalk.Live, ruleRestore
		}
	}
	if c.noted[c.number].State == crosswalk.Gone {
		d.number(crosswalk.Number{Canonical: c.number, State: crosswalk.Given})
		d.list(Change{Kind: mapping.KindRestore, SourceID: c.number, CanonicalID: c.number, Rule: ruleRestore})
	}
	var listed []*crosswalk.Link
	for i := range back {
		d.rewrite(mapping.KindRestore, back[i])
		if back[i].State == crosswalk.Live {
			listed = append(listed, &back[i])
		}
	}
	d.inOrder(listed)
	for _, l := range listed {
		d.listLink(mapping.KindRestore, l, c.number, ruleRestore, "")
	}
	if err := d.reopenReviews(ctx, back); err != nil {
		return nil, err
	}
	return d.close(ctx)
}

// comesBack reports whether a retired link is restored: the one that was
// named, with the further numbers that ended with it, or all of a customer
// that is gone.
func (d *draft) comesBack(l *crosswalk.Link, c *customer, only *crosswalk.Link) bool {
	if only == nil {
		return len(c.live()) == 0 || c.noted[c.number].State == crosswalk.Gone
	}
	return l.ID() == only.ID() || d.also(l.Source) && d.carrier(l.Source) == d.names[only.Source] &&
		l.FromRun == only.FromRun && l.Canonical == only.Canonical
}

// beforeRetirement tells what a retired link of the customer was before.
func (d *draft) beforeRetirement(ctx context.Context, c *customer) (func(*crosswalk.Link) crosswalk.Link, error) {
	ids := []string{c.number}
	for id := range c.noted {
		ids = append(ids, id)
	}
	_, past, err := d.snap.History(ctx, ids)
	if err != nil {
		return nil, err
	}
	versions := map[crosswalk.SourceKey][]crosswalk.Link{}
	for _, l := range past {
		versions[l.ID()] = append(versions[l.ID()], l)
	}
	return func(l *crosswalk.Link) crosswalk.Link {
		back := *l
		back.State, back.Rule = crosswalk.Live, ruleRestore
		if l.Rule != ruleRetire {
			return back
		}
		for _, was := range slices.Backward(versions[l.ID()]) { // the newest first
			if was.Rule != ruleRetire {
				back.State, back.Rule = was.State, was.Rule
				break
			}
		}
		return back
	}, nil
}
