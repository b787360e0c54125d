package similar

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/rules/match"
)

// TestSameResult asks that neither the order of the records nor the number of
// processors changes the pairs, their weights or the model.
func TestSameResult(t *testing.T) {
	in := persons(2500, 11)
	options := Options{Budget: 40_000} // small blocks and pieces of blocks
	var first *Result
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for i, procs := range []int{1, 2, 4, 4} {
		runtime.GOMAXPROCS(procs)
		order := rand.New(rand.NewPCG(uint64(i), 2)).Perm(len(in.Rank)) // by new place: old place
		shuffled := in
		shuffled.Traits = func(rec uint32) []byte { return in.Traits(uint32(order[rec])) }
		shuffled.Rank = make([]uint32, len(order))
		for at, old := range order {
			shuffled.Rank[at] = in.Rank[old]
		}
		got, err := Compare(t.Context(), shuffled, options)
		if err != nil {
			t.Fatal(err)
		}
		for j := range got.Pairs {
			got.Pairs[j].A, got.Pairs[j].B = uint32(order[got.Pairs[j].A]), uint32(order[got.Pairs[j].B])
		}
		if first == nil {
			first = got
			continue
		}
		if diff := cmp.Diff(first.Pairs, got.Pairs); diff != "" {
			t.Errorf("other pairs with %d processors and other rows (-first +got):\n%.2000s", procs, diff)
		}
		if diff := cmp.Diff(first.Blocking, got.Blocking); diff != "" {
			t.Errorf("other blocks (-first +got):\n%s", diff)
		}
		if first.Model.Version() != got.Model.Version() {
			t.Error("another model")
		}
	}
	if len(first.Pairs) < 500 {
		t.Errorf("only %d pairs are found", len(first.Pairs))
	}
}

func TestPairsByRank(t *testing.T) {
	t.Parallel()
	in := persons(2500, 12)
	res, err := Compare(t.Context(), in, Options{Floor: 0.8})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(res.Pairs, func(x, y match.Pair) int {
		if x.A != y.A {
			return int(in.Rank[x.A]) - int(in.Rank[y.A])
		}
		return int(in.Rank[x.B]) - int(in.Rank[y.B])
	}) {
		t.Error("the pairs are not in the order of rank")
	}
	for _, p := range res.Pairs {
		if in.Rank[p.A] >= in.Rank[p.B] {
			t.Fatalf("the pair %v begins with the higher rank", p)
		}
		if p.Weight < float32(Weight(0.8)) {
			t.Fatalf("the pair %v weighs less than the floor", p)
		}
		if w := res.Score(p.B, p.A); w != p.Weight {
			t.Fatalf("the pair %v is scored %v", p, w)
		}
	}
}

func TestNothingToCompare(t *testing.T) {
	t.Parallel()
	for _, in := range []Input{
		{},
		{Roles: personRoles, Traits: func(uint32) []byte { return nil }, Rank: []uint32{0}},
		{Roles: personRoles, Traits: func(uint32) []byte { return nil }, Rank: []uint32{2, 1, 0}},
		{Traits: func(uint32) []byte { return nil }, Rank: make([]uint32, 5000)},
	} {
		res, err := Compare(t.Context(), in, Options{})
		if err != nil || len(res.Pairs) > 0 {
			t.Errorf("%d records without traits: %v, %v", len(in.Rank), res.Pairs, err)
		}
	}
}

// TestScoreOfNothingInCommon asks that records without a role in common say
// nothing about each other, rather than that they are unlike: a person who is
// known by name and one who is known by phone may hang together by a third.
func TestScoreOfNothingInCommon(t *testing.T) {
	t.Parallel()
	in := records(0, "given_name=Jane; family_name=Porter", "phone=+8613912345670",
		"given_name=Jane; family_name=Porter; phone=+8613912345670", "city=Bath; family_name=Young", "")
	res, err := Compare(t.Context(), in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		a, b uint32
		want bool // a weight
	}{{0, 1, false}, {0, 2, true}, {1, 2, true}, {0, 3, true}, {1, 3, false}, {2, 4, false}} {
		if w := res.Score(c.a, c.b); (w == w) != c.want {
			t.Errorf("records %d and %d: %v", c.a, c.b, w)
		}
	}
}
