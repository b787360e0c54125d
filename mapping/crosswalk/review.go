package crosswalk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Review is a possible match that waits for a person. FromRun is the run
// that raised it. UntilRun is the run that closed it, and Closed when that run
// finished; both are zero while it is open.
type Review struct {
	ID          string
	Left, Right SourceKey
	Score       float64
	Evidence    string
	FromRun     int64
	UntilRun    int64
	Closed      time.Time
}

// storeReviews closes reviews and adds new ones. An ID that was closed may be
// raised again, also by the run that closes it.
func (r *Run) storeReviews(ctx context.Context, tx *sqldb.Tx, f *Finish) error {
	s := r.lease.store
	for chunk := range slices.Chunk(f.ClosedReviews, inList) {
		query, args, err := s.in("UPDATE @review SET until_run = ? WHERE until_run = 0 AND review IN (?)", r.No, chunk)
		if err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, query, args...)
		if err := exactly(int64(len(chunk)), res, err); err != nil {
			return fmt.Errorf("close reviews: %w", err)
		}
	}
	ids := make([]string, len(f.Reviews))
	for i := range f.Reviews {
		ids[i] = f.Reviews[i].ID
	}
	for in, args := range inLists(ids) {
		var open []string
		if err := tx.SelectContext(ctx, &open, s.sql("SELECT review FROM @review WHERE until_run = 0 AND review"+in), args...); err != nil {
			return err
		}
		if len(open) > 0 {
			return fmt.Errorf("review %q is open already", open[0])
		}
	}
	var buf []byte
	return sqldb.BulkInsert(ctx, tx, s.table("review"),
		[]string{"review", "left_source", "left_key", "right_source", "right_key", "score", "evidence", "from_run", "until_run", "row_sum"},
		len(f.Reviews), func(i int, dst *sqldb.Row) {
			v := &f.Reviews[i]
			buf = appendReview(buf[:0], v)
			dst.Text(v.ID)
			dst.Int(int64(v.Left.Source))
			dst.Text(v.Left.Key)
			dst.Int(int64(v.Right.Source))
			dst.Text(v.Right.Key)
			dst.Text(strconv.FormatFloat(v.Score, 'g', -1, 64))
			dst.Text(v.Evidence)
			dst.Int(r.No)
			dst.Int(0)
			dst.Int(rowSum(buf, r.No))
		})
}

// reviewRow is a row of xwalk_review.
type reviewRow struct {
	ID          string  `db:"review"`
	LeftSource  int     `db:"left_source"`
	LeftKey     string  `db:"left_key"`
	RightSource int     `db:"right_source"`
	RightKey    string  `db:"right_key"`
	Score       float64 `db:"score"`
	Evidence    string  `db:"evidence"`
	FromRun     int64   `db:"from_run"`
	UntilRun    int64   `db:"until_run"`
}

func (r *reviewRow) review() Review {
	return Review{
		ID: r.ID, Left: SourceKey{r.LeftSource, r.LeftKey}, Right: SourceKey{r.RightSource, r.RightKey},
		Score: r.Score, Evidence: r.Evidence, FromRun: r.FromRun, UntilRun: r.UntilRun,
	}
}

// Reviews are the open ones, by ID.
func (v *Snapshot) Reviews(ctx context.Context) ([]Review, error) {
	reviews, err := v.reviews(ctx, "(until_run = 0 OR until_run > ?) ORDER BY review", v.head.Run)
	return reviews, v.store.fail("read the reviews", err)
}

// Review is the review with an ID as it was last raised, open or closed; ok
// is false where it never was.
func (v *Snapshot) Review(ctx context.Context, id string) (r Review, ok bool, err error) {
	found, err := v.reviews(ctx, "review = ? ORDER BY from_run DESC LIMIT 1", id)
	if err != nil || len(found) == 0 {
		return Review{}, false, v.store.fail("look up a review", err)
	}
	if r = found[0]; r.UntilRun > 0 {
		runs, err := v.RunsOf(ctx, []int64{r.UntilRun})
		if err != nil {
			return Review{}, false, err
		}
		for _, run := range runs {
			r.Closed = run.Finished
		}
	}
	return r, true, nil
}

// ReviewsOf is [Snapshot.Review] for many IDs at once, by ID, without when
// they were closed; those that never were are left out.
func (v *Snapshot) ReviewsOf(ctx context.Context, ids []string) ([]Review, error) {
	var reviews []Review
	for in, args := range inLists(ids) {
		found, err := v.reviews(ctx, "review"+in+" ORDER BY review, from_run", args...)
		if err != nil {
			return nil, v.store.fail("look up reviews", err)
		}
		for _, r := range found {
			if n := len(reviews); n > 0 && reviews[n-1].ID == r.ID {
				reviews[n-1] = r // raised again later
			} else {
				reviews = append(reviews, r)
			}
		}
	}
	return reviews, nil
}

func (v *Snapshot) reviews(ctx context.Context, where string, args ...any) ([]Review, error) {
	var rows []reviewRow
	if err := v.use(func() error {
		return v.tx.SelectContext(ctx, &rows, v.store.sql("SELECT review, left_source, left_key, right_source, right_key, score, evidence, from_run, until_run "+
			"FROM @review WHERE from_run <= ? AND "+where), append([]any{v.head.Run}, args...)...)
	}); err != nil {
		return nil, err
	}
	reviews := make([]Review, len(rows))
	for i := range rows {
		if reviews[i] = rows[i].review(); reviews[i].UntilRun > v.head.Run {
			reviews[i].UntilRun = 0 // what closed it was still to come
		}
	}
	return reviews, nil
}
