package publish

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// deliverRest delivers what an interrupted run has left.
func (j *job) deliverRest(ctx context.Context) error {
	return j.withSnapshot(ctx, func(snap *crosswalk.Snapshot) error {
		for _, t := range j.targets {
			for _, err := range j.intended(ctx, snap, t.no) {
				if err != nil {
					return err
				}
				j.total++
			}
		}
		if j.total == 0 {
			return nil
		}
		if err := j.deliverFrom(ctx, snap, true); err != nil {
			return err
		}
		j.report.Resumed, j.done, j.total = j.done, 0, 0
		return nil
	})
}

// deliverAll delivers the run that was published. A copy is made also where
// nothing is to be delivered: its source may have changed.
func (j *job) deliverAll(ctx context.Context) error {
	for _, t := range j.targets { // what was expected is now counted
		t.report.Written, t.report.Already, t.report.Restored = 0, 0, 0
	}
	j.report.Examples = slices.DeleteFunc(j.report.Examples, func(c Change) bool {
		return c.Outcome == Written || c.Outcome == Already || c.Outcome == Restored
	})
	return j.withSnapshot(ctx, func(snap *crosswalk.Snapshot) error { return j.deliverFrom(ctx, snap, false) })
}

// deliverFrom delivers, source by source, what a view shows as intended. One
// that went away does not keep the others from theirs.
func (j *job) deliverFrom(ctx context.Context, snap *crosswalk.Snapshot, rest bool) error {
	var problems []error
	for _, t := range j.targets {
		err := j.deliver(ctx, snap, t, rest)
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		problems = append(problems, err)
		if ctx.Err() != nil {
			break
		}
	}
	if err := errors.Join(problems...); err != nil {
		return &StoppedError{Done: j.done, Total: j.total, Err: err}
	}
	return nil
}

// deliver delivers to one source. A copy is written as a whole, and settled
// once it has been read back from where it is.
func (j *job) deliver(ctx context.Context, snap *crosswalk.Snapshot, t *target, rest bool) error {
	if t.no == 0 {
		return nil // nothing of it was ever applied
	}
	d := &delivery{job: j, target: t, snap: snap, quiet: rest}
	if !t.copies {
		d.settles = true
		return d.all(ctx)
	}
	err := d.all(ctx)
	if err = errors.Join(err, t.shut(ctx, err != nil)); err != nil || d.seen == 0 {
		return err
	}
	if err := t.open(ctx); err != nil {
		return err
	}
	d.settles, d.written = true, true
	return d.all(ctx)
}

