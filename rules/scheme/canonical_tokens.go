package scheme

import (
	"fmt"
	"strings"
)

// Kinds of elements that only canonical schemes have.
const (
	given kind = 100 + iota // {seq}, {field}, {date}, {source}: what the founding record has
	drawn                   // {random} and {hash}
)

// maxDrawn is the widest {random} or {hash}: 32 characters of base 32 are 160
// bits, which nobody guesses.
const maxDrawn = 32

// maxCarried is how many digits of {seq} a spreadsheet would keep; see lint.
const maxCarried = 15

// The classes of what canonical numbers are made of.
var (
	classLegal = newClass(digits + capital + "-")
	// classDraw is Crockford's alphabet as it is written.
	classDraw = newClass(crockfordDigits)
)

// crockfordDigits are the digits of Crockford's base 32, by value.
const crockfordDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// buildDrawn builds {random:10} and {hash:12}.
func buildDrawn(token string) func(*parser, argument) (element, bool) {
	return func(p *parser, a argument) (element, bool) {
		n := widthOf(a.text, maxDrawn)
		if n == 0 {
			p.fail(a.column, len([]rune(a.text)), fmt.Sprintf("{%s} needs a width", token),
				fmt.Sprintf("write {%s:12} for 12 characters (1 to %d)", token, maxDrawn))
			return element{}, false
		}
		return element{kind: drawn, class: classDraw, min: n, max: n}, true
	}
}

// buildCarried builds the {seq} of a canonical scheme: the component seq of
// the founding source ID.
func buildCarried(p *parser, a argument) (element, bool) {
	el := element{kind: given, class: classDigit, min: 1, max: MaxCanonical, open: true}
	if !a.given {
		return el, true
	}
	n := widthOf(a.text, MaxCanonical)
	if n == 0 {
		p.fail(a.column, len([]rune(a.text)), fmt.Sprintf("%q is not a width for {seq} in a canonical scheme", a.text),
			"write {seq:8} for 8 digits, padded with zeros and never cut, or {seq} for the digits as they are")
		return el, false
	}
	el.min, el.max, el.open = n, n, false
	return el, true
}

func buildField(p *parser, a argument) (element, bool) {
	if strings.TrimSpace(a.text) == "" {
		p.fail(a.column, 1, "{field} needs the name of a field, or of a component of the ID", "write {field:region}")
		return element{}, false
	}
	return element{kind: given, class: classLegal, min: 1, max: MaxCanonical, open: true}, true
}

// buildCanonicalDate builds the {date} of a canonical scheme, whose layout
// must write nothing but digits and hyphens.
func buildCanonicalDate(p *parser, a argument) (element, bool) {
	layout, ok := p.parseLayout(a)
	if !ok {
		return element{}, false
	}
	if i := strings.IndexAny(layout.text, "/. :T"); i >= 0 {
		p.fail(a.column+i, 1, fmt.Sprintf("%q is not allowed in a canonical ID", layout.text[i]), "write {date:YYYYMMDD} or {date:YYYY-MM-DD}")
		return element{}, false
	}
	width := len(layout.text)
	return element{kind: given, class: layout.class, min: width, max: width, date: layout}, true
}

func buildSource(p *parser, a argument) (element, bool) {
	if a.given {
		p.fail(a.column, len([]rune(a.text)), "{source} takes nothing behind its name", "write {source}")
		return element{}, false
	}
	return element{kind: given, class: classLegal, min: 1, max: MaxCanonical, open: true}, true
}
