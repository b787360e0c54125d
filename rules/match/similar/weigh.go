package similar

import (
	"math"
	"slices"
	"sync"
)

// scorer weighs pairs of a table by a model. It is safe for concurrent use.
type scorer struct {
	t      *table
	model  *Model
	person *weighing
	firm   *weighing

	// Slots by what they hold, -1 where there is none.
	given, family, full, birth, email, phone, national, tax int
	line, postal, city, region, company                     int
	attrs                                                   []int
	// familyOf is the form of the family name that is spelt like a form of the
	// given name, 0 where there is none.
	familyOf []uint32

	// rare is what agreement on a form adds, in bits, to agreement on average.
	rare     [][]float32 // by slot and form
	wordRare [][]float32 // by slot and word
	wordBits [][]float32 // by slot and word: log2 of one in how many records has it
	places   []uint8     // by form of the company's name: see chains
	most     []float32   // by slot: the largest of rare
	mostWord []float32   // by slot: the largest of wordRare
}

// weighing is the weights of one kind of customer in bits.
type weighing struct {
	prior float32
	bits  [comparisons][10]float32
	other [comparisons]float32     // the most that a level weighs which is not the first
	from  [comparisons][10]float32 // by level: the most that it and those below weigh
	// line is the most that equal lines, alike ones, those of one street and
	// other address lines weigh,
	// cityCode the most of postal code and city.
	line     [4]float32
	cityCode float32
	kin      []kinship
	silent   float32 // the weight of two records of which no values were compared
}

// kinship is a relation: what follows from sharing each comparison. Direct is
// how many times more often than one customer the related compare so.
type kinship struct {
	says   string
	odds   float64
	chain  bool
	shares [comparisons]float64
	direct [comparisons]*[10]float64
}

func newScorer(t *table, m *Model) *scorer {
	s := &scorer{
		t: t, model: m, given: t.slot("given_name"), family: t.slot("family_name"), full: t.slot("name"),
		birth: t.slot("birth_date"), email: t.slot("email"), phone: t.slot("phone"), national: t.slot("national_id"), tax: t.slot("tax_id"),
		line: t.slot("address"), postal: t.slot("postal_code"), city: t.slot("city"), region: t.slot("region"), company: t.slot("company"),
		attrs: t.attributes(),
	}
	n := len(t.slots)
	s.rare, s.wordRare, s.wordBits = make([][]float32, n), make([][]float32, n), make([][]float32, n)
	s.most, s.mostWord = make([]float32, n), make([]float32, n)
	var wg sync.WaitGroup
	for i := range t.slots {
		wg.Go(func() { s.readFrequencies(i) })
	}
	wg.Wait()
	s.familyOf = t.alsoFamily(s.given, s.family)
	s.readChains()
	s.weighByModel()
	return s
}

// weighByModel makes the weights of the model's levels.
func (s *scorer) weighByModel() {
	s.person, s.firm = s.weighing(&s.model.Person), s.weighing(&s.model.Company)
}

func (t *table) slot(role string) int {
	for i := range t.slots {
		if t.slots[i].role == role {
			return i
		}
	}
	return -1
}

// readFrequencies looks up how common the forms and words of a slot are.
func (s *scorer) readFrequencies(i int) {
	sl, m := &s.t.slots[i], s.model
	f, ok := m.Values[sl.role]
	if !ok {
		f = newFrequencies(nil, nil, rarest(sl, 1e4), 1)
	}
	s.rare[i] = f.logs(len(sl.forms), func(j int) uint64 { return valueHash(m.Key, sl.forms[j].key()) })
	for j, l := range s.rare[i] {
		s.rare[i][j] = float32(f.usual) - l
		s.most[i] = max(s.most[i], s.rare[i][j])
	}
	w, ok := m.Words[sl.role]
	if !ok {
		return
	}
	s.wordBits[i] = w.logs(len(sl.words), func(j int) uint64 { return valueHash(m.Key, sl.words[j].text) })
	s.wordRare[i] = make([]float32, len(sl.words))
	for j, l := range s.wordBits[i] {
		s.wordRare[i][j], s.wordBits[i][j] = float32(w.usual)-l, -l
		s.mostWord[i] = max(s.mostWord[i], s.wordRare[i][j])
	}
}

// mostAttribute is the most that one attribute adds or takes, in bits: that a
// status or a branch agrees must not decide.
const mostAttribute = 1.5

func (s *scorer) weighing(k *kindModel) *weighing {
	w := &weighing{prior: float32(k.Prior)}
	set := func(c comparison, levels []level, most float64) {
		for i, l := range levels {
			w.bits[c][i] = float32(max(-most, min(most, math.Log2(l.M/l.U))))
		}
		best := float32(-100)
		for i := len(levels) - 1; i >= 0; i-- {
			if i == 0 {
				w.other[c] = best
			}
			best = max(best, w.bits[c][i])
			w.from[c][i] = best
		}
	}
	for c := range onAttribute {
		set(c, k.Levels[names[c]], 100)
	}
	for i, slot := range s.attrs {
		set(onAttribute+comparison(i), k.Levels[s.t.slots[slot].role], mostAttribute)
	}
	line := w.bits[onAddress][:]
	w.line = [4]float32{
		slices.Max(line[:lineAlikePlace]), slices.Max(line[lineAlikePlace:lineStreet]), slices.Max(line[lineStreet:]), slices.Max(line[linePlaceCode:]),
	}
	w.cityCode = slices.Max(w.bits[onCityCode][:])
	for _, r := range k.Kin {
		x := kinship{says: r.Says, odds: r.Odds, chain: r.Chain}
		for c := range x.shares {
			x.shares[c] = r.Shares[min(c, int(onAttribute))]
		}
		for _, d := range r.Direct {
			c := slices.Index(names[:], d.On)
			if x.direct[c] == nil {
				x.direct[c] = new([10]float64)
			}
			x.direct[c][d.Level] = d.P / k.Levels[d.On][d.Level].M
		}
		w.kin = append(w.kin, x)
	}
	o := nothing
	w.silent = w.sum(&o) - float32(w.strangers(&o))
	return w
}

func (s *scorer) by(rec uint32) *weighing {
	if s.t.kind(rec) == 1 {
		return s.firm
	}
	return s.person
}

// weight is log2 of the odds that two records are one customer. Where that is
// below floor, it may be any value below floor. The first has the lower rank:
// the other way round, words may be paired otherwise.
//
// It first adds up the most that the values can weigh, seen from which are
// equal, and then replaces these bounds by what comparing shows, until the sum
// falls below the floor.
func (s *scorer) weight(a, b uint32, floor float32) float32 {
	w := s.by(a)
	var top [stages]float32
	bound := s.bound(w, a, b, &top)
	if bound < floor {
		return bound
	}
	o := nothing
	for stage := range top {
		if top[stage] == absent {
			continue
		}
		bound += s.stage(w, stage, a, b, &o) - top[stage]
		if bound < floor {
			return bound
		}
	}
	return w.sum(&o) - float32(w.strangers(&o))
}

// sum is the prior and the weights of all levels.
func (w *weighing) sum(o *outcome) float32 {
	sum := w.prior
	for c, l := range o.level {
		if l != none {
			sum += w.bits[c][l] + o.rare[c]
		}
	}
	return sum
}

// compare fills the outcome of two records, which is nothing before.
func (s *scorer) compare(w *weighing, a, b uint32, o *outcome) {
	for stage := range stages {
		s.stage(w, stage, a, b, o)
	}
}
