package normalize

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// word is one word of a company's name or an address: letters, marks and
// digits in a row, all of Chinese, Japanese or Korean script or none.
type word struct {
	text string
	cjk  bool
	gap  gap // what stands before it
}

// gap is what parts a word from the one before; nothing where only the
// script changes.
type gap uint16

const (
	space gap = 1 << iota
	comma     // or a semicolon or a bracket
	dot
	slash
	hyphen
	hash      // # № °
	ampersand // & +
	other
)

// gapOf is the gap that a character which belongs to no word makes.
func gapOf(r rune) gap {
	switch r {
	case ' ':
		return space
	case ',', ';', '、', '(', ')', '[', ']', '{', '}', '【', '】', '〔', '〕', '。', '|':
		return comma
	case '.':
		return dot
	case '/', '\\':
		return slash
	case '-', '‐', '‑', '‒', '–', '—', '―', '−', '~', '〜':
		return hyphen
	case '#', '№', '°', '^':
		return hash
	case '&', '+':
		return ampersand
	}
	return other
}

// quoteMark reports whether r stands inside of words: o'neil, l’oréal.
func quoteMark(r rune) bool {
	switch r {
	case '\'', '’', '‘', '`', '´', 'ʼ', '′', '״', '׳', '"':
		return true
	}
	return false
}

// wordsOf cuts a text that simple has made into words.
func wordsOf(t string) []word {
	words := make([]word, 0, 8)
	var g gap
	for at := 0; at < len(t); {
		r, n := utf8.DecodeRuneInString(t[at:])
		if !wordly(r) || unicode.IsMark(r) { // a mark without a letter is no word
			g |= gapOf(r)
			at += n
			continue
		}
		w := word{cjk: eastern(r), gap: g}
		w.text, at = wordAt(t, at, w.cjk)
		words, g = append(words, w), 0
	}
	return words
}

// wordAt is the word that starts at a place, and where it ends. An quoteMark
// between two letters of a word is left out.
func wordAt(t string, from int, cjk bool) (text string, end int) {
	quoted := false
	end = from
	for end < len(t) {
		r, n := utf8.DecodeRuneInString(t[end:])
		if wordly(r) && eastern(r) == cjk || unicode.IsMark(r) {
			end += n
			continue
		}
		if next, _ := utf8.DecodeRuneInString(t[end+n:]); !quoteMark(r) || cjk || !wordly(next) || eastern(next) {
			break
		}
		quoted = true
		end += n
	}
	text = t[from:end]
	if quoted {
		text = strings.Map(func(r rune) rune {
			if quoteMark(r) {
				return -1
			}
			return r
		}, text)
	}
	return text, end
}

// wordly reports whether r is part of words.
func wordly(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return plainLetter(r) || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '〇'
}

// eastern reports whether r is of a script that is written without spaces
// between words, or with spaces at will.
func eastern(r rune) bool {
	return r >= 0x1100 && (plainLetter(r) || r == 'ー' || cjk(r))
}

// single reports whether a word is one letter.
func (w word) single() bool {
	return !w.cjk && len(w.text) <= utf8.UTFMax && utf8.RuneCountInString(w.text) == 1 && (w.text[0] < '0' || w.text[0] > '9')
}

// abbreviations joins letters that stand alone: s.a., a/s and, where spaced,
// also S A R L.
func abbreviations(words []word, spaced bool) []word {
	words = joinSingles(words, func(g gap) bool { return g == dot || g == slash })
	if !spaced {
		return words
	}
	return joinSingles(words, func(g gap) bool { return g&^(dot|space) == 0 })
}

func joinSingles(words []word, joins func(gap) bool) []word {
	out := words[:0]
	open := false // the last word of out is made of single letters
	for _, w := range words {
		one := w.single()
		if one && open && joins(w.gap) {
			out[len(out)-1].text += w.text
			continue
		}
		out = append(out, w)
		open = one
	}
	return out
}

// joinWords writes words one behind the other, with a space between two that
// are both written with spaces.
func joinWords(words []word) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0].text
	}
	var b strings.Builder
	for i, w := range words {
		if i > 0 && !w.cjk && !words[i-1].cjk {
			b.WriteByte(' ')
		}
		b.WriteString(w.text)
	}
	return b.String()
}

func texts(words []word) []string {
	if len(words) == 0 {
		return nil
	}
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.text
	}
	return out
}

// simple is Text without what many leave out: accents of Latin and Greek
// letters, and traditional for simplified Chinese characters. Letters with a
// stroke and ligatures become what they are written for: ø o, ß ss, æ ae.
// Letters and digits of every script stay.
func simple(s string) string {
	t := Text(s)
	if isASCII(t) {
		return t
	}
	plain := unaccented()
	var b strings.Builder
	b.Grow(len(t) + 8)
	base := false // the letter before loses its accents
	for _, r := range t {
		switch {
		case r < utf8.RuneSelf:
			b.WriteByte(byte(r))
			base = 'a' <= r && r <= 'z'
		case unicode.IsDigit(r):
			b.WriteByte(asciiDigit(r))
			base = false
		case 0x300 <= r && r <= 0x36f:
			if !base {
				b.WriteRune(r)
			}
		default:
			p, ok := plain[r]
			if base = ok || base && unicode.Is(unicode.Mn, r); ok {
				b.WriteString(p)
			} else {
				b.WriteRune(simplified(r))
			}
		}
	}
	return b.String()
}

// asciiDigit is the digit of 0 to 9 that a decimal digit of any script stands
// for: the scripts have theirs in tens, 0 first.
func asciiDigit(r rune) byte {
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return byte('0' + (r-rune(t.Lo))%10)
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return byte('0' + (r-rune(t.Lo))%10)
		}
	}
	return '0'
}

// unaccented are the Latin and Greek letters with accents, and ё.
var unaccented = sync.OnceValue(func() map[rune]string {
	plain := map[rune]string{
		'ø': "o", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ħ': "h", 'ı': "i", 'ŀ': "l", 'ŧ': "t", 'ŋ': "n", 'ĸ': "k", 'º': "o", 'ª': "a", 'ʼ': "'",
		'ǿ': "o", 'ǽ': "ae", 'ə': "e", 'ё': "е", '㈱': "株式会社", '㍿': "株式会社", '㈲': "有限会社", '㈜': "주식회사",
	}
	for _, span := range [][2]rune{{0xc0, 0x24f}, {0x370, 0x3ff}, {0x1e00, 0x1fff}} {
		for r := span[0]; r <= span[1]; r++ {
			if plain[r] != "" || !unicode.IsLetter(r) {
				continue
			}
			first, n := utf8.DecodeRuneInString(norm.NFD.String(string(r)))
			if first != r && n > 0 {
				base := string(unicode.ToLower(first))
				if p, ok := plain[unicode.ToLower(first)]; ok {
					base = p // æ of ǣ
				}
				plain[r] = base
			}
		}
	}
	return plain
})

// lexicon reads lines of a word and, behind a colon, its other spellings with
// | between them: spelling -> word. Each is a spelling of itself.
func lexicon(lines string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(lines) {
		key, spellings, _ := strings.Cut(strings.TrimSpace(line), ":")
		if key == "" {
			continue
		}
		m[simple(key)] = key
		for s := range strings.SplitSeq(spellings, "|") {
			if s = strings.TrimSpace(s); s != "" {
				m[simple(s)] = key
			}
		}
	}
	return m
}
