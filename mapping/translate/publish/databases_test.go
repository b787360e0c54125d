package publish_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/connectors/mysql"
	"github.com/xwalk-id/xwalk/connectors/postgres"
	"github.com/xwalk-id/xwalk/connectors/sqlite"
	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/publish"
)

// customers is a table in a database, as a target.
type customers struct {
	t   testing.TB
	d   sqldb.Dialect
	dsn string
}

func (c *customers) exec(statements ...string) {
	c.t.Helper()
	db, err := sqldb.OpenAs(c.t.Context(), c.d, c.dsn, sqldb.Options{Guest: c.d != sqldb.SQLite, MaxConns: 1})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.ExecContext(c.t.Context(), s); err != nil {
			c.t.Fatalf("%s: %v", s, err)
		}
	}
	if err := db.Close(); err != nil {
		c.t.Fatal(err)
	}
}

// rows are what a query yields, each as one text.
func (c *customers) rows(query string) []string {
	c.t.Helper()
	db, err := sqldb.OpenAs(c.t.Context(), c.d, c.dsn, sqldb.Options{ReadOnly: true})
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var rows []string
	if err := db.SelectContext(c.t.Context(), &rows, query); err != nil {
		c.t.Fatal(err)
	}
	return rows
}

func (c *customers) publisher(ctx context.Context) (mapping.Publisher, error) {
	req := connectors.PublishRequest{Request: connectors.Request{Name: "crm", Columns: []string{"id"}, Where: "name <> 'test'"}, Field: "no"}
	switch c.d {
	case sqldb.Postgres:
		return postgres.Publish(ctx, postgres.Config{DSN: c.dsn, Table: "customers"}, req)
	case sqldb.MySQL:
		return mysql.Publish(ctx, mysql.Config{DSN: c.dsn, Table: "customers"}, req)
	default:
		return sqlite.Publish(ctx, sqlite.Config{Path: c.dsn, Table: "customers"}, req)
	}
}

// TestDatabases publishes to tables of real databases with all that tables
// have: constraints, triggers, columns that note each change.
func TestDatabases(t *testing.T) {
	t.Parallel()
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			c := &customers{t, d, dbtest.Database(t, d)}
			stamp := ""
			if d == sqldb.MySQL {
				stamp = " ON UPDATE CURRENT_TIMESTAMP"
			}
			c.exec("CREATE TABLE customers (id VARCHAR(20), name VARCHAR(20), no VARCHAR(12) CHECK (no <> 'N-3'), changed TIMESTAMP NULL"+stamp+")",
				"CREATE INDEX by_id ON customers (id)",
				"INSERT INTO customers VALUES ('vA', 'Al', NULL, '2020-01-01 00:00:00'), ('vB', 'Bo', '', '2020-01-01 00:00:00'),"+
					" ('vC', 'Cy', NULL, '2020-01-01 00:00:00'), ('vD', 'Di', NULL, '2020-01-01 00:00:00'), ('vE', 'test', NULL, '2020-01-01 00:00:00'), ('va', 'al', 'x', '2020-01-01 00:00:00')")
			c.exec(lowering[d]...)
			w := newWorld(t, sqldb.SQLite)
			w.apply(map[string]string{"A": "N-1", "B": "N-2", "C": "N-3", "D": "N-4", "E": "N-5"}, crosswalk.Live)
			target := publish.Target{Source: "crm", Field: "no", Parts: 1, Open: c.publisher}
			try := func() *publish.Report {
				var r *publish.Report
				w.must(func(store *crosswalk.Store) (err error) {
					r, err = publish.Publish(t.Context(), store, []publish.Target{target}, w.o)
					return err
				})
				return r
			}
			r := try()
			if got := r.Total(); got != (publish.Counts{Links: 5, Written: 2, Refused: 2, Missing: 1}) {
				t.Errorf("got %+v: %+v", got, r.Examples)
			}
			const all = "SELECT CONCAT(id, ' ', COALESCE(no, '-'), ' ', name) FROM customers ORDER BY id"
			query := all
			if d == sqldb.SQLite {
				query = "SELECT id || ' ' || COALESCE(no, '-') || ' ' || name FROM customers ORDER BY id"
			}
			got := c.rows(query)
			slices.Sort(got)
			want := []string{"vA N-1 Al", "vB N-2 Bo", "vC - Cy", "vD - Di", "vE - test", "va x al"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if d == sqldb.MySQL {
				if n := c.rows("SELECT COUNT(*) FROM customers WHERE changed = '2020-01-01 00:00:00'"); n[0] != "6" {
					t.Errorf("%s rows of 6 look as they had not been changed", n[0])
				}
			}
			w.must(func(store *crosswalk.Store) error {
				snap, err := store.Snapshot(t.Context())
				if err != nil {
					return err
				}
				runs, err := snap.Runs(t.Context())
				if err := errors.Join(err, snap.Close()); err != nil {
					return err
				}
				r, err = publish.Undo(t.Context(), store, runs[1], []publish.Target{target}, w.o)
				return err
			})
			if got := r.Total(); got != (publish.Counts{Links: 2, Restored: 2}) {
				t.Errorf("undo: got %+v", got)
			}
			if n := c.rows("SELECT COUNT(*) FROM customers WHERE no = ''"); n[0] != "1" {
				t.Errorf("%s fields are empty, one was", n[0])
			}
		})
	}
}

