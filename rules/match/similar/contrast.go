package similar

import "context"

// Stance is what one comparison of two records says, whatever it weighs.
type Stance uint8

// The stances.
const (
	Agrees  Stance = iota
	Between        // alike in some way, which proves neither
	Differs
)

// Contrast is the outcome of one comparison. On is its name: given_name,
// family_name, company, birth_date, email, address …
type Contrast struct {
	On     string
	Stance Stance
}

// Contrasts compares record 0 with 1, 2 with 3 and so on, as Compare does, and
// tells of each pair the outcome of every comparison that both have values
// for, attributes left out. Nothing is weighed, so it needs no model; of the
// input only Roles, Traits, Kind, Rank and Placeholder matter. Both records of
// a pair are of one kind. The error is that of ctx.
func Contrasts(ctx context.Context, in Input) ([][]Contrast, error) {
	t, err := newTable(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := t.buildForms(ctx); err != nil {
		return nil, err
	}
	s := newScorer(t, defaultModel(t, 1))
	out := make([][]Contrast, len(in.Rank)/2)
	for i := range out {
		a, b := uint32(2*i), uint32(2*i+1)
		o := nothing
		s.compare(s.by(a), a, b, &o)
		for c := range onAttribute {
			if l := o.level[c]; l != none && c != onOrder && c != onMore {
				out[i] = append(out[i], Contrast{names[c], c.stance(int(l))})
			}
		}
	}
	return out, nil
}

// stance reads the level of a comparison. Where a customer lives or whose
// mailbox it is tells more than a region or a mail domain: those never agree.
func (c comparison) stance(level int) Stance {
	agrees, differs := -1, len(says[c])-1 // the last level that agrees, and the first that differs
	switch c {
	case onGiven, onFamily:
		agrees = nameAlike
	case onBirth:
		agrees, differs = birthSlip, birthYear
	case onEmail:
		agrees, differs = mailLocal, mailDomain
	case onPhone, onNational, onTax:
		agrees = codeSlip
	case onAddress:
		agrees, differs = lineStreet, linePlaceCode
	case onCompany:
		agrees, differs = companyAlike, companyKin
	}
	switch {
	case level <= agrees:
		return Agrees
	case level >= differs:
		return Differs
	}
	return Between
}
