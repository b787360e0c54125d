package mysql

import (
	"errors"
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
	dsn := dbtest.MySQL(t)
	sqltest.Sample(t, sqldb.MySQL, dsn)
	conntest.Run(t, conntest.Suite{
		Open: func(tb testing.TB, req connectors.Request) (mapping.Source, error) {
			return Open(tb.Context(), Config{DSN: dsn, Table: "customers"}, req)
		},
	})
}

func TestConformanceOfQuery(t *testing.T) {
	t.Parallel()
	dsn := dbtest.MySQL(t)
	sqltest.Sample(t, sqldb.MySQL, dsn)
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
		{"TINYINT(1)", "1", "1"},
		{"SMALLINT", "-32768", "-32768"},
		{"MEDIUMINT UNSIGNED", "16777215", "16777215"},
		{"INT", "-2147483648", "-2147483648"},
		{"INT(6) ZEROFILL", "42", "000042"},
		{"BIGINT", "-9223372036854775808", "-9223372036854775808"},
		{"BIGINT UNSIGNED", "18446744073709551615", "18446744073709551615"},
		{"BIGINT(20) UNSIGNED ZEROFILL", "7", "00000000000000000007"},
		{"DECIMAL(65,30)", "12345678901234567890.123456789012345678901234567890", "12345678901234567890.123456789012345678901234567890"},
		{"DECIMAL(8,0) ZEROFILL", "42", "00000042"},
		{"FLOAT", "0.1", "0.1"},
		{"FLOAT", "16777216", "16777216"},
		{"FLOAT", "1234567.9", "1234567.9"},
		{"DOUBLE", "0.1", "0.1"},
		{"DOUBLE", "1234567890123456", "1234567890123456"},
		{"DOUBLE", "1e15", "1000000000000000"},
		{"DOUBLE", "1.7976931348623157e308", "1.7976931348623157e+308"},
		{"BIT(1)", "b'1'", "1"},
		{"BIT(64)", "b'1111111111111111111111111111111111111111111111111111111111111111'", "18446744073709551615"},
		{"YEAR", "2024", "2024"},
		{"YEAR", "'0000'", "0000"},
		{"DATE", "'0000-00-00'", "0000-00-00"},
		{"DATE", "'2019-00-00'", "2019-00-00"},
		{"DATE", "'9999-12-31'", "9999-12-31"},
		{"TIME(6)", "'-838:59:58.999999'", "-838:59:58.999999"},
		{"DATETIME", "'0000-00-00 00:00:00'", "0000-00-00 00:00:00"},
		{"DATETIME(6)", "'2019-03-12 08:30:00.123456'", "2019-03-12 08:30:00.123456"},
		{"DATETIME(3)", "'2019-03-12 08:30:00.5'", "2019-03-12 08:30:00.500"},
		{"TIMESTAMP(6) NULL", "'2019-03-12 08:30:00.123456'", "2019-03-12 08:30:00.123456"},
		{"CHAR(6)", "'C1'", "C1"},
		{"VARCHAR(6)", "'C1 '", "C1 "},
		{"VARCHAR(40) CHARACTER SET latin1", "'Zoë Müller'", "Zoë Müller"},
		{"VARCHAR(40) CHARACTER SET gbk", "'张伟（北京）'", "张伟（北京）"},
		{"VARCHAR(40) CHARACTER SET sjis", "'山田 太郎'", "山田 太郎"},
		{"VARCHAR(40) CHARACTER SET utf8mb4", "'𠮷田🙂'", "𠮷田🙂"},
		{"VARCHAR(40) CHARACTER SET utf16", "'𠮷田'", "𠮷田"},
		{"LONGTEXT", "'two\\nlines'", "two\nlines"},
		{"TEXT", "''", ""},
		{"BINARY(16)", "UNHEX('0190b5f27c1e7d4a9b1c3f2e8a6d5c4b')", "0190b5f2-7c1e-7d4a-9b1c-3f2e8a6d5c4b"},
		{"BINARY(4)", "UNHEX('00ff')", "00ff0000"},
		{"VARBINARY(40)", "UNHEX('00ff')", "00ff"},
		{"BLOB", "''", ""},
		{"ENUM('new','old')", "'old'", "old"},
		{"SET('a','b','c')", "'a,c'", "a,c"},
		{"JSON", `'{"id": 12345678901234567890}'`, `{"id": 12345678901234567890}`},
		{"VARCHAR(6)", "NULL", sqltest.Null},
		{"BIT(3)", "NULL", sqltest.Null},
		{"FLOAT", "NULL", sqltest.Null},
		{"INT", "NULL", sqltest.Null},
	}
	dsn := dbtest.MySQL(t)
	var defs, values, names []string
	for i, tt := range tests {
		name := "c`" + strings.Repeat("_", i)
		defs = append(defs, sqldb.MySQL.Quote(name)+" "+tt.typ)
		names, values = append(names, name), append(values, tt.value)
	}
	sqltest.Exec(t, sqldb.MySQL, dsn, "SET sql_mode = ''",
		"CREATE TABLE types ("+strings.Join(defs, ", ")+")", "INSERT INTO types VALUES ("+strings.Join(values, ", ")+")")
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
				t.Errorf("%s %s: got %q, want %q (query %q)", tt.typ, tt.value, got[0][i], tt.want, cfg.Query)
			}
		}
	}
}

