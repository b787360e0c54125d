package migrate_test

import (
	"cmp"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// The model test makes random worlds, small enough that values collide, and
// takes them through several runs. After each it asks an oracle that knows
// nothing of the code whether every promise still holds. A twin lives through
// the same runs in the plainest way, with its rows in another order; both
// must end with the same bytes.

var modelHeader = []string{"id", "email", "phone", "name", "ref", "code", "ours", "modified", "type", "created"}

// modelValues are what cells are drawn from, by column. IDs are a few numbers in
// every source, in several spellings, and some are damaged.
var modelValues = map[string][]string{
	"id":       {"C1", "C2", "C3", "C10", "N-000002", "C1 ", "Ｃ2", "", "!", "C-1", ".C2", "C02", "'C3", "c10", "CO1", "1"},
	"created":  {"2024-05-01", "2024-06-02", "", "2024-05-01"},
	"email":    {"", "a@x.example", "A@x.example", "b@x.example", "c@x.example"},
	"phone":    {"", "+8613912784406", "+8613658274951"},
	"name":     {"", "Al", "Bea"},
	"ref":      {"", "r1", "r2"},
	"code":     {"", "", "K1", "K2", "K3"},
	"ours":     {"", "", "", "N-000001", "n-000002", "N-000003", "N-999999"},
	"modified": {"", "2026-01-01", "2026-01-02"},
	"type":     {"p", "p", "p", "o", "?"},
}

// flawed is a reading whose rows with the ID "!" cannot be read.
type flawed struct{ reading }

func (f flawed) Records(ctx context.Context) iter.Seq2[mapping.Record, error] {
	return func(yield func(mapping.Record, error) bool) {
		for r, err := range f.reading.Records(ctx) {
			if err == nil && f.rows[r.Place.Row-1][0] == "!" {
				r, err = mapping.Record{}, &mapping.RecordError{Place: r.Place, Reason: "the row is damaged"}
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func flawedInputs(w *world, rs *rules.Ruleset) (in []plan.Input) {
	for _, i := range w.inputs(rs) {
		i.Source = flawed{i.Source.(reading)}
		in = append(in, i)
	}
	return in
}

// model is a world, its twin, and what the oracle remembers.
type model struct {
	t            *rapid.T
	main, twin   *world
	store, other *crosswalk.Store
	db           *sql.DB
	dir          string
	round        int
	all          []rules.Source       // also those that are left out of a round
	seen         map[string]int       // canonical ID -> the round in which it was first seen
	versions     map[string]bool      // every version of a link that readers could ever see
	links        map[string]modelLink // the links of the last round
	resolved     map[string]string    // canonical ID -> what it meant in the last round
	counters     map[string]uint64    // where they stood in the last round
	verdicts     map[[2]crosswalk.NamedKey]crosswalk.Verdict
	header       []string                // of every sheet
	cells        map[string][]string     // what cells are drawn from, by column
	draw         func(*rapid.T) []string // a row
	tally        *tally
	unheard      bool // a verdict was given that the last run did not know of
}

type modelLink struct {
	source, key, canonical string
	state                  crosswalk.State
}

// modelSchemes are canonical schemes of every kind; some write numbers that
// others write too.
var modelSchemes = []string{
	"N-{next:6}", "N-{next:6}", "N-0{next:5}", "N{field:ref}{next}", "N-{field:ref}-{next:2}{check:mod97-10}", "N{date:YYMM}{next:3}", "N{field:ref}{date:YYYYMMDD}{next:3}{check:mod11-2}",
	"N{next}", "N1{next}", "N-{hash:1}", "N-{hash:2}", "H{field:ref}-{hash:3}{check:mod37-36}", "N-{random:3}", "N-{random:1}{check:mod37-2}", "N{seq:4}", "N-{seq}-{field:ref}", "{source}-{next:3}",
}

// drawAs is how a source's customers are numbered: as the others are, by
// numbers of its own, or by its IDs.
func drawAs(t *rapid.T) string {
	if rapid.Bool().Draw(t, "own numbers") {
		return rapid.SampledFrom(append(modelSchemes, "keep", "keep", "keep")).Draw(t, "as")
	}
	return ""
}

// renumber draws how customers are numbered until the rules allow it.
func renumber(t *rapid.T, cfg *rules.Config) {
	for try := range 5 {
		cfg.Canonical = rules.Canonical{Scheme: rapid.SampledFrom(modelSchemes).Draw(t, "canonical"), Secret: "a secret of sixteen"}
		cfg.Sources = slices.Clone(cfg.Sources)
		for i := range cfg.Sources {
			if cfg.Sources[i].As = drawAs(t); try == 4 {
				cfg.Canonical.Scheme, cfg.Sources[i].As = "N-{next:6}", ""
			}
		}
		if _, problems := rules.Compile(*cfg); problems.Err() == nil {
			return
		}
	}
}

// modelIDs are the schemes of source IDs: none, and some that fold spellings.
var modelIDs = [][]string{nil, nil, {"C[-]{seq:1+}"}, {"[.]C{seq:1+}", "{any}"}, {"C{base32:1-2}", "{seq}"}, {"C{seq:1-2}", "C-{seq:1-2}"}, {"C{seq:2}"}}

// constant is randomness that a world and its twin share.
type constant byte

func (c constant) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(c)
	}
	return len(p), nil
}

func drawConfig(t *rapid.T) rules.Config {
	cfg := rules.Config{
		Matching: rapid.IntRange(0, 9).Draw(t, "matching") > 0,
		Keep:     rapid.SampledFrom([]rules.Keep{rules.KeepFields, rules.KeepFields, rules.KeepKeys, rules.KeepNothing}).Draw(t, "keep"),
	}
	n := rapid.IntRange(2, 3).Draw(t, "sources")
	for i := range n {
		s := source(fmt.Sprintf("s%d", i+1), "email", "phone", "name", "ref", "created")
		s.ID.Schemes = modelIDs[rapid.IntRange(0, len(modelIDs)-1).Draw(t, "ID schemes")]
		if len(s.ID.Schemes) > 0 && rapid.Bool().Draw(t, "repair") {
			s.Repair = rules.RepairSafe
		}
		if rapid.Bool().Draw(t, "modified") {
			s.Fields = append(s.Fields, rules.Field{Role: "modified", Columns: []rules.Column{{Name: "modified"}}})
		}
		if rapid.Bool().Draw(t, "also") {
			s.Also = []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code"}}}}
		}
		if rapid.IntRange(0, 2).Draw(t, "ours") == 0 {
			s.Fields = append(s.Fields, rules.Field{Role: "canonical_id", Columns: []rules.Column{{Name: "ours"}}})
		}
		if rapid.IntRange(0, 3).Draw(t, "kinds") == 0 {
			s.Kind = rules.KindRule{Column: "type", Map: map[string]string{"p": "person", "o": "company"}}
		}
		cfg.Sources = append(cfg.Sources, s)
	}
	if cfg.Matching {
		lines := same("email", "email?name", "email?name+ref", "phone+name", "ref", "phone?ref")
		lines = append(lines, rules.Same{Fields: []string{"id"}, Sources: []string{"s1", "s2"}}, rules.Same{Fields: []string{"phone"}, Kind: "company"})
		for _, k := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(lines)-1), 1, 3, rapid.ID[int]).Draw(t, "lines") {
			cfg.Same = append(cfg.Same, lines[k])
		}
		if rapid.IntRange(0, 2).Draw(t, "differ") == 0 {
			cfg.Differ = []string{"ref"}
		}
		if cfg.Keep == rules.KeepFields && rapid.Bool().Draw(t, "similar") {
			cfg.Similar = &rules.Similar{Merge: rapid.SampledFrom([]float64{0.6, 0.9, 0.99}).Draw(t, "merge"), Review: 0.5}
		}
	}
	renumber(t, &cfg)
	return cfg
}

func drawPolicy(t *rapid.T) plan.Policy {
	return plan.Policy{
		Merges:  rapid.SampledFrom([]string{"review", "auto"}).Draw(t, "merges"),
		Reviews: rapid.SampledFrom([]string{"issue", "hold"}).Draw(t, "reviews"),
		Retire:  rapid.Bool().Draw(t, "retire"), RetireAtMost: 1, Collisions: "reject",
	}
}

func drawRow(t *rapid.T) []string {
	row := make([]string, len(modelHeader))
	for i, c := range modelHeader {
		row[i] = rapid.SampledFrom(modelValues[c]).Draw(t, c)
	}
	return row
}

// mutate changes a few rows of the sources.
func (m *model) mutate() {
	t := m.t
	for _, s := range m.main.cfg.Sources {
		sh := m.main.sheets[s.Name]
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			k := rapid.IntRange(0, max(0, len(sh.rows)-1)).Draw(t, "row")
			switch what := rapid.IntRange(0, 4).Draw(t, "what"); {
			case what == 0 || len(sh.rows) == 0:
				sh.rows = append(sh.rows, m.draw(t))
			case what == 1:
				sh.rows = slices.Delete(sh.rows, k, k+1)
			case what == 2:
				sh.rows = append(sh.rows, slices.Clone(sh.rows[k]))
			default:
				c := rapid.IntRange(0, len(m.header)-1).Draw(t, "cell")
				sh.rows[k] = slices.Clone(sh.rows[k])
				values := m.cells[m.header[c]]
				if m.header[c] == "ours" {
					values = append(slices.Sorted(maps.Keys(m.seen)), values...)
				}
				sh.rows[k][c] = rapid.SampledFrom(values).Draw(t, "value")
			}
		}
	}
}

