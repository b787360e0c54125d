package rewrite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/diag"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate"
)

// Severity is how much an obstacle matters.
type Severity uint8

// The severities.
const (
	Note    Severity = iota // good to know
	NeedDDL                 // overcome with --allow-ddl
	Blocks                  // nothing is written to the reference before it is settled
)

// String is note, ddl or blocks.
func (s Severity) String() string { return [...]string{"note", "ddl", "blocks"}[s] }

// Obstacle is something that stands in the way of a reference. Code is for
// programs, such as "column_narrow"; docs/rewrite.md lists them.
type Obstacle struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Detail   string `json:"detail"`
	Hint     string `json:"hint,omitempty"`
	// Partner is the column, as TABLE.COLUMN, that would have to be rewritten
	// too; empty where no further reference would help.
	Partner string `json:"-"`
}

// Orphan is a row whose reference has no answer. Rows is how many rows have
// this value.
type Orphan struct {
	Child  string `json:"child"` // the table, and the key of the first such row
	Field  string `json:"field"`
	Key    string `json:"key"` // what stands there
	Reason string `json:"reason"`
	Rows   int64  `json:"rows"`
}

// Surveyed is what a dry run found out about a reference. Rows = Empty +
// Resolvable + Orphans; of those that are resolvable, Done have their
// canonical ID already. A row with a list counts as an orphan when any of its
// IDs has no answer.
type Surveyed struct {
	Reference *Reference `json:"-"`
	Table     *Table     `json:"-"`

	Name       string     `json:"reference"`
	RefersTo   string     `json:"refers_to"`
	Write      string     `json:"write"`
	Rows       int64      `json:"rows"`
	Empty      int64      `json:"empty"`
	Resolvable int64      `json:"resolvable"`
	Done       int64      `json:"done"`
	Redirected int64      `json:"redirected"`
	Orphans    int64      `json:"orphans"`
	Missing    []Orphan   `json:"missing"`
	Obstacles  []Obstacle `json:"obstacles"`
	// Widest is the length in characters of the longest text to be written.
	Widest int `json:"widest"`
}

// Blocked reports whether something stands in the way that allowDDL does not
// overcome.
func (s *Surveyed) Blocked(allowDDL bool) bool {
	for _, o := range s.Obstacles {
		if o.Severity == Blocks.String() || o.Severity == NeedDDL.String() && !allowDDL {
			return true
		}
	}
	return false
}

// Tables are the translations that references need, by RefersTo. References
// that are rewritten in place want tables with [translate.Options.Both]. The
// empty name is the table of canonical IDs; without it those that a rewrite
// wrote count as what they are still.
type Tables map[string]*translate.Table

// Survey looks at references and writes nothing. It opens each database once,
// for reading only, and reads each reference's rows once or twice. All
// references of a configuration are looked at together, for they can stand in
// each other's way. The answer is in the order of refs. A table or a column
// that is not there is an error, and a condition that the database does not
// take is a [*ConditionError].
func Survey(ctx context.Context, refs []*Reference, tables Tables, progress func(reference string, rows int64)) ([]*Surveyed, error) {
	surveyed := make([]*Surveyed, len(refs))
	done := make([]bool, len(refs))
	for i, r := range refs {
		if done[i] {
			continue
		}
		s := &survey{tables: map[string]*Table{}}
		for j := i; j < len(refs); j++ {
			if refs[j].Database.Dialect == r.Database.Dialect && refs[j].Database.DSN == r.Database.DSN {
				l, err := newLook(refs[j], tables)
				if err != nil {
					return nil, err
				}
				s.looks = append(s.looks, l)
				surveyed[j], done[j] = &l.Surveyed, true
			}
		}
		if err := s.run(ctx, r.Database, progress); err != nil {
			return nil, err
		}
	}
	return surveyed, nil
}

// survey is a look at one database.
type survey struct {
	db      *sqldb.DB
	session Session
	past    []*entry // the journal of rewrites

	noJournal bool              // our role may not read it, or have one
	tables    map[string]*Table // by the name that references use
	looks     []*look

	everything []sqldb.Table // of the database, once somebody asked
}

