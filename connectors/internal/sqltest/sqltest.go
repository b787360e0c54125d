// Package sqltest helps the tests of the SQL connectors: it makes tables and
// reads sources back.
package sqltest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/connectors/conntest"
	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// types are the column types of the sample table.
var types = map[sqldb.Dialect]map[conntest.Type]string{
	sqldb.SQLite: {
		conntest.Bigint: "INTEGER", conntest.Text: "TEXT", conntest.Decimal: "TEXT",
		conntest.Date: "DATE", conntest.Timestamp: "TIMESTAMP", conntest.UUID: "BLOB",
	},
	sqldb.Postgres: {
		conntest.Bigint: "bigint", conntest.Text: "text", conntest.Decimal: "numeric(38,20)",
		conntest.Date: "date", conntest.Timestamp: "timestamp", conntest.UUID: "uuid",
	},
	sqldb.MySQL: {
		conntest.Bigint: "BIGINT", conntest.Text: "TEXT", conntest.Decimal: "DECIMAL(38,20)",
		conntest.Date: "DATE", conntest.Timestamp: "DATETIME(6)", conntest.UUID: "BINARY(16)",
	},
}

// Sample makes the sample table of the conformance suite, customers.
func Sample(t testing.TB, d sqldb.Dialect, dsn string) {
	t.Helper()
	var defs, holes []string
	for i, c := range conntest.Columns() {
		def, hole := d.Quote(c.Name)+" "+types[d][c.Type], d.Placeholder(i+1)
		if c.Name == "id" {
			def += " PRIMARY KEY"
		}
		switch {
		case c.Type == conntest.UUID && d == sqldb.MySQL:
			hole = "UNHEX(REPLACE(" + hole + ", '-', ''))"
		case c.Type == conntest.UUID && d == sqldb.SQLite:
			hole = "unhex(" + hole + ", '-')"
		}
		defs, holes = append(defs, def), append(holes, hole)
	}
	db := open(t, d, dsn)
	defer func() { _ = db.Close() }()
	exec(t, db, "CREATE TABLE customers ("+strings.Join(defs, ", ")+")")
	for _, row := range conntest.Rows() {
		args := make([]any, len(row))
		for i, v := range row {
			if !v.Null {
				args[i] = v.Text
			}
		}
		exec(t, db, "INSERT INTO customers VALUES ("+strings.Join(holes, ", ")+")", args...)
	}
}

// Exec runs statements on a database.
func Exec(t testing.TB, d sqldb.Dialect, dsn string, statements ...string) {
	t.Helper()
	db := open(t, d, dsn)
	defer func() { _ = db.Close() }()
	for _, s := range statements {
		exec(t, db, s)
	}
}

