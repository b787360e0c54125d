package similar

import "math"

// strangers is what the relations take from a weight: log2 of how much more
// often the outcome is seen among two customers than among strangers alone,
// because some customers are related.
func (w *weighing) strangers(o *outcome) float64 {
	var times ratios
	times.read(w, o)
	total := 1.0
	for i := range w.kin {
		total += w.kin[i].likelihood(o, &times)
	}
	return math.Log2(total)
}

// ratios is how many times likelier each level of an outcome is for a match
// than for strangers.
type ratios [comparisons]float64

func (r *ratios) read(w *weighing, o *outcome) {
	for c, l := range o.level {
		if l != none {
			r[c] = math.Exp2(float64(w.bits[c][l] + o.rare[c]))
		}
	}
}

// hardlyEver is how often the related agree on what they never share, for
// strangers that do so once.
const hardlyEver = 0.05

// sharing is how many times more often than usual the related share a mailbox,
// by whose it is.
func (m mailOwner) sharing() float64 { return [...]float64{anyones: 1, ones: 0.2, familys: 4}[m] }

// likelihood is the odds of the relation to two strangers, given the outcome.
func (k *kinship) likelihood(o *outcome, times *ratios) float64 {
	p := k.odds
	if k.chain {
		p *= branches(o.spread())
	}
	for c, l := range o.level {
		switch share := k.shares[c]; {
		case l == none:
		case k.direct[c] != nil && k.direct[c][l] > 0:
			p *= k.direct[c][l] * times[c]
		case c == int(onEmail) && l == mailEqual:
			share = min(1, share*o.whose.sharing())
			p *= share*times[c] + 1 - share
		case share == 0:
		case share > 0:
			p *= share*times[c] + 1 - share
		case times[c] > 1:
			p *= hardlyEver
		}
	}
	return p
}