// intended are the entries of a source that are not settled; once there is a
// run, its own.
func (j *job) intended(ctx context.Context, snap *crosswalk.Snapshot, source int) iter.Seq2[*crosswalk.Publication, error] {
	return func(yield func(*crosswalk.Publication, error) bool) {
		if source == 0 {
			return
		}
		for p, err := range snap.Publications(ctx, source) {
			if err == nil && (p.State != crosswalk.Intended || j.run != nil && p.Run != j.run.No || j.backOnly && p.Canonical != "") {
				continue
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

// delivery carries intended entries out.
type delivery struct {
	*job
	*target
	snap    *crosswalk.Snapshot
	settles bool // records what becomes of them
	written bool // everything was written already, and is read back only
	quiet   bool // they are of an earlier run, and counted as a whole
	seen    int64
}

// parcel is an entry that is carried out.
type parcel struct {
	entry    crosswalk.Publication
	verbatim string
	at       []string // the ID under which the source has it
	undo     *undoing // nil unless it takes another one back
	want     mapping.FieldValue
	is       mapping.FieldValue // before it is written
	reason   string             // why it was refused; empty: it was delivered
	lost     bool               // the source has no such record
	write    bool
}

func (d *delivery) all(ctx context.Context) error {
	batch := make([]parcel, 0, batchRecords)
	flush := func() error {
		err := d.deliver(ctx, batch)
		if err == nil && d.settles {
			d.done += int64(len(batch))
			d.progress("publishing to "+d.Source, d.done, d.total)
		}
		batch = batch[:0]
		return err
	}
	for p, err := range d.intended(ctx, d.snap, d.no) {
		if err != nil {
			return err
		}
		d.seen++
		if batch = append(batch, parcel{entry: *p}); len(batch) == batchRecords {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// deliver looks at a batch of fields once more, writes, reads back and settles.
func (d *delivery) deliver(ctx context.Context, batch []parcel) error {
	if len(batch) == 0 {
		return nil
	}
	if err := d.address(ctx, batch); err != nil {
		return err
	}
	ids := make([]string, len(batch))
	for i := range batch {
		ids[i] = batch[i].verbatim
	}
	is, at, err := d.fields(ctx, ids)
	if err != nil {
		return err
	}
	ours, err := oursOf(ctx, d.snap, is)
	if err != nil {
		return err
	}
	for i := range batch {
		batch[i].is, batch[i].at = is[i], at[i]
		d.decide(&batch[i], ours)
	}
	if err := d.writeAll(ctx, batch); err != nil {
		return err
	}
	if !d.settles {
		return nil
	}
	return d.settle(ctx, batch)
}

// address finds out whose records the entries are about, and what is wanted of
// their fields.
func (d *delivery) address(ctx context.Context, batch []parcel) error {
	keys := make([]crosswalk.SourceKey, len(batch))
	undoing := false
	for i := range batch {
		keys[i] = batch[i].entry.ID()
		batch[i].want = mapping.FieldValue{Text: batch[i].entry.Canonical}
		undoing = undoing || batch[i].entry.Canonical == ""
	}
	ids, err := verbatims(ctx, d.snap, keys)
	if err != nil {
		return err
	}
	for i := range batch {
		batch[i].verbatim = ids[batch[i].entry.Key]
	}
	if !undoing {
		return nil
	}
	return d.findUndone(ctx, keys, batch)
}

// verbatims are IDs of one source as they were received, by their keys.
func verbatims(ctx context.Context, snap *crosswalk.Snapshot, keys []crosswalk.SourceKey) (map[string]string, error) {
	links, err := snap.ByKeys(ctx, keys)
	if err != nil {
		return nil, err
	}
	ids := make(map[string]string, len(links))
	for i := range links {
		ids[links[i].Key] = links[i].Verbatim
	}
	return ids, nil
}

// decide says whether a field is written: it may have been since, by us before
// a crash or by somebody else.
func (d *delivery) decide(p *parcel, ours map[string]bool) {
	before := mapping.FieldValue{Text: p.entry.Before, Null: !p.entry.HadBefore}
	switch {
	case !p.is.Found:
		p.lost, p.reason = true, mapping.ErrNoRecord.Error()
	case same(p.is, p.want):
	case d.written:
		p.reason = "the field holds something else than was written"
	case p.undo != nil && p.undo.of.Key == "":
		p.reason = "there is nothing to take back any more"
	case p.undo != nil:
		if p.write = holds(p.is, p.undo.of.Canonical); !p.write {
			p.reason = "the field has been changed since"
		}
	case d.o.Overwrite, same(p.is, before):
		p.write = true
	case p.is.Differ:
		p.reason = differing
	case p.is.Null, p.is.Text == "", ours[spelled(p.is)]:
		p.write = true
		p.entry.Before, p.entry.HadBefore = p.is.Text, !p.is.Null
	default:
		p.reason = "somebody else has changed the field meanwhile"
	}
}

// same compares what fields hold. Nothing is the same as an empty text: not
// every source tells them apart.
func same(a, b mapping.FieldValue) bool {
	return a.Text == b.Text && !a.Differ && !b.Differ
}

// writeAll writes what is to be written and reads it back. What comes back
// otherwise is put back to what was there.
func (d *delivery) writeAll(ctx context.Context, batch []parcel) error {
	var sent []*parcel
	for i := range batch {
		if batch[i].write {
			sent = append(sent, &batch[i])
		}
	}
	if len(sent) == 0 {
		return nil
	}
	accepted, err := d.send(ctx, sent, func(p *parcel) mapping.FieldValue { return p.want })
	if err != nil {
		return err
	}
	ids := make([][]string, len(accepted))
	for i, p := range accepted {
		ids[i] = p.at
	}
	got, err := d.Read(ctx, ids)
	if err != nil {
		return err
	}
	var altered []*parcel
	for i, p := range accepted {
		if !same(got[i], p.want) {
			p.reason = fmt.Sprintf("the source stores another text than was written, of %d characters", len([]rune(got[i].Text)))
			altered = append(altered, p)
		}
	}
	if len(altered) > 0 {
		_, err = d.send(ctx, altered, func(p *parcel) mapping.FieldValue { return p.is })
	}
	return err
}

// send writes, and returns what was not refused.
func (d *delivery) send(ctx context.Context, parcels []*parcel, value func(*parcel) mapping.FieldValue) ([]*parcel, error) {
	writes := make([]mapping.FieldWrite, len(parcels))
	for i, p := range parcels {
		writes[i] = mapping.FieldWrite{ID: p.at, Value: value(p)}
	}
	refused, err := d.Write(ctx, writes)
	if err != nil {
		return nil, err
	}
	var accepted []*parcel
	for i, p := range parcels {
		switch {
		case refused[i] == nil:
			accepted = append(accepted, p)
		case p.reason == "":
			p.reason, p.lost = refused[i].Error(), errors.Is(refused[i], mapping.ErrNoRecord)
		}
	}
	return accepted, nil
}

// settle records what became of a batch, and tells.
func (d *delivery) settle(ctx context.Context, batch []parcel) error {
	entries := make([]crosswalk.Publication, 0, len(batch))
	for i := range batch {
		p := &batch[i]
		if p.undo != nil {
			entries = append(entries, p.undo.settled(p)...)
			continue
		}
		p.entry.State, p.entry.Reason = crosswalk.Delivered, ""
		if p.reason != "" {
			p.entry.State, p.entry.Reason = crosswalk.Refused, p.reason
		}
		entries = append(entries, p.entry)
	}
	if err := d.lease.SettlePublications(ctx, entries); err != nil {
		return err
	}
	for i := range batch {
		if d.quiet {
			break
		}
		if err := d.told(&batch[i]); err != nil {
			return err
		}
	}
	return nil
}

func (d *delivery) told(p *parcel) error {
	c := Change{SourceID: p.verbatim, CanonicalID: p.entry.Canonical, Outcome: Written, Reason: p.reason}
	if p.entry.HadBefore {
		c.Before = &p.entry.Before
	}
	switch {
	case p.undo != nil:
		return d.toldUndo(p, &c)
	case p.lost:
		c.Outcome = Missing
	case p.reason != "":
		c.Outcome = Refused
	case p.entry.HadBefore && p.entry.Before == p.entry.Canonical:
		c.Outcome = Already
	}
	return d.tell(d.target, &c)
}
