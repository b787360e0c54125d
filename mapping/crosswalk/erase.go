package crosswalk

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Purge makes sure that the bytes of what was erased are not left over in the
// crosswalk's file. It takes time and room in proportion to the file; on
// servers it is theirs to do. It may be called again where it failed.
func (s *Store) Purge(ctx context.Context) error {
	return s.fail("purge what was erased", s.dialect.purge(ctx, s))
}

// eraser forgets source IDs within the transaction that publishes a run.
type eraser struct {
	*Run
	tx      *sqldb.Tx
	keys    []SourceKey // sorted, each once
	names   map[int]string
	touched map[int64]bool       // runs whose rows went
	issued  map[SourceKey]string // what each key was issued last
	reviews []string             // that name a key
	closed  map[int64][]string   // the closed ones of them, by the run that did
	before  seals                // of earlier runs and decisions
	// published is how many entries of the ledger the touched runs should have
	// after it.
	published map[int64]int64
	sound     map[int64]bool // of the decisions that name a key, those that were as they had been recorded
	damaged   map[int64]bool // of the touched runs, those that were not as they had been written
}

// erase deletes all versions of the links of keys and whatever names them:
// entries of the indexes, reviews, and who claimed or passed those over;
// decisions lose their keys and reasons. The rows that tell the keys when they
// come again are added, and did learns what is left of earlier runs.
//
// It is one transaction with the publication, so readers and whoever comes
// after a crash find all of it or nothing.
func (r *Run) erase(ctx context.Context, tx *sqldb.Tx, keys []SourceKey, did *effects) error {
	if len(keys) == 0 {
		return nil
	}
	if err := r.lease.store.dialect.erasing(ctx, tx); err != nil {
		return err
	}
	e := &eraser{Run: r, tx: tx, names: map[int]string{}, touched: map[int64]bool{}, issued: map[SourceKey]string{}, sound: map[int64]bool{}, damaged: map[int64]bool{}, closed: map[int64][]string{}, published: map[int64]int64{}}
	e.keys = slices.Compact(slices.SortedFunc(slices.Values(keys), SourceKey.Compare))
	sources, err := r.lease.store.sources(ctx, tx)
	if err != nil {
		return err
	}
	for _, s := range sources {
		e.names[s.No] = s.Name
	}
	for _, step := range []func(context.Context) error{e.find, e.ledger, e.check, e.drop, e.indexes} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if did.Redacted, err = e.decisions(ctx); err != nil {
		return err
	}
	if did.Erased, err = e.remember(ctx); err != nil {
		return err
	}
	if did.Salt, err = r.lease.store.saltDigest(ctx, tx); err != nil {
		return err
	}
	did.Amended, err = e.amend(ctx)
	return err
}

// where calls each with a condition on the columns of a source and a key that
// holds for the keys, and its arguments, some keys at a time. Named says that
// the source's column has its name and not its number.
func (e *eraser) where(source, key string, named bool, each func(where string, args []any) error) error {
	for no, keys := range keyChunks(e.keys) {
		var of any = no
		if named {
			of = e.names[no]
		}
		for in, args := range inLists(keys) {
			if err := each(source+" = ? AND "+key+in, append([]any{of}, args...)); err != nil {
				return err
			}
		}
	}
	return nil
}

