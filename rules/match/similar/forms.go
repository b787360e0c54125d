package similar

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/match/compare"
	"github.com/xwalk-id/xwalk/rules/normalize"
)

// slot is one field of a record as it is compared. Several columns may feed
// one slot: a given name comes from the column of its own or from the whole
// name, a company's name from either of two.
type slot struct {
	role   string
	sense  sense
	forms  []form   // by number from 1; forms[0] is none
	words  []word   // distinct words of the forms
	order  []uint32 // words of all forms one after another, see wordsOf
	filled int      // records with a value
	more   []uint64 // further forms of records with several: record<<32 | number, sorted
	cols   []source
}

// source is a column that feeds a slot: of is the number of the form by the ID
// of the value, 0 where it says nothing.
type source struct {
	col int
	of  []uint32
}

// form is a distinct value taken apart. Forms are numbered in no order that
// means anything.
type form struct {
	text  string // what is compared
	part  string // e-mail: local part; address: house number; postal code: its area; phone: last digits; company: its place
	set   uint64 // characters of text
	mark  uint32 // see mark
	day   uint32 // birth_date: year<<14 | month<<7 | day; company: its legal form as a hash; name: the generation, jr or iii; 0: not told
	count uint32 // records that have it
	at    uint32 // its words in order
	n     uint16
	flags formFlags
}

type formFlags uint8

const (
	freeMail  formFlags = 1 << iota // a public provider's mailbox
	desk                            // a mailbox of a desk, not a person
	checked                         // a code whose check digit is known …
	checkedOK                       // … and right
	ofGroup                         // a company that holds others
)

// mostWords is how many words of a form are compared.
const mostWords = 64

// word is one distinct word of a slot.
type word struct {
	text    string
	set     uint64
	count   uint32 // records that have it
	nick    []uint16
	also    []string // other spellings
	pinyin  []string
	initial bool
}

// wordsOf are the numbers of a form's words in slot.words, in order.
func (s *slot) wordsOf(f *form) []uint32 { return s.order[f.at : f.at+uint32(f.n)] }

// buildForms takes every distinct value apart, once. Placeholders get no form.
func (t *table) buildForms(ctx context.Context) error {
	t.slots = t.slotList()
	biggest := make([]int, len(t.slots)) // first, so that workers end together
	for i := range biggest {
		biggest[i] = i
	}
	slices.SortStableFunc(biggest, func(a, b int) int { return t.slots[b].values(t) - t.slots[a].values(t) })
	err := parallel(ctx, len(t.slots), func(i int) {
		s := &t.slots[biggest[i]]
		f := former{t: t, s: s, numbers: newInterner(), wordNo: newInterner()}
		s.forms = make([]form, 1, 1+s.values(t))
		for j := range s.cols {
			f.read(ctx, &s.cols[j])
		}
		for j := 1; j < len(s.forms); j++ { // when all spellings of the words are known
			s.forms[j].mark = s.mark(&s.forms[j])
		}
	})
	if err != nil {
		return err
	}
	return t.buildRows(ctx)
}

// slotList says which columns feed which slots.
func (t *table) slotList() []slot {
	var list []slot
	companies := slices.Contains(t.kinds, 1)
	add := func(role string, s sense, cols ...int) {
		cols = slices.DeleteFunc(cols, func(c int) bool { return c < 0 })
		if len(cols) == 0 {
			return
		}
		sl := slot{role: role, sense: s}
		for _, c := range cols {
			sl.cols = append(sl.cols, source{col: c})
		}
		list = append(list, sl)
	}
	col := func(role string) int {
		return slices.IndexFunc(t.cols, func(c column) bool { return c.role == role })
	}
	name := col("name")
	add("given_name", givenName, col("given_name"), name)
	add("family_name", familyName, col("family_name"), name)
	add("name", fullName, name)
	if companies {
		add("company", companyName, col("company"), name)
	} else {
		add("company", companyName, col("company"))
	}
	for c := range t.cols {
		switch role := t.cols[c].role; role {
		case "name", "given_name", "family_name", "company":
		default:
			add(role, senseOf(role), c)
		}
	}
	return list
}

func (s *slot) values(t *table) int {
	n := 0
	for _, c := range s.cols {
		n += t.cols[c.col].size()
	}
	return n
}

// former fills one slot.
type former struct {
	t       *table
	s       *slot
	numbers *interner // of forms, by what tells them apart
	wordNo  *interner // of words, from 1
	key     []byte
}

func (f *former) read(ctx context.Context, src *source) {
	col := &f.t.cols[src.col]
	src.of = make([]uint32, col.size())
	for id := 1; id < col.size(); id++ {
		if id%1024 == 0 && ctx.Err() != nil {
			return
		}
		text := col.text(uint32(id))
		if f.none(src.col, col.role, text) {
			continue
		}
		src.of[id] = f.number(col.role, text, col.count[id])
	}
}

