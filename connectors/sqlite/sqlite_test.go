package sqlite

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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
	path := dbtest.SQLite(t)
	sqltest.Sample(t, sqldb.SQLite, path)
	conntest.Run(t, conntest.Suite{
		Open: func(tb testing.TB, req connectors.Request) (mapping.Source, error) {
			return Open(tb.Context(), Config{Path: path, Table: "customers"}, req)
		},
	})
}

func TestConformanceOfQuery(t *testing.T) {
	t.Parallel()
	path := dbtest.SQLite(t)
	sqltest.Sample(t, sqldb.SQLite, path)
	conntest.Run(t, conntest.Suite{
		Open: func(tb testing.TB, req connectors.Request) (mapping.Source, error) {
			req.Name = "customers"
			return Open(tb.Context(), Config{Path: path, Query: "SELECT * FROM customers -- all of them"}, req)
		},
	})
}

// TestValues reads values that do not have the type of their column, which
// SQLite allows, and columns whose type a driver might act on.
func TestValues(t *testing.T) {
	t.Parallel()
	tests := []struct{ typ, value, want string }{
		{"INTEGER", "9223372036854775807", "9223372036854775807"},
		{"INTEGER", "'C001'", "C001"},
		{"INTEGER", "'007'", "7"}, // stored as the number 7: the zeros were never in the file
		{"TEXT", "7", "7"},
		{"TEXT", "'007'", "007"},
		{"", "'007'", "007"},
		{"", "7", "7"},
		{"REAL", "42", "42"},
		{"REAL", "0.1", "0.1"},
		{"REAL", "1e300", "1e+300"},
		{"NUMERIC", "1e15", "1000000000000000"},
		{"NUMERIC", "'1234567890123456789012'", "1.2345678901234568e+21"}, // rounded when it was stored
		{"NUMERIC", "'abc'", "abc"},
		{"DATE", "'2019-03-12'", "2019-03-12"},
		{"DATETIME", "'2019-03-12T08:30:00.123456+08:00'", "2019-03-12T08:30:00.123456+08:00"},
		{"TIMESTAMP", "1552350600", "1552350600"},
		{"TIMESTAMP", "'2019-03-12 08:30'", "2019-03-12 08:30"},
		{"TIME", "'08:30'", "08:30"},
		{"BOOLEAN", "1", "1"},
		{"BOOLEAN", "'true'", "true"},
		{"BLOB", "x'0190b5f27c1e7d4a9b1c3f2e8a6d5c4b'", "0190b5f2-7c1e-7d4a-9b1c-3f2e8a6d5c4b"},
		{"BLOB", "x'00ff'", "00ff"},
		{"BLOB", "x''", ""},
		{"TEXT", "''", ""},
		{"TEXT", "NULL", sqltest.Null},
		{"TEXT", "'a' || char(0) || 'b'", "a\x00b"},
	}
	path := dbtest.SQLite(t)
	var defs, values, names []string
	for i, tt := range tests {
		name := `c"` + strings.Repeat("_", i)
		defs = append(defs, sqldb.SQLite.Quote(name)+" "+tt.typ)
		names, values = append(names, name), append(values, tt.value)
	}
	sqltest.Exec(t, sqldb.SQLite, path,
		"CREATE TABLE vals ("+strings.Join(defs, ", ")+")", "INSERT INTO vals VALUES ("+strings.Join(values, ", ")+")")
	for _, cfg := range []Config{{Path: path, Table: "vals"}, {Path: path, Query: "SELECT * FROM vals"}} {
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
				t.Errorf("%s %s: got %q, want %q (query %q)", tt.typ, tt.value, got[0][i], tt.want, cfg.Query)
			}
		}
	}
}

