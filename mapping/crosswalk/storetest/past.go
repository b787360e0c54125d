package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// Past is more runs after those of [History]: numbers that are merged, and in
// force again, a counter that others overtake, another shape of a source,
// reviews that are raised and settled at once, and links that become void.
func Past() []*Job {
	jobs := History()
	link := func(source, i int, canonical string, state crosswalk.State) crosswalk.Link {
		key := fmt.Sprintf("C%04d", i)
		return crosswalk.Link{Source: source, Key: key, Verbatim: key, Canonical: canonical, State: state, Rule: "act", Replaces: true}
	}
	shop := []crosswalk.Source{{No: 2, Name: "shop", KeyRule: "{}", Shape: "seq or any"}}
	start := func(kind, plan string, base int64, sources ...crosswalk.Source) crosswalk.RunStart {
		return crosswalk.RunStart{Kind: kind, Actor: "ann", Rules: "r2", Plan: plan, Base: base, Environment: "production", Sources: sources}
	}
	return append(
		jobs, &Job{
			Decided: []crosswalk.Decision{{Left: crosswalk.NamedKey{Source: "legacy", Key: "C0001"}, Right: crosswalk.NamedKey{Source: "new", Key: " 7"}, Verdict: crosswalk.Withdrawn, Actor: "bob"}},
			Start:   start("merge", "p5", 3),
			Batches: [][]crosswalk.Link{{link(1, 6, "CUST-00000021", crosswalk.Live)}},
			Index:   []crosswalk.IndexEntry{{Hash: 0x0123456789ABCDE, Source: 1, Key: "C0020"}},
			Finish: crosswalk.Finish{
				Changed: true, Counters: map[string]uint64{"B": 7}, Marks: map[int]string{1: "m"},
				Numbers: []crosswalk.Number{
					{Canonical: "CUST-00000003", State: crosswalk.Merged, Into: "K-7", Survivor: "CUST-00000021"},
					{Canonical: "CUST-00000063", State: crosswalk.Merged, Into: "CUST-00000021", Survivor: "CUST-00000021"},
					{Canonical: "K-7", State: crosswalk.Merged, Into: "CUST-00000021", Survivor: "CUST-00000021"},
				},
				ClosedReviews: []string{"v1"}, Reviews: []crosswalk.Review{{ID: "v1", Score: 0.5, Left: crosswalk.SourceKey{Source: 1, Key: "C0001"}}},
				Totals: mapping.Totals{Customers: 48, ReviewsOpen: 2},
			},
		}, &Job{
			Start:   start("undo", "p6", 4, shop...),
			Batches: [][]crosswalk.Link{{link(1, 6, "CUST-00000018", crosswalk.Live), link(2, 24, "CUST-00000072", crosswalk.Void)}},
			Finish: crosswalk.Finish{
				Changed: true, Counters: map[string]uint64{"CUST-": 95}, Full: []int{2},
				Numbers: []crosswalk.Number{{Canonical: "CUST-00000063"}, {Canonical: "K-7", State: crosswalk.Gone}},
				Totals:  mapping.Totals{Customers: 50, ReviewsOpen: 2},
			},
		}, &Job{
			Start:   start("apply", "p7", 5, shop...),
			Batches: [][]crosswalk.Link{{link(1, 6, "CUST-00000018", crosswalk.Retired)}, {link(3, 1, "CUST-00000003", crosswalk.Retired)}},
			Index:   []crosswalk.IndexEntry{{Hash: 3, Source: 2, Key: "C0003"}},
			Finish: crosswalk.Finish{
				Changed: true, Model: []byte("third"), Counters: map[string]uint64{"B": 8},
				ClosedReviews: []string{"v1", "v2"},
				Decisions:     []crosswalk.Decision{{Left: crosswalk.NamedKey{Source: "legacy", Key: "C0001"}, Right: crosswalk.NamedKey{Source: "shop", Key: "C0009"}, Verdict: crosswalk.Different, Actor: "ann"}},
				Totals:        mapping.Totals{Customers: 49},
			},
		},
	)
}

// testPast asks views of every past run everything, and compares the answers
// with those that were given when the run had just been published: as runs
// are added, and while one is being written and when it is given up.
func testPast(t *testing.T, s Suite) {
	w := newWorld(t, s)
	jobs := Past()
	last := &Job{
		Start: crosswalk.RunStart{Kind: "apply", Plan: "unfinished", Base: 6, Environment: "production"},
		Batches: [][]crosswalk.Link{
			{{Source: 1, Key: "C0004", Canonical: "CUST-00000012", Replaces: true, Rule: "unfinished"}, {Source: 1, Key: "Z", Canonical: "CUST-00000999"}},
			{{Source: 2, Key: "C0003", Canonical: "CUST-00000999", Replaces: true}},
		},
		Index: []crosswalk.IndexEntry{{Hash: 3, Source: 1, Key: "Z"}},
	}
	answers := func(run int64) string {
		t.Helper()
		open := func() (*crosswalk.Snapshot, error) { return w.store.SnapshotAt(t.Context(), run) }
		if run < 0 {
			open = func() (*crosswalk.Snapshot, error) { return w.store.Snapshot(t.Context()) }
		}
		v, err := open()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = v.Close() }() // a view that stays open would keep MySQL from making an index
		return everything(t, v)
	}
	written := []string{answers(-1)}
	check := func(when string) {
		t.Helper()
		for run, want := range written {
			sameLines(t, fmt.Sprintf("%s: what run %d left", when, run), answers(int64(run)), want)
		}
	}
	for i, j := range jobs {
		w.apply(j)
		written = append(written, answers(-1))
		check(fmt.Sprintf("after run %d", i+1))
	}
	lease := w.acquire("apply")
	run, err := last.begin(t.Context(), lease)
	if err != nil {
		t.Fatal(err)
	}
	for range len(last.Batches) + 1 {
		if err := last.write(t.Context(), run, 1); err != nil {
			t.Fatal(err)
		}
		check(fmt.Sprintf("after %d links of an unfinished run", run.Done))
	}
	if _, err := w.store.SnapshotAt(t.Context(), run.No); err == nil {
		t.Error("there is a view of a run that is not published")
	}
	if _, err := w.store.SnapshotAt(t.Context(), -2); err == nil {
		t.Error("there is a view of run -2")
	}
}

