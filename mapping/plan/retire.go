package plan

import (
	"context"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// Target is what is retired or restored: the customer that a canonical ID
// means, or where Number is empty one link.
type Target struct {
	Number string
	Link   crosswalk.SourceKey
}

// Retire plans to end a customer, with all of its links, or one link. Until
// they are restored they stay retired, though their records may still be in
// their sources. Further numbers of a record go with it where no other record
// of the customer may have carried them. Errors are [*ActError], and
// [*NothingError] where it is retired already.
func Retire(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, t Target, o Options) (*Plan, error) {
	d, err := newDraft(ctx, snap, rs, "retire", o)
	if err != nil {
		return nil, err
	}
	c, only, err := d.target(ctx, t)
	if err != nil {
		return nil, err
	}
	ends := func(l *crosswalk.Link) bool { return only == nil || l.ID() == only.ID() }
	live := c.live()
	var ended []*crosswalk.Link
	for i := range c.links {
		l := &c.links[i]
		goes, unsure := ends(l), false
		if !goes && d.also(l.Source) && l.State == crosswalk.Live {
			if goes, unsure = d.follows(l, live, ends); unsure {
				d.note("%s stays with the customer; should it be a number of %s, retire it too", d.text(l), d.text(only))
			}
		}
		if goes && (l.State != crosswalk.Retired || l.Rule != ruleRetire) {
			ended = append(ended, l)
		}
	}
	if len(ended) == 0 && (only != nil || c.noted[c.number].State == crosswalk.Gone) {
		if only != nil {
			return d.nothing(ctx, "%s is retired already", d.text(only))
		}
		return d.nothing(ctx, "%s is retired already", c.number)
	}
	if only == nil {
		d.number(crosswalk.Number{Canonical: c.number, State: crosswalk.Gone})
		d.list(Change{Kind: mapping.KindRetire, SourceID: c.number, Rule: ruleRetire, Detail: "the number answers gone"})
	}
	d.inOrder(ended)
	for _, l := range ended {
		if l.State == crosswalk.Live && !d.also(l.Source) {
			d.plan.Totals.Retired++
		}
		was := *l
		was.State, was.Rule = crosswalk.Retired, ruleRetire
		d.rewrite(mapping.KindRetire, was)
		d.listLink(mapping.KindRetire, l, c.number, ruleRetire, "")
	}
	if only != nil && len(ended) >= len(live) {
		d.note("it was the last live link of %s, so that number answers gone", c.number)
	}
	if err := d.settleReviews(ctx); err != nil {
		return nil, err
	}
	return d.close(ctx)
}

// target loads the customer of t, and the link where t is one.
func (d *draft) target(ctx context.Context, t Target) (c *customer, only *crosswalk.Link, err error) {
	number := t.Number
	if number == "" {
		links, err := d.snap.ByKeys(ctx, []crosswalk.SourceKey{t.Link})
		if err != nil {
			return nil, nil, err
		}
		if len(links) == 0 {
			return nil, nil, refused("", "%s %s is not in the crosswalk", d.names[t.Link.Source], t.Link.Key)
		}
		only = &links[0]
		switch only.State {
		case crosswalk.Held:
			return nil, nil, refused("decide its review, or run `xwalk apply`, and it has a number", "%s has no number yet", d.text(only))
		case crosswalk.Contested:
			return nil, nil, refused("", "%s is held by two customers and belongs to neither", d.text(only))
		case crosswalk.Void:
			return nil, nil, refused("the next `xwalk apply` reads it as new", "%s says nothing any more: what made it was undone", d.text(only))
		}
		number = only.Canonical
	}
	list, err := d.customersOf(ctx, number)
	if err != nil {
		return nil, nil, err
	}
	if c = list[0]; len(c.links) == 0 {
		return nil, nil, refused("", "%s has no record any more", c.number)
	}
	if only != nil {
		at := slices.IndexFunc(c.links, func(l crosswalk.Link) bool { return l.ID() == only.ID() })
		only = &c.links[at]
	}
	return c, only, nil
}
