package crosswalk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Skip says that somebody passed a review over. No rises with every one.
type Skip struct {
	Review, Actor, Reason string
	No                    int64
	Skipped               time.Time // to the second
}

// SkipReviews notes that actor passed reviews over, in their order and each
// named once, and ends the claims that actor holds on them. Who passes one
// over again is noted anew.
func (s *Store) SkipReviews(ctx context.Context, reviews []string, actor, reason string) error {
	if actor == "" {
		return errors.New("pass a review over: nobody answers for it: it has no actor")
	}
	if err := errors.Join(checkKey(actor), checkText(reason)); err != nil {
		return fmt.Errorf("pass a review over: %w", err)
	}
	return s.fail("pass a review over", s.deciding(ctx, func(tx *sqldb.Tx, _ int64) error {
		for in, args := range inLists(reviews) {
			args = append(args, actor)
			for _, table := range []string{"@skip", "@claim"} {
				if _, err := tx.ExecContext(ctx, s.sql("DELETE FROM "+table+" WHERE review"+in+" AND actor = ?"), args...); err != nil {
					return err
				}
			}
		}
		var last int64
		if err := tx.GetContext(ctx, &last, s.sql("SELECT COALESCE(MAX(skip_no), 0) FROM @skip")); err != nil {
			return err
		}
		now := s.now().UTC().Format(time.RFC3339)
		return sqldb.BulkInsert(ctx, tx, s.table("skip"), []string{"review", "actor", "skip_no", "reason", "skipped"}, len(reviews), func(i int, dst *sqldb.Row) {
			dst.Text(reviews[i])
			dst.Text(actor)
			dst.Int(last + int64(i) + 1)
			dst.Text(reason)
			dst.Text(now)
		})
	}))
}

// Skips are the reviews that somebody passed over, the one passed over last
// at the end.
func (v *Snapshot) Skips(ctx context.Context) ([]Skip, error) {
	var rows []struct {
		Review  string `db:"review"`
		Actor   string `db:"actor"`
		No      int64  `db:"skip_no"`
		Reason  string `db:"reason"`
		Skipped string `db:"skipped"`
	}
	if err := v.use(func() error {
		return v.tx.SelectContext(ctx, &rows, v.store.sql("SELECT review, actor, skip_no, reason, skipped FROM @skip ORDER BY skip_no"))
	}); err != nil {
		return nil, v.store.fail("read what was passed over", err)
	}
	skips := make([]Skip, len(rows))
	for i, row := range rows {
		at, err := time.Parse(time.RFC3339, row.Skipped)
		if err != nil {
			return nil, fmt.Errorf("when review %s was passed over: %w", row.Review, err)
		}
		skips[i] = Skip{Review: row.Review, Actor: row.Actor, Reason: row.Reason, No: row.No, Skipped: at}
	}
	return skips, nil
}
