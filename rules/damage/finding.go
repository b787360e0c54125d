package damage

import "strings"

// What can be wrong with an ID, as reports name it.
const (
	LeadingZeros  = "leading-zeros"  // 123 for 00123
	Padding       = "padding"        // C1 or C00001 for C0001
	Scientific    = "scientific"     // 1.23457E+11
	Rounded       = "rounded"        // 1914310000010100000 for …0016
	Decimal       = "decimal"        // 123.0
	Thousands     = "thousands"      // 1,234,567
	Date          = "date"           // 2-Jan for 1-2
	Apostrophe    = "apostrophe"     // '00123
	Formula       = "formula"        // ="00123"
	Quotes        = "quotes"         // "00123"
	Case          = "case"           // cust-001 for CUST-001
	LookAlike     = "look-alike"     // O for 0
	DoubledPrefix = "doubled-prefix" // CUST-CUST-001
	MissingPrefix = "missing-prefix" // 001 for CUST-001
	CutOff        = "cut-off"        // CUST-0 for CUST-001
	Encoding      = "encoding"       // U+FFFD, mojibake
	FullWidth     = "full-width"     // Ｃ００１
	Invisible     = "invisible"      // zero-width characters, byte-order marks
	Dash          = "dash"           // another dash than the hyphen
	Space         = "space"          // outer space
)

// Finding is what is wrong with one ID. Proposals are IDs that a scheme of
// the set reads, the likeliest first; there may be none. Certain says that the
// only proposal is right; Why tells, as part of a sentence about "the ID",
// what happened to it and, where it is beyond repair, what to do.
type Finding struct {
	Kind      string
	Proposals []string
	Certain   bool
	Why       string

	needs   need
	doubt   string // why it can never be certain, as the end of a sentence
	grouped bool   // it had thousands separators, beyond doubt
	form    int    // of the Examiner: whose scheme would read the proposal
}

// need is what a finding lacks to be certain.
type need uint8

const (
	needsZeros   need = 1 << iota // zeros were lost, and nothing else happened
	needsAdded                    // zeros were added, by no slip
	needsLooks                    // what looks like a slip is none
	needsPlain                    // the number had no leading zeros
	needsGrouped                  // 1,000 is a thousand, and not 1 with decimals
	hopeless                      // never certain
)

// Waits reports whether the repair may become certain by the evidence of the
// whole source.
func (f *Finding) Waits() bool {
	return !f.Certain && len(f.Proposals) == 1 && f.needs != 0 && f.needs&hopeless == 0
}

// Clone is the finding without the memory of the record that it was found in.
func (f Finding) Clone() Finding {
	if len(f.Proposals) > 0 {
		proposals := make([]string, len(f.Proposals))
		for i, p := range f.Proposals {
			proposals[i] = strings.Clone(p)
		}
		f.Proposals = proposals
	}
	return f
}
