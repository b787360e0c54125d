package normalize

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// addressReader reads the words of an address from left to right.
type addressReader struct {
	words []word
	at    int

	number, floor   string
	building, flats []string
	kept            []word // street and place
}

func (r *addressReader) read() {
	for r.at < len(r.words) {
		if r.postBox() || r.unit() || r.house() {
			continue
		}
		r.keep()
	}
}

// peek is the text of a word some places on, empty behind the end.
func (r *addressReader) peek(n int) string {
	if r.at+n >= len(r.words) || r.at+n < 0 {
		return ""
	}
	return r.words[r.at+n].text
}

// gapAt is the gap before a word some places on; a comma behind the end.
func (r *addressReader) gapAt(n int) gap {
	if r.at+n >= len(r.words) {
		return comma
	}
	return r.words[r.at+n].gap
}

// postBox reads PO Box 123.
func (r *addressReader) postBox() bool {
	if r.number != "" {
		return false
	}
	for n := 3; n > 0; n-- {
		if !digital(r.peek(n)) || !boxes()[strings.Join(texts(r.words[r.at:r.at+n]), " ")] {
			continue
		}
		r.at += n
		r.number = r.value(0)
		for w := r.peek(0); digital(w) && len(w) <= 3 && r.gapAt(0) == space; w = r.peek(0) { // Postfach 12 34
			r.number += w
			r.at++
		}
		r.kept = append(r.kept, word{text: "pobox", gap: comma})
		return true
	}
	return false
}

// unit reads what lies within a house: flat 2b, 3rd floor, building A.
func (r *addressReader) unit() bool {
	w, next := r.peek(0), r.peek(1)
	switch {
	case r.gapAt(0)&hash != 0 && digital(w) && r.number != "":
		r.flats = append(r.flats, r.value(0))
		return true
	case r.number != "" && ordinalWord(w) && strings.HasSuffix(w, "o") && utf8.RuneCountInString(next) == 1 && r.gapAt(1)&comma == 0: // 3º B
		r.flats = append(r.flats, w[:leading(w)]+"-"+next)
		r.at += 2
		return true
	case r.number != "" && digital(w) && r.gapAt(1)&dot != 0 && (next == "th" || next == "tv" || next == "mf"): // 2. th
		r.flats = append(r.flats, w+"-"+next)
		r.at += 2
		return true
	case digital(w) && r.gapAt(1) == 0:
		return r.korean(w, next)
	case floorsByName()[w] != "" && (floorWords()[next] || len(w) == 2 && r.at > 0):
		r.floor = floorsByName()[w]
		r.at++
		if floorWords()[r.peek(0)] {
			r.at++
		}
		return true
	case floorWords()[w] && w != "l" && numbered(next) && !ordinalWord(next):
		r.floor = r.value(1)
		return true
	case digital(w) && floorWords()[next] && (ordinalWord(w) || r.gapAt(1)&dot != 0 || r.number != ""):
		r.floor = w[:leading(w)]
		r.at += 2
		return true
	case unitWords()[w] && r.named(w):
		r.flats = append(r.flats, r.value(1))
		return true
	case buildingWords()[w] && r.named(w):
		r.building = append(r.building, r.value(1))
		return true
	}
	return false
}

// korean reads 101동, 502호, 3층.
func (r *addressReader) korean(value, mark string) bool {
	switch mark {
	case "동":
		r.building = append(r.building, value)
	case "호", "호실":
		r.flats = append(r.flats, value)
	case "층":
		r.floor = value
	case "번지":
		if r.number != "" {
			return false
		}
		r.number = value
	default:
		return false
	}
	r.at += 2
	return true
}

// named reports whether the word behind a word such as flat is its number: it
// holds a digit, or is a single letter.
func (r *addressReader) named(w string) bool {
	next := r.peek(1)
	if next == "" || r.gapAt(1)&comma != 0 || ordinalWord(next) {
		return false
	}
	if utf8.RuneCountInString(w) <= 2 && !digital(next) {
		return false
	}
	if streetTypes()[r.peek(2)] != "" && r.gapAt(2) == space && !digital(next) {
		return false // Block E Street
	}
	return numbered(next) || utf8.RuneCountInString(next) == 1
}

// value takes the word n places on, with a letter or a part that a hyphen
// joins to it, and goes behind it.
func (r *addressReader) value(n int) string {
	v := trimZeros(r.peek(n))
	r.at += n + 1
	for {
		next := r.peek(0)
		joined := r.gapAt(0) == hyphen || r.gapAt(0) == slash
		if next == "" || !joined || !numbered(next) && utf8.RuneCountInString(next) > 1 {
			return v
		}
		v += "-" + next
		r.at++
	}
}

