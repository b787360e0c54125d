package migrate_test

import (
	"testing"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// merging is a world of one CRM that tells of its own merges.
func merging(t *testing.T, dsn string) *world {
	w := newWorld(t, dsn, rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email", "name", "merged_into", "deleted")}})
	w.policy = plan.Policy{Retire: true, RetireAtMost: 1}
	return w
}

const mergedHeader = "id,email,name,merged_into,deleted\n"

func TestMergedInto(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		runs []string // the last one is what is looked at
		want []string
		note string
		sum  mapping.Counts
	}{
		{"in one run", []string{"C1,,a,C2,\nC2,,b,,"}, []string{"crm C1=N-000001", "crm C2=N-000001"}, "", mapping.Counts{Read: 2, Created: 1, Linked: 1}},
		{"a new one into a known one", []string{"C2,,b,,", "C1,,a,C2,\nC2,,b,,"}, []string{"crm C1=N-000001", "crm C2=N-000001"}, "", mapping.Counts{Read: 2, Linked: 1, Unchanged: 1}},
		{"two known ones", []string{"C1,,a,,\nC2,,b,,", "C1,,a,,\nC2,,b,C1,"}, []string{"crm C1=N-000001", "crm C2=N-000002"}, "", mapping.Counts{Read: 2, Unchanged: 1, Updated: 1}},
		{"a chain", []string{"C1,,a,C2,\nC2,,b,C3,\nC3,,c,,"}, []string{"crm C1=N-000001", "crm C2=N-000001", "crm C3=N-000001"}, "", mapping.Counts{Read: 3, Created: 1, Linked: 2}},
		{"a circle", []string{"C1,,a,C2,\nC2,,b,C3,\nC3,,c,C1,"}, []string{"crm C1=N-000001", "crm C2=N-000001", "crm C3=N-000001"}, "crm C1, C2, C3: these records were merged into each other", mapping.Counts{Read: 3, Created: 1, Linked: 2}},
		{"itself", []string{"C1,,a,C1,"}, []string{"crm C1=N-000001"}, "", mapping.Counts{Read: 1, Created: 1}},
		{"nobody", []string{"C1,,a,0,\nC2,,b,n/a,\nC3,,c,NULL,"}, []string{"crm C1=N-000001", "crm C2=N-000002", "crm C3=N-000003"}, "", mapping.Counts{Read: 3, Created: 3}},
		{"one that was never seen", []string{"C1,,a,C9,"}, []string{"crm C1=N-000001"}, "merged into an ID that was never seen: crm C1 (sheet:2), into C9", mapping.Counts{Read: 1, Created: 1}},
		{"one that comes later", []string{"C1,,a,C9,", "C1,,a,C9,\nC9,,z,,"}, []string{"crm C1=N-000001", "crm C9=N-000001"}, "", mapping.Counts{Read: 2, Linked: 1, Unchanged: 1}},
		{"one that is gone", []string{"C2,,b,,\nC3,,c,,", "C3,,c,,", "C1,,a,C2,\nC3,,c,,"}, []string{"crm C1=N-000001", "crm C2=N-000001 retired", "crm C3=N-000002"}, "", mapping.Counts{Read: 2, Linked: 1, Unchanged: 1}},
		{"one that goes in the same run", []string{"C1,,a,,\nC2,,b,,", "C2,,b,C1,"}, []string{"crm C1=N-000001 retired", "crm C2=N-000002"}, "", mapping.Counts{Read: 1, Updated: 1, Retired: 1}},
		{"a deleted one into a known one", []string{"C1,,a,,\nC2,,b,,", "C1,,a,,\nC2,,b,C1,true"}, []string{"crm C1=N-000001", "crm C2=N-000002 retired"}, "", mapping.Counts{Read: 2, Unchanged: 1, Updated: 1, Retired: 1}},
		{"a deleted one that was never known", []string{"C1,,a,,\nC2,,b,C1,true"}, []string{"crm C1=N-000001", "crm C2=N-000001 retired"}, "", mapping.Counts{Read: 2, Created: 1, Linked: 1}},
		{"through a deleted one", []string{"C1,,a,C2,\nC2,,b,C3,true\nC3,,c,,"}, []string{"crm C1=N-000001", "crm C2=N-000001 retired", "crm C3=N-000001"}, "", mapping.Counts{Read: 3, Created: 1, Linked: 2}},
		{"both deleted and never known", []string{"C1,,a,C2,1\nC2,,b,,1\nC3,,c,,"}, []string{"crm C3=N-000001"}, "2 records are deleted in the source and were never known, such as C1", mapping.Counts{Read: 3, Created: 1, Unchanged: 2}},
		{"in another spelling", []string{"C1,,a, Ｃ2 ,\nC2,,b,,"}, []string{"crm C1=N-000001", "crm C2=N-000001"}, "", mapping.Counts{Read: 2, Created: 1, Linked: 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := merging(t, "")
			var p *plan.Plan
			for _, rows := range tc.runs {
				p = w.run(mergedHeader + rows)
			}
			expect(t, w, tc.want...)
			expectCounts(t, p, tc.sum)
			expectCustomers(t, w, p, w.customersAlive())
			if tc.note != "" {
				expectNote(t, p, tc.note)
			} else if len(p.Notes) > 0 {
				t.Errorf("notes: %q", p.Notes)
			}
			w.quiet()
		})
	}
}

// Customers that have numbers are merged, the first number survives, and the
// list of changes says that the source did it.
func TestMergedIntoMergesNumbers(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := merging(t, dsn)
		w.run(mergedHeader + "C1,,a,,\nC2,,b,,\nC3,,c,,")
		p := w.run(mergedHeader + "C1,,a,C3,\nC2,,b,C1,1\nC3,,c,,")
		expectCustomers(t, w, p, 1)
		if p.Totals.Merged != 2 {
			t.Errorf("totals: %+v", p.Totals)
		}
		if kind, _ := detail(t, p, "N-000003"); kind != "merge merged_into" {
			t.Errorf("the merge is %q", kind)
		}
		w.quiet()
		p = w.run(mergedHeader + "C1,,a,,\nC2,,b,C1,1\nC3,,c,,")
		expectNote(t, p, "1 record is no longer merged into another: crm C1", "xwalk split")
		expectCustomers(t, w, p, 1)
		w.quiet()
	})
}

