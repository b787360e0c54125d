package similar

import (
	"maps"
	"math"
	"slices"
)

// Summary is a model as people read it.
type Summary struct {
	Version string         `json:"version"`
	Trained int64          `json:"trained"`
	Kinds   []KindSummary  `json:"kinds"`
	Values  []ValueSummary `json:"values"`
}

// KindSummary is what weighs one kind of customer. Prior is in bits.
type KindSummary struct {
	Kind        string              `json:"kind"`
	Prior       float64             `json:"prior"`
	Comparisons []ComparisonSummary `json:"comparisons"`
	Relations   []RelationSummary   `json:"relations"`
}

// ComparisonSummary is what records are compared on, with all its levels.
type ComparisonSummary struct {
	On     string         `json:"on"`
	Levels []LevelSummary `json:"levels"`
}

// LevelSummary is one outcome of a comparison: how often it is seen among
// pairs of one customer and of two, and what it weighs before the rarity of
// the value, in bits.
type LevelSummary struct {
	Says string  `json:"says"`
	Same float64 `json:"same"`
	Two  float64 `json:"two"`
	Bits float64 `json:"bits"`
}

// RelationSummary is a way to be alike without being one customer. Odds are
// relative to strangers.
type RelationSummary struct {
	Says string  `json:"says"`
	Odds float64 `json:"odds"`
}

// ValueSummary is how common the values of a role are: Common of them are
// known one by one; agreement on one that is not weighs Rarest bits more, and
// on the commonest Commonest bits less, than agreement does on average.
type ValueSummary struct {
	Role      string  `json:"role"`
	Common    int     `json:"common"`
	Commonest float64 `json:"commonest"`
	Rarest    float64 `json:"rarest"`
}

// Summary describes the model.
func (m *Model) Summary() Summary {
	s := Summary{Version: m.Version(), Trained: m.Trained}
	for _, k := range []struct {
		name string
		of   *kindModel
	}{{"person", &m.Person}, {"company", &m.Company}} {
		s.Kinds = append(s.Kinds, k.of.summary(k.name))
	}
	for _, role := range slices.Sorted(maps.Keys(m.Values)) {
		f := m.Values[role]
		v := ValueSummary{Role: role, Common: len(f.common), Rarest: f.usual - f.rare}
		for _, q := range f.common {
			v.Commonest = min(v.Commonest, f.usual+float64(q)/step)
		}
		s.Values = append(s.Values, v)
	}
	return s
}

func (k *kindModel) summary(kind string) KindSummary {
	s := KindSummary{Kind: kind, Prior: k.Prior, Relations: []RelationSummary{}}
	add := func(on string, words []string) {
		c := ComparisonSummary{On: on}
		for i, l := range k.Levels[on] {
			c.Levels = append(c.Levels, LevelSummary{Says: words[min(i, len(words)-1)], Same: l.M, Two: l.U, Bits: math.Log2(l.M / l.U)})
		}
		s.Comparisons = append(s.Comparisons, c)
	}
	for c, name := range names {
		add(name, says[c])
	}
	for _, name := range slices.Sorted(maps.Keys(k.Levels)) {
		if !slices.Contains(names[:], name) {
			add(name, says[onAttribute])
		}
	}
	for _, r := range k.Kin {
		s.Relations = append(s.Relations, RelationSummary{Says: r.Says, Odds: r.Odds})
	}
	return s
}
