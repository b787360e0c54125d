package migrate

import (
	"context"
	"errors"
	"fmt"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
)

// entryRows is how many entries of the ledger one transaction writes.
const entryRows = 20_000

// writeEntries writes the entries of the ledger.
func writeEntries(ctx context.Context, run *crosswalk.Run, p *plan.Plan) error {
	if p.Entries == nil {
		return nil
	}
	batch := make([]crosswalk.Publication, 0, min(p.Published, entryRows))
	for e, err := range p.Entries {
		if err != nil {
			return err
		}
		if batch = append(batch, *e); len(batch) == entryRows {
			if err := run.WritePublications(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return run.WritePublications(ctx, batch)
}

// CheckEnvironment is crosswalk.ErrEnvironment where the crosswalk at head
// belongs to another environment than the configuration's. One that belongs to
// none yet is fine.
func CheckEnvironment(head crosswalk.Head, configured string) error {
	if head.Environment == "" || head.Environment == configured {
		return nil
	}
	return fmt.Errorf("%w: it is %s and the configuration says %s; check `crosswalk` and `environment`. Nothing was written",
		crosswalk.ErrEnvironment, environment(head.Environment), environment(configured))
}

// Deliver takes the crosswalk's lease for what follows a run outside of it:
// writing into the sources what the ledger says, and settling the ledger. Of o
// it needs Doing, Environment and Wait. The error is fn's, or that of taking
// the lease; what fn settled stays settled.
func Deliver(ctx context.Context, store *crosswalk.Store, o Options, fn func(*crosswalk.Lease) error) error {
	lease, err := lock(ctx, store, o.Doing, o)
	if err != nil {
		return err
	}
	err = withSnapshot(ctx, store, func(snap *crosswalk.Snapshot) error { return CheckEnvironment(snap.Head(), o.Environment) })
	if err == nil {
		err = fn(lease)
	}
	return errors.Join(err, lease.Release(context.WithoutCancel(ctx)))
}
