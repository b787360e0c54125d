package plan

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/xwalk-id/xwalk/mapping"
	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// numbering gives new customers their canonical IDs: first those that they had
// before that was undone, then kept ones, then those that are carried over
// from their records, then those that step aside where a number is in use.
type numbering struct {
	*builder
	res      match.Result
	root     func(node) node
	fixed    *numberSet        // numbers that were given back, kept and carried ones
	taken    map[string]bool   // numbers of the crosswalk that this run came upon
	counters map[string]uint64 // where the crosswalk's stand
	drawers  []*scheme.Drawer  // by source; nil where nothing is drawn
	failed   failures
	clashes  []Clash // of carried numbers
	steps    steps
}

// steps counts numbers that were not issued.
type steps struct {
	inUse      int // they belong to somebody
	unwritable int // their check character is no character of a canonical ID
}

// numberFounders issues canonical IDs in the defined order. Every number is
// tried against all that the crosswalk ever knew, so that an imported or kept
// one is stepped over.
func (b *builder) numberFounders(ctx context.Context, founders []node, res match.Result, root func(node) node) error {
	b.plan.Counters = map[string]uint64{}
	if len(founders) == 0 {
		return b.passCounters(ctx)
	}
	for _, n := range founders {
		b.kind[n] = mapping.KindCreate
	}
	num := &numbering{builder: b, res: res, root: root, fixed: newNumberSet(&b.ids), taken: map[string]bool{}}
	rest, err := num.giveBack(ctx, founders)
	if err != nil {
		return err
	}
	if rest, err = num.keepPromises(ctx, rest); err != nil {
		return err
	}
	if rest, err = num.keep(ctx, rest); err != nil {
		return err
	}
	if rest, err = num.settle(ctx, rest); err != nil {
		return err
	}
	if err := num.issue(ctx, rest); err != nil {
		return err
	}
	num.failed.close(num)
	num.remark()
	return num.passCounters(ctx)
}

// issue numbers the founders whose schemes can step aside. When the crosswalk
// turns out to know some of the numbers, all are issued again without those,
// so that the numbers depend on nothing but the order.
func (num *numbering) issue(ctx context.Context, founders []node) error {
	if len(founders) == 0 {
		return nil
	}
	if num.snap != nil {
		var err error
		if num.counters, err = num.snap.Counters(ctx); err != nil {
			return err
		}
	}
	num.counters = num.promised.passed(num.counters)
	if err := num.openDrawers(founders); err != nil {
		return err
	}
	mark := num.ids.len()
	for {
		r := newRound(num)
		if err := r.number(founders); err != nil {
			return err
		}
		hits, err := num.known(ctx, mark)
		if err != nil {
			return err
		}
		for _, id := range hits {
			num.taken[id] = true
		}
		if len(hits) == 0 {
			num.steps = r.steps
			r.close()
			return nil
		}
		num.ids.truncate(mark)
	}
}