// A deleted record gives way to nobody: it founds no customer, and is retired as
// one that vanished, also where a filter hides others.
func TestDeleted(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := merging(t, dsn)
		w.filters["crm"] = true
		p := w.run(mergedHeader + "C1,,a,,false\nC2,,b,,0\nC3,,c,,2024-05-01\nC4,,d,,maybe")
		expect(t, w, "crm C1=N-000001", "crm C2=N-000002", "crm C4=N-000003")
		expectCounts(t, p, mapping.Counts{Read: 4, Created: 3, Unchanged: 1})
		expectNote(t, p, "1 value of deleted is neither yes nor no nor a time, and counts as no, such as maybe")
		p = w.run(mergedHeader + "C1,,a,,Yes\nC4,,d,,maybe") // C2 may be hidden
		expect(t, w, "crm C1=N-000001 retired", "crm C2=N-000002", "crm C4=N-000003")
		expectCounts(t, p, mapping.Counts{Read: 2, Updated: 1, Unchanged: 1, Retired: 1})
		expectCustomers(t, w, p, 2)
		w.quiet()
		p = w.run(mergedHeader + "C1,,a,,\nC4,,d,,maybe") // undeleted
		expect(t, w, "crm C1=N-000001", "crm C2=N-000002", "crm C4=N-000003")
		expectCounts(t, p, mapping.Counts{Read: 2, Updated: 1, Unchanged: 1})
		w.quiet()
		w.policy.RetireAtMost = 0.2
		w.sheets["crm"] = table(mergedHeader + "C1,,a,,Yes\nC4,,d,,maybe")
		if _, _, err := w.try(); err == nil {
			t.Error("the guard does not count deleted records")
		}
		w.policy.Retire = false
		p = w.apply()
		expect(t, w, "crm C1=N-000001", "crm C2=N-000002", "crm C4=N-000003")
		expectCounts(t, p, mapping.Counts{Read: 2, Updated: 1, Unchanged: 1})
		w.quiet()
	})
}

// The further number of a deleted record ends with it.
func TestDeletedWithFurtherNumber(t *testing.T) {
	t.Parallel()
	for _, filtered := range []bool{false, true} {
		w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm", "deleted")}})
		w.cfg.Sources[0].Also = []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code"}}}}
		w.policy = plan.Policy{Retire: true, RetireAtMost: 1}
		w.filters["crm"] = filtered
		w.run("id,code,deleted\nC1,K1,\nC2,K2,")
		p := w.run("id,code,deleted\nC1,K1,1\nC2,K2,")
		expect(t, w, "crm C1=N-000001 retired", "crm C2=N-000002", "crm.code K1=N-000001 retired", "crm.code K2=N-000002")
		expectCustomers(t, w, p, 1)
		w.quiet()
	}
}

// What must not differ, and what a person said, outrank the source.
func TestMergedIntoIsContradicted(t *testing.T) {
	t.Parallel()
	for _, hold := range []string{"issue", "hold"} {
		w := merging(t, "")
		w.cfg.Differ, w.policy.Reviews = []string{"name"}, hold
		w.run(mergedHeader + "C1,,a,,\nC2,,b,,")
		w.run(mergedHeader + "C1,,a,C2,\nC2,,b,,")
		expectReviews(t, w, "crm C1, crm C2: merged_into")
		w.quiet()
		w.say(crosswalk.Same, "crm C1", "crm C2", "")
		p := w.apply()
		expectCustomers(t, w, p, 1)
		expectReviews(t, w)
		w.quiet()

		w = merging(t, "")
		w.cfg.Differ, w.policy.Reviews = []string{"name"}, hold
		w.run(mergedHeader + "C1,,a,C2,\nC2,,b,,") // both new
		expectReviews(t, w, "crm C1, crm C2: merged_into")
		w.quiet()
		w.say(crosswalk.Different, "crm C1", "crm C2", "")
		p = w.apply()
		expectCustomers(t, w, p, 2)
		expectReviews(t, w)
		w.quiet()

		w = merging(t, "")
		w.policy.Reviews = hold
		w.say(crosswalk.Different, "crm C1", "crm C3", "")
		w.run(mergedHeader + "C1,,a,C2,\nC2,,b,C3,\nC3,,c,,")
		expect(t, w, "crm C1=N-000001", "crm C2=N-000001", "crm C3=N-000002")
		expectNote(t, w.apply(), "crm C2 (sheet:3) and crm C3 (sheet:4): their source merged them, and they stay two customers")
		w.quiet()
	}
}

