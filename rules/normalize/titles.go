package normalize

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// titleKind is where a word is a title, as a set.
type titleKind uint8

const (
	frontTitle  titleKind = 1 << iota // before a name
	longTitle                         // before a name of two words and more: Don and Major are names too
	markedFront                       // before a name if a point or another title sets it off: Col and Hon are names too
	backTitle                         // behind a name
	markedBack                        // behind a name if a comma, points or capitals set it off: Ma and Do are names too
	peerage                           // opens a phrase with a place: earl of derby
)

// titles are the words that are no names, by their plain spelling.
var titles = sync.OnceValue(func() map[string]titleKind {
	m := make(map[string]titleKind, 512)
	for _, t := range []struct {
		kind  titleKind
		words string
	}{
		{frontTitle, `mr mrs ms miss mx messrs dr drs prof professor doctor sir lady lord rev revd reverend honourable honorable rt
			captain colonel lt lieut lieutenant maj brigadier sgt sergeant cpl cmdr commander adm admiral cllr councillor msgr monsignor bt the
			herr frau fraulein frl mme madame mlle mademoiselle monsieur maitre sr sra srta senor senora senorita dra exmo
			signor signora signorina dott dottssa dottore dottoressa avv sigra sigre egr dhr mevr mw mevrouw meneer mgr mudr judr rndr mvdr phdr
			gospodin gospoza sayin shri shrimati smt dato datuk datin encik puan haji hajah hajja alhaj alhajj ustad ustaz
			господин госпожа гражданин гражданка пани доктор κοσ κυριοσ κυρια
			السيد السيده الدكتور الدكتوره دكتور دكتوره الحاج الحاجه الشيخ المهندس`},
		{longTitle, `don dona major baron baroness count countess viscount viscountess duchess general father brother sister mother fr
			sheikh master marquess grafin freiherr pani dame`},
		{markedFront, `hon capt col gen brig hr dipl dipling med mag ing ir sig mons dom pan bay jur rer nat phil habil dna ven`},
		{backTitle, `esq esquire phd md dds dvm cpa llm llb msc bsc mba mphil dphil edd psyd obe cbe mbe kbe kcb kcmg kcvo gcb cmg frs fsa
			frcs frcp frse bt bart baronet hanim hanum bsn mbbs beng meng bcom pharmd
			senior sr junior jr jnr ii iii iv vii viii fils filho neto`},
		{markedBack, `cb mp qc kc mc dd ba ma bs ms jp do pe rn vc dc od sj op osb ra am ao sc dso pa np pt mdiv cfa dba`},
		{peerage, `baronet earl duke duchess baron baroness viscount viscountess marquess marquis marchioness countess lord lady prince
			princess king queen count`},
	} {
		for w := range strings.FieldsSeq(t.words) {
			m[w] |= t.kind
		}
	}
	return m
})

// generationOf is the place in the row of a name's bearers that a title at the
// end of a name tells, 0 for none.
func generationOf(word string) uint8 {
	switch word {
	case "senior", "sr":
		return 1
	case "junior", "jr", "jnr", "ii", "fils", "filho":
		return 2
	case "iii", "neto":
		return 3
	case "iv":
		return 4
	case "vii":
		return 7
	case "viii":
		return 8
	}
	return 0
}

// shortTitle is the spelling under which a title is kept.
func shortTitle(word string) string {
	switch word {
	case "senior":
		return "sr"
	case "junior", "jnr":
		return "jr"
	case "doctor":
		return "dr"
	case "professor":
		return "prof"
	case "reverend", "revd":
		return "rev"
	}
	return word
}

// ordinal is n of the nth, or 0.
func ordinal(word string) uint8 {
	n := 0
	for n < len(word) && '0' <= word[n] && word[n] <= '9' {
		n++
	}
	if n == 0 || n > 2 {
		return 0
	}
	switch word[n:] {
	case "st", "nd", "rd", "th":
		v := word[0] - '0'
		if n == 2 {
			v = v*10 + word[1] - '0'
		}
		return v
	}
	return 0
}

