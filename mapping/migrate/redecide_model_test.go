package migrate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// redecided plans to decide everything anew.
func (m *model) redecided(ctx context.Context) *plan.Plan {
	m.t.Helper()
	snap, err := m.store.Snapshot(ctx)
	m.must(err)
	defer snap.Close()
	rs := m.main.ruleset()
	p, err := plan.Redecide(ctx, snap, rs, flawedInputs(m.main, rs), m.main.options())
	m.must(err)
	return p
}

// redecide decides everything anew and holds the outcome to what it must be.
func (m *model) redecide(ctx context.Context) {
	m.main.clock = m.main.clock.Add(time.Minute)
	before, err := state(ctx, m.store)
	m.must(err)
	p := m.redecided(ctx)
	_, err = migrate.Apply(ctx, m.store, p, migrate.Options{Actor: "test", Rules: p.Rules})
	m.must(err)
	defer func() {
		if m.t.Failed() {
			m.explain(context.Background(), before, p)
		}
	}()
	m.checkRedecided(ctx, p)
	if slices.ContainsFunc(p.Rejects, unnumbered) {
		return // what they contradicted may be decided in the next run
	}
	m.expectNothing(ctx, "again", m.redecided(ctx))
	again, err := build(ctx, m.main, m.store)
	m.must(err)
	m.expectNothing(ctx, "plainly", again)
}

// explain is what deciding anew changed, for failures.
func (m *model) explain(ctx context.Context, before []string, p *plan.Plan) {
	var changes []string
	for c, err := range p.Changes() {
		m.must(err)
		changes = append(changes, fmt.Sprintf("%+v", c))
	}
	m.t.Logf("before\n%s\nsaid\n%s\nchanges\n%s\nnumbers %+v\nnotes %s", strings.Join(before, "\n"), m.history(ctx), strings.Join(changes, "\n"), p.Numbers, strings.Join(p.Notes, "\n"))
}

func (m *model) checkRedecided(ctx context.Context, p *plan.Plan) {
	for _, s := range p.Sources {
		if !s.Counts.Balanced() {
			m.t.Fatalf("%s does not balance: %+v", s.Name, s.Counts)
		}
	}
	links, resolved := m.read(ctx, p)
	m.checkHistory(ctx)
	founded := map[string]bool{}
	for w, err := range p.Writes() {
		m.must(err)
		if _, old := m.seen[w.Link.Canonical]; !old && w.Link.Canonical != "" && !founded[w.Link.Canonical] {
			founded[w.Link.Canonical] = true
		}
	}
	for number := range founded {
		m.seen[number] = m.round
	}
	for number := range m.seen {
		if s := resolved[number]; s != "" && resolved[s] != "" && resolved[s] != s {
			m.t.Fatalf("%s means %s, which means %s", number, s, resolved[s])
		}
	}
	m.checkVerdicts(links, resolved)
	for pair, v := range m.verdicts { // and what is called different comes apart
		left, right := links[pair[0].Source+" "+pair[0].Key], links[pair[1].Source+" "+pair[1].Key]
		if v == crosswalk.Different && m.wasRead(p, left) && m.wasRead(p, right) && resolved[left.canonical] == resolved[right.canonical] && left.canonical != "" {
			m.t.Fatalf("%v were called different and are both %s", pair, resolved[left.canonical])
		}
	}
	m.links, m.resolved = links, resolved
}

// wasRead reports whether the record of a live link stands in its source, once
// and fit for use.
func (m *model) wasRead(p *plan.Plan, l modelLink) bool {
	if l.state != crosswalk.Live || !slices.ContainsFunc(m.main.cfg.Sources, func(s rules.Source) bool { return s.Name == l.source }) {
		return false
	}
	rows := 0
	for _, row := range m.main.sheets[l.source].rows {
		if row[0] == l.key {
			rows++
		}
	}
	return rows == 1 && !slices.ContainsFunc(p.Rejects, func(r mapping.Reject) bool { return r.Source == l.source && r.SourceID == l.key })
}