// open opens the crosswalks of the world and its twin, and returns what closes
// them again.
func (m *model) open(ctx context.Context) (done func()) {
	m.t.Helper()
	store := func(w *world) *crosswalk.Store {
		s, err := crosswalk.Open(ctx, w.dsn, crosswalk.Options{Now: func() time.Time { return w.clock }})
		m.must(err)
		return s
	}
	m.store, m.other = store(m.main), store(m.twin)
	var err error
	m.db, err = sql.Open("sqlite", m.main.dsn)
	m.must(err)
	return func() { _, _, _ = m.db.Close(), m.other.Close(), m.store.Close() }
}

func (m *model) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// reconfigure is what people change between runs.
func (m *model) reconfigure() {
	t := m.t
	if rapid.IntRange(0, 3).Draw(t, "change policy") == 0 {
		m.main.policy = drawPolicy(t)
	}
	m.main.cfg.Sources = m.all
	if rapid.IntRange(0, 3).Draw(t, "change numbers") == 0 {
		renumber(t, &m.main.cfg)
		m.all = m.main.cfg.Sources
	}
	all := m.all
	k := rapid.IntRange(0, 5*len(all)).Draw(t, "drop a source")
	named := slices.ContainsFunc(m.main.cfg.Same, func(s rules.Same) bool { return len(s.Sources) > 0 })
	if k < len(all) && (!named || k >= 2) {
		m.main.cfg.Sources = slices.Delete(slices.Clone(all), k, k+1)
	}
	for _, s := range all {
		m.main.filters[s.Name] = rapid.IntRange(0, 5).Draw(t, "filtered") == 0
	}
}

