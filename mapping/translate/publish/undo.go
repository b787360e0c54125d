package publish

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// RefusedError says why what a run published is not taken back.
type RefusedError struct {
	Run int64
	Why string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("run %d cannot be taken back: %s. Nothing was written", e.Run, e.Why)
}

// LookUndo says what Undo would do on the state that snap views.
func LookUndo(ctx context.Context, snap *crosswalk.Snapshot, run crosswalk.RunInfo, targets []Target, o Options) (*Report, error) {
	return withJob(ctx, targets, o, func(j *job) error {
		if err := j.bind(ctx, snap); err != nil {
			return err
		}
		return j.lookUndo(ctx, snap, run)
	})
}

// Undo puts the fields back to what they held before a run published to them,
// where they still hold what it wrote. Of a run of another kind it takes back
// what was published of the numbers that the run gave. It is a run of its own;
// one that was interrupted is carried to its end first.
// Its errors are those of [Publish], and a [*RefusedError].
func Undo(ctx context.Context, store *crosswalk.Store, run crosswalk.RunInfo, targets []Target, o Options) (*Report, error) {
	return withLease(ctx, store, targets, o, func(j *job) error {
		j.backOnly = true
		if err := j.deliverRest(ctx); err != nil {
			return err
		}
		if err := j.withSnapshot(ctx, func(snap *crosswalk.Snapshot) error { return j.lookUndo(ctx, snap, run) }); err != nil {
			return err
		}
		if o.Announce != nil {
			o.Announce(j.report)
		}
		if j.run == nil {
			return nil
		}
		if err := j.publish(ctx, run.Run); err != nil {
			return err
		}
		return j.deliverAll(ctx)
	})
}

