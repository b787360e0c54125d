package plan

import (
	"bytes"
	"cmp"
	"slices"
	"sync"
	"unsafe"

	"github.com/xwalk-id/xwalk/rules"
	"github.com/xwalk-id/xwalk/rules/match"
)

const (
	batchBits = 12
	batchRows = 1 << batchBits
	// batchBytes ends a batch of huge rows early, so that its columns never
	// outgrow what their ends can count.
	batchBytes = 64 << 20
)

// node numbers a record of the table: batch and row.
type node = uint32

// table holds what the plan needs of every record that was read, column by
// column in batches, so that ten million records are a few thousand blocks
// of memory without pointers inside.
type table struct {
	batches []*batch
}

// batch is up to batchRows records of one source. Variable-length columns
// are one block with the end of each row.
type batch struct {
	source int // in the ruleset
	n      int
	keys   ragged[byte]
	fields ragged[byte] // with traits; of recalled links as the crosswalk has them
	joins  ragged[match.Join]
	values ragged[match.Value]
	index  ragged[byte] // see appendIndexHash
	traits ragged[byte] // for probabilistic matching; empty where that is off
	gives  ragged[byte] // for canonical numbers; empty where they need nothing

	kind     []rules.Kind
	who      []uint64 // hashes of names; nil where the rules do not need them
	rowHash  []uint64
	line     []uint32
	modified []int64           // Unix microseconds, 0 unknown; nil where no row has one
	verbatim map[uint16]string // rows whose ID differs from its key
	ours     map[uint16]string // rows that carry a canonical ID
	into     map[uint16]string // rows that the source merged into another: its key
	deleted  []uint64          // a bit for each row that the source calls deleted; nil where none is
	also     []alsoID
	repairs  []repair // rows whose key is a repaired ID, in their order
	origin   []uint32 // of recalled links: their source in the crosswalk
}

// alsoID is a further number of a row.
type alsoID struct {
	row           uint16
	space         uint16
	key, verbatim string
}

// ragged is a column of slices.
type ragged[T any] struct {
	data []T
	ends []uint32
}

func (r *ragged[T]) add(v []T) {
	r.data = append(r.data, v...)
	r.ends = append(r.ends, uint32(len(r.data)))
}

// like makes room for about as much as another batch has.
func (r *ragged[T]) like(o *ragged[T]) {
	if len(o.data) > 0 {
		r.data = make([]T, 0, len(o.data)+len(o.data)/16)
	}
	if len(o.ends) > 0 {
		r.ends = make([]uint32, 0, batchRows)
	}
}

// at is row i; a column that was never filled is empty everywhere.
func (r *ragged[T]) at(i int) []T {
	if len(r.ends) == 0 {
		return nil
	}
	start := uint32(0)
	if i > 0 {
		start = r.ends[i-1]
	}
	return r.data[start:r.ends[i]]
}

// emptied is an empty column in the memory of r.
func (r *ragged[T]) emptied() ragged[T] { return ragged[T]{r.data[:0], r.ends[:0]} }

// fitted is a copy of r without room to grow, for cells of which there are
// any.
func (r *ragged[T]) fitted() ragged[T] {
	if len(r.data) == 0 {
		return ragged[T]{} // empty everywhere; see at
	}
	return ragged[T]{slices.Clone(r.data), slices.Clone(r.ends)}
}

func (t *table) at(n node) (*batch, int) { return t.batches[n>>batchBits], int(n & (batchRows - 1)) }

func (t *table) size() int { return len(t.batches) << batchBits }

func (t *table) key(n node) []byte {
	b, i := t.at(n)
	return b.keys.at(i)
}

func (t *table) verbatim(n node) string {
	b, i := t.at(n)
	if v, ok := b.verbatim[uint16(i)]; ok {
		return v
	}
	return string(b.keys.at(i))
}

// deleted reports whether the source calls a record deleted.
func (t *table) deleted(n node) bool {
	b, i := t.at(n)
	return b.deleted != nil && b.deleted[i/64]&(1<<(i%64)) != 0
}

// into is the key of the record that a record was merged into, empty where its
// source names none.
func (t *table) into(n node) string {
	b, i := t.at(n)
	return b.into[uint16(i)]
}

// also are the further numbers of a record.
func (t *table) also(n node) []alsoID {
	b, i := t.at(n)
	byRow := func(a alsoID, row uint16) int { return int(a.row) - int(row) }
	from, _ := slices.BinarySearchFunc(b.also, uint16(i), byRow)
	to, _ := slices.BinarySearchFunc(b.also, uint16(i)+1, byRow)
	return b.also[from:to]
}

func (t *table) joins(n node) []match.Join {
	b, i := t.at(n)
	return b.joins.at(i)
}

func (t *table) values(n node) []match.Value {
	b, i := t.at(n)
	return b.values.at(i)
}

// who is a hash of a record's name, 0 where it is not known.
func (t *table) who(n node) uint64 {
	b, i := t.at(n)
	if i >= len(b.who) {
		return 0
	}
	return b.who[i]
}

// gathering is an empty batch of a source in the memory of one whose records
// were gathered and taken over by gathered.
func (b *batch) gathering(source int) {
	*b = batch{
		source: source,
		keys:   b.keys.emptied(), fields: b.fields.emptied(), joins: b.joins.emptied(), values: b.values.emptied(),
		index: b.index.emptied(), traits: b.traits.emptied(), gives: b.gives.emptied(),
		kind: b.kind[:0], rowHash: b.rowHash[:0], line: b.line[:0],
	}
}

