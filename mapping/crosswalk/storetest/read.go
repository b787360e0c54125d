package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// written is what a reader finds of links that run wrote.
func written(run int64, batches ...[]crosswalk.Link) []crosswalk.Link {
	all := slices.Concat(batches...)
	for i := range all {
		l := &all[i]
		l.FromRun, l.Replaces = run, false
		if l.SinceRun == 0 {
			l.SinceRun = run
		}
	}
	return all
}

func testRoundTrip(t *testing.T, s Suite) {
	w := newWorld(t, s)
	j := History()[0]
	w.apply(j)
	v := w.snapshot()
	want := written(1, j.Batches...)
	got := links(t, v, crosswalk.Query{Match: true, Fields: true})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	var keys []crosswalk.SourceKey
	for _, l := range want {
		keys = append(keys, l.ID(), l.ID())
	}
	slices.Reverse(keys)
	byKeys, err := v.ByKeys(t.Context(), append(keys, crosswalk.SourceKey{Source: 7, Key: "x"}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, byKeys); diff != "" {
		t.Errorf("ByKeys (-want +got):\n%s", diff)
	}
	byCanonical, err := v.ByCanonical(t.Context(), []string{"CUST-00000012", "", "CUST-00000009", "CUST-00000012"})
	if err != nil {
		t.Fatal(err)
	}
	var found []crosswalk.SourceKey
	for _, l := range byCanonical {
		found = append(found, l.ID())
	}
	if diff := cmp.Diff([]crosswalk.SourceKey{{Source: 1, Key: "C0004"}, {Source: 2, Key: "C0004"}}, found); diff != "" {
		t.Errorf("ByCanonical (-want +got):\n%s", diff)
	}
}

func testQuery(t *testing.T, s Suite) {
	w := newWorld(t, s)
	jobs := History()
	for _, j := range jobs {
		w.apply(j)
	}
	v := w.snapshot()
	everything := links(t, v, crosswalk.Query{Match: true, Fields: true})
	for name, c := range map[string]struct {
		query crosswalk.Query
		keep  func(l *crosswalk.Link) bool
	}{
		"one source":    {crosswalk.Query{Sources: []int{2}}, func(l *crosswalk.Link) bool { return l.Source == 2 }},
		"two, twice":    {crosswalk.Query{Sources: []int{3, 1, 3}}, func(l *crosswalk.Link) bool { return l.Source != 2 }},
		"no source":     {crosswalk.Query{Sources: []int{}}, func(*crosswalk.Link) bool { return false }},
		"live":          {crosswalk.Query{Live: true}, func(l *crosswalk.Link) bool { return l.State == crosswalk.Live }},
		"since run 1":   {crosswalk.Query{Since: 1}, func(l *crosswalk.Link) bool { return l.FromRun > 1 }},
		"since, source": {crosswalk.Query{Since: 2, Sources: []int{1}, Live: true}, func(l *crosswalk.Link) bool { return l.FromRun > 2 && l.Source == 1 && l.State == crosswalk.Live }},
	} {
		want := slices.DeleteFunc(slices.Clone(everything), func(l crosswalk.Link) bool { return !c.keep(&l) })
		c.query.Match, c.query.Fields = true, true
		if diff := cmp.Diff(want, append([]crosswalk.Link{}, links(t, v, c.query)...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, l := range links(t, v, crosswalk.Query{}) {
		if l.Match != nil || l.Fields != nil {
			t.Fatalf("%v was loaded with match and fields, which nobody wanted", l.ID())
		}
	}
	// Questions may be asked while a sequence is being read.
	n := 0
	for l, err := range v.Links(t.Context(), crosswalk.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if got, err := v.ByKeys(t.Context(), []crosswalk.SourceKey{l.ID()}); err != nil || len(got) != 1 {
			t.Fatalf("ByKeys(%v) within Links = %v, %v", l.ID(), got, err)
		}
		if n++; n == 5 {
			break
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range v.Links(ctx, crosswalk.Query{}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Links of a cancelled context: %v", err)
		}
	}
}

func testVisibility(t *testing.T, s Suite) {
	w := newWorld(t, s)
	jobs := History()
	w.apply(jobs[0])
	before := w.snapshot()
	want := links(t, before, crosswalk.Query{Match: true, Fields: true})
	wantHead := before.Head()

	j := jobs[1]
	lease := w.acquire("sync")
	run, err := j.begin(t.Context(), lease)
	if err != nil {
		t.Fatal(err)
	}
	for range len(j.Batches) + 1 {
		if err := j.write(t.Context(), run, 1); err != nil {
			t.Fatal(err)
		}
		for name, v := range map[string]*crosswalk.Snapshot{"opened before": before, "opened now": w.snapshot()} {
			if diff := cmp.Diff(want, links(t, v, crosswalk.Query{Match: true, Fields: true})); diff != "" {
				t.Fatalf("links of a snapshot %s, after %d links (-want +got):\n%s", name, run.Done, diff)
			}
			if diff := cmp.Diff(wantHead, v.Head()); diff != "" {
				t.Errorf("head (-want +got):\n%s", diff)
			}
			for i := range want {
				if got, err := v.ByKeys(t.Context(), []crosswalk.SourceKey{want[i].ID()}); err != nil || !cmp.Equal(got, want[i:i+1]) {
					t.Errorf("ByKeys(%v) = %v, %v; want %v", want[i].ID(), got, err, want[i])
				}
			}
			live, err := v.ByCanonical(t.Context(), []string{"CUST-00000012"})
			if err != nil || len(live) != 2 || live[0].FromRun != 1 {
				t.Errorf("ByCanonical = %v, %v; want the two links of run 1", live, err)
			}
			fresh, err := v.ByKeys(t.Context(), []crosswalk.SourceKey{{Source: 2, Key: "C0020"}})
			if err != nil || len(fresh) != 0 {
				t.Errorf("ByKeys of an unpublished link = %v, %v", fresh, err)
			}
		}
	}
	if _, err := run.Publish(t.Context(), j.Finish); err != nil {
		t.Fatal(err)
	}
	w.release(lease)
	if diff := cmp.Diff(want, links(t, before, crosswalk.Query{Match: true, Fields: true})); diff != "" {
		t.Errorf("links of a snapshot from before, after publishing (-want +got):\n%s", diff)
	}
	after := w.snapshot()
	if got := after.Head(); got.Run != 2 || got.Serial != 2 || got.Customers != 45 || got.ReviewsOpen != 1 || got.Environment != "production" || got.Rules != "r1" || got.Digest == "" {
		t.Errorf("head after publishing: %+v", got)
	}
	now := map[crosswalk.SourceKey]crosswalk.Link{}
	for _, l := range want {
		now[l.ID()] = l
	}
	for _, l := range written(2, j.Batches...) {
		now[l.ID()] = l
	}
	got := links(t, after, crosswalk.Query{Match: true, Fields: true})
	if len(got) != len(now) {
		t.Errorf("%d links after publishing, want %d", len(got), len(now))
	}
	for _, l := range got {
		if diff := cmp.Diff(now[l.ID()], l); diff != "" {
			t.Errorf("link after publishing (-want +got):\n%s", diff)
		}
	}
}

// testReaders reads all the time while runs move every link; each reader
// must see links of one run alone, that of its head.
func testReaders(t *testing.T, s Suite) {
	w := newWorld(t, s)
	const runs, batches, rows = 4, 4, 50
	job := func(run int) *Job {
		j := &Job{Start: startOf(fmt.Sprint(run), int64(run-1)), Finish: crosswalk.Finish{Changed: true}}
		for b := range batches {
			var batch []crosswalk.Link
			for i := range rows {
				batch = append(batch, crosswalk.Link{Source: 1, Key: fmt.Sprintf("C%02d%03d", b, i), Canonical: fmt.Sprintf("RUN-%d", run), Rule: "moved", Replaces: run > 1})
			}
			j.Batches = append(j.Batches, batch)
		}
		return j
	}
	w.apply(job(1))
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				v, err := w.store.Snapshot(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				want, n := fmt.Sprintf("RUN-%d", v.Head().Run), 0
				for l, err := range v.Links(t.Context(), crosswalk.Query{}) {
					if err != nil {
						t.Error(err)
						break
					}
					if n++; l.Canonical != want {
						t.Errorf("a reader at %s saw %s", want, l.Canonical)
						break
					}
				}
				if n != batches*rows {
					t.Errorf("a reader at %s saw %d links, want %d", want, n, batches*rows)
				}
				if err := v.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for run := 2; run <= runs; run++ {
		w.apply(job(run))
	}
	close(stop)
	readers.Wait()
}
