package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// carry makes a run of what build plans.
func (w *world) carry(build func(context.Context, *crosswalk.Snapshot, *rules.Ruleset) (*plan.Plan, error)) (*plan.Plan, migrate.Result, error) {
	w.t.Helper()
	store := w.open()
	defer store.Close()
	w.clock = w.clock.Add(time.Minute)
	rs := w.ruleset()
	return migrate.Run(w.t.Context(), store, migrate.Options{Actor: "test", Rules: rs.Digest()}, func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
		return build(ctx, snap, rs)
	})
}

// rewrite makes the run of a rewrite in place of sources' own keys.
func (w *world) rewrite(names ...string) (*plan.Plan, migrate.Result, error) {
	w.t.Helper()
	return w.carry(func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset) (*plan.Plan, error) {
		return plan.Rewrite(ctx, snap, rs, plan.Rewriting{References: []crosswalk.Rewritten{{Reference: "shop customers.id", RefersTo: "shop", InPlace: true}}, Adopt: names}, plan.Options{})
	})
}

func (w *world) undoRewrite(run int64) error {
	w.t.Helper()
	_, _, err := w.carry(func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset) (*plan.Plan, error) {
		return plan.UndoRewrite(ctx, snap, rs, run, plan.Options{})
	})
	return err
}

// inForceOf are the canonical IDs in force that the live links of a source mean.
func (w *world) inForceOf(name string) map[string]string {
	w.t.Helper()
	snap, names, done := w.view()
	defer done()
	survivors := map[string]string{}
	for n, err := range snap.Merged(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		survivors[n.Canonical] = n.Survivor
	}
	out := map[string]string{}
	for l, err := range snap.Links(w.t.Context(), crosswalk.Query{Live: true}) {
		if err != nil {
			w.t.Fatal(err)
		}
		if names[l.Source] == name {
			out[l.Verbatim] = l.Canonical
			if s, merged := survivors[l.Canonical]; merged {
				out[l.Verbatim] = s
			}
		}
	}
	return out
}

// inPlace rewrites the IDs of a sheet's rows that want says, as the database
// is rewritten, with pointers also what those rows say of each other.
func (w *world) inPlace(name string, numbers map[string]string, pointers bool, want func(row int) bool) {
	s := w.sheets[name]
	used := map[string]int{}
	for _, row := range s.rows {
		if n := numbers[row[0]]; n != "" {
			used[n]++
		}
	}
	into := slices.Index(s.header, "merged_into")
	means := map[string]int{}
	for _, n := range numbers {
		means[n]++
	}
	rows := make([][]string, len(s.rows))
	for i, row := range s.rows {
		rows[i] = slices.Clone(row)
		if !want(i) {
			continue
		}
		if n := numbers[row[0]]; n != "" && used[n] == 1 { // the key is unique
			rows[i][0] = n
		}
		if n := numbers[row[into]]; pointers && n != "" && means[n] == 2 { // an old one and the new one
			rows[i][into] = n
		}
	}
	w.sheets[name] = &sheet{header: s.header, rows: rows}
}

