package migrate_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/verify"
	"github.com/xwalk-id/xwalk/rules"
)

// reconcile compares the sources with the crosswalk as they are.
func (w *world) reconcile() []plan.Reconciled {
	w.t.Helper()
	rs := w.ruleset()
	snap, _, done := w.view()
	defer done()
	all, err := plan.Reconcile(w.t.Context(), snap, rs, w.inputs(rs), w.options())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range all {
		if r.Read != r.Known+r.Missing+r.Returned+r.Retired+r.Held+r.Deleted+r.Rejected+r.Duplicates {
			w.t.Errorf("%s does not balance: %+v", r.Source, r)
		}
	}
	return all
}

// TestReconcile compares sources that went on with what the crosswalk knows of
// them.
func TestReconcile(t *testing.T) {
	t.Parallel()
	cfg := rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email", "name"), source("shop", "email")}}
	cfg.Sources[0].Also = []rules.Also{{Name: "card", ID: rules.IDRule{Columns: []string{"card"}}}}
	w := newWorld(t, "", cfg)
	w.policy.Retire = true
	w.sheets["crm"] = table("id,email,name,card\nC1,a@x,Ann,K1\nC2,b@x,Bob,K2\nC3,c@x,Cid,K3\nC4,d@x,Dan,\nC5,e@x,Eve,")
	w.sheets["shop"] = table("id,email\nS1,a@x\nS2,z@x")
	w.apply()
	agreed := []plan.Reconciled{
		{Source: "crm", Read: 5, Known: 5}, {Source: "crm.card", Read: 3, Known: 3}, {Source: "shop", Read: 2, Known: 2},
	}
	compare := func(what string, want []plan.Reconciled) {
		t.Helper()
		if diff := cmp.Diff(want, w.reconcile(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	compare("nothing moved", agreed)

	w.sheets["crm"] = table("id,email,name,card\nC1,a@x,Ann,K1\nC1,a@x,Ann,K1\nC2,b@x,Bobby,K2\nC4,d@x,Dan,K4\nC6,f@x,Fay,\n,g@x,Gus,\nC7,h@x,Hal,\nC7,i@x,Ida,")
	w.filters["shop"] = true
	w.sheets["shop"] = table("id,email\nS2,z@x")
	compare("the sources went on", []plan.Reconciled{
		{
			Source: "crm", Read: 8, Known: 3, Changed: 2, Missing: 1, Duplicates: 1, Rejected: 3, Extra: 2,
			Examples: map[string][]string{"changed": {"C2", "C4"}, "missing": {"C6"}, "extra": {"C3", "C5"}, "rejected": {"sheet:7", "C7", "C7"}},
		},
		{
			Source: "crm.card", Read: 3, Known: 2, Missing: 1, Extra: 1,
			Examples: map[string][]string{"missing": {"K4"}, "extra": {"K3"}},
		},
		{Source: "shop", Read: 1, Known: 1, Extra: 1, Filtered: true, Examples: map[string][]string{"extra": {"S1"}}},
	})
	w.filters["shop"] = false

	w.sheets["crm"] = table("id,email,name,card\nC1,a@x,Ann,K1\nC2,b@x,Bob,K2\nC3,c@x,Cid,K3\nC4,d@x,Dan,")
	w.sheets["shop"] = table("id,email\nS1,a@x\nS2,z@x")
	w.apply() // C5 ends
	w.sheets["crm"] = table("id,email,name,card\nC1,a@x,Ann,K1\nC2,b@x,Bob,K2\nC3,c@x,Cid,K3\nC4,d@x,Dan,\nC5,e@x,Eve,")
	w.cfg.Sources = w.cfg.Sources[:1]
	compare("a record is back and a source is taken out", []plan.Reconciled{
		{Source: "crm", Read: 5, Known: 4, Returned: 1, Examples: map[string][]string{"returned": {"C5"}}},
		{Source: "crm.card", Read: 3, Known: 3},
		{Source: "shop", Extra: 2, Orphan: true, Examples: map[string][]string{"extra": {"S1", "S2"}}},
	})
}

// verified checks the crosswalk.
func (w *world) verified() *verify.Report {
	w.t.Helper()
	store := w.open()
	defer store.Close()
	r, err := verify.Check(w.t.Context(), store, verify.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// TestVerifyCounts holds the crosswalk to what its last run said of it, and
// tells of decisions that wait.
func TestVerifyCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email")}})
	if r := w.verified(); !r.OK() || r.Run != 0 {
		t.Errorf("an empty crosswalk: %+v", r)
	}
	w.sheets["crm"] = table("id,email\nC1,a@x\nC2,a@x\nC3,b@x\nC4,c@x")
	w.apply()
	r := w.verified()
	if !r.OK() || r.Customers != 3 || r.Links != 4 || r.Waiting != 0 {
		t.Errorf("after the first run: %+v", r)
	}
	store := w.open()
	defer store.Close()
	key := func(id string) crosswalk.NamedKey { return crosswalk.NamedKey{Source: "crm", Key: id} }
	if err := store.Decide(t.Context(), []crosswalk.Decision{
		{Left: key("C3"), Right: key("C4"), Verdict: crosswalk.Same, Actor: "ann"},
		{Left: key("C1"), Right: key("C2"), Verdict: crosswalk.Same, Actor: "ann"},
		{Left: key("C1"), Right: key("C9"), Verdict: crosswalk.Different, Actor: "ann"},
	}, false); err != nil {
		t.Fatal(err)
	}
	if r := w.verified(); !r.OK() || r.Waiting != 1 {
		t.Errorf("with a decision that no run has carried out: %d waiting, %v", r.Waiting, r.Breaches)
	}
	w.apply()
	if r := w.verified(); !r.OK() || r.Waiting != 0 || r.Customers != 2 {
		t.Errorf("after it was carried out: %d waiting, %d customers, %v", r.Waiting, r.Customers, r.Breaches)
	}
}

// TestVerifyActs checks what runs of other kinds leave.
func TestVerifyActs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email")}})
	w.sheets["crm"] = table("id,email\nC1,a@x\nC2,b@x\nC3,c@x\nC4,d@x")
	w.apply()
	rs, o := w.ruleset(), w.options()
	o.Actor = "test"
	type act = func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error)
	undo := func(run int64) act {
		return func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return plan.Undo(ctx, snap, rs, run, o)
		}
	}
	for i, a := range []act{
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return plan.Merge(ctx, snap, rs, []string{"N-000001", "N-000002"}, "", false, o)
		},
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return plan.Merge(ctx, snap, rs, []string{"N-000001", "N-000003"}, "N-000003", false, o)
		},
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return plan.Split(ctx, snap, rs, "N-000003", []crosswalk.SourceKey{{Source: 1, Key: "C2"}}, "", o)
		},
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return plan.Renumber(ctx, snap, rs, "N-000004", "", o)
		},
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return plan.Retire(ctx, snap, rs, plan.Target{Number: "N-000003"}, o)
		},
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return plan.Restore(ctx, snap, rs, plan.Target{Number: "N-000003"}, o)
		},
		undo(7), undo(5), undo(2), undo(1),
	} {
		store := w.open()
		_, _, err := migrate.Run(t.Context(), store, migrate.Options{Actor: "test", Rules: rs.Digest()}, a)
		store.Close()
		if err != nil {
			t.Fatalf("act %d: %v", i+1, err)
		}
		if r := w.verified(); !r.OK() {
			t.Errorf("after act %d: %v", i+1, r.Breaches)
		}
	}
	w.apply()
	if r := w.verified(); !r.OK() {
		t.Errorf("applied again: %v", r.Breaches)
	}
}
