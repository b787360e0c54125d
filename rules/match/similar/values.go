package similar

import (
	"math"
	"slices"
)

// simple compares the values of one slot, the best of several.
func (s *scorer) simple(w *weighing, c comparison, slot int, a, b uint32, levelOf func(x, y *form) int, o *outcome) float32 {
	if slot < 0 {
		return 0
	}
	x, severalX := s.t.form(a, slot)
	y, severalY := s.t.form(b, slot)
	if x == 0 || y == 0 {
		return 0
	}
	if !severalX && !severalY {
		level, rare := s.one(slot, x, y, levelOf)
		o.set(c, level, rare)
		return w.bits[c][level] + rare
	}
	best := float32(math.Inf(-1))
	var bufX, bufY [mostValues]uint32
	for _, x := range s.all(a, slot, &bufX) {
		for _, y := range s.all(b, slot, &bufY) {
			level, rare := s.one(slot, x, y, levelOf)
			if bits := w.bits[c][level] + rare; bits > best {
				best = bits
				o.set(c, level, rare)
			}
		}
	}
	return best
}

// companies compares the names of companies.
func (s *scorer) companies(w *weighing, a, b uint32, o *outcome) float32 {
	if s.company < 0 {
		return 0
	}
	x, y, ok := s.pair(s.company, a, b)
	if !ok {
		return 0
	}
	level, rare := s.companyLevel(a, b, x, y)
	o.set(onCompany, level, rare)
	if level == companyEqual {
		o.places = max(1, s.places[x], s.places[y])
	}
	return w.bits[onCompany][level] + rare
}

// attributes compares the attributes.
func (s *scorer) attributes(w *weighing, a, b uint32, o *outcome) float32 {
	var sum float32
	for i, slot := range s.attrs {
		c := onAttribute + comparison(i)
		s.simple(w, c, slot, a, b, plainLevel, o)
		if l := o.level[c]; l != none {
			bits := max(-mostAttribute, min(mostAttribute, w.bits[c][l]+o.rare[c]))
			o.rare[c] = bits - w.bits[c][l]
			sum += bits
		}
	}
	return sum
}

func (s *scorer) one(slot int, x, y uint32, levelOf func(x, y *form) int) (int, float32) {
	if x == y {
		return 0, s.rare[slot][x]
	}
	forms := s.t.slots[slot].forms
	return levelOf(&forms[x], &forms[y]), 0
}

// mostValues is how many values of a role are compared with those of another
// record.
const mostValues = 8

// all is the forms of a record in a slot, in buf.
func (s *scorer) all(rec uint32, slot int, buf *[mostValues]uint32) []uint32 {
	first, several := s.t.form(rec, slot)
	list := append(buf[:0], first)
	if several {
		for _, m := range s.t.moreForms(rec, slot) {
			if len(list) < mostValues {
				list = append(list, uint32(m))
			}
		}
	}
	return list
}

// pair is the forms of two records in a slot: the rarest equal one where they
// have several, else the first of each. It is not ok where either has none.
func (s *scorer) pair(slot int, a, b uint32) (x, y uint32, ok bool) {
	x, severalX := s.t.form(a, slot)
	y, severalY := s.t.form(b, slot)
	if x == 0 || y == 0 {
		return 0, 0, false
	}
	if severalX || severalY {
		var bufX, bufY [mostValues]uint32
		others := s.all(b, slot, &bufY)
		var best uint32
		for _, v := range s.all(a, slot, &bufX) {
			if slices.Contains(others, v) && (best == 0 || s.rarer(slot, v, best)) {
				best = v
			}
		}
		if best != 0 {
			return best, best, true
		}
	}
	return x, y, true
}

// rarer reports whether one form is rarer than another, or before it.
func (s *scorer) rarer(slot int, x, y uint32) bool {
	if rare := s.rare[slot]; rare[x] != rare[y] {
		return rare[x] > rare[y]
	}
	forms := s.t.slots[slot].forms
	return forms[x].text < forms[y].text
}
