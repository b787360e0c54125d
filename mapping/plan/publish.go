package plan

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"iter"

	"github.com/xwalk-id/xwalk/mapping/crosswalk"
	"github.com/xwalk-id/xwalk/rules"
)

// Publish plans a run that writes entries of the ledger and nothing else: what
// is to be written into the sources' own records once the run is published.
// They come in the order of (source, key), each key once, and the same ones
// each time that they are gone through; what is yielded is only looked at
// until the next step. Undoes is the run whose publications they take back, 0
// for none. The crosswalk's serial stays, so plans that were made before are
// as good as they were. A resumed run needs the same entries.
func Publish(ctx context.Context, snap *crosswalk.Snapshot, rs *rules.Ruleset, entries iter.Seq2[*crosswalk.Publication, error], undoes int64, o Options) (*Plan, error) {
	d, err := newDraft(ctx, snap, rs, "publish", o)
	if err != nil {
		return nil, err
	}
	d.plan.Entries, d.plan.Undoes = entries, undoes
	d.plan.body = noWrites
	return d.plan, d.plan.seal()
}

// sealOutside counts the entries of the ledger, and adds them, and what else
// the plan does beside the crosswalk's own tables, to its digest. It works in
// buf, which it returns.
func (p *Plan) sealOutside(buf []byte, sum io.Writer) ([]byte, error) {
	if p.Undoes > 0 {
		buf = fmt.Appendf(buf, "undoes %d\n", p.Undoes)
	}
	for _, r := range p.Rewrote {
		buf = fmt.Appendf(buf, "rewrite %q %q %t\n", r.Reference, r.RefersTo, r.InPlace)
	}
	for _, name := range p.Adopted {
		buf = fmt.Appendf(buf, "adopt %q\n", name)
	}
	if p.Entries == nil {
		return buf, nil
	}
	p.Published = 0
	for e, err := range p.Entries {
		if err != nil {
			return buf, err
		}
		p.Published++
		buf = binary.AppendUvarint(buf, uint64(e.Source))
		for _, s := range [...]string{e.Key, e.Canonical} {
			buf = binary.AppendUvarint(buf, uint64(len(s)))
			buf = append(buf, s...)
		}
		if len(buf) > 1<<15 {
			if _, err := sum.Write(buf); err != nil {
				return buf, err
			}
			buf = buf[:0]
		}
	}
	return buf, nil
}
