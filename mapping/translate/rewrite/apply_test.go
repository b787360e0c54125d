package rewrite_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// shop is a database with tables that a test makes, and a crosswalk of one
// space, crm.
type shop struct {
	t    *testing.T
	d    sqldb.Dialect
	dsn  string
	db   *sqldb.DB
	refs []*rewrite.Reference

	tables rewrite.Tables
	run    int64
}

// eachDatabase runs a test on an empty database of every dialect.
func eachDatabase(t *testing.T, test func(t *testing.T, s *shop)) {
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			test(t, newShop(t, d))
		})
	}
}

func newShop(t *testing.T, d sqldb.Dialect) *shop {
	t.Helper()
	s := &shop{t: t, d: d, dsn: dbtest.Database(t, d)}
	var err error
	if s.db, err = sqldb.OpenAs(t.Context(), d, s.dsn, sqldb.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.db.Close() })
	return s
}

// exec runs statements. Those for one dialect alone begin with its name.
func (s *shop) exec(statements ...string) {
	s.t.Helper()
	for _, q := range statements {
		if d, rest, ok := strings.Cut(q, ": "); ok && !strings.Contains(d, " ") {
			if d != s.d.String() {
				continue
			}
			q = rest
		}
		if _, err := s.db.ExecContext(s.t.Context(), q); err != nil {
			s.t.Fatalf("%s: %v", q, err)
		}
	}
}

// links sets what the crosswalk says: source IDs and canonical ones; a number
// that is followed by another one was merged into it.
func (s *shop) links(lines ...string) {
	s.t.Helper()
	ctx := s.t.Context()
	store, err := crosswalk.Open(ctx, filepath.Join(s.t.TempDir(), "crosswalk.db"), crosswalk.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	lease, err := store.Acquire(ctx, "test", "apply")
	if err != nil {
		s.t.Fatal(err)
	}
	run, err := lease.Begin(ctx, crosswalk.RunStart{Kind: "apply", Plan: "p", Sources: []crosswalk.Source{{No: 1, Name: "crm"}}})
	if err != nil {
		s.t.Fatal(err)
	}
	var links []crosswalk.Link
	finish := crosswalk.Finish{Changed: true}
	for _, line := range lines {
		words := strings.Fields(line)
		links = append(links, crosswalk.Link{Source: 1, Key: words[0], Canonical: words[1], Rule: "test"})
		if len(words) > 2 {
			finish.Numbers = append(finish.Numbers, crosswalk.Number{Canonical: words[1], State: crosswalk.Merged, Into: words[2], Survivor: words[2]})
		}
	}
	if err := run.WriteLinks(ctx, links); err != nil {
		s.t.Fatal(err)
	}
	if _, err := run.Publish(ctx, finish); err != nil {
		s.t.Fatal(err)
	}
	snap, err := store.Snapshot(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = snap.Close() }()
	s.tables = rewrite.Tables{}
	for _, from := range []string{"crm", ""} {
		if s.tables[from], err = translate.Load(ctx, snap, translate.Options{From: from, Both: from != ""}); err != nil {
			s.t.Fatal(err)
		}
	}
}

// refer adds a reference.
func (s *shop) refer(table, column, write string) *rewrite.Reference {
	r := &rewrite.Reference{
		Database: rewrite.Database{Name: "shop", Dialect: s.d, DSN: s.dsn}, Table: table, Columns: []string{column}, RefersTo: "crm", Write: write,
	}
	s.refs = append(s.refs, r)
	return r
}

// job is the next run, surveyed.
func (s *shop) job() rewrite.Job {
	s.t.Helper()
	surveyed, err := rewrite.Survey(s.t.Context(), s.refs, s.tables, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.run++
	return rewrite.Job{Run: s.run, Crosswalk: "x", Actor: "test", Surveyed: surveyed, Tables: s.tables, AllowDDL: true, BatchRows: 3}
}

// apply carries out the next run.
func (s *shop) apply() []rewrite.Result {
	s.t.Helper()
	results, err := rewrite.Apply(s.t.Context(), s.job())
	if err != nil {
		s.t.Fatal(err)
	}
	return results
}

func (s *shop) undo(run int64) []rewrite.Undone {
	s.t.Helper()
	done, err := rewrite.Undo(s.t.Context(), s.refs, run, "x", true, false)
	if err != nil {
		s.t.Fatal(err)
	}
	return done
}

// expect compares the rows of a query.
func (s *shop) expect(query string, want ...string) {
	s.t.Helper()
	got := []string{}
	for _, row := range cells(s.t, s.db, query) {
		got = append(got, strings.Join(row, "|"))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Errorf("%s (-want +got):\n%s", query, diff)
	}
}

// orders makes a table of orders that hold IDs in the order given.
func (s *shop) orders(ids ...string) {
	s.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer VARCHAR(20))")
	for i, id := range ids {
		s.exec(fmt.Sprintf("INSERT INTO orders VALUES (%d, '%s')", i+1, id))
	}
}

// Where numbers and canonical IDs are both digits, no row is translated twice:
// not by the same run, not by a later one; and an undo brings each back.
func TestOverlappingNumbers(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, s *shop) {
		s.links("1 2", "2 3", "3 4", "4 1", "5 9 3")
		s.orders("1", "2", "3", "4", "5", "7")
		s.refer("orders", "customer", rewrite.InPlace)
		if r := s.apply()[0]; r.Written != 5 || r.Orphans != 1 {
			t.Errorf("got %+v", r)
		}
		want := []string{"1|2", "2|3", "3|4", "4|1", "5|3", "6|7"}
		s.expect("SELECT id, customer FROM orders ORDER BY id", want...)
		s.exec("INSERT INTO orders VALUES (8, '1')")
		if r := s.apply()[0]; r.Written != 1 || r.Unchanged != 5 {
			t.Errorf("a second run: got %+v", r)
		}
		s.expect("SELECT id, customer FROM orders ORDER BY id", append(want, "8|2")...)
		s.links("1 2", "2 3", "3 4 1", "4 1", "5 9 1")
		if r := s.apply()[0]; r.Written != 1 || r.Unchanged != 5 {
			t.Errorf("after a merge of 4 into 1: got %+v", r)
		}
		s.expect("SELECT customer FROM orders WHERE id = 3", "1")
		s.undo(3)
		s.undo(2)
		s.undo(1)
		s.expect("SELECT id, customer FROM orders ORDER BY id", "1|1", "2|2", "3|3", "4|4", "5|5", "6|7", "8|1")
	})
}

