package quality_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/xwalk-id/xwalk/mapping/quality"
	"github.com/xwalk-id/xwalk/rules/match"
)

// naive measures a grouping by looking at every pair and every set.
func naive(cluster, truth []uint32) quality.Outcome {
	var o quality.Outcome
	clusters, customers := map[uint32][]int{}, map[uint32][]int{}
	var known []int
	for i, t := range truth {
		if t != quality.Unknown {
			known = append(known, i)
			clusters[cluster[i]] = append(clusters[cluster[i]], i)
			customers[t] = append(customers[t], i)
		}
	}
	c := &o.Closure
	for x, i := range known {
		for _, j := range known[x+1:] {
			said, is := cluster[i] == cluster[j], truth[i] == truth[j]
			c.Said += count(said)
			c.True += count(is)
			c.Right += count(said && is)
		}
	}
	e := &o.Exact
	e.Said, e.True = int64(len(clusters)), int64(len(customers))
	for _, members := range clusters {
		o.Largest = max(o.Largest, len(members))
		e.Right += count(cmp.Equal(members, customers[truth[members[0]]]))
	}
	o.Clusters = len(clusters)
	for _, m := range []*quality.Measure{c, e} {
		m.Precision, m.Recall = ratio(m.Right, m.Said), ratio(m.Right, m.True)
	}
	b := &o.BCubed
	for _, i := range known {
		both := 0
		for _, j := range known {
			both += int(count(cluster[i] == cluster[j] && truth[i] == truth[j]))
		}
		b.Precision += float64(both) / float64(len(clusters[cluster[i]])) / float64(len(known))
		b.Recall += float64(both) / float64(len(customers[truth[i]])) / float64(len(known))
	}
	if len(known) == 0 {
		b.Precision, b.Recall = 1, 1
	}
	for _, m := range []*quality.Measure{c, e, b} {
		if m.Precision+m.Recall > 0 {
			m.F1 = 2 * m.Precision * m.Recall / (m.Precision + m.Recall)
		}
	}
	return o
}

func count(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

func ratio(n, of int64) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

var nearly = cmpopts.EquateApprox(0, 1e-9)

// drawn is a random grouping of up to 40 records into few clusters.
func drawn(t *rapid.T) quality.Input {
	n := rapid.IntRange(0, 40).Draw(t, "records")
	label := func(name string, low int) []uint32 {
		out := make([]uint32, n)
		for i := range out {
			out[i] = uint32(rapid.IntRange(min(low, n), min(n, 12)).Draw(t, name))
		}
		return out
	}
	in := quality.Input{Cluster: label("cluster", 0), Truth: label("truth", 0), Examples: 3}
	for a := range n {
		for b := a + 1; b < n; b++ {
			switch rapid.IntRange(0, 20).Draw(t, "pair") {
			case 0:
				in.Reviews = append(in.Reviews, [2]uint32{uint32(a), uint32(b)})
			case 1:
				in.Pairs = append(in.Pairs, match.Pair{A: uint32(a), B: uint32(b), Weight: float32(rapid.IntRange(-1, 1).Draw(t, "weight"))})
			}
		}
	}
	return in
}

func TestAgainstNaive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawn(t)
		got := quality.Score(in)
		if d := cmp.Diff(naive(in.Cluster, in.Truth), got.Outcome, nearly); d != "" {
			t.Errorf("outcome (-naive +Score):\n%s", d)
		}
		known, largest := 0, map[uint32]int{}
		for _, l := range in.Truth {
			if l != quality.Unknown {
				known++
				largest[l]++
			}
		}
		most := 0
		for _, n := range largest {
			most = max(most, n)
		}
		if got.Records != known || got.Unknown != len(in.Truth)-known || got.Customers != len(largest) || got.TrueLargest != most {
			t.Errorf("counted %d records, %d unknown, %d customers, the largest of %d; want %d, %d, %d, %d",
				got.Records, got.Unknown, got.Customers, got.TrueLargest, known, len(in.Truth)-known, len(largest), most)
		}
	})
}

// decided is what the reviews join, found by relabelling until nothing moves.
func decided(in quality.Input) []uint32 {
	out := append([]uint32(nil), in.Cluster...)
	for _, r := range in.Reviews {
		if t := in.Truth[r[0]]; t == quality.Unknown || t != in.Truth[r[1]] {
			continue
		}
		from, to := out[r[0]], out[r[1]]
		for i := range out {
			if out[i] == from {
				out[i] = to
			}
		}
	}
	return out
}

func TestReviewed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawn(t)
		got := quality.Score(in)
		if d := cmp.Diff(naive(decided(in), in.Truth), got.Reviewed, nearly); d != "" {
			t.Errorf("with a reviewer (-naive +Score):\n%s", d)
		}
		if got.Reviews != len(in.Reviews) {
			t.Errorf("counted %d reviews, want %d", got.Reviews, len(in.Reviews))
		}
	})
}

