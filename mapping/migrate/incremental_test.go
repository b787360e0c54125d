package migrate_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// retiring is a world of one source whose vanished records are retired.
func retiring(t *testing.T, dsn string, roles ...string) *world {
	w := newWorld(t, dsn, rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", roles...)}})
	w.policy = plan.Policy{Retire: true, RetireAtMost: 1}
	return w
}

// run replaces the rows of the source crm and applies.
func (w *world) run(rows string) *plan.Plan {
	w.t.Helper()
	w.sheets["crm"] = table(rows)
	return w.apply()
}

func expectNote(t *testing.T, p *plan.Plan, parts ...string) {
	t.Helper()
	for _, n := range p.Notes {
		if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(n, part) }) {
			return
		}
	}
	t.Errorf("no note says %q:\n%s", parts, strings.Join(p.Notes, "\n"))
}

// detail is what the list of changes says of a source ID.
func detail(t *testing.T, p *plan.Plan, id string) (kind, text string) {
	t.Helper()
	for c, err := range p.Changes() {
		if err != nil {
			t.Fatal(err)
		}
		if c.SourceID == id {
			return c.Kind.String() + " " + c.Rule, c.Detail
		}
	}
	return "", ""
}

func (w *world) quiet() {
	w.t.Helper()
	if p := w.apply(); !p.Empty() {
		var list []plan.Change
		for c, err := range p.Changes() {
			if err != nil {
				w.t.Fatal(err)
			}
			list = append(list, c)
		}
		w.t.Fatalf("running again changes %+v, reviews %+v, closed %v", list, p.Reviews, p.Closed)
	}
}

// An ID that comes back for plainly somebody else is a new incarnation: it has
// a number of its own, and the one before stays gone.
func TestReturnedForSomebodyElse(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := retiring(t, dsn, "name", "email", "birth_date")
		both := "id,name,email,birth_date\nC1,Anna Schmidt,anna@x.example,1980-02-03\nC2,Jan Novak,jan@x.example,1970-01-02"
		one := "id,name,email,birth_date\nC2,Jan Novak,jan@x.example,1970-01-02"
		w.run(both)
		p := w.run(one)
		expectCustomers(t, w, p, 1)
		p = w.run(one + "\nC1,Mehmet Öztürk,m.oz@z.example,1999-11-30")
		expect(t, w, "crm C1=N-000003", "crm C2=N-000002")
		expectCustomers(t, w, p, 2)
		expectCounts(t, p, mapping.Counts{Read: 2, Created: 1, Unchanged: 1})
		expectNote(t, p, "came back for somebody else", "crm C1", "N-000001 before")
		if kind, text := detail(t, p, "C1"); kind != "create new" || text != "used before by N-000001, for somebody else" {
			t.Errorf("the change is %q, %q", kind, text)
		}
		w.quiet()
		w.run(both) // and back again: the first one is somebody else than the second
		expect(t, w, "crm C1=N-000003", "crm C2=N-000002")
	})
}

// A new incarnation is matched like any new record.
func TestNewIncarnationJoins(t *testing.T) {
	t.Parallel()
	w := retiring(t, "", "name", "email")
	w.run("id,name,email\nC1,Anna Schmidt,anna@x.example\nC2,Jan Novak,jan@x.example")
	w.run("id,name,email\nC2,Jan Novak,jan@x.example")
	p := w.run("id,name,email\nC1,Novak Jan,jan@x.example\nC2,Jan Novak,jan@x.example")
	expect(t, w, "crm C1=N-000002", "crm C2=N-000002")
	expectCounts(t, p, mapping.Counts{Read: 2, Linked: 1, Unchanged: 1})
	expectCustomers(t, w, p, 1)
	w.quiet()
}

