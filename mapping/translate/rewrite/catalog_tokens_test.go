package rewrite

import (
	"slices"
	"testing"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

func TestParseCreateTable(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sql string
		column    string
		want      sqliteColumn
		checks    []sqliteCheck
	}{
		{"plain", "CREATE TABLE t(a,b)", "b", sqliteColumn{}, nil},
		{"no columns", "CREATE TABLE t", "b", sqliteColumn{}, nil},
		{"collation", "CREATE TABLE t(a COLLATE [nocase], b)", "A", sqliteColumn{collation: "nocase"}, nil},
		{"not in an expression", "CREATE TABLE t(a TEXT CHECK (a COLLATE nocase <> 'b'))", "a", sqliteColumn{}, []sqliteCheck{{"", "a COLLATE nocase <> 'b'"}}},
		{"not in a text", "CREATE TABLE t(a TEXT DEFAULT ' COLLATE nocase, b CHECK (1)')", "a", sqliteColumn{}, nil},
		{"not in a comment", "CREATE TABLE t(a TEXT -- COLLATE nocase\n, b /* CHECK (2), c */)", "a", sqliteColumn{}, nil},
		{"a column called check", "CREATE TABLE t(\"check\" COLLATE rtrim, b)", "check", sqliteColumn{collation: "rtrim"}, nil},
		{"generated", "CREATE TABLE t(a, b AS (upper(a) || ')') STORED)", "b", sqliteColumn{generated: "upper(a) || ')'"}, nil},
		{
			"names of checks", "CREATE TABLE t(a CONSTRAINT k NOT NULL CHECK (1) CONSTRAINT \"c c\" CHECK (2), CHECK (3) CONSTRAINT d CHECK (4))", "a",
			sqliteColumn{},
			[]sqliteCheck{{"", "1"}, {"c c", "2"}, {"", "3"}, {"d", "4"}},
		},
		{"quotes in quotes", "CREATE TABLE \"t\"\"(\" (\"a\"\"b\" COLLATE nocase, `c``d` COLLATE rtrim)", "c`d", sqliteColumn{collation: "rtrim"}, nil},
		{"cut off", "CREATE TABLE t(a CHECK (", "a", sqliteColumn{}, nil},
	}
	for _, tt := range tests {
		got := parseCreateTable(tt.sql)
		if c := got.column(tt.column); c != tt.want || !slices.Equal(got.checks, tt.checks) {
			t.Errorf("%s: got %+v and %+v, want %+v and %+v", tt.name, c, got.checks, tt.want, tt.checks)
		}
	}
}

// FuzzSQL reads any text: pieces come one after the other, and nothing panics.
func FuzzSQL(f *testing.F) {
	f.Add(uint8(0), "CREATE TABLE t (a INTEGER PRIMARY KEY DESC, [b c] CHECK (a <> 'x''y') AS (1), UNIQUE (a))")
	f.Add(uint8(1), "((a)::text <> 'x'::text) -- \"")
	f.Add(uint8(2), "`a` <> 'it\\'s' /* */ AND `b`.`c``d`")
	f.Add(uint8(0), "CREATE TRIGGER a INSTEAD OF UPDATE OF a, \"b\" ON t BEGIN SELECT (((; END")
	f.Fuzz(func(t *testing.T, dialect uint8, sql string) {
		d := []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL}[dialect%3]
		at := 0
		for _, k := range sqlTokens(d, sql) {
			if k.from < at || k.to <= k.from || k.to > len(sql) {
				t.Fatalf("a piece from %d to %d after %d, of %d", k.from, k.to, at, len(sql))
			}
			at = k.to
		}
		parseCreateTable(sql)
		parseTrigger("t", sqlTokens(d, sql))
		afterWord(sql, "WHERE")
		indexPart(sql, 1)
	})
}
