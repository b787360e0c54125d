package review

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
	"github.com/xwalk-id/xwalk/rules"
)

// Desk is the reviews as they were when it was laid out. Items has groups
// together, the likeliest first: see [Desk.Newest] for another order.
type Desk struct {
	Items []Item

	snap    *crosswalk.Snapshot // nil: there is no crosswalk yet
	plan    *plan.Plan          // nil: the crosswalk's own reviews
	names   map[int]string      // sources by number
	numbers map[string]int      // and the other way round
	// survivors says what merged canonical IDs mean, as far as that was asked.
	survivors map[string]string
	decided   []crosswalk.Decision          // all verdicts in force
	withdrawn []string                      // reviews whose verdict was taken back
	answered  map[string]crosswalk.Decision // the last decision on each review
	claims    map[string]crosswalk.Claim
	skips     map[string][]crosswalk.Skip
	at        map[string]int // place in Items by ID
}

// Sources are the names of the sources that reviews may be about, sorted.
func (d *Desk) Sources() []string {
	names := map[string]bool{}
	for name := range d.numbers {
		names[name] = true
	}
	for k := range d.Items {
		names[d.Items[k].Left.Source], names[d.Items[k].Right.Source] = true, true
	}
	return slices.Sorted(maps.Keys(names))
}

// Open lays out the open reviews of a crosswalk, with those that were opened
// again, or with p the reviews that a plan would raise. snap may be nil where
// there is no crosswalk yet; then p is needed. The desk uses snap and p for as
// long as it is asked something.
func Open(ctx context.Context, snap *crosswalk.Snapshot, p *plan.Plan) (*Desk, error) {
	d := &Desk{snap: snap, plan: p, survivors: map[string]string{}, claims: map[string]crosswalk.Claim{}, skips: map[string][]crosswalk.Skip{}}
	if err := d.learn(ctx); err != nil {
		return nil, err
	}
	var err error
	if p != nil {
		d.fromPlan()
	} else if err = d.fromCrosswalk(ctx); err != nil {
		return nil, err
	}
	if err := d.fill(ctx, d.Items); err != nil {
		return nil, err
	}
	d.group()
	d.follow()
	d.Likeliest()
	return d, nil
}

// learn reads everything that there is one of.
func (d *Desk) learn(ctx context.Context) error {
	var sources []crosswalk.Source
	if d.snap != nil {
		var err error
		if sources, err = d.snap.Sources(ctx); err != nil {
			return err
		}
		log, err := d.snap.DecisionLog(ctx)
		if err != nil {
			return err
		}
		d.noteDecided(log)
		claims, err := d.snap.Claims(ctx)
		if err != nil {
			return err
		}
		for _, c := range claims {
			d.claims[c.Review] = c
		}
		skips, err := d.snap.Skips(ctx)
		if err != nil {
			return err
		}
		for _, s := range skips {
			d.skips[s.Review] = append(d.skips[s.Review], s)
		}
	}
	if d.plan != nil {
		sources = append(sources, d.plan.Spaces...) // it numbers the known ones alike
	}
	d.names, d.numbers = map[int]string{}, map[string]int{}
	for _, s := range sources {
		d.names[s.No], d.numbers[s.Name] = s.Name, s.No
	}
	return nil
}

// noteDecided keeps what is in force of a log, and which reviews lost their
// verdict again.
func (d *Desk) noteDecided(log []crosswalk.Decision) {
	seen := map[pair]bool{}
	d.answered = map[string]crosswalk.Decision{}
	for _, v := range slices.Backward(log) {
		p := pairOf(v.Left, v.Right)
		if _, newer := d.answered[v.Review]; !newer && v.Review != "" {
			d.answered[v.Review] = v
		}
		switch {
		case seen[p]:
		case v.Verdict != crosswalk.Withdrawn:
			d.decided = append(d.decided, v)
		case v.Review != "":
			d.withdrawn = append(d.withdrawn, v.Review)
		}
		seen[p] = true
	}
}

func (d *Desk) fromPlan() {
	for _, r := range d.plan.Reviews {
		d.Items = append(d.Items, Item{
			ID: r.ID, Score: r.Score, Rule: r.Rule, Evidence: r.Evidence, Left: plannedSide(r.Left), Right: plannedSide(r.Right),
		})
	}
}

func plannedSide(s plan.ReviewSide) Side {
	return Side{NamedKey: crosswalk.NamedKey{Source: s.Source, Key: s.Key}, SourceID: s.SourceID, Canonical: s.CanonicalID, Fields: s.Fields}
}

func (d *Desk) fromCrosswalk(ctx context.Context) error {
	reviews, err := d.snap.Reviews(ctx)
	if err != nil {
		return err
	}
	open := map[string]bool{}
	for _, r := range reviews {
		open[r.ID] = true
		d.Items = append(d.Items, d.stored(r))
	}
	// A run closed these for a verdict that was taken back since; the next
	// run raises them again.
	reviews, err = d.snap.ReviewsOf(ctx, d.withdrawn)
	for _, r := range reviews {
		if !open[r.ID] {
			d.Items = append(d.Items, d.stored(r))
		}
	}
	return err
}

