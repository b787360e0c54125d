package plan

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// keep lets founders of sources with `as: keep` keep their number where it is
// legal and free, and returns the other founders.
func (num *numbering) keep(ctx context.Context, founders []node) (rest []node, err error) {
	mark := num.ids.len()
	var keepers []node
	refuse := func(n node, why string) {
		num.note("%s %s cannot stay its canonical ID: %s; it gets a new one", num.inputs[num.sourceOf(n)].Name, num.table.verbatim(n), why)
		rest = append(rest, n)
	}
	for _, n := range founders {
		if !num.rules.KeepsNumbers(num.sourceOf(n)) {
			rest = append(rest, n)
			continue
		}
		id := num.table.key(n)
		if err := scheme.Legal(string(id)); err != nil {
			refuse(n, err.Error())
		} else if _, given := num.fixed.find(id); given {
			refuse(n, "another source's customer has it")
		} else if owner := num.reserved(n, id); owner != "" {
			refuse(n, "it is that of "+owner)
		} else {
			num.number[n] = num.ids.add(id)
			num.fixed.add(num.number[n], n)
			keepers = append(keepers, n)
		}
	}
	if len(keepers) == 0 {
		return rest, nil
	}
	hits, err := num.known(ctx, mark)
	if err != nil {
		return nil, err
	}
	issued := map[string]bool{}
	for _, id := range hits {
		issued[id] = true
	}
	var kept fragile
	for _, n := range keepers {
		if id := num.ids.get(num.number[n]); issued[id] {
			refuse(n, "it was issued before")
			num.number[n] = 0
		} else {
			num.rule[n] = ruleKept
			kept.look(num.inputs[num.sourceOf(n)].Name, id)
		}
	}
	for _, text := range kept.notes() {
		num.note("%s", text)
	}
	return num.inNumberingOrder(rest), nil
}

// fragile counts the kept numbers that a spreadsheet would ruin, by source and
// by what happens to them.
type fragile struct {
	count map[[2]string]int
	first map[[2]string]string
}

func (f *fragile) look(source, id string) {
	what := scheme.Harm(id)
	if what == "" {
		return
	}
	if f.count == nil {
		f.count, f.first = map[[2]string]int{}, map[[2]string]string{}
	}
	of := [2]string{source, what}
	f.count[of]++
	if first, ok := f.first[of]; !ok || scheme.Compare(id, first) < 0 {
		f.first[of] = id
	}
}

func (f *fragile) notes() (texts []string) {
	for of, n := range f.count {
		stays := "stays"
		if n > 1 {
			stays = fmt.Sprintf("and %d more stay", n-1)
		}
		texts = append(texts, fmt.Sprintf("%s %s %s canonical: %s", of[0], f.first[of], stays, of[1]))
	}
	slices.Sort(texts)
	return texts
}

// manyNumbers is up to how many numbers are looked up by name. Beyond, all
// numbers between the lowest and the highest of them are walked.
const manyNumbers = 50_000

// known lists which of the IDs added to the pool since mark the crosswalk has
// ever held.
func (b *builder) known(ctx context.Context, mark int) (hits []string, err error) {
	if b.snap == nil || b.ids.len() == mark {
		return nil, nil
	}
	if n := b.ids.len() - mark; n <= manyNumbers && !b.rules.OneCounter() {
		ids := make([]string, 0, n)
		for r := mark + 1; r <= b.ids.len(); r++ {
			ids = append(ids, b.ids.get(idRef(r)))
		}
		return b.snap.KnownOf(ctx, ids)
	}
	low, high := b.ids.bytes(idRef(mark+1)), b.ids.bytes(idRef(mark+1))
	for r := mark + 1; r <= b.ids.len(); r++ {
		id := b.ids.bytes(idRef(r))
		if string(id) < string(low) {
			low = id
		}
		if string(id) > string(high) {
			high = id
		}
	}
	mine := newNumberSet(&b.ids)
	for id, err := range b.snap.LinksByCanonicalRange(ctx, string(low), string(high)) {
		if err != nil {
			return nil, err
		}
		if len(mine.at) == 0 { // of use only where something stands in the range
			for r := mark + 1; r <= b.ids.len(); r++ {
				mine.add(idRef(r), 0)
			}
		}
		if _, found := mine.find([]byte(id)); found {
			hits = append(hits, clone(id))
		}
	}
	return hits, nil
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