func TestNotUTF8(t *testing.T) {
	t.Parallel()
	path := dbtest.SQLite(t)
	sqltest.Exec(t, sqldb.SQLite, path, "CREATE TABLE old (id, name)",
		"INSERT INTO old VALUES (1, 'Ann'), (2, CAST(x'5a6feb' AS TEXT)), (3, 'Bob')")
	src, err := Open(t.Context(), Config{Path: path, Table: "old"}, connectors.Request{Name: "old", Columns: []string{"id", "name"}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := sqltest.Read(t, src)
	want := [][]string{{"1", "Ann"}, {`column "name" is not valid UTF-8`}, {"3", "Bob"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	path := dbtest.SQLite(t)
	sqltest.Exec(t, sqldb.SQLite, path, "CREATE TABLE t (id)")
	src, err := Open(t.Context(), Config{Path: path, Query: `WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n LIMIT 100000)
		SELECT id, printf('%01000d', id) AS pad FROM n`}, connectors.Request{Name: "many", Columns: []string{"id", "pad"}})
	if err != nil {
		t.Fatal(err)
	}
	sqltest.CheckMemory(t, src, 100_000)
}

func TestTables(t *testing.T) {
	t.Parallel()
	dsn := dbtest.SQLite(t)
	sqltest.CheckTables(t, sqldb.SQLite, dsn, func() ([]connectors.Table, error) {
		return Tables(t.Context(), Config{Path: dsn}, connectors.Request{})
	})
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	path := dbtest.SQLite(t)
	sqltest.Exec(t, sqldb.SQLite, path, `CREATE TABLE customers (id text, "E-Mail" text)`)
	sqltest.CheckOpenErrors(t, func(table, query string, req connectors.Request) error {
		_, err := Open(t.Context(), Config{Path: path, Table: table, Query: query}, req)
		return err
	})
}

func TestFileErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "customers.csv")
	if err := os.WriteFile(text, []byte(strings.Repeat("id,name\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Path: "missing.db", Table: "t"}, connectors.Request{Name: "crm", Dir: dir}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: got %v, want fs.ErrNotExist", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "missing.db")); err == nil {
		t.Error("a missing file was created")
	}
	for name, path := range map[string]string{"is not an SQLite database": "customers.csv", "is a folder": ".", "path is not set": ""} {
		_, err := Open(t.Context(), Config{Path: path, Table: "t"}, connectors.Request{Name: "crm", Dir: dir})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("path %q: got error %v, want it to say %q", path, err, name)
		}
	}
}

// TestWithoutLog reads a WAL database whose log cannot be made, as on a
// read-only disk: fine when there is none, refused when there is one that
// cannot be read, because its rows would be overlooked.
func TestWithoutLog(t *testing.T) {
	t.Parallel()
	path := dbtest.SQLite(t)
	sqltest.Exec(t, sqldb.SQLite, path, "CREATE TABLE t (id)", "INSERT INTO t VALUES (1)")
	log := path + "-wal"
	if err := os.Symlink(filepath.Join(t.TempDir(), "no such folder", "wal"), log); err != nil {
		t.Skip(err)
	}
	read := func() ([][]string, error) {
		src, err := Open(t.Context(), Config{Path: path, Table: "t"}, connectors.Request{Name: "crm", Columns: []string{"id"}})
		if err != nil {
			return nil, err
		}
		return sqltest.Read(t, src)
	}
	got, err := read()
	if diff := cmp.Diff([][]string{{"1"}}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if err := errors.Join(os.Remove(log), os.Mkdir(log, 0o700)); err != nil {
		t.Fatal(err)
	}
	if got, err := read(); err == nil {
		t.Errorf("with a log that cannot be read: got %q, want an error", got)
	}
}

// TestDamagedFile reads a file with a broken page in its middle: the records
// before it, and then an error, not an end.
func TestDamagedFile(t *testing.T) {
	t.Parallel()
	path := dbtest.SQLite(t)
	sqltest.Exec(t, sqldb.SQLite, path, "CREATE TABLE t (id INTEGER PRIMARY KEY, pad TEXT)",
		"WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n LIMIT 10000) INSERT INTO t SELECT id, printf('%0500d', id) FROM n")
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, 4096), 400*4096)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	src, err := Open(t.Context(), Config{Path: path, Table: "t"}, connectors.Request{Name: "crm", Columns: []string{"id"}})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := sqltest.Read(t, src)
	if err == nil || len(rows) == 0 || len(rows) == 10_000 {
		t.Errorf("got %d rows and error %v, want some rows and an error", len(rows), err)
	}
}
