package similar

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sharing makes records of one e-mail.
type sharing struct {
	name   string
	people [][3]string // given and family name, birth date
	want   []Shared
}

func TestShared(t *testing.T) {
	t.Parallel()
	staff := func(n int) (list [][3]string) {
		given := []string{"anna", "bernd", "clara", "david", "edith", "frank", "gerda", "hans", "irene", "karl"}
		family := []string{"schmidt", "lopez", "tanaka", "weber", "novak", "rossi", "dubois", "kim", "hansen", "petrov"}
		for i := range n {
			list = append(list, [3]string{given[i%10] + fmt.Sprint(i/10), family[(i*3)%10], fmt.Sprintf("19%02d-03-%02d", 50+i, 1+i)})
		}
		return list
	}
	family := [][3]string{{"anna", "lopez", "1970-01-02"}, {"bernd", "lopez", "1972-03-04"}, {"clara", "lopez", "1999-05-06"}, {"david", "lopez", "2001-07-08"}, {"edith", "lopez", "2004-09-10"}}
	one := [][3]string{
		{"robert", "lopez", "1970-01-02"},
		{"bob", "lopez", "1970-01-02"},
		{"robrt", "lopez", ""},
		{"robert", "lopes", "1970-02-01"},
		{"rob", "lopez", "1970-01-02"},
		{"lopez", "robert", "1970-01-02"},
		{"r", "lopez", ""},
		{"robert", "gomez lopez", "1970-01-02"},
		{"roberto", "lopez", "1970-01-02"},
		{"obert", "lpez", "1970-01-02"},
		{"robert", "loppez", "1970-01-02"},
		{"robrrt", "lopez", "1970-01-02"},
		{"robert", "olpez", "1970-01-02"},
		{"robert", "lopdz", "1971-01-02"},
	}
	for _, c := range []sharing{
		{"a switchboard", staff(20), []Shared{{Role: "email", Text: "office@example.org", Records: 20, People: 10}}},
		{"three colleagues", staff(3), nil},
		{"a family", family, nil},
		{"a family, each twice", append(family, family...), nil},
		{"one person in many spellings", one, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := Input{Roles: []string{"given_name", "family_name", "birth_date", "email"}, Rank: make([]uint32, len(c.people))}
			in.Traits = func(rec uint32) []byte {
				var b []byte
				for role, text := range c.people[rec] {
					if text != "" {
						b = AppendTrait(b, role, text)
					}
				}
				return AppendTrait(b, 3, "office@example.org")
			}
			for i := range in.Rank {
				in.Rank[i] = uint32(i)
			}
			tab, _, got, err := prepare(t.Context(), in, 0, in.reporter())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("shared values (-want +got):\n%s", diff)
			}
			if no, _ := tab.form(0, tab.slot("email")); (no == 0) != (c.want != nil) {
				t.Errorf("the record's e-mail is form %d", no)
			}
		})
	}
}

// TestSharedBesideOthers drops a value from records that have further ones.
func TestSharedBesideOthers(t *testing.T) {
	t.Parallel()
	in := persons(300, 21)
	traits := in.Traits
	in.Traits = func(rec uint32) []byte {
		b := AppendTrait(nil, 3, "own@example.org")
		if rec%2 == 0 {
			b = AppendTrait(nil, 3, fmt.Sprintf("own%d@example.org", rec))
			b = AppendTrait(b, 3, "everybody@example.org")
		}
		return append(b, traits(rec)...)
	}
	tab, _, shared, err := prepare(t.Context(), in, 0, in.reporter())
	if err != nil {
		t.Fatal(err)
	}
	if len(shared) != 2 {
		t.Fatalf("shared are %v", shared)
	}
	slot := tab.slot("email")
	gone := map[string]bool{shared[0].Text: true, shared[1].Text: true}
	for rec := range uint32(tab.n) {
		no, several := tab.form(rec, slot)
		if rec%2 == 0 && tab.slots[slot].forms[no].text != fmt.Sprintf("own%d@example.org", rec) {
			t.Errorf("record %d lost its own value", rec)
		}
		if gone[tab.slots[slot].forms[no].text] {
			t.Errorf("record %d leads with a shared value", rec)
		}
		for _, m := range tab.moreForms(rec, slot) {
			if several && gone[tab.slots[slot].forms[uint32(m)].text] {
				t.Errorf("record %d has a shared value", rec)
			}
		}
	}
}
