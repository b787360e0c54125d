package scheme

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/mapping/diag"
)

// Limits of one scheme. They are far beyond what anybody numbers customers
// with and keep every reading within a fixed amount of work and stack.
const (
	maxElements = 32 // of one form
	maxForms    = 64 // ways to leave optional parts in or out
)

// Scheme reads and writes the IDs of a source. It is safe for concurrent use.
type Scheme struct {
	text  string
	forms []form // all optional parts present first
}

// form is a scheme with its optional parts decided: a plain row of elements.
type form struct {
	elements []element
	checks   []checkAt
	valid    []int    // the elements that have a say beyond their class
	minLen   int      // bytes
	variable int      // the only element of variable width, or none, or several
	fixed    int      // characters outside of it
	tries    bool     // some element of variable width has to try several
	wide     bool     // reads {any}, whose characters may be longer than a byte
	plain    bool     // reads printable ASCII without spaces only
	names    []string // of the components, by element; empty for literals

	// Where at most one element is of variable width, an ID is laid out byte by
	// byte, that element apart: which bytes may stand where, how many of them
	// stand before it, and where the elements end if it is left out.
	bytes []*[256]bool
	head  int
	ends  layout
}

const (
	none    = -1
	several = -2
)

// checkAt is a check of a form: which element it is and what it covers, as
// elements of the form; nil covers all that stands before it.
type checkAt struct {
	element int
	zone    []int
}

// Compile reads the text of a source's scheme. The error is [Errors], all
// problems at once. A scheme that could read an ID in two ways is refused.
// codes are the lists that {code:NAME} may name; nil is the built-in ones only.
func Compile(text string, codes Codes) (*Scheme, error) {
	p := newParser(text, inSource)
	p.codes = codes
	nodes := p.parse()
	if err := p.err(); err != nil {
		return nil, err
	}
	s := &Scheme{text: text, forms: p.forms(nodes)}
	if err := p.err(); err != nil {
		return nil, err
	}
	p.refuseAmbiguous(s)
	if err := p.err(); err != nil {
		return nil, err
	}
	return s, nil
}

// String is the scheme as it was written.
func (s *Scheme) String() string { return s.text }

// CheckKey reports, as an [*Error], what k changes or drops in every ID, so
// that no key could ever fit: a small letter under case upper, a dash or a
// full-width letter that was pasted in, a token that tells cases apart, an
// outer space.
func (s *Scheme) CheckKey(k Keyer) error {
	const trimmed = "no key starts or ends with a space, so no ID fits"
	hint := "leave it out, or keep spaces: key: { space: exact }"
	switch {
	case k.keepSpace:
	case strings.HasPrefix(s.text, " "):
		return &Error{s.text, 1, 1, trimmed, hint}
	case strings.HasSuffix(s.text, " "):
		return &Error{s.text, utf8.RuneCountInString(s.text), 1, trimmed, hint}
	}
	for _, f := range s.forms {
		for i := range f.elements {
			el := &f.elements[i]
			if err := s.checkToken(el, k); err != nil {
				return err
			}
			for i, r := range []rune(el.text) {
				folded := k.fold(r)
				if folded == r {
					continue
				}
				column := el.column
				if runes := []rune(s.text); column-1+i < len(runes) && runes[column-1+i] == r {
					column += i // no escape stands before it
				}
				hint := fmt.Sprintf("write %q", folded)
				if folded == 0 {
					hint = "leave it out"
				}
				return &Error{s.text, column, 1, fmt.Sprintf("%q (%U) stands in no key, so no ID fits", r, r), hint + ", or change the key rule"}
			}
		}
	}
	return nil
}

// checkToken is CheckKey for a token.
func (s *Scheme) checkToken(el *element, k Keyer) error {
	if el.kind == literal {
		return nil
	}
	hint := "leave the case as it is: key: { case: exact }"
	if el.token == "salesforce" && (k.upper || k.lower) {
		return &Error{s.text, el.column, 1, "the case of a Salesforce ID tells customers apart, and the key rule folds it", hint}
	}
	for _, c := range capital + small {
		if el.class.has(c) && !el.class.has(k.fold(c)) {
			return &Error{s.text, el.column, 1, fmt.Sprintf("{%s} reads %q, which stands in no key", el.token, c), hint}
		}
	}
	return nil
}

// forms lists every way to leave the optional parts in or out.
func (p *parser) forms(nodes []node) []form {
	if p.resolveZones(nodes); len(p.problems) > 0 {
		return nil
	}
	rows, ok := expand(nodes)
	if !ok {
		p.fail(1, len(p.runes), "too many optional parts", fmt.Sprintf("at most %d combinations; list several schemes instead", maxForms))
		return nil
	}
	var forms []form
	for _, row := range rows {
		forms = append(forms, p.form(row))
		if len(p.problems) > 0 {
			break
		}
	}
	return forms
}

// expand gives the rows of elements that nodes stand for; it fails when there
// are more than maxForms.
func expand(nodes []node) ([][]element, bool) {
	rows := [][]element{nil}
	for _, n := range nodes {
		choices := [][]element{{n.element}}
		if n.optional {
			inner, ok := expand(n.inner)
			if !ok {
				return nil, false
			}
			choices = append(inner, nil)
		}
		if len(rows)*len(choices) > maxForms {
			return nil, false
		}
		var next [][]element
		for _, choice := range choices {
			for _, row := range rows {
				next = append(next, append(slices.Clip(row), choice...))
			}
		}
		rows = next
	}
	return rows, true
}

