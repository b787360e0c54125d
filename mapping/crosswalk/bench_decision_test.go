package crosswalk_test

import (
	"fmt"
	"testing"

	"github.com/xwalk-id/xwalk/fixtures/dbtest"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// benchRows is how many decisions and reviews the benchmarks have.
const benchRows = 100_000

func benchDecisions() []crosswalk.Decision {
	decisions := make([]crosswalk.Decision, benchRows)
	for i := range decisions {
		decisions[i] = crosswalk.Decision{
			Left: crosswalk.NamedKey{Source: "legacy", Key: fmt.Sprintf("C%06d", i)}, Right: crosswalk.NamedKey{Source: "shop", Key: fmt.Sprintf("S-%06d", i*7)},
			Verdict: crosswalk.Same + crosswalk.Verdict(i%2), Review: fmt.Sprintf("%016x", i*0x9E3779B97F4A7C1), Actor: "ann", Reason: "called the branch",
		}
	}
	return decisions
}

// BenchmarkDecide records 100,000 decisions at once, as an import does.
func BenchmarkDecide(b *testing.B) {
	for _, d := range dialects {
		b.Run(d.String(), func(b *testing.B) {
			decisions := benchDecisions()
			for b.Loop() {
				b.StopTimer()
				store := openBench(b, dbtest.Database(b, d))
				b.StartTimer()
				if err := store.Decide(b.Context(), decisions, false); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecisions reads 100,000 decisions that are in force.
func BenchmarkDecisions(b *testing.B) {
	for _, d := range dialects {
		b.Run(d.String(), func(b *testing.B) {
			store := openBench(b, dbtest.Database(b, d))
			if err := store.Decide(b.Context(), benchDecisions(), false); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				v := viewBench(b, store)
				if got, err := v.Decisions(b.Context()); err != nil || len(got) != benchRows {
					b.Fatalf("%d decisions, %v", len(got), err)
				}
				_ = v.Close()
			}
		})
	}
}

// BenchmarkReviews reads 100,000 open reviews.
func BenchmarkReviews(b *testing.B) {
	for _, d := range dialects {
		b.Run(d.String(), func(b *testing.B) {
			store := openBench(b, dbtest.Database(b, d))
			lease, err := store.Acquire(b.Context(), "elsewhere/1", "apply")
			if err != nil {
				b.Fatal(err)
			}
			run, err := lease.Begin(b.Context(), crosswalk.RunStart{Kind: "apply", Plan: "p"})
			if err != nil {
				b.Fatal(err)
			}
			f := crosswalk.Finish{Changed: true}
			for i := range benchRows {
				f.Reviews = append(f.Reviews, crosswalk.Review{
					ID: fmt.Sprintf("%016x", i*0x9E3779B97F4A7C1), Left: crosswalk.SourceKey{Source: 1, Key: fmt.Sprintf("C%06d", i)},
					Right: crosswalk.SourceKey{Source: 2, Key: fmt.Sprintf("S-%06d", i*7)}, Score: 0.9, Evidence: `[{"role":"name","level":"close","bits":3.5}]`,
				})
			}
			if _, err := run.Publish(b.Context(), f); err != nil {
				b.Fatal(err)
			}
			if err := lease.Release(b.Context()); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				v := viewBench(b, store)
				if got, err := v.Reviews(b.Context()); err != nil || len(got) != benchRows {
					b.Fatalf("%d reviews, %v", len(got), err)
				}
				_ = v.Close()
			}
		})
	}
}

func openBench(b *testing.B, dsn string) *crosswalk.Store {
	b.Helper()
	store, err := crosswalk.Open(b.Context(), dsn, crosswalk.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	return store
}

func viewBench(b *testing.B, store *crosswalk.Store) *crosswalk.Snapshot {
	b.Helper()
	v, err := store.Snapshot(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return v
}
