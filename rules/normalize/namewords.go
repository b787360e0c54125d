package normalize

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// nameWord is a word of a name as it is written.
type nameWord struct {
	raw   string // as written, without points
	text  string // plain, without apostrophes
	bare  string // plain: what stands behind an apostrophe (angelo of d'angelo), else empty
	gap   rune   // before it: 0 at the start, else one of the gaps
	point bool   // an abbreviation's point is behind it
	caps  bool   // two letters and more, all of them capital
	aside bool   // in brackets or quotes
	east  bool   // in Chinese, Japanese or Korean letters
}

// The gaps between words, of which a comma outweighs the others.
const (
	spaceGap  = ' '
	hyphenGap = '-'
	commaGap  = ','
	middleGap = '·'
	slashGap  = '/'
)

// nameWords appends the words of a name to words.
func nameWords(words []nameWord, s string) []nameWord {
	if !settled(s) {
		s = norm.NFC.String(tidy(s))
	}
	l := nameLexer{words: words, s: s, start: -1, points: strings.IndexByte(s, '.') >= 0}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i = l.next(r, i, i+n)
	}
	l.end(len(s), false)
	return l.words
}

type nameLexer struct {
	words  []nameWord
	s      string
	start  int  // of the word at hand, -1 between words
	points bool // there are points in s
	apart  int  // place of the last apostrophe inside the word, 0 for none
	gap    rune
	aside  bool
	east   bool // of the word at hand
}

// next takes the character r at i and tells where to go on.
func (l *nameLexer) next(r rune, i, end int) int {
	switch {
	case apostrophe(r):
		if l.start >= 0 && l.letterAt(end) {
			l.apart = i
		} else {
			l.end(i, false)
			l.separate(r)
		}
	case l.start < 0 && unicode.IsMark(r): // on nothing
	case wordRune(r):
		east := r >= 0x1100 && (cjk(r) || r == '々' || r == 'ー' || r == '〇')
		if l.start >= 0 && east != l.east && !unicode.Is(unicode.M, r) {
			l.end(i, false)
		}
		if l.start < 0 {
			l.east = east
			if n := l.abbreviation(i); n > 0 {
				return n
			}
			l.start = i
		}
	case r == '.' && l.start >= 0:
		l.end(i, true)
	default:
		l.end(i, false)
		l.separate(r)
	}
	return end
}

func (l *nameLexer) letterAt(i int) bool {
	r, _ := utf8.DecodeRuneInString(l.s[i:])
	return wordRune(r)
}

// separate notes the gap that r makes.
func (l *nameLexer) separate(r rune) {
	gap := rune(spaceGap)
	switch r {
	case '(', '[', '{', '«', '“', '„', '「', '『':
		l.aside = true
	case ')', ']', '}', '»', '”', '」', '』':
		l.aside = false
	case '"':
		l.aside = !l.aside
	case ',', ';':
		gap = commaGap
	case '/':
		gap = slashGap
	case '·', '・', '‧', '•', '･':
		gap = middleGap
	case '-', '‐', '‑', '‒', '–', '—', '−', '﹣':
		gap = hyphenGap
	}
	if l.gap == 0 || l.gap == spaceGap || gap == commaGap {
		l.gap = gap
	}
}

// abbreviation takes a title with points inside (ph.d., sig.ra) that starts at
// i as one word, and tells where it ends, or 0.
func (l *nameLexer) abbreviation(i int) int {
	if !l.points {
		return 0
	}
	end := i
	for end < len(l.s) && strings.IndexByte(" ,()/-", l.s[end]) < 0 {
		end++
	}
	chunk := l.s[i:end]
	if dot := strings.IndexByte(chunk, '.'); dot < 0 || dot >= len(chunk)-1 {
		return 0
	}
	whole := strings.ReplaceAll(chunk, ".", "")
	k := titles()[plain(whole)]
	if k == 0 || len(l.words) == 0 && k&(frontTitle|longTitle) == 0 {
		return 0
	}
	l.add(nameWord{raw: whole, text: plain(whole), point: true})
	return end
}

// end ends the word at hand, if there is one.
func (l *nameLexer) end(i int, point bool) {
	if l.start < 0 {
		return
	}
	w := nameWord{raw: l.s[l.start:i], point: point, east: l.east}
	if l.apart > l.start {
		_, n := utf8.DecodeRuneInString(l.s[l.apart:])
		w.bare = closed(plain(l.s[l.apart+n : i]))
		w.raw = closed(w.raw)
	}
	w.text = closed(plain(w.raw)) // some letters fold into one and an apostrophe: ŉ
	w.caps = !l.east && capitals(w.raw)
	l.start, l.apart = -1, 0
	if strings.Trim(w.text, "ـ") != "" {
		l.add(w)
	}
}

func (l *nameLexer) add(w nameWord) {
	w.gap, w.aside = l.gap, l.aside
	if w.gap == 0 && len(l.words) > 0 {
		w.gap = spaceGap
	}
	l.gap = 0
	l.words = append(l.words, w)
}

// wordRune reports whether r is part of a word: letters, digits and marks, and
// the sign for a byte that is no character, so that a damaged name stays one.
func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || r == utf8.RuneError
}

// closed is s without apostrophes.
func closed(s string) string {
	if strings.IndexFunc(s, apostrophe) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if apostrophe(r) {
			return -1
		}
		return r
	}, s)
}

func apostrophe(r rune) bool {
	switch r {
	case '\'', '`', '´', '‘', '’', '‛', '′', 'ʻ', 'ʼ', 'ʹ', 'ʾ', 'ʿ':
		return true
	}
	return false
}

// capitals reports whether s is two letters and more, all of them capital.
func capitals(s string) bool {
	n := 0
	for _, r := range s {
		if unicode.IsUpper(r) {
			n++
		} else if unicode.IsLetter(r) {
			return false
		}
	}
	return n > 1
}
