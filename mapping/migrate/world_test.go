package migrate_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// long says that the slow versions of the tests are wanted.
var long = os.Getenv("LONG") != ""

// pick is how much to do under -short, usually, and with LONG=1.
func pick(short, usual, all int) int {
	switch {
	case long:
		return all
	case testing.Short():
		return short
	}
	return usual
}

// sheet is a source in memory: a header and rows of cells.
type sheet struct {
	header []string
	rows   [][]string
}

// table reads "id,email,name\nC1,a@b,Al" into a sheet.
func table(text string) *sheet {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	s := &sheet{header: strings.Split(lines[0], ",")}
	for _, l := range lines[1:] {
		s.rows = append(s.rows, strings.Split(strings.TrimLeft(l, "\t"), ","))
	}
	return s
}

// reading is a sheet's columns in the order that the rules ask for.
type reading struct {
	*sheet
	columns []string
}

func (r reading) Records(ctx context.Context) iter.Seq2[mapping.Record, error] {
	return func(yield func(mapping.Record, error) bool) {
		values := make([]mapping.Value, len(r.columns))
		for i, row := range r.rows {
			if ctx.Err() != nil {
				yield(mapping.Record{}, ctx.Err())
				return
			}
			for k, c := range r.columns {
				values[k] = mapping.Value{Text: row[slices.Index(r.header, c)]}
			}
			place := mapping.Place{File: "sheet", Line: int64(i + 2), Row: int64(i + 1)}
			if !yield(mapping.Record{Place: place, Values: values}, nil) {
				return
			}
		}
	}
}

// world is a configuration, its sources' contents and a crosswalk.
type world struct {
	t       testing.TB
	cfg     rules.Config
	sheets  map[string]*sheet
	policy  plan.Policy
	dsn     string
	allow   []string
	filters map[string]bool
	clock   time.Time
	wait    time.Duration // for the lease
	cut     int64         // stop the run once so many links are written
	started func()        // called when writing begins
	random  io.Reader     // nil: the system's own
	wrap    func(driver.Connector) driver.Connector
}

var ruleExact = scheme.KeyRule{Space: "exact", Width: "exact"}

func newWorld(t testing.TB, dsn string, cfg rules.Config) *world {
	if dsn == "" {
		dsn = filepath.Join(t.TempDir(), "crosswalk.db")
	}
	if cfg.Canonical.Scheme == "" {
		cfg.Canonical.Scheme = "N-{next:6}"
	}
	return &world{
		t: t, cfg: cfg, sheets: map[string]*sheet{}, policy: plan.Policy{RetireAtMost: 1},
		dsn: dsn, filters: map[string]bool{}, clock: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

// source is a source whose ID is the column id and whose fields are columns
// of the same names as their roles.
func source(name string, roles ...string) rules.Source {
	s := rules.Source{Name: name, ID: rules.IDRule{Columns: []string{"id"}}}
	for _, r := range roles {
		s.Fields = append(s.Fields, rules.Field{Role: r, Columns: []rules.Column{{Name: r}}})
	}
	return s
}

func (w *world) ruleset() *rules.Ruleset {
	w.t.Helper()
	rs, problems := rules.Compile(w.cfg)
	if err := problems.Err(); err != nil {
		w.t.Fatal(err)
	}
	return rs
}

func (w *world) inputs(rs *rules.Ruleset) (in []plan.Input) {
	for i, name := range rs.Sources() {
		in = append(in, plan.Input{Name: name, Source: reading{w.sheets[name], rs.Columns(i)}, Filtered: w.filters[name]})
	}
	return in
}

func (w *world) tryOpen() (*crosswalk.Store, error) {
	return crosswalk.Open(w.t.Context(), w.dsn, crosswalk.Options{Now: func() time.Time { return w.clock }, Wrap: w.wrap})
}

func (w *world) open() *crosswalk.Store {
	w.t.Helper()
	s, err := w.tryOpen()
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) options() plan.Options {
	return plan.Options{Policy: w.policy, Allow: w.allow, Random: w.random}
}

// try plans and applies.
func (w *world) try() (*plan.Plan, migrate.Result, error) {
	w.t.Helper()
	rs := w.ruleset()
	return w.runWith(rs, w.inputs(rs))
}

func (w *world) runWith(rs *rules.Ruleset, inputs []plan.Input) (*plan.Plan, migrate.Result, error) {
	w.t.Helper()
	store, err := w.tryOpen()
	if err != nil {
		return nil, migrate.Result{}, err
	}
	defer store.Close()
	w.clock = w.clock.Add(time.Minute)
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	o := migrate.Options{Actor: "test", Rules: rs.Digest(), Wait: w.wait, Progress: func(p plan.Progress) {
		if w.started != nil {
			w.started()
			w.started = nil
		}
		if w.cut > 0 && p.Done >= w.cut {
			cancel()
		}
	}}
	return migrate.Run(ctx, store, o,
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return plan.Build(ctx, snap, rs, inputs, w.options())
		})
}

// apply plans and applies and checks that the run balances.
func (w *world) apply() *plan.Plan {
	w.t.Helper()
	p, _, err := w.try()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range p.Sources {
		if !s.Counts.Balanced() {
			w.t.Fatalf("source %s does not balance: %+v", s.Name, s.Counts)
		}
	}
	return p
}

// dry plans without applying, on the crosswalk as it is.
func (w *world) dry() (*plan.Plan, error) {
	w.t.Helper()
	rs := w.ruleset()
	store := w.open()
	defer store.Close()
	snap, err := store.Snapshot(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	defer snap.Close()
	return plan.Build(w.t.Context(), snap, rs, w.inputs(rs), w.options())
}

// view opens the crosswalk as it is, with the names of its sources by number.
func (w *world) view() (snap *crosswalk.Snapshot, names map[int]string, done func()) {
	w.t.Helper()
	store := w.open()
	snap, err := store.Snapshot(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	sources, err := snap.Sources(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	names = map[int]string{}
	for _, s := range sources {
		names[s.No] = s.Name
	}
	return snap, names, func() { _, _ = snap.Close(), store.Close() }
}

// links lists the crosswalk as "source id=number" with the state where it is
// not live.
func (w *world) links() []string {
	w.t.Helper()
	snap, names, done := w.view()
	defer done()
	var out []string
	for l, err := range snap.Links(w.t.Context(), crosswalk.Query{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		text := fmt.Sprintf("%s %s=%s", names[l.Source], l.Key, l.Canonical)
		if l.State != crosswalk.Live {
			text += " " + l.State.String()
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}