// stored is a review of the crosswalk.
func (d *Desk) stored(r crosswalk.Review) Item {
	i := Item{ID: r.ID, Score: r.Score, SinceRun: r.FromRun, Evidence: mapping.DecodeEvidence(r.Evidence)}
	i.Left.NamedKey, i.Right.NamedKey = d.named(r.Left), d.named(r.Right)
	i.Left.SourceID, i.Right.SourceID = r.Left.Key, r.Right.Key
	i.Evidence = slices.DeleteFunc(i.Evidence, func(e mapping.Evidence) bool {
		if e.On == mapping.OnRule {
			i.Rule = e.Says
		}
		return e.On == mapping.OnRule
	})
	return i
}

func (d *Desk) named(k crosswalk.SourceKey) crosswalk.NamedKey {
	return crosswalk.NamedKey{Source: d.names[k.Source], Key: k.Key}
}

// fill adds to items what the crosswalk and the plan say of their records,
// and what people have done about them.
func (d *Desk) fill(ctx context.Context, items []Item) error {
	wanted := map[crosswalk.NamedKey]bool{}
	for k := range items {
		wanted[items[k].Left.NamedKey], wanted[items[k].Right.NamedKey] = true, true
	}
	links, err := d.links(ctx, wanted)
	if err != nil {
		return err
	}
	byPair := map[pair]*crosswalk.Decision{}
	for k := range d.decided {
		byPair[pairOf(d.decided[k].Left, d.decided[k].Right)] = &d.decided[k]
	}
	for k := range items {
		i := &items[k]
		for _, s := range i.Sides() {
			if l := links[s.NamedKey]; l != nil {
				*s = d.side(l)
			}
		}
		if c, ok := d.claims[i.ID]; ok {
			i.ClaimedBy, i.ClaimedUntil = c.Actor, c.Until
		}
		i.Skips, i.Decided = d.skips[i.ID], byPair[i.pair()]
	}
	return nil
}

// links finds the links of source IDs: as the plan writes them, and as they
// are for those that it leaves alone. It also learns what their numbers mean.
func (d *Desk) links(ctx context.Context, wanted map[crosswalk.NamedKey]bool) (map[crosswalk.NamedKey]*crosswalk.Link, error) {
	found := map[crosswalk.NamedKey]*crosswalk.Link{}
	if d.snap != nil {
		var keys []crosswalk.SourceKey
		for k := range wanted {
			if no := d.numbers[k.Source]; no != 0 {
				keys = append(keys, crosswalk.SourceKey{Source: no, Key: k.Key})
			}
		}
		links, err := d.snap.ByKeys(ctx, keys)
		if err != nil {
			return nil, err
		}
		for k := range links {
			found[d.named(links[k].ID())] = &links[k]
		}
	}
	if d.plan != nil {
		for w, err := range d.plan.Writes() {
			if err != nil {
				return nil, err
			}
			if name := d.named(w.Link.ID()); wanted[name] {
				l := w.Link
				found[name] = &l
			}
		}
	}
	var numbers []string
	for _, l := range found {
		if l.Canonical != "" {
			numbers = append(numbers, l.Canonical)
		}
	}
	return found, d.learnMerged(ctx, numbers)
}

// learnMerged learns what canonical IDs mean now, and after the plan.
func (d *Desk) learnMerged(ctx context.Context, ids []string) error {
	if d.snap != nil {
		noted, err := d.snap.NumbersOf(ctx, ids)
		if err != nil {
			return err
		}
		d.noteMerged(noted)
	}
	if d.plan != nil {
		d.noteMerged(d.plan.Numbers)
	}
	return nil
}

func (d *Desk) noteMerged(numbers []crosswalk.Number) {
	for _, n := range numbers {
		if n.State == crosswalk.Merged {
			d.survivors[n.Canonical] = n.Survivor
		}
	}
}

func (d *Desk) side(l *crosswalk.Link) Side {
	s := Side{
		NamedKey: d.named(l.ID()), SourceID: cmp.Or(l.Verbatim, l.Key), Canonical: l.Canonical, Kind: l.Kind, State: l.State, Since: l.SinceRun,
		rowHash: l.RowHash,
	}
	if l.FromRun > l.SinceRun && (l.State == crosswalk.Live || l.State == crosswalk.Held) {
		s.Updated = l.FromRun
	}
	if survivor, merged := d.survivors[l.Canonical]; merged {
		s.Canonical = survivor
	}
	if l.State == crosswalk.Void { // what linked it was undone
		s.Canonical = ""
	}
	s.Fields, _ = rules.DecodeFields(l.Fields) // our own encoding
	return s
}