// mirror settles what the sources hold, and gives the twin the same with rows in another order.
func (m *model) mirror() {
	if ours := slices.Index(m.header, "ours"); ours >= 0 {
		for _, sh := range m.main.sheets {
			for _, row := range sh.rows { // nobody carries a number before it is issued
				if _, issued := m.seen[strings.ToUpper(row[ours])]; !issued && row[ours] != "N-999999" {
					row[ours] = ""
				}
			}
		}
	}
	m.twin.cfg, m.twin.policy, m.twin.filters = m.main.cfg, m.main.policy, m.main.filters
	for _, name := range slices.Sorted(maps.Keys(m.main.sheets)) {
		sh := m.main.sheets[name]
		rows := slices.Clone(sh.rows)
		if len(rows) > 1 {
			rows = rapid.Permutation(rows).Draw(m.t, "order")
		}
		m.twin.sheets[name] = &sheet{header: sh.header, rows: rows}
	}
}

func build(ctx context.Context, w *world, store *crosswalk.Store) (*plan.Plan, error) {
	snap, err := store.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer snap.Close()
	rs := w.ruleset()
	return plan.Build(ctx, snap, rs, flawedInputs(w, rs), w.options())
}

func applyIn(ctx context.Context, w *world, store *crosswalk.Store) (*plan.Plan, error) {
	rs := w.ruleset()
	p, _, err := migrate.Run(ctx, store, migrate.Options{Actor: "test", Rules: rs.Digest()},
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return plan.Build(ctx, snap, rs, flawedInputs(w, rs), w.options())
		})
	return p, err
}

// applySaved plans, saves the plan, and applies the file.
func (m *model) applySaved(ctx context.Context) (*plan.Plan, error) {
	p, err := build(ctx, m.main, m.store)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(m.dir, "plan")
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if _, err := p.WriteTo(f); err != nil {
		return nil, err
	}
	saved, err := plan.Open(path)
	if err != nil {
		return nil, err
	}
	_, err = migrate.Apply(ctx, m.store, saved, migrate.Options{Actor: "test", Rules: p.Rules})
	return saved, err
}

