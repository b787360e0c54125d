package publish_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/publish"
)

func (w *world) holds(want map[string]string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.src.texts()); diff != "" {
		w.t.Errorf("fields (-want +got):\n%s", diff)
	}
}

// small is a world of some customers: one whose field is empty, one that
// holds nothing, one with the right number, one with an old number, one with
// somebody else's text, and one without a record.
func small(t testing.TB) *world {
	w := newWorld(t, sqldb.SQLite)
	w.apply(map[string]string{"A": "N-1", "B": "N-2", "C": "N-3", "D": "N-4", "E": "N-5", "F": "N-6"}, crosswalk.Live,
		crosswalk.Number{Canonical: "N-99", State: crosswalk.Gone})
	w.src.set("vA", "")
	w.src.fields["vB"] = nil
	w.src.set("vC", "N-3")
	w.src.set("vD", " n-99")
	w.src.set("vE", "mine")
	return w
}

func TestPublish(t *testing.T) {
	t.Parallel()
	w := small(t)
	before := w.head()
	r := w.publish(publish.Counts{Links: 6, Written: 3, Already: 1, Conflicts: 1, Missing: 1})
	w.holds(map[string]string{"vA": "N-1", "vB": "N-2", "vC": "N-3", "vD": "N-4", "vE": "mine"})
	if r.Run != 2 || w.head().Serial != before.Serial || w.head().Customers != before.Customers {
		t.Errorf("run %d, head %+v after %+v", r.Run, w.head(), before)
	}
	want := []crosswalk.Publication{
		{Source: 1, Key: "A", Canonical: "N-1", State: crosswalk.Delivered, HadBefore: true},
		{Source: 1, Key: "B", Canonical: "N-2", State: crosswalk.Delivered},
		{Source: 1, Key: "C", Canonical: "N-3", State: crosswalk.Delivered, HadBefore: true, Before: "N-3"},
		{Source: 1, Key: "D", Canonical: "N-4", State: crosswalk.Delivered, HadBefore: true, Before: " n-99"},
	}
	if diff := cmp.Diff(want, w.ledger()); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}

	// Again: nothing is written, and no run is made.
	writes := w.src.writes
	if r := w.publish(publish.Counts{Links: 6, Unchanged: 4, Conflicts: 1, Missing: 1}); r.Run != 0 || w.src.writes != writes || w.head().Run != 2 {
		t.Errorf("run %d and %d writes where nothing has changed", r.Run, w.src.writes-writes)
	}

	// Two customers become one, another is gone, and one is new.
	w.apply(map[string]string{"G": "N-7"}, crosswalk.Live, crosswalk.Number{Canonical: "N-2", State: crosswalk.Merged, Into: "N-1", Survivor: "N-1"})
	w.apply(map[string]string{"A": "N-1"}, crosswalk.Retired)
	w.src.fields["vG"] = nil
	w.publish(publish.Counts{Links: 6, Unchanged: 2, Written: 2, Conflicts: 1, Missing: 1, Gone: 1})
	w.holds(map[string]string{"vA": "N-1", "vB": "N-1", "vC": "N-3", "vD": "N-4", "vE": "mine", "vG": "N-7"})
	if w.src.writes-writes != 2 {
		t.Errorf("%d records were written, want 2", w.src.writes-writes)
	}

	// Overwriting looks at every record again.
	w.src.set("vC", "somebody's")
	w.publish(publish.Counts{Links: 6, Unchanged: 4, Conflicts: 1, Missing: 1, Gone: 1})
	w.o.Overwrite = true
	w.publish(publish.Counts{Links: 6, Unchanged: 3, Written: 2, Missing: 1, Gone: 1})
	w.holds(map[string]string{"vA": "N-1", "vB": "N-1", "vC": "N-3", "vD": "N-4", "vE": "N-5", "vG": "N-7"})
}

func TestLook(t *testing.T) {
	t.Parallel()
	w := small(t)
	was := w.src.texts()
	var changes []publish.Change
	w.o.Each = func(c *publish.Change) error {
		changes = append(changes, *c)
		return nil
	}
	w.must(func(store *crosswalk.Store) error {
		snap, err := store.Snapshot(t.Context())
		if err != nil {
			return err
		}
		r, err := publish.Look(t.Context(), snap, []publish.Target{w.target()}, w.o)
		if got := r.Total(); got != (publish.Counts{Links: 6, Written: 3, Already: 1, Conflicts: 1, Missing: 1}) || r.Run != 0 {
			t.Errorf("got %+v", got)
		}
		return errors.Join(err, snap.Close())
	})
	w.holds(was)
	if len(changes) != 6 || changes[3].SourceID != "vD" || *changes[3].Before != " n-99" || changes[1].Before != nil {
		t.Errorf("changes: %+v", changes)
	}
	if w.head().Run != 1 || len(w.ledger()) > 0 {
		t.Error("looking left something")
	}
}