// trimZeros drops the zeros before a number.
func trimZeros(w string) string {
	for len(w) > 1 && w[0] == '0' && '0' <= w[1] && w[1] <= '9' {
		w = w[1:]
	}
	return w
}

// numbered reports whether a word holds a digit.
func numbered(w string) bool { return strings.ContainsAny(w, "0123456789") }

// ordinalWord reports whether a word is 5th or the like.
func ordinalWord(w string) bool {
	n := leading(w)
	if n == 0 || n == len(w) {
		return false
	}
	switch w[n:] {
	case "st", "nd", "rd", "th", "er", "eme", "e", "ste", "te", "re", "ra", "ro", "o":
		return w[n:] != "e" || n > 2
	}
	return false
}

// house reads the number of the house: before the street, or the first number
// behind its name that looks like one.
func (r *addressReader) house() bool {
	w := r.peek(0)
	if r.number != "" || w == "" {
		return false
	}
	if numberWords()[w] && digital(r.peek(1)) && !ordinalWord(r.peek(1)) && (len(w) > 1 || r.gapAt(1)&(dot|hash) != 0) {
		r.at++
		w = r.peek(0)
	} else if !digital(w) || ordinalWord(w) || r.peek(1) == "th" && r.gapAt(1) == space || len(r.kept) > 0 && r.streetNumber(w) {
		return false
	}
	first := len(r.kept) == 0
	if first && r.gapAt(1) == slash && digital(r.peek(1)) && r.peek(2) != "" && !digital(r.peek(2)) {
		r.flats = append(r.flats, w) // 5/12 Main Street
		r.at++
	}
	r.number = trimZeros(r.peek(0))
	r.at++
	r.houseRange(first)
	return true
}

// streetNumber reports whether a number behind words is part of a street's
// name (Calle 13, 17. Juni) or a postal code, and no house number.
func (r *addressReader) streetNumber(w string) bool {
	before := r.kept[len(r.kept)-1].text
	later := slices.ContainsFunc(r.words[r.at+1:], func(w word) bool { return digital(w.text) && len(w.text) < 5 })
	switch {
	case numberedStreets()[before], len(r.kept) == 1 && leadingTypes()[before] != "" && later:
		return true
	case r.gapAt(1)&dot != 0 && r.gapAt(1)&space != 0 && later:
		return true
	}
	return leading(w) > 4
}

// houseRange reads what belongs to the number before: a letter, bis, the end
// of a range, and behind the street's name the flat (12/3).
func (r *addressReader) houseRange(first bool) {
	for {
		next, g := r.peek(0), r.gapAt(0)
		switch {
		case next == "":
			return
		case g == hyphen|space || g == hyphen || g == slash && !first:
			if !numbered(next) && utf8.RuneCountInString(next) > 1 || leading(next) > 4 {
				return
			}
			if g == slash {
				r.flats = append(r.flats, next)
			} else {
				r.number += "-" + next
			}
		case g&^(space|dot) == 0 && (next == "bis" || next == "ter" || next == "quater"):
			r.number += next
		case g == space && r.letter(next, first):
			r.number += next
		default:
			return
		}
		r.at++
	}
}

// letter reports whether a letter that stands alone belongs to the number
// before: 12 a. Before a street n, e, s and w are directions, and a letter may
// be the street's name (Avenue K, E Street).
func (r *addressReader) letter(w string, first bool) bool {
	if len(w) != 1 || w[0] < 'a' || w[0] > 'z' || leading(r.number) != len(r.number) {
		return false
	}
	if unitWords()[w] && digital(r.peek(1)) {
		return false // 5 m. 3
	}
	if !first {
		return true
	}
	return !strings.Contains("nesw", w) && r.peek(1) != "" && r.gapAt(1)&comma == 0 && streetTypes()[r.peek(1)] == ""
}

// keep takes a word for the street or the place.
func (r *addressReader) keep() {
	w := r.words[r.at]
	r.at++
	if r.peek(0) == "th" && r.gapAt(0) == space && digital(w.text) {
		w.text += "th"
		r.at++
	}
	// A script that changes within a word: 테헤란로1길.
	for r.at < len(r.words) && r.gapAt(0) == 0 {
		w.text += r.peek(0)
		r.at++
	}
	r.kept = append(r.kept, w)
}
