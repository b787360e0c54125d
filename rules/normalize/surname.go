package normalize

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// eastSurnames are the family names of East Asia, by plain spelling.
type eastSurnames struct {
	chinese  map[string]bool     // of one character and more
	japanese map[string]bool     // in Chinese characters
	korean   map[string]bool     // in Hangul
	readings map[string][]string // the ones that are given, the usual one first
}

var surnames = sync.OnceValue(func() *eastSurnames {
	s := &eastSurnames{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string][]string{}}
	for line := range dataLines(surnamesData) {
		kind, rest, _ := strings.Cut(line, " ")
		switch kind {
		case "zh":
			for _, r := range rest {
				s.chinese[string(simplified(r))] = true
			}
		case "zh2", "ja":
			to := s.chinese
			if kind == "ja" {
				to = s.japanese
			}
			for w := range strings.FieldsSeq(rest) {
				to[plain(w)] = true
			}
		case "read", "ko":
			f := strings.Fields(rest)
			s.readings[f[0]] = f[1:]
			if kind == "ko" {
				s.korean[f[0]] = true
			}
		}
	}
	return s
})

// chineseCut is where the family name of a Chinese name ends, 0 if it does not
// start with a known one. A compound name goes before a single one, where
// something is left for the given name or nothing but it is there.
func (s *eastSurnames) chineseCut(name string) int {
	runes := utf8.RuneCountInString(name)
	for n := min(4, runes); n > 1; n-- {
		if i := runesEnd(name, n); s.chinese[name[:i]] {
			return i
		}
	}
	if i := runeEnd(name, 0); s.chinese[name[:i]] {
		return i
	}
	return 0
}

// japaneseCut is where a Japanese family name ends that name starts with and
// that something follows, 0 for none.
func (s *eastSurnames) japaneseCut(name string) int {
	for n := min(4, utf8.RuneCountInString(name)-1); n > 0; n-- {
		if i := runesEnd(name, n); s.japanese[name[:i]] {
			return i
		}
	}
	return 0
}

// koreanCut is where the family name of a name in Hangul ends: 0 if it does
// not start with a known one.
func (s *eastSurnames) koreanCut(name string) int {
	if i := runesEnd(name, 2); utf8.RuneCountInString(name) > 2 && s.korean[name[:i]] {
		return i
	}
	if i := runeEnd(name, 0); s.korean[name[:i]] {
		return i
	}
	return 0
}

// runesEnd is where the first n characters of s end.
func runesEnd(s string, n int) int {
	i := 0
	for range n {
		i = runeEnd(s, i)
	}
	return i
}
