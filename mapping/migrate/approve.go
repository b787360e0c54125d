package migrate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
)

// ApprovalError says that a plan lacks an approval, or that somebody may not
// give it. Nothing was written.
type ApprovalError struct{ Why string }

func (e *ApprovalError) Error() string { return e.Why }

// CheckApprover says why actor may not approve a saved plan: as a rule because
// actor made it. The error is an [*ApprovalError].
func CheckApprover(p *plan.Plan, actor string) error {
	switch {
	case p.Checksum() == "":
		return errors.New("only a plan that was saved can be approved")
	case p.Author == "":
		return &ApprovalError{"the plan does not say who made it, so nobody can be another person; make it again with --actor NAME"}
	case samePerson(p.Author, actor):
		return &ApprovalError{fmt.Sprintf("%s made this plan, and a plan is approved by another person than its author", p.Author)}
	}
	return nil
}

// Approve records that o.Actor looked at a saved plan and wants it carried
// out, for o.Reason. It returns all who have approved it. Its errors are those
// of [CheckApprover] and [Check].
func Approve(ctx context.Context, store *crosswalk.Store, p *plan.Plan, o Options) (approved []string, err error) {
	if err := CheckApprover(p, o.Actor); err != nil {
		return nil, err
	}
	if err := withSnapshot(ctx, store, func(snap *crosswalk.Snapshot) error { return Check(ctx, snap, p, o) }); err != nil {
		return nil, err
	}
	if _, err := store.Approve(ctx, crosswalk.Approval{Plan: p.Checksum(), Actor: o.Actor, Reason: o.Reason}); err != nil {
		return nil, err
	}
	err = withSnapshot(ctx, store, func(snap *crosswalk.Snapshot) (err error) {
		approved, err = ApprovedBy(ctx, snap, p)
		return err
	})
	return approved, err
}

// ApprovedBy are those who approved a saved plan and did not make it. A nil
// snap is a crosswalk that is not there yet.
func ApprovedBy(ctx context.Context, snap *crosswalk.Snapshot, p *plan.Plan) (names []string, err error) {
	if snap == nil || p.Checksum() == "" {
		return nil, nil
	}
	list, err := snap.Approvals(ctx, p.Checksum())
	for _, a := range list {
		if p.Author != "" && !samePerson(a.Actor, p.Author) {
			names = append(names, a.Actor)
		}
	}
	return names, err
}

// CheckApproved is an [*ApprovalError] when o asks for an approval that nobody
// gave.
func CheckApproved(approved []string, o Options) error {
	if o.Approval && len(approved) == 0 {
		return &ApprovalError{"policy.approve asks for another person than its author to approve the plan, and nobody has; nothing was written"}
	}
	return nil
}

// samePerson compares names as people do: ann and Ann are no two persons.
func samePerson(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

func withSnapshot(ctx context.Context, store *crosswalk.Store, do func(*crosswalk.Snapshot) error) error {
	snap, err := store.Snapshot(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(snap), snap.Close())
}
