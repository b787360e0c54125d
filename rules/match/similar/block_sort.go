package similar

import (
	"context"
	"slices"
	"strings"
)

// sorted is the records of one rule in an order that puts blocks side by side,
// whatever size blocks may have: by lead, then by each split. Records that
// share their lead with nobody are left out.
type sorted struct {
	rule rule
	recs []uint32
	// level says by how much a record differs from the one before: 0 in its
	// lead, 1 in the first split, …; one more than there are splits: in
	// nothing that counts.
	level []uint8
	// pairs are the pairs in blocks of at most limits[i] records.
	pairs [len(limits)]int64
	// large are the largest runs of one lead, the largest first.
	large []int
}

// limits are how large blocks may be.
var limits = [...]int{4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024, 2048}

// sorter sorts the records by one rule after another.
type sorter struct {
	t              *table
	k              *keys
	entries, spare []uint64 // lead or split << 32 | record
}

// sort applies a rule.
func (s *sorter) sort(ctx context.Context, r rule) *sorted {
	out := &sorted{rule: r}
	s.entries = s.entries[:0]
	s.leads(r)
	s.radix()
	e := slices.Compact(s.entries)
	shared := 0
	for i := 1; i < len(e); i++ {
		if e[i]>>32 == e[i-1]>>32 {
			shared += 2 // or less
		}
	}
	out.recs, out.level = make([]uint32, 0, min(shared, len(e))), make([]uint8, 0, min(shared, len(e)))
	for i := 0; i < len(e) && ctx.Err() == nil; {
		j := i + 1
		for j < len(e) && e[j]>>32 == e[i]>>32 {
			j++
		}
		if j-i > 1 {
			out.note(j - i)
			at := len(out.recs)
			s.refine(out, e[i:j], 0)
			out.level[at] = 0
		}
		i = j
	}
	return out
}

// note keeps the sizes of the largest runs.
func (s *sorted) note(size int) {
	const most = 3
	if len(s.large) == most && s.large[most-1] >= size {
		return
	}
	at, _ := slices.BinarySearchFunc(s.large, size, func(a, b int) int { return b - a })
	s.large = slices.Insert(s.large, at, size)
	s.large = s.large[:min(len(s.large), most)]
}

// leads fills entries with the leads of all records.
func (s *sorter) leads(r rule) {
	var own []uint32
	for rec := range uint32(s.t.n) {
		if !r.who.has(s.t.kind(rec)) {
			continue
		}
		if r.slot < 0 {
			if h := s.k.lead(rec, r.lead); h != 0 {
				s.add(rec, h)
			}
			continue
		}
		own = s.t.leadsOf(own[:0], rec, r)
		for _, h := range own {
			s.add(rec, h)
		}
	}
}

func (s *sorter) add(rec, lead uint32) {
	if s.t.kinds != nil {
		lead = mix(lead, uint32(s.t.kinds[rec]))
	}
	s.entries = append(s.entries, uint64(lead)<<32|uint64(rec))
}

// leadsOf appends the leads of a record by a rule whose slot leads.
func (t *table) leadsOf(own []uint32, rec uint32, r rule) []uint32 {
	s := &t.slots[r.slot]
	no, several := t.form(rec, r.slot)
	if no == 0 {
		return own
	}
	own = s.leadsOf(own, no, r.by)
	if several {
		for _, m := range t.moreForms(rec, r.slot) {
			own = s.leadsOf(own, uint32(m), r.by)
		}
	}
	return own
}

// shortPart is how many characters a part needs at least to lead a block: a
// local part such as "info" or "jo" is everybody's.
const shortPart = 5

// rareWords is how many words of a form lead blocks, the rarest.
const rareWords = 3

func (s *slot) leadsOf(own []uint32, no uint32, by part) []uint32 {
	f := &s.forms[no]
	switch by {
	case leadPart:
		if len(f.part) < shortPart {
			return own
		}
		return append(own, hash(f.part))
	case leadWords:
		words := s.wordsOf(f)
		if len(words) <= rareWords {
			for _, w := range words {
				own = append(own, hash(s.words[w].text))
			}
			return own
		}
		words = slices.Clone(words)
		slices.SortFunc(words, func(a, b uint32) int {
			if c := int(s.words[a].count) - int(s.words[b].count); c != 0 {
				return c
			}
			return strings.Compare(s.words[a].text, s.words[b].text)
		})
		for _, w := range words[:rareWords] {
			own = append(own, hash(s.words[w].text))
		}
		return own
	}
	return append(own, hash(f.text))
}

// refine appends a run of equal records to out, sorted by the splits from the
// given one on as far as blocks may have to be split, and counts its pairs.
func (s *sorter) refine(out *sorted, run []uint64, split int) {
	deepest := split == len(out.rule.splits)
	pairs := s.pairs(run)
	for i, limit := range limits {
		switch {
		case len(run) <= limit:
			out.pairs[i] += pairs
		case deepest:
			out.pairs[i] += min(pairs, int64(len(run))*int64(limit)*3/4)
		}
	}
	if deepest || len(run) <= limits[0] {
		for _, e := range run {
			out.recs = append(out.recs, uint32(e))
			out.level = append(out.level, uint8(len(out.rule.splits)+1))
		}
		return
	}
	for i, e := range run {
		run[i] = uint64(s.k.get(uint32(e), out.rule.splits[split]))<<32 | e&(1<<32-1)
	}
	slices.Sort(run)
	for i := 0; i < len(run); {
		j := i + 1
		for j < len(run) && run[j]>>32 == run[i]>>32 {
			j++
		}
		at := len(out.recs)
		s.refine(out, run[i:j], split+1)
		out.level[at] = uint8(split + 1)
		i = j
	}
}

// pairs is how many pairs of a run have an open record.
func (s *sorter) pairs(run []uint64) int64 {
	n := int64(len(run))
	if s.t.open == nil {
		return n * (n - 1) / 2
	}
	closed := int64(0)
	for _, e := range run {
		if !s.t.open[uint32(e)] {
			closed++
		}
	}
	return n*(n-1)/2 - closed*(closed-1)/2
}

// radix sorts the entries by their upper half, 11 bits at a time; it is stable,
// so that they are sorted by record within.
func (s *sorter) radix() {
	const bits = 11
	s.spare = slices.Grow(s.spare[:0], len(s.entries))[:len(s.entries)]
	for shift := 32; shift < 64; shift += bits {
		var count [1 << bits]int
		for _, e := range s.entries {
			count[e>>shift&(1<<bits-1)]++
		}
		sum := 0
		for i, c := range count {
			count[i], sum = sum, sum+c
		}
		for _, e := range s.entries {
			at := &count[e>>shift&(1<<bits-1)]
			s.spare[*at] = e
			*at++
		}
		s.entries, s.spare = s.spare, s.entries
	}
}
