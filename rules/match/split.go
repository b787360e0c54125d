package match

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
)

// unit is what a split never takes apart: the records of one customer that
// has a number, or one record without one.
type unit struct {
	recs     []uint32
	customer uint32
	class    int // units of one class contradict the same others
}

// edge is an agreement between two units.
type edge struct {
	u, v int
	a, b uint32 // the records, lowest ranks first
	line uint8
}

// split takes a cluster with contradictions apart. Units that contradict
// nobody hang together by their agreements and go to the one side that they
// fit; where they fit several sides that contradict each other they stand
// alone, in doubt.
func (g *grouper) split(recs []uint32) {
	units, of := g.units(recs)
	edges := g.edges(recs, of)
	p := newPartition(len(units))
	opposed, ok := g.opposition(units)
	if !ok {
		g.dropped = append(g.dropped, Dropped{Line: NoLine, Records: len(recs), Groups: len(units)})
		g.assign(units, p, edges)
		return
	}
	p.oppose(units, opposed)
	for _, e := range edges {
		switch {
		case p.anchored[e.u] != p.anchored[e.v] || p.find(e.u) == p.find(e.v):
		case p.clash(e.u, e.v):
			g.reviewEdge(e, units)
		default:
			p.join(e.u, e.v)
		}
	}
	g.place(units, edges, p)
	g.assign(units, p, edges)
}

// partition is the clusters of units while a split makes them. Each root
// knows the classes in its cluster and the classes that they oppose.
type partition struct {
	*set
	anchored []bool // the unit contradicts somebody
	holds    []classes
	opposes  []classes
}

// classes is a set of class numbers below maxClasses.
type classes [maxClasses / 64]uint64

func newPartition(n int) *partition {
	return &partition{set: newSet(identity(n)), anchored: make([]bool, n)} // units are in rank order
}

func (p *partition) oppose(units []unit, opposed []classes) {
	p.holds = make([]classes, len(units))
	p.opposes = make([]classes, len(units))
	for k, u := range units {
		p.holds[k][u.class/64] |= 1 << (u.class % 64)
		p.opposes[k] = opposed[u.class]
		p.anchored[k] = opposed[u.class] != classes{}
	}
}

func (p *partition) find(u int) int { return int(p.set.find(uint32(u))) }

// clash reports whether joining the clusters of two units would put a
// contradiction into one cluster.
func (p *partition) clash(u, v int) bool {
	a, b := p.opposes[p.find(u)], p.holds[p.find(v)]
	for i := range a {
		if a[i]&b[i] != 0 {
			return true
		}
	}
	return false
}

func (p *partition) join(u, v int) {
	a, b := p.find(u), p.find(v)
	p.union(uint32(a), uint32(b))
	r := p.find(a)
	for i := range p.holds[r] {
		p.holds[r][i] |= p.holds[a][i] | p.holds[b][i]
		p.opposes[r][i] |= p.opposes[a][i] | p.opposes[b][i]
	}
}

// reviewEdge raises a review for an agreement that a contradiction overrules,
// unless the two sides themselves differ: then nothing is in doubt.
func (g *grouper) reviewEdge(e edge, units []unit) {
	if g.unitsDiffer(units[e.u], units[e.v]) {
		return
	}
	why := BetweenTwo
	if units[e.u].customer != 0 && units[e.v].customer != 0 {
		why = TwoCustomers
	}
	g.review(e.a, e.b, e.line, why)
}

// place lets every group of uncontradicted units join the sides it fits, or
// leaves it in doubt when those sides contradict each other.
func (g *grouper) place(units []unit, edges []edge, p *partition) {
	side := func(e edge) int { // the anchored unit of an agreement
		if p.anchored[e.u] {
			return e.u
		}
		return e.v
	}
	fits := map[int][]edge{} // free group -> its agreements with anchored units
	for _, e := range edges {
		if p.anchored[e.u] != p.anchored[e.v] {
			root := p.find(e.u + e.v - side(e))
			fits[root] = append(fits[root], e)
		}
	}
	for _, root := range slices.Sorted(maps.Keys(fits)) {
		var sides []edge // one agreement per side
		for _, e := range fits[root] {
			if !slices.ContainsFunc(sides, func(o edge) bool { return p.find(side(o)) == p.find(side(e)) }) {
				sides = append(sides, e)
			}
		}
		torn := false
		for i := range sides {
			for j := range i {
				torn = torn || p.clash(side(sides[i]), side(sides[j]))
			}
		}
		for _, e := range sides {
			if torn {
				g.review(e.a, e.b, e.line, BetweenTwo)
				g.doubt[units[root].recs[0]] = true
			} else {
				p.join(root, side(e))
			}
		}
	}
}

