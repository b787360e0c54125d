package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/rules"
)

// The worlds of this file are peopled: their records are alike as people's
// are, so that likeness, doubts and what people say of them decide who is who.

var peopleHeader = []string{"id", "given_name", "family_name", "email", "phone", "birth_date", "city", "ref", "type"}

// people are what records of one person say, in all spellings; the first of
// each is the usual one.
var people = []map[string][]string{
	{
		"given_name": {"Katherine", "Kate", "Kathrine", "Osterhaus"}, "family_name": {"Osterhaus", "Osterhuas", "Oster-Haus", "Katherine"},
		"email": {"kate@osterhaus.example", "k.osterhaus@work.example", ""}, "phone": {"+442079460011", "+442079460012", ""},
		"birth_date": {"1975-11-02", "1975-02-11", "1975-11-03", ""}, "city": {"Bristol", "Leeds", ""},
	},
	{
		"given_name": {"Robert", "Bob", "Robret", ""}, "family_name": {"Marlowe", "Marlow", "Osterhaus"},
		"email": {"bob@marlowe.example", "kate@osterhaus.example", ""}, "phone": {"+442079460013", "+442079460011", ""},
		"birth_date": {"1980-03-12", "1980-12-03", "1975-11-02", ""}, "city": {"Leeds", "Bristol"},
	},
	{
		"given_name": {"Rupert", "Robert"}, "family_name": {"Marlowe", "Marlow"},
		"email": {"rupert@marlowe.example", "bob@marlowe.example", ""}, "phone": {"", "+442079460013"},
		"birth_date": {"1980-03-12", "2009-07-30", ""}, "city": {"Leeds"},
	},
	{
		"given_name": {"Wolfgang", "Wolf", ""}, "family_name": {"Brzezinski", "Brzeziński", "Brzezinsky"},
		"email": {"", "wb@post.example"}, "phone": {"", "+442079460015"}, "birth_date": {"1990-07-23", "1990-07-32", ""}, "city": {"Leeds", ""},
	},
}

// peopleCells are what any cell may change to.
var peopleCells = func() map[string][]string {
	cells := map[string][]string{
		"id": {"C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "c1", "!", ""}, "ref": {"", "", "", "r1", "r2"}, "type": {"p", "p", "p", "p", "h"},
	}
	for _, p := range people {
		for c, values := range p {
			cells[c] = append(cells[c], values...)
		}
	}
	for _, values := range cells {
		slices.Sort(values)
	}
	return cells
}()

func drawPerson(t *rapid.T) []string {
	person := people[rapid.IntRange(0, len(people)-1).Draw(t, "person")]
	row := make([]string, len(peopleHeader))
	for i, c := range peopleHeader {
		values := person[c]
		switch {
		case values == nil:
			row[i] = rapid.SampledFrom(peopleCells[c]).Draw(t, c)
		case rapid.IntRange(0, 2).Draw(t, "usual "+c) > 0:
			row[i] = values[0]
		default:
			row[i] = rapid.SampledFrom(values).Draw(t, c)
		}
	}
	return row
}

func drawPeopleConfig(t *rapid.T) rules.Config {
	cfg := rules.Config{Matching: true, Canonical: rules.Canonical{Scheme: "N-{next:6}"}}
	for i := range rapid.IntRange(2, 3).Draw(t, "sources") {
		s := source(fmt.Sprintf("s%d", i+1), "given_name", "family_name", "email", "phone", "birth_date", "city", "ref")
		if rapid.IntRange(0, 2).Draw(t, "kinds") == 0 {
			s.Kind = rules.KindRule{Column: "type", Map: map[string]string{"p": "person", "h": "household"}}
		}
		cfg.Sources = append(cfg.Sources, s)
	}
	drawMatching(t, &cfg)
	return cfg
}

// drawMatching is everything about matching that people may edit.
func drawMatching(t *rapid.T, cfg *rules.Config) {
	lines := same("email?family_name", "email", "phone+family_name", "phone?given_name", "family_name+birth_date")
	cfg.Same, cfg.Differ = nil, nil
	for _, k := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(lines)-1), 0, 2, rapid.ID[int]).Draw(t, "lines") {
		cfg.Same = append(cfg.Same, lines[k])
	}
	if rapid.IntRange(0, 3).Draw(t, "differ") == 0 {
		cfg.Differ = []string{"ref"}
	}
	drawSimilar(t, cfg)
}

