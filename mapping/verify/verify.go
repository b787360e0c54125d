// Package verify checks the promises that a crosswalk makes on what is stored:
// that nobody changed a row behind xwalk's back, and that what xwalk wrote
// keeps its word.
package verify

import (
	"context"
	"fmt"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// Options are the settings of a check.
type Options struct {
	// Progress is told now and then how many rows were looked at; nil is nobody.
	Progress func(rows int64)
}

// Kept is how many breaches of a kind are kept: those of one promise in one
// table.
const Kept = 1000

// Report is what a check found. Breaches are at most [Kept] of each kind, in
// the order in which they were found; Count is how many there are.
type Report struct {
	crosswalk.Audited
	Breaches []crosswalk.Breach
	Count    int64
	// Waiting are verdicts of people that the links do not follow yet: the next
	// run carries them out.
	Waiting int64
}

// OK reports whether all promises are kept.
func (r *Report) OK() bool { return r.Count == 0 }

// Kind is what breaches are alike in.
type Kind struct {
	Promise int
	Table   string
}

// Kinds are the kinds of breaches, by promise and table, with the breaches of
// each that were kept.
func (r *Report) Kinds() (kinds []Kind, of map[Kind][]crosswalk.Breach) {
	of = map[Kind][]crosswalk.Breach{}
	for _, b := range r.Breaches {
		k := Kind{b.Promise, b.Table}
		if of[k] == nil {
			kinds = append(kinds, k)
		}
		of[k] = append(of[k], b)
	}
	slices.SortStableFunc(kinds, func(x, y Kind) int { return x.Promise - y.Promise })
	return kinds, of
}

// Check goes through all of the crosswalk, in a view of the last published
// run; it may be done beside a writer. Its error says that the crosswalk could
// not be read.
func Check(ctx context.Context, store *crosswalk.Store, o Options) (*Report, error) {
	r := &Report{Breaches: []crosswalk.Breach{}}
	kept := map[Kind]int{}
	report := func(b crosswalk.Breach) {
		r.Count++
		if k := (Kind{b.Promise, b.Table}); kept[k] < Kept {
			kept[k]++
			r.Breaches = append(r.Breaches, b)
		}
	}
	var err error
	if r.Audited, err = store.Audit(ctx, report, o.Progress); err != nil {
		return nil, err
	}
	if r.Run == 0 {
		return r, nil
	}
	totals := r.Head.Totals
	for _, c := range [...]struct {
		what        string
		told, found int64
	}{
		{"customers", totals.Customers, r.Customers},
		{"open reviews", totals.ReviewsOpen, r.ReviewsOpen},
	} {
		if c.told != c.found {
			report(crosswalk.Breach{
				Promise: 6, Table: "xwalk_run", Row: fmt.Sprintf("run %d", r.Run), Run: r.Run,
				What: fmt.Sprintf("it says that there are %d %s, and there are %d", c.told, c.what, c.found),
			})
		}
	}
	if !r.OK() {
		return r, nil // what is stored cannot be relied on
	}
	r.Waiting, err = waiting(ctx, store)
	return r, err
}

// pairsAtATime is how many verdicts are looked up together.
const pairsAtATime = 5000

// waiting counts the verdicts in force that the links contradict.
func waiting(ctx context.Context, store *crosswalk.Store) (n int64, err error) {
	snap, err := store.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = snap.Close() }()
	sources, err := snap.Sources(ctx)
	if err != nil {
		return 0, err
	}
	numbers := make(map[string]int, len(sources))
	for _, s := range sources {
		numbers[s.Name] = s.No
	}
	decisions, err := snap.Decisions(ctx)
	if err != nil {
		return 0, err
	}
	for chunk := range slices.Chunk(decisions, pairsAtATime) {
		var keys []crosswalk.SourceKey
		for i := range chunk {
			for _, k := range [...]crosswalk.NamedKey{chunk[i].Left, chunk[i].Right} {
				keys = append(keys, crosswalk.SourceKey{Source: numbers[k.Source], Key: k.Key})
			}
		}
		means, err := meanings(ctx, snap, keys)
		if err != nil {
			return 0, err
		}
		for i := range chunk {
			left, linked := means[keys[2*i]]
			right, both := means[keys[2*i+1]]
			if linked && both && (left == right) != (chunk[i].Verdict == crosswalk.Same) {
				n++
			}
		}
	}
	return n, nil
}

// meanings are the numbers that source IDs resolve to; those that resolve to
// none are left out.
func meanings(ctx context.Context, snap *crosswalk.Snapshot, keys []crosswalk.SourceKey) (map[crosswalk.SourceKey]string, error) {
	links, err := snap.ByKeys(ctx, keys)
	if err != nil {
		return nil, err
	}
	means := make(map[crosswalk.SourceKey]string, len(links))
	var ids []string
	for i := range links {
		if l := &links[i]; l.State == crosswalk.Live {
			means[l.ID()] = l.Canonical
			ids = append(ids, l.Canonical)
		}
	}
	merged, err := snap.NumbersOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	survivors := make(map[string]string, len(merged))
	for _, n := range merged {
		if n.State == crosswalk.Merged {
			survivors[n.Canonical] = n.Survivor
		}
	}
	for key, id := range means {
		if s, ok := survivors[id]; ok {
			means[key] = s
		}
	}
	return means, nil
}