// interrupt writes the first links of a plan, in small batches, and stops as
// a process does that is killed: nothing is published.
func (m *model) interrupt(ctx context.Context) error {
	p, err := build(ctx, m.main, m.store)
	if err != nil {
		return err
	}
	lease, err := m.store.Acquire(ctx, "elsewhere/1", "apply")
	if err != nil {
		return err
	}
	defer func() { _ = lease.Release(ctx) }()
	run, err := lease.Begin(ctx, crosswalk.RunStart{
		Kind: p.Kind, Actor: "test", Rules: p.Rules, Plan: p.Digest,
		Base: p.Serial, Environment: p.Environment, Sources: p.Spaces,
	})
	if err != nil {
		return err
	}
	var links []crosswalk.Link
	for w, err := range p.Writes() {
		if err != nil {
			return err
		}
		links = append(links, w.Link)
	}
	links = links[run.Done:]
	links = links[:rapid.IntRange(0, len(links)).Draw(m.t, "written")]
	for batch := range slices.Chunk(links, rapid.IntRange(1, 4).Draw(m.t, "batch")) {
		if err := run.WriteLinks(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// giveIn imports a list of numbers.
func giveIn(ctx context.Context, w *world, store *crosswalk.Store, given []plan.Given) (*plan.Plan, error) {
	rs := w.ruleset()
	p, _, err := migrate.Run(ctx, store, migrate.Options{Actor: "test", Rules: rs.Digest()},
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return plan.Import(ctx, snap, rs, given, w.options())
		})
	return p, err
}

func (m *model) drawGiven() (given []plan.Given) {
	t := m.t
	for i := range rapid.IntRange(1, 4).Draw(t, "lines given") {
		s := rapid.SampledFrom(m.main.cfg.Sources).Draw(t, "given source")
		g := plan.Given{Source: s.Name, SourceID: rapid.SampledFrom([]string{"C1", "C2", "C4", "C5"}).Draw(t, "given ID"), Place: fmt.Sprintf("list.csv:%d", i+2)}
		if len(s.Also) > 0 && rapid.Bool().Draw(t, "given also") {
			g.Source, g.SourceID = s.Name+".code", rapid.SampledFrom(modelValues["code"]).Draw(t, "given code")
		}
		g.Canonical = rapid.SampledFrom([]string{"N-000001", "N-000002", "N-000004", "N-000007", "OLD-1", "OLD-2", "x_1"}).Draw(t, "given number")
		given = append(given, g)
	}
	return given
}

// decide is what people say of some records, in the world and in its twin.
func (m *model) decide(ctx context.Context) {
	t := m.t
	var known []crosswalk.NamedKey
	for _, id := range slices.Sorted(maps.Keys(m.links)) {
		if l := m.links[id]; !strings.Contains(l.source, ".") {
			known = append(known, crosswalk.NamedKey{Source: l.source, Key: l.key})
		}
	}
	if len(known) < 2 {
		return
	}
	for range rapid.IntRange(0, 2).Draw(t, "decisions") {
		two := rapid.SliceOfNDistinct(rapid.IntRange(0, len(known)-1), 2, 2, rapid.ID[int]).Draw(t, "pair")
		slices.Sort(two)
		d := crosswalk.Decision{
			Left: known[two[0]], Right: known[two[1]], Actor: "ann",
			Verdict: rapid.SampledFrom([]crosswalk.Verdict{crosswalk.Same, crosswalk.Different, crosswalk.Withdrawn}).Draw(t, "verdict"),
		}
		if d.Left.Compare(d.Right) > 0 {
			d.Left, d.Right = d.Right, d.Left
		}
		for _, s := range [...]*crosswalk.Store{m.store, m.other} {
			m.must(s.Decide(ctx, []crosswalk.Decision{d}, true))
		}
		m.verdicts[[2]crosswalk.NamedKey{d.Left, d.Right}] = d.Verdict
	}
}

// checkVerdicts makes sure that people outrank rules: what somebody called
// different is not joined, and what somebody called the same is one customer
// unless another verdict stands against it.
func (m *model) checkVerdicts(links map[string]modelLink, resolved map[string]string) {
	contrary := false
	for _, v := range m.verdicts {
		contrary = contrary || v == crosswalk.Different
	}
	for pair, v := range m.verdicts {
		left, right := links[pair[0].Source+" "+pair[0].Key], links[pair[1].Source+" "+pair[1].Key]
		if left.key == "" || right.key == "" || left.state != crosswalk.Live || right.state != crosswalk.Live {
			continue
		}
		one := resolved[left.canonical] == resolved[right.canonical]
		oldLeft, oldRight := m.links[pair[0].Source+" "+pair[0].Key], m.links[pair[1].Source+" "+pair[1].Key]
		were := oldLeft.canonical != "" && oldRight.canonical != "" && m.resolved[oldLeft.canonical] == m.resolved[oldRight.canonical]
		switch {
		case v == crosswalk.Same && !one && !contrary:
			m.t.Fatalf("%v were called the same and are %+v and %+v", pair, left, right)
		case v == crosswalk.Different && one && !were:
			m.t.Fatalf("%v were called different and were joined: %+v and %+v", pair, left, right)
		}
	}
}

// step makes one run in the world and the same one, plainly, in its twin.
func (m *model) step(ctx context.Context) *plan.Plan {
	t := m.t
	m.main.clock = m.main.clock.Add(time.Minute)
	m.twin.clock = m.main.clock
	how := rapid.SampledFrom([]string{"direct", "direct", "saved", "resume", "discard", "import"}).Draw(t, "how")
	if how == "import" && m.round > 0 {
		m.mirror()
		given := m.drawGiven()
		p, err := giveIn(ctx, m.main, m.store, given)
		m.must(err)
		_, err = giveIn(ctx, m.twin, m.other, given)
		m.must(err)
		return p
	}
	if how == "discard" {
		m.must(m.interrupt(ctx))
		m.mutate()
	}
	if how == "resume" {
		m.must(m.interrupt(ctx))
	}
	m.mirror()
	procs := runtime.GOMAXPROCS(rapid.IntRange(1, 4).Draw(t, "processors"))
	defer runtime.GOMAXPROCS(procs)
	var p *plan.Plan
	var err error
	if how == "saved" {
		p, err = m.applySaved(ctx)
	} else {
		p, err = applyIn(ctx, m.main, m.store)
	}
	m.must(err)
	_, err = applyIn(ctx, m.twin, m.other)
	m.must(err)
	return p
}

// state is everything that readers see of a crosswalk, as text.
func state(ctx context.Context, store *crosswalk.Store) (out []string, err error) {
	snap, err := store.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer snap.Close()
	for l, err := range snap.Links(ctx, crosswalk.Query{Match: true, Fields: true}) {
		if err != nil {
			return nil, err
		}
		out = append(out, fmt.Sprintf("%d %q %q =%s %s %s %q runs %d %d hash %x match %x fields %s",
			l.Source, l.Key, l.Verbatim, l.Canonical, l.State, l.Kind, l.Rule, l.FromRun, l.SinceRun, l.RowHash, l.Match, l.Fields))
	}
	for n, err := range snap.Numbers(ctx) {
		if err != nil {
			return nil, err
		}
		out = append(out, fmt.Sprintf("number %+v", n))
	}
	reviews, err := snap.Reviews(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range reviews {
		out = append(out, fmt.Sprintf("review %+v", r))
	}
	runs, err := snap.Runs(ctx)
	for _, r := range runs {
		out = append(out, fmt.Sprintf("run %+v", r))
	}
	return out, err
}

// check asks the oracle after a run.
func (m *model) check(ctx context.Context, p *plan.Plan) {
	t := m.t
	mine, err := state(ctx, m.store)
	m.must(err)
	its, err := state(ctx, m.other)
	m.must(err)
	if diff := gocmp.Diff(its, mine); diff != "" {
		t.Fatalf("the twin is another (-twin +world):\n%s", diff)
	}
	for _, s := range p.Sources {
		if !s.Counts.Balanced() {
			t.Fatalf("%s does not balance: %+v", s.Name, s.Counts)
		}
		if sh := m.main.sheets[s.Name]; p.Kind == "apply" && s.Counts.Read != int64(len(sh.rows)) {
			t.Fatalf("%s: %d rows read of %d", s.Name, s.Counts.Read, len(sh.rows))
		}
	}
	links, resolved := m.read(ctx, p)
	m.checkHistory(ctx)
	m.checkWrites(p, links)
	m.checkMoves(p, links)
	if p.Kind == "apply" {
		m.checkVerdicts(links, resolved)
	}
	for c := range m.seen {
		if before := m.resolved[c]; before != "" && resolved[c] != resolved[before] {
			t.Fatalf("%s meant %s, which means %s now, and it means %s", c, before, resolved[before], resolved[c])
		}
		if s := resolved[c]; resolved[s] != s {
			t.Fatalf("%s means %s, which means %s: two steps", c, s, resolved[s])
		}
	}
	m.links, m.resolved = links, resolved
	if p.Kind != "apply" || m.unheard {
		return
	}
	again, err := build(ctx, m.main, m.store)
	m.must(err)
	// A record that is held while another record of its cluster is decided may
	// be decided in the next run; so may one that no number can be made for.
	// Neither was ever seen among people.
	late := m.tally == nil && len(m.main.cfg.Differ) > 0 && (m.main.policy.Reviews == "hold" || slices.ContainsFunc(p.Rejects, unnumbered))
	if !again.Empty() && !late {
		var changes []string
		for c, err := range again.Changes() {
			m.must(err)
			changes = append(changes, fmt.Sprintf("%+v", c))
		}
		t.Fatalf("running again changes %d links, %d numbers, %d reviews, %d closed:\n%s\nin\n%s", again.Links, len(again.Numbers), len(again.Reviews), len(again.Closed),
			strings.Join(changes, "\n"), strings.Join(mine, "\n"))
	}
}

// unnumbered reports whether a record is rejected because it cannot found its
// customer.
func unnumbered(r mapping.Reject) bool {
	return strings.HasPrefix(r.Reason, "no number can be made") || strings.HasPrefix(r.Reason, "its number would be")
}

// read reads the links and what numbers mean, and compares the totals with
// what can be counted.
func (m *model) read(ctx context.Context, p *plan.Plan) (links map[string]modelLink, resolved map[string]string) {
	t := m.t
	snap, err := m.store.Snapshot(ctx)
	m.must(err)
	defer snap.Close()
	names := map[int]string{}
	sources, err := snap.Sources(ctx)
	m.must(err)
	for _, s := range sources {
		names[s.No] = s.Name
	}
	counters, err := snap.Counters(ctx)
	m.must(err)
	for name, n := range m.counters {
		if counters[name] < n {
			t.Fatalf("the counter %s went from %d to %d", name, n, counters[name])
		}
	}
	m.counters = counters
	links, resolved = map[string]modelLink{}, map[string]string{}
	for l, err := range snap.Links(ctx, crosswalk.Query{}) {
		m.must(err)
		links[names[l.Source]+" "+l.Key] = modelLink{names[l.Source], l.Key, l.Canonical, l.State}
		if l.Canonical != "" {
			resolved[l.Canonical] = l.Canonical
		}
	}
	for c := range m.seen {
		resolved[c] = c
	}
	for n, err := range snap.Numbers(ctx) {
		m.must(err)
		resolved[n.Canonical] = cmp.Or(n.Survivor, n.Canonical)
	}
	alive := map[string]bool{}
	for _, l := range links {
		if l.state == crosswalk.Live {
			alive[resolved[l.canonical]] = true
		}
	}
	if got := p.Totals.Customers; got != int64(len(alive)) {
		t.Fatalf("the run says %d customers, and %d have live links", got, len(alive))
	}
	reviews, err := snap.Reviews(ctx)
	m.must(err)
	pairs := map[string]bool{}
	for _, r := range reviews {
		pair := []crosswalk.SourceKey{r.Left, r.Right}
		slices.SortFunc(pair, crosswalk.SourceKey.Compare)
		if text := fmt.Sprint(pair); pairs[text] {
			t.Fatalf("two reviews are open for %s", text)
		} else {
			pairs[text] = true
		}
	}
	if got := p.Totals.ReviewsOpen; got != int64(len(reviews)) {
		t.Fatalf("the run says that %d reviews are open, and there are %d", got, len(reviews))
	}
	if h := snap.Head(); h.Customers != p.Totals.Customers || h.ReviewsOpen != p.Totals.ReviewsOpen {
		t.Fatalf("the head says %+v after %+v", h, p.Totals)
	}
	return links, resolved
}

// checkHistory finds every version of a link that was ever visible in the
// tables, as it was.
func (m *model) checkHistory(ctx context.Context) {
	t := m.t
	const columns = "source_no, id_key, canonical, state, from_run, row_hash"
	rows, err := m.db.QueryContext(ctx, "SELECT "+columns+" FROM xwalk_link UNION ALL SELECT "+columns+" FROM xwalk_link_past")
	m.must(err)
	defer rows.Close()
	now, n := map[string]bool{}, 0
	for rows.Next() {
		var source, state, from, hash int64
		var key, canonical string
		m.must(rows.Scan(&source, &key, &canonical, &state, &from, &hash))
		now[fmt.Sprint(source, key, canonical, state, from, hash)] = true
		n++
	}
	m.must(rows.Err())
	for v := range m.versions {
		if !now[v] {
			t.Fatalf("the version %s of a link is gone", v)
		}
	}
	if n != len(now) {
		t.Fatalf("%d rows hold %d versions", n, len(now))
	}
	m.versions = now
}

// checkWrites makes sure that a number is founded once.
func (m *model) checkWrites(p *plan.Plan, links map[string]modelLink) {
	t := m.t
	for w, err := range p.Writes() {
		m.must(err)
		if w.Kind.String() == "create" {
			if round, again := m.seen[w.Link.Canonical]; again {
				t.Fatalf("%s is issued in round %d, and was in round %d", w.Link.Canonical, m.round, round)
			}
			m.seen[w.Link.Canonical] = m.round
		}
	}
	for id, l := range links {
		if _, ok := m.seen[l.canonical]; l.canonical != "" && !ok {
			t.Fatalf("%s has %s, which nobody founded", id, l.canonical)
		}
	}
}

// checkMoves makes sure that no link moved by itself or ended without cause.
func (m *model) checkMoves(p *plan.Plan, links map[string]modelLink) {
	t := m.t
	for id, was := range m.links {
		is, ok := links[id]
		also := strings.Contains(was.source, ".")
		switch {
		case !ok:
			t.Fatalf("the link of %s is gone", id)
		case was.state == crosswalk.Live && is.state == crosswalk.Live && was.canonical != is.canonical:
			t.Fatalf("%s moved from %s to %s", id, was.canonical, is.canonical)
		case was.state == crosswalk.Retired && is.state == crosswalk.Live && was.canonical != is.canonical && !also && p.Kind == "apply" && !began(p, was):
			t.Fatalf("%s came back as %s and was %s", id, is.canonical, was.canonical)
		case also || was.state != crosswalk.Live || is.state == crosswalk.Live:
		case is.state != crosswalk.Retired || !m.main.policy.Retire || m.main.filters[was.source] || p.Kind != "apply":
			t.Fatalf("%s is %s", id, is.state)
		default:
			for _, row := range m.main.sheets[was.source].rows {
				if key, err := m.keys(was.source).Key(row[0]); row[0] == "!" || err == nil && key == was.key {
					t.Fatalf("%s is retired and its record may be there", id)
				}
			}
		}
	}
}

// began reports whether a plan says that an ID came back for somebody else.
func began(p *plan.Plan, l modelLink) bool {
	return slices.ContainsFunc(p.Reborn, func(r plan.Reborn) bool {
		return r.Key == l.key && slices.ContainsFunc(p.Spaces, func(s crosswalk.Source) bool { return s.No == r.Space && s.Name == l.source })
	})
}

// keys makes the keys of a source.
func (m *model) keys(source string) rules.Keys {
	rs := m.main.ruleset()
	k, err := rules.ParseKeyRule(rs.Space(slices.Index(rs.Sources(), source)).Key)
	m.must(err)
	return k
}

// TestMain keeps the random worlds few, and not so few with LONG=1;
// -rapid.checks asks for more.
func TestMain(m *testing.M) {
	checks := "25"
	if long {
		checks = "500"
	}
	if err := flag.Lookup("rapid.checks").Value.Set(checks); err != nil {
		panic(err)
	}
	m.Run()
}

func TestPromisesInRandomWorlds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		ctx := t.Context()
		dir := t.TempDir()
		defer os.RemoveAll(dir)
		cfg := drawConfig(rt)
		m := &model{
			t: rt, dir: dir, main: newWorld(t, filepath.Join(dir, "main.db"), cfg), twin: newWorld(t, filepath.Join(dir, "twin.db"), cfg),
			all: cfg.Sources, seen: map[string]int{}, versions: map[string]bool{}, verdicts: map[[2]crosswalk.NamedKey]crosswalk.Verdict{},
		}
		m.header, m.cells, m.draw = modelHeader, modelValues, drawRow
		m.main.policy = drawPolicy(rt)
		m.main.random, m.twin.random = constant(7), constant(7)
		for _, s := range cfg.Sources {
			sh := &sheet{header: modelHeader}
			for range rapid.IntRange(0, 5).Draw(rt, "rows") {
				sh.rows = append(sh.rows, drawRow(rt))
			}
			m.main.sheets[s.Name] = sh
		}
		defer m.open(ctx)()
		for m.round = range rapid.IntRange(1, 4).Draw(rt, "rounds") {
			if m.round > 0 {
				m.mutate()
				m.reconfigure()
				m.decide(ctx)
			}
			m.check(ctx, m.step(ctx))
		}
	})
}