// TestMariaDBTypes reads the types that MySQL does not have.
func TestMariaDBTypes(t *testing.T) {
	t.Parallel()
	dsn := dbtest.MySQL(t)
	db, err := sqldb.Open(t.Context(), dsn, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE types (u UUID, a INET6)"); err != nil {
		t.Skipf("the server has no type UUID: %v", err)
	}
	sqltest.Exec(t, sqldb.MySQL, dsn, "INSERT INTO types VALUES ('0190B5F2-7C1E-7D4A-9B1C-3F2E8A6D5C4B', '::1')")
	src, err := Open(t.Context(), Config{DSN: dsn, Table: "types"}, connectors.Request{Name: "all", Columns: []string{"u", "a"}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := sqltest.Read(t, src)
	if diff := cmp.Diff([][]string{{"0190b5f2-7c1e-7d4a-9b1c-3f2e8a6d5c4b", "::1"}}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// many makes a table of 100 MB, much more than fits into the buffers between
// server and client.
func many(t *testing.T, dsn string) {
	t.Helper()
	sqltest.Exec(t, sqldb.MySQL, dsn, "CREATE TABLE many (id INT AUTO_INCREMENT PRIMARY KEY, pad TEXT)",
		"INSERT INTO many (pad) WITH d AS (SELECT 0 UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4"+
			" UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)"+
			" SELECT REPEAT('x', 1000) FROM d a, d b, d c, d e, d f")
}

func TestCut(t *testing.T) {
	t.Parallel()
	dsn := dbtest.MySQL(t)
	many(t, dsn)
	proxy := dbtest.NewProxy(t, dsn)
	src, err := Open(t.Context(), Config{DSN: proxy.DSN, Table: "many"}, connectors.Request{Name: "many", Columns: []string{"id", "pad"}})
	if err != nil {
		t.Fatal(err)
	}
	sqltest.CheckCut(t, src, proxy)
}

func TestMemoryIsBounded(t *testing.T) {
	dsn := dbtest.MySQL(t)
	many(t, dsn)
	src, err := Open(t.Context(), Config{DSN: dsn, Table: "many"}, connectors.Request{Name: "many", Columns: []string{"id", "pad"}})
	if err != nil {
		t.Fatal(err)
	}
	sqltest.CheckMemory(t, src, 100_000)
}

// TestBreakIsCheap leaves a long stream at its first record: what is still to
// come must not be read.
func TestBreakIsCheap(t *testing.T) {
	t.Parallel()
	dsn := dbtest.MySQL(t)
	many(t, dsn)
	proxy := dbtest.NewProxy(t, dsn)
	src, err := Open(t.Context(), Config{DSN: proxy.DSN, Table: "many"}, connectors.Request{Name: "many", Columns: []string{"id", "pad"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range src.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if brought := proxy.Brought(); brought > 50<<20 {
		t.Errorf("%d MB were read for one record", brought>>20)
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	dsn := dbtest.MySQL(t)
	sqltest.CheckTables(t, sqldb.MySQL, dsn, func() ([]connectors.Table, error) {
		return Tables(t.Context(), Config{DSN: dsn}, connectors.Request{})
	})
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	dsn := dbtest.MySQL(t)
	sqltest.Exec(t, sqldb.MySQL, dsn, "CREATE TABLE customers (id TEXT, `E-Mail` TEXT)")
	sqltest.CheckOpenErrors(t, func(table, query string, req connectors.Request) error {
		_, err := Open(t.Context(), Config{DSN: dsn, Table: table, Query: query}, req)
		return err
	})
	if _, err := Open(t.Context(), Config{Table: "t"}, connectors.Request{Name: "crm"}); err == nil || err.Error() != "dsn is not set" {
		t.Errorf("without dsn: got %v", err)
	}
	_, err := Open(t.Context(), Config{DSN: "mysql://u:topsecret@127.0.0.1:1/x", Table: "t"}, connectors.Request{Name: "crm"})
	var un *mapping.UnreachableError
	if !errors.As(err, &un) || strings.Contains(err.Error(), "topsecret") {
		t.Errorf("got %v, want a *mapping.UnreachableError without the password", err)
	}
}

// TestWritesNothing has a query try to write.
func TestWritesNothing(t *testing.T) {
	t.Parallel()
	dsn := dbtest.MySQL(t)
	sqltest.Exec(t, sqldb.MySQL, dsn, "CREATE TABLE t (id INT)",
		"CREATE FUNCTION sly() RETURNS INT DETERMINISTIC BEGIN INSERT INTO t VALUES (1); RETURN 1; END")
	src, err := Open(t.Context(), Config{DSN: dsn, Query: "SELECT sly() AS id FROM (SELECT 1) one"}, connectors.Request{Name: "crm", Columns: []string{"id"}})
	if err == nil {
		_, err = sqltest.Read(t, src)
	}
	if sqldb.Classify(err) != sqldb.ReadOnly {
		t.Errorf("got %v, want that the transaction is read-only", err)
	}
}
