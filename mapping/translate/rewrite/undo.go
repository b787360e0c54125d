package rewrite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Undone is what became of a reference of a rewrite that is undone.
type Undone struct {
	Name     string   `json:"reference"`
	Restored int64    `json:"restored"`
	Kept     int64    `json:"kept"` // changed since: they stay
	DDL      []string `json:"ddl,omitempty"`
	// Left says what is not taken back of columns, and why. It is about the
	// database as a whole, and stands with its first reference.
	Left []string `json:"left,omitempty"`
}

// ErrUnknownRun says that no database of the references knows of a rewrite: it
// never came so far, or its script was not carried out.
var ErrUnknownRun = errors.New("no database of the references knows of this rewrite")

// Undo puts the old values of a run back, as far as what was written is still
// there. With dryRun it counts only. Columns that the run added go again, and
// types come back, where allowDDL allows it and nothing else stands in them. A
// run that was undone already has nothing to restore. Rows that came since and
// refer, by a foreign key, to a row that gets its old number back go along. A later run that wrote
// to one of the references and was not undone is an [*UnfinishedError],
// constraints that have to be dropped for a while and may not a [*DDLError], a
// database that another process rewrites a [*LockedError]; a run that no
// database knows of is [ErrUnknownRun].
//
// refs name the databases; which references a run wrote to is in the journal.
func Undo(ctx context.Context, refs []*Reference, run int64, crosswalk string, allowDDL, dryRun bool) ([]Undone, error) {
	var results []Undone
	known := false
	for _, b := range databases(refs) {
		u := &undo{work: work{database: b, job: &Job{Run: run, Crosswalk: crosswalk, AllowDDL: allowDDL}}, dryRun: dryRun}
		err := u.run(ctx)
		known = known || len(u.tasks) > 0
		results = append(results, u.results...)
		if err != nil {
			return results, err
		}
	}
	if !known {
		return nil, fmt.Errorf("run %d: %w", run, ErrUnknownRun)
	}
	return results, nil
}

// undo takes back what a run did in one database.
type undo struct {
	work
	dryRun  bool
	results []Undone
}

func (u *undo) run(ctx context.Context) (err error) {
	if u.site, err = openSite(ctx, u.database, nil); err != nil {
		return err
	}
	defer u.close()
	u.d = u.db.Dialect
	if err := u.find(ctx); err != nil || len(u.tasks) == 0 {
		return err
	}
	if u.dryRun {
		return u.count(ctx)
	}
	if err := u.allowed(); err != nil {
		return err
	}
	if err := u.restore(ctx); err != nil {
		return err
	}
	err = u.takeBack(ctx)
	for i, t := range u.tasks {
		u.results[i].Restored, u.results[i].Kept = t.Restored, t.Kept
	}
	u.results[0].DDL = u.ddl.done
	if err != nil {
		return err
	}
	return u.closeLines(ctx)
}

// find reads what the journal has of the run.
func (u *undo) find(ctx context.Context) error {
	list, err := entries(ctx, u.db)
	if err != nil {
		return err
	}
	mine := ofRun(list, u.job.Crosswalk, u.job.Run)
	for _, e := range list {
		if slices.Contains(mine, e) {
			continue
		}
		u.others = append(u.others, e)
		for _, m := range mine {
			if e.Table == m.Table && e.Target == m.Target && e.State != undone && m.State != undone && e.Turn > m.Turn {
				return &UnfinishedError{e.Run, u.db.Label, "wrote to " + e.Reference + " later"}
			}
		}
	}
	for _, e := range mine {
		table, err := Inspect(ctx, u.db, e.Table)
		if err != nil {
			return err
		}
		t := &task{entry: e, table: table, ref: &Reference{Columns: []string{e.Target}, Write: InPlace}}
		t.setTarget()
		u.tasks = append(u.tasks, t)
		u.results = append(u.results, Undone{Name: e.Reference})
	}
	if len(mine) == 0 {
		return nil
	}
	u.ddl = &ddl{db: u.db, crosswalk: u.job.Crosswalk, run: u.job.Run}
	u.ddl.steps, err = steps(ctx, u.db, u.job.Crosswalk, u.job.Run)
	return err
}

