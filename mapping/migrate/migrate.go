// Package migrate carries plans out.
//
// [Apply] writes a plan into the crosswalk as one run: batch by batch, each
// with its checkpoint in one transaction, and visible to readers only when
// the last transaction publishes it. A run that was interrupted goes on when
// the same plan is applied again, and is discarded when the plan is another.
// The crosswalk's lease keeps other writers out, and its fencing token is
// checked with every batch. [Run] plans and applies in one go, under the lease.
package migrate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// batchRows is how many link rows one transaction writes.
const batchRows = 20_000

// Options say who applies a plan and why.
type Options struct {
	Actor  string
	Reason string
	// Doing is what others are told who find the crosswalk locked, the kind of
	// the run; empty: apply.
	Doing string
	Rules string // digest of the rules in force; another one than the plan's makes it stale
	// Sections are the digests of their parts, to tell what has changed.
	Sections map[string]string
	// Environment is the one of the configuration. A plan that was saved must
	// be for it.
	Environment string
	// Approval says that a saved plan must have been approved by another
	// person than its author.
	Approval bool
	Progress func(plan.Progress)
	// Wait is how long to wait for the lease while somebody else holds it,
	// and Waiting is called, if it is set, each time before a pause.
	Wait    time.Duration
	Waiting func(*crosswalk.LockedError)
}

// Result is what became of a plan: the run's number, the crosswalk's serial
// after it, and whether it went on where an interrupted run had stopped.
type Result struct {
	Run, Serial int64
	Resumed     bool
	// Unpurged says why what the run erased, which is gone from the tables,
	// may still have left bytes in the crosswalk's file.
	Unpurged error
	Approved []string // who approved the plan
}

// PartialError reports a run that stopped. The first Done of Total link rows
// are durable but not published, so readers see none of them; applying the
// same plan again goes on from there.
type PartialError struct {
	Done, Total int64
	Err         error
}

func (e *PartialError) Error() string {
	return fmt.Sprintf("%v (stopped after %d of %d links; nobody sees them yet, and the same command goes on from there)", e.Err, e.Done, e.Total)
}

// Unwrap returns what stopped the run.
func (e *PartialError) Unwrap() error { return e.Err }

// lock takes the crosswalk's lease. While somebody else holds it, it waits up
// to o.Wait; then the error is a [*crosswalk.LockedError].
func lock(ctx context.Context, store *crosswalk.Store, what string, o Options) (*crosswalk.Lease, error) {
	return store.Await(ctx, what, o.Wait, o.Waiting)
}

// Run takes the crosswalk's lease, lets build plan on the state as it is then,
// and applies the plan. The plan comes back with the result, also when it
// could not be applied; build's error comes back as it is.
func Run(ctx context.Context, store *crosswalk.Store, o Options, build func(context.Context, *crosswalk.Snapshot) (*plan.Plan, error)) (*plan.Plan, Result, error) {
	lease, err := lock(ctx, store, cmp.Or(o.Doing, "apply"), o)
	if err != nil {
		return nil, Result{}, err
	}
	p, res, err := func() (*plan.Plan, Result, error) {
		snap, err := store.Snapshot(ctx)
		if err != nil {
			return nil, Result{}, err
		}
		p, err := build(ctx, snap)
		if err := errors.Join(err, snap.Close()); err != nil {
			return p, Result{}, err
		}
		if err := checkSince(ctx, store, p); err != nil {
			return p, Result{}, err
		}
		res, err := apply(ctx, lease, p, nil, o)
		return p, res, err
	}()
	if err = errors.Join(err, lease.Release(context.WithoutCancel(ctx))); err == nil && p.Erase != nil {
		res.Unpurged = store.Purge(ctx)
	}
	return p, res, err
}

// Apply takes the lease and writes a plan that was made before. Its errors
// are those of [Check], [*ApprovalError], a [*PartialError] once writing has
// begun, and crosswalk.ErrLost inside it when the lease was taken over.
func Apply(ctx context.Context, store *crosswalk.Store, p *plan.Plan, o Options) (Result, error) {
	lease, err := lock(ctx, store, cmp.Or(o.Doing, p.Kind), o)
	if err != nil {
		return Result{}, err
	}
	res, err := func() (Result, error) {
		approved, err := admit(ctx, store, p, o)
		if err != nil {
			return Result{}, err
		}
		return apply(ctx, lease, p, approved, o)
	}()
	return res, errors.Join(err, lease.Release(context.WithoutCancel(ctx)))
}

// admit checks a plan that was made before, and returns who approved it.
func admit(ctx context.Context, store *crosswalk.Store, p *plan.Plan, o Options) (approved []string, err error) {
	err = withSnapshot(ctx, store, func(snap *crosswalk.Snapshot) error {
		if err := Check(ctx, snap, p, o); err != nil {
			return err
		}
		approved, err = ApprovedBy(ctx, snap, p)
		return errors.Join(err, CheckApproved(approved, o))
	})
	return approved, err
}

