package migrate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// undoIn undoes a run.
func undoIn(ctx context.Context, w *world, store *crosswalk.Store, run int64) (*plan.Plan, migrate.Result, error) {
	rs := w.ruleset()
	return migrate.Run(ctx, store, migrate.Options{Actor: "test", Rules: rs.Digest()},
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			o := w.options()
			o.Actor = "test"
			return plan.Undo(ctx, snap, rs, run, o)
		})
}

// undo undoes a run and returns the plan.
func (w *world) undo(run int64) *plan.Plan {
	w.t.Helper()
	store := w.open()
	defer store.Close()
	w.clock = w.clock.Add(time.Minute)
	p, _, err := undoIn(w.t.Context(), w, store, run)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// exportOf is what `xwalk export` writes, and the reviews that are open and
// the verdicts in force.
func exportOf(ctx context.Context, store *crosswalk.Store) (out []string, err error) {
	snap, err := store.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer snap.Close()
	var merged []crosswalk.Number
	survivors := map[string]crosswalk.Number{}
	for n, err := range snap.Merged(ctx) {
		if err != nil {
			return nil, err
		}
		merged = append(merged, n)
		survivors[n.Canonical] = n
	}
	since, err := snap.MeansSince(ctx, merged)
	if err != nil {
		return nil, err
	}
	for l, err := range snap.Links(ctx, crosswalk.Query{Match: true, Fields: true}) {
		if err != nil {
			return nil, err
		}
		if l.State == crosswalk.Void {
			continue
		}
		number, from := l.Canonical, l.SinceRun
		if n, ok := survivors[number]; ok {
			number = n.Survivor
			if at, ok := since[n.Canonical]; ok {
				n.FromRun = at
			}
			from = max(from, n.FromRun)
		}
		out = append(out, fmt.Sprintf("%d %s %s = %s %s %s since %d hash %x match %x fields %s", l.Source, l.Key, l.Verbatim, number, l.State, l.Rule, from, l.RowHash, l.Match, l.Fields))
	}
	reviews, err := snap.Reviews(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range reviews {
		out = append(out, fmt.Sprintf("review %s %v %v %g %s", r.ID, r.Left, r.Right, r.Score, r.Evidence))
	}
	decisions, err := snap.Decisions(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range decisions {
		out = append(out, fmt.Sprintf("verdict %v %v %s %s", d.Left, d.Right, d.Verdict, d.Actor))
	}
	head := snap.Head()
	return append(out, fmt.Sprintf("%d customers, %d reviews", head.Customers, head.ReviewsOpen)), nil
}

func (w *world) export() []string {
	w.t.Helper()
	store := w.open()
	defer store.Close()
	out, err := exportOf(w.t.Context(), store)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// same holds an export to an earlier one.
func (w *world) same(what string, want []string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.export()); diff != "" {
		w.t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// history makes the runs of a small life: new customers, links, updates, a
// merge, records that vanish and come back, an import, reviews that are raised
// and answered. before[k] is the export before run k+1.
func history(t *testing.T, dsn string) (w *world, before [][]string) {
	src, shop := source("crm", "email", "phone", "name"), source("shop", "email", "phone", "name")
	src.Also = []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code"}}}}
	w = newWorld(t, dsn, rules.Config{Matching: true, Same: same("email?name", "phone"), Keep: rules.KeepFields, Sources: []rules.Source{src, shop}})
	w.policy = plan.Policy{Merges: "auto", Reviews: "hold", Retire: true, RetireAtMost: 1}
	crm := "id,email,phone,name,code\n"
	store := w.open()
	t.Cleanup(func() { _ = store.Close() })
	next := func(crmRows, shopRows string) {
		before = append(before, w.export())
		w.sheets["crm"], w.sheets["shop"] = table(crm+crmRows), table("id,email,phone,name\n"+shopRows)
		w.apply()
	}
	before = append(before, w.export())
	if _, err := giveIn(t.Context(), w, store, []plan.Given{{Source: "crm", SourceID: "C9", Canonical: "OLD-9"}, {Source: "shop", SourceID: "9", Canonical: "OLD-9"}}); err != nil {
		t.Fatal(err)
	}
	next("C1,a@x.example,,Al,K1\nC2,b@x.example,,Bo,K2\nC3,,+8613912784406,Cy,", "1,a@x.example,,Al\n2,z@x.example,,Zo")
	next("C1,a@x.example,,Al,K1\nC2,b@x.example,+8613912784406,Bo,K2\nC3,,+8613912784406,Cy,", "1,a@x.example,,Al\n2,z@x.example,,Zo") // C3 is merged into C2
	next("C1,a@x.example,,Alan,K1\nC2,b@x.example,+8613912784406,Bo,K3", "1,a@x.example,,Al\n2,z@x.example,,Zo\n3,z@x.example,,Bea")   // C3 vanishes, 3 is held
	next("C1,a@x.example,,Alan,K1\nC2,b@x.example,+8613912784406,Bo,K3\nC3,,+8613912784406,Cy,", "1,a@x.example,,Al\n2,z@x.example,,Zo\n3,z@x.example,,Zo")
	before = append(before, w.export())
	w.sheets["shop"] = table("id,email,phone,name\n1,b@x.example,+8613912784406,Bo\n2,a@x.example,,Alan\n3,z@x.example,,Zo")
	w.apply()
	return w, before
}

// Undoing the last run gives the export of before, byte for byte, in every
// store, whatever the run did; undoing that gives the export of after; and all
// runs undone, the newest first, leave nothing.
func TestUndoTheLastRun(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w, before := history(t, dsn)
		after := w.export()
		runs := int64(len(before))
		for run := runs; run > 0; run-- {
			p := w.undo(run)
			w.same(fmt.Sprintf("after the undo of run %d", run), before[run-1])
			if len(p.Undo.Kept)+len(p.Undo.Failed) > 0 {
				t.Fatalf("undo of run %d keeps %+v and fails for %+v", run, p.Undo.Kept, p.Undo.Failed)
			}
			if run == runs {
				w.undo(runs + 1)
				w.same("after the redo", after)
				w.undo(runs + 2)
				w.same("after the undo of the redo", before[run-1])
			}
		}
		if got := w.export(); len(got) != 1 {
			t.Errorf("all runs are undone and there is still %q", got)
		}
		again := w.undo(runs)
		if !again.Empty() {
			t.Errorf("undone again, a run changes %+v", again.Undo)
		}
		w.apply()
	})
}

// Random worlds: the last run undone gives what was before, and that undone
// what was after; runs undone in any order break no promise.
func TestUndoInRandomWorlds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		ctx := t.Context()
		dir := t.TempDir()
		defer os.RemoveAll(dir)
		cfg := drawConfig(rt)
		w := newWorld(t, filepath.Join(dir, "main.db"), cfg)
		m := &model{
			t: rt, dir: dir, main: w, all: cfg.Sources, seen: map[string]int{}, versions: map[string]bool{},
			verdicts: map[[2]crosswalk.NamedKey]crosswalk.Verdict{}, header: modelHeader, cells: modelValues, draw: drawRow,
		}
		w.policy = drawPolicy(rt)
		w.random = constant(7)
		for _, s := range cfg.Sources {
			sh := &sheet{header: modelHeader}
			for range rapid.IntRange(0, 5).Draw(rt, "rows") {
				sh.rows = append(sh.rows, drawRow(rt))
			}
			w.sheets[s.Name] = sh
		}
		store, err := crosswalk.Open(ctx, w.dsn, crosswalk.Options{Now: func() time.Time { return w.clock }})
		m.must(err)
		defer store.Close()
		export := func() []string {
			out, err := exportOf(ctx, store)
			m.must(err)
			return out
		}
		exports := [][]string{export()} // by run
		for m.round = range rapid.IntRange(1, 5).Draw(rt, "rounds") {
			w.clock = w.clock.Add(time.Minute)
			what := rapid.SampledFrom([]string{"apply", "apply", "apply", "import", "undo", "undo"}).Draw(rt, "what")
			switch {
			case what == "undo" && len(exports) > 1:
				run := rapid.IntRange(1, len(exports)-1).Draw(rt, "run")
				p, _, err := undoIn(ctx, w, store, int64(run))
				if err != nil && strings.Contains(err.Error(), "changed nothing") {
					continue
				}
				m.must(err)
				if run == len(exports)-1 {
					if diff := cmp.Diff(exports[run-1], export()); diff != "" {
						rt.Fatalf("undo of the last run, %d (-before +after):\n%s\n%+v", run, diff, p.Undo)
					}
				}
			case what == "import":
				_, err := giveIn(ctx, w, store, m.drawGiven())
				m.must(err)
			default:
				if m.round > 0 {
					m.mutate()
					m.reconfigure()
				}
				_, err := applyIn(ctx, w, store)
				m.must(err)
			}
			snap, err := store.Snapshot(ctx)
			m.must(err)
			runs := int(snap.Head().Run)
			m.must(snap.Close())
			for len(exports) <= runs {
				exports = append(exports, export())
			}
			checkPromises(ctx, rt, store)
		}
		// All of them, the newest first: nothing is left.
		for run := len(exports) - 1; run > 0; run-- {
			before := export()
			p, res, err := undoIn(ctx, w, store, int64(run))
			if err != nil && strings.Contains(err.Error(), "changed nothing") {
				continue
			}
			m.must(err)
			if p.Empty() {
				continue
			}
			checkPromises(ctx, rt, store)
			if rapid.IntRange(0, 3).Draw(rt, "redo") == 0 {
				_, redo, err := undoIn(ctx, w, store, res.Run)
				m.must(err)
				if diff := cmp.Diff(before, export()); diff != "" {
					rt.Fatalf("the redo of run %d is another (-before +after):\n%s", run, diff)
				}
				_, _, err = undoIn(ctx, w, store, redo.Run)
				m.must(err)
			}
		}
		if got := export(); len(got) != 1 || !strings.HasPrefix(got[0], "0 customers, 0 reviews") {
			rt.Fatalf("all runs are undone and there is still\n%s", strings.Join(got, "\n"))
		}
	})
}

