package rewrite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// add tells an obstacle. hint says what to do about it; it may be empty.
func (l *look) add(code string, severity Severity, hint, format string, args ...any) {
	l.Obstacles = append(l.Obstacles, Obstacle{
		Code: code, Severity: severity.String(), Detail: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// partner says of the obstacle that was told last which column would have to
// be rewritten too.
func (l *look) partner(table, column string) {
	l.Obstacles[len(l.Obstacles)-1].Partner = table + "." + column
}

// findObstacles finds what stands in the way of a reference that was counted,
// the worst first.
func (l *look) findObstacles(ctx context.Context) error {
	l.Obstacles = []Obstacle{}
	l.findNothing()
	l.findInTable()
	l.findInColumn()
	l.findInTarget()
	l.findDependents()
	l.findCounter()
	for _, find := range []func(context.Context) error{
		l.findForeign, l.findReferring, l.findPrivileges, l.findStrangers, l.findClashes, l.findSelves, l.findFolded,
		l.findChecks, l.findGenerated, l.findIndexed, l.findOverlap, l.findOutside, l.findUndeclared,
	} {
		if err := find(ctx); err != nil {
			return err
		}
	}
	slices.SortStableFunc(l.Obstacles, func(a, b Obstacle) int { return rank(b) - rank(a) })
	return nil
}

func rank(o Obstacle) int {
	return slices.Index([]string{Note.String(), NeedDDL.String(), Blocks.String()}, o.Severity)
}

// findNothing tells that a reference seems to mean another ID space.
func (l *look) findNothing() {
	if l.Resolvable > 0 || l.Orphans == 0 {
		return
	}
	hint := "see that refers_to is right, and none for what means no reference"
	if len(l.columns) > 1 {
		hint = fmt.Sprintf("see that %s has IDs of %d parts, and that the columns are in their order", l.RefersTo, len(l.columns))
	}
	l.add("nothing_found", Note, hint, "not one of %s holds an ID of %s", number(l.Orphans, "row", "rows"), l.RefersTo)
}

// findInTable tells what the table as a whole stands for.
func (l *look) findInTable() {
	t := l.Table
	switch {
	case t.View:
		l.add("table_is_view", Blocks, "name the table that the view reads", "%s is a view", l.ref.Table)
		return
	case len(t.Key) == 0 && t.RowID == "":
		why := ""
		for _, u := range t.Unique {
			if u.Condition != "" {
				why += fmt.Sprintf("; %s is %s", u.Name, u.Condition)
			}
		}
		l.add("no_key", Blocks, "give the table a primary key, or a unique key over columns that are NOT NULL",
			"%s has no key by which a row can be found again%s", l.ref.Table, why)
	}
	if !t.Transactional {
		l.add("not_transactional", Blocks, fmt.Sprintf("ALTER TABLE %s ENGINE = InnoDB", l.db.Dialect.Table(t.Full)),
			"changes of %s cannot be rolled back, so an interrupted rewrite could not go on where it stopped", l.ref.Table)
	}
	if t.RowSecurity {
		l.add("row_security", Blocks, "use a role that sees all rows (BYPASSRLS, or the table's owner)",
			"policies of %s hide rows from this role, which would stay as they are", l.ref.Table)
	}
	if t.Versioned {
		l.add("versioned", Note, "", "%s is versioned by the system: its past rows keep the old numbers", l.ref.Table)
	}
	if l.session.LaxMode != "" {
		l.add("lax_mode", Note, "set sql_mode to STRICT_TRANS_TABLES before programs write canonical IDs",
			"other programs' sessions are not strict (sql_mode %s): into a column too narrow they write a part of the number, into one of numbers 0; this rewrite is strict", l.session.LaxMode)
	}
	for _, u := range t.Unseen {
		l.add("unseen", Note, "ask with a role that may see them", "what cannot be seen cannot be judged: %s", u)
	}
	l.findTriggers()
}

// findTriggers tells which triggers every rewritten row sets off.
func (l *look) findTriggers() {
	var names []string
	for _, g := range l.Table.Triggers {
		if g.Disabled || !strings.Contains(g.Event, "UPDATE") || len(g.Columns) > 0 && !l.anySame(g.Columns, l.ref.Target()) {
			continue
		}
		names = append(names, fmt.Sprintf("%s (%s)", g.Name, g.Event))
	}
	if len(names) > 0 {
		l.add("triggers", Note, "look at what they do, or disable them for the rewrite",
			"every rewritten row sets off %s", strings.Join(names, ", "))
	}
}

// anySame reports whether one of names is the column's.
func (l *look) anySame(names []string, column string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return l.Table.Same(n, column) })
}

// findCounter tells of an automatic number that is behind what was given.
func (l *look) findCounter() {
	c := l.target
	if c == nil || !c.Counter || c.Next == 0 || !l.made.digits || l.made.longest == "" || l.db.Dialect == sqldb.SQLite {
		return // SQLite goes on behind the largest number there is
	}
	if compareDigits(fmt.Sprint(c.Next), l.made.longest) > 0 {
		return
	}
	l.add("counter_behind", Note, advance(l.Table, c.Name, l.made.longest),
		"the database gives %s the number %d next, and canonical IDs reach %s", c.Name, c.Next, l.made.longest)
}
