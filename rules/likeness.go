package rules

import (
	"context"

	"github.com/xwalk-id/xwalk/rules/match"
	"github.com/xwalk-id/xwalk/rules/match/similar"
)

// Likeness says whether a record still describes the customer that it
// described before.
type Likeness uint8

// What two states of a record say.
const (
	Untold     Likeness = iota // there is nothing to compare
	OneAndSame                 // what names or identifies the customer agrees
	Doubtful                   // it may be somebody else
	Another                    // plainly somebody else
)

// identity are the roles that tell who somebody is.
var identity = []string{
	"name", "given_name", "family_name", "company", "birth_date", "email", "phone", "national_id", "tax_id",
	"address", "postal_code", "city",
}

// lasting are the roles whose values a customer keeps for life.
var lasting = map[string]bool{"birth_date": true, "national_id": true, "tax_id": true}

// Likenesses compares records as they were with what they are, by the fields
// that the crosswalk keeps.
//
// Somebody else is whom nothing identifies as the one before, whose name is
// wholly another, and of whom at least one thing more contradicts: a day of
// birth, an address, an e-mail address, a number. A name that only changed in
// part, or alone, is never enough.
func (r *Ruleset) Likenesses(ctx context.Context, pairs [][2]Kept) ([]Likeness, error) {
	none := make([]map[string]bool, len(identity))
	for i, role := range identity {
		none[i] = r.placeholderSet(role)
	}
	kept := func(rec uint32) *Kept { return &pairs[rec/2][rec%2] }
	in := similar.Input{
		Roles:  identity,
		Traits: func(rec uint32) []byte { return r.traitsOf(nil, identity, kept(rec).Source, kept(rec).Fields) },
		Kind:   func(rec uint32) similar.Kind { return similar.Kind(pairs[rec/2][0].Kind) },
		Rank:   make([]uint32, 2*len(pairs)),
		Placeholder: func(role int, text string) bool {
			return isPlaceholder(none[role], identity[role], text)
		},
	}
	for i := range in.Rank {
		in.Rank[i] = uint32(i)
	}
	contrasts, err := similar.Contrasts(ctx, in)
	if err != nil {
		return nil, err
	}
	out := make([]Likeness, len(pairs))
	for i, c := range contrasts {
		out[i] = likeness(c, pairs[i][0].Kind, pairs[i][0].Kind != pairs[i][1].Kind)
	}
	return out, nil
}

// likeness weighs what two states of a record of a kind say of each other.
func likeness(contrasts []similar.Contrast, kind Kind, kinds bool) Likeness {
	var given, family, company, name stances
	var same, other, never int // what identifies: agreeing, contradicting, and contradicting for good
	for _, c := range contrasts {
		switch c.On {
		case "given_name":
			given.add(c.Stance)
		case "family_name":
			family.add(c.Stance)
		case "company":
			company.add(c.Stance)
		case "postal_code+city", "postal_code", "city":
		default:
			switch c.Stance {
			case similar.Agrees:
				same++
			case similar.Differs:
				other++
				if lasting[c.On] {
					never++
				}
			}
		}
	}
	if name = given.and(family); kind == Company || name.n == 0 {
		name = company.or(name)
	}
	if kinds {
		other++
	}
	switch {
	case name.n == 0 && same+other == 0:
		return Untold
	case name.differs() && same == 0 && other > 0:
		return Another
	case name.differs():
		return Doubtful
	case name.n > 0 && name.agrees():
		if same == 0 && never > 0 {
			return Doubtful
		}
		return OneAndSame
	case same > 0:
		return OneAndSame
	}
	return Doubtful
}

// stances are those of the parts of a name.
type stances struct{ n, agree, differ int }

func (s *stances) add(v similar.Stance) {
	s.n++
	switch v {
	case similar.Agrees:
		s.agree++
	case similar.Differs:
		s.differ++
	}
}

func (s stances) and(o stances) stances {
	return stances{s.n + o.n, s.agree + o.agree, s.differ + o.differ}
}

// or is o where s has nothing to say.
func (s stances) or(o stances) stances {
	if s.n == 0 {
		return o
	}
	return s
}

func (s stances) agrees() bool  { return s.agree == s.n }
func (s stances) differs() bool { return s.n > 0 && s.differ == s.n }

// LikenessOf compares two states of a record by hashes alone, as far as those
// tell. They show no likeness, only equality, so that somebody else is only
// whose name differs and something that a customer keeps for life.
func (r *Ruleset) LikenessOf(joins, nowJoins []match.Join, values, nowValues []match.Value) Likeness {
	for _, x := range joins {
		for _, y := range nowJoins {
			if x.Hash == y.Hash {
				return OneAndSame
			}
		}
	}
	var name, never bool
	both := 0
	for role, c := range r.checked {
		shared, had, has := false, false, false
		for _, x := range values {
			had = had || int(x.Role) == role
			for _, y := range nowValues {
				shared = shared || x == y && int(x.Role) == role
			}
		}
		for _, y := range nowValues {
			has = has || int(y.Role) == role
		}
		switch {
		case !had || !has:
		case shared:
			return OneAndSame
		default:
			both++
			name = name || c.name == "name" || c.name == "company"
			never = never || lasting[c.name]
		}
	}
	switch {
	case name && never:
		return Another
	case both > 0 || len(joins) > 0 && len(nowJoins) > 0:
		return Doubtful
	}
	return Untold
}
