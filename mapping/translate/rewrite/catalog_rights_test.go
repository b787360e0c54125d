package rewrite_test

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// userName is a name for a user of a server that other tests share.
func userName() string {
	b := make([]byte, 6)
	_, _ = rand.Read(b)
	return "xwalk_" + hex.EncodeToString(b)
}

// TestInspectRightsPostgres looks at tables as a user who may read some of
// their columns, or nothing.
func TestInspectRightsPostgres(t *testing.T) {
	t.Parallel()
	user := userName()
	db := prepared(t, sqldb.Postgres,
		`CREATE TABLE customers (id serial PRIMARY KEY, code text UNIQUE, secret text)`,
		`CREATE TABLE orders (customer int REFERENCES customers)`,
		`INSERT INTO customers (code) VALUES ('a')`,
		`INSERT INTO orders VALUES (1)`,
		`ALTER TABLE customers ENABLE ROW LEVEL SECURITY`,
		`CREATE ROLE `+user,
		`GRANT SELECT (id, code) ON customers TO `+user,
		`GRANT USAGE ON SCHEMA public TO `+user)
	carryOut(t, db, `SET ROLE `+user)
	defer carryOut(t, db, `RESET ROLE`, `DROP OWNED BY `+user, `DROP ROLE `+user)
	got := inspect(t, db, "customers")
	if want := []string{"the next number of id (no right to read sequence public.customers_id_seq)"}; !slices.Equal(got.Unseen, want) {
		t.Errorf("customers: got %q unseen, want %q", got.Unseen, want)
	}
	if !got.RowSecurity || len(got.Columns) != 3 || len(got.Referred) != 1 || !got.Columns[0].Counter {
		t.Errorf("customers: got %+v", got)
	}
	if got, want := inspect(t, db, "orders").Unseen, []string{"rows (no right to read the table)"}; !slices.Equal(got, want) {
		t.Errorf("orders: got %q unseen, want %q", got, want)
	}
}

// TestInspectRightsMySQL does so in MariaDB, which shows what a user has
// rights to and does not say that there is more.
func TestInspectRightsMySQL(t *testing.T) {
	t.Parallel()
	dsn := dbtest.MySQL(t)
	admin, err := sqldb.Open(t.Context(), dsn, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close() }()
	user := userName()
	carryOut(t, admin,
		`CREATE TABLE customers (id int PRIMARY KEY, code varchar(9) UNIQUE, secret text, CHECK (id > 0))`,
		`CREATE TABLE orders (customer int, FOREIGN KEY (customer) REFERENCES customers (id))`,
		`CREATE VIEW names AS SELECT id FROM customers`,
		`CREATE TRIGGER one BEFORE UPDATE ON customers FOR EACH ROW SET @x = 1`,
		`CREATE USER `+user+` IDENTIFIED BY 'secret'`,
		`GRANT SELECT (id, code) ON customers TO `+user,
		`GRANT SELECT ON names TO `+user)
	defer carryOut(t, admin, `DROP USER `+user)
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(user, "secret")
	db, err := sqldb.Open(t.Context(), u.String(), sqldb.Options{})
	if err != nil {
		t.Skipf("the new user cannot log in: %v", err)
	}
	defer func() { _ = db.Close() }()
	got := inspect(t, db, "customers")
	var columns []string
	for _, c := range got.Columns {
		columns = append(columns, c.Name)
	}
	if want := []string{"id", "code"}; !slices.Equal(columns, want) {
		t.Errorf("got columns %q, want %q", columns, want)
	}
	text := strings.Join(got.Unseen, "; ")
	for _, want := range []string{"triggers (", "columns that", "SHOW VIEW"} {
		if !strings.Contains(text, want) {
			t.Errorf("got %q unseen, want it to tell of %q", got.Unseen, want)
		}
	}
}

