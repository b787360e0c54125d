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

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// act is a steward's act: it plans on the crosswalk as it is.
type act func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error)

// keysOf are source IDs that are written as "crm C1".
func keysOf(ctx context.Context, snap *crosswalk.Snapshot, texts ...string) ([]crosswalk.SourceKey, error) {
	sources, err := snap.Sources(ctx)
	var keys []crosswalk.SourceKey
	for _, text := range texts {
		name, key, _ := strings.Cut(text, " ")
		for _, s := range sources {
			if s.Name == name {
				keys = append(keys, crosswalk.SourceKey{Source: s.No, Key: key})
			}
		}
	}
	return keys, err
}

func merge(numbers ...string) act {
	return func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		return plan.Merge(ctx, snap, rs, numbers, "", true, o)
	}
}

func split(number string, links ...string) act {
	return func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		keys, err := keysOf(ctx, snap, links...)
		if err != nil {
			return nil, err
		}
		return plan.Split(ctx, snap, rs, number, keys, "", o)
	}
}

func renumberTo(number, to string) act {
	return func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		return plan.Renumber(ctx, snap, rs, number, to, o)
	}
}

// targeted is an act on a canonical ID, or on a link that is written as "crm C1".
func targeted(do func(context.Context, *crosswalk.Snapshot, *rules.Ruleset, plan.Target, plan.Options) (*plan.Plan, error), what string) act {
	return func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		if !strings.Contains(what, " ") {
			return do(ctx, snap, rs, plan.Target{Number: what}, o)
		}
		keys, err := keysOf(ctx, snap, what)
		if err != nil {
			return nil, err
		}
		return do(ctx, snap, rs, plan.Target{Link: keys[0]}, o)
	}
}

func retire(what string) act  { return targeted(plan.Retire, what) }
func restore(what string) act { return targeted(plan.Restore, what) }

// tryAct carries an act out.
func (w *world) tryAct(a act) (*plan.Plan, error) {
	w.t.Helper()
	store, err := w.tryOpen()
	if err != nil {
		return nil, err
	}
	defer store.Close()
	rs := w.ruleset()
	w.clock = w.clock.Add(time.Minute)
	o := w.options()
	o.Actor, o.Reason = "sue", "a test"
	p, _, err := migrate.Run(w.t.Context(), store, migrate.Options{Actor: "sue", Reason: "a test", Rules: rs.Digest(), Wait: w.wait},
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) { return a(ctx, snap, rs, o) })
	return p, err
}

// does carries an act out, and checks that the sources have nothing to say
// against it, and that the plan counted rightly.
func (w *world) does(a act) *plan.Plan {
	w.t.Helper()
	p, err := w.tryAct(a)
	if err != nil {
		w.t.Fatal(err)
	}
	w.expectStill()
	if got := w.customerCount(); got != p.Totals.Customers {
		w.t.Fatalf("the plan of %s counts %d customers, and there are %d", p.Kind, p.Totals.Customers, got)
	}
	return p
}

// expectStill checks that nothing is to be done.
func (w *world) expectStill() {
	w.t.Helper()
	if p, err := w.dry(); err != nil || !p.Empty() {
		w.t.Fatalf("the next plan is not empty: %v %+v", err, p)
	}
}

// numbers lists what is noted of numbers, as "N-2>N-1>N-1" for merged ones.
func (w *world) numbers() (out []string) {
	w.t.Helper()
	snap, _, done := w.view()
	defer done()
	for n, err := range snap.Numbers(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		text := n.Canonical + " " + n.State.String()
		if n.State == crosswalk.Merged {
			text = n.Canonical + ">" + n.Into + ">" + n.Survivor
		}
		out = append(out, text)
	}
	return out
}

// means resolves every live link: "crm C1=N-000001", with survivors.
func (w *world) means() (out []string) {
	w.t.Helper()
	survivors := map[string]string{}
	for _, n := range w.numbers() {
		if parts := strings.Split(n, ">"); len(parts) == 3 {
			survivors[parts[0]] = parts[2]
		}
	}
	for _, l := range w.links() {
		if strings.Contains(l[strings.LastIndex(l, "="):], " ") {
			continue // not live
		}
		id, number, _ := strings.Cut(l, "=")
		if s := survivors[number]; s != "" {
			number = s
		}
		out = append(out, id+"="+number)
	}
	return out
}