// A source that merges a record into another one than before is asked about:
// nobody said that those two are one.
func TestMergedIntoAnother(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{true, false} {
		w := merging(t, "")
		if known {
			w.run(mergedHeader + "C1,,a,,\nC2,,b,,\nC3,,c,,")
		}
		w.run(mergedHeader + "C1,,a,C2,\nC2,,b,,\nC3,,c,,")
		p := w.run(mergedHeader + "C1,,a,C3,\nC2,,b,,\nC3,,c,,")
		expectCustomers(t, w, p, 2)
		expectReviews(t, w, "crm C1, crm C3: merged_into")
		w.quiet()
		w.run(mergedHeader + "C1,,a,C3,\nC2,,b,C3,\nC3,,c,,") // it was a chain after all
		expectReviews(t, w)
		if n := w.customersAlive(); n != 1 {
			t.Errorf("%d customers", n)
		}
		w.quiet()
	}
}

// Who was merged into a customer whom a steward retired does not bring it
// back, but joins it once it is restored.
func TestMergedIntoARetiredCustomer(t *testing.T) {
	t.Parallel()
	for _, there := range []string{"", "C2,,b,,\n"} { // whether the record of the retired one is still there
		w := merging(t, "")
		w.run(mergedHeader + "C2,,b,,\nC3,,c,,")
		w.does(retire("N-000001"))
		p := w.run(mergedHeader + "C1,,a,C2,\n" + there + "C3,,c,,")
		expect(t, w, "crm C1=N-000003", "crm C2=N-000001 retired", "crm C3=N-000002")
		expectCustomers(t, w, p, 2)
		expectNote(t, p, "1 record is merged into one whose customer was retired: crm C1 (sheet:2), into C2", "xwalk restore")
		w.quiet()
		w.run(mergedHeader + "C1,,a,C2,true\n" + there + "C3,,c,,")
		w.run(mergedHeader + "C1,,a,C2,\n" + there + "C3,,c,,")
		if there != "" {
			if _, err := w.tryAct(restore("N-000001")); err != nil {
				t.Fatal(err)
			}
			expectCustomers(t, w, w.apply(), 2) // one of them is C1 and C2
			w.quiet()
		}
	}
}

// A customer whom a steward retired comes into no other, although its source
// says later that its record was merged into another's.
func TestRetiredCustomerThatIsMergedInto(t *testing.T) {
	t.Parallel()
	w := merging(t, "")
	w.run(mergedHeader + "C1,,a,,\nC2,,b,,\nC3,,c,,")
	w.does(retire("N-000001"))
	for _, deleted := range []string{"", "true"} {
		p := w.run(mergedHeader + "C1,,a,C2," + deleted + "\nC2,,b,,\nC3,,c,,")
		expect(t, w, "crm C1=N-000001 retired", "crm C2=N-000002", "crm C3=N-000003")
		expectCustomers(t, w, p, 2)
		w.quiet()
	}
}

// Records of two kinds are never one customer.
func TestMergedIntoAnotherKind(t *testing.T) {
	t.Parallel()
	w := merging(t, "")
	w.cfg.Sources[0].Kind = rules.KindRule{Column: "name", Map: map[string]string{"p": "person", "o": "company"}}
	p := w.run(mergedHeader + "C1,,p,C2,\nC2,,o,,")
	expect(t, w, "crm C1=N-000001", "crm C2=N-000002")
	expectNote(t, p, "1 record is merged into one of another kind: crm C1 (sheet:2), into C2")
	w.quiet()
}

// IDs of several parts name as many columns, or one column of the joined text.
func TestMergedIntoOfSeveralParts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm")}})
	s := &w.cfg.Sources[0]
	s.ID.Columns = []string{"branch", "no"}
	s.Fields = []rules.Field{{Role: "merged_into", Columns: []rules.Column{{Name: "into_branch"}, {Name: "into_no"}}}}
	w.run("branch,no,into_branch,into_no\nA,1,B,2\nB,2,,\nB,3,0,0")
	expect(t, w, "crm A|1=N-000001", "crm B|2=N-000001", "crm B|3=N-000002")
	s.Fields[0].Columns = []rules.Column{{Name: "into"}}
	w.run("branch,no,into\nA,1,B|2\nB,2,\nB,3,A|1")
	if n := w.customersAlive(); n != 1 {
		t.Errorf("%d customers", n)
	}
	w.quiet()
}
