package migrate_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// same makes lines of match.same: "email" or "email?name" (confirmed by).
func same(lines ...string) (out []rules.Same) {
	for _, l := range lines {
		fields, confirm, _ := strings.Cut(l, "?")
		s := rules.Same{Fields: strings.Split(fields, "+")}
		if confirm != "" {
			s.Confirm = strings.Split(confirm, "+")
		}
		out = append(out, s)
	}
	return out
}

func expect(t *testing.T, w *world, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, w.links()); diff != "" {
		t.Fatalf("crosswalk (-want +got):\n%s", diff)
	}
}

func expectCounts(t *testing.T, p *plan.Plan, want mapping.Counts) {
	t.Helper()
	if diff := cmp.Diff(want, p.Totals.Counts); diff != "" {
		t.Fatalf("counts (-want +got):\n%s", diff)
	}
}

func twoSources(t *testing.T, dsn string) *world {
	return newWorld(t, dsn, rules.Config{
		Matching: true, Same: same("email"),
		Sources: []rules.Source{source("crm", "email", "name"), source("shop", "email", "name")},
	})
}

func TestNumbersFollowPrecedenceAndNaturalOrder(t *testing.T) {
	t.Parallel()
	w := twoSources(t, "")
	w.sheets["crm"] = table("id,email,name\nC10,a@x.example,Al\nC9,b@x.example,Bo")
	w.sheets["shop"] = table("id,email,name\n7,B@x.example,Bo\n8,c@x.example,Cy")
	p := w.apply()
	expect(t, w, "crm C10=N-000002", "crm C9=N-000001", "shop 7=N-000001", "shop 8=N-000003")
	expectCounts(t, p, mapping.Counts{Read: 4, Created: 3, Linked: 1})
	if p.Totals.Customers != 3 {
		t.Errorf("customers = %d, want 3", p.Totals.Customers)
	}

	again := w.apply()
	expectCounts(t, again, mapping.Counts{Read: 4, Unchanged: 4})
	if !again.Empty() || again.Totals.Customers != 3 {
		t.Errorf("a second run is not empty: %+v", again.Totals)
	}
}

func TestLaterRecordsJoinKnownCustomers(t *testing.T) {
	t.Parallel()
	w := twoSources(t, "")
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al")
	w.sheets["shop"] = table("id,email,name\n7,z@x.example,Zo")
	w.apply()
	w.sheets["shop"] = table("id,email,name\n6,a@x.example,Al\n7,z@x.example,Zoe\n9,n@x.example,Ny")
	p := w.apply()
	expect(t, w, "crm C1=N-000001", "shop 6=N-000001", "shop 7=N-000002", "shop 9=N-000003")
	expectCounts(t, p, mapping.Counts{Read: 4, Created: 1, Linked: 1, Unchanged: 1, Updated: 1})
}

// A customer whose record is not read any more is still found, by what the
// crosswalk remembers; with privacy.keep: nothing it is not.
func TestNewRecordsMatchWhatIsOnlyRemembered(t *testing.T) {
	t.Parallel()
	for keep, want := range map[rules.Keep]string{rules.KeepFields: "N-000001", rules.KeepKeys: "N-000001", rules.KeepNothing: "N-000002"} {
		w := twoSources(t, "")
		w.cfg.Keep = keep
		w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al")
		w.sheets["shop"] = table("id,email,name")
		w.apply()
		w.sheets["crm"] = table("id,email,name")
		w.sheets["shop"] = table("id,email,name\n6,a@x.example,Al")
		w.apply()
		expect(t, w, "crm C1=N-000001", "shop 6="+want)

		w = twoSources(t, "") // the same when the source leaves the file
		w.cfg.Keep = keep
		w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al")
		w.sheets["shop"] = table("id,email,name")
		w.apply()
		w.cfg.Sources = w.cfg.Sources[1:]
		w.sheets["shop"] = table("id,email,name\n6,a@x.example,Al")
		w.apply()
		expect(t, w, "crm C1=N-000001", "shop 6="+want)
	}
}

func TestRowOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	rows := []string{"C1,a@x.example,Al", "C2,a@x.example,Al", "C3,b@x.example,Bo", "C3,b@x.example,Bo", "C 4,c@x.example,Cy", "c4,c@x.example,Cy"}
	var want []string
	for i := range rows {
		w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email", "name")}})
		w.sheets["crm"] = table("id,email,name\n" + strings.Join(slices.Concat(rows[i:], rows[:i]), "\n"))
		w.apply()
		if want == nil {
			want = w.links()
		}
		expect(t, w, want...)
	}
}

