package history

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// The kinds of runs whose work has names of its own.
const (
	kindRenumber = "renumber"
	kindRekey    = "rekey"
	kindSplit    = "split"
	kindRewrite  = "rewrite"
)

// The ranks of events of one run: what became of numbers comes before the
// links that follow them, and who founded a customer before who joined.
const (
	rankGiven = iota
	rankNumber
	rankFounder
	rankLink
	rankGone
	rankReview
)

// tell adds an event of a run.
func (t *teller) tell(run int64, rank int, e Event) {
	r := t.runs[run]
	e.Run, e.At, e.Actor, e.Reason, e.RunKind = run, r.Finished, r.Actor, r.Reason, r.Kind
	if r.Undid > 0 && e.Event != ReviewClosed && e.Event != ReviewRaised {
		e.Detail = also(e.Detail, fmt.Sprintf("undoes run %d", r.Undid))
	}
	e.place, e.rank = 2*run, rank
	t.events = append(t.events, e)
}

func also(detail, more string) string {
	if detail == "" {
		return more
	}
	return detail + "; " + more
}

// spelling is a source ID as it is written.
type spelling struct {
	source   int
	verbatim string
}

// tellLinks tells the versions of links. What a source ID was under its old
// key ends where it begins under the new one, which is told once.
func (t *teller) tellLinks() {
	begun := map[spelling]int64{}
	for _, versions := range t.links {
		if l := &versions[0]; t.runs[l.FromRun].Kind == kindRekey {
			begun[spelling{l.Source, l.Verbatim}] = l.FromRun
		}
	}
	for _, versions := range t.links {
		asked := t.asked[versions[0].ID()]
		var before *crosswalk.Link
		for i := range versions {
			l := &versions[i]
			if l.State == crosswalk.Void && begun[spelling{l.Source, l.Verbatim}] == l.FromRun {
				before = l
				continue
			}
			if asked || t.concerns(l) || before != nil && t.concerns(&crosswalk.Link{Canonical: before.Canonical, FromRun: l.FromRun}) {
				what, detail := t.change(before, l)
				rank := rankLink
				if what == Created {
					rank = rankFounder
				}
				t.tell(l.FromRun, rank, Event{Event: what, Source: t.names[l.Source], SourceID: l.Verbatim, Canonical: l.Canonical, Detail: detail})
			}
			before = l
		}
	}
}

// concerns reports whether a link had one of the numbers while that was part
// of those that were asked for.
func (t *teller) concerns(l *crosswalk.Link) bool {
	s, own := t.own[l.Canonical]
	return own && s.has(l.FromRun)
}

// change says what a version of a link changed.
func (t *teller) change(before, l *crosswalk.Link) (what, detail string) {
	kind := t.runs[l.FromRun].Kind
	was := func(state crosswalk.State) bool { return before != nil && before.State == state }
	switch {
	case l.State == crosswalk.Void && kind == kindRekey:
		return Rekeyed, "its old key is out of use"
	case l.State == crosswalk.Void:
		return Void, ""
	case l.State == crosswalk.Held && !was(crosswalk.Held):
		return Held, ""
	case l.State == crosswalk.Contested && !was(crosswalk.Contested):
		return Contested, ""
	case l.State == crosswalk.Retired && !was(crosswalk.Retired):
		return Retired, l.Rule
	case before == nil && kind == kindRekey:
		return Rekeyed, ""
	case was(crosswalk.Void) && l.State == crosswalk.Live && before.Canonical == l.Canonical:
		return Restored, l.Rule
	case kind == kindRewrite && (before == nil || !was(crosswalk.Live)):
		return Rewritten, "in place of " + strings.Join(inPlaceOf(l), ", ")
	case before == nil, before.Canonical == "", was(crosswalk.Void):
		if l.Rule == "new" || l.Rule == "as: keep" {
			return Created, l.Rule
		}
		return Linked, l.Rule
	case before.Canonical != l.Canonical && kind == kindRenumber:
		return Renumbered, "was " + before.Canonical
	case before.Canonical != l.Canonical && kind == kindSplit:
		return SplitOff, "was " + before.Canonical
	case before.Canonical != l.Canonical && l.Canonical != "":
		return Moved, "was " + before.Canonical
	case was(crosswalk.Retired) && l.State == crosswalk.Live:
		return Restored, l.Rule
	case before.Verbatim != l.Verbatim:
		return Respelt, "was " + before.Verbatim
	}
	return Updated, changed(before, l)
}

// inPlaceOf are the source IDs in whose place that of a link came.
func inPlaceOf(l *crosswalk.Link) []string {
	var fields map[string][]string
	_ = json.Unmarshal(l.Fields, &fields) // our own encoding
	return fields["rewritten_from"]
}

