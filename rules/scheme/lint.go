package scheme

import (
	"fmt"
	"strings"
	"sync"
)

// harm is something that happens to a number outside of xwalk.
type harm struct {
	pattern string // of the whole number
	what    string
	fatal   bool // cannot be undone
}

const (
	months = `(JAN(UARY)?|FEB(RUARY)?|MAR(CH)?|APR(IL)?|MAY|JUNE?|JULY?|AUG(UST)?|SEPT?(EMBER)?|OCT(OBER)?|NOV(EMBER)?|DEC(EMBER)?)`
	// foreignMonths are those of spreadsheets in German, French, Spanish,
	// Italian, Dutch and Portuguese, where they are not as above.
	foreignMonths = `(MAI|OKT|DEZ|JANV|AVR|JUIN|JUIL|AOUT|ENE|ABR|AGO|DIC|GEN|MAG|GIU|LUG|SET|OTT|MRT|MEI|FEV|OUT)`
	day           = `\d{1,2}`
	year          = `(\d{2}|\d{4})`
)

// harms are what spreadsheets and people do to numbers of [A-Z0-9-]. A number
// that loses its zeros is an amount too; of a scheme, the first such harm is
// told.
var harms = []harm{
	{`-.*`, "a spreadsheet takes the leading hyphen for a formula", true},
	{`\d+E-?\d+`, "a spreadsheet reads it in scientific notation", true},
	{months + `-?(` + day + `|\d{4})|` + day + `-?` + months + `(-?` + year + `)?|` + months + `-?` + day + `-` + year, "a spreadsheet reads it as a date", true},
	{day + `-` + day + `(-` + year + `)?|` + day + `-\d{4}|\d{4}-` + day + `(-` + day + `)?`, "a spreadsheet reads it as a date", true},
	{day + `(AM|PM)`, "a spreadsheet reads it as a time of day", true},
	{`TRUE|FALSE`, "a spreadsheet reads it as a truth value", true},
	{`\d{16,}`, "a spreadsheet keeps 15 digits of it", true},
	{`0\d+`, "a spreadsheet drops the leading zeros", false},
	{`\d+`, "a spreadsheet takes it for an amount", false},
	{foreignMonths + `-?(` + day + `|\d{4})|` + day + `-?` + foreignMonths + `(-?` + year + `)?`, "spreadsheets in other languages read it as a date", false},
	{`NA|NAN|NULL|NONE|INF|INFINITY`, "programs that read tables take it for a missing value", false},
	{`.*-`, "the last hyphen gets lost when people copy it", false},
	{`.*--.*`, "word processors turn the double hyphen into a dash", false},
	{`.*\d[OI]\d.*|.*[OI]0+\d.*`, "people read the letter for the digit", false},
}

var harmPatterns = sync.OnceValue(func() []pattern {
	all := make([]pattern, len(harms))
	for i, h := range harms {
		all[i] = newPattern(h.pattern)
	}
	return all
})

// lint looks for numbers of the scheme that would come to harm. What a field
// holds is not known, so what only some of its texts would cause is a warning;
// all else is decided by the scheme alone.
func (c *Canonical) lint(p *parser) {
	told := map[string]bool{}
	look := func(shape shape, may bool) {
		digits := false
		for i, h := range harms {
			amount := !h.fatal && strings.HasSuffix(h.pattern, `\d+`)
			if told[h.what] || digits && amount {
				continue
			}
			id, found := harmPatterns()[i].meets(shape)
			if !found {
				continue
			}
			told[h.what] = true
			digits = digits || amount
			switch {
			case h.fatal && !may:
				p.fail(1, len(p.runes), fmt.Sprintf("%s: %s", id, h.what), c.hint())
			case may:
				c.warnings = append(c.warnings, fmt.Sprintf("%s would be possible: %s; numbers are safe that start with a word of letters", id, h.what))
			default:
				c.warnings = append(c.warnings, fmt.Sprintf("%s: %s; numbers are safe that start with a word of letters", id, h.what))
			}
		}
	}
	look(c.shape(false), false)
	if len(p.problems) == 0 && len(c.needs) > 0 {
		look(c.shape(true), true)
	}
	if len(p.problems) > 1 {
		p.problems = p.problems[:1] // one reason is enough
	}
	c.lintChecks()
}

func (c *Canonical) hint() string {
	hint := "start it with a word of letters, as in CUST-{next:8}-{check:mod97-10}"
	if c.issue == Counted && c.digits == 0 && strings.Trim(c.prefix, digits) == "" {
		hint = "give {next} a width, and " + hint
	}
	return hint
}

// lintChecks remarks on check characters that miss what people do. The shares
// are those of all slips of the kind, measured on numbers of eight digits.
func (c *Canonical) lintChecks() {
	for _, check := range c.form.checks {
		switch name := c.form.elements[check.element].alg.name; name {
		case "luhn", "luhn-mod-16", "luhn-mod-36":
			c.warnings = append(c.warnings, fmt.Sprintf("the check %s misses every swap around a digit, such as 123 for 321; mod97-10 finds them all", name))
		case "gs1-mod10":
			c.warnings = append(c.warnings, "the check gs1-mod10 misses 11% of all swaps of neighbours and every swap around a digit; mod97-10 finds them all")
		}
	}
}

// Unchecked reports whether the numbers have no check character, so that a
// slip of a person makes another customer's number of them.
func (c *Canonical) Unchecked() bool { return len(c.form.checks) == 0 }
