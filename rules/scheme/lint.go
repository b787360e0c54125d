package scheme

import (
	"fmt"
	"regexp"
	"strings"
)

// harm is something that happens to a number outside of xwalk.
type harm struct {
	pattern *regexp.Regexp
	what    string
	fatal   bool // cannot be undone
}

const months = `(JAN(UARY)?|FEB(RUARY)?|MAR(CH)?|APR(IL)?|MAY|JUNE?|JULY?|AUG(UST)?|SEPT?(EMBER)?|OCT(OBER)?|NOV(EMBER)?|DEC(EMBER)?)`

// harms are tried in order; the first that fits a number counts.
var harms = []harm{
	{regexp.MustCompile(`^-`), "a spreadsheet takes the leading hyphen for a formula", true},
	{regexp.MustCompile(`^\d+E-?\d+$`), "a spreadsheet reads it in scientific notation", true},
	{regexp.MustCompile(`^` + months + `-?(\d{1,2}|\d{4})$`), "a spreadsheet reads it as a date", true},
	{regexp.MustCompile(`^\d{1,2}-?` + months + `(-?(\d{2}|\d{4}))?$`), "a spreadsheet reads it as a date", true},
	{regexp.MustCompile(`^(0?[1-9]|[12]\d|3[01]|\d{4})-(0?[1-9]|[12]\d|3[01]|\d{4})(-(\d{1,2}|\d{4}))?$`), "a spreadsheet reads it as a date", true},
	{regexp.MustCompile(`^\d{16,}$`), "a spreadsheet keeps 15 digits of it", true},
	{regexp.MustCompile(`^0\d+$`), "a spreadsheet drops the leading zeros", false},
	{regexp.MustCompile(`^\d+$`), "a spreadsheet takes it for an amount", false},
	{regexp.MustCompile(`-$`), "the last hyphen gets lost when people copy it", false},
	{regexp.MustCompile(`--`), "word processors turn the double hyphen into a dash", false},
}

// lint looks for numbers of the scheme that would come to harm: at both ends
// of the counter and at the values that make dates.
func (c *Canonical) lint(p *parser) {
	warned := map[string]bool{}
	try := func(n uint64) {
		id, err := c.Append(nil, n)
		if err != nil {
			return
		}
		for _, h := range harms {
			if !h.pattern.Match(id) {
				continue
			}
			switch {
			case h.fatal:
				p.fail(1, len(p.runes), fmt.Sprintf("%s: %s", id, h.what), "start it with a word of letters, as in CUST-{next:8}-{check:mod97-10}")
			case !warned[h.what]:
				warned[h.what] = true
				c.warnings = append(c.warnings, fmt.Sprintf("%s: %s; numbers are safe that start with a word of letters", id, h.what))
			}
			return
		}
	}
	for n := uint64(1); n <= 31 && len(p.problems) == 0; n++ {
		try(n)
	}
	for _, n := range []uint64{99, 1999, 2024, c.capacity / 10, c.capacity} {
		if len(p.problems) == 0 {
			try(n)
		}
	}
	if c.digits == 0 && strings.Trim(c.prefix, "0123456789") == "" && len(p.problems) > 0 {
		p.problems[0].Hint = "give {next} a width, and " + p.problems[0].Hint
	}
}
