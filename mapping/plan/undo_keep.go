package plan

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// joiner is why a customer stays to which the run gave its number: whoever
// joined it, or the run that made something else of it.
type joiner struct {
	run    int64
	detail string
}

// keepJoined keeps the links by which the run founded customers, or moved them
// to another number, where later runs joined or changed these: without them
// others would be left alone with a number that is not theirs. Nor does a link
// go back to a customer that is retired since.
func (u *undoing) keepJoined(ctx context.Context) error {
	lost := newHashes()
	for w := range u.links.all() {
		if w.lost != "" {
			lost.add(w.lost)
		}
	}
	joined := map[string]joiner{}
	if len(lost.list) > 0 {
		lost.sort()
		if err := u.findJoiners(ctx, lost, joined); err != nil {
			return err
		}
	}
	if err := u.dropOlder(ctx, joined); err != nil {
		return err
	}
	var w row
	for list := range u.links.lists {
		p := &u.links.lists[list]
		for i := range p.at {
			u.links.read(list, i, &w)
			if j, ok := joined[w.lost]; ok && w.lost != "" {
				p.keep(i)
				u.keep(w.Link.Source, w.Link.Verbatim, w.lost, j.run, j.detail)
			} else if n, gone := u.numbers.gone(w.Link.Canonical); gone && w.Link.State == crosswalk.Live {
				p.keep(i)
				u.fail(w.Link.Source, w.Link.Verbatim, w.Link.Canonical, fmt.Sprintf("%s is retired since run %d", n.Canonical, n.FromRun))
			}
		}
	}
	for _, held := range u.numbers.hold(joined) {
		j := joined[held[1]]
		u.keep(0, "", held[0], j.run, j.detail)
	}
	if err := u.checkGone(ctx); err != nil {
		return err
	}
	u.settleNumbers()
	return nil
}

// dropOlder leaves numbers out that stood for somebody before the run: it did
// not found their customers.
func (u *undoing) dropOlder(ctx context.Context, joined map[string]joiner) error {
	if len(joined) == 0 {
		return nil
	}
	before, err := u.snap.AgainAt(ctx, u.run.Run-1)
	if err != nil {
		return err
	}
	links, err := before.ByCanonical(ctx, slices.Collect(maps.Keys(joined)))
	for i := range links {
		delete(joined, links[i].Canonical)
	}
	return errors.Join(err, before.Close())
}

func (p *packed) keep(i int) {
	if p.kept == nil {
		p.kept = map[int]bool{}
	}
	p.kept[i] = true
}

// fail notes what cannot be reversed.
func (u *undoing) fail(source int, id, canonical, reason string) {
	f := Failure{SourceID: id, CanonicalID: canonical, Reason: reason}
	if source > 0 {
		f.Source = u.names[source]
	}
	u.report.Failed = append(u.report.Failed, f)
}

// findJoiners finds who uses numbers that the undo would leave without those to
// whom the run gave them. What an undoing brought back is as old as it was.
func (u *undoing) findJoiners(ctx context.Context, lost *hashes, joined map[string]joiner) error {
	join := func(l *crosswalk.Link, run int64) {
		if _, known := joined[l.Canonical]; !known {
			joined[l.Canonical] = joiner{run, fmt.Sprintf("%s was joined by %s %s", l.Canonical, u.names[l.Source], l.Verbatim)}
		}
	}
	var back []crosswalk.SourceKey // links that an undoing wrote
	for l, err := range u.snap.Links(ctx, crosswalk.Query{Since: u.run.Run, Live: true}) {
		if err != nil {
			return err
		}
		if _, found := lost.find(l.Canonical); !found || u.links.has(l.ID()) {
			continue
		}
		if u.undone[l.FromRun] == 0 {
			join(l, l.FromRun)
		} else if back = append(back, l.ID()); len(back) == versionRows {
			if err := u.joinedAgain(ctx, back, join); err != nil {
				return err
			}
			back = back[:0]
		}
	}
	if err := u.joinedAgain(ctx, back, join); err != nil {
		return err
	}
	var noted []crosswalk.Number
	for _, n := range u.numbers.after() {
		_, survives := lost.find(n.Survivor)
		_, itself := lost.find(n.Canonical)
		if n.FromRun > u.run.Run && (survives && n.State == crosswalk.Merged || itself) {
			noted = append(noted, n)
		}
	}
	for chunk := range slices.Chunk(noted, versionRows) {
		since, err := u.since(ctx, chunk)
		if err != nil {
			return err
		}
		for _, n := range chunk {
			run := since[n.Canonical]
			if run <= u.run.Run {
				continue
			}
			if _, survives := lost.find(n.Survivor); survives && n.State == crosswalk.Merged {
				if _, known := joined[n.Survivor]; !known {
					joined[n.Survivor] = joiner{run, fmt.Sprintf("%s was merged into %s", n.Canonical, n.Survivor)}
				}
			}
			if _, itself := lost.find(n.Canonical); itself {
				what := "retired"
				if n.State == crosswalk.Merged {
					what = "merged into " + n.Survivor
				}
				joined[n.Canonical] = joiner{run, n.Canonical + " was " + what}
			}
		}
	}
	return nil
}

