package crosswalk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Claim is a review that somebody works on.
type Claim struct {
	Review, Actor string
	Until         time.Time
}

// claimRow is a row of xwalk_claim; its time is milliseconds since 1970.
type claimRow struct {
	Review  string `db:"review"`
	Actor   string `db:"actor"`
	Expires int64  `db:"expires"`
}

// ClaimReview gives actor the first of the reviews that nobody else holds a
// claim on, until the store's clock has advanced by d; empty where there is
// none. One that actor claimed before is given again first. Reviews that have
// been decided, be it a moment ago, are passed over.
func (s *Store) ClaimReview(ctx context.Context, reviews []string, actor string, d time.Duration) (string, error) {
	if actor == "" {
		return "", errors.New("claim a review: nobody answers for it: it has no actor")
	}
	if err := checkText(actor); err != nil {
		return "", fmt.Errorf("claim a review: the actor's name: %w", err)
	}
	var review string
	err := s.deciding(ctx, func(tx *sqldb.Tx, _ int64) error {
		free, err := s.unclaimed(ctx, tx, reviews, actor)
		if err != nil {
			return err
		}
		if review, err = s.firstUndecided(ctx, tx, free); err != nil || review == "" {
			return err
		}
		if _, err := tx.ExecContext(ctx, s.sql("DELETE FROM @claim WHERE review = ?"), review); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, s.sql("INSERT INTO @claim (review, actor, expires) VALUES (?, ?, "+s.dialect.clock()+" + ?)"),
			review, actor, d.Milliseconds())
		return err
	})
	return review, s.fail("claim a review", err)
}

// unclaimed are the reviews that actor may be given: first those that are
// actor's own, then those that are nobody's.
func (s *Store) unclaimed(ctx context.Context, tx *sqldb.Tx, reviews []string, actor string) ([]string, error) {
	if _, err := tx.ExecContext(ctx, s.sql("DELETE FROM @claim WHERE expires <= "+s.dialect.clock())); err != nil {
		return nil, err
	}
	var claims []claimRow
	if err := tx.SelectContext(ctx, &claims, s.sql("SELECT review, actor, expires FROM @claim")); err != nil {
		return nil, err
	}
	holders := make(map[string]string, len(claims))
	for _, c := range claims {
		holders[c.Review] = c.Actor
	}
	var own, free []string
	for _, r := range reviews {
		switch holder, held := holders[r]; {
		case held && holder == actor:
			own = append(own, r)
		case !held && r != "":
			free = append(free, r)
		}
	}
	return append(own, free...), nil
}

// claimChunk is how many reviews are looked at for one that is undecided. As
// a rule the first one is.
const claimChunk = 50

// firstUndecided is the first of the reviews that no verdict in force
// answers; empty where there is none.
func (s *Store) firstUndecided(ctx context.Context, tx *sqldb.Tx, reviews []string) (string, error) {
	for chunk := range slices.Chunk(reviews, claimChunk) {
		query, args, err := s.in("SELECT review FROM @decision d WHERE review IN (?) AND verdict <> ?"+
			" AND NOT EXISTS (SELECT 1 FROM @decision l WHERE l.left_key = d.left_key AND l.left_source = d.left_source"+
			" AND l.right_key = d.right_key AND l.right_source = d.right_source AND l.decision_no > d.decision_no)", chunk, int(Withdrawn))
		if err != nil {
			return "", err
		}
		var decided []string
		if err := tx.SelectContext(ctx, &decided, query, args...); err != nil {
			return "", err
		}
		for _, r := range chunk {
			if !slices.Contains(decided, r) {
				return r, nil
			}
		}
	}
	return "", nil
}

// dropClaims ends the claims of the reviews that decisions answer.
func (s *Store) dropClaims(ctx context.Context, tx *sqldb.Tx, decisions []Decision) error {
	var reviews []string
	for i := range decisions {
		if decisions[i].Review != "" {
			reviews = append(reviews, decisions[i].Review)
		}
	}
	for in, args := range inLists(reviews) {
		if _, err := tx.ExecContext(ctx, s.sql("DELETE FROM @claim WHERE review"+in), args...); err != nil {
			return err
		}
	}
	return nil
}

// Claims are the claims that have not run out, by review.
func (v *Snapshot) Claims(ctx context.Context) ([]Claim, error) {
	var rows []claimRow
	if err := v.use(func() error {
		return v.tx.SelectContext(ctx, &rows, v.store.sql("SELECT review, actor, expires FROM @claim WHERE expires > "+v.store.dialect.clock()+" ORDER BY review"))
	}); err != nil {
		return nil, v.store.fail("read the claims", err)
	}
	claims := make([]Claim, len(rows))
	for i, row := range rows {
		claims[i] = Claim{row.Review, row.Actor, time.UnixMilli(row.Expires).UTC()}
	}
	return claims, nil
}
