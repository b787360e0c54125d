package profile

import (
	"slices"
	"strings"
	"unicode"

	"github.com/xwalk-id/xwalk/rules/normalize"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Shown is an ID that follows no scheme as it may be shown. Where columns have
// slipped, the column of the ID holds names, addresses and phone numbers:
// those are masked. Placeholders and totals are nobody's.
func Shown(id string) string {
	if masked, ok := personal(id); ok {
		return masked
	}
	text := strings.TrimSpace(id)
	if text == "" || word(text) || abbreviation(text) || slices.Contains(totals, strings.ToLower(text)) {
		return id
	}
	if !strings.ContainsFunc(text, unicode.IsLetter) || !strings.ContainsFunc(text, unicode.IsSpace) && strings.ContainsFunc(text, unicode.IsDigit) {
		return id
	}
	return normalize.Mask("name", id)
}

// abbreviation takes BE, which is nobody's name.
func abbreviation(text string) bool {
	return len(text) <= 2 && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// totals stand below the last row of some exports.
var totals = []string{"total", "totals", "grand total", "sum", "summe", "合计", "总计", "小计"}

// personal masks what is a person's by its form alone, whatever scheme reads
// it: e-mail addresses, phone numbers and identity numbers that cannot be
// anything else.
func personal(id string) (masked string, ok bool) {
	text := strings.TrimSpace(id)
	normal := normalize.Text(text)
	switch at := strings.IndexByte(normal, '@'); {
	case at > 0 && strings.ContainsFunc(normal[at:], unicode.IsLetter):
		return normalize.Mask("email", text), true
	case isPhone(normal) && (normal[0] == '+' || isMobile(normal)):
		return normalize.Mask("phone", text), true
	case len(text) == 18 && scheme.CheckHolds("gb11643", text[:17], strings.ToUpper(text[17:])) && isDate(text[6:14]):
		return normalize.Mask("national_id", text), true
	}
	return "", false
}

// isMobile takes Chinese mobile numbers, with separators or without.
func isMobile(phone string) bool {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
	return len(digits) == 11 && digits[0] == '1' && digits[1] >= '3' && !strings.ContainsAny(phone, "().")
}

// conceal masks the IDs of a finished numbering that are somebody's name,
// address or phone number, in place, so that no form of output shows them.
// What a configured scheme reads is an ID, and so is what one reads that was
// found, if only numbers are written like that.
func (a *analysis) conceal(n *Numbering) {
	c := concealer{a: a, named: map[string]bool{}}
	for _, s := range a.set.Schemes() {
		c.named[s.String()] = s.String() == "{any}"
	}
	for _, s := range a.foundSet.Schemes() {
		if _, configured := c.named[s.String()]; !configured {
			c.named[s.String()] = !numbers(s)
		}
	}
	hidden := map[string]bool{} // schemes of which nothing is told but counts
	for _, fits := range [][]Fit{n.Found, n.Configured} {
		for i := range fits {
			f := &fits[i]
			if shown := c.shown(f.Example); shown != f.Example {
				f.Example, hidden[f.Scheme] = shown, true
			}
		}
	}
	if n.AllDamaged != nil {
		c.hide(&n.AllDamaged.Example)
	}
	n.Components = slices.DeleteFunc(n.Components, func(d Distribution) bool { return hidden[d.Scheme] })
	n.Sequences = slices.DeleteFunc(n.Sequences, func(s Sequence) bool { return hidden[s.Scheme] })
	n.Capacity = slices.DeleteFunc(n.Capacity, func(c Capacity) bool { return hidden[c.Scheme] })
	for i := range n.Exceptions.Examples {
		c.hide(&n.Exceptions.Examples[i].ID)
	}
	for i := range n.Duplicates.Examples {
		c.hide(&n.Duplicates.Examples[i].ID)
	}
	for _, s := range n.Spellings.Examples {
		for i := range s.IDs {
			c.hide(&s.IDs[i])
		}
	}
	for _, d := range n.Damage {
		for i := range d.Examples {
			c.damaged(&d.Examples[i])
		}
	}
}

type concealer struct {
	a     *analysis
	named map[string]bool // schemes that names may be written in
}

func (c *concealer) hide(id *string) { *id = c.shown(*id) }

// damaged shows an ID that can be repaired to one that may be shown.
func (c *concealer) damaged(d *Damaged) {
	open := len(d.Proposals) > 0
	for i, p := range d.Proposals {
		if shown := c.shown(p); shown != p {
			d.Proposals[i], open = shown, false
		}
	}
	if !open {
		c.hide(&d.ID)
	}
}

// shown is an ID, as received or its key, as it may be shown.
func (c *concealer) shown(id string) string {
	if key, err := c.a.key(id); err == nil {
		if s := reader(c.a.set, key); s != nil && !c.named[s.String()] {
			return id
		}
		if s := reader(c.a.foundSet, key); s != nil && !c.named[s.String()] {
			if masked, ok := personal(id); ok {
				return masked
			}
			return id
		}
	}
	parts, err := scheme.SplitParts(id)
	if len(c.a.cols) == 1 || err != nil {
		return Shown(id)
	}
	for i := range parts {
		parts[i] = Shown(parts[i])
	}
	return scheme.JoinParts(parts)
}

// reader is the scheme that reads the key, or nil.
func reader(set *scheme.Set, key string) *scheme.Scheme {
	if len(set.Schemes()) == 0 {
		return nil
	}
	if _, at := set.Key(key); at >= 0 {
		return set.Schemes()[at]
	}
	return nil
}

// numbers reports whether only numbers are written in the scheme: some part
// of it counts, dates or is random, and words of any length are not next to a
// space.
func numbers(s *scheme.Scheme) bool {
	counts, words := false, false
	for _, t := range tokensOf(s.String()) {
		loose := t.maxWidth() == 0 || strings.Contains(t.arg, "-")
		switch t.kind {
		case "letters":
			words = words || loose
		case "alnum":
			words, counts = words || loose, counts || !loose
		case "any":
			return false
		default:
			counts = true
		}
	}
	return counts && (!words || !strings.Contains(s.String(), " "))
}
