package match

import (
	"cmp"
	"slices"
)

// result keeps the reviews that the outcome leaves open, and marks doubts.
func (g *grouper) result() Result {
	res := Result{Root: g.root, Line: g.line, InDoubt: map[uint32]bool{}, Dropped: g.dropped}
	for _, s := range g.in.Same {
		if g.root[s[0]] == g.root[s[1]] {
			for _, r := range s {
				res.Line[r] = min(res.Line[r], DecidedLine)
			}
		}
	}
	for _, m := range g.in.Merged {
		if g.root[m[0]] == g.root[m[1]] {
			res.Line[m[0]], res.Line[m[1]] = MergedLine, min(res.Line[m[1]], MergedLine)
		}
	}
	g.addUnsure()
	if len(g.reviews) == 0 && len(g.doubt) == 0 {
		return res
	}
	g.final = newMembers(g.order, g.root)
	asked := newSet(g.in.Rank)
	res.Reviews = g.ask(asked)
	g.markDoubts(&res, asked)
	rank := g.in.Rank
	slices.SortFunc(res.Reviews, func(a, b Review) int {
		return cmp.Or(cmp32(rank[a.A], rank[b.A]), cmp32(rank[a.B], rank[b.B]))
	})
	return res
}

// ask chooses the reviews, and joins in asked the clusters that they connect.
//
// There is at most one review for two clusters, the strongest. Those of lines
// are all kept; of scored pairs among clusters that resemble each other, as
// many as it takes to connect them: once the likeness of A to B and of B to C
// is decided, that of A to C follows. What was asked before connects too.
func (g *grouper) ask(asked *set) (reviews []Review) {
	g.sortByStrength()
	for _, p := range g.in.Asked {
		asked.union(g.root[p[0]], g.root[p[1]])
	}
	apart := map[[2]uint32]bool{}
	for _, d := range g.in.Different {
		apart[g.roots(d[0], d[1])] = true
	}
	seen := map[[2]uint32]bool{}
	for _, r := range g.reviews {
		pair := g.roots(r.A, r.B)
		if pair[0] == pair[1] || seen[pair] {
			continue
		}
		switch {
		case apart[pair] || g.differ(r.A, r.B):
			continue
		case r.Line == SimilarLine:
			if asked.find(pair[0]) == asked.find(pair[1]) {
				continue
			}
			seen[pair] = true
			if g.anyDiffer(g.final.of(pair[0]), g.final.of(pair[1])) || !g.worthAsking(r) {
				continue
			}
		}
		seen[pair] = true
		asked.union(pair[0], pair[1])
		reviews = append(reviews, r)
	}
	return reviews
}

// worthAsking reports whether a person may well join the clusters of a
// review. One pair of records that are alike, against many that are not, is
// what very common names bring about by chance.
func (g *grouper) worthAsking(r Review) bool {
	if g.in.Score == nil || r.Why == BetweenTwo {
		return true
	}
	as, bs := g.final.of(g.root[r.A]), g.final.of(g.root[r.B])
	if len(as) == 1 && len(bs) == 1 {
		return true
	}
	var sample [2][lookAt]uint32
	a, _ := spread(append(sample[0][:0], r.A), as, 0, max(1, len(as)/lookAt))
	b, _ := spread(append(sample[1][:0], r.B), bs, 0, max(1, len(bs)/lookAt))
	c := g.cross(a, b, edge{a: r.A, b: r.B, line: SimilarLine, weight: r.Weight})
	return r.Weight+c.mean >= 0
}

// roots are the clusters of two records, as a key.
func (g *grouper) roots(a, b uint32) [2]uint32 {
	return [2]uint32{min(g.root[a], g.root[b]), max(g.root[a], g.root[b])}
}

// addUnsure adds the pairs that are alike but not enough.
func (g *grouper) addUnsure() {
	for _, s := range g.in.Similar {
		if s.Weight >= g.in.Review && s.Weight < g.in.Merge && g.root[s.A] != g.root[s.B] && (g.in.Open[s.A] || g.in.Open[s.B]) {
			g.reviews = append(g.reviews, Review{A: s.A, B: s.B, Line: SimilarLine, Why: Unsure, Weight: s.Weight})
		}
	}
}

// sortByStrength sorts the reviews: those of lines by rank, then the scored
// ones by weight.
func (g *grouper) sortByStrength() {
	rank := g.in.Rank
	slices.SortFunc(g.reviews, func(a, b Review) int {
		if s := a.Line == SimilarLine; s != (b.Line == SimilarLine) {
			if s {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp32(rank[a.A], rank[b.A]), cmp32(rank[a.B], rank[b.B]),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Why, b.Why))
	})
}

// markDoubts marks the clusters without a number that reviews hold in doubt:
// of clusters that reviews connect, all but the first, which is a customer
// whatever is decided; and all where one of them has a number.
func (g *grouper) markDoubts(res *Result, asked *set) {
	numbered := make([]bool, len(g.root)) // by root
	known := make([]bool, len(g.root))    // by root of asked: one of the clusters has a number
	for rec, c := range g.in.Customer {
		if c != 0 {
			numbered[g.root[rec]] = true
			known[asked.find(g.root[rec])] = true
		}
	}
	for _, r := range res.Reviews {
		for _, root := range g.roots(r.A, r.B) {
			if first := asked.find(root); !numbered[root] && (root != first || known[first]) {
				res.InDoubt[root] = true
			}
		}
	}
	for rec := range g.doubt {
		if root := g.root[rec]; !numbered[root] {
			res.InDoubt[root] = true
		}
	}
}

// reviewBetween notes the lowest-ranked pair of two clusters in which at
// least one record is open; without one the pair was decided before.
func (g *grouper) reviewBetween(a, b []uint32, line uint8, why Why) {
	firstOpen := func(recs []uint32) int {
		return slices.IndexFunc(recs, func(r uint32) bool { return g.in.Open[r] })
	}
	ra, rb := a[0], b[0]
	if !g.in.Open[ra] && !g.in.Open[rb] {
		if k := firstOpen(b); k >= 0 {
			rb = b[k]
		} else if k := firstOpen(a); k >= 0 {
			ra = a[k]
		} else {
			return
		}
	}
	if g.in.Rank[rb] < g.in.Rank[ra] {
		ra, rb = rb, ra
	}
	g.reviews = append(g.reviews, Review{A: ra, B: rb, Line: line, Why: why})
}
