package normalize

import "strings"

// particle reports whether the word at i belongs to the one behind it: van der
// Meer, al-Rashid, St John. At the start of given names few do, because Al, Van
// and Di are names of their own.
func particle(words []nameWord, i int, given bool) bool {
	if i+1 >= len(words) {
		return false
	}
	w, hyphen := words[i], words[i+1].gap == hyphenGap
	switch w.text {
	case "abd", "abdul", "abdel", "abdal", "abdur", "abdu":
		return true
	case "al", "el", "ul", "as", "ar", "ad", "an", "ash", "at", "az":
		// The Arabic article, by the letter that it stands before.
		return hyphen || w.text == "al" && (!given || i > 0) || (w.text == "el" || w.text == "ul") && (!given || i > 0)
	case "mc", "fitz", "st", "ste":
		return !w.point || w.text[0] == 's'
	case "t", "d", "l":
		return i > 0 && particles(words[i-1].text) // van 't Hoff; else initials
	case "mac", "saint", "sainte", "o", "ben", "y":
		return !given && !w.point && !hyphen && (w.text != "y" || i > 0)
	}
	return (!given || i > 0) && particles(w.text)
}

// particles are the words that are joined to the one behind them wherever a
// family name may stand.
func particles(word string) bool {
	switch word {
	case "van", "von", "vom", "der", "den", "de", "del", "della", "dello", "degli", "delle", "dal", "dalla", "di", "da", "das", "do", "dos",
		"du", "des", "la", "le", "las", "los", "lo", "bin", "ibn", "bint", "binti", "binte", "abu", "ap", "ter", "ten", "te", "op", "zu",
		"zum", "zur", "af", "av", "und", "vander", "vanden", "фон", "ван", "дер", "де", "بن", "ابن", "بنت", "ابو":
		return true
	}
	return false
}

// relation reports whether a word stands between a name and the father's: it
// opens the second part of the name.
func relation(word string) bool {
	switch word {
	case "bin", "ibn", "bint", "binti", "binte", "بن", "ابن", "بنت":
		return true
	}
	return false
}

// linked is where the last part of words starts, with the particles and
// hyphens that belong to it.
func linked(words []nameWord) int {
	i := len(words) - 1
	for i > 1 {
		switch {
		case words[i-1].text == "y" && i > 2 && particle(words, i-1, false):
			i -= 2 // Ortega y Gasset
		case words[i].gap == hyphenGap, words[i-1].text != "y" && particle(words, i-1, false):
			i--
		default:
			return i
		}
	}
	if i == 1 && (words[1].gap == hyphenGap || particles(words[0].text) && particle(words, 1, false)) {
		return 0 // a family name alone: van der Meer
	}
	return i
}

// joined are tokens of words: particles are joined to the word behind them.
func joined(words []nameWord, given bool) []Token {
	if len(words) == 0 {
		return nil
	}
	out := make([]Token, 0, len(words))
	for i := 0; i < len(words); i++ {
		first := i
		for particle(words, i, given) {
			i++
		}
		if first == i {
			out = append(out, westToken(words[i]))
			continue
		}
		var b strings.Builder
		for _, w := range words[first : i+1] {
			switch w.text {
			case "saint", "sainte", "ste":
				b.WriteString("st")
			default:
				b.WriteString(w.text)
			}
		}
		out = append(out, prefixed(b.String(), words[first:i], words[i]))
	}
	return out
}

// prefixed is the token of a word with particles before it. Where it may be
// written without them, the bare word is among its other spellings.
func prefixed(text string, before []nameWord, last nameWord) Token {
	t := westToken(last)
	bare := t.Text
	also := t.Also
	t.Text, t.Initial, t.Also = text, false, nil
	front := strings.TrimSuffix(text, bare)
	for _, a := range also {
		t.Also = append(t.Also, front+a)
	}
	switch before[0].text {
	case "mc", "mac", "fitz", "st", "ste", "saint", "sainte", "abd", "abdul", "abdel", "abdal", "abdur", "abdu":
	default:
		if len(bare) > 2 {
			t.Also = append(append(t.Also, bare), also...)
		}
	}
	t.Also = append(t.Also, macSpelling(text)...)
	return t
}
