package plan

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// vanish applies the policy to links whose record was not read, and to those
// whose record says that it is deleted.
//
// Absence counts only after a full read: a source with a filter retires
// nothing, since out of the filter is not vanished, nor does one that is read
// by another query than last time, nor one with rows whose ID could not be
// read. That a record says so itself always counts.
func (b *builder) vanish(i int, w *walk) error {
	absent, waiting := w.absent, w.waiting
	whole := b.readWhole(i, len(absent))
	if !whole {
		b.absent = append(b.absent, absent...)
		absent, waiting = nil, nil
	}
	ending := slices.Concat(absent, w.deleted)
	if err := b.mayVanish(i, ending, w.known); err != nil {
		return err
	}
	if whole {
		b.sources[i].gone = ending
	}
	ending = slices.Concat(ending, waiting, w.deletedHeld)
	b.retired = append(b.retired, ending...)
	b.sources[i].counts.Retired = int64(len(ending))
	return nil
}

// readWhole reports whether a link of source i without a record is one whose
// record is gone, and says why it is not where somebody may wonder.
func (b *builder) readWhole(i, missing int) bool {
	s := &b.sources[i]
	if !b.opts.Policy.Retire || b.inputs[i].Filtered {
		return false
	}
	if missing == 0 {
		return !s.requeried && !slices.ContainsFunc(s.rejects, func(r rejected) bool { return r.blind })
	}
	if s.requeried {
		b.note("%s: %d known records are missing, and stay in this run: the source is read by another query or table than in the last one, which may only hide them. The next run retires those that are still missing",
			b.inputs[i].Name, missing)
		return false
	}
	if k := slices.IndexFunc(s.rejects, func(r rejected) bool { return r.blind }); k >= 0 {
		b.note("%s: %d known records are missing, and stay: the IDs of some rows could not be read, so any of them may still be there. Mend those rows in the source, the first at %s, or list the scheme of their IDs",
			b.inputs[i].Name, missing, s.rejects[k].rej.Place)
		return false
	}
	return true
}

// shownMissing is how many missing records a refusal names.
const shownMissing = 3

// mayVanish enforces policy.vanished.at_most for one source.
func (b *builder) mayVanish(i int, ending []crosswalk.Link, known int64) error {
	limit := b.opts.Policy.RetireAtMost
	if float64(len(ending)) <= limit*float64(known) || b.allowed("vanished") {
		return nil
	}
	name := b.inputs[i].Name
	var ids []string
	for _, l := range ending[:min(len(ending), shownMissing)] {
		ids = append(ids, l.Verbatim)
	}
	what := fmt.Sprintf("%d of %d known records of %s are missing or deleted, such as %s", len(ending), known, name, strings.Join(ids, ", "))
	if b.sources[i].counts.Read == 0 {
		what = fmt.Sprintf("%s has no records at all, and %d are known", name, known)
	}
	most := "not even one record"
	if n := math.Floor(limit * float64(known)); n == 1 {
		most = "1 record"
	} else if n > 1 {
		most = fmt.Sprintf("%.0f records", n)
	}
	return &GuardError{Guard: "vanished", What: what, Limit: fmt.Sprintf("%s of them, %s", percent(limit), most)}
}

// tomb is a record that is read and takes part in nothing, since its source
// calls it deleted.
type tomb struct {
	n   node
	was tombState
}

// tombState says what the crosswalk had of such a record.
type tombState uint8

const (
	unknown tombState = iota // no link
	ending                   // one that ends now
	waiting                  // one that ends now and never had a number
	past                     // one that ended before
)

