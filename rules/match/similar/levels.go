package similar

// comparison is one thing that two records may agree on. At most one of the
// address comparisons has an outcome for a pair: what both records tell
// decides which.
type comparison uint8

const (
	onGiven comparison = iota
	onFamily
	onOrder // whether given and family name are the other way round
	onMore  // words of whole names beyond given and family name
	onBirth
	onEmail
	onPhone
	onNational
	onTax
	onAddress  // both have an address line
	onCityCode // both have a postal code and a city
	onCode     // both have a postal code
	onCity     // both have a city
	onRegion   // both have a region
	onCompany
	onAttribute // and those after it: one for each attribute
)

// mostAttributes is how many attributes are compared; further ones are not.
const mostAttributes = 12

const comparisons = int(onAttribute) + mostAttributes

// none is the level of a comparison where a record lacks the value.
const none = -1

// Levels of names.
const (
	nameEqual = iota
	namePart  // one name of several, a nickname, an initial, another script
	nameSlip
	nameAlike
	nameDiffers
)

// Levels of birth dates.
const (
	birthEqual = iota
	birthSlip  // one slip, or day and month the other way round
	birthTwo   // two of year, month and day agree, or all are next to each other
	birthYear
	birthDiffers
)

// Levels of mailboxes.
const (
	mailEqual = iota
	mailSlip
	mailLocal // the same local part elsewhere
	mailAlike
	mailDomain // the same domain, which is no public provider's
	mailDiffers
)

// Levels of phone numbers, codes and attributes.
const (
	codeEqual = iota
	codeSlip
	codeDiffers
)

// Levels of address lines: what the lines say and whether the places agree.
const (
	lineEqualPlace = iota
	lineEqual      // the place is alike or unknown
	lineEqualMoved // the place differs
	lineAlikePlace
	lineAlike
	lineStreet // another number, or the number is unknown; the place is no other
	linePlaceCode
	linePlaceCity
	linePlaceAlike
	lineDiffers
)

// Levels of what agrees, is alike, or differs.
const (
	plainEqual = iota
	plainAlike
	plainDiffers
)

// Levels of further words of names.
const (
	moreShared = iota
	moreDiffers
)

// Levels of company names.
const (
	companyEqual = iota
	companyPart  // all words of the shorter name, or its initials
	companyAlike
	companyShort // all but a word or two, which may say that it is another company
	companySome  // a telling word
	companyKin   // a telling word, and what tells two companies of a group apart
	companyDiffers
)

// mailOwner is whose mailbox it is that two records share.
type mailOwner uint8

const (
	anyones mailOwner = iota
	ones              // it tells the given name
	familys           // it tells the family name and no given name
)

// says names the levels of a comparison, the most agreeing first.
var says = [onAttribute + 1][]string{
	onGiven:    {"equal", "part, nickname or initial", "one slip", "alike", "differs"},
	onFamily:   {"equal", "part of the name", "one slip", "alike", "differs"},
	onOrder:    {"given and family name swapped"},
	onMore:     {"further names shared", "further names differ"},
	onBirth:    {"equal", "one slip", "two of three parts equal", "same year", "differs"},
	onEmail:    {"equal", "one slip", "same mailbox, other domain", "alike", "same domain", "differs"},
	onPhone:    {"equal", "one slip or same last digits", "differs"},
	onNational: {"equal", "one slip", "differs"},
	onTax:      {"equal", "one slip", "differs"},
	onAddress:  {"equal", "equal, place alike or unknown", "equal, other place", "alike, same place", "alike", "same street", "other street, same postal code", "other street, same city", "other street, place alike", "differs"},
	// What the codes say counts first, then what the cities say.
	onCityCode:  {"postal code and city equal", "postal code equal, city alike", "postal code equal, other city", "city equal, postal code alike", "city and postal code alike", "postal code alike", "city equal, other postal code", "city alike, other postal code", "differs"},
	onCode:      {"postal code equal", "postal code alike", "postal code differs"},
	onCity:      {"city equal", "city alike", "city differs"},
	onRegion:    {"region equal", "region alike", "region differs"},
	onCompany:   {"equal", "one contains the other", "alike", "one less a word or two", "a telling word shared", "names of two companies of a group", "differs"},
	onAttribute: {"equal", "alike", "differs"},
}

// names are what models and explanations call the comparisons.
var names = [onAttribute]string{
	"given_name", "family_name", "order", "name", "birth_date", "email", "phone", "national_id", "tax_id",
	"address", "postal_code+city", "postal_code", "city", "region", "company",
}

// rising are the comparisons whose levels are in order: a level never weighs
// less than the one below it.
func (c comparison) rising() bool { return c != onAddress && c != onCityCode && c != onOrder }

// outcome is how two records compare. Rare is what the values that agree add,
// in bits, for being rarer than values that agree are on average; negative
// for commoner ones.
type outcome struct {
	whose  mailOwner // the mailbox that they share
	level  [comparisons]int8
	rare   [comparisons]float32
	places uint8 // that companies of the name are in, see chains
}

func (o *outcome) set(c comparison, level int, rare float32) {
	o.level[c], o.rare[c] = int8(level), rare
}

var nothing = func() (o outcome) {
	for i := range o.level {
		o.level[i] = none
	}
	return o
}()
