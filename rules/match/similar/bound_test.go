package similar

import (
	"context"
	"math"
	"testing"
)

// TestBoundHolds weighs pairs with and without a floor: what is given up early
// must weigh less than the floor.
func TestBoundHolds(t *testing.T) {
	t.Parallel()
	for _, d := range datasets() {
		if len(d.name) > 6 && d.name[0] == 'p' {
			continue
		}
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			tab, err := newTable(context.Background(), load(t, d).Input)
			if err != nil {
				t.Fatal(err)
			}
			if err := tab.buildForms(context.Background()); err != nil {
				t.Fatal(err)
			}
			s := newScorer(tab, defaultModel(tab, 1.5))
			for i := range uint32(200_000) {
				a, b := mix(i, 1)%uint32(tab.n), mix(i, 2)%uint32(tab.n)
				if i%2 == 0 {
					b = (a + 1 + b%8) % uint32(tab.n) // neighbours are often alike
				}
				w, floor := s.weight(a, b, float32(math.Inf(-1))), float32(-5)
				got := s.weight(a, b, floor)
				if w >= floor && math.Abs(float64(got-w)) > 1e-4 || w < floor && got >= floor {
					t.Fatalf("records %d and %d weigh %v, with a floor of %v %v", a, b, w, floor, got)
				}
			}
		})
	}
}
