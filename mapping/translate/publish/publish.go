package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// Kind is the kind of the runs that publish.
const Kind = "publish"

// Target is a source that can be published to.
type Target struct {
	Source string
	Field  string
	Parts  int // how many columns its ID has
	Open   func(ctx context.Context) (mapping.Publisher, error)
}

// Options say who publishes what.
type Options struct {
	Actor, Reason string
	Environment   string // of the configuration
	// Overwrite also writes into fields that hold what is no canonical ID, and
	// looks at every record again.
	Overwrite bool
	// Wait is how long to wait for the lease while somebody else holds it, and
	// Waiting is called, if it is set, each time before a pause.
	Wait     time.Duration
	Waiting  func(*crosswalk.LockedError)
	Progress func(step string, done, total int64)
	// Announce, if it is set, is told what is going to be written, before it is.
	Announce func(*Report)
	// Each, if it is set, is told of every record but those that are unchanged.
	Each func(*Change) error
}

// Outcome is what became of a record.
type Outcome string

// The outcomes. The last two are those of an undo.
const (
	Unchanged Outcome = "unchanged" // published before
	Written   Outcome = "written"
	Already   Outcome = "already" // the field held the number, and nobody knew
	Conflict  Outcome = "conflict"
	Refused   Outcome = "refused"
	Missing   Outcome = "missing" // the source has no such record
	Restored  Outcome = "restored"
	Kept      Outcome = "kept"
)

// Change is what became, or would become, of one record.
type Change struct {
	Source      string  `json:"source" csv:"source"`
	SourceID    string  `json:"source_id" csv:"source_id"`
	CanonicalID string  `json:"canonical_id" csv:"canonical_id"`
	Before      *string `json:"before" csv:"before"` // what the field held; nil where that was nothing
	Outcome     Outcome `json:"outcome" csv:"outcome"`
	Reason      string  `json:"reason,omitempty" csv:"reason"`
}

// Counts say how many records had which outcome. Of a publish Links = Unchanged
// + Written + Already + Conflicts + Refused + Missing.
type Counts struct {
	Links     int64 `json:"links"`
	Unchanged int64 `json:"unchanged"`
	Written   int64 `json:"written"`
	Already   int64 `json:"already"`
	Conflicts int64 `json:"conflicts"`
	Refused   int64 `json:"refused"`
	Missing   int64 `json:"missing"`
	// Gone are fields whose customers are gone; they keep what was published.
	Gone int64 `json:"gone"`
	// Restored and Kept are those of an undo, of which Links = Restored + Kept +
	// Refused + Missing.
	Restored int64 `json:"restored,omitempty"`
	Kept     int64 `json:"kept,omitempty"`
}

// Balanced reports whether every link is accounted for.
func (c Counts) Balanced() bool {
	return c.Links == c.Unchanged+c.Written+c.Already+c.Conflicts+c.Refused+c.Missing+c.Restored+c.Kept
}

// count is where an outcome is counted.
func (c *Counts) count(o Outcome) *int64 {
	switch o {
	case Unchanged:
		return &c.Unchanged
	case Written:
		return &c.Written
	case Already:
		return &c.Already
	case Conflict:
		return &c.Conflicts
	case Refused:
		return &c.Refused
	case Restored:
		return &c.Restored
	case Kept:
		return &c.Kept
	default:
		return &c.Missing
	}
}

// SourceReport is what became of a source. Copy is the file that was written
// in its place.
type SourceReport struct {
	Name  string
	Field string
	Copy  string
	Counts
}

// Report is what a publish did, or would do.
type Report struct {
	Run      int64 // 0: nothing was to be written down
	Undid    int64 // the run whose numbers were taken back
	Resumed  int64 // records that an interrupted run had left
	Sources  []*SourceReport
	Examples []Change // a few of each outcome that people look at
	// Others are sources to which the run that is taken back published too, and
	// that were left alone.
	Others []string
}

// examples is how many changes of each outcome and source a report shows.
const examples = 3

func (r *Report) example(c *Change) {
	n := 0
	for _, e := range r.Examples {
		if e.Source == c.Source && e.Outcome == c.Outcome {
			n++
		}
	}
	if n < examples {
		r.Examples = append(r.Examples, *c)
	}
}

