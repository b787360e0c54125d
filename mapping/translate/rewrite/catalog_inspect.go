package rewrite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// errNoTable says that a catalog has no such table.
var errNoTable = errors.New("no such table")

// Inspect reads what the database knows of a table, which is named as for
// [sqldb.Dialect.Table]. One that is not there is a [*sqldb.TableError].
// What the user may not see is left out and told in Table.Unseen.
func Inspect(ctx context.Context, db *sqldb.DB, table string) (*Table, error) {
	var t *Table
	var err error
	switch db.Dialect {
	case sqldb.Postgres:
		t, err = inspectPostgres(ctx, db, table)
	case sqldb.MySQL:
		t, err = inspectMySQL(ctx, db, table)
	default:
		t, err = inspectSQLite(ctx, db, table)
	}
	if errors.Is(err, errNoTable) {
		// It knows the nearest name.
		if _, err := sqldb.TableColumns(ctx, db, table); err != nil {
			return nil, err
		}
		return nil, &sqldb.TableError{Database: db.Label, Table: table}
	}
	if err != nil {
		return nil, db.Explain(fmt.Errorf("read what the database knows of %s: %w", table, err))
	}
	t.Key = t.rowKey()
	return t, nil
}

// rowKey is the primary key, else the unique index of the fewest columns, if
// they are never NULL.
func (t *Table) rowKey() []string {
	var best []string
	for _, u := range t.Unique {
		if u.Condition != "" || !t.neverNull(u.Columns) {
			continue
		}
		if u.Primary {
			return slices.Clone(u.Columns)
		}
		if best == nil || len(u.Columns) < len(best) {
			best = slices.Clone(u.Columns)
		}
	}
	return best
}

func (t *Table) neverNull(columns []string) bool {
	return !slices.ContainsFunc(columns, func(name string) bool {
		c, ok := t.Column(name)
		return !ok || c.Nullable
	})
}

// setColumn lets f change the column of a name.
func (t *Table) setColumn(name string, f func(*Column)) {
	for i := range t.Columns {
		if t.Same(t.Columns[i].Name, name) {
			f(&t.Columns[i])
			return
		}
	}
}

// mentioned are the columns whose names stand in an expression, in the
// table's order.
func (t *Table) mentioned(expression string) []string {
	var names []string
	tokens := sqlTokens(t.Dialect, expression)
	for _, c := range t.Columns {
		if slices.ContainsFunc(tokens, func(k sqlToken) bool { return k.names(t.Dialect, c.Name) }) {
			names = append(names, c.Name)
		}
	}
	return names
}

// definedView is a view and the pieces of its definition.
type definedView struct {
	schema, name, full string
	tokens             []sqlToken
	found              bool
}

// mentions reports whether a view reads a table, as far as its words tell.
// MySQL writes every name with its schema.
func (v *definedView) mentions(d sqldb.Dialect, schema, table string) bool {
	for i, k := range v.tokens {
		if k.names(d, table) && (d != sqldb.MySQL || i > 1 && v.tokens[i-1].is(".") && v.tokens[i-2].text == schema) {
			return true
		}
	}
	return false
}

// readers are the views that read a table, also through other views.
func readers(d sqldb.Dialect, schema, table string, views []definedView) []string {
	var found []string
	next := []definedView{{schema: schema, name: table}}
	for len(next) > 0 {
		t := next[0]
		next = next[1:]
		for i := range views {
			v := &views[i]
			if v.found || !v.mentions(d, t.schema, t.name) {
				continue
			}
			v.found = true
			found = append(found, v.full)
			next = append(next, *v)
		}
	}
	slices.Sort(found)
	return found
}

// quoteAll joins quoted names in parentheses.
func quoteAll(d sqldb.Dialect, names []string) string { return "(" + d.Columns(names) + ")" }

// joinWords joins what is not empty.
func joinWords(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}
