package plan

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// Reconciled is what a source and the crosswalk say of each other. Every
// record is counted once:
// Read = Known + Missing + Returned + Retired + Held + Deleted + Rejected + Duplicates.
// Examples are up to five source IDs for some of the counts, by their JSON names.
type Reconciled struct {
	Source     string `json:"source"`
	Read       int64  `json:"read"`
	Known      int64  `json:"known"`      // have a live link
	Changed    int64  `json:"changed"`    // of those, look otherwise than when they were last read
	Missing    int64  `json:"missing"`    // have no link: new since the last run
	Returned   int64  `json:"returned"`   // their link ended when they were gone
	Retired    int64  `json:"retired"`    // a person ended their link
	Held       int64  `json:"held"`       // wait for a decision
	Deleted    int64  `json:"deleted"`    // say of themselves that they are gone
	Rejected   int64  `json:"rejected"`   // cannot be used, or were forgotten
	Duplicates int64  `json:"duplicates"` // say the same as another one of their ID
	// Extra counts live links without a record of their own. Of a source that
	// is filtered, the record may be outside of the filter.
	Extra    int64 `json:"extra"`
	Filtered bool  `json:"filtered"`
	// Orphan says that the configuration has no such source: all its links are
	// Extra.
	Orphan   bool                `json:"orphan"`
	Examples map[string][]string `json:"examples"`
}

// Differs reports whether the next run would find something to do, or a record
// that it cannot use.
func (r *Reconciled) Differs() bool {
	return r.Changed+r.Missing+r.Returned+r.Rejected+r.Extra > 0
}

// driftExamples is how many source IDs are named.
const driftExamples = 5

func (r *Reconciled) example(of, id string) {
	if r.Examples == nil {
		r.Examples = map[string][]string{}
	}
	if len(r.Examples[of]) < driftExamples {
		r.Examples[of] = append(r.Examples[of], id)
	}
}

// Reconcile reads every source, as a plan does, and compares its records with
// the links, in the order of the crosswalk's sources. It decides nothing.
// Errors are whatever stops a source or the crosswalk from being read.
func Reconcile(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, inputs []Input, o Options) ([]Reconciled, error) {
	b := &builder{rules: rs, opts: o, snap: snap, plan: &Plan{}}
	for _, name := range rs.Sources() {
		k := slices.IndexFunc(inputs, func(in Input) bool { return in.Name == name })
		if k < 0 {
			return nil, errors.New("reconcile: no input for source " + name)
		}
		b.inputs = append(b.inputs, inputs[k])
	}
	if err := b.loadState(ctx); err != nil {
		return nil, err
	}
	all := make([]Reconciled, len(b.stored))
	for k, s := range b.stored {
		all[k] = Reconciled{Source: s.Name, Orphan: true, Examples: map[string][]string{}}
	}
	of := func(no int) *Reconciled {
		return &all[slices.IndexFunc(b.stored, func(s crosswalk.Source) bool { return s.No == no })]
	}
	for i := range b.inputs {
		if err := b.readSource(ctx, i); err != nil {
			return nil, err
		}
		b.growColumns()
		if err := b.reconcile(ctx, i, of(b.sources[i].no)); err != nil {
			return nil, err
		}
		if err := b.reconcileAlso(ctx, i, of); err != nil {
			return nil, err
		}
		b.table, b.sources[i] = table{}, sourceState{} // its records pass by
		b.status, b.kind, b.number, b.rule, b.prior = nil, nil, nil, nil, nil
	}
	for k, s := range b.stored {
		if !all[k].Orphan {
			continue
		}
		for l, err := range snap.Links(ctx, crosswalk.Query{Sources: []int{s.No}, Live: true}) {
			if err != nil {
				return nil, err
			}
			all[k].Extra++
			all[k].example("extra", l.Verbatim)
		}
	}
	return all, nil
}

