package rewrite

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate"
)

// work is the part of a job that is done in one database.
type work struct {
	*site
	d        sqldb.Dialect
	database Database
	job      *Job
	tasks    []*task // in the order in which they are written
	ddl      *ddl
	others   []*entry // of earlier runs
	results  []Result
}

// task is a reference of a job at work, and its line of the journal.
type task struct {
	*entry
	at        int // among the job's
	ref       *Reference
	surveyed  *Surveyed
	table     *Table
	target    *Column // nil until it is added
	retyped   bool    // its type changes
	column    translate.Column
	canonical translate.Column // for what earlier runs wrote
}

// unique reports whether the database lets no two rows hold the same in the
// target.
func (t *task) unique() bool {
	return t.ref.Write == InPlace && slices.ContainsFunc(t.table.Unique, func(u Index) bool {
		return slices.ContainsFunc(u.Columns, func(c string) bool { return t.table.Same(c, t.target.Name) })
	})
}

// run does the work from beginning to end, or goes on with it.
func (w *work) run(ctx context.Context) (err error) {
	if w.site, err = openSite(ctx, w.database, w.job.wrap); err != nil {
		return err
	}
	defer w.close()
	w.d = w.db.Dialect
	if err := w.prepare(ctx); err != nil {
		return err
	}
	defer w.tell()
	for _, t := range w.tasks {
		if t.State == planned {
			if err := w.stage(ctx, t); err != nil {
				return err
			}
		}
	}
	if w.written() {
		return w.finish(ctx)
	}
	if err := w.ddl.forward(ctx, false); err != nil {
		return err
	}
	if err := w.openWriter(ctx, w.database, session[w.d]); err != nil {
		return err
	}
	if err := w.inspect(ctx); err != nil {
		return err
	}
	for _, t := range w.tasks {
		if err := w.write(ctx, t); err != nil {
			return err
		}
	}
	return w.finish(ctx)
}

// session is what a session that changes rows begins with. Where both ends of
// a foreign key are rewritten, they cannot agree all the time: MySQL and SQLite
// do not check them then, and they are looked at afterwards. PostgreSQL finds
// the few rows of a batch by their keys and does not read the whole table for
// each, as its planner would, and compiles no machine code for plans that only
// look costly by that, which a cascade would do for every row; it need not wait for the disk after each either,
// for a batch that is lost is lost with its place in the journal, and the end
// of the run waits for all.
var session = map[sqldb.Dialect]string{
	sqldb.Postgres: "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off; SET jit = off; SET synchronous_commit = off",
	sqldb.MySQL:    "SET SESSION foreign_key_checks = 0",
	sqldb.SQLite:   "PRAGMA foreign_keys = OFF",
}

func (w *work) written() bool {
	return !slices.ContainsFunc(w.tasks, func(t *task) bool { return t.State != written && t.State != finished })
}

// prepare finds the job's lines in the journal, or writes them.
func (w *work) prepare(ctx context.Context) error {
	list, err := entries(ctx, w.db)
	if err != nil {
		return err
	}
	mine := ofRun(list, w.job.Crosswalk, w.job.Run)
	for _, e := range list {
		switch {
		case slices.Contains(mine, e):
			if e.State == undoing || e.State == undone {
				return &UnfinishedError{e.Run, w.db.Label, "was undone"}
			}
		case !e.resolved():
			return &UnfinishedError{e.Run, w.db.Label, "is not finished"}
		default:
			w.others = append(w.others, e)
		}
	}
	if err := w.makeTasks(mine); err != nil {
		return err
	}
	w.ddl = &ddl{db: w.db, crosswalk: w.job.Crosswalk, run: w.job.Run}
	if len(mine) > 0 {
		w.ddl.steps, err = steps(ctx, w.db, w.job.Crosswalk, w.job.Run)
		for _, t := range w.tasks {
			w.results[t.at].Resumed = true
		}
		return err
	}
	return w.begin(ctx)
}

// makeTasks makes the tasks of the database's references, in the order in
// which they are written. mine are the lines that the journal has of them.
func (w *work) makeTasks(mine []*entry) error {
	for i, s := range w.job.Surveyed {
		if !s.Reference.Database.same(w.database) {
			continue
		}
		t := &task{at: i, ref: s.Reference, surveyed: s, table: s.Table}
		t.column = translate.Column{Table: w.job.Tables[s.RefersTo], Shape: s.Reference.Shape, Missing: translate.Keep}
		t.canonical = translate.Column{Table: s.Reference.written(w.job.Tables), Shape: s.Reference.Shape, Missing: translate.Keep}
		t.setTarget()
		t.retyped = t.wantsType()
		w.tasks = append(w.tasks, t)
	}
	if len(mine) == 0 {
		order(w.tasks)
		for no, t := range w.tasks {
			t.entry = w.newEntry(t, no+1)
		}
		return nil
	}
	for _, t := range w.tasks {
		digest := digestOf(t.ref)
		at := slices.IndexFunc(mine, func(e *entry) bool { return e.Digest == digest })
		if at < 0 || len(mine) != len(w.tasks) {
			return fmt.Errorf("the references in the configuration are no longer those of run %d, which was interrupted in the %s; "+
				"put them back and go on with it, or take it back with rewrite --undo %d", w.job.Run, w.db.Label, w.job.Run)
		}
		t.entry = mine[at]
	}
	slices.SortFunc(w.tasks, func(a, b *task) int { return a.No - b.No })
	return nil
}

