package translate_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// world is a crosswalk of made-up links, in all states and with merged
// numbers, as the last of several runs left it.
type world struct {
	rnd     *rand.Rand
	links   map[crosswalk.SourceKey]crosswalk.Link
	numbers map[string]crosswalk.Number
	issued  map[string]bool
}

// spaces are the ID spaces of every world, by their numbers.
var spaces = []crosswalk.Source{{No: 1, Name: "legacy"}, {No: 2, Name: "shop", KeyRule: "case=upper"}, {No: 3, Name: "desk"}}

func (w *world) number() string { return fmt.Sprintf("CUST-%03d", w.rnd.IntN(60)) }

func (w *world) link() crosswalk.Link {
	i := w.rnd.IntN(40)
	l := crosswalk.Link{Source: 1 + w.rnd.IntN(3), Key: fmt.Sprintf("C%03d", i), Canonical: w.number(), Rule: "made"}
	switch w.rnd.IntN(8) {
	case 0:
		l.Key += strings.Repeat("X", 200)
	case 1:
		l.Verbatim = " " + l.Key
	}
	switch w.rnd.IntN(10) {
	case 0, 1, 2:
		l.State = crosswalk.Retired
	case 3:
		l.State, l.Canonical = crosswalk.Held, ""
	case 4:
		l.State, l.Canonical = crosswalk.Contested, ""
	case 5:
		l.State = crosswalk.Void
	}
	return l
}

// run writes and publishes a run of changes.
func (w *world) run(ctx context.Context, lease *crosswalk.Lease, no int64, links int) error {
	run, err := lease.Begin(ctx, crosswalk.RunStart{Kind: "import", Actor: "ann", Plan: fmt.Sprint(no), Rules: "r", Base: no - 1, Sources: spaces})
	if err != nil {
		return err
	}
	changes := map[crosswalk.SourceKey]crosswalk.Link{}
	for range links {
		l := w.link()
		_, l.Replaces = w.links[l.ID()]
		changes[l.ID()] = l
	}
	var batch []crosswalk.Link
	for id, l := range changes {
		batch = append(batch, l)
		if l.SinceRun = no; l.Verbatim == "" {
			l.Verbatim = l.Key
		}
		w.links[id] = l
		w.issued[l.Canonical] = true
	}
	slices.SortFunc(batch, func(a, b crosswalk.Link) int { return a.ID().Compare(b.ID()) })
	if err := run.WriteLinks(ctx, batch); err != nil {
		return err
	}
	merged := map[string]crosswalk.Number{}
	for range 3 {
		from, into := w.number(), w.number()
		if w.issued[from] && w.issued[into] && w.numbers[from].Into == "" && w.numbers[into].Into == "" && from != into {
			merged[from] = crosswalk.Number{Canonical: from, State: crosswalk.Merged, Into: into, Survivor: into}
			for number, n := range w.numbers {
				if n.Survivor == from {
					n.Survivor = into
					merged[number] = n
				}
			}
			for number, n := range merged {
				w.numbers[number] = n
			}
		}
	}
	f := crosswalk.Finish{Changed: true}
	for _, n := range merged {
		f.Numbers = append(f.Numbers, n)
	}
	slices.SortFunc(f.Numbers, func(a, b crosswalk.Number) int { return cmp.Compare(a.Canonical, b.Canonical) })
	_, err = run.Publish(ctx, f)
	return err
}

func (w *world) current(number string) string { return cmp.Or(w.numbers[number].Survivor, number) }

func (w *world) alive(number string) bool {
	for _, l := range w.links {
		if l.State == crosswalk.Live && w.current(l.Canonical) == number {
			return true
		}
	}
	return false
}

