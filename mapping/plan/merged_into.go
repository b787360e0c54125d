package plan

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/match"
)

// A source that merges its own records says in merged_into which record each
// became. Both IDs then mean one customer: that is carried out like what a
// person said, after what people said, and unless a differ role contradicts.
// It is asked of a person where the source says something else than before:
// what was joined is not taken apart, so carrying it out would join the two
// that the record was merged into, of which nobody said that they are one.

// told is what sources said of their own merges. Its maps and lists have an
// entry for each record that carries merged_into, or did.
type told struct {
	merged     map[node]bool // records whose link came about so, where no fields tell into which they were merged
	retargeted map[node]bool // changed records that name another record than before
	takenBack  []node        // changed records that name none any more
	pairs      []toldPair
	merging    map[string]bool              // numbers of customers that a source calls one
	retired    map[crosswalk.SourceKey]bool // of a customer whom a steward retired
}

// toldPair is a record and the one that its source merged it into. Asked says
// that it is for a person to decide.
type toldPair struct {
	from, into node
	asked      bool
}

// sourceEvidence marks a review of two records that their source merged.
const sourceEvidence = "merged_into"

// look compares what a record says with what it said before.
func (t *told) look(b *builder, i int, n node, l *crosswalk.Link) {
	if !bytes.Contains(l.Fields, []byte(`"merged_into":`)) {
		return
	}
	fields, err := rules.DecodeFields(l.Fields)
	if err != nil { // our own encoding
		return
	}
	before, now := b.rules.MergedIntoKey(b.inputs[i].Name, fields), b.table.into(n)
	switch {
	case before == "" || before == l.Key || before == now:
	case now == "":
		t.takenBack = append(t.takenBack, n)
	default:
		t.retargeted[n] = true
	}
}

// lookAtTombs looks at the deleted records of source i whose links end now.
func (b *builder) lookAtTombs(ctx context.Context, i int) error {
	var nodes []node
	for _, t := range b.sources[i].tombs {
		if (t.was == ending || t.was == waiting) && b.table.into(t.n) != "" {
			nodes = append(nodes, t.n)
		}
	}
	for f, err := range b.former(ctx, i, nodes) {
		if err != nil {
			return err
		}
		b.told.look(b, i, f.n, f.link)
	}
	return nil
}

// loadTold finds the pairs of records that sources merged. Where the other
// record was not read, but is known, it is recalled.
func (b *builder) loadTold(ctx context.Context) error {
	var missing []crosswalk.SourceKey
	carriers := b.carriers()
	for _, n := range carriers {
		if _, found := b.toldTarget(n); !found {
			missing = append(missing, b.targetID(n))
		}
	}
	if err := b.recallTold(ctx, missing); err != nil {
		return err
	}
	var unseen, retired, kinds []node
	waiting := b.askedTold()
	for _, n := range carriers {
		into, found := b.toldTarget(n)
		switch {
		case !found && b.told.retired[b.targetID(n)]:
			retired = append(retired, n)
		case !found:
			unseen = append(unseen, n)
		case b.kindOf(n) != b.kindOf(into):
			kinds = append(kinds, n)
		default:
			from, to := b.id(n), b.id(into)
			one := b.liveNumber(n) != "" && b.liveNumber(n) == b.liveNumber(into)
			open := b.liveNumber(n) != "" && waiting[orderedPair(from, to)]
			if one || !open && b.decided.verdict(from, to) == crosswalk.Withdrawn {
				b.told.pairs = append(b.told.pairs, toldPair{n, into, !one && (b.told.merged[n] || b.told.retargeted[n])})
			}
		}
	}
	b.noteTold(unseen, "merged into an ID that was never seen", "It stands alone until that ID comes")
	b.noteTold(retired, "merged into one whose customer was retired", "It stands alone until that customer is taken back with `xwalk restore`")
	b.noteTold(kinds, "merged into one of another kind", "They stay two customers")
	b.noteTold(b.undone(), "no longer merged into another", "What that joined stays one: take it apart with `xwalk split` if the source was wrong before")
	b.noteCircles()
	return nil
}

