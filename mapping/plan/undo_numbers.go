package plan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// numberReversal is what becomes of the canonical IDs that the run merged,
// retired or brought back into force.
type numberReversal struct {
	now      map[string]crosswalk.Number // merged and retired ones
	back     map[string]crosswalk.Number // what the run changed, as it was before
	then     map[string]crosswalk.Number // those that mean something else afterwards
	changes  []Change
	reversed int64
}

// findNumbers finds what goes back of the numbers that the run noted. That a
// number was only pointed elsewhere follows from what becomes of the others.
func (u *undoing) findNumbers(ctx context.Context) error {
	r := &u.numbers
	r.now, r.back = map[string]crosswalk.Number{}, map[string]crosswalk.Number{}
	for n, err := range u.snap.Numbers(ctx) {
		if err != nil {
			return err
		}
		if n.State != crosswalk.Given {
			r.now[n.Canonical] = n
		}
	}
	ids, err := u.snap.NumbersOfRun(ctx, u.run.Run)
	if err != nil || len(ids) == 0 {
		return err
	}
	versions, err := u.snap.NumberNotes(ctx, ids)
	if err != nil {
		return err
	}
	for len(versions) > 0 {
		n := 1
		for n < len(versions) && versions[n].Canonical == versions[0].Canonical {
			n++
		}
		u.numberBack(versions[:n])
		versions = versions[n:]
	}
	u.settleNumbers()
	return nil
}

// numberBack decides about one number, by all that was ever noted of it.
func (u *undoing) numberBack(versions []crosswalk.Number) {
	id := versions[0].Canonical
	changes, runs := changesOf(versions)
	if !slices.Contains(runs, u.run.Run) {
		return
	}
	last := len(changes) - 1
	trail := u.undone.Trail(runs)
	switch before, ok := trail.Before(last, u.run.Run); {
	case ok && before >= 0:
		u.numbers.back[id] = changes[before]
	case ok:
		u.numbers.back[id] = crosswalk.Number{Canonical: id}
	case trail.Under(last, u.run.Run):
		u.keep(0, "", id, runs[max(0, trail.Origin(last))], "changed since")
	}
}

// changesOf leaves out of all that was noted of a number where it was only
// pointed elsewhere, because the number that it was merged into was merged
// further on: that is no change of it. It also returns the runs of what is left.
func changesOf(versions []crosswalk.Number) (changes []crosswalk.Number, runs []int64) {
	for i := range versions {
		n := &versions[i]
		if i > 0 && n.State == crosswalk.Merged && versions[i-1].State == crosswalk.Merged && n.Into == versions[i-1].Into {
			continue
		}
		changes, runs = append(changes, *n), append(runs, n.FromRun)
	}
	return changes, runs
}

// note is what is noted of a number once those in back are as they were.
func (r *numberReversal) note(id string) crosswalk.Number {
	if n, ok := r.back[id]; ok {
		return n
	}
	return r.now[id]
}

// settleNumbers points every retired number at what it means afterwards, in
// one step. What would lead in a circle, or to a number that is retired since,
// stays as it is.
func (u *undoing) settleNumbers() {
	r := &u.numbers
	for {
		r.then = map[string]crosswalk.Number{}
		bad, why := "", ""
		for _, id := range r.affected() {
			n := r.note(id)
			n.Canonical = id
			if n.State == crosswalk.Merged {
				if bad, why = r.follow(&n); bad != "" {
					break
				}
			}
			if was, ok := r.now[id]; ok || n.State != crosswalk.Given {
				if was.State != n.State || was.Into != n.Into || was.Survivor != n.Survivor {
					n.FromRun = was.FromRun
					r.then[id] = n
				}
			}
		}
		if bad == "" {
			break
		}
		delete(r.back, bad)
		u.fail(0, "", bad, why)
	}
	r.reversed, r.changes, u.plan.Numbers = 0, nil, nil
	for _, id := range slices.Sorted(maps.Keys(r.then)) {
		n := r.then[id]
		u.plan.Numbers = append(u.plan.Numbers, n)
		c := Change{Kind: mapping.KindRedirect, SourceID: id, CanonicalID: id}
		if n.State == crosswalk.Merged {
			c.CanonicalID = n.Survivor
		}
		if _, logical := r.back[id]; logical {
			r.reversed++
			switch was := r.now[id].State; {
			case n.State == crosswalk.Merged:
				c.Kind = mapping.KindMerge
			case n.State == crosswalk.Gone:
				c.Kind = mapping.KindRetire
			case was == crosswalk.Gone:
				c.Kind = mapping.KindRestore
			default:
				c.Kind = mapping.KindSplit
			}
		}
		r.changes = append(r.changes, c)
	}
}

