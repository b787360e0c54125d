package migrate_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// act carries a steward's act out.
func (w *world) act(build func(context.Context, *crosswalk.Snapshot, *rules.Ruleset, plan.Options) (*plan.Plan, error)) *plan.Plan {
	w.t.Helper()
	store := w.open()
	defer store.Close()
	w.clock = w.clock.Add(time.Minute)
	rs := w.ruleset()
	p, _, err := migrate.Run(w.t.Context(), store, migrate.Options{Actor: "test", Rules: rs.Digest()},
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			o := w.options()
			o.Actor, o.Reason = "test", "why"
			return build(ctx, snap, rs, o)
		})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

type stewardAct = func(context.Context, *crosswalk.Snapshot, *rules.Ruleset, plan.Options) (*plan.Plan, error)

func mergeOf(numbers ...string) stewardAct {
	return func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		return plan.Merge(ctx, snap, rs, numbers, "", true, o)
	}
}

func splitOf(number string, links ...crosswalk.SourceKey) stewardAct {
	return func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		return plan.Split(ctx, snap, rs, number, links, "", o)
	}
}

func renumberOf(number string) stewardAct {
	return func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		return plan.Renumber(ctx, snap, rs, number, "", o)
	}
}

func retireOf(number string) stewardAct {
	return func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		return plan.Retire(ctx, snap, rs, plan.Target{Number: number}, o)
	}
}

func restoreOf(number string) stewardAct {
	return func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		return plan.Restore(ctx, snap, rs, plan.Target{Number: number}, o)
	}
}

// Every act of a steward can be undone: the export is what it was before, and
// the verdicts that the act recorded no longer hold. Undone one after the
// other, all acts leave what the first run made; and an act that is undone and
// redone is what it was.
func TestUndoOfActs(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := twoSources(t, dsn)
		w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al\nC2,b@x.example,Bo\nC3,c@x.example,Cy\nC4,d@x.example,Di")
		w.sheets["shop"] = table("id,email,name\n1,a@x.example,Al\n2,b@x.example,Bo")
		w.apply()
		first := w.export()
		acts := []stewardAct{
			mergeOf("N-000001", "N-000002"),
			mergeOf("N-000003", "N-000004"),
			mergeOf("N-000001", "N-000003"), // a chain
			splitOf("N-000001", crosswalk.SourceKey{Source: 2, Key: "1"}),
			renumberOf("N-000001"),
			retireOf("N-000006"),
			restoreOf("N-000006"),
			splitOf("N-000006", crosswalk.SourceKey{Source: 1, Key: "C3"}, crosswalk.SourceKey{Source: 1, Key: "C4"}),
		}
		for i, a := range acts {
			before := w.export()
			w.act(a)
			after, run := w.export(), w.head()
			w.undo(run)
			w.same(fmt.Sprintf("undo of act %d", i+1), before)
			w.undo(run + 1)
			w.same(fmt.Sprintf("redo of act %d", i+1), after)
			w.undo(run + 2)
			w.same(fmt.Sprintf("undo of the redo of act %d", i+1), before)
			w.undo(run + 3)
			w.same(fmt.Sprintf("redo of the redo of act %d", i+1), after)
		}
		for run := w.head(); run > 1; run-- {
			if (run-2)%5 == 0 {
				w.undo(run)
			}
		}
		w.same("all acts undone", first)
	})
}

// A customer that is split off, and that others joined since, stays: nobody is
// left alone with its number.
func TestUndoOfAnActThatOthersBuiltOn(t *testing.T) {
	t.Parallel()
	w := twoSources(t, "")
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al\nC2,b@x.example,Bo")
	w.sheets["shop"] = table("id,email,name\n1,a@x.example,Al")
	w.apply()
	w.act(renumberOf("N-000001"))
	w.sheets["shop"] = table("id,email,name\n1,a@x.example,Al\n2,a@x.example,Al")
	w.apply()
	want := w.links()
	p := w.undo(2)
	if diff := cmp.Diff(want, w.links()); diff != "" || len(p.Undo.Kept) != 3 {
		t.Errorf("after the undo (-want +got):\n%s\nkept %+v", diff, p.Undo.Kept)
	}
	w.undo(3)
	w.undo(2)
	if got := w.links(); !slices.Contains(got, "crm C1=N-000001") || !slices.Contains(got, "shop 2=N-000003 void") {
		t.Errorf("links are %q", got)
	}
}

