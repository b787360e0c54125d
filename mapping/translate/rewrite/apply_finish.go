package rewrite

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// finish puts constraints back, looks at the database once more and closes
// the lines of the journal.
func (w *work) finish(ctx context.Context) error {
	if !slices.ContainsFunc(w.tasks, func(t *task) bool { return t.State != finished }) {
		return nil
	}
	if err := w.ddl.backward(ctx, func(s *step) bool { return s.Passing }); err != nil {
		return fmt.Errorf("all rows are written, but a constraint could not be put back; mend what breaks it and go on: %w", err)
	}
	if err := w.lookAfter(ctx); err != nil {
		return err
	}
	err := within(ctx, w.db, func(tx *sqldb.Tx) error {
		for _, t := range w.tasks {
			done := *t.entry
			done.State, done.Finished = finished, now()
			if err := done.save(ctx, tx, *t.entry); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return w.db.Explain(fmt.Errorf("close the journal: %w", err))
	}
	for _, t := range w.tasks {
		t.State = finished
	}
	return nil
}

// lookAfter compares the references with what they were before.
func (w *work) lookAfter(ctx context.Context) error {
	err := w.countBroken(ctx, func(t *task, n int64) {
		if n > t.Broken {
			w.found(t, Obstacle{
				Code: "foreign_key_broken", Severity: Note.String(),
				Detail: fmt.Sprintf("%s of %s refer to no row of the tables that they are declared to refer to, %d did before", number(n, "row", "rows"), t.table.Full, t.Broken),
				Hint:   "a new dry run lists them",
			})
		}
	})
	if err != nil {
		return err
	}
	refs := make([]*Reference, len(w.tasks))
	for i, t := range w.tasks {
		refs[i] = t.ref
	}
	after, err := Survey(ctx, refs, w.job.Tables, nil)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		// A condition may not fit the type that its column has now.
		w.found(w.tasks[0], Obstacle{
			Code: "not_looked_at", Severity: Note.String(), Detail: fmt.Sprintf("all is written, and could not be looked at afterwards: %v", err),
			Hint: "put right what it says; a dry run then looks again",
		})
		return nil
	}
	for i, t := range w.tasks {
		for _, o := range compareAfter(t.surveyed, after[i]) {
			w.found(t, o)
		}
	}
	return nil
}

func (w *work) found(t *task, o Obstacle) { w.results[t.at].After = append(w.results[t.at].After, o) }

// countBroken counts, per reference, the rows that break the foreign keys
// which its column is part of, where the database does not see to that itself
// while its session does not check them.
func (w *work) countBroken(ctx context.Context, tell func(*task, int64)) error {
	if w.d == sqldb.Postgres {
		return nil
	}
	for _, t := range w.tasks {
		var broken int64
		for i := range t.table.Foreign {
			f := &t.table.Foreign[i]
			if !f.Enforced && w.d == sqldb.MySQL || !t.bound(f.Table, f.Columns) || len(f.Refers) != len(f.Columns) {
				continue
			}
			var n int64
			if err := w.db.GetContext(ctx, &n, brokenSQL(w.d, f)); err != nil {
				return w.db.Explain(fmt.Errorf("look at the foreign keys of %s: %w", t.table.Full, err))
			}
			broken += n
		}
		tell(t, broken)
	}
	return nil
}

// brokenSQL counts the rows that break a foreign key.
func brokenSQL(d sqldb.Dialect, f *ForeignKey) string {
	var join, some []string
	for i := range f.Columns {
		child := "c." + d.Quote(f.Columns[i])
		join = append(join, "p."+d.Quote(f.Refers[i])+" = "+child)
		some = append(some, child+" IS NOT NULL")
	}
	return "SELECT COUNT(*) FROM " + d.Table(f.Table) + " c WHERE " + strings.Join(some, " AND ") +
		" AND NOT EXISTS (SELECT 1 FROM " + d.Table(f.Parent) + " p WHERE " + strings.Join(join, " AND ") + ")"
}

// journalsOf are the journals that find rows of a task's table by a key that
// the task changes, its own last.
func (w *work) journalsOf(t *task) []string {
	var names []string
	for _, o := range w.tasks {
		if o.table.Full == t.table.Full && o.Keys == t.Keys {
			names = append(names, o.Journal)
		}
	}
	for _, e := range w.others {
		if e.Table == t.table.Full && e.Keys == t.Keys && e.State != undone {
			names = append(names, e.Journal)
		}
	}
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == t.Journal })
	return append(names, t.Journal)
}

// indexFollowers makes the indexes by which journals are found when keys
// change.
func (w *work) indexFollowers(ctx context.Context) error {
	for _, t := range w.tasks {
		keys, at := t.keyAt()
		if t.Last < t.First || at < 0 {
			continue
		}
		for _, journal := range w.journalsOf(t) {
			if err := w.index(ctx, journal, keys); err != nil {
				return err
			}
		}
	}
	return nil
}

// index makes the index of a journal by the keys of the user's rows. One that
// another role made does as well without.
func (w *work) index(ctx context.Context, journal string, keys int) error {
	_, err := w.db.ExecContext(ctx, indexSQL(w.d, journal, keys))
	if fault := sqldb.Classify(err); err != nil && fault != sqldb.Duplicate && fault != sqldb.Refused {
		return w.db.Explain(fmt.Errorf("make an index of the journal: %w", err))
	}
	return nil
}

func indexSQL(d sqldb.Dialect, journal string, keys int) string {
	columns := make([]string, keys)
	for i := range columns {
		columns[i] = fmt.Sprintf("k%d", i+1)
	}
	create := "CREATE INDEX IF NOT EXISTS "
	if d == sqldb.MySQL { // where every index ends with the table's key
		create = "CREATE INDEX "
	} else {
		columns = append(columns, "seq")
	}
	return create + d.Quote(journal+"_key") + " ON " + d.Quote(journal) + " (" + strings.Join(columns, ", ") + ")"
}
