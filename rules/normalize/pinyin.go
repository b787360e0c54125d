package normalize

import (
	"slices"
	"strings"
	"sync"
)

// pinyinTable are the readings of Chinese characters without tones.
type pinyinTable struct {
	syllables []string
	first     [lastHan - firstHan + 1]uint16 // 1 + place in syllables, 0 for none
	further   map[rune][]uint16              // likewise
}

var pinyin = sync.OnceValue(func() *pinyinTable {
	t := &pinyinTable{further: map[rune][]uint16{}}
	for line := range dataLines(pinyinData) {
		syllable, rest, _ := strings.Cut(line, " ")
		usual, more, _ := strings.Cut(rest, " ")
		t.syllables = append(t.syllables, syllable)
		n := uint16(len(t.syllables))
		for _, r := range usual {
			if r != '-' {
				t.first[r-firstHan] = n
			}
		}
		for _, r := range more {
			t.further[r] = append(t.further[r], n)
		}
	}
	return t
})

// of are the readings of a character, the usual one first.
func (t *pinyinTable) of(r rune) []string {
	if r < firstHan || r > lastHan || t.first[r-firstHan] == 0 {
		return nil
	}
	out := []string{t.syllables[t.first[r-firstHan]-1]}
	for _, n := range t.further[r] {
		out = append(out, t.syllables[n-1])
	}
	return out
}

// maxReadings bounds the readings of a word whose characters have several.
const maxReadings = 6

// readings are what a word of Chinese characters may sound like, joined, the
// most likely first: the pinyin, with ü as v, u and yu, and as Wade and Giles
// wrote the most likely. Nothing for a word with a character of which no
// reading is known.
func readings(word string) []string {
	var buf [8]string
	likely := buf[:0] // syllables
	all := []string{""}
	for _, r := range word {
		of := pinyin().of(r)
		if len(of) == 0 {
			return nil
		}
		likely = append(likely, of[0])
		all = combine(all, of)
	}
	if all[0] == "" {
		return nil
	}
	first := all[0]
	if strings.Contains(first, "v") {
		all = append(all, strings.ReplaceAll(first, "v", "u"), strings.ReplaceAll(first, "v", "yu"))
	}
	var wade strings.Builder
	for _, s := range likely {
		wade.WriteString(wadeGiles(s))
	}
	return compact(append(all, wade.String()))
}

// combine are the words of all with each of next behind them, the likely ones
// first, at most maxReadings.
func combine(all, next []string) []string {
	if len(next) == 1 {
		for i := range all {
			all[i] += next[0]
		}
		return all
	}
	out := make([]string, 0, min(len(all)*len(next), maxReadings))
	for _, n := range next {
		for _, a := range all {
			if len(out) < maxReadings {
				out = append(out, a+n)
			}
		}
	}
	return out
}

// surnameReadings are what a family name may sound like: the readings that
// are known for it as a name, those of its characters, and other usual
// romanisations.
func surnameReadings(word string) []string {
	known := surnames().readings[word]
	if len(known) == 0 {
		return readings(word)
	}
	return compact(append(slices.Clone(known), readings(word)...))
}

// compact drops what stood before.
func compact(texts []string) []string {
	out := texts[:0]
	for _, t := range texts {
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// wadeGiles is a syllable of pinyin as it is usual in Taiwan and in older
// records: the table of Wade and Giles without apostrophes and accents.
func wadeGiles(s string) string {
	switch s {
	case "er":
		return "erh"
	case "zi", "ci":
		return "tzu"
	case "si":
		return "ssu"
	case "zhi", "chi":
		return "chih"
	case "shi":
		return "shih"
	case "ri":
		return "jih"
	case "you":
		return "yu"
	case "ye":
		return "yeh"
	case "yan":
		return "yen"
	case "he":
		return "ho"
	case "ke", "ge":
		return "ko"
	case "kui", "gui":
		return "kuei"
	case "luo", "nuo", "tuo", "duo", "zuo", "cuo", "suo", "ruo", "zhuo", "chuo":
		return wadeInitial(s[:len(s)-2]) + "o"
	}
	n := initialLength(s)
	final := s[n:]
	switch {
	case strings.HasSuffix(final, "ong"):
		final = final[:len(final)-3] + "ung"
	case final == "ian":
		final = "ien"
	case final == "ie" || final == "ue" || final == "ve":
		final += "h"
	case strings.HasPrefix(final, "v"):
		final = "u" + final[1:]
	}
	return wadeInitial(s[:n]) + final
}

// initialLength is how many letters of a syllable stand before its vowels.
func initialLength(s string) int {
	n := 0
	for n < len(s) && !strings.ContainsRune("aeiouv", rune(s[n])) {
		n++
	}
	return n
}

func wadeInitial(s string) string {
	switch s {
	case "b":
		return "p"
	case "d":
		return "t"
	case "g":
		return "k"
	case "j", "q", "zh":
		return "ch"
	case "x":
		return "hs"
	case "z", "c":
		return "ts"
	case "r":
		return "j"
	}
	return s
}
