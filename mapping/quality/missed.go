package quality

import (
	"cmp"
	"slices"
)

// maxAsked is how many missed pairs are looked at one by one. A customer of
// many records in as many clusters has more pairs than anybody can look at.
const maxAsked = 1 << 20

// missed looks for the pairs of one customer that are in two clusters, and
// says where they were lost. reviewed is the grouping after the reviews.
func (s *scorer) missed(reviewed []uint32) Missed {
	m := Missed{Pairs: s.truePairs}
	var examples [losses][]MissedPair
	var parts [][]uint32
	runs(s.order, s.in.Truth, func(customer []uint32) {
		parts = parts[:0]
		runs(sortFew(customer, s.in.Cluster), s.in.Cluster, func(part []uint32) {
			parts = append(parts, part)
			m.Pairs -= pairsOf(len(part))
		})
		var told [losses]bool // one example of each loss per customer
		across(parts, func(a, b uint32) bool {
			if m.Asked == maxAsked {
				return false
			}
			m.Asked++
			loss := s.loss(a, b, reviewed)
			m.By[loss]++
			if !told[loss] && len(examples[loss]) < s.in.Examples {
				told[loss] = true
				examples[loss] = append(examples[loss], MissedPair{A: min(a, b), B: max(a, b), Loss: loss})
			}
			return true
		})
	})
	for _, list := range examples {
		m.Examples = append(m.Examples, list...)
	}
	return m
}

// across yields the pairs of records of different parts.
func across(parts [][]uint32, yield func(a, b uint32) bool) {
	for i, part := range parts {
		for _, other := range parts[i+1:] {
			for _, a := range part {
				for _, b := range other {
					if !yield(a, b) {
						return
					}
				}
			}
		}
	}
}

func (s *scorer) loss(a, b uint32, reviewed []uint32) Loss {
	switch {
	case reviewed[a] == reviewed[b]:
		return InReview
	case s.in.Lost == nil:
		return NoRule
	}
	return s.in.Lost(a, b)
}

// sortFew is sortBy for the records of one customer, which are few.
func sortFew(records, label []uint32) []uint32 {
	out := slices.Clone(records)
	slices.SortStableFunc(out, func(x, y uint32) int { return cmp.Compare(label[x], label[y]) })
	return out
}
