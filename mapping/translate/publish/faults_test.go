package publish_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/publish"
)

// state is all that must be the same in the end, whatever happened on the way.
type state struct {
	Fields map[string]string
	Ledger []crosswalk.Publication
}

func (w *world) state() state { return state{w.src.texts(), w.ledger()} }

// deed is something that is done and may be interrupted.
type deed struct {
	name  string
	ready func(t testing.TB, d sqldb.Dialect) *world
	do    func(w *world) error
}

var deeds = []deed{
	{"publish", many, func(w *world) error {
		_, err := w.try()
		return err
	}},
	{"undo", func(t testing.TB, d sqldb.Dialect) *world {
		w := many(t, d)
		if _, err := w.try(); err != nil {
			t.Fatal(err)
		}
		w.src.set("v0000", "by hand")
		delete(w.src.fields, "v0001")
		return w
	}, func(w *world) error {
		_, err := w.tryUndo(2)
		return err
	}},
}

// TestFaults lets calls of the crosswalk's driver and of the source fail, one
// each time, before and after they were carried out, with and without their
// connection. Doing it again ends as if nothing had happened.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		for i := range deeds {
			deed := &deeds[i]
			t.Run(d.String()+" "+deed.name, func(t *testing.T) {
				t.Parallel()
				w := deed.ready(t, d)
				var counted dbtest.Faults
				w.wrap, w.src.calls = counted.Wrap, 0
				if err := deed.do(w); err != nil {
					t.Fatal(err)
				}
				w.wrap = nil
				want, sourceCalls := w.state(), w.src.calls
				for _, f := range pickFaults(d, counted.Calls(), int64(sourceCalls)) {
					t.Run(f.String(), func(t *testing.T) { deed.failing(t, d, f, want) })
				}
			})
		}
	}
}

// failing does a deed that goes wrong, and once more.
func (d *deed) failing(t *testing.T, dialect sqldb.Dialect, f fault, want state) {
	w := d.ready(t, dialect)
	made := dbtest.Faults{Late: f.late, Cut: f.cut}
	w.src.calls = 0
	if f.source {
		w.src.failAt, w.src.late = int(f.at), f.late
	} else {
		made.At, w.wrap = f.at, made.Wrap
	}
	err := d.do(w)
	w.wrap, w.src.failAt = nil, 0
	var gone *mapping.UnreachableError
	if f.source && !errors.As(err, &gone) {
		t.Errorf("the source went away, and the error is %v", err)
	}
	w.forgetLease()
	if err := d.do(w); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, w.state()); diff != "" {
		t.Errorf("after %v and once more (-want +got):\n%s", err, diff)
	}
	writes := w.src.writes
	if err := d.do(w); err != nil || w.src.writes != writes {
		t.Errorf("and again: %v, %d writes", err, w.src.writes-writes)
	}
}

type fault struct {
	source, late, cut bool
	at                int64
}

func (f fault) String() string {
	return fmt.Sprintf("at %d source=%t late=%t cut=%t", f.at, f.source, f.late, f.cut)
}

// pickFaults are some of all faults, or all of them.
func pickFaults(d sqldb.Dialect, driver, source int64) (all []fault) {
	for at := int64(1); at <= driver; at++ {
		all = append(all, fault{at: at}, fault{at: at, late: true}, fault{at: at, cut: true}, fault{at: at, cut: true, late: true})
	}
	n := 8
	if d != sqldb.SQLite {
		n = 1
	}
	pick := func(faults []fault, n int) []fault {
		rand.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
		if long || len(faults) < n {
			return faults
		}
		return faults[:n]
	}
	all = pick(all, n)
	var ofSource []fault
	for at := int64(1); at <= source; at++ {
		ofSource = append(ofSource, fault{source: true, at: at}, fault{source: true, at: at, late: true})
	}
	return append(all, pick(ofSource, n)...)
}

// TestStopped says how far it got when the source went away, and goes on.
func TestStopped(t *testing.T) {
	t.Parallel()
	w := many(t, sqldb.SQLite)
	w.src.failAt = 7 // after the looks and the first batch, in the second one
	_, err := w.try()
	var stopped *publish.StoppedError
	if !errors.As(err, &stopped) || stopped.Done != 1000 || stopped.Total != 1120 {
		t.Fatalf("got %v", err)
	}
	w.src.failAt = 0
	r, err := w.try()
	if err != nil || r.Resumed != 120 || r.Total().Unchanged != 1120 {
		t.Errorf("got %+v, %v", r, err)
	}
}
