package migrate_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/verify"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// answers is what every source ID ("crm C1") and every canonical ID that was
// ever seen means: a canonical ID, or gone. What was never seen, or only by a
// run that was undone, has no entry.
type answers map[string]string

const goneAnswer = "gone"

// life is a model of a crosswalk so simple that it can be read at a glance:
// links know their number, numbers know what they mean, and there is a copy of
// all answers for every moment. The crosswalk has to agree at all times.
type life struct {
	*world
	rt      *rapid.T
	store   *crosswalk.Store
	links   map[string]string // live and retired links: the number that each was given
	retired map[string]bool   // by link
	means   map[string]string // by number ever issued: the number that it means now
	issued  map[string]int    // by number: which run issued it
	founded map[string]string // by link: the number that it founded its customer with
	last    int               // what the counter stands at
	run     int
	past    []answers // by run
	before  []*life   // by run: what was modelled before it
	ops     int
}

// newLife begins with a few customers in two sources.
func newLife(t testing.TB, rt *rapid.T, dsn string) *life {
	w := newWorld(t, dsn, rules.Config{Sources: []rules.Source{source("crm", "name"), source("shop", "name")}})
	w.sheets["crm"], w.sheets["shop"] = &sheet{header: []string{"id", "name"}}, &sheet{header: []string{"id", "name"}}
	l := &life{
		world: w, rt: rt, links: map[string]string{}, retired: map[string]bool{}, means: map[string]string{},
		issued: map[string]int{}, founded: map[string]string{}, past: []answers{{}}, before: []*life{nil},
	}
	l.store = w.open()
	return l
}

// copy is what an undo goes back to.
func (l *life) copy() *life {
	c := *l
	c.links, c.retired, c.means = maps.Clone(l.links), maps.Clone(l.retired), maps.Clone(l.means)
	return &c
}

func (l *life) must(err error) {
	l.rt.Helper()
	if err != nil {
		l.rt.Fatal(err)
	}
}

// customer is what a number means now, and the live links of that customer.
func (l *life) customer(number string) (now string, links []string) {
	now = l.means[number]
	for link, n := range l.links {
		if l.means[n] == now && !l.retired[link] {
			links = append(links, link)
		}
	}
	slices.Sort(links)
	return now, links
}

// answer is what the model says.
func (l *life) answer() answers {
	out := answers{}
	alive := map[string]bool{}
	for link, n := range l.links {
		if !l.retired[link] {
			alive[l.means[n]] = true
		}
	}
	say := func(what, number string) {
		if out[what] = l.means[number]; !alive[l.means[number]] {
			out[what] = goneAnswer
		}
	}
	for link, n := range l.links {
		say(link, n)
	}
	for n := range l.means {
		say(n, n)
	}
	return out
}

// stored is what the crosswalk says, at the head or as of a run.
func stored(ctx context.Context, store *crosswalk.Store, run int64) (answers, error) {
	snap, err := store.SnapshotAt(ctx, run)
	if err != nil {
		return nil, err
	}
	defer snap.Close()
	sources, err := snap.Sources(ctx)
	if err != nil {
		return nil, err
	}
	names := map[int]string{}
	for _, s := range sources {
		names[s.No] = s.Name
	}
	means, known := map[string]string{}, []string{}
	for n, err := range snap.Numbers(ctx) {
		if err != nil {
			return nil, err
		}
		switch n.State {
		case crosswalk.Merged:
			means[n.Canonical] = n.Survivor
		case crosswalk.Gone: // also where its links were erased
			known = append(known, n.Canonical)
			means[n.Canonical] = n.Canonical
		}
	}
	for id, err := range snap.LinksByCanonicalRange(ctx, "", "~") {
		if err != nil {
			return nil, err
		}
		known = append(known, strings.Clone(id))
		means[id] = cmp.Or(means[id], id)
	}
	for _, to := range slices.Collect(maps.Values(means)) { // also where its links were erased since
		if means[to] == "" {
			known = append(known, to)
			means[to] = to
		}
	}
	alive := map[string]bool{}
	links := map[string]string{}
	for l, err := range snap.Links(ctx, crosswalk.Query{}) {
		if err != nil {
			return nil, err
		}
		if l.State == crosswalk.Live {
			alive[means[l.Canonical]] = true
		}
		if l.State != crosswalk.Void {
			links[names[l.Source]+" "+l.Key] = l.Canonical
		}
	}
	for _, to := range means {
		if means[to] != to {
			return nil, fmt.Errorf("%s is the end of a redirect and means %s itself", to, means[to])
		}
	}
	out := answers{}
	say := func(what, number string) {
		if out[what] = means[number]; !alive[means[number]] {
			out[what] = goneAnswer
		}
	}
	for link, n := range links {
		say(link, n)
	}
	for _, n := range known {
		say(n, n)
	}
	return out, nil
}