func (w *world) customerCount() int64 {
	numbers := map[string]bool{}
	for _, l := range w.means() {
		_, number, _ := strings.Cut(l, "=")
		numbers[number] = true
	}
	return int64(len(numbers))
}

func expectMeans(t *testing.T, w *world, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, w.means()); diff != "" {
		t.Fatalf("what source IDs mean (-want +got):\n%s", diff)
	}
}

// alphabet is a crosswalk of so many customers, one record each: crm A is
// N-000001 and so on.
func alphabet(t testing.TB, dsn string, n int) *world {
	w := newWorld(t, dsn, rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email"), source("shop", "email")}})
	w.sheets["crm"], w.sheets["shop"] = &sheet{header: []string{"id", "email"}}, &sheet{header: []string{"id", "email"}}
	for i := range n {
		w.sheets["crm"].rows = append(w.sheets["crm"].rows, []string{string(rune('A' + i)), fmt.Sprintf("%c@x.example", 'a'+i)})
	}
	w.apply()
	return w
}

func TestMergeAndSplitGiveBackTheEarlierState(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := alphabet(t, dsn, 4)
		w.sheets["shop"] = table("id,email\n1,b@x.example")
		w.apply()
		w.does(merge("N-000004", "N-000003"))
		before, numbers := w.links(), w.numbers()
		p := w.does(merge("N-000003", "N-000002", "N-000001"))
		if p.Totals.Merged != 2 || p.Totals.Customers != 1 {
			t.Errorf("totals: %+v", p.Totals)
		}
		expectMeans(t, w, "crm A=N-000001", "crm B=N-000001", "crm C=N-000001", "crm D=N-000001", "shop 1=N-000001")
		if diff := cmp.Diff([]string{"N-000002>N-000001>N-000001", "N-000003>N-000001>N-000001", "N-000004>N-000003>N-000001"}, w.numbers()); diff != "" {
			t.Fatalf("numbers (-want +got):\n%s", diff)
		}
		w.does(split("N-000004", "crm C", "crm D"))
		w.does(split("N-000001", "crm B", "shop 1"))
		if diff := cmp.Diff(before, w.links()); diff != "" {
			t.Errorf("links (-before +after):\n%s", diff)
		}
		if diff := cmp.Diff(slices.Sorted(slices.Values(append(numbers, "N-000002 given", "N-000003 given"))), w.numbers()); diff != "" {
			t.Errorf("numbers (-before +after):\n%s", diff)
		}
	})
}

// Which customer leaves does not matter: each has its number back.
func TestSplitOfTheSurvivor(t *testing.T) {
	t.Parallel()
	w := alphabet(t, "", 3)
	w.does(merge("N-000003", "N-000002"))
	w.does(merge("N-000002", "N-000001"))
	w.does(split("N-000003", "crm A"))
	expectMeans(t, w, "crm A=N-000001", "crm B=N-000002", "crm C=N-000002")
	if diff := cmp.Diff([]string{"N-000002 given", "N-000003>N-000002>N-000002"}, w.numbers()); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

// A number with records on both sides stays, and what leaves gets a new one.
func TestSplitOfWhatTheRulesJoined(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := alphabet(t, dsn, 2)
		w.sheets["shop"] = table("id,email\n1,a@x.example\n2,a@x.example")
		w.policy.Merges = "auto"
		w.apply()
		p := w.does(split("N-000001", "shop 1"))
		if p.Totals.Split != 1 || p.Totals.Customers != 3 {
			t.Errorf("totals: %+v", p.Totals)
		}
		expectMeans(t, w, "crm A=N-000001", "crm B=N-000002", "shop 1=N-000003", "shop 2=N-000001")
		// A new record that agrees with both joins none of them by itself.
		w.sheets["shop"] = table("id,email\n1,a@x.example\n2,a@x.example\n3,a@x.example")
		w.apply()
		if got := w.means(); got[0] != "crm A=N-000001" || got[2] != "shop 1=N-000003" {
			t.Errorf("a new record brings them together: %q", got)
		}
		w.does(merge("N-000003", "N-000001"))
		if got := w.means(); got[2] != "shop 1=N-000001" {
			t.Errorf("merged again: %q", got)
		}
	})
}

