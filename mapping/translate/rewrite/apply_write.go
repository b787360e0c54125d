package rewrite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// defaultBatch is how many rows one transaction changes.
const defaultBatch = 20_000

// move is a change of all the rows of a part of the journal: where the target
// holds what from says, it gets what to says. Both are SQL about a row of the
// journal, j.
type move struct{ from, to string }

// The moves of a rewrite and of its undo.
var (
	forward  = move{"j.old_value", "j.new_value"}
	backward = move{"j.new_value", "j.old_value"}
)

// aside and fromAside make a move in two, for values that are in each other's
// way in a unique column: every one steps aside before any takes its place.
func aside(d sqldb.Dialect, m move) move     { return move{m.from, asideValue(d)} }
func fromAside(d sqldb.Dialect, m move) move { return move{asideValue(d), m.to} }

// part is the entries of a journal behind one up to another.
type part struct{ from, to int64 }

func (p part) sql() string { return fmt.Sprintf("j.seq > %d AND j.seq <= %d", p.from, p.to) }

// asideValue is a text that no other row has.
func asideValue(d sqldb.Dialect) string {
	if d == sqldb.MySQL {
		return "CAST(CONCAT('~', j.seq) AS BINARY)"
	}
	return "('~' || j.seq)"
}

// write changes the rows that the journal has, batch by batch; each batch and
// its place in the journal are one transaction.
func (w *work) write(ctx context.Context, t *task) error {
	if t.State == staged && t.Overlap {
		if err := w.pass(ctx, t, aside(w.d, forward), parked); err != nil {
			return err
		}
	}
	switch t.State {
	case staged:
		return w.pass(ctx, t, forward, written)
	case parked:
		return w.pass(ctx, t, fromAside(w.d, forward), written)
	}
	return nil
}

// pass makes one move of all rows; afterwards the reference is in state.
func (w *work) pass(ctx context.Context, t *task, m move, state string) error {
	size := int64(w.job.BatchRows)
	if size <= 0 {
		size = defaultBatch
	}
	for t.Cursor < t.Last {
		to := min(t.Cursor+size, t.Last)
		was := *t.entry
		err := within(ctx, w.writer, func(tx *sqldb.Tx) error {
			*t.entry = was
			if err := w.batch(ctx, tx, t, m, to, state == written); err != nil {
				return err
			}
			t.Cursor = to
			return t.save(ctx, tx, was)
		})
		if err != nil {
			*t.entry = was
			return w.saved(err, t)
		}
		w.job.tell(t.Reference, t.Cursor-t.First+1, t.Last-t.First+1)
	}
	was := *t.entry
	t.State = state
	if state != written {
		t.Cursor = t.First - 1
	}
	return w.saved(within(ctx, w.writer, func(tx *sqldb.Tx) error { return t.save(ctx, tx, was) }), t)
}

// batch moves the rows behind the cursor up to an entry. A row that is not as
// it was when it was read is left alone: it counts as written where it has its
// new value already, as the database carries it over from a parent, else it is
// contended.
func (w *work) batch(ctx context.Context, tx *sqldb.Tx, t *task, m move, to int64, count bool) error {
	p := part{t.Cursor, to}
	res, err := tx.ExecContext(ctx, w.updateSQL(t, m, p))
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n > to-t.Cursor {
		return errors.New("its key names several rows at once: nothing of this batch was changed")
	}
	if count && n < to-t.Cursor {
		if err := tx.GetContext(ctx, &n, w.countSQL(t, m.to, p)); err != nil {
			return err
		}
		t.Contended += to - t.Cursor - n
	}
	if count {
		t.Written += n
	}
	return w.follow(ctx, tx, t, m, p)
}

// updateSQL moves the rows of a part of the journal.
func (w *work) updateSQL(t *task, m move, p part) string {
	d := w.d
	target := d.Quote(t.target.Name)
	table, journal := d.Table(t.table.Full), d.Quote(t.Journal)
	where := joinKey(d, "j", "t", t.table) + " AND " + holds(d, t.target, m.from)
	switch d {
	case sqldb.MySQL:
		set := "t." + target + " = " + assigned(d, t.target, m.to)
		for _, c := range t.table.Columns {
			if c.OnUpdate != "" && c.Name != t.target.Name {
				set += fmt.Sprintf(", t.%[1]s = t.%[1]s", d.Quote(c.Name))
			}
		}
		return "UPDATE " + journal + " j STRAIGHT_JOIN " + table + " t ON " + where + " SET " + set + " WHERE " + p.sql()
	case sqldb.SQLite:
		// The limit keeps the planner from reading the table first.
		return "UPDATE " + table + " AS t SET " + target + " = " + m.to + " FROM (SELECT * FROM " + journal + " j WHERE " + p.sql() + " LIMIT -1) AS j WHERE " + where
	default:
		return "UPDATE " + table + " AS t SET " + target + " = " + assigned(d, t.target, m.to) + " FROM " + journal + " AS j WHERE " + p.sql() + " AND " + where
	}
}