// What people decided of the one before does not concern the next.
func TestNewIncarnationForgetsVerdicts(t *testing.T) {
	t.Parallel()
	w := retiring(t, "", "name", "email")
	w.run("id,name,email\nC1,Anna Schmidt,anna@x.example\nC2,Jan Novak,jan@x.example")
	w.say(crosswalk.Same, "crm C1", "crm C2", "")
	w.run("id,name,email\nC2,Jan Novak,jan@x.example")
	w.run("id,name,email\nC1,Mehmet Öztürk,m.oz@z.example\nC2,Jan Novak,jan@x.example")
	expect(t, w, "crm C1=N-000003", "crm C2=N-000002")
	w.quiet()
	snap, _, done := w.view()
	defer done()
	log, err := snap.DecisionLog(t.Context())
	if err != nil || len(log) != 2 || log[1].Verdict != crosswalk.Withdrawn {
		t.Errorf("the decisions are %+v, %v", log, err)
	}
}

// Whatever changes of a record that comes back, as long as something that tells
// who it is stays, it has its number back.
func TestReturnedWithChanges(t *testing.T) {
	t.Parallel()
	const header = "id,name,email,phone,birth_date\n"
	const other = "\nC2,Jan Novak,jan@x.example,,1970-01-02"
	for _, tc := range []struct {
		name, row string
		note      string
	}{
		{"as it was", "C1,Anna Schmidt,anna@x.example,+8613912784406,1980-02-03", ""},
		{"another mailbox and phone", "C1,Anna Schmidt,a@z.example,+8613658274951,1980-02-03", ""},
		{"married", "C1,Anna Meier,a@z.example,+8613912784406,1980-02-03", ""},
		{"only the name stays", "C1,Anna Schmidt,,,", ""},
		{"another name at the same phone", "C1,Mehmet Öztürk,m@z.example,+8613912784406,1999-11-30", "may be for somebody else"},
		{"blank", "C1,,,,", "nothing is kept that tells"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := retiring(t, "", "name", "email", "phone", "birth_date")
			w.run(header + "C1,Anna Schmidt,anna@x.example,+8613912784406,1980-02-03" + other)
			w.run(header + other[1:])
			p := w.run(header + tc.row + other)
			expect(t, w, "crm C1=N-000001", "crm C2=N-000002")
			if tc.note != "" {
				expectNote(t, p, tc.note, "crm C1")
			} else if len(p.Notes) > 0 {
				t.Errorf("notes: %q", p.Notes)
			}
			w.quiet()
		})
	}
}

// A doubtful one whose customer has other records is shown beside one of them.
func TestReturnedInDoubt(t *testing.T) {
	t.Parallel()
	w := retiring(t, "", "name", "email", "phone")
	w.run("id,name,email,phone\nC1,Anna Schmidt,anna@x.example,+8613912784406\nC3,Anna Schmidt,anna@x.example,")
	w.run("id,name,email,phone\nC3,Anna Schmidt,anna@x.example,")
	p := w.run("id,name,email,phone\nC1,Mehmet Öztürk,m@z.example,+8613912784406\nC3,Anna Schmidt,anna@x.example,")
	expect(t, w, "crm C1=N-000001", "crm C3=N-000001")
	expectReviews(t, w, "crm C3, crm C1: strayed")
	if len(p.Notes) > 0 {
		t.Errorf("notes: %q", p.Notes)
	}
	w.quiet()
}

// A linked record that becomes somebody else's in one run keeps its link.
func TestIDThatIsGivenToSomebodyElseAtOnce(t *testing.T) {
	t.Parallel()
	w := retiring(t, "", "name", "email")
	w.run("id,name,email\nC1,Anna Schmidt,anna@x.example\nC2,Jan Novak,jan@x.example")
	p := w.run("id,name,email\nC1,Mehmet Öztürk,m@z.example\nC2,Jan Novak,jan@y.example")
	expect(t, w, "crm C1=N-000001", "crm C2=N-000002")
	expectNote(t, p, "1 linked record is now plainly about somebody else", "crm C1")
	w.quiet()
}

