package migrate_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// customersAlive counts from the links who a source ID resolves to.
func (w *world) customersAlive() int64 {
	w.t.Helper()
	store := w.open()
	defer store.Close()
	snap, err := store.Snapshot(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	defer snap.Close()
	survivors := map[string]string{}
	for n, err := range snap.Merged(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		survivors[n.Canonical] = n.Survivor
	}
	alive := map[string]bool{}
	for l, err := range snap.Links(w.t.Context(), crosswalk.Query{Live: true}) {
		if err != nil {
			w.t.Fatal(err)
		}
		id := l.Canonical
		if s, ok := survivors[id]; ok {
			id = s
		}
		alive[id] = true
	}
	return int64(len(alive))
}

func expectCustomers(t *testing.T, w *world, p *plan.Plan, want int64) {
	t.Helper()
	if got := w.customersAlive(); got != want {
		t.Errorf("%d customers have live links, want %d", got, want)
	}
	if p.Totals.Customers != want {
		t.Errorf("the run says %d customers, want %d", p.Totals.Customers, want)
	}
}

// What a repeated ID comes to does not depend on the order of its rows.
func TestRepeatedIDInAnyOrder(t *testing.T) {
	t.Parallel()
	rows := []string{"1,a,2026-01-01", "1,b,2026-01-01", "1,c,2026-01-02"}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {2, 0, 1}, {1, 2, 0}} {
		w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm", "modified", "name")}})
		text := "id,name,modified"
		for _, i := range order {
			text += "\n" + rows[i]
		}
		w.sheets["crm"] = table(text)
		p := w.apply()
		if diff := cmp.Diff(mapping.Counts{Read: 3, Created: 1, Rejected: 2}, p.Totals.Counts); diff != "" {
			t.Errorf("order %v (-want +got):\n%s", order, diff)
		}
	}
}

// A customer whose record is rejected in this run is still known.
func TestRejectedRecordsAreStillMatched(t *testing.T) {
	t.Parallel()
	w := twoSources(t, "")
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al")
	w.sheets["shop"] = table("id,email,name")
	w.apply()
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al\nC1,a@x.example,Bo")
	w.sheets["shop"] = table("id,email,name\n6,a@x.example,Al")
	w.apply()
	expect(t, w, "crm C1=N-000001", "shop 6=N-000001")
}

// Records that change after the fields of their source were mapped otherwise
// are matched again, once the new mapping is known.
func TestMappingChangesOnce(t *testing.T) {
	t.Parallel()
	w := twoSources(t, "")
	w.cfg.Sources[1] = source("shop", "email")
	w.policy.Merges = "auto"
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al")
	w.sheets["shop"] = table("id,email,name\n7,z@x.example,Zo")
	w.apply()
	w.cfg.Sources[1] = source("shop", "email", "name")
	w.give("crm C5 OLD-5") // reads no source
	if p := w.apply(); len(p.Notes) != 1 {
		t.Errorf("notes are %q, want one for the new mapping", p.Notes)
	}
	w.sheets["shop"] = table("id,email,name\n7,a@x.example,Al")
	p := w.apply()
	if p.Totals.Merged != 1 {
		t.Errorf("a record that changed after the mapping did is not matched: %+v", p.Totals)
	}
}

// A review is of two records, whichever of them comes first this time.
func TestReviewIsRaisedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email?name"), Sources: []rules.Source{source("crm", "email", "name"), source("shop", "email", "name")}})
	w.policy.Reviews = "hold"
	w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al")
	w.sheets["shop"] = table("id,email,name\n6,a@x.example,Bo")
	w.apply()
	w.sheets["crm"] = table("id,email,name") // C1 is only remembered now
	p := w.apply()
	if !p.Empty() || p.Totals.ReviewsOpen != 1 {
		t.Errorf("reviews are raised again: %+v, %d open", p.Reviews, p.Totals.ReviewsOpen)
	}
}

func TestRestoredRecordThatMerges(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"C1", "C2"} {
		w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email")}})
		w.policy = plan.Policy{Merges: "auto", Retire: true, RetireAtMost: 1}
		w.sheets["crm"] = table("id,email\nC1,a@x.example\nC2,b@x.example")
		w.apply()
		other := map[string]string{"C1": "C2,b@x.example", "C2": "C1,a@x.example"}[first]
		w.sheets["crm"] = table("id,email\n" + other)
		expectCustomers(t, w, w.apply(), 1)
		w.sheets["crm"] = table("id,email\n" + other + "\n" + first + other[2:])
		p := w.apply()
		if p.Totals.Merged != 1 {
			t.Fatalf("no merge: %+v", p.Totals)
		}
		expectCustomers(t, w, p, 1)
	}
}