func (w *world) changes(p *plan.Plan) (list []string) {
	w.t.Helper()
	for c, err := range p.Changes() {
		if err != nil {
			w.t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%+v", c))
	}
	return list
}

// unchanged plans, and wants nothing to do.
func (w *world) unchanged(what string) {
	w.t.Helper()
	p, err := w.dry()
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
	if !p.Empty() {
		w.t.Fatalf("%s: %v", what, w.changes(p))
	}
}

// due lists what the next run would change.
func (w *world) due() []string {
	w.t.Helper()
	p, err := w.dry()
	if err != nil {
		w.t.Fatal(err)
	}
	return w.changes(p)
}

func shopWorld(t testing.TB, dsn string) *world {
	shop := source("shop", "email", "name", "tax_id", "merged_into")
	shop.ID.Schemes = []string{"C{seq:3}"}
	w := newWorld(t, dsn, rules.Config{
		Matching: true, Same: same("email"), Differ: []string{"tax_id"},
		Sources: []rules.Source{source("legacy", "email", "name", "tax_id"), shop},
	})
	w.policy.Retire = true
	return w
}

// TestRewrittenInPlace carries a source through a rewrite of its own key: in
// part, whole, undone.
func TestRewrittenInPlace(t *testing.T) {
	t.Parallel()
	w := shopWorld(t, "")
	w.sheets["legacy"] = table("id,email,name,tax_id\n\tL1,a@x,Ann,\n\tL2,b@x,Bob,")
	w.sheets["shop"] = table("id,email,name,tax_id,merged_into\n\tC001,a@x,Ann,,\n\tC002,c@x,Cid,,\n\tC003,d@x,Dan,,C002")
	w.apply()
	w.unchanged("before")
	before := w.links()
	p, res, err := w.rewrite("shop")
	if err != nil || res.Serial != 2 || p.Totals.Customers != 3 {
		t.Fatalf("%+v, %v, %+v", res, err, p.Totals)
	}
	want := append(slices.Clone(before), "shop N-000001=N-000001", "shop N-000003=N-000003")
	slices.Sort(want)
	if diff := cmp.Diff(want, w.links()); diff != "" {
		t.Fatal(diff)
	}
	if _, _, err := w.rewrite("shop"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, w.links()); diff != "" {
		t.Fatal(diff)
	}
	old := w.sheets["shop"]
	for _, done := range []int{0, 1, 2, 3} {
		w.sheets["shop"] = old
		w.inPlace("shop", w.inForceOf("shop"), true, func(i int) bool { return i < done })
		w.unchanged(fmt.Sprintf("%d rows are rewritten", done))
		w.policy.RetireAtMost = 0
		w.unchanged("and none may vanish")
		w.policy.RetireAtMost = 1
	}
	whole := w.sheets["shop"]
	w.sheets["shop"] = table("id,email,name,tax_id,merged_into\n\tN-000001,a@x,Ann,,\n\tN-000003,c@x,Cid,,\n\tC004,e@x,Eve,,\n\tN-000099,f@x,Fay,,")
	p, err = w.dry()
	if err != nil || p.Totals.Created != 1 || p.Totals.Rejected != 1 {
		t.Fatalf("a new number and one that nobody has: %+v, %v", p, err)
	}
	w.sheets["shop"] = old
	if err := w.undoRewrite(2); err != nil {
		t.Fatal(err)
	}
	w.unchanged("undone")
	gone := slices.DeleteFunc(w.links(), func(l string) bool { return strings.HasSuffix(l, " void") })
	if diff := cmp.Diff(before, gone); diff != "" {
		t.Fatal(diff)
	}
	w.sheets["shop"] = whole
	if p, err := w.dry(); err != nil || p.Totals.Rejected == 0 {
		t.Errorf("numbers of a rewrite that is undone: %+v, %v", p, err)
	}
	var act *plan.ActError
	if err := w.undoRewrite(2); !errors.As(err, &act) {
		t.Errorf("undone again: %v", err)
	}
	if err := w.undoRewrite(1); !errors.As(err, &act) {
		t.Errorf("not a rewrite: %v", err)
	}
}

// TestRewriteRefused cannot make numbers IDs that are somebody else's, or of
// several parts.
func TestRewriteRefused(t *testing.T) {
	t.Parallel()
	w := shopWorld(t, "")
	w.cfg.Canonical.Scheme = "C{next:3}"
	w.sheets["legacy"] = table("id,email,name,tax_id")
	w.sheets["shop"] = table("id,email,name,tax_id,merged_into\n\tC002,a@x,Ann,,\n\tC003,c@x,Cid,,")
	w.apply()
	var act *plan.ActError
	if _, _, err := w.rewrite("shop"); !errors.As(err, &act) || !strings.Contains(err.Error(), "another customer") {
		t.Errorf("C002 is another's: %v", err)
	}
	if _, _, err := w.rewrite("nobody"); !errors.As(err, &act) {
		t.Errorf("no such source: %v", err)
	}
	parts := source("parts", "email")
	parts.ID = rules.IDRule{Columns: []string{"id", "no"}}
	w = newWorld(t, "", rules.Config{Sources: []rules.Source{parts}})
	w.sheets["parts"] = table("id,no,email\n\tA,1,a@x")
	w.apply()
	if _, _, err := w.rewrite("parts"); !errors.As(err, &act) || !strings.Contains(err.Error(), "several parts") {
		t.Errorf("several parts: %v", err)
	}
}

// TestRewrittenModel leads two worlds through the same life; the shop of one
// is rewritten in place, in part or whole, and undone. Nothing else may differ.
func TestRewrittenModel(t *testing.T) {
	t.Parallel()
	first := 0
	if os.Getenv("SEED") != "" {
		_, _ = fmt.Sscan(os.Getenv("SEED"), &first)
	}
	for seed := first; seed < first+pick(2, 12, 400) && !t.Failed(); seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rapid.Custom(func(rt *rapid.T) struct{} { rewriteRandom(t, rt); return struct{}{} }).Example(seed)
		})
	}
}

