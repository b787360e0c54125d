package history

import (
	"context"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// span is a stretch of runs, both ends included; an until of 0 is open.
type span struct{ from, until int64 }

func (s span) has(run int64) bool { return run >= s.from && (s.until == 0 || run <= s.until) }

// teller gathers what there is to know, then tells the events.
type teller struct {
	snap  *crosswalk.Snapshot
	names map[int]string // of the sources
	asked map[crosswalk.SourceKey]bool
	ids   []string // the canonical IDs that are asked for

	// own are the numbers that are asked for and those that were merged into
	// them, with the runs for which that is so; spans are all numbers that are
	// spoken of.
	own     map[string]span
	spans   map[string][]span
	numbers map[string][]crosswalk.Number // versions, oldest first
	links   [][]crosswalk.Link            // the versions of one key each, oldest first
	told    map[crosswalk.SourceKey]bool  // whose links are told

	reviews   []crosswalk.Review
	erased    []crosswalk.Erased
	published []crosswalk.Publication
	decisions []crosswalk.Decision
	recorded  map[int64]int64 // decision -> the run that recorded it
	before    map[int64]int64 // run -> the last decision that it knew of
	runs      map[int64]crosswalk.RunInfo
	events    []Event
}

// readNumbers finds the numbers that the asked ones ever stood for.
func (t *teller) readNumbers(ctx context.Context) error {
	merged, err := t.snap.EverMergedInto(ctx, t.ids)
	if err != nil {
		return err
	}
	if err := t.loadNumbers(ctx, slices.Concat(t.ids, merged)); err != nil {
		return err
	}
	for _, id := range t.ids {
		t.own[id] = span{}
	}
	for _, id := range merged {
		if _, asked := t.own[id]; !asked {
			t.own[id] = t.under(id)
		}
	}
	for id, s := range t.own {
		t.spans[id] = append(t.spans[id], s)
	}
	return nil
}

// under is how long a number is part of those that were asked for: from its
// beginning until the run after which it meant none of them any more.
func (t *teller) under(id string) span {
	var s span
	versions := t.numbers[id]
	for i := range versions {
		if !slices.Contains(t.ids, versions[i].Survivor) {
			continue
		}
		if i+1 == len(versions) {
			return span{}
		}
		s.until = versions[i+1].FromRun
	}
	return s
}

// loadNumbers reads the versions of numbers that are not known yet.
func (t *teller) loadNumbers(ctx context.Context, ids []string) error {
	var fresh []string
	for _, id := range ids {
		if _, known := t.numbers[id]; !known {
			t.numbers[id] = nil
			fresh = append(fresh, id)
		}
	}
	versions, err := t.snap.NumberNotes(ctx, fresh)
	for _, n := range versions {
		t.numbers[n.Canonical] = append(t.numbers[n.Canonical], n)
	}
	return err
}

// readLinks reads all versions of the links of the source IDs that are asked
// for, and of those that ever had one of the numbers.
func (t *teller) readLinks(ctx context.Context) error {
	keys := slices.Collect(maps.Keys(t.asked))
	links, past, err := t.snap.History(ctx, slices.Sorted(maps.Keys(t.own)))
	if err != nil {
		return err
	}
	for _, l := range slices.Concat(links, past) {
		keys = append(keys, l.ID())
	}
	for _, k := range keys {
		t.told[k] = true
	}
	keys = t.keys()
	if past, err = t.snap.PastOf(ctx, keys); err != nil {
		return err
	}
	if links, err = t.snap.ByKeys(ctx, keys); err != nil {
		return err
	}
	all := slices.Concat(past, links) // the newest of a key comes last
	slices.SortStableFunc(all, func(a, b crosswalk.Link) int { return a.ID().Compare(b.ID()) })
	var had []string
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].ID() == all[0].ID() {
			n++
		}
		t.links = append(t.links, all[:n])
		if t.asked[all[0].ID()] {
			had = append(had, t.follow(all[:n])...)
		}
		all = all[n:]
	}
	return t.loadNumbers(ctx, had)
}

