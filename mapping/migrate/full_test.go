package migrate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xwalk-id/xwalk/mapping/archive"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/crosswalk/storetest"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/rules"
)

// A disk that gets full in the middle of an undo, or of loading an archive, is
// named as what it is; readers see nothing of it, whole batches stay, and the
// same again with room ends as if nothing had happened.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	const links = 30_000
	ready := func() *world {
		w := newWorld(t, "", rules.Config{Matching: true, Same: same("email"), Keep: rules.KeepFields, Sources: []rules.Source{source("crowd", "email")}})
		if _, err := w.runCrowd(links); err != nil {
			t.Fatal(err)
		}
		return w
	}
	whole := ready()
	text := storetest.Archive(t, whole.dsn)
	load := func(w *world) error {
		a, err := archive.Open(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			return err
		}
		return migrate.Load(t.Context(), a, w.tryOpen, migrate.Options{})
	}
	undo := func(w *world) error {
		_, err := w.tryAct(func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
			return plan.Undo(ctx, snap, rs, 1, o)
		})
		return err
	}
	undone := ready()
	if err := undo(undone); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		ready func() *world
		run   func(w *world) error
		room  int // pages
		want  *world
	}{
		{"undo", ready, undo, 450, undone},
		{"archive", func() *world { return newWorld(t, "", whole.cfg) }, load, 1000, whole},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := c.ready()
			before, begins := w.seen(), w.clock
			dsn := w.dsn
			w.dsn = fmt.Sprintf("file:%s?_pragma=max_page_count(%d)", dsn, w.pages()+c.room)
			err := c.run(w)
			if err == nil || !strings.Contains(err.Error(), "the disk is full") {
				t.Fatalf("on a full disk: %v", err)
			}
			var partial *migrate.PartialError
			if errors.As(err, &partial) && (partial.Done == 0 || partial.Done%20_000 != 0) {
				t.Errorf("it stopped within a batch: %d done", partial.Done)
			}
			w.dsn = dsn
			if !slices.Equal(before, w.seen()) {
				t.Error("readers see some of it")
			}
			w.clock = begins
			if err := c.run(w); err != nil {
				t.Fatal(err)
			}
			if want, got := c.want.dump(), w.dump(); want != got {
				t.Errorf("made again (-want +got):\n%s", firstDifference(want, got))
			}
		})
	}
}

// pages is how many pages the file of an SQLite crosswalk has.
func (w *world) pages() (n int) {
	w.t.Helper()
	db, err := sqldb.Open(w.t.Context(), w.dsn, sqldb.Options{})
	if err == nil {
		err = errors.Join(db.GetContext(w.t.Context(), &n, "PRAGMA page_count"), db.Close())
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}
