package translate

import (
	"encoding/binary"
	"hash/maphash"
	"iter"
	"math/bits"
	"unsafe"
)

// index maps texts to texts. It finds an entry by a small array of tags, which
// mostly stays in the processor's caches, and reads one cache line more, where
// key and value stand; what does not fit goes into an arena. There are no
// pointers per entry. Reading is safe for concurrent use.
type index struct {
	seed  maphash.Seed
	tags  []uint16 // of the entries' hashes; 0: the slot is free
	slots []slot
	used  int
	arena [][]byte
}

// slot is an entry: the key and, behind it, the value, or in a long one where
// both stand and how long they are.
type slot struct {
	flags    uint8
	status   Status
	key, val uint8 // lengths
	text     [inlineBytes]byte
}

const (
	inlineBytes = 60

	isLong  = 1 << 0
	wasElse = 1 << 1 // the link has a number that means another now
	isAlive = 1 << 2 // a link in force means this number

	arenaBytes = 1 << 20
)

// newIndex makes room for n entries: 110 bytes for each.
func newIndex(n int) *index {
	n = n + n*2/3 + 8
	return &index{seed: maphash.MakeSeed(), tags: make([]uint16, n), slots: make([]slot, n)}
}

func (x *index) hash(key []byte) uint64 { return maphash.Bytes(x.seed, key) }

// home is the slot at which an entry is looked for first.
func (x *index) home(hash uint64) int {
	at, _ := bits.Mul64(hash, uint64(len(x.slots)))
	return int(at)
}

// tagOf is a part of the hash that says nothing of the home.
func tagOf(hash uint64) uint16 { return max(1, uint16(hash)) }

// candidate is the first slot from a place on whose tag is that of hash, or -1.
func (x *index) candidate(at int, tag uint16) int {
	for {
		switch x.tags[at] {
		case 0:
			return -1
		case tag:
			return at
		}
		if at++; at == len(x.tags) {
			at = 0
		}
	}
}

// find answers the slot of a key, or nil.
func (x *index) find(key []byte, hash uint64) *slot {
	return x.findFrom(x.home(hash), key, hash)
}

func (x *index) findFrom(at int, key []byte, hash uint64) *slot {
	for tag := tagOf(hash); ; {
		if at = x.candidate(at, tag); at < 0 {
			return nil
		}
		if s := &x.slots[at]; string(x.keyOf(s)) == string(key) {
			return s
		}
		if at++; at == len(x.tags) {
			at = 0
		}
	}
}

func (x *index) get(key string) *slot {
	b := bytesOf(key)
	return x.find(b, x.hash(b))
}

// bytesOf are the bytes of a text, which nobody may change.
func bytesOf(text string) []byte { return unsafe.Slice(unsafe.StringData(text), len(text)) }

// put answers the slot of a key, which it makes if there is none. Slots that
// were answered before are no longer good.
func (x *index) put(key, value string) (s *slot, fresh bool) {
	hash := x.hash(bytesOf(key))
	if s := x.find(bytesOf(key), hash); s != nil {
		return s, false
	}
	if x.used+x.used/8 >= len(x.slots)-1 {
		x.grow()
	}
	x.used++
	s = x.take(hash)
	x.write(s, key, value)
	return s, true
}

// take is the slot for a new entry.
func (x *index) take(hash uint64) *slot {
	at := x.home(hash)
	for x.tags[at] != 0 {
		if at++; at == len(x.tags) {
			at = 0
		}
	}
	x.tags[at] = tagOf(hash)
	return &x.slots[at]
}

// grow makes room where there are more entries than was said.
func (x *index) grow() {
	old := *x
	x.tags, x.slots = make([]uint16, 2*len(old.tags)), make([]slot, 2*len(old.slots))
	for s := range old.all() {
		*x.take(x.hash(old.keyOf(s))) = *s
	}
}

// all are the entries, in no order.
func (x *index) all() iter.Seq[*slot] {
	return func(yield func(*slot) bool) {
		for i, tag := range x.tags {
			if tag != 0 && !yield(&x.slots[i]) {
				return
			}
		}
	}
}

// write puts a key and its value into a slot.
func (x *index) write(s *slot, key, value string) {
	if len(key)+len(value) <= inlineBytes {
		s.flags &^= isLong
		s.key, s.val = uint8(len(key)), uint8(len(value))
		copy(s.text[copy(s.text[:], key):], value)
		return
	}
	last := len(x.arena) - 1
	if last < 0 || cap(x.arena[last])-len(x.arena[last]) < len(key)+len(value) {
		x.arena = append(x.arena, make([]byte, 0, max(arenaBytes, len(key)+len(value))))
		last++
	}
	from := len(x.arena[last])
	x.arena[last] = append(append(x.arena[last], key...), value...)
	s.flags |= isLong
	for i, n := range [...]int{last, from, len(key), len(value)} {
		binary.LittleEndian.PutUint32(s.text[4*i:], uint32(n))
	}
}

func (x *index) keyOf(s *slot) []byte {
	if s.flags&isLong == 0 {
		return s.text[:s.key]
	}
	text, key := x.long(s)
	return text[:key]
}

// valueOf is the value of a slot. It is part of the index, as long as nothing
// is written into the slot.
func (x *index) valueOf(s *slot) string {
	if s.flags&isLong == 0 {
		return unsafe.String(unsafe.SliceData(s.text[s.key:]), int(s.val))
	}
	text, key := x.long(s)
	return unsafe.String(unsafe.SliceData(text[key:]), len(text)-key)
}

func (x *index) long(s *slot) (text []byte, key int) {
	at := func(i int) int { return int(binary.LittleEndian.Uint32(s.text[4*i:])) }
	from, key := at(1), at(2)
	return x.arena[at(0)][from : from+key+at(3)], key
}
