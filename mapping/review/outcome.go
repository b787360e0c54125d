package review

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Others are the other records of customers, by canonical ID, in the order of
// sources and keys. The canonical IDs are those of [Side.Canonical].
func (d *Desk) Others(ctx context.Context, items ...*Item) (map[string][]Side, error) {
	own := map[crosswalk.NamedKey]bool{}
	wanted := map[string]bool{}
	for _, i := range items {
		for _, s := range i.Sides() {
			own[s.NamedKey] = true
			if s.Canonical != "" {
				wanted[s.Canonical] = true
			}
		}
	}
	ids := slices.Sorted(maps.Keys(wanted))
	sides := map[crosswalk.NamedKey]Side{}
	if d.snap != nil && len(ids) > 0 {
		merged, err := d.snap.MergedInto(ctx, ids)
		if err != nil {
			return nil, err
		}
		d.noteMerged(merged)
		for _, n := range merged {
			ids = append(ids, n.Canonical)
		}
		links, err := d.snap.ByCanonical(ctx, ids)
		if err != nil {
			return nil, err
		}
		for k := range links {
			s := d.side(&links[k])
			sides[s.NamedKey] = s
		}
	}
	if d.plan != nil && len(ids) > 0 {
		for w, err := range d.plan.Writes() {
			if err != nil {
				return nil, err
			}
			if s := d.side(&w.Link); wanted[s.Canonical] && s.State == crosswalk.Live {
				sides[s.NamedKey] = s
			}
		}
	}
	out := map[string][]Side{}
	for _, key := range slices.SortedFunc(maps.Keys(sides), crosswalk.NamedKey.Compare) {
		if s := sides[key]; !own[key] {
			out[s.Canonical] = append(out[s.Canonical], s)
		}
	}
	return out, nil
}

// Outcome says in words what each answer would lead to. others are the other
// records of both customers, see [Desk.Others].
func (d *Desk) Outcome(i *Item, others map[string][]Side) (same, different string) {
	l, r := &i.Left, &i.Right
	name := func(s *Side) string { return s.Source + " " + s.SourceID }
	apart := "no run ever joins them, whatever they agree on"
	switch {
	case l.Canonical == "" && r.Canonical == "":
		return "both become one customer, with one number", "each becomes a customer of its own; " + apart
	case l.Canonical == "", r.Canonical == "":
		if r.Canonical == "" {
			l, r = r, l
		}
		return fmt.Sprintf("%s joins %s", name(l), r.Canonical), fmt.Sprintf("%s gets a number of its own; %s", name(l), apart)
	case i.joined():
		return "both stay " + l.Canonical + ", and nobody is asked again",
			"it is kept, but both stay " + l.Canonical + ": no run takes a customer apart by itself"
	case d.plan != nil && (l.Since == 0 || r.Since == 0):
		return "the next plan makes one customer of them, with one number", "each keeps a number of its own; " + apart
	}
	if older(r, l, others) {
		l, r = r, l
	}
	return fmt.Sprintf("%s becomes %s, which stands for both from then on; %s still answers", r.Canonical, l.Canonical, r.Canonical),
		"both numbers stay; " + apart
}

// older reports whether a's number survives when both customers are merged:
// the one that was issued first, and of one run the first in natural order.
func older(a, b *Side, others map[string][]Side) bool {
	since := func(s *Side) int64 {
		first := s.Since
		for k := range others[s.Canonical] {
			first = min(first, others[s.Canonical][k].Since)
		}
		return first
	}
	return cmp.Or(cmp.Compare(since(a), since(b)), scheme.Compare(a.Canonical, b.Canonical)) < 0
}