// units makes the units of a cluster, in rank order.
func (g *grouper) units(recs []uint32) (units []unit, of map[uint32]int) {
	of = make(map[uint32]int, len(recs))
	byCustomer := map[uint32]int{}
	for _, r := range recs {
		c := g.in.Customer[r]
		k, known := byCustomer[c]
		if c == 0 || !known {
			k = len(units)
			units = append(units, unit{customer: c})
			if c != 0 {
				byCustomer[c] = k
			}
		}
		units[k].recs = append(units[k].recs, r)
		of[r] = k
	}
	return units, of
}

// edges lists the agreements between units, strongest line first and then by
// rank, so that the outcome does not depend on the order of the records.
func (g *grouper) edges(recs []uint32, of map[uint32]int) []edge {
	byHash := map[Hash][]uint32{}
	lines := map[Hash]uint8{}
	for _, r := range recs {
		for _, j := range g.in.Joins(r) {
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
		out = append(out, edge{u, v, a, b, line})
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
	slices.SortFunc(out, func(x, y edge) int {
		return cmp.Or(cmp.Compare(x.line, y.line), cmp.Compare(x.u, y.u), cmp.Compare(x.v, y.v),
			cmp32(g.in.Rank[x.a], g.in.Rank[y.a]), cmp32(g.in.Rank[x.b], g.in.Rank[y.b]))
	})
	return out
}

// opposition works out which classes of units may not be joined, and gives
// every unit its class. Units without a number and with equal differ values
// are of one class, so the work is pairwise over classes only; ok is false
// when there are too many of them.
func (g *grouper) opposition(units []unit) (opposed []classes, ok bool) {
	index := map[string]int{}
	var reps []int
	for k := range units {
		u := &units[k]
		sig := binary.BigEndian.AppendUint32(nil, u.customer)
		if u.customer == 0 {
			sig = g.signature(sig, u.recs[0], g.in.Differ)
		}
		c, known := index[string(sig)]
		if !known {
			c = len(reps)
			index[string(sig)] = c
			reps = append(reps, k)
		}
		u.class = c
	}
	if len(reps) > maxClasses {
		return nil, false
	}
	opposed = make([]classes, len(reps))
	for i := range reps {
		for j := range i {
			if g.opposed(units[reps[i]], units[reps[j]]) {
				opposed[i][j/64] |= 1 << (j % 64)
				opposed[j][i/64] |= 1 << (i % 64)
			}
		}
	}
	return opposed, true
}

// opposed reports whether two units may not be one customer.
func (g *grouper) opposed(a, b unit) bool {
	if a.customer != 0 && b.customer != 0 && !g.in.AutoMerge {
		return true
	}
	return g.unitsDiffer(a, b)
}

// unitsDiffer reports whether a record of one unit has another value of a
// differ role than a record of the other.
func (g *grouper) unitsDiffer(a, b unit) bool {
	for _, ra := range a.recs {
		for _, rb := range b.recs {
			if g.differ(ra, rb) {
				return true
			}
		}
	}
	return false
}

// assign fixes the roots of the split cluster and which line joined whom.
func (g *grouper) assign(units []unit, p *partition, edges []edge) {
	for k, u := range units {
		root := units[p.find(k)].recs[0]
		for _, r := range u.recs {
			g.root[r] = root
			g.line[r] = NoLine
		}
	}
	for _, e := range edges {
		if p.find(e.u) == p.find(e.v) {
			g.line[e.a] = min(g.line[e.a], e.line)
			g.line[e.b] = min(g.line[e.b], e.line)
		}
	}
}

func identity(n int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		out[i] = uint32(i)
	}
	return out
}
