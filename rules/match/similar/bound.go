package similar

import "math"

// The stages of comparing two records, the cheap and telling ones first.
const (
	stageBirth = iota
	stageNational
	stageTax
	stagePhone
	stageEmail
	stageAddress
	stageNames
	stageCompany
	stageAttributes
	stages
)

// stage compares what belongs to a stage and returns what it weighs.
func (s *scorer) stage(w *weighing, stage int, a, b uint32, o *outcome) float32 {
	switch stage {
	case stageBirth:
		return s.simple(w, onBirth, s.birth, a, b, birthLevel, o)
	case stageNational:
		return s.simple(w, onNational, s.national, a, b, codeLevel, o)
	case stageTax:
		return s.simple(w, onTax, s.tax, a, b, codeLevel, o)
	case stagePhone:
		return s.simple(w, onPhone, s.phone, a, b, phoneLevel, o)
	case stageEmail:
		return s.mailboxes(w, a, b, o)
	case stageAddress:
		s.address(a, b, o)
		return w.of(o, onAddress, onRegion)
	case stageNames:
		s.names(w, a, b, o)
		return w.of(o, onGiven, onMore)
	case stageCompany:
		return s.companies(w, a, b, o)
	}
	return s.attributes(w, a, b, o)
}

// of is what the comparisons from first to last weigh.
func (w *weighing) of(o *outcome, first, last comparison) float32 {
	var sum float32
	for c := first; c <= last; c++ {
		if l := o.level[c]; l != none {
			sum += w.bits[c][l] + o.rare[c]
		}
	}
	return sum
}

// absent is the bound of a stage for which a record has no values.
const absent = math.MaxFloat32

// bound is at least what two records weigh before relations are looked at. Top
// is what each stage adds at most.
func (s *scorer) bound(w *weighing, a, b uint32, top *[stages]float32) float32 {
	x, y := s.t.row(a), s.t.row(b)
	markX, markY := s.t.marksOf(a), s.t.marksOf(b)
	top[stageBirth] = s.topOf(w, onBirth, s.birth, x, y, markX, markY)
	top[stageNational] = s.topOf(w, onNational, s.national, x, y, markX, markY)
	top[stageTax] = s.topOf(w, onTax, s.tax, x, y, markX, markY)
	top[stagePhone] = s.topOf(w, onPhone, s.phone, x, y, markX, markY)
	top[stageEmail] = s.topOf(w, onEmail, s.email, x, y, markX, markY)
	top[stageAddress] = s.topAddress(w, x, y, markX, markY)
	top[stageNames] = s.topNames(w, x, y, markX, markY)
	if top[stageCompany] = s.topOf(w, onCompany, s.company, x, y, markX, markY); top[stageCompany] != absent {
		top[stageCompany] += mostLean
	}
	top[stageAttributes] = absent
	if len(s.attrs) > 0 {
		top[stageAttributes] = float32(len(s.attrs)) * mostAttribute
	}
	sum := w.prior
	for _, t := range top {
		if t != absent {
			sum += t
		}
	}
	return sum
}

// marksOf is the marks of a record's forms by slot.
func (t *table) marksOf(rec uint32) []uint32 {
	n := len(t.slots)
	return t.marks[int(rec)*n:][:n]
}

// row is the forms of a record by slot.
func (t *table) row(rec uint32) []uint32 {
	n := len(t.slots)
	return t.rows[int(rec)*n:][:n]
}

// topOf bounds a comparison of one slot.
func (s *scorer) topOf(w *weighing, c comparison, slot int, x, y, markX, markY []uint32) float32 {
	if slot < 0 || x[slot] == 0 || y[slot] == 0 {
		return absent
	}
	switch {
	case (x[slot]|y[slot])&hasMore != 0:
		best := max(w.bits[c][0]+s.most[slot], w.other[c])
		if c == onEmail {
			best = max(best, s.mostDomain(w))
		}
		return best
	case x[slot] == y[slot]:
		return w.bits[c][0] + s.rare[slot][x[slot]]
	case c == onCompany: // names may be equal but for spaces
		return max(w.bits[c][0]+max(0, s.rare[slot][x[slot]]), w.other[c])
	}
	level := closest(c, markX[slot], markY[slot])
	best := w.from[c][level]
	if c == onEmail && level <= mailDomain {
		best = max(best, s.mostDomain(w))
	}
	return best
}

// mostDomain is the most that mailboxes of one domain weigh.
func (s *scorer) mostDomain(w *weighing) float32 {
	return w.bits[onEmail][mailDomain] + min(mostLean, s.mostWord[s.email])
}

