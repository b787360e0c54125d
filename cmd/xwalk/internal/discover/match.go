package discover

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Line is one line of match.same. Off is a line that is written as a comment
// only, Why being the reason.
type Line struct {
	Fields, Confirm []string
	Kind            string
	Why             string
	Off             bool
	Joined          int64 // records, in a plan made on the sources as they are
	Reviews         int64
}

// String is the line in YAML.
func (l Line) String() string {
	fields := "[" + strings.Join(l.Fields, ", ") + "]"
	if len(l.Confirm) == 0 && l.Kind == "" {
		return fields
	}
	text := "{ fields: " + fields
	if len(l.Confirm) > 0 {
		text += ", confirm: [" + strings.Join(l.Confirm, ", ") + "]"
	}
	if l.Kind != "" {
		text += ", kind: " + l.Kind
	}
	return text + " }"
}

// Name is the line as a plan names it.
func (l Line) Name() string {
	text := "same: " + strings.Join(l.Fields, " + ")
	if len(l.Confirm) > 0 {
		text += ", confirmed by " + strings.Join(l.Confirm, " + ")
	}
	return text
}

const (
	// massive is how many rows share a value on average from which on it is
	// no evidence of one customer.
	massive = 10
	// manyPersons is how many rows make it likely that two persons share a
	// name and a birthday.
	manyPersons = 100_000
)

// mostRows is how many rows of a source may share a value of a role on
// average before it is no evidence. There are but so many names and days.
func mostRows(role string) float64 {
	switch role {
	case "name":
		return math.Inf(1)
	case "birth_date":
		return 100 * massive
	}
	return massive
}

// has says in how many sources a role is mapped, and how well.
type has struct {
	sources  int
	verified bool // every source's values pass a check
	repeats  float64
	where    string // the source that repeats most
}

// sameLines proposes match.same, the surest lines first.
func sameLines(sources []*Source) []Line {
	h := rolesOf(sources)
	name := h["name"].sources > 0
	var rows int64
	kinds := map[string]bool{}
	for _, s := range sources {
		rows += s.Rows
		kinds[s.Kind.Word] = true
		for _, w := range s.Kind.Map {
			kinds[w.Kind] = true
		}
	}
	var lines []Line
	add := func(l Line) {
		for _, f := range l.Fields {
			if r := h[f]; r.repeats >= mostRows(f) {
				l.Off, l.Why = true, fmt.Sprintf("not used: a value of %s stands in %.0f rows of %s on average", f, r.repeats, r.where)
			}
		}
		lines = append(lines, l)
	}
	for _, role := range officialRoles {
		if h[role].sources > 0 {
			add(officialLine(role, h, kinds))
		}
	}
	if h["email"].sources > 0 {
		l := Line{Fields: []string{"email"}, Confirm: []string{"name"}, Why: "often shared: another name is a question"}
		if !name {
			l.Confirm, l.Off, l.Why = nil, true, "not used: no name to confirm it by, and families and offices share addresses"
		}
		add(l)
	}
	if h["phone"].sources > 0 && name {
		for _, l := range phoneLines(h, kinds) {
			add(l)
		}
	}
	if h["birth_date"].sources > 0 && name {
		l := Line{Fields: []string{"name", "birth_date"}, Why: "rarely two persons"}
		if rows > manyPersons {
			l.Off, l.Why = true, fmt.Sprintf("not used: among %s some strangers share both", number(rows)+" rows")
		}
		add(l)
	}
	if kinds["company"] && name && h["address"].sources > 0 {
		add(Line{Fields: []string{"name", "address"}, Kind: "company", Why: "one name at one address"})
	}
	return lines
}

// tellable reports whether the sources hold enough to tell records that are
// alike from those of namesakes: names and something beside them.
func tellable(sources []*Source) bool {
	h := rolesOf(sources)
	return h["name"].sources+h["company"].sources > 0 && slices.ContainsFunc([]string{
		"email", "phone", "birth_date", "address", "postal_code", "city", "national_id", "tax_id",
	}, func(role string) bool { return h[role].sources > 0 })
}

// officialRoles hold numbers that an authority gave.
var officialRoles = []string{"national_id", "tax_id"}