// reconcile walks the records of source i side by side with its links.
func (b *builder) reconcile(ctx context.Context, i int, r *Reconciled) error {
	s := &b.sources[i]
	b.table.sortByKey(s.nodes)
	if err := b.settleDamage(ctx, i); err != nil {
		return err
	}
	s.nodes = b.settleRepeats(i, s.nodes)
	for _, n := range s.nodes {
		b.status[n] = fresh
	}
	forgotten, err := LoadForgotten(ctx, b.snap, s.no)
	if err != nil {
		return err
	}
	r.Orphan, r.Filtered = false, b.inputs[i].Filtered
	r.Read, r.Duplicates = s.counts.Read, s.counts.Unchanged
	nodes := s.nodes
	unlinked := func(n node) {
		verbatim := b.table.verbatim(n)
		_, erased := forgotten.Find(string(b.table.key(n)), verbatim)
		switch {
		case b.table.deleted(n):
			r.Deleted++
		case erased:
			b.reject(i, n, "erased")
		default:
			r.Missing++
			r.example("missing", verbatim)
		}
	}
	for l, err := range b.snap.Links(ctx, crosswalk.Query{Sources: []int{s.no}}) {
		if err != nil {
			return err
		}
		for len(nodes) > 0 && bytesVsString(b.table.key(nodes[0]), l.Key) < 0 {
			unlinked(nodes[0])
			nodes = nodes[1:]
		}
		if s.adopted.has(l.Key) {
			continue // its record has the ID in whose place it came
		}
		n, there := node(0), false
		if len(nodes) > 0 && string(b.table.key(nodes[0])) == l.Key {
			n, there = nodes[0], true
			nodes = nodes[1:]
		}
		b.reconcileLink(r, l, n, there, unlinked)
	}
	for _, n := range nodes {
		unlinked(n)
	}
	r.Rejected = int64(len(s.rejects))
	for _, bad := range s.rejects {
		r.example("rejected", cmp.Or(bad.rej.SourceID, bad.rej.Place))
	}
	return nil
}

// reconcileLink compares a link with its record, where it has one.
func (b *builder) reconcileLink(r *Reconciled, l *crosswalk.Link, n node, there bool, unlinked func(node)) {
	switch {
	case there && l.State == crosswalk.Void:
		unlinked(n)
	case there && b.table.deleted(n):
		r.Deleted++
		if l.State == crosswalk.Live {
			r.Extra++
			r.example("extra", l.Verbatim)
		}
	case !there && l.State == crosswalk.Live:
		r.Extra++
		r.example("extra", l.Verbatim)
	case !there:
	case l.State == crosswalk.Live:
		r.Known++
		if batch, row := b.table.at(n); batch.rowHash[row] != l.RowHash || !b.table.verbatimEqual(n, l.Verbatim) {
			r.Changed++
			r.example("changed", l.Verbatim)
		}
	case l.State == crosswalk.Held:
		r.Held++
	case l.Rule == ruleRetire:
		r.Retired++
		r.example("retired", l.Verbatim)
	default:
		r.Returned++
		r.example("returned", l.Verbatim)
	}
}

// reconcileAlso compares the further numbers of source i with their links.
func (b *builder) reconcileAlso(ctx context.Context, i int, of func(no int) *Reconciled) error {
	spaces := b.rules.AlsoSpaces(i)
	claims := make([][]claim, len(spaces))
	for k, batch := range b.table.batches {
		for _, a := range batch.also {
			if n := node(k<<batchBits | int(a.row)); b.status[n] == fresh && !b.table.deleted(n) {
				claims[a.space] = append(claims[a.space], claim{a.key, a.verbatim, n})
			}
		}
	}
	for _, s := range b.spaces {
		k := slices.IndexFunc(spaces, func(o rules.Space) bool { return o.Name == s.name })
		if s.source != i || k < 0 {
			continue
		}
		if err := b.reconcileSpace(ctx, s.no, claims[k], of(s.no)); err != nil {
			return err
		}
		of(s.no).Filtered = b.inputs[i].Filtered
	}
	return nil
}

// reconcileSpace counts each number once; records that share one are
// duplicates.
func (b *builder) reconcileSpace(ctx context.Context, no int, claims []claim, r *Reconciled) error {
	r.Orphan, r.Read = false, int64(len(claims))
	slices.SortStableFunc(claims, func(x, y claim) int { return strings.Compare(x.key, y.key) })
	claims = slices.CompactFunc(claims, func(x, y claim) bool { return x.key == y.key })
	r.Duplicates = r.Read - int64(len(claims))
	forgotten, err := LoadForgotten(ctx, b.snap, no)
	if err != nil {
		return err
	}
	missing := func(c claim) {
		if _, erased := forgotten.Find(c.key, c.verbatim); erased {
			r.Rejected++
			return
		}
		r.Missing++
		r.example("missing", c.verbatim)
	}
	for l, err := range b.snap.Links(ctx, crosswalk.Query{Sources: []int{no}}) {
		if err != nil {
			return err
		}
		for len(claims) > 0 && claims[0].key < l.Key {
			missing(claims[0])
			claims = claims[1:]
		}
		there := len(claims) > 0 && claims[0].key == l.Key
		switch {
		case there && l.State == crosswalk.Void:
			missing(claims[0])
		case there && l.State == crosswalk.Retired && l.Rule == ruleRetire:
			r.Retired++
		case there && l.State == crosswalk.Retired:
			r.Returned++
			r.example("returned", l.Verbatim)
		case there:
			r.Known++
		case l.State == crosswalk.Live:
			r.Extra++
			r.example("extra", l.Verbatim)
		}
		if there {
			claims = claims[1:]
		}
	}
	for _, c := range claims {
		missing(c)
	}
	return nil
}