// What the source refuses, or stores otherwise than it was written, is told
// and stays as it was; the others are written.
func TestRefused(t *testing.T) {
	t.Parallel()
	w := small(t)
	w.src.refuse = "N-1"
	w.src.stores = func(text string) string { return strings.ReplaceAll(text, "N-4", "n-4") }
	r := w.publish(publish.Counts{Links: 6, Written: 1, Already: 1, Conflicts: 1, Missing: 1, Refused: 2})
	w.holds(map[string]string{"vA": "", "vB": "N-2", "vC": "N-3", "vD": " n-99", "vE": "mine"})
	var reasons []string
	for _, c := range r.Examples {
		if c.Outcome == publish.Refused {
			reasons = append(reasons, c.SourceID+": "+c.Reason)
		}
	}
	want := []string{"vA: a validation rule does not let it in", "vD: the source stores another text than was written, of 3 characters"}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Error(diff)
	}
	w.src.refuse, w.src.stores = "", nil
	w.publish(publish.Counts{Links: 6, Unchanged: 2, Written: 2, Conflicts: 1, Missing: 1})
}

// A field that is too narrow is told before anything is written.
func TestNarrow(t *testing.T) {
	t.Parallel()
	w := small(t)
	w.apply(map[string]string{"Z": "NUMBER-12345"}, crosswalk.Live)
	w.src.fields["vZ"] = nil
	w.src.width = 11
	was := w.src.texts()
	_, err := w.try()
	var narrow *mapping.FieldError
	if !errors.As(err, &narrow) || !strings.Contains(err.Error(), "NUMBER-12345 has 12 characters and the field takes 11") {
		t.Errorf("got %v", err)
	}
	w.holds(was)
	w.src.width = 12
	w.publish(publish.Counts{Links: 7, Written: 4, Already: 1, Conflicts: 1, Missing: 1})
}

// People edit fields between the look and the write: what they write stays.
func TestEditedMeanwhile(t *testing.T) {
	t.Parallel()
	w := small(t)
	w.src.before = func(call int) {
		if call == 2 { // the look is over
			w.src.set("vA", "by hand")
			w.src.set("vB", "N-6")
			delete(w.src.fields, "vD")
		}
	}
	w.publish(publish.Counts{Links: 6, Written: 1, Already: 1, Conflicts: 1, Missing: 2, Refused: 1})
	w.holds(map[string]string{"vA": "by hand", "vB": "N-2", "vC": "N-3", "vE": "mine"})
	w.src.before = nil
	w.publish(publish.Counts{Links: 6, Unchanged: 2, Conflicts: 2, Missing: 2})
}

