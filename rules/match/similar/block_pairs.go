package similar

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync/atomic"
)

// pair is two records, the one of lower rank first.
type pair struct{ a, b uint32 }

func (t *table) pair(x, y uint32) pair {
	if t.rank[x] > t.rank[y] {
		return pair{y, x}
	}
	return pair{x, y}
}

// number notes for every record which blocks it is in.
func (b *blocks) number(ctx context.Context) error {
	width := b.width()
	b.in = make([]uint32, b.t.n*width)
	further := make([][]membership, len(b.rules))
	err := parallel(ctx, len(b.rules), func(k int) {
		r := b.rules[k]
		for i := range len(r.starts) - 1 {
			no := uint32(i + 1)
			if r.goesOn != nil && r.goesOn[i] {
				no |= onwards
			}
			for _, rec := range r.recs[r.starts[i]:r.starts[i+1]] {
				if at := &b.in[int(rec)*width+k]; *at == 0 {
					*at = no
				} else {
					further[k] = append(further[k], membership{rec, uint32(k), no})
				}
			}
		}
	})
	if err != nil {
		return err
	}
	if b.several = slices.Concat(further...); len(b.several) == 0 {
		return nil
	}
	slices.SortFunc(b.several, func(x, y membership) int { return cmp.Or(cmp.Compare(x.rec, y.rec), cmp.Compare(x.rule, y.rule)) })
	for i := len(b.several) - 1; i >= 0; i-- {
		b.in[int(b.several[i].rec)*width+width-1] = uint32(i + 1)
	}
	return nil
}

// width is the length of a record's row in in.
func (b *blocks) width() int { return len(b.rules) + 1 }

// meet reports whether two blocks of one rule have pairs in common: they are
// one, or one goes on in the other.
func meet(x, y uint32) bool {
	if x == y {
		return x != 0
	}
	p, q := x&^onwards, y&^onwards
	return p+1 == q && x&onwards != 0 && x != 0 || q+1 == p && y&onwards != 0 && y != 0
}

// earlier reports whether a rule before k has a pair in a block.
func (b *blocks) earlier(k int, x, y []uint32) bool {
	y = y[:len(x)]
	for i, p := range x[:k] {
		if p&^onwards-y[i]&^onwards+1 <= 2 && meet(p, y[i]) {
			return true
		}
	}
	return false
}

// further are the blocks of a record besides those in its row, by rule.
func (b *blocks) further(row []uint32) []membership {
	at := row[len(row)-1]
	if at == 0 {
		return nil
	}
	list := b.several[at-1:]
	n := 1
	for n < len(list) && list[n].rec == list[0].rec {
		n++
	}
	return list[:n]
}

// taken reports whether a rule before k has a pair in a block, or rule k in a
// block before the given one, where one of the records with the rows x and y
// has further blocks.
func (b *blocks) taken(k int, block uint32, x, y []uint32, furtherX, furtherY []membership) bool {
	before := func(rule uint32, p, q uint32) bool {
		return meet(p, q) && (int(rule) < k || int(rule) == k && min(p&^onwards, q&^onwards) < block)
	}
	for _, m := range furtherX {
		if before(m.rule, m.block, y[m.rule]) {
			return true
		}
		for _, o := range furtherY {
			if o.rule == m.rule && before(m.rule, m.block, o.block) {
				return true
			}
		}
	}
	for _, m := range furtherY {
		if before(m.rule, m.block, x[m.rule]) {
			return true
		}
	}
	return before(uint32(k), x[k], y[k])
}

// unit is some pairs of a rule: those of the records from from to to with the
// ones that stand behind them.
type unit struct {
	rule, block int
	from, to    uint32
}

// units divides the pairs of all blocks into pieces of work that are about
// equal.
func (b *blocks) units() []unit {
	const size = 1 << 15
	var list []unit
	for k, r := range b.rules {
		u, pairs := unit{rule: k}, 0
		for i := range len(r.starts) - 1 {
			end := r.end(i)
			for at := r.starts[i]; at < r.starts[i+1]; at++ {
				if pairs += int(end - at - 1); pairs >= size {
					u.to = at + 1
					list = append(list, u)
					u, pairs = unit{k, i, at + 1, 0}, 0
				}
			}
		}
		if u.to = uint32(len(r.recs)); u.to > u.from {
			list = append(list, u)
		}
	}
	return list
}