// changed names the fields in which two versions of a record differ, never
// their values.
func changed(before, l *crosswalk.Link) string {
	var a, b map[string][]string
	if json.Unmarshal(before.Fields, &a) != nil || json.Unmarshal(l.Fields, &b) != nil {
		return "" // nothing is kept of one of them
	}
	var names []string
	for name := range maps.Keys(a) {
		if !slices.Equal(a[name], b[name]) {
			names = append(names, name)
		}
	}
	for name := range maps.Keys(b) {
		if _, both := a[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// tellNumbers tells the versions of numbers.
func (t *teller) tellNumbers() {
	for _, id := range slices.Sorted(maps.Keys(t.spans)) {
		versions := t.numbers[id]
		for i := range versions {
			n := &versions[i]
			if !slices.ContainsFunc(t.spans[id], func(s span) bool { return s.has(n.FromRun) }) {
				continue
			}
			var before *crosswalk.Number
			if i > 0 {
				before = &versions[i-1]
			}
			e, rank := t.became(before, n)
			t.tell(n.FromRun, rank, e)
		}
	}
}

// became says what a version of a number changed.
func (t *teller) became(before, n *crosswalk.Number) (e Event, rank int) {
	e = Event{Canonical: n.Canonical}
	switch {
	case n.State == crosswalk.Gone:
		e.Event = Gone
		return e, rankGone
	case n.State == crosswalk.Given && before == nil:
		e.Event = Given
		return e, rankGiven
	case n.State == crosswalk.Given:
		e.Event = InForce
		if before.State == crosswalk.Merged {
			e.Detail = "meant " + before.Survivor
		}
	case before != nil && before.State == crosswalk.Merged && before.Into == n.Into:
		e.Event, e.Detail = Redirected, "means "+n.Survivor
	case t.runs[n.FromRun].Kind == kindRenumber:
		e.Event, e.Detail = Renumbered, "now "+n.Into
	case slices.Contains(t.ids, n.Into) && !slices.Contains(t.ids, n.Canonical):
		e.Event, e.Canonical, e.Detail = Absorbed, n.Into, n.Canonical+" was merged into it"
	default:
		e.Event, e.Detail = Merged, "into "+n.Into
		if n.Survivor != n.Into {
			e.Detail += ", which means " + n.Survivor
		}
	}
	return e, rankNumber
}

// tellReviews tells when a person was asked, and when no longer.
func (t *teller) tellReviews() {
	for i := range t.reviews {
		r := &t.reviews[i]
		mine, other := r.Left, r.Right
		if !t.told[mine] {
			mine, other = other, mine
		}
		e := Event{Event: ReviewRaised, Source: t.names[mine.Source], SourceID: mine.Key, Detail: fmt.Sprintf("%s: the same as %s %s?", r.ID, t.names[other.Source], other.Key)}
		t.tell(r.FromRun, rankReview, e)
		if r.UntilRun > 0 {
			e.Event, e.Detail = ReviewClosed, r.ID
			t.tell(r.UntilRun, rankNumber, e)
		}
	}
}

// tellPublished tells what was written into the records of source IDs: of one
// that is asked for all of it, of the others what was one of the numbers.
func (t *teller) tellPublished() {
	verbatim := map[crosswalk.SourceKey]string{}
	for _, versions := range t.links {
		l := &versions[len(versions)-1]
		verbatim[l.ID()] = l.Verbatim
	}
	for i := range t.published {
		p := &t.published[i]
		if _, own := t.own[p.Canonical]; !own && !t.asked[p.ID()] {
			continue
		}
		e := Event{Event: Published, Source: t.names[p.Source], SourceID: verbatim[p.ID()], Canonical: p.Canonical}
		switch {
		case p.Canonical == "":
			e.Event = TakenBack
		case p.State == crosswalk.Refused:
			e.Detail = "refused: " + p.Reason
		case p.State == crosswalk.Intended:
			e.Detail = "not delivered yet"
		case p.State == crosswalk.TakenBack:
			e.Detail = "taken back since"
		}
		t.tell(p.Run, rankReview, e)
	}
}

// tellErased tells who was forgotten, and no more than that.
func (t *teller) tellErased() {
	for _, e := range t.erased {
		t.tell(e.Run, rankGone, Event{Event: Erased, Source: t.names[e.Source], Canonical: e.Canonical})
	}
}

// tellDecisions tells what people decided, each verdict where it stood among
// the runs.
func (t *teller) tellDecisions() {
	runs := slices.Sorted(maps.Keys(t.runs))
	for i := range t.decisions {
		d := &t.decisions[i]
		mine, other := d.Left, d.Right
		if !t.named(mine) {
			mine, other = other, mine
		}
		e := Event{Event: Withdrawn, Source: mine.Source, SourceID: mine.Key, Detail: other.Source + " " + other.Key}
		switch d.Verdict {
		case crosswalk.Same:
			e.Event, e.Detail = SaidSame, "the same as "+e.Detail
		case crosswalk.Different:
			e.Event, e.Detail = SaidOther, "not the same as "+e.Detail
		case crosswalk.Withdrawn:
			e.Detail = "the verdict on " + e.Detail
		}
		if d.Review != "" {
			e.Detail += " (review " + d.Review + ")"
		}
		if run, ok := t.recorded[d.No]; ok {
			t.tell(run, rankNumber, e)
			continue
		}
		e.At, e.Actor, e.Reason, e.rank = d.Decided, d.Actor, d.Reason, i
		e.place = 2 * (t.snap.Head().Run + 1)
		for _, run := range runs {
			if t.before[run] >= d.No {
				e.place = 2*run - 1
				break
			}
		}
		t.events = append(t.events, e)
	}
}

func (t *teller) named(k crosswalk.NamedKey) bool {
	for no, name := range t.names {
		if name == k.Source && t.told[crosswalk.SourceKey{Source: no, Key: k.Key}] {
			return true
		}
	}
	return false
}
