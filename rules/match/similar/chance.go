package similar

import (
	"context"
	"math"
	"slices"
)

// strangers counts the levels of random pairs, the same for any order of the
// records.
func (e *estimator) strangers(ctx context.Context) error {
	byRank := sorter{entries: make([]uint64, 0, e.t.n)}
	for r := range uint32(e.t.n) {
		if (e.t.kind(r) == 1) == (e.kind == 1) {
			byRank.entries = append(byRank.entries, uint64(e.t.rank[r])<<32|uint64(r))
		}
	}
	byRank.radix()
	recs, n := byRank.entries, uint64(len(byRank.entries))
	draws := min(randomPairs, n*(n-1)/2)
	seed := uint64(1)
	next := func() uint64 { // splitmix64
		seed += 0x9e3779b97f4a7c15
		z := (seed ^ seed>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return z ^ z>>31
	}
	for i := range draws {
		if i%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		a, b := uint32(recs[next()%n]), uint32(recs[next()%n])
		if a == b || !sameKind(e.t, a, b) {
			continue
		}
		o := nothing
		e.s.compare(e.w, a, b, &o)
		for c, l := range o.level {
			if l != none {
				e.chance[c][l]++
				e.pairs[c]++
			}
		}
	}
	e.blend()
	return nil
}

func sameKind(t *table, a, b uint32) bool { return t.kind(a) == t.kind(b) }

// blend sets how often strangers compare so: what random pairs show, less the
// matches among them, and the shipped share where they show too few. Equal
// values are counted exactly.
func (e *estimator) blend() {
	match := math.Exp2(e.k.Prior)
	for c := range e.shipped {
		name := e.name(c)
		if name == "" {
			continue
		}
		levels := slices.Clone(e.k.Levels[name])
		for l := range levels {
			seen := max(0, e.chance[c][l]-match*levels[l].M*e.pairs[c])
			levels[l].U = (seen + 1) / (e.pairs[c] + 1/e.shipped[c][l].U)
		}
		if usual, ok := e.counted(comparison(c)); ok {
			levels[0].U = usual
			if comparison(c) == onAddress {
				levels[lineEqual].U, levels[lineEqualMoved].U = usual, usual
			}
		}
		if comparison(c) == onOrder {
			levels[0].U = 1
		}
		e.k.Levels[name] = levels
	}
	e.w = e.s.weighing(e.k)
}

// counted is how often two values of a comparison are equal by chance, where
// that is known from how often each value is there.
func (e *estimator) counted(c comparison) (float64, bool) {
	slot := -1
	switch c {
	case onGiven:
		slot = e.s.given
	case onFamily:
		slot = e.s.family
	case onBirth:
		slot = e.s.birth
	case onEmail:
		slot = e.s.email
	case onPhone:
		slot = e.s.phone
	case onNational:
		slot = e.s.national
	case onTax:
		slot = e.s.tax
	case onAddress:
		slot = e.s.line
	case onCode:
		slot = e.s.postal
	case onCity:
		slot = e.s.city
	case onRegion:
		slot = e.s.region
	case onCompany:
		slot = e.s.company
	default:
		if i := int(c) - int(onAttribute); i >= 0 && i < len(e.s.attrs) {
			slot = e.s.attrs[i]
		}
	}
	if slot < 0 {
		return 0, false
	}
	f := e.s.model.Values[e.t.slots[slot].role]
	return math.Exp2(f.usual), true
}