// Total adds up the sources.
func (r *Report) Total() (t Counts) {
	for _, s := range r.Sources {
		t.Links += s.Links
		t.Unchanged += s.Unchanged
		t.Written += s.Written
		t.Already += s.Already
		t.Conflicts += s.Conflicts
		t.Refused += s.Refused
		t.Missing += s.Missing
		t.Gone += s.Gone
		t.Restored += s.Restored
		t.Kept += s.Kept
	}
	return t
}

// StoppedError says that publishing stopped on its way. The first Done of Total
// records are delivered; publishing again goes on with the others.
type StoppedError struct {
	Done, Total int64
	Err         error
}

func (e *StoppedError) Error() string {
	return fmt.Sprintf("%v (stopped after %d of %d records; the same command goes on from there)", e.Err, e.Done, e.Total)
}

// Unwrap returns what stopped it.
func (e *StoppedError) Unwrap() error { return e.Err }

// Look says what Publish would do on the state that snap views.
func Look(ctx context.Context, snap *crosswalk.Snapshot, targets []Target, o Options) (*Report, error) {
	o.Announce = nil
	return withJob(ctx, targets, o, func(j *job) error {
		if err := j.bind(ctx, snap); err != nil {
			return err
		}
		for _, t := range j.targets {
			if err := j.look(ctx, snap, t, func([]crosswalk.Publication) error { return nil }); err != nil {
				return err
			}
		}
		return nil
	})
}

// Publish takes the crosswalk's lease and publishes. The report comes with an
// error too: then it says what was done until then. A source that went away is
// a [*StoppedError], a field that is too narrow a [*mapping.FieldError] before
// anything is written, and another environment crosswalk.ErrEnvironment.
func Publish(ctx context.Context, store *crosswalk.Store, targets []Target, o Options) (*Report, error) {
	return withLease(ctx, store, targets, o, func(j *job) error {
		if err := j.deliverRest(ctx); err != nil {
			return err
		}
		if err := j.intend(ctx); err != nil {
			return err
		}
		if o.Announce != nil {
			o.Announce(j.report)
		}
		if err := j.publish(ctx, 0); err != nil {
			return err
		}
		return j.deliverAll(ctx)
	})
}