// means is what a number is translated into.
func (w *world) means(number string, o translate.Options) translate.Answer {
	a := translate.Answer{Text: w.current(number), Status: translate.Live}
	if a.Text != number {
		a.Status = translate.Redirected
	}
	if !w.alive(a.Text) {
		return translate.Answer{Status: translate.Gone}
	}
	if o.To == "" {
		return a
	}
	var ids []crosswalk.Link
	for _, l := range w.links {
		if l.State == crosswalk.Live && spaces[l.Source-1].Name == o.To && w.current(l.Canonical) == a.Text {
			ids = append(ids, l)
		}
	}
	slices.SortFunc(ids, func(x, y crosswalk.Link) int {
		c := cmp.Compare(x.SinceRun, y.SinceRun)
		if o.Choose == translate.Newest {
			c = -c
		}
		return cmp.Or(c, cmp.Compare(x.Verbatim, y.Verbatim))
	})
	switch {
	case len(ids) == 0:
		return translate.Answer{Status: translate.None}
	case len(ids) > 1 && o.Choose == translate.Refuse:
		return translate.Answer{Status: translate.Several}
	}
	a.Text = ids[0].Verbatim
	return a
}

// find is what an ID means, as a look-up tells it.
func (w *world) find(id string, o translate.Options) translate.Answer {
	for _, s := range spaces {
		key, err := scheme.Keyer{}.Key(id)
		if s.Name == "shop" {
			key = strings.ToUpper(key)
		}
		l, known := w.links[crosswalk.SourceKey{Source: s.No, Key: key}]
		if s.Name != o.From || err != nil || !known || l.State == crosswalk.Void {
			continue
		}
		switch l.State {
		case crosswalk.Held:
			return translate.Answer{Status: translate.Held}
		case crosswalk.Contested:
			return translate.Answer{Status: translate.Contested}
		}
		return w.means(l.Canonical, o)
	}
	if o.From == "" || o.Both {
		key, err := (scheme.Keyer{}).Key(strings.ToUpper(id))
		if err == nil && w.issued[key] {
			return w.means(key, o)
		}
	}
	return translate.Answer{}
}

// TestLoad makes worlds, and asks tables of all kinds for every ID there is,
// and for some that are not.
func TestLoad(t *testing.T) {
	t.Parallel()
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres, sqldb.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			seeds := uint64(1)
			if d == sqldb.SQLite {
				seeds = 3
			}
			for seed := range seeds {
				w := &world{rnd: rand.New(rand.NewPCG(seed, 1)), links: map[crosswalk.SourceKey]crosswalk.Link{}, numbers: map[string]crosswalk.Number{}, issued: map[string]bool{}}
				dsn := dbtest.Database(t, d)
				store, err := crosswalk.Open(t.Context(), dsn, crosswalk.Options{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = store.Close() })
				lease, err := store.Acquire(t.Context(), "ann", "test")
				if err != nil {
					t.Fatal(err)
				}
				for run := range int64(4) {
					if err := w.run(t.Context(), lease, run+1, 60); err != nil {
						t.Fatal(err)
					}
				}
				ask(t, w, store)
				// A run in the making changes nothing.
				run, err := lease.Begin(t.Context(), crosswalk.RunStart{Kind: "import", Actor: "ann", Plan: "x", Rules: "r", Base: 4, Sources: spaces})
				if err != nil {
					t.Fatal(err)
				}
				var links []crosswalk.Link
				for _, l := range w.links {
					if len(links) < 20 {
						l.Canonical, l.State, l.Replaces = "CUST-999", crosswalk.Live, true
						links = append(links, l)
					}
				}
				slices.SortFunc(links, func(a, b crosswalk.Link) int { return a.ID().Compare(b.ID()) })
				if err := run.WriteLinks(t.Context(), links); err != nil {
					t.Fatal(err)
				}
				ask(t, w, store)
			}
		})
	}
}

