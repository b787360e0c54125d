package plan

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// Rewriting is what a rewrite is about: the references that follow, and the
// sources whose own key is rewritten in place.
type Rewriting struct {
	References []crosswalk.Rewritten
	Adopt      []string
}

// Rewrite plans the run that comes before references are rewritten: it says
// which. Where a source's own key is rewritten in place, the canonical ID of
// each of its live links becomes a source ID of the same customer, so that the
// next run knows the records under either number. Without such links the
// crosswalk's serial stays.
//
// Errors are [*ActError]: a source that does not exist, whose ID has several
// parts, or in which a canonical ID is somebody else's ID already.
//
// Memory is about 200 bytes for each live link of those sources.
func Rewrite(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, w Rewriting, o Options) (*Plan, error) {
	d, err := newDraft(ctx, snap, rs, "rewrite", o)
	if err != nil {
		return nil, err
	}
	p := d.plan
	p.Rewrote, p.Adopted = w.References, slices.Sorted(slices.Values(w.Adopt))
	p.Adopted = slices.Compact(p.Adopted)
	r := &rewriter{draft: d, survivors: map[string]string{}}
	if len(p.Adopted) > 0 {
		for n, err := range snap.Merged(ctx) {
			if err != nil {
				return nil, err
			}
			r.survivors[n.Canonical] = n.Survivor
		}
	}
	spaces := slices.Clone(p.Spaces)
	slices.SortFunc(spaces, func(x, y crosswalk.Source) int { return cmp.Compare(x.No, y.No) })
	for _, name := range p.Adopted {
		if !slices.ContainsFunc(spaces, func(s crosswalk.Source) bool { return s.Name == name }) {
			return nil, refused("`xwalk apply` reads it first", "the crosswalk knows no source %s, so its key cannot be rewritten", name)
		}
	}
	for _, s := range spaces {
		if slices.Contains(p.Adopted, s.Name) {
			if err := r.source(ctx, s); err != nil {
				return nil, err
			}
		}
	}
	p.body = r.writes
	return p, p.seal()
}

// rewriter finds the links that canonical IDs get as source IDs, in the order
// of (source, key).
type rewriter struct {
	*draft
	survivors map[string]string // of the merged numbers
	adopted   []adoption
}

// adoption is a canonical ID that becomes a source ID, in place of some older
// ones.
type adoption struct {
	source   int
	key, id  string // the canonical ID's key in its source, and itself
	olds     []string
	kind     crosswalk.Kind
	replaces bool
}

// source finds those of one source.
func (r *rewriter) source(ctx context.Context, s crosswalk.Source) error {
	i := slices.Index(r.rules.Sources(), s.Name)
	switch {
	case strings.Contains(s.Name, "."):
		return refused("", "%s is a further number of a source's records, which takes no new source ID; use `write: COLUMN` or a reference", s.Name)
	case i < 0:
		return refused("the sources of the configuration are "+strings.Join(r.rules.Sources(), ", "), "there is no source %s", s.Name)
	case r.rules.Composite(i):
		return refused("write the new number into a column of its own: `write: COLUMN`", "the ID of %s has several parts, and one number cannot stand for it", s.Name)
	}
	first := len(r.adopted)
	for l, err := range r.snap.Links(ctx, crosswalk.Query{Sources: []int{s.No}, Live: true, Fields: true}) {
		if err != nil {
			return err
		}
		if _, adopted := AdoptedFrom(l); adopted {
			continue
		}
		id := cmp.Or(r.survivors[l.Canonical], l.Canonical)
		key, err := r.rules.AdoptedKey(i, id)
		if err != nil {
			return refused("write the new number into a column of its own: `write: COLUMN`", "%s cannot be an ID of %s: %s", id, s.Name, err)
		}
		if key != l.Key { // else it has its new number already
			r.adopted = append(r.adopted, adoption{source: s.No, key: key, id: id, olds: []string{l.Verbatim}, kind: l.Kind})
		}
	}
	all := r.adopted[first:]
	slices.SortStableFunc(all, func(x, y adoption) int { return strings.Compare(x.key, y.key) })
	n := 0
	for i := range all {
		if n > 0 && all[n-1].key == all[i].key {
			all[n-1].olds = append(all[n-1].olds, all[i].olds...)
			continue
		}
		all[n] = all[i]
		n++
	}
	r.adopted = r.adopted[:first+n]
	return r.compare(ctx, s, first)
}

// compare leaves out what is there already, and refuses what is another's.
func (r *rewriter) compare(ctx context.Context, s crosswalk.Source, first int) error {
	all := r.adopted[first:]
	done := make([]bool, len(all))
	at := 0
	for l, err := range r.snap.Links(ctx, crosswalk.Query{Sources: []int{s.No}, Fields: true}) {
		if err != nil {
			return err
		}
		for at < len(all) && all[at].key < l.Key {
			at++
		}
		if at == len(all) {
			break
		}
		a := &all[at]
		if a.key != l.Key {
			continue
		}
		olds, adopted := AdoptedFrom(l)
		a.replaces = true
		switch {
		case l.State == crosswalk.Void:
		case cmp.Or(r.survivors[l.Canonical], l.Canonical) != a.id:
			return refused("write the new numbers into a column of their own: `write: COLUMN`",
				"%s %s stands for another customer (%s) than the number %s, so the key of %s cannot be rewritten in place", s.Name, l.Verbatim, cmp.Or(l.Canonical, "none yet"), a.id, s.Name)
		case !adopted:
			done[at] = true // a record of its own has the number
		default:
			all := slices.Clone(olds) // the record that has the number by now is one of these
			for _, old := range a.olds {
				if !slices.Contains(all, old) {
					all = append(all, old)
				}
			}
			a.olds = all
			done[at] = len(all) == len(olds) && l.State == crosswalk.Live
		}
	}
	n := first
	for i := range all {
		if !done[i] {
			r.adopted[n] = all[i]
			n++
		}
	}
	r.adopted = r.adopted[:n]
	return nil
}

