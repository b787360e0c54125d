package similar

import "slices"

// rule is a blocking rule: records with equal leads fall into one block. A
// block that is too large is split by the first of splits, then by the next.
type rule struct {
	name   string
	who    who
	slot   int  // lead by all forms of this slot; -1: by atoms
	by     part // of those forms
	lead   []atom
	splits []atom
	broad  bool // many share its lead
	spare  bool // it leads by the city or street, where postal codes tell more
}

// who says which kinds a rule is for.
type who uint8

const (
	everybody who = iota
	people        // persons and households
	companies
)

func (w who) has(k Kind) bool { return w == everybody || (w == companies) == (k == 1) }

// part is what of a form leads a block.
type part uint8

const (
	leadWhole part = iota
	leadPart       // its part: the local part of an e-mail, the last digits of a phone
	leadWords      // the rarest words of it
)

// wide is how many candidate pairs for each record a budget must allow for
// rules that are broad or spare. With less, their blocks are split until they
// are those of other rules.
const wide = 20

// rulesFor are the rules that the slots and the budget allow, the most telling
// first.
func (t *table) rulesFor(budget int64) []rule {
	var list []rule
	bySlot := func(s sense, name string, who who, by part, splits ...atom) {
		for i := range t.slots {
			if t.slots[i].sense == s {
				list = append(list, rule{name: t.slots[i].role + name, who: who, slot: i, by: by, splits: splits})
			}
		}
	}
	bySlot(code, "", everybody, leadWhole, byFamily, byGiven, byYear)
	bySlot(mailbox, "", everybody, leadWhole, byFamily, byGiven, byYear, byWord)
	bySlot(phoneNumber, "", everybody, leadWhole, byFamily, byGiven, byYear, byWord)
	list = append(list, atomRules...)
	bySlot(familyName, " word", people, leadWords, byArea, byCity, byYear)
	bySlot(givenName, " word", people, leadWords, byArea, byCity, byYear)
	bySlot(companyName, " word", companies, leadWords, byCity, byStreet, byPostal, byWord)
	bySlot(mailbox, " local part", people, leadPart, byFamily, byGiven, byYear)
	bySlot(phoneNumber, " last digits", everybody, leadPart, byFamily, byGiven, byWord)
	for i := range t.slots {
		if s := &t.slots[i]; s.sense == attribute && s.telling() {
			list = append(list, rule{name: s.role, slot: i, splits: []atom{byFamily, byGiven, byYear, byWord, byCity}})
		}
	}
	narrow, coded := budget < wide*int64(t.n), t.coded()
	return slices.DeleteFunc(list, func(r rule) bool {
		return r.slot < 0 && !t.leads(r.lead) || narrow && (r.broad || r.spare && coded)
	})
}

// telling reports whether an attribute has so many values that records which
// share one are likely to have more in common.
func (s *slot) telling() bool { return len(s.forms)*20 > s.filled }

// coded reports whether nearly all records have a postal code.
func (t *table) coded() bool {
	return slices.ContainsFunc(t.slots, func(s slot) bool { return s.sense == postalCode && s.filled*10 > t.n*9 })
}

// leads reports whether there are slots that give all these atoms.
func (t *table) leads(list []atom) bool {
	return !slices.ContainsFunc(list, func(a atom) bool {
		return !slices.ContainsFunc(t.slots, func(s slot) bool {
			first, second, ok := atomsOf(s.sense, s.role)
			switch a {
			case byNames:
				return s.sense == familyName
			case byYear, byMonthDay:
				return s.sense == birthDate
			}
			return ok && (a == first || a == second)
		})
	})
}

