package plan

import (
	"context"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
)

// decisions are what people said last of pairs of records. Of the records of
// a verdict one may be unknown; those in same, different and withdrawn are
// known.
type decisions struct {
	last            []crosswalk.Decision
	force           map[[2]crosswalk.SourceKey]crosswalk.Verdict
	same, different []verdict
	withdrawn       []verdict       // that answered a review
	merging         map[string]bool // numbers of customers that somebody said are another's too
}

// verdict is the verdict in force on two source IDs, Withdrawn where there is
// none.
func (d *decisions) verdict(left, right crosswalk.SourceKey) crosswalk.Verdict {
	return d.force[orderedPair(left, right)]
}

// verdict is a decision of two records.
type verdict struct {
	crosswalk.Decision
	a, b node
}

// loadDecisions finds the records that people have decided about. Where one
// was not read, but has a link, it is recalled; a verdict on a source ID that
// nobody knows waits.
func (b *builder) loadDecisions(ctx context.Context) error {
	if b.plan.Decisions == 0 {
		return nil
	}
	list := slices.DeleteFunc(b.decided.last, func(d crosswalk.Decision) bool { return d.Verdict == crosswalk.Withdrawn && d.Review == "" })
	list = b.forgetVerdicts(list)
	if err := b.recallDecided(ctx, list); err != nil {
		return err
	}
	b.decided.force = map[[2]crosswalk.SourceKey]crosswalk.Verdict{}
	for _, d := range list {
		b.decided.force[orderedPair(b.named(d.Left), b.named(d.Right))] = d.Verdict
		left, ok := b.find(b.named(d.Left))
		right, ok2 := b.find(b.named(d.Right))
		if !ok || !ok2 {
			continue
		}
		switch v := (verdict{d, left, right}); d.Verdict {
		case crosswalk.Same:
			b.decided.same = append(b.decided.same, v)
		case crosswalk.Different:
			b.decided.different = append(b.decided.different, v)
		case crosswalk.Withdrawn:
			b.decided.withdrawn = append(b.decided.withdrawn, v)
		}
	}
	return nil
}

// recallDecided recalls the decided links whose records were not read.
func (b *builder) recallDecided(ctx context.Context, list []crosswalk.Decision) error {
	var missing []crosswalk.SourceKey
	for _, d := range list {
		for _, k := range [...]crosswalk.NamedKey{d.Left, d.Right} {
			id := b.named(k)
			if _, read := b.find(id); !read && id.Source != 0 {
				missing = append(missing, id)
			}
		}
	}
	slices.SortFunc(missing, crosswalk.SourceKey.Compare)
	links, err := b.snap.ByKeys(ctx, slices.Compact(missing))
	if err != nil {
		return err
	}
	ending := b.ending()
	for i := range links {
		if links[i].State == crosswalk.Live && !ending[links[i].ID()] {
			b.recallLink(&links[i])
		}
	}
	return nil
}

// spaceNo is a source's number in the crosswalk, 0 for one that it does not
// know.
func (b *builder) spaceNo(name string) int {
	for _, s := range b.stored {
		if s.Name == name {
			return s.No
		}
	}
	return 0
}

// ending are the links that end in this run.
func (b *builder) ending() map[crosswalk.SourceKey]bool {
	ending := make(map[crosswalk.SourceKey]bool, len(b.retired))
	for i := range b.retired {
		ending[b.retired[i].ID()] = true
	}
	return ending
}

// named is a source ID by its source's number, 0 for one that the crosswalk
// does not know.
func (b *builder) named(k crosswalk.NamedKey) crosswalk.SourceKey {
	return crosswalk.SourceKey{Source: b.spaceNo(k.Source), Key: k.Key}
}

// find finds the record of a source ID, among those that were read and those
// that were recalled.
func (b *builder) find(k crosswalk.SourceKey) (node, bool) {
	for i := range b.sources {
		if s := &b.sources[i]; s.no == k.Source {
			at, found := slices.BinarySearchFunc(s.nodes, k.Key, func(n node, key string) int {
				return bytesVsString(b.table.key(n), key)
			})
			if found {
				return s.nodes[at], true
			}
		}
	}
	n, ok := b.recalled[k]
	return n, ok
}

// findPending finds the verdicts that have yet to be carried out: the two
// records have no number in common. It reports whether there are any.
func (b *builder) findPending() bool {
	pending := false
	b.decided.merging = map[string]bool{}
	for _, v := range b.decided.same {
		if left, right := b.liveNumber(v.a), b.liveNumber(v.b); left != right {
			pending = true
			b.decided.merging[left], b.decided.merging[right] = true, true
		}
	}
	return pending
}

// liveNumber is what a record's number means before this run; empty where it
// has none.
func (b *builder) liveNumber(n node) string {
	if b.prior == nil || b.prior[n].number == 0 {
		return ""
	}
	return b.survivor(b.ids.get(b.prior[n].number))
}

// pairs are verdicts as the matcher takes them.
func pairs(list []verdict) [][2]uint32 {
	out := make([][2]uint32, len(list))
	for i, v := range list {
		out[i] = [2]uint32{v.a, v.b}
	}
	return out
}

// noteImpossible reports verdicts that no automatic run carries out: of two
// records that a person calls different and that are one customer already,
// and of two that are called the same while others stand against it.
func (b *builder) noteImpossible() {
	describe := func(v verdict) string { return b.describe(v.a) + " and " + b.describe(v.b) }
	var one, two []string
	for _, v := range b.decided.different {
		if left := b.endNumber(v.a); left != "" && left == b.endNumber(v.b) {
			one = append(one, describe(v))
		}
	}
	for _, v := range b.decided.same {
		if left, right := b.endNumber(v.a), b.endNumber(v.b); left != "" && right != "" && left != right {
			two = append(two, describe(v))
		}
	}
	b.notePairs("a person called them different, and they are one customer, which no run takes apart by itself", one)
	b.notePairs("a person called them the same, and they stay two customers, since other verdicts call them different", two)
}

// notePairs says something of pairs of records, and names the first.
func (b *builder) notePairs(what string, pairs []string) {
	switch more := len(pairs) - 1; {
	case more < 0:
	case more == 0:
		b.note("%s: %s", pairs[0], what)
	case more == 1:
		b.note("%s, and 1 more pair: %s", pairs[0], what)
	default:
		b.note("%s, and %d more pairs: %s", pairs[0], more, what)
	}
}

// apart are the customers, by number and in either order, of which a person
// said that they are different: whatever pair of their records a review asks
// about, it is answered.
func (b *builder) apart() map[[2]string]bool {
	out := map[[2]string]bool{}
	for _, v := range b.decided.different {
		left, right := b.endNumber(v.a), b.endNumber(v.b)
		if left != "" && right != "" && left != right {
			out[[2]string{left, right}], out[[2]string{right, left}] = true, true
		}
	}
	return out
}

func orderedPair(a, b crosswalk.SourceKey) [2]crosswalk.SourceKey {
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	return [2]crosswalk.SourceKey{a, b}
}