// stripTitles takes the titles off both ends of words, but never the last
// word, and notes them. Capitals tell something only in a name of mixed case.
func (n *Name) stripTitles(words []nameWord, mixed bool) []nameWord {
	table := titles()
	for before := len(n.Titles); len(words) > 1 && words[1].gap != hyphenGap || len(words) > 1 && words[0].point; words = words[1:] {
		k := table[words[0].text]
		long := len(words) > 2 && utf8.RuneCountInString(words[1].text) > 1
		marked := words[0].point || len(n.Titles) > before
		if k&frontTitle == 0 && (k&longTitle == 0 || !long) && (k&markedFront == 0 || !marked) {
			break
		}
		n.addTitle(words[0].text)
	}
	words = n.stripPeerage(words)
	for len(words) > 1 {
		w := words[len(words)-1]
		k := table[w.text]
		back := k&backTitle != 0 || k&markedBack != 0 && (w.point || mixed && w.caps)
		g := generationOf(w.text)
		if o := ordinal(w.text); o > 1 && len(words) > 2 {
			back, g = true, o
		}
		if !back || w.gap == hyphenGap || len(words) == 2 && portuguese(w.text) {
			break
		}
		if g > 0 {
			n.Generation = g
		}
		n.addTitle(w.text)
		words = words[:len(words)-1]
	}
	return words
}

// portuguese reports whether a word that tells a generation behind two names
// is a family name behind one.
func portuguese(word string) bool { return word == "neto" || word == "filho" || word == "fils" }

// stripPeerage cuts off what follows a name without a comma: 1st baronet, earl
// of derby.
func (n *Name) stripPeerage(words []nameWord) []nameWord {
	for i := 1; i < len(words); i++ {
		if opensPeerage(words[i:]) {
			n.addTitle(phrase(words[i:]))
			return words[:i]
		}
	}
	return words
}

// opensPeerage reports whether words start with an ordinal and a rank, or
// with a rank and "of".
func opensPeerage(words []nameWord) bool {
	if len(words) < 2 {
		return false
	}
	if ordinal(words[0].text) > 0 {
		return titles()[words[1].text]&peerage != 0
	}
	return titles()[words[0].text]&peerage != 0 && words[1].text == "of"
}

// titlePhrase reports whether words, which stand behind a comma, are no name:
// titles only, a peerage, a number, or words that tell of somebody. Behind a
// single word only what is never a name counts.
func titlePhrase(words []nameWord, single bool) bool {
	first := words[0].text
	table := titles()
	switch {
	case ordinal(first) > 0, first == "of", first == "wife", first == "born", first == "widow":
		return true
	case table[first]&peerage != 0 && (!single || len(words) > 1 && words[1].text == "of"):
		return true // but Earl and King are given names
	}
	kinds := frontTitle | backTitle
	if !single {
		kinds |= markedBack
	}
	for _, w := range words {
		if table[w.text]&kinds == 0 && strings.Trim(w.text, "0123456789") != "" {
			return false
		}
	}
	return true
}

// addTitle notes a title; a blank one is none.
func (n *Name) addTitle(title string) {
	if title != "" {
		n.Titles = append(n.Titles, shortTitle(title))
	}
}

// phrase is words as one text.
func phrase(words []nameWord) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.text)
	}
	return b.String()
}

// eastTitles stand behind Chinese, Japanese and Korean names, in plain letters;
// what another ends with stands behind it.
var eastTitles = [...]string{
	"先生", "女士", "小姐", "太太", "夫人", "老师", "教授", "博士", "医生", "律师", "总经理", "经理", "主任", "师傅", "同志", "同学",
	"さん", "さま", "ちゃん", "くん", "선생님", "선생", "样", "殿", "님", "씨",
}

// cutEastTitle is text without one title at its end, and the title, which is
// empty for none. A title alone stays.
func cutEastTitle(raw, text string) (rest, title string) {
	for _, t := range eastTitles {
		head, ok := strings.CutSuffix(text, t)
		if !ok || head == "" {
			continue
		}
		// Names may end with one of the short ones, but not with 様.
		if utf8.RuneCountInString(t) == 1 && (strings.HasSuffix(raw, "样") || utf8.RuneCountInString(head) < 2) {
			continue
		}
		return head, t
	}
	return text, ""
}