// Redoing a merge that would lead in a circle fails, and says why; what can be
// reversed is.
func TestUndoThatWouldLeadInACircle(t *testing.T) {
	t.Parallel()
	w := twoSources(t, "")
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al\nC2,b@x.example,Bo\nC3,c@x.example,Cy")
	w.sheets["shop"] = table("id,email,name")
	w.apply()
	w.act(mergeOf("N-000001", "N-000002")) // 2: N-000002 means N-000001
	w.undo(2)                              // 3
	w.act(func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		return plan.Merge(ctx, snap, rs, []string{"N-000001", "N-000002"}, "N-000002", true, o) // 4: the other way round
	})
	want := w.export()
	p := w.undo(3)
	if len(p.Undo.Failed) != 1 || p.Undo.Failed[0].CanonicalID != "N-000002" {
		t.Errorf("failed is %+v", p.Undo.Failed)
	}
	w.same("after a redo that fails", want)
}

// That a number which a run merged was since merged further on is no change of
// it: the run can be undone, whatever was undone and redone in between.
func TestUndoOfNumbersThatWereMergedFurtherOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm", "name")}})
	w.sheets["crm"] = table("id,name\nC1,Al\nC2,Bo")
	w.apply()
	before := w.export()
	w.act(renumberOf("N-000002"))             // 2: means N-000003
	w.act(renumberOf("N-000003"))             // 3: and so N-000004
	for _, run := range []int64{2, 4, 3, 2} { // undone, redone, and both undone
		w.undo(run)
	}
	w.same("both undone", before)
}

// Canonical IDs that records carry and nobody issued are stepped over, also
// when the record is gone; a list may give them to those whose they are.
func TestNumbersThatRecordsCarry(t *testing.T) {
	t.Parallel()
	src := source("crm", "email", "canonical_id")
	w := newWorld(t, "", rules.Config{Sources: []rules.Source{src}})
	w.sheets["crm"] = table("id,email,canonical_id\nC1,a@x.example,N-000001\nC2,b@x.example,n-000003\nC3,c@x.example,not legal_")
	w.apply()
	expect(t, w, "crm C1=N-000002", "crm C2=N-000004", "crm C3=N-000005")
	if p := w.apply(); !p.Empty() {
		t.Errorf("a second run writes %+v", p.Numbers)
	}
	w.sheets["crm"] = table("id,email,canonical_id\nC4,d@x.example,\nC5,e@x.example,N-000006")
	w.apply()
	w.sheets["crm"] = table("id,email,canonical_id\nC6,f@x.example,")
	w.apply()
	if got := w.links(); !slices.Contains(got, "crm C4=N-000007") || !slices.Contains(got, "crm C5=N-000008") || !slices.Contains(got, "crm C6=N-000009") {
		t.Errorf("links are %q", got)
	}
	store := w.open()
	defer store.Close()
	p, err := giveIn(t.Context(), w, store, []plan.Given{{Source: "crm", SourceID: "C9", Canonical: "N-000001"}})
	if err != nil || p.Totals.Created != 1 {
		t.Errorf("a list cannot give a number that was only carried: %v, %+v", err, p.Rejects)
	}
}

// An import that was undone can be made again: the same source IDs have the
// same numbers.
func TestImportAgainAfterUndo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm", "email")}})
	w.sheets["crm"] = table("id,email")
	store := w.open()
	defer store.Close()
	list := []plan.Given{{Source: "crm", SourceID: "C1", Canonical: "OLD-1"}, {Source: "crm", SourceID: "C2", Canonical: "OLD-1"}}
	for range 2 {
		p, err := giveIn(t.Context(), w, store, list)
		if err != nil || len(p.Rejects) > 0 {
			t.Fatalf("%v, %+v", err, p.Rejects)
		}
		expect(t, w, "crm C1=OLD-1", "crm C2=OLD-1")
		w.undo(w.head())
	}
	p, err := giveIn(t.Context(), w, store, []plan.Given{{Source: "crm", SourceID: "C9", Canonical: "OLD-1"}})
	if err != nil || len(p.Rejects) != 1 {
		t.Errorf("a number that was another's is given to C9: %v, %+v", err, p.Totals)
	}
}
