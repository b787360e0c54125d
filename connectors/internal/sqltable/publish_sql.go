package sqltable

import (
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// target is an ID that a statement is about, the same as the driver yielded
// it, and what its field is to hold.
type target struct {
	id    []string
	raw   []any
	value mapping.FieldValue
}

// form is what the statements of a publisher consist of. IDs and values come
// as a small table, joined to the source's own.
type form struct {
	dialect sqldb.Dialect
	table   string   // quoted
	exprs   []string // what is selected: the ID's columns and the field
	field   string   // quoted
	ids     []match
	keep    []string // columns that would change with any change of their row
	where   string   // the source's filter
}

// selection selects the rows of targets; empty where no row can have any of
// their IDs.
func (f *form) selection(targets []target, lock bool) (string, []any) {
	suffix := ""
	if lock && f.dialect != sqldb.SQLite {
		suffix = " FOR UPDATE"
	}
	var b strings.Builder
	var args []any
	exprs := strings.Join(f.exprs, ", ")
	switch f.dialect {
	case sqldb.MySQL:
		list, all := f.mysqlList(targets)
		if list == "" {
			return "", nil
		}
		args = all
		b.WriteString("SELECT " + exprs + " FROM " + f.table + " JOIN (" + list + ") AS xwalk_list ON " + f.join() + " WHERE 1 = 1")
	case sqldb.Postgres:
		list, all := f.postgresList(targets)
		if list == "" {
			return "", nil
		}
		args = all
		b.WriteString("SELECT " + exprs + " FROM " + f.table + " WHERE (" + f.left() + ") IN (SELECT " + f.names() + " FROM " + list + ")")
	default:
		rows, all := f.sqliteCandidates(targets)
		args = all
		b.WriteString("WITH xwalk_list(" + f.names() + ") AS (VALUES " + rows + ") SELECT " + exprs + " FROM " + f.table +
			" WHERE (" + f.left() + ") IN (SELECT " + f.names() + " FROM xwalk_list)")
	}
	f.filter(&b)
	b.WriteString(suffix)
	return b.String(), args
}

// update writes the values of targets, whose IDs were all found.
func (f *form) update(targets []target) (string, []any) {
	var b strings.Builder
	var args []any
	switch f.dialect {
	case sqldb.MySQL:
		list, all := f.mysqlList(targets)
		args = all
		b.WriteString("UPDATE " + f.table + " JOIN (" + list + ") AS xwalk_list ON " + f.join() +
			" SET " + f.table + "." + f.field + " = xwalk_value")
		for _, c := range f.keep {
			b.WriteString(", " + f.table + "." + c + " = " + f.table + "." + c)
		}
		b.WriteString(" WHERE 1 = 1")
	case sqldb.Postgres:
		list, all := f.postgresList(targets)
		args = all
		b.WriteString("UPDATE " + f.table + " SET " + f.field + " = xwalk_value FROM " + list + " WHERE " + f.join())
	default:
		rows, all := f.sqliteRaw(targets)
		args = all
		b.WriteString("WITH xwalk_list(" + f.names() + ", xwalk_value) AS (VALUES " + rows + ") UPDATE " + f.table +
			" SET " + f.field + " = xwalk_value FROM xwalk_list WHERE " + f.join())
	}
	f.filter(&b)
	return b.String(), args
}

// filter adds the source's filter; a line end keeps a comment in it from
// hiding what follows.
func (f *form) filter(b *strings.Builder) {
	if f.where != "" {
		b.WriteString(" AND (" + f.where + "\n)")
	}
}

// name is the column of the list that part i of an ID is in.
func name(i int) string { return fmt.Sprintf("xwalk_%d", i+1) }

func (f *form) names() string {
	names := make([]string, len(f.ids))
	for i := range names {
		names[i] = name(i)
	}
	return strings.Join(names, ", ")
}

// left is what the parts of the list are compared with.
func (f *form) left() string {
	parts := make([]string, len(f.ids))
	for i, m := range f.ids {
		parts[i] = m.left
	}
	return strings.Join(parts, ", ")
}

// join compares the parts as the database does, so that its indexes serve, and
// byte for byte.
func (f *form) join() string {
	var conds []string
	for i, m := range f.ids {
		conds = append(conds, m.left+" = "+name(i))
		if m.exact != "" {
			conds = append(conds, strings.ReplaceAll(m.exact, "?", name(i)))
		}
	}
	return strings.Join(conds, " AND ")
}

// mysqlList is the list as SELECTs, whose texts have the character set and the
// collation of the column: else no index would serve.
func (f *form) mysqlList(targets []target) (string, []any) {
	var b strings.Builder
	var args []any
	for _, t := range targets {
		params, ok := f.params(t.id)
		if !ok {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(" UNION ALL ")
		}
		b.WriteString("SELECT ")
		for i, m := range f.ids {
			b.WriteString(m.cast + " AS " + name(i) + ", ")
		}
		b.WriteString("CONVERT(? USING utf8mb4) AS xwalk_value")
		args = append(append(args, params...), textOrNil(t.value))
	}
	return b.String(), args
}

// postgresList is the list as arrays of texts, each one parameter.
func (f *form) postgresList(targets []target) (string, []any) {
	arrays := make([]array, len(f.ids)+1)
	for _, t := range targets {
		params, ok := f.params(t.id)
		if !ok {
			continue
		}
		for i, p := range params {
			arrays[i].add(p.(string), false)
		}
		arrays[len(f.ids)].add(t.value.Text, t.value.Null)
	}
	if arrays[0].b.Len() == 0 {
		return "", nil
	}
	var args []any
	var texts, raw, cells []string
	for i := range arrays {
		args = append(args, arrays[i].String())
		texts = append(texts, fmt.Sprintf("$%d::text[]", i+1))
		raw = append(raw, fmt.Sprintf("p%d", i+1))
		if i < len(f.ids) {
			cells = append(cells, strings.ReplaceAll(f.ids[i].cast, "?", raw[i])+" AS "+name(i))
		} else {
			cells = append(cells, raw[i]+" AS xwalk_value")
		}
	}
	return "(SELECT " + strings.Join(cells, ", ") + " FROM unnest(" + strings.Join(texts, ", ") + ") AS u(" + strings.Join(raw, ", ") + ")) AS xwalk_list", args
}

// params are the parts of an ID as parameters; false where the columns cannot
// hold them.
func (f *form) params(id []string) ([]any, bool) {
	params := make([]any, len(id))
	for i, part := range id {
		p, ok := f.ids[i].param(part)
		if !ok {
			return nil, false
		}
		params[i] = p
	}
	return params, true
}

// sqliteCandidates is the list with every value that reads as one of the IDs:
// a column may hold numbers and texts.
func (f *form) sqliteCandidates(targets []target) (string, []any) {
	var rows []string
	var args []any
	hole := "(?" + strings.Repeat(", ?", len(f.ids)-1) + ")"
	for _, t := range targets {
		combos := [][]any{nil}
		for _, part := range t.id {
			var next [][]any
			for _, combo := range combos {
				for _, c := range candidates(part) {
					next = append(next, append(append([]any{}, combo...), c))
				}
			}
			combos = next
		}
		for _, combo := range combos {
			rows, args = append(rows, hole), append(args, combo...)
		}
	}
	return strings.Join(rows, ", "), args
}

// sqliteRaw is the list with the very values that were found.
func (f *form) sqliteRaw(targets []target) (string, []any) {
	var args []any
	for _, t := range targets {
		args = append(append(args, t.raw...), textOrNil(t.value))
	}
	hole := "(?" + strings.Repeat(", ?", len(f.ids)) + ")"
	return hole + strings.Repeat(", "+hole, len(targets)-1), args
}

func textOrNil(v mapping.FieldValue) any {
	if v.Null {
		return nil
	}
	return v.Text
}

// array is an array of texts as PostgreSQL reads one.
type array struct{ b strings.Builder }

var arrayEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func (a *array) add(text string, null bool) {
	if a.b.Len() > 0 {
		a.b.WriteByte(',')
	}
	if null {
		a.b.WriteString("NULL")
		return
	}
	a.b.WriteString(`"` + arrayEscaper.Replace(text) + `"`)
}

func (a *array) String() string { return "{" + a.b.String() + "}" }