// checkPromises holds a crosswalk to the promises that can be seen without
// knowing what was done to it.
func checkPromises(ctx context.Context, t *rapid.T, store *crosswalk.Store) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	snap, err := store.Snapshot(ctx)
	must(err)
	defer snap.Close()
	numbers := map[string]crosswalk.Number{}
	for n, err := range snap.Numbers(ctx) {
		must(err)
		numbers[n.Canonical] = n
	}
	for id, n := range numbers {
		if n.State == crosswalk.Merged && numbers[n.Survivor].State == crosswalk.Merged {
			t.Fatalf("%s means %s, which means %s", id, n.Survivor, numbers[n.Survivor].Survivor)
		}
		end := n
		for range numbers {
			if end.State == crosswalk.Merged {
				end = numbers[end.Into]
			}
		}
		if end.State == crosswalk.Merged {
			t.Fatalf("%s leads in a circle", id)
		}
	}
	customers := map[string]bool{}
	founders := map[string][]string{}
	for l, err := range snap.Links(ctx, crosswalk.Query{}) {
		must(err)
		if l.State != crosswalk.Live {
			continue
		}
		id := l.Canonical
		if n := numbers[id]; n.State == crosswalk.Merged {
			id = n.Survivor
		}
		if numbers[id].State == crosswalk.Gone {
			t.Fatalf("%d %s is live and belongs to %s, which is gone", l.Source, l.Key, id)
		}
		customers[id] = true
		if l.Rule == "new" || l.Rule == "as: keep" {
			founders[l.Canonical] = append(founders[l.Canonical], fmt.Sprint(l.Source, " ", l.Key))
		}
	}
	for id, list := range founders {
		if len(list) > 1 {
			t.Fatalf("%s was given to %q", id, list)
		}
	}
	head := snap.Head()
	if int(head.Customers) != len(customers) {
		t.Fatalf("there are %d customers, and the totals say %d", len(customers), head.Customers)
	}
	reviews, err := snap.Reviews(ctx)
	must(err)
	if int(head.ReviewsOpen) != len(reviews) {
		t.Fatalf("there are %d reviews open, and the totals say %d", len(reviews), head.ReviewsOpen)
	}
	if !slices.IsSortedFunc(reviews, func(a, b crosswalk.Review) int { return strings.Compare(a.ID, b.ID) }) {
		t.Fatal("reviews are not in order")
	}
}

