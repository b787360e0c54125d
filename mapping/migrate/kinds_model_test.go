package migrate_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/archive"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/migrate"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/verify"
	"github.com/xwalk-id/xwalk/rules"
)

// This model lets runs of all kinds follow each other in any order, and holds
// the crosswalk after each to what must be true whatever happened before.

var kindsHeader = []string{"id", "email", "phone", "name", "code", "merged_into", "deleted"}

// kindsCells are what cells are drawn from, by column.
var kindsCells = map[string][]string{
	"id":          {"a1", "a2", "a3", "a4", "A1"},
	"email":       {"", "al@x.example", "bea@x.example", "cy@x.example"},
	"phone":       {"", "+442079460011", "+442079460012"},
	"name":        {"", "Alfred Ohm", "Beatrice Ng", "Cyrus Vale"},
	"code":        {"", "", "K1", "K2", "K3"},
	"merged_into": {"", "", "", "", "a1", "a2", "a3"},
	"deleted":     {"", "", "", "", "true"},
}

// kinds is a crosswalk in the making and what its past was seen to be.
type kinds struct {
	*world
	rt       *rapid.T
	store    *crosswalk.Store
	past     []answers         // by run
	exports  [][]plan.Promise  // by run, as `--numbers-from` reads them
	written  [][]string        // by run, as `export` writes it
	held     []string          // the links, as they are
	said     int               // the run after which somebody said something last
	founders map[string]string // by number: who founded with it, or how it was issued
	erased   map[string]bool   // links and numbers of which nothing is known any more
	final    bool              // something was erased or rekeyed
	trace    []string
	move     func() (dsn string) // makes another database
}

func newKinds(t testing.TB, rt *rapid.T, database func() string) *kinds {
	cfg := rules.Config{Matching: true, Keep: rapid.SampledFrom([]rules.Keep{rules.KeepFields, rules.KeepFields, rules.KeepKeys, rules.KeepNothing}).Draw(rt, "keep")}
	cfg.Canonical.Scheme = rapid.SampledFrom([]string{"N-{next:6}", "N-{next:6}", "N-{hash:4}", "N-{random:6}"}).Draw(rt, "scheme")
	cfg.Canonical.Secret = "a secret of sixteen"
	for _, name := range []string{"crm", "shop"} {
		s := source(name, "email", "phone", "name")
		if rapid.Bool().Draw(rt, "also") {
			s.Also = []rules.Also{{Name: "code", ID: rules.IDRule{Columns: []string{"code"}}}}
		}
		if rapid.Bool().Draw(rt, "merges") {
			s.Fields = append(s.Fields, rules.Field{Role: "merged_into", Columns: []rules.Column{{Name: "merged_into"}}})
		}
		if rapid.Bool().Draw(rt, "deletes") {
			s.Fields = append(s.Fields, rules.Field{Role: "deleted", Columns: []rules.Column{{Name: "deleted"}}})
		}
		cfg.Sources = append(cfg.Sources, s)
	}
	k := &kinds{
		world: newWorld(t, database(), cfg), rt: rt, past: []answers{{}}, exports: [][]plan.Promise{nil}, written: [][]string{nil}, said: -1,
		founders: map[string]string{}, erased: map[string]bool{}, move: database,
	}
	k.random = constant(7)
	k.drawLines()
	k.policy = drawPolicy(rt)
	for _, s := range cfg.Sources {
		k.sheets[s.Name] = &sheet{header: kindsHeader}
		k.edit(s.Name, 4)
	}
	k.store = k.open()
	k.written[0] = k.export()
	return k
}

func (k *kinds) must(err error) {
	k.rt.Helper()
	if err != nil {
		k.rt.Fatalf("%v", err)
	}
}

func (k *kinds) drawLines() {
	lines := same("email", "email?name", "phone+name", "phone", "name")
	k.cfg.Same = nil
	for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(lines)-1), 1, 2, rapid.ID[int]).Draw(k.rt, "lines") {
		k.cfg.Same = append(k.cfg.Same, lines[i])
	}
}

