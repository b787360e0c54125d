package normalize

import "unicode/utf8"

// west takes apart a name that is not in Chinese, Japanese or Korean letters.
func (n *Name) west(words []nameWord) {
	main, rest := cutComma(words)
	single, mixed := len(main) == 1, mixedCase(words)
	var behind []nameWord // of the commas: a given name
	for len(rest) > 0 {
		var segment []nameWord
		segment, rest = cutComma(rest)
		switch {
		case titlePhrase(segment, single):
			n.phraseTitle(segment)
		case len(behind) == 0 && single, len(behind) == 0 && !n.strayPlace(main, segment):
			behind = segment
		default:
			n.addTitle(phrase(segment))
		}
	}
	main = n.stripTitles(main, mixed)
	if len(behind) > 0 {
		behind = n.stripTitles(behind, mixed)
		n.Given, n.Family, n.Sure = joined(behind, true), joined(main, false), true
		return
	}
	main, aside := cutAside(main)
	given, family, sure := order(main, mixed)
	switch {
	case len(n.Titles) > 0 && len(main) == 2 && particles(main[0].text):
		given, family = nil, main // Mme Le Goff
	case len(main) == 1 && n.familiar() && len(nicknames()[main[0].text]) > 0:
		given, family = main, nil
	}
	n.Sure = sure
	n.Given, n.Family = joined(given, true), joined(family, false)
	switch {
	case len(aside) > 1 && maiden(aside[0].text):
		n.Family = append(n.Family, joined(aside[1:], false)...)
	case len(aside) > 0 && titlePhrase(aside, false):
		n.phraseTitle(aside)
	default:
		n.Given = append(n.Given, joined(aside, true)...)
	}
	if len(n.Given) == 0 && len(n.Family) == 1 {
		n.Family[0].Title = titleAlone(family[0], false)
	}
}

// familiar reports whether the titles, if any, stand with a given name alone:
// Sir John, but Mr John.
func (n *Name) familiar() bool {
	for _, t := range n.Titles {
		switch t {
		case "mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "rev":
			return false
		}
	}
	return true
}

// westPart is a given or a family name that is not in Chinese, Japanese or
// Korean letters.
func westPart(words []nameWord, given bool) []Token {
	var n Name
	var kept []nameWord
	mixed := mixedCase(words)
	for rest := words; len(rest) > 0; {
		var segment []nameWord
		segment, rest = cutComma(rest)
		if len(kept) == 0 || !titlePhrase(segment, len(kept) == 1) {
			kept = append(kept, n.stripTitles(segment, mixed)...)
		}
	}
	if len(kept) == 1 {
		t := joined(kept, given)
		t[0].Title = titleAlone(kept[0], given)
		return t
	}
	out := kept[:0]
	for i, w := range kept {
		if i == 0 || !maiden(w.text) {
			out = append(out, w)
		}
	}
	return joined(out, given)
}

// titleAlone reports whether a word that stands for a whole name is a title.
// Lord is a family name as well.
func titleAlone(w nameWord, given bool) bool {
	k := titles()[w.text]
	return k&frontTitle != 0 && (given || w.text != "lord") || k&markedFront != 0 && w.point
}

// cutComma are the words before the first comma, and those behind it.
func cutComma(words []nameWord) (segment, rest []nameWord) {
	for i := 1; i < len(words); i++ {
		if words[i].gap == commaGap {
			return words[:i], words[i:]
		}
	}
	return words, nil
}

// phraseTitle notes what stands behind a comma and is no name: word by word
// where all are titles (jr, phd), else as one phrase.
func (n *Name) phraseTitle(segment []nameWord) {
	whole := false
	for _, w := range segment {
		whole = whole || titles()[w.text]&(backTitle|markedBack) == 0
	}
	if whole {
		n.addTitle(phrase(segment))
		return
	}
	for _, w := range segment {
		n.addTitle(w.text)
		if g := generationOf(w.text); g > 0 {
			n.Generation = g
		}
	}
}

