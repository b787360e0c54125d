package crosswalk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// everywhere runs a test in each kind of database.
func everywhere(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Parallel()
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			test(t, dbtest.Database(t, d))
		})
	}
}

// TestMigrate brings tables with rows in them from version 1 to a later one,
// also when the step stopped in its middle.
func TestMigrate(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		s, err := Open(t.Context(), dsn, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.setMeta(t.Context(), s.db, "kept", "yes"); err != nil {
			t.Fatal(err)
		}
		step := splitStatements("-- a comment;\nCREATE TABLE IF NOT EXISTS @extra (\n  id {int} NOT NULL PRIMARY KEY,\n  note {key} NOT NULL\n){end};\n\n" +
			"CREATE INDEX xwalk_extra_note ON @extra (note);\n")
		broken := append(slices.Clone(step), "THIS IS NO SQL")
		later := func(step migration) []migration { return append(slices.Clone(migrations), step) }

		lease, err := s.Acquire(t.Context(), "elsewhere/1", "apply")
		if err != nil {
			t.Fatal(err)
		}
		var locked *LockedError
		if _, err := open(t.Context(), dsn, Options{}, false, later(step)); !errors.As(err, &locked) {
			t.Errorf("migrating while somebody writes: %v; want a LockedError", err)
		}
		if err := lease.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := open(t.Context(), dsn, Options{}, false, later(broken)); err == nil {
			t.Error("a broken step: no error")
		}
		if v, err := s.version(t.Context(), s.db); err != nil || v != len(migrations) {
			t.Errorf("version %d, %v after a broken step; want %d", v, err, len(migrations))
		}
		for range 2 {
			next, err := open(t.Context(), dsn, Options{}, false, later(step))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := next.db.ExecContext(t.Context(), next.sql("DELETE FROM @extra")); err != nil {
				t.Error(err)
			}
			if kept, err := next.meta(t.Context(), next.db, "kept"); err != nil || kept != "yes" {
				t.Errorf("a row from before is %q, %v", kept, err)
			}
			if err := next.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := Open(t.Context(), dsn, Options{}); !errors.Is(err, ErrNewer) {
			t.Errorf("the older version opens the newer tables: %v; want ErrNewer", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestMigrateFirst brings tables that only know runs to those that also know
// decisions, in a crosswalk with a published run, and twice: in MySQL a step
// that was cut off runs again.
func TestMigrateFirst(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		old, err := open(t.Context(), dsn, Options{}, false, migrations[:1])
		if err != nil {
			t.Fatal(err)
		}
		for _, stmt := range []string{
			"INSERT INTO @run (run_no, kind, base, serial, actor, reason, environment, started, finished, rules, plan, totals, effects, prev, content, digest, discarding, done)" +
				" VALUES (1, 'apply', 0, 1, 'ann', '', '', '2024-05-17T08:30:00Z', '2024-05-17T08:31:00Z', '', '', '{}', '{}', '', '', 'ab', 0, 0)",
			"UPDATE @meta SET value = '1' WHERE name IN ('head', 'serial')",
		} {
			if _, err := old.db.ExecContext(t.Context(), old.sql(stmt)); err != nil {
				t.Fatal(err)
			}
		}
		if err := old.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenReadOnly(t.Context(), dsn, Options{}); err == nil {
			t.Error("opening old tables for reading: no error")
		}
		decision := []Decision{{Left: NamedKey{"a", "1"}, Right: NamedKey{"a", "2"}, Verdict: Same, Actor: "ann"}}
		for try := range 2 {
			s, err := Open(t.Context(), dsn, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Decide(t.Context(), decision, false); err != nil {
				t.Fatal(err)
			}
			v, err := s.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			log, err := v.DecisionLog(t.Context())
			if err != nil || len(log) != 1 || log[0].No != 1 || v.Head().Serial != 1 {
				t.Errorf("opened for the %d. time: decisions %v, %v, head %+v", try+1, log, err, v.Head())
			}
			if err := v.Close(); err != nil {
				t.Error(err)
			}
			if err := s.setMeta(t.Context(), s.db, "schema", "1"); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestDiscardInterrupted stops the undoing of a run in its middle. At every
// moment the links of the head are whole; the half-undone run is never
// resumed; and in the end nothing of it is left.
func TestDiscardInterrupted(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		s, err := Open(t.Context(), dsn, Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		lease, err := s.Acquire(t.Context(), "elsewhere/1", "apply")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = lease.Release(context.WithoutCancel(t.Context())) })
		start := RunStart{Kind: "apply", Plan: "first", Sources: []Source{{No: 1, Name: "a"}, {No: 2, Name: "b"}}}
		version := func(run int) (batch []Link) {
			for source := 1; source <= 2; source++ {
				for i := range 40 {
					old := i%2 == 0
					if run == 2 || old {
						batch = append(batch, Link{
							Source: source, Key: fmt.Sprintf("K%02d", i), Canonical: fmt.Sprintf("RUN%d", run),
							Rule: fmt.Sprint(run), Replaces: run == 2 && old,
						})
					}
				}
			}
			return batch
		}
		first, err := lease.Begin(t.Context(), start)
		if err == nil {
			err = first.WriteLinks(t.Context(), version(1))
		}
		if err == nil {
			_, err = first.Publish(t.Context(), Finish{Changed: true})
		}
		if err != nil {
			t.Fatal(err)
		}
		want := head(t, s)

		start.Base, start.Plan = 1, "second"
		second, err := lease.Begin(t.Context(), start)
		if err == nil {
			err = second.WriteLinks(t.Context(), version(2))
		}
		if err == nil {
			err = lease.write(t.Context(), func(tx *sqldb.Tx) error { return s.markDiscarded(t.Context(), tx, second.No) })
		}
		if err != nil {
			t.Fatal(err)
		}
		low := ""
		for range 3 {
			if low, err = lease.discardRange(t.Context(), second.No, 1, low, 7); err != nil {
				t.Fatal(err)
			}
			if got := head(t, s); !reflect.DeepEqual(got, want) {
				t.Fatalf("links while a run is being undone, after %s: %v; want %v", low, got, want)
			}
		}
		again, err := lease.Begin(t.Context(), start)
		if err != nil {
			t.Fatal(err)
		}
		if again.Done != 0 || again.No != 2 {
			t.Errorf("a half-undone run was resumed: run %d with %d done", again.No, again.Done)
		}
		for table, rows := range map[string]int{"link": 40, "link_past": 0, "rule": 1, "run": 2} {
			var n int
			if err := s.db.GetContext(t.Context(), &n, s.sql("SELECT COUNT(*) FROM @"+table)); err != nil || n != rows {
				t.Errorf("%d rows in %s, %v; want %d", n, table, err, rows)
			}
		}
		if got := head(t, s); !reflect.DeepEqual(got, want) {
			t.Errorf("links after a run was undone: %v; want %v", got, want)
		}
	})
}

func head(t *testing.T, s *Store) []Link {
	t.Helper()
	v, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = v.Close() }()
	var all []Link
	for l, err := range v.Links(t.Context(), Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, *l)
	}
	return all
}

// TestRowSums makes sure that the checksum of a stored row can be computed
// again from what is read, and tells one version from another.
func TestRowSums(t *testing.T) {
	everywhere(t, func(t *testing.T, dsn string) {
		s, err := Open(t.Context(), dsn, Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		lease, err := s.Acquire(t.Context(), "elsewhere/1", "apply")
		if err != nil {
			t.Fatal(err)
		}
		batch := []Link{
			{Source: 1, Key: "a", Canonical: "A", Rule: "r"},
			{Source: 1, Key: "b", Verbatim: " b", Canonical: "B", Rule: "s", State: Retired, Kind: Household, RowHash: 1<<64 - 1, Match: []byte{}, Fields: []byte("{}")},
			{Source: 1, Key: "c", Verbatim: "c", State: Held, Match: []byte{0, 255}},
		}
		run, err := lease.Begin(t.Context(), RunStart{Kind: "apply", Plan: "p", Sources: []Source{{No: 1, Name: "a"}}})
		if err == nil {
			err = run.WriteLinks(t.Context(), batch)
		}
		if err == nil {
			_, err = run.Publish(t.Context(), Finish{Changed: true})
		}
		if err == nil {
			err = lease.Release(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = v.Close() }()
		var stored []int64
		if err := s.db.SelectContext(t.Context(), &stored, s.sql("SELECT row_sum FROM @link ORDER BY id_key")); err != nil {
			t.Fatal(err)
		}
		keys := []SourceKey{{1, "a"}, {1, "b"}, {1, "c"}}
		read, err := v.ByKeys(t.Context(), keys)
		if err != nil {
			t.Fatal(err)
		}
		if computed := newContent().links(read, nil); !slices.Equal(computed, stored) {
			t.Errorf("checksums of what was read %v; stored are %v", computed, stored)
		}
	})
}

// TestContentResumes makes sure that the digest of a run does not depend on
// how it was cut into batches or on where it was interrupted.
func TestContentResumes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		links := rapid.SliceOf(rapid.Custom(func(t *rapid.T) Link {
			return Link{
				Source: rapid.IntRange(1, 300).Draw(t, "source"), Key: rapid.String().Draw(t, "key"),
				Canonical: rapid.String().Draw(t, "canonical"), Match: rapid.SliceOf(rapid.Byte()).Draw(t, "match"),
			}
		})).Draw(t, "links")
		whole := newContent()
		whole.links(links, nil)
		cut := rapid.IntRange(0, len(links)).Draw(t, "cut")
		first := newContent()
		first.links(links[:cut], nil)
		state, err := first.state()
		if err != nil {
			t.Fatal(err)
		}
		second, err := resumeContent(state)
		if err != nil {
			t.Fatal(err)
		}
		second.links(links[cut:], nil)
		if !slices.Equal(whole.sum(), second.sum()) {
			t.Fatalf("the digest of %d links depends on a cut after %d", len(links), cut)
		}
	})
}

// TestPages puts entries into pages and looks them up as the database does.
func TestPages(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hashes := rapid.SliceOfN(rapid.OneOf(rapid.Uint64Range(0, 6), rapid.Uint64()), 0, 1500).Draw(t, "hashes")
		slices.Sort(hashes)
		var w pageWriter
		var pages []page
		emit := func(p page) error { pages = append(pages, p); return nil }
		want := map[uint64]int{}
		for i, h := range hashes {
			if err := w.add(IndexEntry{Hash: h, Source: 1, Key: fmt.Sprint(i)}, emit); err != nil {
				t.Fatal(err)
			}
			want[h]++
		}
		if err := w.close(emit); err != nil {
			t.Fatal(err)
		}
		sorted := slices.IsSortedFunc(pages, func(a, b page) int {
			return cmp.Or(cmp.Compare(ordered(a.low), ordered(b.low)), cmp.Compare(a.no, b.no))
		})
		if !sorted {
			t.Fatal("the pages are not in the order of their rows")
		}
		for h, n := range want {
			low := ordered(0)
			for _, p := range pages {
				if l := ordered(p.low); l <= ordered(h) {
					low = max(low, l)
				}
			}
			got := 0
			for _, p := range pages {
				if ordered(p.low) != low {
					continue
				}
				if err := decodePage(p.data, func(hash uint64, _ int, _ []byte) {
					if hash == h {
						got++
					}
				}); err != nil {
					t.Fatal(err)
				}
			}
			if got != n {
				t.Fatalf("%d entries of hash %d were found, want %d", got, h, n)
			}
		}
	})
}

// TestDamagedPage makes sure that a damaged page is an error and no panic.
func TestDamagedPage(t *testing.T) {
	t.Parallel()
	whole := encodePage([]IndexEntry{{Hash: 1 << 40, Source: 300, Key: "abc"}, {Hash: 1 << 50, Source: 1, Key: strings.Repeat("k", 200)}})
	nothing := func(uint64, int, []byte) {}
	for n := 1; n < len(whole); n++ {
		err := decodePage(whole[:n], nothing)
		if first := len(encodePage([]IndexEntry{{Hash: 1 << 40, Source: 300, Key: "abc"}})); (err == nil) != (n == first) {
			t.Errorf("the first %d bytes of a page: %v", n, err)
		}
	}
}
