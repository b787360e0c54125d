package migrate_test

import (
	"context"
	"slices"
	"strings"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/translate"
	"github.com/xwalk-id/xwalk/rules"
)

// translations is what every ID should become.
type translations struct {
	spaces  []string
	links   map[string]map[string]crosswalk.Link // by source and key
	keys    map[string]rules.Keys                // by source
	means   answers                              // of links and numbers
	ids     map[string]map[string][]string       // that stand for a customer, by source and number
	erased  map[string]bool                      // links of which nothing is known but that they are gone
	numbers []string
}

// checkTranslations holds the tables of translations, from every space to
// canonical IDs and to another space, to what each link and each number of the
// crosswalk means.
func checkTranslations(ctx context.Context, rt *rapid.T, store *crosswalk.Store, means answers, erased map[string]bool) {
	rt.Helper()
	must := func(err error) {
		rt.Helper()
		if err != nil {
			rt.Fatal(err)
		}
	}
	snap, err := store.Snapshot(ctx)
	must(err)
	defer snap.Close()
	sources, err := snap.Sources(ctx)
	must(err)
	w := translations{links: map[string]map[string]crosswalk.Link{}, keys: map[string]rules.Keys{}, means: means, ids: map[string]map[string][]string{}, erased: erased}
	names := map[int]string{}
	for _, s := range sources {
		names[s.No] = s.Name
		w.spaces = append(w.spaces, s.Name)
		w.ids[s.Name], w.links[s.Name] = map[string][]string{}, map[string]crosswalk.Link{}
		w.keys[s.Name], err = rules.ParseKeyRule(s.KeyRule)
		must(err)
	}
	for link, err := range snap.Links(ctx, crosswalk.Query{}) {
		must(err)
		l, name := *link, names[link.Source]
		l.Key, l.Verbatim = strings.Clone(l.Key), strings.Clone(l.Verbatim)
		w.links[name][l.Key] = l
		if number := means[name+" "+l.Key]; l.State == crosswalk.Live && !slices.Contains(w.ids[name][number], l.Verbatim) {
			w.ids[name][number] = append(w.ids[name][number], l.Verbatim)
		}
	}
	for what := range means {
		if !strings.Contains(what, " ") {
			w.numbers = append(w.numbers, what)
		}
	}
	for i, from := range append(w.spaces, "") {
		for _, to := range []string{"", w.spaces[(i+1)%len(w.spaces)]} {
			o := translate.Options{From: from, To: to, Both: from != "" && to == ""}
			table, err := translate.Load(ctx, snap, o)
			must(err)
			want := w.from(o)
			got := map[string]string{}
			for id := range want {
				a := table.Find([]byte(id))
				if got[id] = a.Text; a.Text == "" {
					got[id] = "(" + a.Status.String() + ")"
				}
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				rt.Fatalf("from %q to %q (-crosswalk +translated):\n%s", from, to, diff)
			}
		}
	}
}

// from says what the IDs of a space become, or in parentheses why nothing.
func (w *translations) from(o translate.Options) map[string]string {
	want := map[string]string{"Z9": "(not_found)", "N-999999": "(not_found)"}
	if o.From == "" || o.Both {
		for _, n := range w.numbers {
			want[n] = w.becomes(n, o.To)
		}
	}
	for what := range w.erased {
		if key, ok := strings.CutPrefix(what, o.From+" "); ok && o.From != "" {
			want[key] = w.link(o.From, key, o.To)
		}
	}
	for _, l := range w.links[o.From] {
		want[l.Key], want[l.Verbatim] = w.link(o.From, l.Key, o.To), w.link(o.From, l.Verbatim, o.To)
	}
	return want
}

// link says what an ID of a source becomes.
func (w *translations) link(from, id, to string) string {
	key, _ := w.keys[from].Key(id)
	switch l, known := w.links[from][key]; {
	case known && (l.State == crosswalk.Held || l.State == crosswalk.Contested):
		return "(" + l.State.String() + ")"
	case known && l.State != crosswalk.Void:
		return w.becomes(from+" "+key, to)
	case w.erased[from+" "+key], w.erased[from+" "+id]:
		return "(gone)"
	}
	return "(not_found)"
}

// becomes is what a link or a number becomes in a space.
func (w *translations) becomes(what, to string) string {
	number := w.means[what]
	switch {
	case number == goneAnswer:
		return "(gone)"
	case to == "":
		return number
	}
	switch ids := w.ids[to][number]; len(ids) {
	case 0:
		return "(none)"
	case 1:
		return ids[0]
	}
	return "(several)"
}
