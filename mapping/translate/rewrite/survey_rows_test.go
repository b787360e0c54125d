package rewrite_test

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// survey looks at references of one database.
func survey(t *testing.T, d sqldb.Dialect, dsn string, refs ...rewrite.Reference) ([]*rewrite.Surveyed, error) {
	t.Helper()
	var list []*rewrite.Reference
	for _, r := range refs {
		r.Database = rewrite.Database{Name: "shop", Dialect: d, DSN: dsn}
		list = append(list, &r)
	}
	return rewrite.Survey(t.Context(), list, tablesOf(t, known), nil)
}

// TestSurveyCounts tells every kind of row apart, and says of orphans where
// they are and why.
func TestSurveyCounts(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.Database(t, d)
			run(t, d, dsn, "CREATE TABLE "+d.Quote("the rows")+" (a integer NOT NULL, b varchar(5) NOT NULL, "+d.Quote("ref no")+" varchar(40), PRIMARY KEY (a, b))",
				"INSERT INTO "+d.Quote("the rows")+` VALUES (1, 'x', 'C1'), (2, 'x', 'C1'), (3, 'y', 'C2'), (4, 'x', NULL), (5, 'x', ''), (6, 'x', '  '), (7, 'x', 'N/A'),
				(8, 'x', 'R1'), (9, 'x', 'G1'), (10, 'x', 'H1'), (11, 'x', 'X1'), (12, 'z', 'nobody'), (12, 'x', 'nobody'), (13, 'x', 'CUST-0001'), (14, 'x', 'c2'), (15, 'x', 'C1;C2'), (-1, 'x', 'C9')`)
			inPlace := rewrite.Reference{Table: "the rows", Columns: []string{"ref no"}, RefersTo: "crm", Write: rewrite.InPlace, Where: "a > 0 -- in the books"}
			inPlace.Shape.None = []string{"N/A"}
			list := inPlace
			list.Shape.Split, list.Write = ";", "canonical no"
			surveyed, err := survey(t, d, dsn, inPlace, list)
			if err != nil {
				t.Fatal(err)
			}
			s := surveyed[0]
			orphan := func(key, row, reason string, rows int64) rewrite.Orphan {
				return rewrite.Orphan{Child: "the rows " + row, Field: "ref no", Key: key, Reason: reason, Rows: rows}
			}
			want := rewrite.Surveyed{
				Name: "shop: the rows.ref no", RefersTo: "crm", Write: rewrite.InPlace, Rows: 16, Empty: 4, Resolvable: 6, Done: 1, Redirected: 1, Orphans: 6, Widest: 9,
				Missing: []rewrite.Orphan{
					orphan("C1;C2", "a=15, b=x", "not found", 1),
					orphan("G1", "a=9, b=x", "gone", 1),
					orphan("H1", "a=10, b=x", "held for a review", 1),
					orphan("X1", "a=11, b=x", "held by two customers", 1),
					orphan("nobody", "a=12, b=x", "not found", 2),
				},
			}
			got := *s
			got.Reference, got.Table, got.Obstacles = nil, nil, nil
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			s = surveyed[1]
			if got, want := [...]int64{s.Rows, s.Empty, s.Resolvable, s.Orphans, s.Done}, [...]int64{16, 4, 7, 5, 0}; got != want {
				t.Errorf("the list: rows, empty, resolvable, orphans, done are %v, want %v: %+v", got, want, s.Missing)
			}
			if s.Widest != len("CUST-0001;CUST-0002") {
				t.Errorf("the list: widest is %d", s.Widest)
			}
		})
	}
}

// TestSurveyLists says which element of a list has no answer, and counts all
// orphans though it lists some.
func TestSurveyLists(t *testing.T) {
	t.Parallel()
	dsn := dbtest.SQLite(t)
	statements := []string{"CREATE TABLE lists (id INTEGER PRIMARY KEY, ref TEXT)", "INSERT INTO lists VALUES (1, 'C1; G1'), (2, 'C1;C2;'), (3, ';')"}
	var many []string
	for i := range 1500 {
		many = append(many, fmt.Sprintf("(%d, 'Z%d')", 100+i, i))
	}
	run(t, sqldb.SQLite, dsn, append(statements, "CREATE TABLE many (id INTEGER PRIMARY KEY, ref TEXT)", "INSERT INTO many VALUES "+strings.Join(many, ", "))...)
	list := in("lists", "ref", "crm")
	list.Shape.Split = ";"
	surveyed, err := survey(t, sqldb.SQLite, dsn, list, in("many", "ref", "crm"))
	if err != nil {
		t.Fatal(err)
	}
	want := []rewrite.Orphan{{Child: "lists id=1", Field: "ref", Key: "C1; G1", Reason: `"G1": gone`, Rows: 1}}
	if diff := cmp.Diff(want, surveyed[0].Missing); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if s := surveyed[1]; s.Orphans != 1500 || len(s.Missing) != 1000 {
		t.Errorf("%d orphans, of which %d are listed; want 1500 and 1000", s.Orphans, len(s.Missing))
	}
}

