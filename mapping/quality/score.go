package quality

import (
	"cmp"
	"slices"
)

// scorer holds the records whose truth is known.
type scorer struct {
	in        Input
	order     []uint32 // records by truth, and by number within
	truthSize []uint32 // by label
	truePairs int64
}

func newScorer(in Input) *scorer {
	s := &scorer{in: in, truthSize: make([]uint32, len(in.Truth)+1)}
	for i, t := range in.Truth {
		if t != Unknown {
			s.truthSize[t]++
			s.order = append(s.order, uint32(i))
		}
	}
	for _, size := range s.truthSize {
		s.truePairs += pairsOf(int(size))
	}
	s.order = sortBy(s.order, in.Truth)
	return s
}

func pairsOf(n int) int64 { return int64(n) * int64(n-1) / 2 }

// sortBy sorts records by their labels and leaves those of one label in their
// order.
func sortBy(records, label []uint32) []uint32 {
	starts := make([]uint32, len(label)+2)
	for _, r := range records {
		starts[label[r]+1]++
	}
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	out := make([]uint32, len(records))
	for _, r := range records {
		out[starts[label[r]]] = r
		starts[label[r]]++
	}
	return out
}

// runs cuts sorted records into those of one label.
func runs(records, label []uint32, yield func([]uint32)) {
	for len(records) > 0 {
		n := 1
		for n < len(records) && label[records[n]] == label[records[0]] {
			n++
		}
		yield(records[:n:n])
		records = records[n:]
	}
}

// outcome measures a grouping. impure is given the clusters that hold several
// customers, cut into those; it may be nil.
func (s *scorer) outcome(cluster []uint32, impure func(cells [][]uint32)) Outcome {
	var o Outcome
	var said, right, exact, customers int64
	var precision, recall float64
	for _, size := range s.truthSize {
		if size > 0 {
			customers++
		}
	}
	var cells [][]uint32
	runs(sortBy(s.order, cluster), cluster, func(members []uint32) {
		o.Clusters++
		o.Largest = max(o.Largest, len(members))
		said += pairsOf(len(members))
		cells = cells[:0]
		runs(members, s.in.Truth, func(cell []uint32) {
			cells = append(cells, cell)
			n, size := len(cell), int(s.truthSize[s.in.Truth[cell[0]]])
			right += pairsOf(n)
			if n == size && n == len(members) {
				exact++
			}
			precision += float64(n) * float64(n) / float64(len(members))
			recall += float64(n) * float64(n) / float64(size)
		})
		if len(cells) > 1 && impure != nil {
			impure(cells)
		}
	})
	o.Closure = measure(said, s.truePairs, right)
	o.Exact = measure(int64(o.Clusters), customers, exact)
	o.BCubed = Measure{Precision: 1, Recall: 1, F1: 1}
	if n := float64(len(s.order)); n > 0 {
		o.BCubed.Precision, o.BCubed.Recall = precision/n, recall/n
		o.BCubed.F1 = harmonic(o.BCubed.Precision, o.BCubed.Recall)
	}
	return o
}

// falseMerge describes a cluster of several customers.
func falseMerge(cells [][]uint32) FalseMerge {
	cells = slices.Clone(cells)
	slices.SortFunc(cells, func(x, y []uint32) int {
		return cmp.Or(cmp.Compare(len(y), len(x)), cmp.Compare(x[0], y[0]))
	})
	f := FalseMerge{Customers: len(cells)}
	for _, c := range cells {
		f.Records = append(f.Records, c...)
		f.Pairs -= pairsOf(len(c))
	}
	f.Pairs += pairsOf(len(f.Records))
	return f
}

func sortFalseMerges(list []FalseMerge) {
	slices.SortFunc(list, func(x, y FalseMerge) int {
		return cmp.Or(cmp.Compare(y.Pairs, x.Pairs), cmp.Compare(slices.Min(x.Records), slices.Min(y.Records)))
	})
}

// pairs measures the scored pairs, or is nil where nothing was scored.
func (s *scorer) pairs() *Measure {
	if s.in.Pairs == nil {
		return nil
	}
	var said, right int64
	for _, p := range s.in.Pairs {
		a, b := s.in.Truth[p.A], s.in.Truth[p.B]
		if p.Weight < s.in.Merge || a == Unknown || b == Unknown {
			continue
		}
		said++
		if a == b {
			right++
		}
	}
	m := measure(said, s.truePairs, right)
	return &m
}

// review is the grouping after every review was decided rightly: the clusters
// of two records that are one customer are joined, the others stay apart.
func (s *scorer) review() []uint32 {
	parent := make([]uint32, len(s.in.Cluster)+1)
	for i := range parent {
		parent[i] = uint32(i)
	}
	find := func(c uint32) uint32 {
		for parent[c] != c {
			parent[c] = parent[parent[c]]
			c = parent[c]
		}
		return c
	}
	for _, r := range s.in.Reviews {
		t := s.in.Truth[r[0]]
		if t == Unknown || t != s.in.Truth[r[1]] {
			continue
		}
		a, b := find(s.in.Cluster[r[0]]), find(s.in.Cluster[r[1]])
		parent[max(a, b)] = min(a, b)
	}
	out := make([]uint32, len(s.in.Cluster))
	for i, c := range s.in.Cluster {
		out[i] = find(c)
	}
	return out
}
