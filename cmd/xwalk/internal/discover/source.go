package discover

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/connectors"
	"github.com/xwalk-id/xwalk/mapping/profile"
	"github.com/xwalk-id/xwalk/rules"
)

// Source is a place and what was understood of it.
type Source struct {
	Place
	Rows       int64
	Rejects    profile.Rejects // rows that could not be read
	Recognized []connectors.Recognition
	ID         Number
	Also       []Number
	Kind       Kind
	Fields     []Field
	Country    string
	CountryWhy string
	Dates      string
	DatesWhy   string
	Unread     []string // columns that nothing was made of
	Doubts     []string

	columns []column
	alike   []string // headers that several columns have
}

// NoIDError says that nothing in a source numbers its rows.
type NoIDError struct {
	Place   Place
	Columns []string
	Doubts  []string // why others could not be read
}

func (e *NoIDError) Error() string {
	return fmt.Sprintf("%s: no column numbers the customers: each is blank, repeats, or holds something else (it has: %s)%s\n"+
		"  hint: name the source's number by hand in xwalk.yaml (id: COLUMN, or id: { fields: [A, B] }), or add a column with a number of its own to the export",
		e.Place, strings.Join(e.Columns, ", "), strings.Join(append([]string{""}, e.Doubts...), "; "))
}

// Look reads a place and works out what it holds. progress may be nil. A
// place without an ID is a [*NoIDError].
func Look(ctx context.Context, p Place, progress func(done, total int64)) (*Source, error) {
	s := &Source{Place: p}
	names, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	seen, err := s.profile(ctx, names, nil, progress)
	if err != nil {
		return nil, err
	}
	s.Rows, s.Rejects = seen.Rows, seen.Rejects
	for _, c := range seen.Columns {
		s.columns = append(s.columns, column{c, lookAt(c.Sample)})
	}
	if err := s.number(ctx, names, progress); err != nil {
		return nil, err
	}
	s.describe(names)
	return s, nil
}

// open finds out the columns and what the source tells about itself.
func (s *Source) open(ctx context.Context) ([]string, error) {
	src, err := s.Open(ctx, nil)
	if err != nil {
		return nil, err
	}
	looker, ok := src.(connectors.Looker)
	if !ok {
		return nil, errors.New(s.Label + ": the connector cannot say which columns there are")
	}
	all, err := looker.Columns(ctx)
	if err != nil {
		return nil, err
	}
	if r, ok := src.(connectors.Recognizer); ok {
		if s.Recognized, err = r.Recognized(ctx); err != nil {
			return nil, err
		}
	}
	names, alike := Distinct(all)
	for _, name := range alike {
		s.doubt("several columns are named %q, so none of them can be read; rename them in the export", name)
	}
	s.alike = alike
	if len(names) == 0 {
		return nil, &NoIDError{s.Place, all, s.Doubts}
	}
	return names, nil
}

// Distinct are the headers by which a column can be read, and those that
// several columns have, each once. Columns without a header are left out.
func Distinct(headers []string) (names, alike []string) {
	for i, name := range headers {
		switch {
		case strings.TrimSpace(name) == "", slices.Contains(alike, name):
		case slices.Contains(headers[i+1:], name):
			alike = append(alike, name)
		default:
			names = append(names, name)
		}
	}
	return names, alike
}

func (s *Source) doubt(format string, args ...any) {
	s.Doubts = append(s.Doubts, fmt.Sprintf(format, args...))
}

// profile reads columns of the place to the end.
func (s *Source) profile(ctx context.Context, columns []string, ids []profile.ID, progress func(done, total int64)) (*profile.Profile, error) {
	src, err := s.Open(ctx, columns)
	if err != nil {
		return nil, err
	}
	return profile.Look(ctx, src, columns, profile.Options{Source: s.Name, IDs: ids, Progress: progress})
}

// number finds the ID and further numbers, by counting every number of the
// columns that may hold them.
func (s *Source) number(ctx context.Context, names []string, progress func(done, total int64)) error {
	var candidates []rules.IDRule
	for _, c := range numberColumns(s.columns) {
		candidates = append(candidates, rules.IDRule{Columns: []string{c.Name}})
	}
	numbers, err := s.count(ctx, candidates, progress)
	if err != nil {
		return err
	}
	id, also, doubts := chooseID(numbers)
	if id == nil {
		if numbers, err = s.count(ctx, pairs(s.columns), progress); err != nil {
			return err
		}
		if id = choosePair(numbers); id == nil {
			return &NoIDError{s.Place, names, s.Doubts}
		}
		doubts = append(doubts, fmt.Sprintf("no column is unique alone, but %s are together: is that the customer's number?", strings.Join(id.Columns, " and ")))
		also = slices.DeleteFunc(also, func(n Number) bool { return slices.Contains(id.Columns, n.Columns[0]) })
	}
	s.ID, s.Also = *id, also
	s.ID.blankMeans = " (rejected)"
	s.Doubts = append(s.Doubts, doubts...)
	return nil
}