// follow notes for how long a source ID that was asked for had which numbers.
func (t *teller) follow(versions []crosswalk.Link) (had []string) {
	for i := range versions {
		l := &versions[i]
		if l.Canonical == "" || l.State == crosswalk.Void {
			continue
		}
		s := span{from: l.FromRun}
		if i+1 < len(versions) {
			s.until = versions[i+1].FromRun
		}
		t.spans[l.Canonical] = append(t.spans[l.Canonical], s)
		had = append(had, l.Canonical)
	}
	return had
}

// readSurvivors adds the numbers that the others came to mean: what happened
// to these while they did happened to the others too.
func (t *teller) readSurvivors(ctx context.Context) error {
	survivors := map[string][]span{}
	for id, spans := range t.spans {
		versions := t.numbers[id]
		for i := range versions {
			n := &versions[i]
			if _, own := t.own[n.Survivor]; n.State != crosswalk.Merged || own {
				continue
			}
			for _, s := range spans {
				s.from = max(s.from, n.FromRun)
				if i+1 < len(versions) && (s.until == 0 || versions[i+1].FromRun < s.until) {
					s.until = versions[i+1].FromRun
				}
				if s.until == 0 || s.from <= s.until {
					survivors[n.Survivor] = append(survivors[n.Survivor], s)
				}
			}
		}
	}
	for id, spans := range survivors {
		t.spans[id] = append(t.spans[id], spans...)
	}
	return t.loadNumbers(ctx, slices.Sorted(maps.Keys(survivors)))
}

// keys are the source IDs whose links are told.
func (t *teller) keys() []crosswalk.SourceKey {
	return slices.SortedFunc(maps.Keys(t.told), crosswalk.SourceKey.Compare)
}

func (t *teller) readReviews(ctx context.Context) (err error) {
	t.reviews, err = t.snap.ReviewVersions(ctx, t.keys())
	return err
}

func (t *teller) readErased(ctx context.Context) error {
	byKey, err := t.snap.ErasedOf(ctx, slices.Collect(maps.Keys(t.asked)))
	if err != nil {
		return err
	}
	if t.erased, err = t.snap.ErasedAs(ctx, slices.Sorted(maps.Keys(t.own))); err != nil {
		return err
	}
	for _, e := range byKey {
		if !slices.Contains(t.erased, e) {
			t.erased = append(t.erased, e)
		}
	}
	return nil
}

func (t *teller) readPublished(ctx context.Context) (err error) {
	t.published, err = t.snap.PublicationsOfKeys(ctx, t.keys())
	return err
}

func (t *teller) readDecisions(ctx context.Context) (err error) {
	var named []crosswalk.NamedKey
	for _, k := range t.keys() {
		named = append(named, crosswalk.NamedKey{Source: t.names[k.Source], Key: k.Key})
	}
	if t.decisions, err = t.snap.DecisionsOn(ctx, named); err != nil {
		return err
	}
	numbers := make([]int64, len(t.decisions))
	for i := range t.decisions {
		numbers[i] = t.decisions[i].No
	}
	t.recorded, err = t.snap.VerdictRuns(ctx, numbers)
	return err
}

// readRuns reads the runs that anything of what was gathered names.
func (t *teller) readRuns(ctx context.Context) error {
	wanted := map[int64]bool{}
	for _, versions := range t.links {
		for i := range versions {
			wanted[versions[i].FromRun] = true
		}
	}
	for _, versions := range t.numbers {
		for i := range versions {
			wanted[versions[i].FromRun] = true
		}
	}
	for i := range t.reviews {
		wanted[t.reviews[i].FromRun], wanted[t.reviews[i].UntilRun] = true, true
	}
	for i := range t.published {
		wanted[t.published[i].Run] = true
	}
	for i := range t.erased {
		wanted[t.erased[i].Run] = true
	}
	for _, run := range t.recorded {
		wanted[run] = true
	}
	numbers := slices.Sorted(maps.Keys(wanted))
	runs, err := t.snap.RunsOf(ctx, numbers)
	if err != nil {
		return err
	}
	t.runs = map[int64]crosswalk.RunInfo{}
	for _, r := range runs {
		t.runs[r.Run] = r
	}
	if len(t.decisions) > 0 {
		t.before, err = t.snap.DecidedBefore(ctx, numbers)
	}
	return err
}
