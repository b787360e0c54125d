package review

import (
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/match/compare"
	"github.com/xwalk-id/xwalk/rules/normalize"
)

// Mark says how the values of a field compare.
type Mark uint8

// The marks.
const (
	OneSided  Mark = iota // only one record has a value
	Equal                 // they have a value in common, spelling apart
	Similar               // alike
	Different             // nothing alike
)

var (
	markSigns = [...]string{" ", "=", "≈", "≠"}
	markWords = [...]string{"one_sided", "equal", "similar", "different"}
)

// Sign is one character for a terminal.
func (m Mark) Sign() string { return markSigns[m] }

// String is the mark in a word.
func (m Mark) String() string { return markWords[m] }

// Row is one field of two records.
type Row struct {
	Role        string
	Left, Right string // several values joined with "; "
	Mark        Mark
}

// alike is from which Jaro-Winkler score on two texts are shown as similar;
// codes and dates are with so few slips.
const (
	alike      = 0.85
	alikeSlips = 2
)

// codes are the roles whose values are no words: one digit more or less makes
// another value.
var codes = [...]string{"birth_date", "tax_id", "national_id", "phone", "postal_code"}

func similar(role, x, y string) bool {
	if slices.Contains(codes[:], role) {
		return compare.Distance(x, y, alikeSlips) <= alikeSlips
	}
	return compare.Similarity(x, y) >= alike
}

// Compare puts the fields of both records side by side. The marks are to
// guide the eye; what was weighed is in the evidence.
func (i *Item) Compare() []Row {
	var rows []Row
	for _, role := range Roles(&i.Left, &i.Right) {
		left, right := i.Left.Fields[role], i.Right.Fields[role]
		rows = append(rows, Row{Role: role, Left: joined(left), Right: joined(right), Mark: markOf(role, left, right)})
	}
	return rows
}

// joined is several values as people see them.
func joined(values []string) string { return strings.Join(values, "; ") }

func markOf(role string, left, right []string) Mark {
	if len(left) == 0 || len(right) == 0 {
		return OneSided
	}
	mark := Different
	norm := normalize.ByRole(role)
	for _, l := range left {
		for _, r := range right {
			x, ok := norm(l, normalize.Context{})
			y, ok2 := norm(r, normalize.Context{})
			if !ok || !ok2 { // no value of its kind, but still a text
				x, y = normalize.Text(l), normalize.Text(r)
			}
			switch {
			case x == y:
				return Equal
			case similar(role, x, y):
				mark = Similar
			}
		}
	}
	return mark
}
