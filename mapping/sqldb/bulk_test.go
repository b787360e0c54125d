package sqldb_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// way is one way of loading.
type way struct {
	name   string
	d      sqldb.Dialect
	refuse bool // LOAD DATA LOCAL
}

var ways = []way{
	{"sqlite", sqldb.SQLite, false},
	{"postgres copy", sqldb.Postgres, false},
	{"mysql load data", sqldb.MySQL, false},
	{"mysql insert", sqldb.MySQL, true},
}

// sample makes the table that loads go into.
func (w way) sample(t testing.TB) *sqldb.DB {
	t.Helper()
	db := open(t, dbtest.Database(t, w.d), sqldb.Options{})
	if w.refuse {
		db.RefuseLocalInfile()
	}
	columns := map[sqldb.Dialect]string{
		sqldb.SQLite:   "no INTEGER PRIMARY KEY, txt TEXT, bin BLOB, num INTEGER",
		sqldb.Postgres: `no bigint PRIMARY KEY, txt text, bin bytea, num bigint`,
		sqldb.MySQL:    "no BIGINT PRIMARY KEY, txt LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, bin LONGBLOB, num BIGINT",
	}
	exec(t, db, "CREATE TABLE "+w.d.Quote("the rows")+" ("+columns[w.d]+")")
	return db
}

// row is a row of it; nil is NULL.
type row struct {
	No  int64   `db:"no"`
	Txt *string `db:"txt"`
	Bin []byte  `db:"bin"`
	Num *int64  `db:"num"`
}