// tomb takes a record whose link ends or has ended for good out of the
// records: it founds no customer and agrees with nobody, but what it was
// merged into still counts. It reports whether it did: where nothing is
// retired, the link of a deleted record stays like any other.
func (w *walk) tomb(n node, l *crosswalk.Link) bool {
	b := w.b
	deleted, was := b.table.deleted(n), past
	switch l.State {
	case crosswalk.Live, crosswalk.Held:
		if !deleted || !b.opts.Policy.Retire || l.Rule == ruleRestore {
			return false
		}
		was = ending
		if l.State == crosswalk.Live {
			w.deleted = append(w.deleted, *l)
		} else {
			was = waiting
			w.deletedHeld = append(w.deletedHeld, *l)
		}
	case crosswalk.Retired:
		if !deleted {
			return false
		}
	default: // as if there was none
		return false
	}
	if l.Canonical != "" && l.Rule != ruleRetire { // a customer whom a steward retired comes into no other
		b.prior[n] = prior{b.ids.addString(l.Canonical), uint32(l.SinceRun)}
	}
	if l.Rule == rules.MergedIntoRule && (l.State == crosswalk.Retired || !b.rules.KeepsFields()) { // see aliases
		b.told.merged[n] = true
	}
	b.status[n] = dead
	b.sources[w.source].tombs = append(b.sources[w.source].tombs, tomb{n, was})
	return true
}

// bury takes the records that tomb took, and the deleted ones that have no
// link, out of the records of source i.
func (b *builder) bury(i int) {
	s := &b.sources[i]
	if len(s.tombs) == 0 && !b.rules.TellsDeleted(i) {
		return
	}
	s.nodes = slices.DeleteFunc(s.nodes, func(n node) bool {
		if b.status[n] == fresh && b.table.deleted(n) {
			b.status[n] = dead
			s.tombs = append(s.tombs, tomb{n, unknown})
		}
		return b.status[n] == dead
	})
	slices.SortFunc(s.tombs, func(x, y tomb) int { return strings.Compare(view(b.table.key(x.n)), view(b.table.key(y.n))) })
}

// countTombs counts those records of source i: as updated where that ends a
// link, as linked where it is known into whom they were merged, and else as
// unchanged, since nothing becomes of them.
func (b *builder) countTombs(i int) {
	s := &b.sources[i]
	never, example := 0, node(0)
	for _, t := range s.tombs {
		switch {
		case t.was == ending, t.was == waiting:
			s.counts.Updated++
		case t.was == unknown && b.number[t.n] != 0:
			s.counts.Linked++
		case t.was == unknown:
			if never++; never == 1 {
				example = t.n
			}
			s.counts.Unchanged++
		default:
			s.counts.Unchanged++
		}
	}
	switch {
	case never == 1:
		b.note("%s: 1 record is deleted in the source and was never known (%s); it gets no number", b.inputs[i].Name, b.table.verbatim(example))
	case never > 1:
		b.note("%s: %d records are deleted in the source and were never known, such as %s; they get no number", b.inputs[i].Name, never, b.table.verbatim(example))
	}
}

// findTomb finds such a record of source i by its key.
func (b *builder) findTomb(i int, key string) (node, bool) {
	tombs := b.sources[i].tombs
	at, found := slices.BinarySearchFunc(tombs, key, func(t tomb, key string) int { return bytesVsString(b.table.key(t.n), key) })
	if !found {
		return 0, false
	}
	return tombs[at].n, true
}

// aliases are the links of deleted records of source i that were never known
// and whose source says into whom they were merged. They are retired from the
// start: their IDs mean that customer for as long as another record does.
func (b *builder) aliases(i int) (links []Write) {
	s := &b.sources[i]
	for _, t := range s.tombs {
		if t.was != unknown || b.number[t.n] == 0 {
			continue
		}
		batch, row := b.table.at(t.n)
		_, void := b.regain[t.n]
		links = append(links, Write{Kind: mapping.KindLink, Link: crosswalk.Link{
			Source: s.no, Key: string(b.table.key(t.n)), Verbatim: b.table.verbatim(t.n), Canonical: b.ids.get(b.number[t.n]),
			State: crosswalk.Retired, Kind: b.kindOf(t.n), Rule: rules.MergedIntoRule, RowHash: batch.rowHash[row], Replaces: void,
		}})
	}
	return links
}
