package normalize

import (
	"strings"
	"sync"
)

// letters maps what letters or rows of them sound like in Latin letters.
type letters map[string]string

// newLetters reads pairs: letters, a colon, Latin letters.
func newLetters(pairs string) letters {
	m := letters{}
	for p := range strings.FieldsSeq(pairs) {
		from, to, _ := strings.Cut(p, ":")
		m[from] = to
	}
	return m
}

// write is s by m: of two and one characters the longest row that m knows, and
// other characters as they are. It is empty if one of them is not ASCII.
func (m letters) write(s string) string {
	var b strings.Builder
	b.Grow(2 * len(s))
	for i := 0; i < len(s); {
		one := runeEnd(s, i)
		two := runeEnd(s, one)
		if to, ok := m[s[i:two]]; ok {
			b.WriteString(to)
			i = two
		} else if to, ok := m[s[i:one]]; ok {
			b.WriteString(to)
			i = one
		} else if s[i] < 0x80 {
			b.WriteByte(s[i])
			i++
		} else {
			return ""
		}
	}
	return b.String()
}

// runeEnd is where the character of s at i ends.
func runeEnd(s string, i int) int {
	if i < len(s) {
		i++
	}
	for i < len(s) && s[i]&0xc0 == 0x80 {
		i++
	}
	return i
}

// cyrillic are the tables of BGN/PCGN for Russian without its apostrophes, and
// of passports (ICAO 9303). Letters of Ukrainian, Belarusian, Serbian and
// Macedonian stand with them.
var cyrillic = sync.OnceValue(func() [2]letters {
	const common = `а:a б:b в:v г:g д:d ж:zh з:z и:i к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:kh ц:ts ч:ch ш:sh щ:shch ы:y ь: э:e
		і:i ґ:g ў:u ј:j љ:lj њ:nj ћ:c ђ:dj џ:dz ѓ:g ќ:k ѕ:dz ’: ә:a ө:o ү:u ұ:u қ:k ғ:g ң:n һ:h кс:x дж:j`
	return [2]letters{
		newLetters(common + ` е:e й:y ъ: ю:yu я:ya є:ye ї:yi ий:y ый:y ье:ye ъе:ye`),
		newLetters(common + ` е:e й:i ъ:ie ю:iu я:ia є:ie ї:i кс:ks х:h дж:dzh`),
	}
})

// cyrillicToLatin are the usual Latin spellings of a plain Cyrillic word.
func cyrillicToLatin(s string) []string {
	t := cyrillic()
	a, b := t[0].write(s), t[1].write(s)
	if strings.HasPrefix(a, "e") && len(a) > 1 {
		return distinct(a, b, "y"+a)
	}
	return distinct(a, b)
}

// greek are the tables of ELOT 743, and of people who write as they speak.
var greek = sync.OnceValue(func() [2]letters {
	const common = `α:a β:v γ:g δ:d ε:e ζ:z θ:th ι:i κ:k λ:l μ:m ν:n ξ:x ο:o π:p ρ:r σ:s τ:t φ:f ψ:ps ω:o ου:ou αυ:av ευ:ev γγ:ng γξ:nx γχ:nch`
	return [2]letters{
		newLetters(common + ` η:i υ:y χ:ch γκ:gk`),
		newLetters(common + ` η:i υ:i χ:h γκ:g ντ:d μπ:b ει:i οι:i αι:e φ:ph ου:u`),
	}
})

// greekToLatin are the usual Latin spellings of a plain Greek word.
func greekToLatin(s string) []string {
	t := greek()
	return distinct(t[0].write(s), t[1].write(s))
}

// distinct are the texts that are not blank, each once.
func distinct(texts ...string) []string {
	out := texts[:0]
next:
	for _, t := range texts {
		if t == "" {
			continue
		}
		for _, o := range out {
			if o == t {
				continue next
			}
		}
		out = append(out, t)
	}
	return out
}

// romaji is the Hepburn table of hiragana.
var romaji = sync.OnceValue(func() letters {
	return newLetters(`あ:a い:i う:u え:e お:o か:ka き:ki く:ku け:ke こ:ko が:ga ぎ:gi ぐ:gu げ:ge ご:go さ:sa し:shi す:su せ:se そ:so
		ざ:za じ:ji ず:zu ぜ:ze ぞ:zo た:ta ち:chi つ:tsu て:te と:to だ:da ぢ:ji づ:zu で:de ど:do な:na に:ni ぬ:nu ね:ne の:no
		は:ha ひ:hi ふ:fu へ:he ほ:ho ば:ba び:bi ぶ:bu べ:be ぼ:bo ぱ:pa ぴ:pi ぷ:pu ぺ:pe ぽ:po ま:ma み:mi む:mu め:me も:mo
		や:ya ゆ:yu よ:yo ら:ra り:ri る:ru れ:re ろ:ro わ:wa ゐ:i ゑ:e を:o ん:n ゔ:v ー: っ: ぁ:a ぃ:i ぅ:u ぇ:e ぉ:o ゃ:ya ゅ:yu ょ:yo ゎ:wa
		きゃ:kya きゅ:kyu きょ:kyo ぎゃ:gya ぎゅ:gyu ぎょ:gyo しゃ:sha しゅ:shu しょ:sho じゃ:ja じゅ:ju じょ:jo ちゃ:cha ちゅ:chu ちょ:cho
		にゃ:nya にゅ:nyu にょ:nyo ひゃ:hya ひゅ:hyu ひょ:hyo びゃ:bya びゅ:byu びょ:byo ぴゃ:pya ぴゅ:pyu ぴょ:pyo みゃ:mya みゅ:myu みょ:myo
		りゃ:rya りゅ:ryu りょ:ryo てぃ:ti でぃ:di ふぁ:fa ふぃ:fi ふぇ:fe ふぉ:fo うぃ:wi うぇ:we うぉ:wo じぇ:je ちぇ:che しぇ:she
		っか:kka っき:kki っく:kku っけ:kke っこ:kko っさ:ssa っし:sshi っす:ssu っせ:sse っそ:sso った:tta っち:tchi っつ:ttsu って:tte っと:tto
		っぱ:ppa っぴ:ppi っぷ:ppu っぺ:ppe っぽ:ppo`)
})

var longVowels = strings.NewReplacer("ou", "o", "oo", "o", "uu", "u")

// kanaToLatin are the Latin spellings of a word in hiragana: without the signs
// of long vowels, as most people write it, and with them; nothing for a word
// with other letters.
func kanaToLatin(s string) []string {
	full := romaji().write(s)
	return distinct(longVowels.Replace(full), full)
}