// load loads rows in one transaction.
func load(ctx context.Context, db *sqldb.DB, rows []row) error {
	tx, err := db.Begin(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	err = sqldb.BulkInsert(ctx, tx, "the rows", []string{"no", "txt", "bin", "num"}, len(rows), func(i int, dst *sqldb.Row) {
		dst.Int(rows[i].No)
		if rows[i].Txt == nil {
			dst.Null()
		} else {
			dst.Text(*rows[i].Txt)
		}
		dst.Bytes(rows[i].Bin)
		if rows[i].Num == nil {
			dst.Null()
		} else {
			dst.Int(*rows[i].Num)
		}
	})
	if err != nil {
		return err
	}
	return tx.Commit()
}

func read(t testing.TB, db *sqldb.DB) []row {
	t.Helper()
	var found []struct {
		row
		Empty bool `db:"empty"` // drivers do not agree on what an empty blob is
	}
	query := "SELECT no, txt, bin, num, COALESCE(LENGTH(bin) = 0, 1 = 0) AS empty FROM " + db.Dialect.Quote("the rows") + " ORDER BY no"
	if err := db.SelectContext(t.Context(), &found, query); err != nil {
		t.Fatal(err)
	}
	rows := make([]row, len(found))
	for i, f := range found {
		if rows[i] = f.row; f.Empty {
			rows[i].Bin = []byte{}
		}
	}
	return rows
}

func ptr[T any](v T) *T { return &v }

// TestBulkInsert loads what text formats stumble over, and sizes around the
// limits of a statement.
func TestBulkInsert(t *testing.T) {
	t.Parallel()
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	texts := []string{
		"", " ", `\N`, `\.`, `\`, `\\`, "\\n", "\t", "\n", "\r\n", "a\tb\nc", `"quoted"`, "'single'", "`back`", "NULL",
		"张伟（北京）", "𠮷田🙂", "Zoë", "e\u0301", "\ufeff", "\u0001\u007f", strings.Repeat("x\\\t", 50_000), "?", "$1", "%s", "; --",
	}
	var odd []row
	for i, s := range texts {
		odd = append(odd, row{No: int64(i), Txt: ptr(s), Bin: []byte(s), Num: ptr(int64(i - 1))})
	}
	odd = append(odd,
		row{No: 1000}, row{No: 1001, Bin: []byte{}}, row{No: 1002, Bin: all}, row{No: 1003, Bin: []byte{0}},
		row{No: 1004, Num: ptr(int64(-9223372036854775808))}, row{No: 9223372036854775807, Num: ptr(int64(9223372036854775807))})
	same := func(n int) []row {
		rows := make([]row, n)
		for i := range rows {
			rows[i] = row{No: int64(i + 1), Txt: ptr("the same in all rows"), Num: ptr(int64(7))}
		}
		return rows
	}
	tests := map[string][]row{"odd": odd, "none": {}, "1": same(1), "50": same(50), "51": same(51), "1001": same(1001)}
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			db := w.sample(t)
			for name, rows := range tests {
				if err := load(t.Context(), db, rows); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if diff := cmp.Diff(rows, read(t, db)); diff != "" {
					t.Errorf("%s (-want +got):\n%.2000s", name, diff)
				}
				exec(t, db, "DELETE FROM "+db.Dialect.Quote("the rows"))
			}
		})
	}
}

// TestBulkInsertAnything loads whatever a generator thinks of.
func TestBulkInsertAnything(t *testing.T) {
	t.Parallel()
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			db := w.sample(t)
			text := rapid.String().Filter(func(s string) bool { return !strings.Contains(s, "\x00") })
			rapid.Check(t, func(r *rapid.T) {
				rows := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) row {
					return row{
						Txt: rapid.Ptr(text, true).Draw(r, "txt"),
						Bin: rapid.OneOf(rapid.Just([]byte(nil)), rapid.SliceOf(rapid.Byte())).Draw(r, "bin"),
						Num: rapid.Ptr(rapid.Int64(), true).Draw(r, "num"),
					}
				}), 0, 120).Draw(r, "rows")
				for i := range rows {
					rows[i].No = int64(i + 1)
				}
				exec(t, db, "DELETE FROM "+db.Dialect.Quote("the rows"))
				if err := load(t.Context(), db, rows); err != nil {
					r.Fatal(err)
				}
				if diff := cmp.Diff(rows, read(t, db)); diff != "" {
					r.Fatalf("-want +got:\n%.2000s", diff)
				}
			})
		})
	}
}

// TestBulkInsertRefused loads what the table cannot hold: an error, nothing
// stored, and the connection as good as before.
func TestBulkInsertRefused(t *testing.T) {
	t.Parallel()
	many := make([]row, 5000)
	for i := range many {
		many[i] = row{No: int64(i)}
	}
	twice := append([]row{}, many...)
	twice[4999].No = 17
	invalid := append([]row{}, many...)
	invalid[4999].Txt = ptr("Zo\xeb")
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			db := w.sample(t)
			check := func(what string, err error) {
				t.Helper()
				if err == nil {
					t.Errorf("%s: got no error", what)
				}
				if rows := read(t, db); len(rows) != 0 {
					t.Errorf("%s: %d rows stayed", what, len(rows))
				}
			}
			check("a key twice", load(t.Context(), db, twice))
			if w.d != sqldb.SQLite {
				check("invalid UTF-8", load(t.Context(), db, invalid))
			}
			if w.d == sqldb.MySQL {
				exec(t, db, "ALTER TABLE `the rows` MODIFY txt VARCHAR(3)")
				check("too long", load(t.Context(), db, []row{{No: 1, Txt: ptr("1234")}}))
				check("too long by spaces", load(t.Context(), db, []row{{No: 1, Txt: ptr("123 ")}}))
			}
			ctx, cancel := context.WithCancel(t.Context())
			tx, err := db.Begin(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = sqldb.BulkInsert(ctx, tx, "the rows", []string{"no"}, 1_000_000, func(i int, dst *sqldb.Row) {
				if dst.Int(int64(i)); i == 20_000 {
					cancel()
				}
			})
			_ = tx.Rollback()
			check("cancelled", err)

			tx, err = db.Begin(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			err = sqldb.BulkInsert(t.Context(), tx, "the rows", []string{"no", "num"}, 100, func(i int, dst *sqldb.Row) {
				if dst.Int(int64(i)); i != 70 {
					dst.Null()
				}
			})
			_ = tx.Rollback()
			check("a cell missing", err)
			if err := load(t.Context(), db, many); err != nil {
				t.Errorf("after all that: %v", err)
			}
		})
	}
}

// TestBulkInsertCut loses the connection in the middle of a load.
func TestBulkInsertCut(t *testing.T) {
	t.Parallel()
	for _, w := range ways[1:] {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.Database(t, w.d)
			exec(t, open(t, dsn, sqldb.Options{}), "CREATE TABLE t (id INTEGER)")
			proxy := dbtest.NewProxy(t, dsn)
			db := open(t, proxy.DSN, sqldb.Options{})
			if w.refuse {
				db.RefuseLocalInfile()
			}
			tx, err := db.Begin(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			err = sqldb.BulkInsert(t.Context(), tx, "t", []string{"id"}, 1_000_000, func(i int, dst *sqldb.Row) {
				if dst.Int(int64(i)); i == 200_000 {
					proxy.Cut()
				}
			})
			if sqldb.Classify(err) != sqldb.Cut {
				t.Errorf("got %v, want that the connection was cut", err)
			}
			if err := tx.Commit(); err == nil {
				t.Error("the commit succeeded")
			}
		})
	}
}

// TestBulkInsertLeft has the callback never return: the transaction must end
// all the same, and nobody may wait for it for ever.
func TestBulkInsertLeft(t *testing.T) {
	t.Parallel()
	ends := map[string]func(){"panic": func() { panic("row") }, "goexit": runtime.Goexit}
	for _, w := range ways {
		for name, end := range ends {
			t.Run(w.name+" "+name, func(t *testing.T) {
				t.Parallel()
				db := w.sample(t)
				var wg sync.WaitGroup
				wg.Go(func() {
					defer func() { _ = recover() }()
					tx, err := db.Begin(t.Context(), nil)
					if err != nil {
						t.Error(err)
						return
					}
					defer func() { _ = tx.Rollback() }()
					_ = sqldb.BulkInsert(t.Context(), tx, "the rows", []string{"no"}, 10_000, func(i int, dst *sqldb.Row) {
						if dst.Int(int64(i)); i == 5000 {
							end()
						}
					})
				})
				wg.Wait()
				if err := load(t.Context(), db, []row{{No: 1}}); err != nil {
					t.Error(err)
				}
				if n := len(read(t, db)); n != 1 {
					t.Errorf("%d rows are there, want 1", n)
				}
			})
		}
	}
}

// BenchmarkBulkInsert loads rows that look like links.
func BenchmarkBulkInsert(b *testing.B) {
	columns := map[sqldb.Dialect]string{
		sqldb.SQLite:   "source_no INTEGER, id_key TEXT, verbatim TEXT, canonical TEXT, state INTEGER, kind INTEGER, rule_no INTEGER, from_run INTEGER, row_hash INTEGER, PRIMARY KEY (source_no, id_key)) WITHOUT ROWID",
		sqldb.Postgres: `source_no integer, id_key text COLLATE "C", verbatim text, canonical text, state integer, kind integer, rule_no integer, from_run bigint, row_hash bigint, PRIMARY KEY (source_no, id_key))`,
		sqldb.MySQL:    "source_no INTEGER, id_key VARBINARY(255), verbatim VARBINARY(255), canonical VARBINARY(255), state INTEGER, kind INTEGER, rule_no INTEGER, from_run BIGINT, row_hash BIGINT, PRIMARY KEY (source_no, id_key))",
	}
	names := []string{"source_no", "id_key", "verbatim", "canonical", "state", "kind", "rule_no", "from_run", "row_hash"}
	const batch = 100_000
	for _, d := range dialects {
		b.Run(d.String(), func(b *testing.B) {
			db := open(b, dbtest.Database(b, d), sqldb.Options{})
			exec(b, db, "CREATE TABLE link ("+columns[d])
			keys, ids := make([]string, batch), make([]string, batch)
			for n := 0; b.Loop(); n++ {
				b.StopTimer()
				for i := range batch {
					keys[i], ids[i] = fmt.Sprintf("C%09d", n*batch+i), fmt.Sprintf("CUST-%08d-42", n*batch+i)
				}
				b.StartTimer()
				tx, err := db.Begin(b.Context(), nil)
				if err != nil {
					b.Fatal(err)
				}
				err = sqldb.BulkInsert(b.Context(), tx, "link", names, batch, func(i int, dst *sqldb.Row) {
					dst.Int(1)
					dst.Text(keys[i])
					dst.Null()
					dst.Text(ids[i])
					dst.Int(0)
					dst.Int(0)
					dst.Int(3)
					dst.Int(1)
					dst.Int(int64(i) * 0x5851f42d4c957f2d)
				})
				if err != nil {
					b.Fatal(err)
				}
				if err := tx.Commit(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*batch/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