// end is where the records end that those of block i are compared with.
func (r *ruleBlocks) end(i int) uint32 {
	if r.goesOn != nil && r.goesOn[i] {
		i++
	}
	return r.starts[i+1]
}

// each calls f with all candidate pairs, each once, some at a time and from
// several goroutines, in no order, and notes how many each rule added. The
// slice is reused. Done of total parts of the work are reported to progress.
func (b *blocks) each(ctx context.Context, f func([]pair), progress func(done, total int64)) error {
	units := b.units()
	added := make([]atomic.Int64, len(b.rules))
	var done atomic.Int64
	err := parallel(ctx, len(units), func(i int) {
		p := proposer{b: b, f: f}
		p.run(units[i])
		added[units[i].rule].Add(p.n)
		progress(done.Add(1), int64(len(units)))
	})
	for k := range b.rules {
		b.report[k].New = added[k].Load()
	}
	return err
}

// some is each with only a share of the pairs, of 1<<32: those of the rules'
// blocks and pairs that a hash of ranks picks, whatever the order of records.
func (b *blocks) some(ctx context.Context, share uint32, f func([]pair)) error {
	return parallel(ctx, len(b.rules), func(k int) {
		p := proposer{b: b, f: f, batch: make([]pair, 0, 1024)}
		for i := range len(b.rules[k].starts) - 1 {
			p.some(k, i, share)
		}
		p.flush()
	})
}

// proposer works off units.
type proposer struct {
	b     *blocks
	f     func([]pair)
	batch []pair
	n     int64
}

func (p *proposer) run(u unit) {
	r, block := p.b.rules[u.rule], u.block
	p.batch = make([]pair, 0, 1024)
	for at := u.from; at < u.to; at++ {
		for at >= r.starts[block+1] {
			block++
		}
		p.with(u.rule, block, r.recs[at], r.recs[at+1:r.end(block)])
	}
	p.flush()
}

// with proposes the pairs of one record with others.
func (p *proposer) with(k, block int, x uint32, others []uint32) {
	b := p.b
	width := b.width()
	row := b.in[int(x)*width:][:width]
	further := b.further(row)
	for _, y := range others {
		rowY := b.in[int(y)*width:][:width]
		if b.earlier(k, row, rowY) || !b.t.wanted(x, y) {
			continue
		}
		if f := b.further(rowY); len(further)+len(f) > 0 && b.taken(k, uint32(block+1), row, rowY, further, f) {
			continue
		}
		if p.batch = append(p.batch, b.t.pair(x, y)); len(p.batch) == cap(p.batch) {
			p.flush()
		}
	}
}

func (p *proposer) flush() {
	if len(p.batch) > 0 {
		p.n += int64(len(p.batch))
		p.f(p.batch)
	}
	p.batch = p.batch[:0]
}

// wholeBlock is how many records a block may have to be in a sample with all
// its pairs or with none, which saves a look at each pair.
const wholeBlock = 16

// some proposes the pairs of a block whose hashes are at most share.
func (p *proposer) some(k, block int, share uint32) {
	r, rank := p.b.rules[k], p.b.t.rank
	recs := r.recs[r.starts[block]:r.end(block)]
	whole := len(recs) <= wholeBlock
	if whole {
		lowest := uint32(math.MaxUint32)
		for _, rec := range recs {
			lowest = min(lowest, rank[rec])
		}
		if mix(lowest, uint32(k)) > share {
			return
		}
	}
	var others []uint32
	for i, x := range recs[:r.starts[block+1]-r.starts[block]] {
		if whole {
			p.with(k, block, x, recs[i+1:])
			continue
		}
		others = others[:0]
		for _, y := range recs[i+1:] {
			if o := p.b.t.pair(x, y); mix(rank[o.a], rank[o.b]) <= share {
				others = append(others, y)
			}
		}
		p.with(k, block, x, others)
	}
}
