package review_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/review"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/rules"
)

var now = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// sheet is a source in memory: its columns are id and the roles in columns.
type sheet struct {
	columns []string
	rows    [][]string
}

// lines reads rows such as "C1,Ann Lee,a@b".
func lines(text string) *sheet {
	s := &sheet{columns: []string{"id", "name", "email"}}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			s.rows = append(s.rows, strings.Split(line, ","))
		}
	}
	return s
}

// asked is a sheet in the order of columns that the rules ask for.
type asked struct {
	*sheet
	columns []string
}

func (a asked) Records(context.Context) iter.Seq2[mapping.Record, error] {
	return func(yield func(mapping.Record, error) bool) {
		for n, row := range a.rows {
			r := mapping.Record{Place: mapping.Place{File: "sheet", Row: int64(n + 1)}}
			for _, c := range a.columns {
				r.Values = append(r.Values, mapping.Value{Text: row[slices.Index(a.sheet.columns, c)]})
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// world is a crosswalk, and two sources whose records agree on e-mail and are
// in doubt where the names differ.
type world struct {
	t            testing.TB
	store        *crosswalk.Store
	legacy, shop *sheet
	keep         rules.Keep
	policy       plan.Policy
	views        []*crosswalk.Snapshot // of the desks
}

func newWorld(t testing.TB, dsn, legacy, shop string) *world {
	t.Helper()
	store, err := crosswalk.Open(t.Context(), dsn, crosswalk.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return &world{t: t, store: store, legacy: lines(legacy), shop: lines(shop), policy: plan.Policy{RetireAtMost: 1}}
}

func (w *world) rules() *rules.Ruleset {
	w.t.Helper()
	cfg := rules.Config{Matching: true, Keep: w.keep, Same: []rules.Same{{Fields: []string{"email"}, Confirm: []string{"name"}}}}
	cfg.Canonical.Scheme = "N-{next:4}"
	for _, name := range []string{"legacy", "shop"} {
		s := rules.Source{Name: name, ID: rules.IDRule{Columns: []string{"id"}}}
		for _, role := range []string{"name", "email"} {
			s.Fields = append(s.Fields, rules.Field{Role: role, Columns: []rules.Column{{Name: role}}})
		}
		cfg.Sources = append(cfg.Sources, s)
	}
	rs, problems := rules.Compile(cfg)
	if err := problems.Err(); err != nil {
		w.t.Fatal(err)
	}
	return rs
}

func (w *world) build(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
	rs := w.rules()
	var in []plan.Input
	for i, s := range []*sheet{w.legacy, w.shop} {
		in = append(in, plan.Input{Name: rs.Sources()[i], Source: asked{s, rs.Columns(i)}})
	}
	return plan.Build(ctx, snap, rs, in, plan.Options{Policy: w.policy})
}

// apply plans and applies. It ends the desks that are laid out: the first run
// makes an index, for which MySQL waits until nobody reads the table.
func (w *world) apply() {
	w.t.Helper()
	for _, v := range w.views {
		_ = v.Close()
	}
	if _, _, err := migrate.Run(w.t.Context(), w.store, migrate.Options{Actor: "apply", Rules: w.rules().Digest()}, w.build); err != nil {
		w.t.Fatal(err)
	}
}

// desk lays out the crosswalk's reviews, or with ofPlan those of a new plan.
func (w *world) desk(ofPlan bool) *review.Desk {
	w.t.Helper()
	snap, err := w.store.Snapshot(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	w.views = append(w.views, snap)
	w.t.Cleanup(func() { _ = snap.Close() })
	var p *plan.Plan
	if ofPlan {
		if p, err = w.build(w.t.Context(), snap); err != nil {
			w.t.Fatal(err)
		}
	}
	d, err := review.Open(w.t.Context(), snap, p)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// find is the review of two source IDs.
func find(t testing.TB, d *review.Desk, left, right string) *review.Item {
	t.Helper()
	for k := range d.Items {
		if i := &d.Items[k]; i.Left.SourceID == left && i.Right.SourceID == right {
			return i
		}
	}
	t.Fatalf("there is no review of %s and %s", left, right)
	return nil
}

// say records one verdict.
func (w *world) say(i *review.Item, v crosswalk.Verdict, actor string, override bool) error {
	_, err := review.Record(w.t.Context(), w.store, []review.Answer{{Item: i, Verdict: v, Actor: actor}}, override)
	return err
}

func (w *world) mustSay(i *review.Item, v crosswalk.Verdict, actor string) {
	w.t.Helper()
	if err := w.say(i, v, actor, false); err != nil {
		w.t.Fatal(err)
	}
}

// pending lists what waits for a person, as "C1 U1".
func pending(d *review.Desk) []string {
	var out []string
	for _, i := range d.Select(review.Filter{}) {
		out = append(out, i.Left.SourceID+" "+i.Right.SourceID)
	}
	return out
}

// doubts makes n pairs in doubt.
func doubts(n int) (legacy, shop string) {
	for k := range n {
		legacy += fmt.Sprintf("C%d,Ann Lee,%d@example.com\n", k, k)
		shop += fmt.Sprintf("U%d,Bob Ray,%d@example.com\n", k, k)
	}
	return legacy, shop
}

func eachStore(t *testing.T, f func(t *testing.T, dsn string)) {
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			f(t, dbtest.Database(t, d))
		})
	}
}
