package scheme

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// MaxCanonical is the greatest length of a canonical ID.
const MaxCanonical = 50

// MinSecret is the least length of the secret behind {hash}, in bytes. A
// shorter one can be found by trying.
const MinSecret = 16

// Issue is how the numbers of a canonical scheme come to be different.
type Issue uint8

// The ways of issuing numbers.
const (
	Counted Issue = iota // {next}: a counter for each prefix
	Random               // {random}
	Hashed               // {hash}
	Carried              // by what the founding record has, and by nothing else
)

// Canonical writes the numbers that are issued, and reads its own back. It is
// safe for concurrent use.
type Canonical struct {
	text     string
	form     form
	issue    Issue
	issuer   int // the element that is {next}, {random} or {hash}, or -1
	digits   int // the width of {next}; 0 is as many as it takes
	capacity uint64
	needs    []Need
	prefix   string // without {next} and {check}, where no need stands in it
	sourced  bool   // has a {source} that is still to be filled in
	skips    bool   // some check characters are not legal
	keyer    Keyer  // of fields
	warnings []string
}

// CompileCanonical reads the text of a canonical scheme: literals of
// [A-Z0-9-], at most one of {next}, {random} and {hash}, what the founding
// record has ({seq}, {field}, {date}, {source}), and any {check:…}. The error
// is [Errors], all problems at once; it also refuses numbers that a
// spreadsheet would change beyond repair. What it would merely disfigure is in
// [Canonical.Warnings]. A scheme with {source} is read in full by
// [Canonical.ForSource].
func CompileCanonical(text string) (*Canonical, error) {
	p := newParser(text, inCanonical)
	nodes := p.parse()
	p.checkCanonical(nodes)
	if err := p.err(); err != nil {
		return nil, err
	}
	forms := p.forms(nodes)
	if err := p.err(); err != nil {
		return nil, err
	}
	keyer, err := KeyRule{Case: "upper"}.Compile()
	if err != nil {
		return nil, err
	}
	c := &Canonical{text: text, form: forms[0], issue: Carried, issuer: -1, keyer: keyer}
	c.lookAt()
	if least := c.form.minLen; least > MaxCanonical {
		p.fail(1, len(p.runes), fmt.Sprintf("the numbers are %d characters long", least),
			fmt.Sprintf("a CRM's external-ID field takes at most %d", MaxCanonical))
		return nil, p.err()
	}
	c.capacity = c.count()
	c.checkCharacters(p)
	if !c.sourced {
		c.lint(p)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// lookAt notes what the elements are.
func (c *Canonical) lookAt() {
	for i := range c.form.elements {
		switch el := &c.form.elements[i]; el.kind {
		case literal:
			c.prefix += el.text
		case counter:
			c.issue, c.issuer = Counted, i
			if !el.open {
				c.digits = el.min
			}
		case drawn:
			c.issue, c.issuer = Random, i
			if el.token == "hash" {
				c.issue = Hashed
			}
		case given:
			c.sourced = c.sourced || el.token == "source"
			c.needs = append(c.needs, needOf(el))
		}
	}
}

// count is how many numbers a prefix holds: for {next} its greatest value.
func (c *Canonical) count() uint64 {
	switch c.issue {
	case Counted:
		room := c.digits
		if room == 0 {
			room = min(maxNext, MaxCanonical-c.form.minLen+1)
		}
		return power(10, room) - 1
	case Random, Hashed:
		return power(32, c.form.elements[c.issuer].min)
	}
	return math.MaxUint64
}

// power is base to the n-th, at most what 64 bits hold.
func power(base uint64, n int) uint64 {
	v := uint64(1)
	for range n {
		if v > math.MaxUint64/base {
			return math.MaxUint64
		}
		v *= base
	}
	return v
}

// checkCanonical notes what the language allows and a canonical scheme does
// not.
func (p *parser) checkCanonical(nodes []node) {
	issuers, varies := 0, false
	for _, n := range nodes {
		switch {
		case n.optional:
			p.fail(n.column, 1, "a canonical scheme has no optional parts", "a number that is issued has one spelling")
		case n.kind == counter || n.kind == drawn:
			if issuers++; issuers == 2 {
				p.fail(n.column, 1, "a canonical scheme has one {next}, {random} or {hash}", "")
			}
		case n.kind == given:
			varies = varies || n.token == "seq" || n.token == "field"
		case n.kind == literal:
			p.checkLegal(n)
		}
	}
	if issuers > 0 || len(p.problems) > 0 || varies {
		return
	}
	p.fail(1, len(p.runes), "the scheme has no {next}, so it writes one number only", "add {next:8}, as in CUST-{next:8}-{check:mod97-10}")
}

func (p *parser) checkLegal(n node) {
	for i, r := range []rune(n.text) {
		if legal(r) {
			continue
		}
		hint := "canonical IDs use A-Z, 0-9 and the hyphen"
		if 'a' <= r && r <= 'z' {
			hint = fmt.Sprintf("write %q; ", r-'a'+'A') + hint
		}
		p.fail(n.column+i, 1, fmt.Sprintf("%q is not allowed in a canonical ID", r), hint)
	}
}

// checkCharacters decides what becomes of check characters that no canonical
// ID may have, such as the * of mod37-2: a number that would end in one is
// stepped over or drawn again. A scheme that cannot step is refused, and so is
// an algorithm that would lose most of its numbers.
func (c *Canonical) checkCharacters(p *parser) {
	for _, check := range c.form.checks {
		el := &c.form.elements[check.element]
		bad := strings.Map(func(r rune) rune {
			if legal(r) {
				return -1
			}
			return r
		}, el.alg.check)
		const hint = "use mod37-36 for letters and digits, or mod97-10"
		switch {
		case bad == "":
		case len(bad) > len(el.alg.check)/4:
			p.fail(el.column, 1, fmt.Sprintf("the check characters of %s are not those of a canonical ID, which uses A-Z, 0-9 and the hyphen", el.alg.name), hint)
		case c.issue == Carried:
			p.fail(el.column, 1, fmt.Sprintf("some of these numbers would end in %s, which no canonical ID may have, and without {next}, {random} or {hash} none can be stepped over", spaced(bad)), hint)
		default:
			c.skips = true
		}
	}
}

func spaced(chars string) string { return strings.Join(strings.Split(chars, ""), " or ") }

func legal(r rune) bool {
	return 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-'
}

// Legal reports, as nil, that an ID could be canonical whatever its scheme:
// 1 to 50 characters of [A-Z0-9-], the first of them no hyphen, which a
// spreadsheet takes for a formula.
func Legal(id string) error {
	switch {
	case id == "":
		return errors.New("is empty")
	case len(id) > MaxCanonical:
		return fmt.Errorf("is longer than %d characters", MaxCanonical)
	case id[0] == '-':
		return errors.New("starts with a hyphen")
	}
	for _, r := range id {
		if !legal(r) {
			return errors.New("has a character outside of A-Z, 0-9 and the hyphen")
		}
	}
	return nil
}

// ForSource is the scheme for the customers that one source founds: {source}
// becomes its name in capitals. The error is [Errors].
func (c *Canonical) ForSource(name string) (*Canonical, error) {
	if !c.sourced {
		return c, nil
	}
	const token = "{source}"
	written := mapASCII(name, 'a', 'z')
	if err := Legal(written); err != nil {
		column := len([]rune(c.text[:strings.Index(c.text, token)])) + 1
		return nil, Errors{{
			c.text, column, len(token), fmt.Sprintf("the name of source %s cannot stand in a canonical ID: it %s", name, err),
			"give the source a name of letters, digits and hyphens, or a scheme of its own with `as`",
		}}
	}
	return CompileCanonical(strings.ReplaceAll(c.text, token, written))
}

// String is the scheme as it was written, {source} filled in.
func (c *Canonical) String() string { return c.text }

// Issue is how the numbers come to be different.
func (c *Canonical) Issue() Issue { return c.issue }

// Capacity is how many numbers there are under one prefix: the greatest value
// of {next}, or how many {random} and {hash} can be. Numbers that are carried
// have no such bound.
func (c *Canonical) Capacity() uint64 { return c.capacity }

// Needs lists what the numbers take from the record that founds a customer.
func (c *Canonical) Needs() []Need { return c.needs }

// Warnings says, for people, in what ways the numbers could come to harm.
func (c *Canonical) Warnings() []string { return c.warnings }
