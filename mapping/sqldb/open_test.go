package sqldb_test

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

var dialects = []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL}

func open(t testing.TB, dsn string, o sqldb.Options) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), dsn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func exec(t testing.TB, db *sqldb.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// TestUnreachable opens what is not there or does not let us in.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	change := func(dsn string, f func(u *url.URL)) string {
		u, err := url.Parse(dsn)
		if err != nil {
			t.Fatal(err)
		}
		f(u)
		return u.String()
	}
	stranger := func(u *url.URL) { u.User = url.UserPassword("nobody_here", "topsecret") }
	noSuchDB := func(u *url.URL) { u.Path = "/no_such_database" }
	tests := []struct {
		name, dsn string
		says      string
	}{
		{"postgres refused", "postgres://u:topsecret@127.0.0.1:1/crm", "postgres database crm on 127.0.0.1:1: "},
		{"mysql refused", "mysql://u:topsecret@127.0.0.1:1/crm", "mysql database crm on 127.0.0.1:1: "},
		{"postgres unknown host", "postgres://u:topsecret@no-such-host.invalid/crm", "no-such-host.invalid:5432: "},
		{"mysql unknown host", "mysql://u:topsecret@no-such-host.invalid/crm", "no-such-host.invalid:3306: "},
		{"postgres login", change(dbtest.Postgres(t), stranger), "nobody_here"},
		{"mysql login", change(dbtest.MySQL(t), stranger), "nobody_here"},
		{"postgres database", change(dbtest.Postgres(t), noSuchDB), "no_such_database"},
		{"mysql database", change(dbtest.MySQL(t), noSuchDB), "no_such_database"},
		{"postgres without TLS", change(dbtest.Postgres(t), func(u *url.URL) { u.RawQuery = "sslmode=verify-full" }), "sslmode="},
		{"mysql without TLS", change(dbtest.MySQL(t), func(u *url.URL) { u.RawQuery = "tls=true" }), "tls="},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db, err := sqldb.Open(t.Context(), tt.dsn, sqldb.Options{})
			if err == nil {
				_ = db.Close()
				t.Fatal("it was opened")
			}
			var un *mapping.UnreachableError
			if !errors.As(err, &un) {
				t.Errorf("got a %T (%v), want a *mapping.UnreachableError", err, err)
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %q, want it to contain %q", err, tt.says)
			}
			if strings.Contains(err.Error(), "topsecret") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestOpenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, d := range dialects {
		if _, err := sqldb.Open(ctx, dbtest.Database(t, d), sqldb.Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%v: got %v, want that the context was cancelled", d, err)
		}
	}
}

func TestSQLiteFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "odd ?#%20 name.db")
	db := open(t, path, sqldb.Options{})
	exec(t, db, "CREATE TABLE t (id TEXT)", "INSERT INTO t VALUES ('1')")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o, want 600", suffix, mode)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("closing left %v, want the file alone", entries)
	}

	missing := filepath.Join(dir, "missing.db")
	if _, err := sqldb.Open(t.Context(), missing, sqldb.Options{ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("read a missing file: got %v, want fs.ErrNotExist", err)
	}
	if _, err := sqldb.Open(t.Context(), filepath.Join(dir, "no", "x.db"), sqldb.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("create in a missing folder: got %v, want fs.ErrNotExist", err)
	}
}

// TestReadOnly tries to write in each dialect.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.Database(t, d)
			exec(t, open(t, dsn, sqldb.Options{}), "CREATE TABLE t (id INTEGER)")
			db := open(t, dsn, sqldb.Options{ReadOnly: true})
			_, err := db.ExecContext(t.Context(), "INSERT INTO t VALUES (1)")
			if sqldb.Classify(err) != sqldb.ReadOnly {
				t.Errorf("insert: got %v, want that it is read-only", err)
			}
		})
	}
}

// TestSession checks what the rest of the program relies on.
func TestSession(t *testing.T) {
	t.Parallel()
	tests := []struct {
		d           sqldb.Dialect
		query, want string
	}{
		{sqldb.Postgres, "SHOW timezone", "UTC"},
		{sqldb.Postgres, "SHOW client_encoding", "UTF8"},
		{sqldb.Postgres, "SELECT ('2024-03-31 02:30:00+00'::timestamptz)::text", "2024-03-31 02:30:00+00"},
		{sqldb.MySQL, "SELECT @@time_zone", "+00:00"},
		{sqldb.MySQL, "SELECT @@character_set_client", "utf8mb4"},
		{sqldb.MySQL, "SELECT @@sql_mode", "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION"},
		{sqldb.SQLite, "PRAGMA journal_mode", "wal"},
		{sqldb.SQLite, "PRAGMA synchronous", "1"},
		{sqldb.SQLite, "PRAGMA busy_timeout", "10000"},
	}
	dsns := map[sqldb.Dialect]string{}
	for _, d := range dialects {
		dsns[d] = dbtest.Database(t, d)
	}
	for _, tt := range tests {
		db := open(t, dsns[tt.d], sqldb.Options{})
		var got string
		if err := db.GetContext(t.Context(), &got, tt.query); err != nil || got != tt.want {
			t.Errorf("%v: %s: got %q, %v; want %q", tt.d, tt.query, got, err, tt.want)
		}
	}
}

// TestMatchedRows checks that an UPDATE counts the rows that it matched, also
// those that had the value before.
func TestMatchedRows(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		db := open(t, dbtest.Database(t, d), sqldb.Options{})
		exec(t, db, "CREATE TABLE t (id INTEGER)", "INSERT INTO t VALUES (1)")
		res, err := db.ExecContext(t.Context(), "UPDATE t SET id = 1")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := res.RowsAffected(); n != 1 || err != nil {
			t.Errorf("%v: got %d, %v; want 1", d, n, err)
		}
	}
}

