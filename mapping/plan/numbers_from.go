package plan

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Promise is a link of another crosswalk, such as a rehearsal's, as its export
// writes it: what stands as CanonicalID is the number that it meant there.
// SinceRun is 0 where it is not known.
type Promise struct {
	Source      string
	SourceID    string
	CanonicalID string
	Rule        string
	SinceRun    int64
}

// promises are the numbers of a rehearsal. Who founded a customer there with a
// number founds with it here, too.
type promises struct {
	list    []promise
	at      map[promisedKey]int32 // places in list
	numbers map[string]int32      // by number: its founder's place, or -1 where no source has it
	last    map[string]uint64     // by the prefix of a counter: the last number that it gave there
	unknown int                   // links of sources that are not configured
	refused []string              // numbers that could not be taken, with why
}

type promisedKey struct {
	source int
	key    string
}

type promise struct {
	promisedKey
	number string
	founds bool
	since  int64
}

// has reports whether a number was somebody's there.
func (p *promises) has(id string) bool {
	if p == nil {
		return false
	}
	_, ok := p.numbers[id]
	return ok
}

// loadPromises reads the links of a rehearsal.
func (b *builder) loadPromises() {
	if len(b.opts.NumbersFrom) == 0 {
		return
	}
	p := &promises{at: map[promisedKey]int32{}, numbers: map[string]int32{}, last: map[string]uint64{}}
	b.promised = p
	names := b.rules.Sources()
	kept := map[string]bool{} // numbers that no counter gave
	for i := range b.opts.NumbersFrom {
		g := &b.opts.NumbersFrom[i]
		if g.CanonicalID == "" {
			continue // it had none
		}
		p.numbers[g.CanonicalID] = -1
		if g.Rule == ruleKeep || g.Rule == ruleImport {
			kept[g.CanonicalID] = true
		}
		s := slices.Index(names, g.Source)
		key, known, err := b.rules.Key(g.Source, g.SourceID)
		if s < 0 {
			if !known {
				p.unknown++
			}
			continue // further numbers follow their records
		}
		if !known || err != nil {
			continue // no record of today can have it
		}
		p.list = append(p.list, promise{promisedKey{s, key}, g.CanonicalID, founds(g.Rule), g.SinceRun})
	}
	// Of a number the founder comes first: after a merge there are several that
	// founded, and the one whose number survived had it longest.
	slices.SortFunc(p.list, func(x, y promise) int {
		c := cmp.Compare(x.number, y.number)
		if c == 0 && x.founds != y.founds {
			c = 1
			if x.founds {
				c = -1
			}
		}
		if c == 0 && x.founds {
			c = cmp.Compare(x.since, y.since)
		}
		return cmp.Or(c, cmp.Compare(x.source, y.source), scheme.Compare(x.key, y.key))
	})
	for i := range p.list {
		r := &p.list[i]
		if i == 0 || p.list[i-1].number != r.number {
			p.numbers[r.number] = int32(i)
		}
		p.at[r.promisedKey] = int32(i)
	}
	for id := range p.numbers {
		if kept[id] {
			continue
		}
		for i := range names {
			if c := b.rules.Canonical(i); c.Issue() == scheme.Counted {
				if n, ok := c.Counter(id); ok {
					prefix := c.Prefix(id)
					p.last[prefix] = max(p.last[prefix], n)
				}
			}
		}
	}
}

// of is the link that a record had there.
func (p *promises) of(b *builder, n node) (at int32, ok bool) {
	at, ok = p.at[promisedKey{b.sourceOf(n), string(b.table.key(n))}]
	return at, ok
}

// keepPromises gives founders the numbers that their customers had in the
// rehearsal, and returns the others: first those who founded there, too, then
// those of whose customer another record founded there, then those of whose
// customer some record had a number whose founder is gone from the sources.
func (num *numbering) keepPromises(ctx context.Context, founders []node) (rest []node, err error) {
	p := num.promised
	if p == nil {
		return founders, nil
	}
	wanted, err := num.wanted(ctx, founders)
	if err != nil {
		return nil, err
	}
	for tier := range wanted {
		for _, n := range founders {
			if num.number[n] != 0 {
				continue
			}
			for _, id := range wanted[tier][n] {
				if _, taken := num.fixed.find([]byte(id)); !taken {
					num.take(n, id)
					break
				}
			}
		}
	}
	for _, n := range founders {
		if num.number[n] == 0 {
			rest = append(rest, n)
		}
	}
	return rest, nil
}

