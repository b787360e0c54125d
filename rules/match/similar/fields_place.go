package similar

import (
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/match/compare"
)

// What postal codes, cities and the like say of two records.
const (
	placeUnknown = iota
	placeEqual
	placeAlike
	placeOther
)

// codeAgrees compares postal codes: alike are those of one area and slips.
func codeAgrees(x, y *form) int {
	switch {
	case x.text == y.text:
		return placeEqual
	case len(x.part) >= 2 && len(x.part) < len(x.text) && x.part == y.part, compare.Distance(x.text, y.text, 1) == 1:
		return placeAlike
	}
	return placeOther
}

// cityAgrees compares cities and regions.
func cityAgrees(x, y *form) int {
	switch plainLevel(x, y) {
	case plainEqual:
		return placeEqual
	case plainAlike:
		return placeAlike
	}
	return placeOther
}

// What two address lines say.
const (
	lineSame  = iota
	lineSlip  // spelt differently
	lineNear  // the same street, another number
	lineOther // another street
)

// cityWords are the words of the cities of two records. Some systems write
// the city in the address line.
type cityWords struct {
	slot   *slot
	ab, ba []uint32
}

func (c *cityWords) has(text string) bool {
	in := func(i uint32) bool { return c.slot.words[i].text == text }
	return slices.ContainsFunc(c.ab, in) || slices.ContainsFunc(c.ba, in)
}

// cities are the words of the cities of two records.
func (s *scorer) cities(a, b uint32) (c cityWords) {
	if s.city >= 0 {
		c.slot = &s.t.slots[s.city]
		x, _ := s.t.form(a, s.city)
		y, _ := s.t.form(b, s.city)
		c.ab, c.ba = c.slot.wordsOf(&c.slot.forms[x]), c.slot.wordsOf(&c.slot.forms[y])
	}
	return c
}

// lineAgrees compares the lines of two addresses.
func lineAgrees(s *slot, x, y *form, cities cityWords) int {
	street := streetAgrees(s, x, y, cities)
	number := x.part == y.part
	switch {
	case street == nameEqual && number && x.part != "", street == nameEqual && number && x.n > 1:
		return lineSame
	case street == nameDiffers && number && x.part != "" && x.mark&y.mark&streetLetters != 0 && compare.Similarity(x.text, y.text) >= 0.88:
		return lineSlip // words run together
	case street == nameDiffers:
		return lineOther
	case number:
		return lineSlip
	case street == nameEqual && numberClose(x.part, y.part), street <= nameSlip && (x.part == "" || y.part == ""):
		return lineSlip
	}
	return lineNear
}

// numberClose reports whether two house numbers may be one: with and without
// a letter or a unit, or a range.
func numberClose(x, y string) bool {
	if len(x) > len(y) {
		x, y = y, x
	}
	return x != "" && strings.HasPrefix(y, x) && (y[len(x)] < '0' || y[len(x)] > '9')
}

// streetAgrees compares the words of two addresses by the levels of names.
func streetAgrees(s *slot, x, y *form, cities cityWords) int {
	switch {
	case x.text == y.text && x.text != "":
		return nameEqual
	case x.mark&y.mark&streetLetters == 0:
		return nameDiffers
	case sameLetters(x.text, y.text):
		return nameEqual
	}
	if slip(x.text, y.text, x.set, y.set) {
		return nameSlip
	}
	if x.text > y.text { // whichever record comes first
		x, y = y, x
	}
	long := s.wordsOf(y)
	var used uint64
	var letters, found, slips, alone int // alone: letters of words that only one has
	for _, i := range s.wordsOf(x) {
		w := &s.words[i]
		k := slices.IndexFunc(long, func(j uint32) bool {
			return i == j || slip(w.text, s.words[j].text, w.set, s.words[j].set)
		})
		switch {
		case k >= 0 && used>>k&1 == 0:
			used |= 1 << k
			found += len(w.text)
			if long[k] != i {
				slips++
			}
		case cities.has(w.text):
			continue
		default:
			alone += len(w.text)
		}
		letters += len(w.text)
	}
	other := found // letters of y
	for k, j := range long {
		if used>>k&1 == 0 && !cities.has(s.words[j].text) {
			other += len(s.words[j].text)
		}
	}
	switch letters = min(letters, other); {
	case found == 0:
	case alone == 0 && other == found && slips == 0:
		return nameEqual
	case found == letters && letters >= 4:
		return nameSlip
	case 3*found >= 2*letters && found >= 5:
		return nameAlike
	}
	return nameDiffers
}

// address compares address lines, postal codes, cities and regions as one.
func (s *scorer) address(a, b uint32, o *outcome) {
	code, rareCode := s.part(s.postal, a, b, codeAgrees)
	city, rareCity := s.part(s.city, a, b, cityAgrees)
	if s.line >= 0 {
		if x, y, ok := s.pair(s.line, a, b); ok {
			s.addressLine(x, y, s.cities(a, b), code, rareCode, city, rareCity, o)
			return
		}
	}
	switch {
	case code != placeUnknown && city != placeUnknown:
		level := 3*(code-placeEqual) + city - placeEqual
		rare := float32(0)
		switch {
		case code == placeEqual:
			rare = rareCode
		case city == placeEqual:
			rare = rareCity
		}
		o.set(onCityCode, level, rare)
	case code != placeUnknown:
		o.set(onCode, code-placeEqual, rareCode)
	case city != placeUnknown:
		o.set(onCity, city-placeEqual, rareCity)
	default:
		if region, rare := s.part(s.region, a, b, cityAgrees); region != placeUnknown {
			o.set(onRegion, region-placeEqual, rare)
		}
	}
}

// part compares one part of an address; rare is that of an equal value.
func (s *scorer) part(slot int, a, b uint32, agrees func(x, y *form) int) (int, float32) {
	if slot < 0 {
		return placeUnknown, 0
	}
	x, y, ok := s.pair(slot, a, b)
	if !ok {
		return placeUnknown, 0
	}
	if x == y {
		return placeEqual, s.rare[slot][x]
	}
	forms := s.t.slots[slot].forms
	return agrees(&forms[x], &forms[y]), 0
}

func (s *scorer) addressLine(x, y uint32, cities cityWords, code int, rareCode float32, city int, rareCity float32, o *outcome) {
	sl := &s.t.slots[s.line]
	line := lineSame
	if x != y {
		line = lineAgrees(sl, &sl.forms[x], &sl.forms[y], cities)
	}
	same := code == placeEqual || city == placeEqual
	other := !same && (code == placeOther || city == placeOther) && code != placeAlike && city != placeAlike
	rare := min(s.rare[s.line][x], s.rare[s.line][y])
	switch {
	case line == lineSame && same:
		o.set(onAddress, lineEqualPlace, rare)
	case line == lineSame && other:
		o.set(onAddress, lineEqualMoved, rare)
	case line == lineSame:
		o.set(onAddress, lineEqual, rare)
	case line == lineSlip && same:
		o.set(onAddress, lineAlikePlace, rare/2)
	case line == lineSlip && !other:
		o.set(onAddress, lineAlike, rare/2)
	case line == lineNear && !other:
		o.set(onAddress, lineStreet, 0)
	case code == placeEqual:
		o.set(onAddress, linePlaceCode, rareCode)
	case city == placeEqual:
		o.set(onAddress, linePlaceCity, rareCity)
	case code == placeAlike || city == placeAlike:
		o.set(onAddress, linePlaceAlike, 0)
	default:
		o.set(onAddress, lineDiffers, 0)
	}
}
