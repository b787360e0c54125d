package normalize

import (
	"strings"
	"sync"
)

// Hangul syllables are composed of a first consonant, a vowel and a last
// consonant (The Unicode Standard, 3.12). The letters are those of the Revised
// Romanization, without its changes between syllables.
var (
	hangulFirst = [...]string{"g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"}
	hangulVowel = [...]string{
		"a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu", "ui", "i",
	}
	hangulLast = [...]string{
		"", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng", "t", "t", "k", "t", "p", "t",
	}
)

const firstHangul, lastHangul = 0xac00, 0xd7a3

func hangulSyllable(r rune) bool { return firstHangul <= r && r <= lastHangul }

// usualHangul is how people spell syllables of given names where that is not
// the Revised Romanization.
var usualHangul = sync.OnceValue(func() map[rune]string {
	m := map[rune]string{}
	for p := range strings.FieldsSeq(`영young 우woo 준joon 현hyun 성sung 정jung 경kyung 선sun 연yeon 훈hoon 숙sook 순soon 규kyu 기ki 건kun 근keun
		광kwang 국kook 구koo 길kil 형hyung 혜hye 희hee 수soo 주joo 중joong 철chul 명myung 병byung 석suk 범bum 윤yoon 유yoo 욱wook 운woon
		문moon 무moo 서seo 섭sup 엽yup 효hyo 이yi 아ah 언un 두doo 부boo 춘choon 흥heung 걸gul 관kwan 교kyo 군koon 귀kwi 금keum 김kim 분boon`) {
		for i, r := range p {
			if i == 0 {
				m[r] = p[len(string(r)):]
			}
		}
	}
	return m
})

// hangulToLatin are the Latin spellings of a word in Hangul: as people usually
// write it, and by the Revised Romanization. Nothing for a word with other
// letters.
func hangulToLatin(s string) []string {
	var usual, revised strings.Builder
	table := usualHangul()
	for _, r := range s {
		if !hangulSyllable(r) {
			return nil
		}
		i := int(r - firstHangul)
		sound := hangulFirst[i/588] + hangulVowel[i/28%21] + hangulLast[i%28]
		revised.WriteString(sound)
		if u := table[r]; u != "" {
			sound = u
		}
		usual.WriteString(sound)
	}
	return distinct(usual.String(), revised.String())
}