// A customer that was merged lives on in the links of its old number.
func TestSurvivorWithoutLinksOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email")}})
	w.policy = plan.Policy{Merges: "auto", Retire: true, RetireAtMost: 1}
	w.sheets["crm"] = table("id,email\nC1,a@x.example\nC2,b@x.example")
	w.apply()
	w.sheets["crm"] = table("id,email\nC1,a@x.example\nC2,a@x.example")
	expectCustomers(t, w, w.apply(), 1)
	w.sheets["crm"] = table("id,email\nC2,a@x.example") // C1=N-000001, the survivor, goes
	expectCustomers(t, w, w.apply(), 1)

	w.cfg.Sources = append(w.cfg.Sources, source("target", "canonical_id"))
	w.sheets["target"] = table("id,canonical_id\nT1,N-000001\nT2,N-000002")
	w.apply()
	expect(t, w, "crm C1=N-000001 retired", "crm C2=N-000002", "target T1=N-000001", "target T2=N-000001")
}

// An also number whose record was rejected does not end with another record
// of its customer.
func TestAlsoNumberOfARejectedRecord(t *testing.T) {
	t.Parallel()
	src := source("crm", "email")
	src.Also = []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code"}}}}
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{src}})
	w.policy.Retire = true
	w.sheets["crm"] = table("id,email,code\nC1,a@x.example,K1\nC2,a@x.example,K2")
	w.apply()
	w.sheets["crm"] = table("id,email,code\nC2,a@x.example,K2\nC2,b@x.example,K2")
	w.apply()
	expect(t, w, "crm C1=N-000001 retired", "crm C2=N-000001", "crm.code K1=N-000001", "crm.code K2=N-000001")
}

// broken is a reading some of whose rows are record errors.
type broken struct {
	reading
	row int
	id  string
}

