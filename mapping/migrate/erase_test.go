package migrate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// erase forgets the customers of canonical IDs and of source IDs, such as
// "crm C1".
func (w *world) erase(ids ...string) (*plan.Plan, migrate.Result, error) {
	w.t.Helper()
	store := w.open()
	defer store.Close()
	rs := w.ruleset()
	w.clock = w.clock.Add(time.Minute)
	return migrate.Run(w.t.Context(), store, migrate.Options{Actor: "ann", Reason: "asked to be", Rules: rs.Digest(), Wait: w.wait},
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			sources, err := snap.Sources(ctx)
			if err != nil {
				return nil, err
			}
			var numbers []string
			var keys []crosswalk.SourceKey
			for _, id := range ids {
				name, key, ok := strings.Cut(id, " ")
				if !ok {
					numbers = append(numbers, id)
				}
				for _, s := range sources {
					if ok && s.Name == name {
						keys = append(keys, crosswalk.SourceKey{Source: s.No, Key: key})
					}
				}
			}
			return plan.Erase(ctx, snap, rs, numbers, keys, w.options())
		})
}

func (w *world) mustErase(ids ...string) *plan.Plan {
	w.t.Helper()
	p, res, err := w.erase(ids...)
	if err := errors.Join(err, res.Unpurged); err != nil {
		w.t.Fatal(err)
	}
	return p
}

// Whoever is erased is gone with all numbers and source IDs, does not come
// back, and leaves others as they were.
func TestErase(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn, rules.Config{
			Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email", "name"), source("shop", "email", "name")},
		})
		w.policy = plan.Policy{Merges: "auto", Retire: true, RetireAtMost: 1}
		w.sheets["crm"] = table("id,email,name\nC1,a@x.example,Al\nC2,b@x.example,Bo\nC3,c@x.example,Cy")
		w.sheets["shop"] = table("id,email,name\n1,b@x.example,Bo\n2,d@x.example,Di")
		w.apply()
		w.sheets["shop"].rows[1][1] = "b@x.example" // Di is Bo
		w.sheets["crm"].rows[0][2] = "Alma"
		w.apply()
		expect(t, w, "crm C1=N-000001", "crm C2=N-000002", "crm C3=N-000003", "shop 1=N-000002", "shop 2=N-000004")
		p := w.mustErase("shop 2")
		if got := *p.Erase; got.Customers != 1 || got.Versions != 4 || len(got.Keys) != 3 {
			t.Errorf("it erases %+v", got)
		}
		expect(t, w, "crm C1=N-000001", "crm C3=N-000003")
		if p.Totals.Customers != 2 {
			t.Errorf("%d customers are left", p.Totals.Customers)
		}
		again := w.apply()
		if again.Totals.Rejected != 3 || again.Links != 0 {
			t.Errorf("reading them again gives %+v", again.Totals)
		}
		for _, r := range again.Rejects {
			if r.Reason != "erased on request in run 3" || r.Place == "" {
				t.Errorf("a reject says %+v", r)
			}
		}
		expect(t, w, "crm C1=N-000001", "crm C3=N-000003")
		snap, _, done := w.view()
		defer done()
		for _, number := range []string{"N-000002", "N-000004"} {
			if n, ok, err := snap.Number(t.Context(), number); err != nil || !ok || n.State != crosswalk.Gone {
				t.Errorf("%s is %+v, %v", number, n, err)
			}
		}
		// What is new gets a new number.
		w.sheets["crm"].rows = append(w.sheets["crm"].rows, []string{"C4", "b@x.example", "Bo"})
		w.apply()
		expect(t, w, "crm C1=N-000001", "crm C3=N-000003", "crm C4=N-000005")
	})
}

// Of the erased no byte is left in an SQLite file.
func TestEraseLeavesNoBytes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", rules.Config{
		Matching: true, Same: same("email"), Sources: []rules.Source{source("crm", "email", "name")},
	})
	s := &sheet{header: []string{"id", "email", "name"}}
	for i := range 3000 {
		s.rows = append(s.rows, []string{strings.Repeat("K", i%40) + fmt.Sprintf("%05d", i), fmt.Sprintf("%05d", i) + "@x.example", "Name " + fmt.Sprintf("%05d", i)})
	}
	s.rows = append(s.rows, []string{"QZKEY77", "qzmail@x.example", "Qzdistinctive"})
	w.sheets["crm"] = s
	w.apply()
	for round := range 3 { // rows move to the past, and leave traces
		for i := range s.rows {
			s.rows[i][2] += fmt.Sprint(round)
		}
		w.apply()
	}
	w.mustErase("crm QZKEY77")
	for _, file := range []string{w.dsn, w.dsn + "-wal", w.dsn + "-shm"} {
		b, err := os.ReadFile(file)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, trace := range []string{"QZKEY77", "Qzdistinctive", "qzdistinctive", "qzmail"} {
			if bytes.Contains(b, []byte(trace)) {
				t.Errorf("%s still holds %s", file, trace)
			}
		}
	}
	w.apply()
}
