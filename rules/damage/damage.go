package damage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// maxProposals is how many IDs a finding proposes at most.
const maxProposals = 5

// Examiner tells how IDs of one ID space were damaged. It is safe for
// concurrent use.
type Examiner struct {
	set        *scheme.Set
	key        scheme.Keyer
	forms      []form
	salesforce bool   // some scheme reads them
	long       bool   // some scheme reads numbers of more than 15 digits
	free       bool   // some scheme reads any text
	letters    bool   // some scheme reads letters
	signs      string // what may stand between the parts of a date
	widest     int    // of all forms, in characters
}

// New makes an examiner for IDs under the default key rule.
func New(set *scheme.Set) *Examiner { return Keyed(set, scheme.Keyer{}) }

// Keyed makes an examiner for IDs under a key rule.
func Keyed(set *scheme.Set, key scheme.Keyer) *Examiner {
	e := &Examiner{set: set, key: key, free: len(set.Schemes()) == 0}
	for _, s := range set.Schemes() {
		for _, o := range s.Outlines() {
			f := newForm(o)
			e.forms = append(e.forms, f)
			e.salesforce = e.salesforce || f.salesforce
			e.long, e.free, e.letters = e.long || f.long, e.free || f.free, e.letters || f.lettered()
			e.widest = max(e.widest, f.width())
		}
	}
	for _, sign := range [...]string{"-", "/", "."} {
		if slices.ContainsFunc(e.forms, func(f form) bool { return f.holds(sign) }) {
			e.signs += sign
		}
	}
	return e
}

// Examine tells what is wrong with an ID as it was received. It is false for
// one that is sound, and for one that nothing is known to have happened to: a
// slip, or a number of another scheme. Proposals are keys.
func (e *Examiner) Examine(id string) (Finding, bool) {
	f, found := e.examine(id)
	keys := f.Proposals[:0]
	for _, p := range f.Proposals {
		if key, _ := e.set.Key(p); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	f.Proposals = keys
	return f, found
}

func (e *Examiner) examine(id string) (Finding, bool) {
	if encodingBroken(id) {
		return Finding{
			Kind: Encoding, needs: hopeless,
			Why: "its text was damaged by a wrong encoding; read or export it again in the right one",
		}, true
	}
	key, err := e.key.Key(id)
	if err != nil {
		straight := straighten(id)
		if straight == id {
			return Finding{}, false
		}
		if key, err = e.key.Key(straight); err != nil {
			return Finding{}, false
		}
	}
	if e.reads(key) {
		return e.readable(id, key)
	}
	c := chain{e: e}
	return c.examine(key)
}

func (e *Examiner) reads(id string) bool {
	_, at := e.set.Key(id)
	return at >= 0
}

// readable looks at an ID that fits.
func (e *Examiner) readable(id, key string) (Finding, bool) {
	if kind, ok := Spelling(id); ok && id != key {
		return Finding{Kind: kind, Proposals: []string{key}, Certain: true, Why: whySpelling[kind]}, true
	}
	if e.long && len(key) >= 18 && zeroTail(key) {
		return Finding{Kind: Rounded, needs: hopeless, Why: whyRounded}, true
	}
	if e.free {
		if n, ok := parseScientific(key); ok && n.lost() {
			return Finding{Kind: Scientific, needs: hopeless, Why: n.why()}, true
		}
	}
	return Finding{}, false
}

// chain is the way back from a damaged text: one step after the other is
// undone until a scheme reads what is left.
type chain struct {
	e     *Examiner
	kinds []string
	why   []string
	// number says that the text was a number on its way, so that leading zeros
	// are gone.
	number  bool
	doubt   string // why a step is not certain
	needs   need   // what makes one certain
	grouped bool   // it had thousands separators, beyond doubt
	stack   [4]string
	whys    [4]string
}

func (c *chain) examine(text string) (Finding, bool) {
	c.kinds, c.why = c.stack[:0], c.whys[:0]
	var last Finding
	for range 4 {
		if f, ok := c.fit(text); ok {
			if len(f.Proposals) > 0 {
				return f, true
			}
			if last.Kind == "" {
				last = f
			}
		}
		s, ok := unwrap(text, c.e.letters)
		if !ok {
			break
		}
		c.kinds, c.why = append(c.kinds, s.kind), append(c.why, s.why)
		c.number = c.number || s.number
		if c.doubt == "" {
			c.doubt = s.doubt
		}
		if s.comma {
			c.needs |= needsGrouped
		}
		c.grouped = c.grouped || s.kind == Thousands && !s.comma && s.doubt == ""
		for i, t := range s.texts {
			key, err := c.e.key.Key(t)
			if err != nil {
				continue
			}
			if c.e.reads(key) {
				if s.comma && i > 0 {
					c.doubt = "that takes what follows the comma for decimals"
				}
				return c.read(key, s.texts[i+1:]), true
			}
			s.texts[i] = key
		}
		if s.lost {
			return Finding{Kind: s.kind, needs: hopeless, Why: s.why}, true
		}
		text = s.texts[0]
	}
	if f, ok := c.e.dates(text); ok {
		return f, true
	}
	if last.Kind != "" {
		return last, true
	}
	if len(c.kinds) > 0 {
		return Finding{Kind: c.kinds[0], needs: hopeless, Why: strings.Join(c.why, " and ")}, true
	}
	if zeroTail(text) && c.e.long {
		return Finding{Kind: Rounded, needs: hopeless, Why: whyRounded}, true
	}
	return c.e.cutOff(text)
}

// read is the finding of a chain that ended in a text which a scheme reads;
// others are further ways back.
func (c *chain) read(text string, others []string) Finding {
	f := Finding{Kind: c.kinds[0], Proposals: []string{text}, Why: strings.Join(c.why, " and "), form: c.e.formOf(text)}
	f.grouped = c.grouped
	for _, t := range others {
		if c.e.reads(t) && c.needs&needsGrouped == 0 && !slices.Contains(f.Proposals, t) {
			f.Proposals = append(f.Proposals, t)
		}
	}
	f.needs = c.needs
	switch {
	case c.doubt != "":
		f.needs, f.doubt = hopeless, c.doubt
	case c.number && c.e.readsPadded(text):
		f.needs |= needsPlain
	}
	f.Certain = f.needs == 0
	return f
}

// readsPadded reports whether the set also reads a number with more zeros
// before it, so that it may have had some.
func (e *Examiner) readsPadded(digits string) bool {
	for n := 1; n <= len(zeros) && len(digits)+n <= e.widest; n++ {
		if e.reads(zeros[:n] + digits) {
			return true
		}
	}
	return false
}

const zeros = "0000000000000000000000000000000000000000"

// Sentence is what a report says of a finding: why, what would fit, and why
// that is never certain where it is not.
func (f *Finding) Sentence() string {
	if len(f.Proposals) == 0 {
		return f.Why
	}
	text := fmt.Sprintf("%s: %s would fit", f.Why, strings.Join(f.Proposals, " or "))
	switch {
	case f.needs&hopeless == 0:
	case len(f.Proposals) > 1:
		text += ", and nothing tells which"
	case f.doubt != "":
		text += ", but " + f.doubt
	}
	return text
}
