package similar

// level is how often a comparison comes out so: M among pairs of one customer,
// U among pairs of two.
type level struct {
	M float64 `json:"m"`
	U float64 `json:"u"`
}

// shipped are the levels of persons and of companies before anything is known
// about the records: what is usual in customer data. Attributes weigh nothing
// until the records have shown what they tell.
func shipped(k Kind) [onAttribute + 1][]level {
	person := [onAttribute + 1][]level{
		onGiven:     {{.80, .004}, {.06, .006}, {.07, .004}, {.03, .02}, {.04, .966}},
		onFamily:    {{.83, .002}, {.02, .001}, {.08, .002}, {.02, .015}, {.05, .98}},
		onOrder:     {{.04, 1}},
		onMore:      {{.6, .01}, {.4, .99}},
		onBirth:     {{.82, 5e-5}, {.09, 1.2e-3}, {.04, 4e-3}, {.02, .013}, {.03, .98}},
		onEmail:     {{.70, 1e-6}, {.10, 2e-6}, {.05, 1e-5}, {.03, 2e-4}, {.02, .003}, {.10, .997}},
		onPhone:     {{.72, 2e-6}, {.06, 6e-6}, {.22, 1}},
		onNational:  {{.88, 1e-6}, {.08, 1e-5}, {.04, 1}},
		onTax:       {{.88, 1e-6}, {.08, 1e-5}, {.04, 1}},
		onAddress:   {{.50, 4e-6}, {.06, 2e-6}, {.04, 2e-6}, {.14, 1.2e-5}, {.03, 1e-5}, {.02, 1e-4}, {.04, 2e-3}, {.04, .012}, {.03, .02}, {.10, .97}},
		onCityCode:  {{.52, 1.5e-3}, {.08, 4e-4}, {.06, 1e-3}, {.09, 2e-3}, {.03, 2e-3}, {.04, .01}, {.06, .015}, {.02, .01}, {.10, .96}},
		onCode:      {{.68, 2e-3}, {.14, .02}, {.18, .978}},
		onCity:      {{.70, .02}, {.12, .012}, {.18, .968}},
		onRegion:    {{.85, .15}, {.05, .02}, {.10, .83}},
		onCompany:   {{.60, 3e-4}, {.12, 6e-4}, {.10, 1e-3}, {.03, 1e-3}, {.05, .01}, {.01, .002}, {.09, .985}},
		onAttribute: {{.5, .5}, {.2, .2}, {.3, .3}},
	}
	if k != 1 {
		return person
	}
	company := person
	company[onEmail] = []level{{.50, 2e-5}, {.06, 1e-5}, {.08, 1e-3}, {.02, 5e-4}, {.14, 1e-3}, {.20, .997}}
	company[onPhone] = []level{{.70, 2e-5}, {.06, 2e-5}, {.24, 1}}
	company[onGiven] = []level{{.50, .004}, {.08, .006}, {.04, .004}, {.03, .02}, {.35, .966}}
	company[onFamily] = []level{{.50, .002}, {.03, .001}, {.04, .002}, {.03, .015}, {.40, .98}}
	company[onAddress] = []level{{.55, 2e-5}, {.07, 1e-5}, {.03, 1e-5}, {.14, 4e-5}, {.04, 4e-5}, {.03, 3e-4}, {.03, 4e-3}, {.03, .03}, {.02, .02}, {.06, .945}}
	company[onCompany] = []level{{.45, 3e-4}, {.15, 6e-4}, {.12, 1.5e-3}, {.08, 1e-3}, {.10, .01}, {.02, .002}, {.08, .985}}
	return company
}

// matchRate is how many other records of its customer a record has before
// anything is known.
const matchRate = 0.25

// rarest is the least share that a value is taken to have among strangers,
// however rare it is in the records. A name or place that one of few customers
// has may be a common one.
func rarest(s *slot, customers float64) float64 {
	switch s.sense {
	case givenName:
		return max(3e-5, 0.3/customers)
	case familyName, fullName:
		return max(1e-5, 0.3/customers)
	case birthDate:
		return 4e-5
	case mailbox, phoneNumber:
		return 2e-7
	case code:
		return 1e-7
	case addressLine, companyName:
		return 2e-6
	case postalCode:
		return max(3e-5, 0.3/customers)
	case place:
		return max(1e-4, 0.5/customers)
	}
	return 2e-3
}
