package match

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// world is a small set of records with evidence, in terms a test can read.
type world struct {
	lines    []Line
	differ   []uint8
	joins    [][]Join
	values   [][]Value
	customer []uint32
	open     []bool
	merge    bool
}

func (w world) group() Result { return w.shuffled(identity(len(w.joins))) }

// shuffled groups the records in another order and translates the result
// back; ranks stay with the records.
func (w world) shuffled(order []uint32) Result {
	n := len(w.joins)
	at := make([]uint32, n) // record -> position
	for pos, rec := range order {
		at[rec] = uint32(pos)
	}
	in := Input{
		Lines: w.lines, Differ: w.differ, AutoMerge: w.merge,
		Joins:  func(p uint32) []Join { return w.joins[order[p]] },
		Values: func(p uint32) []Value { return w.values[order[p]] },
		Rank:   make([]uint32, n), Customer: make([]uint32, n), Open: make([]bool, n),
	}
	for pos, rec := range order {
		in.Rank[pos], in.Customer[pos], in.Open[pos] = rec, w.customer[rec], w.open[rec]
	}
	got := Group(in)
	back := Result{Root: make([]uint32, n), Line: make([]uint8, n), InDoubt: map[uint32]bool{}, Dropped: got.Dropped}
	for rec := range n {
		back.Root[rec] = order[got.Root[at[rec]]]
		back.Line[rec] = got.Line[at[rec]]
	}
	for pos := range got.InDoubt {
		back.InDoubt[order[pos]] = true
	}
	for _, r := range got.Reviews {
		back.Reviews = append(back.Reviews, Review{order[r.A], order[r.B], r.Line, r.Why, r.Weight})
	}
	return back
}

// rec adds a record: joins are "line:value", values "role=value".
func (w *world) rec(customer uint32, open bool, joins []Join, values ...Value) {
	w.joins = append(w.joins, joins)
	w.values = append(w.values, values)
	w.customer = append(w.customer, customer)
	w.open = append(w.open, open)
}

func on(line uint8, value uint64) []Join {
	return []Join{{Line: line, Hash: Hash{Hi: value * 0x9e3779b97f4a7c15, Lo: value}}}
}

func both(js ...[]Join) []Join { return slices.Concat(js...) }

func has(role uint8, value uint64) Value { return Value{Role: role, Hash: value << 1} }

