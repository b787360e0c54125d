package migrate

import (
	"context"
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/mapping/plan"
)

// checkSince is checkDecisions on the state as it is now: people may have
// decided while the plan was being made.
func checkSince(ctx context.Context, store *crosswalk.Store, p *plan.Plan) error {
	return withSnapshot(ctx, store, func(snap *crosswalk.Snapshot) error { return checkDecisions(ctx, snap, p) })
}

// checkDecisions refuses a plan when somebody has decided, since it was made,
// about a record that it writes, a pair that it asks about or whose review it
// closes, or against a merge that it makes.
func checkDecisions(ctx context.Context, snap *crosswalk.Snapshot, p *plan.Plan) error {
	log, err := snap.DecisionLog(ctx)
	if err != nil {
		return err
	}
	k := slices.IndexFunc(log, func(d crosswalk.Decision) bool { return d.No > p.Decisions })
	if k < 0 {
		return nil
	}
	if err := checkNamed(p, log[k:]); err != nil {
		return err
	}
	return checkMerges(ctx, snap, p, log[k:])
}

// checkNamed looks for decided records among those that a plan names.
func checkNamed(p *plan.Plan, decisions []crosswalk.Decision) error {
	closed := map[string]bool{}
	for _, id := range p.Closed {
		closed[id] = true
	}
	since := map[crosswalk.NamedKey]crosswalk.Decision{}
	for _, d := range decisions {
		if closed[plan.ReviewID(d.Left, d.Right)] {
			return decidedSince(d)
		}
		since[d.Left], since[d.Right] = d, d
	}
	names := map[int]string{}
	for _, s := range p.Spaces {
		names[s.No] = s.Name
	}
	for _, r := range p.Reviews {
		for _, side := range [...]plan.ReviewSide{r.Left, r.Right} {
			if d, ok := since[crosswalk.NamedKey{Source: side.Source, Key: side.Key}]; ok {
				return decidedSince(d)
			}
		}
	}
	for w, err := range p.Writes() {
		if err != nil {
			return err
		}
		if d, ok := since[crosswalk.NamedKey{Source: names[w.Link.Source], Key: w.Link.Key}]; ok {
			return decidedSince(d)
		}
	}
	return nil
}

// checkMerges looks for two records that a plan would make one customer, and
// that nobody calls the same any more.
func checkMerges(ctx context.Context, snap *crosswalk.Snapshot, p *plan.Plan, decisions []crosswalk.Decision) error {
	if len(p.Numbers) == 0 {
		return nil
	}
	numbers, err := numbersOf(ctx, snap, decisions)
	if err != nil {
		return err
	}
	after := map[string]string{}
	for _, n := range p.Numbers {
		after[n.Canonical] = n.Survivor
	}
	meant := func(number string) string {
		if s, merged := after[number]; merged {
			return s
		}
		return number
	}
	for _, d := range decisions {
		left, right := numbers[d.Left], numbers[d.Right]
		if d.Verdict != crosswalk.Same && left != "" && right != "" && left != right && meant(left) == meant(right) {
			return decidedSince(d)
		}
	}
	return nil
}

// numbersOf are the canonical IDs that the decided records have now.
func numbersOf(ctx context.Context, snap *crosswalk.Snapshot, decisions []crosswalk.Decision) (map[crosswalk.NamedKey]string, error) {
	sources, err := snap.Sources(ctx)
	if err != nil {
		return nil, err
	}
	no, names := map[string]int{}, map[int]string{}
	for _, s := range sources {
		no[s.Name], names[s.No] = s.No, s.Name
	}
	var keys []crosswalk.SourceKey
	for _, d := range decisions {
		for _, k := range [...]crosswalk.NamedKey{d.Left, d.Right} {
			keys = append(keys, crosswalk.SourceKey{Source: no[k.Source], Key: k.Key})
		}
	}
	links, err := snap.ByKeys(ctx, keys)
	if err != nil {
		return nil, err
	}
	numbers, ids := map[crosswalk.NamedKey]string{}, []string{}
	for i := range links {
		if l := &links[i]; l.State == crosswalk.Live {
			numbers[crosswalk.NamedKey{Source: names[l.Source], Key: l.Key}] = l.Canonical
			ids = append(ids, l.Canonical)
		}
	}
	merged, err := snap.NumbersOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	survivors := map[string]string{}
	for _, n := range merged {
		if n.State == crosswalk.Merged {
			survivors[n.Canonical] = n.Survivor
		}
	}
	for k, id := range numbers {
		if s, ok := survivors[id]; ok {
			numbers[k] = s
		}
	}
	return numbers, nil
}

func decidedSince(d crosswalk.Decision) error {
	return &StaleError{Why: fmt.Sprintf("since it was made, %s decided about %s %s and %s %s", d.Actor, d.Left.Source, d.Left.Key, d.Right.Source, d.Right.Key)}
}
