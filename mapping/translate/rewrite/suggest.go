package rewrite

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Suggestion is a column that seems to hold a source's IDs. Where and Shape of
// its reference are filled in where the values ask for it.
type Suggestion struct {
	Reference Reference
	// Share of its values, of those looked at, that are IDs of the source.
	// Those that mean none are not counted; of lists the elements are.
	Share   float64
	Sampled int64
	// Why: "declared foreign key", "name", "values", and what else there is to
	// say, for people.
	Why []string
	// Others are values that the source does not have, a few of them.
	Others []string
}

// Own is the table and the columns that hold a source's own IDs, so that
// foreign keys to it are recognised. The table may be in another database.
type Own struct {
	Space   string
	Table   string
	Columns []string
}

// suggested is a suggestion and how strong it is.
type suggested struct {
	Suggestion
	strength float64
	held     *heldTable
}

// search is one search for references.
type search struct {
	db     Database
	sample *sampler
	tables []*heldTable
	spaces []*space
	known  []*Reference
	found  []*suggested
}

// Suggest looks through the tables of a database for columns that hold IDs of
// the spaces in tables, strongest first. Known references are left out. It
// reads a bounded sample of each table, from several places of it.
func Suggest(ctx context.Context, db Database, own []Own, known []*Reference, tables Tables) ([]Suggestion, error) {
	h, err := sqldb.OpenAs(ctx, db.Dialect, db.DSN, sqldb.Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = h.Close() }()
	s := &search{db: db, sample: &sampler{ctx, h}, known: known}
	if s.tables, err = heldTables(ctx, h); err != nil {
		return nil, err
	}
	s.findOwn(own, tables)
	for _, t := range s.tables {
		err := s.look(t)
		if sqldb.Classify(err) == sqldb.Refused {
			continue // nobody can ask us to write where we may not read
		}
		if err != nil {
			return nil, h.Explain(fmt.Errorf("look for references in %s: %w", t.full, err))
		}
	}
	s.follow()
	slices.SortStableFunc(s.found, byStrength)
	out := make([]Suggestion, len(s.found))
	for i, f := range s.found {
		out[i] = f.Suggestion
	}
	return out, nil
}

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

// look searches one table.
func (s *search) look(t *heldTable) error {
	rows, err := s.sample.rows(t)
	if err != nil {
		return err
	}
	for _, sp := range s.spaces {
		s.lookForParts(t, rows, sp)
	}
	for i, c := range t.columns {
		if c.tells || s.isOwn(t, c.name) && !s.declaredElsewhere(t, c.name) || s.linked(t, c.name) {
			continue
		}
		if !s.lookByType(t, rows, i) {
			s.lookPlainly(t, rows, i)
		}
	}
	return nil
}

