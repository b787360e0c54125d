package similar

import "math/bits"

// A mark is what 32 bits hold of a form. Two marks tell the best level that
// their forms can reach without a look at the texts: marks lie side by side
// by record, texts all over the memory.

// mark is the mark of a form, 0 for senses that have none.
func (s *slot) mark(f *form) uint32 {
	switch s.sense {
	case givenName, familyName:
		return s.nameMark(f)
	case addressLine:
		return s.streetMark(f)
	case birthDate:
		if f.day != 0 {
			return f.day | 1<<31
		}
	case phoneNumber:
		return parities(f.text, 10) | hash(f.part)<<10
	case code:
		m := parities(f.text, 16) | uint32(min(len(f.text), 255))<<16
		if f.flags&checkedOK != 0 {
			m |= 1 << 24
		}
		return m
	case mailbox:
		var m uint32
		for i := range len(f.part) {
			m |= 1 << (f.part[i] % 24)
		}
		if f.flags&freeMail == 0 {
			m |= (1 + hash(domain(f))%255) << 24
		}
		return m
	}
	return 0
}

// A name's mark is its letters folded into 18 bits, its length in 4, its
// groups of nicknames folded into 9, and whether it is one Latin word that is
// no initial.
const (
	nameLetters = 1<<18 - 1
	nameNicks   = (1<<9 - 1) << 22
	oneWord     = 1 << 31
)

func (s *slot) nameMark(f *form) uint32 {
	if f.n != 1 {
		return 0
	}
	w := &s.words[s.order[f.at]]
	if w.initial || len(w.pinyin)+len(w.also) > 0 {
		return 0
	}
	m := uint32(min(len(w.text), 15))<<18 | oneWord
	for _, c := range []byte(w.text) {
		if c < 'a' || c > 'z' {
			return 0
		}
		m |= 1 << (c % 18)
	}
	for _, group := range w.nick {
		m |= 1 << (22 + group%9)
	}
	return m
}

// parities has a bit for each of n kinds of characters, set where there is an
// odd number of them: a slip changes at most two.
func parities(text string, n byte) uint32 {
	var m uint32
	for i := range len(text) {
		if c := text[i]; c != '+' {
			m ^= 1 << (c % n)
		}
	}
	return m
}

// closest is the best level that two different forms with these marks can
// reach in a comparison.
func closest(c comparison, x, y uint32) int {
	apart := func(mask uint32) int { return bits.OnesCount32((x ^ y) & mask) }
	switch c {
	case onGiven, onFamily:
		return closestName(x, y)
	case onBirth:
		if x&y>>31 == 1 {
			return closestBirth(x&^(1<<31), y&^(1<<31))
		}
		return birthSlip
	case onPhone:
		if x>>10 != y>>10 && apart(1<<10-1) > 2 {
			return codeDiffers
		}
	case onNational, onTax:
		lenX, lenY := int(x>>16&255), int(y>>16&255)
		slips := 1 + min(lenX, lenY)/9
		if max(lenX, lenY)-min(lenX, lenY) > slips || apart(1<<16-1) > 2*slips || x&y>>24 == 1 {
			return codeDiffers
		}
	case onEmail:
		switch {
		case apart(1<<24-1) <= 4:
			return mailSlip
		case x>>24 == y>>24 && x>>24 != 0:
			return mailDomain
		}
		return mailDiffers
	}
	return 1
}

func closestName(x, y uint32) int {
	if x&y&oneWord == 0 || x&y&nameNicks != 0 {
		return namePart
	}
	apart := bits.OnesCount32((x ^ y) & nameLetters)
	lenX, lenY := int(x>>18&15), int(y>>18&15)
	switch {
	case apart <= 2 && max(lenX, lenY)-min(lenX, lenY) <= 1:
		return nameSlip
	case apart > 8:
		return nameDiffers
	case max(lenX, lenY) == 15 || apart <= 4:
		return nameAlike
	case 100*(lenX+lenY-apart)*(lenX+lenY) >= 2*134*lenX*lenY:
		return nameAlike
	}
	return nameDiffers
}

// A street's mark is the first letters of its words folded into 20 bits, and a
// hash of the house number, 0 where it has none. Streets without a common
// first letter are taken for different ones.
const streetLetters = 1<<20 - 1

func (s *slot) streetMark(f *form) uint32 {
	var m uint32
	for _, w := range s.wordsOf(f) {
		m |= 1 << (uint32(firstRune(s.words[w].text)) % 20)
	}
	digits := 0
	for digits < len(f.part) && f.part[digits] >= '0' && f.part[digits] <= '9' {
		digits++
	}
	if digits > 0 {
		m |= (1 + hash(f.part[:digits])%4095) << 20
	}
	return m
}

// closestLine is the best that two different address lines can say.
func closestLine(x, y uint32) int {
	switch {
	case x&y&streetLetters == 0:
		return lineOther
	case x>>20 != y>>20 && x>>20 != 0 && y>>20 != 0:
		return lineNear
	}
	return lineSame
}

// closestBirth compares two dates that both can be read.
func closestBirth(x, y uint32) int {
	yx, mx, dx := x>>14, x>>7&127, x&127
	yy, my, dy := y>>14, y>>7&127, y&127
	same := 0
	for _, equal := range [3]bool{yx == yy, mx == my, dx == dy} {
		if equal {
			same++
		}
	}
	switch {
	case same == 3:
		return birthEqual
	case yx == yy && mx == dy && dx == my, same == 2 && oneDigit(yx, yy) && oneDigit(mx, my) && oneDigit(dx, dy):
		return birthSlip
	case same == 2, near(yx, yy) && near(mx, my) && near(dx, dy):
		return birthTwo
	case yx == yy:
		return birthYear
	}
	return birthDiffers
}

// oneDigit reports whether at most one digit of two numbers differs, or two
// neighbours are swapped.
func oneDigit(x, y uint32) bool {
	var differ, last [2]uint32 // digits that differ, and how
	n := 0
	for at := 0; x != y; at, x, y = at+1, x/10, y/10 {
		if p, q := x%10, y%10; p != q {
			if n == 2 || n == 1 && (p != last[1] || q != last[0] || differ[0]+1 != uint32(at)) {
				return false
			}
			differ[0], last[0], last[1] = uint32(at), p, q
			n++
		}
	}
	return true
}
