package match

import (
	"cmp"
	"slices"
)

// split takes a cluster with contradictions apart, by the lines that its
// records agree on.
func (g *grouper) split(recs []uint32) {
	units, of := g.units(recs)
	edges := g.edges(recs, of)
	p := newParts(g)
	p.begin(units, func(rec uint32) (int, bool) { u, ok := of[rec]; return u, ok })
	if len(p.class) > maxClasses {
		g.dropped = append(g.dropped, Dropped{Line: NoLine, First: recs[0], Records: len(recs), Groups: len(units)})
	} else {
		p.join(edges)
	}
	for _, r := range recs {
		g.line[r] = NoLine
	}
	p.assign(g.root, edges)
	g.reviews = append(g.reviews, p.reviews...)
	for _, r := range p.torn {
		g.torn[r], g.doubt[r] = true, true
	}
}

// units makes the units of a cluster, in rank order.
func (g *grouper) units(recs []uint32) (units []unit, of map[uint32]int) {
	of = make(map[uint32]int, len(recs))
	byKept := map[uint32]int{}
	for _, r := range recs {
		k, known := byKept[g.kept[r]]
		if !known {
			k = len(units)
			units = append(units, unit{})
			byKept[g.kept[r]] = k
		}
		units[k].recs = append(units[k].recs, r)
		units[k].numbered = units[k].numbered || g.in.Customer[r] != 0
		of[r] = k
	}
	return units, of
}

// edges lists the agreements between units: the likeliest first where records
// are scored, then by line and by rank, so that the outcome does not depend on the order of the records.
func (g *grouper) edges(recs []uint32, of map[uint32]int) []edge {
	byHash := map[Hash][]uint32{}
	lines := map[Hash]uint8{}
	for _, r := range recs {
		for _, j := range g.in.Joins(r) {
			if g.spent[j.Hash] {
				continue
			}
			if l, ok := lines[j.Hash]; ok {
				lines[j.Hash] = g.in.prefer(l, j.Line)
			} else {
				lines[j.Hash] = j.Line
			}
			byHash[j.Hash] = append(byHash[j.Hash], r)
		}
	}
	var out []edge
	add := func(a, b uint32, line uint8) {
		u, v := of[a], of[b]
		if u == v || (!g.in.Open[a] && !g.in.Open[b]) {
			return
		}
		if u > v {
			u, v, a, b = v, u, b, a
		}
		e := edge{u: u, v: v, a: a, b: b, line: line}
		if g.in.Score != nil {
			e.weight = g.in.Score(a, b)
		}
		out = append(out, e)
	}
	for h, block := range byHash {
		for _, c := range g.resolveBlock(lines[h], block, false) {
			for i, a := range c {
				if len(c) > maxPairs && i > 0 {
					break
				}
				for _, b := range c[i+1:] {
					add(a, b, lines[h])
				}
			}
		}
	}
	rank := g.in.Rank
	slices.SortFunc(out, func(x, y edge) int {
		return cmp.Or(cmp.Compare(y.weight, x.weight), cmp.Compare(x.line, y.line), cmp.Compare(x.u, y.u), cmp.Compare(x.v, y.v),
			cmp32(rank[x.a], rank[y.a]), cmp32(rank[x.b], rank[y.b]))
	})
	return out
}
