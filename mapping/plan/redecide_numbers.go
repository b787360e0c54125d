package plan

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// heir is a number and the group that inherits it, by its root.
type heir struct {
	id     idRef
	root   node
	merged bool // it means another number before the plan
}

// reassign stands in for assign: it says which group inherits which numbers,
// and gives new ones to groups without.
func (b *builder) reassign(ctx context.Context, res match.Result, sc *scored) error {
	root := func(n node) node {
		if res.Root == nil {
			return n
		}
		return res.Root[n]
	}
	heirs := b.heirs(root)
	if err := b.findCarried(ctx); err != nil {
		return err
	}
	if err := b.choose(ctx, heirs); err != nil {
		return err
	}
	if err := b.numberRest(ctx, res, root); err != nil {
		return err
	}
	b.rename(heirs)
	b.renumber(res, root)
	if err := b.noteCarried(ctx); err != nil {
		return err
	}
	if err := b.checkClusters(res, root); err != nil {
		return err
	}
	b.noteImpossible()
	return b.addReviews(ctx, res, sc)
}

// heirs finds the group that inherits each number, sorted by group: the one
// with the record that founded it, else the one with most of its records.
// Groups none of whose records were read inherit nothing, unless people made
// them. A number that no
// record has, and that others mean, follows most of those.
func (b *builder) heirs(root func(node) node) []heir {
	// By root: a record of the group was read, or a person spoke of it.
	alive := make([]bool, b.table.size())
	for _, v := range b.decided.same {
		alive[root(v.a)], alive[root(v.b)] = true, true
	}
	for i := range b.sources {
		for _, n := range b.sources[i].nodes {
			alive[root(n)] = true
		}
	}
	ranks := b.ranks()
	var heirs []heir
	found := map[string]bool{}             // survivors that have a group
	follow := map[string]map[node][2]int{} // by survivor: the records of each group that mean it
	most := func(votes map[node][2]int) (best node, ok bool) {
		for r, v := range votes {
			w := votes[best]
			if !ok || v[0] > w[0] || v[0] == w[0] && (v[1] > w[1] || v[1] == w[1] && ranks[r] < ranks[best]) {
				best, ok = r, true
			}
		}
		return best, ok
	}
	for run := range b.runs() {
		id := run[0].id
		survivor, merged := b.merged[string(b.ids.bytes(id))]
		votes := map[node][2]int{} // records that were read, and all
		for _, m := range run {
			r := root(m.n)
			if !alive[r] {
				continue
			}
			v := votes[r]
			if !b.unread(m.n) {
				v[0]++
			}
			v[1]++
			votes[r] = v
		}
		at, ok := most(votes)
		if k := b.founder(run); k >= 0 && alive[root(run[k].n)] {
			at = root(run[k].n)
		}
		if !ok {
			continue
		}
		heirs = append(heirs, heir{id, at, merged})
		if !merged {
			if len(b.merged) > 0 {
				found[b.ids.get(id)] = true
			}
			continue
		}
		if follow[survivor] == nil {
			follow[survivor] = map[node][2]int{}
		}
		for r, v := range votes {
			sum := follow[survivor][r]
			follow[survivor][r] = [2]int{sum[0] + v[0], sum[1] + v[1]}
		}
	}
	for _, s := range slices.Sorted(maps.Keys(follow)) {
		if at, ok := most(follow[s]); ok && !found[s] {
			heirs = append(heirs, heir{b.ids.addString(s), at, false})
		}
	}
	heirs = b.keepApart(heirs, root)
	slices.SortFunc(heirs, func(x, y heir) int {
		return cmp.Or(cmp.Compare(ranks[x.root], ranks[y.root]), bytes.Compare(b.ids.bytes(x.id), b.ids.bytes(y.id)))
	})
	return heirs
}

// keepApart lets records that were not read keep their number for themselves
// where they would otherwise share one with a record that people called
// different from them: their links cannot move.
func (b *builder) keepApart(heirs []heir, root func(node) node) []heir {
	at := map[string]int{} // places in heirs of the numbers that are spoken of, and of what they mean
	var spoken []node
	for _, v := range b.decided.different {
		for _, n := range [...]node{v.a, v.b} {
			if b.unread(n) {
				spoken = append(spoken, n)
				at[b.ids.get(b.prior[n].number)], at[b.liveNumber(n)] = -1, -1
			}
		}
	}
	if len(spoken) == 0 {
		return heirs
	}
	for k, h := range heirs {
		if _, wanted := at[string(b.ids.bytes(h.id))]; wanted {
			at[b.ids.get(h.id)] = k
		}
	}
	group := func(n node) (r node, ok bool) { // whose number it will have
		if !b.unread(n) {
			return root(n), true
		}
		for _, id := range [...]string{b.ids.get(b.prior[n].number), b.liveNumber(n)} {
			if k := at[id]; k >= 0 {
				return heirs[k].root, true
			}
		}
		return 0, false
	}
	for _, v := range b.decided.different {
		for _, pair := range [...][2]node{{v.a, v.b}, {v.b, v.a}} {
			n, other := pair[0], pair[1]
			mine, ok := group(n)
			its, ok2 := group(other)
			if !b.unread(n) || !ok || !ok2 || mine != its || root(n) == its {
				continue
			}
			id := b.ids.get(b.prior[n].number)
			if b.unread(other) && b.ids.get(b.prior[other].number) == id {
				continue // they share the number itself
			}
			_, merged := b.merged[id]
			h := heir{b.prior[n].number, root(n), merged}
			if k := at[id]; k >= 0 {
				heirs[k] = h
			} else {
				at[id] = len(heirs)
				heirs = append(heirs, h)
			}
		}
	}
	return heirs
}

