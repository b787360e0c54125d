package damage

import (
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// fit lays the text over every form of the set. It is true where some form
// takes it; the finding has no proposals where a check then refuses it.
func (c *chain) fit(text string) (Finding, bool) {
	e := c.e
	var best Finding
	found := false
	if f, ok := e.restoreSalesforce(text); ok {
		return c.compose(f), true
	}
	for i := range e.forms {
		f, ok := c.fitForm(text, i)
		if !ok {
			continue
		}
		switch {
		case !found || len(best.Proposals) == 0 && len(f.Proposals) > 0:
			best, found = f, true
		case len(f.Proposals) > 0 && len(best.Proposals) > 0:
			best.merge(f)
		}
	}
	if !found {
		return best, false
	}
	return c.compose(best), true
}

// merge adds what another form proposes. Two numbers that both would fit are
// never repaired.
func (f *Finding) merge(o Finding) {
	for _, p := range o.Proposals {
		if slices.Contains(f.Proposals, p) {
			continue
		}
		if len(f.Proposals) < maxProposals {
			f.Proposals = append(f.Proposals, p)
		}
		f.needs |= hopeless
	}
}

// compose puts the steps that led to the text before the finding. The whole is
// as certain as its weakest step.
func (c *chain) compose(f Finding) Finding {
	if c.doubt != "" {
		f.needs, f.doubt = f.needs|hopeless, c.doubt
	}
	f.needs |= c.needs
	f.grouped = c.grouped
	if len(c.kinds) > 0 {
		f.Why = strings.Join(append(c.why, f.Why), " and ")
		if f.needs == 0 {
			f.Kind = c.kinds[0]
		}
	}
	f.Certain = f.needs == 0 && len(f.Proposals) == 1
	return f
}

// fitForm lays the text over one form: as it is, with its prefix doubled, and
// with its prefix missing.
func (c *chain) fitForm(text string, no int) (Finding, bool) {
	f := &c.e.forms[no]
	a := aligner{f: f, text: text}
	if a.align() && a.changed() {
		if found, ok := c.judge(&a, no); ok {
			return found, true
		}
	}
	prefix := f.prefix()
	if prefix == "" {
		return Finding{}, false
	}
	if len(text) > 2*len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) && strings.EqualFold(text[len(prefix):2*len(prefix)], prefix) {
		rest := prefix + text[2*len(prefix):]
		if c.e.reads(rest) {
			return Finding{
				Kind: DoubledPrefix, Proposals: []string{rest}, Why: "its prefix " + prefix + " stands twice", form: no,
				needs: unless(len(prefix) > 1 || !f.segs[1].takes(prefix[0]), hopeless), doubt: "a slip may have made it, too",
			}, true
		}
	}
	if a = (aligner{f: f, text: text, first: 1}); a.put(prefix) && a.align() && a.looks+a.glyphs+a.cased+a.dropped == 0 {
		if whole := a.result(); c.e.reads(whole) {
			return Finding{Kind: MissingPrefix, Proposals: []string{whole}, Why: "its prefix " + prefix + " is missing", needs: hopeless, doubt: "it may be a number of something else", form: no}, true
		}
	}
	return Finding{}, false
}

func unless(ok bool, n need) need {
	if ok {
		return 0
	}
	return n
}

// judge says what an alignment means.
func (c *chain) judge(a *aligner, no int) (Finding, bool) {
	e := c.e
	text := a.result()
	found := Finding{form: no}
	var why []string
	note := func(kind, what string, needs need) {
		if found.Kind == "" || found.needs == 0 && needs != 0 {
			found.Kind = kind
		}
		if needs == hopeless {
			found.doubt = doubts[kind]
		}
		found.needs |= needs
		why = append(why, what)
	}
	if a.cased > 0 {
		note(Case, "its letters are of another case", unless(a.copied == 0 && e.onlyPrefix(a.text, no), hopeless))
	}
	if a.glyphs > 0 {
		note(LookAlike, "it holds a character that looks like another", unless(a.glyphs == 1 && a.looks == 0 && e.onlyPrefix(a.text, no), hopeless))
	}
	if a.looks > 0 {
		note(LookAlike, "it holds a letter that looks like a digit", unless(a.looks == 1 && !a.changedWidth() && e.refutesOthers(a, text), needsLooks))
	}
	if a.dropped > 0 {
		note(Padding, "zeros look added to its number", needsAdded)
	}
	if a.added > 0 {
		switch {
		case a.zero:
			return e.cutShort(a, no)
		case a.f.segs[0].number:
			note(LeadingZeros, "its leading zeros look lost", a.zerosNeed())
		default:
			note(Padding, "zeros look dropped from its number", a.zerosNeed())
		}
	}
	found.Why = strings.Join(why, " and ")
	if e.reads(text) {
		found.Proposals = []string{text}
	} else if a.added == 0 || a.f.checks == 0 {
		return Finding{}, false
	}
	if a.cased > 0 && a.copied > 0 {
		found.Proposals = e.bothCases(found.Proposals, a, text)
	}
	return found, true
}

