package match

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// scoredWorld is a world with scored pairs and decisions. score is symmetric;
// pairs of at least 0 are proposed.
type scoredWorld struct {
	world
	score           [][]float32
	same, different [][2]uint32
	asked           [][2]uint32
	who             []uint64
	crowded         bool // names are known
}

const mergeAt, reviewAt = 6, 2

// input makes an Input in which record order[p] has number p.
func (w scoredWorld) input(order []uint32) Input {
	n := len(w.joins)
	at := make([]uint32, n)
	for pos, rec := range order {
		at[rec] = uint32(pos)
	}
	in := Input{
		Lines: w.lines, Differ: w.differ, AutoMerge: w.merge,
		Joins:  func(p uint32) []Join { return w.joins[order[p]] },
		Values: func(p uint32) []Value { return w.values[order[p]] },
		Rank:   make([]uint32, n), Customer: make([]uint32, n), Open: make([]bool, n),
		Merge: mergeAt, Review: reviewAt,
	}
	if w.score != nil {
		in.Score = func(a, b uint32) float32 { return w.score[order[a]][order[b]] }
	}
	if w.crowded {
		in.Who = func(p uint32) uint64 { return w.who[order[p]] }
	}
	for pos, rec := range order {
		in.Rank[pos], in.Customer[pos], in.Open[pos] = rec, w.customer[rec], w.open[rec]
	}
	for a := range w.score {
		for b := a + 1; b < n; b++ {
			if w.score[a][b] >= 0 && (w.open[a] || w.open[b]) {
				in.Similar = append(in.Similar, Pair{at[a], at[b], w.score[a][b]})
			}
		}
	}
	for _, s := range w.same {
		in.Same = append(in.Same, [2]uint32{at[s[0]], at[s[1]]})
	}
	for _, d := range w.different {
		in.Different = append(in.Different, [2]uint32{at[d[0]], at[d[1]]})
	}
	for _, a := range w.asked {
		in.Asked = append(in.Asked, [2]uint32{at[a[0]], at[a[1]]})
	}
	return in
}

// run groups the records in an order and translates the result back.
func (w scoredWorld) run(order []uint32) Result {
	got := Group(w.input(order))
	back := Result{Root: make([]uint32, len(order)), Line: make([]uint8, len(order)), InDoubt: map[uint32]bool{}, Dropped: slices.Clone(got.Dropped)}
	for pos, rec := range order {
		back.Root[rec] = order[got.Root[pos]]
		back.Line[rec] = got.Line[pos]
	}
	for pos := range got.InDoubt {
		back.InDoubt[order[pos]] = true
	}
	for _, r := range got.Reviews {
		back.Reviews = append(back.Reviews, Review{order[r.A], order[r.B], r.Line, r.Why, r.Weight})
	}
	for i := range back.Dropped {
		back.Dropped[i].First = order[back.Dropped[i].First]
	}
	return back
}

func (w scoredWorld) ordered() Result { return w.run(identity(len(w.joins))) }

// scores makes a symmetric matrix with a value for every other pair.
func scores(n int, other float32, pairs ...Pair) [][]float32 {
	m := make([][]float32, n)
	for i := range m {
		m[i] = make([]float32, n)
		for j := range m[i] {
			m[i][j] = other
		}
	}
	for _, p := range pairs {
		m[p.A][p.B], m[p.B][p.A] = p.Weight, p.Weight
	}
	return m
}