// gathered is a copy of b that takes no more memory than its records need.
func (b *batch) gathered() *batch {
	out := *b
	out.keys, out.fields, out.joins, out.values = b.keys.fitted(), b.fields.fitted(), b.joins.fitted(), b.values.fitted()
	out.index, out.traits, out.gives = b.index.fitted(), b.traits.fitted(), b.gives.fitted()
	out.kind, out.rowHash, out.line = slices.Clone(b.kind), slices.Clone(b.rowHash), slices.Clone(b.line)
	return &out
}

// addFacts appends a record to the batch.
func (b *batch) addFacts(f *rules.Facts, line int64) {
	row := uint16(b.n)
	b.n++
	b.keys.data = append(b.keys.data, f.Key...)
	b.keys.ends = append(b.keys.ends, uint32(len(b.keys.data)))
	if f.Verbatim != f.Key {
		if b.verbatim == nil {
			b.verbatim = map[uint16]string{}
		}
		b.verbatim[row] = clone(f.Verbatim)
	}
	if f.CanonicalID != "" {
		if b.ours == nil {
			b.ours = map[uint16]string{}
		}
		b.ours[row] = clone(f.CanonicalID)
	}
	if f.MergedInto != "" {
		if b.into == nil {
			b.into = map[uint16]string{}
		}
		b.into[row] = clone(f.MergedInto)
	}
	if f.Deleted {
		if b.deleted == nil {
			b.deleted = make([]uint64, batchRows/64)
		}
		b.deleted[row/64] |= 1 << (row % 64)
	}
	if f.Damage.Kind != "" {
		b.repairs = append(b.repairs, newRepair(row, f.Damage))
	}
	b.kind = append(b.kind, f.Kind)
	if f.Who != 0 && b.who == nil {
		b.who = make([]uint64, row, batchRows)
	}
	if b.who != nil {
		b.who = append(b.who, f.Who)
	}
	b.rowHash = append(b.rowHash, f.RowHash)
	b.line = append(b.line, uint32(line))
	if !f.Modified.IsZero() && b.modified == nil {
		b.modified = make([]int64, row, batchRows)
	}
	if b.modified != nil {
		var us int64
		if !f.Modified.IsZero() {
			us = f.Modified.UnixMicro()
		}
		b.modified = append(b.modified, us)
	}
	for _, a := range f.Also {
		b.also = append(b.also, alsoID{row, uint16(a.Space), clone(a.Key), clone(a.Verbatim)})
	}
	b.joins.add(f.Joins)
	b.values.add(f.Values)
	for _, x := range f.Index {
		b.index.data = appendIndexHash(b.index.data, x)
	}
	b.index.add(nil)
	b.fields.add(f.Fields)
	if len(f.Traits) > 0 || len(b.traits.ends) > 0 {
		for len(b.traits.ends) < int(row) { // the rows before it have none
			b.traits.add(nil)
		}
		b.traits.add(f.Traits)
	}
	if f.Gives != nil {
		b.gives.add(f.Gives)
	}
}

// view is b as a string without a copy; b never changes again.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// arena hands out pieces of larger blocks, which live as long as any piece.
type arena struct{ free []byte }

const arenaBlock = 1 << 16

// take is n bytes that nobody else has.
func (a *arena) take(n int) []byte {
	if n > len(a.free) {
		a.free = make([]byte, max(n, arenaBlock))
	}
	out := a.free[:n:n]
	a.free = a.free[n:]
	return out
}

// clone detaches a short string from the row it was cut from.
func clone(s string) string { return string([]byte(s)) }

// sortByKey sorts nodes by the bytes of their keys. Keys of one source tend
// to share a prefix, so the eight bytes after it decide most comparisons.
func (t *table) sortByKey(nodes []node) {
	if len(nodes) < 2 {
		return
	}
	sorted, skip := true, len(t.key(nodes[0]))
	first := t.key(nodes[0])
	prev := first
	for _, n := range nodes[1:] {
		k := t.key(n)
		sorted = sorted && bytes.Compare(prev, k) <= 0
		prev = k
		for skip > len(k) || !bytes.Equal(first[:skip], k[:skip]) {
			skip--
		}
	}
	if sorted {
		return
	}
	type entry struct {
		head uint64
		n    node
	}
	entries := make([]entry, len(nodes))
	for i, n := range nodes {
		var head uint64
		tail := t.key(n)[skip:]
		for j := range 8 {
			head <<= 8
			if j < len(tail) {
				head |= uint64(tail[j])
			}
		}
		entries[i] = entry{head, n}
	}
	order := func(a, b entry) int {
		if c := cmp.Compare(a.head, b.head); c != 0 {
			return c
		}
		if c := bytes.Compare(t.key(a.n)[skip:], t.key(b.n)[skip:]); c != 0 {
			return c
		}
		return cmp.Compare(a.n, b.n)
	}
	mid := len(entries) / 2
	var wg sync.WaitGroup
	wg.Go(func() { slices.SortFunc(entries[:mid], order) })
	slices.SortFunc(entries[mid:], order)
	wg.Wait()
	i, j := 0, mid
	for k := range nodes {
		if j == len(entries) || i < mid && order(entries[i], entries[j]) < 0 {
			nodes[k] = entries[i].n
			i++
		} else {
			nodes[k] = entries[j].n
			j++
		}
	}
}