// strayPlace reports whether a segment behind "john smith," is no given name,
// because one stands before the comma already: the place of a peerage that
// lost its rank.
func (n *Name) strayPlace(main, segment []nameWord) bool {
	known := nicknames()
	return len(main) > 1 && len(known[main[0].text]) > 0 && len(known[segment[0].text]) == 0 && utf8.RuneCountInString(segment[0].text) > 1
}

// cutAside takes the words in brackets and quotes out, if others are left.
func cutAside(words []nameWord) (main, aside []nameWord) {
	for _, w := range words {
		if w.aside {
			aside = append(aside, w)
		}
	}
	if len(aside) == 0 || len(aside) == len(words) {
		return words, nil
	}
	main = make([]nameWord, 0, len(words)-len(aside))
	for _, w := range words {
		if !w.aside {
			main = append(main, w)
		}
	}
	return main, aside
}

// maiden reports whether a word opens the name of birth.
func maiden(word string) bool {
	switch word {
	case "nee", "geb", "geborene", "geboren", "born", "ne", "рожд", "урожденная":
		return true
	}
	return false
}

// mixedCase reports whether some words are in capitals and others are not.
func mixedCase(words []nameWord) bool {
	caps, small := false, false
	for i := range words {
		caps = caps || words[i].caps
		small = small || !words[i].caps && len(words[i].text) > 1
	}
	return caps && small
}

// order tells given and family name apart, and whether that is sure.
func order(w []nameWord, mixed bool) (given, family []nameWord, sure bool) {
	last := len(w) - 1
	if last == 0 {
		return nil, w, false
	}
	if mixed {
		if g, f := byCapitals(w); len(f) > 0 {
			return g, f, true
		}
	}
	for i := 1; i < last; i++ {
		switch {
		case relation(w[i].text):
			return w[:i], w[i:], true
		case w[i+1].gap == slashGap && i+1 < last && len(w[i].text) == 1:
			return w[:i], w[i+2:], true // s/o, d/o: son, daughter of
		case maiden(w[i].text) && i > 1:
			at := linked(w[:i])
			return w[:at], without(w[at:], i-at), true
		}
	}
	switch {
	case last >= 2 && patronymic(w[last].text) && russian(w[0].text):
		return w[1:], w[:1], true
	case last == 2 && patronymic(w[1].text):
		return w[:2], w[2:], true
	case last >= 2 && vietnamese(w):
		return w[1:], w[:1], true
	case last == 2 && w[2].gap == hyphenGap && w[1].gap != hyphenGap && eastRoman(w[0].text):
		return w[1:], w[:1], false // Kim Min-jun
	case initialsOnly(w[1:]) && utf8.RuneCountInString(w[0].text) > 1 && len(nicknames()[w[0].text]) == 0:
		return w[1:], w[:1], false // Wheatley F.
	}
	at := linked(w)
	return w[:at], w[at:], false
}

// byCapitals cuts a name at the words in capitals that it starts or ends with;
// a single capital letter between them and the rest is an initial.
func byCapitals(w []nameWord) (given, family []nameWord) {
	n := 0
	for n < len(w) && w[n].caps && (len(w[n].text) > 2 || w[n].text == "ng" || vowel(w[n].text[1])) {
		n++ // but JP and TJ are initials
	}
	if n > 0 {
		for _, x := range w[n:] {
			if x.caps {
				return nil, nil
			}
		}
		return w[n:], w[:n]
	}
	n = len(w)
	for n > 0 && w[n-1].caps {
		n--
	}
	at := n
	for at > 1 && particle(w, at-1, true) {
		at--
	}
	return w[:at], w[at:]
}

// without is w but for the word at i.
func without(w []nameWord, i int) []nameWord {
	out := make([]nameWord, 0, len(w)-1)
	return append(append(out, w[:i]...), w[i+1:]...)
}

func initialsOnly(w []nameWord) bool {
	for i := range w {
		if !initialOnly(w[i].text) {
			return false
		}
	}
	return true
}
