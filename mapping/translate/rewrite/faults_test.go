package rewrite_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// bound makes tables whose keys are too narrow and bound by foreign keys, and
// refers to them in every way.
func (s *shop) bound() {
	s.links("A 10011", "B 10012", "C 10013")
	s.exec(
		"CREATE TABLE customers (no VARCHAR(4) PRIMARY KEY, parent VARCHAR(4) DEFAULT 'A' REFERENCES customers (no))",
		"CREATE TABLE orders (id INTEGER NOT NULL, customer VARCHAR(4) NOT NULL, payer VARCHAR(4), UNIQUE (id, customer),"+
			" FOREIGN KEY (customer) REFERENCES customers (no), FOREIGN KEY (payer) REFERENCES customers (no) ON UPDATE CASCADE)",
		"mysql: ALTER TABLE customers ADD CONSTRAINT self FOREIGN KEY (parent) REFERENCES customers (no)",
		"INSERT INTO customers VALUES ('A', NULL)", "INSERT INTO customers VALUES ('B', 'A')", "INSERT INTO customers VALUES ('C', 'C')",
		"INSERT INTO orders VALUES (1, 'A', 'B'), (2, 'B', NULL), (3, 'C', 'C'), (4, 'A', 'A'), (5, 'B', 'C')",
		"CREATE TABLE notes (id INTEGER PRIMARY KEY, about VARCHAR(20))",
		"INSERT INTO notes VALUES (1, 'A, B'), (2, 'C'), (3, 'X'), (4, NULL)",
	)
	s.refer("customers", "no", rewrite.InPlace).OwnKey = true
	s.refer("customers", "parent", rewrite.InPlace)
	s.refer("orders", "customer", rewrite.InPlace)
	s.refer("orders", "payer", rewrite.InPlace)
	s.refer("notes", "about", "customers").Shape.Split = ","
}

// state is what the tables hold, and how they are declared.
func (s *shop) state() string {
	var lines []string
	for _, name := range []string{"customers", "orders", "notes"} {
		table, err := rewrite.Inspect(s.t.Context(), s.db, name)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, c := range table.Columns {
			lines = append(lines, name+" "+c.Name+" "+c.Type+" "+c.Default)
		}
		for _, f := range table.Foreign {
			lines = append(lines, name+" "+strings.Join(f.Columns, ",")+" refers to "+f.Parent+" "+f.OnUpdate)
		}
		for _, row := range cells(s.t, s.db, "SELECT * FROM "+name+" ORDER BY 1, 2") {
			lines = append(lines, name+" "+strings.Join(row, "|"))
		}
	}
	return strings.Join(lines, "\n")
}

// A rewrite that fails at any call to the database, whether or not the
// database carried it out, goes on where it stopped and ends as one that did
// not; and an undo leaves nothing of either.
func TestFaults(t *testing.T) {
	t.Parallel()
	for d, step := range map[sqldb.Dialect]int64{sqldb.SQLite: 11, sqldb.Postgres: 109, sqldb.MySQL: 211} {
		if os.Getenv("LONG") != "" {
			step = 1
		}
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			s := newShop(t, d)
			s.bound()
			before := s.state()
			calls := &dbtest.Faults{}
			if _, err := rewrite.Apply(t.Context(), rewrite.WithWrap(s.job(), calls.Wrap)); err != nil {
				t.Fatal(err)
			}
			want := s.state()
			s.undo(1)
			if diff := cmp.Diff(before, s.state()); diff != "" {
				t.Errorf("the undo left (-before +after):\n%s", diff)
			}
			for at := int64(1); at <= calls.Calls(); at += step {
				s.fault(at, want, before)
			}
		})
	}
}

// fault makes the next run fail at a call, goes on with it, and undoes it.
func (s *shop) fault(at int64, want, before string) {
	s.t.Helper()
	faults := &dbtest.Faults{At: at, Late: at%2 == 0, Cut: at%3 == 0}
	job := s.job()
	_, err := rewrite.Apply(s.t.Context(), rewrite.WithWrap(job, faults.Wrap))
	if err != nil && !errors.Is(err, dbtest.ErrInjected) && !faults.Cut {
		s.t.Errorf("call %d: %v", at, err)
	}
	again, surveyErr := rewrite.Survey(s.t.Context(), s.refs, s.tables, nil)
	if surveyErr != nil {
		s.t.Fatal(surveyErr)
	}
	job.Surveyed = again
	results, err := rewrite.Apply(s.t.Context(), job)
	if err != nil {
		s.t.Fatalf("call %d: going on: %v", at, err)
	}
	for _, r := range results {
		if r.Empty+r.Written+r.Orphans != r.Read { // what the database carried over counts as written
			s.t.Errorf("call %d: %+v", at, r)
		}
	}
	if diff := cmp.Diff(want, s.state()); diff != "" {
		s.t.Fatalf("call %d: (-undisturbed +disturbed):\n%s", at, diff)
	}
	s.undo(job.Run)
	if diff := cmp.Diff(before, s.state()); diff != "" {
		s.t.Fatalf("call %d: the undo left (-before +after):\n%s", at, diff)
	}
}
