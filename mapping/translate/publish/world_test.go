package publish_test

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/publish"
)

// long asks for all that a test can do.
var long = os.Getenv("LONG") != ""

func TestMain(m *testing.M) {
	code := m.Run()
	if err := dbtest.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// world is a crosswalk and a source that are published to.
type world struct {
	t    testing.TB
	dsn  string
	wrap func(driver.Connector) driver.Connector
	src  *memory
	o    publish.Options
}

func newWorld(t testing.TB, d sqldb.Dialect) *world {
	w := &world{t: t, dsn: dbtest.Database(t, d), src: &memory{fields: map[string]*string{}}}
	w.o = publish.Options{Actor: "ann", Environment: "test"}
	return w
}

func (w *world) open() (*crosswalk.Store, error) {
	return crosswalk.Open(w.t.Context(), w.dsn, crosswalk.Options{
		Wrap: w.wrap, Now: func() time.Time { return time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC) },
	})
}

// with lets do work on the open crosswalk.
func (w *world) with(do func(*crosswalk.Store) error) error {
	store, err := w.open()
	if err != nil {
		return err
	}
	return errors.Join(do(store), store.Close())
}

func (w *world) must(do func(*crosswalk.Store) error) {
	w.t.Helper()
	if err := w.with(do); err != nil {
		w.t.Fatal(err)
	}
}

// apply makes a run with links, by key, and numbers.
func (w *world) apply(links map[string]string, state crosswalk.State, numbers ...crosswalk.Number) {
	w.t.Helper()
	w.must(func(store *crosswalk.Store) error {
		snap, err := store.Snapshot(w.t.Context())
		if err != nil {
			return err
		}
		var batch []crosswalk.Link
		for _, key := range slices.Sorted(maps.Keys(links)) {
			there, err := snap.ByKeys(w.t.Context(), []crosswalk.SourceKey{{Source: 1, Key: key}})
			if err != nil {
				return err
			}
			batch = append(batch, crosswalk.Link{Source: 1, Key: key, Verbatim: "v" + key, Canonical: links[key], State: state, Rule: "r", Replaces: len(there) > 0})
		}
		head := snap.Head()
		lease, err := store.Acquire(w.t.Context(), "test/1", "apply")
		if err := errors.Join(err, snap.Close()); err != nil {
			return err
		}
		run, err := lease.Begin(w.t.Context(), crosswalk.RunStart{
			Kind: "apply", Actor: "ann", Rules: "r1", Base: head.Serial, Environment: "test", Sources: []crosswalk.Source{{No: 1, Name: "crm"}},
		})
		if err == nil {
			err = run.WriteLinks(w.t.Context(), batch)
		}
		if err == nil {
			_, err = run.Publish(w.t.Context(), crosswalk.Finish{Changed: true, Numbers: numbers, Totals: mapping.Totals{Customers: 7}})
		}
		return errors.Join(err, lease.Release(w.t.Context()))
	})
}

// target is the world's source.
func (w *world) target() publish.Target {
	return publish.Target{Source: "crm", Field: "no", Parts: 1, Open: func(context.Context) (mapping.Publisher, error) { return w.src, nil }}
}

func (w *world) try() (r *publish.Report, err error) {
	err = w.with(func(store *crosswalk.Store) error {
		r, err = publish.Publish(w.t.Context(), store, []publish.Target{w.target()}, w.o)
		return err
	})
	return r, err
}

// publish publishes, and holds the report to its counts.
func (w *world) publish(want publish.Counts) *publish.Report {
	w.t.Helper()
	r, err := w.try()
	if err != nil {
		w.t.Fatal(err)
	}
	if got := r.Total(); got != want || !got.Balanced() {
		w.t.Errorf("got %+v, want %+v", got, want)
	}
	return r
}

func (w *world) tryUndo(run int64) (r *publish.Report, err error) {
	err = w.with(func(store *crosswalk.Store) error {
		snap, err := store.Snapshot(w.t.Context())
		if err != nil {
			return err
		}
		runs, err := snap.Runs(w.t.Context())
		if err := errors.Join(err, snap.Close()); err != nil {
			return err
		}
		r, err = publish.Undo(w.t.Context(), store, runs[run-1], []publish.Target{w.target()}, w.o)
		return err
	})
	return r, err
}

