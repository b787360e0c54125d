package migrate_test

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/rules"
)

func eachStore(t *testing.T, f func(t *testing.T, dsn string)) {
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			f(t, dbtest.Database(t, d))
		})
	}
}

// The spellings of an ID are as many keys in every store as the key rule says.
func TestSpellingsInEveryStore(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn, rules.Config{Sources: []rules.Source{source("crm"), source("exact")}})
		w.cfg.Sources[1].ID.Key = ruleExact
		w.sheets["crm"] = table("id\nC001\nc001\nC001 \nＣ００１")
		w.sheets["exact"] = w.sheets["crm"]
		w.apply()
		expect(t, w, "crm C001=N-000001", "crm c001=N-000002",
			"exact C001 =N-000004", "exact C001=N-000003", "exact c001=N-000005", "exact Ｃ００１=N-000006")
	})
}

// crashWorld makes many links, so that a run takes a while. Its customers are
// numbered by canonical, or as usual where that is empty.
func crashWorld(t testing.TB, dsn, canonical string) *world {
	w := newWorld(t, dsn, rules.Config{
		Canonical: rules.Canonical{Scheme: canonical, Secret: "a secret of sixteen"}, Matching: true, Same: same("email"),
		Sources: []rules.Source{source("crm", "email", "region", "created")},
	})
	s := &sheet{header: []string{"id", "email", "region", "created"}}
	for i := range 60_000 {
		s.rows = append(s.rows, []string{fmt.Sprintf("C%d", i), fmt.Sprintf("p%d@x.example", i/2*2), fmt.Sprintf("R%d", i%7), fmt.Sprintf("2024-%02d-01", 1+i%12)})
	}
	w.sheets["crm"] = s
	return w
}

const (
	crashEnv       = "XWALK_TEST_CRASH_DSN"
	crashCanonical = "XWALK_TEST_CRASH_CANONICAL"
)

// TestCrashChild is the process that TestKilledRun kills; alone it does nothing.
func TestCrashChild(t *testing.T) {
	dsn := os.Getenv(crashEnv)
	if dsn == "" {
		t.Skip("run by TestKilledRun")
	}
	w := crashWorld(t, dsn, os.Getenv(crashCanonical))
	w.wait = time.Minute
	w.started = func() { fmt.Println("writing") }
	w.apply()
}

// A run that is killed at any moment and made again ends as one that was not.
func TestKilledRun(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		kills := 2
		switch {
		case os.Getenv("LONG") != "":
			kills = 30
		case testing.Short():
			kills = 1
		}
		killAndRepeat(t, dsn, "", kills)
	})
}

// Numbers that are drawn, and those of many counters, are the same after a
// kill.
func TestKilledNumbering(t *testing.T) {
	t.Parallel()
	kills := 1
	if os.Getenv("LONG") != "" {
		kills = 10
	}
	for _, canonical := range []string{"N-{hash:4}", "N{field:region}{date:YYMM}{next:5}{check:mod97-10}"} {
		t.Run(canonical, func(t *testing.T) {
			t.Parallel()
			killAndRepeat(t, filepath.Join(t.TempDir(), "crosswalk.db"), canonical, kills)
		})
	}
}

// killAndRepeat kills a run several times, lets it finish, and compares the
// end with that of a run that nobody disturbed.
func killAndRepeat(t *testing.T, dsn, canonical string, kills int) {
	whole := crashWorld(t, "", canonical)
	whole.apply()
	want := whole.links()
	for range kills {
		child := exec.Command(os.Args[0], "-test.run=^TestCrashChild$", "-test.v")
		child.Env = append(os.Environ(), crashEnv+"="+dsn, crashCanonical+"="+canonical)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(out); lines.Scan() && !strings.Contains(lines.Text(), "writing"); {
			continue
		}
		time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond)
		_ = child.Process.Kill()
		_ = child.Wait()
	}
	w := crashWorld(t, dsn, canonical)
	w.wait = time.Minute // a server may take a moment to notice that the child is gone
	w.apply()
	if diff := cmp.Diff(want, w.links()); diff != "" {
		t.Fatalf("after kills (-want +got):\n%s", diff)
	}
	if p, err := w.dry(); err != nil || !p.Empty() {
		t.Errorf("once more: %v, %+v", err, p)
	}
}