func TestRepeatedIDs(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, rows string
		counts     mapping.Counts
		links      []string
		reasons    []string
	}{
		{"equal rows count once more as unchanged", "1,a,2026-01-01\n1,a,2026-01-01\n 1,a,2026-01-01", mapping.Counts{Read: 3, Created: 1, Unchanged: 2}, []string{"crm 1=N-000001"}, nil},
		{"the newest row wins", "1,a,2026-01-01\n1,b,2026-01-02\n2,z,", mapping.Counts{Read: 3, Created: 2, Rejected: 1}, []string{"crm 1=N-000001", "crm 2=N-000002"}, []string{"newest"}},
		{"nothing tells which is newest", "1,a,2026-01-01\n1,b,2026-01-01", mapping.Counts{Read: 2, Rejected: 2}, nil, []string{"nothing tells", "nothing tells"}},
		{"a row without a date decides nothing", "1,a,2026-01-01\n1,b,", mapping.Counts{Read: 2, Rejected: 2}, nil, []string{"nothing tells", "nothing tells"}},
		{"three rows, two of them newest", "1,a,2026-01-01\n1,b,2026-01-02\n1,c,2026-01-02", mapping.Counts{Read: 3, Rejected: 3}, nil, []string{"nothing tells", "nothing tells", "nothing tells"}},
		{"keys decide what is one ID", "１,a,\n1,a,", mapping.Counts{Read: 2, Created: 1, Unchanged: 1}, []string{"crm 1=N-000001"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm", "modified", "name")}})
			w.sheets["crm"] = table("id,name,modified\n" + tc.rows)
			p := w.apply()
			expectCounts(t, p, tc.counts)
			expect(t, w, tc.links...)
			for i, r := range tc.reasons {
				if i >= len(p.Rejects) || !strings.Contains(p.Rejects[i].Reason, r) {
					t.Errorf("rejects are %+v, want reasons %q", p.Rejects, tc.reasons)
				}
			}
		})
	}
}

// An ID that becomes undecidable keeps the link that it had.
func TestRepeatedIDKeepsItsLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm", "name")}})
	w.policy.Retire = true
	w.sheets["crm"] = table("id,name\n1,a\n2,b")
	w.apply()
	w.sheets["crm"] = table("id,name\n1,x\n1,y\n2,b")
	p := w.apply()
	expectCounts(t, p, mapping.Counts{Read: 3, Unchanged: 1, Rejected: 2})
	expect(t, w, "crm 1=N-000001", "crm 2=N-000002")
}

func TestRecordsInDoubt(t *testing.T) {
	t.Parallel()
	family := "id,email,name\nC1,a@x.example,Al\nC2,a@x.example,Bea\nC3,c@x.example,Cy"
	for _, tc := range []struct {
		reviews string
		links   []string
		counts  mapping.Counts
		again   mapping.Counts
	}{
		{"issue", []string{"crm C1=N-000001", "crm C2=N-000002", "crm C3=N-000003"}, mapping.Counts{Read: 3, Created: 3}, mapping.Counts{Read: 3, Unchanged: 3}},
		{"hold", []string{"crm C1=N-000001", "crm C2= held", "crm C3=N-000002"}, mapping.Counts{Read: 3, Created: 2, Review: 1}, mapping.Counts{Read: 3, Unchanged: 2, Review: 1}},
	} {
		w := newWorld(t, "", rules.Config{Matching: true, Same: same("email?name"), Sources: []rules.Source{source("crm", "email", "name")}})
		w.policy.Reviews = tc.reviews
		w.sheets["crm"] = table(family)
		p := w.apply()
		expectCounts(t, p, tc.counts)
		expect(t, w, tc.links...)
		if p.Totals.ReviewsOpen != 1 || len(p.Reviews) != 1 || p.Reviews[0].Left.SourceID != "C1" || p.Reviews[0].Right.SourceID != "C2" {
			t.Fatalf("%s: reviews are %+v, %d open", tc.reviews, p.Reviews, p.Totals.ReviewsOpen)
		}
		if got := p.Reviews[0].Right.Fields["name"]; !cmp.Equal(got, []string{"Bea"}) {
			t.Errorf("the review shows the names %v", got)
		}
		again := w.apply()
		expectCounts(t, again, tc.again)
		if !again.Empty() || again.Totals.ReviewsOpen != 1 {
			t.Errorf("%s: a second run is not empty: %+v", tc.reviews, again.Totals)
		}
	}
}