// none reports whether a value stands for none.
func (f *former) none(c int, role, text string) bool {
	if f.t.placeholder != nil && f.t.placeholder(c, text) {
		return true
	}
	if normal[role] {
		return normalize.Placeholder(role, text)
	}
	v, ok := normalize.ByRole(role)(text, normalize.Context{})
	return !ok || normalize.Placeholder(role, v)
}

// number is the number of a value's form, which is made where it is new; 0
// where the value says nothing about the slot.
func (f *former) number(role, text string, count uint32) uint32 {
	v := f.parse(role, text)
	if v.text == "" && v.part == "" && len(v.names)+len(v.words) == 0 {
		return 0
	}
	no := uint32(len(f.s.forms))
	switch f.s.sense {
	case phoneNumber, code, birthDate: // compared as received, so each value is a form
	default:
		f.key = append(append(append(f.key[:0], v.text...), 0), v.part...)
		f.key = binary.LittleEndian.AppendUint32(f.key, v.day)
		no = f.numbers.intern(f.key)
	}
	if int(no) == len(f.s.forms) {
		v.set = compare.Signature(v.text)
		v.at = uint32(len(f.s.order))
		for _, w := range v.names[:min(len(v.names), mostWords)] {
			f.s.order = append(f.s.order, f.word(w))
		}
		for _, w := range v.words[:min(len(v.words), mostWords)] {
			f.s.order = append(f.s.order, f.word(normalize.Token{Text: w}))
		}
		v.n = uint16(uint32(len(f.s.order)) - v.at)
		f.s.forms = append(f.s.forms, v.form)
	}
	fm := &f.s.forms[no]
	fm.count += count
	f.s.filled += int(count)
	for i, w := range f.s.wordsOf(fm) {
		if !slices.Contains(f.s.wordsOf(fm)[:i], w) {
			f.s.words[w].count += count
		}
	}
	return no
}

func (f *former) word(w normalize.Token) uint32 {
	f.key = append(f.key[:0], w.Text...)
	no := f.wordNo.intern(f.key) - 1
	if int(no) < len(f.s.words) {
		// Müller is muller and also mueller, Muller is muller alone.
		if old := &f.s.words[no]; len(w.Also) > len(old.also) || len(w.Also) == len(old.also) && slices.Compare(w.Also, old.also) < 0 {
			old.also = w.Also
		}
	} else {
		text := strings.Clone(w.Text)
		f.s.words = append(f.s.words, word{text: text, set: compare.Signature(text), nick: w.Nick, also: w.Also, pinyin: w.Pinyin, initial: w.Initial})
	}
	return no
}

// buildRows lays out every record's forms side by side.
func (t *table) buildRows(ctx context.Context) error {
	t.rows = make([]uint32, t.n*len(t.slots))
	t.marks = make([]uint32, t.n*len(t.slots))
	return parallel(ctx, len(t.slots), func(i int) {
		s := &t.slots[i]
		var own []uint32
		for r := range uint32(t.n) {
			own = own[:0]
			for j, src := range s.cols {
				if j > 0 && len(own) > 0 && s.sense != fullName {
					break // the column of its own comes first
				}
				own = t.formsOf(own, r, s, src)
			}
			if len(own) == 0 {
				continue
			}
			at := int(r)*len(t.slots) + i
			t.rows[at], t.marks[at] = own[0], s.forms[own[0]].mark
			for _, no := range own[1:] {
				t.rows[at] |= hasMore
				s.more = append(s.more, uint64(r)<<32|uint64(no))
			}
		}
	})
}

// formsOf appends the forms that a column gives a record, each once.
func (t *table) formsOf(own []uint32, rec uint32, s *slot, src source) []uint32 {
	if t.cols[src.col].role == "name" && (t.kind(rec) == 1) != (s.sense == companyName) {
		return own // a company's name is no person's
	}
	id, several := t.first(rec, src.col)
	if no := src.of[id]; no != 0 {
		own = append(own, no)
	}
	if several {
		for _, m := range t.rest(rec, src.col) {
			if no := src.of[uint32(m)]; no != 0 && !slices.Contains(own, no) {
				own = append(own, no)
			}
		}
	}
	return own
}

// form is the number of a record's first form in a slot, 0 where it has none.
// Several says that there are more, see moreForms.
func (t *table) form(rec uint32, slot int) (no uint32, several bool) {
	no = t.rows[int(rec)*len(t.slots)+slot]
	return no &^ hasMore, no&hasMore != 0
}

// moreForms is the further forms of a record with several, each its number in
// the lower 32 bits.
func (t *table) moreForms(rec uint32, slot int) []uint64 {
	more := t.slots[slot].more
	lo, _ := slices.BinarySearch(more, uint64(rec)<<32)
	hi := lo
	for hi < len(more) && uint32(more[hi]>>32) == rec {
		hi++
	}
	return more[lo:hi]
}