func TestScoredPairs(t *testing.T) {
	t.Parallel()
	const name, tax = 0, 1
	for _, tc := range []struct {
		name    string
		world   func() scoredWorld
		roots   []uint32
		lines   []uint8
		doubts  []uint32
		reviews []Review
	}{
		{"a strong pair joins, a weaker one is asked, a weak one is nothing", func() (w scoredWorld) {
			for range 6 {
				w.rec(0, true, nil)
			}
			w.score = scores(6, -20, Pair{0, 1, 7}, Pair{2, 3, 4}, Pair{4, 5, 1})
			return
		}, []uint32{0, 0, 2, 3, 4, 5}, []uint8{250, 250, 255, 255, 255, 255}, []uint32{3}, []Review{{2, 3, SimilarLine, Unsure, 4}}},
		{"a pair joins what lines made, and lines say what they joined", func() (w scoredWorld) {
			w.lines = []Line{{}}
			w.rec(0, true, on(0, 1))
			w.rec(0, true, on(0, 1))
			w.rec(0, true, nil)
			w.score = scores(3, 9)
			return
		}, []uint32{0, 0, 0}, []uint8{0, 0, 250}, nil, nil},
		{"a weak bridge is asked", func() (w scoredWorld) {
			for range 4 {
				w.rec(0, true, nil)
			}
			w.score = scores(4, -9, Pair{0, 1, 20}, Pair{2, 3, 20}, Pair{1, 2, 8})
			return
		}, []uint32{0, 0, 2, 2}, []uint8{250, 250, 250, 250}, []uint32{2}, []Review{{1, 2, SimilarLine, WeakBridge, 8}}},
		{"a pair that has nothing to compare does not speak against a bridge", func() (w scoredWorld) {
			for range 3 {
				w.rec(0, true, nil)
			}
			w.score = scores(3, float32(math.NaN()), Pair{0, 1, 20}, Pair{1, 2, 8})
			return
		}, []uint32{0, 0, 0}, []uint8{250, 250, 250}, nil, nil},
		{"one question among clusters that resemble each other for each that it takes", func() (w scoredWorld) {
			for range 4 {
				w.rec(0, true, nil)
			}
			w.score = scores(4, 3, Pair{0, 3, 5}, Pair{1, 2, 4})
			return
		}, []uint32{0, 1, 2, 3}, []uint8{255, 255, 255, 255}, []uint32{1, 2, 3}, []Review{{0, 1, SimilarLine, Unsure, 3}, {0, 3, SimilarLine, Unsure, 5}, {1, 2, SimilarLine, Unsure, 4}}},
		{"two customers with numbers are one question", func() (w scoredWorld) {
			w.rec(8, true, nil)
			w.rec(8, true, nil)
			w.rec(9, true, nil)
			w.rec(9, true, nil)
			w.score = scores(4, 9, Pair{1, 2, 10})
			return
		}, []uint32{0, 0, 2, 2}, []uint8{255, 255, 255, 255}, nil, []Review{{1, 2, SimilarLine, TwoCustomers, 10}}},
		{"unless they may be merged", func() (w scoredWorld) {
			w.merge = true
			w.rec(8, true, nil)
			w.rec(9, true, nil)
			w.score = scores(2, 9)
			return
		}, []uint32{0, 0}, []uint8{250, 250}, nil, nil},
		{"what was decided before is left alone", func() (w scoredWorld) {
			w.rec(8, false, nil)
			w.rec(9, false, nil)
			w.score = scores(2, 9)
			return
		}, []uint32{0, 1}, []uint8{255, 255}, nil, nil},
		{"a record that fits two customers joins neither, however much better it fits one", func() (w scoredWorld) {
			w.rec(8, false, nil)
			w.rec(9, false, nil)
			w.rec(0, true, nil)
			w.score = scores(3, -20, Pair{0, 2, 40}, Pair{1, 2, 7})
			return
		}, []uint32{0, 1, 2}, []uint8{255, 255, 255}, []uint32{2}, []Review{{0, 2, SimilarLine, BetweenTwo, 40}, {1, 2, SimilarLine, BetweenTwo, 7}}},
		{"nor do two records that hang together", func() (w scoredWorld) {
			w.rec(8, false, nil)
			w.rec(9, false, nil)
			w.rec(0, true, nil)
			w.rec(0, true, nil)
			w.score = scores(4, 1, Pair{0, 2, 9}, Pair{1, 3, 7}, Pair{2, 3, 30})
			return
		}, []uint32{0, 1, 2, 2}, []uint8{255, 255, 250, 250}, []uint32{2}, []Review{{0, 2, SimilarLine, BetweenTwo, 9}, {1, 3, SimilarLine, BetweenTwo, 7}}},
		{"one that lines leave torn is not settled by a score", func() (w scoredWorld) {
			w.lines = []Line{{}, {}}
			w.rec(8, false, on(0, 1))
			w.rec(9, false, on(1, 2))
			w.rec(0, true, both(on(0, 1), on(1, 2)))
			w.score = scores(3, -20, Pair{0, 2, 40})
			return
		}, []uint32{0, 1, 2}, []uint8{255, 255, 255}, []uint32{2}, []Review{{0, 2, 0, BetweenTwo, 0}, {1, 2, 1, BetweenTwo, 0}}},
		{"nor is it once it has a number and the others wait", func() (w scoredWorld) {
			w.lines = []Line{{Confirm: []uint8{name}}}
			w.rec(8, false, on(0, 1))
			w.rec(0, true, on(0, 1), has(name, 1))
			w.rec(0, true, on(0, 1), has(name, 2))
			w.score = scores(3, -3, Pair{0, 1, 20}, Pair{0, 2, 20})
			return
		}, []uint32{0, 1, 2}, []uint8{255, 255, 255}, []uint32{1, 2}, []Review{{0, 1, 0, BetweenTwo, 0}, {1, 2, 0, Contradicted, 0}}},
		{"a differ field keeps apart without a question", func() (w scoredWorld) {
			w.differ = []uint8{tax}
			w.rec(0, true, nil, has(tax, 1))
			w.rec(0, true, nil, has(tax, 2))
			w.score = scores(2, 9)
			return
		}, []uint32{0, 1}, []uint8{255, 255}, nil, nil},
		{"and so does a person", func() (w scoredWorld) {
			w.lines = []Line{{}}
			w.rec(0, true, on(0, 1))
			w.rec(0, true, on(0, 1))
			w.score, w.different = scores(2, 9), [][2]uint32{{1, 0}}
			return
		}, []uint32{0, 1}, []uint8{255, 255}, nil, nil},
		{"whose word holds through chains", func() (w scoredWorld) {
			w.rec(0, true, nil)
			w.rec(0, true, nil)
			w.rec(0, true, nil)
			w.score, w.different = scores(3, 9), [][2]uint32{{0, 2}}
			return
		}, []uint32{0, 1, 2}, []uint8{255, 255, 255}, []uint32{1, 2}, []Review{{0, 1, SimilarLine, BetweenTwo, 9}, {1, 2, SimilarLine, BetweenTwo, 9}}},
		{"same by a person outranks numbers, differ and likeness", func() (w scoredWorld) {
			w.differ = []uint8{tax}
			w.rec(8, false, nil, has(tax, 1))
			w.rec(9, false, nil, has(tax, 2))
			w.score, w.same = scores(2, -30), [][2]uint32{{1, 0}}
			return
		}, []uint32{0, 0}, []uint8{249, 249}, nil, nil},
		{"different outranks a chain of same, and nobody is asked what is answered", func() (w scoredWorld) {
			for range 3 {
				w.rec(0, true, nil)
			}
			w.same, w.different = [][2]uint32{{1, 2}, {0, 1}}, [][2]uint32{{0, 2}}
			return
		}, []uint32{0, 0, 2}, []uint8{249, 249, 255}, nil, nil},
		{"what was asked of two customers need not be asked of a third record with both", func() (w scoredWorld) {
			w.rec(8, false, nil)
			w.rec(9, false, nil)
			w.rec(0, true, nil)
			w.score = scores(3, -9, Pair{0, 2, 3}, Pair{1, 2, 4})
			w.asked = [][2]uint32{{0, 1}}
			return
		}, []uint32{0, 1, 2}, []uint8{255, 255, 255}, []uint32{2}, []Review{{1, 2, SimilarLine, Unsure, 4}}},
		{"one agreement that chains very unlike records is asked", func() (w scoredWorld) {
			w.lines = []Line{{}, {}}
			w.rec(0, true, on(0, 1))
			w.rec(0, true, both(on(0, 1), on(1, 2)))
			w.rec(0, true, on(1, 2))
			w.rec(0, true, on(1, 2))
			w.score = scores(4, -20, Pair{0, 1, 3}, Pair{1, 2, 3}, Pair{1, 3, 3}, Pair{2, 3, 9})
			return
		}, []uint32{0, 0, 2, 2}, []uint8{0, 0, 1, 1}, []uint32{2}, []Review{{1, 2, 1, WeakBridge, 0}}},
		{"but not what lines say of the two records themselves", func() (w scoredWorld) {
			w.lines = []Line{{}}
			w.rec(0, true, on(0, 1))
			w.rec(0, true, on(0, 1))
			w.rec(0, true, on(0, 1))
			w.score = scores(3, -20)
			return
		}, []uint32{0, 0, 0}, []uint8{0, 0, 0}, nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := tc.world().ordered()
			if diff := cmp.Diff(tc.roots, got.Root); diff != "" {
				t.Errorf("roots (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.lines, got.Line); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.reviews, got.Reviews); diff != "" {
				t.Errorf("reviews (-want +got):\n%s", diff)
			}
			doubts := map[uint32]bool{}
			for _, d := range tc.doubts {
				doubts[d] = true
			}
			if diff := cmp.Diff(doubts, got.InDoubt); diff != "" {
				t.Errorf("in doubt (-want +got):\n%s", diff)
			}
		})
	}
}

