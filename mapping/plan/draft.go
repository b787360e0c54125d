package plan

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// draft is a plan that is put together change by change, as a steward's act or
// an undo is. It reads no source. Its parts may be added in any order.
type draft struct {
	plan   *Plan
	snap   *crosswalk.Snapshot
	rules  *rules.Ruleset
	opts   Options
	writes []Write
	names  map[int]string                                // of the crosswalk's sources
	force  map[[2]crosswalk.NamedKey]*crosswalk.Decision // by the lesser and the greater: the last on each pair
}

// newDraft begins a plan of a kind on the state of the crosswalk.
func newDraft(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, kind string, o Options) (*draft, error) {
	head := snap.Head()
	p := &Plan{
		Kind: kind, Rules: rs.Digest(), Environment: o.Environment, Author: o.Actor,
		Serial: head.Serial, Head: head.Digest, Sources: []SourceCount{}, Rejects: []mapping.Reject{},
	}
	p.Totals.Customers, p.Totals.ReviewsOpen = head.Customers, head.ReviewsOpen
	var err error
	if p.Spaces, err = snap.Sources(ctx); err != nil {
		return nil, err
	}
	d := &draft{plan: p, snap: snap, rules: rs, opts: o, names: map[int]string{}, force: map[[2]crosswalk.NamedKey]*crosswalk.Decision{}}
	for _, s := range p.Spaces {
		d.names[s.No] = s.Name
	}
	log, err := snap.DecisionLog(ctx)
	if err == nil && len(log) > 0 {
		p.Decisions = log[len(log)-1].No
	}
	for i := range log {
		d.force[[2]crosswalk.NamedKey{log[i].Left, log[i].Right}] = &log[i]
	}
	return d, err
}

// write adds a link row. A link of a key that the crosswalk knows must say that
// it replaces it.
func (d *draft) write(kind mapping.Kind, l crosswalk.Link) {
	d.writes = append(d.writes, Write{Kind: kind, Link: l})
}

// number adds what becomes of a canonical ID.
func (d *draft) number(n crosswalk.Number) { d.plan.Numbers = append(d.plan.Numbers, n) }

// list adds a line to the list of changes, which then holds what was listed and
// nothing else.
func (d *draft) list(c Change) { d.plan.listed = append(d.plan.listed, c) }

// note adds a remark to the plan.
func (d *draft) note(format string, args ...any) {
	d.plan.Notes = append(d.plan.Notes, fmt.Sprintf(format, args...))
}

// close sorts and counts what was added, and closes the plan.
func (d *draft) close(ctx context.Context) (*Plan, error) {
	slices.SortFunc(d.writes, func(x, y Write) int { return x.Link.ID().Compare(y.Link.ID()) })
	p := d.plan
	slices.SortFunc(p.Numbers, func(x, y crosswalk.Number) int { return strings.Compare(x.Canonical, y.Canonical) })
	if err := d.checkNumbers(ctx); err != nil {
		return nil, err
	}
	change, err := d.customers(ctx)
	if err != nil {
		return nil, err
	}
	p.Totals.Customers += change
	p.Totals.ReviewsOpen += int64(len(p.Reviews) - len(p.Closed))
	p.body = func(bool) iter.Seq2[*Write, error] {
		return func(yield func(*Write, error) bool) {
			for i := range d.writes {
				if !yield(&d.writes[i], nil) {
					return
				}
			}
		}
	}
	return p, p.seal()
}

// checkNumbers refuses numbers that would not lead to their survivor: every
// chain of merges has to end, at a number in force.
func (d *draft) checkNumbers(ctx context.Context) error {
	var ids []string
	for _, n := range d.plan.Numbers {
		ids = append(ids, n.Canonical)
		if n.State == crosswalk.Merged {
			ids = append(ids, n.Survivor)
		}
	}
	_, all, err := d.meanings(ctx, ids)
	if err != nil || len(all) == 0 {
		return err
	}
	noted, err := d.snap.NumbersOf(ctx, all)
	if err != nil {
		return err
	}
	after := map[string]crosswalk.Number{}
	for _, n := range slices.Concat(noted, d.plan.Numbers) {
		after[n.Canonical] = n
	}
	for id, n := range after {
		at := n
		for steps := 0; at.State == crosswalk.Merged; steps++ {
			if steps > len(after) {
				return fmt.Errorf("%s would be merged into itself: this is a mistake of xwalk", id)
			}
			at = after[at.Into] // the zero Number, in force, where nothing is noted
			if at.Canonical == "" {
				break
			}
		}
		if last, noted := after[n.Survivor]; n.State == crosswalk.Merged && noted && last.State == crosswalk.Merged {
			return fmt.Errorf("%s would mean %s, which is merged itself: this is a mistake of xwalk", id, n.Survivor)
		}
	}
	return nil
}

// customers is how many live customers more there are after the plan.
func (d *draft) customers(ctx context.Context) (int64, error) {
	after := map[string]string{} // numbers that mean something else than before
	touched := []string{}
	for _, n := range d.plan.Numbers {
		touched = append(touched, n.Canonical)
		after[n.Canonical] = n.Canonical
		if n.State == crosswalk.Merged {
			after[n.Canonical] = n.Survivor
			touched = append(touched, n.Survivor)
		}
	}
	written := make(map[crosswalk.SourceKey]bool, len(d.writes))
	keys := make([]crosswalk.SourceKey, 0, len(d.writes))
	for i := range d.writes {
		l := &d.writes[i].Link
		written[l.ID()] = true
		keys = append(keys, l.ID())
		touched = append(touched, l.Canonical)
	}
	links, err := d.snap.ByKeys(ctx, keys)
	if err != nil {
		return 0, err
	}
	for i := range links {
		touched = append(touched, links[i].Canonical)
	}
	touched = slices.DeleteFunc(touched, func(id string) bool { return id == "" }) // held and contested links
	before, all, err := d.meanings(ctx, touched)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	if links, err = d.snap.ByCanonical(ctx, all); err != nil {
		return 0, err
	}
	was, is := map[string]bool{}, map[string]bool{}
	meant := func(id string) string {
		if s, ok := before[id]; ok {
			return s
		}
		return id
	}
	means := func(id string) string {
		if s, ok := after[id]; ok {
			return s
		}
		return meant(id)
	}
	for i := range links {
		was[meant(links[i].Canonical)] = true
		if !written[links[i].ID()] {
			is[means(links[i].Canonical)] = true
		}
	}
	for i := range d.writes {
		if l := &d.writes[i].Link; l.State == crosswalk.Live {
			is[means(l.Canonical)] = true
		}
	}
	return int64(len(is) - len(was)), nil
}

// meanings are the survivors of merged numbers among ids and those that share
// a customer with them, and all of those numbers.
func (d *draft) meanings(ctx context.Context, ids []string) (survivors map[string]string, all []string, err error) {
	if len(ids) == 0 {
		return nil, nil, nil
	}
	survivors = map[string]string{}
	noted, err := d.snap.NumbersOf(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	all = slices.Clone(ids)
	for _, n := range noted {
		if n.State == crosswalk.Merged {
			survivors[n.Canonical] = n.Survivor
			all = append(all, n.Survivor)
		}
	}
	merged, err := d.snap.MergedInto(ctx, all)
	if err != nil {
		return nil, nil, err
	}
	for _, n := range merged {
		survivors[n.Canonical] = n.Survivor
		all = append(all, n.Canonical)
	}
	slices.Sort(all)
	return survivors, slices.Compact(all), nil
}
