package plan

import (
	"context"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// KindErase is the kind of the runs that forget people.
const KindErase = "erase"

// Erasure is what a plan forgets: the links of Keys with all that they ever
// were, and whatever names them.
type Erasure struct {
	Keys      []crosswalk.SourceKey // sorted
	Customers int64                 // how many of them live
	Versions  int64                 // rows of links
	Reviews   int64                 // reviews that go, also closed ones
	Decisions int64                 // decisions that lose their keys
}

// Erase plans to forget customers: those that the canonical IDs mean or meant,
// and those of the source IDs, each with all of its numbers and source IDs.
// The numbers are gone from then on and never issued again. A source ID
// without a customer goes alone. Empty is a plan for nobody the crosswalk
// knows; a source ID that two customers hold is an error.
func Erase(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, numbers []string, keys []crosswalk.SourceKey, o Options) (*Plan, error) {
	d, err := newDraft(ctx, snap, rs, KindErase, o)
	if err != nil {
		return nil, err
	}
	e := eraser{draft: d, erase: &Erasure{}}
	numbers, err = e.numbersOf(ctx, numbers, keys)
	if err != nil {
		return nil, err
	}
	if err := e.gather(ctx, numbers); err != nil {
		return nil, err
	}
	if err := e.count(ctx); err != nil {
		return nil, err
	}
	if len(e.erase.Keys) > 0 {
		d.plan.Erase = e.erase
	}
	p := d.plan
	slices.SortFunc(p.Numbers, func(a, b crosswalk.Number) int { return strings.Compare(a.Canonical, b.Canonical) })
	customers, open := p.Totals.Customers-e.erase.Customers, p.Totals.ReviewsOpen-e.open
	p.body = noWrites
	p.Totals.Customers, p.Totals.ReviewsOpen = customers, open
	return p, p.seal()
}

type eraser struct {
	*draft
	erase *Erasure
	open  int64 // open reviews that go
}

// numbersOf are all the numbers of the customers that numbers and keys name:
// the survivors, and those that mean them.
func (e *eraser) numbersOf(ctx context.Context, numbers []string, keys []crosswalk.SourceKey) ([]string, error) {
	numbers = slices.Clone(numbers)
	links, err := e.snap.ByKeys(ctx, keys)
	if err != nil {
		return nil, err
	}
	for i := range links {
		switch l := &links[i]; {
		case l.Canonical != "":
			numbers = append(numbers, l.Canonical)
		case l.State == crosswalk.Contested:
			return nil, refused("name the customer by another number", "%s %s is held by two customers and resolves to neither", e.names[l.Source], l.Verbatim)
		default: // it waits for a number
			e.erase.Keys = append(e.erase.Keys, l.ID())
		}
	}
	noted, err := e.snap.NumbersOf(ctx, numbers)
	if err != nil {
		return nil, err
	}
	for _, n := range noted {
		if n.State == crosswalk.Merged {
			numbers = append(numbers, n.Survivor)
		}
	}
	merged, err := e.snap.MergedInto(ctx, numbers)
	if err != nil {
		return nil, err
	}
	for _, n := range merged {
		numbers = append(numbers, n.Canonical)
	}
	slices.Sort(numbers)
	return slices.Compact(numbers), nil
}

// gather collects the links of numbers, and says what becomes of the numbers.
func (e *eraser) gather(ctx context.Context, numbers []string) error {
	links, _, err := e.snap.History(ctx, numbers)
	if err != nil {
		return err
	}
	survivors, err := e.survivors(ctx, numbers)
	if err != nil {
		return err
	}
	alive := map[string]bool{}
	for i := range links {
		l := &links[i]
		e.erase.Keys = append(e.erase.Keys, l.ID())
		if l.State == crosswalk.Live {
			alive[survivors[l.Canonical]] = true
		}
	}
	e.erase.Customers = int64(len(alive))
	slices.SortFunc(e.erase.Keys, crosswalk.SourceKey.Compare)
	e.erase.Keys = slices.Compact(e.erase.Keys)
	if len(e.erase.Keys) == 0 {
		return nil
	}
	lost, err := e.lost(ctx, numbers)
	if err != nil {
		return err
	}
	noted, err := e.snap.NumbersOf(ctx, numbers)
	if err != nil {
		return err
	}
	for _, n := range noted {
		if n.State == crosswalk.Gone {
			numbers = slices.DeleteFunc(numbers, func(id string) bool { return id == n.Canonical })
		}
	}
	for _, id := range append(numbers, lost...) {
		e.number(crosswalk.Number{Canonical: id, State: crosswalk.Gone})
	}
	return nil
}

// survivors says what each number means now.
func (e *eraser) survivors(ctx context.Context, numbers []string) (map[string]string, error) {
	noted, err := e.snap.NumbersOf(ctx, numbers)
	if err != nil {
		return nil, err
	}
	survivors := make(map[string]string, len(numbers))
	for _, id := range numbers {
		survivors[id] = id
	}
	for _, n := range noted {
		if n.State == crosswalk.Merged {
			survivors[n.Canonical] = n.Survivor
		}
	}
	return survivors, nil
}

// lost are the other numbers that the links had once and that nothing else
// would know any more: they must not be issued again.
func (e *eraser) lost(ctx context.Context, numbers []string) ([]string, error) {
	past, err := e.snap.Versions(ctx, e.erase.Keys)
	if err != nil {
		return nil, err
	}
	e.erase.Versions = int64(len(past))
	other := map[string]bool{}
	for i := range past {
		if id := past[i].Canonical; id != "" {
			if _, ours := slices.BinarySearch(numbers, id); !ours {
				other[id] = true
			}
		}
	}
	var lost []string
	for id := range other {
		lost = append(lost, id)
	}
	slices.Sort(lost)
	links, gone, err := e.snap.History(ctx, lost)
	if err != nil {
		return nil, err
	}
	noted, err := e.snap.NumbersOf(ctx, lost)
	if err != nil {
		return nil, err
	}
	kept := map[string]bool{}
	for _, list := range [...][]crosswalk.Link{links, gone} {
		for i := range list {
			if !e.erases(list[i].ID()) {
				kept[list[i].Canonical] = true
			}
		}
	}
	for _, n := range noted {
		kept[n.Canonical] = true
	}
	return slices.DeleteFunc(lost, func(id string) bool { return kept[id] }), nil
}

func (e *eraser) erases(k crosswalk.SourceKey) bool {
	_, found := slices.BinarySearchFunc(e.erase.Keys, k, crosswalk.SourceKey.Compare)
	return found
}

// count counts what goes besides links.
func (e *eraser) count(ctx context.Context) error {
	if len(e.erase.Keys) == 0 {
		return nil
	}
	log, err := e.snap.DecisionLog(ctx)
	if err != nil {
		return err
	}
	numbers := map[string]int{}
	for _, s := range e.plan.Spaces {
		numbers[s.Name] = s.No
	}
	for i := range log {
		for _, k := range [...]crosswalk.NamedKey{log[i].Left, log[i].Right} {
			if e.erases(crosswalk.SourceKey{Source: numbers[k.Source], Key: k.Key}) {
				e.erase.Decisions++
				break
			}
		}
	}
	reviews, err := e.snap.ReviewsOfKeys(ctx, e.erase.Keys)
	if err != nil {
		return err
	}
	e.erase.Reviews = int64(len(reviews))
	for _, r := range reviews {
		if r.UntilRun == 0 {
			e.open++
		}
	}
	return nil
}
