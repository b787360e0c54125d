package plan

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// rekeyRows is how many links are read together.
const rekeyRows = 4096

// placed is a row that a rekey writes under key, made of the link that stands
// under from.
type placed struct {
	key, from crosswalk.SourceKey
	how       uint8
	replaces  bool
}

// How rows are made of links.
const (
	asMoved     uint8 = iota // as it is
	asVoid                   // says nothing any more
	asStaying                // as it is, and stays although no record has its key
	asContested              // resolves to neither of two customers
)

// finish carries over what people decided and are asked, and closes the plan.
func (r *rekeyer) finish(ctx context.Context) (*Plan, error) {
	p := r.plan
	if len(p.Rekeyed) > 0 {
		if err := r.carryVerdicts(ctx); err != nil {
			return nil, err
		}
		if err := r.carryReviews(ctx); err != nil {
			return nil, err
		}
	}
	for i := range r.moves {
		if m := &r.moves[i]; m.fate != stays {
			p.Moved = append(p.Moved, crosswalk.KeyMove{Source: m.source, From: m.old, To: m.new})
		}
	}
	p.Totals.ReviewsOpen += int64(len(p.Reviews) - len(p.Closed))
	p.body = func(bool) iter.Seq2[*Write, error] { return r.writes(ctx) }
	p.entries = func(no int) ([]crosswalk.IndexEntry, error) { return r.entries(ctx, no) }
	return p, p.seal()
}

