package infer

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// right reports whether the first candidate is what an engineer would write.
func (f *numbering) right(found []Candidate) bool {
	return len(found) > 0 && slices.Contains(f.want, found[0].Scheme)
}

// check holds the candidates to what they claim.
func check(t *testing.T, ids []string, found []Candidate, codes scheme.Codes) {
	t.Helper()
	var set []*scheme.Scheme
	for _, c := range found {
		s, err := scheme.Compile(c.Scheme, codes)
		if err != nil {
			t.Fatalf("%s: %v", c.Scheme, err)
		}
		set = append(set, s)
	}
	covers := make([]int, len(found))
	distinct := map[string]bool{}
	for _, id := range ids {
		if id == "" || distinct[id] {
			continue
		}
		distinct[id] = true
		if i := slices.IndexFunc(set, func(s *scheme.Scheme) bool { return s.Match(id) }); i >= 0 {
			covers[i]++
		}
	}
	for i, c := range found {
		if c.Covers != covers[i] || c.Covers == 0 || c.Share != float64(c.Covers)/float64(len(distinct)) || c.Family == "" {
			t.Fatalf("%+v: reads %d of %d", c, covers[i], len(distinct))
		}
	}
}

// seeds is how many corpora of each kind a test makes: n, many more with
// LONG=1 and fewer with -short.
func seeds(n, long uint64) uint64 {
	switch {
	case os.Getenv("LONG") != "":
		return long
	case testing.Short():
		return n/10 + 1
	}
	return n
}

func TestFamilies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		noise float64
		least float64
	}{{0, 0.99}, {0.01, 0.98}, {0.05, 0.95}, {0.2, 0.9}} {
		t.Run(fmt.Sprint(c.noise), func(t *testing.T) {
			t.Parallel()
			good, all := 0, 0
			for i := range numberings {
				f := &numberings[i]
				for seed := range seeds(1, 25) {
					ids := f.corpus(random(seed), 1000+int(seed%3)*1500, c.noise)
					found := Schemes(ids, Options{})
					check(t, ids, found, nil)
					all++
					if f.right(found) {
						good++
						continue
					}
					t.Logf("%s, seed %d: want %s, got %+v", f.name, seed, f.want[0], found)
				}
			}
			t.Logf("the right family first in %d of %d corpora", good, all)
			if float64(good) < c.least*float64(all) {
				t.Errorf("noise %v: right in %d of %d", c.noise, good, all)
			}
		})
	}
}

func TestMixedSchemes(t *testing.T) {
	t.Parallel()
	good, all := 0, 0
	for seed := range seeds(50, 2500) {
		r := random(seed)
		f, g := &numberings[r.IntN(len(numberings))], &numberings[r.IntN(len(numberings))]
		share := []int{1000, 1500, 1700}[r.IntN(3)]
		ids := append(f.corpus(r, share, 0.05), g.corpus(r, 2000-share, 0.05)...)
		if overlap(f, g) {
			continue
		}
		found := Schemes(ids, Options{})
		check(t, ids, found, nil)
		all++
		has := func(f *numbering) bool {
			return slices.ContainsFunc(found, func(c Candidate) bool { return slices.Contains(f.want, c.Scheme) })
		}
		if has(f) && has(g) {
			good++
			continue
		}
		t.Logf("seed %d, %d of %s and %s: got %+v", seed, share, f.name, g.name, found)
	}
	t.Logf("both schemes found in %d of %d corpora", good, all)
	if float64(good) < 0.9*float64(all) {
		t.Errorf("both schemes found in %d of %d corpora", good, all)
	}
}

// overlap reports whether the IDs of two numberings cannot be told apart.
func overlap(f, g *numbering) bool {
	a, err1 := scheme.Compile(f.want[0], nil)
	b, err2 := scheme.Compile(g.want[0], nil)
	return err1 != nil || err2 != nil || slices.ContainsFunc(f.corpus(random(1), 50, 0), b.Match) || slices.ContainsFunc(g.corpus(random(1), 50, 0), a.Match)
}