// carriers are the records that name the one they were merged into, by source
// and key.
func (b *builder) carriers() (nodes []node) {
	for k, batch := range b.table.batches {
		if batch.source < 0 {
			continue
		}
		for row := range batch.into {
			n := node(k<<batchBits | int(row))
			if b.status[n] != dead || b.isTomb(n) {
				nodes = append(nodes, n)
			}
		}
	}
	slices.SortFunc(nodes, func(x, y node) int {
		return cmp.Or(cmp.Compare(b.sourceOf(x), b.sourceOf(y)), bytes.Compare(b.table.key(x), b.table.key(y)))
	})
	return nodes
}

// isTomb reports whether a dead record is one that tomb or bury took.
func (b *builder) isTomb(n node) bool {
	t, found := b.findTomb(b.sourceOf(n), view(b.table.key(n)))
	return found && t == n
}

// targetID is the source ID that a record was merged into.
func (b *builder) targetID(n node) crosswalk.SourceKey {
	return crosswalk.SourceKey{Source: b.sources[b.sourceOf(n)].no, Key: b.table.into(n)}
}

// toldTarget is the record that a record was merged into, as far as it was read
// or recalled.
func (b *builder) toldTarget(n node) (node, bool) {
	if into, found := b.find(b.targetID(n)); found {
		return into, true
	}
	return b.findTomb(b.sourceOf(n), b.table.into(n))
}

// recallTold recalls links whose records were not read. Of one that has ended,
// or ends now, nothing counts but whose it was: it agrees with nobody.
func (b *builder) recallTold(ctx context.Context, keys []crosswalk.SourceKey) error {
	if len(keys) == 0 || b.snap == nil {
		return nil
	}
	slices.SortFunc(keys, crosswalk.SourceKey.Compare)
	ends := b.ending()
	b.told.retired = map[crosswalk.SourceKey]bool{}
	for chunk := range slices.Chunk(slices.Compact(keys), recallRows) {
		links, err := b.snap.ByKeys(ctx, chunk)
		if err != nil {
			return err
		}
		gone, err := b.goneOf(ctx, links)
		if err != nil {
			return err
		}
		for i := range links {
			l := &links[i]
			switch {
			case l.State == crosswalk.Retired && gone[b.survivor(l.Canonical)]:
				b.told.retired[l.ID()] = true
			case l.State == crosswalk.Retired, l.State == crosswalk.Live && ends[l.ID()]:
				_, values := b.rules.DecodeMatch(l.Match)
				l.Match, l.Fields = b.rules.AppendMatch(nil, nil, values), nil
				b.ghosts = append(b.ghosts, b.recallLink(l))
			case l.State == crosswalk.Live:
				b.recallLink(l)
			}
		}
	}
	return nil
}

// goneOf lists the numbers of retired links that a steward retired: who is
// merged into one of them does not bring it back.
func (b *builder) goneOf(ctx context.Context, links []crosswalk.Link) (map[string]bool, error) {
	var ids []string
	for i := range links {
		if links[i].State == crosswalk.Retired {
			ids = append(ids, b.survivor(links[i].Canonical))
		}
	}
	noted, err := b.snap.NumbersOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	gone := map[string]bool{}
	for _, n := range noted {
		gone[n.Canonical] = n.State == crosswalk.Gone
	}
	return gone, nil
}

// askedTold are the pairs of which a person is asked whether the source is
// right.
func (b *builder) askedTold() map[[2]crosswalk.SourceKey]bool {
	asked := map[[2]crosswalk.SourceKey]bool{}
	for _, r := range b.openReviews {
		if slices.ContainsFunc(mapping.DecodeEvidence(r.Evidence), func(e mapping.Evidence) bool { return e.On == sourceEvidence }) {
			asked[orderedPair(r.Left, r.Right)] = true
		}
	}
	return asked
}

// undone are the records that their source does not call merged any more.
func (b *builder) undone() []node {
	for n := range b.told.merged {
		if b.status[n] == changed && b.table.into(n) == "" {
			b.told.takenBack = append(b.told.takenBack, n)
		}
	}
	return b.inNumberingOrder(b.told.takenBack)
}

