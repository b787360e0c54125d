package migrate_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
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