func drawSimilar(t *rapid.T, cfg *rules.Config) {
	cfg.Similar = nil
	cfg.Keep = rapid.SampledFrom([]rules.Keep{rules.KeepFields, rules.KeepFields, rules.KeepFields, rules.KeepFields, rules.KeepKeys, rules.KeepNothing}).Draw(t, "keep")
	if cfg.Keep == rules.KeepFields && rapid.IntRange(0, 4).Draw(t, "similar") > 0 {
		cfg.Similar = &rules.Similar{
			Merge:  rapid.SampledFrom([]float64{0.9, 0.99, 0.999}).Draw(t, "merge"),
			Review: rapid.SampledFrom([]float64{0.5, 0.1, 0.02}).Draw(t, "review"),
		}
	}
}

// reconsider is what people change about matching between runs.
func (m *model) reconsider() {
	t := m.t
	cfg := &m.main.cfg
	switch rapid.IntRange(0, 7).Draw(t, "reconsider") {
	case 0:
		drawMatching(t, cfg)
	case 1, 2:
		drawSimilar(t, cfg)
	case 3:
		m.main.policy = drawPolicy(t)
	}
	cfg.Sources = m.all
	if k := rapid.IntRange(0, 5*len(m.all)).Draw(t, "drop a source"); k < len(m.all) {
		cfg.Sources = slices.Delete(slices.Clone(m.all), k, k+1)
	}
	for _, s := range m.all {
		m.main.filters[s.Name] = rapid.IntRange(0, 5).Draw(t, "filtered") == 0
	}
}

// judge is what a person says of a pair: mostly of one that somebody was
// asked about, or that somebody decided before, but of any others too, also
// of records that nobody has read yet.
func (m *model) judge(ctx context.Context) (d crosswalk.Decision) {
	t := m.t
	snap, err := m.store.Snapshot(ctx)
	m.must(err)
	defer snap.Close()
	reviews, err := snap.Reviews(ctx)
	m.must(err)
	sources, err := snap.Sources(ctx)
	m.must(err)
	force, err := snap.Decisions(ctx)
	m.must(err)
	names := map[int]string{}
	for _, s := range sources {
		names[s.No] = s.Name
	}
	d = crosswalk.Decision{Actor: "ann", Verdict: rapid.SampledFrom([]crosswalk.Verdict{crosswalk.Same, crosswalk.Different}).Draw(t, "verdict")}
	switch how := rapid.IntRange(0, 3).Draw(t, "about"); {
	case how < 2 && len(reviews) > 0:
		r := rapid.SampledFrom(reviews).Draw(t, "review")
		d.Left, d.Right, d.Review = crosswalk.NamedKey{Source: names[r.Left.Source], Key: r.Left.Key}, crosswalk.NamedKey{Source: names[r.Right.Source], Key: r.Right.Key}, r.ID
	case how == 2 && len(force) > 0:
		f := rapid.SampledFrom(force).Draw(t, "decided before")
		d.Left, d.Right, d.Review = f.Left, f.Right, f.Review
		d.Verdict = rapid.SampledFrom([]crosswalk.Verdict{crosswalk.Withdrawn, crosswalk.Withdrawn, 3 - f.Verdict}).Draw(t, "second thoughts")
	default:
		var known []crosswalk.NamedKey
		for _, s := range m.all {
			for _, id := range []string{"C1", "C2", "C3", "C4", "C5"} {
				known = append(known, crosswalk.NamedKey{Source: s.Name, Key: id})
			}
		}
		two := rapid.SliceOfNDistinct(rapid.IntRange(0, len(known)-1), 2, 2, rapid.ID[int]).Draw(t, "pair")
		d.Left, d.Right = known[two[0]], known[two[1]]
	}
	if d.Left.Compare(d.Right) > 0 {
		d.Left, d.Right = d.Right, d.Left
	}
	return d
}

// say records a decision in one of the two crosswalks.
func (m *model) say(ctx context.Context, store *crosswalk.Store, d crosswalk.Decision) {
	m.must(store.Decide(ctx, []crosswalk.Decision{d}, true))
}

func (m *model) note(d crosswalk.Decision) {
	pair := [2]crosswalk.NamedKey{d.Left, d.Right}
	if d.Verdict == crosswalk.Withdrawn && m.verdicts[pair] == crosswalk.Withdrawn {
		return // there was none to withdraw
	}
	m.verdicts[pair] = d.Verdict
}

// talk is what people say between two runs.
func (m *model) talk(ctx context.Context) {
	for range rapid.IntRange(0, 3).Draw(m.t, "verdicts") {
		d := m.judge(ctx)
		m.say(ctx, m.store, d)
		m.say(ctx, m.other, d)
		m.note(d)
	}
}

