//go:build unix

package migrate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/archive"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/crosswalk/storetest"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/verify"
	"github.com/xwalk-id/xwalk/rules"
)

// secondRun is a small crosswalk before its second run, which does all that a
// run can do: it creates, links, updates, merges, retires, restores, raises
// reviews and answers one.
func secondRun(t testing.TB, dsn string) *world {
	w := newWorld(t, dsn, rules.Config{
		Matching: true, Same: same("phone", "email?name"), Sources: []rules.Source{source("crm", "email", "phone", "name"), source("shop", "email", "phone", "name")},
	})
	w.policy = plan.Policy{Merges: "auto", Retire: true, RetireAtMost: 1}
	w.sheets["crm"] = table("id,email,phone,name\nC1,a@x.example,+4930123451,Al\nC2,b@x.example,+4930123452,Bo\nC3,c@x.example,,Cy\nC4,d@x.example,,Di\nC5,c@x.example,,Zo")
	w.sheets["shop"] = table("id,email,phone,name\n1,a@x.example,+4930123451,Al\n2,q@x.example,,Qi")
	w.apply()
	w.sheets["crm"] = table("id,email,phone,name\nC1,a@x.example,+4930123459,Al\nC2,b@x.example,+4930123459,Bo\nC3,c@x.example,,Cy\nC5,e@x.example,,Zo\nC6,f@x.example,,Flo\nC7,f@x.example,,Gus")
	w.sheets["shop"] = table("id,email,phone,name\n1,a@x.example,+4930123451,Al\n3,f@x.example,,Flo\n4,,,Hal")
	return w
}

// laterRun is the crosswalk after that run.
func laterRun(t testing.TB, dsn string) *world {
	w := secondRun(t, dsn)
	w.apply()
	return w
}

// runKind is a kind of run that is made to fail or die: what is there before
// it, and the run.
type runKind struct {
	name  string
	ready func(t testing.TB, dsn string) *world
	run   func(w *world) error
}

var runKinds = []runKind{
	{"apply", secondRun, func(w *world) error {
		_, _, err := w.try()
		return err
	}},
	{"merge", laterRun, acting(merge("N-000001", "N-000003"))},
	{"split", laterRun, acting(split("N-000001", "shop 1"))},
	{"undo", laterRun, acting(func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		return plan.Undo(ctx, snap, rs, 2, o)
	})},
	{"redecide", func(t testing.TB, dsn string) *world {
		w := laterRun(t, dsn)
		w.cfg.Same = same("email")
		return w
	}, func(w *world) error {
		return acting(func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
			return plan.Redecide(ctx, snap, rs, w.inputs(rs), o)
		})(w)
	}},
	{"erase", func(t testing.TB, dsn string) *world {
		w := laterRun(t, dsn)
		w.exec("INSERT INTO xwalk_meta (name, value) VALUES ('erase_salt', '" + strings.Repeat("5a", 32) + "')") // else it is random
		return w
	}, acting(func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		return plan.Erase(ctx, snap, rs, []string{"N-000001"}, nil, o)
	})},
	{"rekey", func(t testing.TB, dsn string) *world {
		w := laterRun(t, dsn)
		w.cfg.Sources[0].ID.Key.Case = "lower"
		return w
	}, func(w *world) error {
		store, err := w.tryOpen()
		if err != nil {
			return err
		}
		defer store.Close()
		return acting(func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
			return plan.Rekey(ctx, snap, store.Snapshot, rs, "crm", o)
		})(w)
	}},
	{"import of a list", laterRun, acting(func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		return plan.Import(ctx, snap, rs, []plan.Given{
			{Source: "crm", SourceID: "C9", Canonical: "OLD-9", Place: "list.csv:2"}, {Source: "shop", SourceID: "9", Canonical: "OLD-9", Place: "list.csv:3"},
		}, o)
	})},
	{"import of an archive", func(t testing.TB, dsn string) *world {
		w := secondRun(t, "")
		return newWorld(t, dsn, w.cfg)
	}, func(w *world) error {
		text := storetest.Archive(w.t, laterRun(w.t, "").dsn)
		a, err := archive.Open(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			return err
		}
		return migrate.Load(w.t.Context(), a, w.tryOpen, migrate.Options{Wait: w.wait})
	}},
}

// acting is the run of an act.
func acting(a act) func(w *world) error {
	return func(w *world) error {
		_, err := w.tryAct(a)
		return err
	}
}

// seen is all that readers see.
func (w *world) seen() []string { return append(w.export(), w.numbers()...) }

// undisturbed is a run that nothing happens to.
type undisturbed struct {
	runKind
	calls         int64 // of the driver
	begins        time.Time
	before, after []string // what readers see
	head          int64
	dump          string
}

func (k runKind) undisturbed(t *testing.T, dsn string) *undisturbed {
	u := &undisturbed{runKind: k, before: k.ready(t, "").seen()}
	w := k.ready(t, dsn)
	u.begins = w.clock
	var f dbtest.Faults
	w.wrap = f.Wrap
	if err := k.run(w); err != nil {
		t.Fatal(err)
	}
	w.wrap = nil
	u.calls, u.after, u.head, u.dump = f.Calls(), w.seen(), w.head(), w.dump()
	if slices.Equal(u.before, u.after) {
		t.Fatal("the run does nothing")
	}
	return u
}

