package rewrite_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/fixtures/sampledb"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// known is what the crosswalk of these tests says.
var known = []meant{
	{sampledb.Link{Space: "crm", ID: "C1", Canonical: "CUST-0001"}, crosswalk.Live},
	{sampledb.Link{Space: "crm", ID: "C2", Canonical: "CUST-0002"}, crosswalk.Live},
	{sampledb.Link{Space: "crm", ID: "C3", Canonical: "CUST-0001"}, crosswalk.Live},
	{sampledb.Link{Space: "crm", ID: "c2", Canonical: "CUST-0009"}, crosswalk.Live},
	{sampledb.Link{Space: "crm", ID: "R1", Canonical: "OLD-CUST-0004"}, crosswalk.Live},
	{sampledb.Link{Space: "crm", ID: "G1", Canonical: "CUST-0005"}, crosswalk.Retired},
	{sampledb.Link{Space: "crm", ID: "H1"}, crosswalk.Held},
	{sampledb.Link{Space: "crm", ID: "X1"}, crosswalk.Contested},
	{sampledb.Link{Space: "num", ID: "1", Canonical: "CUST-0001"}, crosswalk.Live},
	{sampledb.Link{Space: "num", ID: "2", Canonical: "CUST-0002"}, crosswalk.Live},
	{sampledb.Link{Space: "num", ID: "3", Canonical: "CUST-0001"}, crosswalk.Live},
	{sampledb.Link{Space: "other", ID: "1", Canonical: "CUST-0011"}, crosswalk.Live},
	{sampledb.Link{Space: "small", ID: "1", Canonical: "2"}, crosswalk.Live},
	{sampledb.Link{Space: "small", ID: "2", Canonical: "77"}, crosswalk.Live},
	{sampledb.Link{Space: "big", ID: "1", Canonical: "3000000000"}, crosswalk.Live},
	{sampledb.Link{Space: "zeros", ID: "1", Canonical: "00007"}, crosswalk.Live},
	{sampledb.Link{Space: "comp", ID: "A|1", Canonical: "CUST-0001"}, crosswalk.Live},
	{sampledb.Link{Space: "comp", ID: `B\|B|2`, Canonical: "CUST-0002"}, crosswalk.Live},
}

// obstacleTest is a table, references to it, and the obstacles of each: their
// code and severity, and what the detail must say.
type obstacleTest struct {
	name  string
	on    []sqldb.Dialect // nil: all
	setup string          // statements, with an empty line between them
	refs  []rewrite.Reference
	want  [][]string
}

var (
	inSQLite   = []sqldb.Dialect{sqldb.SQLite}
	inPostgres = []sqldb.Dialect{sqldb.Postgres}
	inMySQL    = []sqldb.Dialect{sqldb.MySQL}
	inServers  = []sqldb.Dialect{sqldb.Postgres, sqldb.MySQL}
)

// in is a reference in place.
func in(table, column, space string) rewrite.Reference {
	return rewrite.Reference{Table: table, Columns: []string{column}, RefersTo: space, Write: rewrite.InPlace}
}

// to is one into a column of its own.
func to(table, column, space, target string) rewrite.Reference {
	r := in(table, column, space)
	r.Write = target
	return r
}

// own is the key of a source's own table, in place.
func own(table, column, space string) rewrite.Reference {
	r := in(table, column, space)
	r.OwnKey = true
	return r
}

// with changes a reference.
func with(r rewrite.Reference, change func(*rewrite.Reference)) rewrite.Reference {
	change(&r)
	return r
}

func pattern(text string) *regexp.Regexp { return regexp.MustCompile(text) }

func where(condition string) func(*rewrite.Reference) {
	return func(r *rewrite.Reference) { r.Where = condition }
}

// TestObstacles provokes each obstacle, all of a database at once.
func TestObstacles(t *testing.T) {
	t.Parallel()
	tests := slices.Concat(columnTests, targetTests, foreignTests, uniqueTests, tableTests, rowTests)
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			dsn := dbtest.Database(t, d)
			tables := tablesOf(t, known)
			for _, tt := range tests {
				if tt.on == nil || slices.Contains(tt.on, d) {
					t.Run(tt.name, func(t *testing.T) { tt.run(t, d, dsn, tables) })
				}
			}
		})
	}
}