// carry carries people's decisions out, and nothing else.
func (m *model) carry(ctx context.Context) {
	m.main.clock = m.main.clock.Add(time.Minute)
	m.twin.clock = m.main.clock
	m.mirror()
	carryIn := func(w *world, store *crosswalk.Store) *plan.Plan {
		rs := w.ruleset()
		p, _, err := migrate.Run(ctx, store, migrate.Options{Actor: "test", Rules: rs.Digest()}, func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) {
			return plan.CarryOut(ctx, snap, rs, w.options())
		})
		m.must(err)
		return p
	}
	p := carryIn(m.main, m.store)
	carryIn(m.twin, m.other)
	m.checkPeople(ctx, p, nil)
}

// interject plans, lets a person say something, and applies the plan: it is
// stale if it speaks of that, and else applies.
func (m *model) interject(ctx context.Context) {
	m.main.clock = m.main.clock.Add(time.Minute)
	m.twin.clock = m.main.clock
	m.mirror()
	p, err := build(ctx, m.main, m.store)
	m.must(err)
	q, err := build(ctx, m.twin, m.other)
	m.must(err)
	d := m.judge(ctx)
	if len(p.Reviews) > 0 && rapid.Bool().Draw(m.t, "about the plan") {
		r := rapid.SampledFrom(p.Reviews).Draw(m.t, "review of the plan")
		d = crosswalk.Decision{Left: crosswalk.NamedKey{Source: r.Left.Source, Key: r.Left.Key}, Right: crosswalk.NamedKey{Source: r.Right.Source, Key: r.Right.Key}, Verdict: d.Verdict, Review: r.ID, Actor: "ann"}
		if d.Left.Compare(d.Right) > 0 {
			d.Left, d.Right = d.Right, d.Left
		}
	}
	news := d.Verdict != m.verdicts[[2]crosswalk.NamedKey{d.Left, d.Right}]
	speaks := slices.Contains(p.Closed, plan.ReviewID(d.Left, d.Right))
	names := map[int]string{}
	for _, s := range p.Spaces {
		names[s.No] = s.Name
	}
	for w, err := range p.Writes() {
		m.must(err)
		k := crosswalk.NamedKey{Source: names[w.Link.Source], Key: w.Link.Key}
		speaks = speaks || k == d.Left || k == d.Right
	}
	for _, r := range p.Reviews {
		for _, s := range []plan.ReviewSide{r.Left, r.Right} {
			k := crosswalk.NamedKey{Source: s.Source, Key: s.Key}
			speaks = speaks || k == d.Left || k == d.Right
		}
	}
	m.say(ctx, m.store, d)
	m.say(ctx, m.other, d)
	_, err = migrate.Apply(ctx, m.store, p, migrate.Options{Actor: "test", Rules: p.Rules})
	var stale *migrate.StaleError
	switch {
	case errors.As(err, &stale):
		if !news {
			m.t.Fatalf("%+v was known, and made the plan stale: %v", d, err)
		}
		m.note(d)
		m.tally.stale++
		p, err = applyIn(ctx, m.main, m.store)
		m.must(err)
		_, err = applyIn(ctx, m.twin, m.other)
		m.must(err)
		m.checkPeople(ctx, p, nil)
	default:
		m.must(err)
		if speaks && news {
			m.t.Fatalf("the plan speaks of %+v and was applied", d)
		}
		m.tally.applied++
		_, err = migrate.Apply(ctx, m.other, q, migrate.Options{Actor: "test", Rules: q.Rules})
		m.must(err)
		if !news {
			m.checkPeople(ctx, p, nil)
			return
		}
		m.checkPeople(ctx, p, &d)
		m.note(d)
	}
}

// tally is how often what these worlds are for came to pass in them.
type tally struct {
	worlds          int
	stale, applied  int // plans that a person spoke after
	reviews, scored int // raised, and those of them by likeness
	reopened        int
	strayed         int
	similar         int // records that joined a customer by likeness
	merges          int
}

