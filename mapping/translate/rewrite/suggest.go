package rewrite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate"
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
	space    *space
	known    bool // it is no news, but others refer to it
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
	if err := s.follow(); err != nil {
		return nil, h.Explain(fmt.Errorf("look for references: %w", err))
	}
	slices.SortStableFunc(s.found, byStrength)
	var out []Suggestion
	for _, f := range s.found {
		if !f.known {
			out = append(out, f.Suggestion)
		}
	}
	return out, nil
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
		switch {
		case sp.held == t && e.canonical == e.answered:
			v = verdict{} // where a source keeps its canonical IDs
		case sp.own != nil && sp.held == nil && c.unique && e.share() >= nearlyAll:
			v = verdict{} // the source reads a view, and this is what it shows
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
	slices.SortStableFunc(candidates, func(a, b candidate) int { return cmp.Compare(b.v.strength, a.v.strength) })
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
		for _, other := range candidates[n+1:] {
			if other.e.share() >= k.e.share() && other.v.strength > k.v.strength-0.5 {
				k.v.why = append(k.v.why, "as many are IDs of "+other.space.name)
			}
		}
		s.add(t, []string{c.name}, k.space, k.e, k.v, "")
	}
}

// declaredKey says that the database itself knows of the reference.
const declaredKey = "declared foreign key"

func declared(share float64) verdict { return verdict{3 + share, []string{declaredKey}} }

// add keeps a suggestion.
func (s *search) add(t *heldTable, columns []string, sp *space, e evidence, v verdict, where string) {
	s.found = append(s.found, &suggested{
		Suggestion: Suggestion{
			Reference: Reference{
				Database: s.db, Table: t.full, Columns: columns, RefersTo: sp.name, Where: where,
				Shape: translate.Shape{Split: e.split, None: e.none},
			},
			Share: e.share(), Sampled: e.rows, Why: v.why, Others: e.others,
		},
		strength: v.strength, held: t, space: sp, known: s.isKnown(t, columns, sp.name),
	})
}

// follow goes along declared keys from what was found: a column that refers
// to a reference is one.
func (s *search) follow() error {
	for i := 0; i < len(s.found); i++ {
		f := s.found[i]
		if len(f.Reference.Columns) != 1 || f.Reference.Where != "" {
			continue
		}
		for _, t := range s.tables {
			for _, k := range t.foreign {
				if k.parent != f.held.id() || len(k.columns) != 1 || !sameName(t.dialect, k.refers[0], f.Reference.Columns[0]) || s.has(t, k.columns, f.space) {
					continue
				}
				if err := s.followed(f, t, k.columns[0]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// followed adds a column that refers to one that was found.
func (s *search) followed(to *suggested, t *heldTable, column string) error {
	at, ok := t.column(column)
	if !ok {
		return nil
	}
	rows, err := s.sample.rows(t)
	if err != nil {
		return err
	}
	e := to.space.weigh(textsOf(rows, at, nil))
	v := declared(e.share())
	v.why = append(v.why, "to "+to.Reference.Table+"."+to.Reference.Columns[0]+", which holds them")
	v.strength = min(v.strength, to.strength) // it is no surer than that one
	s.add(t, []string{column}, to.space, e, v, "")
	return nil
}

// has reports whether a reference is found already.
func (s *search) has(t *heldTable, columns []string, sp *space) bool {
	return slices.ContainsFunc(s.found, func(f *suggested) bool {
		return f.held == t && f.space == sp && slices.Equal(f.Reference.Columns, columns)
	})
}
