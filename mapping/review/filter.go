package review

import (
	"cmp"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// Filter narrows a list of reviews; its zero value lets those pass that wait
// for a person.
type Filter struct {
	Sources   []string // each must be that of one of the records
	Min, Max  float64  // of the score; a Max of 0 is none
	Rule      string   // a part of what proposed the match, in any case
	Kind      string   // person, company, household
	Claimed   bool     // only those that somebody works on
	Unclaimed bool     // only those that nobody works on
	Mine      string   // only those that this actor works on
	Decided   bool     // those with an answer that waits for the next run, instead
}

// Pass reports whether an item is wanted.
func (f *Filter) Pass(i *Item) bool {
	for _, s := range f.Sources {
		if i.Left.Source != s && i.Right.Source != s {
			return false
		}
	}
	switch {
	case i.Pending() == f.Decided,
		i.Score < f.Min, f.Max > 0 && i.Score > f.Max,
		f.Rule != "" && !strings.Contains(strings.ToLower(i.Rule), strings.ToLower(f.Rule)),
		f.Kind != "" && i.Left.Kind.String() != f.Kind,
		f.Claimed && i.ClaimedBy == "",
		f.Unclaimed && i.ClaimedBy != "",
		f.Mine != "" && i.ClaimedBy != f.Mine:
		return false
	}
	return true
}

// Select returns the items that pass, in the desk's order.
func (d *Desk) Select(f Filter) []*Item {
	var items []*Item
	for k := range d.Items {
		if f.Pass(&d.Items[k]) {
			items = append(items, &d.Items[k])
		}
	}
	return items
}

// Turns are the IDs of items in the order in which actor should be asked.
// Groups on which a colleague works come later, so that nobody is asked half
// of what another knows; later still comes what somebody passed over, and at
// the very end what actor did, longest ago first.
func Turns(items []*Item, actor string) []string {
	busy := map[string]bool{}
	for _, i := range items {
		if i.ClaimedBy != "" && i.ClaimedBy != actor {
			busy[i.Group] = true
		}
	}
	rank := func(i *Item) int {
		switch {
		case i.skippedBy(actor) != nil:
			return 3
		case len(i.Skips) > 0:
			return 2
		case busy[i.Group]:
			return 1
		}
		return 0
	}
	order := slices.Clone(items)
	slices.SortStableFunc(order, func(a, b *Item) int {
		if c := cmp.Compare(rank(a), rank(b)); c != 0 || rank(a) < 3 {
			return c
		}
		return cmp.Compare(a.skippedBy(actor).No, b.skippedBy(actor).No)
	})
	ids := make([]string, len(order))
	for k, i := range order {
		ids[k] = i.ID
	}
	return ids
}

// skippedBy is how actor passed the review over last; nil: never.
func (i *Item) skippedBy(actor string) *crosswalk.Skip {
	for k := range i.Skips {
		if i.Skips[k].Actor == actor {
			return &i.Skips[k]
		}
	}
	return nil
}
