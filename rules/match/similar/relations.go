package similar

// kin is a way in which two customers may be alike without being one. Odds
// are those of two records being such, to being strangers. Shares are the
// probabilities that they agree on a comparison as one customer does, because
// they share the value; otherwise they agree as strangers do. A share of -1
// says that they hardly ever agree: twins have different names. Direct are
// levels that are usual among them, whatever is usual for one customer.
type kin struct {
	Says   string                   `json:"says"`
	Odds   float64                  `json:"odds"`
	Shares [onAttribute + 1]float64 `json:"shares"`
	Direct []direct                 `json:"direct,omitempty"`
	Chain  bool                     `json:"chain,omitempty"` // the likelier, the more places the name is in
	rate   float64                  // how many such others a record has before anything is known
	fixed  bool                     // too few to be estimated
}

// direct is the probability that the related compare so.
type direct struct {
	On    string  `json:"on"`
	Level int     `json:"level"`
	P     float64 `json:"p"`
}

// shares are the shares of a relation by comparison.
type shares [onAttribute + 1]float64

// at sets the shares of an address line, of postal codes and of cities.
func (s shares) at(line, code, city float64) shares {
	s[onAddress], s[onCityCode], s[onCode], s[onCity], s[onRegion] = line, code, code, city, max(city, .5)
	return s
}

// relations are the kin that are usual in customer data.
func relations(k Kind) []kin {
	if k == 1 {
		return companyRelations()
	}
	return []kin{
		{
			Says: "another member of the household", rate: .15,
			Shares: shares{onGiven: .006, onFamily: .8, onOrder: 1, onMore: .2, onBirth: .001, onEmail: .15, onPhone: .5, onCompany: .1, onAttribute: .4}.at(.9, .95, .95),
		},
		{
			Says: "a twin", rate: .0005, fixed: true,
			Shares: shares{onGiven: -1, onFamily: 1, onOrder: 1, onMore: .2, onBirth: 1, onEmail: .2, onPhone: .6, onAttribute: .6}.at(.95, 1, 1),
		},
		{
			Says: "a namesake", rate: .05,
			Shares: shares{onGiven: 1, onFamily: 1, onMore: .3, onOrder: 1, onAttribute: .3}.at(.003, .005, .05),
		},
		{
			Says: "a colleague", rate: .1,
			Shares: shares{onEmail: .03, onPhone: .6, onCompany: .95, onAttribute: .4}.at(.8, .9, .9),
			Direct: []direct{{names[onEmail], mailDomain, .9}},
		},
		{
			Says: "somebody with the same contact", rate: .04,
			Shares: shares{onEmail: .7, onPhone: .7, onCompany: .8, onAttribute: .3}.at(.2, .4, .6),
		},
	}
}

func companyRelations() []kin {
	return []kin{
		{
			Says: "a branch of the same company", rate: .45, Chain: true,
			Shares: shares{onCompany: .95, onEmail: .4, onPhone: .2, onTax: .3, onGiven: .3, onFamily: .3, onAttribute: .5}.at(.0003, .05, .2),
			Direct: []direct{
				{names[onAddress], lineStreet, .04},
				{names[onAddress], linePlaceCode, .08},
				{names[onAddress], linePlaceCity, .4},
				{names[onAddress], linePlaceAlike, .05},
				{names[onAddress], lineDiffers, .45},
			},
		},
		{
			Says: "another company of the group", rate: .05, fixed: true,
			Shares: shares{onEmail: .5, onPhone: .6, onGiven: .3, onFamily: .3, onAttribute: .4}.at(.8, .9, .95),
			Direct: []direct{{names[onCompany], companyPart, .01}, {names[onCompany], companyAlike, .004}, {names[onCompany], companyShort, .1}, {names[onCompany], companySome, .1}, {names[onCompany], companyKin, .6}},
		},
		{
			Says: "another company at the address", rate: .08,
			Shares: shares{onPhone: .15, onEmail: .05, onAttribute: .3}.at(1, 1, 1),
		},
		{
			Says: "a company with the same contact", rate: .04,
			Shares: shares{onEmail: .8, onPhone: .8, onGiven: .7, onFamily: .7, onAttribute: .3}.at(.2, .4, .6),
		},
	}
}
