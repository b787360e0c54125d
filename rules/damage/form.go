package damage

import (
	"slices"
	"strings"
	"unicode"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// form is one form of a scheme as damage sees it: runs of digits, between
// literals and other tokens.
type form struct {
	segs       []seg
	numbers    int // runs of digits
	checks     int // check characters
	salesforce bool
	long       bool // nothing but a number that may have more than 15 digits
	free       bool // reads any text
}

// seg is a literal, a run of digits, or a token that reads other characters.
// Digits that the scheme writes out count as a run of digits: a spreadsheet
// knows no difference.
type seg struct {
	literal string
	number  bool
	min     int
	max     int
	lead    int // literal zeros that a number starts with
	tail    int // check characters at its end that may be letters
	letters bool
	digits  bool
	other   bool
}

func newForm(o scheme.Outline) form {
	var f form
	for _, p := range o {
		f.add(p)
	}
	if len(o) == 1 {
		p := o[0]
		f.free = p.Token == "any"
		f.long = p.Digits && !p.Letters && !p.Other && p.Max > exactDigits
	}
	for _, s := range f.segs {
		if s.number {
			f.numbers++
		}
	}
	return f
}

func (f *form) add(p scheme.Piece) {
	var last *seg
	if n := len(f.segs); n > 0 {
		last = &f.segs[n-1]
	}
	if p.Check {
		f.checks += p.Min
	}
	f.salesforce = f.salesforce || p.Token == "salesforce"
	s := seg{literal: p.Literal, min: p.Min, max: p.Max, letters: p.Letters, digits: p.Digits, other: p.Other}
	switch {
	case p.Literal != "" && allDigits(p.Literal):
		s = seg{number: true, min: len(p.Literal), max: len(p.Literal)}
		s.lead = len(p.Literal) - len(strings.TrimLeft(p.Literal, "0"))
	case p.Literal != "":
		s.min, s.max = len(p.Literal), len(p.Literal)
	case p.Digits && !p.Letters && !p.Other:
		s.number = true
	case p.Check && last != nil && last.number:
		last.min, last.max, last.tail = last.min+p.Min, last.max+p.Max, last.tail+p.Max
		return
	}
	switch {
	case s.number && last != nil && last.number && last.tail == 0:
		if last.lead == last.min {
			last.lead += s.lead
		}
		last.min, last.max = last.min+s.min, last.max+s.max
	default:
		f.segs = append(f.segs, s)
	}
}

// lettered reports whether IDs of the form hold letters.
func (f *form) lettered() bool {
	return slices.ContainsFunc(f.segs, func(s seg) bool {
		return s.letters || s.other || strings.ContainsFunc(s.literal, unicode.IsLetter)
	})
}

// holds reports whether IDs of the form may hold a sign.
func (f *form) holds(sign string) bool {
	return slices.ContainsFunc(f.segs, func(s seg) bool { return s.other || strings.Contains(s.literal, sign) })
}

// width is how many characters the form has at the most.
func (f *form) width() int {
	n := 0
	for _, s := range f.segs {
		n += s.max
	}
	return n
}

// least is how many characters the form has at the least.
func (f *form) least() int {
	n := 0
	for _, s := range f.segs {
		n += s.min
	}
	return n
}

// prefix is the literal that the form starts with, or empty.
func (f *form) prefix() string {
	if len(f.segs) > 1 {
		return f.segs[0].literal
	}
	return ""
}

// formOf is the first form that has the shape of an ID, or -1.
func (e *Examiner) formOf(id string) int {
	for i := range e.forms {
		a := aligner{f: &e.forms[i], text: id}
		if a.align() && !a.changed() {
			return i
		}
	}
	return -1
}
