package crosswalk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/xwalk-id/xwalk/mapping/archive"
	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// ErrNotEmpty says that there is something in a crosswalk that must be empty.
var ErrNotEmpty = errors.New("the crosswalk is not empty: an archive is only loaded into an empty one")

// kindLoad is the kind of the run whose row stands for an archive that is
// being loaded. It is never published: with the last rows come those of the
// archive's own runs.
const kindLoad = "load"

// How much of an archive is stored in one transaction.
const (
	loadRows  = 20_000
	loadBytes = 8 << 20
)

// Load fills an empty crosswalk with what an archive holds. Nobody sees
// anything of it before the last transaction, which moves the head. When it
// was stopped, the next Load or Begin removes what is left of it.
//
// It is [ErrNotEmpty] where there are runs or decisions, [ErrEnvironment] when
// the archive is of another environment than this one, and [ErrNewer] where
// its tables are. The archive should have passed [archive.Reader.Check]. told
// is called now and then with how many rows have been stored.
func (l *Lease) Load(ctx context.Context, a *archive.Reader, environment string, told func(rows int64)) error {
	m := &a.Manifest
	if err := checkManifest(m); err != nil {
		return err
	}
	if m.Environment != "" && m.Environment != environment {
		return fmt.Errorf("%w: the archive is of %q and the configuration says %q; check `crosswalk` and `environment`", ErrEnvironment, m.Environment, environment)
	}
	return l.store.fail("load the archive", l.load(ctx, a, told))
}

// checkManifest makes sure that the tables are those that this xwalk has.
func checkManifest(m *archive.Manifest) error {
	switch {
	case m.Schema > len(migrations):
		return fmt.Errorf("%w (its tables have version %d, this one knows %d)", archive.ErrNewer, m.Schema, len(migrations))
	case m.Schema < readableVersion:
		return fmt.Errorf("the archive's tables have version %d and this xwalk has version %d: load it with the xwalk that wrote it, then open that crosswalk with this one", m.Schema, len(migrations))
	}
	known := 0
	for i := range archiveTables {
		t := &archiveTables[i]
		if t.since > m.Schema {
			continue
		}
		known++
		if has := m.Table(t.name); has == nil || !slices.Equal(has.Columns, t.columns) {
			return &archive.DamageError{File: "manifest.json", Reason: "table " + t.name + " is missing or has other columns"}
		}
	}
	if len(m.Tables) != known {
		return &archive.DamageError{File: "manifest.json", Reason: "it has tables that nobody knows"}
	}
	return nil
}

func (l *Lease) load(ctx context.Context, a *archive.Reader, told func(rows int64)) error {
	s := l.store
	if err := l.makeEmpty(ctx); err != nil {
		return err
	}
	// An unfinished run, so that whoever comes after a crash removes what is
	// there.
	if err := l.write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, s.sql(`INSERT INTO @run (run_no, kind, base, serial, actor, reason, environment, started, finished,
			rules, plan, totals, effects, prev, content, digest, discarding, done) VALUES (1, ?, 0, 0, '', '', '', ?, '', '', '', '', '', '', '', '', 1, 1)`),
			kindLoad, s.now().UTC().Format(time.RFC3339))
		return err
	}); err != nil {
		return err
	}
	n := int64(0)
	for i := range archiveTables {
		t := &archiveTables[i]
		if t.last || t.since > a.Manifest.Schema {
			continue
		}
		if err := loadTable(ctx, a, t, func(rows *loadedRows) error {
			err := l.write(ctx, func(tx *sqldb.Tx) error { return rows.insert(ctx, s, tx) })
			n += int64(rows.n)
			told(n)
			return err
		}); err != nil {
			return err
		}
		if t.name == linkTable && a.Manifest.Table(linkTable).Rows > 0 {
			if err := l.indexCanonical(ctx); err != nil {
				return err
			}
		}
	}
	if err := l.write(ctx, func(tx *sqldb.Tx) error { return l.loadLast(ctx, tx, a) }); err != nil {
		return err
	}
	s.dialect.durable(ctx, s)
	return nil
}

// loadLast loads the tables that make the rest visible.
func (l *Lease) loadLast(ctx context.Context, tx *sqldb.Tx, a *archive.Reader) error {
	s := l.store
	if err := s.empty(ctx, tx); err != nil { // someone may have decided meanwhile
		return err
	}
	if _, err := tx.ExecContext(ctx, s.sql("DELETE FROM @run WHERE run_no = 1")); err != nil {
		return err
	}
	for i := range archiveTables {
		t := &archiveTables[i]
		if !t.last {
			continue
		}
		insert := func(rows *loadedRows) error { return rows.insert(ctx, s, tx) }
		if t.name == metaTable { // some of its rows are there, and others wait for them
			insert = func(rows *loadedRows) error { return rows.setMeta(ctx, s, tx) }
		}
		if err := loadTable(ctx, a, t, insert); err != nil {
			return err
		}
	}
	var digest string
	head, err := s.metaNumber(ctx, tx, "head")
	if err == nil && head > 0 {
		err = tx.GetContext(ctx, &digest, s.sql("SELECT digest FROM @run WHERE run_no = ?"), head)
	}
	if err == nil && (head != a.Manifest.Run || digest != a.Manifest.Digest) {
		err = &archive.DamageError{File: "manifest.json", Reason: "its last run is not that of the tables"}
	}
	return err
}

