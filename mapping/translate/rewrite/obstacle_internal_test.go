package rewrite

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// TestCompareAfter tells what a rewrite should not have changed.
func TestCompareAfter(t *testing.T) {
	t.Parallel()
	before := &Surveyed{Name: "orders.ref", Rows: 100, Empty: 10, Resolvable: 80, Orphans: 10, Missing: []Orphan{{Key: "old", Rows: 10}}}
	tests := []struct {
		name  string
		after Surveyed
		want  string // the codes
	}{
		{"as it was", Surveyed{Rows: 100, Resolvable: 80, Orphans: 10, Missing: []Orphan{{Key: "old", Rows: 10}}}, ""},
		{"more rows", Surveyed{Rows: 101, Resolvable: 81, Orphans: 10, Missing: []Orphan{{Key: "old", Rows: 10}}}, "count_changed"},
		{"fewer rows", Surveyed{Rows: 90, Resolvable: 70, Orphans: 10, Missing: []Orphan{{Key: "old", Rows: 10}}}, "count_changed"},
		{"another orphan", Surveyed{Rows: 100, Resolvable: 80, Orphans: 10, Missing: []Orphan{{Key: "old", Rows: 9}, {Key: "new", Rows: 1}}}, "orphans_new"},
		{"one that was emptied", Surveyed{Rows: 100, Resolvable: 79, Orphans: 10, Missing: []Orphan{{Key: "old", Rows: 10}}}, "reference_lost"},
		{"one that means nothing any more", Surveyed{Rows: 100, Resolvable: 79, Orphans: 11, Missing: []Orphan{{Key: "old", Rows: 10}, {Key: "cut", Rows: 1}}}, "reference_lost orphans_new"},
	}
	for _, tt := range tests {
		var codes []string
		for _, o := range compareAfter(before, &tt.after) {
			codes = append(codes, o.Code)
		}
		if got := strings.Join(codes, " "); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestLaxMode warns of servers that cut what others write. Tests share their
// server, so it is not told to be lax.
func TestLaxMode(t *testing.T) {
	t.Parallel()
	l := &look{survey: &survey{session: Session{LaxMode: "NO_ENGINE_SUBSTITUTION"}}, ref: &Reference{Table: "orders"}}
	l.Table = &Table{Key: []string{"id"}, Transactional: true}
	l.findInTable()
	if len(l.Obstacles) != 1 || l.Obstacles[0].Code != "lax_mode" || !strings.Contains(l.Obstacles[0].Detail, "NO_ENGINE_SUBSTITUTION") {
		t.Errorf("got %+v", l.Obstacles)
	}
}

// TestMade knows which texts a column of numbers can keep.
func TestMade(t *testing.T) {
	t.Parallel()
	tests := []struct {
		texts string
		typ   string
		kind  ColumnKind
		fits  bool
	}{
		{"1 42 2147483647", "integer", Integer, true},
		{"1 2147483648", "integer", Integer, false},
		{"2147483648", "int(10) unsigned", Integer, true},
		{"256", "tinyint(3) unsigned", Integer, false},
		{"9223372036854775807", "bigint", Integer, true},
		{"9223372036854775808", "bigint", Integer, false},
		{"0", "integer", Integer, true},
		{"01", "integer", Integer, false},
		{"C1", "bigint", Integer, false},
		{"123456789012345", "numeric(20)", Decimal, true},
		{"1234567890123456", "double", Decimal, false},
	}
	for _, tt := range tests {
		var m made
		for text := range strings.FieldsSeq(tt.texts) {
			m.add([]byte(text))
		}
		why := m.notNumber(&Column{Type: tt.typ, Kind: tt.kind})
		if (why == "") != tt.fits {
			t.Errorf("%s into %s: %q, want that it fits: %v", tt.texts, tt.typ, why, tt.fits)
		}
	}
}

// TestAltered holds what is said of SQLite's columns against what comes back
// out of them, and what an apply refuses against what a survey says.
func TestAltered(t *testing.T) {
	t.Parallel()
	db, err := sqldb.OpenAs(t.Context(), sqldb.SQLite, filepath.Join(t.TempDir(), "x.db"), sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	texts := strings.Fields("CUST-00000001-81 7 007 007-A 123456789012345678 9223372036854775807 9223372036854775808 1E5 1E 1E-5 1E5-2 12345678901234567890E X1E5 0 00 A")
	for i, typ := range strings.Split("INT;integer;BIGINT UNSIGNED;NUMERIC;DECIMAL(10,2);REAL;DOUBLE;FLOATING POINT;date;VARCHAR(20);", ";") {
		table := fmt.Sprintf("t%d", i)
		if _, err := db.ExecContext(t.Context(), "CREATE TABLE "+table+" (x "+typ+")"); err != nil {
			t.Fatal(err)
		}
		kind, numeric := sqliteKind(typ, false)
		for _, text := range texts {
			var back string
			if err := db.GetContext(t.Context(), &back, "INSERT INTO "+table+" VALUES (?) RETURNING CAST(x AS TEXT)", text); err != nil {
				t.Fatal(err)
			}
			c := &Column{Name: "x", Type: typ, Kind: kind, Numeric: numeric}
			var m made
			m.add([]byte(text))
			said, refused := m.altered(c) != "", (&task{target: c}).refuses([]byte(text)) != ""
			if altered := back != text; said != altered || refused != altered {
				t.Errorf("%s in %q comes back as %s: the survey says so: %v, apply: %v", text, typ, back, said, refused)
			}
		}
	}
}
