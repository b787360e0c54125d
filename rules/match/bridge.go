package match

import (
	"math"
	"slices"
)

const (
	// sound is what stands against joining along an edge: nothing.
	sound Why = 255
	// lookAt bounds the records that are looked at on each side of an edge.
	lookAt = 6
	// most bounds what one pair of records counts for or against a join, in
	// bits: beyond that a pair says nothing new.
	most = 12
	// chainFloor is the mean weight below which the records on both sides
	// of an exact agreement are too unlike to believe it.
	chainFloor = -most / 2
	// manyRecords is more than a customer usually has.
	manyRecords = 50
)

// weak looks at the other pairs of records on both sides of an edge, and
// says what stands against joining them.
//
// It is average linkage over a bounded number of records. The edge itself
// counts where it is a scored pair. An exact agreement is believed unless it
// holds the two sides together for few of their records and the others are
// very unlike.
func (p *parts) weak(e edge) Why {
	u, v := p.find(e.u), p.find(e.v)
	small, large := min(p.size[u], p.size[v]), max(p.size[u], p.size[v])
	if p.in.Score == nil || large == 1 {
		return sound
	}
	sides := [2]int{min(u, v), max(u, v)}
	if r, ok := p.refused[sides]; ok && r.size == small+large {
		return r.why // neither has grown
	}
	p.sample[0] = p.spread(p.sample[0][:0], u, e.a)
	p.sample[1] = p.spread(p.sample[1][:0], v, e.b)
	c := p.cross(p.sample[0], p.sample[1], e)
	why := sound
	switch {
	case e.line < DecidedLine:
		if c.mean < chainFloor && c.pairs >= c.agree {
			why = WeakBridge
		}
	case c.mean < enough(small, large):
		why = WeakBridge
	case small+large > manyRecords && 2*c.high < c.pairs:
		why = TooLarge
	}
	if why != sound {
		p.refused[sides] = refusal{small + large, why}
	}
	return why
}

// refusal is what stands against joining two parts of so many records.
type refusal struct {
	size int
	why  Why
}

// enough is the mean weight across that two sides of so many records need to
// be joined. A single record need not be like all of many that are one
// customer. Two groups that each hang together well should be alike, the more
// so the larger they are: two bits for every doubling of the smaller, for the
// pairs that a wrong join would make grow with its size.
func enough(small, large int) float32 {
	if small == 1 && large > 2 {
		return -2
	}
	return 2 * float32(math.Log2(float64(small)))
}

// crossing is what the pairs of records on two sides say of them: how many
// pairs there are, how many would at least be a review, and their mean
// weight. Pairs that agree on a line are counted apart.
type crossing struct {
	pairs, high, agree int
	mean               float32
}

// cross looks at the pairs of some records on the sides of an edge.
func (g *grouper) cross(as, bs []uint32, e edge) (c crossing) {
	exact := e.line < DecidedLine
	var sum float32
	for _, a := range as {
		for _, b := range bs {
			if exact && g.agree(a, b) {
				c.agree++
				continue
			}
			w := e.weight
			if a != e.a || b != e.b {
				w = g.in.Score(a, b)
			}
			if w != w {
				continue // nothing to compare
			}
			c.pairs++
			sum += max(-most, min(most, w))
			if w >= g.in.Review {
				c.high++
			}
		}
	}
	c.mean = sum / float32(max(c.pairs, 1))
	return c
}

// spread appends a record of a part and, of the others, all or some that are
// spread over it.
func (p *parts) spread(dst []uint32, root int, first uint32) []uint32 {
	dst = append(dst, first)
	step := max(1, p.size[root]/lookAt)
	at := 0 // of the next record to take
	for k := root; ; {
		dst, at = spread(dst, p.units[k].recs, at, step)
		if k = p.next[k]; k == root {
			return dst
		}
	}
}

// spread appends every step-th of recs, from place at, up to lookAt records
// of which dst holds the first. It returns the next place, counted from the
// end of recs.
func spread(dst, recs []uint32, at, step int) ([]uint32, int) {
	for ; at < len(recs); at += step {
		if r := recs[at]; r != dst[0] && len(dst) < lookAt {
			dst = append(dst, r)
		}
	}
	return dst, at - len(recs)
}

// agree reports whether two records agree on a line.
func (g *grouper) agree(a, b uint32) bool {
	joins := g.in.Joins(b)
	return slices.ContainsFunc(g.in.Joins(a), func(x Join) bool {
		return !g.spent[x.Hash] && slices.ContainsFunc(joins, func(y Join) bool { return y.Hash == x.Hash })
	})
}
