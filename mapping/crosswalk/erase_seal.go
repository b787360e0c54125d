package crosswalk

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// damaged stands for the digest of what was not as it had been written when
// customers were forgotten, and is that of nothing: forgetting must not make
// good what somebody has altered.
const damaged = "damaged"

// seals are the digests in force of what runs have forgotten parts of.
type seals struct {
	runs      map[int64]amendment
	decisions map[int64]string
}

// seals reads what the runs up to one amended.
func (s *Store) seals(ctx context.Context, q queryer, head int64) (seals, error) {
	found := seals{runs: map[int64]amendment{}, decisions: map[int64]string{}}
	var rows []struct {
		No      int64  `db:"run_no"`
		Effects string `db:"effects"`
	}
	if err := q.SelectContext(ctx, &rows, s.sql("SELECT run_no, effects FROM @run WHERE run_no <= ? AND kind = 'erase' ORDER BY run_no"), head); err != nil {
		return found, err
	}
	for _, row := range rows {
		var did effects
		if err := json.Unmarshal([]byte(row.Effects), &did); err != nil {
			return found, fmt.Errorf("run %d: %w", row.No, err)
		}
		maps.Copy(found.runs, did.Amended)
		maps.Copy(found.decisions, did.Redacted)
	}
	return found, nil
}

// check finds the touched runs that are not as they were written.
func (e *eraser) check(ctx context.Context) (err error) {
	s := e.lease.store
	if e.before, err = s.seals(ctx, e.tx, e.No-1); err != nil {
		return err
	}
	runs := slices.Sorted(maps.Keys(e.touched))
	contents, err := s.contents(ctx, e.tx, runs)
	if err != nil {
		return fmt.Errorf("digest what earlier runs wrote: %w", err)
	}
	for _, run := range runs {
		var row struct {
			Content string `db:"content"`
			Effects string `db:"effects"`
		}
		if err := e.tx.GetContext(ctx, &row, s.sql("SELECT content, effects FROM @run WHERE run_no = ?"), run); err != nil {
			return fmt.Errorf("run %d: %w", run, err)
		}
		var did effects
		if err := json.Unmarshal([]byte(row.Effects), &did); err != nil {
			return fmt.Errorf("run %d: %w", run, err)
		}
		want, amended := e.before.runs[run]
		if !amended {
			want = amendment{Content: row.Content, Indexes: did.Indexes, Published: did.Published}
		}
		e.published[run] += want.Published
		indexes, err := s.indexDigests(ctx, e.tx, run)
		if err != nil {
			return err
		}
		e.damaged[run] = contents[run] != want.Content || !maps.Equal(indexes, want.Indexes)
	}
	return nil
}

// sealed reports whether a decision is as it was recorded.
func (b *seals) sealed(ctx context.Context, q queryer, s *Store, d *Decision) (bool, error) {
	is, err := s.decisionDigest(ctx, q, d.No)
	if err != nil {
		return false, err
	}
	if want, redacted := b.decisions[d.No]; redacted {
		left, err := d.left(is)
		return err == nil && want == left, nil
	}
	sum := d.content()
	prev, err := s.decisionDigest(ctx, q, d.No-1)
	if err != nil {
		return false, err
	}
	want, err := chain(prev, d.No, sum[:])
	return want == is, err
}