func TestGroup(t *testing.T) {
	t.Parallel()
	const name, tax = 0, 1
	plain, confirmed := []Line{{}, {}}, []Line{{Confirm: []uint8{name}}, {}}
	for _, tc := range []struct {
		name    string
		world   func() world
		roots   []uint32
		doubts  []uint32
		reviews []Review
	}{
		{"agreement joins, through chains", func() (w world) {
			w.lines = plain
			w.rec(0, true, on(0, 1))
			w.rec(0, true, both(on(0, 1), on(1, 7)))
			w.rec(0, true, on(1, 7))
			w.rec(0, true, on(0, 2))
			return
		}, []uint32{0, 0, 0, 3}, nil, nil},
		{"equal values on different lines are no agreement", func() (w world) {
			w.lines = plain
			w.rec(0, true, []Join{{0, Hash{5, 1}}})
			w.rec(0, true, []Join{{1, Hash{5, 2}}})
			return
		}, []uint32{0, 1}, nil, nil},
		{"a new record joins the customer that has a number, whatever its rank", func() (w world) {
			w.lines = plain
			w.rec(0, true, on(0, 1))
			w.rec(9, false, on(0, 1))
			return
		}, []uint32{0, 0}, nil, nil},
		{"a record that fits two numbered customers joins neither", func() (w world) {
			w.lines = plain
			w.rec(8, false, on(0, 1))
			w.rec(9, false, on(1, 2))
			w.rec(0, true, both(on(0, 1), on(1, 2)))
			return
		}, []uint32{0, 1, 2}, []uint32{2}, []Review{{0, 2, 0, BetweenTwo, 0}, {1, 2, 1, BetweenTwo, 0}}},
		{"unless customers may be merged", func() (w world) {
			w.lines, w.merge = plain, true
			w.rec(8, false, on(0, 1))
			w.rec(9, false, on(1, 2))
			w.rec(0, true, both(on(0, 1), on(1, 2)))
			return
		}, []uint32{0, 0, 0}, nil, nil},
		{"two numbered customers that were decided before are left alone", func() (w world) {
			w.lines = plain
			w.rec(8, false, on(0, 1))
			w.rec(9, false, on(0, 1))
			return
		}, []uint32{0, 1}, nil, nil},
		{"a changed record that now fits another customer raises a review", func() (w world) {
			w.lines = plain
			w.rec(8, true, on(0, 1))
			w.rec(9, false, on(0, 1))
			return
		}, []uint32{0, 1}, nil, []Review{{0, 1, 0, TwoCustomers, 0}}},
		{"a confirming field that contradicts makes a review", func() (w world) {
			w.lines = confirmed
			w.rec(0, true, on(0, 1), has(name, 1))
			w.rec(0, true, on(0, 1), has(name, 2))
			w.rec(0, true, on(0, 1), has(name, 1))
			return
		}, []uint32{0, 1, 0}, []uint32{1}, []Review{{0, 1, 0, Contradicted, 0}}},
		{"one that is blank does not contradict", func() (w world) {
			w.lines = confirmed
			w.rec(0, true, on(0, 1), has(name, 1))
			w.rec(0, true, on(0, 1))
			return
		}, []uint32{0, 0}, nil, nil},
		{"but is torn between two that do", func() (w world) {
			w.lines = confirmed
			w.rec(0, true, on(0, 1), has(name, 1))
			w.rec(0, true, on(0, 1), has(name, 2))
			w.rec(0, true, on(0, 1))
			return
		}, []uint32{0, 1, 2}, []uint32{1, 2}, []Review{{0, 1, 0, Contradicted, 0}, {0, 2, 0, BetweenTwo, 0}}},
		{"a line that needs no confirmation outranks one of the same fields that does", func() (w world) {
			w.lines = []Line{{Confirm: []uint8{name}}, {}}
			w.rec(0, true, []Join{{0, Hash{1, 1}}, {1, Hash{1, 1}}}, has(name, 1))
			w.rec(0, true, []Join{{0, Hash{1, 1}}, {1, Hash{1, 1}}}, has(name, 2))
			return
		}, []uint32{0, 0}, nil, nil},
		{"one of several names is enough", func() (w world) {
			w.lines = confirmed
			w.rec(0, true, on(0, 1), has(name, 1), has(name, 5))
			w.rec(0, true, on(0, 1), has(name, 2), has(name, 5))
			return
		}, []uint32{0, 0}, nil, nil},
		{"a differ field keeps apart without a review", func() (w world) {
			w.lines, w.differ = plain, []uint8{tax}
			w.rec(0, true, on(0, 1), has(tax, 1))
			w.rec(0, true, on(0, 1), has(tax, 2))
			return
		}, []uint32{0, 1}, nil, nil},
		{"through a chain, and the one between is in doubt", func() (w world) {
			w.lines, w.differ = plain, []uint8{tax}
			w.rec(0, true, on(0, 1), has(tax, 1))
			w.rec(0, true, both(on(0, 1), on(1, 2)))
			w.rec(0, true, on(1, 2), has(tax, 2))
			return
		}, []uint32{0, 1, 2}, []uint32{1, 2}, []Review{{0, 1, 0, BetweenTwo, 0}, {1, 2, 1, BetweenTwo, 0}}},
		{"a contradiction does not hurt those it does not concern", func() (w world) {
			w.lines, w.differ = plain, []uint8{tax}
			w.rec(0, true, on(0, 1), has(tax, 1))
			w.rec(0, true, both(on(0, 1), on(1, 2)), has(tax, 2))
			w.rec(0, true, on(1, 2))
			return
		}, []uint32{0, 1, 1}, nil, nil},
		{"all records of a customer speak for it", func() (w world) {
			w.lines, w.differ = plain, []uint8{tax}
			w.rec(8, false, on(0, 1))
			w.rec(8, false, nil, has(tax, 1))
			w.rec(0, true, on(0, 1), has(tax, 2))
			return
		}, []uint32{0, 0, 2}, nil, nil},
		{"stored evidence finds new records by its hash", func() (w world) {
			w.lines = plain
			w.rec(8, false, []Join{{NoLine, on(0, 1)[0].Hash}})
			w.rec(0, true, on(0, 1))
			return
		}, []uint32{0, 0}, nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := tc.world().group()
			if diff := cmp.Diff(tc.roots, got.Root); diff != "" {
				t.Errorf("roots (-want +got):\n%s", diff)
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

func drawWorld(t *rapid.T) world {
	var w world
	w.lines = []Line{{}, {Confirm: []uint8{0}}, {Confirm: []uint8{0, 1}}}
	w.differ = []uint8{1}
	w.merge = rapid.Bool().Draw(t, "merge")
	for range rapid.IntRange(1, 14).Draw(t, "n") {
		var joins []Join
		for range rapid.IntRange(0, 3).Draw(t, "joins") {
			line := rapid.Uint8Range(0, 2).Draw(t, "line")
			joins = append(joins, on(line, uint64(line)*100+rapid.Uint64Range(1, 4).Draw(t, "value"))...)
		}
		slices.SortFunc(joins, func(a, b Join) int { return int(a.Hash.Lo) - int(b.Hash.Lo) })
		joins = slices.Compact(joins)
		var values []Value
		for _, role := range []uint8{0, 1} {
			for range rapid.IntRange(0, 2).Draw(t, "values") {
				values = append(values, has(role, rapid.Uint64Range(1, 3).Draw(t, "hash")))
			}
		}
		customer := uint32(max(0, rapid.IntRange(-5, 3).Draw(t, "customer")))
		w.rec(customer, customer == 0 || rapid.Bool().Draw(t, "open"), joins, values...)
	}
	return w
}

func TestGroupDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		want := w.group()
		order := identity(len(w.joins))
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		got := w.shuffled(order)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("order %v gives another result (-sorted +shuffled):\n%s", order, diff)
		}
	})
}