func (m *model) checkPeople(ctx context.Context, p *plan.Plan, late *crosswalk.Decision) {
	before, was := m.links, m.resolved
	verdicts := maps.Clone(m.verdicts)
	if late != nil && late.Verdict == crosswalk.Different { // joined nobody either
		m.verdicts[[2]crosswalk.NamedKey{late.Left, late.Right}] = late.Verdict
	}
	defer func() { m.verdicts = verdicts }()
	m.unheard = late != nil
	m.check(ctx, p)
	if late == nil {
		m.checkSaid(before, was, p)
	}
	m.checkOpen(ctx, p, late)
	for _, r := range p.Reviews {
		m.tally.reviews++
		switch r.Rule {
		case rules.StrayedRule:
			m.tally.strayed++
		case rules.SimilarRule:
			m.tally.scored++
		case rules.ReopenedRule:
			m.tally.reopened++
		}
	}
	m.tally.merges += int(p.Totals.Merged)
	for w, err := range p.Writes() {
		m.must(err)
		if w.Link.Rule == rules.SimilarRule {
			m.tally.similar++
		}
	}
}

// namedSets are names that hang together.
type namedSets map[string]string

func (s namedSets) find(k string) string {
	for s[k] != "" && s[k] != k {
		k = s[k]
	}
	return k
}

func (s namedSets) union(a, b string) {
	if a, b = s.find(a), s.find(b); a != b {
		s[a] = b
	}
}

// checkSaid makes sure that what people called the same is one customer
// after a run, that the older number survives, and that under policy.merges:
// review only people merge customers.
func (m *model) checkSaid(before map[string]modelLink, was map[string]string, p *plan.Plan) {
	name := func(k crosswalk.NamedKey) string { return k.Source + " " + k.Key }
	said := namedSets{}
	for id, l := range before {
		if l.state == crosswalk.Live {
			said.union(id, "number "+was[l.canonical])
		}
	}
	for _, l := range m.links { // and what has joined a customer by now
		if l.state == crosswalk.Live && before[l.source+" "+l.key].state != crosswalk.Live {
			said.union(l.source+" "+l.key, "link "+l.canonical)
			if _, old := was[l.canonical]; old {
				said.union("link "+l.canonical, "number "+was[l.canonical])
			}
		}
	}
	for pair, v := range m.verdicts {
		if v == crosswalk.Same && m.live(pair[0]) && m.live(pair[1]) {
			said.union(name(pair[0]), name(pair[1]))
		}
	}
	contrary := map[string]bool{}
	for pair, v := range m.verdicts {
		if v == crosswalk.Different && said.find(name(pair[0])) == said.find(name(pair[1])) {
			contrary[said.find(name(pair[0]))] = true
		}
	}
	for pair, v := range m.verdicts {
		if v != crosswalk.Same || !m.live(pair[0]) || !m.live(pair[1]) || contrary[said.find(name(pair[0]))] || p.Kind == "import" {
			continue
		}
		a, b := m.links[name(pair[0])], m.links[name(pair[1])]
		if m.resolved[a.canonical] != m.resolved[b.canonical] {
			m.t.Fatalf("%v were called the same, nothing stands against it, and they are %+v and %+v", pair, a, b)
		}
	}
	for old, meant := range was {
		now := m.resolved[old]
		if old != meant || now == old {
			continue
		}
		if m.seen[now] > m.seen[old] {
			m.t.Fatalf("%s, issued in round %d, became %s, issued in round %d", old, m.seen[old], now, m.seen[now])
		}
		if m.main.policy.Merges != "auto" && said.find("number "+old) != said.find("number "+now) {
			m.t.Fatalf("%s became %s, and nobody said so", old, now)
		}
	}
}

func (m *model) live(k crosswalk.NamedKey) bool {
	return m.links[k.Source+" "+k.Key].state == crosswalk.Live && m.links[k.Source+" "+k.Key].key != ""
}

// checkOpen makes sure that what is open is to be answered, and that nobody
// is asked again what was answered.
func (m *model) checkOpen(ctx context.Context, p *plan.Plan, late *crosswalk.Decision) {
	if p.Kind == "import" {
		return // it leaves reviews to the next run
	}
	snap, err := m.store.Snapshot(ctx)
	m.must(err)
	defer snap.Close()
	reviews, err := snap.Reviews(ctx)
	m.must(err)
	sources, err := snap.Sources(ctx)
	m.must(err)
	names := map[int]string{}
	for _, s := range sources {
		names[s.No] = s.Name
	}
	for _, r := range reviews {
		pair := [2]crosswalk.NamedKey{{Source: names[r.Left.Source], Key: r.Left.Key}, {Source: names[r.Right.Source], Key: r.Right.Key}}
		if pair[0].Compare(pair[1]) > 0 {
			pair[0], pair[1] = pair[1], pair[0]
		}
		if late != nil && pair == [2]crosswalk.NamedKey{late.Left, late.Right} {
			continue // the next run closes it
		}
		if v := m.verdicts[pair]; v != crosswalk.Withdrawn {
			m.t.Fatalf("%v are decided (%s), and the review is open: %s", pair, v, r.Evidence)
		}
		a, b := m.links[pair[0].Source+" "+pair[0].Key], m.links[pair[1].Source+" "+pair[1].Key]
		if _, said := m.verdicts[pair]; said {
			continue // the verdict was taken back, so somebody is to give another
		}
		asks := mapping.DecodeEvidence(r.Evidence)[0].Says
		if asks != rules.StrayedRule && m.resolved[a.canonical] == m.resolved[b.canonical] && a.canonical != "" && a.state == crosswalk.Live && b.state == crosswalk.Live {
			m.t.Fatalf("the review of %v is open, and they are one customer %s", pair, a.canonical)
		}
	}
}