// edit changes some rows of a source.
func (k *kinds) edit(name string, most int) {
	s := k.sheets[name]
	for range rapid.IntRange(0, most).Draw(k.rt, "edits of "+name) {
		row := make([]string, len(kindsHeader))
		for c, column := range kindsHeader {
			row[c] = rapid.SampledFrom(kindsCells[column]).Draw(k.rt, column)
		}
		at := slices.IndexFunc(s.rows, func(r []string) bool { return r[0] == row[0] })
		rows := slices.Clone(s.rows)
		switch how := rapid.IntRange(0, 3).Draw(k.rt, "edit"); {
		case at < 0:
			rows = append(rows, row)
		case how == 0:
			rows = slices.Delete(rows, at, at+1)
		case how == 1:
			rows[at] = row
		default:
			c := rapid.IntRange(1, len(row)-1).Draw(k.rt, "cell")
			rows[at] = slices.Clone(rows[at])
			rows[at][c] = row[c]
		}
		s = &sheet{header: kindsHeader, rows: rows}
	}
	k.sheets[name] = s
}

func (k *kinds) build(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
	return plan.Build(ctx, snap, rs, k.inputs(rs), o)
}

// run carries something out, and reports whether it was done.
func (k *kinds) run(what string, a act) (*plan.Plan, bool) {
	k.rt.Helper()
	rs := k.ruleset()
	o := k.options()
	o.Actor, o.Reason = "sue", "a test"
	k.clock = k.clock.Add(time.Minute)
	k.trace = append(k.trace, fmt.Sprintf("run %d: %s", len(k.past), what))
	p, res, err := migrate.Run(k.t.Context(), k.store, migrate.Options{Actor: "sue", Reason: "a test", Rules: rs.Digest()},
		func(ctx context.Context, snap *crosswalk.Snapshot) (*plan.Plan, error) { return a(ctx, snap, rs, o) })
	var no *plan.ActError
	var nothing *plan.NothingError
	var final *plan.FinalError
	var contrary crosswalk.ContraryErrors
	switch {
	case errors.As(err, &no), errors.As(err, &nothing), errors.As(err, &final), errors.As(err, &contrary):
		k.trace[len(k.trace)-1] += fmt.Sprintf(" is refused: %v", err)
		return nil, false
	case err != nil:
		k.rt.Fatalf("%s: %v", what, err)
	}
	k.must(res.Unpurged)
	k.check(p)
	return p, true
}

// check holds the crosswalk to its promises after a run.
func (k *kinds) check(p *plan.Plan) {
	k.rt.Helper()
	ctx := k.t.Context()
	for _, s := range p.Sources {
		if !s.Counts.Balanced() {
			k.rt.Fatalf("%s does not balance: %+v", s.Name, s.Counts)
		}
	}
	k.forget(p)
	k.found(p)
	snap, err := k.store.Snapshot(ctx)
	k.must(err)
	head := snap.Head()
	k.must(snap.Close())
	if int(head.Run) >= len(k.past) {
		if head.Customers != p.Totals.Customers || head.ReviewsOpen != p.Totals.ReviewsOpen {
			k.rt.Fatalf("the head says %+v after %+v", head, p.Totals)
		}
		now, err := stored(ctx, k.store, head.Run)
		k.must(err)
		k.past = append(k.past, now)
		k.written = append(k.written, k.export())
		before := k.held
		links, from := k.look()
		k.held, k.exports = links, append(k.exports, from)
		k.trace = append(k.trace, "  "+strings.Join(k.held, ", "))
		k.checkStay(p, before)
		if u := p.Undo; u != nil && int(u.Run) == len(k.past)-2 && k.said < int(u.Run)-1 {
			if diff := gocmp.Diff(withoutActors(k.written[u.Run-1]), withoutActors(k.written[u.Run+1])); diff != "" {
				k.rt.Fatalf("the last run, %d, is undone (-before +after):\n%s\n%+v", u.Run, diff, u)
			}
		}
	}
	checkPromises(ctx, k.rt, k.store)
	checkTranslations(ctx, k.rt, k.store, k.past[head.Run], k.erased)
	if p.Kind == "erase" || p.Kind == "rekey" {
		k.checkPast()
	}
	report, err := verify.Check(ctx, k.store, verify.Options{})
	k.must(err)
	if !report.OK() {
		k.rt.Fatalf("%d promises are broken: %+v", report.Count, report.Breaches)
	}
}