// choose picks the number of each group that inherits some: of those in force
// before the plan, else of all, the one that was issued first.
func (b *builder) choose(ctx context.Context, heirs []heir) error {
	a := b.again
	a.own = make([]idRef, b.table.size())
	var several [][]heir
	var ids []string
	for len(heirs) > 0 {
		n := 1
		for n < len(heirs) && heirs[n].root == heirs[0].root {
			n++
		}
		group := heirs[:n]
		heirs = heirs[n:]
		if slices.ContainsFunc(group, func(h heir) bool { return !h.merged }) {
			group = slices.DeleteFunc(slices.Clone(group), func(h heir) bool { return h.merged })
		}
		if len(group) == 1 {
			a.own[group[0].root] = group[0].id
			continue
		}
		several = append(several, group)
		for _, h := range group {
			ids = append(ids, b.ids.get(h.id))
		}
	}
	issued, err := b.snap.IssuedIn(ctx, ids)
	if err != nil {
		return err
	}
	for _, group := range several {
		first := slices.MinFunc(group, func(x, y heir) int {
			return cmp.Or(cmp.Compare(issued[b.ids.get(x.id)], issued[b.ids.get(y.id)]), scheme.Compare(b.ids.get(x.id), b.ids.get(y.id)))
		})
		a.own[first.root] = first.id
	}
	return nil
}

// numberRest gives new numbers to the groups that inherit none, but for those
// that wait for a decision.
func (b *builder) numberRest(ctx context.Context, res match.Result, root func(node) node) error {
	a := b.again
	had := map[node]bool{} // groups without a number, some of whose records had one
	for i := range b.sources {
		for _, n := range b.sources[i].nodes {
			if r := root(n); a.own[r] == 0 && b.prior[n].number != 0 {
				had[r] = true
			}
		}
	}
	hold := b.opts.Policy.Reviews == "hold"
	var founders []node
	for i := range b.sources {
		for _, n := range b.sources[i].natural {
			if root(n) == n && a.own[n] == 0 && (!hold || !res.InDoubt[n] || had[n]) {
				founders = append(founders, n)
			}
		}
	}
	if err := b.numberFounders(ctx, founders, res, root); err != nil {
		return err
	}
	for _, n := range founders {
		if a.own[n] = b.number[n]; b.number[n] != 0 {
			a.issued[n] = true
			if had[n] {
				a.apart++
			}
		}
	}
	return nil
}

// rename works out what every number means after the plan. A merged number that
// no group inherits goes on meaning what it was merged into.
func (b *builder) rename(heirs []heir) {
	a := b.again
	a.after = map[string]string{}
	becomes := func(id, now string) {
		if id != now {
			a.after[id] = now
		}
	}
	inherited := map[string]bool{} // merged numbers that a group inherits
	for _, h := range heirs {
		id := b.ids.get(h.id)
		becomes(id, b.ids.get(a.own[h.root]))
		if h.merged {
			inherited[id] = true
		}
	}
	for id := range b.merged {
		if inherited[id] {
			continue
		}
		now := a.into[id]
		for _, merged := b.merged[now]; merged && !inherited[now]; _, merged = b.merged[now] {
			now = a.into[now]
		}
		if s, ok := a.after[now]; ok {
			now = s
		}
		a.follows[id] = true
		becomes(id, now)
	}
	for _, id := range slices.SortedFunc(maps.Keys(a.after), scheme.Compare) {
		if _, before := b.merged[id]; !before {
			b.mergedNow[id] = a.after[id]
			if b.decided.merging[id] {
				b.plan.Decided = append(b.plan.Decided, id)
			}
		}
	}
}

// renumber says which number every record ends with. A link stays as it is
// where its number means what its group is called.
func (b *builder) renumber(res match.Result, root func(node) node) {
	a := b.again
	for n := range b.prior {
		if b.unread(node(n)) {
			b.number[n] = b.prior[n].number
		}
	}
	for i := range b.sources {
		for _, n := range b.sources[i].nodes {
			own, before := a.own[root(n)], b.prior[n].number
			if before != 0 {
				now := b.live(b.ids.get(before))
				if own == 0 || now == b.ids.get(own) {
					b.number[n] = before
					if _, merges := b.mergedNow[b.liveNumber(n)]; merges {
						a.joining++
					}
					continue
				}
				a.moved[n] = true
				delete(b.reasons, n)
			}
			b.number[n] = own
			if res.Line != nil && b.rule[n] == ruleNone && !a.issued[n] {
				b.rule[n] = res.Line[n]
			}
		}
	}
	b.numberTombs(make([]uint32, b.table.size()), root, customers{})
}