// A held record that is in doubt no longer gets its number, and its review
// closes.
func TestHeldRecordIsReleased(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email?name"), Sources: []rules.Source{source("crm", "email", "name")}})
	w.policy.Reviews = "hold"
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al\nC2,a@x.example,Bea")
	w.apply()
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al\nC2,bea@x.example,Bea")
	p := w.apply()
	expectCounts(t, p, mapping.Counts{Read: 2, Created: 1, Unchanged: 1})
	expect(t, w, "crm C1=N-000001", "crm C2=N-000002")
	if p.Totals.ReviewsOpen != 0 {
		t.Errorf("%d reviews stay open", p.Totals.ReviewsOpen)
	}
}

func TestRecordThatFitsTwoCustomers(t *testing.T) {
	t.Parallel()
	start := func(merges string) *world {
		w := newWorld(t, "", rules.Config{Matching: true, Same: same("email", "phone"), Sources: []rules.Source{source("crm", "email", "phone")}})
		w.policy.Merges = merges
		w.sheets["crm"] = table("id,email,phone\nC1,a@x.example,\nC2,,+8613912784406")
		w.apply()
		w.sheets["crm"].rows = append(w.sheets["crm"].rows, []string{"C3", "a@x.example", "+8613912784406"})
		return w
	}
	w := start("review")
	p := w.apply()
	expectCounts(t, p, mapping.Counts{Read: 3, Created: 1, Unchanged: 2})
	expect(t, w, "crm C1=N-000001", "crm C2=N-000002", "crm C3=N-000003")
	if len(p.Reviews) != 2 {
		t.Errorf("%d reviews, want one with each customer", len(p.Reviews))
	}

	w = start("auto")
	p = w.apply()
	expectCounts(t, p, mapping.Counts{Read: 3, Linked: 1, Unchanged: 2})
	expect(t, w, "crm C1=N-000001", "crm C2=N-000002", "crm C3=N-000001")
	if p.Totals.Merged != 1 || p.Totals.Customers != 1 {
		t.Errorf("totals after a merge: %+v", p.Totals)
	}
	w.sheets["crm"].rows = append(w.sheets["crm"].rows, []string{"C4", "", "+8613912784406"})
	p = w.apply()
	expect(t, w, "crm C1=N-000001", "crm C2=N-000002", "crm C3=N-000001", "crm C4=N-000001")
	if p.Totals.Customers != 1 {
		t.Errorf("customers = %d, want 1", p.Totals.Customers)
	}
}

// A review closes when both its records have come to belong to one customer.
func TestReviewThatAnswersItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email?name"), Sources: []rules.Source{source("crm", "email", "name")}})
	w.policy.Merges = "auto"
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al\nC2,a@x.example,Bea")
	w.apply()
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al\nC2,a@x.example,Al")
	p := w.apply()
	if p.Totals.Merged != 1 || p.Totals.ReviewsOpen != 0 {
		t.Errorf("totals are %+v, want one merge and no open review", p.Totals)
	}
	if p = w.apply(); !p.Empty() {
		t.Errorf("a second run changes %d links", p.Links)
	}
}

// Edited rules re-decide nothing that is decided.
func TestEditedRulesDecideNothingAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm", "email")}})
	w.sheets["crm"] = table("id,email\nC1,a@x.example\nC2,a@x.example")
	w.apply()
	w.cfg.Matching, w.cfg.Same, w.policy.Merges = true, same("email"), "auto"
	p := w.apply()
	expectCounts(t, p, mapping.Counts{Read: 2, Unchanged: 2})
	w.cfg.Sources = []rules.Source{source("crm", "email", "name")}
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al\nC2,a@x.example,Al")
	p = w.apply()
	expectCounts(t, p, mapping.Counts{Read: 2, Updated: 2})
	expect(t, w, "crm C1=N-000001", "crm C2=N-000002")
	if len(p.Notes) == 0 {
		t.Error("nothing is said about the new shape of the source")
	}
}

func TestAlsoNumbers(t *testing.T) {
	t.Parallel()
	src := source("crm", "email")
	src.Also = []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code"}}}}
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{src}})
	w.sheets["crm"] = table("id,email,code\nC1,a@x.example,K1\nC2,b@x.example,K2\nC3,a@x.example,K1\nC4,d@x.example,\nC5,e@x.example,K2")
	p := w.apply()
	expect(t, w, "crm C1=N-000001", "crm C2=N-000002", "crm C3=N-000001", "crm C4=N-000003", "crm C5=N-000004",
		"crm.code K1=N-000001", "crm.code K2= contested")
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "K2") {
		t.Errorf("notes are %q", p.Notes)
	}
	if p = w.apply(); !p.Empty() {
		t.Errorf("a second run changes %d links", p.Links)
	}
	w.sheets["crm"].rows[1][2] = "K3" // C2 gives K2 up, so that only C5 holds it
	w.apply()
	if got := w.links(); !slices.Contains(got, "crm.code K2=N-000004") || !slices.Contains(got, "crm.code K3=N-000002") {
		t.Errorf("links are %q", got)
	}
	w.sheets["crm"].rows[0][2], w.sheets["crm"].rows[2][2], w.sheets["crm"].rows[3][2] = "", "", "K1"
	p = w.apply()
	if got := w.links(); !slices.Contains(got, "crm.code K1=N-000001") || len(p.Notes) == 0 {
		t.Errorf("a number moved by itself: %q, notes %q", got, p.Notes)
	}
}

