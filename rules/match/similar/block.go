package similar

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// blocks are the candidate pairs: for each rule its blocks. A pair is proposed
// by the first rule that has it in a block.
type blocks struct {
	t     *table
	rules []*ruleBlocks
	// in is the block of every record by rule, row by row, by its number from
	// 1, with the bit onwards where it goes on; 0: none. After the last rule
	// stands where in several its further blocks begin, from 1; 0: nowhere.
	in []uint32
	// several are the blocks of records that are in more than one of a rule:
	// all but the one in in, by record and rule.
	several []membership
	report  []Blocking
}

// ruleBlocks is the blocks of one rule: block i is recs[starts[i]:starts[i+1]].
type ruleBlocks struct {
	rule   rule
	recs   []uint32
	starts []uint32
	// goesOn says that a block is a piece, of which all records are also
	// compared with all of the next block; nil where none is. A block that no
	// split could make small enough is cut into pieces in the order of rank.
	goesOn []bool
}

type membership struct {
	rec   uint32
	rule  uint32
	block uint32
}

const onwards = 1 << 31

// newBlocks chooses rules and block sizes so that no more than budget pairs
// are proposed, which it counts; 0 is the default budget.
func newBlocks(ctx context.Context, t *table, k *keys, budget int64) (*blocks, error) {
	if budget <= 0 {
		budget = max(leastBudget, perRecord*int64(t.n))
	}
	b := &blocks{t: t}
	if n := int64(t.n); n*(n-1)/2 <= budget {
		b.all()
		return b, b.number(ctx)
	}
	rules, err := t.sortAll(ctx, k, budget)
	if err != nil {
		return nil, err
	}
	rules = slices.DeleteFunc(rules, func(s *sorted) bool { return len(s.recs) == 0 })
	used, limit, err := choose(ctx, t, rules, budget)
	if err != nil {
		return nil, err
	}
	b.rules = make([]*ruleBlocks, used)
	b.report = make([]Blocking, len(rules))
	err = parallel(ctx, len(rules), func(i int) {
		b.report[i] = Blocking{Rule: rules[i].rule.name, Pairs: rules[i].pairs[limit], Used: i < used}
		if i < used {
			b.rules[i] = rules[i].cut(t, limits[limit], &b.report[i])
		}
		rules[i] = nil
	})
	if err != nil {
		return nil, err
	}
	return b, b.number(ctx)
}

// sortAll applies all rules, in parallel.
func (t *table) sortAll(ctx context.Context, k *keys, budget int64) ([]*sorted, error) {
	rules := t.rulesFor(budget)
	list := make([]*sorted, len(rules))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			s := &sorter{t: t, k: k}
			for i := next.Add(1) - 1; int(i) < len(rules) && ctx.Err() == nil; i = next.Add(1) - 1 {
				list[i] = s.sort(ctx, rules[i])
			}
		})
	}
	wg.Wait()
	return list, ctx.Err()
}

// all makes one block of everything.
func (b *blocks) all() {
	r := &ruleBlocks{rule: rule{name: "all pairs", slot: -1}, recs: make([]uint32, b.t.n), starts: []uint32{0, uint32(b.t.n)}}
	for i := range r.recs {
		r.recs[i] = uint32(i)
	}
	b.rules = []*ruleBlocks{r}
	n := int64(b.t.n)
	b.report = []Blocking{{Rule: r.rule.name, Pairs: n * (n - 1) / 2, Used: true}}
}

// cut makes blocks of at most limit records of what a rule sorted.
func (s *sorted) cut(t *table, limit int, report *Blocking) *ruleBlocks {
	c := &cutter{s: s, t: t, limit: limit, out: &ruleBlocks{rule: s.rule, recs: s.recs[:0]}}
	for i := 0; i < len(s.recs); {
		j := s.next(i, 0)
		c.cut(i, j, 0)
		i = j
	}
	c.out.starts = append(c.out.starts, uint32(len(c.out.recs)))
	c.out.recs = slices.Clip(c.out.recs)
	for _, size := range s.large {
		if size > limit {
			report.Capped = append(report.Capped, Block{Records: size, What: c.what()})
		}
	}
	return c.out
}

// next is where the run that begins at i ends: at the next record that differs
// at the level or above.
func (s *sorted) next(i, level int) int {
	i++
	for i < len(s.recs) && int(s.level[i]) > level {
		i++
	}
	return i
}

type cutter struct {
	s     *sorted
	t     *table
	limit int
	out   *ruleBlocks
}

func (c *cutter) what() string {
	if len(c.s.rule.splits) == 0 {
		return fmt.Sprintf("compared with %d neighbours", c.limit)
	}
	return fmt.Sprintf("split, compared in blocks of %d", c.limit)
}

// cut adds the records from i to j, which agree up to the level. It writes
// over what has been read.
func (c *cutter) cut(i, j, level int) {
	run := c.s.recs[i:j]
	switch {
	case len(run) < 2:
	case len(run) <= c.limit:
		open := c.t.open
		if open == nil || slices.ContainsFunc(run, func(r uint32) bool { return open[r] }) {
			c.add(run, false)
		}
	case level < len(c.s.rule.splits):
		for i < j {
			k := min(j, c.s.next(i, level+1))
			c.cut(i, k, level+1)
			i = k
		}
	default:
		slices.SortFunc(run, func(a, b uint32) int { return int(c.t.rank[a]) - int(c.t.rank[b]) })
		half := c.limit / 2
		for len(run) > half {
			c.add(run[:half], true)
			run = run[half:]
		}
		c.add(run, false)
	}
}

func (c *cutter) add(run []uint32, goesOn bool) {
	o := c.out
	if goesOn && o.goesOn == nil {
		o.goesOn = make([]bool, len(o.starts))
	}
	if o.goesOn != nil {
		o.goesOn = append(o.goesOn, goesOn)
	}
	o.starts = append(o.starts, uint32(len(o.recs)))
	o.recs = append(o.recs, run...)
}