// lowering makes triggers that write N-4 otherwise.
var lowering = map[sqldb.Dialect][]string{
	sqldb.SQLite: {"CREATE TRIGGER low AFTER UPDATE ON customers WHEN new.no = 'N-4' BEGIN UPDATE customers SET no = 'n4' WHERE id = new.id; END"},
	sqldb.Postgres: {
		"CREATE FUNCTION low() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.no = 'N-4' THEN new.no = 'n4'; END IF; RETURN new; END $$",
		"CREATE TRIGGER low BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION low()",
	},
	sqldb.MySQL: {"CREATE TRIGGER low BEFORE UPDATE ON customers FOR EACH ROW SET new.no = IF(new.no = 'N-4', 'n4', new.no)"},
}

// TestFieldsThatCannot tells what is wrong with a field before anything is
// written.
func TestFieldsThatCannot(t *testing.T) {
	t.Parallel()
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.Database(t, d)
			for i, test := range []struct{ field, want string }{
				{"nr VARCHAR(20)", "; to add it: ALTER TABLE"},
				{"no INTEGER", "and they are texts"},
				{"no DATE", "and they are texts"},
				{"no VARCHAR(20) GENERATED ALWAYS AS (name) STORED", "computed from other columns"},
			} {
				c := &customers{t, d, dsn}
				c.exec("DROP TABLE IF EXISTS customers", fmt.Sprintf("CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(20), %s)", test.field))
				p, err := c.publisher(t.Context())
				if err == nil {
					_ = p.Close(t.Context(), true)
				}
				var unfit *mapping.FieldError
				var missing *mapping.ColumnError
				if err == nil || !strings.Contains(err.Error(), test.want) || !errors.As(err, &unfit) && !errors.As(err, &missing) {
					t.Errorf("%d: %s: got %v, want %q", i, test.field, err, test.want)
				}
			}
			c := &customers{t, d, dsn}
			c.exec("DROP TABLE customers", "CREATE TABLE people (id INTEGER, name VARCHAR(20), no VARCHAR(20))", "CREATE VIEW customers AS SELECT DISTINCT * FROM people")
			if _, err := c.publisher(t.Context()); err == nil || !strings.Contains(err.Error(), "cannot be written to") {
				t.Errorf("a view: %v", err)
			}
		})
	}
}

// TestKeepsJournalMode leaves an SQLite file as its owner keeps it.
func TestKeepsJournalMode(t *testing.T) {
	t.Parallel()
	c := &customers{t, sqldb.SQLite, dbtest.SQLite(t)}
	c.exec("CREATE TABLE customers (id TEXT, name TEXT, no TEXT)", "INSERT INTO customers VALUES ('1', 'Al', NULL)", "PRAGMA journal_mode = DELETE")
	p, err := c.publisher(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	refused, err := p.Write(t.Context(), []mapping.FieldWrite{{ID: []string{"1"}, Value: mapping.FieldValue{Text: "N-1"}}})
	if err := errors.Join(err, refused[0], p.Close(t.Context(), false)); err != nil {
		t.Fatal(err)
	}
	if mode := c.rows("PRAGMA journal_mode"); !slices.Equal(mode, []string{"delete"}) {
		t.Errorf("the journal mode is %v", mode)
	}
	if got := c.rows("SELECT no FROM customers"); !slices.Equal(got, []string{"N-1"}) {
		t.Errorf("got %v", got)
	}
}
