package plan

import "hash/maphash"

// numberSet is the canonical IDs that records of this run have, found by
// their text. It keeps a hash of each and refers to the pool for the text.
type numberSet struct {
	ids  *idPool
	seed maphash.Seed
	at   map[uint64]holder
}

// holder is a number and the record that has it.
type holder struct {
	id idRef
	by node
}

func newNumberSet(ids *idPool) *numberSet {
	return &numberSet{ids: ids, seed: maphash.MakeSeed(), at: map[uint64]holder{}}
}

// find is the record that has the number.
func (s *numberSet) find(id []byte) (by node, found bool) {
	if len(s.at) == 0 {
		return 0, false
	}
	h, found := s.slot(id)
	return s.at[h].by, found
}

// slot is where the number stands, or would: numbers of one hash stand in
// slots that follow one another.
func (s *numberSet) slot(id []byte) (h uint64, found bool) {
	for h = maphash.Bytes(s.seed, id); ; h++ {
		e, taken := s.at[h]
		if !taken {
			return h, false
		}
		if string(s.ids.bytes(e.id)) == string(id) {
			return h, true
		}
	}
}

// add puts a number in that is not there yet.
func (s *numberSet) add(ref idRef, by node) {
	h, _ := s.slot(s.ids.bytes(ref))
	s.at[h] = holder{ref, by}
}