func (k *kinds) checkPast() {
	k.rt.Helper()
	clean := func(a answers) answers {
		out := maps.Clone(a)
		maps.DeleteFunc(out, func(what, number string) bool { return k.erased[what] || k.erased[number] })
		return out
	}
	for run, was := range k.past {
		is, err := stored(k.t.Context(), k.store, int64(run))
		k.must(err)
		if diff := gocmp.Diff(clean(was), clean(is)); diff != "" {
			k.rt.Fatalf("as of run %d (-then +now):\n%s", run, diff)
		}
	}
}

// checkStay makes sure that reading the sources moves no link.
func (k *kinds) checkStay(p *plan.Plan, before []string) {
	k.rt.Helper()
	if p.Kind != "apply" {
		return
	}
	now := map[string]string{}
	for _, l := range k.held {
		id, is, _ := strings.Cut(l, "=")
		now[id] = is
	}
	for _, l := range before {
		id, was, _ := strings.Cut(l, "=")
		if is := now[id]; !strings.Contains(was, " ") && is != was && is != was+" retired" && is != " contested" {
			k.rt.Fatalf("%s was %s and is %s", id, was, is)
		}
	}
}

// found notes who founds with which number.
func (k *kinds) found(p *plan.Plan) {
	k.rt.Helper()
	names := map[int]string{}
	for _, s := range p.Spaces {
		names[s.No] = s.Name
	}
	fresh := map[string]string{} // number -> who founds with it
	other := map[string]bool{}
	for w, err := range p.Writes() {
		k.must(err)
		number, who := w.Link.Canonical, names[w.Link.Source]+" "+w.Link.Key
		switch _, twice := fresh[number]; {
		case number == "" || p.Kind == "rekey":
		case w.Kind.String() == "create" && !twice:
			fresh[number] = who
		default:
			other[number] = true
		}
	}
	for number, who := range fresh {
		if was, known := k.founders[number]; known && !strings.EqualFold(was, who) {
			k.rt.Fatalf("%s founds with %s, with which %s did", who, number, was)
		}
		k.founders[number] = who
	}
	for _, n := range p.Numbers {
		other[n.Canonical] = true
	}
	for number := range other {
		if _, known := k.founders[number]; !known {
			k.founders[number] = p.Kind
		}
	}
}

// forget notes of whom nothing is known any more.
func (k *kinds) forget(p *plan.Plan) {
	if p.Kind == "rekey" && !p.Empty() {
		k.final = true
	}
	if p.Erase == nil || len(p.Erase.Keys) == 0 {
		return
	}
	k.final = true
	names := map[int]string{}
	for _, s := range p.Spaces {
		names[s.No] = s.Name
	}
	for _, key := range p.Erase.Keys {
		k.erased[names[key.Source]+" "+key.Key] = true
	}
	for _, n := range p.Numbers {
		k.erased[n.Canonical] = true
	}
	for _, l := range k.held { // also those that were gone already
		id, number, _ := strings.Cut(l, "=")
		if number, _, _ = strings.Cut(number, " "); k.erased[id] && number != "" {
			k.erased[number] = true
		}
	}
}