func TestSplitRefusals(t *testing.T) {
	t.Parallel()
	w := alphabet(t, "", 3)
	w.does(merge("N-000001", "N-000002"))
	w.does(retire("crm B"))
	for name, c := range map[string]struct {
		a    act
		want string
	}{
		"none":    {split("N-000001"), "no links of N-000001 were named"},
		"all":     {split("N-000001", "crm A"), "nothing of N-000001 would remain"},
		"foreign": {split("N-000001", "crm C"), "crm C is not one of the links of N-000001: it belongs to N-000003"},
		"retired": {split("N-000001", "crm B"), "crm B is retired"},
		"unknown": {split("N-000001", "crm Z"), "crm Z is not in the crosswalk"},
		"gone":    {split("N-000009", "crm A"), "N-000009 has no record any more"},
	} {
		var no *plan.ActError
		if _, err := w.tryAct(c.a); !errors.As(err, &no) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMergeRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm"), source("firms")}})
	w.cfg.Sources[1].Kind = rules.KindRule{Const: "company"}
	w.sheets["crm"], w.sheets["firms"] = table("id\nA\nB"), table("id\nF")
	w.apply()
	try := func(numbers []string, keep string, override bool) error {
		_, err := w.tryAct(func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
			return plan.Merge(ctx, snap, rs, numbers, keep, override, o)
		})
		return err
	}
	var no *plan.ActError
	if err := try([]string{"N-000001", "N-000003"}, "", false); !errors.As(err, &no) || !strings.Contains(err.Error(), "N-000001 is a person and N-000003 a company") {
		t.Errorf("two kinds: %v", err)
	}
	w.say(crosswalk.Different, "crm A", "crm B", "")
	var contrary crosswalk.ContraryErrors
	if err := try([]string{"N-000002", "N-000001"}, "", false); !errors.As(err, &contrary) || contrary[0].Before.Actor != "ann" {
		t.Errorf("against a verdict: %v", err)
	}
	if err := try([]string{"N-000002", "N-000001"}, "N-000003", true); !errors.As(err, &no) {
		t.Errorf("keeping another's number: %v", err)
	}
	if err := try([]string{"N-000002", "N-000001"}, "N-000002", true); err != nil {
		t.Fatal(err)
	}
	expectMeans(t, w, "crm A=N-000002", "crm B=N-000002", "firms F=N-000003")
	w.expectStill()
	var nothing *plan.NothingError
	if err := try([]string{"N-000002", "N-000001"}, "", false); !errors.As(err, &nothing) {
		t.Errorf("once more: %v", err)
	}
	snap, _, done := w.view()
	defer done()
	if runs, err := snap.Runs(t.Context()); err != nil || len(runs) != 2 || runs[1].Kind != "merge" || len(runs[1].Verdicts) != 1 {
		t.Errorf("runs: %+v, %v", runs, err)
	}
}

// Numbers answer in one step, however long the chain, and a merge in its
// middle can be taken back.
func TestChainOfMerges(t *testing.T) {
	t.Parallel()
	customers := 40
	if os.Getenv("LONG") != "" {
		customers = 1001
	}
	w := newWorld(t, "", rules.Config{Sources: []rules.Source{source("crm")}})
	w.sheets["crm"] = &sheet{header: []string{"id"}}
	for i := range customers {
		w.sheets["crm"].rows = append(w.sheets["crm"].rows, []string{fmt.Sprintf("C%d", i+1)})
	}
	w.apply()
	for i := customers; i > 1; i-- { // run 2 makes the first merge
		if _, err := w.tryAct(merge(fmt.Sprintf("N-%06d", i), fmt.Sprintf("N-%06d", i-1))); err != nil {
			t.Fatal(err)
		}
	}
	w.expectStill()
	for i, n := range w.numbers() {
		if want := fmt.Sprintf("N-%06d>N-%06d>N-000001", i+2, i+1); n != want {
			t.Fatalf("got %s, want %s", n, want)
		}
	}
	middle := customers / 2
	var younger []string
	for i := middle; i < customers; i++ {
		younger = append(younger, fmt.Sprintf("crm C%d", i+1))
	}
	w.does(split("N-000001", younger...))
	for _, n := range w.numbers() {
		parts := strings.Split(n, ">")
		want := "N-000001"
		if parts[0] > fmt.Sprintf("N-%06d", middle) {
			want = fmt.Sprintf("N-%06d", middle+1)
		}
		if len(parts) == 3 && parts[2] != want {
			t.Fatalf("after the split, %s should mean %s", n, want)
		}
	}
	whole := w.undo(int64(customers + 1)) // the split
	if got := w.customerCount(); got != 1 || whole.Totals.Customers != 1 {
		t.Fatalf("after the undo of the split there are %d customers, and the plan counts %d", got, whole.Totals.Customers)
	}
	w.expectStill()
	// The chain comes apart where a merge in its middle is undone.
	w.undo(int64(customers - middle + 1)) // made N-000021 mean N-000020
	for _, l := range w.means() {
		id, number, _ := strings.Cut(l, "=")
		want := "N-000001"
		if slices.Contains(younger, id) {
			want = fmt.Sprintf("N-%06d", middle+1)
		}
		if number != want {
			t.Fatalf("after undoing a merge in the middle of the chain %s means %s; want %s", id, number, want)
		}
	}
	w.expectStill()
}

