package plan

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Reasons for a number that are not a line of match.same.
const (
	ruleNone = match.NoLine - iota // founded by the record itself
	ruleOurs                       // the record carries a canonical ID of ours
	ruleKept                       // its source's number stays canonical
)

// hugeCluster is how many records one new customer may have before the plan
// remarks on it even without a guard.
const hugeCluster = 100

// decide says of every record what happens to it, and numbers new customers.
func (b *builder) decide(ctx context.Context) error {
	if err := b.judgeIncarnations(ctx); err != nil {
		return err
	}
	b.orderNaturally()
	if err := b.loadDecisions(ctx); err != nil {
		return err
	}
	if err := b.loadTold(ctx); err != nil {
		return err
	}
	open := b.openNodes()
	decided, merged := b.findPending(), b.findTold()
	if (decided || merged) && open == nil {
		open = make([]bool, b.table.size())
	}
	var customers customers
	if open != nil {
		if err := b.recall(ctx, open); err != nil {
			return err
		}
		open = append(open, make([]bool, b.table.size()-len(open))...)
		var err error
		if customers, err = b.customers(ctx, open); err != nil {
			return err
		}
	}
	res, sc, err := b.group(ctx, open, customers)
	if err != nil {
		return err
	}
	if b.snap != nil && open != nil && b.again == nil {
		if err := b.strayed(ctx, open, customers, sc); err != nil {
			return err
		}
	}
	if err := b.assign(ctx, res, sc, customers); err != nil {
		return err
	}
	b.noteIncarnations()
	b.dropEvidence()
	b.classify()
	return nil
}

// openNodes marks the records that are to be decided: new ones, and changed
// ones unless only the configuration of their fields changed. nil is none.
func (b *builder) openNodes() []bool {
	open := make([]bool, b.table.size())
	found := b.again != nil
	for i := range b.sources {
		for _, n := range b.sources[i].nodes {
			switch b.status[n] {
			case fresh, held, gone:
				open[n] = true
			case changed:
				open[n] = !b.sources[i].reshaped
			}
			open[n] = open[n] || b.again != nil
			found = found || open[n]
		}
	}
	if !found {
		return nil
	}
	return open
}

// orderNaturally lists each source's records in the natural order of their
// keys: the order in which customers are numbered. It is often the byte order.
func (b *builder) orderNaturally() {
	for i := range b.sources {
		s := &b.sources[i]
		s.natural = s.nodes
		compare := func(x, y node) int {
			return scheme.Compare(view(b.table.key(x)), view(b.table.key(y)))
		}
		if !slices.IsSortedFunc(s.nodes, compare) {
			s.natural = slices.Clone(s.nodes)
			slices.SortFunc(s.natural, compare)
		}
	}
}

// customers numbers the customers that already have canonical IDs, so that
// records of one customer can be told by an integer.
type customers struct {
	of     []uint32 // by node; 0 none
	number []idRef  // by customer: the canonical ID that stands for it now
}

func (c *customers) add(number idRef) uint32 {
	c.number = append(c.number, number)
	return uint32(len(c.number) - 1)
}

// customers resolves the numbers of linked records, and those that new
// records claim to carry.
func (b *builder) customers(ctx context.Context, open []bool) (customers, error) {
	if b.again != nil {
		return b.regroup(ctx)
	}
	c := customers{of: make([]uint32, b.table.size()), number: make([]idRef, 1)}
	if b.snap == nil {
		return c, b.claims(ctx, open, &c, nil)
	}
	type entry struct {
		h      uint64
		n      node
		number idRef // after merges
	}
	var entries []entry
	seed := maphash.MakeSeed()
	for n, p := range b.prior {
		if p.number == 0 {
			continue
		}
		if s, merged := b.merged[string(b.ids.bytes(p.number))]; merged {
			p.number = b.ids.addString(s)
		}
		entries = append(entries, entry{maphash.Bytes(seed, b.ids.bytes(p.number)), node(n), p.number})
	}
	slices.SortFunc(entries, func(x, y entry) int { return cmp.Or(cmp.Compare(x.h, y.h), cmp.Compare(x.n, y.n)) })
	index := map[string]uint32{} // only of numbers that somebody claims
	claimed := b.claimed(open)
	for i := 0; i < len(entries); {
		j := i + 1
		for j < len(entries) && entries[j].h == entries[i].h {
			j++
		}
		for run := entries[i:j]; len(run) > 0; { // equal hashes may still be two numbers
			id := b.ids.bytes(run[0].number)
			no := c.add(run[0].number)
			var rest []entry
			for _, e := range run {
				if string(b.ids.bytes(e.number)) != string(id) {
					rest = append(rest, e)
					continue
				}
				c.of[e.n] = no
			}
			if claimed[string(id)] {
				index[string(id)] = no
			}
			run = rest
		}
		i = j
	}
	for loser, s := range b.merged {
		if no, ok := index[s]; ok && claimed[loser] {
			index[loser] = no
		}
	}
	return c, b.claims(ctx, open, &c, index)
}

// claimed lists the canonical IDs that open records carry, and what those of
// them that were merged away mean now.
func (b *builder) claimed(open []bool) map[string]bool {
	out := map[string]bool{}
	for k, batch := range b.table.batches {
		for row, id := range batch.ours {
			if n := node(k<<batchBits | int(row)); open[n] {
				out[id] = true
				if s, merged := b.merged[id]; merged {
					out[s] = true
				}
			}
		}
	}
	return out
}

