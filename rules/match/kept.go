package match

import (
	"cmp"
	"slices"
)

// own puts together what is never taken apart: the records of one customer,
// and then those that people said are one. A Same that would join what a
// person said is different is refused; who asks may tell it by the roots.
func (g *grouper) own() {
	set := newSet(g.in.Rank)
	g.seedCustomers(set)
	g.foes = make(map[uint32][]uint32, 2*len(g.in.Different))
	for _, d := range g.in.Different {
		for i := range d {
			k := set.find(d[i])
			g.foes[k] = append(g.foes[k], d[1-i])
		}
	}
	for _, s := range g.byRanks(g.in.Same) {
		g.keep(set, s[0], s[1])
	}
	g.ownMerged(set)
	g.kept = set.flat()
}

// keep puts two records together for good, unless people said that they are
// different. It reports whether they are together now.
func (g *grouper) keep(set *set, x, y uint32) bool {
	a, b := set.find(x), set.find(y)
	switch {
	case a == b:
		return true
	case g.apart(set, a, b):
		return false
	}
	foes := g.foes[a]
	if len(foes) < len(g.foes[b]) {
		foes = append(g.foes[b], foes...)
	} else {
		foes = append(foes, g.foes[b]...)
	}
	delete(g.foes, a)
	delete(g.foes, b)
	set.union(a, b)
	if len(foes) > 0 {
		g.foes[set.find(a)] = foes
	}
	return true
}

// ownMerged puts together what sources merged, in the order of ranks. Two
// values of a differ role on the two sides are a contradiction that a person
// must look at: the record stays where it is, in doubt.
func (g *grouper) ownMerged(set *set) {
	if len(g.in.Merged) == 0 {
		return
	}
	of := g.membersOf(set)
	list := slices.Clone(g.in.Merged)
	rank := g.in.Rank
	slices.SortFunc(list, func(x, y [2]uint32) int {
		return cmp.Or(cmp32(rank[x[0]], rank[y[0]]), cmp32(rank[x[1]], rank[y[1]]))
	})
	for _, s := range list {
		a, b := set.find(s[0]), set.find(s[1])
		if a == b {
			continue
		}
		if g.anyDiffer(of[a], of[b]) {
			g.doubt[s[0]] = true
			continue
		}
		if g.keep(set, s[0], s[1]) && of != nil {
			all := append(of[a], of[b]...)
			delete(of, a)
			delete(of, b)
			of[set.find(a)] = all
		}
	}
}

// membersOf lists the records of every set that a pair of Merged is about;
// nil where nothing can differ.
func (g *grouper) membersOf(set *set) map[uint32][]uint32 {
	if len(g.in.Differ) == 0 {
		return nil
	}
	of := make(map[uint32][]uint32, 2*len(g.in.Merged))
	for _, s := range g.in.Merged {
		of[set.find(s[0])], of[set.find(s[1])] = nil, nil
	}
	for rec := range g.in.Rank {
		root := set.find(uint32(rec))
		if list, ok := of[root]; ok {
			of[root] = append(list, uint32(rec))
		}
	}
	return of
}

// seedCustomers puts the records of one customer into one set, so that what
// is decided about one of them is decided about all.
func (g *grouper) seedCustomers(set *set) {
	var first []uint32
	for rec, c := range g.in.Customer {
		if c == 0 {
			continue
		}
		if int(c) >= len(first) {
			first = append(first, make([]uint32, max(int(c)+1-len(first), len(first)))...)
		}
		if first[c] == 0 {
			first[c] = uint32(rec) + 1
		} else {
			set.union(first[c]-1, uint32(rec))
		}
	}
}

// apart reports whether people said that a record of one root of set is
// another customer than a record of the other.
func (g *grouper) apart(set *set, a, b uint32) bool {
	if len(g.foes[b]) < len(g.foes[a]) {
		a, b = b, a
	}
	return slices.ContainsFunc(g.foes[a], func(r uint32) bool { return set.find(r) == b })
}

// byRanks sorts pairs of records, the lower rank first in each.
func (g *grouper) byRanks(pairs [][2]uint32) [][2]uint32 {
	rank := g.in.Rank
	out := slices.Clone(pairs)
	for i, p := range out {
		if rank[p[1]] < rank[p[0]] {
			out[i] = [2]uint32{p[1], p[0]}
		}
	}
	slices.SortFunc(out, func(x, y [2]uint32) int {
		return cmp.Or(cmp32(rank[x[0]], rank[y[0]]), cmp32(rank[x[1]], rank[y[1]]))
	})
	return out
}