// With hashes only, whoever comes back is judged as far as they tell.
func TestReturnedWithHashesOnly(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		keep rules.Keep
		row  string
		want string
		note string
	}{
		{rules.KeepKeys, "C1,Mehmet Öztürk,m@z.example,1999-11-30", "crm C1=N-000003", "for somebody else"},
		{rules.KeepKeys, "C1,Anna Schmit,m@z.example,1980-02-03", "crm C1=N-000001", ""},
		{rules.KeepKeys, "C1,Mehmet Öztürk,m@z.example,", "crm C1=N-000001", "may be for somebody else"},
		{rules.KeepNothing, "C1,Mehmet Öztürk,m@z.example,1999-11-30", "crm C1=N-000001", "nothing is kept that tells"},
	} {
		w := retiring(t, "", "name", "email", "birth_date")
		w.cfg.Keep, w.cfg.Same = tc.keep, same("email?name")
		w.cfg.Differ = []string{"birth_date"}
		const other = "\nC2,Jan Novak,jan@x.example,1970-01-02"
		w.run("id,name,email,birth_date\nC1,Anna Schmidt,anna@x.example,1980-02-03" + other)
		w.run("id,name,email,birth_date" + other)
		p := w.run("id,name,email,birth_date\n" + tc.row + other)
		expect(t, w, tc.want, "crm C2=N-000002")
		if tc.note != "" {
			expectNote(t, p, tc.note, "crm C1")
		}
		w.quiet()
	}
}

// A further number that comes back with the record says that it is the same.
func TestReturnedWithItsFurtherNumber(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"K1": "N-000001", "K9": "N-000003"} {
		w := retiring(t, "", "name", "email")
		w.cfg.Sources[0].Also = []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code"}}}}
		w.run("id,name,email,code\nC1,Anna Schmidt,anna@x.example,K1\nC2,Jan Novak,jan@x.example,K2")
		w.run("id,name,email,code\nC2,Jan Novak,jan@x.example,K2")
		w.run("id,name,email,code\nC1,Mehmet Öztürk,m@z.example," + code + "\nC2,Jan Novak,jan@x.example,K2")
		if got := w.links(); !slices.Contains(got, "crm C1="+want) || !slices.Contains(got, "crm.code "+code+"="+want) {
			t.Errorf("with the code %s: %q", code, got)
		}
		w.quiet()
	}
}

// Drawn numbers of a new incarnation are others than those of the one before;
// kept and carried ones cannot be.
func TestNumbersOfNewIncarnations(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ scheme, as, want string }{
		{"N-{hash:6}", "", ""}, {"N-{next:4}", "keep", "N-0001"}, {"N{seq:4}", "", "reject"},
	} {
		w := retiring(t, "", "name", "email")
		w.cfg.Canonical = rules.Canonical{Scheme: tc.scheme, Secret: "a secret of sixteen"}
		w.cfg.Sources[0].As, w.cfg.Sources[0].ID.Schemes = tc.as, []string{"C{seq:1}"}
		w.run("id,name,email\nC1,Anna Schmidt,anna@x.example\nC2,Jan Novak,jan@x.example")
		before := w.links()
		w.run("id,name,email\nC2,Jan Novak,jan@x.example")
		p := w.run("id,name,email\nC1,Mehmet Öztürk,m@z.example\nC2,Jan Novak,jan@x.example")
		after := w.links()
		switch {
		case tc.want == "reject":
			if len(p.Rejects) != 1 || !strings.Contains(p.Rejects[0].Reason, "its number would be N0001") {
				t.Errorf("%s: rejects are %+v", tc.scheme, p.Rejects)
			}
		case after[0] == before[0], tc.want != "" && after[0] != "crm C1="+tc.want:
			t.Errorf("%s: %q after %q", tc.scheme, after, before)
		}
		w.quiet()
	}
}

// A held record that is gone waits for nobody: its review is closed, and when it
// comes back it is asked about again.
func TestHeldRecordThatVanishes(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := retiring(t, dsn, "email", "name")
		w.cfg.Same, w.policy.Reviews = same("email?name"), "hold"
		both := "id,email,name\nC1,a@x.example,Al\nC2,a@x.example,Bo"
		w.run(both)
		expectReviews(t, w, "crm C1, crm C2: same: email, confirmed by name")
		p := w.run("id,email,name\nC1,a@x.example,Al")
		expectReviews(t, w)
		expectCounts(t, p, mapping.Counts{Read: 1, Unchanged: 1, Retired: 1})
		expect(t, w, "crm C1=N-000001", "crm C2= void")
		w.quiet()
		w.run(both)
		expectReviews(t, w, "crm C1, crm C2: same: email, confirmed by name")
		expect(t, w, "crm C1=N-000001", "crm C2= held")
		w.quiet()
	})
}