// countSQL counts the rows of a part of the journal whose target holds a
// value, by which they are found too where the target is part of the key.
func (w *work) countSQL(t *task, value string, p part) string {
	d := w.d
	conditions := []string{p.sql(), holds(d, t.target, value)}
	for i, k := range keyColumns(t.table) {
		name := keyName(d, t.table, k)
		if t.table.Same(k, t.target.Name) {
			conditions = append(conditions, "t."+name+" = "+assigned(d, t.target, value))
		} else {
			conditions = append(conditions, fmt.Sprintf("t.%s = j.k%d", name, i+1))
		}
	}
	join := map[sqldb.Dialect]string{sqldb.Postgres: " j JOIN ", sqldb.MySQL: " j STRAIGHT_JOIN ", sqldb.SQLite: " j CROSS JOIN "}[d]
	return "SELECT COUNT(*) FROM " + d.Quote(t.Journal) + join + d.Table(t.table.Full) + " t ON " + strings.Join(conditions[1:], " AND ") + " WHERE " + conditions[0]
}

// holds says that the target holds a value of the journal's, byte for byte.
func holds(d sqldb.Dialect, target *Column, value string) string {
	name := "t." + d.Quote(target.Name)
	switch d {
	case sqldb.Postgres:
		return exact(d, target, name) + " IS NOT DISTINCT FROM " + value
	case sqldb.MySQL:
		return exact(d, target, name) + " <=> " + value
	default:
		return name + " COLLATE BINARY IS " + value
	}
}

// assigned is a value of the journal's as the target takes it, which neither
// cuts it nor makes something else of it.
func assigned(d sqldb.Dialect, target *Column, value string) string {
	switch {
	case d == sqldb.MySQL && !binaryType(target.Type):
		return "CONVERT(" + value + " USING utf8mb4)"
	case d == sqldb.Postgres && target.Kind != Text:
		return "CAST(" + value + " AS " + target.Type + ")"
	default:
		return value
	}
}

// follow keeps the journals of a table up to date whose key the target is
// part of: they find their rows by the new key from now on.
func (w *work) follow(ctx context.Context, tx *sqldb.Tx, t *task, m move, p part) error {
	keys, at := t.keyAt()
	if at < 0 {
		return nil
	}
	for _, journal := range w.journalsOf(t) {
		if _, err := tx.ExecContext(ctx, w.followSQL(t, journal, fmt.Sprintf("k%d", at+1), keys, m, p)); err != nil {
			return err
		}
	}
	return nil
}

// keyAt is of how many columns the table's key is, and where the target
// stands among them; -1: it does not.
func (t *task) keyAt() (keys, at int) {
	names := keyColumns(t.table)
	return len(names), slices.IndexFunc(names, func(k string) bool { return t.table.Same(k, t.ref.Target()) })
}

// followSQL gives the entries of a journal the key that their rows now have.
func (w *work) followSQL(t *task, journal, own string, keys int, m move, p part) string {
	d := w.d
	var same []string
	for i := range keys {
		k := fmt.Sprintf("k%d", i+1)
		same = append(same, "o."+k+" = j."+k)
	}
	where := strings.Join(same, " AND ")
	source, other := d.Quote(t.Journal), d.Quote(journal)
	value := assigned(d, t.target, m.to)
	switch d {
	case sqldb.MySQL:
		return "UPDATE " + source + " j STRAIGHT_JOIN " + other + " o ON " + where + " SET o." + own + " = " + value + " WHERE " + p.sql()
	case sqldb.SQLite:
		return "UPDATE " + other + " AS o SET " + own + " = " + value + " FROM (SELECT * FROM " + source + " j WHERE " + p.sql() + " LIMIT -1) AS j WHERE " + where
	default:
		return "UPDATE " + other + " AS o SET " + own + " = " + value + " FROM " + source + " AS j WHERE " + p.sql() + " AND " + where
	}
}