// atomRules are the rules by atoms. Each pair of fields that identifies a
// person leads at least one, so that whichever field holds a slip, two others
// bring the records together.
var atomRules = []rule{
	{name: "names, year of birth", who: people, slot: -1, lead: []atom{byNames, byYear}, splits: []atom{byMonthDay, byPostal, byCity, byStreet}},
	{name: "names, day of birth", who: people, slot: -1, lead: []atom{byNames, byMonthDay}, splits: []atom{byYear, byPostal, byCity}},
	{name: "family name, birth date", who: people, slot: -1, lead: []atom{byFamily, byDay}, splits: []atom{byGiven, byPostal, byCity}},
	{name: "given name, birth date", who: people, slot: -1, lead: []atom{byGiven, byDay}, splits: []atom{byFamily, byPostal, byCity}},
	{name: "names, city", who: people, slot: -1, lead: []atom{byNames, byCity}, splits: []atom{byYear, byStreet}},
	{name: "names, street", who: people, slot: -1, lead: []atom{byNames, byStreet}, splits: []atom{byHouse, byYear, byPostal}, spare: true},
	{name: "birth date, postal code", who: people, slot: -1, lead: []atom{byDay, byPostal}, splits: []atom{byGiven, byFamily}},
	{name: "birth date, city", who: people, slot: -1, lead: []atom{byDay, byCity}, splits: []atom{byGiven, byFamily}, spare: true},
	{name: "birth date, street", who: people, slot: -1, lead: []atom{byDay, byStreet}, splits: []atom{byGiven, byFamily}, spare: true},
	{name: "names", who: people, slot: -1, lead: []atom{byNames}, splits: []atom{byPostal, byCity, byYear, byStreet}},
	{name: "family name, nickname", who: people, slot: -1, lead: []atom{byFamily, byNick}, splits: []atom{byYear, byPostal, byCity}},
	{name: "family name, postal code", who: people, slot: -1, lead: []atom{byFamily, byPostal}, splits: []atom{byStreet, byYear, byGiven}},
	{name: "given name, postal code", who: people, slot: -1, lead: []atom{byGiven, byPostal}, splits: []atom{byStreet, byYear, byFamily}},
	{name: "family name, street", who: people, slot: -1, lead: []atom{byFamily, byStreet}, splits: []atom{byHouse, byGiven, byYear}, spare: true},
	{name: "given name, street", who: people, slot: -1, lead: []atom{byGiven, byStreet}, splits: []atom{byHouse, byFamily, byYear}, spare: true},
	{name: "birth date", who: people, slot: -1, lead: []atom{byDay}, splits: []atom{byCity, byFamily, byGiven}, broad: true},
	{name: "address", who: people, slot: -1, lead: []atom{byStreet, byHouse}, splits: []atom{byPostal, byCity, byYear, byGiven}},
	{name: "family name, city", who: people, slot: -1, lead: []atom{byFamily, byCity}, splits: []atom{byYear, byGiven}, spare: true},
	{name: "given name, city", who: people, slot: -1, lead: []atom{byGiven, byCity}, splits: []atom{byYear, byFamily}, spare: true},
	{name: "family name, year of birth", who: people, slot: -1, lead: []atom{byFamily, byYear}, splits: []atom{byGiven, byCity, byMonthDay}, broad: true},
	{name: "street, postal code", who: people, slot: -1, lead: []atom{byStreet, byPostal}, splits: []atom{byHouse, byYear, byGiven}, broad: true},
	{name: "street, city", who: people, slot: -1, lead: []atom{byStreet, byCity}, splits: []atom{byHouse, byYear, byGiven}},
	{name: "given name, year of birth", who: people, slot: -1, lead: []atom{byGiven, byYear}, splits: []atom{byCity, byFamily, byMonthDay}, broad: true},

	{name: "family name", who: people, slot: -1, lead: []atom{byFamily}, splits: []atom{byArea, byCity, byYear, byGiven}, broad: true},
	{name: "given name", who: people, slot: -1, lead: []atom{byGiven}, splits: []atom{byArea, byCity, byYear, byFamily}, broad: true},
	{name: "postal code", who: people, slot: -1, lead: []atom{byPostal}, splits: []atom{byStreet, byYear, byFamily}, broad: true},
	{name: "city", who: people, slot: -1, lead: []atom{byCity}, splits: []atom{byYear, byFamily, byGiven}, broad: true},

	{name: "company", who: companies, slot: -1, lead: []atom{byCore}, splits: []atom{byPostal, byCity, byStreet}},
	{name: "address", who: companies, slot: -1, lead: []atom{byStreet, byHouse}, splits: []atom{byPostal, byWord, byCity}},
	{name: "company, postal code", who: companies, slot: -1, lead: []atom{byWord, byPostal}, splits: []atom{byStreet, byCore}},
	{name: "company, street", who: companies, slot: -1, lead: []atom{byWord, byStreet}, splits: []atom{byHouse, byPostal, byCore}},
	{name: "company, city", who: companies, slot: -1, lead: []atom{byWord, byCity}, splits: []atom{byStreet, byCore, byPostal}},
	{name: "street, postal code", who: companies, slot: -1, lead: []atom{byStreet, byPostal}, splits: []atom{byHouse, byWord}},
	{name: "house number, postal code", who: companies, slot: -1, lead: []atom{byHouse, byPostal}, splits: []atom{byStreet, byWord}},
	{name: "company, family name", who: everybody, slot: -1, lead: []atom{byCore, byFamily}, splits: []atom{byGiven, byCity}},
	{name: "company, given name", who: everybody, slot: -1, lead: []atom{byCore, byGiven}, splits: []atom{byFamily, byCity}},
	{name: "first word of company", who: companies, slot: -1, lead: []atom{byWord}, splits: []atom{byCity, byStreet, byCore}, broad: true},
	{name: "street", who: companies, slot: -1, lead: []atom{byStreet}, splits: []atom{byHouse, byCity, byWord}, broad: true},
}