func (t *task) setTarget() {
	t.target = nil
	if c, ok := t.table.Column(t.ref.Target()); ok {
		t.target = &c
	}
}

// newEntry is the line of a reference that is begun.
func (w *work) newEntry(t *task, no int) *entry {
	keys, _ := json.Marshal(keyColumns(t.table))
	digest := digestOf(t.ref)
	e := &entry{
		Crosswalk: w.job.Crosswalk, Run: w.job.Run, No: no, Reference: t.ref.Name(), RefersTo: t.ref.RefersTo, Digest: digest,
		Table: t.table.Full, Target: t.ref.Target(), Keys: string(keys), Journal: journalName(digest + string(keys)),
		Turn: int64(no), State: planned, First: 1, Actor: w.job.Actor, Started: now(),
	}
	for _, o := range w.others {
		e.Turn = max(e.Turn, o.Turn+int64(no))
		if o.Journal == e.Journal {
			e.First = max(e.First, o.Last+1)
		}
	}
	e.Last = e.First - 1
	e.Cursor = e.Last
	return e
}

// order puts references into the order in which they are written: first those
// that no foreign key binds; then parents before their children, to which the
// database may carry the new numbers over; among those of one depth first the
// ones that are part of their table's key, for then the journals of the
// others learn the new keys.
func order(tasks []*task) {
	depth := map[*task]int{}
	for range tasks {
		for _, child := range tasks {
			for _, f := range child.table.Foreign {
				for _, parent := range tasks {
					if child.bound(f.Table, f.Columns) && parent.bound(f.Parent, f.Refers) {
						depth[parent] = max(depth[parent], 1)
						if child != parent {
							depth[child] = min(max(depth[child], depth[parent]+1), len(tasks)+1)
						}
					}
				}
			}
		}
	}
	rank := func(t *task) int {
		r := 2 * depth[t]
		if _, at := t.keyAt(); at < 0 {
			r++
		}
		if depth[t] == 0 {
			r = 0
		}
		return r
	}
	slices.SortStableFunc(tasks, func(a, b *task) int { return rank(a) - rank(b) })
}

// bound reports whether columns of a table have the target among them, which
// is rewritten in place.
func (t *task) bound(table string, columns []string) bool {
	return t.ref.Write == InPlace && t.table.Full == table &&
		slices.ContainsFunc(columns, func(c string) bool { return t.table.Same(c, t.ref.Target()) })
}

// begin writes the lines of the job, and its steps, into the journal.
func (w *work) begin(ctx context.Context) (err error) {
	p := &planner{db: w.db, d: w.d, tasks: w.tasks, journals: w.others}
	if w.ddl.steps, err = p.plan(ctx); err != nil {
		return err
	}
	if len(w.ddl.steps) > 0 && !w.job.AllowDDL {
		return &DDLError{w.db.Label, w.ddl.steps[0].Forward}
	}
	if err := w.countBroken(ctx, func(t *task, n int64) { t.Broken = n }); err != nil {
		return err
	}
	if err := w.make(ctx, stepTable, createJournal(w.d)); err != nil {
		return err
	}
	err = within(ctx, w.db, func(tx *sqldb.Tx) error {
		for _, t := range w.tasks {
			if err := t.insert(ctx, tx); err != nil {
				return err
			}
		}
		return w.ddl.insert(ctx, tx)
	})
	if err != nil {
		return w.db.Explain(fmt.Errorf("write the journal of rewrites: %w", err))
	}
	return nil
}

// inspect looks again at the tables, whose columns may have changed, and
// makes the indexes by which their journals are found.
func (w *work) inspect(ctx context.Context) error {
	tables := map[string]*Table{}
	for _, t := range w.tasks {
		name := t.table.Full
		if tables[name] == nil {
			var err error
			if tables[name], err = Inspect(ctx, w.db, name); err != nil {
				return err
			}
		}
		t.table = tables[name]
		if t.setTarget(); t.target == nil {
			return fmt.Errorf("%s has no column %s any more", name, t.ref.Target())
		}
		if keys, _ := json.Marshal(keyColumns(t.table)); string(keys) != t.Keys {
			return fmt.Errorf("the key of %s was %s when it was read and is now %s", name, t.Keys, keys)
		}
	}
	return w.indexFollowers(ctx)
}

// tell puts into the results what was done.
func (w *work) tell() {
	for i, t := range w.tasks {
		r := &w.results[t.at]
		resumed, after := r.Resumed, r.After
		*r = t.result()
		r.Resumed, r.After = resumed, after
		if i == 0 {
			r.DDL = w.ddl.done
		}
	}
}
