package normalize

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// westToken is the token of one word that is not Chinese, Japanese or Korean.
func westToken(w nameWord) Token {
	t := Token{Text: w.text, Initial: initialOnly(w.text)}
	if isASCII(w.raw) {
		if len(t.Text) > 4 {
			t.Also = asciiSpellings(w.text)
		}
	} else {
		t.Also = spellings(w.raw, w.text)
	}
	if len(w.bare) > 2 && w.bare != t.Text {
		t.Also = append(t.Also, w.bare)
	}
	return t
}

// initialOnly reports whether a word is one letter of an alphabet.
func initialOnly(text string) bool {
	r, n := utf8.DecodeRuneInString(text)
	return n == len(text) && unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Georgian)
}

// spellings are the other spellings of a word with letters beyond ASCII, given
// as written and plain.
func spellings(raw, text string) []string {
	first, _ := utf8.DecodeRuneInString(text)
	var out []string
	switch {
	case unicode.Is(unicode.Cyrillic, first):
		out = cyrillicToLatin(text)
	case unicode.Is(unicode.Greek, first):
		out = greekToLatin(text)
	case isASCII(text):
		if strings.ContainsAny(raw, "äöüøåőűÄÖÜØÅŐŰ") {
			out = append(out, plain(umlauts.Replace(raw)))
		}
	}
	kept := out[:0]
	for _, s := range out {
		if s != "" && s != text {
			kept = append(kept, s)
		}
	}
	return kept
}

// umlauts are the letters that are written as two where they are not at hand,
// while plain drops the dots.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ø", "oe", "å", "aa", "ő", "oe", "ű", "ue",
	"Ä", "ae", "Ö", "oe", "Ü", "ue", "Ø", "oe", "Å", "aa", "Ő", "oe", "Ű", "ue")

// asciiSpellings are the other spellings of a Latin word: muller for mueller,
// mcdonald for macdonald.
func asciiSpellings(text string) []string {
	out := macSpelling(text)
	if s := withoutUmlaut(text); s != text {
		out = append(out, s)
	}
	return out
}

// macSpelling is mc for mac before a name: not in macy, machado.
func macSpelling(text string) []string {
	rest, ok := strings.CutPrefix(text, "mac")
	if !ok || len(rest) < 4 || rest[0] == 'h' || rest[0] == 'i' && rest != "intosh" && rest != "intyre" || rest[0] == 'e' {
		return nil
	}
	return []string{"mc" + rest}
}

// withoutUmlaut drops the e that stands for an umlaut's dots: between a
// consonant with a, o or u and another consonant, but not in que, gue and at
// the end in el (mueller, schroeder; not miguel, michael).
func withoutUmlaut(text string) string {
	for i := 2; i+1 < len(text); i++ {
		v := text[i-1]
		if text[i] != 'e' || v != 'a' && v != 'o' && v != 'u' || vowel(text[i-2]) || vowel(text[i+1]) {
			continue
		}
		if v == 'u' && (text[i-2] == 'q' || text[i-2] == 'g' && i > 2) || text[i+1] == 'l' && i+2 == len(text) {
			continue
		}
		return text[:i] + text[i+1:]
	}
	return text
}

func vowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return false
}