// moves reports whether a record's link leaves its customer.
func (b *builder) moves(n node) bool { return b.again != nil && b.again.moved[n] }

// countMove counts a record that leaves its customer.
func (b *builder) countMove(s *sourceState, n node) {
	b.kind[n] = mapping.KindSplit
	if b.again.issued[n] {
		s.counts.Created++
	} else {
		s.counts.Linked++
	}
}

// writeRenamed writes down which numbers mean another than before.
func (b *builder) writeRenamed() {
	all := maps.Clone(b.again.after)
	for id := range b.merged {
		all[id] = ""
	}
	for _, id := range slices.SortedFunc(maps.Keys(all), scheme.Compare) {
		before, was := b.merged[id]
		now, is := b.again.after[id]
		switch {
		case is && now == before && (b.again.into[id] == now || b.again.after[b.again.into[id]] == now):
		case b.again.follows[id]: // what it was merged into means another now
			b.plan.Numbers = append(b.plan.Numbers, crosswalk.Number{Canonical: id, State: crosswalk.Merged, Into: b.again.into[id], Survivor: now})
		case is && was && b.again.after[before] == now: // it follows the one that it was merged into
			b.plan.Numbers = append(b.plan.Numbers, crosswalk.Number{Canonical: id, State: crosswalk.Merged, Into: before, Survivor: now})
		case is:
			b.plan.Numbers = append(b.plan.Numbers, crosswalk.Number{Canonical: id, State: crosswalk.Merged, Into: now, Survivor: now})
		default:
			b.plan.Numbers = append(b.plan.Numbers, crosswalk.Number{Canonical: id, State: crosswalk.Given})
		}
	}
}

// becomes reports whether a record's customer is another one after deciding
// anew.
func (b *builder) becomes(n node) bool {
	return b.again != nil && b.prior[n].number != 0 && b.endNumber(n) != b.liveNumber(n)
}

// joining is how many records join another customer as theirs is merged.
func (b *builder) joining() int64 {
	if b.again == nil {
		return 0
	}
	return b.again.joining
}

// answered reports whether deciding anew answers an open review that it does
// not raise again: both records were read, and nothing is in doubt.
func (b *builder) answered(r crosswalk.Review) bool {
	if b.again == nil {
		return false
	}
	left, ok := b.find(r.Left)
	right, ok2 := b.find(r.Right)
	return ok && ok2 && !b.unread(left) && !b.unread(right)
}

// shareNumber reports whether two records stay one customer although deciding
// anew tells them apart: their links cannot move.
func (b *builder) shareNumber(x, y node) bool {
	return b.again != nil && b.number[x] != 0 && b.endNumber(x) == b.endNumber(y)
}

// recount works out how many live customers there will be, and tells what
// deciding anew does to them.
func (b *builder) recount(ctx context.Context) error {
	a, t := b.again, &b.plan.Totals
	touched, ended := b.touched()
	touch := func(ids ...string) {
		for _, id := range ids {
			if id != "" {
				touched[id] = true
			}
		}
	}
	for id := range a.after {
		touch(b.survivor(id), b.live(id))
	}
	for id := range b.merged {
		touch(b.survivor(id), b.live(id))
	}
	for n := range a.moved {
		touch(b.liveNumber(n), b.endNumber(n))
	}
	for n := range a.claims {
		touch(b.endNumber(n))
	}
	for n := range a.issued {
		delete(touched, b.endNumber(n))
	}
	names := slices.Collect(maps.Keys(touched))
	for _, list := range []map[string]string{a.after, b.merged} {
		for id := range list {
			names = append(names, id)
		}
	}
	links, err := b.snap.ByCanonical(ctx, names)
	if err != nil {
		return err
	}
	before, after := map[string]bool{}, map[string]bool{}
	for i := range links {
		l := &links[i]
		before[b.survivor(l.Canonical)] = true
		if ended[l.ID()] {
			continue
		}
		now := b.live(l.Canonical)
		if n, found := b.find(l.ID()); found && b.number[n] != 0 {
			now = b.endNumber(n)
		}
		if touched[now] {
			after[now] = true
		}
	}
	for i := range b.sources {
		for _, n := range b.sources[i].nodes {
			if id := b.endNumber(n); (b.status[n] == fresh || b.status[n] == held || b.status[n] == gone || a.moved[n]) && touched[id] {
				after[id] = true
			}
		}
	}
	t.Customers += int64(len(a.issued) + len(after) - len(before))
	t.Merged, t.Split = int64(len(b.mergedNow)), int64(a.apart)
	for id := range b.merged {
		if b.live(id) == id {
			t.Split++
		}
	}
	if t.Merged+t.Split > 0 || len(a.moved) > 0 {
		b.plan.Notes = slices.Insert(b.plan.Notes, 0, fmt.Sprintf("deciding anew: %s, %s, %s to another number",
			plural(t.Merged, "customer is merged into another", "customers are merged into others"),
			plural(t.Split, "customer splits off", "customers split off"),
			plural(int64(len(a.moved)), "record moves", "records move")))
	}
	return nil
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
