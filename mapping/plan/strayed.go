package plan

import (
	"cmp"
	"context"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// linkEvidence marks a review of two records that are one customer and no
// longer look it.
const linkEvidence = "link"

// strayed finds changed records that nothing holds to their customer any
// more: before anything changed they agreed with another of its records, by a
// line of match.same or by likeness, and now with none, nor has a person said
// that they are one with one. Their link stays; a person is asked. It notes
// the reviews, and which records are held again.
func (b *builder) strayed(ctx context.Context, open []bool, c customers, sc *scored) error {
	members := b.changedCustomers(open, c)
	var keys []crosswalk.SourceKey
	var nodes []node
	for i := range b.sources {
		for _, n := range b.sources[i].nodes {
			if b.mayStray(n) && open[n] && len(members[c.of[n]]) > 1 {
				nodes = append(nodes, n)
				keys = append(keys, b.id(n))
			}
		}
	}
	if len(nodes) == 0 {
		return nil
	}
	links, err := b.snap.ByKeys(ctx, slices.Clone(keys))
	if err != nil {
		return err
	}
	before := map[crosswalk.SourceKey]*crosswalk.Link{}
	for i := range links {
		before[links[i].ID()] = &links[i]
	}
	b.upheld = map[crosswalk.SourceKey]bool{}
	ranks := b.ranks()
	for i, n := range nodes {
		others := slices.DeleteFunc(slices.Clone(members[c.of[n]]), func(m node) bool { return m == n })
		slices.SortFunc(others, func(x, y node) int { return cmp.Compare(ranks[x], ranks[y]) })
		was := b.remembered(n, before)
		switch {
		case slices.ContainsFunc(others, func(m node) bool { return b.matches(n, m, sc) }):
			b.upheld[keys[i]] = true
			b.bearers.asked[n] = true // the others answer for it
		default:
			if b.bearers.doubtful[n] || b.bearers.replaced[n] {
				b.bearers.asked[n] = true
				b.strays = append(b.strays, match.Review{A: others[0], B: n})
			} else if k := slices.IndexFunc(others, func(m node) bool { return b.matched(was, b.remembered(m, before), sc) }); k >= 0 {
				b.strays = append(b.strays, match.Review{A: others[k], B: n})
			}
		}
	}
	return nil
}

// changedCustomers lists the records of every customer that has a changed
// one, by its number in c.
func (b *builder) changedCustomers(open []bool, c customers) map[uint32][]node {
	members := map[uint32][]node{}
	for n, no := range c.of {
		if no != 0 && open[n] && b.mayStray(node(n)) {
			members[no] = nil
		}
	}
	if len(members) == 0 {
		return nil
	}
	for n, no := range c.of {
		if list, ok := members[no]; ok && b.status[n] != dead {
			members[no] = append(list, node(n))
		}
	}
	return members
}

// mayStray reports whether a record may have strayed from its customer: it
// changed, or came back otherwise than it was.
func (b *builder) mayStray(n node) bool { return b.status[n] == changed || b.bearers.doubtful[n] }

// matches reports whether two records agree as they are now, or a person said
// that they are one customer.
func (b *builder) matches(n, m node, sc *scored) bool {
	if sc != nil && sc.Score(n, m) >= sc.review {
		return true
	}
	return sharesJoin(b.table.joins(n), b.table.joins(m)) || b.decided.verdict(b.id(n), b.id(m)) == crosswalk.Same
}

// evidence is what speaks for a record: how it was before this run.
type evidence struct {
	kind   crosswalk.Kind
	joins  []match.Join
	traits []byte
}

// remembered is a record as it was: as before has it, where it changed, and
// as it is where it did not.
func (b *builder) remembered(n node, before map[crosswalk.SourceKey]*crosswalk.Link) evidence {
	l := before[b.id(n)]
	if l == nil {
		return evidence{b.kindOf(n), b.table.joins(n), b.traits(n)}
	}
	e := evidence{kind: l.Kind}
	e.joins, _ = b.rules.DecodeMatch(l.Match)
	if fields, err := rules.DecodeFields(l.Fields); err == nil { // our own encoding
		e.traits = b.rules.TraitsOf(nil, b.spaceName(l.Source), fields)
	}
	return e
}

// matched reports whether two records agreed.
func (b *builder) matched(x, y evidence, sc *scored) bool {
	if sharesJoin(x.joins, y.joins) {
		return true
	}
	if sc == nil || x.kind != y.kind || len(x.traits) == 0 || len(y.traits) == 0 {
		return false
	}
	return float32(sc.Model.Explain(sc.roles, similar.Kind(x.kind), x.traits, y.traits).Weight) >= sc.review
}

// id is a record's source ID.
func (b *builder) id(n node) crosswalk.SourceKey {
	batch, row := b.table.at(n)
	k := crosswalk.SourceKey{Key: string(b.table.key(n))}
	if batch.source >= 0 {
		k.Source = b.sources[batch.source].no
	} else {
		k.Source = int(batch.origin[row])
	}
	return k
}

func sharesJoin(a, b []match.Join) bool {
	return slices.ContainsFunc(a, func(x match.Join) bool {
		return slices.ContainsFunc(b, func(y match.Join) bool { return x.Hash == y.Hash })
	})
}

// strayReview is the review of a record that strayed from its customer.
func (b *builder) strayReview(r match.Review, sc *scored) Review {
	v := b.reviewOf(r, sc)
	v.Rule = rules.StrayedRule
	v.Evidence = slices.Insert(v.Evidence, 0, mapping.Evidence{
		On: linkEvidence, Says: "they are one customer, and since it changed nothing holds the record to the others any more",
	})
	return v
}

// staysOpen reports whether an open review of two records of one customer is
// still to be answered: it was raised because they no longer look it.
func (b *builder) staysOpen(r crosswalk.Review) bool {
	strayed := slices.ContainsFunc(mapping.DecodeEvidence(r.Evidence), func(e mapping.Evidence) bool { return e.On == linkEvidence })
	return strayed && !b.upheld[r.Left] && !b.upheld[r.Right]
}
