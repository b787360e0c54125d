package match

import (
	"encoding/binary"
	"slices"
)

// unit is what is never taken apart while its cluster is made or split.
type unit struct {
	recs     []uint32 // in rank order
	numbered bool     // they belong to a customer that has a number
	torn     bool     // they fit two sides of a contradiction, and wait for a person
}

// edge is a reason to join two units: an agreement on a line, or a scored
// pair, of the records a and b.
type edge struct {
	u, v   int
	a, b   uint32
	line   uint8
	weight float32 // of a and b, where records are scored
}

// parts is a cluster in the making: units that edges join to parts. Units
// that may not come together are of classes that oppose each other, and every
// part knows the classes that it holds. It is used again for one cluster
// after another; reviews and torn records add up.
type parts struct {
	*grouper
	units   []unit
	parent  []int
	next    []int              // the units of a part, in a circle
	size    []int              // by root: its records
	holds   [][]int32          // by root: its classes
	anchor  []bool             // by unit: its class opposes another
	class   []int              // by class: its first unit
	foe     map[[2]int32]bool  // classes that people keep apart
	known   map[[2]int32]bool  // classes that were compared: whether they oppose each other
	refused map[[2]int]refusal // by roots
	sample  [2][]uint32
	first   []uint32 // by root: the lowest-ranked record
	reviews []Review
	torn    []uint32 // records that fit two sides of a contradiction
}

func newParts(g *grouper) *parts {
	return &parts{grouper: g, foe: map[[2]int32]bool{}, known: map[[2]int32]bool{}, refused: map[[2]int]refusal{}}
}

// begin starts with every unit alone. unitOf finds the unit of a record, if
// it has one.
func (p *parts) begin(units []unit, unitOf func(rec uint32) (int, bool)) {
	n := len(units)
	p.units, p.class = units, p.class[:0]
	p.parent, p.next, p.size = slices.Grow(p.parent[:0], n)[:n], slices.Grow(p.next[:0], n)[:n], slices.Grow(p.size[:0], n)[:n]
	p.holds, p.anchor = slices.Grow(p.holds[:0], n)[:n], slices.Grow(p.anchor[:0], n)[:n]
	clear(p.foe)
	clear(p.known)
	clear(p.refused)
	for k := range n {
		p.parent[k], p.next[k], p.size[k] = k, k, len(units[k].recs)
		p.holds[k], p.anchor[k] = nil, false
	}
	p.oppose(unitOf)
}

// oppose sorts the units that could contradict others into classes. Single
// records with equal differ values are one class, so that there are few.
func (p *parts) oppose(unitOf func(rec uint32) (int, bool)) {
	if len(p.in.Differ) == 0 && len(p.foes) == 0 && !p.numbers() {
		return
	}
	index := map[string]int32{}
	classOf := make([]int32, len(p.units))
	var sig []byte
	for k := range p.units {
		classOf[k] = -1
		if sig = p.stance(sig[:0], &p.units[k]); len(sig) == 0 {
			continue
		}
		c, ok := index[string(sig)]
		if !ok {
			c = int32(len(p.class))
			index[string(sig)] = c
			p.class = append(p.class, k)
		}
		classOf[k] = c
		p.holds[k] = []int32{c}
	}
	p.keepFoes(classOf, unitOf)
	for k, c := range classOf {
		p.anchor[k] = c >= 0 && (len(p.class) > maxClasses || p.opposesAny(c))
	}
}

// numbers reports whether the units hold two customers that may not be
// joined.
func (p *parts) numbers() bool {
	if p.in.AutoMerge {
		return false
	}
	n := 0
	for i := range p.units {
		if p.units[i].numbered {
			n++
		}
	}
	return n > 1
}

