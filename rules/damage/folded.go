package damage

import (
	"fmt"
	"math/bits"
	"strings"
)

const whyFolded = "the letters of all 15-character IDs of this source are of one case, so their case was lost, and IDs that differ in nothing else are one; export the 18-character IDs"

// enoughLetters is how many letters of one case rule chance out, whichever
// case it is: 2·½²¹ < 10⁻⁶.
const enoughLetters = 21

// folded weighs whether a system folded the case of 15-character Salesforce
// IDs, which means something there: a letter is of either case as often as
// not.
//
// Letters of one place are not all independent. IDs count up, so those that
// share what stands before a place run through its letters in their order, and
// count once. A place that hardly changes says little, however many IDs there
// are: its letters count twice for every one of them after the first.
type folded struct {
	small, large bool
	letters      [15]uint32              // by place: which there are, case aside
	before       [15]map[string]struct{} // by place of letters: what stands before it
}

// mixed reports whether there are letters of both cases, so that nothing was
// folded.
func (f *folded) mixed() bool { return f.small && f.large }

func (f *folded) note(id string) {
	for i := range 15 {
		b := id[i]
		if !isLetter(b) {
			continue
		}
		f.small, f.large = f.small || b >= 'a', f.large || b < 'a'
		f.letters[i] |= 1 << (b | 0x20 - 'a')
		if len(f.before[i]) >= enoughLetters {
			continue
		}
		if f.before[i] == nil {
			f.before[i] = map[string]struct{}{}
		}
		f.before[i][id[:i]] = struct{}{}
	}
}

// proved reports whether case was folded.
func (f *folded) proved() bool {
	n := 0
	for i := range 15 {
		n += min(len(f.before[i]), 2*max(0, bits.OnesCount32(f.letters[i])-1))
	}
	return n >= enoughLetters && !f.mixed()
}

// salesforce15 is an ID without the space around it if it is a Salesforce ID
// without its suffix.
func (e *Examiner) salesforce15(id string) (string, bool) {
	if !e.salesforce || len(id) < 15 {
		return "", false
	}
	id = strings.TrimSpace(id)
	if len(id) != 15 {
		return "", false
	}
	form := e.formOf(id)
	return id, form >= 0 && e.forms[form].salesforce
}

// Twins reports whether IDs may differ in nothing but the case of letters, and
// lose it: whether [Examiner.OneCase] is ever true.
func (e *Examiner) Twins() bool { return e.salesforce }

// OneCase reports whether an ID, as it was received, is a Salesforce ID of 15
// characters whose letters are of one case, as they all are where a system
// folded it. Twin is what all IDs have in common that may have been the same:
// see [Twin].
func (e *Examiner) OneCase(id string) (twin string, ok bool) {
	id, ok = e.salesforce15(id)
	if !ok {
		return "", false
	}
	twin = Twin(id)
	return twin, (id == twin) != (id == strings.ToUpper(id)) // the same where there are no letters
}

// Twin is the first 15 characters of a Salesforce ID, or of its key, in small
// letters. It is empty for what is shorter.
func Twin(id string) string {
	if len(id) < 15 {
		return ""
	}
	return strings.ToLower(id[:15])
}

// CaseLost is the finding about an ID that is new, and one of the known keys
// but for the case of letters. The record of none of these is there.
func CaseLost(known []string) Finding {
	known = known[:min(len(known), maxProposals)]
	return Finding{
		Kind: Case, Proposals: known, needs: hopeless, form: -1,
		Why: fmt.Sprintf("it equals the known %s but for its letters' case; export the 18-character IDs", strings.Join(known, " or ")),
	}
}
