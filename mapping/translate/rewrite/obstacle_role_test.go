package rewrite_test

import (
	"context"
	"crypto/rand"
	"net/url"
	"strings"
	"testing"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// TestObstaclesOfRoles asks as somebody who may read and do little else.
func TestObstaclesOfRoles(t *testing.T) {
	t.Parallel()
	for _, d := range inServers {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.Database(t, d)
			role, weak := roleOf(t, d, dsn)
			run(t, d, dsn, "CREATE TABLE orders (id integer NOT NULL PRIMARY KEY, ref varchar(20), free varchar(20), tight varchar(3))",
				"INSERT INTO orders VALUES (1, 'C1', NULL, 'C1')", "GRANT SELECT, UPDATE (free, tight) ON orders TO "+role)
			if d == sqldb.Postgres {
				run(t, d, dsn, "CREATE TABLE hidden (id integer PRIMARY KEY, ref varchar(20))", "INSERT INTO hidden VALUES (1, 'C1')",
					"ALTER TABLE hidden ENABLE ROW LEVEL SECURITY", "GRANT SELECT, UPDATE ON hidden TO "+role, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
			}
			tables := []struct{ table, column, want string }{
				{"orders", "ref", "no_privilege blocks this role may not update ref of orders"},
				{"orders", "free", "no_privilege blocks this role may not create the journal's tables"},
			}
			if d == sqldb.Postgres {
				tables = append(tables,
					struct{ table, column, want string }{"orders", "tight", "no_privilege blocks this role does not own orders"},
					struct{ table, column, want string }{"hidden", "ref", "row_security blocks"})
			}
			for _, tt := range tables {
				surveyed, err := survey(t, d, weak, in(tt.table, tt.column, "crm"))
				if err != nil {
					t.Fatal(err)
				}
				told := ""
				for _, o := range surveyed[0].Obstacles {
					told += o.Code + " " + o.Severity + " " + o.Detail + "\n"
				}
				if !strings.Contains(told, tt.want) {
					t.Errorf("%s.%s: want %q, got\n%s", tt.table, tt.column, tt.want, told)
				}
			}
		})
	}
}

// roleOf makes a role that may log in to a database, and the DSN to do so.
func roleOf(t *testing.T, d sqldb.Dialect, dsn string) (role, weak string) {
	t.Helper()
	name := "xwalk_" + strings.ToLower(rand.Text()[:10])
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	password := rand.Text()
	u.User = url.UserPassword(name, password)
	role = d.Quote(name)
	create := "CREATE ROLE " + role + " LOGIN PASSWORD '" + password + "'"
	drop := []string{"DROP OWNED BY " + role, "DROP ROLE " + role}
	if d == sqldb.MySQL {
		role = "'" + name + "'@'%'"
		create = "CREATE USER " + role + " IDENTIFIED BY '" + password + "'"
		drop = []string{"DROP USER " + role}
	}
	run(t, d, dsn, create)
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		db, err := sqldb.OpenAs(ctx, d, dsn, sqldb.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		for _, s := range drop {
			if _, err := db.ExecContext(ctx, s); err != nil {
				t.Errorf("%s: %v", s, err)
			}
		}
	})
	return role, u.String()
}
