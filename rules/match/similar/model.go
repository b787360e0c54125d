package similar

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
)

// Model is what comparisons weigh: for each kind of customer the prior, the
// levels of every comparison, and the relations that are no match; and how
// common values are. It holds no values, but hashes of common ones: it is as
// confidential as a list of who is not among the customers. It is JSON; see
// Read. A model is not changed once it is made.
type Model struct {
	Trained int64                  `json:"trained"` // records that it was estimated from; 0: shipped defaults
	Format  int                    `json:"format"`
	Key     uint64                 `json:"key"` // of the hashes
	Person  kindModel              `json:"person"`
	Company kindModel              `json:"company"`
	Values  map[string]frequencies `json:"values"`          // by role
	Words   map[string]frequencies `json:"words,omitempty"` // by role
	Chains  chains                 `json:"chains,omitempty"`
}

const modelFormat = 1

// kindModel weighs the customers of one kind.
type kindModel struct {
	// Prior is log2 of the odds that two records of any are one customer.
	Prior  float64            `json:"prior"`
	Levels map[string][]level `json:"levels"` // by name of the comparison or attribute
	Kin    []kin              `json:"kin"`    // Odds are relative to strangers
}

// kind is the part of the model that weighs a kind of customer.
func (m *Model) kind(k Kind) *kindModel {
	if k == 1 {
		return &m.Company
	}
	return &m.Person
}

// Read reads a model that Write wrote.
func Read(b []byte) (*Model, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	m := &Model{}
	if err := d.Decode(m); err != nil {
		return nil, fmt.Errorf("read a model: %w", err)
	}
	if m.Format != modelFormat {
		return nil, fmt.Errorf("read a model: format %d, this version reads %d", m.Format, modelFormat)
	}
	for _, k := range []*kindModel{&m.Person, &m.Company} {
		if err := k.check(); err != nil {
			return nil, fmt.Errorf("read a model: %w", err)
		}
	}
	return m, nil
}

// check refuses what would make weights meaningless.
func (k *kindModel) check() error {
	want := shipped(0)
	for c, name := range names {
		if len(k.Levels[name]) != len(want[c]) {
			return fmt.Errorf("%s has %d levels, expected %d", name, len(k.Levels[name]), len(want[c]))
		}
	}
	for name, levels := range k.Levels {
		for _, l := range levels {
			if !(l.M > 0 && l.M <= 1 && l.U > 0 && l.U <= 1) {
				return fmt.Errorf("%s has a level of probability %v and %v, expected more than 0 and at most 1", name, l.M, l.U)
			}
		}
	}
	for _, r := range k.Kin {
		if !(r.Odds >= 0 && r.Odds <= 1) {
			return fmt.Errorf("the odds of %q are %v, expected 0 to 1", r.Says, r.Odds)
		}
		for _, d := range r.Direct {
			if !slices.Contains(names[:], d.On) || d.Level < 0 || d.Level >= len(k.Levels[d.On]) {
				return fmt.Errorf("%q tells of level %d of %q, which is none", r.Says, d.Level, d.On)
			}
		}
	}
	return nil
}

// Write is the model as JSON, the same bytes for the same model.
func (m *Model) Write() []byte {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil { // a weight that is no number
		panic(err)
	}
	return append(b, '\n')
}

// Version identifies the model: 12 hexadecimal digits of its digest.
func (m *Model) Version() string {
	sum := sha256.Sum256(m.Write())
	return hex.EncodeToString(sum[:6])
}

// defaultModel is what is known before any pair is looked at: the shipped
// levels, and how common the values of the records are. Own is how many
// records a customer has.
func defaultModel(t *table, own float64) *Model {
	m := &Model{Format: modelFormat, Key: 0x78_77_61_6c_6b, Values: map[string]frequencies{}, Words: map[string]frequencies{}}
	values, words := make([]frequencies, len(t.slots)), make([]frequencies, len(t.slots))
	var wg sync.WaitGroup
	for i := range t.slots {
		wg.Go(func() { values[i], words[i] = t.slots[i].count(m.Key, own, float64(t.n)) })
	}
	wg.Wait()
	for i := range t.slots {
		s := &t.slots[i]
		if m.Values[s.role] = values[i]; s.weighsWords() {
			m.Words[s.role] = words[i]
		}
	}
	m.Chains = t.countChains(m.Key)
	for _, k := range []Kind{0, 1} {
		m.kind(k).fill(t, k)
	}
	return m
}

// count counts the forms of a slot, and the words of those whose words are
// compared by how rare they are.
func (s *slot) count(key uint64, own, records float64) (values, words frequencies) {
	slack, least := own, rarest(s, (records+50)/own)
	switch s.sense {
	case mailbox, phoneNumber, code, addressLine, companyName:
		slack = 4*own + 2 // many records of one customer are likelier than two customers
	}
	counts := make([]uint32, len(s.forms)-1)
	for j := range counts {
		counts[j] = s.forms[j+1].count
	}
	values = newFrequencies(counts, func(j int) uint64 { return valueHash(key, s.forms[j+1].key()) }, least, slack)
	if !s.weighsWords() {
		return values, words
	}
	counts = make([]uint32, len(s.words))
	for j := range counts {
		counts[j] = s.words[j].count
	}
	return values, newFrequencies(counts, func(j int) uint64 { return valueHash(key, s.words[j].text) }, least, slack)
}

// weighsWords reports whether words of the slot's values count by how rare
// they are: those of whole names and companies, and the domains of mailboxes.
func (s *slot) weighsWords() bool {
	return s.sense == fullName || s.sense == companyName || s.sense == mailbox
}

// key is the text that tells a form from others.
func (f *form) key() string {
	switch {
	case f.n > 0 && f.day != 0:
		return f.part + " " + f.text + " " + strconv.FormatUint(uint64(f.day), 36)
	case f.n > 0 && f.part != "":
		return f.part + " " + f.text
	}
	return f.text
}

// fill writes the shipped levels and relations of a kind.
func (k *kindModel) fill(t *table, kind Kind) {
	n := t.number(kind)
	levels := shipped(kind)
	k.Levels = map[string][]level{}
	for c, name := range names {
		k.Levels[name] = levels[c]
	}
	for _, i := range t.attributes() {
		k.Levels[t.slots[i].role] = levels[onAttribute]
	}
	k.Prior = math.Log2(2 * matchRate / (n + 50))
	k.Kin = relations(kind)
	for i := range k.Kin {
		k.Kin[i].Odds = 2 * k.Kin[i].rate / (n + 50)
	}
}

// number is how many records there are of a kind; households are persons.
func (t *table) number(k Kind) float64 {
	if t.kinds == nil {
		if k == 1 {
			return 0
		}
		return float64(t.n)
	}
	n := 0
	for _, kind := range t.kinds {
		if (kind == 1) == (k == 1) {
			n++
		}
	}
	return float64(n)
}

// attributes are the slots that are compared as attributes, by role.
func (t *table) attributes() []int {
	var list []int
	for i := range t.slots {
		if s := &t.slots[i]; (s.sense == attribute || s.role == "country") && len(list) < mostAttributes {
			list = append(list, i)
		}
	}
	return list
}