// numbersIn lists the links of a crosswalk without when they were made.
func numbersIn(ctx context.Context, store *crosswalk.Store) (out []string, err error) {
	snap, err := store.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer snap.Close()
	for l, err := range snap.Links(ctx, crosswalk.Query{Match: true, Fields: true}) {
		if err != nil {
			return nil, err
		}
		if l.State != crosswalk.Void {
			out = append(out, fmt.Sprintf("%d %s %s = %s %s %s %x %x %s", l.Source, l.Key, l.Verbatim, l.Canonical, l.State, l.Rule, l.RowHash, l.Match, l.Fields))
		}
	}
	return out, nil
}

// However customers are numbered, apply, undo and apply again give the numbers
// of the first time; whatever was read in between, nobody else gets one.
func TestNumbersComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		ctx := t.Context()
		dir := t.TempDir()
		defer os.RemoveAll(dir)
		cfg := drawConfig(rt)
		w := newWorld(t, filepath.Join(dir, "main.db"), cfg)
		w.policy = drawPolicy(rt)
		var keep []*sheet
		fill := func() {
			keep = nil
			for _, s := range cfg.Sources {
				sh := &sheet{header: modelHeader}
				for range rapid.IntRange(0, 6).Draw(rt, "rows") {
					sh.rows = append(sh.rows, drawRow(rt))
				}
				w.sheets[s.Name] = sh
				keep = append(keep, sh)
			}
		}
		store, err := crosswalk.Open(ctx, w.dsn, crosswalk.Options{Now: func() time.Time { return w.clock }})
		must := func(err error) {
			rt.Helper()
			if err != nil {
				rt.Fatal(err)
			}
		}
		must(err)
		defer store.Close()
		apply := func() (run int64, links []string) {
			_, err := applyIn(ctx, w, store)
			must(err)
			snap, err := store.Snapshot(ctx)
			must(err)
			run = snap.Head().Run
			must(snap.Close())
			links, err = numbersIn(ctx, store)
			must(err)
			return run, links
		}
		owners := map[string]string{} // canonical ID -> the source ID that founded with it
		check := func() {
			snap, err := store.Snapshot(ctx)
			must(err)
			defer snap.Close()
			for l, err := range snap.Links(ctx, crosswalk.Query{Live: true}) {
				must(err)
				if l.Rule != "new" && l.Rule != "as: keep" {
					continue
				}
				id := fmt.Sprint(l.Source, " ", l.Key)
				if was := owners[l.Canonical]; was != "" && was != id {
					rt.Fatalf("%s was that of %s and is given to %s", l.Canonical, was, id)
				}
				owners[l.Canonical] = id
			}
		}
		fill()
		run, first := apply()
		check()
		rows := keep
		undo := func() {
			if len(first) == 0 {
				return
			}
			_, _, err := undoIn(ctx, w, store, run)
			must(err)
		}
		undo()
		if rapid.Bool().Draw(rt, "something between") {
			fill()
			between, links := apply()
			check()
			if len(links) > 0 {
				_, _, err := undoIn(ctx, w, store, between)
				must(err)
			}
			for i, s := range cfg.Sources {
				w.sheets[s.Name] = rows[i]
			}
		}
		run, again := apply()
		check()
		if diff := cmp.Diff(first, again); diff != "" {
			rt.Fatalf("after undo and apply (-first +again):\n%s", diff)
		}
	})
}
