package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

func testReviews(t *testing.T, s Suite) {
	w := newWorld(t, s)
	left, right := crosswalk.SourceKey{Source: 1, Key: "C1"}, crosswalk.SourceKey{Source: 2, Key: "C1 "}
	step := func(run int, f crosswalk.Finish) {
		t.Helper()
		f.Changed = true
		w.apply(&Job{Start: startOf(fmt.Sprint(run), int64(run-1)), Finish: f})
	}
	raise := func(score float64, evidence string) []crosswalk.Review {
		return []crosswalk.Review{{ID: "v1", Left: left, Right: right, Score: score, Evidence: evidence}}
	}
	check := func(v *crosswalk.Snapshot, open int, want crosswalk.Review) {
		t.Helper()
		got, ok, err := v.Review(t.Context(), "v1")
		if diff := cmp.Diff(want, got); err != nil || !ok || diff != "" {
			t.Errorf("Review = %v, %v (-want +got):\n%s", ok, err, diff)
		}
		many, err := v.ReviewsOf(t.Context(), []string{"v1", "none", "v1"})
		if diff := cmp.Diff([]crosswalk.Review{want}, many, cmpopts.IgnoreFields(crosswalk.Review{}, "Closed")); err != nil || diff != "" {
			t.Errorf("ReviewsOf: %v (-want +got):\n%s", err, diff)
		}
		reviews, err := v.Reviews(t.Context())
		if err != nil || len(reviews) != open {
			t.Errorf("%d reviews are open, %v; want %d", len(reviews), err, open)
		}
	}
	step(1, crosswalk.Finish{Reviews: raise(0.8, "old")})
	first := crosswalk.Review{ID: "v1", Left: left, Right: right, Score: 0.8, Evidence: "old", FromRun: 1}
	early := w.snapshot()
	check(early, 1, first)
	step(2, crosswalk.Finish{ClosedReviews: []string{"v1"}})
	closed := first
	closed.UntilRun, closed.Closed = 2, Ended
	check(w.snapshot(), 0, closed)
	step(3, crosswalk.Finish{Reviews: raise(0.9, "new")})
	second := crosswalk.Review{ID: "v1", Left: left, Right: right, Score: 0.9, Evidence: "new", FromRun: 3}
	check(w.snapshot(), 1, second)
	// One run may close it and raise it with other evidence.
	step(4, crosswalk.Finish{Reviews: raise(0.95, "newer"), ClosedReviews: []string{"v1"}})
	second.Score, second.Evidence, second.FromRun = 0.95, "newer", 4
	check(w.snapshot(), 1, second)
	check(early, 1, first)
	if r, ok, err := w.snapshot().Review(t.Context(), "v2"); ok || err != nil {
		t.Errorf("a review that never was: %+v, %v", r, err)
	}
}

func testModel(t *testing.T, s Suite) {
	w := newWorld(t, s)
	big := make([]byte, 3<<20)
	for i := range big {
		big[i] = byte(i * i >> 3)
	}
	check := func(v *crosswalk.Snapshot, models ...[]byte) {
		t.Helper()
		for run, want := range models {
			if got, err := v.ModelOf(t.Context(), int64(run)); err != nil || !slices.Equal(got, want) || (got == nil) != (want == nil) {
				t.Errorf("ModelOf(%d) has %d bytes, %v; want %d", run, len(got), err, len(want))
			}
		}
		last := models[len(models)-1]
		if got, err := v.Model(t.Context()); err != nil || !slices.Equal(got, last) {
			t.Errorf("Model has %d bytes, %v; want %d", len(got), err, len(last))
		}
	}
	step := func(run int, f crosswalk.Finish) {
		t.Helper()
		w.apply(&Job{Start: startOf(fmt.Sprint(run), int64(run-1)), Finish: f})
	}
	check(w.snapshot(), nil)
	step(1, crosswalk.Finish{Changed: true})
	step(2, crosswalk.Finish{Changed: true, Model: big})
	second := w.snapshot()
	step(3, crosswalk.Finish{Changed: true})
	step(4, crosswalk.Finish{Changed: true, Model: []byte("small")})
	v := w.snapshot()
	check(v, nil, nil, big, big, []byte("small"))
	check(second, nil, nil, big)
	if got, err := second.ModelOf(t.Context(), 4); err != nil || len(got) != len(big) {
		t.Errorf("an old snapshot's model of a later run has %d bytes, %v; want %d", len(got), err, len(big))
	}
	runs, err := v.Runs(t.Context())
	if err != nil || runs[0].Digest == runs[1].Digest {
		t.Errorf("runs %+v, %v", runs, err)
	}
	var effects string
	if err := rawDB(t, w.dsn).GetContext(t.Context(), &effects, "SELECT effects FROM xwalk_run WHERE run_no = 4"); err != nil || !strings.Contains(effects, `"model":"`) {
		t.Errorf("the effects of a run with a model: %s, %v", effects, err)
	}

	// A model that was not published leaves nothing.
	want := w.dump()
	lease := w.acquire("apply")
	run, err := lease.Begin(t.Context(), startOf("5", 4))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run.Publish(t.Context(), crosswalk.Finish{Model: []byte("m")}); err == nil {
		t.Error("a run with a model was published as changing nothing")
	}
	check(w.snapshot(), nil, nil, big, big, []byte("small"))
	if run, err = lease.Begin(t.Context(), startOf("other", 4)); err != nil {
		t.Fatal(err)
	}
	if _, err := run.Publish(t.Context(), crosswalk.Finish{Changed: true, Model: []byte("m"), ClosedReviews: []string{"none"}}); err == nil {
		t.Error("closing a review that is not there: no error")
	}
	w.release(lease)
	w.exec("DELETE FROM xwalk_run WHERE run_no = 5")
	same(t, "after a model was not published", w.dump(), want)
}