// usable reports whether the rows of a task can be found: the column may be
// gone, where an undo dropped it before.
func (t *task) usable() bool {
	keys, _ := json.Marshal(keyColumns(t.table))
	return t.target != nil && t.State != undone && t.State != planned && string(keys) == t.Keys
}

// count says what an undo would do.
func (u *undo) count(ctx context.Context) error {
	for i, t := range u.tasks {
		if !t.usable() {
			continue
		}
		p := part{t.First - 1, t.Last}
		if err := u.db.GetContext(ctx, &u.results[i].Restored, u.countSQL(t, "j.new_value", p)); err != nil {
			return u.saved(err, t)
		}
		var old int64
		if err := u.db.GetContext(ctx, &old, u.countSQL(t, "j.old_value", p)); err != nil {
			return u.saved(err, t)
		}
		u.results[i].Kept = t.Last - t.First + 1 - u.results[i].Restored - old
	}
	for _, s := range u.ddl.steps {
		switch {
		case u.job.AllowDDL:
		case s.Passing:
			u.left(s, "has to be done for the undo, which --allow-ddl allows")
		case s.State == stepDone:
			u.left(s, "--allow-ddl takes it back")
		}
	}
	return nil
}

// allowed refuses an undo that has to drop constraints for a while and may
// not.
func (u *undo) allowed() error {
	for _, s := range u.ddl.steps {
		if s.Passing && !u.job.AllowDDL && slices.ContainsFunc(u.tasks, (*task).usable) {
			return &DDLError{u.db.Label, s.Forward}
		}
	}
	return nil
}

// restore puts the old values back.
func (u *undo) restore(ctx context.Context) error {
	if !slices.ContainsFunc(u.tasks, (*task).usable) {
		return nil
	}
	if err := u.ddl.forward(ctx, true); err != nil {
		return err
	}
	if err := u.openWriter(ctx, u.database, session[u.d]); err != nil {
		return err
	}
	if err := u.indexFollowers(ctx); err != nil {
		return err
	}
	if err := u.carry(ctx); err != nil {
		return err
	}
	for _, t := range u.tasks {
		if !t.usable() {
			continue
		}
		if err := u.mark(ctx, t, undoing); err != nil {
			return err
		}
		m := backward
		if t.Overlap {
			if err := u.pass(ctx, t, aside(u.d, m), false); err != nil {
				return err
			}
			m = fromAside(u.d, m)
		}
		if err := u.pass(ctx, t, m, true); err != nil {
			return err
		}
	}
	return nil
}

// pass moves all rows of a task. The last one takes them out of the journal
// too, so whoever goes on after a crash finds only what is left.
func (u *undo) pass(ctx context.Context, t *task, m move, last bool) error {
	for from := t.First - 1; from < t.Last; from += defaultBatch {
		p := part{from, min(from+defaultBatch, t.Last)}
		was := *t.entry
		err := within(ctx, u.writer, func(tx *sqldb.Tx) error {
			*t.entry = was
			res, err := tx.ExecContext(ctx, u.updateSQL(t, m, p))
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			if last {
				if err := u.tally(ctx, tx, t, n, p); err != nil {
					return err
				}
			}
			if err := u.follow(ctx, tx, t, m, p); err != nil || !last {
				return err
			}
			if _, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %s WHERE seq > %d AND seq <= %d", u.d.Quote(t.Journal), p.from, p.to)); err != nil {
				return err
			}
			return t.save(ctx, tx, was)
		})
		if err != nil {
			*t.entry = was
			return u.saved(err, t)
		}
	}
	return nil
}