// look lists the links, and what `--numbers-from` reads of an export of them.
func (k *kinds) look() (links []string, from []plan.Promise) {
	ctx := k.t.Context()
	snap, err := k.store.Snapshot(ctx)
	k.must(err)
	defer snap.Close()
	sources, err := snap.Sources(ctx)
	k.must(err)
	names, survivors := map[int]string{}, map[string]string{}
	for _, s := range sources {
		names[s.No] = s.Name
	}
	for n, err := range snap.Merged(ctx) {
		k.must(err)
		survivors[n.Canonical] = n.Survivor
	}
	for l, err := range snap.Links(ctx, crosswalk.Query{}) {
		k.must(err)
		text := fmt.Sprintf("%s %s=%s", names[l.Source], l.Key, l.Canonical)
		if l.State != crosswalk.Live {
			text += " " + l.State.String()
		}
		links = append(links, text)
		if l.State != crosswalk.Void && l.Canonical != "" {
			from = append(from, plan.Promise{
				Source: names[l.Source], SourceID: l.Verbatim, CanonicalID: cmp.Or(survivors[l.Canonical], l.Canonical),
				Rule: strings.Clone(l.Rule), SinceRun: l.SinceRun,
			})
		}
	}
	return links, from
}

// ids are the numbers and links that there are.
func (k *kinds) ids() (numbers, links []string) {
	now := k.past[len(k.past)-1]
	for what := range now {
		if strings.Contains(what, " ") {
			links = append(links, what)
		} else {
			numbers = append(numbers, what)
		}
	}
	slices.Sort(numbers)
	slices.Sort(links)
	return numbers, links
}

// read reads the sources; reading them once more changes nothing.
func (k *kinds) read(what string, from []plan.Promise) {
	k.rt.Helper()
	for _, s := range k.cfg.Sources {
		what += fmt.Sprintf(" %s%q", s.Name, k.sheets[s.Name].rows)
	}
	p, _ := k.run(what, func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		o.NumbersFrom = from
		return k.build(ctx, snap, rs, o)
	})
	k.idle(p)
}

func (k *kinds) idle(p *plan.Plan) {
	k.rt.Helper()
	again, err := build(k.t.Context(), k.world, k.store)
	k.must(err)
	held := k.policy.Reviews == "hold" && len(again.Reviews) > 0
	told := p.Kind == "redecide" && len(again.Told) > 0 // a merge of the source's that a person was asked about
	if again.Empty() || held || told || slices.ContainsFunc(p.Rejects, unnumbered) {
		return
	}
	text := ""
	for c, err := range again.Changes() {
		k.must(err)
		text += fmt.Sprintf("%+v\n", c)
	}
	k.rt.Fatalf("reading again changes %d links, numbers %+v, reviews %+v, closed %v:\n%s", again.Links, again.Numbers, again.Reviews, again.Closed, text)
}

// undo reverses a run, whichever it is.
func (k *kinds) undo(run int) bool {
	k.rt.Helper()
	_, done := k.run(fmt.Sprintf("undo %d", run), func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		return plan.Undo(ctx, snap, rs, int64(run), o)
	})
	return done
}

func (k *kinds) export() []string {
	k.rt.Helper()
	out, err := exportOf(k.t.Context(), k.store)
	k.must(err)
	return out
}