func rewriteRandom(t *testing.T, rt *rapid.T) {
	upper := rapid.Bool().Draw(rt, "upper")
	hold := rapid.Bool().Draw(rt, "hold")
	retire := rapid.Bool().Draw(rt, "retire")
	row := func(label, id string) []string {
		pick := func(of string, values ...string) string { return rapid.SampledFrom(values).Draw(rt, label+" "+of) }
		return []string{
			id, pick("email", "a@x", "b@x", "c@x", ""), pick("name", "Ann", "Bob", "Cid"), pick("tax", "", "", "1", "2"),
			pick("into", "", "", "", "", "C001", "C002", "C003"),
		}
	}
	var worlds [2]*world
	for i := range worlds {
		w := shopWorld(t, "")
		if upper {
			w.cfg.Sources[1].ID.Key = scheme.KeyRule{Case: "upper"}
		}
		if hold {
			w.policy.Reviews = "hold"
		}
		w.policy.Retire = retire
		w.sheets["legacy"] = &sheet{header: []string{"id", "email", "name", "tax_id"}}
		w.sheets["shop"] = &sheet{header: []string{"id", "email", "name", "tax_id", "merged_into"}}
		worlds[i] = w
	}
	plain, moved := worlds[0], worlds[1]
	rewrites := []int64{}
	for step := range rapid.IntRange(2, 6).Draw(rt, "steps") {
		for _, name := range []string{"legacy", "shop"} {
			s := &sheet{header: plain.sheets[name].header}
			for i := range 5 {
				if rapid.IntRange(0, 3).Draw(rt, fmt.Sprint(name, step, i)) > 0 {
					r := row(fmt.Sprint(name, step, i), fmt.Sprintf("C%03d", i+1))
					s.rows = append(s.rows, r[:len(s.header)])
				}
			}
			if step > 0 && rapid.Bool().Draw(rt, fmt.Sprint(name, step, "stays")) {
				s = plain.sheets[name]
			}
			for _, w := range worlds {
				w.sheets[name] = s
			}
		}
		numbers := moved.numbersOfShop(rewrites, 1) // which of several a changed record was nobody can tell
		part := rapid.Uint64().Draw(rt, "part")
		moved.inPlace("shop", numbers, false, func(i int) bool { return len(rewrites) > 0 && part>>i&1 == 1 })
		t.Logf("step %d, rewrites %v: %v", step, rewrites, moved.sheets["shop"].rows)
		for _, w := range worlds {
			w.apply()
		}
		due := plain.due() // nothing, but for some chains of merges
		likewise := func(what string) {
			if diff := cmp.Diff(due, moved.due()); diff != "" {
				t.Fatalf("%s (-plain +rewritten):\n%s", what, diff)
			}
		}
		likewise("again")
		switch rapid.IntRange(0, 2).Draw(rt, "then") {
		case 0:
			_, res, err := moved.rewrite("shop")
			if err != nil {
				t.Fatal(err)
			}
			rewrites = append(rewrites, res.Run)
		case 1:
			for len(rewrites) > 0 {
				last := len(rewrites) - 1
				if err := moved.undoRewrite(rewrites[last]); err != nil {
					t.Fatal(err)
				}
				rewrites = rewrites[:last]
			}
			moved.sheets["shop"] = plain.sheets["shop"]
		}
		likewise("after a rewrite or its undo")
		if len(rewrites) > 0 {
			moved.inPlace("shop", moved.numbersOfShop(rewrites, 9), false, func(i int) bool { return part>>(i+5)&1 == 1 })
			likewise("rewritten in part")
			moved.inPlace("shop", moved.numbersOfShop(rewrites, 9), false, func(int) bool { return true })
			likewise("rewritten")
		}
		ours := slices.DeleteFunc(moved.links(), func(l string) bool { return strings.HasPrefix(l, "shop N-") })
		if diff := cmp.Diff(plain.links(), ours); diff != "" {
			t.Fatalf("the links (-plain +rewritten):\n%s", diff)
		}
		if a, b := plain.state(), moved.state(); a.Customers != b.Customers || a.ReviewsOpen != b.ReviewsOpen {
			t.Fatalf("%+v and %+v", a, b)
		}
		moved.sound("after the step")
	}
}

