package rewrite

import (
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Table is what a database knows of one of its tables. Names are as the
// database has them, not quoted.
type Table struct {
	Dialect      sqldb.Dialect
	Schema, Name string
	// Full is the name as [ForeignKey] and [sqldb.Dialect.Table] write it:
	// with its schema where it would not be found without.
	Full string
	View bool // it is a view
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
	// PartitionBy are the columns that decide in which partition a row lies.
	PartitionBy []string
	// Versioned says that the database keeps every old version of a row
	// (MariaDB's system versioning).
	Versioned bool
	// RowSecurity says that we may see and change only some of the rows.
	RowSecurity bool
	Unique      []Index      // the primary key is one of them
	Foreign     []ForeignKey // of this table, to others or itself
	Referred    []ForeignKey // of others, or itself, to this table
	Triggers    []Trigger    // that an UPDATE or INSERT sets off
	Views       []string     // that read it, also through other views, where the database tells
	Checks      []Check
	Indexed     []Indexed
	// Unseen names what the database may know and did not let us see, for
	// people: "triggers (the privilege TRIGGER is missing)".
	Unseen []string
}

// Column is a column with what counts when texts are written into it.
type Column struct {
	Name string
	Type string // as the database writes it
	// Kind is what it takes: Text any text up to Width characters (0: no
	// limit), Integer digits only; Other ones are dates, JSON, lists of words
	// and so on. A domain counts as what it is made of.
	Kind  ColumnKind
	Width int
	// Padded says that trailing blanks do not stay what they are: char(n).
	Padded bool
	// Numeric says that a text which looks like a number becomes one, so that
	// 007 comes back as 7 (SQLite's affinity).
	Numeric  bool
	Nullable bool
	Default  string // as SQL; empty: none
	// Collation of a text column, and whether texts that differ in bytes can be
	// equal by it: in case, accents or trailing spaces. OnlyBlanks: in nothing
	// but trailing spaces.
	Collation  string
	Folds      bool
	OnlyBlanks bool
	// Generated is the expression of a generated column, Reads the columns in
	// it. Counter says that the database hands out its numbers: auto_increment,
	// identity, serial; Next is the one that comes next, 0 where that is not
	// to be seen.
	Generated string
	Reads     []string
	Counter   bool
	Next      int64
	// OnUpdate says that the database sets it whenever a row changes (MySQL).
	OnUpdate string
	// UsedBy names what keeps PostgreSQL from changing the column's type:
	// views, policies, triggers, functions.
	UsedBy []string
	// Definition is what stands after the name where the table is made. It
	// begins with Type. MySQL only, whose MODIFY forgets what is not repeated.
	Definition string
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

// Index is a unique index or constraint. Partial ones, those over expressions
// and those that compare otherwise than by equality of whole values say so in
// Condition; their Columns are all that they name.
type Index struct {
	Name      string
	Columns   []string
	Primary   bool
	Condition string
	// Create is the statement that makes it again; empty where the database
	// cannot.
	Create string
}

// ForeignKey is a declared foreign key.
type ForeignKey struct {
	Name               string // empty in SQLite
	Table, Parent      string // as [Table.Full]
	Columns, Refers    []string
	OnUpdate, OnDelete string // "NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"
	// Create and Drop are the statements that make it again and drop it; empty
	// where the database cannot (SQLite, partitions of a table).
	Create, Drop string
	// Enforced is false where the database keeps it and does not check it.
	Enforced bool
	// Checked is false where rows that were there before it may break it (NOT VALID).
	Checked bool
	// Deferrable says that a transaction can have it checked at its end.
	Deferrable bool
}

// Trigger is a trigger on a table, or a rule that rewrites statements.
type Trigger struct {
	Name  string
	Event string // "BEFORE UPDATE", "AFTER INSERT OR UPDATE", "INSTEAD OF UPDATE", "RULE UPDATE"
	// Columns are those whose change sets it off; empty: any.
	Columns  []string
	Disabled bool
}

// Check is a CHECK constraint. Columns are those that it names.
type Check struct {
	Name, Expression string
	Columns          []string
	// Create and Drop are empty where the database cannot (SQLite, domains).
	// Those of MariaDB's checks within a column's definition set that whole
	// definition as it is now.
	Create, Drop string
}

// Indexed is an expression that an index is over, or its condition, and the
// columns that it names (PostgreSQL, which works it out anew when one of them
// gets another type).
type Indexed struct {
	Index, Expression string
	Columns           []string
}

// Column finds a column by its name, as the database compares names:
// PostgreSQL by bytes, MySQL without case, SQLite without case of A to Z.
func (t *Table) Column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if t.Same(c.Name, name) {
			return c, true
		}
	}
	return Column{}, false
}

// Same compares two names of columns as the table's database does.
func (t *Table) Same(a, b string) bool { return sameName(t.Dialect, a, b) }

func sameName(d sqldb.Dialect, a, b string) bool {
	switch d {
	case sqldb.Postgres:
		return a == b
	case sqldb.MySQL:
		return strings.EqualFold(a, b)
	default:
		return lowerASCII(a) == lowerASCII(b)
	}
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
