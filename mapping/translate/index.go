package translate

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"unsafe"
)

// index maps texts to texts. It holds an entry in one cache line and no
// pointers per entry; what does not fit goes into an arena. Reading is safe for
// concurrent use.
type index struct {
	seed  maphash.Seed
	slots []slot
	used  int
	arena [][]byte
}

// slot is an entry: the key and, behind it, the value, or in a long one where
// both stand and how long they are.
type slot struct {
	tag      uint32 // of the key's hash
	flags    uint8
	status   Status
	key, val uint8 // lengths
	text     [inlineBytes]byte
}

const (
	inlineBytes = 56

	isUsed  = 1 << 0
	isLong  = 1 << 1
	wasElse = 1 << 2 // the link has a number that means another now
	isAlive = 1 << 3 // a link in force means this number

	arenaBytes = 1 << 20
)

// newIndex makes room for n entries.
func newIndex(n int) *index {
	return &index{seed: maphash.MakeSeed(), slots: make([]slot, n+n*3/7+8)}
}

func (x *index) hash(key []byte) uint64 { return maphash.Bytes(x.seed, key) }

// home is the slot at which an entry is looked for first.
func (x *index) home(hash uint64) int {
	at, _ := bits.Mul64(hash, uint64(len(x.slots)))
	return int(at)
}

// find answers the slot of a key, or nil.
func (x *index) find(key []byte, hash uint64) *slot {
	for i := x.home(hash); ; {
		s := &x.slots[i]
		if s.flags&isUsed == 0 {
			return nil
		}
		if s.tag == uint32(hash) && string(x.keyOf(s)) == string(key) {
			return s
		}
		if i++; i == len(x.slots) {
			i = 0
		}
	}
}

func (x *index) get(key string) *slot {
	b := unsafe.Slice(unsafe.StringData(key), len(key))
	return x.find(b, x.hash(b))
}

// put answers the slot of a key, which it makes if there is none. Slots that
// were answered before are no longer good.
func (x *index) put(key, value string) (s *slot, fresh bool) {
	if s := x.get(key); s != nil {
		return s, false
	}
	if x.used+x.used/8 >= len(x.slots)-1 {
		x.grow()
	}
	x.used++
	b := unsafe.Slice(unsafe.StringData(key), len(key))
	hash := x.hash(b)
	s = x.free(hash)
	s.tag, s.flags = uint32(hash), isUsed
	x.write(s, key, value)
	return s, true
}

// free is the slot for a new entry.
func (x *index) free(hash uint64) *slot {
	i := x.home(hash)
	for x.slots[i].flags&isUsed != 0 {
		if i++; i == len(x.slots) {
			i = 0
		}
	}
	return &x.slots[i]
}

// grow makes room where there were more entries than was said.
func (x *index) grow() {
	old := x.slots
	x.slots = make([]slot, 2*len(old))
	for i := range old {
		if old[i].flags&isUsed != 0 {
			*x.free(x.hash(x.keyOf(&old[i]))) = old[i]
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
