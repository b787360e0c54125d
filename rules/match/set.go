package match

import "slices"

// set is a union-find over records whose roots are the lowest-ranked record
// of their set, so that roots do not depend on the order of the unions.
type set struct {
	parent []uint32
	rank   []uint32
}

func newSet(rank []uint32) *set { return &set{parent: identity(len(rank)), rank: rank} }

// flat is the root of every record. The set is not to be used any more.
func (s *set) flat() []uint32 {
	for i := range s.parent {
		s.parent[i] = s.find(uint32(i))
	}
	return s.parent
}

// find halves the path as it goes.
func (s *set) find(x uint32) uint32 {
	for s.parent[x] != x {
		s.parent[x] = s.parent[s.parent[x]]
		x = s.parent[x]
	}
	return x
}

func (s *set) union(a, b uint32) {
	a, b = s.find(a), s.find(b)
	if a == b {
		return
	}
	if s.rank[b] < s.rank[a] {
		a, b = b, a
	}
	s.parent[b] = a
}

func identity(n int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		out[i] = uint32(i)
	}
	return out
}

// byRank lists the records by rank.
func byRank(rank []uint32) []uint32 {
	if len(rank) == 0 {
		return nil
	}
	lowest, highest := slices.Min(rank), slices.Max(rank)
	if int64(highest)-int64(lowest) >= 2*int64(len(rank)) {
		out := identity(len(rank))
		slices.SortFunc(out, func(a, b uint32) int { return cmp32(rank[a], rank[b]) })
		return out
	}
	at := make([]uint32, highest-lowest+1) // by rank: 1 + the record
	for rec, r := range rank {
		at[r-lowest] = uint32(rec) + 1
	}
	out := at[:0]
	for _, rec := range at {
		if rec > 0 {
			out = append(out, rec-1)
		}
	}
	return out
}

// members lists the records of every cluster, in rank order.
type members struct{ start, recs []uint32 }

// newMembers sorts the records by their roots.
func newMembers(order, root []uint32) members {
	m := members{start: make([]uint32, len(root)+1), recs: make([]uint32, len(root))}
	for _, r := range root {
		m.start[r]++
	}
	sum := uint32(0)
	for r, n := range m.start {
		sum += n
		m.start[r] = sum
	}
	for i := len(order) - 1; i >= 0; i-- {
		r := root[order[i]]
		m.start[r]--
		m.recs[m.start[r]] = order[i]
	}
	return m
}

// of lists the records of the cluster whose root is r.
func (m members) of(r uint32) []uint32 { return m.recs[m.start[r]:m.start[r+1]] }