// Records of which each is like the next few, and none like most, are no one
// customer, however many there are.
func TestSparseClusterStaysSmall(t *testing.T) {
	t.Parallel()
	const n = 120
	var w scoredWorld
	w.score = scores(n, 1)
	for a := range n {
		w.rec(0, true, nil)
		for b := max(0, a-3); b < a; b++ {
			w.score[a][b], w.score[b][a] = 30-float32(a-b), 30-float32(a-b)
		}
	}
	got := w.ordered()
	size := map[uint32]int{}
	for _, root := range got.Root {
		size[root]++
	}
	for root, k := range size {
		if k > manyRecords {
			t.Errorf("%d records in the cluster of %d", k, root)
		}
	}
	if len(size) < 2 || len(got.Reviews) != len(size)-1 {
		t.Fatalf("%d clusters and %d reviews, want one review less than clusters", len(size), len(got.Reviews))
	}
	for _, r := range got.Reviews {
		if r.Why != TooLarge && r.Why != WeakBridge {
			t.Errorf("review %v, want one of a cluster that is too large", r)
		}
	}
}

func drawScored(t *rapid.T) scoredWorld {
	w := scoredWorld{world: drawWorld(t)}
	n := len(w.joins)
	if rapid.Bool().Draw(t, "scored") {
		w.score = scores(n, 0)
		for a := range n {
			for b := range a {
				s := float32(rapid.SampledFrom([]int{-30, -12, -3, 0, 1, 3, 4, 7, 7, 9, 20}).Draw(t, "score"))
				w.score[a][b], w.score[b][a] = s, s
			}
		}
	}
	pairs := func(label string) (out [][2]uint32) {
		for range rapid.IntRange(0, 3).Draw(t, label) {
			a, b := rapid.IntRange(0, n-1).Draw(t, "a"), rapid.IntRange(0, n-1).Draw(t, "b")
			if a != b {
				out = append(out, [2]uint32{uint32(a), uint32(b)})
			}
		}
		return out
	}
	w.same, w.different = pairs("same"), pairs("different")
	return w
}

func TestScoredGroupDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawScored(t)
		want := w.ordered()
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		order := identity(len(w.joins))
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		r.Shuffle(len(w.same), func(i, j int) { w.same[i], w.same[j] = w.same[j], w.same[i] })
		r.Shuffle(len(w.different), func(i, j int) { w.different[i], w.different[j] = w.different[j], w.different[i] })
		if diff := cmp.Diff(want, w.run(order)); diff != "" {
			t.Fatalf("order %v gives another result (-sorted +shuffled):\n%s", order, diff)
		}
	})
}

// kept are the records that belong together before any rule: of one customer,
// or said to be the same where nobody said otherwise.
func (w scoredWorld) kept() *set {
	s := newSet(identity(len(w.joins)))
	for a, c := range w.customer {
		for b := range a {
			if c != 0 && w.customer[b] == c {
				s.union(uint32(a), uint32(b))
			}
		}
	}
	return s
}

// linked is kept with every Same, also those that a Different refuses.
func (w scoredWorld) linked() *set {
	s := w.kept()
	for _, p := range w.same {
		s.union(p[0], p[1])
	}
	return s
}

func TestGuardsHoldThroughChains(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawScored(t)
		got := w.ordered()
		customers, linked := w.kept(), w.linked()
		for _, d := range w.different {
			if got.Root[d[0]] == got.Root[d[1]] && customers.find(d[0]) != customers.find(d[1]) {
				t.Fatalf("%v were kept apart by a person and were joined", d)
			}
		}
		for a := range uint32(len(w.joins)) {
			if got.Root[got.Root[a]] != got.Root[a] || got.Root[a] > a {
				t.Fatalf("root of %d is %d, which is not the first of its cluster", a, got.Root[a])
			}
			for b := range a {
				one := got.Root[a] == got.Root[b]
				switch {
				case !one && customers.find(a) == customers.find(b):
					t.Fatalf("customer %d was split between %d and %d", w.customer[a], a, b)
				case !one || linked.find(a) == linked.find(b):
				case !w.merge && w.customer[a] != 0 && w.customer[b] != 0 && w.customer[a] != w.customer[b]:
					t.Fatalf("%d and %d have different numbers and were joined", a, b)
				case contradict(w.values[a], w.values[b], w.differ):
					t.Fatalf("%d and %d differ and were joined", a, b)
				}
			}
		}
		if len(w.different) == 0 {
			for _, s := range w.same {
				if got.Root[s[0]] != got.Root[s[1]] {
					t.Fatalf("%v are the same by a person and were not joined", s)
				}
			}
		}
	})
}

