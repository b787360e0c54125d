package similar

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"

	"github.com/xwalk-id/xwalk/rules/match"
)

// Steps that are reported to Progress.
const (
	stepRead    = "read values"
	stepBlock   = "block"
	stepTrain   = "estimate weights"
	stepCompare = "compare"
)

// Compare finds and weighs the candidate pairs. The only error is that of ctx.
func Compare(ctx context.Context, in Input, o Options) (*Result, error) {
	report := in.reporter()
	t, b, shared, err := prepare(ctx, in, o.Budget, report)
	if err != nil {
		return nil, err
	}
	var s *scorer
	if o.Model != nil {
		s = newScorer(t, o.Model)
	} else {
		if s, err = train(ctx, t, b); err != nil {
			return nil, err
		}
		report(stepTrain, 1, 1)
	}
	res := &Result{Model: s.model, Shared: shared}
	res.Score = func(a, b uint32) float32 {
		p := t.pair(a, b)
		if len(in.Traits(a)) == 0 || len(in.Traits(b)) == 0 || !sameKind(t, p.a, p.b) {
			return float32(math.NaN())
		}
		w := s.weight(p.a, p.b, float32(math.Inf(-1)))
		if w == s.by(p.a).silent {
			return float32(math.NaN())
		}
		return w
	}
	floor := 0.5
	if o.Floor > 0 {
		floor = o.Floor
	}
	if res.Pairs, err = weigh(ctx, b, s, float32(Weight(floor)), report); err != nil {
		return nil, err
	}
	res.Blocking = b.report
	return res, nil
}

// Estimate counts the pairs that each blocking rule would propose, without
// comparing any.
func Estimate(ctx context.Context, in Input, o Options) ([]Blocking, error) {
	report := in.reporter()
	_, b, _, err := prepare(ctx, in, o.Budget, report)
	if err != nil {
		return nil, err
	}
	return b.report, b.each(ctx, func([]pair) {}, func(done, total int64) { report(stepCompare, done, total) })
}

// prepare reads the records, leaves out what is no evidence, and sorts the
// rest into blocks.
func prepare(ctx context.Context, in Input, budget int64, report func(string, int64, int64)) (*table, *blocks, []Shared, error) {
	t, err := newTable(ctx, in)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := t.buildForms(ctx); err != nil {
		return nil, nil, nil, err
	}
	t.forget()
	k, err := newKeys(ctx, t)
	if err != nil {
		return nil, nil, nil, err
	}
	shared, err := t.dropShared(ctx, k)
	if err != nil {
		return nil, nil, nil, err
	}
	report(stepRead, 1, 1)
	b, err := newBlocks(ctx, t, k, budget)
	report(stepBlock, 1, 1)
	return t, b, shared, err
}

// reporter makes Progress safe to call from several goroutines.
func (in Input) reporter() func(step string, done, total int64) {
	if in.Progress == nil {
		return func(string, int64, int64) {}
	}
	var mu sync.Mutex
	return func(step string, done, total int64) {
		mu.Lock()
		defer mu.Unlock()
		in.Progress(step, done, total)
	}
}

// weigh weighs all candidate pairs and returns those at or above the floor, by
// rank.
func weigh(ctx context.Context, b *blocks, s *scorer, floor float32, report func(string, int64, int64)) ([]match.Pair, error) {
	var mu sync.Mutex
	var all []match.Pair
	err := b.each(ctx, func(list []pair) {
		var found []match.Pair
		for _, p := range list {
			if w := s.weight(p.a, p.b, floor); w >= floor {
				found = append(found, match.Pair{A: p.a, B: p.b, Weight: w})
			}
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, found...)
	}, func(done, total int64) { report(stepCompare, done, total) })
	if err != nil {
		return nil, err
	}
	return byRank(all, b.t.rank), nil
}

// byRank is the pairs by the ranks of their records. It looks each rank up
// once, as that is what would cost most.
func byRank(pairs []match.Pair, rank []uint32) []match.Pair {
	type place struct {
		ranks uint64
		at    int
	}
	order := make([]place, len(pairs))
	for i, p := range pairs {
		order[i] = place{uint64(rank[p.A])<<32 | uint64(rank[p.B]), i}
	}
	slices.SortFunc(order, func(x, y place) int { return cmp.Compare(x.ranks, y.ranks) })
	list := make([]match.Pair, len(pairs))
	for i, o := range order {
		list[i] = pairs[o.at]
	}
	return list
}
