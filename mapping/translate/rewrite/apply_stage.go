package rewrite

import (
	"bytes"
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
	"github.com/xwalk-id/xwalk/mapping/translate"
)

// loadRows is how many rows are put into the journal at a time.
const loadRows = 20_000

// stage reads the reference's rows and puts into the journal what is to be
// written. Nothing of the user's changes. One that was interrupted begins anew.
func (w *work) stage(ctx context.Context, t *task) error {
	if err := w.makeJournal(ctx, t); err != nil {
		return err
	}
	was := *t.entry
	t.Last, t.Read, t.Empty, t.Unchanged, t.Orphans, t.Contended = t.First-1, 0, 0, 0, 0, 0
	b := &staging{work: w, task: t, held: w.held(t)}
	if t.unique() {
		b.seed = maphash.MakeSeed()
	}
	from := &scan{ref: t.ref, table: t.table, upTo: lastInForce(w.others, t.Journal)}
	if from.upTo > 0 {
		from.journal = t.Journal
	}
	for r, err := range from.rows(ctx, w.db) {
		if err != nil {
			return err
		}
		if err := b.add(ctx, r); err != nil {
			return err
		}
		if t.Read%loadRows == 0 {
			w.job.tell(t.Reference, t.Read, t.surveyed.Rows)
		}
	}
	if err := b.flush(ctx); err != nil {
		return err
	}
	if t.ref.Write == InPlace { // whoever reads the rows from now on asks what was written into each
		if err := w.index(ctx, t.Journal, len(keyColumns(t.table))); err != nil {
			return err
		}
	}
	if err := w.analyze(ctx, t); err != nil {
		return err
	}
	t.State, t.Cursor, t.Overlap = staged, t.First-1, b.overlaps()
	return w.saved(within(ctx, w.db, func(tx *sqldb.Tx) error { return t.save(ctx, tx, was) }), t)
}

// held reports whether a foreign key that stands would refuse to have the
// reference rewritten: the survey found nothing to write at either end, and so
// nothing that would ask for the key to be dropped.
func (w *work) held(t *task) bool {
	if w.d != sqldb.Postgres {
		return false
	}
	for _, f := range slices.Concat(t.table.Foreign, t.table.Referred) {
		if !f.stands() || slices.ContainsFunc(w.ddl.steps, func(s *step) bool { return s.Forward == f.Drop }) {
			continue
		}
		for i := range f.Columns {
			children, parents := inPlace(w.tasks, columnOf{f.Table, f.Columns[i]}), inPlace(w.tasks, columnOf{f.Parent, f.Refers[i]})
			if len(children) > 0 && len(parents) > 0 && slices.Contains(slices.Concat(children, parents), t) {
				return true
			}
		}
	}
	return false
}

// makeJournal makes the table of a reference's changes, or empties it of those
// of an interrupted reading.
func (w *work) makeJournal(ctx context.Context, t *task) error {
	if err := w.make(ctx, t.Journal, changesSQL(w.d, t)); err != nil {
		return err
	}
	return w.saved(within(ctx, w.db, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %s WHERE seq >= %d", w.d.Quote(t.Journal), t.First))
		return err
	}), t)
}

// changesSQL are the statements that make the table of a reference's changes,
// if it is not there. Its key columns have the types of the user's, so that
// indexes serve.
func changesSQL(d sqldb.Dialect, t *task) []string {
	keys := keyColumns(t.table)
	name, table := d.Quote(t.Journal), d.Table(t.table.Full)
	named, selected := make([]string, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		named[i] = fmt.Sprintf("k%d", i+1)
		selected[i] = keyName(d, t.table, k) + " AS " + named[i]
	}
	list := strings.Join(selected, ", ")
	switch d {
	case sqldb.SQLite: // without types its columns take every value as it is
		return []string{"CREATE TABLE IF NOT EXISTS " + name + " (seq INTEGER PRIMARY KEY, " + strings.Join(named, ", ") + ", old_value, new_value)"}
	case sqldb.MySQL:
		return []string{"CREATE TABLE IF NOT EXISTS " + name + " (seq BIGINT NOT NULL DEFAULT 0 PRIMARY KEY, old_value LONGBLOB, new_value LONGBLOB)" +
			" ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin AS SELECT " + list + " FROM " + table + " WHERE 1 = 0"}
	default:
		return []string{
			"CREATE TABLE IF NOT EXISTS " + name + " AS SELECT CAST(0 AS bigint) AS seq, " + list +
				", CAST('' AS text) AS old_value, CAST('' AS text) AS new_value FROM " + table + " WHERE false",
			"CREATE UNIQUE INDEX IF NOT EXISTS " + d.Quote(t.Journal+"_seq") + " ON " + name + " (seq)",
		}
	}
}

// analyze lets the database know how many changes there are.
func (w *work) analyze(ctx context.Context, t *task) error {
	if w.d != sqldb.Postgres || t.Last < t.First {
		return nil
	}
	_, err := w.db.ExecContext(ctx, "ANALYZE "+w.d.Quote(t.Journal))
	return w.saved(err, t)
}

