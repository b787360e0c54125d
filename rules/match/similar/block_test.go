package similar

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
)

// propose is all candidate pairs; it fails where one comes twice.
func propose(t *testing.T, in Input, budget int64) (*blocks, map[pair]bool) {
	t.Helper()
	_, b, _, err := prepare(t.Context(), in, budget, in.reporter())
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	found := map[pair]bool{}
	if err := b.each(t.Context(), func(list []pair) {
		mu.Lock()
		defer mu.Unlock()
		for _, p := range list {
			if found[p] {
				t.Errorf("records %d and %d are proposed twice", p.a, p.b)
			}
			found[p] = true
		}
	}, func(int64, int64) {}); err != nil {
		t.Fatal(err)
	}
	return b, found
}

func TestRecall(t *testing.T) {
	t.Parallel()
	least := map[string]float64{
		"febrl1": 1, "febrl2": 0.999, "febrl3": 0.999, "fake_1000": 1, "early_childhood": 0.985,
		"historical_50k": 0.90, "p100k": 0.99, "p1m": 0.985,
	}
	for _, d := range datasets() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			l := load(t, d)
			b, found := propose(t, l.Input, 0)
			var right int64
			for p := range found {
				if l.truth[p.a] == l.truth[p.b] {
					right++
				}
			}
			recall := float64(right) / float64(l.pairs)
			t.Logf("%.1f candidates a record, recall %.5f", float64(len(found))/float64(len(l.truth)), recall)
			if recall < least[d.name] {
				t.Errorf("the blocks have %.5f of the pairs of one customer, want %.5f", recall, least[d.name])
				for _, r := range b.report {
					t.Logf("%-32s %10d pairs %10d new %v", r.Rule, r.Pairs, r.New, r.Capped)
				}
			}
		})
	}
}

// TestEachOnce compares what is proposed with the pairs of all blocks, for
// budgets that leave blocks whole and that cut them to pieces.
func TestEachOnce(t *testing.T) {
	t.Parallel()
	in := persons(3000, 1)
	for _, budget := range []int64{3000, 30_000, 1_000_000} {
		b, found := propose(t, in, budget)
		want := map[pair]bool{}
		var added int64
		for k, r := range b.rules {
			added += b.report[k].New
			for i := range len(r.starts) - 1 {
				recs := r.recs[r.starts[i]:r.end(i)]
				for j, x := range recs[:r.starts[i+1]-r.starts[i]] {
					for _, y := range recs[j+1:] {
						want[b.t.pair(x, y)] = true
					}
				}
			}
		}
		if !maps.Equal(found, want) {
			t.Errorf("budget %d: %d pairs are proposed, %d share a block", budget, len(found), len(want))
		}
		if added != int64(len(found)) {
			t.Errorf("budget %d: the report has %d new pairs, %d are proposed", budget, added, len(found))
		}
		if b.several == nil {
			t.Error("no record is in two blocks of a rule; the test does not test that")
		}
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	in := persons(5000, 2)
	var last int
	for _, budget := range []int64{20_000, 60_000, 200_000} {
		_, found := propose(t, in, budget)
		if float64(len(found)) > 1.2*float64(budget) { // how many rules share is estimated
			t.Errorf("%d pairs are proposed, allowed are %d", len(found), budget)
		}
		if len(found) <= last {
			t.Errorf("a budget of %d gives %d pairs, a smaller one %d", budget, len(found), last)
		}
		last = len(found)
	}
}

func TestGrowth(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("generates 100,000 persons")
	}
	count := func(n int) (sum int64) {
		report, err := Estimate(t.Context(), persons(n, 3), Options{Budget: perRecord * int64(n)})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range report {
			sum += r.New
		}
		return sum
	}
	if small, large := count(10_000), count(100_000); large > 12*small {
		t.Errorf("ten times the persons have %d candidate pairs instead of %d", large, small)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	for _, n := range []int{500, 4000} {
		in := persons(n, 4)
		in.Open = make([]bool, n)
		for i := range in.Open {
			in.Open[i] = i%7 == 0
		}
		_, found := propose(t, in, 100_000)
		if len(found) == 0 {
			t.Error("nothing is proposed")
		}
		for p := range found {
			if !in.Open[p.a] && !in.Open[p.b] {
				t.Fatalf("records %d and %d are proposed, neither is open", p.a, p.b)
			}
		}
	}
}

func TestKindsNeverMeet(t *testing.T) {
	t.Parallel()
	for _, n := range []int{500, 4000} {
		in := persons(n, 5)
		in.Kind = func(rec uint32) Kind { return Kind(rec % 3) }
		_, found := propose(t, in, 100_000)
		if len(found) == 0 {
			t.Error("nothing is proposed")
		}
		for p := range found {
			if p.a%3 != p.b%3 {
				t.Fatalf("records %d and %d are proposed, which are of two kinds", p.a, p.b)
			}
		}
	}
}

// TestOneBlock asks that records that a rule cannot tell apart are neither all
// compared nor left alone, and that the report says so.
func TestOneBlock(t *testing.T) {
	t.Parallel()
	n := 100_000
	if testing.Short() {
		n = 10_000
	}
	one := AppendTrait(AppendTrait(AppendTrait(nil, 0, "Anna"), 1, "Schmidt"), 3, "anna@example.org")
	same := persons(n, 6)
	same.Traits = func(uint32) []byte { return one }
	b, found := propose(t, same, 0)
	if len(found) > int(b.t.n)*perRecord && len(found) > leastBudget {
		t.Errorf("%d equal records have %d candidate pairs", n, len(found))
	}
	root := make([]uint32, n)
	for i := range root {
		root[i] = uint32(i)
	}
	find := func(r uint32) uint32 {
		for root[r] != r {
			root[r] = root[root[r]]
			r = root[r]
		}
		return r
	}
	for p := range found {
		root[find(p.a)] = find(p.b)
	}
	for r := range root {
		if find(uint32(r)) != find(0) {
			t.Fatalf("no chain of pairs joins the equal records 0 and %d", r)
		}
	}
	if !slices.ContainsFunc(b.report, func(r Blocking) bool { return len(r.Capped) > 0 && r.Capped[0].Records == n }) {
		t.Errorf("no block of %d records is reported: %v", n, b.report)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	in := persons(3000, 7)
	in.Progress = func(string, int64, int64) { cancel() }
	if r, err := Compare(ctx, in, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Compare after cancelling: %v, %v", r, err)
	}
	if r, err := Estimate(ctx, in, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Estimate after cancelling: %v, %v", r, err)
	}
}