func TestKeptNumbers(t *testing.T) {
	t.Parallel()
	a, b := source("a", "email"), source("b", "email")
	a.As, b.As = "keep", "keep"
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{a, b}})
	w.sheets["a"] = table("id,email\nN-000002,a@x.example\nk_1,b@x.example\nK-7,c@x.example")
	w.sheets["b"] = table("id,email\nK-7,d@x.example\nK-8,a@x.example\nK-9,z@x.example")
	p := w.apply()
	expect(t, w, "a K-7=K-7", "a N-000002=N-000002", "a k_1=N-000001", "b K-7=N-000003", "b K-8=N-000002", "b K-9=K-9")
	if len(p.Notes) != 3 || !strings.Contains(p.Notes[2], "1 number was stepped over") {
		t.Errorf("notes are %q, want one for k_1, one for b's K-7 and one for the number stepped over", p.Notes)
	}
}

func TestReservedRangesAndCapacity(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{
		Canonical: rules.Canonical{Scheme: "N{next:2}", Start: 90, Reserved: []rules.Range{{From: 91, To: 92}}},
		Sources:   []rules.Source{source("crm")},
	})
	w.sheets["crm"] = table("id\n1\n2\n3")
	if p := w.apply(); len(p.Notes) != 0 {
		t.Errorf("notes are %q: three of eight numbers alarm nobody", p.Notes)
	}
	expect(t, w, "crm 1=N90", "crm 2=N93", "crm 3=N94")
	w.sheets["crm"] = table("id\n1\n2\n3\n4\n5\n6\n7")
	if p := w.apply(); len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "87% of the numbers of N{next:2} are used (7 of 8)") {
		t.Errorf("notes are %q, want an alarm", p.Notes)
	}
	w.sheets["crm"] = table("id\n1\n2\n3\n4\n5\n6\n7\n8\n9")
	_, _, err := w.try()
	var full *plan.CapacityError
	if !errors.As(err, &full) {
		t.Fatalf("a full scheme gives %v", err)
	}
	if full.Capacity != 8 || full.Left != 1 || full.Wanted != 2 {
		t.Errorf("a full scheme gives %+v", full)
	}
	expect(t, w, "crm 1=N90", "crm 2=N93", "crm 3=N94", "crm 4=N95", "crm 5=N96", "crm 6=N97", "crm 7=N98")
}

func TestCanonicalIDsThatRecordsCarry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm", "name"), source("target", "canonical_id", "name")}})
	w.sheets["crm"] = table("id,name\n1,Al\n2,Bo")
	w.sheets["target"] = table("id,canonical_id,name")
	w.apply()
	w.sheets["target"] = table("id,canonical_id,name\nT1,n-000002,Bo\nT2,N-000099,Xi\nT3,,Cy")
	p := w.apply()
	expect(t, w, "crm 1=N-000001", "crm 2=N-000002", "target T1=N-000002", "target T2=N-000003", "target T3=N-000004")
	expectCounts(t, p, mapping.Counts{Read: 5, Created: 2, Linked: 1, Unchanged: 2})
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "N-000099") {
		t.Errorf("notes are %q", p.Notes)
	}
	w.sheets["target"].rows[2][1] = "N-000001" // linked to another customer: stays
	p = w.apply()
	expectCounts(t, p, mapping.Counts{Read: 5, Unchanged: 4, Updated: 1})
	if len(p.Notes) != 1 {
		t.Errorf("notes are %q", p.Notes)
	}
}

