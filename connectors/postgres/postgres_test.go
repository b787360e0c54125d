package postgres

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/connectors/conntest"
	"github.com/xwalk-id/xwalk/connectors/internal/sqltest"
	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	sqltest.Sample(t, sqldb.Postgres, dsn)
	conntest.Run(t, conntest.Suite{
		Open: func(tb testing.TB, req connectors.Request) (mapping.Source, error) {
			return Open(tb.Context(), Config{DSN: dsn, Table: "public.customers"}, req)
		},
		Place: func(row int64) mapping.Place { return mapping.Place{File: "public.customers", Row: row} },
	})
}

func TestConformanceOfQuery(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	sqltest.Sample(t, sqldb.Postgres, dsn)
	conntest.Run(t, conntest.Suite{
		Open: func(tb testing.TB, req connectors.Request) (mapping.Source, error) {
			req.Name = "customers"
			return Open(tb.Context(), Config{DSN: dsn, Query: "SELECT * FROM customers -- all of them"}, req)
		},
	})
}

// TestTypes reads one value of each type, from a table and through a query.
func TestTypes(t *testing.T) {
	t.Parallel()
	tests := []struct{ typ, value, want string }{
		{"smallint", "-32768", "-32768"},
		{"bigint", "9223372036854775807", "9223372036854775807"},
		{"numeric", "12345678901234567890.123456789012345678900", "12345678901234567890.123456789012345678900"},
		{"numeric(6,2)", "7", "7.00"},
		{"numeric", "NaN", "NaN"},
		{"real", "0.1", "0.1"},
		{"real", "16777216", "16777216"},
		{"double precision", "0.1", "0.1"},
		{"double precision", "1234567890123456", "1234567890123456"},
		{"double precision", "1e15", "1000000000000000"},
		{"double precision", "2.2250738585072014e-308", "2.2250738585072014e-308"},
		{"double precision", "-Infinity", "-Infinity"},
		{"char(6)", "C1", "C1    "},
		{"varchar(6)", "C1 ", "C1 "},
		{`"char"`, "x", "x"},
		{"name", "a name", "a name"},
		{"text", "", ""},
		{"text", "\t tab\r\n", "\t tab\r\n"},
		{"boolean", "t", "true"},
		{"uuid", "0190B5F2-7C1E-7D4A-9B1C-3F2E8A6D5C4B", "0190b5f2-7c1e-7d4a-9b1c-3f2e8a6d5c4b"},
		{"bytea", `\x0190b5f27c1e7d4a9b1c3f2e8a6d5c4b`, "0190b5f2-7c1e-7d4a-9b1c-3f2e8a6d5c4b"},
		{"bytea", `\x00ff`, "00ff"},
		{"bytea", ``, ""},
		{"bit(4)", "0101", "0101"},
		{"date", "1582-10-15", "1582-10-15"},
		{"date", "0044-03-15 BC", "0044-03-15 BC"},
		{"date", "infinity", "infinity"},
		{"time", "23:59:59.999999", "23:59:59.999999"},
		{"timestamp", "2019-03-12 08:30:00.5", "2019-03-12 08:30:00.5"},
		{"timestamptz", "2019-03-12 08:30:00.123456+08", "2019-03-12 00:30:00.123456+00"},
		{"interval", "1 day 02:03:04", "1 day 02:03:04"},
		{"jsonb", `{"id": 12345678901234567890}`, `{"id": 12345678901234567890}`},
		{"json", `{"b":1,"a":1.50}`, `{"b":1,"a":1.50}`},
		{"text[]", `{a,"b c",NULL}`, `{a,"b c",NULL}`},
		{"inet", "10.0.0.1", "10.0.0.1"},
		{"mood", "so-so", "so-so"},
		{"code", "007", "007"},
		{"blob", `\xff`, "ff"},
		{"text", sqltest.Null, sqltest.Null},
		{"bytea", sqltest.Null, sqltest.Null},
		{"real", sqltest.Null, sqltest.Null},
	}
	dsn := dbtest.Postgres(t)
	db, err := sqldb.Open(t.Context(), dsn, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), `CREATE TYPE mood AS ENUM ('happy', 'so-so');
		CREATE DOMAIN code AS text; CREATE DOMAIN blob AS bytea`); err != nil {
		t.Fatal(err)
	}
	var defs, values, names []string
	for i, tt := range tests {
		name := "c" + strings.Repeat("_", i)
		defs, names = append(defs, db.Dialect.Quote(name)+" "+tt.typ), append(names, name)
		values = append(values, "'"+tt.value+"'")
		if tt.value == sqltest.Null {
			values[i] = "NULL"
		}
	}
	for _, statement := range []string{
		"CREATE TABLE types (" + strings.Join(defs, ", ") + ")",
		"INSERT INTO types VALUES (" + strings.Join(values, ", ") + ")",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for _, cfg := range []Config{{DSN: dsn, Table: "types"}, {DSN: dsn, Query: "SELECT * FROM types;"}} {
		src, err := Open(t.Context(), cfg, connectors.Request{Name: "all", Columns: names})
		if err != nil {
			t.Fatal(err)
		}
		got, err := sqltest.Read(t, src)
		if err != nil {
			t.Fatal(err)
		}
		for i, tt := range tests {
			if got[0][i] != tt.want {
				t.Errorf("%s %q: got %q, want %q (query %q)", tt.typ, tt.value, got[0][i], tt.want, cfg.Query)
			}
		}
	}
}

