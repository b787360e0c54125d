package rules

import "slices"

// Sees says as what the rules see a column of source i when they tell who is
// who: the name of a field, "kind", or "id" where a line of match.same
// compares IDs. It is empty for a column that tells them nothing.
func (r *Ruleset) Sees(i int, column string) string {
	s := r.sources[i]
	for _, f := range s.Fields {
		if slices.ContainsFunc(f.Columns, func(c Column) bool { return c.Name == column }) {
			return f.Role
		}
	}
	if s.kindCol >= 0 && s.columns[s.kindCol] == column {
		return "kind"
	}
	if slices.Contains(s.ID.Columns, column) && slices.ContainsFunc(r.lines, func(l line) bool { return slices.Contains(l.Fields, "id") }) {
		return "id"
	}
	return ""
}
