package plan

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules/damage"
)

// repair is what was repaired about the ID of a row. Its only proposal is the
// row's key and is left out of the finding.
type repair struct {
	row   uint16
	waits bool
	found damage.Finding
}

func newRepair(row uint16, f damage.Finding) repair {
	r := repair{row: row, waits: f.Waits(), found: f}
	r.found.Proposals = nil
	return r
}

// settleDamage decides about damaged IDs of source i, whose records are sorted
// by key, now that all of it has been read: which repairs stand, which were
// only likely, and which IDs are damaged although they fit.
func (b *builder) settleDamage(ctx context.Context, i int) error {
	s := &b.sources[i]
	e := b.rules.Examiner(i)
	waits, repaired := false, false
	for _, batch := range b.table.batches {
		if batch.source == i && len(batch.repairs) > 0 {
			repaired = true
			waits = waits || slices.ContainsFunc(batch.repairs, func(r repair) bool { return r.waits })
		}
	}
	if !waits && !repaired && !e.Watches() {
		return nil
	}
	clashes := b.clashes(s.nodes)
	var settled map[node]bool
	ev := e.Evidence()
	for _, r := range s.rejects {
		if r.misfit {
			ev.Reject(r.damage, r.damage.Kind != "")
		}
	}
	if waits {
		var err error
		if settled, err = b.compareWaiting(ctx, i, ev, clashes); err != nil {
			return err
		}
	}
	for _, n := range s.nodes {
		if b.repair(n) == nil {
			ev.Intact(b.received(n))
		}
	}
	verdict := ev.Decide()
	out := s.nodes[:0]
	for _, n := range s.nodes {
		f, reason := b.unusable(i, n, verdict, clashes)
		if reason == "" || settled[n] {
			out = append(out, n)
			continue
		}
		b.reject(i, n, reason)
		last := &s.rejects[len(s.rejects)-1]
		last.blind = !f.Certain
		last.rej.Damage, last.rej.Proposals = f.Kind, f.Proposals
	}
	s.nodes = out
	return nil
}

// unusable says why a record cannot stay, and what is known of its damage. The
// reason is empty for one that can.
func (b *builder) unusable(i int, n node, verdict *damage.Verdict, clashes map[node]node) (f damage.Finding, reason string) {
	r := b.repair(n)
	if r == nil {
		f, condemned := verdict.Condemns(b.received(n))
		if !condemned {
			return f, ""
		}
		return f, "the ID fits, but " + f.Why
	}
	other, clash := clashes[n]
	if !clash && !r.waits {
		return f, ""
	}
	f = b.finding(n, r)
	if clash {
		return f, b.rules.Unrepaired(i, f, fmt.Sprintf("but that is the ID of another record, %s at %s", b.table.verbatim(other), b.place(other)))
	}
	if ok, but := verdict.Accepts(f); !ok {
		return f, b.rules.Unrepaired(i, f, but)
	}
	return f, ""
}

// repair is what was repaired about a record's ID, or nil.
func (b *builder) repair(n node) *repair {
	batch, row := b.table.at(n)
	if len(batch.repairs) == 0 {
		return nil
	}
	k, ok := slices.BinarySearchFunc(batch.repairs, row, func(r repair, row int) int { return int(r.row) - row })
	if !ok {
		return nil
	}
	return &batch.repairs[k]
}

// finding is a repair as it was found.
func (b *builder) finding(n node, r *repair) damage.Finding {
	f := r.found
	f.Proposals = []string{string(b.table.key(n))}
	return f
}

// received is a record's ID as it was received.
func (b *builder) received(n node) string {
	batch, row := b.table.at(n)
	if v, ok := batch.verbatim[uint16(row)]; ok {
		return v
	}
	return view(batch.keys.at(row))
}

// clashes finds the repaired records whose ID would be that of another one:
// of a record that was received otherwise, or, where the repair is not certain
// by itself, of any: two numbers that were cut off read the same, and where a
// source says nothing else of its records, so do those. One of the others is
// named.
func (b *builder) clashes(nodes []node) map[node]node {
	out := map[node]node{}
	for k := 0; k < len(nodes); {
		j := k + 1
		for j < len(nodes) && bytes.Equal(b.table.key(nodes[j]), b.table.key(nodes[k])) {
			j++
		}
		if j-k > 1 {
			b.clash(nodes[k:j], out)
		}
		k = j
	}
	return out
}