// TestSurveyWrong names all that is not there.
func TestSurveyWrong(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.Database(t, d)
			run(t, d, dsn, "CREATE TABLE orders (id integer PRIMARY KEY, ref varchar(5))")
			_, err := survey(t, d, dsn, in("orders", "reff", "crm"), in("order", "ref", "crm"), in("orders", "ref", "crm"))
			var column *mapping.ColumnError
			if !errors.As(err, &column) || column.Nearest != "ref" || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), `did you mean "orders"`) {
				t.Errorf("got %v", err)
			}
			_, err = survey(t, d, dsn, with(in("orders", "ref", "crm"), where("reff = 1")))
			if err == nil || !strings.Contains(err.Error(), "orders.ref") {
				t.Errorf("a wrong condition: got %v", err)
			}
			if _, err = survey(t, d, dsn, in("orders", "ref", "nowhere")); err == nil {
				t.Error("an unknown ID space: got no error")
			}
		})
	}
}

// TestSurveyUndeclared finds columns by their names.
func TestSurveyUndeclared(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.Database(t, d)
			run(t, d, dsn, "CREATE TABLE customers (id varchar(20) NOT NULL PRIMARY KEY)", "INSERT INTO customers VALUES ('C1')",
				"CREATE TABLE orders (id integer PRIMARY KEY, customer_id varchar(20))", "CREATE TABLE invoices (id integer PRIMARY KEY, customer_id varchar(20))",
				"CREATE TABLE employees (id integer PRIMARY KEY)")
			surveyed, err := survey(t, d, dsn, own("customers", "id", "crm"), in("orders", "customer_id", "crm"))
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range surveyed {
				if len(s.Obstacles) != 1 || s.Obstacles[0].Code != "reference_undeclared" ||
					!strings.HasPrefix(s.Obstacles[0].Detail, "no reference covers invoices.customer_id,") {
					t.Errorf("%s: %+v", s.Name, s.Obstacles)
				}
			}
		})
	}
}

// TestSurveyAgain looks at references that were rewritten before: the journal
// tells new numbers from old ones that look the same.
func TestSurveyAgain(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.Database(t, d)
			run(t, d, dsn, "CREATE TABLE orders (id integer PRIMARY KEY, ref varchar(60))",
				"INSERT INTO orders VALUES (1, '1'), (2, '2'), (3, '9'), (4, NULL)",
				"CREATE TABLE notes (id integer PRIMARY KEY, ref varchar(60))", "INSERT INTO notes VALUES (1, 'to C1.'), (2, 'to nobody')")
			pattern := with(in("notes", "ref", "crm"), func(r *rewrite.Reference) { r.Shape.Pattern = pattern(`to (\w+)`) })
			refs := []rewrite.Reference{in("orders", "ref", "small"), pattern}
			before, err := survey(t, d, dsn, refs...)
			if err != nil {
				t.Fatal(err)
			}
			job := rewrite.Job{Run: 2, Crosswalk: "this one", Actor: "test", Surveyed: before, Tables: tablesOf(t, known)}
			results, err := rewrite.Apply(t.Context(), job)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				if len(r.After) > 0 {
					t.Errorf("%s: afterwards: %+v", r.Name, r.After)
				}
			}
			after, err := survey(t, d, dsn, refs...)
			if err != nil {
				t.Fatal(err)
			}
			want := [][5]int64{{4, 1, 2, 2, 1}, {2, 0, 1, 1, 1}}
			for i, s := range after {
				if got := [5]int64{s.Rows, s.Empty, s.Resolvable, s.Done, s.Orphans}; got != want[i] {
					t.Errorf("%s: rows, empty, resolvable, done, orphans are %v, want %v: %+v", s.Name, got, want[i], s.Missing)
				}
				if slices.ContainsFunc(s.Obstacles, func(o rewrite.Obstacle) bool { return o.Code == "values_overlap" }) {
					t.Errorf("%s: %+v", s.Name, s.Obstacles)
				}
			}
		})
	}
}
