package rewrite_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/fixtures/sampledb"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate"
	"github.com/xwalk-id/xwalk/mapping/translate/rewrite"
)

var dialects = []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL}

// meant is a source ID and what it means.
type meant struct {
	sampledb.Link
	state crosswalk.State
}

// tablesOf are the translations of all spaces of some links. Canonical IDs
// that begin with OLD- were merged into the one that follows.
func tablesOf(t *testing.T, links []meant) rewrite.Tables {
	t.Helper()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "crosswalk.db")
	store, err := crosswalk.Open(ctx, path, crosswalk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	start := crosswalk.RunStart{Kind: "apply", Plan: "p"}
	finish := crosswalk.Finish{Changed: true}
	spaces := map[string]int{}
	var written []crosswalk.Link
	for _, l := range links {
		if spaces[l.Space] == 0 {
			spaces[l.Space] = len(spaces) + 1
			start.Sources = append(start.Sources, crosswalk.Source{No: spaces[l.Space], Name: l.Space})
		}
		if old, ok := strings.CutPrefix(l.Canonical, "OLD-"); ok {
			finish.Numbers = append(finish.Numbers, crosswalk.Number{Canonical: l.Canonical, State: crosswalk.Merged, Into: old, Survivor: old})
		}
		written = append(written, crosswalk.Link{Source: spaces[l.Space], Key: l.ID, Canonical: l.Canonical, State: l.state, Rule: "test"})
	}
	slices.SortFunc(written, func(a, b crosswalk.Link) int { return a.ID().Compare(b.ID()) })
	if err := publish(ctx, store, start, written, finish); err != nil {
		t.Fatal(err)
	}
	snap, err := store.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = snap.Close() }()
	tables := rewrite.Tables{}
	for name := range spaces {
		if tables[name], err = translate.Load(ctx, snap, translate.Options{From: name, Both: true}); err != nil {
			t.Fatal(err)
		}
	}
	return tables
}

// publish writes links as one run.
func publish(ctx context.Context, store *crosswalk.Store, start crosswalk.RunStart, links []crosswalk.Link, finish crosswalk.Finish) error {
	lease, err := store.Acquire(ctx, "test", "apply")
	if err != nil {
		return err
	}
	run, err := lease.Begin(ctx, start)
	if err == nil {
		err = run.WriteLinks(ctx, links)
	}
	if err == nil {
		_, err = run.Publish(ctx, finish)
	}
	if err == nil {
		err = lease.Release(ctx)
	}
	return err
}

// TestSurveySamples counts what the facts of the sample databases say.
func TestSurveySamples(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		for _, name := range sampledb.Names {
			t.Run(d.String()+" "+name, func(t *testing.T) {
				t.Parallel()
				dsn := dbtest.Database(t, d)
				if err := sampledb.Load(t.Context(), d, dsn, name); err != nil {
					t.Fatal(err)
				}
				var links []meant
				for _, l := range sampledb.Links[name] {
					links = append(links, meant{Link: l})
				}
				var refs []*rewrite.Reference
				var want [][4]int64
				for _, f := range sampledb.References {
					if f.Sample != name {
						continue
					}
					r := sampleReference(f, d, dsn)
					r.Write = f.Column + "_" + f.Space
					refs = append(refs, r)
					want = append(want, [4]int64{f.Rows, f.Empty, f.Resolvable, f.Orphans})
				}
				surveyed, err := rewrite.Survey(t.Context(), refs, tablesOf(t, links), nil)
				if err != nil {
					t.Fatal(err)
				}
				for i, s := range surveyed {
					if got := [4]int64{s.Rows, s.Empty, s.Resolvable, s.Orphans}; got != want[i] {
						t.Errorf("%s: rows, empty, resolvable, orphans are %v, want %v", s.Name, got, want[i])
					}
					if s.Blocked(true) {
						t.Errorf("%s is blocked: %+v", s.Name, s.Obstacles)
					}
				}
			})
		}
	}
}

// sampleReference is a column of a sample as a reference, in place.
func sampleReference(f sampledb.Facts, d sqldb.Dialect, dsn string) *rewrite.Reference {
	r := &rewrite.Reference{
		Database: rewrite.Database{Name: f.Space, Dialect: d, DSN: dsn},
		Table:    f.Table, Columns: []string{f.Column}, RefersTo: f.Space, Where: f.Where, Write: rewrite.InPlace,
		OwnKey: f.Table+f.Column == "customerscustomer_id" || f.Table+f.Column == "employeesemployee_id" || f.Table+f.Column == "customercustomer_id",
	}
	if f.Column == "watchers" {
		r.Shape.Split = ";"
	}
	if f.Column == "cust_code" {
		r.Shape.None = []string{"0"}
	}
	return r
}

