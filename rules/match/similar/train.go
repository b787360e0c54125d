package similar

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
)

// sampled is a candidate pair of the sample that a model is estimated from.
// It stands for so many candidates.
type sampled struct {
	pair
	times float64
}

const (
	randomPairs = 50_000  // that show how strangers compare
	samplePairs = 300_000 // candidates that show how matches compare
	mostSeen    = 40_000  // of those, that are possible matches
	rounds      = 15      // of expectation maximisation
	doubt       = -16     // bits: pairs below are not looked at as possible matches
	trust       = 40      // pairs that the shipped levels count for
	trustPrior  = 10      // matches that the shipped prior counts for
	trustKin    = 10      // related pairs that the shipped rates count for
)

// train estimates a model: how strangers compare from random pairs, how
// matches do and how many there are by expectation maximisation over a sample
// of the candidates. Little data leaves the shipped levels as they are.
//
// The model has more classes than matches and strangers: the relations, whose
// levels follow from those of the two and from what the related share. Only
// how frequent they are is estimated.
// The scorer weighs by it.
func train(ctx context.Context, t *table, b *blocks) (*scorer, error) {
	m := defaultModel(t, 1+2*matchRate)
	s := newScorer(t, m)
	sample, err := draw(ctx, b, s)
	if err != nil {
		return nil, err
	}
	var list []*estimator
	for _, k := range []Kind{0, 1} {
		if t.number(k) < 2 {
			continue
		}
		e := newEstimator(s, k)
		if err := e.strangers(ctx); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	for turn := range 2 {
		if turn > 0 { // it is known better now how many records a customer has
			m.recount(t, m.ownRecords(t))
			s = newScorer(t, m)
			for _, e := range list {
				e.s = s
				e.blend()
			}
		}
		for _, e := range list {
			if err := e.matches(ctx, sample); err != nil {
				return nil, err
			}
		}
	}
	m.Trained = int64(t.n)
	s.weighByModel()
	return s, nil
}

// draw takes a sample of the candidates, of which those are left out that the
// shipped levels give no chance. A hash of ranks decides which.
func draw(ctx context.Context, b *blocks, s *scorer) ([]sampled, error) {
	t := b.t
	var candidates int64
	for _, r := range b.report {
		if r.Used {
			candidates += r.Pairs
		}
	}
	share := uint32(min(1, samplePairs/max(1, float64(candidates))) * math.MaxUint32)
	times := math.MaxUint32 / float64(share)
	var mu sync.Mutex
	var list []sampled
	err := b.some(ctx, share, func(pairs []pair) {
		var found []sampled
		for _, p := range pairs {
			if s.weight(p.a, p.b, doubt) >= doubt {
				found = append(found, sampled{p, times})
			}
		}
		mu.Lock()
		defer mu.Unlock()
		list = append(list, found...)
	})
	slices.SortFunc(list, func(x, y sampled) int {
		return cmp.Or(cmp.Compare(t.rank[x.a], t.rank[y.a]), cmp.Compare(t.rank[x.b], t.rank[y.b]))
	})
	return thin(t, list), err
}

// thin leaves about mostSeen of the pairs, picked by another hash of ranks.
func thin(t *table, list []sampled) []sampled {
	if len(list) <= mostSeen {
		return list
	}
	share := mostSeen / float64(len(list))
	most := uint32(share * math.MaxUint32)
	list = slices.DeleteFunc(list, func(p sampled) bool { return mix(t.rank[p.b], t.rank[p.a]) > most })
	for i := range list {
		list[i].times /= share
	}
	return list
}

// ownRecords is how many records a customer has on average.
func (m *Model) ownRecords(t *table) float64 {
	var records, customers float64
	for _, k := range []Kind{0, 1} {
		n := t.number(k)
		records += n
		customers += n / (1 + math.Exp2(m.kind(k).Prior)*(n+50))
	}
	return max(1, records/max(customers, 1))
}

// recount counts values again, now that it is known how many records a
// customer has.
func (m *Model) recount(t *table, own float64) {
	again := defaultModel(t, own)
	m.Values, m.Words = again.Values, again.Words
}

// estimator estimates the weights of one kind.
type estimator struct {
	t    *table
	kind Kind
	s    *scorer
	w    *weighing
	k    *kindModel
	n    float64

	chance  [comparisons][10]float64 // levels of random pairs
	pairs   [comparisons]float64     // random pairs that have one
	shipped [comparisons][]level
}

func newEstimator(s *scorer, k Kind) *estimator {
	e := &estimator{t: s.t, kind: k, s: s, k: s.model.kind(k), n: s.t.number(k)}
	levels := shipped(k)
	for c := range e.shipped {
		e.shipped[c] = levels[min(c, int(onAttribute))]
	}
	e.w = s.weighing(e.k)
	return e
}

// name is what the model calls a comparison, empty where there is none.
func (e *estimator) name(c int) string {
	if c < int(onAttribute) {
		return names[c]
	}
	if i := c - int(onAttribute); i < len(e.s.attrs) {
		return e.t.slots[e.s.attrs[i]].role
	}
	return ""
}

// seen is a candidate and how it compares.
type seen struct {
	outcome
	times float64
}

// matches estimates the levels of matches and how many matches and related
// there are.
func (e *estimator) matches(ctx context.Context, sample []sampled) error {
	var list []seen
	for i, p := range sample {
		if i%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if (e.t.kind(p.a) == 1) != (e.kind == 1) {
			continue
		}
		s := seen{outcome: nothing, times: p.times}
		e.s.compare(e.w, p.a, p.b, &s.outcome)
		if e.w.sum(&s.outcome) >= doubt {
			list = append(list, s)
		}
	}
	for range rounds {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		e.round(list)
	}
	return nil
}

// round is one turn of expectation maximisation.
func (e *estimator) round(list []seen) {
	var m [comparisons][10]float64
	var total [comparisons]float64
	related := make([]float64, len(e.k.Kin))
	odds := make([]float64, len(e.k.Kin))
	var matched, sure float64
	var times ratios
	for i := range list {
		o := &list[i].outcome
		times.read(e.w, o)
		match := math.Exp2(float64(e.w.prior))
		for c, l := range o.level {
			if l != none {
				match *= times[c]
			}
		}
		all := 1 + match
		for k := range e.w.kin {
			odds[k] = e.w.kin[k].likelihood(o, &times)
			all += odds[k]
		}
		p := match / all * list[i].times
		for k := range odds {
			related[k] += odds[k] / all * list[i].times
		}
		matched += p
		sure += match * unsure / (all - match + match*unsure) * list[i].times
		for c, l := range o.level {
			if l != none {
				m[c][l] += p
				total[c] += p
			}
		}
		total[onOrder] += p * float64(boolean(o.level[onOrder] == none))
	}
	e.learn(&m, &total, min(matched, mostUnsure*sure), related)
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}
