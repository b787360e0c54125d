package rewrite_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

// After a rewrite every reference of a generated database points at the same
// customer as before; a second one finds nothing to write; an undo gives the
// database back as it was.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	seeds := map[sqldb.Dialect]uint64{sqldb.SQLite: 10, sqldb.Postgres: 2, sqldb.MySQL: 1}
	if testing.Short() {
		seeds = map[sqldb.Dialect]uint64{sqldb.SQLite: 3}
	}
	for d, n := range seeds {
		if os.Getenv("LONG") != "" {
			n *= 25
		}
		for seed := range n {
			t.Run(fmt.Sprintf("%s/%d", d, seed), func(t *testing.T) {
				t.Parallel()
				roundTrip(t, seed, d)
			})
		}
	}
}

func roundTrip(t *testing.T, seed uint64, d sqldb.Dialect) {
	g, path := newGraphWorld(t, seed, d, dbtest.Database(t, d))
	ctx := t.Context()
	before := g.dump(t)
	tables, err := g.translations(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	job := g.survey(t, tables)
	g.checkSurvey(t, job.Surveyed)
	if diff := cmp.Diff(before, g.dump(t)); diff != "" {
		t.Fatalf("the dry run changed the database (-before +after):\n%s", diff)
	}
	results, err := rewrite.Apply(ctx, job)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if len(r.After) > 0 || r.Contended > 0 {
			t.Errorf("%s: afterwards: %+v, %d rows contended", g.refs[i].Name(), r.After, r.Contended)
		}
		if got := r.Empty + r.Written + r.Unchanged + r.Orphans + r.Contended; got != r.Read {
			t.Errorf("%s: %+v: read %d, accounted for %d", g.refs[i].Name(), r, r.Read, got)
		}
	}
	g.checkReferences(t)

	again := g.survey(t, tables)
	again.Run = 2
	results, err = rewrite.Apply(ctx, again)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Written > 0 {
			t.Errorf("%s: a second rewrite wrote %d rows", r.Name, r.Written)
		}
	}
	g.checkReferences(t)

	if _, err := rewrite.Undo(ctx, g.references(), 2, "this one", true, false); err != nil {
		t.Fatal(err)
	}
	undone, err := rewrite.Undo(ctx, g.references(), 1, "this one", true, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range undone {
		if u.Kept > 0 {
			t.Errorf("%s: the undo kept %d rows", u.Name, u.Kept)
		}
	}
	if diff := cmp.Diff(before, g.dump(t)); diff != "" {
		t.Errorf("the undo left (-before +after):\n%s", diff)
	}
}

