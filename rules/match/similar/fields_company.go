package similar

import (
	"strings"
	"unicode"
)

// companyLevel compares the names of two companies by their words, of which
// rare ones tell more.
func (s *scorer) companyLevel(a, b, x, y uint32) (level int, rare float32) {
	sl := &s.t.slots[s.company]
	fx, fy := &sl.forms[x], &sl.forms[y]
	rare = min(s.rare[s.company][x], s.rare[s.company][y])
	if x == y || sameLetters(fx.text, fy.text) {
		switch {
		case fx.otherCompany(fy):
			return companyKin, 0
		case fx.part == fy.part || s.seat(a, fy.part) || s.seat(b, fx.part):
			return companyEqual, rare
		case fx.part == "" || fy.part == "":
			return companyShort, 0
		}
		return companyKin, 0 // Acme (UK) and Acme (Ireland)
	}
	o := s.sharedWords(fx, fy)
	switch ratio := o.shared / (o.shared + o.onlyX + o.onlyY); {
	case o.shared > 0 && fx.otherCompany(fy):
		return companyKin, 0
	case !han(fx.text) && slip(fx.text, fy.text, fx.set, fy.set):
		return companyAlike, min(0, (s.rare[s.company][x]+s.rare[s.company][y])/4)
	case o.shared > 0 && o.restX+o.restY == 0:
		return companyAlike, lean(o.shared, 14)
	case o.shared > 0 && min(o.restX, o.restY) == 0 && max(o.restX, o.restY) <= mostTrade:
		return companyShort, lean(o.shared, 14)
	case o.shared > 0 && min(o.restX, o.restY) == 0:
		return companyPart, lean(o.shared, 14)
	case o.most >= 5 && o.shared > 0 && max(o.restX, o.restY) <= mostTrade:
		return companyKin, 0
	case ratio >= 0.6:
		return companyAlike, lean(o.shared, 14)
	case o.most >= 5 && ratio >= 0.2:
		return companySome, lean(o.shared, 10)
	case o.shared == 0 && (sl.initialsOf(fx, fy) || sl.initialsOf(fy, fx)):
		return companySome, 0
	}
	return companyDiffers, 0
}

// mostTrade is how many words say what a company of a group does: Acme Dental
// Care, Acme Travel.
const mostTrade = 2

// otherCompany reports whether two names that share words are surely those of
// two companies: one of them is the group's, or they have two legal forms.
func (f *form) otherCompany(other *form) bool {
	return (f.flags^other.flags)&ofGroup != 0 || f.day != other.day && f.day != 0 && other.day != 0
}

// seat reports whether the place in a Chinese name is the city of the record
// whose name is without it. Elsewhere such a name is that of a branch.
func (s *scorer) seat(rec uint32, place string) bool {
	if s.city < 0 || !han(place) {
		return false
	}
	no, _ := s.t.form(rec, s.city)
	return strings.TrimSuffix(s.t.slots[s.city].forms[no].text, "市") == place
}

// sameCompanyWord reports whether two words that differ are a slip of each
// other or one the abbreviation of the other. A Chinese name of another
// character is another name.
func sameCompanyWord(x, y *word) bool {
	if han(x.text) || han(y.text) {
		return false
	}
	short, long := x.text, y.text
	if len(short) > len(long) {
		short, long = long, short
	}
	return len(short) >= 3 && len(long) >= 5 && strings.HasPrefix(long, short) || slip(x.text, y.text, x.set, y.set)
}

// initialsOf reports whether a name is one word, the first letters of the words
// of the other: IBM, International Business Machines.
func (s *slot) initialsOf(f, other *form) bool {
	words := s.wordsOf(other)
	if f.n != 1 || len(words) < 3 || len(words) != len(f.text) {
		return false
	}
	for i, w := range words {
		if s.words[w].text[0] != f.text[i] {
			return false
		}
	}
	return true
}

// han reports whether a text has Chinese characters.
func han(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// lean is what shared words add beyond the bits that such words have usually,
// within bounds.
func lean(shared, usual float32) float32 { return max(-6, min(mostLean, (shared-usual)/2)) }

const mostLean = 4

// nameOverlap is what two names share, in bits, and what only one has; most is the
// rarest shared word, rests are how many words only one has.
type nameOverlap struct {
	shared, onlyX, onlyY, most float32
	restX, restY               int
}

// sharedWords weighs the words that two names share and those that only one
// has.
func (s *scorer) sharedWords(x, y *form) (o nameOverlap) {
	sl, bits := &s.t.slots[s.company], s.wordBits[s.company]
	var used uint64
	for _, i := range sl.wordsOf(x) {
		w := &sl.words[i]
		hit := false
		for k, j := range sl.wordsOf(y) {
			v := &sl.words[j]
			if used>>k&1 == 0 && (i == j || sameCompanyWord(w, v)) {
				used |= 1 << k
				hit = true
				n := min(bits[i], bits[j])
				if i != j {
					n = min(n, 8)
				}
				o.shared += n
				o.most = max(o.most, n)
				break
			}
		}
		if !hit {
			o.onlyX += bits[i]
			o.restX++
		}
	}
	for k, j := range sl.wordsOf(y) {
		if used>>k&1 == 0 {
			o.onlyY += bits[j]
			o.restY++
		}
	}
	return o
}
