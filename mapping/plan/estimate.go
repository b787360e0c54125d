package plan

import (
	"cmp"
	"context"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// Forecast is what matching would have to do.
type Forecast struct {
	Records int                // that take part, also those of the crosswalk
	Open    int                // of them, new and changed ones: only their pairs count
	Exact   []similar.Blocking // the lines of match.same
	Similar []similar.Blocking // the blocking rules of match.similar; nil where that is off
}

// Estimate reads the crosswalk's state and the sources, and counts the pairs
// that matching would look at, without comparing any.
func Estimate(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, inputs []Input, o Options) (*Forecast, error) {
	b, err := read(ctx, snap, rs, inputs, o)
	if err != nil {
		return nil, err
	}
	b.orderNaturally()
	open := b.openNodes()
	if open == nil {
		return &Forecast{}, nil
	}
	if err := b.recall(ctx, open); err != nil {
		return nil, err
	}
	open = append(open, make([]bool, b.table.size()-len(open))...)
	f := &Forecast{Exact: b.exactBlocks(open)}
	for n, isOpen := range open {
		if b.status[n] != dead {
			f.Records++
		}
		if isOpen {
			f.Open++
		}
	}
	if _, model, on := b.rules.Similar(); on {
		in, _ := b.similarInput(open)
		f.Similar, err = similar.Estimate(ctx, in, similar.Options{Model: model})
	}
	return f, err
}

// exactBlocks counts the pairs with an open record that agree on each line of
// match.same.
func (b *builder) exactBlocks(open []bool) []similar.Blocking {
	in := b.rules.MatchInput()
	out := make([]similar.Blocking, len(in.Lines))
	for i := range out {
		out[i] = similar.Blocking{Rule: b.rules.LineName(uint8(i)), Used: true}
	}
	type entry struct {
		hash match.Hash
		line uint8 // NoLine for evidence that was recalled
		open bool
	}
	var entries []entry
	for n := range open {
		for _, j := range b.liveJoins(node(n)) {
			entries = append(entries, entry{j.Hash, j.Line, open[n]})
		}
	}
	slices.SortFunc(entries, func(x, y entry) int {
		return cmp.Or(cmp.Compare(x.hash.Hi, y.hash.Hi), cmp.Compare(x.hash.Lo, y.hash.Lo), cmp.Compare(x.line, y.line))
	})
	pairs := func(n int64) int64 { return n * (n - 1) / 2 }
	for len(entries) > 0 {
		n, decided := 0, int64(0)
		for n < len(entries) && entries[n].hash == entries[0].hash {
			if !entries[n].open {
				decided++
			}
			n++
		}
		if line := entries[0].line; line != match.NoLine {
			out[line].Pairs += pairs(int64(n)) - pairs(decided)
			out[line].New = out[line].Pairs
		}
		entries = entries[n:]
	}
	return out
}