// Numbers that change places in a unique column get past each other, also
// where the column is the table's key and others refer to it.
func TestNumbersThatChangePlaces(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, s *shop) {
		s.links("1 2", "2 3", "3 1")
		s.exec("CREATE TABLE customers (no VARCHAR(20) PRIMARY KEY, name VARCHAR(20), parent VARCHAR(20))",
			"INSERT INTO customers VALUES ('1', 'one', '3'), ('2', 'two', NULL), ('3', 'three', '3')")
		own := s.refer("customers", "no", rewrite.InPlace)
		own.OwnKey = true
		s.refer("customers", "parent", rewrite.InPlace)
		s.apply()
		after := []string{"2|one|1", "3|two|NULL", "1|three|1"}
		s.expect("SELECT no, name, parent FROM customers ORDER BY name = 'three', name", after...)
		for _, r := range s.apply() {
			if r.Written > 0 {
				t.Errorf("a second run: got %+v", r)
			}
		}
		s.undo(2)
		if u := s.undo(1); u[0].Restored+u[1].Restored != 5 || u[0].Kept+u[1].Kept != 0 {
			t.Errorf("got %+v", u)
		}
		s.expect("SELECT no, name, parent FROM customers ORDER BY no", "1|one|3", "2|two|NULL", "3|three|3")
	})
}

// What a foreign key carries over does not wait for PostgreSQL to compile it,
// row by row, although no index serves.
func TestCascadesAreNotCompiled(t *testing.T) {
	t.Parallel()
	s := newShop(t, sqldb.Postgres)
	s.links("A A1")
	s.exec("CREATE TABLE customers (no VARCHAR(20) PRIMARY KEY, jit text)", "INSERT INTO customers VALUES ('A')",
		"CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.jit := current_setting(''jit''); RETURN NEW; END'",
		"CREATE TRIGGER note BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION note()")
	s.refer("customers", "no", rewrite.InPlace).OwnKey = true
	s.apply()
	s.expect("SELECT no, jit FROM customers", "A1|off")
}

