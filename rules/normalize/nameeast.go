package normalize

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// east takes apart a name in Chinese, Japanese or Korean letters, which may
// have words in others beside it.
func (n *Name) east(words []nameWord) {
	own, other, middle := splitEast(words, n)
	given, family := n.eastOrder(own, middle)
	if family == "" && len(other) > 0 && len(given) == 0 {
		return
	}
	n.Given = append(n.Given, given...)
	n.addFamily(family)
	for _, w := range other {
		if !n.sounds(w.text) {
			n.Given = append(n.Given, westToken(w))
		}
	}
}

// eastPart is a given or a family name in Chinese, Japanese or Korean letters:
// its words are one, unless a middle dot parts them.
func eastPart(words []nameWord, given bool) []Token {
	var n Name
	own, other, middle := splitEast(words, &n)
	if !middle {
		own = []string{n.together(own)}
	}
	var out []Token
	for _, w := range own {
		out = append(out, eastToken(w, !given))
	}
	for _, w := range other {
		out = append(out, westToken(w))
	}
	return out
}

// splitEast are the words in Chinese, Japanese and Korean letters without
// titles, the others, and whether there is a middle dot between the former.
func splitEast(words []nameWord, n *Name) (own []string, other []nameWord, middle bool) {
	for i, w := range words {
		if !w.east {
			other = append(other, w)
			continue
		}
		middle = middle || w.gap == middleGap && i > 0 && words[i-1].east
		rest := n.cutTitles(w.raw)
		if len(own) > 0 && eastTitle(rest) {
			n.addTitle(rest)
			continue
		}
		own = append(own, rest)
	}
	return own, other, middle
}

// eastOrder tells the given name and the family name of words apart, which are
// in the order of writing.
func (n *Name) eastOrder(words []string, middle bool) (given []Token, family string) {
	last := len(words) - 1
	switch {
	case middle: // a foreign name: 约翰·史密斯
		for _, w := range words[:last] {
			given = append(given, eastToken(w, false))
		}
		n.Sure = true
		return given, words[last]
	case last == 0:
		return n.cutEast(words[0])
	}
	s := surnames()
	known := func(w string) bool { return s.chinese[w] || s.japanese[w] || s.korean[w] }
	if !known(words[0]) && known(words[last]) {
		return []Token{eastToken(n.together(words[:last]), false)}, words[last]
	}
	n.Sure = true
	return []Token{eastToken(n.together(words[1:]), false)}, words[0]
}

// together is words as one, without a title that only shows then.
func (n *Name) together(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return n.cutTitles(strings.Join(words, ""))
}

// cutTitles is a word without the titles at its end, which it notes.
func (n *Name) cutTitles(raw string) string {
	rest, title := cutEastTitle(raw, plain(raw))
	for title != "" {
		n.addTitle(title)
		rest, title = cutEastTitle(rest, rest)
	}
	return rest
}

// cutEast tells the parts of a name without a space apart.
func (n *Name) cutEast(name string) (given []Token, family string) {
	at := 0
	runes := utf8.RuneCountInString(name)
	s := surnames()
	first, _ := utf8.DecodeRuneInString(name)
	switch {
	case n.japaneseTitle() && !hangulSyllable(first):
		if at = s.japaneseCut(name); s.japanese[name] {
			at = 0
		}
		n.Sure = at > 0
	case hangulSyllable(first):
		if runes <= 5 {
			at = s.koreanCut(name)
		}
		n.Sure = at > 0 && runes <= 4
	case kana(name):
		if at = s.japaneseCut(name); at == 0 {
			at = scriptChange(name)
		}
		n.Sure = at > 0
	case runes <= 4:
		at = s.chineseCut(name)
		japanese := s.japaneseCut(name)
		n.Sure = at > 0 && japanese == 0 && (runes < 4 || at > runeEnd(name, 0))
		if japanese > 0 && (at == 0 || runes == 4 && at == runeEnd(name, 0)) {
			at, n.Sure = japanese, runes == 4
		}
		if at == 0 && runes < 4 {
			at = runeEnd(name, 0)
		}
	default:
		at = s.japaneseCut(name)
	}
	if at == 0 || at >= len(name) {
		return nil, name
	}
	return n.marriedName(name[at:], name[:at])
}

// marriedName is a given and a family name: of four characters of which two
// are family names both are one, the husband's first (陈方安生).
func (n *Name) marriedName(given, family string) ([]Token, string) {
	at := runeEnd(given, 0)
	if utf8.RuneCountInString(given) == 3 && utf8.RuneCountInString(family) == 1 && surnames().chinese[given[:at]] && surnames().chinese[family] {
		n.addFamily(family)
		given, family = given[at:], given[:at]
	}
	return []Token{eastToken(given, false)}, family
}

// japaneseTitle reports whether the name had a Japanese title.
func (n *Name) japaneseTitle() bool {
	for _, t := range n.Titles {
		switch t {
		case "さん", "さま", "样", "殿", "くん", "ちゃん":
			return true
		}
	}
	return false
}

func (n *Name) addFamily(family string) {
	if family != "" {
		n.Family = append(n.Family, eastToken(family, true))
	}
}

// sounds reports whether a word in Latin letters is but the reading of a token
// of the name, or of all of it: Zhang beside 张.
func (n *Name) sounds(word string) bool {
	for _, part := range [][]Token{n.Family, n.Given} {
		for _, t := range part {
			for _, readings := range [][]string{t.Pinyin, t.Also} {
				for _, r := range readings {
					if r == word {
						return true
					}
				}
			}
		}
	}
	return false
}

// eastToken is the token of a word in Chinese, Japanese or Korean letters.
func eastToken(word string, family bool) Token {
	t := Token{Text: word}
	first, _ := utf8.DecodeRuneInString(word)
	switch {
	case hangulSyllable(first):
		if family {
			t.Also = surnames().readings[word]
		}
		if len(t.Also) == 0 {
			t.Also = hangulToLatin(word)
		}
	case unicode.Is(unicode.Hiragana, first):
		t.Also = kanaToLatin(word)
	case family:
		t.Pinyin = surnameReadings(word)
	default:
		t.Pinyin = readings(word)
	}
	return t
}

// kana reports whether a name has hiragana (or katakana, which is hiragana in
// a plain text) in it.
func kana(name string) bool {
	for _, r := range name {
		if unicode.Is(unicode.Hiragana, r) {
			return true
		}
	}
	return false
}

// scriptChange is where Chinese characters end and kana goes on, 0 for
// nowhere: a Japanese family name ends there mostly.
func scriptChange(name string) int {
	for i, r := range name {
		if unicode.Is(unicode.Hiragana, r) {
			return i
		}
	}
	return 0
}

func eastTitle(word string) bool {
	for _, t := range eastTitles {
		if t == word {
			return true
		}
	}
	return false
}