// claims lets open records join the customers whose number they carry. A
// number that xwalk never issued, or that another customer's record carries,
// is reported and joins nothing.
func (b *builder) claims(ctx context.Context, open []bool, c *customers, index map[string]uint32) error {
	for k, batch := range b.table.batches {
		for _, row := range slices.Sorted(maps.Keys(batch.ours)) {
			n, id := node(k<<batchBits|int(row)), batch.ours[row]
			if !open[n] || b.status[n] == dead {
				continue
			}
			no, ok := index[id]
			if !ok && b.snap != nil {
				var err error
				if no, ok, err = b.claimStored(ctx, id, c, index); err != nil {
					return err
				}
			}
			switch {
			case !ok:
				b.note("%s: the record carries %s, which this crosswalk never issued to a live customer; it is ignored", b.place(n), id)
			case c.of[n] == 0:
				c.of[n] = no
				b.rule[n] = ruleOurs
			case c.of[n] != no:
				b.note("%s: the record carries %s but is linked to %s; the link stays", b.place(n), id, b.ids.get(c.number[c.of[n]]))
			}
		}
	}
	return nil
}

// claimStored finds a claimed customer none of whose records were read.
func (b *builder) claimStored(ctx context.Context, id string, c *customers, index map[string]uint32) (uint32, bool, error) {
	num, found, err := b.snap.Number(ctx, id)
	if err != nil {
		return 0, false, err
	}
	live := id
	if found && num.State == crosswalk.Merged {
		live = num.Survivor
	}
	names := []string{live} // a customer may live on in links of numbers that were merged into its own
	merged, err := b.snap.MergedInto(ctx, names)
	if err != nil {
		return 0, false, err
	}
	for _, n := range merged {
		names = append(names, n.Canonical)
	}
	links, err := b.snap.ByCanonical(ctx, names)
	if err != nil || len(links) == 0 {
		return 0, false, err
	}
	no, ok := index[live]
	if !ok {
		no = c.add(b.ids.addString(live))
	}
	index[id], index[live] = no, no
	return no, true, nil
}

// group matches the records, or leaves each alone where nothing is open.
func (b *builder) group(ctx context.Context, open []bool, c customers) (match.Result, *scored, error) {
	if open == nil || !b.rules.Matches() && len(b.decided.same)+len(b.decided.different)+len(b.told.pairs) == 0 && (b.again == nil || len(b.again.together) == 0) {
		return match.Result{}, nil, nil
	}
	b.progress("matching", 0, 0)
	sc, err := b.score(ctx, open)
	if err != nil {
		return match.Result{}, nil, err
	}
	in := b.matchInput(open, c)
	if sc != nil {
		in.Similar, in.Score = sc.Pairs, sc.Score
	}
	res := match.Group(in)
	for _, d := range res.Dropped {
		what := "a cluster"
		if d.Line != match.NoLine {
			what = "one value of " + b.rules.LineName(d.Line)
		}
		if d.Names > 0 {
			b.note("%s is shared by %d records of %d different names; it joined none of them", what, d.Records, d.Names)
			continue
		}
		b.note("%s is shared by %d records that fall into %d contradicting groups; it joined none of them", what, d.Records, d.Groups)
	}
	return res, sc, nil
}

// matchInput is what is known of the records without comparing them.
func (b *builder) matchInput(open []bool, c customers) match.Input {
	in := b.rules.MatchInput()
	in.Joins, in.Values = b.liveJoins, b.table.values
	in.Rank = b.ranks()
	in.Customer = c.of
	in.Open = open
	in.AutoMerge = b.opts.Policy.Merges == "auto"
	in.Same, in.Different, in.Merged = pairs(b.decided.same), pairs(b.decided.different), b.toldPairs()
	if b.again != nil {
		in.Same = append(in.Same, b.again.together...)
	}
	for _, r := range b.openReviews {
		left, ok := b.find(r.Left)
		if right, ok2 := b.find(r.Right); ok && ok2 && !open[left] && !open[right] {
			in.Asked = append(in.Asked, [2]uint32{left, right})
		}
	}
	if b.rules.NeedsNames() {
		in.Who = b.table.who
	}
	return in
}

func (b *builder) liveJoins(n node) []match.Join {
	if b.status[n] == dead {
		return nil
	}
	return b.table.joins(n)
}

// ranks gives every node its place in the order of numbering: sources by
// precedence, natural order of keys; then what was only recalled. They are
// worked out once the table is whole, and not to be written.
func (b *builder) ranks() []uint32 {
	if len(b.rank) == b.table.size() {
		return b.rank
	}
	ranks := make([]uint32, b.table.size())
	next := uint32(1)
	for i := range b.sources {
		for _, n := range b.sources[i].natural {
			ranks[n] = next
			next++
		}
	}
	for n := range ranks {
		if ranks[n] == 0 {
			ranks[n] = next
			next++
		}
	}
	b.rank = ranks
	return ranks
}

// classify says which kind of change each record is, and counts.
func (b *builder) classify() {
	for i := range b.sources {
		s := &b.sources[i]
		b.countTombs(i)
		for _, n := range s.nodes {
			if b.moves(n) {
				b.countMove(s, n)
				continue
			}
			switch b.status[n] {
			case same:
				s.counts.Unchanged++
				continue
			case changed:
				b.kind[n] = mapping.KindUpdate
				s.counts.Updated++
				continue
			case gone:
				b.kind[n] = mapping.KindRestore
				s.counts.Updated++
				continue
			}
			switch {
			case b.number[n] == 0:
				s.counts.Review++
				if b.status[n] == fresh || b.kind[n] == mapping.KindUpdate {
					b.kind[n] = mapping.KindReview
				}
			case b.kind[n] == mapping.KindCreate:
				s.counts.Created++
			default:
				b.kind[n] = mapping.KindLink
				s.counts.Linked++
			}
		}
	}
}

func (b *builder) note(format string, args ...any) {
	b.plan.Notes = append(b.plan.Notes, fmt.Sprintf(format, args...))
}
