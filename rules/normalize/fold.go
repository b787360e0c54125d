package normalize

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// plain is a word of a name as names are compared: as simple, katakana as
// hiragana, a sign of repetition as what it repeats, Arabic and Hebrew without
// vowel points and with one form each of alef, yeh, heh and kaf. It never
// empties a word that holds a letter.
func plain(s string) string {
	t, ok := plainLetters(s)
	if !ok {
		t = plainText(s)
	}
	return t
}

// plainText is plain for any text.
func plainText(s string) string {
	t := simple(s)
	if isASCII(t) {
		return t
	}
	changed := false
	last := rune(0)
	out := strings.Map(func(r rune) rune {
		was := r
		if r == '々' && last != 0 {
			r = last
		} else if r >= 0x590 {
			r = plainLetterOf(r)
		}
		changed = changed || r != was
		if r > 0 {
			last = r
		}
		return r
	}, t)
	if out == "" || !changed {
		return t
	}
	return out
}

// The letters whose plain form does not depend on what stands beside them,
// and which therefore are looked up one by one.
const firstLetter, lastLetter = 0xc0, 0x6ff

var plainTable = sync.OnceValue(func() *[lastLetter - firstLetter + 1]string {
	t := new([lastLetter - firstLetter + 1]string)
	for r := rune(firstLetter); r <= lastLetter; r++ {
		if unicode.IsLetter(r) && !unicode.Is(unicode.Lm, r) {
			t[r-firstLetter] = plainText(string(r))
		}
	}
	return t
})

// plainLetters is plainText for a word of letters that are looked up, and of
// ASCII letters and digits; not ok for another.
func plainLetters(s string) (string, bool) {
	same := true
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf {
			return plainLong(s)
		} else if 'A' <= c && c <= 'Z' {
			same = false
		} else if c <= ' ' || c == 0x7f {
			return "", false
		}
	}
	if same {
		return s, true
	}
	return strings.ToLower(s), true
}

func plainLong(s string) (string, bool) {
	var buf [64]byte
	out, table := buf[:0], plainTable()
	for _, r := range s {
		switch {
		case 'A' <= r && r <= 'Z':
			out = append(out, byte(r)+'a'-'A')
		case ' ' < r && r < 0x7f:
			out = append(out, byte(r))
		case firstLetter <= r && r <= lastLetter && table[r-firstLetter] != "":
			out = append(out, table[r-firstLetter]...)
		case hangulSyllable(r), r >= 0x3041 && r <= 0x3096, r >= 0x4e00 && r <= lastHan:
			out = utf8.AppendRune(out, simplified(r))
		default:
			return "", false
		}
	}
	return string(out), true
}

// settled reports whether s is in NFC and has no character that nobody sees or
// that has another width, as far as that can be told quickly.
func settled(s string) bool {
	table := plainTable()
	for _, r := range s {
		switch {
		case ' ' <= r && r < 0x7f:
		case firstLetter <= r && r <= lastLetter && table[r-firstLetter] != "", plainLetter(r), r == '’', r == '–':
		default:
			return false
		}
	}
	return true
}

// plainLetterOf is the usual form of a kana, an Arabic or a Hebrew letter, -1
// for a point that is mostly left out, and any other letter itself.
func plainLetterOf(r rune) rune {
	switch {
	case r >= 0x30a1 && r <= 0x30f6 || r == 'ヽ' || r == 'ヾ':
		return r - 0x60
	case r < 0x6ff:
		return plainSemitic(r)
	}
	return r
}

func plainSemitic(r rune) rune {
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ى', 'ی', 'ئ':
		return 'ي'
	case 'ؤ':
		return 'و'
	case 'ة', 'ە', 'ہ':
		return 'ه'
	case 'ک', 'ڪ':
		return 'ك'
	case 'ـ':
		return -1
	}
	if unicode.Is(unicode.Mn, r) && unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Inherited) {
		return -1
	}
	return r
}

// simplified is the simplified character that stands for r, or r itself. A
// character that is also a name of its own stays: 乾.
func simplified(r rune) rune {
	if r < firstHan || r > lastHan {
		return r
	}
	if s := simplifiedHan()[r-firstHan]; s != 0 {
		return rune(s)
	}
	return r
}

// firstHan and lastHan bound the Chinese characters that the tables hold.
const firstHan, lastHan = 0x4e00, 0x9fff

// simplifiedHan are the characters that stand for others, from firstHan on.
var simplifiedHan = sync.OnceValue(func() *[lastHan - firstHan + 1]uint16 {
	t := new([lastHan - firstHan + 1]uint16)
	for line := range dataLines(simplifiedData) {
		to, n := utf8.DecodeRuneInString(line)
		for _, from := range line[n:] {
			t[from-firstHan] = uint16(to)
		}
	}
	return t
})