// topNames bounds given, family and further names, both ways round.
func (s *scorer) topNames(w *weighing, x, y, markX, markY []uint32) float32 {
	if s.given < 0 || s.family < 0 {
		return s.topOneName(w, x, y)
	}
	ga, gb, fa, fb := x[s.given]&^hasMore, y[s.given]&^hasMore, x[s.family]&^hasMore, y[s.family]&^hasMore
	if ga|fa == 0 || gb|fb == 0 {
		return absent
	}
	mga, mgb, mfa, mfb := markX[s.given], markY[s.given], markX[s.family], markY[s.family]
	if s.full >= 0 || (x[s.given]|y[s.given]|x[s.family]|y[s.family])&hasMore != 0 {
		mga, mgb, mfa, mfb = 0, 0, 0, 0 // other names may come closer
	}
	straight := s.topName(w, onGiven, s.given, ga, s.given, gb, ga == gb, mga, mgb) +
		s.topName(w, onFamily, s.family, fa, s.family, fb, fa == fb, mfa, mfb)
	swapped := w.bits[onOrder][0] +
		s.topName(w, onGiven, s.given, ga, s.family, fb, ga != 0 && s.familyOf[ga] == fb, mga, mfb) +
		s.topName(w, onFamily, s.family, fa, s.given, gb, gb != 0 && s.familyOf[gb] == fa, mfa, mgb)
	return max(straight, swapped) + s.topMore(w, x, y)
}

func (s *scorer) topOneName(w *weighing, x, y []uint32) float32 {
	for _, i := range [2]int{s.given, s.family} {
		if i < 0 {
			continue
		}
		if x[i] == 0 || y[i] == 0 {
			return absent
		}
		c := onGiven
		if i == s.family {
			c = onFamily
		}
		return s.topName(w, c, i, x[i]&^hasMore, i, y[i]&^hasMore, x[i] == y[i], 0, 0) + s.topMore(w, x, y)
	}
	return absent
}

// topName bounds the comparison of two names.
func (s *scorer) topName(w *weighing, c comparison, sx int, x uint32, sy int, y uint32, equal bool, markX, markY uint32) float32 {
	if x == 0 || y == 0 {
		return 0
	}
	rare := min(s.rare[sx][x], s.rare[sy][y])
	if equal {
		return w.bits[c][nameEqual] + rare
	}
	level := closestName(markX, markY)
	if level == nameDiffers {
		return w.from[c][level]
	}
	return w.from[c][level] + max(0, rare/2)
}

func (s *scorer) topMore(w *weighing, x, y []uint32) float32 {
	if s.full < 0 || x[s.full] == 0 || y[s.full] == 0 {
		return 0
	}
	return max(0, w.bits[onMore][moreShared]+s.mostWord[s.full])
}

// topAddress bounds what addresses weigh.
func (s *scorer) topAddress(w *weighing, x, y, markX, markY []uint32) float32 {
	code, rareCode := s.sameForm(s.postal, x, y)
	city, rareCity := s.sameForm(s.city, x, y)
	rare := max(0, rareCode, rareCity)
	if line, rareLine := s.sameForm(s.line, x, y); line != placeUnknown {
		if line == placeEqual {
			return w.line[0] + rareLine
		}
		least := min(s.rare[s.line][x[s.line]&^hasMore], s.rare[s.line][y[s.line]&^hasMore])
		if (x[s.line]|y[s.line])&hasMore != 0 {
			return w.line[0] + s.most[s.line]
		}
		switch closestLine(markX[s.line], markY[s.line]) {
		case lineOther:
			return w.line[3] + rare
		case lineNear:
			return w.line[2] + rare
		}
		// Lines that are written differently may still be equal.
		return max(w.line[0]+least, w.line[1]+max(0, least/2), w.line[2]+rare)
	}
	switch {
	case code != placeUnknown && city != placeUnknown:
		return w.cityCode + rare
	case code != placeUnknown:
		return max(w.bits[onCode][0], w.other[onCode]) + rare
	case city != placeUnknown:
		return max(w.bits[onCity][0], w.other[onCity]) + rare
	}
	if region, rareRegion := s.sameForm(s.region, x, y); region != placeUnknown {
		return max(w.bits[onRegion][0], w.other[onRegion]) + max(0, rareRegion)
	}
	return absent
}

// sameForm reports whether two records have a slot (placeUnknown where one has
// not) and agree on it, and what the rarity of the value may add.
func (s *scorer) sameForm(slot int, x, y []uint32) (int, float32) {
	switch {
	case slot < 0 || x[slot] == 0 || y[slot] == 0:
		return placeUnknown, 0
	case (x[slot]|y[slot])&hasMore != 0:
		return placeOther, s.most[slot]
	case x[slot] == y[slot]:
		return placeEqual, s.rare[slot][x[slot]]
	}
	return placeOther, 0
}

// alsoFamily finds for every form of the given name the form of the family
// name that is spelt so.
func (t *table) alsoFamily(given, family int) []uint32 {
	if given < 0 || family < 0 {
		return nil
	}
	byText := make(map[string]uint32, len(t.slots[family].forms))
	for no := 1; no < len(t.slots[family].forms); no++ {
		byText[t.slots[family].forms[no].text] = uint32(no)
	}
	list := make([]uint32, len(t.slots[given].forms))
	for no := 1; no < len(list); no++ {
		list[no] = byText[t.slots[given].forms[no].text]
	}
	return list
}
