package similar

import (
	"math/bits"
	"strings"

	"github.com/xwalk-id/xwalk/rules/match/compare"
)

// birthLevel compares two dates.
func birthLevel(x, y *form) int {
	if x.text == y.text {
		return birthEqual
	}
	if x.day == 0 || y.day == 0 {
		if compare.Distance(x.text, y.text, 1) == 1 {
			return birthSlip
		}
		return birthDiffers
	}
	return closestBirth(x.day, y.day)
}

// near reports whether two numbers are at most one apart.
func near(x, y uint32) bool { return x <= y+1 && y <= x+1 }

// phoneLevel compares two numbers; the same last seven digits are one number
// with and without its area.
func phoneLevel(x, y *form) int {
	switch {
	case x.text == y.text:
		return codeEqual
	case x.part == y.part && (len(x.text) <= 8 || len(y.text) <= 8 || strings.HasSuffix(x.text, strings.TrimLeft(y.text, "+0")) || strings.HasSuffix(y.text, strings.TrimLeft(x.text, "+0"))):
		return codeSlip
	case bits.OnesCount64(x.set^y.set) <= 2 && closest(onPhone, x.mark, y.mark) == codeSlip && compare.Distance(x.text, y.text, 1) == 1 && !neighbours(x.text, y.text, 2):
		return codeSlip
	}
	return codeDiffers
}

// codeLevel compares two tax or resident numbers. Two numbers whose check
// digits are right are no slip of each other.
func codeLevel(x, y *form) int {
	switch {
	case x.text == y.text:
		return codeEqual
	case x.flags&y.flags&checkedOK != 0:
		return codeDiffers
	case bits.OnesCount64(x.set^y.set) <= 4 && slipsOfCode(x.text, y.text) && !neighbours(x.text, y.text, 1):
		return codeSlip
	}
	return codeDiffers
}

// slipsOfCode reports whether one slip is between two codes, or two slips
// between long ones.
func slipsOfCode(x, y string) bool {
	short := min(len(x), len(y))
	most := min(2, 1+short/9)
	return short >= 5 && compare.Distance(x, y, most) <= most
}

// neighbours reports whether two numbers differ in their last digits only, as
// those do that were given out one after the other: the extensions of a
// switchboard, the numbers of a family.
func neighbours(x, y string, digits int) bool {
	n := len(x) - digits
	return len(x) == len(y) && n > 0 && x[:n] == y[:n]
}

// plainLevel compares two texts of which nothing more is known.
func plainLevel(x, y *form) int {
	switch l := textLevel(x.text, y.text, x.set, y.set); {
	case x.text == y.text:
		return plainEqual
	case l <= nameAlike, contains(x.text, y.text), contains(y.text, x.text):
		return plainAlike
	}
	return plainDiffers
}

// contains reports whether y is one or more of the words of x.
func contains(x, y string) bool {
	at := strings.Index(x, y)
	return at >= 0 && len(y) >= 3 && (at == 0 || x[at-1] == ' ') && (at+len(y) == len(x) || x[at+len(y)] == ' ')
}
