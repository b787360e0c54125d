package rewrite

import (
	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate"
)

// InPlace is the [Reference.Write] that changes the reference itself.
const InPlace = "in_place"

// Database is where tables with references are.
type Database struct {
	Name    string // the source whose connection is borrowed
	Dialect sqldb.Dialect
	DSN     string
}

// Reference is a column of a table that holds source IDs and must follow.
type Reference struct {
	Database Database
	Table    string   // as [sqldb.Dialect.Table] takes it
	Columns  []string // several hold the parts of one composite ID, in the order of the source's
	RefersTo string   // the ID space: SOURCE or SOURCE.NUMBER
	// Where is a condition in the database's SQL, for columns that mean
	// different things in different rows; rows out of it are left alone.
	Where string
	// Shape is how IDs stand in the column; see translate.
	Shape translate.Shape
	// UniqueWith are columns with which the reference is unique although the
	// database does not say so.
	UniqueWith []string
	// Write is InPlace or the column that takes the canonical ID. Empty is
	// the column's name and _canonical.
	Write string
	// Keep asks every sync to refresh new and redirected rows.
	Keep bool
	// Adopted says that canonical IDs are IDs of RefersTo too by now, for a
	// rewrite of the source's own key made them so: what earlier rewrites wrote
	// means the record that has it, wherever that belongs since.
	Adopted bool
	// OwnKey says that the column is the ID of RefersTo itself: the table is
	// the source's. Rewritten in place, the canonical ID becomes a source ID.
	OwnKey bool
}

// Name names the reference for people: "shop: orders.customer_id", with the
// columns of a composite one in parentheses.
func (r *Reference) Name() string {
	name := r.Database.Name + ": " + r.Table + "."
	if len(r.Columns) == 1 {
		return name + r.Columns[0]
	}
	list := ""
	for i, c := range r.Columns {
		if i > 0 {
			list += ", "
		}
		list += c
	}
	return name + "(" + list + ")"
}

// written is the table that says what became of canonical IDs which earlier
// rewrites wrote in place; nil where nobody says so.
func (r *Reference) written(tables Tables) *translate.Table {
	if r.Adopted {
		return tables[r.RefersTo]
	}
	return tables[""]
}

// Target is the column that takes canonical IDs.
func (r *Reference) Target() string {
	switch r.Write {
	case InPlace:
		return r.Columns[0]
	case "":
		return r.Columns[0] + "_canonical"
	}
	return r.Write
}