// joinedAgain joins those of the links that say what a run after the undone one
// made them say.
func (u *undoing) joinedAgain(ctx context.Context, keys []crosswalk.SourceKey, join func(*crosswalk.Link, int64)) error {
	if len(keys) == 0 {
		return nil
	}
	versions, err := u.snap.Versions(ctx, keys)
	if err != nil {
		return err
	}
	for len(versions) > 0 {
		var runs []int64
		for len(runs) < len(versions) && versions[len(runs)].ID() == versions[0].ID() {
			runs = append(runs, versions[len(runs)].FromRun)
		}
		last := len(runs) - 1
		if i := u.undone.Trail(runs).Origin(last); i >= 0 && runs[i] > u.run.Run {
			join(&versions[last], runs[i])
		}
		versions = versions[len(runs):]
	}
	return nil
}

// since says which runs made numbers what they are.
func (u *undoing) since(ctx context.Context, numbers []crosswalk.Number) (map[string]int64, error) {
	ids := make([]string, len(numbers))
	for i := range numbers {
		ids[i] = numbers[i].Canonical
	}
	versions, err := u.snap.NumberNotes(ctx, ids)
	if err != nil {
		return nil, err
	}
	since := make(map[string]int64, len(ids))
	for len(versions) > 0 {
		n := 1
		for n < len(versions) && versions[n].Canonical == versions[0].Canonical {
			n++
		}
		changes, runs := changesOf(versions[:n])
		since[versions[0].Canonical] = runs[max(0, u.undone.Trail(runs).Origin(len(changes)-1))]
		versions = versions[n:]
	}
	return since, nil
}

// checkGone keeps numbers in force that would be retired again while they
// stand for somebody.
func (u *undoing) checkGone(ctx context.Context) error {
	retired := u.numbers.retiring()
	if len(retired) == 0 {
		return nil
	}
	links, err := u.snap.ByCanonical(ctx, retired)
	if err != nil {
		return err
	}
	for i := range links {
		if l := &links[i]; !u.links.has(l.ID()) && u.numbers.keepInForce(l.Canonical) {
			u.fail(0, "", l.Canonical, fmt.Sprintf("it cannot be retired again: %s %s has it", u.names[l.Source], l.Verbatim))
		}
	}
	return nil
}

// countCustomers works out how many live customers there are afterwards. Only
// those are looked at that gain or lose a link or a number.
func (u *undoing) countCustomers(ctx context.Context) error {
	touched := newHashes()
	few := map[string]bool{}
	touch := func(id string) {
		if id == "" {
			return
		}
		before, after := u.numbers.meant(id), u.numbers.means(id)
		touched.add(before)
		touched.add(after)
		if len(few) <= manyNumbers {
			few[before], few[after] = true, true
		}
	}
	for w := range u.links.all() {
		touch(w.Link.Canonical)
		touch(w.lost)
	}
	for _, n := range u.plan.Numbers {
		touch(n.Canonical)
	}
	if len(touched.list) == 0 {
		return nil
	}
	touched.sort()
	was, is := make([]bool, len(touched.list)), make([]bool, len(touched.list))
	count := func(l *crosswalk.Link) {
		if i, found := touched.find(u.numbers.meant(l.Canonical)); found {
			was[i] = true
		}
		if i, found := touched.find(u.numbers.means(l.Canonical)); found && !u.links.has(l.ID()) {
			is[i] = true
		}
	}
	if len(few) <= manyNumbers {
		ids := u.numbers.allOf(few)
		links, err := u.snap.ByCanonical(ctx, ids)
		if err != nil {
			return err
		}
		for i := range links {
			count(&links[i])
		}
	} else {
		for l, err := range u.snap.Links(ctx, crosswalk.Query{Live: true}) {
			if err != nil {
				return err
			}
			count(l)
		}
	}
	for w := range u.links.all() {
		if w.Link.State == crosswalk.Live {
			if i, found := touched.find(u.numbers.means(w.Link.Canonical)); found {
				is[i] = true
			}
		}
	}
	for i := range was {
		if was[i] {
			u.plan.Totals.Customers--
		}
		if is[i] {
			u.plan.Totals.Customers++
		}
	}
	return nil
}
