package infer

import (
	"slices"
	"testing"
)

// right reports whether the first candidate is what an engineer would write.
func (f *numbering) right(found []Candidate) bool {
	return len(found) > 0 && slices.Contains(f.want, found[0].Scheme)
}

func TestFamilies(t *testing.T) {
	for _, noise := range []float64{0, 0.01, 0.05, 0.2} {
		good, all := 0, 0
		for i := range numberings {
			f := &numberings[i]
			bad := 0
			for seed := range uint64(3) {
				found := Schemes(f.corpus(random(seed), 2000, noise), Options{})
				all++
				if f.right(found) {
					good++
				} else if bad++; bad == 1 {
					t.Errorf("noise %v: %s seed %d: want %v, got %+v", noise, f.name, seed, f.want[0], found)
				}
			}
		}
		t.Logf("noise %v: %d of %d right", noise, good, all)
	}
}
