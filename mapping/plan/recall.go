package plan

import (
	"context"
	"hash/maphash"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// recallRows is how many links are looked at together, at least.
const recallRows = 1 << 16

// recall adds what the crosswalk holds of records that were not read, so that
// new records find them: the links that agree with an open record or are like
// one, and the other links of customers that matter. All links are looked at,
// which takes time in proportion to them; memory goes only to those that are
// kept.
func (b *builder) recall(ctx context.Context, open []bool) error {
	if b.snap == nil || !b.rules.Remembers() {
		return nil
	}
	others := b.otherSources()
	if len(b.absent)+len(b.recalled)+len(others) == 0 {
		return nil
	}
	r := recaller{builder: b, joins: map[uint64]bool{}, customers: map[string]bool{}}
	for _, n := range b.recalled {
		r.customers[b.liveNumber(n)] = true
	}
	for n, isOpen := range open {
		if !isOpen {
			continue
		}
		r.open = append(r.open, node(n))
		for _, j := range b.table.joins(node(n)) {
			r.joins[j.Hash.Hi] = true
		}
	}
	if _, model, on := b.rules.Similar(); on {
		r.similar = true
		if r.model = model; model == nil {
			var err error
			if r.model, err = b.knownModel(ctx); err != nil {
				return err
			}
		}
	}
	r.readCustomers()
	for keys := range slices.Chunk(b.absent, recallRows) {
		links, err := b.snap.ByKeys(ctx, sourceKeys(keys))
		if err != nil {
			return err
		}
		for i := range links {
			if err := r.take(ctx, &links[i]); err != nil {
				return err
			}
		}
	}
	if len(others) > 0 {
		for l, err := range b.snap.Links(ctx, crosswalk.Query{Sources: others, Live: true, Match: true, Fields: r.similar}) {
			if err != nil {
				return err
			}
			if err := r.take(ctx, l); err != nil {
				return err
			}
		}
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	return r.siblings(ctx)
}

func sourceKeys(links []crosswalk.Link) []crosswalk.SourceKey {
	keys := make([]crosswalk.SourceKey, len(links))
	for i := range links {
		keys[i] = links[i].ID()
	}
	return keys
}

// recaller picks the links that the open records may have to do with.
type recaller struct {
	*builder
	open      []node
	joins     map[uint64]bool // of the open records
	seed      maphash.Seed
	read      []uint64 // hashes of the numbers of records that were read, sorted
	similar   bool
	model     *similar.Model // nil: whom they are like cannot be told yet
	waiting   []crosswalk.Link
	customers map[string]bool // the numbers of those who were found
}

// readCustomers notes whose records were read: any of them may be found.
func (r *recaller) readCustomers() {
	r.seed = maphash.MakeSeed()
	for n := range r.prior {
		if id := r.liveNumber(node(n)); id != "" {
			r.read = append(r.read, maphash.String(r.seed, id))
		}
	}
	slices.Sort(r.read)
}

// isRead reports whether records of a link's customer were read; now and then
// it is wrong, and the link is kept for nothing.
func (r *recaller) isRead(l *crosswalk.Link) bool {
	_, found := slices.BinarySearch(r.read, maphash.String(r.seed, r.live(l.Canonical)))
	return found
}

// otherSources are the sources of the crosswalk that are no longer configured.
func (b *builder) otherSources() (numbers []int) {
	for _, o := range b.stored {
		if !slices.ContainsFunc(b.sources, func(s sourceState) bool { return s.no == o.No }) &&
			!slices.ContainsFunc(b.spaces, func(s spaceSet) bool { return s.no == o.No }) {
			numbers = append(numbers, o.No)
		}
	}
	return numbers
}

// take recalls a link that agrees with an open record, and lets others wait
// until there are enough to compare.
func (r *recaller) take(ctx context.Context, l *crosswalk.Link) error {
	if _, known := r.recalled[l.ID()]; known || l.State != crosswalk.Live || len(l.Match)+len(l.Fields) == 0 {
		return nil
	}
	joins, _ := r.rules.DecodeMatch(l.Match)
	switch {
	case r.similar && r.model == nil, r.isRead(l), slices.ContainsFunc(joins, func(j match.Join) bool { return r.joins[j.Hash.Hi] }):
		r.keep(l)
	case r.similar && len(r.open) > 0:
		copied := *l
		copied.Match, copied.Fields = slices.Clone(l.Match), slices.Clone(l.Fields)
		r.waiting = append(r.waiting, copied)
	}
	if len(r.waiting) >= max(recallRows, len(r.open)) {
		return r.flush(ctx)
	}
	return nil
}

func (r *recaller) keep(l *crosswalk.Link) {
	r.recallLink(l)
	r.customers[r.live(l.Canonical)] = true
}

// flush recalls those of the waiting links that are like an open record.
func (r *recaller) flush(ctx context.Context) error {
	if len(r.waiting) == 0 {
		return nil
	}
	first := uint32(len(r.open))
	n := first + uint32(len(r.waiting))
	in := similar.Input{
		Roles: r.rules.TraitRoles(), Placeholder: r.rules.IsPlaceholder,
		Rank: make([]uint32, n), Open: make([]bool, n),
	}
	traits := make([][]byte, len(r.waiting))
	for i := range r.waiting {
		traits[i] = r.linkTraits(&r.waiting[i])
	}
	in.Traits = func(rec uint32) []byte {
		if rec < first {
			return r.traits(r.open[rec])
		}
		return traits[rec-first]
	}
	in.Kind = func(rec uint32) similar.Kind {
		if rec < first {
			return similar.Kind(r.kindOf(r.open[rec]))
		}
		return similar.Kind(r.waiting[rec-first].Kind)
	}
	for rec := range n {
		in.Rank[rec], in.Open[rec] = rec, rec < first
	}
	settings, _, _ := r.rules.Similar()
	res, err := similar.Compare(ctx, in, similar.Options{Model: r.model, Floor: min(0.5, settings.Review)})
	if err != nil {
		return err
	}
	kept := make([]bool, len(r.waiting))
	for _, p := range res.Pairs {
		if p.B >= first && !kept[p.B-first] {
			kept[p.B-first] = true
			r.keep(&r.waiting[p.B-first])
		}
	}
	r.waiting = r.waiting[:0]
	return nil
}

// siblings recalls the other links of the customers that were found: what
// contradicts one of them contradicts the customer.
func (r *recaller) siblings(ctx context.Context) error {
	if len(r.customers) == 0 {
		return nil
	}
	numbers := slices.Collect(maps.Keys(r.customers))
	for old, survivor := range r.merged {
		if r.customers[survivor] {
			numbers = append(numbers, old)
		}
	}
	ending := map[crosswalk.SourceKey]bool{}
	for i := range r.retired {
		ending[r.retired[i].ID()] = true
	}
	slices.Sort(numbers)
	links, err := r.snap.ByCanonical(ctx, slices.Compact(numbers))
	if err != nil {
		return err
	}
	for i := range links {
		l := &links[i]
		if _, known := r.find(l.ID()); !known && !ending[l.ID()] && l.State == crosswalk.Live && len(l.Match)+len(l.Fields) > 0 {
			r.recallLink(l)
		}
	}
	return nil
}

// recallLink adds a record that the crosswalk knows and that was not read.
func (b *builder) recallLink(l *crosswalk.Link) node {
	if len(b.table.batches) == 0 || !b.table.batches[len(b.table.batches)-1].recalls() {
		b.table.batches = append(b.table.batches, &batch{source: -1})
		b.growColumns()
	}
	batch := b.table.batches[len(b.table.batches)-1]
	n := node((len(b.table.batches)-1)<<batchBits | batch.n)
	joins, values := b.rules.DecodeMatch(l.Match)
	batch.n++
	batch.keys.add([]byte(l.Key))
	batch.kind = append(batch.kind, rules.Kind(l.Kind))
	batch.origin = append(batch.origin, uint32(l.Source))
	batch.joins.add(joins)
	batch.values.add(values)
	batch.fields.add(l.Fields)
	batch.traits.add(b.linkTraits(l))
	b.status[n] = same
	b.prior[n] = prior{b.ids.addString(l.Canonical), uint32(l.SinceRun)}
	if b.recalled == nil {
		b.recalled = map[crosswalk.SourceKey]node{}
	}
	b.recalled[l.ID()] = n
	return n
}

// linkTraits are the traits of a record whose fields the crosswalk kept.
func (b *builder) linkTraits(l *crosswalk.Link) []byte {
	fields, err := rules.DecodeFields(l.Fields)
	if err != nil { // it is our own encoding
		return nil
	}
	return b.rules.TraitsOf(nil, b.spaceName(l.Source), fields)
}

// recalls reports whether another recalled link fits into the batch.
func (b *batch) recalls() bool { return b.source < 0 && b.n < batchRows }

// spaceName is the name of a source that the crosswalk knows by number.
func (b *builder) spaceName(no int) string {
	for _, s := range b.stored {
		if s.No == no {
			return s.Name
		}
	}
	return ""
}
