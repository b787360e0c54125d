package similar

import (
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/rules/match/compare"
)

// wordLevel compares two words of names.
func wordLevel(x, y *word) int {
	if x.text == y.text {
		return nameEqual
	}
	if x.initial || y.initial {
		if firstRune(x.text) == firstRune(y.text) {
			return namePart
		}
		return nameDiffers
	}
	if share(x.nick, y.nick) || x.alsoSpelt(y) {
		return namePart
	}
	if len(x.pinyin)+len(y.pinyin) > 0 {
		if l := spokenLevel(x, y); l != nameDiffers {
			return l
		}
	}
	return textLevel(x.text, y.text, x.set, y.set)
}

// alsoSpelt reports whether two words have a spelling in common.
func (w *word) alsoSpelt(other *word) bool {
	return slices.Contains(w.also, other.text) || slices.Contains(other.also, w.text) ||
		slices.ContainsFunc(w.also, func(s string) bool { return slices.Contains(other.also, s) })
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func share(a, b []uint16) bool {
	return slices.ContainsFunc(a, func(x uint16) bool { return slices.Contains(b, x) })
}

// spokenLevel compares Chinese characters with Latin letters by their
// readings, and characters with others that are read alike.
func spokenLevel(x, y *word) int {
	switch {
	case len(y.pinyin) == 0 && slices.Contains(x.pinyin, y.text), len(x.pinyin) == 0 && slices.Contains(y.pinyin, x.text):
		return namePart
	case len(x.pinyin) > 0 && len(y.pinyin) > 0 && x.pinyin[0] == y.pinyin[0]:
		return nameAlike
	}
	return nameDiffers
}

// textLevel compares the letters of two different texts. In a short one a slip
// makes another name.
func textLevel(x, y string, setX, setY uint64) int {
	apart := bits.OnesCount64(setX ^ setY)
	if apart > 8 {
		return nameDiffers
	}
	lenX, lenY := utf8.RuneCountInString(x), utf8.RuneCountInString(y)
	short := min(lenX, lenY)
	if short < 2 {
		return nameDiffers
	}
	if apart <= 4 && max(lenX, lenY)-short <= 2 {
		switch d := compare.Distance(x, y, 2); {
		case d == 1 && short >= 4, d == 1 && short == 3 && firstRune(x) == firstRune(y):
			return nameSlip
		case d == 1, d == 2 && short >= 5:
			return nameAlike
		}
	}
	// Of the characters, at least apart stand on one side alone; the rest
	// must be enough for the score.
	if common := float64(lenX+lenY-apart) / 2; common/float64(lenX)+common/float64(lenY) < 1.34 {
		return nameDiffers
	}
	if short >= 4 && compare.Similarity(x, y) >= 0.87 {
		return nameAlike
	}
	return nameDiffers
}

// slip reports whether two different texts are one slip apart and long enough
// for it to be one.
func slip(x, y string, setX, setY uint64) bool {
	return bits.OnesCount64(setX^setY) <= 2 && min(len(x), len(y)) >= 4 && compare.Distance(x, y, 1) == 1 && sameDigits(x, y)
}

// sameDigits reports whether two texts have the same digits in the same
// order: 53rd is no slip of 63rd.
func sameDigits(x, y string) bool {
	for {
		x, y = strings.TrimLeftFunc(x, noDigit), strings.TrimLeftFunc(y, noDigit)
		if x == "" || y == "" || x[0] != y[0] {
			return x == y
		}
		x, y = x[1:], y[1:]
	}
}

func noDigit(r rune) bool { return r < '0' || r > '9' }

// sameLetters reports whether two texts are equal but for spaces.
func sameLetters(x, y string) bool {
	for x != "" || y != "" {
		x, y = strings.TrimLeft(x, " "), strings.TrimLeft(y, " ")
		if x == "" || y == "" || x[0] != y[0] {
			return x == y
		}
		x, y = x[1:], y[1:]
	}
	return true
}