func TestRenumber(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := alphabet(t, dsn, 3)
		w.does(merge("N-000002", "N-000001"))
		w.does(renumberTo("N-000002", "VIP-1"))
		expectMeans(t, w, "crm A=VIP-1", "crm B=VIP-1", "crm C=N-000003")
		w.does(renumberTo("N-000001", ""))
		expectMeans(t, w, "crm A=N-000004", "crm B=N-000004", "crm C=N-000003")
		want := []string{"N-000001>VIP-1>N-000004", "N-000002>N-000001>N-000004", "N-000004 given", "VIP-1>N-000004>N-000004"}
		if diff := cmp.Diff(want, w.numbers()); diff != "" {
			t.Errorf("numbers (-want +got):\n%s", diff)
		}
		var no *plan.ActError
		for _, taken := range []string{"N-000001", "N-000003", "VIP-1", "vip", "-1"} {
			if _, err := w.tryAct(renumberTo("N-000003", taken)); !errors.As(err, &no) && taken != "N-000003" {
				t.Errorf("renumber to %s: %v", taken, err)
			}
		}
		w.does(split("N-000001", "crm B"))
		expectMeans(t, w, "crm A=N-000004", "crm B=N-000002", "crm C=N-000003")
	})
}

func TestRetireAndRestore(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := alphabet(t, dsn, 3)
		w.sheets["shop"] = table("id,email\n1,a@x.example")
		w.apply()
		w.does(merge("N-000001", "N-000002"))
		before := w.links()
		p := w.does(retire("N-000002"))
		if p.Totals.Retired != 3 || p.Totals.Customers != 1 {
			t.Errorf("totals: %+v", p.Totals)
		}
		expectMeans(t, w, "crm C=N-000003")
		// A changed record brings nothing back, and a new one does not join.
		w.sheets["crm"].rows[0] = []string{"A", "other@x.example"}
		w.sheets["shop"] = table("id,email\n1,a@x.example\n2,b@x.example")
		w.apply()
		expectMeans(t, w, "crm C=N-000003", "shop 2=N-000004")
		var no *plan.ActError
		if _, err := w.tryAct(merge("N-000001", "N-000003")); !errors.As(err, &no) || !strings.Contains(no.Hint, "restore") {
			t.Errorf("merging a customer that is gone: %v", err)
		}
		w.sheets["crm"].rows[0] = []string{"A", "a@x.example"}
		w.does(restore("N-000001"))
		if diff := cmp.Diff(append(before, "shop 2=N-000004"), w.links()); diff != "" {
			t.Errorf("links (-before +after):\n%s", diff)
		}
		w.does(retire("crm A"))
		expectMeans(t, w, "crm B=N-000001", "crm C=N-000003", "shop 1=N-000001", "shop 2=N-000004")
		w.does(restore("crm A"))
		if _, err := w.tryAct(restore("N-000002")); !errors.As(err, &no) || !strings.Contains(no.Hint, "split") {
			t.Errorf("restoring a merged number: %v", err)
		}
	})
}

