package similar

import (
	"cmp"
	"context"
	"slices"
)

// Explanation is how two records compare, level by level. Weight is the sum
// of Prior and the weights of the levels.
type Explanation struct {
	Weight, Prior float64
	Levels        []Level
}

// Level is the outcome of one comparison.
type Level struct {
	On          string // family_name, birth_date, address …
	Says        string // equal, one slip, differs …
	Left, Right string // the values compared, as received
	Weight      float64
}

// Explain compares two records of a kind by their traits, as Compare does when
// the first has the lower rank.
func (m *Model) Explain(roles []string, kind Kind, a, b []byte) Explanation {
	traits := [2][]byte{a, b}
	t, err := newTable(context.Background(), Input{
		Roles:  roles,
		Traits: func(rec uint32) []byte { return traits[rec] },
		Kind:   func(uint32) Kind { return kind },
		Rank:   []uint32{0, 1},
	})
	if err == nil {
		err = t.buildForms(context.Background())
	}
	if err != nil { // only a cancelled context is one
		panic(err)
	}
	s := newScorer(t, m)
	w := s.by(0)
	o := nothing
	s.compare(w, 0, 1, &o)
	e := Explanation{Prior: float64(w.prior)}
	for c, l := range o.level {
		if l != none {
			e.Levels = append(e.Levels, s.level(w, comparison(c), int(l), o.rare[c]))
		}
	}
	if less := w.strangers(&o); less >= 0.005 && len(e.Levels) > 0 {
		e.Levels = append(e.Levels, Level{Says: "may be " + w.likeliest(&o), Weight: -less})
	}
	e.Weight = float64(s.weight(0, 1, -1e9))
	return e
}

func (s *scorer) level(w *weighing, c comparison, l int, rare float32) Level {
	v := Level{Weight: float64(w.bits[c][l] + rare)}
	if c >= onAttribute {
		v.On, v.Says = s.t.slots[s.attrs[c-onAttribute]].role, says[onAttribute][l]
	} else {
		v.On, v.Says = names[c], says[c][l]
	}
	v.Left, v.Right = s.received(0, v.On), s.received(1, v.On)
	return v
}

// likeliest is the relation that takes most from a weight.
func (w *weighing) likeliest(o *outcome) string {
	var times ratios
	times.read(w, o)
	return slices.MaxFunc(w.kin, func(x, y kinship) int { return cmp.Compare(x.likelihood(o, &times), y.likelihood(o, &times)) }).says
}

// received is what a record has for a comparison, as received.
func (s *scorer) received(rec uint32, on string) string {
	roles := []string{on}
	switch on {
	case "given_name", "family_name":
		roles = append(roles, "name")
	case "company":
		roles = append(roles, "name")
	case "order":
		roles = []string{"given_name", "family_name"}
	case "address":
		roles = []string{"address", "postal_code", "city"}
	case "postal_code+city":
		roles = []string{"postal_code", "city"}
	}
	var text string
	for _, role := range roles {
		c := slices.IndexFunc(s.t.cols, func(c column) bool { return c.role == role })
		if c < 0 {
			continue
		}
		id, _ := s.t.first(rec, c)
		if id == 0 {
			continue
		}
		if text != "" {
			if role == "name" {
				break
			}
			text += ", "
		}
		text += s.t.cols[c].text(id)
	}
	return text
}
