package plan

import (
	"context"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// carried are canonical IDs that records carry and that this crosswalk never
// issued: somebody else did. They are issued to nobody, and noted with the
// first run that meets them, so that they are stepped over for good, also when
// the record is gone. By each stands the only record that carries it, or
// nobody where there are several.
type carried map[string]node

// nobody stands for several records.
const nobody = ^node(0)

// findCarried looks at the numbers that records carry. Of records that are
// unchanged it was noted before.
func (b *builder) findCarried(ctx context.Context) error {
	by := carried{}
	for k, batch := range b.table.batches {
		for row, id := range batch.ours {
			n := node(k<<batchBits | int(row))
			if b.status[n] == same || b.liveNumber(n) == id || scheme.Legal(id) != nil {
				continue
			}
			if other, ok := by[id]; ok && other != n {
				n = nobody
			}
			by[id] = n
		}
	}
	if len(by) == 0 {
		return nil
	}
	if b.snap != nil {
		known, err := b.snap.KnownOf(ctx, slices.Collect(maps.Keys(by)))
		if err != nil {
			return err
		}
		for _, id := range known {
			delete(by, id)
		}
	}
	b.carried = by
	return nil
}

// barred reports whether a number is not to be issued to anyone by itself: a
// record carries it, or it was somebody's in a rehearsal.
func (b *builder) barred(id []byte) bool {
	if _, ok := b.carried[string(id)]; ok {
		return true
	}
	return b.promised.has(string(id))
}

// reserved says whose a number is that a founder would keep, or that is made of
// its record; empty where it is nobody's.
func (b *builder) reserved(n node, id []byte) string {
	if by, ok := b.carried[string(id)]; ok && by != n {
		return "whoever another record means that carries it"
	}
	if b.promised.has(string(id)) {
		return "another customer in the file of --numbers-from"
	}
	return ""
}

// noteCarried writes the numbers down that are issued to nobody.
func (b *builder) noteCarried(ctx context.Context) error {
	ids := map[string]bool{}
	for id := range b.carried {
		ids[id] = true
	}
	unused, err := b.unusedPromises(ctx)
	if err != nil {
		return err
	}
	for _, id := range unused {
		ids[id] = true
	}
	if len(ids) == 0 {
		return nil
	}
	for i := range b.sources { // but for those that were given to their own
		for _, n := range b.sources[i].nodes {
			if b.number[n] != 0 {
				delete(ids, string(b.ids.bytes(b.number[n])))
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		b.plan.Numbers = append(b.plan.Numbers, crosswalk.Number{Canonical: id, State: crosswalk.Given})
	}
	return nil
}

// issuedOf are those of some canonical IDs that this crosswalk gave to
// somebody at some time, or that are merged or retired: all that it knows but
// those that it only noted.
func (b *builder) issuedOf(ctx context.Context, ids []string) (map[string]bool, error) {
	issued := map[string]bool{}
	if b.snap == nil || len(ids) == 0 {
		return issued, nil
	}
	runs, err := b.snap.IssuedIn(ctx, ids)
	if err != nil {
		return nil, err
	}
	for id := range runs {
		issued[id] = true
	}
	noted, err := b.snap.NumbersOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, n := range noted {
		if n.State != crosswalk.Given {
			issued[n.Canonical] = true
		}
	}
	return issued, nil
}
