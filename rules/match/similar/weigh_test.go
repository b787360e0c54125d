package similar

import (
	"math"
	"testing"
)

// manyValues are records with several phones and mailboxes.
func manyValues(t testing.TB) *scorer {
	t.Helper()
	in := records(0,
		"given_name=Jane; family_name=Porter; phone=+8613912345670; phone=+8613912345671; email=jane@a.example; email=jane@b.example; birth_date=1980-02-03",
		"given_name=Jane; family_name=Proter; phone=+8613912345679; phone=+8613912345671; email=jane@c.example; birth_date=1980-02-04",
		"name=Jane Ann Porter; address=1 Elm Grove; city=Bath; postal_code=BA1 1AA",
		"name=Porter Jane; address=1 Elm Grv; city=Bath; postal_code=BA1 1AB; company=Acme Ltd",
	)
	tab, err := newTable(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if err := tab.buildForms(t.Context()); err != nil {
		t.Fatal(err)
	}
	return newScorer(tab, defaultModel(tab, 1.5))
}

func TestWeighingDoesNotAllocate(t *testing.T) {
	s := manyValues(t)
	for a := range uint32(4) {
		for b := range a {
			if n := testing.AllocsPerRun(100, func() { s.weight(a, b, float32(math.Inf(-1))) }); n != 0 {
				t.Errorf("%v allocations for records %d and %d, want none", n, a, b)
			}
		}
	}
}

func TestAnyPhoneMayAgree(t *testing.T) {
	t.Parallel()
	s := manyValues(t)
	o := nothing
	s.compare(s.person, 0, 1, &o)
	if o.level[onPhone] != codeEqual {
		t.Errorf("phone level %d, want that of equal numbers", o.level[onPhone])
	}
}

// TestExplanationAddsUp holds Explain to the weight of Compare, with a model
// that was written and read.
func TestExplanationAddsUp(t *testing.T) {
	t.Parallel()
	l := load(t, datasets()[3])
	res, err := Compare(t.Context(), l.Input, Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(res.Model.Write())
	if err != nil {
		t.Fatal(err)
	}
	if m.Version() != res.Model.Version() {
		t.Errorf("version %s after writing and reading, %s before", m.Version(), res.Model.Version())
	}
	for _, p := range res.Pairs[:min(300, len(res.Pairs))] {
		e := m.Explain(l.Roles, l.kind, l.Traits(p.A), l.Traits(p.B))
		sum := e.Prior
		for _, v := range e.Levels {
			sum += v.Weight
		}
		if math.Abs(sum-e.Weight) > 0.02 || math.Abs(e.Weight-float64(p.Weight)) > 0.02 {
			t.Fatalf("records %d and %d: levels add up to %v, Explain says %v, Compare %v", p.A, p.B, sum, e.Weight, p.Weight)
		}
	}
}

func BenchmarkWeigh(b *testing.B) {
	s := manyValues(b)
	b.ReportAllocs()
	for b.Loop() {
		s.weight(0, 1, float32(math.Inf(-1)))
	}
}