// lookUndo goes through what is to be taken back.
func (j *job) lookUndo(ctx context.Context, snap *crosswalk.Snapshot, run crosswalk.RunInfo) error {
	if run.TookBack > 0 {
		return &RefusedError{run.Run, fmt.Sprintf("it took back what was published of run %d, and xwalk publish writes what is to be there now", run.TookBack)}
	}
	j.report.Undid = run.Run
	if err := j.others(ctx, snap, run); err != nil {
		return err
	}
	for _, t := range j.targets {
		if t.no == 0 {
			continue
		}
		u := &undoer{job: j, target: t, snap: snap}
		entries := u.ofGiven(ctx, run.Run)
		if run.Kind == Kind {
			entries = u.ofRun(ctx, run.Run)
		}
		for e, err := range entries {
			if err != nil {
				return err
			}
			if err := u.add(ctx, e); err != nil {
				return err
			}
		}
		if err := u.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// others names the sources of a run that are none of the targets.
func (j *job) others(ctx context.Context, snap *crosswalk.Snapshot, run crosswalk.RunInfo) error {
	if run.Kind != Kind {
		return nil
	}
	sources, err := snap.Sources(ctx)
	if err != nil {
		return err
	}
	for _, s := range sources {
		if slices.ContainsFunc(j.targets, func(t *target) bool { return t.no == s.No }) {
			continue
		}
		for p, err := range snap.Publications(ctx, s.No) {
			if err != nil {
				return err
			}
			if p.Run == run.Run {
				j.report.Others = append(j.report.Others, s.Name)
				break
			}
		}
	}
	return nil
}

// taken is an entry that is to be taken back. Later is a run that published to
// the same record since; 0 is none.
type taken struct {
	entry    crosswalk.Publication
	later    int64
	verbatim string
}

type undoer struct {
	*job
	*target
	snap  *crosswalk.Snapshot
	batch []taken
}

// ofRun yields what a run published and that was not taken back.
func (u *undoer) ofRun(ctx context.Context, run int64) iter.Seq2[taken, error] {
	return func(yield func(taken, error) bool) {
		published := openLedger(ctx, u.snap, u.no)
		defer published.close()
		for p, err := range u.snap.PublicationsOf(ctx, run) {
			if err == nil && (p.Source != u.no || !p.State.InForce()) {
				continue
			}
			var e taken
			var newest *crosswalk.Publication
			if err == nil {
				e.entry = *p
				newest, err = published.at(p.Key, nil)
			}
			if newest != nil && newest.Run != run && newest.Canonical != "" { // what an undo put back is nobody's
				e.later = newest.Run
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// ofGiven yields what was published of the numbers that a run gave to source
// IDs, or made mean others.
func (u *undoer) ofGiven(ctx context.Context, run int64) iter.Seq2[taken, error] {
	return func(yield func(taken, error) bool) {
		changed := map[string]bool{}
		for n, err := range u.snap.Numbers(ctx) {
			if err != nil {
				yield(taken{}, err)
				return
			}
			if n.FromRun == run {
				changed[n.Canonical] = true
			}
		}
		published := openLedger(ctx, u.snap, u.no)
		defer published.close()
		for link, err := range u.snap.Links(ctx, crosswalk.Query{Sources: []int{u.no}}) {
			var entry *crosswalk.Publication
			if err == nil {
				entry, err = published.at(link.Key, nil)
			}
			if err != nil {
				yield(taken{}, err)
				return
			}
			if entry == nil || entry.Canonical == "" || entry.Run < run || link.SinceRun != run && !changed[link.Canonical] {
				continue
			}
			if !yield(taken{entry: *entry}, nil) {
				return
			}
		}
	}
}

func (u *undoer) add(ctx context.Context, e taken) error {
	u.target.report.Links++
	u.batch = append(u.batch, e)
	if len(u.batch) < batchRecords {
		return nil
	}
	return u.flush(ctx)
}

// flush looks at a batch of fields, and writes down which are to be put back.
// What is not there any more is taken back in the ledger alone.
func (u *undoer) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil || len(u.batch) == 0 {
		return err
	}
	keys := make([]crosswalk.SourceKey, len(u.batch))
	for i := range u.batch {
		keys[i] = u.batch[i].entry.ID()
	}
	verbatim, err := verbatims(ctx, u.snap, keys)
	if err != nil {
		return err
	}
	ids := make([]string, len(u.batch))
	for i := range u.batch {
		u.batch[i].verbatim = verbatim[u.batch[i].entry.Key]
		ids[i] = u.batch[i].verbatim
	}
	values, _, err := u.fields(ctx, ids)
	if err != nil {
		return err
	}
	var back, gone []crosswalk.Publication
	for i := range u.batch {
		e, v := &u.batch[i], values[i]
		c := Change{SourceID: e.verbatim, CanonicalID: e.entry.Canonical, Before: text(v), Outcome: Kept}
		switch {
		case e.later > 0:
			c.Reason = fmt.Sprintf("run %d has published to it since", e.later)
		case !v.Found:
			c.Outcome = Missing
		case holds(v, e.entry.Canonical):
			c.Outcome = Restored
			back = append(back, crosswalk.Publication{Source: u.no, Key: e.entry.Key, Before: e.entry.Canonical, HadBefore: true})
		case e.entry.State == crosswalk.Intended && v.Text == e.entry.Before && !v.Differ:
			c.Reason = "it was never written"
		default:
			c.Reason = "the field has been changed since"
		}
		if c.Outcome != Restored && e.later == 0 {
			e.entry.State = crosswalk.TakenBack
			gone = append(gone, e.entry)
		}
		if c.Outcome == Restored && u.lease != nil { // told when it is delivered
			c.Source = u.Source
			u.target.report.Restored++
			u.job.report.example(&c)
			continue
		}
		if err := u.tell(u.target, &c); err != nil {
			return err
		}
	}
	u.batch = u.batch[:0]
	if u.lease == nil {
		return nil
	}
	if err := u.lease.SettlePublications(ctx, gone); err != nil {
		return err
	}
	return u.write(ctx, u.snap.Head(), back)
}

// undoing is the entry that one of an undo takes back. Earlier says that the
// field then holds again what an earlier run published.
type undoing struct {
	of      crosswalk.Publication
	earlier bool
}

// findUndone finds what the entries of an undo take back, and so what they
// want.
func (d *delivery) findUndone(ctx context.Context, keys []crosswalk.SourceKey, batch []parcel) error {
	all, err := d.snap.PublicationsOfKeys(ctx, keys)
	if err != nil {
		return err
	}
	byKey := map[string][]crosswalk.Publication{}
	for _, p := range all {
		byKey[p.Key] = append(byKey[p.Key], p)
	}
	for i := range batch {
		p := &batch[i]
		if p.entry.Canonical != "" {
			continue
		}
		u := &undoing{}
		for _, o := range byKey[p.entry.Key] {
			if o.Run < p.entry.Run && o.Canonical != "" && o.State.InForce() {
				u.earlier = u.of.Key != "" && o.HadBefore && o.Before == u.of.Canonical
				u.of = o
			}
		}
		p.undo = u
		p.want.Text, p.want.Null = u.of.Before, !u.of.HadBefore
	}
	return nil
}

// settled is what the ledger says of an undo and of what it took back. Where
// the source refused, what was published is still there.
func (u *undoing) settled(p *parcel) []crosswalk.Publication {
	p.entry.State, p.entry.Reason = crosswalk.Delivered, p.reason
	switch {
	case p.reason != "":
		p.entry.State = crosswalk.Refused
	case u.earlier:
		p.entry.State = crosswalk.TakenBack
	}
	if u.of.Key == "" || p.reason != "" && p.write {
		return []crosswalk.Publication{p.entry}
	}
	of := u.of
	of.State = crosswalk.TakenBack
	return []crosswalk.Publication{p.entry, of}
}

// toldUndo tells what became of an entry of an undo.
func (d *delivery) toldUndo(p *parcel, c *Change) error {
	c.CanonicalID, c.Before = p.undo.of.Canonical, text(p.is)
	switch {
	case p.lost:
		c.Outcome = Missing
	case p.reason != "" && p.write:
		c.Outcome = Refused
	case p.reason != "":
		c.Outcome = Kept
	default:
		c.Outcome, c.Before = Restored, &p.undo.of.Canonical
	}
	return d.tell(d.target, c)
}
