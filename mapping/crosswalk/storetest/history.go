package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// testHistory asks for all versions of the links of a canonical ID, also while
// a run that supersedes some of them is being written.
func testHistory(t *testing.T, s Suite) {
	w := newWorld(t, s)
	jobs := History()
	for _, j := range jobs {
		w.apply(j)
	}
	type version struct {
		Source        int
		Key           string
		FromRun, Held int64
		State         crosswalk.State
		Rule          string
	}
	versions := func(links []crosswalk.Link) (out []version) {
		for _, l := range links {
			out = append(out, version{l.Source, l.Key, l.FromRun, l.SinceRun, l.State, l.Rule})
		}
		return out
	}
	check := func() {
		t.Helper()
		links, past, err := w.snapshot().History(t.Context(), []string{"CUST-00000012", "CUST-00000012", "K-9"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]version{
			{1, "C0004", 4, 1, crosswalk.Retired, "version 3"},
			{2, "C0004", 2, 1, crosswalk.Retired, "version 2"},
			{3, "C0004", 4, 4, crosswalk.Live, "created"},
		}, versions(links)); diff != "" {
			t.Errorf("links (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]version{
			{1, "C0004", 1, 1, crosswalk.Live, "created"},
			{1, "C0004", 2, 1, crosswalk.Retired, "version 2"},
			{2, "C0004", 1, 1, crosswalk.Live, "created"},
		}, versions(past)); diff != "" {
			t.Errorf("past (-want +got):\n%s", diff)
		}
	}
	check()
	lease := w.acquire("apply")
	run, err := lease.Begin(t.Context(), crosswalk.RunStart{Kind: "apply", Plan: "p5", Base: 3, Environment: "production"})
	if err != nil {
		t.Fatal(err)
	}
	next := crosswalk.Link{Source: 1, Key: "C0004", Canonical: "CUST-00000012", Replaces: true}
	if err := run.WriteLinks(t.Context(), []crosswalk.Link{next}); err != nil {
		t.Fatal(err)
	}
	check()
}

// testRunsOf picks runs, with the schemes that they numbered customers in.
func testRunsOf(t *testing.T, s Suite) {
	w := newWorld(t, s)
	for _, j := range History() {
		w.apply(j)
	}
	v := w.snapshot()
	all, err := v.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := v.RunsOf(t.Context(), []int64{4, 1, 4, 99})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]crosswalk.RunInfo{all[0], all[3]}, got); diff != "" {
		t.Errorf("RunsOf (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[int]string{1: "CUST-{next:8}", 2: "S{next:6}"}, got[0].Schemes); diff != "" {
		t.Errorf("schemes of run 1 (-want +got):\n%s", diff)
	}
	if got[1].Schemes != nil {
		t.Errorf("schemes of run 4, which has none: %v", got[1].Schemes)
	}
}
