package review

import (
	"cmp"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// sets joins source IDs, and canonical IDs beside them, into disjoint sets.
type sets struct {
	parent map[crosswalk.NamedKey]crosswalk.NamedKey
}

func newSets() *sets { return &sets{map[crosswalk.NamedKey]crosswalk.NamedKey{}} }

func (s *sets) root(k crosswalk.NamedKey) crosswalk.NamedKey {
	for {
		p, ok := s.parent[k]
		if !ok || p == k {
			return k
		}
		if pp, ok := s.parent[p]; ok {
			s.parent[k] = pp // halves the path for the next time
		}
		k = p
	}
}

func (s *sets) union(a, b crosswalk.NamedKey) { s.parent[s.root(a)] = s.root(b) }

// customer stands for a canonical ID among source IDs: no source has an empty
// name.
func customer(id string) crosswalk.NamedKey { return crosswalk.NamedKey{Key: id} }

// records puts records of one customer into one set.
func (d *Desk) records() *sets {
	s := newSets()
	for k := range d.Items {
		for _, side := range d.Items[k].Sides() {
			if side.Canonical != "" {
				s.union(side.NamedKey, customer(side.Canonical))
			}
		}
	}
	return s
}

// group finds the reviews that hang together by a record or by a customer.
func (d *Desk) group() {
	s := d.records()
	for k := range d.Items {
		s.union(d.Items[k].Left.NamedKey, d.Items[k].Right.NamedKey)
	}
	smallest := map[crosswalk.NamedKey]string{}
	for k := range d.Items {
		root, id := s.root(d.Items[k].Left.NamedKey), d.Items[k].ID
		if old, ok := smallest[root]; !ok || id < old {
			smallest[root] = id
		}
	}
	for k := range d.Items {
		d.Items[k].Group = smallest[s.root(d.Items[k].Left.NamedKey)]
	}
}

// follow finds the reviews that other verdicts answer: their records are one
// customer by a chain of them, or a chain leads to two records that are
// different. Of records that are one customer already it is the question
// whether they should be: only a verdict on themselves answers that.
func (d *Desk) follow() {
	s := d.records()
	for _, v := range d.decided {
		if v.Verdict == crosswalk.Same {
			s.union(v.Left, v.Right)
		}
	}
	apart := map[pair]bool{}
	for _, v := range d.decided {
		if v.Verdict == crosswalk.Different {
			apart[pairOf(s.root(v.Left), s.root(v.Right))] = true
		}
	}
	for k := range d.Items {
		i := &d.Items[k]
		left, right := s.root(i.Left.NamedKey), s.root(i.Right.NamedKey)
		switch {
		case i.Decided != nil, i.joined():
		case left == right:
			i.Follows = crosswalk.Same
		case apart[pairOf(left, right)]:
			i.Follows = crosswalk.Different
		}
	}
}

// Likeliest orders the items: the group that has the likeliest match first,
// and so within groups. Equally likely ones are in the order of their IDs.
func (d *Desk) Likeliest() {
	d.order(func(i *Item) float64 { return i.Score })
}

// Newest orders the items: those that were raised last first, whole groups
// together, and the likeliest first among those of one run.
func (d *Desk) Newest() {
	d.order(func(i *Item) float64 { return float64(i.SinceRun) })
}

func (d *Desk) order(by func(*Item) float64) {
	best := map[string]float64{}
	for k := range d.Items {
		i := &d.Items[k]
		if old, ok := best[i.Group]; !ok || by(i) > old {
			best[i.Group] = by(i)
		}
	}
	slices.SortFunc(d.Items, func(a, b Item) int {
		return cmp.Or(
			cmp.Compare(best[b.Group], best[a.Group]), strings.Compare(a.Group, b.Group),
			cmp.Compare(by(&b), by(&a)), cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
	d.at = make(map[string]int, len(d.Items))
	for k := range d.Items {
		d.at[d.Items[k].ID] = k
	}
}

// GroupOf are the items of a group, the likeliest first.
func (d *Desk) GroupOf(group string) []*Item {
	var items []*Item
	for k := range d.Items {
		if d.Items[k].Group == group {
			items = append(items, &d.Items[k])
		}
	}
	return items
}
