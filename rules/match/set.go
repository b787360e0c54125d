package match

// set is a union-find over records whose roots are the lowest-ranked record
// of their set, so that roots do not depend on the order of the unions.
type set struct {
	parent []uint32
	rank   []uint32
}

func newSet(rank []uint32) *set {
	s := &set{parent: make([]uint32, len(rank)), rank: rank}
	for i := range s.parent {
		s.parent[i] = uint32(i)
	}
	return s
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
