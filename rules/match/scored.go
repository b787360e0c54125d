package match

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// joinSimilar joins the clusters along the scored pairs. Clusters that pairs
// connect are decided together, those that none connects do not know of each
// other: workers share them out.
func (g *grouper) joinSimilar() {
	links := g.links()
	if len(links) == 0 {
		return
	}
	set := newSet(g.in.Rank)
	for _, l := range links {
		set.union(g.root[l.A], g.root[l.B])
	}
	s := &scored{grouper: g, base: g.root, members: newMembers(g.order, g.root), set: set.flat(), local: make([]uint32, len(g.root))}
	s.sort(links)
	g.root = slices.Clone(g.root)
	const batch = 256
	var next atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			w := worker{scored: s, parts: newParts(g)}
			for {
				from := int(next.Add(batch)) - batch
				if from >= len(s.starts)-1 {
					break
				}
				for i := from; i < min(from+batch, len(s.starts)-1); i++ {
					w.decide(s.links[s.starts[i]:s.starts[i+1]])
				}
			}
			mu.Lock()
			defer mu.Unlock()
			g.reviews = append(g.reviews, w.parts.reviews...)
			for _, r := range w.parts.torn {
				g.doubt[r] = true
			}
		})
	}
	wg.Wait()
}

// scored is what the workers of joinSimilar share.
type scored struct {
	*grouper
	base    []uint32 // roots of the clusters that exact agreements made
	members members  // of those clusters
	set     []uint32 // by root in base: which clusters are decided together
	local   []uint32 // by root in base: its unit in the set that is being decided
	links   []Pair   // by set
	starts  []int    // where the links of each set start, and the end
}

// links are the pairs that may join two clusters, by rank.
func (g *grouper) links() []Pair {
	links := make([]Pair, 0, len(g.in.Similar))
	for _, s := range g.in.Similar {
		if s.Weight >= g.in.Merge && g.root[s.A] != g.root[s.B] && (g.in.Open[s.A] || g.in.Open[s.B]) {
			links = append(links, s)
		}
	}
	return links
}

// sort puts the links of each set together and keeps their order.
func (s *scored) sort(links []Pair) {
	at := make([]uint32, len(s.base)+1)
	for _, l := range links {
		at[s.set[s.base[l.A]]+1]++
	}
	sum := uint32(0)
	for i, n := range at {
		if n > 0 {
			s.starts = append(s.starts, int(sum))
		}
		sum += n
		at[i] = sum
	}
	s.starts = append(s.starts, len(links))
	s.links = make([]Pair, len(links))
	for _, l := range links {
		k := s.set[s.base[l.A]]
		s.links[at[k]] = l
		at[k]++
	}
}

// worker decides one set after another.
type worker struct {
	*scored
	parts *parts
	units []unit
	edges []edge
}

// decide joins the clusters of one set along its links, the strongest first.
func (w *worker) decide(links []Pair) {
	slices.SortStableFunc(links, func(x, y Pair) int { return cmp.Compare(y.Weight, x.Weight) })
	w.units, w.edges = w.units[:0], w.edges[:0]
	for _, l := range links {
		w.edges = append(w.edges, edge{u: w.unit(l.A), v: w.unit(l.B), a: l.A, b: l.B, line: SimilarLine, weight: l.Weight})
	}
	set := w.set[w.base[links[0].A]]
	w.parts.begin(w.units, func(rec uint32) (int, bool) {
		b := w.base[rec]
		return int(w.local[b]), w.set[b] == set && w.has(b)
	})
	w.parts.join(w.edges)
	w.parts.assign(w.root, w.edges)
}

// has reports whether a cluster is a unit of the set that is being decided.
func (w *worker) has(base uint32) bool {
	k := w.local[base]
	return int(k) < len(w.units) && w.units[k].recs[0] == base
}

// unit is the unit of a record's cluster.
func (w *worker) unit(rec uint32) int {
	base := w.base[rec]
	if w.has(base) {
		return int(w.local[base])
	}
	u := unit{recs: w.members.of(base), torn: true}
	for _, r := range u.recs {
		u.numbered = u.numbered || w.in.Customer[r] != 0
		u.torn = u.torn && w.torn[r]
	}
	w.local[base] = uint32(len(w.units))
	w.units = append(w.units, u)
	return len(w.units) - 1
}
