package similar

import (
	"math"
	"slices"
)

// A match is sure that would be one if matches were that much rarer. Of the
// others there are at most so many for each sure one: pairs of which none is
// sure are other people, however many there are.
const (
	unsure     = 1. / 64
	mostUnsure = 2
)

// least is the least share of a level among matches: no single field may rule
// a match out.
const least = 0.004

// stray is how many times more or less often than is usual a level may be
// found among matches: what goes beyond that are not matches that were
// recognised, but others that were taken for some. Companies have branches,
// which are taken for matches easily.
func stray(k Kind) float64 {
	if k == 1 {
		return 1.5
	}
	return 4
}

// strayKin is likewise for how many relations there are.
const strayKin = 8

// learn turns counts into levels.
func (e *estimator) learn(m *[comparisons][10]float64, total *[comparisons]float64, matched float64, related []float64) {
	limit := stray(e.kind)
	for c := range e.shipped {
		name := e.name(c)
		if name == "" {
			continue
		}
		levels := slices.Clone(e.k.Levels[name])
		for l := range levels {
			usual := e.shipped[c][l].M
			seen := (m[c][l] + trust*usual) / (total[c] + trust)
			levels[l].M = min(max(least, usual/limit, seen), usual*limit, 1)
		}
		if comparison(c).rising() {
			rise(levels)
		}
		e.k.Levels[name] = levels
	}
	pairs := e.wanted()
	start := 2 * matchRate / (e.n + 50)
	e.k.Prior = math.Log2((matched + trustPrior) / (pairs + trustPrior/start))
	for i := range related {
		r := &e.k.Kin[i]
		usual := r.rate * e.n
		rate := min((related[i]+trustKin)/(1+trustKin/usual), strayKin*usual)
		if r.fixed {
			rate = usual
		}
		r.Odds = rate / (pairs + e.n*50/2)
	}
	e.blend()
}

// wanted is how many pairs there are that might be candidates.
func (e *estimator) wanted() float64 {
	closed := 0.0
	for r := range e.t.open {
		if !e.t.open[r] && (e.t.kind(uint32(r)) == 1) == (e.kind == 1) {
			closed++
		}
	}
	return (e.n*(e.n-1) - closed*(closed-1)) / 2
}

// rise sees to it that no level weighs less than the one after it, by pooling
// neighbours that do.
func rise(levels []level) {
	for i := len(levels) - 2; i >= 0; i-- {
		if next := levels[i+1]; levels[i].M/levels[i].U < next.M/next.U {
			levels[i].M = min(1, levels[i].U*next.M/next.U)
		}
	}
}
