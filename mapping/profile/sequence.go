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
	sum     []byte
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
		group = sum64(&c.sum, label)
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
func (c *counts) sequence(s *Sequence, per []string) {
	runs := c.grouped()
	if total := len(c.values) + len(c.large); len(c.within) > 0 && total < 3*len(runs) {
		if together := c.together(); float64(together[0].numbers) > 0.8*float64(total) {
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
func (c *counts) together() []*run {
	all := counts{values: slices.Clone(c.values), large: slices.Clone(c.large)}
	for i := range all.large {
		all.large[i].group = 0
	}
	return all.grouped()
}

// label is empty where there are more groups than labels.
func (c *counts) label(r *run) string {
	if len(c.labels) > maxLabels {
		return ""
	}
	return c.labels[r.group]
}

// grouped sorts the numbers and walks through them group by group.
func (c *counts) grouped() []*run {
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
		sortNumbers(c.values, nil)
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

// run is one group, walked through in its order.
type run struct {
	group     uint64
	numbers   int64
	min, last *big.Int
	missing   *big.Int
	step      *big.Int // greatest common divisor of all distances
	gaps      int64
	largest   []gap
}

// gap lies between two numbers.
type gap struct{ after, before, missing *big.Int }

// small takes sorted numbers, which may repeat.
func (r *run) small(sorted []uint64) {
	r.min, r.missing, r.step = new(big.Int).SetUint64(sorted[0]), new(big.Int), new(big.Int)
	r.numbers = 1
	missing, step := uint64(0), uint64(0)
	var least uint64 // a gap that is listed is larger
	for i := 1; i < len(sorted); i++ {
		distance := sorted[i] - sorted[i-1]
		if distance == 0 {
			continue
		}
		r.numbers++
		if step != 1 {
			step = gcd(step, distance)
		}
		if distance == 1 {
			continue
		}
		r.gaps++
		missing += distance - 1
		if distance-1 > least {
			r.list(gap{new(big.Int).SetUint64(sorted[i-1]), new(big.Int).SetUint64(sorted[i]), new(big.Int).SetUint64(distance - 1)})
			if len(r.largest) == maxGaps {
				least = r.largest[maxGaps-1].missing.Uint64()
			}
		}
	}
	r.last = new(big.Int).SetUint64(sorted[len(sorted)-1])
	r.missing.SetUint64(missing)
	r.step.SetUint64(step)
}

// one takes the next number.
func (r *run) one(digits string) {
	n, _ := new(big.Int).SetString(digits, 10)
	if r.min == nil {
		r.min, r.last, r.missing, r.step, r.numbers = n, n, new(big.Int), new(big.Int), 1
		return
	}
	distance := new(big.Int).Sub(n, r.last)
	if distance.Sign() == 0 {
		return
	}
	r.numbers++
	r.step.GCD(nil, nil, r.step, distance)
	if distance.Cmp(big.NewInt(1)) > 0 {
		between := distance.Sub(distance, big.NewInt(1))
		r.gaps++
		r.missing.Add(r.missing, between)
		r.list(gap{r.last, n, between})
	}
	r.last = n
}

// list keeps the largest gaps, the first of equal ones.
func (r *run) list(g gap) {
	i, _ := slices.BinarySearchFunc(r.largest, g, func(have, g gap) int {
		if c := g.missing.Cmp(have.missing); c != 0 {
			return c
		}
		return -1
	})
	r.largest = cut(slices.Insert(r.largest, i, g), maxGaps)
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// The shapes of a run.
const (
	Unbroken  = "unbroken"  // no number is missing
	WithGaps  = "gaps"      // at least half of the numbers are there
	InBlocks  = "blocks"    // a few large gaps, and hardly any others
	Scattered = "scattered" // no counter, as far as can be seen
)

func (r *run) summary(label string) Run {
	one := big.NewInt(1)
	out := Run{Group: label, Numbers: r.numbers, Min: r.min.String(), Max: r.last.String(), Gaps: r.gaps}
	missing := r.missing
	if r.step.Cmp(one) > 0 && r.numbers > 2 {
		// In steps of 10 nothing is missing between 10 and 20.
		out.Step = r.step.String()
		span := new(big.Int).Sub(r.last, r.min)
		places := span.Div(span, r.step)
		missing = places.Sub(places, big.NewInt(r.numbers-1))
	}
	out.Missing = missing.String()
	out.Filled = portion(big.NewInt(r.numbers), new(big.Int).Add(missing, big.NewInt(r.numbers)))
	inLargest := new(big.Int)
	for _, g := range r.largest {
		if out.Step != "" && new(big.Int).Add(g.missing, one).Cmp(r.step) == 0 {
			continue
		}
		inLargest.Add(inLargest, g.missing)
		out.Largest = append(out.Largest, Gap{
			From: new(big.Int).Add(g.after, one).String(), To: new(big.Int).Sub(g.before, one).String(), Missing: g.missing.String(),
		})
	}
	if missing.Sign() == 0 { // all gaps are the step
		out.Gaps, out.Largest = 0, nil
	}
	rest := new(big.Int).Sub(r.missing, inLargest)
	switch {
	case missing.Sign() == 0:
		out.Shape = Unbroken
	case out.Filled >= 0.5:
		out.Shape = WithGaps
	case r.numbers > 4*maxGaps && rest.Cmp(big.NewInt(r.numbers)) < 0:
		out.Shape = InBlocks
	default:
		out.Shape = Scattered
	}
	return out
}

// portion is a of b.
func portion(a, b *big.Int) float64 {
	if b.Sign() == 0 {
		return 0
	}
	f, _ := new(big.Rat).SetFrac(a, b).Float64()
	return f
}
