package similar

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xwalk-id/xwalk/rules/match"
)

var (
	show = flag.String("show", "", "false,lost,weights: what to list of every dataset")
	only = flag.String("only", "", "the one dataset to score")
)

// figures are how good a grouping is.
type figures struct {
	right, merged, all int64 // pairs
}

func (f figures) precision() float64 { return float64(f.right) / float64(max(1, f.merged)) }
func (f figures) recall() float64    { return float64(f.right) / float64(max(1, f.all)) }
func (f figures) f1() float64        { return 2 * float64(f.right) / float64(max(1, f.merged+f.all)) }

// group scores clusters against the truth.
func (l *loaded) score(root []uint32) (figures, int) {
	size := map[uint32]int64{}
	both := map[[2]uint32]int64{}
	f := figures{all: l.pairs}
	largest := 0
	for r, c := range root {
		f.merged += size[c]
		size[c]++
		largest = max(largest, int(size[c]))
		k := [2]uint32{c, uint32(l.truth[r])}
		f.right += both[k]
		both[k]++
	}
	return f, largest
}

func union(n int, pairs iterPairs) []uint32 {
	root := make([]uint32, n)
	for i := range root {
		root[i] = uint32(i)
	}
	find := func(x uint32) uint32 {
		for root[x] != x {
			root[x] = root[root[x]]
			x = root[x]
		}
		return x
	}
	pairs(func(a, b uint32) { root[find(a)] = find(b) })
	for i := range root {
		root[i] = find(uint32(i))
	}
	return root
}

type iterPairs func(func(a, b uint32))

func (l *loaded) group(res *Result) match.Result {
	return match.Group(match.Input{
		Joins: func(uint32) []match.Join { return nil }, Values: func(uint32) []match.Value { return nil },
		Rank: l.Rank, Customer: make([]uint32, len(l.Rank)), Open: slices.Repeat([]bool{true}, len(l.Rank)),
		Similar: res.Pairs, Merge: float32(Weight(0.99)), Review: float32(Weight(0.8)), Score: res.Score,
	})
}

func TestQuality(t *testing.T) {
	if testing.Short() {
		t.Skip("scores whole datasets")
	}
	for _, d := range datasets() {
		if *only != "" && !strings.Contains(","+*only+",", ","+d.name+",") || *only == "" && d.name == "p1m" {
			continue
		}
		t.Run(d.name, func(t *testing.T) { quality(t, load(t, d)) })
	}
}

func quality(t *testing.T, l *loaded) {
	began := time.Now()
	res, err := Compare(context.Background(), l.Input, Options{Floor: 0.8})
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	merge := float32(Weight(0.99))
	at := map[pair]float32{}
	for _, p := range res.Pairs {
		at[pair{p.A, p.B}] = p.Weight
	}
	var wrong, right int64
	for _, p := range res.Pairs {
		switch {
		case p.Weight < merge:
		case l.truth[p.A] == l.truth[p.B]:
			right++
		default:
			wrong++
		}
	}
	plain, plainLargest := l.score(union(len(l.Rank), func(f func(a, b uint32)) {
		for _, p := range res.Pairs {
			if p.Weight >= merge {
				f(p.A, p.B)
			}
		}
	}))
	g := l.group(res)
	own, largest := l.score(g.Root)
	with, _ := l.score(union(len(l.Rank), func(f func(a, b uint32)) {
		for r, c := range g.Root {
			f(uint32(r), c)
		}
		for _, r := range g.Reviews {
			if l.truth[r.A] == l.truth[r.B] {
				f(r.A, r.B)
			}
		}
	}))
	why := map[match.Why][2]int{}
	for _, r := range g.Reviews {
		c := why[r.Why]
		if c[1]++; l.truth[r.A] == l.truth[r.B] {
			c[0]++
		}
		why[r.Why] = c
	}
	t.Logf("reviews by reason, right of all: %v", why)
	t.Logf("%s: by itself F1 %.4f P %.4f R %.4f largest %d; with reviewer F1 %.4f P %.4f R %.4f; reviews %d = %.2f%%; plain union F1 %.4f P %.4f R %.4f largest %d; pairs right %d of %d, wrong %d; %v",
		l.name, own.f1(), own.precision(), own.recall(), largest, with.f1(), with.precision(), with.recall(), len(g.Reviews), 100*float64(len(g.Reviews))/float64(len(l.Rank)),
		plain.f1(), plain.precision(), plain.recall(), plainLargest, right, l.pairs, wrong, took.Round(time.Millisecond))
	if want, ok := reached[l.name]; ok {
		want.check(t, own, with, float64(len(g.Reviews))/float64(len(l.Rank)))
	}
	if *show != "" {
		l.show(res, at)
	}
}

