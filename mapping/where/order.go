package where

import "strings"

// order compares two numbers as numbers, and anything else as text.
func order(a, b string) int {
	x, okA := parseDecimal(a)
	y, okB := parseDecimal(b)
	if okA && okB {
		return x.compare(y)
	}
	return strings.Compare(a, b)
}

// decimal is a plain number taken apart: no zeros before whole or after
// frac, and no minus for zero. It never becomes a machine number, so that no
// digit is lost.
type decimal struct {
	minus       bool
	whole, frac string
}

func parseDecimal(s string) (decimal, bool) {
	var d decimal
	s, d.minus = strings.CutPrefix(s, "-")
	whole, frac, point := strings.Cut(s, ".")
	if whole == "" || point && frac == "" || !digits(whole) || !digits(frac) {
		return decimal{}, false
	}
	d.whole = strings.TrimLeft(whole, "0")
	d.frac = strings.TrimRight(frac, "0")
	if d.whole == "" && d.frac == "" {
		d.minus = false
	}
	return d, true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (d decimal) compare(e decimal) int {
	switch {
	case d.minus && !e.minus:
		return -1
	case !d.minus && e.minus:
		return 1
	case d.minus:
		d, e = e, d
	}
	if len(d.whole) != len(e.whole) {
		return len(d.whole) - len(e.whole)
	}
	if c := strings.Compare(d.whole, e.whole); c != 0 {
		return c
	}
	return strings.Compare(d.frac, e.frac)
}