func (m *model) expectNothing(ctx context.Context, how string, p *plan.Plan) {
	m.t.Helper()
	// Records that are held are asked about by and by, as those that they fit are
	// decided; where two values contradict, so are those that get no number.
	late := m.main.policy.Reviews == "hold" || len(m.main.cfg.Differ) > 0 && slices.ContainsFunc(p.Rejects, unnumbered)
	// Of several records of two customers one pair is asked about, and which one
	// depends on what was asked before: a doubt may go away.
	doubts := p.Links+int64(len(p.Numbers)+len(p.Reviews)) == 0
	if p.Empty() || late || doubts {
		return
	}
	var changes []string
	for c, err := range p.Changes() {
		m.must(err)
		changes = append(changes, fmt.Sprintf("%+v", c))
	}
	now, err := state(ctx, m.store)
	m.must(err)
	m.t.Fatalf("deciding %s changes %d links, numbers %+v, %d reviews, %v closed:\n%s\nin\n%s\nnotes %s", how, p.Links, p.Numbers, len(p.Reviews), p.Closed,
		strings.Join(changes, "\n"), strings.Join(now, "\n"), strings.Join(p.Notes, "\n"))
}

// redecideWorld is a world and its twin, in which one kind of records live.
func redecideWorld(t *testing.T, rt *rapid.T, dir string, peopled bool) *model {
	cfg := drawConfig(rt)
	if peopled {
		cfg = drawPeopleConfig(rt)
	}
	m := &model{
		t: rt, dir: dir, main: newWorld(t, filepath.Join(dir, "main.db"), cfg), twin: newWorld(t, filepath.Join(dir, "twin.db"), cfg),
		all: cfg.Sources, seen: map[string]int{}, versions: map[string]bool{}, verdicts: map[[2]crosswalk.NamedKey]crosswalk.Verdict{},
		header: modelHeader, cells: modelValues, draw: drawRow,
	}
	if peopled {
		m.header, m.cells, m.draw = peopleHeader, peopleCells, drawPerson
	}
	m.main.policy = drawPolicy(rt)
	m.main.random, m.twin.random = constant(7), constant(7)
	for _, s := range cfg.Sources {
		sh := &sheet{header: m.header}
		for k := range rapid.IntRange(0, 6).Draw(rt, "rows") {
			row := m.draw(rt)
			if rapid.IntRange(0, 4).Draw(rt, "damaged ID") > 0 {
				row[0] = fmt.Sprintf("C%d", k+1)
			}
			sh.rows = append(sh.rows, row)
		}
		m.main.sheets[s.Name] = sh
	}
	return m
}

// After a first load, deciding anew by the same rules changes nothing.
func TestRedecidingTheSameChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		ctx, dir := t.Context(), t.TempDir()
		defer os.RemoveAll(dir)
		m := redecideWorld(t, rt, dir, rapid.Bool().Draw(rt, "people"))
		defer m.open(ctx)()
		m.mirror()
		p, err := applyIn(ctx, m.main, m.store)
		m.must(err)
		if !slices.ContainsFunc(p.Rejects, unnumbered) {
			m.expectNothing(ctx, "anew", m.redecided(ctx))
		}
	})
}

// Deciding anew gives the groups that a first load gives, whatever happened
// before; numbers stay with them, and it is done in one go.
func TestRedecidingIsDecidingFromTheStart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		ctx, dir := t.Context(), t.TempDir()
		defer os.RemoveAll(dir)
		peopled := rapid.Bool().Draw(rt, "people")
		m := redecideWorld(t, rt, dir, peopled)
		defer m.open(ctx)()
		for m.round = range rapid.IntRange(2, 5).Draw(rt, "rounds") {
			m.mirror()
			m.main.clock = m.main.clock.Add(time.Minute)
			p, err := applyIn(ctx, m.main, m.store)
			m.must(err)
			m.checkWrites(p, nil)
			m.links, m.resolved = m.read(ctx, p)
			m.decide(ctx)
			m.mutate()
			if peopled {
				drawMatching(rt, &m.main.cfg)
			} else if next := drawConfig(rt); len(next.Sources) >= len(m.main.cfg.Sources) {
				m.main.cfg.Same, m.main.cfg.Differ, m.main.cfg.Matching = next.Same, next.Differ, next.Matching
			}
			if _, problems := rules.Compile(m.main.cfg); problems.Err() != nil {
				return
			}
			if rapid.IntRange(0, 2).Draw(rt, "redecide") == 0 || m.round > 0 {
				m.mirror()
				m.redecide(ctx)
			}
		}
	})
}