// A link that ended because its record vanished stays, once a steward took
// that back, until the record is there again and changes.
func TestRestoreOfAVanishedRecord(t *testing.T) {
	t.Parallel()
	w := alphabet(t, "", 3)
	w.policy.Retire = true
	all := w.sheets["crm"]
	w.sheets["crm"] = &sheet{header: all.header, rows: all.rows[:2]}
	w.apply()
	w.does(restore("crm C"))
	expectMeans(t, w, "crm A=N-000001", "crm B=N-000002", "crm C=N-000003")
	w.sheets["crm"] = &sheet{header: all.header, rows: [][]string{all.rows[0], all.rows[1], {"C", "new@x.example"}}}
	w.apply()
	w.sheets["crm"] = &sheet{header: all.header, rows: all.rows[:2]}
	w.apply()
	expectMeans(t, w, "crm A=N-000001", "crm B=N-000002")
	// One that a steward retired comes back as vanished as it was.
	w.does(retire("N-000003"))
	w.does(restore("N-000003"))
	expectMeans(t, w, "crm A=N-000001", "crm B=N-000002", "crm C=N-000003")
}

// Further numbers go where their records go.
func TestActsOnFurtherNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email"), source("shop", "email")}})
	w.cfg.Sources[0].Also = []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code"}}}}
	w.sheets["crm"] = table("id,email,code\nA,a@x.example,K1\nB,b@x.example,K2")
	w.sheets["shop"] = table("id,email\n1,a@x.example")
	w.apply()
	w.does(merge("N-000001", "N-000002"))
	w.does(split("N-000001", "crm B"))
	expectMeans(t, w, "crm A=N-000001", "crm B=N-000002", "crm.code K1=N-000001", "crm.code K2=N-000002", "shop 1=N-000001")
	w.does(split("N-000001", "crm A"))
	expectMeans(t, w, "crm A=N-000003", "crm B=N-000002", "crm.code K1=N-000003", "crm.code K2=N-000002", "shop 1=N-000001")
	w.does(retire("crm.code K1"))
	expectMeans(t, w, "crm A=N-000003", "crm B=N-000002", "crm.code K2=N-000002", "shop 1=N-000001")
	w.does(retire("N-000002"))
	w.does(restore("N-000002"))
	w.does(retire("crm B"))
	w.does(restore("crm B"))
	w.does(restore("crm.code K1"))
	expectMeans(t, w, "crm A=N-000003", "crm B=N-000002", "crm.code K1=N-000003", "crm.code K2=N-000002", "shop 1=N-000001")
}

// A split in which nothing but another record's further number would remain
// is refused: it would be nobody's.
func TestSplitLeavesARecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email")}})
	w.cfg.Sources[0].Also = []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code"}}}}
	w.sheets["crm"] = table("id,email,code\nA,a@x.example,K1\nB,b@x.example,K2")
	w.apply()
	w.does(merge("N-000001", "N-000002"))
	if _, err := w.tryAct(split("N-000001", "crm B", "crm.code K1")); err != nil {
		t.Fatal(err)
	}
	expectMeans(t, w, "crm A=N-000001", "crm B=N-000002", "crm.code K1=N-000002", "crm.code K2=N-000002")
	var refused *plan.ActError
	if _, err := w.tryAct(split("N-000002", "crm B", "crm.code K2")); !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
	expectMeans(t, w, "crm A=N-000001", "crm B=N-000002", "crm.code K1=N-000002", "crm.code K2=N-000002")
}

// What people are asked about two customers is answered by what a steward
// does with them, and that stands against the rules.
func TestActsAnswerReviews(t *testing.T) {
	t.Parallel()
	w := alphabet(t, "", 2)
	ask := func() {
		w.sheets["shop"] = table("id,email\n1,a@x.example")
		w.apply()
		w.sheets["crm"].rows[1] = []string{"B", "a@x.example"}
		w.apply()
		expectReviews(t, w, "crm A, crm B: same: email")
	}
	ask()
	w.does(merge("N-000002", "N-000001"))
	expectReviews(t, w)
	w.does(split("N-000001", "crm B"))
	expectReviews(t, w)
	expectMeans(t, w, "crm A=N-000001", "crm B=N-000002", "shop 1=N-000001")

	w = alphabet(t, "", 2)
	ask()
	w.does(retire("crm B"))
	expectReviews(t, w)
	w.does(restore("crm B"))
	expectReviews(t, w, "crm A, crm B: same: email")
}
