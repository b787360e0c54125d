package review

import (
	"context"
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// Answer is a person's answer to a review.
type Answer struct {
	Item    *Item
	Verdict crosswalk.Verdict
	Actor   string
	Reason  string
}

func (a *Answer) decision() crosswalk.Decision {
	p := a.Item.pair()
	return crosswalk.Decision{Left: p[0], Right: p[1], Verdict: a.Verdict, Review: a.Item.ID, Actor: a.Actor, Reason: a.Reason}
}

// Recorded is what became of an answer.
type Recorded struct {
	Answer
	// Again says that this verdict was in force already; By had given it.
	Again bool
	By    string
}

// Record writes answers down, all or none. The error is
// [crosswalk.ContraryErrors] where somebody else said otherwise before and
// override is not set; the index of each is that of the answer.
func Record(ctx context.Context, store *crosswalk.Store, answers []Answer, override bool) ([]Recorded, error) {
	if len(answers) == 0 {
		return nil, nil
	}
	decisions := make([]crosswalk.Decision, len(answers))
	for k := range answers {
		decisions[k] = answers[k].decision()
	}
	if err := store.Decide(ctx, decisions, override); err != nil {
		return nil, err
	}
	out := make([]Recorded, len(answers))
	for k, a := range answers {
		out[k] = Recorded{Answer: a, By: decisions[k].Actor}
		before := a.Item.Decided
		out[k].Again = decisions[k].No == 0 || before != nil && before.No == decisions[k].No
		if before != nil && out[k].Again {
			out[k].By = before.Actor
		}
	}
	return out, nil
}

// Contradictions lists the pairs that would be decided different although a
// chain of other verdicts makes them one customer, once answers were
// recorded. People have to look at them again.
func (d *Desk) Contradictions(answers []Answer) []string {
	force := map[pair]crosswalk.Verdict{}
	for _, v := range d.decided {
		force[pairOf(v.Left, v.Right)] = v.Verdict
	}
	one := newSets()
	for k := range answers {
		force[answers[k].Item.pair()] = answers[k].Verdict
	}
	for p, v := range force {
		if v == crosswalk.Same {
			one.union(p[0], p[1])
		}
	}
	concerned := map[crosswalk.NamedKey]bool{} // sets that the answers are about
	for k := range answers {
		for _, key := range answers[k].Item.pair() {
			concerned[one.root(key)] = true
		}
	}
	var out []string
	for p, v := range force {
		if root := one.root(p[0]); v == crosswalk.Different && root == one.root(p[1]) && concerned[root] {
			out = append(out, fmt.Sprintf("%s %s and %s %s", p[0].Source, p[0].Key, p[1].Source, p[1].Key))
		}
	}
	slices.Sort(out)
	return out
}
