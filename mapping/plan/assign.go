package plan

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// assign gives every record the canonical ID it ends with: its customer's,
// its cluster's, or a new one. Records that are held in doubt get none.
func (b *builder) assign(ctx context.Context, res match.Result, sc *scored, c customers) error {
	if b.again != nil {
		return b.reassign(ctx, res, sc)
	}
	root := func(n node) node {
		if res.Root == nil {
			return n
		}
		return res.Root[n]
	}
	owner := make([]uint32, len(c.of)) // by root: the customer that its cluster joins
	conflicts := map[node][]uint32{}   // clusters of several customers
	for n, no := range c.of {
		if no == 0 {
			continue
		}
		switch r := root(node(n)); {
		case owner[r] == 0:
			owner[r] = no
		case owner[r] != no && !slices.Contains(conflicts[r], no):
			conflicts[r] = append(conflicts[r], no)
		}
	}
	if err := b.mergeCustomers(ctx, owner, conflicts, c); err != nil {
		return err
	}
	if err := b.checkClusters(res, root); err != nil {
		return err
	}
	hold := b.opts.Policy.Reviews == "hold"
	var founders []node
	for i := range b.sources {
		for _, n := range b.sources[i].natural {
			switch b.status[n] {
			case fresh, held:
			default:
				continue
			}
			if r := root(n); r == n && (owner == nil || owner[n] == 0) && (!hold || !res.InDoubt[n]) {
				founders = append(founders, n)
			}
		}
	}
	if err := b.findCarried(ctx); err != nil {
		return err
	}
	b.loadPromises()
	if err := b.numberFounders(ctx, founders, res, root); err != nil {
		return err
	}
	for i := range b.sources {
		for _, n := range b.sources[i].nodes {
			r := root(n)
			switch b.status[n] {
			case same, changed, gone:
				b.number[n] = b.prior[n].number // a link stays where it is
			case fresh, held:
				if owner != nil && owner[r] != 0 {
					b.number[n] = c.number[owner[r]]
				} else {
					b.number[n] = b.number[r]
				}
				if res.Line != nil && b.rule[n] == ruleNone {
					b.rule[n] = res.Line[n]
				}
			}
		}
	}
	b.numberTombs(owner, root, c)
	if err := b.noteCarried(ctx); err != nil {
		return err
	}
	b.noteDifferences()
	b.noteImpossible()
	return b.addReviews(ctx, res, sc)
}

// mergeCustomers joins customers whose records came together, where the
// policy allows it or a person said so: the number that was issued first
// survives, and of those of one run the first in natural order.
func (b *builder) mergeCustomers(ctx context.Context, owner []uint32, conflicts map[node][]uint32, c customers) error {
	if len(conflicts) == 0 {
		return nil
	}
	roots := slices.Sorted(maps.Keys(conflicts))
	var ids []string
	for _, r := range roots {
		conflicts[r] = append(conflicts[r], owner[r])
		for _, no := range conflicts[r] {
			ids = append(ids, b.ids.get(c.number[no]))
		}
	}
	issued, err := b.snap.IssuedIn(ctx, ids) // the record that founded one need not have been read
	if err != nil {
		return err
	}
	for _, r := range roots {
		var numbers []string
		for _, no := range conflicts[r] {
			numbers = append(numbers, b.ids.get(c.number[no]))
		}
		first := slices.MinFunc(numbers, func(x, y string) int {
			return cmp.Or(cmp.Compare(issued[x], issued[y]), scheme.Compare(x, y))
		})
		owner[r] = conflicts[r][slices.Index(numbers, first)]
		for _, number := range numbers {
			if number == first {
				continue
			}
			b.mergedNow[number] = first
			switch {
			case b.decided.merging[number]:
				b.plan.Decided = append(b.plan.Decided, number)
			case b.told.merging[number]:
				b.plan.Told = append(b.plan.Told, number)
			}
		}
	}
	return nil
}

// checkClusters enforces guard.cluster, and remarks on customers of very
// many records even where no guard is set.
func (b *builder) checkClusters(res match.Result, root func(node) node) error {
	if len(res.Root) == 0 {
		return nil
	}
	size := make([]uint32, len(res.Root))
	joined := make([]bool, len(res.Root))
	for n := range res.Root {
		if b.status[n] == dead {
			continue
		}
		r := root(node(n))
		size[r]++
		joined[r] = joined[r] || b.status[n] == fresh || b.status[n] == held || b.becomes(node(n))
	}
	largest := node(0)
	for n := range size {
		if joined[n] && size[n] > size[largest] {
			largest = node(n)
		}
	}
	if limit := b.opts.Policy.Guard.Cluster; limit > 0 && int(size[largest]) > limit && !b.allowed("cluster") {
		return &GuardError{
			Guard: "cluster", Limit: fmt.Sprint(limit),
			What: fmt.Sprintf("%d records would become one customer, founded by %s", size[largest], b.describe(largest)),
		}
	}
	if size[largest] > hugeCluster {
		b.note("%d records become one customer, founded by %s: look at what they share, and add it to match.placeholders if it is nobody's", size[largest], b.describe(largest))
	}
	return nil
}

// describe names a record for messages.
func (b *builder) describe(n node) string {
	batch, _ := b.table.at(n)
	if batch.source < 0 {
		s := b.side(n)
		return s.Source + " " + s.SourceID
	}
	return fmt.Sprintf("%s %s (%s)", b.inputs[batch.source].Name, b.table.verbatim(n), b.place(n))
}
