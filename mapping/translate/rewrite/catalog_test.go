package rewrite_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// prepared is a database in which statements were carried out, all on one
// connection.
func prepared(t *testing.T, d sqldb.Dialect, statements ...string) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), dbtest.Database(t, d), sqldb.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	carryOut(t, db, statements...)
	return db
}

func carryOut(t *testing.T, db *sqldb.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s\n%v", s, err)
		}
	}
}

func inspect(t *testing.T, db *sqldb.DB, table string) *rewrite.Table {
	t.Helper()
	got, err := rewrite.Inspect(t.Context(), db, table)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// settled leaves out what an estimate says.
func settled(t *rewrite.Table) *rewrite.Table {
	t.Rows = 0
	return t
}

// catalogs are schemas with everything that Inspect tells of, and the tables
// to look at.
var catalogs = map[sqldb.Dialect]struct{ statements, tables []string }{
	sqldb.SQLite:   {sqliteCatalog, []string{"customers", "orders", "strict", "bare", "customer_names"}},
	sqldb.Postgres: {postgresCatalog, []string{"crm.customers", "crm.orders", "outside", "crm.visits", "crm.visits_2", `crm."odd ""one"".x"`, "crm.names"}},
	sqldb.MySQL:    {mysqlCatalog, []string{"customers", "orders", "visits", "kept", "`odd ``one``.x`", "names", "loose"}},
}

// TestInspect compares all that is told of tables with what is written down
// in testdata; UPDATE=1 writes it anew.
func TestInspect(t *testing.T) {
	t.Parallel()
	for d, c := range catalogs {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			db := prepared(t, d, c.statements...)
			if d == sqldb.MySQL && !isMariaDB(t, db) {
				t.Skip("what is written down is MariaDB's wording")
			}
			for _, table := range c.tables {
				golden := filepath.Join("testdata", "inspect_"+d.String()+"_"+strings.NewReplacer("\"", "", "`", "", " ", "_", "crm.", "").Replace(table)+".golden")
				got := readable(t, settled(inspect(t, db, table)))
				if os.Getenv("UPDATE") != "" {
					if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", table, diff)
				}
			}
		})
	}
}

func isMariaDB(t *testing.T, db *sqldb.DB) bool {
	t.Helper()
	var version string
	if err := db.GetContext(t.Context(), &version, "SELECT VERSION()"); err != nil {
		t.Fatal(err)
	}
	return strings.Contains(version, "MariaDB")
}

// readable writes a table as JSON without what is zero; a test's own database
// is called DB.
func readable(t *testing.T, table *rewrite.Table) string {
	t.Helper()
	var tree any
	text, err := json.Marshal(table)
	if err == nil {
		err = json.Unmarshal(text, &tree)
	}
	if err == nil {
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		err = e.Encode(withoutZeros(tree))
		text = []byte(b.String())
	}
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(table.Schema, "xwalk_test_") {
		return strings.ReplaceAll(string(text), table.Schema, "DB")
	}
	return string(text)
}

func withoutZeros(tree any) any {
	switch v := tree.(type) {
	case map[string]any:
		for key, inner := range v {
			if v[key] = withoutZeros(inner); v[key] == nil || reflect.ValueOf(v[key]).IsZero() {
				delete(v, key)
			}
		}
	case []any:
		for i := range v {
			v[i] = withoutZeros(v[i])
		}
	}
	return tree
}

// TestInspectRoundTrip drops every foreign key and every check and makes them
// again: the database then tells of them what it told before.
func TestInspectRoundTrip(t *testing.T) {
	t.Parallel()
	for _, d := range []sqldb.Dialect{sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			c := catalogs[d]
			db := prepared(t, d, c.statements...)
			var before []*rewrite.Table
			var drop, create []string
			seen := map[string]bool{}
			for _, name := range c.tables {
				table := settled(inspect(t, db, name))
				before = append(before, table)
				for _, f := range append(table.Foreign, table.Referred...) {
					if f.Drop != "" && !seen[f.Drop] {
						seen[f.Drop] = true
						drop, create = append(drop, f.Drop), append(create, f.Create)
					}
				}
				for _, k := range table.Checks {
					if k.Drop != "" && !seen[k.Drop] {
						seen[k.Drop] = true
						drop, create = append(drop, k.Drop), append(create, k.Create)
					}
				}
			}
			carryOut(t, db, drop...)
			for _, name := range c.tables {
				table := inspect(t, db, name)
				for _, f := range append(table.Foreign, table.Referred...) {
					if f.Drop != "" {
						t.Errorf("%s: foreign key %s is still there", name, f.Name)
					}
				}
				for _, k := range table.Checks {
					if k.Drop != "" {
						t.Errorf("%s: check %s is still there", name, k.Name)
					}
				}
			}
			carryOut(t, db, create...)
			for i, name := range c.tables {
				if diff := cmp.Diff(before[i], settled(inspect(t, db, name))); diff != "" {
					t.Errorf("%s (-before +after):\n%s", name, diff)
				}
			}
		})
	}
}

// TestInspectNoTable names the table that was meant.
func TestInspectNoTable(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			db := prepared(t, d, "CREATE TABLE customers (id INTEGER)", "CREATE INDEX by_id ON customers (id)")
			for _, name := range []string{"custumers", "by_id", "nowhere.customers", `"customers;`, ""} {
				_, err := rewrite.Inspect(t.Context(), db, name)
				var missing *sqldb.TableError
				if !errors.As(err, &missing) {
					t.Errorf("%q: got %v, want a TableError", name, err)
				} else if name == "custumers" && missing.Nearest != "customers" {
					t.Errorf("got nearest %q, want customers", missing.Nearest)
				}
			}
		})
	}
}

// TestTableColumn compares names of columns as each database does.
func TestTableColumn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		dialect     sqldb.Dialect
		has, wanted string
		want        bool
	}{
		{sqldb.Postgres, "Id", "id", false},
		{sqldb.Postgres, "Id", "Id", true},
		{sqldb.MySQL, "Größe", "GRÖSSE", false},
		{sqldb.MySQL, "Größe", "GRÖßE", true},
		{sqldb.SQLite, "Id", "iD", true},
		{sqldb.SQLite, "größe", "GRÖßE", false},
		{sqldb.SQLite, "größe", "GRößE", true},
	}
	for _, tt := range tests {
		table := &rewrite.Table{Dialect: tt.dialect, Columns: []rewrite.Column{{Name: tt.has}}}
		if _, got := table.Column(tt.wanted); got != tt.want {
			t.Errorf("%v: %q in %q: got %t, want %t", tt.dialect, tt.wanted, tt.has, got, tt.want)
		}
	}
}