func (w *world) undo(run int64, want publish.Counts) *publish.Report {
	w.t.Helper()
	r, err := w.tryUndo(run)
	if err != nil {
		w.t.Fatal(err)
	}
	if got := r.Total(); got != want || !got.Balanced() {
		w.t.Errorf("undo of run %d: got %+v, want %+v", run, got, want)
	}
	return r
}

// ledger is what is in force, without the runs that it is of.
func (w *world) ledger() (entries []crosswalk.Publication) {
	w.t.Helper()
	w.must(func(store *crosswalk.Store) error {
		snap, err := store.Snapshot(w.t.Context())
		if err != nil {
			return err
		}
		for p, err := range snap.Publications(w.t.Context(), 1) {
			if err != nil {
				return err
			}
			p.Run = 0
			entries = append(entries, *p)
		}
		return snap.Close()
	})
	return entries
}

func (w *world) head() (head crosswalk.Head) {
	w.must(func(store *crosswalk.Store) error {
		snap, err := store.Snapshot(w.t.Context())
		if err != nil {
			return err
		}
		head = snap.Head()
		return snap.Close()
	})
	return head
}

// forgetLease lets a run that died stop counting.
func (w *world) forgetLease() {
	db, err := sqldb.Open(w.t.Context(), w.dsn, sqldb.Options{})
	if err == nil {
		_, err = db.ExecContext(w.t.Context(), "UPDATE xwalk_lease SET expires = 0")
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// memory is a source in memory. Keys are IDs; the field of a record that is
// there holds what is pointed at, or nothing.
type memory struct {
	fields map[string]*string
	width  int
	stores func(string) string // what it makes of a text
	refuse string              // a text that it refuses
	calls  int
	failAt int  // the call that fails
	late   bool // after it was carried out
	before func(call int)
	writes int // records
}

func (m *memory) set(id, text string) { m.fields[id] = &text }

// texts are the fields, with nothing as "-".
func (m *memory) texts() map[string]string {
	all := map[string]string{}
	for id, text := range m.fields {
		if all[id] = "-"; text != nil {
			all[id] = *text
		}
	}
	return all
}

var errGone = &mapping.UnreachableError{What: "the CRM", Err: errors.New("connection refused")}

// call counts a call and carries it out, unless it is the one that fails.
func (m *memory) call(do func()) error {
	m.calls++
	if m.before != nil {
		m.before(m.calls)
	}
	if m.calls == m.failAt {
		if m.late {
			do()
		}
		return errGone
	}
	do()
	return nil
}

func (m *memory) Read(ctx context.Context, ids [][]string) ([]mapping.FieldValue, error) {
	values := make([]mapping.FieldValue, len(ids))
	err := m.call(func() {
		for i, id := range ids {
			text, found := m.fields[id[0]]
			if values[i].Found = found && len(id) == 1; text == nil {
				values[i].Null = found
			} else {
				values[i].Text = *text
			}
		}
	})
	return values, cmp.Or(ctx.Err(), err)
}

func (m *memory) Write(ctx context.Context, writes []mapping.FieldWrite) ([]error, error) {
	refused := make([]error, len(writes))
	err := m.call(func() {
		for i, w := range writes {
			_, found := m.fields[w.ID[0]]
			switch {
			case !found:
				refused[i] = mapping.ErrNoRecord
			case w.Value.Null:
				m.fields[w.ID[0]] = nil
			case w.Value.Text == m.refuse && m.refuse != "":
				refused[i] = errors.New("a validation rule does not let it in")
			case m.stores != nil:
				m.set(w.ID[0], m.stores(w.Value.Text))
			default:
				m.set(w.ID[0], w.Value.Text)
			}
			m.writes++
		}
	})
	return refused, cmp.Or(ctx.Err(), err)
}

func (m *memory) Close(context.Context, bool) error { return nil }

func (m *memory) Width() int { return m.width }
