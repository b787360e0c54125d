package damage

import "strings"

const (
	fewOfAll   = 3    // IDs that one kind of damage must have hit at the least
	shareOfAll = 0.95 // of the sample that it must explain
)

// whyAll tells of a whole sample what happened to it.
var whyAll = map[string]string{
	Encoding:   "their text was damaged by a wrong encoding; read or export them again in the right one",
	Formula:    "they are wrapped into a spreadsheet's formula",
	Quotes:     "quotation marks were kept as part of them",
	Apostrophe: "a spreadsheet's leading apostrophe was kept",
	Decimal:    "they were read as numbers and written with decimals, and leading zeros are gone if there were any",
	Thousands:  "they were read as numbers and written with thousands separators, and leading zeros are gone if there were any",
	Scientific: "they were read as numbers and written in scientific notation; export the column as text, from the CRM and not from the spreadsheet",
	Rounded:    "their last digits are zeros: a spreadsheet or another program kept only the first 15 of them; export the column as text, from the CRM and not from the spreadsheet",
}

// OfAll tells whether one kind of damage explains nearly all of a sample of
// IDs (19 in 20, and at least three), so that what they have in common is the
// damage and not the scheme: 123.0, 1.23E+11, 1,234, ="00123", '00123. The
// finding has a kind and says why, as part of a sentence about "the IDs"; it
// proposes nothing. IDs may be given as received or as keys, in any order.
func OfAll(ids []string) (Finding, bool) {
	hit, explained := map[string]int{}, map[string]int{}
	sizes := map[[2]int]bool{} // of grouped numbers: of the first group, and of all
	comma := false
	for _, id := range ids {
		id = straighten(strings.TrimSpace(id))
		kind := kindOf(id)
		hit[kind]++
		explained[kind]++
		switch number, zeroed := cutDecimals(id); {
		case kind == Thousands:
			first := digitRun(id)
			sizes[[2]int{first, len(number)}] = true
			comma = comma || id[first] == ','
		case (kind == "" || zeroed) && len(number) <= 3 && allDigits(number) && number[0] != '0':
			explained[Thousands]++ // too small for a separator
			sizes[[2]int{}] = true
		}
	}
	// People group long numbers for reading, 123 456 789; what always has one
	// shape and no comma may be meant so.
	if !comma && len(sizes) < 2 {
		delete(hit, Thousands)
	}
	for _, kind := range [...]string{Encoding, Formula, Quotes, Apostrophe, Decimal, Thousands, Scientific, Rounded} {
		if hit[kind] >= fewOfAll && float64(explained[kind]) >= shareOfAll*float64(len(ids)) {
			return Finding{Kind: kind, Why: whyAll[kind], needs: hopeless, form: -1}, true
		}
	}
	return Finding{}, false
}

// kindOf is what was done to an ID last, of what shows without a scheme.
func kindOf(id string) string {
	if encodingBroken(id) {
		return Encoding
	}
	if s, ok := unwrap(id, false); ok {
		return s.kind
	}
	if len(id) >= exactDigits+2 && zeroTail(id) { // one zero at the end is an ID in ten
		return Rounded
	}
	return ""
}

// cutDecimals takes .0 or ,00 off a number.
func cutDecimals(id string) (number string, ok bool) {
	whole := digitRun(id)
	if whole < len(id)-1 && (id[whole] == '.' || id[whole] == ',') && allZeros(id[whole+1:]) {
		return id[:whole], true
	}
	return id, false
}