// intend looks at all sources and writes down what is to be done.
func (j *job) intend(ctx context.Context) error {
	return j.withSnapshot(ctx, func(snap *crosswalk.Snapshot) error {
		for _, t := range j.targets {
			if err := j.look(ctx, snap, t, func(entries []crosswalk.Publication) error {
				return j.write(ctx, snap.Head(), entries)
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

// write adds entries to the run, which begins with the first of them.
func (j *job) write(ctx context.Context, head crosswalk.Head, entries []crosswalk.Publication) error {
	if len(entries) == 0 {
		return nil
	}
	if j.run == nil {
		run, err := j.lease.Begin(ctx, crosswalk.RunStart{
			Kind: Kind, Actor: j.o.Actor, Reason: j.o.Reason, Rules: head.Rules, Base: head.Serial, Head: head.Digest, Environment: j.o.Environment,
		})
		if err != nil {
			return err
		}
		j.run, j.head = run, head
	}
	j.total += int64(len(entries))
	return j.run.WritePublications(ctx, entries)
}

// publish publishes the run, if there is anything in it. The serial stays, for
// nothing changed that a plan depends on.
func (j *job) publish(ctx context.Context, tookBack int64) error {
	if j.run == nil {
		return nil
	}
	totals := mapping.Totals{Customers: j.head.Customers, ReviewsOpen: j.head.ReviewsOpen}
	if _, err := j.run.Publish(ctx, crosswalk.Finish{Totals: totals, TookBack: tookBack}); err != nil {
		return err
	}
	j.report.Run = j.run.No
	return nil
}

// job is one publish on its way.
type job struct {
	o       Options
	targets []*target
	report  *Report
	store   *crosswalk.Store
	lease   *crosswalk.Lease
	run     *crosswalk.Run // nil before there is anything to write down
	head    crosswalk.Head // that the run began on
	total   int64          // records to deliver
	done    int64          // of them
	// backOnly says that of what an interrupted run left only what it was to
	// take back counts.
	backOnly bool
}

// target is a source with its publisher open.
type target struct {
	Target
	mapping.Publisher
	no     int // in the crosswalk; 0 is unknown there
	report *SourceReport
	copies bool
	width  int
	closed bool
	// adopted are the IDs that records have by now, by those that they had
	// before the source's own key was rewritten; nil: it never was.
	adopted map[string]string
}

// withJob opens the targets, lets do work on them, and closes them.
func withJob(ctx context.Context, targets []Target, o Options, do func(*job) error) (*Report, error) {
	j := &job{o: o, report: &Report{}}
	var problems []error
	for _, t := range targets {
		j.report.Sources = append(j.report.Sources, &SourceReport{Name: t.Source, Field: t.Field})
		opened := &target{Target: t, report: j.report.Sources[len(j.report.Sources)-1], closed: true}
		j.targets = append(j.targets, opened)
		problems = append(problems, opened.open(ctx))
	}
	err := errors.Join(problems...)
	if err == nil {
		err = do(j)
	}
	for _, t := range j.targets {
		err = errors.Join(err, t.shut(ctx, true))
	}
	return j.report, err
}

func (t *target) open(ctx context.Context) error {
	p, err := t.Open(ctx)
	if err != nil {
		return err
	}
	t.Publisher, t.closed = p, false
	if c, ok := p.(mapping.Copier); ok {
		t.copies, t.report.Copy = true, c.Copy()
	}
	if n, ok := p.(mapping.Narrow); ok {
		t.width = n.Width()
	}
	return nil
}

func (t *target) shut(ctx context.Context, abandon bool) error {
	if t.closed {
		return nil
	}
	t.closed = true
	return t.Close(context.WithoutCancel(ctx), abandon)
}

// withLease is withJob under the crosswalk's lease.
func withLease(ctx context.Context, store *crosswalk.Store, targets []Target, o Options, do func(*job) error) (*Report, error) {
	lease, err := store.Await(ctx, Kind, o.Wait, o.Waiting)
	if err != nil {
		return nil, err
	}
	r, err := withJob(ctx, targets, o, func(j *job) error {
		j.store, j.lease = store, lease
		if err := j.withSnapshot(ctx, func(snap *crosswalk.Snapshot) error { return j.bind(ctx, snap) }); err != nil {
			return err
		}
		return do(j)
	})
	return r, errors.Join(err, lease.Release(context.WithoutCancel(ctx)))
}

func (j *job) withSnapshot(ctx context.Context, do func(*crosswalk.Snapshot) error) error {
	snap, err := j.store.Snapshot(ctx)
	if err != nil {
		return err
	}
	err = do(snap)
	return errors.Join(err, snap.Close())
}

// bind refuses another environment and finds the sources in the crosswalk, in
// whose order everything is written.
func (j *job) bind(ctx context.Context, snap *crosswalk.Snapshot) error {
	if err := snap.Head().CheckEnvironment(j.o.Environment); err != nil {
		return fmt.Errorf("%w. Nothing was written", err)
	}
	sources, err := snap.Sources(ctx)
	if err != nil {
		return err
	}
	for _, t := range j.targets {
		for _, s := range sources {
			if s.Name == t.Source {
				t.no = s.No
			}
		}
	}
	rewritten, err := snap.Adopted(ctx)
	if err != nil {
		return err
	}
	for _, t := range j.targets {
		if err := t.adopt(ctx, snap, rewritten); err != nil {
			return err
		}
	}
	slices.SortStableFunc(j.targets, func(a, b *target) int { return cmp.Compare(a.no, b.no) })
	return nil
}

func (j *job) progress(step string, done, total int64) {
	if j.o.Progress != nil {
		j.o.Progress(step, done, total)
	}
}

// tell counts what became of a record and passes it on.
func (j *job) tell(t *target, c *Change) error {
	*t.report.count(c.Outcome)++
	if c.Outcome == Unchanged {
		return nil
	}
	return j.show(t, c)
}

func (j *job) show(t *target, c *Change) error {
	c.Source = t.Source
	j.report.example(c)
	if j.o.Each != nil {
		return j.o.Each(c)
	}
	return nil
}
