package profile

import (
	"cmp"
	"slices"

	"github.com/xwalk-id/xwalk/rules/damage"
	"github.com/xwalk-id/xwalk/rules/scheme"
)

// damages sorts out what happened to numbers, kind by kind.
type damages struct {
	kinds     map[string]*Damage
	a         *analysis
	explained map[uint64]bool // by hash of the ID as received
}

// add notes rows of one ID as received.
func (d *damages) add(s slot, level uint, f damage.Finding, read bool) {
	if d.kinds == nil {
		d.kinds = map[string]*Damage{}
	}
	k := d.kinds[f.Kind]
	if k == nil {
		k = &Damage{Kind: f.Kind}
		d.kinds[f.Kind] = k
	}
	d.explained[s.hash] = true
	n := s.n << level
	k.Rows += n
	if f.Certain {
		k.Certain += n
	}
	if read {
		k.Read += n
	}
	if len(k.Examples) < maxExamples {
		k.Examples = append(k.Examples, Damaged{
			Item: Item{s.text, s.n, d.a.places.place(s.first)}, Proposals: f.Proposals, Certain: f.Certain, Why: f.Why,
		})
	}
}

// damage looks for what happened to numbers that nothing reads, and to those
// that are read and have its traces. What is certain is decided by all of
// them together. It returns which of the exceptions it explains.
func (a *analysis) damage(n *Numbering, r *result) (explained map[uint64]bool) {
	explained = map[uint64]bool{}
	if len(a.cols) > 1 {
		return explained // parts of an ID have no schemes of their own
	}
	set := a.foundSet
	if len(a.set.Schemes()) > 0 {
		set = a.set
	}
	e := damage.Keyed(set, a.keyer)
	d := &damages{a: a, explained: explained}
	evidence := e.Evidence()
	waiting := a.examine(e, evidence, d, r)
	if len(waiting) > 0 || e.Watches() {
		a.eachFitting(set, func(text, _ string, _ int64) { evidence.Intact(text) })
	}
	verdict := evidence.Decide()
	for _, w := range waiting {
		if ok, why := verdict.Accepts(w.finding); ok {
			w.finding.Certain = true
		} else if why != "" {
			w.finding.Why += ", " + why
		}
		d.add(w.slot, r.exceptions.level, w.finding, false)
	}
	if e.Watches() {
		a.condemn(set, verdict, d)
	}
	for _, k := range d.kinds {
		n.Damage = append(n.Damage, *k)
	}
	slices.SortFunc(n.Damage, func(x, y Damage) int {
		return cmp.Or(cmp.Compare(y.Rows, x.Rows), cmp.Compare(x.Kind, y.Kind))
	})
	return explained
}

// undecided is an ID whose repair waits for the evidence of the source.
type undecided struct {
	slot    slot
	finding damage.Finding
}

// examine looks at the exceptions, and at what the key rule puts right.
func (a *analysis) examine(e *damage.Examiner, evidence *damage.Evidence, d *damages, r *result) (waiting []undecided) {
	proposed := map[string]bool{}
	for _, s := range r.exceptions.top(r.exceptions.limit) {
		f, found := e.Examine(s.text)
		if !found || !f.Waits() {
			for range s.n {
				evidence.Reject(f, found)
			}
			if found {
				d.add(s, r.exceptions.level, f, false)
			}
			continue
		}
		repaired := f.Proposals[0]
		clash := proposed[repaired] || a.has(repaired)
		proposed[repaired] = true
		for range s.n {
			evidence.Wait(f, clash, false)
		}
		waiting = append(waiting, undecided{s, f})
	}
	for _, s := range r.folded.top(r.folded.limit) {
		if f, found := e.Examine(s.text); found {
			d.add(s, r.folded.level, f, true)
		}
	}
	return waiting
}

// has reports whether some row has the key.
func (a *analysis) has(key string) bool {
	_, found := slices.BinarySearch(a.hashes, sum64(key))
	return found
}

// eachFitting walks over the IDs that the set reads.
func (a *analysis) eachFitting(set *scheme.Set, f func(text, key string, line int64)) {
	for _, b := range a.ids.blocks {
		for text, line := range b.all() {
			key, err := a.key(text)
			if err != nil {
				continue
			}
			if _, at := set.Key(key); at >= 0 {
				f(text, key, line)
			}
		}
	}
}

// condemn finds IDs that fit and are damaged all the same.
func (a *analysis) condemn(set *scheme.Set, verdict *damage.Verdict, d *damages) {
	bad := newTally(exceptionLimit)
	a.eachFitting(set, func(text, key string, line int64) {
		if _, found := verdict.Condemns(key); found {
			bad.add(sum64(text), text, 1, line)
		}
	})
	for _, s := range bad.top(bad.limit) {
		key, err := a.key(s.text)
		if err != nil {
			continue
		}
		if f, found := verdict.Condemns(key); found {
			d.add(s, bad.level, f, false)
		}
	}
}