// officialLine is the line for numbers that an authority gave. A proven tax
// number is a company's, and so shared by the persons who work there.
func officialLine(role string, h map[string]has, kinds map[string]bool) Line {
	l := Line{Fields: []string{role}, Why: "proven by its check character"}
	switch {
	case !h[role].verified:
		l.Why = "no check character proves these numbers"
		if l.Confirm = confirmer(h, kinds); l.Confirm == nil {
			l.Off, l.Why = true, "not used: no check character proves these numbers, and there is nothing to confirm them by"
		}
	case role == "tax_id" && kinds["company"]:
		l.Kind = "company"
	case role == "tax_id":
		l.Off, l.Why = true, "not used: these are companies' numbers, which the persons who work there share"
	}
	return l
}

// phoneLines are the lines for a phone and a name. Branches of a company
// share both with their head office, so where they are must not contradict.
func phoneLines(h map[string]has, kinds map[string]bool) []Line {
	persons := Line{Fields: []string{"phone", "name"}, Why: "a phone alone is often shared"}
	companies := persons
	for _, role := range []string{"postal_code", "city", "address"} {
		if h[role].sources > 0 {
			companies.Confirm = []string{role}
			companies.Why = "branches have the phone and name of their head office"
			break
		}
	}
	switch {
	case !kinds["company"], companies.Confirm == nil:
		return []Line{persons}
	case kinds["person"]:
		persons.Kind, companies.Kind = "person", "company"
		return []Line{persons, companies}
	}
	return []Line{companies}
}

// confirmer is what stands against two records that agree on an unproven
// number.
func confirmer(h map[string]has, kinds map[string]bool) []string {
	for _, role := range []string{"birth_date", "name"} {
		if h[role].sources > 0 && (role != "birth_date" || !kinds["company"]) {
			return []string{role}
		}
	}
	return nil
}

// rolesOf gathers what the sources know of each role. Parts of a name count
// as a name.
func rolesOf(sources []*Source) map[string]has {
	all := map[string]has{}
	for _, s := range sources {
		for _, f := range s.Fields {
			role := f.Role
			if role == "given_name" || role == "family_name" {
				if role == "family_name" && s.Field("given_name") != nil {
					continue
				}
				role = "name"
			}
			h := all[role]
			first := h.sources == 0
			h.sources++
			verified := true
			for _, fc := range f.Columns {
				c := s.column(fc.Name)
				verified = verified && c.looks.proven(role)
				if r := c.repeats(); r > h.repeats {
					h.repeats, h.where = r, s.Name
				}
			}
			h.verified = verified && (first || h.verified)
			all[role] = h
		}
	}
	return all
}

// proven reports whether a check character proves the numbers of a role.
func (c *content) proven(role string) bool {
	switch role {
	case "national_id":
		return c.of(c.resident, .9)
	case "tax_id":
		return c.of(c.credit, .9)
	}
	return false
}

// differing are the roles of which two values mean two customers: those of
// the lines that are used on numbers of authorities.
func differing(lines []Line) []string {
	var out []string
	for _, l := range lines {
		if slices.Contains(officialRoles, l.Fields[0]) && !l.Off {
			out = append(out, l.Fields[0])
		}
	}
	return out
}

// prefixes of canonical IDs, in the order of preference.
var prefixes = []string{"CUST", "CID", "XC", "XW", "ONE"}

// canonicalScheme numbers customers with a prefix that no source uses, and
// with room for ten times the rows that there are.
func canonicalScheme(sources []*Source) string {
	prefix := prefixes[len(prefixes)-1]
	for _, p := range prefixes {
		if !slices.ContainsFunc(sources, func(s *Source) bool { return s.uses(p) }) {
			prefix = p
			break
		}
	}
	var rows int64
	for _, s := range sources {
		rows += s.Rows
	}
	width := 8
	for room := int64(100_000_000); room < 10*rows; room *= 10 {
		width++
	}
	return fmt.Sprintf("%s-{next:%d}-{check:mod97-10}", prefix, width)
}

// uses reports whether numbers of the source start with a prefix.
func (s *Source) uses(prefix string) bool {
	for _, n := range append([]Number{s.ID}, s.Also...) {
		texts := []string{}
		for _, f := range n.Schemes {
			texts = append(texts, f.Scheme, f.Example)
		}
		for _, x := range n.Seen.Exceptions.Examples {
			texts = append(texts, x.ID)
		}
		for _, t := range texts {
			if strings.HasPrefix(strings.ToUpper(t), prefix) {
				return true
			}
		}
	}
	return false
}