func TestClustersHoldNoContradiction(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		got := w.group()
		for a := range w.joins {
			if got.Root[got.Root[a]] != got.Root[a] || got.Root[a] > uint32(a) {
				t.Fatalf("root of %d is %d, which is not the first of its cluster", a, got.Root[a])
			}
			for b := range a {
				if got.Root[a] != got.Root[b] {
					if w.customer[a] != 0 && w.customer[a] == w.customer[b] {
						t.Fatalf("customer %d was split between %d and %d", w.customer[a], a, b)
					}
					continue
				}
				if w.customer[a] != 0 && w.customer[b] != 0 && w.customer[a] != w.customer[b] && !w.merge {
					t.Fatalf("%d and %d have different numbers and were joined", a, b)
				}
				decided := w.customer[a] != 0 && w.customer[a] == w.customer[b]
				if !decided && contradict(w.values[a], w.values[b], w.differ) {
					t.Fatalf("%d and %d differ and were joined", a, b)
				}
			}
		}
		for _, r := range got.Reviews {
			if got.Root[r.A] == got.Root[r.B] {
				t.Fatalf("review of %d and %d, which are one customer", r.A, r.B)
			}
		}
	})
}

func TestGroupIsTheClosureOfPlainAgreement(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.lines, w.differ = []Line{{}, {}, {}}, nil
		for i := range w.customer {
			w.customer[i], w.open[i] = 0, true
		}
		want := newSet(identity(len(w.joins)))
		for a := range w.joins {
			for b := range a {
				for _, j := range w.joins[a] {
					if slices.Contains(w.joins[b], j) {
						want.union(uint32(a), uint32(b))
					}
				}
			}
		}
		got := w.group()
		for i := range w.joins {
			if got.Root[i] != want.find(uint32(i)) {
				t.Fatalf("root of %d is %d, want %d", i, got.Root[i], want.find(uint32(i)))
			}
		}
	})
}

// A value that very many different people share joins nobody and is named.
func TestCrowdedValueIsNoEvidence(t *testing.T) {
	t.Parallel()
	w := world{lines: []Line{{Confirm: []uint8{0}}}}
	for i := range maxClasses + 1 {
		w.rec(0, true, on(0, 1), has(0, uint64(i+1)))
	}
	got := w.group()
	for i, r := range got.Root {
		if r != uint32(i) {
			t.Fatalf("record %d was joined to %d", i, r)
		}
	}
	want := []Dropped{{Line: 0, Records: maxClasses + 1, Groups: maxClasses + 1}}
	if diff := cmp.Diff(want, got.Dropped); diff != "" {
		t.Errorf("dropped (-want +got):\n%s", diff)
	}
}

func BenchmarkGroup(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			var w world
			w.lines = []Line{{}}
			for i := range n {
				v := uint64(i)
				if i%10 == 0 {
					v = uint64(r.IntN(n))
				}
				w.rec(0, true, on(0, v))
			}
			b.ResetTimer()
			for b.Loop() {
				w.group()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/record")
		})
	}
}