// Who changes a row while it waits to be written keeps it, and who changes one
// afterwards keeps it from an undo.
func TestRowsThatOthersChange(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, s *shop) {
		s.links("A 11", "B 12", "C 13", "D 14", "E 15")
		s.orders("A", "B", "C", "D", "E")
		s.refer("orders", "customer", rewrite.InPlace)
		job := s.job()
		job.Progress = func(_ string, done, _ int64) {
			if done == 3 { // the first batch is written, the second is not
				s.exec("UPDATE orders SET customer = 'A' WHERE id = 4", "DELETE FROM orders WHERE id = 5")
			}
		}
		results, err := rewrite.Apply(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		if r := results[0]; r.Written != 3 || r.Contended != 2 || r.Read != 5 {
			t.Errorf("got %+v", r)
		}
		s.expect("SELECT id, customer FROM orders ORDER BY id", "1|11", "2|12", "3|13", "4|A")
		s.exec("UPDATE orders SET customer = 'by hand' WHERE id = 2")
		would, err := rewrite.Undo(t.Context(), s.refs, 1, "x", true, true)
		if err != nil || would[0].Restored != 2 || would[0].Kept != 3 {
			t.Errorf("a dry run of the undo: %+v, %v", would, err)
		}
		if u := s.undo(1)[0]; u.Restored != 2 || u.Kept != 3 {
			t.Errorf("got %+v", u)
		}
		s.expect("SELECT id, customer FROM orders ORDER BY id", "1|A", "2|by hand", "3|C", "4|A")
		s.exec("UPDATE orders SET customer = 11 WHERE id = 1")
		if u := s.undo(1)[0]; u.Restored != 2 {
			t.Errorf("an undo of what is undone: %+v", u)
		}
		s.expect("SELECT customer FROM orders WHERE id = 1", "11")
	})
}

// Two processes do not rewrite one database at once.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, s *shop) {
		s.links("A 11")
		s.orders("A")
		s.refer("orders", "customer", rewrite.InPlace)
		job, other := s.job(), s.job()
		var second, undo error
		var once sync.Once
		job.Progress = func(string, int64, int64) {
			once.Do(func() {
				_, second = rewrite.Apply(t.Context(), other)
				_, undo = rewrite.Undo(t.Context(), s.refs, 1, "x", true, false)
			})
		}
		if _, err := rewrite.Apply(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		var locked *rewrite.LockedError
		if !errors.As(second, &locked) || !errors.As(undo, &locked) {
			t.Errorf("beside another one: apply gives %v, undo %v", second, undo)
		}
		s.expect("SELECT customer FROM orders", "11")
	})
}

// A run that is not finished keeps others out, and a later one keeps an
// earlier one from being undone.
func TestOrderOfRuns(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, s *shop) {
		s.links("A 11", "B 12")
		s.orders("A", "B")
		s.refer("orders", "customer", rewrite.InPlace)
		faults := &dbtest.Faults{At: 30}
		_, err := rewrite.Apply(t.Context(), rewrite.WithWrap(s.job(), faults.Wrap))
		if !errors.Is(err, dbtest.ErrInjected) {
			t.Fatalf("the fault did not show: %v", err)
		}
		var unfinished *rewrite.UnfinishedError
		if _, err := rewrite.Apply(t.Context(), s.job()); !errors.As(err, &unfinished) || unfinished.Run != 1 {
			t.Errorf("another run: %v", err)
		}
		s.run = 0
		s.apply()
		s.exec("INSERT INTO orders VALUES (3, 'B')")
		s.apply()
		if _, err := rewrite.Undo(t.Context(), s.refs, 1, "x", true, false); !errors.As(err, &unfinished) || unfinished.Run != 2 {
			t.Errorf("an undo of the first: %v", err)
		}
		s.undo(2)
		s.expect("SELECT customer FROM orders ORDER BY id", "11", "12", "B")
		s.undo(1)
		s.expect("SELECT customer FROM orders ORDER BY id", "A", "B", "B")
		s.run = 2
		s.apply()
		s.expect("SELECT customer FROM orders ORDER BY id", "11", "12", "12")
	})
}

