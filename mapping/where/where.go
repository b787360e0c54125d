// Package where is the filter language of file connectors: a small part of
// SQL's WHERE, for sources that have no database to do it.
//
//	status <> 'test' and (region in ('110105', '310101') or level is not null)
//
// In full:
//
//	filter     = or
//	or         = and { "or" and }
//	and        = not { "and" not }
//	not        = "not" not | "(" or ")" | comparison
//	comparison = column ( "=" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ) literal
//	           | column [ "not" ] "in" "(" literal { "," literal } ")"
//	           | column "is" [ "not" ] "null"
//	column     = word | "…" | `…` | […]
//	literal    = '…' (a quote inside is doubled) | number
//
// Cells are text, and stay text. Equality compares character for character:
// 007 is not 7, and 7.0 is not 7. The order of < <= > >= is that of numbers,
// of any length and without rounding, where both sides are plain numbers
// (-12.50), and that of text otherwise, which suits dates such as 2019-03-12.
//
// A file has no NULL: an empty cell is null and equals ”. It is neither
// less nor greater than anything, and it is unequal to 'test', so that
// status <> 'test' keeps the records without a status.
package where

import (
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
)

// Filter decides which records are wanted.
type Filter struct {
	columns []string
	root    node
}

// Columns lists the columns that the filter looks at, each once. Match wants
// their values in this order.
func (f *Filter) Columns() []string { return f.columns }

// Match reports whether a record with these values is wanted. It allocates
// nothing and may be called from several goroutines at once.
func (f *Filter) Match(values []mapping.Value) bool { return f.root.match(values) }

// Error is a filter that cannot be used: what is wrong at which character of
// it, counted from 1. It wraps a [*mapping.ColumnError] where a column does
// not exist.
type Error struct {
	Expr   string
	Column int
	Reason string
	Err    error
}

func (e *Error) Error() string {
	return fmt.Sprintf("filter %q, character %d: %s", e.Expr, e.Column, e.Reason)
}

// Unwrap returns the column error, if that is what is wrong.
func (e *Error) Unwrap() error { return e.Err }

// node is one step of a filter.
type node interface {
	match(values []mapping.Value) bool
}

type (
	and  struct{ left, right node }
	or   struct{ left, right node }
	not  struct{ of node }
	null struct{ column int }
	in   struct {
		column int
		values []string
	}
	// compare asks whether the cell is less, the same or greater.
	compare struct {
		column            int
		literal           string
		less, same, great bool
	}
	// equal compares character for character, also where both are numbers.
	equal struct {
		column  int
		literal string
	}
)

func (n and) match(v []mapping.Value) bool   { return n.left.match(v) && n.right.match(v) }
func (n or) match(v []mapping.Value) bool    { return n.left.match(v) || n.right.match(v) }
func (n not) match(v []mapping.Value) bool   { return !n.of.match(v) }
func (n null) match(v []mapping.Value) bool  { return v[n.column].Text == "" }
func (n in) match(v []mapping.Value) bool    { return slices.Contains(n.values, v[n.column].Text) }
func (n equal) match(v []mapping.Value) bool { return v[n.column].Text == n.literal }

func (n compare) match(v []mapping.Value) bool {
	cell := v[n.column].Text
	if cell == "" {
		return false
	}
	switch c := order(cell, n.literal); {
	case c < 0:
		return n.less
	case c > 0:
		return n.great
	default:
		return n.same
	}
}
