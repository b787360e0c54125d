package migrate_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// say records a verdict on "crm C1" and "shop 7", as the answer to a review
// where review is not empty.
func (w *world) say(v crosswalk.Verdict, left, right, review string) {
	w.t.Helper()
	store := w.open()
	defer store.Close()
	named := func(text string) crosswalk.NamedKey {
		source, key, _ := strings.Cut(text, " ")
		return crosswalk.NamedKey{Source: source, Key: key}
	}
	d := crosswalk.Decision{Left: named(left), Right: named(right), Verdict: v, Review: review, Actor: "ann"}
	if err := store.Decide(w.t.Context(), []crosswalk.Decision{d}, true); err != nil {
		w.t.Fatal(err)
	}
}

// carryOut carries out what people decided.
func (w *world) carryOut() *plan.Plan {
	w.t.Helper()
	store := w.open()
	defer store.Close()
	rs := w.ruleset()
	w.clock = w.clock.Add(time.Minute)
	p, _, err := migrate.Run(w.t.Context(), store, migrate.Options{Actor: "ann", Rules: rs.Digest()},
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return plan.CarryOut(ctx, snap, rs, w.options())
		})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// reviews lists the open reviews as "crm C1, crm C2: rule".
func (w *world) reviews() (out []string) {
	w.t.Helper()
	snap, names, done := w.view()
	defer done()
	reviews, err := snap.Reviews(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range reviews {
		out = append(out, names[r.Left.Source]+" "+r.Left.Key+", "+names[r.Right.Source]+" "+r.Right.Key+": "+mapping.DecodeEvidence(r.Evidence)[0].Says)
	}
	if n := snap.Head().ReviewsOpen; n != int64(len(out)) {
		w.t.Fatalf("the head counts %d open reviews, and there are %q", n, out)
	}
	return out
}

func expectReviews(t *testing.T, w *world, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, w.reviews()); diff != "" {
		t.Fatalf("open reviews (-want +got):\n%s", diff)
	}
}

func doubtful(t *testing.T) *world {
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email?name"), Sources: []rules.Source{source("crm", "email", "name")}})
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al\nC2,a@x.example,Bea")
	return w
}

const doubt = "crm C1, crm C2: same: email, confirmed by name"

func TestVerdictOnRecordsThatNobodyHasRead(t *testing.T) {
	t.Parallel()
	w := doubtful(t)
	w.say(crosswalk.Same, "crm C8", "shop C9", "")
	if p := w.carryOut(); !p.Empty() {
		t.Errorf("it changes something: %+v", p)
	}
	w.apply()
	expectReviews(t, w, doubt)
}

// An answered review closes, also where its verdict has nothing to join or
// keep apart any more.
func TestAnsweredReviewOfAGoneRecord(t *testing.T) {
	t.Parallel()
	w := doubtful(t)
	w.policy.Retire = true
	w.apply()
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al")
	w.apply()
	expectReviews(t, w, doubt)
	w.say(crosswalk.Same, "crm C1", "crm C2", "")
	if p := w.apply(); p.Totals.ReviewsOpen != 0 {
		t.Errorf("%d reviews are open", p.Totals.ReviewsOpen)
	}
	expectReviews(t, w)
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al\nC2,a@x.example,Bea")
	w.apply()
	expectReviews(t, w)
}

// What joins two customers answers the reviews of all their records, also of
// those that the run does not read.
func TestReviewsOfRecordsThatAreNotRead(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(w *world) *plan.Plan{"carried out": (*world).carryOut, "applied": (*world).apply} {
		w := newWorld(t, "", rules.Config{
			Matching: true, Same: same("email?name", "ref"), Keep: rules.KeepNothing, Sources: []rules.Source{source("crm", "email", "name", "ref")},
		})
		w.sheets["crm"] = table("id,email,name,ref\nC1,a@x.example,Al,r1\nC2,a@x.example,Bea,r2\nC3,,,r1\nC4,,,r2")
		w.apply()
		expectReviews(t, w, doubt)
		w.sheets["crm"] = table("id,email,name,ref\nC3,,,r1\nC4,,,r2")
		w.say(crosswalk.Same, "crm C3", "crm C4", "")
		if p := run(w); p.Totals.Merged != 1 || p.Totals.ReviewsOpen != 0 {
			t.Errorf("%s: totals are %+v, want a merge and no open review", name, p.Totals)
		}
		expectReviews(t, w)
	}
}

// Verdicts that contradict each other keep apart, hold nothing back, and are
// told.
func TestContraryVerdicts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm", "name")}})
	w.policy.Reviews = "hold"
	w.sheets["crm"] = table("id,name\nC1,Al\nC2,Al\nC3,Al")
	w.say(crosswalk.Same, "crm C1", "crm C2", "")
	w.say(crosswalk.Same, "crm C2", "crm C3", "")
	w.say(crosswalk.Different, "crm C1", "crm C3", "")
	p := w.apply()
	expect(t, w, "crm C1=N-000001", "crm C2=N-000001", "crm C3=N-000002")
	expectReviews(t, w)
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "crm C2 (sheet:3) and crm C3 (sheet:4): ") || !strings.Contains(p.Notes[0], "stay two customers") {
		t.Errorf("notes are %q", p.Notes)
	}
}

