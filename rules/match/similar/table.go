package similar

import (
	"context"
	"hash/maphash"
	"slices"
	"strings"
	"unicode"
)

// table is the records by column. Every distinct value of a role is stored
// once and has an ID; what is worked out about a value is worked out once.
// IDs depend on the order of the records, so nothing may depend on them.
type table struct {
	n     int
	kinds []Kind // by record; nil: all are 0
	cols  []column
	// slots are the fields as they are compared, rows their forms record by
	// record: of record r in slot s it is rows[r*len(slots)+s]; see form.
	slots []slot
	rows  []uint32
	marks []uint32 // of those forms, see mark
	rank  []uint32
	open  []bool // nil: all are open
	// placeholder is that of Input.
	placeholder func(role int, text string) bool
}

// column is the distinct values of one role. IDs start at 1; 0 is no value.
type column struct {
	role  string
	texts string
	ends  []uint64 // by ID: where its text ends; ends[0] is 0
	count []uint32 // by ID: records that have it
	ids   []uint32 // by record: its first value; see first
	more  []uint64 // further values of records with several: record<<32 | ID, sorted by record
}

// hasMore marks the value of a record that has further ones.
const hasMore = 1 << 31

// size is one more than the largest ID.
func (c *column) size() int { return len(c.ends) }

// text is a value as received.
func (c *column) text(id uint32) string { return c.texts[c.ends[id-1]:c.ends[id]] }

// first is the ID of a record's first value in column c, 0 where it has none.
// Several says that there are more, see rest.
func (t *table) first(rec uint32, c int) (id uint32, several bool) {
	id = t.cols[c].ids[rec]
	return id &^ hasMore, id&hasMore != 0
}

// rest is the further values of a record with several, each the ID in its
// lower 32 bits.
func (t *table) rest(rec uint32, c int) []uint64 {
	more := t.cols[c].more
	lo, _ := slices.BinarySearch(more, uint64(rec)<<32)
	hi := lo
	for hi < len(more) && uint32(more[hi]>>32) == rec {
		hi++
	}
	return more[lo:hi]
}

// kind is the kind of a record.
func (t *table) kind(rec uint32) Kind {
	if t.kinds == nil {
		return 0
	}
	return t.kinds[rec]
}

// wanted reports whether a pair may be proposed.
func (t *table) wanted(a, b uint32) bool {
	return (t.open == nil || t.open[a] || t.open[b]) && (t.kinds == nil || t.kinds[a] == t.kinds[b])
}

// newTable reads the traits of all records.
func newTable(ctx context.Context, in Input) (*table, error) {
	t := &table{n: len(in.Rank), rank: in.Rank, open: in.Open, placeholder: in.Placeholder, cols: make([]column, len(in.Roles))}
	err := parallel(ctx, len(t.cols), func(c int) {
		t.cols[c].role = in.Roles[c]
		t.cols[c].read(ctx, in, c)
	})
	if err != nil {
		return nil, err
	}
	t.readKinds(in)
	return t, nil
}

func (t *table) readKinds(in Input) {
	if in.Kind == nil {
		return
	}
	kinds := make([]Kind, t.n)
	for r := range kinds {
		kinds[r] = in.Kind(uint32(r))
	}
	if slices.ContainsFunc(kinds, func(k Kind) bool { return k != 0 }) {
		t.kinds = kinds
	}
}

// read fills the column from the traits of a role.
func (c *column) read(ctx context.Context, in Input, role int) {
	c.ids = make([]uint32, len(in.Rank))
	w := newInterner()
	c.count = make([]uint32, 1)
	var values [][]byte
	var own []uint32
	for r := range c.ids {
		if r%4096 == 0 && ctx.Err() != nil {
			return
		}
		values, own = values[:0], own[:0]
		for at, v := range EachTrait(in.Traits(uint32(r))) {
			if at == role && len(v) > 0 {
				values = append(values, v)
			}
		}
		if c.role == "address" && len(values) > 1 {
			values = joinParts(values)
		}
		for _, v := range values {
			id := w.intern(v)
			if int(id) == len(c.count) {
				c.count = append(c.count, 0)
			}
			if slices.Contains(own, id) {
				continue
			}
			c.count[id]++
			if own = append(own, id); len(own) == 1 {
				c.ids[r] = id
			} else {
				c.ids[r] |= hasMore
				c.more = append(c.more, uint64(r)<<32|uint64(id))
			}
		}
	}
	c.texts, c.ends = w.texts.String(), w.ends
}

// joinParts makes one value of an address that comes in parts: one column for
// the number, another for the street. Addresses that are complete by
// themselves, having a number and words each, stay several values.
func joinParts(values [][]byte) [][]byte {
	whole := func(v []byte) bool {
		var digit, letter bool
		for _, r := range string(v) {
			digit, letter = digit || unicode.IsDigit(r), letter || unicode.IsLetter(r)
		}
		return digit && letter
	}
	part := slices.IndexFunc(values, func(v []byte) bool { return !whole(v) })
	if part < 0 {
		return values
	}
	var all []byte
	for i, v := range values {
		if i > 0 {
			all = append(all, ' ')
		}
		all = append(all, v...)
	}
	return append(values[:0], all)
}

// interner numbers distinct texts from 1.
type interner struct {
	seed  maphash.Seed
	slots []uint64 // open addressing: upper half of the hash << 32 | ID; 0: free
	texts strings.Builder
	ends  []uint64
}

func newInterner() *interner {
	return &interner{seed: maphash.MakeSeed(), slots: make([]uint64, 1<<10), ends: make([]uint64, 1)}
}

// intern is the number of a text.
func (w *interner) intern(v []byte) uint32 {
	if 2*len(w.ends) > len(w.slots) {
		w.grow()
	}
	h := maphash.Bytes(w.seed, v)
	mask := uint64(len(w.slots) - 1)
	for i := h >> 32 & mask; ; i = (i + 1) & mask {
		s := w.slots[i]
		if s == 0 {
			w.texts.Write(v)
			id := uint64(len(w.ends))
			w.ends = append(w.ends, uint64(w.texts.Len()))
			w.slots[i] = h>>32<<32 | id
			return uint32(id)
		}
		id := s & (1<<32 - 1)
		if s>>32 == h>>32 && w.texts.String()[w.ends[id-1]:w.ends[id]] == string(v) {
			return uint32(id)
		}
	}
}

func (w *interner) grow() {
	old := w.slots
	w.slots = make([]uint64, 4*len(old))
	mask := uint64(len(w.slots) - 1)
	for _, s := range old {
		if s == 0 {
			continue
		}
		i := s >> 32 & mask
		for w.slots[i] != 0 {
			i = (i + 1) & mask
		}
		w.slots[i] = s
	}
}

// forget lets go of what only buildForms needs.
func (t *table) forget() {
	for c := range t.cols {
		t.cols[c] = column{role: t.cols[c].role}
	}
	for i := range t.slots {
		t.slots[i].cols = nil
	}
}