// declaredElsewhere reports whether a column refers to another table's own
// numbers.
func (s *search) declaredElsewhere(t *heldTable, column string) bool {
	return slices.ContainsFunc(s.spaces, func(sp *space) bool {
		return sp.held != nil && slices.ContainsFunc(t.foreign, func(k heldKey) bool {
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

// textsOf are the texts of a column in the rows that keep says; nil keeps all.
func textsOf(rows sampled, column int, keep func([]sql.NullString) bool) *texts {
	t := &texts{rows: map[string]int64{}}
	for _, row := range rows {
		if v := row[column]; v.Valid && (keep == nil || keep(row)) {
			t.rows[v.String]++
		}
	}
	return t
}

// lookPlainly looks for columns whose every value is an ID.
func (s *search) lookPlainly(t *heldTable, rows sampled, i int) {
	c := t.columns[i]
	texts := textsOf(rows, i, nil)
	type candidate struct {
		space *space
		e     evidence
		v     verdict
	}
	var candidates []candidate
	for _, sp := range s.spaces {
		if sp.held == t && sp.isOwn(c.name) {
			continue
		}
		e := sp.weigh(texts)
		v := e.judge(sp.names.strength(c.name), c.unique)
		if sp.held == t && e.canonical == e.answered {
			v = verdict{} // where a source keeps its canonical IDs
		}
		for _, k := range t.foreign {
			if len(k.columns) == 1 && sameName(t.dialect, k.columns[0], c.name) && sp.refersToOwn(k) {
				v = declared(e.share())
			}
		}
		if v.strength > 0 {
			candidates = append(candidates, candidate{sp, e, v})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		switch {
		case a.v.strength > b.v.strength:
			return -1
		case a.v.strength < b.v.strength:
			return 1
		}
		return 0
	})
	taken := map[string]bool{}
	for n, k := range candidates {
		fresh := 0
		for text := range k.e.known {
			if !taken[text] {
				fresh++
			}
			taken[text] = true
		}
		// A second space must have numbers that the first has not.
		if n > 0 && (k.e.numbers || fresh < fewIDs || fresh*10 < k.e.distinct) && k.v.why[0] != declaredKey {
			continue
		}
		s.add(t, []string{c.name}, k.space, k.e, k.v, "")
	}
}

// declaredKey says that the database itself knows of the reference.
const declaredKey = "declared foreign key"

func declared(share float64) verdict { return verdict{3 + share, []string{declaredKey}} }

// add keeps a suggestion, unless it is known.
func (s *search) add(t *heldTable, columns []string, sp *space, e evidence, v verdict, where string) {
	if s.isKnown(t, columns, sp.name) {
		return
	}
	s.found = append(s.found, &suggested{
		Suggestion: Suggestion{
			Reference: Reference{
				Database: s.db, Table: t.full, Columns: columns, RefersTo: sp.name, Where: where,
				Shape: translate.Shape{Split: e.split, None: e.none},
			},
			Share: e.share(), Sampled: e.rows, Why: v.why, Others: e.others,
		},
		strength: v.strength, held: t,
	})
}

// lookForParts looks for references to IDs of several parts: by declared keys,
// and columns that are called like the parts.
func (s *search) lookForParts(t *heldTable, rows sampled, sp *space) {
	if sp.own == nil || len(sp.own.Columns) < 2 {
		return
	}
	for _, k := range t.foreign {
		if !sp.refersToOwn(k) {
			continue
		}
		columns := make([]string, len(sp.own.Columns))
		for i, own := range sp.own.Columns {
			columns[i] = k.columns[slices.IndexFunc(k.refers, func(r string) bool { return sameName(t.dialect, r, own) })]
		}
		e := sp.weighParts(t, rows, columns)
		s.add(t, columns, sp, e, declared(e.share()), "")
	}
	if sp.held == t || slices.ContainsFunc(t.foreign, sp.refersToOwn) {
		return
	}
	if e := sp.weighParts(t, rows, sp.own.Columns); e.share() >= likelyShare && e.answered >= fewIDs {
		s.add(t, slices.Clone(sp.own.Columns), sp, e, verdict{2 + e.share(), []string{"name", "values"}}, "")
	}
}

// weighParts weighs the IDs that columns make together.
func (s *space) weighParts(t *heldTable, rows sampled, columns []string) evidence {
	at := make([]int, len(columns))
	for i, name := range columns {
		var ok bool
		if at[i], ok = t.column(name); !ok {
			return evidence{}
		}
	}
	ids := map[string]int64{}
	parts := make([]string, len(columns))
	for _, row := range rows {
		whole, empty := true, true
		for i, c := range at {
			whole = whole && row[c].Valid
			parts[i] = strings.TrimSpace(row[c].String)
			empty = empty && parts[i] == ""
		}
		if whole && !empty {
			ids[scheme.JoinParts(parts)]++
		}
	}
	return s.lookUp(ids)
}

// follow goes along declared keys from what was found: a column that refers
// to a reference is one.
func (s *search) follow() {
	for i := 0; i < len(s.found); i++ {
		f := s.found[i]
		sp := s.spaces[slices.IndexFunc(s.spaces, func(sp *space) bool { return sp.name == f.Reference.RefersTo })]
		if len(f.Reference.Columns) != 1 || f.Reference.Where != "" {
			continue
		}
		for _, t := range s.tables {
			for _, k := range t.foreign {
				if k.parent != f.held.id() || len(k.columns) != 1 || !sameName(t.dialect, k.refers[0], f.Reference.Columns[0]) || s.has(t, k.columns, sp.name) {
					continue
				}
				e := evidence{rows: f.Sampled}
				e.resolved = int64(f.Share * float64(f.Sampled))
				v := declared(f.Share)
				v.why = append(v.why, "to "+f.Reference.Table+"."+f.Reference.Columns[0]+", which holds them")
				v.strength = min(v.strength, f.strength)
				s.add(t, k.columns, sp, e, v, "")
			}
		}
	}
}

// has reports whether a reference is found already.
func (s *search) has(t *heldTable, columns []string, space string) bool {
	return slices.ContainsFunc(s.found, func(f *suggested) bool {
		return f.held == t && f.Reference.RefersTo == space && slices.Equal(f.Reference.Columns, columns)
	})
}