// TestClosure compares groups, numbers and counts with what the definition
// says where nothing can be in doubt: records that agree on all fields of a
// line, through any chain, are one customer. Part of the records come in a
// second run, in which some of the earlier ones are only remembered.
func TestClosure(t *testing.T) {
	t.Parallel()
	type rec struct {
		source int
		row    []string
	}
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		defer os.RemoveAll(dir)
		lines := [][]int{{1}, {2, 3}, {4}, {1, 4}}
		lines = lines[:rapid.IntRange(1, len(lines)).Draw(rt, "lines")]
		cfg := rules.Config{Matching: true, Keep: rapid.SampledFrom([]rules.Keep{rules.KeepFields, rules.KeepKeys}).Draw(rt, "keep")}
		for _, l := range lines {
			var s rules.Same
			for _, c := range l {
				s.Fields = append(s.Fields, modelHeader[c])
			}
			cfg.Same = append(cfg.Same, s)
		}
		var recs []rec
		for i := range 2 {
			cfg.Sources = append(cfg.Sources, source(fmt.Sprintf("s%d", i+1), "email", "name", "phone", "ref"))
			for k := range rapid.IntRange(0, 8).Draw(rt, "rows") {
				row := drawRow(rt)
				row[0] = fmt.Sprintf("C%d", k+1)
				recs = append(recs, rec{i, row})
			}
		}
		w := newWorld(t, filepath.Join(dir, "x.db"), cfg)
		w.policy.Merges = "auto"
		store, err := crosswalk.Open(t.Context(), w.dsn, crosswalk.Options{})
		if err != nil {
			rt.Fatal(err)
		}
		defer store.Close()
		first := make([]bool, len(recs))
		for i := range recs {
			first[i] = rapid.Bool().Draw(rt, "first")
		}
		var p *plan.Plan
		for round := range 2 {
			for i, s := range cfg.Sources {
				w.sheets[s.Name] = &sheet{header: modelHeader}
				for k, r := range recs {
					if r.source == i && (first[k] == (round == 0) || round == 1 && rapid.Bool().Draw(rt, "still there")) {
						w.sheets[s.Name].rows = append(w.sheets[s.Name].rows, r.row)
					}
				}
			}
			if p, err = applyIn(t.Context(), w, store); err != nil {
				rt.Fatal(err)
			}
		}
		group := make([]int, len(recs))
		for i := range group {
			group[i] = i
		}
		for range recs { // enough rounds for the longest chain
			for i, a := range recs {
				for k, b := range recs[:i] {
					for _, l := range lines {
						agree := !slices.ContainsFunc(l, func(c int) bool { return a.row[c] == "" || !strings.EqualFold(a.row[c], b.row[c]) })
						if agree {
							group[i], group[k] = min(group[i], group[k]), min(group[i], group[k])
						}
					}
				}
			}
		}
		snap, err := store.Snapshot(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		defer snap.Close()
		survivors := map[string]string{}
		for n, err := range snap.Numbers(t.Context()) {
			if err != nil {
				rt.Fatal(err)
			}
			survivors[n.Canonical] = n.Survivor
		}
		numbers := map[string]string{}
		for l, err := range snap.Links(t.Context(), crosswalk.Query{}) {
			if err != nil {
				rt.Fatal(err)
			}
			numbers[fmt.Sprintf("%d %s", l.Source-1, l.Key)] = cmp.Or(survivors[l.Canonical], l.Canonical)
		}
		customers := map[string]bool{}
		for i, a := range recs {
			na := numbers[fmt.Sprintf("%d %s", a.source, a.row[0])]
			customers[na] = true
			for k, b := range recs[:i] {
				nb := numbers[fmt.Sprintf("%d %s", b.source, b.row[0])]
				if (group[i] == group[k]) != (na == nb) {
					rt.Fatalf("s%d %s has %s and s%d %s has %s", a.source+1, a.row, na, b.source+1, b.row, nb)
				}
			}
		}
		if p.Totals.Customers != int64(len(customers)) || p.Totals.ReviewsOpen != 0 {
			rt.Fatalf("totals are %+v, and there are %d customers", p.Totals, len(customers))
		}
	})
}
