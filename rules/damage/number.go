package damage

import (
	"fmt"
	"strings"
)

// exactDigits is how many digits a spreadsheet keeps of a number.
const exactDigits = 15

const (
	whyRounded = "its last digits are zeros: a spreadsheet or another program kept only the first 15 to 17 of them; export the column as text, from the CRM and not from the spreadsheet"
	whyDecimal = "it was read as a number and written with decimals"
	whyGrouped = "it was read as a number and written with thousands separators"
	doubtPoint = "its point may stand before thousands or before decimals"
)

// unwrapNumber undoes what happens to a number between number types: decimals,
// thousands separators, scientific notation.
func unwrapNumber(text string, letters bool) (step, bool) {
	whole := digitRun(text)
	if whole == len(text) {
		return step{}, false
	}
	mark, rest := text[whole], text[whole+1:]
	if strings.IndexByte("Ee.,", mark) >= 0 {
		if n, ok := parseScientific(text); ok {
			s := step{kind: Scientific, why: n.why(), number: true, lost: n.lost()}
			switch {
			case !s.lost:
				s.texts = []string{n.text()}
			case letters:
				s.texts = n.withE(text)
			}
			if !n.exact() {
				s.doubt = "its last digits are not certain"
			}
			return s, true
		}
	}
	grouped, seps, ok := ungroup(text)
	if mark == '.' || mark == ',' {
		if allZeros(rest) {
			s := step{kind: Decimal, why: whyDecimal, texts: []string{text[:whole]}, number: true}
			if ok && seps == 1 { // 1,000 and 1.000 are written so in one country or another
				s.doubt, s.texts = doubtPoint, append(s.texts, grouped)
				if mark == ',' {
					s.kind, s.why, s.doubt, s.comma = Thousands, whyGrouped, "", true
					s.texts[0], s.texts[1] = s.texts[1], s.texts[0]
				}
			}
			return s, true
		}
	}
	if ok {
		s := step{kind: Thousands, why: whyGrouped, texts: []string{grouped}, number: true}
		if mark == '.' && seps == 1 {
			s.doubt = doubtPoint
		}
		return s, true
	}
	return step{}, false
}

// digitRun is how many digits text starts with.
func digitRun(text string) int {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return n
}

func isDigit(b byte) bool { return b-'0' <= 9 }

func allZeros(text string) bool { return text != "" && strings.Trim(text, "0") == "" }

func allDigits(text string) bool { return text != "" && digitRun(text) == len(text) }

// ungroup takes the thousands separators out of 1,234,567, which may have
// decimals that are all zeros, and says how many there were.
func ungroup(text string) (number string, seps int, ok bool) {
	first := digitRun(text)
	if first == 0 || first > 3 || first == len(text) || text[0] == '0' {
		return "", 0, false
	}
	sep := text[first]
	if strings.IndexByte(",.' ", sep) < 0 {
		return "", 0, false
	}
	var b strings.Builder
	b.WriteString(text[:first])
	rest := text[first:]
	for rest != "" && rest[0] == sep {
		if digitRun(rest[1:]) != 3 {
			return "", 0, false
		}
		b.WriteString(rest[1:4])
		rest = rest[4:]
		seps++
	}
	if rest != "" && (rest[0] != '.' && rest[0] != ',' || !allZeros(rest[1:])) {
		return "", 0, false
	}
	return b.String(), seps, true
}

// scientific is a number in scientific notation: digits without a point, and
// where the point was.
type scientific struct {
	digits string // without trailing zeros of the fraction
	power  int    // of ten of the first digit
}

// parseScientific reads 1.23457E+11, with a point or a comma. It fails for
// numbers that no program writes so.
func parseScientific(text string) (n scientific, ok bool) {
	if len(text) < 3 || !isDigit(text[0]) || text[0] == '0' {
		return n, false
	}
	frac := ""
	rest := text[1:]
	if rest[0] == '.' || rest[0] == ',' {
		w := digitRun(rest[1:])
		if w == 0 {
			return n, false
		}
		frac, rest = rest[1:1+w], rest[1+w:]
	}
	if rest == "" || rest[0] != 'E' && rest[0] != 'e' {
		return n, false
	}
	rest = rest[1:]
	signed := rest != "" && rest[0] == '+'
	if signed {
		rest = rest[1:]
	}
	if len(rest) > 3 || !allDigits(rest) || frac == "" && !signed {
		return n, false // 2E7 is rather a number with an E in it
	}
	for _, b := range []byte(rest) {
		n.power = 10*n.power + int(b-'0')
	}
	n.digits = text[:1] + strings.TrimRight(frac, "0")
	if n.power >= len(n.digits)-1 && 1+len(frac) == n.power+1 {
		n.digits = text[:1] + frac // all of them are there, zeros too
	}
	return n, len(n.digits) <= n.power+1 && n.power < 64
}

// exact reports whether every digit of the number is there.
func (n scientific) exact() bool { return len(n.digits) == n.power+1 && n.power < exactDigits }

// lost reports whether digits are missing: zeros that a program leaves out,
// or digits that it rounds away, nobody can tell.
func (n scientific) lost() bool { return len(n.digits) <= n.power }

func (n scientific) text() string {
	return n.digits + strings.Repeat("0", n.power+1-len(n.digits))
}

func (n scientific) why() string {
	if !n.lost() && n.exact() {
		return "it was read as a number and written in scientific notation"
	}
	if !n.lost() {
		return fmt.Sprintf("it was read as a number and written in scientific notation, which keeps 15 to 17 of its %d digits; export the column as text, from the CRM and not from the spreadsheet", n.power+1)
	}
	return fmt.Sprintf("it was read as a number and written in scientific notation, and %d of its %d digits are lost; export the column as text, from the CRM and not from the spreadsheet", n.power+1-len(n.digits), n.power+1)
}

// withE lists the numbers with an E in them that a spreadsheet would have
// written as text: 1.20E+04 for 12E3.
func (n scientific) withE(text string) []string {
	var out []string
	e := text[strings.IndexAny(text, "Ee"):][:1]
	for w := len(n.digits); w <= n.power+1 && w <= len(n.digits)+6; w++ {
		whole := n.digits + zeros[:w-len(n.digits)]
		power := n.power + 1 - w
		out = append(out, fmt.Sprintf("%s%s%d", whole, e, power), fmt.Sprintf("%s%s%02d", whole, e, power))
	}
	return out
}

// zeroTail reports whether the number has more digits than a spreadsheet
// keeps, and zeros in the place of those.
func zeroTail(id string) bool {
	return len(id) > exactDigits && allDigits(id) && allZeros(id[exactDigits:])
}