// writes streams the rows.
func (r *rekeyer) writes(ctx context.Context) iter.Seq2[*Write, error] {
	return func(yield func(*Write, error) bool) {
		if len(r.written) == 0 {
			return
		}
		snap, err := r.open(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { _ = snap.Close() }() // it only reads
		for chunk := range slices.Chunk(r.written, rekeyRows) {
			keys := make([]crosswalk.SourceKey, len(chunk))
			for i := range chunk {
				keys[i] = chunk[i].from
			}
			links, err := snap.ByKeys(ctx, keys)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range chunk {
				at, found := slices.BinarySearchFunc(links, chunk[i].from, func(l crosswalk.Link, k crosswalk.SourceKey) int { return l.ID().Compare(k) })
				if !found {
					yield(nil, fmt.Errorf("%w (a link that was to get another key is gone)", crosswalk.ErrStale))
					return
				}
				if !yield(chunk[i].write(links[at]), nil) {
					return
				}
			}
		}
	}
}

func (p *placed) write(l crosswalk.Link) *Write {
	l.Key, l.Replaces = p.key.Key, p.replaces
	switch p.how {
	case asVoid:
		l.State, l.Rule, l.Verbatim, l.RowHash, l.Match, l.Fields = crosswalk.Void, ruleRekey, "", 0, nil, nil
	case asStaying:
		l.Rule = ruleRekey
	case asContested:
		l.State, l.Canonical, l.SinceRun = crosswalk.Contested, "", 0
	}
	return &Write{Kind: mapping.KindUpdate, Link: l}
}

// entries are the entries of one of [rules.Indexes] that lead to the old keys,
// with the new ones, in the order of their hashes.
func (r *rekeyer) entries(ctx context.Context, no int) ([]crosswalk.IndexEntry, error) {
	snap, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = snap.Close() }() // it only reads
	var all []crosswalk.IndexEntry
	for e, err := range snap.IndexEntries(ctx, rules.Indexes[no]) {
		if err != nil {
			return nil, err
		}
		if m := r.move(crosswalk.SourceKey{Source: e.Source, Key: e.Key}); m != nil && m.fate == moves {
			e.Key = m.new
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(x, y crosswalk.IndexEntry) int {
		return cmp.Or(cmp.Compare(x.Hash, y.Hash), cmp.Compare(x.Source, y.Source), strings.Compare(x.Key, y.Key))
	})
	return slices.Compact(all), nil
}

// move finds what becomes of a link, nil where its key does not change.
func (r *rekeyer) move(k crosswalk.SourceKey) *move {
	at, found := slices.BinarySearchFunc(r.moves, k, func(m move, k crosswalk.SourceKey) int { return m.from().Compare(k) })
	if !found {
		return nil
	}
	return &r.moves[at]
}

// successor is the key that a source ID has after the rekey.
type successor func(crosswalk.NamedKey) crosswalk.NamedKey

// renamed works out the keys that source IDs have after the rekey, also of
// those that have no link.
func (r *rekeyer) renamed(ctx context.Context, keys []crosswalk.NamedKey) (successor, error) {
	numbers := map[string]int{}
	for _, d := range r.plan.Rekeyed {
		for no, name := range r.names {
			if name == d.Space {
				numbers[name] = no
			}
		}
	}
	var ids []crosswalk.SourceKey
	for _, k := range keys {
		if no := numbers[k.Source]; no > 0 {
			ids = append(ids, crosswalk.SourceKey{Source: no, Key: k.Key})
		}
	}
	links, err := r.snap.ByKeys(ctx, ids)
	if err != nil {
		return nil, err
	}
	known := map[crosswalk.SourceKey]bool{}
	for i := range links {
		known[links[i].ID()] = true
	}
	return func(k crosswalk.NamedKey) crosswalk.NamedKey {
		no := numbers[k.Source]
		if no == 0 {
			return k
		}
		id := crosswalk.SourceKey{Source: no, Key: k.Key}
		if m := r.move(id); m != nil {
			if m.fate != stays {
				k.Key = m.new
			}
		} else if key, _, err := r.rules.Key(k.Source, k.Key); err == nil && !known[id] {
			k.Key = key
		}
		return k
	}, nil
}

// carryVerdicts records the verdicts on old keys for the new ones, as those
// of whoever gave them.
func (r *rekeyer) carryVerdicts(ctx context.Context) error {
	var said []*crosswalk.Decision
	var keys []crosswalk.NamedKey
	for _, d := range r.force {
		if d.Verdict != crosswalk.Withdrawn && !d.Redacted() {
			said = append(said, d)
			keys = append(keys, d.Left, d.Right)
		}
	}
	slices.SortFunc(said, func(x, y *crosswalk.Decision) int { return cmp.Compare(x.No, y.No) })
	to, err := r.renamed(ctx, keys)
	if err != nil {
		return err
	}
	for _, d := range said {
		left, right := to(d.Left), to(d.Right)
		if left == d.Left && right == d.Right || left == right {
			continue
		}
		if left.Compare(right) > 0 {
			left, right = right, left
		}
		if before := r.force[[2]crosswalk.NamedKey{left, right}]; before != nil && before.No > d.No {
			continue
		}
		carried := *d
		carried.No, carried.Left, carried.Right = 0, left, right
		if carried.Review != "" {
			carried.Review = ReviewID(left, right)
		}
		carried.Reason = strings.TrimSpace(carried.Reason + " (carried over by rekey)")
		r.plan.Verdicts = append(r.plan.Verdicts, carried)
	}
	return nil
}

// carryReviews asks again about the pairs whose keys change.
func (r *rekeyer) carryReviews(ctx context.Context) error {
	open, err := r.snap.Reviews(ctx)
	if err != nil {
		return err
	}
	asked := map[string]bool{}
	var keys []crosswalk.NamedKey
	var ids []crosswalk.SourceKey
	for i := range open {
		asked[open[i].ID] = true
		keys = append(keys, r.named(open[i].Left), r.named(open[i].Right))
		ids = append(ids, open[i].Left, open[i].Right)
	}
	to, err := r.renamed(ctx, keys)
	if err != nil {
		return err
	}
	links, err := r.snap.ByKeys(ctx, ids)
	if err != nil {
		return err
	}
	byKey := map[crosswalk.SourceKey]*crosswalk.Link{}
	for i := range links {
		byKey[links[i].ID()] = &links[i]
	}
	for _, v := range r.plan.Reviews { // of links that collide
		asked[v.ID] = true
	}
	for i := range open {
		v := &open[i]
		left, right := to(r.named(v.Left)), to(r.named(v.Right))
		id := ReviewID(left, right)
		if left == r.named(v.Left) && right == r.named(v.Right) {
			continue
		}
		r.plan.Closed = append(r.plan.Closed, v.ID)
		if left == right || asked[id] || byKey[v.Left] == nil || byKey[v.Right] == nil {
			continue
		}
		asked[id] = true
		again := Review{ID: id, Score: v.Score, Left: r.side(byKey[v.Left]), Right: r.side(byKey[v.Right])}
		again.Left.Key, again.Right.Key = left.Key, right.Key
		for _, e := range mapping.DecodeEvidence(v.Evidence) {
			if e.On == mapping.OnRule && again.Rule == "" {
				again.Rule = e.Says
			} else {
				again.Evidence = append(again.Evidence, e)
			}
		}
		r.plan.Reviews = append(r.plan.Reviews, again)
	}
	return nil
}

func (r *rekeyer) named(k crosswalk.SourceKey) crosswalk.NamedKey {
	return crosswalk.NamedKey{Source: r.names[k.Source], Key: k.Key}
}
