package normalize

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// AddressLine is a postal address, or a line of one, taken apart.
type AddressLine struct {
	// Number is that of the house, with its letter (12a), of a range (12-14),
	// of a lane and house (88-12), or of a post office box.
	Number string
	// Unit is the building, entrance and flat, suite or 室, with hyphens
	// between; a floor, as f3, only where no flat is told.
	Unit string
	// Words are street and place, in order, directions short (n, sw), without
	// the type of the street; Chinese in divisions and streets. They are empty
	// only where the address is nothing but numbers.
	Words []string
	// Type is the type of the street in its short spelling: st, ave, rue.
	// Two lines that both tell one and not the same are different streets.
	// The types of Chinese and Japanese streets, and of those that are one
	// word with the name (Hauptstraße), stay with the words.
	Type string
}

// Address takes an address apart.
func Address(text string) AddressLine {
	t := simple(text)
	if street, ok := strings.CutPrefix(t, "c/"); ok && !strings.HasPrefix(street, "o ") {
		t = "calle " + street // C/ Mayor
	}
	words := wordsOf(t)
	var a AddressLine
	if slices.ContainsFunc(words, func(w word) bool { return w.cjk && !koreanWord(w.text) }) {
		a = easternAddress(words)
	} else {
		r := addressReader{words: abbreviations(careOf(words), false)}
		r.read()
		a = r.line()
	}
	if len(a.Words) == 0 && slices.ContainsFunc(words, func(w word) bool { return !digital(w.text) }) {
		a.Words = texts(words)
	}
	return a
}

// careOf drops c/o and the name behind it, up to a comma or a number.
func careOf(words []word) []word {
	for i := 0; i+1 < len(words); i++ {
		if words[i].text != "c" || words[i+1].text != "o" || words[i+1].gap != slash {
			continue
		}
		for end := i + 2; end < len(words); end++ {
			if words[end].gap&comma != 0 || digital(words[end].text) {
				return append(slices.Clone(words[:i]), words[end:]...)
			}
		}
		return append(slices.Clone(words[:i]), words[i+2:]...)
	}
	return words
}

// digital reports whether a word starts with a digit.
func digital(w string) bool {
	if w == "" {
		return false
	}
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.IsDigit(r)
}

// koreanWord reports whether a word is Korean, which is written with spaces.
func koreanWord(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return 0xac00 <= r && r <= 0xd7a3
}
