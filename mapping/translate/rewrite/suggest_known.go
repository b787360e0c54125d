package rewrite

import (
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// findOwn finds the tables of the spaces' own numbers.
func (s *search) findOwn(own []Own, tables Tables) {
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		sp := &space{name: name, table: tables[name]}
		table := ""
		if i := slices.IndexFunc(own, func(o Own) bool { return o.Space == name }); i >= 0 {
			sp.own = &own[i]
			parts := sqldb.SplitName(own[i].Table)
			table = parts[len(parts)-1]
			if j := slices.IndexFunc(s.tables, func(t *heldTable) bool { return t.is(own[i].Table) }); j >= 0 {
				sp.held = s.tables[j]
			}
		}
		sp.names = namesOf(name, sp.own, table)
		s.spaces = append(s.spaces, sp)
	}
}

// isOwn reports whether a column holds the own numbers of some space, alone
// or with others.
func (s *search) isOwn(t *heldTable, column string) bool {
	return slices.ContainsFunc(s.spaces, func(sp *space) bool {
		return sp.held == t && sp.isOwn(column)
	})
}

// isOwn reports whether a column of the space's own table holds its numbers.
func (sp *space) isOwn(column string) bool {
	return slices.ContainsFunc(sp.own.Columns, func(c string) bool { return sameName(sp.held.dialect, c, column) })
}

// isKnown reports whether a column is a reference, or takes the canonical IDs
// of one, that is there already. One with a condition leaves the column's
// other meanings open.
func (s *search) isKnown(t *heldTable, columns []string, space string) bool {
	return slices.ContainsFunc(s.known, func(r *Reference) bool {
		if r.Database.Dialect != s.db.Dialect || r.Database.DSN != s.db.DSN || !t.is(r.Table) {
			return false
		}
		if len(columns) == 1 && sameName(t.dialect, r.Target(), columns[0]) && r.Write != InPlace {
			return true
		}
		same := slices.EqualFunc(r.Columns, columns, func(a, b string) bool { return sameName(t.dialect, a, b) })
		return same && (r.Where == "" || r.RefersTo == space)
	})
}

// declaredElsewhere reports whether a column refers to another table's own
// numbers.
func (s *search) declaredElsewhere(t *heldTable, column string) bool {
	return slices.ContainsFunc(s.spaces, func(sp *space) bool {
		return slices.ContainsFunc(t.foreign, func(k heldKey) bool {
			return len(k.columns) == 1 && sameName(t.dialect, k.columns[0], column) && sp.refersToOwn(k)
		})
	})
}

// refersToOwn reports whether a foreign key refers to the space's own numbers.
func (sp *space) refersToOwn(k heldKey) bool {
	return sp.held != nil && k.parent == sp.held.id() && len(k.refers) == len(sp.own.Columns) &&
		!slices.ContainsFunc(sp.own.Columns, func(c string) bool {
			return !slices.ContainsFunc(k.refers, func(r string) bool { return sameName(sp.held.dialect, r, c) })
		})
}

// linked reports whether a declared key says that a column refers to
// something which is no space's own number: then it does, whatever its values
// look like.
func (s *search) linked(t *heldTable, column string) bool {
	var elsewhere bool
	for _, k := range t.foreign {
		if !slices.ContainsFunc(k.columns, func(c string) bool { return sameName(t.dialect, c, column) }) {
			continue
		}
		if len(k.columns) == 1 && slices.ContainsFunc(s.spaces, func(sp *space) bool { return sp.refersToOwn(k) }) {
			return false
		}
		elsewhere = true
	}
	return elsewhere
}