func TestTableColumns(t *testing.T) {
	t.Parallel()
	want := map[sqldb.Dialect][]sqldb.Column{
		sqldb.SQLite: {
			{Name: "id", Type: "INTEGER"},
			{Name: "a name", Type: "VARCHAR(40)", Nullable: true},
			{Name: "n", Nullable: true},
			{Name: "g", Type: "INTEGER", Nullable: true, Generated: true},
		},
		sqldb.Postgres: {
			{Name: "id", Type: "integer"},
			{Name: "a name", Type: "character varying(40)", Nullable: true},
			{Name: "n", Type: "text", Nullable: true},
			{Name: "g", Type: "integer", Nullable: true, Generated: true},
		},
		sqldb.MySQL: {
			{Name: "id", Type: "int(11)"},
			{Name: "a name", Type: "varchar(40)", Nullable: true, Charset: "latin1", Collation: "latin1_german1_ci"},
			{Name: "n", Type: "timestamp", OnUpdate: true},
			{Name: "g", Type: "int(11)", Nullable: true, Generated: true},
		},
	}
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			db := open(t, dbtest.Database(t, d), sqldb.Options{})
			name, last := "", " TEXT"
			switch d {
			case sqldb.SQLite:
				last = ""
			case sqldb.MySQL:
				name, last = " COLLATE latin1_german1_ci", " TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"
			}
			exec(t, db, "CREATE TABLE "+d.Quote("my.customers")+" (id INTEGER NOT NULL, "+d.Quote("a name")+" VARCHAR(40)"+name+", n"+last+", g INTEGER GENERATED ALWAYS AS (id + 1) STORED)",
				"CREATE VIEW seen AS SELECT id FROM "+d.Quote("my.customers"))
			for _, name := range []string{`"my.customers"`, "`my.customers`"} {
				got, err := sqldb.TableColumns(t.Context(), db, name)
				// MySQL 8 writes no display width.
				if d == sqldb.MySQL && len(got) > 0 {
					got[0].Type = strings.Replace(got[0].Type, "int", "int(11)", 1)
					got[0].Type = strings.Replace(got[0].Type, "(11)(11)", "(11)", 1)
				}
				if diff := cmp.Diff(want[d], got); diff != "" || err != nil {
					t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
				}
			}
			if got, err := sqldb.TableColumns(t.Context(), db, "seen"); len(got) != 1 || err != nil {
				t.Errorf("a view: got %v, %v; want one column", got, err)
			}
			_, err := sqldb.TableColumns(t.Context(), db, "sene")
			var te *sqldb.TableError
			if !errors.As(err, &te) || te.Nearest != "seen" || !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a missing table: got %v, want a *TableError near seen", err)
			}
		})
	}
}

// TestClassify provokes each fault.
func TestClassify(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			db := open(t, dbtest.Database(t, d), sqldb.Options{MaxConns: 1})
			exec(t, db, "CREATE TABLE t (id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES (1)")
			tests := []struct {
				statement string
				want      sqldb.Fault
			}{
				{"SELECT * FROM missing", sqldb.NoTable},
				{"SELECT missing FROM t", sqldb.NoColumn},
				{"INSERT INTO t VALUES (1)", sqldb.Duplicate},
				{"CREATE TABLE t (id INTEGER)", sqldb.Duplicate},
				{"SELECT FROM WHERE", sqldb.Syntax},
				{"SELECT 1", sqldb.Other},
			}
			for _, tt := range tests {
				_, err := db.ExecContext(t.Context(), tt.statement)
				if got := sqldb.Classify(err); got != tt.want {
					t.Errorf("%s: got fault %d (%v), want %d", tt.statement, got, err, tt.want)
				}
			}
		})
	}
}

// TestLockedAndFull has SQLite run into another writer and out of space.
func TestLockedAndFull(t *testing.T) {
	t.Parallel()
	path := dbtest.SQLite(t)
	db := open(t, path, sqldb.Options{MaxConns: 1})
	exec(t, db, "CREATE TABLE t (x BLOB)", "PRAGMA busy_timeout = 0")
	other, err := open(t, path, sqldb.Options{}).Begin(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Begin(t.Context(), nil); sqldb.Classify(err) != sqldb.Locked {
		t.Errorf("a second writer: got %v, want that it is locked", err)
	}
	if err := other.Rollback(); err != nil {
		t.Error(err)
	}
	exec(t, db, "PRAGMA max_page_count = 10")
	if _, err := db.ExecContext(t.Context(), "INSERT INTO t VALUES (zeroblob(1000000))"); sqldb.Classify(err) != sqldb.Full {
		t.Errorf("a full disk: got %v, want that it is full", err)
	}
}

// TestCut loses the connection before and between statements.
func TestCut(t *testing.T) {
	t.Parallel()
	for _, d := range []sqldb.Dialect{sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			proxy := dbtest.NewProxy(t, dbtest.Database(t, d))
			db := open(t, proxy.DSN, sqldb.Options{})
			tx, err := db.Begin(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback() }()
			proxy.Cut()
			_, err = tx.ExecContext(t.Context(), "CREATE TABLE t (id INTEGER)")
			if sqldb.Classify(err) != sqldb.Cut {
				t.Errorf("got %v, want that the connection was cut", err)
			}
			var un *mapping.UnreachableError
			if !errors.As(db.Explain(err), &un) {
				t.Errorf("explained: got %v, want a *mapping.UnreachableError", db.Explain(err))
			}
			// A new transaction gets a new connection.
			again, err := db.Begin(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := again.Rollback(); err != nil {
				t.Error(err)
			}
		})
	}
}
