package plan

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// scored is what probabilistic matching says of the records.
type scored struct {
	*similar.Result
	roles  []string
	review float32 // the weight from which two records are a possible match
}

// similarInput is the records as probabilistic matching sees them: those that
// there are, numbered without gaps, since their number weighs. nodes says
// which they are.
func (b *builder) similarInput(open []bool) (in similar.Input, nodes []node) {
	for n, status := range b.status {
		if status != dead {
			nodes = append(nodes, node(n))
		}
	}
	ranks := b.ranks()
	in = similar.Input{
		Roles:       b.rules.TraitRoles(),
		Traits:      func(rec uint32) []byte { return b.traits(nodes[rec]) },
		Kind:        func(rec uint32) similar.Kind { return similar.Kind(b.kindOf(nodes[rec])) },
		Rank:        make([]uint32, len(nodes)),
		Open:        make([]bool, len(nodes)),
		Placeholder: b.rules.IsPlaceholder,
		Progress:    b.progress,
	}
	for rec, n := range nodes {
		in.Rank[rec], in.Open[rec] = ranks[n], open[n]
	}
	return in, nodes
}

// renumber makes the records of what was scored nodes again.
func renumber(res *similar.Result, nodes []node, size int) {
	for i := range res.Pairs {
		p := &res.Pairs[i]
		p.A, p.B = nodes[p.A], nodes[p.B]
	}
	record := make([]uint32, size)
	for rec, n := range nodes {
		record[n] = uint32(rec)
	}
	score := res.Score
	res.Score = func(a, b node) float32 {
		if ra, rb := record[a], record[b]; nodes[ra] == a && nodes[rb] == b {
			return score(ra, rb)
		}
		return float32(math.NaN()) // one of them takes no part
	}
}

// traits are a record's, or none where it takes no part.
func (b *builder) traits(n node) []byte {
	if b.status[n] == dead {
		return nil
	}
	batch, row := b.table.at(n)
	return batch.traits.at(row)
}

// score compares the open records with all others, where the rules ask for
// it; nil where they do not.
func (b *builder) score(ctx context.Context, open []bool) (*scored, error) {
	settings, model, on := b.rules.Similar()
	if !on {
		return nil, nil
	}
	known, err := b.knownModel(ctx)
	if err != nil {
		return nil, err
	}
	if model == nil {
		model = known
	}
	in, nodes := b.similarInput(open)
	res, err := similar.Compare(ctx, in, similar.Options{Model: model, Floor: min(0.5, settings.Review)})
	if err != nil {
		return nil, err
	}
	renumber(res, nodes, b.table.size())
	if version := res.Model.Version(); known == nil || version != known.Version() {
		b.plan.Model = res.Model.Write()
	}
	b.noteComparisons(res)
	return &scored{res, in.Roles, float32(similar.Weight(settings.Review))}, nil
}

// knownModel is the model that the crosswalk holds, if it is still good: not
// when the records have become twice as many as it was estimated from, since
// it knows too little of them then.
func (b *builder) knownModel(ctx context.Context) (*similar.Model, error) {
	if b.snap == nil || b.kept != nil {
		return b.kept, nil
	}
	text, err := b.snap.Model(ctx)
	if err != nil || len(text) == 0 {
		return nil, err
	}
	m, err := similar.Read(text)
	if err != nil {
		return nil, fmt.Errorf("the matching model in the crosswalk: %w", err)
	}
	records := int64(0)
	for i := range b.sources {
		records += int64(len(b.sources[i].nodes))
	}
	if records <= 2*max(m.Trained, minTrained) {
		b.kept = m
	}
	return b.kept, nil
}

// minTrained is how few records are too few to speak of growth.
const minTrained = 1000

// notedBlock is how many records of one block the report speaks of; smaller
// ones are taken apart as a matter of course.
const notedBlock = 100

// notedBlocks is how many of them it names, the largest first.
const notedBlocks = 5

// noteComparisons reports what matching had to leave out.
func (b *builder) noteComparisons(res *similar.Result) {
	var large []similar.Blocking
	for _, r := range res.Blocking {
		if len(r.Capped) > 0 && r.Capped[0].Records >= notedBlock {
			large = append(large, r)
		}
	}
	slices.SortStableFunc(large, func(x, y similar.Blocking) int { return y.Capped[0].Records - x.Capped[0].Records })
	var named []string
	for _, r := range large[:min(len(large), notedBlocks)] {
		named = append(named, fmt.Sprintf("%s (%d)", r.Rule, r.Capped[0].Records))
	}
	if len(named) > 0 {
		b.note("matching: some blocks hold too many records to compare each with each, and were compared in parts: %s. `xwalk match --estimate` lists all", strings.Join(named, ", "))
	}
	for _, s := range res.Shared {
		b.note("one value of %s is shared by %d records of %d different names; it is no evidence. Add it to match.placeholders if it is nobody's", s.Role, s.Records, s.People)
	}
}

// reviewOf is a review of two records, with the weights of their comparison.
func (b *builder) reviewOf(r match.Review, sc *scored) Review {
	v := Review{Left: b.side(r.A), Right: b.side(r.B)}
	v.ID = reviewID(v.Left, v.Right)
	if sc == nil {
		return v
	}
	if left, right := b.traits(r.A), b.traits(r.B); len(left) > 0 && len(right) > 0 {
		x := sc.Model.Explain(sc.roles, similar.Kind(b.kindOf(r.A)), left, right)
		v.Evidence, v.Score = WeightEvidence(x), similar.Probability(x.Weight)
	}
	return v
}

// doubtReview is a review that the matcher asks for.
func (b *builder) doubtReview(r match.Review, sc *scored) Review {
	v := b.reviewOf(r, sc)
	v.Rule = b.rules.LineName(r.Line)
	if text := b.rules.Doubt(r); text != "" {
		v.Evidence = slices.Insert(v.Evidence, 0, mapping.Evidence{Says: text})
	}
	return v
}

// WeightEvidence is a comparison as evidence, the prior first.
func WeightEvidence(x similar.Explanation) []mapping.Evidence {
	list := []mapping.Evidence{{On: "prior", Says: "any two records", Weight: x.Prior}}
	for _, l := range x.Levels {
		list = append(list, mapping.Evidence{On: l.On, Says: l.Says, Weight: l.Weight, Left: l.Left, Right: l.Right})
	}
	return list
}

// dropEvidence gives back what only comparing and matching need.
func (b *builder) dropEvidence() {
	b.rank = nil
	for _, batch := range b.table.batches {
		batch.who, batch.modified = nil, nil
		if !b.rules.Remembers() {
			batch.joins, batch.values = ragged[match.Join]{}, ragged[match.Value]{}
		}
	}
}
