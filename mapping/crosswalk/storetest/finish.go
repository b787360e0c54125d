package storetest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

func testFinish(t *testing.T, s Suite) {
	w := newWorld(t, s)
	jobs := History()
	w.apply(jobs[0])
	first := w.snapshot()
	for _, j := range jobs[1:] {
		w.apply(j)
	}
	v := w.snapshot()

	counters, err := v.Counters(t.Context())
	if diff := cmp.Diff(map[string]uint64{"CUST-": 91, "": 1<<64 - 1}, counters); diff != "" || err != nil {
		t.Errorf("counters: %v (-want +got):\n%s", err, diff)
	}
	sources, err := v.Sources(t.Context())
	want := []crosswalk.Source{
		{No: 1, Name: "legacy", KeyRule: `{"case":"upper"}`, Shape: "seq", SeenRun: 1},
		{No: 2, Name: "shop", KeyRule: "{}", Mark: "2024-05-19T08:00:00Z", SeenRun: 1},
		{No: 3, Name: "desk", KeyRule: "{}", SeenRun: 4},
	}
	if diff := cmp.Diff(want, sources); diff != "" || err != nil {
		t.Errorf("sources: %v (-want +got):\n%s", err, diff)
	}
	reviews, err := v.Reviews(t.Context())
	raised := jobs[3].Finish.Reviews[0]
	raised.FromRun = 4
	if diff := cmp.Diff([]crosswalk.Review{raised, {ID: "v2", Score: 1, FromRun: 1}}, reviews); diff != "" || err != nil {
		t.Errorf("reviews: %v (-want +got):\n%s", err, diff)
	}
	reviews, err = first.Reviews(t.Context())
	if err != nil || len(reviews) != 2 || reviews[0].Score != 0.1+0.2 || reviews[0].Right != (crosswalk.SourceKey{Source: 2, Key: "C0002"}) {
		t.Errorf("reviews before = %+v, %v", reviews, err)
	}
	var numbers []crosswalk.Number
	for n, err := range v.Numbers(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, n)
	}
	if diff := cmp.Diff([]crosswalk.Number{
		{Canonical: "CUST-00000003", State: crosswalk.Merged, Into: "K-7", Survivor: "K-7", FromRun: 1},
		{Canonical: "K-7", State: crosswalk.Gone, FromRun: 2},
	}, numbers); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
	if n, ok, err := first.Number(t.Context(), "K-7"); err != nil || !ok || n.State != crosswalk.Given {
		t.Errorf("K-7 in an old snapshot is %v, %v, %v; want given", n, ok, err)
	}
	if _, ok, err := v.Number(t.Context(), "K-8"); err != nil || ok {
		t.Errorf("K-8, never seen: %v, %v", ok, err)
	}
	runs, err := v.Runs(t.Context())
	if err != nil || len(runs) != 4 {
		t.Fatalf("runs: %v, %v", runs, err)
	}
	if r := runs[1]; r.Run != 2 || r.Kind != "sync" || r.Actor != "bot" || !r.Started.Equal(Begun) || !r.Finished.Equal(Ended) ||
		r.Serial != 2 || r.Plan != "p2" || r.Totals != jobs[1].Finish.Totals || len(r.Digest) != 64 || r.Digest == runs[0].Digest {
		t.Errorf("run 2: %+v", r)
	}
	if head := v.Head(); head.Digest != runs[3].Digest || head.Run != 4 || head.Serial != 3 {
		t.Errorf("head: %+v", head)
	}
}