// numbersOfShop are the numbers that rewrites put in place of the shop's own
// IDs, but for those that came in place of more than most.
func (w *world) numbersOfShop(rewrites []int64, most int) map[string]string {
	w.t.Helper()
	if len(rewrites) == 0 {
		return nil
	}
	snap, _, done := w.view()
	defer done()
	numbers := map[string]string{}
	for l, err := range snap.Links(w.t.Context(), crosswalk.Query{Live: true, Fields: true}) {
		if err != nil {
			w.t.Fatal(err)
		}
		if olds, _ := plan.AdoptedFrom(l); len(olds) <= most {
			for _, old := range olds {
				numbers[old] = l.Verbatim
			}
		}
	}
	return numbers
}

func (w *world) state() crosswalk.Head {
	w.t.Helper()
	snap, _, done := w.view()
	defer done()
	return snap.Head()
}

// publishes makes a run of the ledger alone, as a publisher does.
func (w *world) publishes(name string, ids ...string) (run int64) {
	w.t.Helper()
	store := w.open()
	defer store.Close()
	w.clock = w.clock.Add(time.Minute)
	numbers := w.inForceOf(name)
	snap, names, done := w.view()
	defer done()
	lease, err := store.Acquire(w.t.Context(), "elsewhere/1", "publish")
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = lease.Release(w.t.Context()) }()
	r, err := lease.Begin(w.t.Context(), crosswalk.RunStart{Kind: "publish", Base: snap.Head().Serial})
	if err != nil {
		w.t.Fatal(err)
	}
	var entries []crosswalk.Publication
	for no, n := range names {
		for _, id := range ids {
			if n == name {
				entries = append(entries, crosswalk.Publication{Source: no, Key: id, Canonical: numbers[id]})
			}
		}
	}
	if err := r.WritePublications(w.t.Context(), entries); err != nil {
		w.t.Fatal(err)
	}
	if _, err := r.Publish(w.t.Context(), crosswalk.Finish{}); err != nil {
		w.t.Fatal(err)
	}
	return r.No
}

// settle says what became of all entries of a run.
func (w *world) settle(run int64, state crosswalk.PublicationState) {
	w.t.Helper()
	store := w.open()
	defer store.Close()
	snap, _, done := w.view()
	defer done()
	lease, err := store.Acquire(w.t.Context(), "elsewhere/1", "publish")
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = lease.Release(w.t.Context()) }()
	var entries []crosswalk.Publication
	for p, err := range snap.PublicationsOf(w.t.Context(), run) {
		if err != nil {
			w.t.Fatal(err)
		}
		p.State = state
		entries = append(entries, *p)
	}
	if err := lease.SettlePublications(w.t.Context(), entries); err != nil {
		w.t.Fatal(err)
	}
}

// TestUndoOfNumbersInUse refuses to undo a run while its numbers are used
// outside, and says by which runs.
func TestUndoOfNumbersInUse(t *testing.T) {
	t.Parallel()
	for _, dialect := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			w := shopWorld(t, dbtest.Database(t, dialect))
			w.sheets["legacy"] = table("id,email,name,tax_id\n\tL1,a@x,Ann,\n\tL2,b@x,Bob,")
			w.sheets["shop"] = table("id,email,name,tax_id,merged_into\n\tC001,a@x,Ann,,\n\tC002,c@x,Cid,,")
			w.apply()                                 // 1
			published := w.publishes("shop", "C001")  // 2
			if _, _, err := w.rewrite(); err != nil { // 3
				t.Fatal(err)
			}
			w.sheets["shop"] = table("id,email,name,tax_id,merged_into\n\tC001,a@x,Anna,,\n\tC002,c@x,Cid,,\n\tC003,d@x,Dan,,")
			w.apply()                            // 4, which gives C003 a number and reads C001 anew
			late := w.publishes("shop", "C001")  // 5
			other := w.publishes("legacy", "L1") // 6
			third := w.publishes("shop", "C003") // 7
			if want := []int64{2, 5, 6, 7}; !slices.Equal([]int64{published, late, other, third}, want) {
				t.Fatal("other runs than those above")
			}
			uses := func(run int64, want ...int64) {
				t.Helper()
				_, err := w.tryUndo(run)
				var used *plan.InUseError
				if errors.As(err, &used) != (len(want) > 0) {
					t.Fatalf("undo of run %d: %v", run, err)
				}
				var got []int64
				if used != nil {
					for _, u := range used.Uses {
						got = append(got, u.Run)
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("undo of run %d: in use by %v, want %v", run, got, want)
				}
			}
			uses(1, 6, 5, 3, 2)
			uses(4, 7)
			var final *plan.FinalError
			for _, run := range []int64{2, 3} {
				if _, err := w.tryUndo(run); !errors.As(err, &final) {
					t.Errorf("undo of run %d: %v", run, err)
				}
			}
			w.settle(third, crosswalk.TakenBack)
			uses(4)
			w.settle(published, crosswalk.Delivered)
			w.settle(late, crosswalk.Refused)
			uses(1, 6, 3, 2)
			if err := w.undoRewrite(3); err != nil {
				t.Fatal(err)
			}
			uses(1, 6, 2)
			w.settle(published, crosswalk.TakenBack)
			w.settle(other, crosswalk.TakenBack)
			uses(1)
		})
	}
}