// TestNotUTF8 reads a database that checks no encoding, as old ones do.
func TestNotUTF8(t *testing.T) {
	t.Parallel()
	admin := dbtest.Postgres(t)
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/") + "_ascii"
	sqltest.Exec(t, sqldb.Postgres, admin, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")
	t.Cleanup(func() {
		db, err := sqldb.Open(context.Background(), admin, sqldb.Options{})
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = db.Close() }()
		if _, err := db.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	u.Path = "/" + name
	dsn := u.String()
	sqltest.Exec(t, sqldb.Postgres, dsn, "CREATE TABLE old (id text, name text)",
		`INSERT INTO old VALUES ('1', 'Ann'), ('2', E'Zo\xeb'), ('3', 'Bob')`)
	src, err := Open(t.Context(), Config{DSN: dsn, Table: "old"}, connectors.Request{Name: "old", Columns: []string{"id", "name"}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := sqltest.Read(t, src)
	want := [][]string{{"1", "Ann"}, {`column "name" is not valid UTF-8`}, {"3", "Bob"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestCut has the network fail in the middle of a stream.
func TestCut(t *testing.T) {
	t.Parallel()
	proxy := dbtest.NewProxy(t, dbtest.Postgres(t))
	src, err := Open(t.Context(), Config{DSN: proxy.DSN, Query: manyRows}, connectors.Request{Name: "many", Columns: []string{"id", "pad"}})
	if err != nil {
		t.Fatal(err)
	}
	sqltest.CheckCut(t, src, proxy)
}

// TestServerStops has the server end the session.
func TestServerStops(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	src, err := Open(t.Context(), Config{DSN: dsn, Query: manyRows}, connectors.Request{Name: "many", Columns: []string{"id", "pad"}})
	if err != nil {
		t.Fatal(err)
	}
	var last error
	rows := 0
	for _, err := range src.Records(t.Context()) {
		if last = err; err != nil {
			continue
		}
		if rows++; rows == 1000 {
			sqltest.Exec(t, sqldb.Postgres, dsn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		}
	}
	var un *mapping.UnreachableError
	if !errors.As(last, &un) {
		t.Errorf("after %d rows: got %v, want a *mapping.UnreachableError", rows, last)
	}
}

// manyRows is 100 MB, much more than fits into the buffers between server
// and client.
const manyRows = "SELECT g AS id, repeat('x', 1000) AS pad FROM generate_series(1, 100000) g"

func TestMemoryIsBounded(t *testing.T) {
	dsn := dbtest.Postgres(t)
	src, err := Open(t.Context(), Config{DSN: dsn, Query: manyRows}, connectors.Request{Name: "many", Columns: []string{"id", "pad"}})
	if err != nil {
		t.Fatal(err)
	}
	sqltest.CheckMemory(t, src, 100_000)
}

// TestLimitsAreLifted reads longer than the server lets this database's
// statements take.
func TestLimitsAreLifted(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	sqltest.Exec(t, sqldb.Postgres, dsn, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout = 20', current_database()); END $$`)
	src, err := Open(t.Context(), Config{DSN: dsn, Query: "SELECT g AS id FROM generate_series(1, 2) g, pg_sleep(0.1)"},
		connectors.Request{Name: "slow", Columns: []string{"id"}})
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := sqltest.Read(t, src); err != nil || len(rows) != 2 {
		t.Errorf("got %d rows, %v; want 2", len(rows), err)
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	sqltest.CheckTables(t, sqldb.Postgres, dsn, func() ([]connectors.Table, error) {
		return Tables(t.Context(), Config{DSN: dsn}, connectors.Request{})
	})

	// What the search path does not find is named with its schema.
	sqltest.Exec(t, sqldb.Postgres, dsn, "CREATE SCHEMA sales", "CREATE TABLE sales.clients (no text)", "CREATE TABLE customers2 (id text) PARTITION BY LIST (id)",
		"CREATE TABLE customers2_a PARTITION OF customers2 FOR VALUES IN ('a')")
	tables, err := Tables(t.Context(), Config{DSN: dsn}, connectors.Request{})
	var names []string
	for _, table := range tables {
		names = append(names, table.Name)
	}
	if got := strings.Join(names, " "); err != nil || got != `customers customers2 "v.1" sales.clients` {
		t.Errorf("tables are %s, %v", got, err)
	}
	if _, err := Open(t.Context(), Config{DSN: dsn, Table: "sales.clients"}, connectors.Request{Columns: []string{"no"}}); err != nil {
		t.Error(err)
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	sqltest.Exec(t, sqldb.Postgres, dsn, `CREATE TABLE customers (id text, "E-Mail" text)`)
	sqltest.CheckOpenErrors(t, func(table, query string, req connectors.Request) error {
		_, err := Open(t.Context(), Config{DSN: dsn, Table: table, Query: query}, req)
		return err
	})
	if _, err := Open(t.Context(), Config{Table: "t"}, connectors.Request{Name: "crm"}); err == nil || err.Error() != "dsn is not set" {
		t.Errorf("without dsn: got %v", err)
	}
	_, err := Open(t.Context(), Config{DSN: "postgres://u:topsecret@127.0.0.1:1/x", Table: "t"}, connectors.Request{Name: "crm"})
	var un *mapping.UnreachableError
	if !errors.As(err, &un) || strings.Contains(err.Error(), "topsecret") {
		t.Errorf("got %v, want a *mapping.UnreachableError without the password", err)
	}
}

// TestWritesNothing has a query try to write.
func TestWritesNothing(t *testing.T) {
	t.Parallel()
	dsn := dbtest.Postgres(t)
	sqltest.Exec(t, sqldb.Postgres, dsn, "CREATE TABLE t (id text)",
		"CREATE FUNCTION sly() RETURNS int LANGUAGE sql AS 'INSERT INTO t VALUES (1) RETURNING 1'")
	src, err := Open(t.Context(), Config{DSN: dsn, Query: "SELECT sly() AS id"}, connectors.Request{Name: "crm", Columns: []string{"id"}})
	if err == nil {
		_, err = sqltest.Read(t, src)
	}
	if sqldb.Classify(err) != sqldb.ReadOnly {
		t.Errorf("got %v, want that the transaction is read-only", err)
	}
}
