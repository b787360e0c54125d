package rewrite

import (
	"context"
	"errors"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Table is what a database knows of one of its tables. Names are as the
// database has them, not quoted.
type Table struct {
	Schema, Name string
	View         bool // it is a view
	// Rows is about how many there are.
	Rows    int64
	Columns []Column
	// Key identifies a row: the primary key, else a unique index over columns
	// that are never NULL. Empty: RowID, or nothing does.
	Key []string
	// RowID is the name by which SQL reaches a hidden row identifier that stays
	// while nobody rewrites the table: SQLite's rowid; empty if there is none.
	RowID string
	// Transactional says that changes of it can be rolled back (MyISAM's cannot).
	Transactional bool
	Unique        []Index      // the primary key is one of them
	Foreign       []ForeignKey // of this table, to others or itself
	Referred      []ForeignKey // of others, or itself, to this table
	Triggers      []Trigger    // that an UPDATE or INSERT sets off
	Views         []string     // that read it, where the database tells
	Checks        []Check
}

// Column is a column with what counts when texts are written into it.
type Column struct {
	Name string
	Type string // as the database writes it
	// Text says that it takes any text up to Width characters (0: no limit).
	// Integer columns take digits only; Other ones are dates, JSON and so on.
	Kind     ColumnKind
	Width    int
	Nullable bool
	Default  string // as SQL; empty: none
	// Collation of a text column, and whether texts that differ in bytes can be
	// equal by it: in case, accents or trailing spaces.
	Collation string
	Folds     bool
	// Generated is the expression of a generated column. Counter says that the
	// database hands out its numbers: auto_increment, identity, serial; Next is
	// the one that comes next.
	Generated string
	Counter   bool
	Next      int64
	// OnUpdate says that the database sets it whenever a row changes (MySQL).
	OnUpdate string
}

// ColumnKind is what a column takes.
type ColumnKind uint8

// The kinds.
const (
	Other ColumnKind = iota
	Text
	Integer
	Decimal
	UUID
	Any // SQLite without STRICT
)

// Index is a unique index or constraint. Partial ones and those over
// expressions say so in Condition.
type Index struct {
	Name      string
	Columns   []string
	Primary   bool
	Condition string
	// Create is the statement that makes it again.
	Create string
}

// ForeignKey is a declared foreign key.
type ForeignKey struct {
	Name               string
	Table, Parent      string // with their schema where it is not the current one
	Columns, Refers    []string
	OnUpdate, OnDelete string // "NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"
	// Create and Drop are the statements that make it again and drop it; empty
	// where the database cannot (SQLite).
	Create, Drop string
	// Enforced is false where the database keeps it and does not check it.
	Enforced bool
}

// Trigger is a trigger on a table.
type Trigger struct {
	Name  string
	Event string // "BEFORE UPDATE", …
}

// Check is a CHECK constraint that names columns.
type Check struct {
	Name, Expression string
	Create, Drop     string
}

// Column finds a column by its name, as the database compares names.
func (t *Table) Column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// Inspect reads what the database knows of a table. One that is not there is
// a [*sqldb.TableError].
func Inspect(ctx context.Context, db *sqldb.DB, table string) (*Table, error) {
	return nil, errors.New("rewrite.Inspect: to be written")
}

// Session is what counts of a server's settings.
type Session struct {
	// LaxMode is MySQL's sql_mode of other sessions where it is not strict, so
	// that their writes into narrow columns are cut; ours are always strict.
	LaxMode string
	// ForeignKeysOff says that SQLite does not enforce foreign keys by default.
	ForeignKeysOff bool
}

// InspectSession reads it.
func InspectSession(ctx context.Context, db *sqldb.DB) (Session, error) {
	return Session{}, errors.New("rewrite.InspectSession: to be written")
}
