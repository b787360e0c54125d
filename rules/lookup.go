package rules

import (
	"slices"

	"github.com/xwalk-id/xwalk/rules/normalize"
)

// Query is a value by which somebody looks for customers: one of [Indexes]
// and the value's possible normal forms, since a phone number without a
// country means another number in another country.
type Query struct {
	Index  string
	values []string
	rules  *Ruleset
}

// Query prepares a look-up of text in an index.
func (r *Ruleset) Query(index, text string) Query {
	q := Query{Index: index, rules: r}
	norm := normalize.ByRole(index)
	add := func(ctx normalize.Context) {
		if n, ok := norm(text, ctx); ok && n != "" && !slices.Contains(q.values, n) {
			q.values = append(q.values, n)
		}
	}
	add(normalize.Context{})
	for _, s := range r.sources {
		add(s.ctx)
	}
	return q
}

// Hashes are the hashes under which the crosswalk's index holds the value.
func (q Query) Hashes() []uint64 {
	out := make([]uint64, len(q.values))
	for i, v := range q.values {
		out[i] = q.rules.hash.sum64(appendIndexText(nil, q.Index, v))
	}
	return out
}

// Matches reports whether a customer's kept fields hold the value; the index
// alone only proposes.
func (q Query) Matches(fields map[string][]string) bool {
	norm := normalize.ByRole(q.Index)
	texts := fields[q.Index]
	if q.Index == "name" {
		texts = Names(fields)
	}
	for _, t := range texts {
		if n, ok := norm(t, normalize.Context{}); ok && slices.Contains(q.values, n) {
			return true
		}
	}
	return false
}

// Names are the names in a customer's kept fields, the main one first: the
// name itself, or given and family name put together, then the company.
func Names(fields map[string][]string) []string {
	names := slices.Clone(fields["name"])
	if given, family := fields["given_name"], fields["family_name"]; len(names) == 0 && len(given) > 0 && len(family) > 0 {
		names = append(names, normalize.FullName(given[0], family[0]))
	}
	return append(names, fields["company"]...)
}