// Keys of every type find their rows again, and other columns stay as they
// are, those too that change by themselves.
func TestKeysAndNeighbours(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, s *shop) {
		s.links("A 11", "B 12")
		s.exec(
			`postgres: CREATE DOMAIN code AS varchar(9)`,
			`postgres: CREATE TABLE t (a char(5), b timestamptz, c uuid, d code, f numeric(9,3), note text, customer char(5), PRIMARY KEY (a, b, c, d, f))`,
			`postgres: INSERT INTO t VALUES ('x''\', '2024-02-29 12:00:00.123456+02', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'é', 1.500, E'\t', 'A'), ('x"', '2024-02-29 12:00:00+02', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '\N', 1.5, NULL, 'B')`,
			"mysql: CREATE TABLE t (a VARCHAR(9) CHARACTER SET latin1, b DATETIME(6), c BINARY(4), d DATE, f INT ZEROFILL, note TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), customer CHAR(5) CHARACTER SET latin1, PRIMARY KEY (a, b, c, d, f))",
			"mysql: INSERT INTO t VALUES ('é''\\\\', '2024-02-29 12:00:00.123456', X'00FF0A5C', '2024-02-29', 7, '2001-01-01', 'A'), ('é\"', '2024-02-29 12:00:00', X'00FF0A5D', '2024-02-29', 8, '2001-01-01', 'B')",
			`sqlite: CREATE TABLE t (a, b REAL, c BLOB, d TEXT COLLATE NOCASE, f, note, customer, PRIMARY KEY (a, b, c, d, f)) WITHOUT ROWID`,
			`sqlite: INSERT INTO t VALUES (1, 0.1, x'00FF', 'a', x'00', 'n', 'A'), (1.1e300, 12, x'00FF', 'A', 0.3, NULL, 'B')`,
		)
		all := "SELECT * FROM t ORDER BY customer"
		before := cells(t, s.db, all)
		s.refer("t", "customer", rewrite.InPlace)
		if r := s.apply()[0]; r.Written != 2 || r.Contended != 0 {
			t.Errorf("got %+v", r)
		}
		s.links("11 99", "A 11", "B 12") // what was written is ours, whatever else it may mean
		if r := s.apply()[0]; r.Unchanged != 2 {
			t.Errorf("again: %+v", r)
		}
		s.expect("SELECT CONCAT('<', customer, '>') FROM t ORDER BY customer", map[sqldb.Dialect][]string{
			sqldb.Postgres: {"<11   >", "<12   >"}, sqldb.MySQL: {"<11>", "<12>"}, sqldb.SQLite: {"<11>", "<12>"},
		}[s.d]...)
		s.undo(2)
		s.undo(1)
		if diff := cmp.Diff(before, cells(t, s.db, all)); diff != "" {
			t.Errorf("the undo left (-before +after):\n%s", diff)
		}
	})
}

// Where both ends of a foreign key say their new numbers, nothing has to
// change for another run; what comes between the look and the reading waits
// for a run that may change constraints.
func TestBothEndsAgain(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, s *shop) {
		s.links("A 11", "B 12", "C 13")
		s.exec("CREATE TABLE customers (no VARCHAR(20) PRIMARY KEY)",
			"CREATE TABLE orders (id INTEGER PRIMARY KEY, customer VARCHAR(20), FOREIGN KEY (customer) REFERENCES customers (no))",
			"INSERT INTO customers VALUES ('A'), ('B')", "INSERT INTO orders VALUES (1, 'A'), (2, 'B')")
		s.refer("orders", "customer", rewrite.InPlace).Keep = true
		own := s.refer("customers", "no", rewrite.InPlace)
		own.OwnKey, own.Keep = true, true
		s.apply()
		again := s.job()
		again.AllowDDL = false
		for _, x := range again.Surveyed {
			if x.Blocked(false) {
				t.Errorf("%s: %+v", x.Name, x.Obstacles)
			}
		}
		s.exec("INSERT INTO customers VALUES ('C')", "INSERT INTO orders VALUES (3, 'C')")
		results, err := rewrite.Apply(t.Context(), again)
		if err != nil {
			t.Fatal(err)
		}
		waits := s.d == sqldb.Postgres
		for _, r := range results {
			if waits != (r.Contended == 1) || waits == (r.Written == 1) {
				t.Errorf("got %+v", r)
			}
		}
		refused := s.job()
		refused.AllowDDL = false
		_, err = rewrite.Apply(t.Context(), refused)
		var blocked *rewrite.BlockedError
		if errors.As(err, &blocked) != waits {
			t.Errorf("what waits is %v", err)
		}
		s.apply()
		s.expect("SELECT customer FROM orders ORDER BY id", "11", "12", "13")
		s.expect("SELECT no FROM customers ORDER BY no", "11", "12", "13")
		if results, err := rewrite.Refresh(t.Context(), rewrite.Job{Run: 9, Crosswalk: "x", Tables: s.tables}, s.refs, nil); err != nil || results != nil {
			t.Errorf("a refresh without need: %+v, %v", results, err)
		}
	})
}