// step draws something to do and does it.
func (k *kinds) step() {
	rt := k.rt
	numbers, links := k.ids()
	pick := func(label string, of []string) string { return rapid.SampledFrom(of).Draw(rt, label) }
	op := pick("op", []string{"read", "read", "read", "merge", "split", "renumber", "retire", "restore", "redecide", "undo", "undo", "undo last", "undo last", "erase", "rekey", "list", "numbers from", "archive", "elsewhere", "say"})
	if len(numbers) == 0 || len(links) == 0 {
		op = "read"
	}
	either := func() string {
		if rapid.Bool().Draw(rt, "of a link") {
			return pick("link", links)
		}
		return pick("number", numbers)
	}
	switch op {
	case "read":
		if rapid.IntRange(0, 4).Draw(rt, "policy") == 0 {
			k.policy = drawPolicy(rt)
		}
		if rapid.IntRange(0, 4).Draw(rt, "rules") == 0 {
			k.drawLines()
		}
		k.edit("crm", 3)
		k.edit("shop", 3)
		k.read("read", nil)
	case "merge":
		x, y := pick("x", numbers), pick("y", numbers)
		k.run("merge "+x+" "+y, func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
			return plan.Merge(ctx, snap, rs, []string{x, y}, rapid.SampledFrom([]string{"", "", x}).Draw(rt, "keep"), true, o)
		})
	case "split":
		leaving := rapid.SliceOfNDistinct(rapid.SampledFrom(links), 1, 2, rapid.ID[string]).Draw(rt, "leaving")
		number := k.past[len(k.past)-1][leaving[0]]
		if number != goneAnswer {
			k.run(fmt.Sprintf("split %s %v", number, leaving), split(number, leaving...))
		}
	case "renumber":
		to := pick("to", []string{"", "", "VIP-1", "VIP-2"})
		number := pick("number", numbers)
		k.run("renumber "+number+" "+to, renumberTo(number, to))
	case "retire":
		what := either()
		k.run("retire "+what, retire(what))
	case "restore":
		what := either()
		k.run("restore "+what, restore(what))
	case "redecide":
		if rapid.Bool().Draw(rt, "other rules") {
			k.drawLines()
		}
		p, _ := k.run("redecide", func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
			return plan.Redecide(ctx, snap, rs, k.inputs(rs), o)
		})
		k.idle(p)
	case "undo":
		k.undo(rapid.IntRange(1, len(k.past)-1).Draw(rt, "run"))
	case "undo last":
		k.undo(len(k.past) - 1)
		if rapid.Bool().Draw(rt, "and redo") {
			k.undo(len(k.past) - 1)
		}
	case "erase":
		if rapid.IntRange(0, 1).Draw(rt, "really") == 0 {
			return
		}
		what := either()
		k.run("erase "+what, erasing(what))
	case "rekey":
		if rapid.IntRange(0, 1).Draw(rt, "really") == 0 {
			return
		}
		i := rapid.IntRange(0, 1).Draw(rt, "source")
		k.cfg.Sources = slices.Clone(k.cfg.Sources)
		id := &k.cfg.Sources[i].ID
		if id.Key == upper {
			id.Key = rules.IDRule{}.Key
		} else {
			id.Key = upper
		}
		k.run("rekey", func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
			return plan.Rekey(ctx, snap, k.store.Snapshot, rs, k.cfg.Sources[i].Name, o)
		})
	case "list":
		var given []plan.Given
		for n := range rapid.IntRange(1, 3).Draw(rt, "lines") {
			given = append(given, plan.Given{
				Source: pick("source", []string{"crm", "shop"}), SourceID: pick("ID", []string{"a1", "a2", "a3", "a5"}),
				Canonical: pick("given", append([]string{"OLD-1", "OLD-2", "VIP-1", "N-000003"}, numbers...)), Place: fmt.Sprintf("list.csv:%d", n+2),
			})
		}
		k.run(fmt.Sprintf("list %v", given), func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
			return plan.Import(ctx, snap, rs, given, o)
		})
	case "numbers from":
		run := rapid.IntRange(1, len(k.past)-1).Draw(rt, "of run")
		k.read(fmt.Sprintf("numbers from run %d", run), k.exports[run])
	case "archive":
		k.archive()
	case "elsewhere": // a cut-over into a new crosswalk with the numbers of this one
		from := k.exports[len(k.exports)-1]
		if rapid.IntRange(0, 2).Draw(rt, "really") != 0 {
			return
		}
		k.must(k.store.Close())
		k.dsn = k.move()
		k.store = k.open()
		k.trace = append(k.trace, "in another crosswalk:")
		k.written, k.held, k.said = [][]string{k.export()}, nil, -1
		k.past, k.exports, k.founders, k.erased, k.final = []answers{{}}, [][]plan.Promise{nil}, map[string]string{}, map[string]bool{}, false
		k.read("cut over", from)
	case "say":
		two := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"crm a1", "crm a2", "crm a3", "shop a1", "shop a2"}), 2, 2, rapid.ID[string]).Draw(rt, "pair")
		slices.Sort(two)
		named := func(s string) crosswalk.NamedKey {
			source, key, _ := strings.Cut(s, " ")
			return crosswalk.NamedKey{Source: source, Key: key}
		}
		d := crosswalk.Decision{
			Left: named(two[0]), Right: named(two[1]), Actor: "ann",
			Verdict: rapid.SampledFrom([]crosswalk.Verdict{crosswalk.Same, crosswalk.Different, crosswalk.Withdrawn}).Draw(rt, "verdict"),
		}
		if k.erased[two[0]] || k.erased[two[1]] {
			return
		}
		k.said = len(k.past) - 1
		k.trace = append(k.trace, fmt.Sprintf("say %v %s", two, d.Verdict))
		k.must(k.store.Decide(k.t.Context(), []crosswalk.Decision{d}, true))
	}
}

