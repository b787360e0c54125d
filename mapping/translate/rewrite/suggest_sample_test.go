package rewrite

import (
	"strconv"
	"strings"
	"testing"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// TestSample takes some rows of long tables from their beginning to their
// end, whatever their key is.
func TestSample(t *testing.T) {
	t.Parallel()
	const rows = 20_000
	const numbers = "WITH d (x) AS (SELECT 0 UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6" +
		" UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9), n (i) AS (SELECT 1 + a.x + 10 * b.x + 100 * c.x + 1000 * e.x + 10000 * f.x" +
		" FROM d a, d b, d c, d e, d f WHERE f.x < 2) SELECT "
	tests := []struct {
		dialect             sqldb.Dialect
		name, columns, from string
		most                int
	}{
		{sqldb.SQLite, "rowid_key", "(i INTEGER)", "i FROM n", sampledRows},
		{sqldb.SQLite, "int_key", "(i INTEGER PRIMARY KEY)", "i FROM n", sampledRows},
		{sqldb.SQLite, "text_key", "(k TEXT PRIMARY KEY, i INTEGER) WITHOUT ROWID", "PRINTF('C%06d', i), i FROM n", sampledRows},
		{sqldb.SQLite, "sparse", "(k INTEGER PRIMARY KEY, i INTEGER)", "i * i, i FROM n", sampledRows},
		{sqldb.MySQL, "int_key", "(i int PRIMARY KEY)", "i FROM n", sampledRows},
		{sqldb.MySQL, "text_key", "(k varchar(9) PRIMARY KEY, i int)", "CONCAT('k', LPAD(i, 6, '0')), i FROM n", sampledRows},
		{sqldb.MySQL, "hash_key", "(k varchar(40) PRIMARY KEY, i int)", "MD5(i), i FROM n", sampledRows},
		{sqldb.MySQL, "no_key", "(i int)", "i FROM n", sampledRows},
		{sqldb.MySQL, "two_keys", "(i int, j int, PRIMARY KEY (i, j))", "i, 1 FROM n", sampledRows},
		{sqldb.Postgres, "no_key", "(i int)", "i FROM n", sampledRows},
		{sqldb.Postgres, "long_rows", "(i int, pad text) WITH (fillfactor = 10)", "i, repeat('x', 900) FROM n WHERE i % 20 = 0", sampledPages + 200},
	}
	for _, tt := range tests {
		t.Run(tt.dialect.String()+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			db, err := sqldb.Open(t.Context(), dbtest.Database(t, tt.dialect), sqldb.Options{MaxConns: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			for _, s := range []string{"CREATE TABLE " + tt.name + " " + tt.columns, "INSERT INTO " + tt.name + " " + numbers + tt.from} {
				if _, err := db.ExecContext(t.Context(), s); err != nil {
					t.Fatalf("%s: %v", s, err)
				}
			}
			tables, err := heldTables(t.Context(), db)
			if err != nil {
				t.Fatal(err)
			}
			sample, err := (&sampler{t.Context(), db}).rows(tables[0])
			if err != nil {
				t.Fatal(err)
			}
			at, _ := tables[0].column("i")
			low, high, seen := rows, 0, map[int]bool{}
			for _, row := range sample {
				i, _ := strconv.Atoi(row[at].String)
				low, high = min(low, i), max(high, i)
				seen[(i-1)*10/rows] = true
			}
			if len(sample) < 300 || len(sample) > tt.most || low > rows/20 || high < rows*3/4 || len(seen) < 8 {
				t.Errorf("got %d rows from %d to %d in %d tenths of the table", len(sample), low, high, len(seen))
			}
		})
	}
}

func TestBetween(t *testing.T) {
	t.Parallel()
	tests := []struct {
		low, high string
		i         int
		want      string
	}{
		{"C000", "C999", 0, "C000"},
		{"C000", "C999", 10, "C5"},
		{"0aaa", "ffff", 10, "8"},
		{"", "zzz", 0, ""},
		{"é", "é", 3, "é"},
	}
	for _, tt := range tests {
		if got := between(tt.low, tt.high, tt.i, 20); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%q to %q, %d of 20: got %q, want about %q", tt.low, tt.high, tt.i, got, tt.want)
		}
	}
}
