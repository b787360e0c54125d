package scheme

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// harm is something that happens to a number outside of xwalk.
type harm struct {
	pattern string // of the whole number
	what    string
	fatal   bool   // cannot be undone
	cure    string // empty: startWithWord
}

const startWithWord = "numbers are safe that start with a word of letters"

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
	{`-.*`, "a spreadsheet takes the leading hyphen for a formula", true, ""},
	{`\d+E-?\d+`, "a spreadsheet reads it in scientific notation", true, ""},
	{months + `-?(` + day + `|\d{4})|` + day + `-?` + months + `(-?` + year + `)?|` + months + `-?` + day + `-` + year, "a spreadsheet reads it as a date", true, ""},
	{day + `-` + day + `(-` + year + `)?|` + day + `-\d{4}|\d{4}-` + day + `(-` + day + `)?`, "a spreadsheet reads it as a date", true, ""},
	{day + `(AM|PM)`, "a spreadsheet reads it as a time of day", true, ""},
	{`TRUE|FALSE`, "a spreadsheet reads it as a truth value", true, ""},
	{`\d{16,}`, "a spreadsheet keeps 15 digits of it", true, ""},
	{`0\d+`, "a spreadsheet drops the leading zeros", false, ""},
	{`\d+`, "a spreadsheet takes it for an amount", false, ""},
	{foreignMonths + `-?(` + day + `|\d{4})|` + day + `-?` + foreignMonths + `(-?` + year + `)?`, "spreadsheets in other languages read it as a date", false, ""},
	{`NA|NAN|NULL|NONE|INF|INFINITY`, "programs that read tables take it for a missing value", false, ""},
	{`.*-`, "the last hyphen gets lost when people copy it", false, "leave it out"},
	{`.*--.*`, "word processors turn the double hyphen into a dash", false, "write one"},
	{`.*\d[OI]\d.*|.*[OI]0+\d.*`, "people read the letter for a digit", false, "put a hyphen between letters and digits"},
}

var harmPatterns = sync.OnceValue(func() []pattern {
	all := make([]pattern, len(harms))
	for i, h := range harms {
		all[i] = newPattern(h.pattern)
	}
	return all
})

// lint looks for numbers of the scheme that would come to harm. What records
// have for it is not known, so what only some of them would cause is a
// warning, and one is enough; all else is decided by the scheme alone.
func (c *Canonical) lint(p *parser) {
	var told []string
	digits := false // that a number is all digits was said
	shape := c.shape(false)
	for i, h := range harms {
		id, found := harmPatterns()[i].meets(shape)
		switch {
		case !found || slices.Contains(told, h.what) || digits && h.amount():
			continue
		case h.fatal:
			p.fail(1, len(p.runes), fmt.Sprintf("%s: %s", id, h.what), c.hint())
			return
		}
		told = append(told, h.what)
		digits = digits || h.amount()
		c.warnings = append(c.warnings, fmt.Sprintf("%s: %s; %s", id, h.what, cmp.Or(h.cure, startWithWord)))
	}
	if c.open() {
		shape = c.shape(true)
		for i, h := range harms {
			if slices.Contains(told, h.what) || digits && h.amount() || h.cure != "" {
				continue
			}
			if id, found := harmPatterns()[i].meets(shape); found {
				c.warnings = append(c.warnings, fmt.Sprintf("depending on the record, a number could be %s: %s; %s", id, h.what, startWithWord))
				break
			}
		}
	}
	c.lintChecks()
}

// amount reports whether the harm is that of numbers of digits only, which
// need not be told twice.
func (h harm) amount() bool {
	return !h.fatal && strings.HasSuffix(h.pattern, `\d+`) && len(h.pattern) < 5
}

// open reports whether the scheme leaves it to the records how a number looks.
func (c *Canonical) open() bool {
	return slices.ContainsFunc(c.form.elements, func(el element) bool { return el.kind == given && el.open })
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
		if alg := c.form.elements[check.element].alg; c.issue == Random || c.issue == Hashed {
			if check.zone == nil && !alg.covers(classLetter) {
				c.warnings = append(c.warnings, fmt.Sprintf("the check %s passes over letters, so a slip in one goes unnoticed; mod37-36 and mod1271-36 cover them", alg.name))
			}
		}
	}
}

// Unchecked reports whether the numbers have no check character, so that a
// slip makes another customer's number of one and nobody notices.
func (c *Canonical) Unchecked() bool { return len(c.form.checks) == 0 }
