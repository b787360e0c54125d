package profile

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// counts gathers the running numbers of one scheme.
type counts struct {
	counter int      // which token counts, or -1
	within  []int    // the tokens within whose values it may count
	values  []uint64 // those of 19 digits and less
	groups  []uint64 // by values, where there are any
	large   []large  // those of more digits
	labels  map[uint64]string
	buf     []byte
}

// large is a number beyond 64 bits: its digits without leading zeros.
type large struct {
	group  uint64
	digits string
}

const (
	maxLabels   = 1 << 16
	smallDigits = 19 // numbers of so many digits fit into 64 bits
	maxRuns     = 10
	maxGaps     = 5
)

// add takes the components of one ID, in the order of the tokens.
func (c *counts) add(parts []string) {
	if c.counter < 0 {
		return
	}
	group := uint64(0)
	if len(c.within) > 0 {
		c.buf = c.buf[:0]
		for i, k := range c.within {
			if i > 0 {
				c.buf = append(c.buf, ' ')
			}
			c.buf = append(c.buf, parts[k]...)
		}
		label := string(c.buf)
		group = sum64(label)
		if _, known := c.labels[group]; !known && len(c.labels) <= maxLabels {
			if c.labels == nil {
				c.labels = map[uint64]string{}
			}
			c.labels[group] = label
		}
	}
	digits := strings.TrimLeft(parts[c.counter], "0")
	if len(digits) > smallDigits {
		c.large = append(c.large, large{group, strings.Clone(digits)})
		return
	}
	n := uint64(0)
	for i := range len(digits) {
		n = n*10 + uint64(digits[i]-'0')
	}
	c.values = append(c.values, n)
	if len(c.within) > 0 {
		c.groups = append(c.groups, group)
	}
}

func (c *counts) merge(o *counts) {
	c.values = append(c.values, o.values...)
	c.groups = append(c.groups, o.groups...)
	c.large = append(c.large, o.large...)
	if c.labels == nil {
		c.labels = o.labels
		return
	}
	for g, label := range o.labels {
		c.labels[g] = label
	}
}

// sequence says how the numbers run: within each group, or all together
// where groups are so small that they tell nothing and numbers hardly repeat.
func (c *counts) sequence(s *Sequence, per []string, scratch []uint64) {
	runs := c.grouped(scratch)
	if total := len(c.values) + len(c.large); len(c.within) > 0 && total < 3*len(runs) {
		if together := c.together(scratch); float64(together[0].numbers) > 0.8*float64(total) {
			runs, per = together, nil
		}
	}
	s.Per, s.Groups = per, int64(len(runs))
	missing := new(big.Int)
	for _, r := range runs {
		s.Numbers += r.numbers
		missing.Add(missing, r.missing)
	}
	s.Missing = missing.String()
	slices.SortFunc(runs, func(a, b *run) int {
		return cmp.Or(cmp.Compare(b.numbers, a.numbers), cmp.Compare(c.label(a), c.label(b)), cmp.Compare(a.group, b.group))
	})
	for _, r := range cut(runs, maxRuns) {
		s.Runs = append(s.Runs, r.summary(c.label(r)))
	}
}

// together is the one run of all groups.
func (c *counts) together(scratch []uint64) []*run {
	all := counts{values: slices.Clone(c.values), large: slices.Clone(c.large)}
	for i := range all.large {
		all.large[i].group = 0
	}
	return all.grouped(scratch)
}

// label is empty where there are more groups than labels.
func (c *counts) label(r *run) string {
	if len(c.labels) > maxLabels {
		return ""
	}
	return c.labels[r.group]
}

// grouped sorts the numbers and walks through them group by group.
func (c *counts) grouped(scratch []uint64) []*run {
	slices.SortFunc(c.large, func(a, b large) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(len(a.digits), len(b.digits)), cmp.Compare(a.digits, b.digits))
	})
	byGroup := map[uint64]*run{}
	var list []*run
	of := func(group uint64) *run {
		r := byGroup[group]
		if r == nil {
			r = &run{group: group}
			byGroup[group] = r
			list = append(list, r)
		}
		return r
	}
	if c.groups == nil {
		sortNumbers(c.values, scratch)
		if len(c.values) > 0 {
			of(0).small(c.values)
		}
	} else {
		start := 0
		sortPairs(c.groups, c.values)
		for i := range c.groups {
			if i+1 == len(c.groups) || c.groups[i+1] != c.groups[i] {
				of(c.groups[i]).small(c.values[start : i+1])
				start = i + 1
			}
		}
	}
	for _, l := range c.large {
		of(l.group).one(l.digits)
	}
	return list
}

// sortPairs sorts by group and, within, by value.
func sortPairs(groups, values []uint64) {
	type pair struct{ group, value uint64 }
	pairs := make([]pair, len(groups))
	for i := range pairs {
		pairs[i] = pair{groups[i], values[i]}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		if a.group != b.group {
			return cmp.Compare(a.group, b.group)
		}
		return cmp.Compare(a.value, b.value)
	})
	for i, p := range pairs {
		groups[i], values[i] = p.group, p.value
	}
}