// doubts say why an alignment is not certain, where nothing can make it so.
var doubts = map[string]string{
	Case:         "the case of its other letters is not known, or it may be a number of another form",
	LookAlike:    "a slip may have made it of another, too",
	LeadingZeros: "it has more than one number, and any of them may have lost them",
	Padding:      "it has more than one number, and any of them may have lost them",
}

// zerosNeed is what makes zeros certain that were added to a number: nothing,
// where the scheme writes them out and nothing else is missing.
func (a *aligner) zerosNeed() need {
	switch {
	case a.literal && a.looks == 0:
		return 0
	case a.f.numbers > 1:
		return hopeless
	}
	return needsZeros
}

func (a *aligner) changedWidth() bool { return a.added+a.dropped > 0 }

// cutShort is for a short number that still has a leading zero: none of them
// was stripped, so it lost something else.
func (e *Examiner) cutShort(a *aligner, no int) (Finding, bool) {
	if a.looks+a.glyphs+a.cased > 0 {
		return Finding{}, false
	}
	return Finding{Kind: CutOff, Why: whyCutOff, needs: hopeless, form: no}, true
}

// onlyPrefix reports whether no other form of the set has the shape of the
// text with other literals, so that a slip in a literal cannot have made one
// number look like another.
func (e *Examiner) onlyPrefix(text string, no int) bool {
	for i := range e.forms {
		if i == no {
			continue
		}
		a := aligner{f: &e.forms[i], text: blank(text, &e.forms[i])}
		if a.text != "" && a.align() && a.result() != "" && literals(&e.forms[i]) != literals(&e.forms[no]) {
			return false
		}
	}
	return true
}

// blank writes a form's own literals over a text of the same shape: all that
// can be told without them. It is empty where the text is too short.
func blank(text string, f *form) string {
	if p := f.prefix(); p != "" {
		if len(text) < len(p) {
			return ""
		}
		return p + text[len(p):]
	}
	return text
}

func literals(f *form) string {
	var b strings.Builder
	for _, s := range f.segs {
		b.WriteString(s.literal)
		b.WriteByte(0)
	}
	return b.String()
}

// refutesOthers reports whether no other digit fits in the place of the one
// look-alike.
func (e *Examiner) refutesOthers(a *aligner, text string) bool {
	if a.f.checks == 0 || len(text) != len(a.text) {
		return false
	}
	b := []byte(text)
	for i := range b {
		if text[i] == a.text[i] || !isDigit(b[i]) {
			continue
		}
		for d := byte('0'); d <= '9'; d++ {
			if b[i] = d; d != text[i] && e.reads(string(b)) {
				return false
			}
		}
		b[i] = text[i]
	}
	return true
}

// bothCases proposes the letters of tokens in the case of the literals first,
// and as they are.
func (e *Examiner) bothCases(proposals []string, a *aligner, text string) []string {
	turned := strings.ToUpper(text)
	if strings.ToLower(literals(a.f)) == literals(a.f) {
		turned = strings.ToLower(text)
	}
	if turned != text && e.reads(turned) {
		return append([]string{turned}, proposals...)
	}
	return proposals
}

// restoreSalesforce gives an 18-character Salesforce ID its case back. A
// system that folds case leaves letters of one case only. All small is certain,
// since the suffix has none; all capitals might be a slip among capitals.
func (e *Examiner) restoreSalesforce(text string) (Finding, bool) {
	if !e.salesforce || len(text) != 18 {
		return Finding{}, false
	}
	id, ok := scheme.SalesforceRestore(text)
	if !ok || !e.reads(id) {
		return Finding{}, false
	}
	f := Finding{Kind: Case, Proposals: []string{id}, Why: "its case was changed, and the last three characters tell what it was", needs: hopeless, doubt: "its letters are of both cases, so it may be a slip", form: e.formOf(id)}
	switch text {
	case strings.ToLower(text):
		f.needs = 0
	case strings.ToUpper(text):
		f.needs = needsLooks
	}
	return f, true
}

const whyCutOff = "it looks cut off"

// cutOff recognises the beginning of an ID: so far as it goes like a form, and
// shorter. It must be half of one or hold what the form writes out, as the
// letters bad begin a UUID, too.
func (e *Examiner) cutOff(text string) (Finding, bool) {
	for i := range e.forms {
		f := &e.forms[i]
		least, prefix := f.least(), f.prefix()
		likely := 2*len(text) >= least || prefix != "" && strings.HasPrefix(text, prefix)
		if likely && len(text) < least && f.starts(text) {
			return Finding{Kind: CutOff, Why: whyCutOff, needs: hopeless, form: i}, true
		}
	}
	return Finding{}, false
}

// starts reports whether text is a proper beginning of what the form reads.
func (f *form) starts(text string) bool {
	for i := range f.segs {
		s := &f.segs[i]
		if s.literal != "" {
			if len(text) < len(s.literal) {
				return i > 0 && strings.HasPrefix(s.literal, text)
			}
			if !strings.HasPrefix(text, s.literal) {
				return false
			}
			text = text[len(s.literal):]
			continue
		}
		n := 0
		for n < len(text) && n < s.max && (s.number && isDigit(text[n]) || !s.number && s.takes(text[n])) {
			n++
		}
		if n == len(text) {
			return n < s.min || i < len(f.segs)-1
		}
		if n < s.min {
			return false
		}
		text = text[n:]
	}
	return false
}