// A guard says what it counted, and what would have been allowed.
func TestVanishedGuard(t *testing.T) {
	t.Parallel()
	const three = "id,name\nC1,a\nC2,b\nC3,c"
	for _, tc := range []struct {
		name, rows string
		limit      float64
		says       []string // nothing: it is not refused
	}{
		{"one of three", "id,name\nC1,a\nC2,b", .2, []string{"1 of 3 known records of crm are missing or deleted, such as C3", "20% of them, not even one record"}},
		{"as many as may", "id,name\nC1,a\nC2,b", .34, nil},
		{"empty", "id,name", .9, []string{"crm has no records at all, and 3 are known", "90% of them, 2 records"}},
		{"all rejected", "id,name\nC1,a\nC1,x\nC2,b\nC2,y\nC3,c\nC3,z", 0, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := retiring(t, "", "name")
			w.cfg.Same = nil
			w.policy.RetireAtMost = tc.limit
			w.run(three)
			before := w.links()
			w.sheets["crm"] = table(tc.rows)
			_, _, err := w.try()
			var guard *plan.GuardError
			switch {
			case tc.says == nil && err != nil:
				t.Fatal(err)
			case tc.says == nil:
				return
			case !errors.As(err, &guard) || guard.Guard != "vanished":
				t.Fatalf("the error is %v", err)
			}
			for _, text := range tc.says {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%q does not say %q", err, text)
				}
			}
			expect(t, w, before...)
			w.allow = []string{"vanished"}
			w.apply()
		})
	}
}

// Where a source is read by another query, a missing record may only be hidden:
// it is retired in the next run, if it is still missing.
func TestMissingUnderAnotherQuery(t *testing.T) {
	t.Parallel()
	w := retiring(t, "", "name")
	w.cfg.Same = nil
	read := func(query, rows string) *plan.Plan {
		t.Helper()
		w.sheets["crm"] = table("id,name\n" + rows)
		rs := w.ruleset()
		inputs := w.inputs(rs)
		inputs[0].Query = query
		p, _, err := w.runWith(rs, inputs)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	read("a", "C1,x\nC2,y")
	p := read("b", "C1,x")
	expect(t, w, "crm C1=N-000001", "crm C2=N-000002")
	expectNote(t, p, "1 known records are missing, and stay in this run: the source is read by another query")
	read("b", "C1,x")
	expect(t, w, "crm C1=N-000001", "crm C2=N-000002 retired")
}

// Whatever changes of a record, as long as one thing that tells who it is
// stays, it is never a new incarnation.
func TestSomeChangesAreNoIncarnation(t *testing.T) {
	t.Parallel()
	header := []string{"id", "name", "email", "phone", "birth_date"}
	values := [][]string{nil, {"Anna Schmidt", "Mehmet Öztürk", "李伟", ""}, {"a@x.example", "m.oz@z.example", ""}, {"+8613912784406", "+8613658274951", ""}, {"1980-02-03", "1999-11-30", ""}}
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		defer os.RemoveAll(dir)
		w := newWorld(t, filepath.Join(dir, "x.db"), rules.Config{Sources: []rules.Source{source("crm", header[1:]...)}})
		w.policy = plan.Policy{Retire: true, RetireAtMost: 1}
		was, is := []string{"C1"}, []string{"C1"}
		for _, v := range values[1:] {
			was, is = append(was, rapid.SampledFrom(v).Draw(rt, "was")), append(is, rapid.SampledFrom(v).Draw(rt, "is"))
		}
		stays := rapid.IntRange(1, 4).Draw(rt, "stays")
		was[stays], is[stays] = values[stays][0], values[stays][0]
		for _, rows := range [][][]string{{was}, {}, {is}} {
			w.sheets["crm"] = &sheet{header, rows}
			w.apply()
		}
		if got := w.links(); got[0] != "crm C1=N-000001" {
			rt.Fatalf("from %q to %q: %q", was, is, got)
		}
	})
}