// form prepares one row of elements for reading.
func (p *parser) form(row []element) form {
	f := form{elements: mergeLiterals(row), variable: none}
	switch {
	case len(f.elements) == 0:
		p.fail(1, len(p.runes), "the whole scheme is optional", "leave one part outside of the brackets")
	case len(f.elements) > maxElements:
		p.fail(1, len(p.runes), "the scheme has too many parts", fmt.Sprintf("at most %d", maxElements))
	}
	for i := range f.elements {
		el := &f.elements[i]
		el.whole = i == len(f.elements)-1 || !el.class.meets(&f.elements[i+1])
		f.minLen += el.min
		switch {
		case el.min == el.max:
			f.fixed += el.min
		case f.variable == none:
			f.variable = i
			f.tries = f.tries || !el.whole
		default:
			f.variable = several
			f.tries = f.tries || !el.whole
		}
		f.wide = f.wide || el.kind == reader && el.class.wide
		if el.valid != nil {
			f.valid = append(f.valid, i)
		}
		if el.kind == checker {
			f.checks = append(f.checks, p.checkAt(f.elements, i))
		}
	}
	if f.minLen > maxKey {
		p.fail(1, len(p.runes), fmt.Sprintf("the scheme reads no ID of at most %d bytes", maxKey), "")
	}
	f.plain = true
	for i := range f.elements {
		f.names = append(f.names, f.elements[i].name)
		f.plain = f.plain && f.elements[i].plain()
	}
	if f.variable != several && f.minLen <= maxKey && len(f.elements) <= maxElements {
		f.unroll()
	}
	return f
}

// plain reports whether the element reads printable ASCII without spaces only.
func (el *element) plain() bool {
	unclean := func(b int) bool { return b <= ' ' || b > '~' }
	for i := range len(el.text) {
		if unclean(int(el.text[i])) {
			return false
		}
	}
	for b, in := range el.class.ascii {
		if in && unclean(b) {
			return false
		}
	}
	return !el.class.wide
}

// unroll prepares the layout by bytes.
func (f *form) unroll() {
	for i := range f.elements {
		el := &f.elements[i]
		switch {
		case i == f.variable:
			f.head = len(f.bytes)
		case el.kind == literal:
			for k := range len(el.text) {
				f.bytes = append(f.bytes, &newClass(el.text[k:k+1]).ascii)
			}
		default:
			for range el.min {
				f.bytes = append(f.bytes, &el.class.ascii)
			}
		}
		f.ends[i] = uint8(len(f.bytes))
	}
	if f.variable == none {
		f.head = len(f.bytes)
	}
}

func mergeLiterals(row []element) []element {
	var out []element
	for _, el := range row {
		if last := len(out) - 1; el.kind == literal && last >= 0 && out[last].kind == literal {
			out[last].text += el.text
			out[last].min = len(out[last].text)
			out[last].max = out[last].min
			continue
		}
		out = append(out, el)
	}
	return out
}

// checkAt resolves what a check covers and refuses a check over nothing.
func (p *parser) checkAt(elements []element, at int) checkAt {
	check := elements[at]
	c := checkAt{element: at}
	covered := elements[:at]
	if len(check.zone) > 0 {
		c.zone, covered = []int{}, nil
		for _, z := range check.zone {
			if i := slices.IndexFunc(elements, func(el element) bool { return el.name == z.name }); i >= 0 {
				c.zone = append(c.zone, i)
				covered = append(covered, elements[i])
			}
		}
	}
	if !slices.ContainsFunc(covered, func(el element) bool { return el.kind != literal && check.alg.covers(el.class) }) {
		p.fail(check.column, 1, fmt.Sprintf("the check %s covers nothing: it reads %s", check.alg.name, check.alg.alphabet()),
			"put it behind the tokens that it protects, or name them: {check:"+check.alg.name+"(seq)}")
	}
	return c
}

// covers reports whether a character of the class counts for the check.
func (a *algorithm) covers(c *class) bool {
	for b, v := range a.values {
		if v >= 0 && c.ascii[b] {
			return true
		}
	}
	return false
}

// resolveZones checks the names in {check:ALGO(…)} against all components.
func (p *parser) resolveZones(nodes []node) {
	var all []element
	var collect func([]node)
	collect = func(nodes []node) {
		for _, n := range nodes {
			if n.optional {
				collect(n.inner)
			} else if n.kind != literal {
				all = append(all, n.element)
			}
		}
	}
	collect(nodes)
	var names []string
	for _, el := range all {
		if el.kind != checker {
			names = append(names, el.name)
		}
	}
	for _, el := range all {
		for i, z := range el.zone {
			switch {
			case !slices.Contains(names, z.name):
				hint := ""
				if near := diag.Nearest(z.name, names); near != "" {
					hint = fmt.Sprintf("did you mean %s?", near)
				}
				p.fail(z.column, len([]rune(z.name)), fmt.Sprintf("the scheme has no component %q for the check to cover", z.name), hint)
			case slices.ContainsFunc(el.zone[:i], func(o zoneName) bool { return o.name == z.name }):
				p.fail(z.column, len([]rune(z.name)), fmt.Sprintf("the check names %s twice", z.name), "")
			}
		}
	}
}