// goal is how good the grouping of a dataset is at least: F1 and precision by
// itself, F1 with a reviewer, and at most how many reviews for each record.
type goal struct{ f1, precision, reviewed, reviews float64 }

var reached = map[string]goal{
	"febrl1":          {.995, 1, .9975, .01},
	"febrl2":          {.998, 1, .999, .01},
	"febrl3":          {.997, 1, .9995, .01},
	"fake_1000":       {.935, .995, .975, .06},
	"early_childhood": {.88, .98, .96, .08},
	"historical_50k":  {.91, .995, .97, .065},
	"p100k":           {.995, .999, .997, .01},
	"p1m":             {.99, .999, .995, .01},
}

func (w goal) check(t *testing.T, own, with figures, reviews float64) {
	t.Helper()
	if own.f1() < w.f1 || own.precision() < w.precision || with.f1() < w.reviewed || reviews > w.reviews {
		t.Errorf("F1 %.4f at precision %.4f, %.4f with a reviewer, %.4f reviews a record; want %v", own.f1(), own.precision(), with.f1(), reviews, w)
	}
}

// show lists what is wrong with the pairs.
func (l *loaded) show(res *Result, at map[pair]float32) {
	if strings.Contains(*show, "weights") {
		os.Stdout.Write(res.Model.Write())
	}
	const most = 40
	if strings.Contains(*show, "false") {
		n := 0
		pairs := slices.Clone(res.Pairs)
		slices.SortFunc(pairs, func(x, y match.Pair) int { return cmp.Compare(mix(x.A, x.B), mix(y.A, y.B)) })
		for _, p := range pairs {
			if l.truth[p.A] != l.truth[p.B] && p.Weight >= float32(Weight(0.99)) && n < most {
				l.explain(res, p.A, p.B)
				n++
			}
		}
	}
	if strings.Contains(*show, "lost") {
		by := map[int][]uint32{}
		for r, c := range l.truth {
			by[c] = append(by[c], uint32(r))
		}
		var lost []pair
		for _, list := range by {
			for i, a := range list {
				for _, b := range list[i+1:] {
					p := pair{a, b}
					if at[p] < float32(Weight(0.99)) {
						lost = append(lost, p)
					}
				}
			}
		}
		slices.SortFunc(lost, func(x, y pair) int { return cmp.Compare(mix(x.a, x.b), mix(y.a, y.b)) })
		blocking := 0
		for _, p := range lost {
			if w := res.Score(p.a, p.b); w >= float32(Weight(0.99)) {
				blocking++
			}
		}
		fmt.Printf("LOST %d, by blocking %d\n", len(lost), blocking)
		for _, p := range lost[:min(most, len(lost))] {
			l.explain(res, p.a, p.b)
		}
	}
}

func (l *loaded) explain(res *Result, a, b uint32) {
	e := res.Model.Explain(l.Roles, l.kind, l.Traits(a), l.Traits(b))
	same := "DIFFERENT"
	if l.truth[a] == l.truth[b] {
		same = "SAME"
	}
	fmt.Printf("%s %d %d weight %.1f score %.1f prior %.1f\n", same, a, b, e.Weight, res.Score(a, b), e.Prior)
	for _, v := range e.Levels {
		fmt.Printf("    %+6.1f %s %s: %q | %q\n", v.Weight, v.On, v.Says, v.Left, v.Right)
	}
}