func (b broken) Records(ctx context.Context) iter.Seq2[mapping.Record, error] {
	return func(yield func(mapping.Record, error) bool) {
		n := 0
		for r, err := range b.reading.Records(ctx) {
			if n++; n == b.row {
				r, err = mapping.Record{}, &mapping.RecordError{Place: r.Place, SourceID: b.id, Reason: "the row has 3 fields instead of 2"}
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// Absence counts only after a full read: a row that could not be read may be
// any of those that are missing.
func TestUnreadableRowsRetireNothing(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "C2"} {
		w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm", "email")}})
		w.policy.Retire = true
		w.sheets["crm"] = table("id,email\nC1,a@x.example\nC2,b@x.example")
		w.apply()
		rs := w.ruleset()
		_, _, err := w.runWith(rs, []plan.Input{{Name: "crm", Source: broken{reading{w.sheets["crm"], rs.Columns(0)}, 2, id}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := w.links(); !slices.Equal(got, []string{"crm C1=N-000001", "crm C2=N-000002"}) {
			t.Errorf("with the ID %q: %q", id, got)
		}
	}
}

// Two schemes can write one number; it is issued once.
func TestSchemesThatWriteOneNumber(t *testing.T) {
	t.Parallel()
	for _, tc := range [][2]string{{"C{next:2}{check:luhn}", "C{next:3}"}, {"N{next:2}", "N1{next:1}"}} {
		a, b := source("a"), source("b")
		b.As = tc[1]
		w := newWorld(t, "", rules.Config{Canonical: rules.Canonical{Scheme: tc[0]}, Sources: []rules.Source{a, b}})
		text := "id"
		for i := range 14 {
			text += fmt.Sprintf("\n%d", i+1)
		}
		w.sheets["a"] = table(text)
		w.sheets["b"] = table("id\n1\n2\n3\n4")
		w.apply()
		seen := map[string]string{}
		for _, l := range w.links() {
			id, number, _ := strings.Cut(l, "=")
			if other, twice := seen[number]; twice {
				t.Errorf("%s and %s: %s and %s have both %s", tc[0], tc[1], other, id, number)
			}
			seen[number] = id
		}
	}
}

// The link of an also number does not depend on the order of the rows.
func TestAlsoNumberInAnyOrder(t *testing.T) {
	t.Parallel()
	src := source("crm", "email")
	src.Also = []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code"}}}}
	for _, rows := range []string{"C1,a@x.example,K\nC2,a@x.example,K", "C2,a@x.example,K\nC1,a@x.example,K"} {
		w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{src}})
		w.policy.Merges = "auto"
		w.sheets["crm"] = table("id,email,code\nC1,a@x.example,\nC2,b@x.example,")
		w.apply()
		w.sheets["crm"] = table("id,email,code\n" + rows)
		w.apply()
		expect(t, w, "crm C1=N-000001", "crm C2=N-000002", "crm.code K=N-000001")
	}
}

// Only sources that were read count as read.
func TestSourcesReadInFull(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm"), source("shop"), source("old")}})
	for _, name := range []string{"crm", "shop", "old"} {
		w.sheets[name] = table("id\n1")
	}
	w.apply()
	w.cfg.Sources = w.cfg.Sources[:2]
	w.filters["shop"] = true
	w.apply()
	w.give("crm 2 OLD-2")
	store := w.open()
	defer store.Close()
	snap, err := store.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	sources, err := snap.Sources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, s := range sources {
		got[s.Name] = s.SeenRun
	}
	if diff := cmp.Diff(map[string]int64{"crm": 2, "shop": 1, "old": 1}, got); diff != "" {
		t.Errorf("the last full read (-want +got):\n%s", diff)
	}
}

// Some systems write "for ever" as the year 9999, or an unknown time as the
// year 1.
func TestRepeatedIDsOfDistantYears(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm", "modified", "name")}})
	w.sheets["crm"] = table("id,name,modified\n1,a,2026-01-01\n1,b,9999-12-31\n2,a,2026-01-01\n2,b,1600-01-01")
	p := w.apply()
	expectCounts(t, p, mapping.Counts{Read: 4, Created: 2, Rejected: 2})
	if !strings.HasSuffix(p.Rejects[0].Reason, ":3") || !strings.HasSuffix(p.Rejects[1].Reason, ":4") {
		t.Errorf("rejects are %+v", p.Rejects)
	}
}

// A record that carries a number that was merged away belongs to the
// survivor, whose records it may also agree with.
func TestRecordsThatCarryMergedNumbers(t *testing.T) {
	t.Parallel()
	for _, merges := range []string{"auto", "review"} {
		w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email"), source("target", "canonical_id", "email")}})
		w.policy.Merges = "auto"
		w.sheets["crm"] = table("id,email\nC1,a@x.example\nC2,b@x.example")
		w.sheets["target"] = table("id,canonical_id,email")
		w.apply()
		w.sheets["crm"] = table("id,email\nC1,a@x.example\nC2,a@x.example")
		w.apply()
		w.policy.Merges = merges
		w.sheets["target"] = table("id,canonical_id,email\nT1,N-000002,a@x.example\nT2,N-000002,")
		p := w.apply()
		expect(t, w, "crm C1=N-000001", "crm C2=N-000002", "target T1=N-000001", "target T2=N-000001")
		expectCustomers(t, w, p, 1)
		if p.Totals.Merged != 0 || len(p.Reviews) != 0 {
			t.Errorf("merges %s: %+v", merges, p.Totals)
		}
	}
}

// The changes name the merges of a run, also after it, and not those of
// earlier runs whose survivor it merges.
func TestChangesNameMerges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email")}})
	w.policy.Merges = "auto"
	w.sheets["crm"] = table("id,email\nC1,a@x.example\nC2,b@x.example\nC3,c@x.example")
	w.apply()
	w.sheets["crm"] = table("id,email\nC1,a@x.example\nC2,b@x.example\nC3,b@x.example")
	expectMerges(t, w.apply(), "N-000003>N-000002")
	w.sheets["crm"] = table("id,email\nC1,a@x.example\nC2,a@x.example\nC3,b@x.example")
	expectMerges(t, w.apply(), "N-000002>N-000001")
	w.sheets["crm"].rows = append(w.sheets["crm"].rows, []string{"C4", "b@x.example"})
	expectCustomers(t, w, w.apply(), 1)
}

func expectMerges(t *testing.T, p *plan.Plan, want ...string) {
	t.Helper()
	var got []string
	for c, err := range p.Changes() {
		if err != nil {
			t.Fatal(err)
		}
		if c.Kind == mapping.KindMerge {
			got = append(got, c.SourceID+">"+c.CanonicalID)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("merges (-want +got):\n%s", diff)
	}
}

// Rows so large that a batch of the usual length would be gigabytes.
func TestHugeRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Keep: rules.KeepNothing, Sources: []rules.Source{source("crm", "name")}})
	s := &sheet{header: []string{"id", "name"}}
	for i := range 70 {
		s.rows = append(s.rows, []string{fmt.Sprint(i), strings.Repeat("x", 1<<20)})
	}
	w.sheets["crm"] = s
	expectCounts(t, w.apply(), mapping.Counts{Read: 70, Created: 70})
	expectCounts(t, w.apply(), mapping.Counts{Read: 70, Unchanged: 70})
	if got := len(w.links()); got != 70 {
		t.Errorf("%d links, want 70", got)
	}
}