// TestInspectFolds compares what is told of collations with what the database
// itself makes of texts that differ.
func TestInspectFolds(t *testing.T) {
	t.Parallel()
	for d, statements := range map[sqldb.Dialect][]string{
		sqldb.SQLite: {`CREATE TABLE t (a TEXT, b TEXT COLLATE BINARY, c TEXT COLLATE NOCASE, d TEXT COLLATE RTRIM, "collate" TEXT, e COLLATE nocase DEFAULT 'x' CHECK (e COLLATE BINARY <> 'y'))`},
		sqldb.Postgres: {
			`CREATE COLLATION sleepy (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
			`CREATE TABLE t (a text, b varchar(9) COLLATE "C", c text COLLATE sleepy, d char(9), e char(9) COLLATE sleepy)`,
		},
		sqldb.MySQL: {`CREATE TABLE t (a varchar(9) COLLATE utf8mb4_general_ci, b varchar(9) COLLATE utf8mb4_bin, c varchar(9) CHARACTER SET latin1 COLLATE latin1_swedish_ci,
			d varbinary(9), e text COLLATE utf8mb4_unicode_520_ci, f varchar(9) COLLATE utf8mb4_nopad_bin, g char(9) COLLATE utf8mb4_nopad_bin, h varchar(9) COLLATE utf8mb4_unicode_nopad_ci)`},
	} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			if d == sqldb.MySQL && !isMariaDB(t, prepared(t, d)) {
				t.Skip("MySQL has other collations")
			}
			db := prepared(t, d, statements...)
			for _, c := range inspect(t, db, "t").Columns {
				name := d.Quote(c.Name)
				same := func(a, b string) bool {
					var n int
					carryOut(t, db, "DELETE FROM t", "INSERT INTO t ("+name+") VALUES ('"+a+"')")
					if err := db.GetContext(t.Context(), &n, "SELECT COUNT(*) FROM t WHERE "+name+" = '"+b+"'"); err != nil {
						t.Fatal(err)
					}
					return n == 1
				}
				letters, blanks := same("abc", "ABC") || same("e", "é"), same("abc", "abc ")
				if c.Folds != (letters || blanks) || c.OnlyBlanks != (blanks && !letters) {
					t.Errorf("column %s, %s %s: got folds %t, only blanks %t; the database folds letters %t, blanks %t",
						c.Name, c.Type, c.Collation, c.Folds, c.OnlyBlanks, letters, blanks)
				}
			}
		})
	}
}

// TestInspectSession tells of servers that cut what does not fit.
func TestInspectSession(t *testing.T) {
	t.Parallel()
	for d, want := range map[sqldb.Dialect]rewrite.Session{
		sqldb.SQLite:   {ForeignKeysOff: true},
		sqldb.Postgres: {},
	} {
		got, err := rewrite.InspectSession(t.Context(), prepared(t, d))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v: %s", d, diff)
		}
	}
	db := prepared(t, sqldb.MySQL)
	var mode string
	if err := db.GetContext(t.Context(), &mode, "SELECT @@global.sql_mode"); err != nil {
		t.Fatal(err)
	}
	got, err := rewrite.InspectSession(t.Context(), db)
	if err != nil || (got.LaxMode == "") != strings.Contains(mode, "STRICT_") {
		t.Errorf("sql_mode %s: got %+v, %v", mode, got, err)
	}
}

// TestInspectSpentCounters reads counters that have no next number.
func TestInspectSpentCounters(t *testing.T) {
	t.Parallel()
	const most = "9223372036854775807"
	for d, statements := range map[sqldb.Dialect][]string{
		sqldb.SQLite:   {"CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)", "INSERT INTO t VALUES (-5), (" + most + ")"},
		sqldb.Postgres: {"CREATE TABLE t (id bigserial PRIMARY KEY)", "SELECT setval('t_id_seq', " + most + ")"},
		sqldb.MySQL:    {"CREATE TABLE t (id bigint unsigned PRIMARY KEY AUTO_INCREMENT)", "INSERT INTO t VALUES (18446744073709551614)"},
	} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			got := inspect(t, prepared(t, d, statements...), "t").Columns[0]
			if !got.Counter || fmt.Sprint(got.Next) != most {
				t.Errorf("got %+v, want the next to be %s", got, most)
			}
		})
	}
}

// TestInspectInheritance gives no key to a table of PostgreSQL that shows rows
// of others, for nothing makes it unique over them.
func TestInspectInheritance(t *testing.T) {
	t.Parallel()
	db := prepared(t, sqldb.Postgres, "CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE child (more int) INHERITS (t)")
	if got := inspect(t, db, "t"); len(got.Key) != 0 || len(got.Unique) != 1 {
		t.Errorf("got the key %q and unique %+v", got.Key, got.Unique)
	}
}