func TestPairs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawn(t)
		got := quality.Score(in)
		if in.Pairs == nil {
			if got.Pairs != nil {
				t.Errorf("measured pairs, and none were scored")
			}
			return
		}
		var said, right int64
		for _, p := range in.Pairs {
			a, b := in.Truth[p.A], in.Truth[p.B]
			says := p.Weight >= in.Merge && a != quality.Unknown && b != quality.Unknown
			said += count(says)
			right += count(says && a == b)
		}
		if got.Pairs.Said != said || got.Pairs.Right != right || got.Pairs.True != got.Closure.True {
			t.Errorf("pairs %+v, want %d said and %d right of %d", *got.Pairs, said, right, got.Closure.True)
		}
	})
}

func TestFalseMergesAndMissed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := drawn(t)
		in.Lost = func(a, b uint32) quality.Loss {
			if in.Truth[a] != in.Truth[b] || in.Cluster[a] == in.Cluster[b] {
				t.Fatalf("asked where %d and %d were lost, which were not", a, b)
			}
			return quality.Losses()[1+(a+b)%4]
		}
		got := quality.Score(in)
		wrong, last := int64(0), int64(math.MaxInt64)
		for _, f := range got.FalseMerges {
			pairs, customers := int64(0), map[uint32]bool{}
			for i, a := range f.Records {
				customers[in.Truth[a]] = true
				if in.Cluster[a] != in.Cluster[f.Records[0]] || in.Truth[a] == quality.Unknown {
					t.Errorf("false merge %v holds a stranger", f.Records)
				}
				for _, b := range f.Records[i+1:] {
					pairs += count(in.Truth[a] != in.Truth[b])
				}
			}
			if pairs != f.Pairs || len(customers) != f.Customers || pairs > last || pairs == 0 {
				t.Errorf("false merge %+v after one of %d pairs: has %d, of %d customers", f, last, pairs, len(customers))
			}
			wrong, last = wrong+pairs, pairs
		}
		if c := got.Closure; wrong != c.Said-c.Right {
			t.Errorf("false merges hold %d wrong pairs, want %d", wrong, c.Said-c.Right)
		}
		var by int64
		for _, n := range got.Missed.By {
			by += n
		}
		if c := got.Closure; got.Missed.Pairs != c.True-c.Right || by != got.Missed.Pairs || got.Missed.Asked != by {
			t.Errorf("missed %+v, want %d in all", got.Missed, c.True-c.Right)
		}
		if in := got.Reviewed.Closure.Right - got.Closure.Right; got.Missed.By[quality.InReview] != in {
			t.Errorf("%d missed pairs are in review, and reviews found %d", got.Missed.By[quality.InReview], in)
		}
		for _, p := range got.Missed.Examples {
			if p.A >= p.B || in.Truth[p.A] != in.Truth[p.B] || in.Cluster[p.A] == in.Cluster[p.B] {
				t.Errorf("example %+v was not missed", p)
			}
		}
	})
}

func TestLabels(t *testing.T) {
	t.Parallel()
	var l quality.Labels
	var got []uint32
	for _, text := range []string{"7", " 7 ", "", "  ", "07", "7"} {
		got = append(got, l.Label(text))
	}
	if d := cmp.Diff([]uint32{1, 1, quality.Unknown, quality.Unknown, 2, 1}, got); d != "" {
		t.Errorf("labels (-want +got):\n%s", d)
	}
}

// TestOneHugeCustomer holds Score to linear time: a pair by pair look at
// these records would not end.
func TestOneHugeCustomer(t *testing.T) {
	t.Parallel()
	const n = 300_000
	in := quality.Input{Cluster: make([]uint32, n), Truth: make([]uint32, n)}
	for i := range n {
		in.Truth[i] = 1
		in.Cluster[i] = uint32(i)
	}
	got := quality.Score(in)
	if want := int64(n) * (n - 1) / 2; got.Missed.Pairs != want || got.Missed.Asked >= want || got.Exact.Right != 0 {
		t.Errorf("missed %+v, want %d pairs, not all of them asked about", got.Missed, want)
	}
}

func BenchmarkScore(b *testing.B) {
	const n = 1_000_000
	in := quality.Input{Cluster: make([]uint32, n), Truth: make([]uint32, n)}
	for i := range n {
		in.Truth[i] = uint32(1 + i*7%(n*2/3))
		in.Cluster[i] = uint32(i * 7 % (n * 5 / 7))
	}
	for b.Loop() {
		quality.Score(in)
	}
}