func (s *Source) count(ctx context.Context, candidates []rules.IDRule, progress func(done, total int64)) ([]Number, error) {
	if len(candidates) == 0 {
		return nil, nil
	}
	var columns []string
	var ids []profile.ID
	for _, rule := range candidates {
		for _, c := range rule.Columns {
			if !slices.Contains(columns, c) {
				columns = append(columns, c)
			}
		}
		ids = append(ids, profile.ID{Name: strings.Join(rule.Columns, "+"), Rule: rule})
	}
	seen, err := s.profile(ctx, columns, ids, progress)
	if err != nil {
		return nil, err
	}
	numbers := make([]Number, len(candidates))
	for i, rule := range candidates {
		numbers[i] = numberOf(rule, seen.IDs[i])
	}
	return numbers, nil
}

// describe works out everything but the numbers.
func (s *Source) describe(names []string) {
	used := map[string]bool{}
	for _, c := range s.ID.Columns {
		used[c] = true
	}
	for _, n := range s.Also {
		used[n.Columns[0]] = true
	}
	var ok bool
	var doubts []string
	if s.Kind, ok, doubts = kindColumn(s.columns); ok {
		used[s.Kind.Column] = true
		s.Doubts = append(s.Doubts, doubts...)
	}
	s.Fields, doubts = roles(s.columns, used)
	s.Doubts = append(s.Doubts, doubts...)
	if !ok {
		s.Kind = kindOfFields(s.Fields, s.columns)
	}
	s.nameCompany()
	for _, f := range s.Fields {
		for _, c := range f.Columns {
			used[c.Name] = true
		}
	}
	for _, name := range names {
		if !used[name] {
			s.Unread = append(s.Unread, name)
		}
	}
	s.locale()
	s.doubtNumbers()
}

// nameCompany makes the name of a company the customer's where no other is.
func (s *Source) nameCompany() {
	for _, role := range []string{"name", "given_name", "family_name"} {
		if s.Field(role) != nil {
			return
		}
	}
	if f := s.Field("company"); f != nil {
		f.Role, f.Why = "name", "the company's name is the customer's"
	}
}

// column finds a column by its name.
func (s *Source) column(name string) *column {
	k := slices.IndexFunc(s.columns, func(c column) bool { return c.Name == name })
	return &s.columns[k]
}

// Field is the field of a role, or nil.
func (s *Source) Field(role string) *Field {
	k := slices.IndexFunc(s.Fields, func(f Field) bool { return f.Role == role })
	if k < 0 {
		return nil
	}
	return &s.Fields[k]
}

// doubtNumbers says what is not clean about the numbers and rows.
func (s *Source) doubtNumbers() {
	name := strings.Join(s.ID.Columns, " and ")
	if s.Rows == 0 {
		s.doubt("there are no rows, so everything is guessed from the headers")
		return
	}
	s.doubtDamage(name)
	if n := s.ID.Seen.Duplicates; n.Keys > 0 {
		which := "equal rows count once, of different ones the newest"
		if s.Field("modified") == nil {
			which = "equal rows count once, different ones are all rejected, as no column says which is newest"
		}
		s.doubt("%s: %s in several rows, such as %s; %s", name, numbersStand(n.Keys), examplesOf(n.Examples), which)
	}
	for _, n := range append([]Number{s.ID}, s.Also...) {
		if n.Any() {
			rows, ids := n.exceptions()
			s.doubt("%s: %s written otherwise (%s); {any} lets that pass: take it out to reject it", strings.Join(n.Columns, " and "), numbersAre(rows), strings.Join(ids, ", "))
		}
	}
	if s.marksDeleted() {
		s.doubt("some rows are marked as deleted; they found no customers. Take deleted out of fields to number them too")
	}
	if len(s.ID.Schemes) == 0 && len(s.ID.Columns) == 1 && s.ID.Seen.AllDamaged == nil {
		s.doubt("%s: no scheme was recognised, so any text is a number", name)
	}
}

// doubtDamage says before all else that the numbers cannot be used.
func (s *Source) doubtDamage(name string) {
	d := s.ID.Seen.AllDamaged
	if d == nil {
		return
	}
	text := fmt.Sprintf("%s: all numbers look damaged (%s), such as %s: %s", name, d.Kind, d.Example, d.Why)
	if len(d.Schemes) > 0 {
		text += "; until then the rows are rejected, and the scheme is a guess at what they will be"
	}
	s.Doubts = slices.Insert(s.Doubts, 0, text)
}

func numbersStand(n int64) string {
	if n == 1 {
		return "1 number stands"
	}
	return number(n) + " numbers stand"
}

func numbersAre(n int64) string {
	if n == 1 {
		return "1 number is"
	}
	return number(n) + " numbers are"
}

// shownIDs is how many IDs a remark names.
const shownIDs = 3

func examplesOf(list []profile.Duplicate) string {
	var ids []string
	for _, d := range list[:min(len(list), shownIDs)] {
		ids = append(ids, d.ID)
	}
	return strings.Join(ids, ", ")
}
