package crosswalk

import (
	"context"
	"strings"
)

// gave is a condition on a source ID, the columns source_no and id_key of
// table x: a run gave it its canonical ID, took it away, or made the ID that
// it has mean another. A run that only read its record anew did not.
const gave = `(EXISTS (SELECT 1 FROM @link l WHERE l.source_no = x.source_no AND l.id_key = x.id_key AND l.from_run = ? AND NOT EXISTS
	(SELECT 1 FROM @link_past b WHERE b.source_no = l.source_no AND b.id_key = l.id_key AND b.until_run = ? AND b.canonical = l.canonical AND b.state = l.state))
OR EXISTS (SELECT 1 FROM @link_past l WHERE l.source_no = x.source_no AND l.id_key = x.id_key AND l.from_run = ? AND NOT EXISTS
	(SELECT 1 FROM @link_past b WHERE b.source_no = l.source_no AND b.id_key = l.id_key AND b.until_run = ? AND b.canonical = l.canonical AND b.state = l.state))
OR EXISTS (SELECT 1 FROM @link l JOIN @number n ON n.canonical = l.canonical WHERE l.source_no = x.source_no AND l.id_key = x.id_key AND n.from_run = ?)
OR EXISTS (SELECT 1 FROM @link l JOIN @number_past n ON n.canonical = l.canonical WHERE l.source_no = x.source_no AND l.id_key = x.id_key AND n.from_run = ?))`

// gaveArgs stand for the question marks of gave.
func gaveArgs(run int64, args ...any) []any {
	for range strings.Count(gave, "?") {
		args = append(args, run)
	}
	return args
}

// PublishedSince says which later runs published numbers that a run gave, and
// of how many source IDs; what was refused or taken back does not count.
func (v *Snapshot) PublishedSince(ctx context.Context, run int64) (map[int64]int64, error) {
	found := map[int64]int64{}
	if v.store.tables < ledgerVersion {
		return found, nil
	}
	var rows []struct {
		Run int64 `db:"run_no"`
		N   int64 `db:"n"`
	}
	err := v.use(func() error {
		return v.tx.SelectContext(ctx, &rows, v.store.sql("SELECT x.run_no AS run_no, COUNT(*) AS n FROM @publication x "+
			"WHERE x.run_no > ? AND x.run_no <= ? AND x.state IN (0, 1) AND x.canonical <> '' AND "+gave+" GROUP BY x.run_no"), gaveArgs(run, run, v.head.Run)...)
	})
	for _, row := range rows {
		found[row.Run] = row.N
	}
	return found, v.store.fail("look up what was published", err)
}

// GaveIn reports whether a run gave a number to a source ID of a source.
func (v *Snapshot) GaveIn(ctx context.Context, run int64, source int) (bool, error) {
	var rows []int
	err := v.use(func() error {
		return v.tx.SelectContext(ctx, &rows, v.store.sql("SELECT 1 FROM @link x WHERE x.source_no = ? AND x.from_run <= ? AND "+gave+" LIMIT 1"),
			gaveArgs(run, source, v.head.Run)...)
	})
	return len(rows) > 0, v.store.fail("look up what a run gave", err)
}