func TestReviewsAskWhatIsOpen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawScored(t)
		got := w.ordered()
		apart := map[[2]uint32]bool{}
		for _, d := range w.different {
			a, b := got.Root[d[0]], got.Root[d[1]]
			apart[[2]uint32{min(a, b), max(a, b)}] = true
		}
		seen := map[[2]uint32]bool{}
		for _, r := range got.Reviews {
			a, b := got.Root[r.A], got.Root[r.B]
			pair := [2]uint32{min(a, b), max(a, b)}
			switch {
			case r.A >= r.B:
				t.Fatalf("review %v does not name the lower rank first", r)
			case a == b:
				t.Fatalf("review %v of one cluster", r)
			case seen[pair]:
				t.Fatalf("two reviews of the clusters %v", pair)
			}
			seen[pair] = true
			switch {
			case apart[pair]:
				t.Fatalf("review %v asks what a person has answered", r)
			case contradict(w.values[r.A], w.values[r.B], w.differ):
				t.Fatalf("review %v asks of two that differ", r)
			case !w.open[r.A] && !w.open[r.B]:
				t.Fatalf("review %v of two that were decided before", r)
			}
		}
		for root := range got.InDoubt {
			if got.Root[root] != root {
				t.Fatalf("%d is in doubt and no root", root)
			}
		}
	})
}

// What a run decided, the next one leaves alone.
func TestSecondRunChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawScored(t)
		first := w.ordered()
		for i, root := range first.Root {
			w.customer[i], w.open[i] = root+1, false
		}
		second := w.ordered()
		if diff := cmp.Diff(first.Root, second.Root); diff != "" {
			t.Fatalf("the second run changes clusters (-first +second):\n%s", diff)
		}
		if len(second.Reviews) > 0 {
			t.Fatalf("the second run asks %v", second.Reviews)
		}
	})
}

// New records never move those that have a customer.
func TestNewRecordsLeaveOldOnesAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawScored(t)
		w.merge, w.same = false, nil
		old := rapid.IntRange(0, len(w.joins)).Draw(t, "old")
		for i := range w.joins {
			w.customer[i], w.open[i] = 0, i >= old
			if i < old {
				w.customer[i] = uint32(rapid.IntRange(1, old).Draw(t, "customer"))
			}
		}
		got := w.ordered()
		for a := range old {
			for b := range a {
				if (got.Root[a] == got.Root[b]) != (w.customer[a] == w.customer[b]) {
					t.Fatalf("old records %d and %d of customers %d and %d have roots %d and %d",
						a, b, w.customer[a], w.customer[b], got.Root[a], got.Root[b])
				}
			}
		}
	})
}