// survey looks at the references and makes a job of all of them.
func (g *graph) survey(t testing.TB, tables rewrite.Tables) rewrite.Job {
	t.Helper()
	surveyed, err := rewrite.Survey(t.Context(), g.references(), tables, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range surveyed {
		if s.Blocked(true) {
			t.Fatalf("%s is blocked: %+v", s.Reference.Name(), s.Obstacles)
		}
	}
	return g.job(surveyed, tables)
}

func (g *graph) job(surveyed []*rewrite.Surveyed, tables rewrite.Tables) rewrite.Job {
	return rewrite.Job{Run: 1, Crosswalk: "this one", Actor: "test", Surveyed: surveyed, Tables: tables, AllowDDL: true, BatchRows: 20}
}

// checkSurvey compares what the dry run counted with the truth.
func (g *graph) checkSurvey(t *testing.T, surveyed []*rewrite.Surveyed) {
	t.Helper()
	for i, s := range surveyed {
		r := g.refs[i]
		var rows, empty, orphans int64
		for _, customers := range r.truth {
			rows++
			switch {
			case customers == nil:
				orphans++
			case len(customers) == 0:
				empty++
			}
		}
		got := [...]int64{s.Rows, s.Empty, s.Orphans, s.Resolvable}
		if want := [...]int64{rows, empty, orphans, rows - empty - orphans}; got != want {
			t.Errorf("%s where %q: the dry run counts rows, empty, orphans, resolvable %v, want %v (%+v)", r.Name(), r.Where, got, want, s.Missing)
		}
		told := int64(0)
		for _, o := range s.Missing {
			told += o.Rows
		}
		if told != orphans {
			t.Errorf("%s: %d rows are told as orphans, want %d: %+v", r.Name(), told, orphans, s.Missing)
		}
	}
}

// checkReferences reads what references say now and compares it with what they
// truly mean.
func (g *graph) checkReferences(t *testing.T) {
	t.Helper()
	db, err := sqldb.OpenAs(t.Context(), g.dialect, g.dsn, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, r := range g.refs {
		rows := cells(t, db, "SELECT mark, "+r.Target()+" FROM "+r.Table+" ORDER BY mark")
		for _, row := range rows {
			var mark int
			_, _ = fmt.Sscan(row[0], &mark)
			want, covered := r.truth[mark]
			if !covered {
				continue
			}
			g.checkCell(t, r, mark, row[1], want)
		}
	}
}

// checkCell compares what stands in a cell with the customers that it means.
// What means nobody keeps its text, in place, and has none in a new column.
func (g *graph) checkCell(t *testing.T, r *graphRef, mark int, text string, want []int) {
	t.Helper()
	place := fmt.Sprintf("%s (%s), row %d", r.Name(), r.Write, mark)
	if len(want) == 0 {
		if old := g.original(r, mark); r.Write == rewrite.InPlace && text != old {
			t.Errorf("%s: %q became %q though nobody is known who it means", place, old, text)
		} else if r.Write != rewrite.InPlace && text != "NULL" && !r.list {
			t.Errorf("%s: got %q, want NULL", place, text)
		}
		return
	}
	var got []int
	for _, id := range r.idsIn(text) {
		c, ok := g.numbers[id]
		if !ok {
			t.Errorf("%s: %q holds %q, which is no canonical ID", place, text, id)
			return
		}
		got = append(got, c)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q means %v, want %v (was %q)", place, text, got, want, g.original(r, mark))
	}
}

// idsIn are the IDs that stand in a text of the reference.
func (r *graphRef) idsIn(text string) []string {
	switch {
	case r.Shape.Split != "":
		ids := strings.Split(text, r.Shape.Split)
		for i := range ids {
			ids[i] = strings.TrimSpace(ids[i])
		}
		return ids
	case r.Shape.Pattern != nil:
		return []string{strings.TrimSuffix(strings.TrimPrefix(text, "https://crm.example/customers/"), "?tab=1")}
	}
	return []string{text}
}

// original is what stood in a cell at first.
func (g *graph) original(r *graphRef, mark int) string {
	at := slices.IndexFunc(r.table.columns, func(c graphColumn) bool { return c.name == r.Columns[0] })
	if v := r.table.rows[mark][at]; v != nil {
		return fmt.Sprint(v)
	}
	return "NULL"
}

// dump is all that the user's tables hold, and how they are declared.
func (g *graph) dump(t testing.TB) []string {
	t.Helper()
	db, err := sqldb.OpenAs(t.Context(), g.dialect, g.dsn, sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var lines []string
	for _, table := range g.tables {
		facts, err := rewrite.Inspect(t.Context(), db, table.name)
		if err != nil {
			t.Fatal(err)
		}
		facts.Rows = 0 // an estimate
		lines = append(lines, fmt.Sprintf("%+v", *facts))
		for _, row := range cells(t, db, "SELECT * FROM "+table.name+" ORDER BY mark") {
			lines = append(lines, table.name+" "+strings.Join(row, "|"))
		}
	}
	return lines
}

// cells are the texts of a query's rows.
func cells(t testing.TB, db *sqldb.DB, query string) (list [][]string) {
	t.Helper()
	rows, err := db.QueryContext(context.WithoutCancel(t.Context()), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	for err == nil && rows.Next() {
		texts := make([]sql.NullString, len(names))
		into := make([]any, len(names))
		for i := range texts {
			into[i] = &texts[i]
		}
		err = rows.Scan(into...)
		row := make([]string, len(names))
		for i, text := range texts {
			if row[i] = text.String; !text.Valid {
				row[i] = "NULL"
			}
		}
		list = append(list, row)
	}
	if err == nil {
		err = rows.Err()
	}
	if err != nil {
		t.Fatal(err)
	}
	return list
}
