package main

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// nearMost is how many neighbours an ID that is not found gets.
const nearMost = 5

// neighbour is a known number one slip away from an ID that is not.
type neighbour struct {
	slip    scheme.Slip
	checked bool            // it has check characters, and they are right
	link    *crosswalk.Link // nil for a canonical ID
	number  string          // the canonical ID where it is one
}

// withNeighbours adds to each answer that an ID was never seen the known
// numbers that may have been meant, at most nearMost of them. They are only
// shown; none of them is the answer. rs is what is known of the schemes, nil
// for nothing.
func (f *finder) withNeighbours(ctx context.Context, answers []answer, rs *rules.Ruleset) ([]answer, error) {
	near := map[int][]neighbour{} // by answer
	var links []crosswalk.Link
	var numbers []string
	for i, a := range answers {
		if !a.unseen() {
			continue
		}
		found, err := f.neighbours(ctx, a.Asked, rs)
		if err != nil {
			return nil, err
		}
		near[i] = found
		for _, n := range found {
			if n.link != nil {
				links = append(links, *n.link)
			} else {
				numbers = append(numbers, n.number)
			}
		}
	}
	if err := f.learn(ctx, links, numbers); err != nil {
		return nil, err
	}
	var out []answer
	for i, a := range answers {
		out = append(out, a)
		for _, n := range near[i] {
			row, err := f.nearAnswer(ctx, n)
			if err != nil {
				return nil, err
			}
			row.Asked, row.Match, row.Slip = a.Asked, matchNear, n.slip.String()
			out = append(out, row)
		}
	}
	return out, nil
}

// unseen says that nothing at all is known of the ID that was asked for.
func (a answer) unseen() bool {
	return a.Status == statusNotFound && a.Source == "" && a.SourceID != ""
}

// neighbours finds the known numbers that are one slip away from id, the
// likeliest first: those whose check characters are right, then by the kind of
// slip, then in natural order. It asks the store for all candidates at once.
func (f *finder) neighbours(ctx context.Context, id string, rs *rules.Ruleset) ([]neighbour, error) {
	written, err := scheme.Keyer{}.Key(id)
	if err != nil {
		return nil, nil // nobody can have meant a number by it
	}
	keys, numbers := f.candidates(written)
	links, err := f.snap.ByKeys(ctx, slices.Collect(maps.Keys(keys)))
	if err != nil {
		return nil, err
	}
	links = slices.DeleteFunc(links, saysNothing)
	known, err := f.snap.KnownOf(ctx, slices.Collect(maps.Keys(numbers)))
	if err != nil {
		return nil, err
	}
	var found []neighbour
	same := map[[2]string]bool{} // IDs that are canonical IDs as well
	for i := range links {
		l := &links[i]
		slip := keys[l.ID()]
		space := f.names[l.Source]
		checked := rs != nil && (rs.Checked(space, slip.ID) || rs.Checked(space, l.Key))
		found = append(found, neighbour{slip: slip, link: l, checked: checked})
		same[[2]string{l.Key, l.Canonical}] = true
	}
	for _, n := range known {
		if !same[[2]string{n, n}] {
			found = append(found, neighbour{slip: numbers[n], number: n, checked: rs != nil && rs.CanonicalChecked(n)})
		}
	}
	slices.SortStableFunc(found, func(a, b neighbour) int {
		return cmp.Or(falseLast(a.checked, b.checked), cmp.Compare(a.slip.Kind, b.slip.Kind), scheme.Compare(a.slip.ID, b.slip.ID))
	})
	return found[:min(len(found), nearMost)], nil
}

// candidates are the keys and the canonical IDs one slip away from an ID, each
// with the likeliest slip.
func (f *finder) candidates(written string) (map[crosswalk.SourceKey]scheme.Slip, map[string]scheme.Slip) {
	keys, numbers := map[crosswalk.SourceKey]scheme.Slip{}, map[string]scheme.Slip{}
	for slip := range scheme.Neighbours(written) {
		for _, k := range f.keysOf(slip.ID) {
			if _, ok := keys[k]; !ok {
				keys[k] = slip
			}
		}
		if n := canonicalKey(slip.ID); f.all && scheme.Legal(n) == nil {
			if _, ok := numbers[n]; !ok {
				numbers[n] = slip
			}
		}
	}
	return keys, numbers
}

func falseLast(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// nearAnswer says what a neighbour means now. A canonical ID is one row,
// however many source IDs its customer has.
func (f *finder) nearAnswer(ctx context.Context, n neighbour) (answer, error) {
	if n.link != nil {
		return f.answer(ctx, n.link)
	}
	current := f.current(n.number)
	a := answer{CanonicalID: current, Status: statusGone}
	if links := f.customers[current]; len(links) > 0 {
		first := f.row(&links[0])
		a.Kind, a.Name, a.Status = first.Kind, first.Name, statusLive
		if current != n.number {
			a.Status = statusRedirected
		}
	}
	if current != n.number {
		a.ResolvedFrom = n.number
	}
	return a, nil
}
