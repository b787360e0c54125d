package match

import (
	"maps"
	"slices"
)

// join joins the units, strongest edge first, wherever nothing stands against
// it, and notes a review where something does. Units that contradict nobody
// hang together by their edges and go to the one side that they fit; where
// they fit several sides that contradict each other they stand alone, in
// doubt.
func (p *parts) join(edges []edge) {
	// What is weak at first may find support among what joins later.
	weak := p.sweep(edges)
	for before := len(edges); len(weak) < before; {
		before = len(weak)
		weak = p.sweep(weak)
	}
	for _, e := range weak {
		p.refuse(e, p.weak(e))
	}
	if slices.Contains(p.anchor, true) {
		p.place(edges)
	}
}

// sweep joins along the edges between anchored units, and those between free
// ones, and returns those that are weak.
func (p *parts) sweep(edges []edge) (weak []edge) {
	for _, e := range edges {
		switch {
		case p.anchor[e.u] != p.anchor[e.v] || p.find(e.u) == p.find(e.v):
		case p.units[e.u].torn || p.units[e.v].torn:
			p.refuse(e, BetweenTwo)
		case p.clash(e.u, e.v):
			p.refuseClash(e)
		case p.weak(e) != sound:
			weak = append(weak, e)
		default:
			p.unite(e.u, e.v)
		}
	}
	return weak
}

func (p *parts) refuse(e edge, why Why) {
	a, b := e.a, e.b
	if p.in.Rank[b] < p.in.Rank[a] {
		a, b = b, a
	}
	r := Review{A: a, B: b, Line: e.line, Why: why}
	if e.line == SimilarLine {
		r.Weight = e.weight
	}
	p.reviews = append(p.reviews, r)
}

// refuseClash raises a review for an edge that a contradiction overrules,
// unless the two sides themselves differ: then nothing is in doubt.
func (p *parts) refuseClash(e edge) {
	u, v := &p.units[e.u], &p.units[e.v]
	switch {
	case p.anyDiffer(u.recs, v.recs):
	case u.numbered && v.numbered:
		p.refuse(e, TwoCustomers)
	default:
		p.refuse(e, BetweenTwo)
	}
}

// place lets every part of free units join the sides it fits, or leaves it in
// doubt when those sides contradict each other.
func (p *parts) place(edges []edge) {
	fits := map[int][]edge{} // free part -> its edges to anchored units, in u
	for _, e := range edges {
		if p.anchor[e.u] == p.anchor[e.v] {
			continue
		}
		if p.anchor[e.u] {
			e.u, e.v, e.a, e.b = e.v, e.u, e.b, e.a
		}
		fits[p.find(e.u)] = append(fits[p.find(e.u)], e)
	}
	for _, root := range slices.Sorted(maps.Keys(fits)) {
		sides := p.sides(fits[root])
		torn := p.units[root].torn
		for i := range sides {
			for j := range i {
				torn = torn || p.clash(sides[i].v, sides[j].v)
			}
		}
		if torn {
			p.leave(root, sides)
			continue
		}
		for _, e := range sides {
			switch why := p.weak(e); {
			case p.find(e.u) == p.find(e.v):
			case why != sound:
				p.refuse(e, why)
			default:
				p.unite(e.u, e.v)
			}
		}
	}
}

// sides keeps the strongest sound edge to each anchored part.
func (p *parts) sides(edges []edge) (sides []edge) {
	for _, e := range edges {
		if slices.ContainsFunc(sides, func(o edge) bool { return p.find(o.v) == p.find(e.v) }) {
			continue
		}
		if why := p.weak(e); why != sound {
			p.refuse(e, why)
			continue
		}
		sides = append(sides, e)
	}
	return sides
}

// leave keeps a free part in doubt between the sides it fits.
func (p *parts) leave(root int, sides []edge) {
	for _, e := range sides {
		p.refuse(e, BetweenTwo)
	}
	for u := root; ; {
		p.torn = append(p.torn, p.units[u].recs...)
		if u = p.next[u]; u == root {
			break
		}
	}
}