// stance appends what tells the class of a unit: nothing for one that
// contradicts nobody.
func (p *parts) stance(sig []byte, u *unit) []byte {
	whole := u.numbered && !p.in.AutoMerge ||
		len(p.foes) > 0 && slices.ContainsFunc(u.recs, func(r uint32) bool { return len(p.foes[p.kept[r]]) > 0 }) ||
		len(u.recs) > 1 && len(p.in.Differ) > 0 && slices.ContainsFunc(u.recs, p.mayDiffer)
	if whole {
		return binary.BigEndian.AppendUint32(sig, u.recs[0])
	}
	if len(p.in.Differ) == 0 || len(u.recs) > 1 {
		return sig
	}
	return p.signature(sig, u.recs[0], p.in.Differ)
}

// keepFoes notes the classes that people keep apart.
func (p *parts) keepFoes(classOf []int32, unitOf func(rec uint32) (int, bool)) {
	if len(p.foes) == 0 {
		return
	}
	for k := range p.units {
		for _, r := range p.units[k].recs {
			if p.kept[r] != r {
				continue // its root speaks for it
			}
			for _, f := range p.foes[r] {
				if u, ok := unitOf(f); ok && u != k {
					p.foe[ordered(classOf[k], classOf[u])] = true
				}
			}
		}
	}
}

func ordered(a, b int32) [2]int32 { return [2]int32{min(a, b), max(a, b)} }

func (p *parts) opposesAny(c int32) bool {
	for d := range p.class {
		if p.opposed(c, int32(d)) {
			return true
		}
	}
	return false
}

// opposed reports whether units of two classes may not be one customer.
func (p *parts) opposed(c, d int32) bool {
	if c == d {
		return false
	}
	key := ordered(c, d)
	if p.foe[key] {
		return true
	}
	a, b := &p.units[p.class[c]], &p.units[p.class[d]]
	if a.numbered && b.numbered && !p.in.AutoMerge {
		return true
	}
	if len(p.in.Differ) == 0 {
		return false
	}
	answer, ok := p.known[key]
	if !ok {
		answer = p.anyDiffer(a.recs, b.recs)
		p.known[key] = answer
	}
	return answer
}

// find halves the path as it goes.
func (p *parts) find(u int) int {
	for p.parent[u] != u {
		p.parent[u] = p.parent[p.parent[u]]
		u = p.parent[u]
	}
	return u
}

// clash reports whether joining the parts of two units would put a
// contradiction into one.
func (p *parts) clash(u, v int) bool {
	a, b := p.holds[p.find(u)], p.holds[p.find(v)]
	for _, c := range a {
		if slices.ContainsFunc(b, func(d int32) bool { return p.opposed(c, d) }) {
			return true
		}
	}
	return false
}

func (p *parts) unite(u, v int) {
	u, v = p.find(u), p.find(v)
	if u == v {
		return
	}
	if p.size[u] < p.size[v] {
		u, v = v, u
	}
	p.parent[v] = u
	p.size[u] += p.size[v]
	p.next[u], p.next[v] = p.next[v], p.next[u]
	for _, c := range p.holds[v] {
		if !slices.Contains(p.holds[u], c) {
			p.holds[u] = append(p.holds[u], c)
		}
	}
}

// assign writes the roots of the parts and the lines that joined them.
func (p *parts) assign(root []uint32, edges []edge) {
	rank := p.in.Rank
	p.first = slices.Grow(p.first[:0], len(p.units))[:len(p.units)]
	for k := range p.units {
		p.first[k] = p.units[k].recs[0]
	}
	for k := range p.units {
		r := p.find(k)
		if f := p.units[k].recs[0]; rank[f] < rank[p.first[r]] {
			p.first[r] = f
		}
	}
	for k := range p.units {
		for _, r := range p.units[k].recs {
			root[r] = p.first[p.find(k)]
		}
	}
	for _, e := range edges {
		if p.find(e.u) == p.find(e.v) {
			p.line[e.a] = min(p.line[e.a], e.line)
			p.line[e.b] = min(p.line[e.b], e.line)
		}
	}
}