// unchecked makes IDs without a check system that tempt to see one.
func unchecked(seed uint64) []string {
	r := random(seed)
	n := []int{15, 60, 300, 2000}[r.IntN(4)]
	ids := make([]string, n)
	prefix := []string{"", "", "C", "CUST-", "A1", "690"}[r.IntN(6)]
	width := 4 + r.IntN(12)
	start, step := r.IntN(100000), 1
	kind := r.IntN(12)
	noise := []float64{0, 0, 0.05, 0.2}[r.IntN(4)]
	switch kind {
	case 0:
	case 1:
		step = 2 + r.IntN(120)
	case 2:
		step = []int{7, 9, 10, 11, 13, 17, 20, 36, 37, 91, 96, 97, 99, 100, 101, 110, 121, 970, 1001}[r.IntN(19)]
	}
	// Numbers in steps of 97 that leave the remainder 1 do hold mod97-10.
	holds := func(n int) bool {
		id := fmt.Sprintf("%s%0*d", prefix, width, n)
		return scheme.CheckHolds("mod97-10", id[:len(id)-2], id[len(id)-2:])
	}
	for step%97 == 0 && (holds(start) || holds(start+step) || holds(start+(n-1)*step) || holds(start+(n-2)*step)) {
		start++
	}
	for i := range ids {
		body := ""
		switch kind {
		case 0, 1, 2:
			body = fmt.Sprintf("%0*d", width, start+i*step)
		case 3:
			body = chars(r, decimals, width)
		case 4:
			body = chars(r, alnumUpper, width)
		case 5:
			body = day(r).Format("20060102") + fmt.Sprintf("%03d", r.IntN(400))
		case 6:
			body = fmt.Sprintf("%d%s", r.IntN(30), strings.Repeat("0", 1+r.IntN(3)))
		case 7: // products of small numbers, squares
			body = fmt.Sprintf("%0*d", width, i*i)
		case 8: // the last digit tells something
			body = fmt.Sprintf("%06d%d", i, []int{1, 1, 1, 2}[r.IntN(4)])
		case 9:
			body = fmt.Sprintf("%d/%d/%d", 1+r.IntN(9), 1+i, 2010+r.IntN(15))
		case 10: // digits that repeat themselves
			half := fmt.Sprintf("%04d", i)
			body = half + half
		case 11:
			body = fmt.Sprintf("%05d%05d", i, (99999-i)%100000)
		}
		ids[i] = prefix + body
		if r.Float64() < noise {
			ids[i] = spoil(r, ids[i])
		}
	}
	return ids
}

func TestNoFalseCheckSystem(t *testing.T) {
	t.Parallel()
	corpora := 0
	test := func(name string, ids []string) {
		corpora++
		for _, c := range Schemes(ids, Options{}) {
			if strings.Contains(c.Scheme, "{check") {
				t.Errorf("%s (%s …): proposed %+v", name, ids[0], c)
			}
		}
	}
	for seed := range seeds(600, 20000) {
		test(fmt.Sprintf("unchecked %d", seed), unchecked(seed))
	}
	for i := range numberings {
		for seed := range seeds(1, 40) {
			if f := &numberings[i]; !f.checked {
				test(f.name, f.corpus(random(seed+1000), 60+int(seed%3)*400, []float64{0, 0.05, 0.2}[seed%3]))
			}
		}
	}
	t.Logf("no check system in %d corpora without one", corpora)
}

func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	for i := range numberings {
		r := random(uint64(i))
		ids := append(numberings[i].corpus(r, 300, 0.1), numberings[(i+7)%len(numberings)].corpus(r, 200, 0.1)...)
		want := Schemes(ids, Options{})
		shuffled := append(slices.Clone(ids), ids[:100]...)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if diff := cmp.Diff(want, Schemes(shuffled, Options{})); diff != "" {
			t.Errorf("%s: %s", numberings[i].name, diff)
		}
	}
}

func BenchmarkSchemes(b *testing.B) {
	for i := range numberings {
		f := &numberings[i]
		ids := f.corpus(random(1), 20000, 0.05)
		b.Run(f.name, func(b *testing.B) {
			for b.Loop() {
				Schemes(ids, Options{})
			}
		})
	}
}