func testUnchanged(t *testing.T, s Suite) {
	w := newWorld(t, s)
	jobs := History()
	w.apply(jobs[0])
	before := w.dump()
	idle := &Job{Start: jobs[1].Start, Finish: crosswalk.Finish{Marks: map[int]string{1: "m"}, Full: []int{1}}}
	if serial := w.apply(idle); serial != 1 {
		t.Errorf("serial after an idle run: %d, want 1", serial)
	}
	if head := w.snapshot().Head(); head.Run != 2 || head.Serial != 1 {
		t.Errorf("head after an idle run: %+v", head)
	}
	cut := func(dump string) string { _, links, _ := strings.Cut(dump, "\nrule ("); return links }
	same(t, "rules, links and numbers after an idle run", cut(w.dump()), cut(before))

	lease := w.acquire("wrong")
	run, err := (&Job{Start: jobs[1].Start}).begin(t.Context(), lease)
	if err != nil {
		t.Fatal(err)
	}
	if err := run.WriteLinks(t.Context(), []crosswalk.Link{{Source: 1, Key: "new", Canonical: "N"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := run.Publish(t.Context(), crosswalk.Finish{}); err == nil {
		t.Error("a run that wrote links was published as changing nothing")
	}
	w.release(lease)
}

// testPublishFails lets Publish fail late: nothing of it may stay.
func testPublishFails(t *testing.T, s Suite) {
	jobs := History()
	w := newWorld(t, s)
	for name, finish := range map[string]crosswalk.Finish{
		"a counter goes back":             {Changed: true, Numbers: []crosswalk.Number{{Canonical: "N"}}, Counters: map[string]uint64{"A": 1, "CUST-": 9}},
		"a review that is not open":       {Changed: true, Counters: map[string]uint64{"CUST-": 100}, ClosedReviews: []string{"v1", "v9"}},
		"a review that is open already":   {Changed: true, Numbers: []crosswalk.Number{{Canonical: "N"}}, Reviews: []crosswalk.Review{{ID: "v0"}, {ID: "v1"}}},
		"a review twice":                  {Changed: true, Numbers: []crosswalk.Number{{Canonical: "N"}}, Reviews: []crosswalk.Review{{ID: "v0"}, {ID: "v3"}, {ID: "v3"}}},
		"an empty model":                  {Changed: true, Numbers: []crosswalk.Number{{Canonical: "N"}}, Model: []byte{}},
		"the mark of an unknown source":   {Changed: true, Numbers: []crosswalk.Number{{Canonical: "N"}}, Marks: map[int]string{1: "x", 9: "y"}},
		"a number that points to itself":  {Changed: true, Numbers: []crosswalk.Number{{Canonical: "N", State: crosswalk.Merged, Into: "N", Survivor: "N"}}},
		"a number that points to nothing": {Changed: true, Numbers: []crosswalk.Number{{Canonical: "N", State: crosswalk.Merged}}},
		"a given number that points":      {Changed: true, Numbers: []crosswalk.Number{{Canonical: "N", Into: "M"}}},
		"a number twice":                  {Changed: true, Numbers: []crosswalk.Number{{Canonical: "N"}, {Canonical: "N"}}},
	} {
		t.Run(name, func(t *testing.T) {
			w.wipe()
			w.apply(jobs[0])
			want := w.dump()
			lease := w.acquire("apply")
			j := jobs[1]
			run, err := j.begin(t.Context(), lease)
			if err != nil {
				t.Fatal(err)
			}
			if err := j.write(t.Context(), run, all); err != nil {
				t.Fatal(err)
			}
			if _, err := run.Publish(t.Context(), finish); err == nil {
				t.Fatal("no error")
			}
			v := w.snapshot()
			if head := v.Head(); head.Run != 1 || head.Serial != 1 {
				t.Errorf("head: %+v", head)
			}
			if err := v.Close(); err != nil {
				t.Fatal(err)
			}
			// Another plan undoes the run; what is left is the state before.
			if _, err := lease.Begin(t.Context(), startOther(j.Start)); err != nil {
				t.Fatal(err)
			}
			w.release(lease)
			w.exec("DELETE FROM xwalk_run WHERE run_no = 2")
			same(t, "after the run was undone", w.dump(), want)
		})
	}
}

// startOther is the same run with another plan.
func startOther(start crosswalk.RunStart) crosswalk.RunStart {
	start.Plan += " other"
	return start
}

func testStale(t *testing.T, s Suite) {
	w := newWorld(t, s)
	jobs := History()
	w.apply(jobs[0])
	lease := w.acquire("apply")
	defer w.release(lease)
	for name, c := range map[string]struct {
		change func(start *crosswalk.RunStart)
		want   error
	}{
		"an old serial":              {func(r *crosswalk.RunStart) { r.Base = 0 }, crosswalk.ErrStale},
		"a serial to come":           {func(r *crosswalk.RunStart) { r.Base = 2 }, crosswalk.ErrStale},
		"another environment":        {func(r *crosswalk.RunStart) { r.Environment = "test" }, crosswalk.ErrEnvironment},
		"no environment":             {func(r *crosswalk.RunStart) { r.Environment = "" }, crosswalk.ErrEnvironment},
		"a source's number taken":    {func(r *crosswalk.RunStart) { r.Sources = []crosswalk.Source{{No: 1, Name: "new"}} }, crosswalk.ErrStale},
		"a source with a new number": {func(r *crosswalk.RunStart) { r.Sources = []crosswalk.Source{{No: 3, Name: "shop", KeyRule: "{}"}} }, crosswalk.ErrStale},
		"a changed key rule":         {func(r *crosswalk.RunStart) { r.Sources = []crosswalk.Source{{No: 2, Name: "shop"}} }, nil},
	} {
		start := jobs[1].Start
		c.change(&start)
		_, err := lease.Begin(t.Context(), start)
		if err == nil || (c.want != nil && !errors.Is(err, c.want)) {
			t.Errorf("%s: %v; want %v", name, err, c.want)
		}
	}
	// A link that the plan does not know of, and one that is not there.
	for name, l := range map[string]crosswalk.Link{
		"create over a link": {Source: 1, Key: "C0001", Canonical: "X"},
		"replace nothing":    {Source: 1, Key: "none", Canonical: "X", Replaces: true},
	} {
		run, err := jobs[1].begin(t.Context(), lease)
		if err != nil {
			t.Fatal(err)
		}
		if err := run.WriteLinks(t.Context(), []crosswalk.Link{l}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func testIndex(t *testing.T, s Suite) {
	w := newWorld(t, s)
	random := rand.New(rand.NewPCG(1, 2))
	made := map[uint64][]crosswalk.SourceKey{}
	entries := func(n int) []crosswalk.IndexEntry {
		var out []crosswalk.IndexEntry
		for i := range n {
			hash := random.Uint64()
			switch i % 7 {
			case 0:
				hash = 1 << 63 // one hash that fills several pages
			case 1:
				hash = uint64(i % 50)
			case 2:
				hash = 1<<64 - 1
			}
			e := crosswalk.IndexEntry{Hash: hash, Source: 1 + i%2, Key: fmt.Sprintf("K%d", random.IntN(1e6))}
			out = append(out, e)
			made[hash] = append(made[hash], crosswalk.SourceKey{Source: e.Source, Key: e.Key})
		}
		slices.SortFunc(out, func(a, b crosswalk.IndexEntry) int {
			if a.Hash < b.Hash {
				return -1
			}
			return 1
		})
		return out
	}
	for run, n := range []int{5000, 1, 300} {
		lease := w.acquire("index")
		r, err := lease.Begin(t.Context(), startOf(fmt.Sprint(run), int64(run)))
		if err != nil {
			t.Fatal(err)
		}
		// Written twice, as by a run that was resumed after its index.
		e := entries(n)
		for range 2 {
			if err := r.WriteIndex(t.Context(), "email", slices.Values(e)); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.WriteIndex(t.Context(), "phone", slices.Values([]crosswalk.IndexEntry{{Hash: 5, Source: 1, Key: "phone"}})); err != nil {
			t.Fatal(err)
		}
		if run == 2 {
			break // left unpublished
		}
		if _, err := r.Publish(t.Context(), crosswalk.Finish{Changed: true}); err != nil {
			t.Fatal(err)
		}
		w.release(lease)
		check := w.snapshot()
		hashes := []uint64{0, 3, 1 << 63, 1<<63 + 1, 1<<64 - 1, 1<<64 - 2, 12345}
		for h := range made {
			if hashes = append(hashes, h); len(hashes) > 500 {
				break
			}
		}
		for _, h := range hashes[:40] {
			checkIndex(t, check, made, []uint64{h})
		}
		checkIndex(t, check, made, hashes)
	}
	got, err := w.snapshot().ByIndex(t.Context(), "phone", []uint64{5})
	if diff := cmp.Diff([]crosswalk.SourceKey{{Source: 1, Key: "phone"}}, got); err != nil || diff != "" {
		t.Errorf("ByIndex(phone): %v (-want +got):\n%s", err, diff)
	}
	if got, err := w.snapshot().ByIndex(t.Context(), "name", []uint64{5}); err != nil || len(got) > 0 {
		t.Errorf("ByIndex of an index that is not there = %v, %v", got, err)
	}
}

func checkIndex(t *testing.T, v *crosswalk.Snapshot, made map[uint64][]crosswalk.SourceKey, hashes []uint64) {
	t.Helper()
	var want []crosswalk.SourceKey
	for _, h := range hashes {
		want = append(want, made[h]...)
	}
	slices.SortFunc(want, crosswalk.SourceKey.Compare)
	got, err := v.ByIndex(t.Context(), "email", hashes)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
		t.Fatalf("ByIndex of %d hashes (-want +got):\n%s", len(hashes), diff)
	}
}

func testIssued(t *testing.T, s Suite) {
	w := newWorld(t, s)
	jobs := History()
	w.apply(jobs[0])
	// Move a link away, so that its number only stands in the past, and
	// begin to issue a number without publishing it.
	w.apply(&Job{Start: jobs[1].Start, Finish: crosswalk.Finish{Changed: true}, Batches: [][]crosswalk.Link{
		{{Source: 1, Key: "C0029", Canonical: "CUST-00000500", Replaces: true}},
	}})
	lease := w.acquire("apply")
	start := jobs[1].Start
	start.Base = 2
	run, err := lease.Begin(t.Context(), start)
	if err != nil {
		t.Fatal(err)
	}
	if err := run.WriteLinks(t.Context(), []crosswalk.Link{
		{Source: 1, Key: "C0000", Canonical: "CUST-00000600", Replaces: true}, {Source: 1, Key: "C1000", Canonical: "CUST-00000601"},
	}); err != nil {
		t.Fatal(err)
	}
	v := w.snapshot()
	want := []string{"K-7"}
	for _, l := range slices.Concat(jobs[0].Batches...) {
		want = append(want, l.Canonical)
	}
	want = append(want, "CUST-00000500", "CUST-00000003")
	slices.Sort(want)
	want = slices.DeleteFunc(slices.Compact(want), func(id string) bool { return id == "" })
	var got []string
	for id, err := range v.LinksByCanonicalRange(t.Context(), "", "\u007f") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, id)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("issued (-want +got):\n%s", diff)
	}
	got = nil
	for id, err := range v.LinksByCanonicalRange(t.Context(), "CUST-00000084", "K-7") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, id)
	}
	if diff := cmp.Diff([]string{"CUST-00000087", "CUST-00000500", "K-7"}, got[max(0, len(got)-3):]); diff != "" {
		t.Errorf("issued in a range (-want +got):\n%s", diff)
	}
	asked := map[string]bool{
		"CUST-00000087": true, "CUST-00000500": true, "K-7": true, "CUST-00000003": true,
		"CUST-00000600": false, "CUST-00000601": false, "CUST-0000008": false, "": false,
	}
	known, err := v.KnownOf(t.Context(), slices.DeleteFunc(slices.Collect(maps.Keys(asked)), func(id string) bool { return id == "" }))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"CUST-00000003", "CUST-00000087", "CUST-00000500", "K-7"}, known); diff != "" {
		t.Errorf("KnownOf (-want +got):\n%s", diff)
	}
	for id, want := range asked {
		if got, err := v.Known(t.Context(), id); err != nil || got != want {
			t.Errorf("Known(%q) = %v, %v; want %v", id, got, err, want)
		}
	}
}
