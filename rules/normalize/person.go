package normalize

import "strings"

// Token is one word of a person's name as names are compared. Two tokens are
// spelled alike when the Text or a spelling in Also of the one is the Text or
// in Also of the other. The slices may belong to tables: they are to be read.
type Token struct {
	// Text is lower case, without accents where the script is Latin; other
	// scripts stay, Chinese in simplified characters, Japanese kana as
	// hiragana. A particle is joined to its word: vandermeer, alrashid, obrien.
	// Chinese and Korean given names are one token.
	Text string
	// Also are other spellings of the same word in Latin letters, the usual
	// one first: mueller for muller (Müller), ivanov for иванов, kim and gim
	// for 김, tanaka for たなか, meer for vandermeer. Mostly empty.
	Also []string
	// Pinyin are what a Chinese token sounds like, without tones, joined
	// (zhangwei): the most likely reading first, every reading of a surname,
	// then other usual romanisations (chan for 陈). Unlike Also they tell
	// little: many names sound the same.
	Pinyin []string
	// Nick are the groups of the nickname table that it belongs to, sorted:
	// two tokens that share one may be one name (bob, robert).
	Nick []uint16
	// Initial says that it is a single letter that stands for a name.
	Initial bool
	// Title says that the word is no name (sir, mrs) and is kept only because
	// nothing else is there: hardly evidence.
	Title bool
}

// Name is a person's name taken apart. Particles (van, de, bin) stand with the
// part that they belong to; Titles are what is no name: dr, jr, 先生, 1st baron
// clifford of chudleigh. A blank name has no token, any other has at least one.
type Name struct {
	Given, Family []Token
	Titles        []string
	// Generation is 1 for the elder (sr, i), 2 for the younger (jr, ii), 3 and
	// more for iii and on, and 0 where the name does not tell: it is what tells
	// father from son.
	Generation uint8
	// Sure says that given and family name were told apart, by the fields or
	// by the way it is written; otherwise they may be the other way round.
	Sure bool
}

// GivenName takes a given name apart: all its words, without titles. A Chinese
// or Korean given name is one token, however it is spaced.
func GivenName(text string) []Token { return partOf(text, true) }

// FamilyName takes a family name apart, without titles and what tells a
// generation, which [Generation] reads.
func FamilyName(text string) []Token { return partOf(text, false) }

// FullNameOf takes a whole name apart, in whatever order it is written: the
// family name comes first before a comma, in capitals, in Chinese, Japanese,
// Korean and Vietnamese, and before a Russian patronymic at the end, else last.
// A word alone is the family name, unless it is a usual given name.
func FullNameOf(text string) Name {
	var buf [8]nameWord
	words := nameWords(buf[:0], text)
	var n Name
	switch {
	case len(words) == 0:
		n.Family = unreadable(text)
	case anyEast(words):
		n.east(words)
	default:
		n.west(words)
	}
	n.addGroups()
	return n
}

// Generation is the place in the row of a name's bearers that a given, family
// or whole name tells, as [Name] has it.
func Generation(text string) uint8 {
	var buf [8]nameWord
	var n Name
	for rest := nameWords(buf[:0], text); len(rest) > 0; {
		var segment []nameWord
		segment, rest = cutComma(rest)
		// A segment of its own tells whatever name stands before the comma.
		if g := generationOf(segment[0].text); len(segment) == 1 && segment[0].gap == commaGap && g > 0 {
			n.Generation = g
		}
		n.stripTitles(segment, false)
	}
	return n.Generation
}

// partOf takes a given or a family name apart.
func partOf(text string, given bool) []Token {
	var buf [8]nameWord
	words := nameWords(buf[:0], text)
	if len(words) == 0 {
		return unreadable(text)
	}
	var part []Token
	if anyEast(words) {
		part = eastPart(words, given)
	} else {
		part = westPart(words, given)
	}
	groups := familyGroups()
	if given {
		groups = nicknames()
	}
	for i := range part {
		part[i].Nick = groupsOf(groups, &part[i])
	}
	return part
}

// unreadable is the token of a text without a letter or a digit: the text,
// for it is still the same as itself. A blank has none.
func unreadable(text string) []Token {
	t := plain(strings.ReplaceAll(Text(text), " ", ""))
	if t == "" {
		return nil
	}
	return []Token{{Text: t}}
}

// addGroups looks the tokens up in the tables of names that may be one. A part
// that may be either is looked up in both.
func (n *Name) addGroups() {
	for i := range n.Given {
		t := &n.Given[i]
		if !t.Initial {
			t.Nick = groupsOf(nicknames(), t)
		}
	}
	for i := range n.Family {
		t := &n.Family[i]
		t.Nick = groupsOf(familyGroups(), t)
		if len(t.Nick) == 0 && !n.Sure && !t.Initial {
			t.Nick = groupsOf(nicknames(), t)
		}
	}
}

// anyEast reports whether a word is in Chinese, Japanese or Korean letters.
func anyEast(words []nameWord) bool {
	for i := range words {
		if words[i].east {
			return true
		}
	}
	return false
}