// tryUndo plans an undo.
func (w *world) tryUndo(run int64) (*plan.Plan, error) {
	w.t.Helper()
	snap, _, done := w.view()
	defer done()
	return plan.Undo(w.t.Context(), snap, w.ruleset(), run, w.options())
}

// TestRekeyRewritten makes the keys of a source anew that was rewritten and
// published to: its records are known as before, and the ledger follows.
func TestRekeyRewritten(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn, rules.Config{Sources: []rules.Source{source("crm", "email")}})
		w.sheets["crm"] = table("id,email\n\tc1,a@x\n\tC2,b@x")
		w.apply()
		if _, _, err := w.rewrite("crm"); err != nil {
			t.Fatal(err)
		}
		run := w.publishes("crm", "C2", "c1")
		w.cfg.Sources[0].ID.Key = upper
		w.rekey("crm")
		w.unchanged("as it was")
		w.sheets["crm"] = table("id,email\n\tN-000002,a@x\n\tN-000001,b@x")
		w.unchanged("rewritten")
		snap, _, done := w.view()
		defer done()
		var keys []string
		for p, err := range snap.PublicationsOf(t.Context(), run) {
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, p.Key+"="+p.Canonical)
		}
		if want := []string{"C1=N-000002", "C2=N-000001"}; !slices.Equal(keys, want) {
			t.Errorf("the ledger has %v, want %v", keys, want)
		}
		w.sound("rekeyed")
	})
}

// TestSplitRewritten takes a record out of its customer by either of its IDs.
func TestSplitRewritten(t *testing.T) {
	t.Parallel()
	for _, named := range []string{"C001", "N-000001"} {
		w := shopWorld(t, "")
		w.sheets["legacy"] = table("id,email,name,tax_id\n\tL1,a@x,Ann,")
		w.sheets["shop"] = table("id,email,name,tax_id,merged_into\n\tC001,a@x,Ann,,")
		w.apply()
		if _, _, err := w.rewrite("shop"); err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.carry(func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset) (*plan.Plan, error) {
			return plan.Split(ctx, snap, rs, "N-000001", []crosswalk.SourceKey{{Source: 2, Key: named}}, "", plan.Options{Actor: "ann"})
		}); err != nil {
			t.Fatal(err)
		}
		expect(t, w, "legacy L1=N-000001", "shop C001=N-000002", "shop N-000001=N-000002")
		w.unchanged("split")
		w.sheets["shop"] = table("id,email,name,tax_id,merged_into\n\tN-000001,a@x,Ann,,")
		w.unchanged("split, under its new number")
	}
}

// TestRetireRewritten lets a rewritten record vanish and come back.
func TestRetireRewritten(t *testing.T) {
	t.Parallel()
	w := shopWorld(t, "")
	w.sheets["legacy"] = table("id,email,name,tax_id")
	w.sheets["shop"] = table("id,email,name,tax_id,merged_into\n\tC001,a@x,Ann,,\n\tC002,b@x,Bob,,")
	w.apply()
	if _, _, err := w.rewrite("shop"); err != nil {
		t.Fatal(err)
	}
	w.sheets["shop"] = table("id,email,name,tax_id,merged_into\n\tN-000002,b@x,Bob,,")
	if p := w.apply(); p.Totals.Customers != 1 || p.Totals.Retired != 1 {
		t.Errorf("gone: %+v", p.Totals)
	}
	expect(t, w, "shop C001=N-000001 retired", "shop C002=N-000002", "shop N-000001=N-000001 retired", "shop N-000002=N-000002")
	w.sheets["shop"] = table("id,email,name,tax_id,merged_into\n\tN-000001,a@x,Ann,,\n\tN-000002,b@x,Bob,,")
	if p := w.apply(); p.Totals.Customers != 2 {
		t.Errorf("back: %+v", p.Totals)
	}
	expect(t, w, "shop C001=N-000001", "shop C002=N-000002", "shop N-000001=N-000001", "shop N-000002=N-000002")
	w.unchanged("back")
	w.sound("back")
}
