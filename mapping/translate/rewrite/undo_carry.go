package rewrite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Rows that came since a rewrite, or were changed since, may refer to a row by
// the number that it got. When that row has its old one again, they would refer
// to nothing, and a foreign key could not be made again. They are put into the
// journal too, and so go along.

// carry does so for every foreign key both ends of which the run rewrote.
func (u *undo) carry(ctx context.Context) error {
	for _, child := range u.tasks {
		for i := range child.table.Foreign {
			f := &child.table.Foreign[i]
			at := slices.IndexFunc(f.Columns, func(c string) bool { return child.table.Same(c, child.Target) })
			if at < 0 || !child.usable() {
				continue
			}
			for _, parent := range u.tasks {
				if parent.usable() && parent.table.Full == f.Parent && parent.table.Same(f.Refers[at], parent.Target) {
					if err := u.carryOver(ctx, child, parent); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// reached is the last entry whose row may hold its new value.
func (t *task) reached() int64 {
	switch {
	case t.State == staged && t.Overlap:
		return t.First - 1
	case t.State == staged, t.State == parked:
		return t.Cursor
	}
	return t.Last
}

// carryOver puts the rows of child into its journal that hold what the run
// wrote into parent and that are not there for it.
func (u *undo) carryOver(ctx context.Context, child, parent *task) error {
	last := child.Last
	for _, e := range u.others {
		if e.Journal == child.Journal {
			last = max(last, e.Last)
		}
	}
	was := *child.entry
	return u.saved(within(ctx, u.db, func(tx *sqldb.Tx) error {
		*child.entry = was
		res, err := tx.ExecContext(ctx, u.carrySQL(child, parent, last))
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil || n == 0 {
			return err
		}
		if child.Last = last + n; was.Cursor == was.Last {
			child.Cursor = child.Last
		}
		return child.save(ctx, tx, was)
	}), child)
}

func (u *undo) carrySQL(child, parent *task, last int64) string {
	d, journal := u.d, u.d.Quote(child.Journal)
	held := "t." + d.Quote(child.target.Name)
	keys := keyColumns(child.table)
	named, own := make([]string, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		named[i], own[i] = fmt.Sprintf("k%d", i+1), "t."+keyName(d, child.table, k)
	}
	on := []string{exact(d, child.target, held) + " = p.new_value"}
	if d != sqldb.Postgres { // which compares hashes; the others need an index
		on = append(on, held+" = "+assigned(d, child.target, "p.new_value"))
	}
	join := map[sqldb.Dialect]string{sqldb.Postgres: "JOIN", sqldb.MySQL: "STRAIGHT_JOIN", sqldb.SQLite: "CROSS JOIN"}[d]
	return fmt.Sprintf("INSERT INTO %s (seq, %s, old_value, new_value) SELECT %d + ROW_NUMBER() OVER (ORDER BY p.seq), %s, p.old_value, p.new_value"+
		" FROM %s p %s %s t ON %s WHERE p.seq >= %d AND p.seq <= %d"+
		" AND NOT EXISTS (SELECT 1 FROM %s j WHERE %s AND j.seq >= %d AND j.new_value = p.new_value)",
		journal, strings.Join(named, ", "), last, strings.Join(own, ", "),
		d.Quote(parent.Journal), join, d.Table(child.table.Full), strings.Join(on, " AND "), parent.First, parent.reached(),
		journal, joinKey(d, "j", "t", child.table), child.First)
}
