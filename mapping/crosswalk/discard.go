package crosswalk

import (
	"context"
	"fmt"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// discardRows is how many links of a discarded run are undone in one
// transaction.
const discardRows = 20_000

// markDiscarded makes sure that a run whose undoing has begun is never
// resumed, not even after a crash in the middle of that.
func (s *Store) markDiscarded(ctx context.Context, tx *sqldb.Tx, run int64) error {
	res, err := tx.ExecContext(ctx, s.sql("UPDATE @run SET discarding = 1 WHERE run_no = ?"), run)
	return exactly(1, res, err)
}

// discard undoes an unfinished run: its links go, and those that they
// superseded come back. It can be stopped anywhere and started again; at
// every moment the links of the head are complete.
func (l *Lease) discard(ctx context.Context, run *runRow) error {
	if run.Kind == kindLoad {
		return l.unload(ctx)
	}
	s := l.store
	for source := 0; run.Done > 0; {
		// The sources of an unpublished run may be new, so the links are asked.
		var next *int
		if err := s.db.GetContext(ctx, &next, s.sql("SELECT MIN(source_no) FROM @link WHERE source_no > ?"), source); err != nil {
			return err
		}
		if next == nil {
			break
		}
		source = *next
		if err := l.discardSource(ctx, run.No, source); err != nil {
			return err
		}
	}
	if err := l.discardPublications(ctx, run.No); err != nil {
		return err
	}
	return l.write(ctx, func(tx *sqldb.Tx) error {
		for _, table := range []string{"match", "segment", "index", "rule"} {
			if _, err := tx.ExecContext(ctx, s.sql("DELETE FROM @"+table+" WHERE from_run = ?"), run.No); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, s.sql("DELETE FROM @run WHERE run_no = ?"), run.No)
		return err
	})
}

// discardSource undoes the run's links of one source, a range of keys at a
// time.
func (l *Lease) discardSource(ctx context.Context, run int64, source int) error {
	for low := ""; ; {
		high, err := l.discardRange(ctx, run, source, low, discardRows)
		if err != nil || high == "" {
			return err
		}
		low = high
	}
}

// discardRange undoes the next links of the run, at most rows of them, after
// the key low. It returns the last key, or nothing when there was none.
func (l *Lease) discardRange(ctx context.Context, run int64, source int, low string, rows int) (high string, err error) {
	s := l.store
	var keys []string
	if err := s.db.SelectContext(ctx, &keys, s.sql(fmt.Sprintf("SELECT id_key FROM @link WHERE source_no = ? AND id_key > ? AND from_run = ? "+
		"ORDER BY id_key LIMIT %d", rows)), source, low, run); err != nil || len(keys) == 0 {
		return "", err
	}
	high = keys[len(keys)-1]
	return high, l.write(ctx, func(tx *sqldb.Tx) error {
		for _, stmt := range []string{
			"DELETE FROM @link WHERE source_no = ? AND id_key > ? AND id_key <= ? AND from_run = ?",
			"INSERT INTO @link (" + linkColumnList + ") SELECT " + linkColumnList +
				" FROM @link_past WHERE source_no = ? AND id_key > ? AND id_key <= ? AND until_run = ?",
			"DELETE FROM @link_past WHERE source_no = ? AND id_key > ? AND id_key <= ? AND until_run = ?",
		} {
			if _, err := tx.ExecContext(ctx, s.sql(stmt), source, low, high, run); err != nil {
				return err
			}
		}
		return nil
	})
}