// issue takes the next number of the counter.
func (l *life) issue() string {
	l.last++
	n := fmt.Sprintf("N-%06d", l.last)
	l.mint(n)
	return n
}

func (l *life) mint(n string) {
	l.means[n] = n
	if _, known := l.issued[n]; !known {
		l.issued[n] = l.run + 1
	}
}

// does carries an act out in the crosswalk and in the model, and compares.
func (l *life) does(what string, a act, model func()) {
	l.rt.Helper()
	rs := l.ruleset()
	o := l.options()
	o.Actor, o.Reason = "sue", "a test"
	var nothing *plan.NothingError
	_, res, err := migrate.Run(l.t.Context(), l.store, migrate.Options{Actor: "sue", Reason: "a test", Rules: rs.Digest()},
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) { return a(ctx, snap, rs, o) })
	if errors.As(err, &nothing) {
		l.rt.Fatalf("%s: %v", what, err)
	}
	if err != nil {
		l.rt.Fatalf("%s is refused: %v", what, err)
	}
	l.before = append(l.before, l.copy())
	model()
	l.run++
	l.ops++
	if int(res.Run) != l.run {
		l.rt.Fatalf("%s is run %d; want %d", what, res.Run, l.run)
	}
	l.compare(what)
	l.past = append(l.past, l.answer())
}

func (l *life) compare(what string) {
	l.rt.Helper()
	got, err := stored(l.t.Context(), l.store, int64(l.run))
	l.must(err)
	if diff := gocmp.Diff(l.answer(), got); diff != "" {
		l.rt.Fatalf("after %s in run %d (-model +crosswalk):\n%s", what, l.run, diff)
	}
	checkTranslations(l.t.Context(), l.rt, l.store, got, nil)
}

// build reads the sources.
func (l *life) build(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
	return plan.Build(ctx, snap, rs, l.inputs(rs), o)
}

// read lets a run read the sources: whoever is not linked gets the number that
// it had founded once, or a new one.
func (l *life) read() {
	l.does("apply", l.build, func() {
		for _, name := range []string{"crm", "shop"} {
			var fresh []string
			for _, row := range l.sheets[name].rows {
				if _, linked := l.links[name+" "+row[0]]; !linked {
					fresh = append(fresh, row[0])
				}
			}
			slices.SortFunc(fresh, scheme.Compare)
			for _, id := range fresh {
				link := name + " " + id
				n, regains := l.founded[link]
				if regains {
					l.mint(n)
				} else {
					n = l.issue()
				}
				l.links[link], l.founded[link] = n, n
			}
		}
	})
}

// unread reports whether a run would link somebody.
func (l *life) unread() bool {
	for name, s := range l.sheets {
		for _, row := range s.rows {
			if _, linked := l.links[name+" "+row[0]]; !linked {
				return true
			}
		}
	}
	return false
}

// idle makes sure that reading the sources again would change nothing.
func (l *life) idle() {
	l.rt.Helper()
	rs := l.ruleset()
	snap, err := l.store.Snapshot(l.t.Context())
	l.must(err)
	defer snap.Close()
	p, err := l.build(l.t.Context(), snap, rs, l.options())
	l.must(err)
	if !p.Empty() {
		l.rt.Fatalf("with nothing new the plan is not empty: %+v", p.Totals)
	}
}