func TestLocked(t *testing.T) {
	t.Parallel()
	w := small(t)
	w.must(func(store *crosswalk.Store) error {
		lease, err := store.Acquire(t.Context(), "other/2", "apply")
		if err != nil {
			return err
		}
		var locked *crosswalk.LockedError
		if _, err := w.try(); !errors.As(err, &locked) {
			t.Errorf("beside another writer: %v", err)
		}
		return lease.Release(t.Context())
	})
	if w.src.calls > 0 {
		t.Errorf("the source was called %d times", w.src.calls)
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	w := small(t)
	for _, environment := range []string{"production", ""} {
		w.o.Environment = environment
		if _, err := w.try(); !errors.Is(err, crosswalk.ErrEnvironment) {
			t.Errorf("environment %q: %v", environment, err)
		}
		if _, err := w.tryUndo(1); !errors.Is(err, crosswalk.ErrEnvironment) {
			t.Errorf("undo in environment %q: %v", environment, err)
		}
	}
	if w.src.calls > 0 {
		t.Errorf("the source was called %d times", w.src.calls)
	}
}

func TestUndo(t *testing.T) {
	t.Parallel()
	w := small(t)
	was := w.src.texts()
	w.publish(publish.Counts{Links: 6, Written: 3, Already: 1, Conflicts: 1, Missing: 1}) // run 2
	w.apply(one("G", "N-7"), crosswalk.Live, crosswalk.Number{Canonical: "N-2", State: crosswalk.Merged, Into: "N-1", Survivor: "N-1"})
	w.src.fields["vG"] = nil
	w.publish(publish.Counts{Links: 7, Unchanged: 3, Written: 2, Conflicts: 1, Missing: 1}) // run 4

	// The older one first: what was published again since is kept.
	w.src.set("vD", "by hand")
	w.undo(2, publish.Counts{Links: 4, Restored: 2, Kept: 2}) // run 5
	w.holds(map[string]string{"vA": "", "vB": "N-1", "vC": "N-3", "vD": "by hand", "vE": "mine", "vG": "N-7"})
	w.undo(4, publish.Counts{Links: 2, Restored: 2}) // run 6
	w.holds(map[string]string{"vA": "", "vB": "N-2", "vC": "N-3", "vD": "by hand", "vE": "mine", "vG": "-"})
	w.undo(2, publish.Counts{Links: 1, Restored: 1}) // run 7
	was["vD"], was["vG"] = "by hand", "-"
	w.holds(was)
	if r := w.undo(2, publish.Counts{}); r.Run != 0 {
		t.Errorf("run %d where nothing is left", r.Run)
	}
	var refused *publish.RefusedError
	if _, err := w.tryUndo(7); !errors.As(err, &refused) {
		t.Errorf("undo of an undo: %v", err)
	}
	for _, p := range w.ledger() {
		if p.Canonical != "" {
			t.Errorf("still in force: %+v", p)
		}
	}
	w.publish(publish.Counts{Links: 7, Written: 3, Already: 1, Conflicts: 2, Missing: 1})
}

// one is one link.
func one(key, number string) map[string]string { return map[string]string{key: number} }

// TestUndoOfAnotherRun takes back what was published of the numbers that a run
// gave.
func TestUndoOfAnotherRun(t *testing.T) {
	t.Parallel()
	w := small(t)
	w.apply(one("G", "N-7"), crosswalk.Live)
	w.src.fields["vG"] = nil
	w.publish(publish.Counts{Links: 7, Written: 4, Already: 1, Conflicts: 1, Missing: 1})
	w.undo(2, publish.Counts{Links: 1, Restored: 1})
	w.holds(map[string]string{"vA": "N-1", "vB": "N-2", "vC": "N-3", "vD": "N-4", "vE": "mine", "vG": "-"})
	w.undo(1, publish.Counts{Links: 4, Restored: 4})
	w.holds(map[string]string{"vA": "", "vB": "-", "vC": "N-3", "vD": " n-99", "vE": "mine", "vG": "-"})

	// A merge gives a number to whoever had the one that it retired.
	w.publish(publish.Counts{Links: 7, Written: 4, Already: 1, Conflicts: 1, Missing: 1})
	w.apply(one("H", "N-8"), crosswalk.Live, crosswalk.Number{Canonical: "N-2", State: crosswalk.Merged, Into: "N-1", Survivor: "N-1"})
	merge := w.head().Run
	w.publish(publish.Counts{Links: 8, Unchanged: 4, Written: 1, Conflicts: 1, Missing: 2})
	w.undo(merge, publish.Counts{Links: 1, Restored: 1})
	w.holds(map[string]string{"vA": "N-1", "vB": "N-2", "vC": "N-3", "vD": "N-4", "vE": "mine", "vG": "N-7"})
}

// TestRefusedUndo leaves what the source does not take back published.
func TestRefusedUndo(t *testing.T) {
	t.Parallel()
	w := small(t)
	w.publish(publish.Counts{Links: 6, Written: 3, Already: 1, Conflicts: 1, Missing: 1})
	w.src.refuse = " n-99"
	w.undo(2, publish.Counts{Links: 4, Restored: 3, Refused: 1})
	w.holds(map[string]string{"vA": "", "vB": "-", "vC": "N-3", "vD": "N-4", "vE": "mine"})
	w.src.refuse = ""
	w.undo(2, publish.Counts{Links: 1, Restored: 1})
	w.holds(map[string]string{"vA": "", "vB": "-", "vC": "N-3", "vD": " n-99", "vE": "mine"})
}

// many is a world of more customers than are delivered at a time.
func many(t testing.TB, d sqldb.Dialect) *world {
	w := newWorld(t, d)
	links := map[string]string{}
	for i := range 1400 {
		key := fmt.Sprintf("%04d", i)
		links[key] = "N-" + key
		switch i % 5 {
		case 0:
			w.src.fields["v"+key] = nil
		case 1:
			w.src.set("v"+key, "")
		case 2:
			w.src.set("v"+key, "N-"+key)
		case 3:
			w.src.set("v"+key, "N-0000")
		default:
			if i%10 == 4 {
				w.src.set("v"+key, "mine")
			}
		}
	}
	w.apply(links, crosswalk.Live)
	return w
}
