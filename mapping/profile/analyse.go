package profile

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/xwalk-id/xwalk/rules/scheme"
	"github.com/xwalk-id/xwalk/rules/scheme/infer"
)

// exceptionLimit is how many different exceptions are looked at closely.
const exceptionLimit = 1 << 16

// analysis is the second look at the numbers of a column, when all are known.
type analysis struct {
	*collector
	places    placer
	ruined    *AllDamaged
	found     []infer.Candidate
	foundSet  *scheme.Set
	own       bool  // components are told of by the configured schemes, else by those found
	counters  []int // by scheme that components are told of: the token that counts, or -1
	repeats   *repeats
	loose     []uint64 // hashes of keys as people copy them, one of each key
	duplicate groups
	scratch   []uint64 // for sorting
}

// numbering works out what there is to say about the numbers.
func (c *collector) numbering(ctx context.Context, places placer, codes scheme.Codes) (*Numbering, error) {
	a := &analysis{collector: c, places: places}
	n := &Numbering{Name: c.id.Name, Columns: c.id.Rule.Columns, IDs: int64(len(c.hashes))}
	n.Blank = Places{c.blanks, places.places(c.blank)}
	for _, f := range c.faults {
		n.Unusable = append(n.Unusable, Reason{"the ID " + f.reason, f.rows, places.places(f.lines)})
	}
	sortReasons(n.Unusable)
	a.scratch = sortNumbers(c.hashes, nil)
	a.repeats = newRepeats(c.hashes)
	n.Distinct = n.IDs
	for i := range a.repeats.keys {
		n.Distinct -= a.repeats.keys[i].n - 1
		n.Duplicates.Rows += a.repeats.keys[i].n
	}
	n.Duplicates.Keys = int64(len(a.repeats.keys))
	if err := a.propose(codes); err != nil {
		return nil, err
	}
	if err := a.compare(ctx); err != nil {
		return nil, err
	}
	for _, g := range a.duplicate.sorted() {
		n.Duplicates.Examples = append(n.Duplicates.Examples, Duplicate{g.ids[0], g.rows, places.places(g.lines)})
	}
	a.scratch = sortNumbers(a.loose, a.scratch)
	similar := newRepeats(a.loose)
	a.loose = nil
	acc, err := a.read(ctx, similar)
	if err != nil {
		return nil, err
	}
	a.report(n, acc)
	a.conceal(n)
	return n, nil
}

// propose has schemes proposed from the sample and finds what counts in them.
func (a *analysis) propose(codes scheme.Codes) error {
	sample := a.sample.texts()
	if a.ruined = a.allDamaged(sample, codes); a.ruined == nil {
		a.found = infer.Schemes(sample, infer.Options{Codes: codes})
	}
	schemes := make([]*scheme.Scheme, len(a.found))
	for i, f := range a.found {
		var err error
		if schemes[i], err = scheme.Compile(f.Scheme, codes); err != nil {
			return err
		}
	}
	a.foundSet = scheme.NewSet(schemes...)
	a.own = a.tellsAsMuch(a.set, a.foundSet, sample)
	described := a.foundSet
	if a.own {
		described = a.set
	}
	for _, s := range described.Schemes() {
		a.counters = append(a.counters, counterOf(s, sample))
	}
	return nil
}

// tellsAsMuch reports whether the schemes of one set read as many numbers of
// the sample as those of another, and say as much about them.
func (a *analysis) tellsAsMuch(set, other *scheme.Set, sample []string) bool {
	return len(set.Schemes()) > 0 && covers(set, sample) >= covers(other, sample) && richness(set) >= richness(other)
}

func covers(set *scheme.Set, sample []string) (n int) {
	if len(set.Schemes()) == 0 {
		return 0
	}
	for _, key := range sample {
		if _, at := set.Key(key); at >= 0 {
			n++
		}
	}
	return n
}

// richness is how many components that mean something the schemes have at
// most.
func richness(set *scheme.Set) (most int) {
	for _, s := range set.Schemes() {
		n := 0
		for _, t := range tokensOf(s.String()) {
			switch t.role() {
			case category, dated, inside:
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// counterOf is the token of a scheme that has the most different values, the
// last of equals, among those that can count; -1 where none can.
func counterOf(s *scheme.Scheme, sample []string) int {
	tokens := tokensOf(s.String())
	seen := make([]map[string]bool, len(tokens))
	numbers := 0
	for i, t := range tokens {
		if t.role() == number {
			seen[i] = map[string]bool{}
			numbers++
		}
	}
	if numbers > 1 {
		for _, key := range sample {
			p, err := s.Parse(key)
			if err != nil {
				continue
			}
			for _, part := range p.Parts {
				i := slices.IndexFunc(tokens, func(t token) bool { return t.name == part.Name })
				if i >= 0 && seen[i] != nil {
					seen[i][part.Text] = true
				}
			}
		}
	}
	best := -1
	for i := range tokens {
		if seen[i] != nil && (best < 0 || len(seen[i]) >= len(seen[best])) {
			best = i
		}
	}
	return best
}

// each hands the blocks of IDs to as many workers as there are cores. The
// function gets the number of its worker.
func (a *analysis) each(ctx context.Context, f func(worker int, b *block)) error {
	var wg sync.WaitGroup
	var next atomic.Int64
	for w := range workers() {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(a.ids.blocks) {
					return
				}
				f(w, a.ids.blocks[i])
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

func workers() int { return max(1, runtime.GOMAXPROCS(0)) }

// compare finds the examples of duplicates, what is written in several ways,
// and how each key looks without what people change when they copy it.
func (a *analysis) compare(ctx context.Context) error {
	worst := a.repeats.worst()
	a.loose = make([]uint64, 0, len(a.hashes))
	bufs := make([][]byte, workers())
	var mu sync.Mutex
	var first []atomic.Bool
	if len(a.repeats.keys) > 0 {
		first = make([]atomic.Bool, len(a.repeats.keys))
	}
	err := a.each(ctx, func(w int, b *block) {
		buf := bufs[w]
		loose := make([]uint64, 0, b.n)
		for text, line := range b.all() {
			key, err := a.key(text)
			if err != nil {
				continue
			}
			if len(first) > 0 {
				h := sum64(key)
				if i := a.repeats.index(h); i >= 0 {
					if worst[h] {
						a.duplicate.add(h, key, line)
					}
					a.repeats.keys[i].spelling(sum64(text))
					if first[i].Swap(true) {
						continue
					}
				}
			}
			buf = appendLoose(buf[:0], key)
			loose = append(loose, sum64(buf))
		}
		bufs[w] = buf
		mu.Lock()
		defer mu.Unlock()
		a.loose = append(a.loose, loose...)
	})
	return err
}