// Runs of one second, each under the digest of its own, are undone in the
// order in which they were made, whatever columns mean in which rows.
func TestOrderOfQuickRuns(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, s *shop) {
		s.links("A 11", "B 12")
		s.exec("CREATE TABLE notes (id INTEGER PRIMARY KEY, kind VARCHAR(9), object VARCHAR(20))",
			"INSERT INTO notes VALUES (1, 'one', 'A'), (2, 'other', 'B')")
		s.refer("notes", "object", rewrite.InPlace).Where = "kind = 'one'"
		s.refer("notes", "object", rewrite.InPlace).Where = "kind = 'other'"
		both := s.refs
		digests := []string{"c", "a", "b"}
		for i, digest := range digests {
			s.refs = both[i%2 : i%2+1]
			job := s.job()
			job.Crosswalk = digest
			if i == 2 {
				s.exec("INSERT INTO notes VALUES (3, 'one', 'B')")
			}
			if _, err := rewrite.Apply(t.Context(), job); err != nil {
				t.Fatal(err)
			}
		}
		var later *rewrite.UnfinishedError
		for i := range digests[:2] {
			if _, err := rewrite.Undo(t.Context(), both, int64(i+1), digests[i], true, false); !errors.As(err, &later) {
				t.Errorf("undo of run %d: %v", i+1, err)
			}
		}
		for i := 2; i >= 0; i-- {
			if _, err := rewrite.Undo(t.Context(), both, int64(i+1), digests[i], true, false); err != nil {
				t.Errorf("undo of run %d: %v", i+1, err)
			}
		}
		s.expect("SELECT id, object FROM notes ORDER BY id", "1|A", "2|B", "3|B")
	})
}

// Rows that came after a rewrite, and those that somebody changed, go along
// when the rows that they refer to have their old numbers again.
func TestUndoCarriesNewRows(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, s *shop) {
		s.links("A 11", "B 12", "C 13")
		s.exec("CREATE TABLE customers (no VARCHAR(20) PRIMARY KEY, parent VARCHAR(20), FOREIGN KEY (parent) REFERENCES customers (no))",
			"CREATE TABLE orders (id INTEGER PRIMARY KEY, customer VARCHAR(20), FOREIGN KEY (customer) REFERENCES customers (no))",
			"INSERT INTO customers VALUES ('A', NULL), ('B', 'A')", "INSERT INTO orders VALUES (1, 'A'), (2, 'B'), (3, 'B')")
		s.refer("orders", "customer", rewrite.InPlace)
		s.refer("customers", "parent", rewrite.InPlace)
		s.refer("customers", "no", rewrite.InPlace).OwnKey = true
		s.apply()
		s.exec("INSERT INTO customers VALUES ('C', '12')", "INSERT INTO orders VALUES (4, '11'), (5, 'C')", "UPDATE orders SET customer = '11' WHERE id = 3")
		s.apply()
		s.exec("INSERT INTO orders VALUES (6, '12'), (7, '13')", "UPDATE customers SET parent = '13' WHERE no = '12'")
		s.undo(2)
		s.expect("SELECT id, customer FROM orders ORDER BY id", "1|11", "2|12", "3|11", "4|11", "5|C", "6|12", "7|C")
		s.undo(1)
		s.expect("SELECT id, customer FROM orders ORDER BY id", "1|A", "2|B", "3|A", "4|A", "5|C", "6|B", "7|C")
		s.expect("SELECT no, parent FROM customers ORDER BY no", "A|NULL", "B|C", "C|B")
		if results := s.apply(); results[0].Written+results[1].Written+results[2].Written != 12 {
			t.Errorf("after the undo: %+v", results)
		}
	})
}
