package similar

import (
	"cmp"
	"context"
	"math"
	"slices"
)

const (
	// perRecord is the default budget: candidate pairs for each record. Small
	// inputs have leastBudget.
	perRecord   = 6
	leastBudget = 2_000_000
	// overlap is how many times as many pairs there may be in all blocks as
	// different pairs may be compared: sorting out those that several rules
	// have is cheaper than comparing them, but not free.
	overlap = 12
	// probes is how many records tell how many pairs several rules have.
	probes = 512
)

// choose is how many of the rules are used, and up to which of limits blocks
// are compared whole: the largest with which no more than budget pairs are
// compared. The pairs of all blocks are counted; how many of them are
// different is told by what a few records are compared with.
func choose(ctx context.Context, t *table, list []*sorted, budget int64) (used, limit int, err error) {
	sum := func(limit int) (sum int64) {
		for _, s := range list {
			sum += s.pairs[limit]
		}
		return sum
	}
	most := len(limits) - 1
	for most >= 0 && sum(most) > overlap*budget {
		most--
	}
	if most >= 0 {
		different, err := t.different(ctx, list, most)
		if err != nil {
			return 0, 0, err
		}
		for limit := most; limit >= 0; limit-- {
			if different[limit] <= float64(budget) || sum(limit) <= budget {
				return len(list), limit, nil
			}
		}
	}
	var all int64
	for i, s := range list {
		if all += s.pairs[0]; all > budget && i > 0 {
			return i, 0, nil
		}
	}
	return len(list), 0, nil
}

// different is about how many different pairs the rules have, by limit up to
// most.
func (t *table) different(ctx context.Context, list []*sorted, most int) ([]float64, error) {
	probe := t.probes()
	met := make([][]uint64, len(list)) // by rule: probe<<40 | other record<<8 | limit from which on they meet
	err := parallel(ctx, len(list), func(k int) {
		for at, rec := range list[k].recs {
			if no := probe[rec]; no != 0 {
				met[k] = list[k].meet(met[k], uint64(no), at, most)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	all := slices.Concat(met...)
	slices.Sort(all)
	different := make([]float64, len(limits))
	for i, m := range all {
		if i > 0 && all[i-1]>>8 == m>>8 {
			continue
		}
		for limit := int(m & 0xff); limit <= most; limit++ {
			different[limit]++
		}
	}
	for i := range different {
		different[i] *= float64(t.n) / 2 / float64(min(probes, t.n))
	}
	return different, nil
}

// probes numbers some records from 1, the others have 0: those with the lowest
// hashes of their ranks.
func (t *table) probes() []uint16 {
	var order []uint64
	within := func(most uint32) {
		order = order[:0]
		for r := range t.n {
			if h := mix(t.rank[r], 0); h <= most {
				order = append(order, uint64(h)<<32|uint64(r))
			}
		}
	}
	if within(uint32(min(1, 4*probes/float64(t.n)) * math.MaxUint32)); len(order) < probes {
		within(math.MaxUint32)
	}
	slices.SortFunc(order, func(x, y uint64) int {
		return cmp.Or(cmp.Compare(x>>32, y>>32), cmp.Compare(t.rank[uint32(x)], t.rank[uint32(y)]))
	})
	number := make([]uint16, t.n)
	for i, o := range order[:min(probes, len(order))] {
		number[uint32(o)] = uint16(i + 1)
	}
	return number
}

// meet appends the records that share a block with the one at a place, and
// from which limit on they do.
func (s *sorted) meet(met []uint64, probe uint64, at, most int) []uint64 {
	from, to := at, at
	for level := len(s.rule.splits); level >= 0; level-- {
		lo, hi := from, to+1
		for lo > 0 && int(s.level[lo]) > level {
			lo--
		}
		for hi < len(s.recs) && int(s.level[hi]) > level {
			hi++
		}
		if level == len(s.rule.splits) { // pieces are compared with the next
			lo, hi = max(lo, at-limits[most]*3/4), min(hi, at+limits[most]*3/4+1)
		} else if hi-lo > limits[most] {
			return met
		}
		limit, _ := slices.BinarySearch(limits[:most], hi-lo)
		for i := lo; i < hi; i++ {
			if from <= i && i <= to {
				continue
			}
			from := limit
			if level == len(s.rule.splits) {
				near, _ := slices.BinarySearch(limits[:most], (max(i-at, at-i)*4+2)/3)
				from = min(limit, near)
			}
			met = append(met, probe<<40|uint64(s.recs[i])<<8|uint64(from))
		}
		from, to = lo, hi-1
	}
	return met
}
