package migrate_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// rekey makes the keys of a source anew and returns what that did.
func (w *world) rekey(source string) *plan.Plan {
	w.t.Helper()
	store := w.open()
	defer store.Close()
	rs := w.ruleset()
	w.clock = w.clock.Add(time.Minute)
	p, _, err := migrate.Run(w.t.Context(), store, migrate.Options{Actor: "ann", Rules: rs.Digest(), Wait: w.wait},
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return plan.Rekey(ctx, snap, store.Snapshot, rs, source, w.options())
		})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

var upper = scheme.KeyRule{Case: "upper"}

// Links get the keys of the new rule and keep their numbers, look-ups by value
// find them, and the next run finds nothing to do.
func TestRekey(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn, rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email", "name"), source("shop", "email", "name")}})
		w.sheets["crm"] = table("id,email,name\nc1,a@x.example,Al\nC2,b@x.example,Bo\nc3,c@x.example,Cy")
		w.sheets["shop"] = table("id,email,name\nx,a@x.example,Al")
		w.apply()
		w.cfg.Sources[0].ID.Key = upper
		if _, err := w.dry(); err == nil || !strings.Contains(err.Error(), "xwalk rekey crm") {
			t.Fatalf("planning under another key rule gives %v", err)
		}
		p := w.rekey("crm")
		want := []plan.Rekeyed{{Space: "crm", Is: "case=upper", Links: 3, Rekeyed: 2}}
		if diff := cmp.Diff(want, p.Rekeyed); diff != "" {
			t.Errorf("what it did (-want +got):\n%s", diff)
		}
		expect(t, w, "crm C1=N-000002", "crm C2=N-000001", "crm C3=N-000003",
			"crm c1=N-000002 void", "crm c3=N-000003 void", "shop x=N-000002")
		snap, _, done := w.view()
		defer done()
		q := w.ruleset().Query("email", "a@x.example")
		keys, err := snap.ByIndex(t.Context(), q.Index, q.Hashes())
		if want := []crosswalk.SourceKey{{Source: 1, Key: "C1"}, {Source: 1, Key: "c1"}, {Source: 2, Key: "x"}}; err != nil || !cmp.Equal(want, keys) {
			t.Errorf("by e-mail: %v, %v", keys, err)
		}
		if p, err := w.dry(); err != nil || !p.Empty() {
			t.Errorf("after it: %v, %+v", err, p)
		}
		if p := w.rekey("crm"); !p.Empty() {
			t.Errorf("once more: %+v", p.Rekeyed)
		}
		// Back again.
		w.cfg.Sources[0].ID.Key = scheme.KeyRule{}
		w.rekey("crm")
		if p, err := w.dry(); err != nil || !p.Empty() {
			t.Errorf("with the rule as it was: %v, %+v", err, p)
		}
		expect(t, w, "crm C1=N-000002 void", "crm C2=N-000001", "crm C3=N-000003 void",
			"crm c1=N-000002", "crm c3=N-000003", "shop x=N-000002")
	})
}

// Where two customers' IDs get one key, the older link has it, both keep their
// numbers, and a person is asked.
func TestRekeyCollision(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email", "name")}})
	w.policy = plan.Policy{Retire: true, RetireAtMost: 1}
	w.sheets["crm"] = table("id,email,name\nc1,a@x.example,Al\nC2,b@x.example,Bo\nc2,b@x.example,Bo\nd4,d@x.example,Di")
	w.apply()
	w.sheets["crm"] = table("id,email,name\nc1,a@x.example,Al\nC1,z@x.example,Zoe\nC2,b@x.example,Bo\nc2,b@x.example,Bo\nd4,d@x.example,Di")
	w.apply()
	w.cfg.Sources[0].ID.Key = upper
	p := w.rekey("crm")
	want := []plan.Rekeyed{{Space: "crm", Is: "case=upper", Links: 5, Rekeyed: 1, Joined: 1, Collided: 1}}
	if diff := cmp.Diff(want, p.Rekeyed); diff != "" {
		t.Errorf("what it did (-want +got):\n%s", diff)
	}
	ends := []string{"crm C1=N-000004", "crm C2=N-000001", "crm D4=N-000003", "crm c1=N-000002", "crm c2=N-000001 void", "crm d4=N-000003 void"}
	expect(t, w, ends...)
	expectReviews(t, w, "crm C1, crm c1: rekey")
	for range 2 { // both records have one key now, which is for the source to mend
		p := w.apply()
		if p.Links != 0 || p.Totals.Rejected != 2 {
			t.Errorf("the next run writes %d links: %+v", p.Links, p.Rejects)
		}
		expect(t, w, ends...)
		expectReviews(t, w, "crm C1, crm c1: rekey")
	}
	w.say(crosswalk.Same, "crm C1", "crm c1", p.Reviews[0].ID)
	w.apply()
	expectReviews(t, w)
	snap, _, done := w.view()
	defer done()
	if n, _, err := snap.Number(t.Context(), "N-000004"); err != nil || n.Survivor != "N-000002" {
		t.Errorf("after a person says same: %+v, %v", n, err)
	}
}

// What people decided and are asked goes along, and the erased stay erased.
func TestRekeyCarriesOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email?name"), Sources: []rules.Source{source("crm", "email", "name")}})
	w.sheets["crm"] = table("id,email,name\nc1,a@x.example,Al\nc2,a@x.example,Bea\nc3,c@x.example,Cy\nc4,c@x.example,Dan\nc5,e@x.example,Ed")
	w.apply()
	expectReviews(t, w, "crm c1, crm c2: same: email, confirmed by name", "crm c3, crm c4: same: email, confirmed by name")
	w.say(crosswalk.Different, "crm c1", "crm c2", "")
	w.apply()
	w.mustErase("crm c5")
	w.cfg.Sources[0].ID.Key = upper
	w.rekey("crm")
	expectReviews(t, w, "crm C3, crm C4: same: email, confirmed by name")
	snap, _, done := w.view()
	defer done()
	said, err := snap.Decisions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	last := said[0]
	if last.Left.Key != "C1" || last.Right.Key != "C2" || last.Verdict != crosswalk.Different || last.Actor != "ann" || !strings.Contains(last.Reason, "rekey") {
		t.Errorf("decisions: %+v", said)
	}
	p := w.apply()
	if p.Links != 0 || len(p.Reviews)+len(p.Closed) != 0 || len(p.Rejects) != 1 || !strings.HasPrefix(p.Rejects[0].Reason, "erased on request") {
		t.Errorf("the next run: %d links, reviews %+v, closed %v, rejects %+v", p.Links, p.Reviews, p.Closed, p.Rejects)
	}
}