// wanted lists for each founder the numbers that it may have, in the three
// tiers of keepPromises; those that are not legal, or that are somebody's
// here, are left out.
func (num *numbering) wanted(ctx context.Context, founders []node) (tiers [3]map[node][]string, err error) {
	p := num.promised
	founder := map[node]node{} // by root
	for _, n := range founders {
		founder[num.root(n)] = n
	}
	here := map[int32]bool{} // founders there whose records were read
	for i := range num.sources {
		for _, n := range num.sources[i].natural {
			if at, ok := p.of(num.builder, n); ok {
				here[at] = true
			}
		}
	}
	for t := range tiers {
		tiers[t] = map[node][]string{}
	}
	var all []string
	for i := range num.sources {
		for _, n := range num.sources[i].natural {
			at, ok := p.of(num.builder, n)
			if !ok || num.status[n] != fresh && num.status[n] != held {
				continue
			}
			f, founding := founder[num.root(n)]
			if !founding {
				continue
			}
			id := p.list[at].number
			first := p.numbers[id]
			t := 2
			switch {
			case first == at && f == n:
				t = 0
			case first == at:
				t = 1
			case here[first]:
				continue
			}
			tiers[t][f] = append(tiers[t][f], id)
			all = append(all, id)
		}
	}
	issued, err := num.issuedOf(ctx, all)
	if err != nil {
		return tiers, err
	}
	bad := map[string]string{}
	for _, id := range all {
		if err := scheme.Legal(id); err != nil {
			bad[id] = err.Error()
		} else if issued[id] {
			bad[id] = "it was issued here before"
		}
	}
	for t := range tiers {
		for n, ids := range tiers[t] {
			tiers[t][n] = slices.DeleteFunc(ids, func(id string) bool { return bad[id] != "" })
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(bad), scheme.Compare) {
		p.refused = append(p.refused, id+" ("+bad[id]+")")
	}
	return tiers, nil
}

// passed are counters that stand at least where those of the rehearsal stood.
func (p *promises) passed(counters map[string]uint64) map[string]uint64 {
	if p == nil {
		return counters
	}
	out := maps.Clone(counters)
	if out == nil {
		out = map[string]uint64{}
	}
	for prefix, n := range p.last {
		out[prefix] = max(out[prefix], n)
	}
	return out
}

// passCounters moves counters past the numbers of a rehearsal.
func (b *builder) passCounters(ctx context.Context) error {
	if b.promised == nil || len(b.promised.last) == 0 {
		return nil
	}
	var stored map[string]uint64
	if b.snap != nil {
		var err error
		if stored, err = b.snap.Counters(ctx); err != nil {
			return err
		}
	}
	for prefix, n := range b.promised.last {
		if n > max(stored[prefix], b.plan.Counters[prefix]) {
			b.plan.Counters[prefix] = n
		}
	}
	return nil
}

// unusedPromises are the numbers of the rehearsal that nobody has here.
func (b *builder) unusedPromises(ctx context.Context) ([]string, error) {
	if b.promised == nil {
		return nil, nil
	}
	ids := slices.DeleteFunc(slices.Collect(maps.Keys(b.promised.numbers)), func(id string) bool { return scheme.Legal(id) != nil })
	if b.snap == nil || len(ids) == 0 {
		return ids, nil
	}
	known, err := b.snap.KnownOf(ctx, slices.Clone(ids))
	if err != nil {
		return nil, err
	}
	slices.Sort(known)
	return slices.DeleteFunc(ids, func(id string) bool { _, found := slices.BinarySearch(known, id); return found }), nil
}

// shownDifferences is how many differences of each kind are listed.
const shownDifferences = 5

// noteDifferences compares the customers with those of the rehearsal.
func (b *builder) noteDifferences() {
	p := b.promised
	if p == nil {
		return
	}
	type pair struct {
		there, here string
		n           node
	}
	var pairs []pair
	used := map[string]bool{}
	for i := range b.sources {
		for _, n := range b.sources[i].natural {
			here := b.endNumber(n)
			if here == "" {
				continue
			}
			used[here] = true
			if at, ok := p.of(b, n); ok {
				pairs = append(pairs, pair{p.list[at].number, here, n})
			}
		}
	}
	name := func(n node) string { return b.inputs[b.sourceOf(n)].Name + " " + b.table.verbatim(n) }
	differ := func(group, other func(pair) string, text func(x, y pair) string) (list []string) {
		// Stable: within a group the records stay in the order of numbering.
		slices.SortStableFunc(pairs, func(x, y pair) int { return scheme.Compare(group(x), group(y)) })
		for i := 0; i < len(pairs); {
			k := i + 1
			for ; k < len(pairs) && group(pairs[k]) == group(pairs[i]); k++ {
				if other(pairs[k]) != other(pairs[i]) {
					list = append(list, text(pairs[i], pairs[k]))
				}
			}
			i = k
		}
		return list
	}
	there, here := func(x pair) string { return x.there }, func(x pair) string { return x.here }
	b.noteList("no longer one customer, as they were in the file of --numbers-from", differ(there, here, func(x, y pair) string {
		return fmt.Sprintf("%s (%s) and %s (%s), once both %s", name(x.n), x.here, name(y.n), y.here, x.there)
	}))
	b.noteList("one customer now, and were apart in the file of --numbers-from", differ(here, there, func(x, y pair) string {
		return fmt.Sprintf("%s (was %s) and %s (was %s), now %s", name(x.n), x.there, name(y.n), y.there, x.here)
	}))
	b.noteList("not taken from the file of --numbers-from", p.refused)
	var unused []string
	for id := range p.numbers {
		if !used[id] {
			unused = append(unused, id)
		}
	}
	slices.SortFunc(unused, scheme.Compare)
	b.noteList("of the file of --numbers-from are nobody's here, and never given to anyone else", unused)
	if p.unknown > 0 {
		b.note("%d links in the file of --numbers-from are of sources that are not configured; no customer here takes its number from them", p.unknown)
	}
}

// noteList notes the first of a list, and how many there are.
func (b *builder) noteList(what string, list []string) {
	if len(list) == 0 {
		return
	}
	for _, text := range list[:min(len(list), shownDifferences)] {
		b.note("%s: %s", what, text)
	}
	if more := len(list) - shownDifferences; more > 0 {
		b.note("%s: %d more", what, more)
	}
}
