package rewrite

import (
	"database/sql"
	"maps"
	"slices"
	"strings"
)

// manyTypes is more types than a column that tells types has.
const manyTypes = 40

// lookByType looks for columns that mean different things in different rows,
// which a neighbour tells apart. It reports whether it found that; a column
// whose every row means the same space is not such a one.
func (s *search) lookByType(t *heldTable, rows sampled, i int) bool {
	for j, c := range t.columns {
		if j == i || !tellsTypeOf(c.name, t.columns[i].name) {
			continue
		}
		types := slices.Sorted(maps.Keys(textsOf(rows, j, nil).rows))
		if len(types) < 1 || len(types) > manyTypes {
			continue
		}
		if s.lookAtTypes(t, rows, i, j, types) {
			return true
		}
	}
	return false
}

func (s *search) lookAtTypes(t *heldTable, rows sampled, i, j int, types []string) bool {
	of := func(types ...string) *texts {
		return textsOf(rows, i, func(row []sql.NullString) bool { return row[j].Valid && slices.Contains(types, row[j].String) })
	}
	found := false
	for _, sp := range s.spaces {
		list, named, others := s.typesOf(sp, types, func(name string) *texts { return of(name) })
		if len(list) == 0 || !named && !others {
			continue
		}
		e := sp.weigh(of(list...))
		v := verdict{2 + e.share(), []string{"name", "values"}}
		if !named {
			if v = e.judge(noName, false); v.strength == 0 || e.numbers {
				continue
			}
		}
		v.why = append(v.why, "where "+t.columns[j].name+" says so")
		s.add(t, []string{t.columns[i].name}, sp, e, v, oneOf(t, j, list))
		found = true
	}
	return found
}

// oneOf is the condition that a column holds one of some texts.
func oneOf(t *heldTable, column int, texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = literal(t.dialect, text)
	}
	name := t.dialect.Quote(t.columns[column].name)
	if len(quoted) == 1 {
		return name + " = " + quoted[0]
	}
	return name + " IN (" + strings.Join(quoted, ", ") + ")"
}

// typesOf are the types whose rows mean a space: those that are called like
// it, of whose values some must resolve, or else those whose values do. others
// says that the values of some other type do not.
func (s *search) typesOf(sp *space, types []string, texts func(string) *texts) (list []string, named, others bool) {
	var byValues []string
	for _, name := range types {
		e := sp.weigh(texts(name))
		switch {
		case s.typeMeans(name, sp):
			if e.share() >= namedShare {
				list = append(list, name)
			}
		case slices.ContainsFunc(s.spaces, func(o *space) bool { return s.typeMeans(name, o) }):
			others = true
		case e.share() >= 0.8:
			byValues = append(byValues, name)
		case e.distinct >= 3 && e.share() < namedShare:
			others = true
		}
	}
	if len(list) > 0 {
		return list, true, true
	}
	return byValues, false, others
}

// typeMeans reports whether a type is called like a space: Contact,
// App\Models\Contact.
func (s *search) typeMeans(name string, sp *space) bool {
	return slices.ContainsFunc(wordsOf(name), func(word string) bool {
		return slices.ContainsFunc(sp.names.types, func(w string) bool { return sameWord(word, w) })
	})
}
