package crosswalk

import (
	"context"
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// inList is how many values stand in one IN (…).
const inList = 500

// supersede moves the links that the batch replaces to xwalk_link_past.
func (r *Run) supersede(ctx context.Context, tx *sqldb.Tx, batch []Link) error {
	for len(batch) > 0 {
		source := batch[0].Source
		var keys []string
		n := 0
		for ; n < len(batch) && batch[n].Source == source; n++ {
			if batch[n].Replaces {
				keys = append(keys, batch[n].Key)
			}
		}
		batch = batch[n:]
		if err := r.moveToPast(ctx, tx, source, keys); err != nil {
			return fmt.Errorf("supersede links of source %d: %w", source, err)
		}
	}
	return nil
}

// moveToPast moves links of one source, whose keys are sorted. Where a run
// replaces all links between two keys, naming those two takes half the time
// that naming all takes.
func (r *Run) moveToPast(ctx context.Context, tx *sqldb.Tx, source int, keys []string) error {
	for chunk := range slices.Chunk(keys, inList) {
		where, args := "source_no = ? AND id_key IN (?) AND from_run < ?", []any{source, chunk, r.No}
		if len(chunk) == inList {
			whole, err := r.isRange(ctx, tx, source, chunk)
			if err != nil {
				return err
			}
			if whole {
				where, args = "source_no = ? AND id_key >= ? AND id_key <= ? AND from_run < ?", []any{source, chunk[0], chunk[len(chunk)-1], r.No}
			}
		}
		if err := r.move(ctx, tx, len(chunk), where, args...); err != nil {
			return err
		}
	}
	return nil
}

// isRange reports whether keys are those of all links from the first of
// them to the last.
func (r *Run) isRange(ctx context.Context, tx *sqldb.Tx, source int, keys []string) (bool, error) {
	there := make([]string, 0, len(keys)+1)
	err := tx.SelectContext(ctx, &there, r.lease.store.sql("SELECT id_key FROM @link WHERE source_no = ? AND id_key >= ? AND id_key <= ? AND from_run < ? ORDER BY id_key LIMIT ?"),
		source, keys[0], keys[len(keys)-1], r.No, len(keys)+1)
	return slices.Equal(there, keys), err
}

// move moves the links that meet a condition, which must be so many.
func (r *Run) move(ctx context.Context, tx *sqldb.Tx, n int, where string, args ...any) error {
	s := r.lease.store
	for _, stmt := range []string{
		"INSERT INTO @link_past (" + linkColumnList + ", until_run) SELECT " + linkColumnList + fmt.Sprintf(", %d", r.No) + " FROM @link WHERE " + where,
		"DELETE FROM @link WHERE " + where,
	} {
		query, args, err := s.in(stmt, args...)
		if err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, query, args...)
		if err := exactly(int64(n), res, err); err != nil {
			return err
		}
	}
	return nil
}