// clash finds them among nodes of one key.
func (b *builder) clash(nodes []node, out map[node]node) {
	first := nodes[0]
	other := slices.IndexFunc(nodes, func(n node) bool { return b.received(n) != b.received(first) })
	for k, n := range nodes {
		switch r := b.repair(n); {
		case r == nil:
		case b.received(n) != b.received(first):
			out[n] = first
		case other > 0:
			out[n] = nodes[other]
		case r.waits && k > 0:
			out[n] = first
		case r.waits:
			out[n] = nodes[1]
		}
	}
}

// compareWaiting notes the repairs that wait, and what the crosswalk says of
// them: whether it holds their IDs, and which others it holds that the source
// lacks. Those that an earlier run took for the same are settled.
func (b *builder) compareWaiting(ctx context.Context, i int, ev *damage.Evidence, clashes map[node]node) (settled map[node]bool, err error) {
	s := &b.sources[i]
	known := map[node]bool{}
	settled = map[node]bool{}
	if b.snap != nil {
		nodes := s.nodes
		for l, err := range b.snap.Links(ctx, crosswalk.Query{Sources: []int{s.no}, Live: true}) {
			if err != nil {
				return nil, err
			}
			for len(nodes) > 0 && bytesVsString(b.table.key(nodes[0]), l.Key) < 0 {
				nodes = nodes[1:]
			}
			intact := false
			for _, n := range nodes {
				if string(b.table.key(n)) != l.Key {
					break
				}
				_, clash := clashes[n]
				switch r := b.repair(n); {
				case r == nil || !r.waits:
					intact = true
				case l.Verbatim == b.received(n) && !clash:
					settled[n], intact = true, true
				default:
					known[n] = true
				}
			}
			if !intact {
				ev.Lacking(l.Key)
			}
		}
	}
	for _, n := range s.nodes {
		switch r := b.repair(n); {
		case r == nil:
		case r.waits && !settled[n]:
			_, clash := clashes[n]
			ev.Wait(b.finding(n, r), clash, known[n])
		default:
			ev.Repair(b.finding(n, r))
		}
	}
	return settled, nil
}

// listRepairs writes down, in the order of the rows, which IDs of source i
// were repaired, and remarks on those that were spelled otherwise.
func (b *builder) listRepairs(i int) {
	s := &b.sources[i]
	var nodes []node
	for _, n := range s.nodes {
		if b.repair(n) != nil {
			nodes = append(nodes, n)
		}
	}
	slices.Sort(nodes) // batches are in the order of the rows
	b.plan.Repairs = slices.Grow(b.plan.Repairs, len(nodes))
	for _, n := range nodes {
		r := b.repair(n)
		b.plan.Repairs = append(b.plan.Repairs, mapping.Repair{
			Source: b.inputs[i].Name, Place: b.place(n), SourceID: b.table.verbatim(n), Repaired: string(b.table.key(n)), Kind: r.found.Kind, Why: r.found.Why,
		})
	}
	b.remarkSpellings(i)
}

// spelled counts IDs of one kind of spelling, and where the first stands.
type spelled struct {
	n     int
	first node
}

var spellingNotes = map[string]string{
	damage.FullWidth: "full-width characters in %s, read as the ordinary ones",
	damage.Invisible: "invisible characters in %s, read without them",
	damage.Dash:      "other dashes than the hyphen in %s, read as hyphens",
	damage.Space:     "outer space around %s, read without it",
}

// remarkSpellings reports IDs that key rules read as others.
func (b *builder) remarkSpellings(i int) {
	kinds := map[string]spelled{}
	for k, batch := range b.table.batches {
		if batch.source != i {
			continue
		}
		for row, id := range batch.verbatim {
			n := node(k<<batchBits | int(row))
			if b.repair(n) != nil {
				continue
			}
			kind, ok := damage.Spelling(id)
			if kept, _ := damage.Spelling(view(batch.keys.at(int(row)))); !ok || kept == kind {
				continue
			}
			c, seen := kinds[kind]
			if !seen || n < c.first {
				c.first = n
			}
			c.n++
			kinds[kind] = c
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		c := kinds[kind]
		ids := "1 ID"
		if c.n > 1 {
			ids = fmt.Sprintf("%d IDs", c.n)
		}
		b.note("%s: %s (the first at %s)", b.inputs[i].Name, fmt.Sprintf(spellingNotes[kind], ids), b.place(c.first))
	}
}
