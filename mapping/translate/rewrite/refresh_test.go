package rewrite_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/fixtures/sampledb"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// TestRefreshTables refreshes new rows, and those whose customer has another
// number by now, of the references that ask for it.
func TestRefreshTables(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dsn := dbtest.SQLite(t)
	db, err := sqldb.Open(ctx, dsn, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	exec := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	numbers := func() (all []string) {
		t.Helper()
		if err := db.SelectContext(ctx, &all, "SELECT coalesce(number, '-') FROM orders ORDER BY id"); err != nil {
			t.Fatal(err)
		}
		return all
	}
	exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer text, number text)")
	exec("CREATE TABLE bills (id INTEGER PRIMARY KEY, customer text)")
	exec("INSERT INTO orders (customer) VALUES ('A'), ('B'), ('X')")
	exec("INSERT INTO bills (customer) VALUES ('A')")
	link := func(id, canonical string) meant {
		return meant{Link: sampledb.Link{Space: "shop", ID: id, Canonical: canonical}}
	}
	database := rewrite.Database{Name: "shop", Dialect: sqldb.SQLite, DSN: dsn}
	refs := []*rewrite.Reference{
		{Database: database, Table: "orders", Columns: []string{"customer"}, RefersTo: "shop", Write: "number", Keep: true},
		{Database: database, Table: "bills", Columns: []string{"customer"}, RefersTo: "shop", Write: rewrite.InPlace},
	}
	before, after := tablesOf(t, []meant{link("A", "CUST-1"), link("B", "CUST-2")}), tablesOf(t, []meant{link("A", "OLD-CUST-2"), link("B", "CUST-2")})
	for i, c := range []struct {
		name, statement string
		tables          rewrite.Tables
		written         int64
		want            []string
	}{
		{"at first", "", before, 2, []string{"CUST-1", "CUST-2", "-"}},
		{"nothing is new", "", before, 0, []string{"CUST-1", "CUST-2", "-"}},
		{"a new row", "INSERT INTO orders (customer) VALUES ('B')", before, 1, []string{"CUST-1", "CUST-2", "-", "CUST-2"}},
		{"a customer became another", "", after, 1, []string{"CUST-2", "CUST-2", "-", "CUST-2"}},
	} {
		if c.statement != "" {
			exec(c.statement)
		}
		results, err := rewrite.Refresh(ctx, rewrite.Job{Run: int64(i + 2), Crosswalk: "digest", Tables: c.tables}, refs, nil)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var written int64
		for _, r := range results {
			written += r.Written
		}
		if written != c.written || c.written == 0 && results != nil {
			t.Errorf("%s: %+v, want %d written", c.name, results, c.written)
		}
		if diff := cmp.Diff(c.want, numbers()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	var bill string
	if err := db.GetContext(ctx, &bill, "SELECT customer FROM bills"); err != nil || bill != "A" {
		t.Errorf("%v: a reference that nobody asked to keep says %s", err, bill)
	}
}
