package match

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
)

// entry is one join of one record.
type entry struct {
	hi   uint64
	rec  uint32
	line uint8
}

// blocks are the entries sorted by hash within buckets of equal leading bits.
type blocks struct {
	in      Input
	entries []entry
	starts  []int
}

const bucketBits = 10

// sortBlocks puts entries of equal hash side by side: it scatters them into
// buckets by their leading bits, which fit the cache, and sorts each bucket.
func sortBlocks(in Input) blocks {
	var counts [1<<bucketBits + 1]int
	n := uint32(len(in.Rank))
	for r := range n {
		for _, j := range in.Joins(r) {
			counts[j.Hash.Hi>>(64-bucketBits)+1]++
		}
	}
	for i := 1; i < len(counts); i++ {
		counts[i] += counts[i-1]
	}
	b := blocks{in: in, entries: make([]entry, counts[len(counts)-1]), starts: slices.Clone(counts[:])}
	next := counts
	for r := range n {
		for _, j := range in.Joins(r) {
			k := j.Hash.Hi >> (64 - bucketBits)
			b.entries[next[k]] = entry{j.Hash.Hi, r, j.Line}
			next[k]++
		}
	}
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for k := w; k < 1<<bucketBits; k += workers {
				slices.SortFunc(b.entries[b.starts[k]:b.starts[k+1]], func(x, y entry) int {
					if c := cmp.Compare(x.hi, y.hi); c != 0 {
						return c
					}
					return cmp32(in.Rank[x.rec], in.Rank[y.rec])
				})
			}
		})
	}
	wg.Wait()
	return b
}

// each calls f for every block of two records or more that share a full
// hash, with the hash, the line that speaks for it, and the records in rank
// order, each once. The slice is reused.
func (b blocks) each(f func(h Hash, line uint8, recs []uint32)) {
	var recs []uint32
	var done []Hash
	for i := 0; i < len(b.entries); {
		j := i + 1
		for j < len(b.entries) && b.entries[j].hi == b.entries[i].hi {
			j++
		}
		if j-i > 1 {
			run := b.entries[i:j]
			done = done[:0]
			for _, e := range run {
				h := b.full(e)
				if slices.Contains(done, h) {
					continue
				}
				done = append(done, h)
				var line uint8
				if recs, line = b.sharing(recs[:0], run, h); len(recs) > 1 {
					f(h, line, recs)
				}
			}
		}
		i = j
	}
}

// sharing appends the records of run whose full hash is h.
func (b blocks) sharing(recs []uint32, run []entry, h Hash) ([]uint32, uint8) {
	line := uint8(NoLine)
	for _, e := range run {
		if b.full(e) != h {
			continue
		}
		line = b.in.prefer(line, e.line)
		if len(recs) == 0 || recs[len(recs)-1] != e.rec {
			recs = append(recs, e.rec)
		}
	}
	return recs, line
}

func (b blocks) full(e entry) Hash {
	for _, j := range b.in.Joins(e.rec) {
		if j.Hash.Hi == e.hi && j.Line == e.line {
			return j.Hash
		}
	}
	return Hash{Hi: e.hi}
}

// prefer is the line that speaks for a hash that both claim: two lines of the
// same fields have the same hashes, and one that needs no confirmation is
// enough. Stored evidence claims no line itself.
func (in Input) prefer(a, b uint8) uint8 {
	switch {
	case a == NoLine:
		return b
	case b == NoLine:
		return a
	case (len(in.Lines[a].Confirm) == 0) != (len(in.Lines[b].Confirm) == 0):
		if len(in.Lines[a].Confirm) == 0 {
			return a
		}
		return b
	}
	return min(a, b)
}

func cmp32(a, b uint32) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