// noteTold says something of records by what their source says of them.
func (b *builder) noteTold(nodes []node, what, then string) {
	if len(nodes) == 0 {
		return
	}
	count := "1 record is"
	if len(nodes) > 1 {
		count = fmt.Sprintf("%d records are", len(nodes))
	}
	b.note("%s %s: %s. %s", count, what, b.examples(nodes, func(n node) string {
		if into := b.table.into(n); into != "" {
			return ", into " + into
		}
		return ""
	}), then)
}

// noteCircles reports records that were merged into each other: each circle is
// one customer.
func (b *builder) noteCircles() {
	next := make(map[node]node, len(b.told.pairs))
	for _, p := range b.told.pairs {
		next[p.from] = p.into
	}
	turn := make(map[node]int, len(next)) // in which walk a record was met
	circles, first := 0, ""
	for i, p := range b.told.pairs {
		n, more := p.from, true
		for more && turn[n] == 0 {
			turn[n] = i + 1
			n, more = next[n]
		}
		if !more || turn[n] != i+1 {
			continue
		}
		if circles++; circles == 1 {
			names := []string{b.table.verbatim(n)}
			for m := next[n]; m != n && len(names) < shownExamples; m = next[m] {
				names = append(names, b.table.verbatim(m))
			}
			first = b.inputs[b.sourceOf(n)].Name + " " + strings.Join(names, ", ")
		}
	}
	switch {
	case circles == 1:
		b.note("%s: these records were merged into each other; they are one customer", first)
	case circles > 1:
		b.note("%s, and %d more circles of records that were merged into each other: each is one customer", first, circles-1)
	}
}

// findTold finds the merges that have yet to be carried out, and reports
// whether there are any.
func (b *builder) findTold() bool {
	pending := false
	b.told.merging = map[string]bool{}
	for _, p := range b.told.pairs {
		if left, right := b.liveNumber(p.from), b.liveNumber(p.into); left != right {
			pending = true
			if !p.asked {
				b.told.merging[left], b.told.merging[right] = true, true
			}
		}
	}
	return pending
}

// toldPairs are the merges as the matcher takes them.
func (b *builder) toldPairs() (pairs [][2]uint32) {
	for _, p := range b.told.pairs {
		if !p.asked {
			pairs = append(pairs, [2]uint32{p.from, p.into})
		}
	}
	return pairs
}

// numberTombs gives deleted records that were never known, or waited for a
// number, that of the customer whom they were merged into.
func (b *builder) numberTombs(owner []uint32, root func(node) node, c customers) {
	if len(owner) == 0 { // nothing is decided
		return
	}
	for i := range b.sources {
		for _, t := range b.sources[i].tombs {
			if t.was != unknown && t.was != waiting || b.table.into(t.n) == "" {
				continue
			}
			r := root(t.n)
			if owner[r] != 0 {
				b.number[t.n] = c.number[owner[r]]
			} else if r != t.n {
				b.number[t.n] = b.number[r]
			}
		}
	}
}

// toldReviews ask about the merges that were not carried out. Those that
// people's verdicts forbid are reported instead.
func (b *builder) toldReviews(apart map[[2]string]bool, sc *scored) (list []Review) {
	ranks := b.ranks()
	var forbidden []string
	for _, p := range b.told.pairs {
		from, into := b.endNumber(p.from), b.endNumber(p.into)
		if from != "" && from == into || b.decided.verdict(b.id(p.from), b.id(p.into)) != crosswalk.Withdrawn {
			continue
		}
		if apart[[2]string{from, into}] {
			forbidden = append(forbidden, b.describe(p.from)+" and "+b.describe(p.into))
			continue
		}
		r := match.Review{A: p.into, B: p.from}
		if ranks[r.A] > ranks[r.B] {
			r.A, r.B = r.B, r.A
		}
		says := "their source merged one into the other, but what must not differ does"
		if p.asked {
			says = "their source merged one into the other, and into another record before"
		}
		v := b.reviewOf(r, sc)
		v.Rule = rules.MergedIntoRule
		v.Evidence = slices.Insert(v.Evidence, 0, mapping.Evidence{On: sourceEvidence, Says: says})
		list = append(list, v)
	}
	b.notePairs("their source merged them, and they stay two customers, since people's verdicts call them different", forbidden)
	return list
}