// Without anything against it, a scored pair is as good as a line.
func TestPairsJoinLikeLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		w := scoredWorld{}
		for range n {
			w.rec(0, true, nil)
		}
		want := newSet(identity(n))
		w.score = scores(n, float32(math.NaN()))
		for range rapid.IntRange(0, n).Draw(t, "pairs") {
			a, b := rapid.Uint32Range(0, uint32(n)-1).Draw(t, "a"), rapid.Uint32Range(0, uint32(n)-1).Draw(t, "b")
			if a != b {
				w.score[a][b], w.score[b][a] = 8, 8
				want.union(a, b)
			}
		}
		got := w.ordered()
		if diff := cmp.Diff(want.flat(), got.Root); diff != "" {
			t.Fatalf("roots (-want +got):\n%s", diff)
		}
		if len(got.Reviews) > 0 {
			t.Fatalf("reviews %v", got.Reviews)
		}
	})
}

// A value that people of many names share is nobody's own.
func TestValueOfManyNames(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		records int
		names   int
		line    Line
		joined  bool
	}{
		{"few names", 30, 9, Line{}, true},
		{"many names", 12, 10, Line{}, false},
		{"many names of a line that confirms them", 12, 10, Line{Named: true}, true},
		{"many spellings of one large customer", 60, 12, Line{}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := scoredWorld{crowded: true}
			w.lines = []Line{tc.line}
			for i := range tc.records {
				w.rec(0, true, on(0, 1))
				w.who = append(w.who, uint64(1+i%tc.names))
			}
			got := w.ordered()
			if joined := got.Root[tc.records-1] == 0; joined != tc.joined {
				t.Errorf("joined is %v, want %v", joined, tc.joined)
			}
			var want []Dropped
			if !tc.joined {
				want = []Dropped{{Records: tc.records, Names: tc.names}}
			}
			if diff := cmp.Diff(want, got.Dropped); diff != "" {
				t.Errorf("dropped (-want +got):\n%s", diff)
			}
		})
	}
}

// benchInput is n records in clusters of one to six, with the pairs of each,
// a few pairs between strangers, and one agreement in ten records.
func benchInput(n int) Input {
	r := rand.New(rand.NewPCG(1, 2))
	entity := make([]uint32, 0, n+6)
	for e := uint32(0); len(entity) < n; e++ {
		for range 1 + min(r.IntN(6), r.IntN(6)) {
			entity = append(entity, e)
		}
	}
	entity = entity[:n]
	joins := make([]Join, n)
	for i := range joins {
		v := uint64(entity[i])
		if i%10 != 0 {
			v = uint64(n + i)
		}
		joins[i] = on(0, v)[0]
	}
	in := Input{
		Lines: []Line{{}}, Merge: mergeAt, Review: reviewAt,
		Joins:  func(p uint32) []Join { return joins[p : p+1] },
		Values: func(uint32) []Value { return nil },
		Rank:   identity(n), Customer: make([]uint32, n), Open: slices.Repeat([]bool{true}, n),
	}
	in.Score = func(a, b uint32) float32 {
		if entity[a] == entity[b] {
			return 12
		}
		return -12
	}
	for a := range uint32(n) {
		for b := a + 1; b < uint32(n) && entity[b] == entity[a]; b++ {
			in.Similar = append(in.Similar, Pair{a, b, float32(r.NormFloat64()*6 + 15)})
		}
		if b := uint32(r.IntN(n)); a%20 == 0 && b > a {
			in.Similar = append(in.Similar, Pair{a, b, float32(r.NormFloat64()*2 + 4)})
		}
	}
	return in
}

func BenchmarkScored(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			in := benchInput(n)
			b.ReportAllocs()
			for b.Loop() {
				Group(in)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/record")
			b.ReportMetric(float64(len(in.Similar)), "pairs")
		})
	}
}
