package scheme

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// Invisible reports whether r is a character that nobody sees and no key or
// comparison keeps: control characters that are not white space, byte-order
// marks, zero-width and directional characters, soft hyphens, variation
// selectors and fillers.
func Invisible(r rune) bool {
	switch {
	case r < 0x7f:
		return r < ' ' && !unicode.IsSpace(r)
	case r < 0xa0:
		return r != 0x85
	case r == 0xad:
		return true
	case r < 0x34f, eastAsian(r):
		return false
	}
	switch r {
	case 0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0:
		return true
	}
	return unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) ||
		unicode.Is(unicode.Variation_Selector, r)
}

// eastAsian reports whether r is one of the common letters of Chinese,
// Japanese and Korean, which are all that their IDs usually hold and need none
// of the closer looks.
func eastAsian(r rune) bool {
	return 0x4e00 <= r && r <= 0x9fff || 0x3041 <= r && r <= 0x3096 || 0x30a1 <= r && r <= 0x30fa || 0xac00 <= r && r <= 0xd7a3
}

// isBreak reports whether r is white space that ends a line or a cell.
func isBreak(r rune) bool {
	return '\t' <= r && r <= '\r' || r == 0x85 || r == 0x2028 || r == 0x2029
}

// foldWidth maps full-width and half-width forms to the ordinary ones, and
// the dashes that are typed for a hyphen to the hyphen.
func foldWidth(r rune) rune {
	switch {
	case r < 0x2010:
		return r
	case r <= 0x2015, r == 0x2212, r == 0xfe58, r == 0xfe63:
		return '-'
	case r == 0x3000, 0xff00 <= r && r <= 0xffef:
		if f := width.LookupRune(r).Folded(); f != 0 {
			return f
		}
	}
	return r
}

// refuse gives the reason why a key cannot be told apart safely: characters
// beyond ASCII other than letters, letters that stand for other letters, and
// letters that could be taken for those of another script. Letters of one
// script among themselves, whichever it is, stay.
func (k Keyer) refuse(key string) error {
	var s scripts
	prev := rune(0)
	for _, r := range key {
		switch {
		case r < utf8.RuneSelf:
			s.ascii(r)
		case eastAsian(r):
			s.other = true
		case r == utf8.RuneError:
			return errDamaged
		case k.keepWidth:
		case unicode.IsSpace(r): // kept on purpose, or gone by now
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Mc, r):
			if !unicode.IsLetter(prev) && !unicode.IsMark(prev) {
				return fmt.Errorf("contains %U, an accent that stands on no letter", r)
			}
		case unicode.IsDigit(r):
			return fmt.Errorf("contains %U, a digit of another script", r)
		case !unicode.IsLetter(r) && r != 0x3007: // the ideographic zero counts as a letter
			return fmt.Errorf("contains %U, which is neither ASCII nor a letter", r)
		case compatible(r):
			return fmt.Errorf("contains %U, which stands for other letters", r)
		default:
			s.letter(r)
		}
		prev = r
	}
	if k.keepWidth {
		return nil
	}
	return s.refuse()
}

// compatible reports whether a letter is a mere form of other letters (ﬁ, ſ,
// the Kelvin sign), or one whose upper and lower case are not a pair (ß, ı,
// İ), so that two spellings of one ID would not meet.
func compatible(r rune) bool {
	switch {
	case r == 'ß', r == 'ẞ', r == 'ı', r == 'İ', 0x2100 <= r && r <= 0x214f:
		return true
	}
	var buf [utf8.UTFMax]byte
	b := buf[:utf8.EncodeRune(buf[:], r)]
	return string(norm.NFKC.Properties(b).Decomposition()) != string(norm.NFC.Properties(b).Decomposition())
}

// alphabet letters that are drawn like Latin letters or digits.
const (
	cyrillicTwins = "АВЕЗКМНОРСТУХЅІЈԚԜӀаеорсухѕіјԛԝһӏԁѵѴҮү"
	greekTwins    = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχγϲϹϳͿ"
	armenianTwins = "ՕՍՏԼհոսցօզյ"
)

// scripts notes which scripts a key's letters are of.
type scripts struct {
	digit, latin bool
	other        bool // of a script that nobody takes for Latin
	alike        int  // different scripts among Cyrillic, Greek and the like
	seen         [4]bool
	twin, plain  bool // letters of those that look like Latin, and that do not
}

func (s *scripts) ascii(r rune) {
	switch {
	case '0' <= r && r <= '9':
		s.digit = true
	case unicode.IsLetter(r):
		s.latin = true
	}
}

func (s *scripts) letter(r rune) {
	switch {
	case unicode.Is(unicode.Latin, r):
		s.latin = true
	case unicode.Is(unicode.Cyrillic, r):
		s.similar(0, r, cyrillicTwins)
	case unicode.Is(unicode.Greek, r):
		s.similar(1, r, greekTwins)
	case unicode.Is(unicode.Armenian, r):
		s.similar(2, r, armenianTwins)
	case unicode.Is(unicode.Cherokee, r):
		s.similar(3, r, string(r))
	default:
		s.other = true
	}
}

func (s *scripts) similar(script int, r rune, twins string) {
	if !s.seen[script] {
		s.seen[script] = true
		s.alike++
	}
	if strings.ContainsRune(twins, r) {
		s.twin = true
	} else {
		s.plain = true
	}
}

// refuse: СОР in Cyrillic letters alone is a word, but С001 is taken for
// C001 by everybody who sees it.
func (s *scripts) refuse() error {
	switch {
	case s.alike > 1, s.alike == 1 && (s.latin || s.other):
		return errors.New("mixes letters of scripts that look alike")
	case s.twin && !s.plain && s.digit:
		return errors.New("has letters of another script that look like Latin ones")
	}
	return nil
}
