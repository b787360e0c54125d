package plan

import (
	"context"
	"iter"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/match"
)

// CarryOut plans what people's decisions ask for and nothing else: customers
// that somebody called the same are merged, and reviews that are answered are
// closed. It reads no source. A decision about a record that has no number yet
// waits for the next run that reads it.
func CarryOut(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o Options) (*Plan, error) {
	b := &builder{rules: rs, opts: o, snap: snap, plan: &Plan{Kind: "review", Rules: rs.Digest(), Environment: o.Environment}}
	if err := b.loadHead(ctx); err != nil {
		return nil, err
	}
	if err := b.loadDecisions(ctx); err != nil {
		return nil, err
	}
	b.findPending()
	open := make([]bool, b.table.size())
	c, err := b.customers(ctx, open)
	if err != nil {
		return nil, err
	}
	in := b.matchInput(open, c)
	in.Joins = func(node) []match.Join { return nil } // what the rules think of them was decided before
	if err := b.assign(ctx, match.Group(in), nil, c); err != nil {
		return nil, err
	}
	if err := b.countCustomers(ctx); err != nil {
		return nil, err
	}
	p := b.plan
	b.writeMerges()
	p.Spaces = b.stored
	p.Totals.Customers += b.head.Customers
	p.Totals.ReviewsOpen = b.head.ReviewsOpen + int64(len(p.Reviews)-len(p.Closed))
	p.body = noWrites
	p.Sources = []SourceCount{}
	p.Rejects = []mapping.Reject{}
	return p, p.seal()
}

// noWrites is the body of a plan that writes no links.
func noWrites(bool) iter.Seq2[*Write, error] { return func(func(*Write, error) bool) {} }