func apply(ctx context.Context, lease *crosswalk.Lease, p *plan.Plan, approved []string, o Options) (Result, error) {
	if err := checkRules(p, o); err != nil {
		return Result{}, err
	}
	run, err := lease.Begin(ctx, crosswalk.RunStart{
		Kind: p.Kind, Actor: o.Actor, Reason: o.Reason, Rules: p.Rules, Plan: p.Digest,
		Base: p.Serial, Head: p.Head, Environment: p.Environment, Sources: p.Spaces,
		Schemes: p.Schemes, Approved: approved,
	})
	if err != nil {
		if errors.Is(err, crosswalk.ErrStale) {
			return Result{}, moved(p)
		}
		return Result{}, err
	}
	res := Result{Run: run.No, Resumed: run.Done > 0, Approved: approved}
	w := writer{run: run, plan: p, progress: o.Progress, done: run.Done}
	if err := w.write(ctx); err != nil {
		return res, &PartialError{Done: w.done, Total: p.Links, Err: err}
	}
	finish := crosswalk.Finish{
		Numbers: slices.Clone(p.Numbers), Counters: p.Counters, ClosedReviews: p.Closed,
		Totals: p.Totals, Changed: !p.Empty(), Full: p.Full, Model: p.Model,
		Decisions: slices.Clone(p.Verdicts), Marks: p.Marks,
		Rewrote: p.Rewrote, Adopted: p.Adopted, Undid: p.Undoes, Moved: p.Moved,
	}
	if p.Undo != nil {
		finish.Undid = p.Undo.Run
	}
	if p.Erase != nil {
		finish.Erase = p.Erase.Keys
	}
	for _, r := range p.Reviews {
		finish.Reviews = append(finish.Reviews, storedReview(r))
	}
	if res.Serial, err = run.Publish(ctx, finish); err != nil {
		return res, &PartialError{Done: w.done, Total: p.Links, Err: err}
	}
	return res, nil
}

// writer writes a plan's links and look-up index. While one batch is being
// written the next one is put together.
type writer struct {
	run      *crosswalk.Run
	plan     *plan.Plan
	progress func(plan.Progress)
	done     int64
}

func (w *writer) write(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if w.plan.Links == 0 {
		return nil
	}
	if err := w.plan.Whole(); err != nil {
		return err
	}
	batches := make(chan *crosswalk.Batch)
	free := make(chan []crosswalk.Link, 2)
	free <- make([]crosswalk.Link, 0, batchRows)
	free <- make([]crosswalk.Link, 0, batchRows)
	var gatherErr error
	go func() {
		defer close(batches)
		gatherErr = w.gather(ctx, batches, free)
	}()
	var err error
	for batch := range batches {
		if err == nil {
			if err = w.run.WriteBatch(ctx, batch); err != nil {
				cancel()
			} else {
				w.done += int64(len(batch.Links))
				w.report("writing links", w.done, w.plan.Links)
			}
		}
		free <- batch.Links[:0]
	}
	if err == nil {
		err = gatherErr
	}
	if err != nil {
		return err
	}
	// What is kept of the records goes before the indexes come: the two
	// together would be the most memory that a run takes.
	w.plan.Written()
	return w.writeIndexes(ctx, w.indexes(ctx))
}

// gather streams the plan into batches, past what is durable already.
func (w *writer) gather(ctx context.Context, batches chan<- *crosswalk.Batch, free <-chan []crosswalk.Link) error {
	skip := w.run.Done
	links := <-free
	send := func() error {
		batch, err := w.run.Prepare(links)
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			batches <- batch
		}
		return err
	}
	for write, err := range w.plan.Writes() {
		if err != nil {
			return err
		}
		if skip > 0 {
			skip--
			continue
		}
		links = append(links, write.Link)
		if len(links) == batchRows {
			if err := send(); err != nil {
				return err
			}
			links = <-free
		}
	}
	if len(links) > 0 {
		return send()
	}
	return ctx.Err()
}

// index is one prepared look-up index.
type index struct {
	name    string
	entries iter.Seq[crosswalk.IndexEntry]
	n       int
	err     error
}

// indexes prepares the look-up indexes one after the other, each while the
// one before is being written.
func (w *writer) indexes(ctx context.Context) <-chan index {
	out := make(chan index)
	go func() {
		defer close(out)
		for i, name := range rules.Indexes {
			x := index{name: name}
			x.entries, x.n, x.err = w.plan.Index(i)
			select {
			case out <- x:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func (w *writer) writeIndexes(ctx context.Context, indexes <-chan index) error {
	for x := range indexes {
		if x.err != nil {
			return x.err
		}
		if x.n == 0 {
			continue
		}
		w.report("indexing by "+x.name, 0, int64(x.n))
		if err := w.run.WriteIndex(ctx, x.name, x.entries); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (w *writer) report(step string, done, total int64) {
	if w.progress != nil {
		w.progress(plan.Progress{Step: step, Done: done, Total: total})
	}
}

func storedReview(r plan.Review) crosswalk.Review {
	evidence := append([]mapping.Evidence{{On: mapping.OnRule, Says: r.Rule}}, r.Evidence...)
	return crosswalk.Review{
		ID: r.ID, Score: r.Score, Evidence: mapping.EncodeEvidence(evidence),
		Left:  crosswalk.SourceKey{Source: r.Left.Space, Key: r.Left.Key},
		Right: crosswalk.SourceKey{Source: r.Right.Space, Key: r.Right.Key},
	}
}