// saved names the reference in an error of the journal's.
func (w *work) saved(err error, t *task) error {
	if err == nil {
		return nil
	}
	return w.db.Explain(fmt.Errorf("rewrite %s: %w", t.Reference, err))
}

// change is a row that is to get another text.
type change struct {
	key []field
	old field
	new []byte
}

// staging gathers the changes of a reference.
type staging struct {
	*work
	task    *task
	held    bool // what is to be written came since the survey, and waits for the next run
	changes []change
	fields  []field
	arena   []byte
	buffer  []byte

	seed maphash.Seed // of the hashes below; for unique columns only
	olds []uint64
	news []uint64
}

// add sorts a row, and keeps it if it is to change.
func (b *staging) add(ctx context.Context, r *row) error {
	t := b.task
	t.Read++
	text, write := t.translate(r, b.buffer[:0])
	b.buffer = text
	if !write {
		return nil
	}
	if b.held {
		t.Contended++
		return nil
	}
	if why := t.refuses(text); why != "" {
		return fmt.Errorf("rewrite %s: %s", t.Reference, why)
	}
	if t.unique() {
		b.olds = append(b.olds, maphash.Bytes(b.seed, r.present.text()))
		b.news = append(b.news, maphash.Bytes(b.seed, text))
	}
	from := len(b.fields)
	for i := range r.key {
		b.fields = append(b.fields, b.keep(r.key[i]))
	}
	b.changes = append(b.changes, change{
		key: b.fields[from:len(b.fields):len(b.fields)], old: b.keep(r.present), new: b.keep(field{bytes: text}).bytes,
	})
	if len(b.changes) == loadRows {
		return b.flush(ctx)
	}
	return nil
}

// keep copies what belongs to the scanner.
func (b *staging) keep(f field) field {
	from := len(b.arena)
	b.arena = append(b.arena, f.bytes...)
	f.bytes = b.arena[from:len(b.arena):len(b.arena)]
	return f
}

// flush puts the changes into the journal.
func (b *staging) flush(ctx context.Context) error {
	t := b.task
	columns := []string{"seq", "old_value", "new_value"}
	for i := range keyColumns(t.table) {
		columns = append(columns, fmt.Sprintf("k%d", i+1))
	}
	first := t.Last + 1
	err := within(ctx, b.db, func(tx *sqldb.Tx) error {
		return sqldb.BulkInsert(ctx, tx, t.Journal, columns, len(b.changes), func(i int, row *sqldb.Row) {
			c := &b.changes[i]
			row.Int(first + int64(i))
			c.old.put(b.d, row)
			row.Text(string(c.new))
			for k := range c.key {
				c.key[k].put(b.d, row)
			}
		})
	})
	if err != nil {
		return b.saved(err, t)
	}
	t.Last += int64(len(b.changes))
	b.changes, b.fields, b.arena = b.changes[:0], b.fields[:0], b.arena[:0]
	return nil
}

// overlaps reports whether new texts are old ones of other rows, so that a
// unique column cannot take them one after the other.
func (b *staging) overlaps() bool {
	slices.Sort(b.olds)
	for _, h := range b.news {
		if _, ok := slices.BinarySearch(b.olds, h); ok {
			return true
		}
	}
	return false
}

// translate says what the row's target becomes, and counts the row where it
// stays as it is.
func (t *task) translate(r *row, buffer []byte) (text []byte, write bool) {
	id, some := r.id()
	if !some {
		t.Empty++
		return buffer, false
	}
	column, inPlace := &t.column, t.ref.Write == InPlace
	ours := inPlace && r.ours()
	if ours {
		column = &t.canonical
	}
	if column.Table == nil { // nobody says what became of canonical IDs
		t.Unchanged++
		return buffer, false
	}
	var o translate.Outcome
	text, changed := column.Translate(buffer, id, &o)
	switch {
	case o.IDs == 0:
		t.Empty++
	case len(o.Lost) > 0 && ours:
		t.Unchanged++
	case len(o.Lost) > 0:
		t.Orphans++
	case inPlace && !changed, bytes.Equal(text, r.present.text()) && !r.present.null:
		t.Unchanged++
	default:
		return text, true
	}
	return text, false
}

// refuses says why the target cannot keep a text as it is; empty: it can. It
// judges as the survey does, for rows may have come since: a column of numbers
// would take zeros away without a word.
func (t *task) refuses(text []byte) string {
	c := t.target
	if t.retyped || c == nil || c.Kind != Integer && c.Kind != Decimal && !c.Numeric {
		return ""
	}
	var m made
	m.add(text)
	why := m.altered(c)
	if why == "" && c.Kind != Any {
		why = m.notNumber(c)
	}
	if why != "" {
		why = fmt.Sprintf("%s is %s, and %s; run the dry run again for what helps", c.Name, c.Type, why)
	}
	return why
}