// eachFault calls do with ways for runs of all kinds to go wrong: a dozen of
// each, or all. On servers, which take their time, it is two of a few kinds,
// other ones each time.
func eachFault(t *testing.T, ways []fault, do func(t *testing.T, u *undisturbed, dsn string, f fault)) {
	eachStore(t, func(t *testing.T, dsn string) {
		d := sqldb.Recognize(dsn)
		kinds, usual := slices.Clone(runKinds), 12
		if !long && (testing.Short() || d != sqldb.SQLite) {
			rand.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
			kinds, usual = kinds[:4], 2
		}
		for _, k := range kinds {
			t.Run(k.name, func(t *testing.T) {
				u := k.undisturbed(t, dbtest.Database(t, d))
				for _, f := range faults(u.calls, ways, usual) {
					t.Run(f.String(), func(t *testing.T) { do(t, u, dbtest.Database(t, d), f) })
				}
			})
		}
	})
}

// check looks at what a run left that went wrong with err, which is nil where
// that is not known.
func (u *undisturbed) check(w *world, err error) {
	w.t.Helper()
	if got := w.seen(); !slices.Equal(got, u.after) && (err == nil || !slices.Equal(got, u.before)) {
		w.t.Fatalf("after %v readers see half a run:\n%s", err, strings.Join(got, "\n"))
	}
}

// again makes a run again where it is not published, and compares all that is
// there.
func (u *undisturbed) again(w *world) {
	w.t.Helper()
	if w.head() < u.head {
		w.clock = u.begins
		if err := u.run(w); err != nil {
			w.t.Fatal(err)
		}
	}
	if got := w.dump(); got != u.dump {
		w.t.Fatalf("made again (-want +got):\n%s", firstDifference(u.dump, got))
	}
	store := w.open()
	defer store.Close()
	if r, err := verify.Check(w.t.Context(), store, verify.Options{}); err != nil || !r.OK() {
		w.t.Errorf("verify: %v, %+v", err, r)
	}
}

// fault is one way for one call of the driver to go wrong.
type fault struct {
	late, cut bool
	at        int64
}

func (f fault) String() string {
	text := fmt.Sprintf("call %d", f.at)
	if f.late {
		text += " after it"
	}
	if f.cut {
		text += " with the connection"
	}
	return text
}

// faults are some of the ways for a run of so many calls to go wrong, or all.
func faults(calls int64, ways []fault, usual int) []fault {
	var all []fault
	for _, way := range ways {
		for at := range calls {
			way.at = at + 1
			all = append(all, way)
		}
	}
	if n := pick(1, usual, len(all)); n < len(all) {
		rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:n]
	}
	return all
}

// A call of the driver that fails, any of them, in runs of all kinds: nothing
// is lost, nothing is doubled.
func TestFaults(t *testing.T) {
	t.Parallel()
	eachFault(t, []fault{{}, {late: true}, {cut: true}, {cut: true, late: true}}, func(t *testing.T, u *undisturbed, dsn string, f fault) {
		w := u.ready(t, dsn)
		made := dbtest.Faults{At: f.at, Late: f.late, Cut: f.cut}
		w.wrap = made.Wrap
		err := u.run(w)
		w.wrap = nil
		u.check(w, err)
		w.forgetLease()
		u.again(w)
	})
}

// A process that dies at any call of the driver.
func TestKilledAtEveryCall(t *testing.T) {
	t.Parallel()
	eachFault(t, []fault{{}, {late: true}}, func(t *testing.T, u *undisturbed, dsn string, f fault) {
		env := []string{crashDSN + "=" + dsn, crashKind + "=" + u.name, fmt.Sprintf("%s=%d", crashAt, f.at)}
		if f.late {
			env = append(env, crashLate+"=1")
		}
		out, err := crashChild(t, env...).CombinedOutput()
		var died *exec.ExitError
		if err != nil && (!errors.As(err, &died) || died.Exited()) {
			t.Fatalf("the child did not die of it: %v\n%s", err, out)
		}
		w := u.ready(t, "") // as it is in dsn
		w.dsn, w.wait = dsn, time.Minute
		u.check(w, err)
		u.again(w)
	})
}

// runAndDie is what the child does.
func runAndDie(t *testing.T, dsn, kind string) {
	at, err := strconv.ParseInt(os.Getenv(crashAt), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	k := runKinds[slices.IndexFunc(runKinds, func(k runKind) bool { return k.name == kind })]
	w := k.ready(t, dsn)
	f := dbtest.Faults{At: at, Late: os.Getenv(crashLate) != "", Instead: dieNow}
	w.wrap = f.Wrap
	if err := k.run(w); err != nil {
		t.Fatal(err)
	}
}

// dieNow is kill -9 by one's own hand.
func dieNow() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	fmt.Println(err)
	select {}
}