// affected lists the numbers that go back, and those that lead to one of them.
func (r *numberReversal) affected() []string {
	if len(r.back) == 0 {
		return nil
	}
	into := map[string][]string{}
	for id := range r.now {
		if n := r.note(id); n.State == crosswalk.Merged {
			into[n.Into] = append(into[n.Into], id)
		}
	}
	found := map[string]bool{}
	for id := range r.back {
		found[id] = true
	}
	list := slices.Collect(maps.Keys(found))
	for i := 0; i < len(list); i++ {
		for _, id := range into[list[i]] {
			if !found[id] {
				found[id] = true
				list = append(list, id)
			}
		}
	}
	slices.Sort(list)
	return list
}

// follow finds the survivor of a merged number, or the one of back that stands
// in the way.
func (r *numberReversal) follow(n *crosswalk.Number) (bad, why string) {
	seen := map[string]bool{n.Canonical: true}
	at, path := n.Into, []string{n.Canonical}
	for {
		next := r.note(at)
		switch {
		case seen[at]:
			path = path[slices.Index(path, at):]
			for _, id := range path {
				if b, ok := r.back[id]; ok && b.State == crosswalk.Merged {
					return id, fmt.Sprintf("it would mean %s again, which means %s since", b.Into, id)
				}
			}
			return n.Canonical, "it leads in a circle"
		case next.State == crosswalk.Merged:
			seen[at] = true
			path = append(path, at)
			at = next.Into
			continue
		case next.State == crosswalk.Gone:
			if _, ok := r.back[n.Canonical]; ok && r.back[at].State != crosswalk.Gone {
				return n.Canonical, fmt.Sprintf("it would mean %s again, which is retired since run %d", at, next.FromRun)
			}
		}
		n.Survivor = at
		return "", ""
	}
}

// after yields the merged and retired numbers as they are afterwards.
func (r *numberReversal) after() []crosswalk.Number {
	var list []crosswalk.Number
	for id := range r.now {
		n, changed := r.then[id]
		if !changed {
			n = r.now[id]
		}
		if n.State != crosswalk.Given {
			list = append(list, n)
		}
	}
	for id, n := range r.then {
		if _, listed := r.now[id]; !listed && n.State != crosswalk.Given {
			list = append(list, n)
		}
	}
	slices.SortFunc(list, func(x, y crosswalk.Number) int { return strings.Compare(x.Canonical, y.Canonical) })
	return list
}

// meant and means are what a number stands for before and after the undo.
func (r *numberReversal) meant(id string) string {
	if n := r.now[id]; n.State == crosswalk.Merged {
		return n.Survivor
	}
	return id
}

func (r *numberReversal) means(id string) string {
	n, changed := r.then[id]
	if !changed {
		return r.meant(id)
	}
	if n.State == crosswalk.Merged {
		return n.Survivor
	}
	return id
}

// gone reports whether a number stands for nobody afterwards, because it is
// retired.
func (r *numberReversal) gone(id string) (crosswalk.Number, bool) {
	id = r.means(id)
	n, changed := r.then[id]
	if !changed {
		n = r.now[id]
	}
	return n, n.State == crosswalk.Gone
}

// hold leaves numbers as they are that the run merged into one of joined, and
// returns them with the one.
func (r *numberReversal) hold(joined map[string]joiner) (held [][2]string) {
	for id := range r.back {
		if n := r.now[id]; n.State == crosswalk.Merged {
			if _, ok := joined[n.Into]; ok {
				held = append(held, [2]string{id, n.Into})
			}
		}
	}
	slices.SortFunc(held, func(x, y [2]string) int { return strings.Compare(x[0], y[0]) })
	for _, h := range held {
		delete(r.back, h[0])
	}
	return held
}

// retiring lists the numbers that are retired again.
func (r *numberReversal) retiring() (ids []string) {
	for id, n := range r.then {
		if n.State == crosswalk.Gone {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// keepInForce leaves a number that would be retired again in force; false
// where that was done.
func (r *numberReversal) keepInForce(id string) bool {
	_, ok := r.back[id]
	delete(r.back, id)
	return ok
}

// allOf lists numbers with all that mean one of them, before or after.
func (r *numberReversal) allOf(ids map[string]bool) []string {
	all := slices.Collect(maps.Keys(ids))
	for id := range r.now {
		if ids[r.meant(id)] || ids[r.means(id)] {
			all = append(all, id)
		}
	}
	for id := range r.then {
		if ids[r.means(id)] {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