// sameLines fails the test at the first line in which two texts differ: they
// are too long for more.
func sameLines(t testing.TB, what, got, want string) {
	t.Helper()
	has, wants := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(has), len(wants)) {
		if i >= len(has) || i >= len(wants) || has[i] != wants[i] {
			t.Fatalf("%s:\n got %s\nwant %s", what, strings.Join(has[i:min(i+1, len(has))], ""), strings.Join(wants[i:min(i+1, len(wants))], ""))
		}
	}
}

// everything is what a view answers to every question, as text.
func everything(t testing.TB, v *crosswalk.Snapshot) string {
	t.Helper()
	var out strings.Builder
	say := func(what string, answer any, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		fmt.Fprintf(&out, "%s: %+v\n", what, answer)
	}
	ctx := t.Context()
	say("head", v.Head(), nil)
	sources, err := v.Sources(ctx)
	for _, src := range sources {
		say("source", src, err)
	}
	counters, err := v.Counters(ctx)
	say("counters", counters, err)
	runs, err := v.Runs(ctx)
	say("runs", runs, err)
	runs, err = v.RunsOf(ctx, []int64{1, 3, 5, 8})
	say("runs of", runs, err)
	at, err := v.RunAt(ctx, Ended)
	say("run at", at, err)
	at, err = v.RunAt(ctx, Ended.Add(-time.Second))
	say("run before", at, err)

	var keys []crosswalk.SourceKey
	for source := 1; source <= 3; source++ {
		for i := range 30 {
			keys = append(keys, crosswalk.SourceKey{Source: source, Key: fmt.Sprintf("C%04d", i)})
		}
	}
	keys = append(keys, crosswalk.SourceKey{Source: 1, Key: "Z"})
	for _, q := range []crosswalk.Query{{Match: true, Fields: true}, {Live: true, Sources: []int{1, 3}}, {Since: 2}} {
		for _, l := range links(t, v, q) {
			say(fmt.Sprintf("links %+v", q), l, nil)
		}
	}
	found, err := v.ByKeys(ctx, keys)
	for _, l := range found {
		say("by key", l, err)
	}
	ids := []string{"CUST-00000003", "CUST-00000012", "CUST-00000018", "CUST-00000021", "CUST-00000063", "CUST-00000072", "CUST-00000999", "K-7", "K-8"}
	found, err = v.ByCanonical(ctx, ids)
	say("by canonical", found, err)
	now, before, err := v.History(ctx, ids)
	say("history", now, err)
	say("history, past", before, err)
	issued, err := v.IssuedIn(ctx, ids)
	say("issued in", issued, err)
	known, err := v.KnownOf(ctx, ids)
	say("known of", known, err)
	for id, err := range v.LinksByCanonicalRange(ctx, "C", "L") {
		say("range", id, err)
	}
	for _, id := range ids {
		known, err := v.Known(ctx, id)
		say("known", known, err)
		n, ok, err := v.Number(ctx, id)
		say("number "+id, fmt.Sprint(n, ok), err)
	}
	for n, err := range v.Numbers(ctx) {
		say("numbers", n, err)
	}
	for n, err := range v.Merged(ctx) {
		say("merged", n, err)
	}
	numbers, err := v.NumbersOf(ctx, ids)
	say("numbers of", numbers, err)
	numbers, err = v.MergedInto(ctx, ids)
	say("merged into", numbers, err)

	reviews, err := v.Reviews(ctx)
	say("reviews", reviews, err)
	reviews, err = v.ReviewsOf(ctx, []string{"v1", "v2", "v3"})
	say("reviews of", reviews, err)
	for _, id := range []string{"v1", "v2", "v3"} {
		r, ok, err := v.Review(ctx, id)
		say("review "+id, fmt.Sprint(r, ok), err)
	}
	model, err := v.Model(ctx)
	say("model", model, err)
	hits, err := v.ByIndex(ctx, "email", []uint64{3, 0x0123456789ABCDE, 5 * 0x0123456789ABCDE})
	say("by index", hits, err)
	log, err := v.DecisionLog(ctx)
	say("decision log", log, err)
	decisions, err := v.Decisions(ctx)
	say("decisions", decisions, err)
	return out.String()
}
