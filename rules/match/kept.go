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
		a, b := set.find(s[0]), set.find(s[1])
		if a == b || g.apart(set, a, b) {
			continue
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
	}
	g.kept = set.flat()
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