// numbers that mean a customer with live links, one for each.
func (l *life) customers() (out []string) {
	for n := range l.means {
		if now, links := l.customer(n); now == n && len(links) > 0 {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// older is the number of the two that was issued first.
func (l *life) older(x, y string) string {
	if c := cmp.Or(cmp.Compare(l.issued[x], l.issued[y]), scheme.Compare(x, y)); c > 0 {
		return y
	}
	return x
}

func (l *life) merge(x, y string) {
	into := l.older(x, y)
	loser := x
	if loser == into {
		loser = y
	}
	l.does("merge "+x+" "+y, merge(x, y), func() { l.redirect(loser, into) })
}

// redirect makes all that means one number mean another.
func (l *life) redirect(from, to string) {
	for n, now := range l.means {
		if now == from {
			l.means[n] = to
		}
	}
}

// split takes links out of a customer. Which of the customer's numbers goes
// with which side is the crosswalk's to say; the rest is not.
func (l *life) split(number string, leaving []string) {
	_, all := l.customer(number)
	free := l.last
	l.does(fmt.Sprintf("split %s %v", number, leaving), split(number, leaving...), func() {
		got, err := stored(l.t.Context(), l.store, int64(l.run+1))
		l.must(err)
		went, stays := "", ""
		for _, link := range all {
			side := &stays
			if slices.Contains(leaving, link) {
				side = &went
			}
			if *side != "" && *side != got[link] {
				l.rt.Fatalf("split: %s means %s and its side %s", link, got[link], *side)
			}
			*side = got[link]
		}
		for _, n := range []string{went, stays} {
			if _, known := l.means[n]; !known {
				if want := fmt.Sprintf("N-%06d", free+1); n != want {
					l.rt.Fatalf("split: the new number is %s; want %s", n, want)
				}
				l.last++
				l.mint(n)
			} else if l.means[n] != number && n != number {
				l.rt.Fatalf("split: %s was not a number of %s", n, number)
			}
		}
		if went == stays {
			l.rt.Fatalf("split: both sides mean %s", went)
		}
		for n, now := range l.means {
			if now == number {
				if l.means[n] = got[n]; got[n] != went && got[n] != stays {
					l.rt.Fatalf("split: %s means %s, which is neither %s nor %s", n, got[n], went, stays)
				}
			}
		}
		for _, link := range all { // a link of the side that its number left has that side's number now
			if l.means[l.links[link]] != got[link] {
				l.links[link] = got[link]
			}
		}
		for link, n := range l.links { // and what was retired goes where its number goes
			if l.retired[link] && got[link] != goneAnswer && l.means[n] != got[link] {
				l.links[link] = got[link]
			}
		}
	})
}

func (l *life) renumber(number string) {
	l.does("renumber "+number, renumberTo(number, ""), func() {
		to := l.issue()
		l.redirect(number, to)
	})
}

// undo reverses the last run.
func (l *life) undo() {
	run := l.run
	was := l.before[run]
	a := func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		return plan.Undo(ctx, snap, rs, int64(run), o)
	}
	l.does(fmt.Sprintf("undo of run %d", run), a, func() {
		means := l.means
		l.links, l.retired, l.means = maps.Clone(was.links), maps.Clone(was.retired), maps.Clone(was.means)
		for n := range means {
			if _, known := l.means[n]; !known {
				l.means[n] = n // issued by the run, and nobody's now
			}
		}
	})
}

// step draws something to do and does it.
func (l *life) step() {
	rt := l.rt
	customers := l.customers()
	draw := func(label string, of []string) string { return rapid.SampledFrom(of).Draw(rt, label) }
	record := func() {
		name := draw("source", []string{"crm", "shop"})
		for range rapid.IntRange(1, 3).Draw(rt, "records") {
			l.sheets[name].rows = append(l.sheets[name].rows, []string{fmt.Sprintf("C%d", len(l.sheets[name].rows)+1), "Al"})
		}
		l.read()
	}
	switch op := draw("op", []string{"link", "merge", "merge", "split", "renumber", "retire", "restore", "retire link", "undo", "undo undo", "split back", "again"}); {
	case op == "link" || len(customers) < 2:
		record()
	case op == "again":
		if l.unread() {
			l.read()
		} else {
			l.idle()
			l.ops++
		}
	case op == "merge":
		x := draw("x", customers)
		y := draw("y", slices.DeleteFunc(slices.Clone(customers), func(n string) bool { return n == x }))
		l.merge(x, y)
	case op == "split back":
		x := draw("x", customers)
		y := draw("y", slices.DeleteFunc(slices.Clone(customers), func(n string) bool { return n == x }))
		before := l.answer()
		into := l.older(x, y)
		_, leaving := l.customer(x)
		if into == x {
			_, leaving = l.customer(y)
		}
		l.merge(x, y)
		l.split(into, leaving)
		if diff := gocmp.Diff(before, l.answer()); diff != "" {
			rt.Fatalf("what was merged and split is not what it was (-before +after):\n%s", diff)
		}
	case op == "split":
		var large []string
		for _, n := range customers {
			if _, links := l.customer(n); len(links) > 1 {
				large = append(large, n)
			}
		}
		if len(large) == 0 {
			record()
			return
		}
		number := draw("number", large)
		_, links := l.customer(number)
		leaving := rapid.SliceOfNDistinct(rapid.SampledFrom(links), 1, len(links)-1, rapid.ID[string]).Draw(rt, "leaving")
		l.split(number, leaving)
	case op == "renumber":
		l.renumber(draw("number", customers))
	case op == "retire":
		number := draw("number", customers)
		_, links := l.customer(number)
		before := l.answer()
		l.does("retire "+number, retire(number), func() {
			for _, link := range links {
				l.retired[link] = true
			}
		})
		if rapid.Bool().Draw(rt, "and restore") {
			l.does("restore "+number, restore(number), func() {
				for link, n := range l.links { // also what had been retired by itself before
					if l.means[n] == number {
						delete(l.retired, link)
					}
				}
			})
			if diff := gocmp.Diff(before, l.answer()); diff != "" {
				rt.Fatalf("restored is not what it was:\n%s", diff)
			}
		}
	case op == "retire link":
		_, links := l.customer(draw("number", customers))
		link := draw("link", links)
		l.does("retire "+link, retire(link), func() { l.retired[link] = true })
	case op == "restore":
		links := slices.Sorted(maps.Keys(l.retired))
		if len(links) == 0 {
			record()
			return
		}
		link := draw("link", links)
		l.does("restore "+link, restore(link), func() { delete(l.retired, link) })
	default: // undo, and undo of undo
		l.undo()
		if op == "undo undo" {
			l.undo()
		}
	}
}

// live lets a life of so many steps pass, and asks at its end what everything
// meant at every moment, and whether all promises hold.
func (l *life) live(steps int) {
	for range steps {
		l.step()
	}
	ctx := l.t.Context()
	for run, want := range l.past {
		got, err := stored(ctx, l.store, int64(run))
		l.must(err)
		if diff := gocmp.Diff(want, got); diff != "" {
			l.rt.Fatalf("as of run %d, of %d (-then +now):\n%s", run, l.run, diff)
		}
	}
	if !l.unread() {
		l.idle()
	}
	report, err := verify.Check(ctx, l.store, verify.Options{})
	l.must(err)
	if !report.OK() {
		l.rt.Fatalf("%d promises are broken: %+v", report.Count, report.Breaches)
	}
}

// A life of links, merges, splits, retirements, restorations, new numbers,
// undone runs and runs made again: the crosswalk says at every moment, also of
// every moment past, what a simple model says.
func TestLife(t *testing.T) {
	t.Parallel()
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			dbtest.Database(t, d) // skips where there is no server
			lives, ops := 0, 0
			rapid.Check(t, func(rt *rapid.T) {
				if lives++; d != sqldb.SQLite && !long && lives%5 != 1 {
					return // a server takes a second for each
				}
				dsn, drop := freshDatabase(t, d)
				defer drop()
				l := newLife(t, rt, dsn)
				defer l.store.Close()
				l.live(pick(8, 16, 30))
				ops += l.ops
			})
			t.Logf("%d operations", ops)
		})
	}
}

// freshDatabase is one for a single life, of which there may be hundreds.
func freshDatabase(t *testing.T, d sqldb.Dialect) (dsn string, drop func()) {
	if d == sqldb.SQLite {
		dir := t.TempDir()
		return filepath.Join(dir, "crosswalk.db"), func() { _ = os.RemoveAll(dir) }
	}
	dsn, remove, err := dbtest.Create(d)
	if err != nil {
		t.Fatal(err)
	}
	return dsn, func() {
		if err := remove(); err != nil {
			t.Error(err)
		}
	}
}