// Readers see nothing of a run that was interrupted, another plan discards
// it, and the same plan goes on where it stopped.
func TestInterruptedRun(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := crashWorld(t, dsn, "")
		interrupt := func() {
			w.cut = 30_000
			_, _, err := w.try()
			w.cut = 0
			var partial *migrate.PartialError
			if !errors.As(err, &partial) || partial.Done == 0 || partial.Done >= partial.Total {
				t.Fatalf("an interrupted run gives %v", err)
			}
			if got := w.links(); len(got) != 0 {
				t.Fatalf("readers see %d links of it", len(got))
			}
		}
		interrupt()
		_, res, err := w.try()
		if err != nil || !res.Resumed || res.Run != 1 {
			t.Fatalf("going on gives %+v, %v", res, err)
		}
		whole := crashWorld(t, "", "")
		whole.apply()
		if !slices.Equal(whole.links(), w.links()) {
			t.Error("the resumed run is not what an uninterrupted one is")
		}
	})
}

func TestAnotherPlanDiscardsAnUnfinishedRun(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := crashWorld(t, dsn, "")
		w.cut = 30_000
		if _, _, err := w.try(); err == nil {
			t.Fatal("the run was not interrupted")
		}
		w.cut = 0
		w.sheets["crm"] = table("id,email,region,created\nX1,a@x.example,,\nX2,b@x.example,,")
		_, res, err := w.try()
		if err != nil || res.Resumed || res.Run != 1 {
			t.Fatalf("another plan gives %+v, %v", res, err)
		}
		expect(t, w, "crm X1=N-000001", "crm X2=N-000002")
	})
}

// Many appliers of one configuration: one does the work, the others find it
// done; no source ID ever has two numbers.
func TestManyAppliers(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		const appliers = 12
		var wg sync.WaitGroup
		errs := make([]error, appliers)
		counts := make([]int64, appliers)
		for i := range appliers {
			wg.Go(func() {
				w := twoSources(t, dsn)
				w.wait = time.Minute
				w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al\nC2,b@x.example,Bo")
				w.sheets["shop"] = table("id,email,name\n1,a@x.example,Al")
				p, _, err := w.try()
				errs[i] = err
				if p != nil {
					counts[i] = p.Links
				}
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		slices.Sort(counts)
		if want := append(make([]int64, appliers-1), 3); !slices.Equal(counts, want) {
			t.Errorf("links written: %v, want one applier to write all 3", counts)
		}
		w := twoSources(t, dsn)
		expect(t, w, "crm C1=N-000001", "crm C2=N-000002", "shop 1=N-000001")
	})
}

// Somebody who holds the lease makes others wait, and then refuses them.
func TestLockedCrosswalk(t *testing.T) {
	t.Parallel()
	w := twoSources(t, "")
	w.sheets["crm"], w.sheets["shop"] = table("id,email,name\n1,a,b"), table("id,email,name")
	store := w.open()
	defer store.Close()
	lease, err := store.Acquire(t.Context(), "elsewhere/1", "sync")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lease.Release(t.Context()) }()
	w.wait = 100 * time.Millisecond
	_, _, err = w.try()
	var locked *crosswalk.LockedError
	if !errors.As(err, &locked) || locked.Holder != "elsewhere/1" {
		t.Fatalf("a locked crosswalk gives %v", err)
	}
	if _, err := w.dry(); err != nil {
		t.Errorf("planning beside a writer gives %v", err)
	}
}

// The same runs give the same plans, numbers and digests in every store.
func TestStoresAgree(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	digests := map[string][]string{}
	t.Run("stores", func(t *testing.T) {
		eachStore(t, func(t *testing.T, dsn string) {
			w := twoSources(t, dsn)
			w.policy = plan.Policy{Merges: "auto", Retire: true, RetireAtMost: 1}
			w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al\nC2,b@x.example,Bo\n客户3,c@x.example,Cy")
			w.sheets["shop"] = table("id,email,name\n1,b@x.example,Bo")
			w.apply()
			w.sheets["crm"] = table("id,email,name\nC1,b@x.example,Al\nC2,b@x.example,Bob")
			w.apply()
			w.sheets["shop"] = table("id,email,name\n2,c@x.example,Cy")
			w.apply()
			store := w.open()
			defer store.Close()
			snap, err := store.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer snap.Close()
			runs, err := snap.Runs(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got := w.links()
			for _, r := range runs {
				got = append(got, fmt.Sprintf("run %d serial %d plan %s digest %s %+v", r.Run, r.Serial, r.Plan, r.Digest, r.Totals))
			}
			mu.Lock()
			digests[store.Dialect().String()] = got
			mu.Unlock()
		})
	})
	for name, got := range digests {
		if diff := cmp.Diff(digests["sqlite"], got); diff != "" {
			t.Errorf("%s differs from SQLite (-sqlite +%s):\n%s", name, name, diff)
		}
	}
}