func (num *numbering) openDrawers(founders []node) error {
	num.drawers = make([]*scheme.Drawer, len(num.sources))
	for _, n := range founders {
		i := num.sourceOf(n)
		switch num.rules.Canonical(i).Issue() {
		case scheme.Random, scheme.Hashed:
			if num.drawers[i] == nil {
				var err error
				if num.drawers[i], err = num.rules.Drawer(i, num.opts.Random); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// round is one attempt to number the founders.
type round struct {
	*numbering
	tallies map[string]*tally
	given   *numberSet // the numbers of this round; nil where they cannot be equal
	prefix  []byte
	buf     []byte
	steps   steps
}

// tally is how many numbers there are under a prefix: for a counter, the last
// one.
type tally struct {
	last, began uint64
	schemes     []*scheme.Canonical // that use it
}

func newRound(num *numbering) *round {
	r := &round{numbering: num, tallies: map[string]*tally{}}
	if !num.rules.OneCounter() {
		r.given = newNumberSet(&num.ids)
	}
	return r
}

func (r *round) number(founders []node) error {
	for _, n := range founders {
		batch, row := r.table.at(n)
		c, gives := r.rules.Canonical(batch.source), batch.gives.at(row)
		var err error
		if c.Issue() == scheme.Counted {
			err = r.count(c, gives)
		} else {
			err = r.draw(n, c, gives)
		}
		if errors.Is(err, scheme.ErrExhausted) {
			return r.exhausted(founders, c, gives)
		}
		if err != nil {
			return err
		}
		r.builder.number[n] = r.ids.add(r.buf)
		if r.given != nil {
			r.given.add(r.builder.number[n], n)
		}
	}
	return nil
}

// tally is that of a prefix, which begins where the crosswalk's stands, or at
// least where it is told to.
func (r *round) tally(c *scheme.Canonical, name []byte, least uint64) *tally {
	t := r.tallies[string(name)]
	if t == nil {
		last := max(least, r.counters[string(name)])
		t = &tally{last: last, began: last}
		r.tallies[string(name)] = t
	}
	for _, s := range t.schemes {
		if s == c {
			return t
		}
	}
	t.schemes = append(t.schemes, c)
	return t
}

// count leaves the next number of its prefix in r.buf.
func (r *round) count(c *scheme.Canonical, gives []byte) error {
	r.prefix = c.AppendPrefix(r.prefix[:0], gives)
	t := r.tally(c, r.prefix, r.rules.Start()-1)
	for {
		t.last = r.rules.SkipReserved(t.last + 1)
		var err error
		r.buf, err = c.Append(r.buf[:0], gives, t.last)
		switch {
		case errors.Is(err, scheme.ErrSkip):
			r.steps.unwritable++
		case err != nil:
			return err
		case !r.used():
			return nil
		default:
			r.steps.inUse++
		}
	}
}

// maxDraws is after how many draws in a row that hit numbers in use a scheme
// counts as exhausted. With 80% of the numbers in use that is one in five
// thousand million; with 90%, one in forty thousand.
const maxDraws = 100

// draw leaves a drawn number in r.buf.
func (r *round) draw(n node, c *scheme.Canonical, gives []byte) error {
	r.prefix = c.AppendTally(r.prefix[:0], gives)
	t := r.tally(c, r.prefix, 0)
	source := r.sourceOf(n)
	used := 0
	for attempt := uint64(0); used < maxDraws; attempt++ {
		var err error
		r.buf, err = r.drawers[source].Append(r.buf[:0], gives, r.inputs[source].Name, r.table.key(n), attempt)
		switch {
		case errors.Is(err, scheme.ErrSkip):
			r.steps.unwritable++
		case err != nil:
			return err
		case !r.used():
			t.last++
			return nil
		default:
			used++
			r.steps.inUse++
		}
	}
	return scheme.ErrExhausted
}

// used reports whether the number in r.buf belongs to somebody.
func (r *round) used() bool {
	if r.given != nil {
		if _, found := r.given.find(r.buf); found {
			return true
		}
	}
	if _, found := r.fixed.find(r.buf); found || r.barred(r.buf) {
		return true
	}
	return len(r.taken) > 0 && r.taken[string(r.buf)]
}

// close hands over where the counters stand, and warns.
func (r *round) close() {
	for name, t := range r.tallies {
		r.plan.Counters[name] = t.last
	}
	r.alarm()
	r.advise()
}

// manyUnchecked is how many new customers make it worth saying that a slip in
// their numbers would go unnoticed.
const manyUnchecked = 1000

// advise recommends check characters with the first numbers of all, while a
// scheme can still be chosen freely.
func (r *round) advise() {
	given := map[string]uint64{}
	for _, t := range r.tallies {
		for _, c := range t.schemes {
			if c.Unchecked() {
				given[c.String()] += t.last - t.began
			}
		}
	}
	for _, text := range slices.Sorted(maps.Keys(given)) {
		if len(r.counters) == 0 && given[text] >= manyUnchecked {
			r.note("the numbers of %s have no check character, so a slip makes another customer's number of one and nobody notices: {check:mod97-10} finds every slip of the common kinds", text)
		}
	}
}

// remark tells of the numbers that were passed over, once for all of them.
func (num *numbering) remark() {
	s := num.steps
	all := s.inUse + s.unwritable
	if all == 0 {
		return
	}
	text := fmt.Sprintf("%d numbers were stepped over or drawn again: ", all)
	if all == 1 {
		text = "1 number was stepped over or drawn again: "
	}
	switch {
	case s.unwritable == 0:
		text += "in use already"
	case s.inUse == 0:
		text += "their check character is none that a canonical ID may have"
	default:
		text += fmt.Sprintf("%d in use already, %d with a check character that no canonical ID may have", s.inUse, s.unwritable)
	}
	num.note("%s", text)
}
