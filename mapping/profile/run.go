package profile

import (
	"math/big"
	"slices"
)

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
