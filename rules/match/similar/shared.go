package similar

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// crowd is how many different people a value must have to be no evidence: 0
// for values that people share or that are not theirs alone. An address may
// be a block of flats; a number that an authority gives is one person's.
func crowd(s sense) int {
	switch s {
	case mailbox, phoneNumber:
		return 10
	case code:
		return 6
	case addressLine:
		return 40
	}
	return 0
}

// dropShared takes values out of the records that implausibly many different
// people have, and names them: by slot, then the most frequent first.
func (t *table) dropShared(ctx context.Context, k *keys) ([]Shared, error) {
	found := make([][]Shared, len(t.slots))
	err := parallel(ctx, len(t.slots), func(i int) {
		s := &t.slots[i]
		least := crowd(s.sense)
		if least == 0 {
			return
		}
		drop := map[uint32]bool{}
		for no, recs := range t.holders(i, least) {
			people := k.people(recs)
			if people < least {
				continue
			}
			drop[no] = true
			f := &s.forms[no]
			text := f.text
			if s.sense == addressLine {
				text = strings.TrimSpace(f.part + " " + f.text)
			}
			found[i] = append(found[i], Shared{Role: s.role, Text: text, Records: len(recs), People: people})
		}
		if len(drop) > 0 {
			t.drop(i, drop)
		}
		slices.SortFunc(found[i], func(a, b Shared) int {
			return cmp.Or(cmp.Compare(b.Records, a.Records), strings.Compare(a.Text, b.Text))
		})
	})
	if err != nil {
		return nil, err
	}
	for i, list := range found {
		if len(list) > 0 && t.slots[i].sense == addressLine {
			k.clear(t, i)
		}
	}
	return slices.Concat(found...), nil
}

// holders are the records of every form of a slot that at least so many have.
func (t *table) holders(slot, least int) map[uint32][]uint32 {
	s := &t.slots[slot]
	holders := map[uint32][]uint32{}
	for no := range s.forms {
		if int(s.forms[no].count) >= least {
			holders[uint32(no)] = nil
		}
	}
	if len(holders) == 0 {
		return nil
	}
	note := func(no, rec uint32) {
		if int(s.forms[no].count) >= least {
			holders[no] = append(holders[no], rec)
		}
	}
	for rec := range uint32(t.n) {
		no, _ := t.form(rec, slot)
		note(no, rec)
	}
	for _, m := range s.more {
		note(uint32(m), uint32(m>>32))
	}
	return holders
}

// people is how many different people records are of, at least. Spellings of
// one person's name differ in the given or in the family name and seldom in
// both; members of a family have one family name, and one person has one
// birth date. So it is the larger count of different given and of different
// family names, as they sound, if there are also as many birth dates.
func (k *keys) people(recs []uint32) int {
	distinct := func(a atom) (values, filled int) {
		seen := map[uint32]bool{}
		for _, r := range recs {
			if v := k.get(r, a); v != 0 {
				seen[v] = true
				filled++
			}
		}
		return len(seen), filled
	}
	g, _ := distinct(byGiven)
	f, _ := distinct(byFamily)
	n := max(g, f)
	if n == 0 {
		n, _ = distinct(byWord)
	}
	if days, filled := distinct(byDay); filled*2 > len(recs) {
		n = min(n, 2*days)
	}
	return n
}

// drop takes forms out of all records.
func (t *table) drop(slot int, gone map[uint32]bool) {
	s := &t.slots[slot]
	left := s.more[:0]
	for _, m := range s.more {
		if !gone[uint32(m)] {
			left = append(left, m)
		}
	}
	s.more = left
	for rec := range uint32(t.n) {
		at := int(rec)*len(t.slots) + slot
		no := t.rows[at]
		if no == 0 {
			continue
		}
		several := no&hasMore != 0
		if no &^= hasMore; gone[no] {
			no = 0
		}
		if several {
			no = t.leading(slot, rec, no)
		}
		t.rows[at], t.marks[at] = no, s.forms[no&^hasMore].mark
	}
}

// leading is the row of a record with the first form no, 0 for none, whose
// further forms may have become fewer: one of those takes the place of none.
func (t *table) leading(slot int, rec, no uint32) uint32 {
	more := t.moreForms(rec, slot)
	if no == 0 && len(more) > 0 {
		no = uint32(more[0])
		more = more[1:]
	}
	if len(more) > 0 {
		no |= hasMore
	}
	return no
}

// clear takes the atoms of a slot out of records that have no form in it.
func (k *keys) clear(t *table, slot int) {
	first, second, _ := atomsOf(t.slots[slot].sense, t.slots[slot].role)
	for rec := range k.of {
		if no, _ := t.form(uint32(rec), slot); no == 0 {
			k.of[rec][first], k.of[rec][second] = 0, 0
		}
	}
}