func TestVanishedRecords(t *testing.T) {
	t.Parallel()
	src := source("crm", "email")
	src.Also = []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code"}}}}
	start := func() *world {
		w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{src}})
		w.sheets["crm"] = table("id,email,code\nC1,a@x.example,K1\nC2,b@x.example,K2\nC3,b@x.example,K3")
		w.apply()
		w.sheets["crm"] = table("id,email,code\nC2,b@x.example,K2")
		return w
	}
	w := start() // the default: they stay
	if p := w.apply(); !p.Empty() {
		t.Errorf("vanished records changed %d links", p.Links)
	}
	w = start()
	w.policy.Retire, w.filters["crm"] = true, true // out of the filter is not vanished
	if p := w.apply(); !p.Empty() {
		t.Errorf("filtered records changed %d links", p.Links)
	}
	w = start()
	w.policy.Retire, w.policy.RetireAtMost = true, 0.5
	var guard *plan.GuardError
	if _, _, err := w.try(); !errors.As(err, &guard) {
		t.Errorf("two of three vanished gives %v, want a guard", err)
	}
	w.allow = []string{"vanished"}
	p := w.apply()
	expectCounts(t, p, mapping.Counts{Read: 1, Unchanged: 1, Retired: 2})
	if p.Totals.Customers != 1 {
		t.Errorf("customers = %d, want 1: C3's still has C2", p.Totals.Customers)
	}
	expect(t, w, "crm C1=N-000001 retired", "crm C2=N-000002", "crm C3=N-000002 retired",
		"crm.code K1=N-000001 retired", "crm.code K2=N-000002", "crm.code K3=N-000002 retired")
	w.sheets["crm"] = table("id,email,code\nC1,a@x.example,K1\nC2,b@x.example,K2")
	p = w.apply()
	expect(t, w, "crm C1=N-000001", "crm C2=N-000002", "crm C3=N-000002 retired",
		"crm.code K1=N-000001", "crm.code K2=N-000002", "crm.code K3=N-000002 retired")
	if p.Totals.Customers != 2 {
		t.Errorf("customers = %d after one came back, want 2", p.Totals.Customers)
	}
}

func TestGuards(t *testing.T) {
	t.Parallel()
	for guard, g := range map[string]plan.Guard{"joined": {Joined: 0.3}, "rejected": {Rejected: 0.1}, "cluster": {Cluster: 2}} {
		w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email")}})
		w.policy.Guard = g
		w.sheets["crm"] = table("id,email\n1,a@x.example\n2,a@x.example\n3,a@x.example\n,b@x.example")
		var err *plan.GuardError
		if _, _, got := w.try(); !errors.As(got, &err) || err.Guard != guard {
			t.Errorf("guard %s: got %v", guard, got)
		}
		expect(t, w)
		w.allow = []string{guard}
		w.apply()
	}
}

func TestKeyRuleIsFixedBySources(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm")}})
	w.sheets["crm"] = table("id\nc1\nC1")
	w.apply()
	expect(t, w, "crm C1=N-000001", "crm c1=N-000002")
	w.cfg.Sources[0].ID.Key.Case = "upper"
	var err *plan.KeyRuleError
	if _, _, got := w.try(); !errors.As(got, &err) {
		t.Errorf("another key rule gives %v", got)
	}
}

func TestDifferKeepsApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Differ: []string{"tax_id"}, Sources: []rules.Source{source("crm", "email", "tax_id")}})
	w.sheets["crm"] = table("id,email,tax_id\n1,a@x.example,91110000600037341L\n2,a@x.example,91350211M000100Y43\n3,b@x.example,")
	p := w.apply()
	expectCounts(t, p, mapping.Counts{Read: 3, Created: 3})
	if len(p.Reviews) != 0 {
		t.Errorf("reviews are %+v", p.Reviews)
	}
}

func TestManyRecordsInManyBatches(t *testing.T) {
	t.Parallel()
	w := twoSources(t, "")
	crm, shop := &sheet{header: []string{"id", "email", "name"}}, &sheet{header: []string{"id", "email", "name"}}
	const n = 30_000
	for i := range n {
		crm.rows = append(crm.rows, []string{fmt.Sprintf("C%d", n-i), fmt.Sprintf("p%d@x.example", n-i), "P"})
		if i%10 == 0 {
			shop.rows = append(shop.rows, []string{fmt.Sprint(i), fmt.Sprintf("P%d@x.example", n-i), "P"})
		}
	}
	w.sheets["crm"], w.sheets["shop"] = crm, shop
	p := w.apply()
	expectCounts(t, p, mapping.Counts{Read: n + n/10, Created: n, Linked: n / 10})
	links := w.links()
	for _, want := range []string{"crm C1=N-000001", fmt.Sprintf("crm C%d=N-%06d", n, n), fmt.Sprintf("shop 0=N-%06d", n)} {
		if !slices.Contains(links, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if p := w.apply(); !p.Empty() {
		t.Errorf("a second run changes %d links", p.Links)
	}
}
