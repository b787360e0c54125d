package plan

import (
	"cmp"
	"context"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Split plans to take links out of the customer that a canonical ID means, so
// that they are a customer of their own. What was merged comes apart as it
// was: a number all of whose links leave goes with them and is in force again.
// Links that have no number to take along get as, or, where as is empty, the
// next of their scheme. That the two are different is recorded as a person's
// verdict, so that later runs do not join them again.
//
// A further number follows the records that may have carried it, and stays
// where only some of them leave, unless it is named. Errors are [*ActError]
// and [*CapacityError].
func Split(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, number string, links []crosswalk.SourceKey, as string, o Options) (*Plan, error) {
	d, err := newDraft(ctx, snap, rs, "split", o)
	if err != nil {
		return nil, err
	}
	list, err := d.inForce(ctx, number)
	if err != nil {
		return nil, err
	}
	s := &splitting{draft: d, whole: list[0], leaves: map[crosswalk.SourceKey]bool{}}
	if err := s.choose(ctx, links); err != nil {
		return nil, err
	}
	s.divide()
	if err := s.chooseNumbers(ctx, as); err != nil {
		return nil, err
	}
	s.moveNumbers()
	s.moveLinks()
	if err := s.sayDifferent(ctx); err != nil {
		return nil, err
	}
	d.plan.Totals.Split = 1
	if err := d.settleReviews(ctx); err != nil {
		return nil, err
	}
	return d.close(ctx)
}

// The two sides of a split.
const (
	rest    = iota
	leaving // the links that were named
)

// splitting is a split in the making.
type splitting struct {
	*draft
	whole  *customer
	leaves map[crosswalk.SourceKey]bool
	side   map[string]int // of the customer's numbers
	roots  [2]string      // by side: the number in force afterwards
}

func (s *splitting) sideOf(l *crosswalk.Link) int {
	if s.leaves[l.ID()] {
		return leaving
	}
	return rest
}

// choose checks the links that were named, and adds further numbers that go
// with them.
func (s *splitting) choose(ctx context.Context, keys []crosswalk.SourceKey) error {
	live := s.whole.live()
	for _, k := range keys {
		if slices.ContainsFunc(live, func(l *crosswalk.Link) bool { return l.ID() == k }) {
			s.leaves[k] = true
			continue
		}
		return s.foreign(ctx, k)
	}
	for _, l := range live {
		if s.also(l.Source) && !s.leaves[l.ID()] {
			follows, unsure := s.follows(l, live, func(r *crosswalk.Link) bool { return s.leaves[r.ID()] && !s.also(r.Source) })
			if follows {
				s.leaves[l.ID()] = true
			}
			if unsure {
				s.note("%s stays with the customer; should it be a number of a record that leaves, name it under --links too", s.text(l))
			}
		}
	}
	s.pairAdopted(live)
	switch len(s.leaves) {
	case 0:
		return refused("name those that leave: --links SOURCE:ID", "no links of %s were named", s.whole.number)
	case len(live):
		return refused("name only those that leave", "nothing of %s would remain: these are all of its live links", s.whole.number)
	}
	return nil
}

// pairAdopted keeps the ID that a record was given in place of another on the
// side of that one, whichever of the two was named.
func (s *splitting) pairAdopted(live []*crosswalk.Link) {
	for _, l := range live {
		from, adopted := AdoptedFrom(l)
		if !adopted {
			continue
		}
		var olds []*crosswalk.Link
		for _, o := range live {
			if o.Source == l.Source && slices.Contains(from, o.Verbatim) {
				olds = append(olds, o)
			}
		}
		if s.leaves[l.ID()] {
			for _, o := range olds {
				s.leaves[o.ID()] = true
			}
			continue
		}
		if len(olds) > 0 && !slices.ContainsFunc(olds, func(o *crosswalk.Link) bool { return !s.leaves[o.ID()] }) {
			s.leaves[l.ID()] = true
		}
	}
}

// foreign says why a link cannot leave the customer.
func (s *splitting) foreign(ctx context.Context, k crosswalk.SourceKey) error {
	links, err := s.snap.ByKeys(ctx, []crosswalk.SourceKey{k})
	if err != nil {
		return err
	}
	if len(links) == 0 {
		return refused("", "%s %s is not in the crosswalk", s.names[k.Source], k.Key)
	}
	l := &links[0]
	if l.State != crosswalk.Live {
		return refused("", "%s is %s: it belongs to no customer that it could leave", s.text(l), l.State)
	}
	list, err := s.customersOf(ctx, l.Canonical)
	if err != nil {
		return err
	}
	return refused("", "%s is not one of the links of %s: it belongs to %s", s.text(l), s.whole.number, list[0].number)
}

// divide says on which side each number of the customer comes to stand: that
// of its links, or the rest where it has links on both sides. One whose links
// are all retired goes with the numbers that were merged into it, so that what
// was a customer before a merge is that customer again; where these are on both
// sides, or there are none, with the number that it was merged into. So does
// one that has no links at all: its customer was given another number.
func (s *splitting) divide() {
	s.side = map[string]int{}
	records, further := map[string][]*crosswalk.Link{}, map[string][]*crosswalk.Link{}
	for _, l := range s.whole.live() {
		if s.also(l.Source) {
			further[l.Canonical] = append(further[l.Canonical], l)
		} else {
			records[l.Canonical] = append(records[l.Canonical], l)
		}
	}
	ended := map[string]bool{}
	for i := range s.whole.links {
		ended[s.whole.links[i].Canonical] = true
	}
	merged := map[string][]string{}
	for id, n := range s.whole.noted {
		if n.State == crosswalk.Merged {
			merged[n.Into] = append(merged[n.Into], id)
		}
	}
	var under func(id string, sides *[2]bool) // of the links of the numbers that were merged into id
	under = func(id string, sides *[2]bool) {
		for _, from := range merged[id] {
			for _, l := range slices.Concat(records[from], further[from]) {
				sides[s.sideOf(l)] = true
			}
			under(from, sides)
		}
	}
	var of func(id string) int
	of = func(id string) int {
		if side, done := s.side[id]; done {
			return side
		}
		links := records[id]
		if len(links) == 0 {
			links = further[id]
		}
		side := leaving
		var sides [2]bool
		under(id, &sides)
		switch {
		case len(links) > 0:
			if slices.ContainsFunc(links, func(l *crosswalk.Link) bool { return s.sideOf(l) == rest }) {
				side = rest
			}
		case id == s.whole.number:
			side = rest
		case ended[id] && sides[leaving] != sides[rest]:
			if sides[rest] {
				side = rest
			}
		default:
			side = of(s.whole.noted[id].Into)
		}
		s.side[id] = side
		return side
	}
	of(s.whole.number)
	for id := range s.whole.noted {
		of(id)
	}
}

// chooseNumbers finds the number of each side: the one that was in force, or
// the first issued of those that nothing of the same side was merged into, or
// a new one.
func (s *splitting) chooseNumbers(ctx context.Context, as string) error {
	var heads [2][]string
	for id, side := range s.side {
		if id == s.whole.number {
			s.roots[side] = id
		} else if s.side[s.whole.noted[id].Into] != side {
			heads[side] = append(heads[side], id)
		}
	}
	issued, err := s.snap.IssuedIn(ctx, slices.Concat(heads[0], heads[1]))
	if err != nil {
		return err
	}
	for side := range heads {
		if s.roots[side] == "" && len(heads[side]) > 0 {
			s.roots[side] = slices.MinFunc(heads[side], func(x, y string) int {
				return cmp.Or(cmp.Compare(issued[x], issued[y]), scheme.Compare(x, y))
			})
		}
	}
	if s.roots[rest] == "" { // its records leave, and what remains never had a number of its own
		return refused("split off the others instead", "nothing but further numbers would remain of %s", s.whole.number)
	}
	if s.roots[leaving] == "" {
		founder := s.first(leaving)
		if as == "" {
			if as, err = s.kept(ctx, founder); err != nil {
				return err
			}
		}
		s.roots[leaving], err = s.newNumber(ctx, as, founder, "--number")
		return err
	}
	if as != "" {
		return refused("leave --number out", "the links that leave have a number of their own, %s, which is in force again", s.roots[leaving])
	}
	return nil
}

// kept is the number that a record keeps as its customer's, where its source's
// numbers stay canonical and it is free; else empty.
func (s *splitting) kept(ctx context.Context, founder *crosswalk.Link) (string, error) {
	if i := s.issuer(founder); i < 0 || !s.rules.KeepsNumbers(i) || s.also(founder.Source) || scheme.Legal(founder.Key) != nil {
		return "", nil
	}
	known, err := s.snap.Known(ctx, founder.Key)
	if err != nil || known {
		return "", err
	}
	return founder.Key, nil
}

// first is the record that speaks for a side, or a further number of a side
// that has no record.
func (s *splitting) first(side int) *crosswalk.Link {
	all := s.of(side)
	if records := s.records(all, s.roots[side]); len(records) > 0 {
		return records[0]
	}
	s.inOrder(all)
	return all[0]
}

// of are the live links of a side.
func (s *splitting) of(side int) []*crosswalk.Link {
	return slices.DeleteFunc(s.whole.live(), func(l *crosswalk.Link) bool { return s.sideOf(l) != side })
}

// moveNumbers makes the numbers of each side mean the one in force there.
func (s *splitting) moveNumbers() {
	for side, root := range s.roots {
		if n, merged := s.whole.noted[root]; merged && root != s.whole.number {
			s.number(crosswalk.Number{Canonical: n.Canonical, State: crosswalk.Given})
			s.list(Change{Kind: mapping.KindSplit, SourceID: root, CanonicalID: root, Rule: ruleSplit})
		}
		for _, n := range s.whole.merged() {
			switch into := n.Into; {
			case s.side[n.Canonical] != side || n.Canonical == root:
			case s.side[into] != side:
				s.redirect(n, root, root)
			case root != s.whole.number:
				s.redirect(n, into, root)
			}
		}
	}
}

// moveLinks gives the links that leave the number of their side, unless they
// have one that means it.
func (s *splitting) moveLinks() {
	for _, side := range [...]int{leaving, rest} {
		links, root := s.of(side), s.roots[side]
		if root == s.whole.number {
			continue // nothing changes for them
		}
		s.inOrder(links)
		for _, l := range links {
			s.listLink(mapping.KindSplit, l, root, ruleSplit, "was "+s.whole.number)
			if s.side[l.Canonical] == side && s.known(l.Canonical) {
				continue
			}
			moved := *l
			moved.Canonical, moved.Rule, moved.SinceRun = root, ruleSplit, 0
			s.rewrite(mapping.KindSplit, moved)
		}
	}
}

// known reports whether the customer had the number before.
func (s *splitting) known(id string) bool {
	_, noted := s.whole.noted[id]
	return noted || id == s.whole.number
}

// sayDifferent records that the two sides are different customers: each
// record of one and the first of the other, so that it holds as long as one of
// the two firsts is there, and every pair that people were asked about or
// called the same.
func (s *splitting) sayDifferent(ctx context.Context) error {
	sides := map[crosswalk.NamedKey]int{}
	for i := range s.whole.links {
		l := &s.whole.links[i]
		if at := s.sideOf(l); l.State == crosswalk.Live {
			sides[s.key(l)] = at + 1
		} else {
			sides[s.key(l)] = s.side[l.Canonical] + 1
		}
	}
	side := func(k crosswalk.NamedKey) int { return sides[k] }
	for _, said := range s.between(side) {
		s.verdict(said.Left, said.Right, crosswalk.Different)
	}
	left, right := s.records(s.of(rest), s.roots[rest]), s.records(s.of(leaving), s.roots[leaving])
	if len(left) > 0 && len(right) > 0 {
		for _, l := range right {
			s.verdict(s.key(left[0]), s.key(l), crosswalk.Different)
		}
		for _, l := range left[1:] {
			s.verdict(s.key(l), s.key(right[0]), crosswalk.Different)
		}
	}
	open, err := s.snap.Reviews(ctx)
	if err != nil {
		return err
	}
	for _, r := range open {
		pair := s.pair(r)
		if a, b := side(pair[0]), side(pair[1]); a != 0 && b != 0 && a != b {
			s.answer(r, crosswalk.Different)
		}
	}
	s.noteVerdicts("different customers, so that no later run joins them again")
	return nil
}
