package plan

import (
	"bytes"
	"cmp"
	"context"
	"hash/maphash"
	"iter"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// Redecide works out what a run would do that decides every record anew, by
// the rules as they are now. Edited rules re-decide nothing by themselves; this
// is how somebody asks for it. Records are grouped as if the crosswalk held no
// links: what people decided holds, and so does what was taken over from a
// list. Then numbers stay where they can:
//
//   - a number stays with the record that founded its customer, else with the
//     group that has most of its records;
//   - of a group's numbers one stays in force, the one that was issued first;
//     the others redirect to it;
//   - a number that was merged into another comes back in force where its
//     records come apart;
//   - a group that has none gets a new number.
//
// Links whose record was not read stay as they are. What is new, changed or
// gone in the sources is part of the plan. Besides the memory of [Build] it
// takes about 60 bytes per record. The error is crosswalk.ErrNone where snap is
// nil, else those of Build.
func Redecide(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, inputs []Input, o Options) (*Plan, error) {
	if snap == nil {
		return nil, crosswalk.ErrNone
	}
	b, err := read(ctx, snap, rs, inputs, o)
	if err != nil {
		return nil, err
	}
	b.again = &again{
		seed: maphash.MakeSeed(), claims: map[node]string{}, moved: map[node]bool{}, issued: map[node]bool{},
		into: map[string]string{}, follows: map[string]bool{},
	}
	for n, err := range snap.Merged(ctx) {
		if err != nil {
			return nil, err
		}
		b.again.into[n.Canonical] = n.Into
	}
	if err := b.decide(ctx); err != nil {
		return nil, err
	}
	if err := b.resolveAlso(ctx); err != nil {
		return nil, err
	}
	p, err := b.finish(ctx)
	if err != nil {
		return nil, err
	}
	p.Kind = "redecide"
	return p, nil
}

// again is what only deciding anew needs to know.
type again struct {
	seed     maphash.Seed
	why      []uint8           // by node: how its link came about
	claims   map[node]string   // records that carry a number of ours
	together [][2]uint32       // records that lists or their own columns call one customer
	members  []member          // who had which number, by hash, number and rank
	own      []idRef           // by root: the number of its group
	after    map[string]string // what numbers mean that are merged after the plan
	into     map[string]string // what merged numbers were merged into
	follows  map[string]bool   // those of them that go on meaning that
	moved    map[node]bool     // records whose link leaves its customer
	issued   map[node]bool     // roots of groups with a new number
	apart    int               // of those, groups some of whose records had another one
	joining  int64             // records whose customer is merged into another
}

// How a link came about.
const (
	whyJoined uint8 = iota
	whyFounded
	whyImported // also founds
)

// member is a record that had a number, or carries it.
type member struct {
	hash   uint64
	id     idRef
	n      node
	claims bool
}

// regroup stands in for customers: no record is held to the customer that it
// had. It finds what holds records together nevertheless.
//
// Records that were not read are not decided anew: those of one number stay
// together.
func (b *builder) regroup(ctx context.Context) (customers, error) {
	c := customers{of: make([]uint32, b.table.size()), number: make([]idRef, 1)}
	if err := b.loadReasons(ctx); err != nil {
		return c, err
	}
	if err := b.loadClaims(ctx); err != nil {
		return c, err
	}
	b.listMembers()
	said := b.saidSame()
	for run := range b.runs() {
		anchor := b.founder(run)
		if anchor < 0 {
			anchor = 0 // the founding record was not read
		}
		whole := slices.ContainsFunc(run, func(m member) bool { return said[m.n] })
		old := -1
		for i, m := range run {
			if b.unread(m.n) {
				if old >= 0 {
					b.again.together = append(b.again.together, [2]uint32{run[old].n, m.n})
				}
				old = i
			}
			if i != anchor && (whole || m.claims || b.again.why[m.n] == whyImported) && m.n != run[anchor].n {
				b.again.together = append(b.again.together, [2]uint32{run[anchor].n, m.n})
			}
		}
	}
	return c, nil
}

// saidSame are the records that were not read and that people called the same
// as another. Their links cannot move, so whoever shares their number stays.
func (b *builder) saidSame() map[node]bool {
	said := map[node]bool{}
	for _, v := range b.decided.same {
		for _, n := range [...]node{v.a, v.b} {
			if b.unread(n) {
				said[n] = true
			}
		}
	}
	return said
}

// unread reports whether the crosswalk alone tells of a record.
func (b *builder) unread(n node) bool {
	batch, _ := b.table.at(n)
	return batch.source < 0
}

// founder is the place in run of the record that founded the number; -1 where
// it is not among them.
func (b *builder) founder(run []member) int {
	return slices.IndexFunc(run, func(m member) bool { return !m.claims && b.again.why[m.n] != whyJoined })
}

// loadReasons reads how links came about.
func (b *builder) loadReasons(ctx context.Context) error {
	why := make([]uint8, b.table.size())
	source, nodes := 0, []node(nil)
	for l, err := range b.snap.Links(ctx, crosswalk.Query{}) {
		if err != nil {
			return err
		}
		if l.Source != source {
			source, nodes = l.Source, nil
			if i := slices.IndexFunc(b.sources, func(s sourceState) bool { return s.no == source }); i >= 0 {
				nodes = b.sources[i].nodes
			}
		}
		if !founds(l.Rule) {
			continue
		}
		for len(nodes) > 0 && bytesVsString(b.table.key(nodes[0]), l.Key) < 0 {
			nodes = nodes[1:]
		}
		n, found := b.recalled[l.ID()]
		if len(nodes) > 0 && string(b.table.key(nodes[0])) == l.Key {
			n, found = nodes[0], true
		}
		if found && b.prior[n].number != 0 {
			why[n] = whyFounded
			if l.Rule == ruleImport {
				why[n] = whyImported
			}
		}
	}
	b.again.why = why
	return nil
}

// loadClaims finds the records that carry a number of ours, and reports those
// that carry one that no customer has.
func (b *builder) loadClaims(ctx context.Context) error {
	var nodes []node
	var ids, asked []string
	for k, batch := range b.table.batches {
		for _, row := range slices.Sorted(maps.Keys(batch.ours)) {
			if n := node(k<<batchBits | int(row)); b.status[n] != dead {
				nodes = append(nodes, n)
				ids = append(ids, batch.ours[row])
				asked = append(asked, batch.ours[row], b.survivor(batch.ours[row]))
			}
		}
	}
	links, err := b.snap.ByCanonical(ctx, asked)
	if err != nil {
		return err
	}
	alive := map[string]bool{}
	for i := range links {
		alive[b.survivor(links[i].Canonical)] = true
	}
	for i, n := range nodes {
		if !alive[b.survivor(ids[i])] {
			b.note("%s: the record carries %s, which this crosswalk never issued to a live customer; it is ignored", b.place(n), ids[i])
			continue
		}
		b.again.claims[n] = ids[i]
		b.rule[n] = ruleOurs
	}
	return nil
}

// listMembers lists who had which number, of each number in the order of
// numbering.
func (b *builder) listMembers() {
	a := b.again
	for n := range b.status {
		if p := b.prior[n].number; p != 0 && (b.status[n] != dead) {
			a.members = append(a.members, member{maphash.Bytes(a.seed, b.ids.bytes(p)), p, node(n), false})
		}
	}
	for n, id := range a.claims {
		a.members = append(a.members, member{maphash.String(a.seed, id), b.ids.addString(id), n, true})
	}
	ranks := b.ranks()
	slices.SortFunc(a.members, func(x, y member) int {
		if x.hash != y.hash {
			return cmp.Compare(x.hash, y.hash)
		}
		return cmp.Or(bytes.Compare(b.ids.bytes(x.id), b.ids.bytes(y.id)), cmp.Compare(ranks[x.n], ranks[y.n]))
	})
}

// runs yields who had each number.
func (b *builder) runs() iter.Seq[[]member] {
	return func(yield func([]member) bool) {
		for rest := b.again.members; len(rest) > 0; {
			n := 1
			for n < len(rest) && rest[n].hash == rest[0].hash && string(b.ids.bytes(rest[n].id)) == string(b.ids.bytes(rest[0].id)) {
				n++
			}
			if !yield(rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}
