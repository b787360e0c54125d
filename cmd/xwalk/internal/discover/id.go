package discover

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/profile"
	"github.com/xwalk-id/xwalk/rules"
)

// Number is a column that holds numbers of customers, or several columns
// that do together.
type Number struct {
	Name    string // of an also number
	Columns []string
	Schemes []profile.Fit // in which the numbers are written; none: any text
	Seen    profile.Numbering

	rank       int
	blankMeans string // for the ID: what becomes of rows without it
}

// Any reports whether the schemes must let exceptions pass. Those that all
// numbers will follow once they are exported properly let none.
func (n Number) Any() bool {
	rows, _ := n.exceptions()
	return len(n.Schemes) > 0 && rows > 0 && n.Seen.AllDamaged == nil
}

// exceptions counts the rows whose numbers follow none of the schemes, and
// names some of them.
func (n Number) exceptions() (rows int64, ids []string) {
	rows = n.Seen.Exceptions.Rows
	for _, x := range n.Seen.Exceptions.Examples[:min(len(n.Seen.Exceptions.Examples), shownIDs)] {
		ids = append(ids, x.ID)
	}
	for _, f := range n.Seen.Found {
		if f.Scheme == "{any}" && f.Rows > 0 {
			rows, ids = rows+f.Rows, append(ids, f.Example)
		}
	}
	return rows, ids
}

// Texts are the schemes as the configuration writes them.
func (n Number) Texts() []string {
	texts := []string{}
	for _, f := range n.Schemes {
		texts = append(texts, f.Scheme)
	}
	if n.Any() {
		texts = append(texts, "{any}")
	}
	return texts
}

// repeated is the share of rows that another row with the same number has
// come before.
func (n Number) repeated() float64 {
	if n.Seen.IDs == 0 {
		return 0
	}
	return float64(n.Seen.IDs-n.Seen.Distinct) / float64(n.Seen.IDs)
}

// filled is the share of rows that have the number.
func (n Number) filled() float64 {
	if all := n.Seen.IDs + n.Seen.Blank.Rows; all > 0 {
		return float64(n.Seen.IDs) / float64(all)
	}
	return 1
}

const (
	// maxNumbers is how many columns are looked at as numbers.
	maxNumbers = 6
	// mostRepeated is the share of repeated numbers that an ID may have: rows
	// that are in the source twice, not numbers that mean something else.
	mostRepeated = 0.05
	// strayRepeated is the same for a column whose header says nothing.
	strayRepeated = 0.001
	leastFilled   = 0.9
)

// numberColumns are the columns that may hold numbers of customers.
func numberColumns(columns []column) []column {
	var out []column
	for _, c := range columns {
		if truthHeaders()[plainHeader(c.Name)] || !couldNumber(c) {
			continue
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b column) int { return cmp.Compare(idRank(b.Name), idRank(a.Name)) })
	return out[:min(len(out), maxNumbers)]
}

// couldNumber judges a column by what it holds. Distinct may be an estimate,
// so it gets some room.
func couldNumber(c column) bool {
	l, rank := c.looks, idRank(c.Name)
	if c.Rows == 0 {
		return rank > idFormer
	}
	if c.Distinct == 0 || c.repeats() > 1.15 {
		return false
	}
	if role := headerRole(c.Name); role != "" && rank < idSurely && (rank <= idNone || role != "merged_into") {
		return false
	}
	switch {
	case l.n == 0, l.of(l.email, .1), l.of(l.surePhone, .9), l.of(l.resident, .5), l.of(l.credit, .5), l.of(l.link, .1):
		return false
	case l.of(l.date+l.clock, .95):
		return rank > idNone && l.of(l.number, .95) // digits that happen to be days or seconds
	case rank == idSurely && namesNumber(c.Name): // however it is written: 001.002, K 17, 17.0, ABCDEF
		return true
	case l.of(l.amount, .5), l.of(l.long, .1):
		return false
	case rank == idNone: // by its content alone
		return l.of(l.digits, .95) && !l.of(l.spaces, .05) && c.filled() >= leastFilled
	}
	return l.of(l.digits, .5) && !l.of(l.spaces, .5)
}

// chooseID takes the number that is the customer's own, and those that can
// find the customer too. Doubts says what else it could have been.
func chooseID(numbers []Number) (id *Number, also []Number, doubts []string) {
	var fit []Number
	for _, n := range numbers {
		if n.isID() {
			fit = append(fit, n)
		}
	}
	slices.SortStableFunc(fit, func(a, b Number) int { return cmp.Compare(b.rank, a.rank) })
	if len(fit) > 0 {
		id = &fit[0]
		if id.rank == idNone {
			doubts = append(doubts, fmt.Sprintf("column %q is the ID because no two rows agree on it; its header does not say so", id.Columns[0]))
		}
		if len(fit) > 1 && fit[1].rank == id.rank {
			doubts = append(doubts, fmt.Sprintf("the ID may be column %q or %q; the first is taken", id.Columns[0], fit[1].Columns[0]))
		}
	}
	for _, n := range numbers {
		if (id == nil || n.Columns[0] != id.Columns[0]) && n.isAlso() {
			n.Name = strings.ToLower(validName(n.Columns[0]))
			also = append(also, n)
		}
	}
	return id, also, doubts
}

// isID reports whether a column can be what rows are known by.
func (n Number) isID() bool {
	if n.filled() < leastFilled || n.rank == idFormer {
		return false
	}
	if n.rank >= idWeak {
		return n.repeated() <= mostRepeated
	}
	return n.repeated() <= strayRepeated && n.Seen.IDs > 1
}

// isAlso reports whether a column holds further numbers by which customers
// are found: called so, written by a scheme, and next to never repeated.
func (n Number) isAlso() bool {
	return n.rank > idNone && n.Seen.IDs >= 2 && len(n.Schemes) > 0 && n.repeated() <= mostRepeated && n.Seen.AllDamaged == nil
}

// pairs are the columns that may be unique only together, such as the branch
// and the number within it.
func pairs(columns []column) []rules.IDRule {
	var out []rules.IDRule
	for _, branch := range columns {
		l := branch.looks
		if branch.filled() < leastFilled || !branchHeaders()[plainHeader(branch.Name)] || l.of(l.spaces, .3) {
			continue
		}
		for _, no := range columns {
			if no.Name != branch.Name && no.filled() >= leastFilled && idRank(no.Name) >= idWeak && no.looks.of(no.looks.digits, .9) {
				out = append(out, rules.IDRule{Columns: []string{branch.Name, no.Name}})
			}
		}
	}
	return out[:min(len(out), maxNumbers)]
}

// choosePair takes the one pair that is unique. Several are none.
func choosePair(numbers []Number) *Number {
	var unique []Number
	for _, n := range numbers {
		if n.filled() >= leastFilled && n.repeated() <= strayRepeated && n.Seen.IDs > 1 {
			unique = append(unique, n)
		}
	}
	if len(unique) != 1 {
		return nil
	}
	return &unique[0]
}

// numberOf judges what was counted of a number.
func numberOf(rule rules.IDRule, seen profile.Numbering) Number {
	n := Number{Columns: rule.Columns, Seen: seen, rank: idRank(rule.Columns[0])}
	for _, f := range seen.Found {
		if f.Scheme != "{any}" && f.Rows > 0 {
			n.Schemes = append(n.Schemes, f)
		}
	}
	if seen.AllDamaged != nil {
		for _, text := range seen.AllDamaged.Schemes {
			n.Schemes = append(n.Schemes, profile.Fit{Scheme: text})
		}
	}
	if len(rule.Columns) > 1 {
		n.Schemes = nil
	}
	return n
}
