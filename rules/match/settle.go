package match

import "slices"

// settle fixes the roots of the clusters: it looks at every cluster that was
// touched, and splits those that hold a contradiction.
func (g *grouper) settle(touched []bool) {
	g.root = make([]uint32, len(touched))
	active := make([]bool, len(touched))
	for i := range g.root {
		g.root[i] = g.set.find(uint32(i))
		active[g.root[i]] = active[g.root[i]] || touched[i]
	}
	m := newMembers(g.order, g.root)
	for _, root := range g.order {
		if !active[root] {
			continue
		}
		if c := m.of(root); len(c) > 1 && (g.contradicts(c) || g.unlike(c)) {
			g.split(c)
		}
	}
}

// contradicts reports whether a cluster may hold what must not be joined:
// two numbered customers, two values of a differ role, two records that a
// person keeps apart.
func (g *grouper) contradicts(recs []uint32) bool {
	const none = ^uint32(0)
	customer := none
	var seen [256]uint64 // differ role -> first value, 0 for none
	for _, r := range recs {
		k := g.kept[r]
		if g.in.Customer[r] != 0 && !g.in.AutoMerge {
			if customer != none && customer != k {
				return true
			}
			customer = k
		}
		if slices.ContainsFunc(g.foes[k], func(f uint32) bool {
			return g.set.find(f) == g.set.find(r) && g.kept[f] != k
		}) {
			return true
		}
		if len(g.in.Differ) == 0 {
			continue
		}
		for _, v := range g.in.Values(r) {
			if !slices.Contains(g.in.Differ, v.Role) {
				continue
			}
			if seen[v.Role] != 0 && seen[v.Role] != v.Hash|1 {
				return true
			}
			seen[v.Role] = v.Hash | 1
		}
	}
	return false
}

// unlike reports whether a chain of agreements may have joined records that
// have little in common. Going round the cluster once is enough: whatever the
// two sides that a single agreement holds together, the round crosses from
// one to the other twice, and once at another place than that agreement.
func (g *grouper) unlike(recs []uint32) bool {
	if g.in.Score == nil || len(recs) < 3 {
		return false
	}
	last := recs[len(recs)-1]
	for _, r := range recs {
		if !(g.in.Score(last, r) >= chainFloor) { // no number, where they have nothing to compare, tells nothing
			return true
		}
		last = r
	}
	return false
}