// erasing forgets whom a number or a link means.
func erasing(what string) act {
	return func(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, o plan.Options) (*plan.Plan, error) {
		if !strings.Contains(what, " ") {
			return plan.Erase(ctx, snap, rs, []string{what}, nil, o)
		}
		keys, err := keysOf(ctx, snap, what)
		if err != nil {
			return nil, err
		}
		return plan.Erase(ctx, snap, rs, nil, keys, o)
	}
}

// archive moves the whole crosswalk into another database and goes on there.
func (k *kinds) archive() {
	ctx := k.t.Context()
	k.trace = append(k.trace, "moved by an archive")
	before := k.export()
	snap, err := k.store.Snapshot(ctx)
	k.must(err)
	var file bytes.Buffer
	_, err = snap.WriteArchive(ctx, &file, func(int64) {})
	k.must(err)
	k.must(snap.Close())
	k.must(k.store.Close())
	a, err := archive.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	k.must(err)
	k.dsn = k.move()
	k.must(migrate.Load(ctx, a, k.tryOpen, migrate.Options{}))
	k.store = k.open()
	if diff := gocmp.Diff(before, k.export()); diff != "" {
		k.rt.Fatalf("the archive holds another crosswalk:\n%s", diff)
	}
	k.checkPast()
	report, err := verify.Check(ctx, k.store, verify.Options{})
	k.must(err)
	if !report.OK() {
		k.rt.Fatalf("loaded, %d promises are broken: %+v", report.Count, report.Breaches)
	}
}

// live lets runs of all kinds pass, and undoes them all in the end.
func (k *kinds) live(steps int) {
	defer func() {
		if k.rt.Failed() {
			k.rt.Logf("policy %+v, rules %+v, keep %v, scheme %s\n%s", k.policy, k.cfg.Same, k.cfg.Keep, k.cfg.Canonical.Scheme, strings.Join(k.trace, "\n"))
		}
	}()
	k.read("read", nil)
	for range rapid.IntRange(2, steps).Draw(k.rt, "steps") {
		k.step()
	}
	k.checkPast()
	if k.final {
		return
	}
	for run := len(k.past) - 1; run > 0; run-- {
		k.undo(run)
	}
	k.checkPast()
	said := func(line string) bool { return strings.HasPrefix(line, "verdict ") }
	if got := slices.DeleteFunc(k.export(), said); len(got) != 1 || got[0] != "0 customers, 0 reviews" {
		k.rt.Fatalf("all runs are undone and there is still\n%s", strings.Join(got, "\n"))
	}
}

// Runs of all kinds, in any order, break no promise.
func TestRunsOfAllKinds(t *testing.T) {
	t.Parallel()
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			dbtest.Database(t, d) // skips where there is no server
			lives := 0
			rapid.Check(t, func(rt *rapid.T) {
				if lives++; d != sqldb.SQLite && !long && lives%12 != 1 {
					return // a server takes a second for each
				}
				var drops []func()
				defer func() {
					for _, drop := range drops {
						drop()
					}
				}()
				k := newKinds(t, rt, func() string {
					dsn, drop := freshDatabase(t, d)
					drops = append(drops, drop)
					return dsn
				})
				defer func() { _ = k.store.Close() }()
				k.live(pick(5, 10, 20))
			})
		})
	}
}