// writes streams the links of adopted numbers.
func (r *rewriter) writes(bool) iter.Seq2[*Write, error] {
	return func(yield func(*Write, error) bool) {
		for i := range r.adopted {
			a := &r.adopted[i]
			fields, err := json.Marshal(map[string][]string{adoptedFrom: a.olds})
			w := &Write{Kind: mapping.KindLink, Link: crosswalk.Link{
				Source: a.source, Key: a.key, Verbatim: a.id, Canonical: a.id, Kind: a.kind, Rule: ruleRewrite, Fields: fields, Replaces: a.replaces,
			}}
			if !yield(w, err) || err != nil {
				return
			}
		}
	}
}

// UndoRewrite plans the run that takes a rewrite back, once its references are
// as they were: the canonical IDs that it made source IDs are none any more.
// Errors are [*NoRunError], and [*ActError] where the run is no rewrite or was
// undone before.
func UndoRewrite(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, run int64, o Options) (*Plan, error) {
	d, err := newDraft(ctx, snap, rs, "rewrite", o)
	if err != nil {
		return nil, err
	}
	runs, err := snap.Runs(ctx)
	if err != nil {
		return nil, err
	}
	if run < 1 || run > int64(len(runs)) {
		return nil, &NoRunError{Run: run, Last: runs[max(0, len(runs)-shownRuns):]}
	}
	info := runs[run-1]
	if info.Kind != "rewrite" || info.Undid > 0 {
		return nil, refused("`xwalk runs` lists all", "run %d is no rewrite, but %s", run, info.Kind)
	}
	for _, later := range runs[run:] {
		if later.Undid == run {
			return nil, refused("", "run %d was undone by run %d", run, later.Run)
		}
	}
	d.plan.Undoes, d.plan.Rewrote = run, info.Rewrote
	keys, err := adoptedBy(ctx, snap, &info)
	if err != nil {
		return nil, err
	}
	d.plan.body = func(bool) iter.Seq2[*Write, error] {
		return func(yield func(*Write, error) bool) {
			again, err := snap.Again(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			defer func() { _ = again.Close() }() // it only reads
			for chunk := range slices.Chunk(keys, rekeyRows) {
				if more, err := unadopt(ctx, again, run, chunk, yield); err != nil || !more {
					if err != nil {
						yield(nil, err)
					}
					return
				}
			}
		}
	}
	return d.plan, d.plan.seal()
}

// unadopt yields what becomes of some of the source IDs that a run made: they
// are none any more, or what an earlier rewrite had made of them.
func unadopt(ctx context.Context, snap *crosswalk.Snapshot, run int64, keys []crosswalk.SourceKey, yield func(*Write, error) bool) (more bool, err error) {
	links, err := snap.ByKeys(ctx, keys)
	if err != nil {
		return false, err
	}
	past, err := snap.PastOf(ctx, keys)
	if err != nil {
		return false, err
	}
	before := map[crosswalk.SourceKey]crosswalk.Link{}
	for _, l := range past {
		if l.FromRun < run {
			before[l.ID()] = l
		}
	}
	for _, l := range links {
		if _, adopted := AdoptedFrom(&l); !adopted || l.State == crosswalk.Void {
			continue
		}
		l.Replaces = true
		if was := before[l.ID()]; was.Fields != nil && was.State == crosswalk.Live {
			l.Fields = was.Fields
		} else {
			l.State = crosswalk.Void
		}
		if !yield(&Write{Kind: mapping.KindRetire, Link: l}, nil) {
			return false, nil
		}
	}
	return true, nil
}

// adoptedBy are the source IDs that a rewrite made, in their order.
func adoptedBy(ctx context.Context, snap *crosswalk.Snapshot, run *crosswalk.RunInfo) (keys []crosswalk.SourceKey, err error) {
	if run.Links == 0 {
		return nil, nil
	}
	for _, links := range [...]iter.Seq2[*crosswalk.Link, error]{snap.Links(ctx, crosswalk.Query{Of: run.Run}), snap.Superseded(ctx, run.Run)} {
		for l, err := range links {
			if err != nil {
				return nil, err
			}
			keys = append(keys, l.ID())
		}
	}
	slices.SortFunc(keys, crosswalk.SourceKey.Compare)
	return keys, nil
}

// adoptedFrom is the field of an adopted link that names the source IDs in
// whose place its own came.
const adoptedFrom = "rewritten_from"

var adoptedMark = fmt.Appendf(nil, `{%q:`, adoptedFrom)

// AdoptedFrom says whether a link, with its Fields, is that of a canonical ID
// which a rewrite made a source ID, and in place of which ones, as they were
// received.
func AdoptedFrom(l *crosswalk.Link) (olds []string, adopted bool) {
	if !strings.HasPrefix(string(l.Fields), string(adoptedMark)) {
		return nil, false
	}
	fields, err := rules.DecodeFields(l.Fields)
	return fields[adoptedFrom], err == nil
}