// makeEmpty refuses a crosswalk that holds something, and removes what is left
// of a run or a load that was never published.
func (l *Lease) makeEmpty(ctx context.Context) error {
	s := l.store
	var left *runRow
	err := l.write(ctx, func(tx *sqldb.Tx) error {
		err := s.empty(ctx, tx)
		if err == nil {
			left, err = s.unfinished(ctx, tx, 0)
		}
		if err == nil && left != nil {
			err = s.markDiscarded(ctx, tx, left.No)
		}
		return err
	})
	if err != nil || left == nil {
		return err
	}
	return l.discard(ctx, left)
}

// empty is [ErrNotEmpty] where something is in the crosswalk. It keeps people
// from deciding until the end of tx.
func (s *Store) empty(ctx context.Context, tx *sqldb.Tx) error {
	if err := s.lockMeta(ctx, tx, lastDecision); err != nil {
		return err
	}
	for _, name := range [...]string{"head", lastDecision} {
		n, err := s.metaNumber(ctx, tx, name)
		if err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("%w (it has %d %s)", ErrNotEmpty, n, map[string]string{"head": "runs", lastDecision: "decisions"}[name])
		}
	}
	for _, name := range [...]string{"skip", "approval", "erased"} {
		var n int64
		if err := tx.GetContext(ctx, &n, s.sql("SELECT COUNT(*) FROM @"+name)); err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("%w (its table xwalk_%s has rows)", ErrNotEmpty, name)
		}
	}
	return nil
}

// unload removes what a load left that was stopped. There is nothing else in
// the tables that it fills, for nothing was ever published.
func (l *Lease) unload(ctx context.Context) error {
	s := l.store
	for i := range archiveTables {
		if t := &archiveTables[i]; !t.last {
			if err := l.write(ctx, func(tx *sqldb.Tx) error {
				_, err := tx.ExecContext(ctx, s.sql("DELETE FROM @"+t.name))
				return err
			}); err != nil {
				return err
			}
		}
	}
	return l.write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, s.sql("DELETE FROM @run WHERE run_no = 1"))
		return err
	})
}

// loadedRows are rows of one table on their way into the database.
type loadedRows struct {
	table *archived
	n     int
	cells []archive.Cell // row after row
	bytes int
}

// loadTable hands over the rows of a table in batches.
func loadTable(ctx context.Context, a *archive.Reader, t *archived, flush func(*loadedRows) error) error {
	rows := &loadedRows{table: t}
	for cells, err := range a.Rows(ctx, a.Manifest.Table(t.name)) {
		if err != nil {
			return err
		}
		rows.cells = append(rows.cells, cells...)
		for i := range cells {
			rows.bytes += len(cells[i].Text)
		}
		if rows.n++; rows.n < loadRows && rows.bytes < loadBytes {
			continue
		}
		if err := flush(rows); err != nil {
			return err
		}
		rows.n, rows.bytes, rows.cells = 0, 0, rows.cells[:0]
	}
	if rows.n == 0 {
		return nil
	}
	return flush(rows)
}

func (r *loadedRows) insert(ctx context.Context, s *Store, tx *sqldb.Tx) error {
	t := r.table
	return sqldb.BulkInsert(ctx, tx, s.table(t.name), t.names(), r.n, func(i int, dst *sqldb.Row) {
		for c, cell := range r.cells[i*len(t.columns) : (i+1)*len(t.columns)] {
			switch typ := t.columns[c].Type; {
			case cell.Null:
				dst.Null()
			case typ == archive.Int || typ == archive.Long:
				dst.Int(cell.N)
			case typ == archive.Blob:
				dst.Bytes([]byte(cell.Text))
			default:
				dst.Text(cell.Text)
			}
		}
	})
}

// setMeta sets the values of xwalk_meta.
func (r *loadedRows) setMeta(ctx context.Context, s *Store, tx *sqldb.Tx) error {
	for at := 0; at < len(r.cells); at += len(r.table.columns) {
		if err := s.setMeta(ctx, tx, r.cells[at].Text, r.cells[at+1].Text); err != nil {
			return err
		}
	}
	return nil
}