func ask(t *testing.T, w *world, store *crosswalk.Store) {
	t.Helper()
	snap, err := store.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = snap.Close() }()
	ids := []string{"", " ", "nobody", "CUST-999", "cust-012", " CUST-012 ", "Ｃ００１", "\xff"}
	for i := range 45 {
		id := fmt.Sprintf("C%03d", i)
		ids = append(ids, id, " "+id, strings.ToLower(id), id+strings.Repeat("X", 200))
	}
	for i := range 62 {
		ids = append(ids, fmt.Sprintf("CUST-%03d", i))
	}
	seen := map[translate.Status]int{}
	for _, from := range []string{"", "legacy", "shop"} {
		for _, to := range []string{"", "desk", "shop"} {
			for both := range 2 {
				for choose := range 3 {
					o := translate.Options{From: from, To: to, Both: both == 1, Lazy: choose == 1 || to == "", Choose: translate.Choice(choose)}
					if from == to || to == "" && choose > 0 {
						continue
					}
					table, err := translate.Load(t.Context(), snap, o)
					if err != nil {
						t.Fatal(err)
					}
					var all [][]byte
					for _, id := range ids {
						all = append(all, []byte(id))
					}
					answers := make([]translate.Answer, len(ids))
					table.FindAll(all, answers)
					for i, id := range ids {
						want := w.find(id, o)
						if got := table.Find(all[i]); got != want || answers[i] != want {
							t.Fatalf("%+v: %q is %+v, among others %+v, want %+v", o, id, got, answers[i], want)
						}
						seen[want.Status]++
					}
					if err := table.Err(); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	if len(seen) != int(translate.None)+1 {
		t.Errorf("only these statuses were met: %v", seen)
	}
}

func TestUnknownSpace(t *testing.T) {
	t.Parallel()
	store, err := crosswalk.Open(t.Context(), dbtest.SQLite(t), crosswalk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	lease, err := store.Acquire(t.Context(), "ann", "test")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{rnd: rand.New(rand.NewPCG(1, 1)), links: map[crosswalk.SourceKey]crosswalk.Link{}, numbers: map[string]crosswalk.Number{}, issued: map[string]bool{}}
	if err := w.run(t.Context(), lease, 1, 5); err != nil {
		t.Fatal(err)
	}
	snap, err := store.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = snap.Close() }()
	for _, o := range []translate.Options{{From: "shp"}, {From: "desk", To: "shp"}} {
		_, err := translate.Load(t.Context(), snap, o)
		var unknown *translate.UnknownSpaceError
		if !errors.As(err, &unknown) || unknown.Nearest != "shop" || err.Error() != `the crosswalk has no source "shp"; did you mean "shop"? (it has: legacy, shop, desk)` {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestLazyTableTells: a lazy table whose view was closed too early does not pass
// what it could not read for not found.
func TestLazyTableTells(t *testing.T) {
	t.Parallel()
	store, err := crosswalk.Open(t.Context(), dbtest.SQLite(t), crosswalk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	lease, err := store.Acquire(t.Context(), "ann", "test")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{rnd: rand.New(rand.NewPCG(1, 1)), links: map[crosswalk.SourceKey]crosswalk.Link{}, numbers: map[string]crosswalk.Number{}, issued: map[string]bool{}}
	if err := w.run(t.Context(), lease, 1, 5); err != nil {
		t.Fatal(err)
	}
	snap, err := store.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table, err := translate.Load(t.Context(), snap, translate.Options{From: "shop", Both: true, Lazy: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := snap.Close(); err != nil {
		t.Fatal(err)
	}
	fields := []translate.Field{{Names: []string{"id"}, Column: translate.Column{Table: table, Missing: translate.Keep}}}
	if err := table.Err(); err != nil {
		t.Errorf("before it is asked: %v", err)
	}
	var out strings.Builder
	if _, err := translate.CSV(t.Context(), &out, strings.NewReader("id\nnobody\n"), translate.Stream{Name: "x", Fields: fields}); err == nil || out.String() != "id\n" {
		t.Errorf("CSV wrote %q, %v", out.String(), err)
	}
	if _, err := translate.JSONLines(t.Context(), &out, strings.NewReader(`{"id":"nobody"}`), translate.Stream{Name: "x", Fields: fields}); err == nil {
		t.Error("JSONLines has no error")
	}
}
