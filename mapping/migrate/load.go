package migrate

import (
	"context"
	"errors"

	"github.com/xwalk-id/xwalk/mapping/archive"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
)

// Load takes the lease of an empty crosswalk and loads an archive into it,
// after reading all of the archive once: nothing is written of one that is
// damaged. Errors are those of [archive.Reader.Check] and
// [crosswalk.Lease.Load]. Of o it needs Environment, Progress and Wait.
func Load(ctx context.Context, a *archive.Reader, open func() (*crosswalk.Store, error), o Options) (err error) {
	total := int64(0)
	for i := range a.Manifest.Tables {
		total += a.Manifest.Tables[i].Rows
	}
	tell := func(step string) func(int64) {
		return func(done int64) {
			if o.Progress != nil {
				o.Progress(plan.Progress{Step: step, Done: done, Total: total})
			}
		}
	}
	if err := a.Check(ctx, tell("checking")); err != nil {
		return err
	}
	store, err := open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	lease, err := lock(ctx, store, "import", o)
	if err != nil {
		return err
	}
	return errors.Join(lease.Load(ctx, a, o.Environment, tell("loading")), lease.Release(context.WithoutCancel(ctx)))
}