// history is what people said, for failures.
func (m *model) history(ctx context.Context) string {
	snap, err := m.store.Snapshot(ctx)
	m.must(err)
	defer snap.Close()
	log, err := snap.DecisionLog(ctx)
	m.must(err)
	var out []string
	for _, d := range log {
		out = append(out, fmt.Sprintf("%s %s, %s %s: %s", d.Left.Source, d.Left.Key, d.Right.Source, d.Right.Key, d.Verdict))
	}
	return strings.Join(out, "\n")
}

// liveThrough lets a peopled world live through several runs. other is the
// database of its twin.
func liveThrough(t *testing.T, rt *rapid.T, other string, count *tally) {
	ctx := t.Context()
	dir := t.TempDir()
	defer os.RemoveAll(dir)
	if other == "" {
		other = filepath.Join(dir, "twin.db")
	}
	cfg := drawPeopleConfig(rt)
	m := &model{
		t: rt, dir: dir, main: newWorld(t, filepath.Join(dir, "main.db"), cfg), twin: newWorld(t, other, cfg),
		all: cfg.Sources, seen: map[string]int{}, versions: map[string]bool{}, verdicts: map[[2]crosswalk.NamedKey]crosswalk.Verdict{},
		header: peopleHeader, cells: peopleCells, draw: drawPerson, tally: count,
	}
	m.tally.worlds++
	m.main.policy = drawPolicy(rt)
	m.main.random, m.twin.random = constant(7), constant(7)
	for _, s := range cfg.Sources {
		sh := &sheet{header: peopleHeader}
		for k := range rapid.IntRange(0, 6).Draw(rt, "rows") {
			row := drawPerson(rt)
			if rapid.IntRange(0, 4).Draw(rt, "damaged ID") > 0 {
				row[0] = fmt.Sprintf("C%d", k+1)
			}
			sh.rows = append(sh.rows, row)
		}
		m.main.sheets[s.Name] = sh
	}
	defer m.open(ctx)()
	defer func() {
		if rt.Failed() {
			rt.Log(m.main.policy, m.history(context.Background()))
		}
	}()
	for m.round = range rapid.IntRange(1, 5).Draw(rt, "rounds") {
		if m.round > 0 {
			m.mutate()
			m.reconsider()
		}
		m.talk(ctx)
		if m.round > 0 && rapid.IntRange(0, 2).Draw(rt, "carry out") == 0 {
			m.carry(ctx)
			m.talk(ctx)
		}
		if rapid.IntRange(0, 3).Draw(rt, "interject") == 0 {
			m.interject(ctx)
		} else {
			m.checkPeople(ctx, m.step(ctx), nil)
		}
	}
}

// People outrank rules, numbers stay, and reviews are asked once, whatever is
// alike and whatever people say when.
func TestPromisesAmongPeople(t *testing.T) {
	t.Parallel()
	var count tally
	rapid.Check(t, func(rt *rapid.T) { liveThrough(t, rt, "", &count) })
	t.Logf("%+v", count)
	if count.worlds > 100 && min(count.stale, count.applied, count.scored, count.similar, count.merges, count.reopened, count.strayed) == 0 {
		t.Errorf("something never came to pass: %+v", count)
	}
}

// The same in every store, byte by byte.
func TestPromisesAmongPeopleInEveryStore(t *testing.T) {
	t.Parallel()
	worlds := 2
	if os.Getenv("LONG") != "" {
		worlds = 30
	}
	for _, d := range []sqldb.Dialect{sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			dbtest.Database(t, d) // skips where there is no server
			var count tally
			failing := false // then the world is looked at again
			rapid.Check(t, func(rt *rapid.T) {
				defer func() { failing = failing || rt.Failed() }()
				if count.worlds < worlds || failing {
					liveThrough(t, rt, dbtest.Database(t, d), &count)
				}
			})
		})
	}
}