func (tt *obstacleTest) run(t *testing.T, d sqldb.Dialect, dsn string, tables rewrite.Tables) {
	run(t, d, dsn, strings.Split(tt.setup, "\n\n")...)
	var refs []*rewrite.Reference
	for _, r := range tt.refs {
		r.Database = rewrite.Database{Name: "shop", Dialect: d, DSN: dsn}
		refs = append(refs, &r)
	}
	surveyed, err := rewrite.Survey(t.Context(), refs, tables, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range surveyed {
		want := slices.Clone(tt.want[min(i, len(tt.want)-1)])
		var wanted []string
		for _, w := range want {
			code, detail, _ := strings.Cut(w, ": ")
			wanted = append(wanted, code)
			if !slices.ContainsFunc(s.Obstacles, func(o rewrite.Obstacle) bool {
				return o.Code+" "+o.Severity == code && strings.Contains(o.Detail+" / "+o.Hint, detail)
			}) {
				t.Errorf("%s: nothing says %q: %+v", s.Name, w, s.Obstacles)
			}
		}
		got := codes(s)
		slices.Sort(got)
		slices.Sort(wanted)
		if diff := cmp.Diff(slices.Compact(wanted), slices.Compact(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s%+v", s.Name, diff, s.Obstacles)
		}
	}
}

// run runs statements on a database.
func run(t *testing.T, d sqldb.Dialect, dsn string, statements ...string) {
	t.Helper()
	db, err := sqldb.OpenAs(t.Context(), d, dsn, sqldb.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

var columnTests = []obstacleTest{
	{
		"narrow", inServers, `CREATE TABLE narrow (id integer PRIMARY KEY, ref varchar(5))

INSERT INTO narrow VALUES (1, 'C1')`,
		[]rewrite.Reference{in("narrow", "ref", "crm")},
		[][]string{{"column_narrow ddl: the longest new text has 9 characters"}},
	},
	{"wide enough", nil, `CREATE TABLE wide (id integer PRIMARY KEY, ref varchar(9))

INSERT INTO wide VALUES (1, 'C1')`, []rewrite.Reference{in("wide", "ref", "crm")}, [][]string{{}}},
	{"narrow, and nothing to write", inServers, `CREATE TABLE narrow_empty (id integer PRIMARY KEY, ref varchar(5))

INSERT INTO narrow_empty VALUES (1, ' '), (2, NULL)`, []rewrite.Reference{in("narrow_empty", "ref", "crm")}, [][]string{{}}},
	{
		"padded", inPostgres, `CREATE TABLE padded (id integer PRIMARY KEY, ref char(20))

INSERT INTO padded VALUES (1, 'C1')`,
		[]rewrite.Reference{in("padded", "ref", "crm")},
		[][]string{{"column_padded note: character(20)"}},
	},
	{
		"a narrow char", inServers, `CREATE TABLE narrow_char (id integer PRIMARY KEY, ref char(4))

INSERT INTO narrow_char VALUES (1, 'C1')`,
		[]rewrite.Reference{in("narrow_char", "ref", "crm")},
		[][]string{{"column_narrow ddl: 9 characters"}},
	},
	{
		"numbers", inServers, `CREATE TABLE numbers (id integer PRIMARY KEY, ref integer)

INSERT INTO numbers VALUES (1, 1)`,
		[]rewrite.Reference{in("numbers", "ref", "num")},
		[][]string{{"column_type ddl: CUST-0001 is no number"}},
	},
	{"numbers in SQLite", inSQLite, `CREATE TABLE numbers (id integer PRIMARY KEY, ref integer)

INSERT INTO numbers VALUES (1, 1)`, []rewrite.Reference{in("numbers", "ref", "num")}, [][]string{{}}},
	{"digits into numbers", nil, `CREATE TABLE digits (id integer PRIMARY KEY, ref integer)

INSERT INTO digits VALUES (1, 2)`, []rewrite.Reference{in("digits", "ref", "small")}, [][]string{{}}},
	{
		"numbers too large", inServers, `CREATE TABLE large (id integer PRIMARY KEY, ref integer)

INSERT INTO large VALUES (1, 1)`,
		[]rewrite.Reference{in("large", "ref", "big")},
		[][]string{{"column_type ddl: 3000000000 is more than 2147483647"}},
	},
	{
		"zeros that a number loses", inServers, `CREATE TABLE zeros (id integer PRIMARY KEY, ref integer)

INSERT INTO zeros VALUES (1, 1)`,
		[]rewrite.Reference{in("zeros", "ref", "zeros")},
		[][]string{{"column_type ddl: lose the zeros of 00007"}},
	},
	{
		"zeros that SQLite loses", inSQLite, `CREATE TABLE zeros (id integer PRIMARY KEY, ref integer)

INSERT INTO zeros VALUES (1, 1)`,
		[]rewrite.Reference{in("zeros", "ref", "zeros")},
		[][]string{{"column_type blocks: make another number of 00007"}},
	},
	{
		"a rowid", inSQLite, `CREATE TABLE rowids (ref INTEGER PRIMARY KEY)

INSERT INTO rowids VALUES (1)`,
		[]rewrite.Reference{own("rowids", "ref", "num")},
		[][]string{{"column_type blocks: SQLite cannot change the type"}},
	},
	{
		"a strict table", inSQLite, `CREATE TABLE strict (id INTEGER PRIMARY KEY, ref INTEGER) STRICT

INSERT INTO strict VALUES (1, 1)`,
		[]rewrite.Reference{in("strict", "ref", "num")},
		[][]string{{"column_type blocks: SQLite cannot change the type"}},
	},
	{
		"a uuid", inPostgres, `CREATE TABLE uuids (id integer PRIMARY KEY, ref text, target uuid)

INSERT INTO uuids VALUES (1, 'C1')`,
		[]rewrite.Reference{to("uuids", "ref", "crm", "target")},
		[][]string{{"target_type ddl: does not take CUST-0001"}},
	},
	{
		"a counter", inPostgres, `CREATE TABLE counted (ref serial PRIMARY KEY)

INSERT INTO counted VALUES (1)`,
		[]rewrite.Reference{own("counted", "ref", "num")},
		[][]string{{"column_type blocks: gives this column its numbers"}},
	},
	{
		"a counter", inMySQL, `CREATE TABLE counted (ref int AUTO_INCREMENT PRIMARY KEY)

INSERT INTO counted VALUES (1)`,
		[]rewrite.Reference{own("counted", "ref", "num")},
		[][]string{{"column_type blocks: gives this column its numbers"}},
	},
	{
		"a counter that is behind", inPostgres, `CREATE TABLE behind (ref serial PRIMARY KEY)

INSERT INTO behind VALUES (2)`,
		[]rewrite.Reference{own("behind", "ref", "small")},
		[][]string{{`counter_behind note: SELECT setval(pg_get_serial_sequence('"behind"', 'ref'), 77)`}},
	},
	{
		"a counter that is behind", inMySQL, `CREATE TABLE behind (ref int AUTO_INCREMENT PRIMARY KEY)

INSERT INTO behind VALUES (2)`,
		[]rewrite.Reference{own("behind", "ref", "small")},
		[][]string{{"counter_behind note: ALTER TABLE `behind` AUTO_INCREMENT = 78"}},
	},
	{
		"a view in the way", inPostgres, `CREATE TABLE viewed (id integer PRIMARY KEY, ref varchar(5))

INSERT INTO viewed VALUES (1, 'C1')

CREATE VIEW of_viewed AS SELECT ref FROM viewed`,
		[]rewrite.Reference{in("viewed", "ref", "crm")},
		[][]string{{"column_narrow ddl", "view_depends blocks: of_viewed", "views note: of_viewed"}},
	},
	{
		"a view",
		[]sqldb.Dialect{sqldb.SQLite, sqldb.MySQL},
		`CREATE TABLE viewed (id integer PRIMARY KEY, ref varchar(50))

INSERT INTO viewed VALUES (1, 'C1')

CREATE VIEW of_viewed AS SELECT ref FROM viewed`,
		[]rewrite.Reference{in("viewed", "ref", "crm")},
		[][]string{{"views note: of_viewed"}},
	},
	{
		"a partition's column", inPostgres, `CREATE TABLE parted (id integer NOT NULL, ref integer NOT NULL, PRIMARY KEY (id, ref)) PARTITION BY RANGE (ref)

CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (1000)

INSERT INTO parted VALUES (1, 1)`,
		[]rewrite.Reference{in("parted", "ref", "num")},
		[][]string{{"column_type blocks: partitioned by it"}},
	},
	{
		"a partition's column", inMySQL, `CREATE TABLE parted (id integer NOT NULL, ref integer NOT NULL, PRIMARY KEY (id, ref)) PARTITION BY HASH (ref) PARTITIONS 2

INSERT INTO parted VALUES (1, 1)`,
		[]rewrite.Reference{in("parted", "ref", "num")},
		[][]string{{"column_type blocks: partitioned by it"}},
	},
	{
		"a generated column", nil, `CREATE TABLE generated (id integer PRIMARY KEY, base varchar(20), ref varchar(20) GENERATED ALWAYS AS (base) STORED)

INSERT INTO generated (id, base) VALUES (1, 'C1')`,
		[]rewrite.Reference{in("generated", "ref", "crm"), in("generated", "base", "crm")},
		[][]string{{"column_generated blocks"}, {"generated note: the column ref"}},
	},
	{
		"generated from a narrow one", inPostgres, `CREATE TABLE generating (id integer PRIMARY KEY, ref varchar(5), made varchar(20) GENERATED ALWAYS AS (ref || '!') STORED)

INSERT INTO generating VALUES (1, 'C1')`,
		[]rewrite.Reference{in("generating", "ref", "crm")},
		[][]string{{"column_narrow ddl", "generated_depends blocks: made", "generated note"}},
	},
	{
		"generated from numbers", inMySQL, `CREATE TABLE computed (id integer PRIMARY KEY, ref integer, twice integer AS (ref * 2) STORED, words varchar(9) AS (concat('N', ref)) STORED, more varchar(50) AS (concat('N', ref)) STORED, same varchar(50))

CREATE TABLE follows (id integer PRIMARY KEY, ref varchar(20), same integer AS (ref) STORED, CONSTRAINT small CHECK (ref < 100))

INSERT INTO computed (id, ref) VALUES (1, 1)

INSERT INTO follows (id, ref) VALUES (1, '1')`,
		[]rewrite.Reference{in("computed", "ref", "num"), to("computed", "ref", "num", "same"), in("follows", "ref", "num")},
		[][]string{
			{"generated blocks: twice is generated from ref, which does not work with CUST-0001", "generated blocks: words is generated from ref, and is too narrow", "column_type ddl", "generated note: more"},
			{},
			{"check blocks: small does not work with CUST-0001", "generated blocks: same is generated from ref, which does not work"},
		},
	},
	{
		"generated texts without room", inPostgres, `CREATE TABLE cramped (id integer PRIMARY KEY, ref varchar(20), made varchar(9) GENERATED ALWAYS AS (ref || '!') STORED, last integer GENERATED ALWAYS AS (CAST(substr(ref, 2, 1) AS integer)) STORED)

INSERT INTO cramped VALUES (1, 'C1')`,
		[]rewrite.Reference{in("cramped", "ref", "crm")},
		[][]string{{"generated blocks: made is generated from ref, and is too narrow", "generated blocks: last"}},
	},
	{
		"indexes over numbers", inPostgres, `CREATE TABLE indexed (id integer PRIMARY KEY, ref integer, other integer)

CREATE INDEX of_large ON indexed (id) WHERE ref > 5

CREATE INDEX rest ON indexed (other, (ref % 10))

CREATE INDEX works ON indexed (abs(other), ref) WHERE ref IS NOT NULL AND other > 5

INSERT INTO indexed VALUES (1, 1)`,
		[]rewrite.Reference{in("indexed", "ref", "num"), to("indexed", "ref", "num", "own")},
		[][]string{{"index_depends blocks: the index of_large does not work on texts: (ref > 5)", "index_depends blocks: rest does not work on texts: (ref % 10)", "column_type ddl"}, {"target_missing ddl"}},
	},
	{
		"an index over texts", inPostgres, `CREATE TABLE indexed_texts (id integer PRIMARY KEY, ref varchar(5))

CREATE INDEX lower ON indexed_texts (lower(ref)) WHERE ref > 'A'

INSERT INTO indexed_texts VALUES (1, 'C1')`,
		[]rewrite.Reference{in("indexed_texts", "ref", "crm")},
		[][]string{{"column_narrow ddl"}},
	},
	{
		"a key that leaves rows out", inPostgres, `CREATE TABLE elders (id integer PRIMARY KEY, ref varchar(20))

CREATE TABLE heirs () INHERITS (elders)

INSERT INTO elders VALUES (1, 'C1')`,
		[]rewrite.Reference{in("elders", "ref", "crm")},
		[][]string{{"no_key blocks: elders_pkey is not over the tables that inherit from it"}},
	},
	{
		"a check that passes", nil, `CREATE TABLE checked (id integer PRIMARY KEY, ref varchar(20), CONSTRAINT filled CHECK (ref <> ''))

INSERT INTO checked VALUES (1, 'C1')`,
		[]rewrite.Reference{in("checked", "ref", "crm")},
		[][]string{{"check note: CUST-0001 passes it"}},
	},
	{
		"a check that does not", nil, `CREATE TABLE refused (id integer PRIMARY KEY, ref varchar(20), CONSTRAINT short CHECK (length(ref) < 5))

INSERT INTO refused VALUES (1, 'C1')`,
		[]rewrite.Reference{in("refused", "ref", "crm")},
		[][]string{{"check blocks: short does not let CUST-0001 into ref"}},
	},
	{
		"several columns", nil, `CREATE TABLE composed (id integer PRIMARY KEY, branch varchar(20), no integer)

INSERT INTO composed VALUES (1, 'A', 1), (2, 'B|B', 2), (3, NULL, 1), (4, 'A', 9)`,
		[]rewrite.Reference{
			{Table: "composed", Columns: []string{"branch", "no"}, RefersTo: "comp", Write: rewrite.InPlace},
			{Table: "composed", Columns: []string{"no", "branch"}, RefersTo: "comp"},
		},
		[][]string{{"composite_in_place blocks"}, {"target_missing ddl", "nothing_found note: that the columns are in their order"}},
	},
}

var targetTests = []obstacleTest{
	{
		"missing", nil, `CREATE TABLE untargeted (id integer PRIMARY KEY, ref varchar(5))

INSERT INTO untargeted VALUES (1, 'C1')`,
		[]rewrite.Reference{to("untargeted", "ref", "crm", "")},
		[][]string{{"target_missing ddl: no column ref_canonical"}},
	},
	{"there and empty", nil, `CREATE TABLE targeted (id integer PRIMARY KEY, ref varchar(5), new_ref varchar(50))

INSERT INTO targeted VALUES (1, 'C1', NULL), (2, 'C2', 'CUST-0002')`, []rewrite.Reference{to("targeted", "ref", "crm", "new_ref")}, [][]string{{}}},
	{
		"narrow", inServers, `CREATE TABLE tight (id integer PRIMARY KEY, ref varchar(5), new_ref varchar(5))

INSERT INTO tight VALUES (1, 'C1', NULL)`,
		[]rewrite.Reference{to("tight", "ref", "crm", "new_ref")},
		[][]string{{"target_narrow ddl"}},
	},
	{
		"of another type", inServers, `CREATE TABLE mistyped (id integer PRIMARY KEY, ref varchar(5), new_ref date)

INSERT INTO mistyped VALUES (1, 'C1', NULL)`,
		[]rewrite.Reference{to("mistyped", "ref", "crm", "new_ref")},
		[][]string{{"target_type ddl"}},
	},
	{
		"generated", nil, `CREATE TABLE made_up (id integer PRIMARY KEY, ref varchar(5), new_ref varchar(50) GENERATED ALWAYS AS (ref) STORED)

INSERT INTO made_up (id, ref) VALUES (1, 'C1')`,
		[]rewrite.Reference{to("made_up", "ref", "crm", "new_ref")},
		[][]string{{"target_generated blocks"}},
	},
	{
		"occupied", nil, `CREATE TABLE occupied (id integer PRIMARY KEY, ref varchar(5), new_ref varchar(50))

INSERT INTO occupied VALUES (1, 'C1', 'mine'), (2, 'C1', 'CUST-0001')`,
		[]rewrite.Reference{to("occupied", "ref", "crm", "new_ref")},
		[][]string{{`target_occupied note: new_ref holds something else in 1 row of occupied: id=1 holds "mine"`}},
	},
	{
		"occupied by a key", nil, `CREATE TABLE keyed (id varchar(20) NOT NULL PRIMARY KEY, ref varchar(5))

INSERT INTO keyed VALUES ('K1', 'C1')`,
		[]rewrite.Reference{to("keyed", "ref", "crm", "id")},
		[][]string{{"target_occupied blocks"}},
	},
	{"a number before a merge", nil, `CREATE TABLE merged (id integer PRIMARY KEY, ref varchar(5), new_ref varchar(50))

INSERT INTO merged VALUES (1, 'R1', 'OLD-CUST-0004')`, []rewrite.Reference{to("merged", "ref", "crm", "new_ref")}, [][]string{{}}},
}

var foreignTests = []obstacleTest{
	{
		"both ends", inPostgres, bothEnds,
		[]rewrite.Reference{own("f_parent", "ref", "crm"), in("f_child", "ref", "crm")},
		[][]string{{"foreign_key_in ddl"}, {"foreign_key_out ddl"}},
	},
	{
		"both ends", inMySQL, bothEnds,
		[]rewrite.Reference{own("f_parent", "ref", "crm"), in("f_child", "ref", "crm")},
		[][]string{{"foreign_key_in note"}, {"foreign_key_out note"}},
	},
	{
		"both ends", inSQLite, bothEnds,
		[]rewrite.Reference{own("f_parent", "ref", "crm"), in("f_child", "ref", "crm")},
		[][]string{{"foreign_key_in note"}, {"foreign_key_out note"}},
	},
	{
		"the parent alone", nil, ends("g", ""),
		[]rewrite.Reference{own("g_parent", "ref", "crm")},
		[][]string{{"foreign_key_in blocks: - { in: shop, table: g_child, column: ref, refers_to: crm, write: in_place }"}},
	},
	{
		"the child alone", nil, ends("h", ""),
		[]rewrite.Reference{in("h_child", "ref", "crm")},
		[][]string{{"foreign_key_out blocks: where CUST-0001 is not"}},
	},
	{
		"the child into its own column", nil, ends("i", ""),
		[]rewrite.Reference{own("i_parent", "ref", "crm"), to("i_child", "ref", "crm", "ref2")},
		[][]string{{"foreign_key_in blocks: write: in_place for both"}, {"target_missing ddl"}},
	},
	{
		"a parent that has them already", nil, ends("j", "") + `

INSERT INTO j_parent VALUES ('CUST-0001')`,
		[]rewrite.Reference{in("j_child", "ref", "crm")},
		[][]string{{"foreign_key_out note: has all the new numbers already"}},
	},
	{
		"cascade", inPostgres, ends("k", " ON UPDATE CASCADE"),
		[]rewrite.Reference{own("k_parent", "ref", "crm"), in("k_child", "ref", "crm")},
		[][]string{{"foreign_key_in note: carries the new numbers over"}, {"foreign_key_out note: on update cascade"}},
	},
	{
		"cascade to nobody's reference", inPostgres, ends("l", " ON UPDATE CASCADE"),
		[]rewrite.Reference{own("l_parent", "ref", "crm")},
		[][]string{{"foreign_key_in note: no reference covers it"}},
	},
	{
		"cascade to nobody's reference",
		[]sqldb.Dialect{sqldb.SQLite, sqldb.MySQL},
		ends("l", " ON UPDATE CASCADE"),
		[]rewrite.Reference{own("l_parent", "ref", "crm")},
		[][]string{{"foreign_key_in blocks: on update cascade"}},
	},
	{
		"set null", inPostgres, ends("m", " ON UPDATE SET NULL"),
		[]rewrite.Reference{own("m_parent", "ref", "crm"), in("m_child", "ref", "crm")},
		[][]string{{"foreign_key_in ddl: on update set null"}, {"foreign_key_out ddl"}},
	},
	{
		"of another space", nil, ends("n", ""),
		[]rewrite.Reference{own("n_parent", "ref", "crm"), in("n_child", "ref", "num")},
		[][]string{{"foreign_key_in blocks: IDs of num and not of crm"}, {"foreign_key_out blocks: where IDs of crm are and not of num", "nothing_found note"}},
	},
	{
		"some of the rows", inPostgres, ends("o", ""),
		[]rewrite.Reference{own("o_parent", "ref", "crm"), with(in("o_child", "ref", "crm"), where("id > 1"))},
		[][]string{{"foreign_key_in ddl"}, {"foreign_key_out ddl", "foreign_key_out blocks: rows that meet no where", "rows_outside note"}},
	},
	{
		"some of the rows",
		[]sqldb.Dialect{sqldb.SQLite, sqldb.MySQL},
		ends("o", ""),
		[]rewrite.Reference{own("o_parent", "ref", "crm"), with(in("o_child", "ref", "crm"), where("id > 1"))},
		[][]string{{"foreign_key_in note"}, {"foreign_key_out note", "foreign_key_out blocks: rows that meet no where", "rows_outside note"}},
	},
}

var bothEnds = ends("f", "")

// ends are two tables with a foreign key.
func ends(name, rule string) string {
	return strings.ReplaceAll(`CREATE TABLE x_parent (ref varchar(20) NOT NULL PRIMARY KEY)

CREATE TABLE x_child (id integer PRIMARY KEY, ref varchar(20), CONSTRAINT x_fk FOREIGN KEY (ref) REFERENCES x_parent (ref)`+rule+`)

INSERT INTO x_parent VALUES ('C1'), ('C2')

INSERT INTO x_child VALUES (1, 'C1'), (2, NULL)`, "x_", name+"_")
}

var uniqueTests = []obstacleTest{
	{
		"own key", nil, `CREATE TABLE u_own (ref varchar(20) NOT NULL PRIMARY KEY)

INSERT INTO u_own VALUES ('C1'), ('C2'), ('C3')`,
		[]rewrite.Reference{own("u_own", "ref", "crm")},
		[][]string{{"unique_broken blocks: 1 group of rows would hold the same in (ref)", "unique_broken blocks: C1 and C3 are CUST-0001"}},
	},
	{
		"with another column", nil, `CREATE TABLE u_pair (id integer PRIMARY KEY, ref varchar(20), no integer, UNIQUE (ref, no))

INSERT INTO u_pair VALUES (1, 'C1', 1), (2, 'C3', 1), (3, 'C3', 2), (4, 'C1', NULL), (5, 'C3', NULL)`,
		[]rewrite.Reference{in("u_pair", "ref", "crm")},
		[][]string{{"unique_broken blocks: C1 (id=1) and C3 (id=2)"}},
	},
	{"with another column that differs", nil, `CREATE TABLE u_fine (id integer PRIMARY KEY, ref varchar(20), no integer, UNIQUE (ref, no))

INSERT INTO u_fine VALUES (1, 'C1', 1), (3, 'C3', 2)`, []rewrite.Reference{in("u_fine", "ref", "crm")}, [][]string{{}}},
	{
		"undeclared", nil, `CREATE TABLE u_with (id integer PRIMARY KEY, ref varchar(20), no integer)

INSERT INTO u_with VALUES (1, 'C1', 1), (2, 'C3', 1), (3, 'C2', 1)`,
		[]rewrite.Reference{with(to("u_with", "ref", "crm", ""), func(r *rewrite.Reference) { r.UniqueWith = []string{"no"} })},
		[][]string{{"target_missing ddl", "unique_broken blocks: which unique_with keeps unique"}},
	},
	{
		"a target", nil, `CREATE TABLE u_target (id integer PRIMARY KEY, ref varchar(20), new_ref varchar(20) UNIQUE)

INSERT INTO u_target VALUES (1, 'C1', NULL), (2, 'C3', NULL)`,
		[]rewrite.Reference{to("u_target", "ref", "crm", "new_ref")},
		[][]string{{"unique_broken blocks: C1 (id=1) and C3 (id=2)"}},
	},
	{
		"a folding column beside it", inMySQL, `CREATE TABLE u_fold (id integer PRIMARY KEY, ref varchar(20), tag varchar(5) COLLATE utf8mb4_general_ci, UNIQUE (ref, tag))

INSERT INTO u_fold VALUES (1, 'C1', 'a'), (2, 'C3', 'A')`,
		[]rewrite.Reference{in("u_fold", "ref", "crm")},
		[][]string{{"unique_broken blocks"}},
	},
	{
		"a folding column beside it", inSQLite, `CREATE TABLE u_fold (id integer PRIMARY KEY, ref varchar(20), tag varchar(5) COLLATE NOCASE, UNIQUE (ref, tag))

INSERT INTO u_fold VALUES (1, 'C1', 'a'), (2, 'C3', 'A')`,
		[]rewrite.Reference{in("u_fold", "ref", "crm")},
		[][]string{{"unique_broken blocks"}},
	},
	{
		"patterns that fold", inMySQL, `CREATE TABLE u_pattern (id integer PRIMARY KEY, ref varchar(40) COLLATE utf8mb4_general_ci UNIQUE)

INSERT INTO u_pattern VALUES (1, 'Name C1'), (2, 'name C3')`,
		[]rewrite.Reference{with(in("u_pattern", "ref", "crm"), func(r *rewrite.Reference) { r.Shape.Pattern = pattern(`ame ([\w-]+)$`) })},
		[][]string{{"unique_broken blocks: Name C1 (id=1) and name C3 (id=2)"}},
	},
	{
		"itself", nil, `CREATE TABLE selves (id varchar(20) NOT NULL PRIMARY KEY, ref varchar(20))

INSERT INTO selves VALUES ('C1', 'C3'), ('C2', 'C2'), ('R1', 'C1')`,
		[]rewrite.Reference{own("selves", "id", "crm"), in("selves", "ref", "crm")},
		[][]string{{}, {"self_reference note: 1 row of selves would point at themselves: C3 of id=C1 becomes CUST-0001"}},
	},
	{
		"itself, which a check forbids", nil, `CREATE TABLE checked_selves (id varchar(20) NOT NULL PRIMARY KEY, ref varchar(20), CONSTRAINT no_self CHECK (id <> ref))

INSERT INTO checked_selves VALUES ('C1', 'C3'), ('C2', 'C1')`,
		[]rewrite.Reference{own("checked_selves", "id", "crm"), in("checked_selves", "ref", "crm")},
		[][]string{{"check note"}, {"check note", "self_reference blocks: the check no_self forbids it"}},
	},
}

var tableTests = []obstacleTest{
	{
		"a view", nil, `CREATE TABLE under (id integer PRIMARY KEY, ref varchar(20))

INSERT INTO under VALUES (1, 'C1')

CREATE VIEW over_it AS SELECT id, ref FROM under`,
		[]rewrite.Reference{in("over_it", "ref", "crm")},
		[][]string{{"table_is_view blocks"}},
	},
	{"no key", inServers, `CREATE TABLE keyless (ref varchar(20))

INSERT INTO keyless VALUES ('C1')`, []rewrite.Reference{in("keyless", "ref", "crm")}, [][]string{{"no_key blocks"}}},
	{"a rowid for a key", inSQLite, `CREATE TABLE keyless (ref varchar(20))

INSERT INTO keyless VALUES ('C1')`, []rewrite.Reference{in("keyless", "ref", "crm")}, [][]string{{}}},
	{
		"not transactional", inMySQL, `CREATE TABLE untold (id integer PRIMARY KEY, ref varchar(20)) ENGINE = MyISAM

INSERT INTO untold VALUES (1, 'C1')`,
		[]rewrite.Reference{in("untold", "ref", "crm")},
		[][]string{{"not_transactional blocks: ENGINE = InnoDB"}},
	},
	{
		"a trigger", inMySQL, `CREATE TABLE triggered (id integer PRIMARY KEY, ref varchar(20), seen timestamp NULL ON UPDATE current_timestamp)

CREATE TRIGGER notes BEFORE UPDATE ON triggered FOR EACH ROW SET NEW.id = OLD.id

INSERT INTO triggered VALUES (1, 'C1', NULL)`,
		[]rewrite.Reference{in("triggered", "ref", "crm")},
		[][]string{{"triggers note: notes (BEFORE UPDATE)", "on_update note: seen"}},
	},
	{"a trigger of another column", inPostgres, `CREATE TABLE triggered (id integer PRIMARY KEY, ref varchar(20), other integer)

CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'

CREATE TRIGGER notes BEFORE UPDATE OF other ON triggered FOR EACH ROW EXECUTE FUNCTION nothing()

CREATE TRIGGER adds BEFORE INSERT ON triggered FOR EACH ROW EXECUTE FUNCTION nothing()

INSERT INTO triggered VALUES (1, 'C1', NULL)`, []rewrite.Reference{in("triggered", "ref", "crm")}, [][]string{{}}},
}

var rowTests = []obstacleTest{
	{
		"rows of two references", nil, `CREATE TABLE poly (id integer PRIMARY KEY, kind varchar(9), ref varchar(20))

INSERT INTO poly VALUES (1, 'a', '1'), (2, 'b', '1'), (3, 'A', '2'), (4, 'c', '1')`,
		[]rewrite.Reference{
			with(in("poly", "ref", "num"), where("kind in ('a', 'b') -- of num")),
			with(in("poly", "ref", "other"), where("kind = 'b'")),
		},
		[][]string{{"polymorphic blocks: 1 row would be written by shop: poly.ref to other where kind = 'b' too, first id=2", "rows_outside note"}, {"polymorphic blocks", "rows_outside note: "}},
	},
	{
		"rows of two references apart", nil, `CREATE TABLE apart (id integer PRIMARY KEY, kind varchar(9), ref varchar(20))

INSERT INTO apart VALUES (1, 'a', '1'), (2, 'b', '1'), (3, 'c', '0'), (4, 'c', NULL)`,
		[]rewrite.Reference{
			with(in("apart", "ref", "num"), func(r *rewrite.Reference) { r.Where, r.Shape.None = "kind = 'a'", []string{"0"} }),
			with(in("apart", "ref", "other"), func(r *rewrite.Reference) { r.Where, r.Shape.None = "kind = 'b'", []string{"0"} }),
		},
		[][]string{{}, {}},
	},
	{
		"a pattern for old numbers alone", nil, `CREATE TABLE named (id integer PRIMARY KEY, ref varchar(40))

INSERT INTO named VALUES (1, 'Name C1!'), (2, 'nobody')`,
		[]rewrite.Reference{with(in("named", "ref", "crm"), func(r *rewrite.Reference) { r.Shape.Pattern = pattern(`Name (\w+)`) })},
		[][]string{{"pattern_misses note: Name CUST-0001!"}},
	},
	{
		"numbers that are both", nil, `CREATE TABLE doubled (id integer PRIMARY KEY, ref varchar(20))

INSERT INTO doubled VALUES (1, '1'), (2, '2')`,
		[]rewrite.Reference{in("doubled", "ref", "small")},
		[][]string{{"values_overlap note: 2 is an old number of 77"}},
	},
	{
		"numbers that fold", inMySQL, `CREATE TABLE folds (id integer PRIMARY KEY, ref varchar(20) COLLATE utf8mb4_general_ci)

INSERT INTO folds VALUES (1, 'C2'), (2, 'c2'), (3, 'C1'), (4, 'C1 ')`,
		[]rewrite.Reference{in("folds", "ref", "crm")},
		[][]string{{`collation_folds note: "C2" and "c2"`}},
	},
	{
		"numbers that fold", inSQLite, `CREATE TABLE folds (id integer PRIMARY KEY, ref varchar(20) COLLATE NOCASE)

INSERT INTO folds VALUES (1, 'C2'), (2, 'c2'), (3, 'C1'), (4, 'C1 ')`,
		[]rewrite.Reference{in("folds", "ref", "crm")},
		[][]string{{`collation_folds note: "C2" and "c2"`}},
	},
	{
		"numbers that fold", inPostgres, `CREATE COLLATION fold (provider = icu, locale = 'und-u-ks-level2', deterministic = false)

CREATE TABLE folds (id integer PRIMARY KEY, ref varchar(20) COLLATE fold)

INSERT INTO folds VALUES (1, 'C2'), (2, 'c2'), (3, 'C1'), (4, 'C1 ')`,
		[]rewrite.Reference{in("folds", "ref", "crm")},
		[][]string{{`collation_folds note: "C2" and "c2"`}},
	},
}
