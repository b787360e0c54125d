package normalize

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Text is s as texts are compared: without outer space and invisible
// characters, inner white space as single spaces, full-width and half-width
// forms as ordinary ones, NFC and case folded. It is empty for a blank. A text
// that is so already is returned itself, without an allocation.
func Text(s string) string {
	switch look(s) {
	case clean:
		return s
	case upper:
		return strings.ToLower(s)
	}
	return fold(tidy(s))
}

// folder folds one text after another. Its buffers are why it is pooled, and
// a Caser must not be shared between goroutines.
type folder struct {
	caser   cases.Caser
	in, out []byte
}

var folders = sync.Pool{New: func() any { return &folder{caser: cases.Fold(), out: make([]byte, 128)} }}

// fold is the NFC and case folding of a tidy text.
func fold(s string) string {
	f := folders.Get().(*folder)
	defer folders.Put(f)
	f.in = norm.NFC.AppendString(f.in[:0], s)
	for {
		n, _, err := f.caser.Transform(f.out, f.in, true)
		if err == nil {
			f.in = norm.NFC.Append(f.in[:0], f.out[:n]...)
			return string(f.in)
		}
		f.out = make([]byte, 2*len(f.out)) // it was too short, the only error there is
	}
}

// condition is what Text has to do for a value.
type condition uint8

const (
	clean condition = iota
	upper           // ASCII letters to lower, and nothing else
	dirty
	blank  // a space, which is clean between two other characters
	letter // of another script than Latin, perhaps
)

// conditions are those of single bytes.
var conditions = func() (t [256]condition) {
	for b := range t {
		switch {
		case b >= utf8.RuneSelf:
			t[b] = letter
		case b == ' ':
			t[b] = blank
		case b < ' ' || b == 0x7f:
			t[b] = dirty
		case 'A' <= b && b <= 'Z':
			t[b] = upper
		}
	}
	return t
}()

// look tells in one pass what a value needs: clean, upper or dirty.
func look(s string) condition {
	all, prev := clean, blank
	for i := 0; i < len(s); i++ {
		c := conditions[s[i]]
		switch c {
		case upper:
			all = upper
		case dirty:
			return dirty
		case blank:
			if prev == blank {
				return dirty
			}
		case letter:
			r, n := utf8.DecodeRuneInString(s[i:])
			if !plainLetter(r) {
				return dirty
			}
			i += n - 1
		}
		prev = c
	}
	if prev == blank && s != "" {
		return dirty
	}
	return all
}

// plainLetter reports whether r is one of the common letters of Chinese,
// Japanese and Korean, which have no case, no width and no second spelling.
func plainLetter(r rune) bool {
	return 0x4e00 <= r && r <= 0x9fff || 0x3041 <= r && r <= 0x3096 || 0x30a1 <= r && r <= 0x30fa || 0xac00 <= r && r <= 0xd7a3
}

// tidy drops what nobody sees, folds widths and makes white space single.
func tidy(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		if scheme.Invisible(r) {
			continue
		}
		if r >= utf8.RuneSelf {
			r = narrow(r)
		}
		if unicode.IsSpace(r) {
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// narrow maps a full-width or half-width form to the ordinary character. Small
// Cherokee letters become capital, because the case folder takes each of the
// two for the other.
func narrow(r rune) rune {
	switch {
	case r == 0x3000 || 0xff00 <= r && r <= 0xffef:
		if f := width.LookupRune(r).Folded(); f != 0 {
			return f
		}
	case 0xab70 <= r && r <= 0xabbf:
		return r - 0xab70 + 0x13a0
	case 0x13f8 <= r && r <= 0x13fd:
		return r - 8
	}
	return r
}

// name is Text for names of people: the space between two Chinese characters
// is layout (张　三) and goes.
func name(s string) string {
	t := Text(s)
	if !strings.Contains(t, " ") || look(t) == clean && isASCII(t) {
		return t
	}
	runes := []rune(t)
	out := runes[:0]
	for i, r := range runes {
		if r == ' ' && i > 0 && i+1 < len(runes) && cjk(out[len(out)-1]) && cjk(runes[i+1]) {
			continue
		}
		out = append(out, r)
	}
	return string(out)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// cjk reports whether names in the script of r are written family name first
// and without a space.
func cjk(r rune) bool {
	return unicode.Is(unicode.Han, r) || unicode.Is(unicode.Hangul, r) || unicode.Is(unicode.Hiragana, r) || unicode.Is(unicode.Katakana, r)
}

// FullName puts a name together: family name first and without a space where
// both parts are written in Chinese, Japanese or Korean letters, else the
// given name, a space and the family name. A blank part is left out.
func FullName(given, family string) string {
	given, family = strings.TrimSpace(given), strings.TrimSpace(family)
	switch {
	case given == "":
		return family
	case family == "":
		return given
	}
	g, _ := utf8.DecodeRuneInString(given)
	f, _ := utf8.DecodeRuneInString(family)
	if cjk(g) && cjk(f) {
		return family + given
	}
	return given + " " + family
}

// Email is an e-mail address as addresses are compared: as [Text], which
// makes it lower case. It is not ok without something on both sides of an @,
// or with a space inside.
func Email(s string) (string, bool) {
	t := Text(s)
	at := strings.LastIndexByte(t, '@')
	if at <= 0 || at == len(t)-1 || strings.IndexByte(t, ' ') >= 0 {
		return "", false
	}
	return t, true
}

// code is a number such as a tax or national ID: its letters and digits only,
// upper case, so that 91.110-1 and 911101 meet. It is not ok without any.
func code(s string) (string, bool) {
	plain := s != ""
	for i := 0; i < len(s) && plain; i++ {
		plain = '0' <= s[i] && s[i] <= '9' || 'A' <= s[i] && s[i] <= 'Z'
	}
	if plain {
		return s, true
	}
	t := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, Text(s))
	return t, t != ""
}