// A verdict that is taken back is asked for again, whether the two are one
// customer by now or stayed two.
func TestVerdictTakenBack(t *testing.T) {
	t.Parallel()
	const reopened = "crm C1, crm C2: reopened"
	for _, v := range []crosswalk.Verdict{crosswalk.Same, crosswalk.Different} {
		w := doubtful(t)
		review := w.apply().Reviews[0].ID
		w.say(v, "crm C1", "crm C2", review)
		w.apply()
		expectReviews(t, w)
		w.say(crosswalk.Withdrawn, "crm C1", "crm C2", review)
		links := w.links()
		p := w.apply()
		if p.Totals.ReviewsOpen != 1 || len(p.Reviews) != 1 || p.Reviews[0].ID != review || !strings.Contains(p.Reviews[0].Evidence[1].Says, "name contradicts") {
			t.Errorf("%s: reviews are %+v", v, p.Reviews)
		}
		expectReviews(t, w, reopened)
		expect(t, w, links...)
		if p = w.apply(); !p.Empty() {
			t.Errorf("%s: a second run changes %+v", v, p)
		}
		w.say(v, "crm C1", "crm C2", review)
		w.apply()
		expectReviews(t, w)
		if p = w.apply(); !p.Empty() {
			t.Errorf("%s: the run after changes %+v", v, p)
		}
	}
}

// A verdict that is taken back before it was carried out leaves its review as
// it is.
func TestVerdictTakenBackAtOnce(t *testing.T) {
	t.Parallel()
	w := doubtful(t)
	review := w.apply().Reviews[0].ID
	w.say(crosswalk.Same, "crm C1", "crm C2", review)
	w.say(crosswalk.Withdrawn, "crm C1", "crm C2", review)
	if p := w.apply(); !p.Empty() {
		t.Errorf("the run changes %+v", p)
	}
	expectReviews(t, w, doubt)
}

// A plan is stale once somebody has decided against what it does, also where
// it names none of the two records.
func TestPlanThatIsDecidedAgainst(t *testing.T) {
	t.Parallel()
	start := func(verdicts ...crosswalk.Verdict) *world {
		w := doubtful(t)
		review := w.apply().Reviews[0].ID
		for _, v := range verdicts {
			w.say(v, "crm C1", "crm C2", review)
		}
		return w
	}
	for _, tc := range []struct {
		name       string
		verdicts   []crosswalk.Verdict // before the plan
		now        crosswalk.Verdict
		apart      string // the record that it is about, with C1
		merge, put bool   // it merges customers; it is applied
	}{
		{"a merge that is called wrong", []crosswalk.Verdict{crosswalk.Same}, crosswalk.Different, "crm C2", true, false},
		{"a merge that nobody asks for any more", []crosswalk.Verdict{crosswalk.Same}, crosswalk.Withdrawn, "crm C2", true, false},
		{"a review that closes and whose verdict is taken back", []crosswalk.Verdict{crosswalk.Different}, crosswalk.Withdrawn, "crm C2", false, false},
		{"a verdict on others", []crosswalk.Verdict{crosswalk.Same}, crosswalk.Different, "crm C9", true, true},
	} {
		w := start(tc.verdicts...)
		p, err := w.dry()
		if err != nil {
			t.Fatal(err)
		}
		if (len(p.Numbers) > 0) != tc.merge {
			t.Fatalf("%s: the plan merges %+v", tc.name, p.Numbers)
		}
		w.say(tc.now, "crm C1", tc.apart, "")
		store := w.open()
		_, err = migrate.Apply(t.Context(), store, p, migrate.Options{Actor: "test", Rules: p.Rules})
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		var stale *migrate.StaleError
		if errors.As(err, &stale) == tc.put {
			t.Errorf("%s: got %v", tc.name, err)
		}
	}
}

// The older number survives, also where the record that founded it is not
// read any more.
func TestOlderNumberOfAnUnreadRecordSurvives(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(w *world) *plan.Plan{"carried out": (*world).carryOut, "applied": (*world).apply} {
		w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Keep: rules.KeepNothing, Sources: []rules.Source{source("crm", "email")}})
		w.sheets["crm"] = table("id,email\nA,a@x.example")
		w.apply()
		w.sheets["crm"] = table("id,email\nA,a@x.example\nB,b@x.example")
		w.apply()
		w.sheets["crm"] = table("id,email\nA,a@x.example\nB,b@x.example\nC,a@x.example")
		w.apply()
		expect(t, w, "crm A=N-000001", "crm B=N-000002", "crm C=N-000001")
		w.sheets["crm"] = table("id,email\nB,b@x.example\nC,a@x.example")
		w.say(crosswalk.Same, "crm B", "crm C", "")
		p := run(w)
		if len(p.Numbers) != 1 || p.Numbers[0].Canonical != "N-000002" || p.Numbers[0].Survivor != "N-000001" {
			t.Errorf("%s: merges are %+v", name, p.Numbers)
		}
	}
}
