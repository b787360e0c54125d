package migrate_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// Of random worlds, whoever is erased does not come back from the same sources,
// and everybody else is as before, also after the keys were made anew.
func TestEraseModel(t *testing.T) {
	t.Parallel()
	worlds := 12
	switch {
	case os.Getenv("LONG") != "":
		worlds = 60
	case testing.Short():
		worlds = 3
	}
	for seed := range worlds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rapid.Custom(func(rt *rapid.T) struct{} { eraseRandom(t, rt); return struct{}{} }).Example(seed)
		})
	}
}

func eraseRandom(t *testing.T, rt *rapid.T) {
	w := newWorld(t, "", rules.Config{
		Matching: true, Same: same("email", "phone?name"), Sources: []rules.Source{source("crm", "email", "phone", "name"), source("shop", "email", "phone", "name")},
	})
	w.policy = plan.Policy{Merges: rapid.SampledFrom([]string{"auto", "review"}).Draw(rt, "merges"), Retire: true, RetireAtMost: 1}
	some := func(kind string, n int) string {
		return fmt.Sprintf("%s%d", kind, rapid.IntRange(0, n).Draw(rt, kind))
	}
	shuffle := func() {
		for _, name := range []string{"crm", "shop"} {
			s := &sheet{header: []string{"id", "email", "phone", "name"}}
			for range rapid.IntRange(1, 14).Draw(rt, name) {
				id := fmt.Sprintf("%s%d", rapid.SampledFrom([]string{"a", "A"}).Draw(rt, "case"), rapid.IntRange(0, 20).Draw(rt, "no"))
				if slices.ContainsFunc(s.rows, func(r []string) bool { return r[0] == id }) {
					continue
				}
				s.rows = append(s.rows, []string{id, some("m", 9) + "@x.example", "+4917012345" + some("1", 9), some("n", 5)})
			}
			w.sheets[name] = s
		}
	}
	for range rapid.IntRange(1, 3).Draw(rt, "runs") {
		shuffle()
		w.apply()
	}
	w.apply()
	before := w.links()
	forgotten := map[string]bool{} // numbers
	means := w.meanings()
	for range rapid.IntRange(1, 3).Draw(rt, "erased") {
		line := rapid.SampledFrom(before).Draw(rt, "who")
		id, rest, _ := strings.Cut(line, "=")
		number, _, _ := strings.Cut(rest, " ")
		if number == "" || forgotten[means(number)] {
			continue
		}
		forgotten[means(number)] = true
		w.mustErase(id)
	}
	want := slices.DeleteFunc(slices.Clone(before), func(line string) bool {
		_, rest, _ := strings.Cut(line, "=")
		number, _, _ := strings.Cut(rest, " ")
		return number != "" && forgotten[means(number)]
	})
	same := func(when string) {
		t.Helper()
		if got := w.links(); !slices.Equal(want, got) {
			t.Fatalf("%s: %q, want %q", when, got, want)
		}
		w.sound(when)
	}
	same("after the erasure")
	if p := w.apply(); p.Links != 0 {
		t.Fatalf("reading the same again writes %d links", p.Links)
	}
	same("after the next run")
	w.cfg.Sources[0].ID.Key = upper
	made := w.rekey("crm").Rekeyed[0]
	w.sound("after the rekey")
	if w.repeats("crm") {
		w.apply() // as it would for any ID that stands twice
	}
	if p := w.apply(); p.Links != 0 || len(p.Reviews)+len(p.Closed) != 0 {
		t.Fatalf("after the rekey the next run writes %d links, raises %+v and closes %v: %q, was %q; sheet %v; repeats %v", p.Links, p.Reviews, p.Closed, w.links(), want, w.sheets["crm"].rows, w.repeats("crm"))
	}
	w.cfg.Sources[0].ID.Key = rules.IDRule{}.Key
	w.rekey("crm")
	w.sound("with the rule put back")
	if made.Joined+made.Collided+made.Unreadable > 0 {
		return // a key that was given up comes back when its record is read
	}
	live := slices.DeleteFunc(w.links(), func(line string) bool { return !lives(line) })
	if wanted := slices.DeleteFunc(slices.Clone(want), func(line string) bool { return !lives(line) }); !slices.Equal(wanted, live) {
		t.Fatalf("with the rule put back: %q, want %q", live, wanted)
	}
}

// lives reports whether a line of links is of a live one.
func lives(line string) bool {
	return !strings.HasSuffix(line, " void") && !strings.HasSuffix(line, " retired")
}

// repeats reports whether two IDs of a source differ in their case alone.
func (w *world) repeats(source string) bool {
	seen := map[string]bool{}
	for _, row := range w.sheets[source].rows {
		key := strings.ToUpper(row[0])
		if seen[key] {
			return true
		}
		seen[key] = true
	}
	return false
}

// meanings says what each number means now.
func (w *world) meanings() func(string) string {
	w.t.Helper()
	snap, _, done := w.view()
	defer done()
	survivors := map[string]string{}
	for n, err := range snap.Merged(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		survivors[n.Canonical] = n.Survivor
	}
	return func(id string) string {
		if s, merged := survivors[id]; merged {
			return s
		}
		return id
	}
}

// sound checks that every promise holds of what is stored.
func (w *world) sound(when string) {
	w.t.Helper()
	store := w.open()
	defer store.Close()
	if _, err := store.Audit(w.t.Context(), func(b crosswalk.Breach) { w.t.Errorf("%s: %+v", when, b) }, nil); err != nil {
		w.t.Fatal(err)
	}
}