// find notes which runs wrote versions of the links and reviews of the keys.
func (e *eraser) find(ctx context.Context) error {
	s := e.lease.store
	for _, table := range [...]string{"link_past", "link"} { // the newest version comes last
		if err := e.where("source_no", "id_key", false, func(where string, args []any) error {
			var rows []struct {
				Source    int    `db:"source_no"`
				Key       string `db:"id_key"`
				Canonical string `db:"canonical"`
				Run       int64  `db:"from_run"`
			}
			if err := e.tx.SelectContext(ctx, &rows, s.sql("SELECT source_no, id_key, canonical, from_run FROM @"+table+" WHERE "+where+" ORDER BY from_run"), args...); err != nil {
				return err
			}
			for _, row := range rows {
				e.touched[row.Run] = true
				e.issued[SourceKey{row.Source, row.Key}] = row.Canonical
			}
			return nil
		}); err != nil {
			return err
		}
	}
	for _, k := range e.keys {
		if _, known := e.issued[k]; !known {
			return fmt.Errorf("%w (a link that was to be erased is not there)", ErrStale)
		}
	}
	for _, side := range [...]string{"left", "right"} {
		if err := e.where(side+"_source", side+"_key", false, func(where string, args []any) error {
			var rows []struct {
				Review string `db:"review"`
				Run    int64  `db:"from_run"`
				Until  int64  `db:"until_run"`
			}
			err := e.tx.SelectContext(ctx, &rows, s.sql("SELECT review, from_run, until_run FROM @review WHERE "+where), args...)
			for _, row := range rows {
				e.reviews = append(e.reviews, row.Review)
				e.touched[row.Run] = true
				if row.Until > 0 {
					e.touched[row.Until] = true
					e.closed[row.Until] = append(e.closed[row.Until], row.Review)
				}
			}
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// drop deletes every version of the links, the entries of the ledger with what
// fields held before, and the reviews with those who looked at them.
func (e *eraser) drop(ctx context.Context) error {
	for _, table := range [...]string{"link_past", "link", publicationTable} {
		if err := e.where("source_no", "id_key", false, func(where string, args []any) error {
			_, err := e.tx.ExecContext(ctx, e.lease.store.sql("DELETE FROM @"+table+" WHERE "+where), args...)
			return err
		}); err != nil {
			return fmt.Errorf("erase from %s: %w", table, err)
		}
	}
	return e.dropReviews(ctx, e.reviews, "review", "claim", "skip")
}

// ledger notes which runs published something about the keys.
func (e *eraser) ledger(ctx context.Context) error {
	s := e.lease.store
	return e.where("source_no", "id_key", false, func(where string, args []any) error {
		var rows []struct {
			Run int64 `db:"run_no"`
			N   int64 `db:"n"`
		}
		err := e.tx.SelectContext(ctx, &rows, s.sql("SELECT run_no, COUNT(*) AS n FROM @publication WHERE "+where+" GROUP BY run_no"), args...)
		for _, row := range rows {
			e.touched[row.Run] = true
			e.published[row.Run] -= row.N
		}
		return err
	})
}

func (e *eraser) dropReviews(ctx context.Context, ids []string, tables ...string) error {
	for in, args := range inLists(ids) {
		for _, table := range tables {
			if _, err := e.tx.ExecContext(ctx, e.lease.store.sql("DELETE FROM @"+table+" WHERE review"+in), args...); err != nil {
				return err
			}
		}
	}
	return nil
}

// decisions takes from the decisions that name a key that key, the review and
// the reason; what somebody decided, and when, stays. It returns the digests
// of what is left.
func (e *eraser) decisions(ctx context.Context) (map[int64]string, error) {
	s := e.lease.store
	left := map[int64]Decision{}
	var reviews []string
	for _, side := range [...]string{"left", "right"} {
		if err := e.where(side+"_source", side+"_key", true, func(where string, args []any) error {
			found, err := s.decisions(ctx, e.tx, where, args...)
			for _, d := range found {
				if d.Review != "" {
					reviews = append(reviews, d.Review)
				}
				if was, seen := left[d.No]; seen {
					d = was
				} else if e.sound[d.No], err = e.before.sealed(ctx, e.tx, s, &d); err != nil {
					return err
				}
				if side == "left" {
					d.Left.Key = ""
				} else {
					d.Right.Key = ""
				}
				d.Review, d.Reason = "", ""
				left[d.No] = d
			}
			return err
		}); err != nil {
			return nil, err
		}
	}
	redacted := make(map[int64]string, len(left))
	for _, no := range slices.Sorted(maps.Keys(left)) {
		d := left[no]
		res, err := e.tx.ExecContext(ctx, s.sql("UPDATE @decision SET left_key = ?, right_key = ?, review = '', reason = '' WHERE decision_no = ?"),
			d.Left.Key, d.Right.Key, no)
		if err := exactly(1, res, err); err != nil {
			return nil, fmt.Errorf("redact decision %d: %w", no, err)
		}
		redacted[no] = damaged
		if e.sound[no] {
			digest, err := s.decisionDigest(ctx, e.tx, no)
			if err != nil {
				return nil, err
			}
			if redacted[no], err = d.left(digest); err != nil {
				return nil, err
			}
		}
	}
	return redacted, e.dropReviews(ctx, reviews, "claim", "skip") // of reviews that no run raised
}

// remember adds the rows that tell the keys when they come again, and returns
// their digest.
func (e *eraser) remember(ctx context.Context) (string, error) {
	s := e.lease.store
	salt, err := s.eraseSalt(ctx, e.tx)
	if err == nil && salt == nil {
		salt = make([]byte, 32)
		if _, err := rand.Read(salt); err != nil {
			return "", err
		}
		err = s.setMeta(ctx, e.tx, eraseSalt, hex.EncodeToString(salt))
	}
	if err != nil {
		return "", err
	}
	rows := make([]erasedRow, len(e.keys))
	hash := keyHasher(salt)
	for i, k := range e.keys {
		rows[i] = erasedRow{k.Source, hash(k.Key), e.issued[k], e.No}
	}
	slices.SortFunc(rows, erasedRow.compare)
	if err := sqldb.BulkInsert(ctx, e.tx, s.table("erased"), []string{"source_no", "key_hash", "canonical", "from_run"},
		len(rows), func(i int, dst *sqldb.Row) {
			dst.Int(int64(rows[i].Source))
			dst.Text(rows[i].Hash)
			dst.Text(rows[i].Canonical)
			dst.Int(rows[i].Run)
		}); err != nil {
		return "", err
	}
	return digestErased(rows), nil
}

// amend works out what is left of the runs that rows went of.
func (e *eraser) amend(ctx context.Context) (map[int64]amendment, error) {
	s := e.lease.store
	runs := slices.Sorted(maps.Keys(e.touched))
	contents, err := s.contents(ctx, e.tx, runs)
	if err != nil {
		return nil, fmt.Errorf("digest what is left of earlier runs: %w", err)
	}
	amended := make(map[int64]amendment, len(runs))
	for _, run := range runs {
		indexes, err := s.indexDigests(ctx, e.tx, run)
		if err != nil {
			return nil, err
		}
		left := amendment{Published: e.published[run], Content: contents[run], Indexes: indexes, Closed: append(e.before.runs[run].Closed, e.closed[run]...)}
		if e.damaged[run] {
			left.Content, left.Indexes = damaged, nil
		}
		slices.Sort(left.Closed)
		left.Closed = slices.Compact(left.Closed)
		amended[run] = left
	}
	return amended, nil
}