// tally counts the rows of a part that have their old value again, n of them
// just now and others by a cascade, and those that were changed since. Rows
// that the run had not come to count nowhere.
func (u *undo) tally(ctx context.Context, tx *sqldb.Tx, t *task, n int64, p part) error {
	var left int64
	if err := tx.GetContext(ctx, &left, "SELECT COUNT(*) FROM "+u.d.Quote(t.Journal)+" j WHERE "+p.sql()); err != nil {
		return err
	}
	if n == left {
		t.Restored += n
		return nil
	}
	var old, reached int64
	if err := tx.GetContext(ctx, &old, u.countSQL(t, "j.old_value", p)); err != nil {
		return err
	}
	if err := tx.GetContext(ctx, &reached, u.countSQL(t, "j.old_value", part{p.from, min(p.to, t.Cursor)})); err != nil {
		return err
	}
	t.Restored += max(n, reached)
	t.Kept += left - old
	return nil
}

// mark sets the state of a task.
func (u *undo) mark(ctx context.Context, t *task, state string) error {
	if t.State == state {
		return nil
	}
	was := *t.entry
	t.State = state
	if state == undone {
		t.Finished = now()
	}
	return u.saved(within(ctx, u.writerOrDB(), func(tx *sqldb.Tx) error { return t.save(ctx, tx, was) }), t)
}

func (u *undo) writerOrDB() *sqldb.DB {
	if u.writer != nil {
		return u.writer
	}
	return u.db
}

// takeBack takes back what the run changed of columns, as far as it may and
// nothing is lost by it, and puts constraints back.
func (u *undo) takeBack(ctx context.Context) error {
	var stuck error
	for _, s := range slices.Backward(u.ddl.steps) {
		if s.Passing || s.State != stepDone && s.State != stepLeaving {
			continue
		}
		if !u.job.AllowDDL {
			u.left(s, "--allow-ddl takes it back")
			continue
		}
		column, err := u.inUse(ctx, s)
		if err != nil {
			return err
		}
		if column != "" {
			u.left(s, "other values stand in "+column)
			continue
		}
		if err = u.ddl.do(ctx, s, s.Backward, stepLeaving, stepBack); err == nil {
			continue
		}
		if ctx.Err() != nil || sqldb.Classify(err) != sqldb.Other {
			return err
		}
		stuck = err
		u.left(s, "what stands there now does not fit the old type")
		break
	}
	if stuck != nil {
		if err := u.forwardAgain(ctx); err != nil {
			return err
		}
	}
	return u.ddl.backward(ctx, func(s *step) bool { return s.Passing })
}

// forwardAgain gives columns that were taken back their new types again,
// because one that is bound to them could not be.
func (u *undo) forwardAgain(ctx context.Context) error {
	for _, s := range u.ddl.steps {
		if s.Passing || u.added(s) != nil || s.State != stepBack && s.State != stepLeaving {
			continue
		}
		if err := u.ddl.do(ctx, s, s.Forward, stepBegun, stepDone); err != nil {
			return err
		}
	}
	return nil
}

// added is the task whose target a step added; nil: it added none.
func (u *undo) added(s *step) *task {
	for _, t := range u.tasks {
		if s.Backward == dropColumn(u.d, t.table.Full, t.Target) {
			return t
		}
	}
	return nil
}

// inUse is the column that a step added, where something stands in it that
// the run did not write.
func (u *undo) inUse(ctx context.Context, s *step) (string, error) {
	t := u.added(s)
	if t == nil || t.target == nil {
		return "", nil
	}
	var used bool
	err := u.db.GetContext(ctx, &used, "SELECT EXISTS (SELECT 1 FROM "+u.d.Table(t.table.Full)+" WHERE "+u.d.Quote(t.Target)+" IS NOT NULL)")
	if err != nil || !used {
		return "", u.saved(err, t)
	}
	return t.Target, nil
}

// left tells that a step stays.
func (u *undo) left(s *step, why string) {
	u.results[0].Left = append(u.results[0].Left, s.Forward+": "+why)
}

// closeLines marks the run as undone.
func (u *undo) closeLines(ctx context.Context) error {
	for _, t := range u.tasks {
		if err := u.mark(ctx, t, undone); err != nil {
			return err
		}
	}
	return nil
}