func open(t testing.TB, d sqldb.Dialect, dsn string) *sqldb.DB {
	t.Helper()
	db, err := sqldb.OpenAs(t.Context(), d, dsn, sqldb.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func exec(t testing.TB, db *sqldb.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Null is how [Read] shows NULL.
const Null = "NULL"

// Read reads a source to its end: the rows as text, NULL as [Null], a record
// error as one cell with its reason. Any other error is returned.
func Read(t testing.TB, src mapping.Source) ([][]string, error) {
	t.Helper()
	var rows [][]string
	for rec, err := range src.Records(t.Context()) {
		var re *mapping.RecordError
		switch {
		case errors.As(err, &re):
			rows = append(rows, []string{re.Reason})
			continue
		case err != nil:
			return rows, err
		}
		row := make([]string, len(rec.Values))
		for i, v := range rec.Values {
			row[i] = v.Text
			if v.Null {
				row[i] = Null
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// CheckCut reads src through proxy, cuts the connection after a thousand
// rows, and wants the stream to say so.
func CheckCut(t testing.TB, src mapping.Source, proxy *dbtest.Proxy) {
	t.Helper()
	var last error
	rows := 0
	for _, err := range src.Records(t.Context()) {
		if last = err; err != nil {
			continue
		}
		if rows++; rows == 1000 {
			proxy.Cut()
		}
	}
	var un *mapping.UnreachableError
	if !errors.As(last, &un) {
		t.Errorf("the connection was cut after %d rows: got %v, want a *mapping.UnreachableError", rows, last)
	}
}

// CheckMemory reads src, which holds many more bytes than memory may grow.
func CheckMemory(t testing.TB, src mapping.Source, want int) {
	t.Helper()
	const bound = 16 << 20
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most, rows := heap(), uint64(0), 0
	for _, err := range src.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if rows++; rows%10_000 == 1 {
			most = max(most, heap())
		}
	}
	if rows != want {
		t.Errorf("read %d rows, want %d", rows, want)
	}
	if most > before+bound {
		t.Errorf("the heap grew by %d MB while reading", (most-before)>>20)
	}
}

// CheckOpenErrors tries what Open must refuse. The database has a table
// customers with columns id and E-Mail.
func CheckOpenErrors(t *testing.T, open func(table, query string, req connectors.Request) error) {
	t.Helper()
	tests := []struct {
		name, table, query, column, where string
		want                              string
		is                                any
	}{
		{"both", "customers", "select 1", "id", "", "set either table or query", nil},
		{"neither", "", "", "id", "", "set either table or query", nil},
		{"missing table", "custmers", "", "id", "", `has no table "custmers"; did you mean "customers"?`, new(*sqldb.TableError)},
		{"missing column", "customers", "", "e_mail", "", `customers has no column "e_mail"; did you mean "E-Mail"?`, new(*mapping.ColumnError)},
		{"missing column of query", "", "select id from customers", "idd", "", `crm has no column "idd"; did you mean "id"?`, new(*mapping.ColumnError)},
		{"broken query", "", "select from where", "id", "", "the query was refused by the ", nil},
		{"broken filter", "customers", "", "id", "id = = 1", "the filter was refused by the ", nil},
		{"unknown column in filter", "customers", "", "id", "idd = '1'", "the filter was refused by the ", nil},
		{"two statements", "", "select 1 as id; drop table customers", "id", "", "the query was refused by the ", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := open(tt.table, tt.query, connectors.Request{Name: "crm", Columns: []string{tt.column}, Where: tt.where})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got error %v, want it to contain %q", err, tt.want)
			}
			if tt.is != nil && !errors.As(err, tt.is) {
				t.Errorf("got a %T, want %T", err, tt.is)
			}
		})
	}
	if err := open("missing", "", connectors.Request{Name: "crm"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing table: got %v, want fs.ErrNotExist", err)
	}
}

// CheckTables lists the tables of an empty database that is then given a
// table and a view with a dot in its name.
func CheckTables(t *testing.T, d sqldb.Dialect, dsn string, tables func() ([]connectors.Table, error)) {
	t.Helper()
	Exec(t, d, dsn,
		"CREATE TABLE customers (id VARCHAR(20), "+d.Quote("E-Mail")+" VARCHAR(20))",
		"CREATE VIEW "+d.Quote("v.1")+" AS SELECT id FROM customers")
	got, err := tables()
	if err != nil {
		t.Fatal(err)
	}
	want := []connectors.Table{{Name: "customers", Columns: []string{"id", "E-Mail"}}, {Name: d.Quote("v.1"), Columns: []string{"id"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}

// Publisher is a suite for publishers to tables called customers. open opens
// one, and reader opens the source; column is the type of its columns, as in
// CREATE TABLE.
func Publisher(d sqldb.Dialect, column string, database func(testing.TB) string,
	open func(ctx context.Context, dsn string, req connectors.PublishRequest) (mapping.Publisher, error),
	reader func(ctx context.Context, dsn string, req connectors.Request) (mapping.Source, error),
) conntest.PublisherSuite {
	return conntest.PublisherSuite{
		Refused: "REFUSED",
		Make: func(tb testing.TB, columns []string, rows [][]string) conntest.PublisherSource {
			dsn := database(tb)
			Table(tb, d, dsn, column, columns, rows)
			return conntest.PublisherSource{
				Open: func(req connectors.PublishRequest) (mapping.Publisher, error) { return open(tb.Context(), dsn, req) },
				Rows: func() [][]string {
					src, err := reader(tb.Context(), dsn, connectors.Request{Name: "customers", Columns: columns})
					if err != nil {
						tb.Fatal(err)
					}
					var got [][]string
					for rec, err := range src.Records(tb.Context()) {
						if err != nil {
							tb.Fatal(err)
						}
						row := make([]string, len(rec.Values))
						for i, v := range rec.Values {
							row[i] = v.Text
						}
						got = append(got, row)
					}
					return got
				},
			}
		},
	}
}

// Table makes a table called customers of columns of one type. An empty text
// is NULL in canonical_no, which refuses the text REFUSED.
func Table(t testing.TB, d sqldb.Dialect, dsn, column string, columns []string, rows [][]string) {
	t.Helper()
	db := open(t, d, dsn)
	defer func() { _ = db.Close() }()
	var defs, holes []string
	for i, name := range columns {
		def := d.Quote(name) + " " + column
		if name == "canonical_no" {
			def += " CHECK (canonical_no <> 'REFUSED')"
		}
		defs, holes = append(defs, def), append(holes, d.Placeholder(i+1))
	}
	exec(t, db, "CREATE TABLE customers ("+strings.Join(defs, ", ")+")")
	for _, row := range rows {
		args := make([]any, len(row))
		for i, text := range row {
			if args[i] = text; columns[i] == "canonical_no" && text == "" {
				args[i] = nil
			}
		}
		exec(t, db, "INSERT INTO customers VALUES ("+strings.Join(holes, ", ")+")", args...)
	}
}

// PublishByTypes holds a publisher to it that what a source reads as an ID
// finds its record again, and no other one, whatever the ID's type. Each of
// types is a column's type, and values of it as SQL, all of them different.
func PublishByTypes(t *testing.T, d sqldb.Dialect, dsn string, types [][]string,
	open func(ctx context.Context, dsn, table string, req connectors.PublishRequest) (mapping.Publisher, error),
	reader func(ctx context.Context, dsn, table string, req connectors.Request) (mapping.Source, error),
) {
	t.Helper()
	for i, typed := range types {
		t.Run(typed[0], func(t *testing.T) {
			table := fmt.Sprintf("typed_%d", i)
			statements := []string{fmt.Sprintf("CREATE TABLE %s (id %s, no VARCHAR(60))", table, typed[0])}
			for _, v := range typed[1:] {
				statements = append(statements, fmt.Sprintf("INSERT INTO %s (id) VALUES (%s)", table, v))
			}
			Exec(t, d, dsn, statements...)
			rows := func() [][]string {
				src, err := reader(t.Context(), dsn, table, connectors.Request{Name: table, Columns: []string{"id", "no"}})
				if err != nil {
					t.Fatal(err)
				}
				got, err := Read(t, src)
				if err != nil {
					t.Fatal(err)
				}
				return got
			}
			p, err := open(t.Context(), dsn, table, connectors.PublishRequest{Request: connectors.Request{Name: table, Columns: []string{"id"}}, Field: "no"})
			if err != nil {
				t.Fatal(err)
			}
			var writes []mapping.FieldWrite
			for _, row := range rows() {
				writes = append(writes, mapping.FieldWrite{ID: row[:1], Value: mapping.FieldValue{Text: "of " + row[0]}})
			}
			refused, err := p.Write(t.Context(), writes)
			if err := errors.Join(err, p.Close(t.Context(), false), errors.Join(refused...)); err != nil {
				t.Fatal(err)
			}
			if len(writes) != len(typed)-1 {
				t.Errorf("%d records of %d", len(writes), len(typed)-1)
			}
			for _, row := range rows() {
				if row[1] != "of "+row[0] {
					t.Errorf("the record %q holds %q", row[0], row[1])
				}
			}
		})
	}
}
