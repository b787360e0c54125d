package similar

import (
	"context"
	"slices"
)

// atom is a part of a blocking key: something of a record that two records of
// one customer often have in common, as a hash of it. Most are coarser than
// the value, so that a slip inside it leaves the atom as it was.
type atom uint8

const (
	byGiven    atom = iota // sound of the given name
	byFamily               // sound of the family name
	byNames                // both, whichever way round
	byNick                 // nickname group of the given name
	byDay                  // of birth
	byPostal               // postal code
	byArea                 // leading part of it
	byCity                 // sound of it
	byStreet               // sound of the first word of an address
	byHouse                // number of an address
	byCore                 // company without its legal form
	byWord                 // sound of a company's first word
	atoms                  // how many are stored; the others follow from them
	byYear                 // of birth
	byMonthDay             // of birth, whichever way round
)

// keys are the atoms of all records; 0 stands for none.
type keys struct {
	of [][atoms]uint32
}

// newKeys works out the atoms, once for each distinct form.
func newKeys(ctx context.Context, t *table) (*keys, error) {
	parts := make([][][2]uint32, len(t.slots)) // slot, form: what it gives
	err := parallel(ctx, len(t.slots), func(i int) { parts[i] = t.slots[i].keyParts() })
	if err != nil {
		return nil, err
	}
	k := &keys{of: make([][atoms]uint32, t.n)}
	return k, spans(ctx, t.n, func(from, to int) {
		for i := range t.slots {
			first, second, ok := atomsOf(t.slots[i].sense, t.slots[i].role)
			if !ok {
				continue
			}
			for r := from; r < to; r++ {
				no, _ := t.form(uint32(r), i)
				p := parts[i][no]
				k.of[r][first] = p[0]
				if second != first {
					k.of[r][second] = p[1]
				}
			}
		}
		for r := from; r < to; r++ {
			a := &k.of[r]
			if g, f := a[byGiven], a[byFamily]; g != 0 && f != 0 {
				a[byNames] = mix(min(g, f), max(g, f))
			}
		}
	})
}

// atomsOf says which atoms the two key parts of a slot are.
func atomsOf(s sense, role string) (first, second atom, ok bool) {
	switch s {
	case givenName:
		return byGiven, byNick, true
	case familyName:
		return byFamily, byFamily, true
	case birthDate:
		return byDay, byDay, true
	case postalCode:
		return byPostal, byArea, true
	case addressLine:
		return byStreet, byHouse, true
	case companyName:
		return byCore, byWord, true
	case place:
		return byCity, byCity, role == "city"
	}
	return 0, 0, false
}

// keyParts is the key parts of every form of the slot.
func (s *slot) keyParts() [][2]uint32 {
	if _, _, ok := atomsOf(s.sense, s.role); !ok {
		return nil
	}
	sounds := make([]uint32, len(s.words))
	for i := range s.words {
		sounds[i] = s.words[i].sound()
	}
	parts := make([][2]uint32, len(s.forms))
	for no := 1; no < len(s.forms); no++ {
		parts[no] = s.partsOf(&s.forms[no], sounds)
	}
	return parts
}

func (s *slot) partsOf(f *form, sounds []uint32) [2]uint32 {
	words := s.wordsOf(f)
	switch s.sense {
	case givenName:
		if len(words) == 0 || s.words[words[0]].initial {
			return [2]uint32{}
		}
		p := [2]uint32{sounds[words[0]], 0}
		if n := s.words[words[0]].nick; len(n) > 0 {
			p[1] = uint32(n[0]) + 1
		}
		return p
	case familyName:
		return [2]uint32{s.longest(words, sounds)}
	case birthDate:
		if f.day == 0 {
			return [2]uint32{hash(f.text) | unread}
		}
		return [2]uint32{f.day}
	case addressLine:
		p := [2]uint32{0, hash(f.part)}
		for _, w := range words {
			if len(s.words[w].text) > 2 {
				p[0] = sounds[w]
				break
			}
		}
		return p
	case companyName:
		p := [2]uint32{hash(f.text), 0}
		if len(words) > 0 {
			p[1] = sounds[words[0]]
		}
		return p
	case place:
		return [2]uint32{s.longest(words, sounds)}
	}
	return [2]uint32{hash(f.text), hash(f.part)}
}

// unread marks a birth date that is no calendar date.
const unread = 1 << 31

// longest is the sound of the longest word, of the first where several are.
func (s *slot) longest(words, sounds []uint32) uint32 {
	if len(words) == 0 {
		return 0
	}
	return sounds[slices.MaxFunc(words, func(a, b uint32) int { return len(s.words[a].text) - len(s.words[b].text) })]
}

// get is an atom of a record.
func (k *keys) get(rec uint32, a atom) uint32 {
	switch a {
	case byYear, byMonthDay:
		d := k.of[rec][byDay]
		if d == 0 || d&unread != 0 {
			return 0
		}
		if a == byYear {
			return d >> 14
		}
		m, n := d>>7&127, d&127
		return min(m, n)<<7 | max(m, n)
	}
	return k.of[rec][a]
}

// lead is the hash of several atoms, 0 where one of them is missing.
func (k *keys) lead(rec uint32, list []atom) uint32 {
	h := uint32(len(list))
	for _, a := range list {
		v := k.get(rec, a)
		if v == 0 {
			return 0
		}
		h = mix(h, v)
	}
	return max(h, 1)
}

// mix is a hash of two hashes, in this order.
func mix(a, b uint32) uint32 {
	h := (uint64(a)<<32 | uint64(b)) * 0x9e3779b97f4a7c15
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	return uint32(h >> 32)
}

// hash is a hash of a text that is the same everywhere, 0 for an empty one.
func hash(s string) uint32 {
	if s == "" {
		return 0
	}
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return max(mix(uint32(h>>32), uint32(h)), 1)
}