// look is a look at one reference.
type look struct {
	Surveyed
	*survey
	ref    *Reference
	column translate.Column

	columns []Column // of the reference
	target  *Column  // nil where it is to be added

	// What earlier rewrites in place wrote, as the journal has it, up to an
	// entry; canonical says what became of it since.
	journal   string
	upTo      int64
	canonical translate.Column

	buffer, again []byte
	missingAt     map[string]int
	sample        sample     // a value that is rewritten
	made          made       // what the new texts are made of
	occupied      examples   // rows whose target holds something else
	overlaps      examples   // canonical IDs that are old numbers too
	unread        examples   // new texts in which the pattern finds no answer
	finals        collisions // new texts that come from several old ones
	folded        collisions // old texts of one look that mean several things
}

// sample is a row's text, the first of its parts, and what it becomes.
type sample struct{ part, new string }

func newLook(r *Reference, tables Tables) (*look, error) {
	t := tables[r.RefersTo]
	if t == nil {
		return nil, fmt.Errorf("%s refers to %s, of which no table was loaded", r.Name(), r.RefersTo)
	}
	l := &look{ref: r, column: translate.Column{Table: t, Shape: r.Shape, Missing: translate.Keep}}
	l.canonical = l.column
	l.canonical.Table = r.written(tables)
	l.Reference, l.Name, l.RefersTo, l.Write = r, r.Name(), r.RefersTo, r.Target()
	if !l.separate() {
		l.Write = InPlace
	}
	return l, nil
}

// separate says that a column of its own takes the canonical IDs.
func (l *look) separate() bool { return l.ref.Write != InPlace }

// run looks at the database's references.
func (s *survey) run(ctx context.Context, database Database, progress func(string, int64)) (err error) {
	s.db, err = sqldb.OpenAs(ctx, database.Dialect, database.DSN, sqldb.Options{ReadOnly: true, Stream: true})
	if err != nil {
		return err
	}
	defer func() { _ = s.db.Close() }()
	if s.session, err = InspectSession(ctx, s.db); err != nil {
		return err
	}
	if s.past, err = entries(ctx, s.db); sqldb.Classify(err) == sqldb.Refused {
		s.noJournal, err = true, nil // MySQL says so of tables that are not there, too
	}
	if err != nil {
		return err
	}
	var missing []error
	for _, l := range s.looks {
		l.survey = s
		missing = append(missing, l.inspect(ctx))
	}
	if err := errors.Join(missing...); err != nil {
		return err
	}
	for _, l := range s.looks {
		l.finals.wanted, l.finals.fold = len(l.uniqueKeys()) > 0, foldOf(s.db.Dialect, l.target)
		l.folded.fold = foldOf(s.db.Dialect, &l.columns[0])
		l.folded.wanted = l.folded.fold != foldNothing && len(l.columns) == 1 && l.plain()
		if err := l.count(ctx, progress); err != nil {
			return err
		}
	}
	for _, l := range s.looks {
		if err := l.findObstacles(ctx); err != nil {
			return err
		}
	}
	return nil
}

// inspect reads what the database knows of the reference's table and columns.
func (l *look) inspect(ctx context.Context) error {
	t := l.tables[l.ref.Table]
	if t == nil {
		var err error
		if t, err = Inspect(ctx, l.db, l.ref.Table); err != nil {
			return fmt.Errorf("%s: %w", l.Name, err)
		}
		l.tables[l.ref.Table] = t
	}
	l.Table = t
	var missing []error
	for _, name := range append(slices.Clone(l.ref.Columns), l.ref.UniqueWith...) {
		c, ok := t.Column(name)
		if !ok {
			missing = append(missing, l.missing(name))
		} else if len(l.columns) < len(l.ref.Columns) {
			l.columns = append(l.columns, c)
		}
	}
	if c, ok := t.Column(l.ref.Target()); ok {
		l.target = &c
	}
	if !l.separate() {
		keys, _ := json.Marshal(keyColumns(t))
		name := journalName(digestOf(l.ref) + string(keys))
		for _, e := range l.past {
			if e.Journal == name && e.State != undone && e.Last >= e.First {
				l.journal, l.upTo = name, max(l.upTo, e.Last)
			}
		}
	}
	return errors.Join(missing...)
}

// missing is the error for a column that is not there.
func (l *look) missing(name string) error {
	e := &mapping.ColumnError{Source: l.ref.Database.Name + ": " + l.ref.Table, Missing: name}
	for _, c := range l.Table.Columns {
		e.Columns = append(e.Columns, c.Name)
	}
	e.Nearest = diag.Nearest(name, e.Columns)
	return e
}