// TestSurveySamplesInPlace tells what stands in the way of rewriting the
// samples where they stand.
func TestSurveySamplesInPlace(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sample, space string
		want          map[sqldb.Dialect]map[string][]string // by table.column
	}{
		{"trading", "trading", map[sqldb.Dialect]map[string][]string{
			sqldb.SQLite: {
				"customers.customer_id":              {"unique_broken blocks", "foreign_key_in note", "foreign_key_in note"},
				"orders.customer_id":                 {"foreign_key_out note"},
				"customer_customer_demo.customer_id": {"unique_broken blocks", "foreign_key_out note"},
			},
			sqldb.Postgres: {
				"customers.customer_id":              {"unique_broken blocks", "column_narrow ddl", "foreign_key_in ddl", "foreign_key_in ddl"},
				"orders.customer_id":                 {"column_narrow ddl", "foreign_key_out ddl"},
				"customer_customer_demo.customer_id": {"unique_broken blocks", "column_narrow ddl", "foreign_key_out ddl"},
			},
			sqldb.MySQL: {
				"customers.customer_id":              {"unique_broken blocks", "column_narrow ddl", "foreign_key_in note", "foreign_key_in note"},
				"orders.customer_id":                 {"column_narrow ddl", "foreign_key_out note"},
				"customer_customer_demo.customer_id": {"unique_broken blocks", "column_narrow ddl", "foreign_key_out note"},
			},
		}},
		{"music", "music", map[sqldb.Dialect]map[string][]string{
			sqldb.SQLite: {
				"customer.customer_id": {"column_type blocks", "unique_broken blocks", "foreign_key_in note"},
				"invoice.customer_id":  {"check note", "foreign_key_out note", "generated note", "triggers note", "views note"},
			},
			sqldb.Postgres: {
				"customer.customer_id": {"column_type blocks", "unique_broken blocks", "foreign_key_in ddl"},
				"invoice.customer_id":  {"check blocks", "foreign_key_broken blocks", "generated_depends blocks", "view_depends blocks", "column_type ddl", "foreign_key_out ddl", "generated note", "triggers note", "views note"},
			},
			sqldb.MySQL: {
				"customer.customer_id": {"column_type blocks", "unique_broken blocks", "foreign_key_in note"},
				"invoice.customer_id":  {"column_type ddl", "check blocks", "foreign_key_broken blocks", "foreign_key_out note", "generated note", "triggers note", "views note"},
			},
		}},
	}
	for _, tt := range tests {
		for _, d := range dialects {
			t.Run(d.String()+" "+tt.sample, func(t *testing.T) {
				t.Parallel()
				dsn := dbtest.Database(t, d)
				if err := sampledb.Load(t.Context(), d, dsn, tt.sample); err != nil {
					t.Fatal(err)
				}
				var links []meant
				for _, l := range sampledb.Links[tt.sample] {
					links = append(links, meant{Link: l})
				}
				var refs []*rewrite.Reference
				for _, f := range sampledb.References {
					if f.Sample == tt.sample && f.Space == tt.space {
						refs = append(refs, sampleReference(f, d, dsn))
					}
				}
				surveyed, err := rewrite.Survey(t.Context(), refs, tablesOf(t, links), nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range surveyed {
					want := tt.want[d][s.Reference.Table+"."+s.Reference.Columns[0]]
					got := codes(s)
					slices.Sort(want)
					slices.Sort(got)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%s (-want +got):\n%s%+v", s.Name, diff, s.Obstacles)
					}
				}
			})
		}
	}
}

// codes are the obstacles of a reference with their severity, without columns
// that sound alike, of which databases of tests are full.
func codes(s *rewrite.Surveyed) []string {
	var list []string
	for _, o := range s.Obstacles {
		if o.Code != "reference_undeclared" {
			list = append(list, o.Code+" "+o.Severity)
		}
	}
	return list
}

// TestConditionRefused names the reference whose condition a database does not
// take, be it at once or in the middle of the rows.
func TestConditionRefused(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, s *shop) {
		s.exec("CREATE TABLE notes (id int PRIMARY KEY, object varchar(20))", "INSERT INTO notes VALUES (1, 'A1'), (2, 'A2')")
		s.links("A1 N1")
		wrong := []string{"kind = 'contact'", "id = = 1", "id IN (SELECT id FROM nowhere)"}
		if s.d == sqldb.Postgres {
			wrong = append(wrong, "CAST(object AS int) > 0")
		}
		r := s.refer("notes", "object", "customer")
		for _, where := range wrong {
			r.Where = where
			_, err := rewrite.Survey(t.Context(), s.refs, s.tables, nil)
			var refused *rewrite.ConditionError
			if !errors.As(err, &refused) || !strings.HasPrefix(err.Error(), "shop: notes.object: the database does not take where: "+where+": ") {
				t.Errorf("where %s: %v", where, err)
			}
		}
	})
}
