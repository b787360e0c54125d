package rewrite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// findUndeclared tells of columns that, by their names, hold the same numbers
// and that no reference covers.
func (l *look) findUndeclared(ctx context.Context) error {
	if l.separate() {
		return nil
	}
	if l.everything == nil {
		all, err := sqldb.Tables(ctx, l.db)
		if err != nil {
			return err
		}
		l.everything = all
	}
	var found, views []string
	for _, o := range l.looks {
		views = append(views, o.Table.Views...)
	}
	for _, t := range l.everything {
		if slices.Contains(views, t.Name) || strings.HasPrefix(t.Name, journalTable) {
			continue
		}
		for _, c := range t.Columns {
			if l.sounds(c) && !l.known(t.Name, c) {
				found = append(found, t.Name+"."+c)
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	more := ""
	if len(found) > 10 {
		more = fmt.Sprintf(" and %d more", len(found)-10)
		found = found[:10]
	}
	l.add("reference_undeclared", Note, "xwalk rewrite --suggest looks at what they hold",
		"no reference covers %s%s, which by the name may hold the same numbers", strings.Join(found, ", "), more)
	return nil
}

// sounds reports whether a column sounds like one of the same numbers: it has
// the reference's name or, of a table's own key, that of the table with it.
func (l *look) sounds(column string) bool {
	own, table := strings.ToLower(l.columns[0].Name), strings.ToLower(l.Table.Name)
	column = strings.ToLower(column)
	if !slices.Contains([]string{"id", "no", "nr", "num", "number", "code", "key", "uid", "uuid", "guid", "object_id", "parent_id", "ref"}, own) {
		return column == own
	}
	if !l.ref.OwnKey {
		return false
	}
	for _, name := range []string{table, strings.TrimSuffix(table, "s"), strings.TrimSuffix(table, "es"), strings.TrimSuffix(table, "ies") + "y"} {
		if column == name+"_"+own || column == name+own {
			return true
		}
	}
	return false
}

// known reports whether a column is one that references or foreign keys tell
// of already.
func (l *look) known(table, column string) bool {
	return slices.ContainsFunc(l.looks, func(o *look) bool {
		names := append([]string{o.ref.Target()}, o.ref.Columns...)
		return (o.Table.Full == table || o.ref.Table == table) && l.anySame(names, column) ||
			!o.separate() && slices.ContainsFunc(o.Table.Referred, func(f ForeignKey) bool { return f.Table == table && l.anySame(f.Columns, column) })
	})
}
