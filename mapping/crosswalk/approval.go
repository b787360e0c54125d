package crosswalk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/xwalk-id/xwalk/mapping/sqldb"
)

// Approval says that somebody looked at a saved plan and wants it carried out.
// Plan is the checksum of its file, so that it holds for that file alone.
type Approval struct {
	Plan     string
	Actor    string
	Reason   string
	Approved time.Time // to the second
}

// Approve records an approval, at once. It needs no lease, and changes
// neither the serial nor a link. Who approves a plan again has approved it
// when and why it was said first. Approved is filled in.
func (s *Store) Approve(ctx context.Context, a Approval) (Approval, error) {
	if a.Plan == "" || a.Actor == "" {
		return a, errors.New("approve a plan: the plan or who approves it has no name")
	}
	if err := cmp.Or(checkKey(a.Plan), checkKey(a.Actor), checkText(a.Reason)); err != nil {
		return a, fmt.Errorf("approve a plan: %w", err)
	}
	a.Approved = s.now().UTC().Truncate(time.Second)
	err := s.deciding(ctx, func(tx *sqldb.Tx, _ int64) error {
		before, err := s.approvals(ctx, tx, a.Plan)
		if err != nil {
			return err
		}
		for _, b := range before {
			if b.Actor == a.Actor {
				a = b
				return nil
			}
		}
		_, err = tx.ExecContext(ctx, s.sql("INSERT INTO @approval (plan, actor, reason, approved) VALUES (?, ?, ?, ?)"),
			a.Plan, a.Actor, a.Reason, a.Approved.Format(time.RFC3339))
		return err
	})
	if err != nil {
		return a, s.fail("approve a plan", err)
	}
	s.dialect.durable(ctx, s)
	return a, nil
}

// Approvals are those of a plan, by the checksum of its file, in the order of
// those who gave them.
func (v *Snapshot) Approvals(ctx context.Context, plan string) (list []Approval, err error) {
	err = v.use(func() error {
		list, err = v.store.approvals(ctx, v.tx, plan)
		return err
	})
	return list, v.store.fail("read who approved a plan", err)
}

func (s *Store) approvals(ctx context.Context, q queryer, plan string) ([]Approval, error) {
	var rows []struct {
		Actor    string `db:"actor"`
		Reason   string `db:"reason"`
		Approved string `db:"approved"`
	}
	if err := q.SelectContext(ctx, &rows, s.sql("SELECT actor, reason, approved FROM @approval WHERE plan = ? ORDER BY actor"), plan); err != nil {
		return nil, err
	}
	list := make([]Approval, len(rows))
	for i, row := range rows {
		at, err := time.Parse(time.RFC3339, row.Approved)
		if err != nil {
			return nil, fmt.Errorf("when %s approved plan %s: %w", row.Actor, plan, err)
		}
		list[i] = Approval{Plan: plan, Actor: row.Actor, Reason: row.Reason, Approved: at}
	}
	return list, nil
}

// CarriedOut is the published run that carried out the plan with a digest, if
// there is one and it changed something.
func (v *Snapshot) CarriedOut(ctx context.Context, digest string) (run RunInfo, ok bool, err error) {
	var runs []RunInfo
	err = v.use(func() error {
		runs, err = v.runs(ctx, "plan = ? AND run_no <= ? AND serial > base", digest, v.head.Run)
		return err
	})
	if err != nil || len(runs) == 0 {
		return RunInfo{}, false, v.store.fail("read the runs", err)
	}
	return runs[len(runs)-1], true, nil
}

// Knows reports whether a run with the given digest is one of those that led
// to this state: another crosswalk does not have it.
func (v *Snapshot) Knows(ctx context.Context, digest string) (known bool, err error) {
	err = v.use(func() error {
		var n int
		err := v.tx.GetContext(ctx, &n, v.store.sql("SELECT COUNT(*) FROM @run WHERE digest = ? AND run_no <= ?"), digest, v.head.Run)
		known = n > 0
		return err
	})
	return known, v.store.fail("read the runs", err)
}
