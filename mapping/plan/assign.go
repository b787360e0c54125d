package plan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// assign gives every record the canonical ID it ends with: its customer's,
// its cluster's, or a new one. Records that are held in doubt get none.
func (b *builder) assign(ctx context.Context, res match.Result, c customers) error {
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
	b.mergeCustomers(owner, conflicts, c)
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
	if err := b.numberFounders(ctx, founders); err != nil {
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
	b.addReviews(res)
	return nil
}

// mergeCustomers joins customers whose records came together, where the
// policy allows it: the older number survives, and among equally old ones
// the first in natural order.
func (b *builder) mergeCustomers(owner []uint32, conflicts map[node][]uint32, c customers) {
	for _, r := range slices.Sorted(maps.Keys(conflicts)) {
		all := append([]uint32{owner[r]}, conflicts[r]...)
		slices.SortFunc(all, func(x, y uint32) int {
			return cmp.Or(cmp.Compare(c.since[x], c.since[y]), scheme.Compare(view(b.ids.bytes(c.number[x])), view(b.ids.bytes(c.number[y]))))
		})
		owner[r] = all[0]
		for _, loser := range all[1:] {
			b.mergedNow[b.ids.get(c.number[loser])] = b.ids.get(c.number[owner[r]])
		}
	}
}

// checkClusters enforces guard.cluster, and remarks on customers of very
// many records even where no guard is set.
func (b *builder) checkClusters(res match.Result, root func(node) node) error {
	if res.Root == nil {
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
		joined[r] = joined[r] || b.status[n] == fresh || b.status[n] == held
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
		return string(b.table.key(n))
	}
	return fmt.Sprintf("%s %s (%s)", b.inputs[batch.source].Name, b.table.verbatim(n), b.place(n))
}

// numberFounders issues canonical IDs in the defined order. A source whose
// numbers are kept gives its own where they are legal and free. Counters are
// tried against every number the crosswalk ever knew, so that an imported or
// kept number is stepped over.
func (b *builder) numberFounders(ctx context.Context, founders []node) error {
	for _, n := range founders {
		b.kind[n] = mapping.KindCreate
	}
	rest, kept, err := b.keepNumbers(ctx, founders)
	if err != nil {
		return err
	}
	counters := map[string]uint64{}
	if b.snap != nil {
		if counters, err = b.snap.Counters(ctx); err != nil {
			return err
		}
	}
	taken := kept
	mark := len(b.ids.ends)
	for {
		issued, err := b.issue(rest, counters, taken)
		if err != nil {
			return err
		}
		hits, err := b.known(ctx, mark, func(id string) bool { return taken[id] })
		if err != nil {
			return err
		}
		if len(hits) == 0 {
			b.plan.Counters = issued
			return b.alarm(issued)
		}
		for _, id := range hits {
			taken[id] = true
		}
		b.ids.truncate(mark)
	}
}

// issue numbers the founders from the counters, and returns where each
// counter that moved then stands.
func (b *builder) issue(founders []node, counters map[string]uint64, taken map[string]bool) (map[string]uint64, error) {
	several := false
	for i := range b.sources {
		several = several || b.rules.Canonical(i).String() != b.rules.Canonical(0).String()
	}
	moved := map[string]uint64{}
	given := map[string]bool{} // only where several schemes could write one number
	var buf []byte
	for _, n := range founders {
		batch, _ := b.table.at(n)
		c := b.rules.Canonical(batch.source)
		last, ok := moved[c.Prefix()]
		if !ok {
			if last, ok = counters[c.Prefix()]; !ok {
				last = b.rules.Start() - 1
			}
		}
		for {
			last = b.rules.SkipReserved(last + 1)
			var err error
			if buf, err = c.Append(buf[:0], last); err != nil {
				if !errors.Is(err, scheme.ErrExhausted) {
					return nil, err
				}
				return nil, &CapacityError{Scheme: c.String(), Capacity: c.Capacity(), Wanted: len(founders)}
			}
			if !taken[string(buf)] && !given[string(buf)] {
				break
			}
		}
		if several {
			given[string(buf)] = true
		}
		moved[c.Prefix()] = last
		b.number[n] = b.ids.add(buf)
	}
	return moved, nil
}

// known lists which of the IDs added to the pool since mark the crosswalk
// has ever held, except those that skip.
func (b *builder) known(ctx context.Context, mark int, skip func(string) bool) ([]string, error) {
	if b.snap == nil || len(b.ids.ends) == mark {
		return nil, nil
	}
	low, high := b.ids.bytes(idRef(mark+1)), b.ids.bytes(idRef(mark+1))
	for r := mark + 1; r <= len(b.ids.ends); r++ {
		id := b.ids.bytes(idRef(r))
		if string(id) < string(low) {
			low = id
		}
		if string(id) > string(high) {
			high = id
		}
	}
	inRange := map[string]bool{}
	for id, err := range b.snap.LinksByCanonicalRange(ctx, string(low), string(high)) {
		if err != nil {
			return nil, err
		}
		if !skip(id) {
			inRange[clone(id)] = true
		}
	}
	var hits []string
	for r := mark + 1; r <= len(b.ids.ends) && len(inRange) > 0; r++ {
		if id := b.ids.get(idRef(r)); inRange[id] {
			hits = append(hits, id)
		}
	}
	return hits, nil
}

// keepNumbers lets founders of sources with `as: keep` keep their number.
// It returns the other founders and the numbers kept.
func (b *builder) keepNumbers(ctx context.Context, founders []node) (rest []node, kept map[string]bool, err error) {
	kept = map[string]bool{}
	mark := len(b.ids.ends)
	var keepers []node
	refuse := func(n node, why string) {
		b.note("%s %s cannot stay its canonical ID: %s; it gets a new one", b.inputs[b.sourceOf(n)].Name, b.table.verbatim(n), why)
	}
	for _, n := range founders {
		if !b.rules.KeepsNumbers(b.sourceOf(n)) {
			rest = append(rest, n)
			continue
		}
		id := string(b.table.key(n))
		switch err := scheme.Legal(id); {
		case err != nil:
			refuse(n, err.Error())
			rest = append(rest, n)
		case kept[id]:
			refuse(n, "another source's customer has it")
			rest = append(rest, n)
		default:
			kept[id] = true
			b.number[n] = b.ids.addString(id)
			keepers = append(keepers, n)
		}
	}
	hits, err := b.known(ctx, mark, func(string) bool { return false })
	if err != nil {
		return nil, nil, err
	}
	issued := map[string]bool{}
	for _, id := range hits {
		issued[id] = true
	}
	for _, n := range keepers {
		if issued[b.ids.get(b.number[n])] {
			refuse(n, "it was issued before")
			b.number[n] = 0
			rest = append(rest, n)
		} else {
			b.rule[n] = ruleKept
		}
	}
	return b.inNumberingOrder(rest), kept, nil
}

func (b *builder) sourceOf(n node) int {
	batch, _ := b.table.at(n)
	return batch.source
}

// inNumberingOrder puts founders that were set aside back in their place.
func (b *builder) inNumberingOrder(nodes []node) []node {
	order := func(x, y node) int {
		return cmp.Or(cmp.Compare(b.sourceOf(x), b.sourceOf(y)), scheme.Compare(view(b.table.key(x)), view(b.table.key(y))))
	}
	if !slices.IsSortedFunc(nodes, order) {
		slices.SortFunc(nodes, order)
	}
	return nodes
}

// alarm warns when a counter has used most of what its scheme can hold.
func (b *builder) alarm(moved map[string]uint64) error {
	for i := range b.sources {
		c := b.rules.Canonical(i)
		if last, ok := moved[c.Prefix()]; ok && last > c.Capacity()/10*8 {
			text := fmt.Sprintf("%d%% of the numbers of %s are used (%d of %d): plan for a wider scheme", last*100/c.Capacity(), c, last, c.Capacity())
			if !slices.Contains(b.plan.Notes, text) {
				b.plan.Notes = append(b.plan.Notes, text)
			}
		}
	}
	return nil
}
