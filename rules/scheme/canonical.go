package scheme

import (
	"errors"
	"fmt"
	"strconv"
)

// MaxCanonical is the greatest length of a canonical ID.
const MaxCanonical = 50

// ErrExhausted is wrapped by what Append returns for a counter value that the
// scheme has no room for.
var ErrExhausted = errors.New("the canonical scheme is exhausted")

// Canonical writes the numbers that are issued, and reads its own back. It is
// safe for concurrent use.
type Canonical struct {
	text     string
	form     form
	prefix   string
	counter  int // the element that is {next}
	digits   int // its width; 0 is as many as it takes
	capacity uint64
	warnings []string
}

// CompileCanonical reads the text of a canonical scheme: literals of
// [A-Z0-9-], one {next} and any {check:…}. The error is [Errors], all problems
// at once; it also refuses numbers that a spreadsheet would change beyond
// repair. What it would merely disfigure is in [Canonical.Warnings].
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
	c := &Canonical{text: text, form: forms[0]}
	for i, el := range c.form.elements {
		switch el.kind {
		case literal:
			c.prefix += el.text
		case counter:
			c.counter = i
			if !el.open {
				c.digits = el.min
			}
		}
	}
	if least := c.form.minLen; least > MaxCanonical {
		p.fail(1, len(p.runes), fmt.Sprintf("the numbers are %d characters long", least),
			fmt.Sprintf("a CRM's external-ID field takes at most %d", MaxCanonical))
		return nil, p.err()
	}
	room := c.digits
	if room == 0 {
		room = min(maxNext, MaxCanonical-c.form.minLen+1)
	}
	c.capacity = 1
	for range room {
		c.capacity *= 10
	}
	c.capacity--
	c.lint(p)
	if err := p.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// checkCanonical notes what the language allows and a canonical scheme does
// not.
func (p *parser) checkCanonical(nodes []node) {
	next := 0
	for _, n := range nodes {
		switch {
		case n.optional:
			p.fail(n.column, 1, "a canonical scheme has no optional parts", "a number that is issued has one spelling")
		case n.kind == counter:
			if next++; next == 2 {
				p.fail(n.column, 1, "a canonical scheme has one {next}", "")
			}
		case n.kind == literal:
			for i, r := range []rune(n.text) {
				if !legal(r) {
					hint := "canonical IDs use A-Z, 0-9 and the hyphen"
					if 'a' <= r && r <= 'z' {
						hint = fmt.Sprintf("write %q; ", r-'a'+'A') + hint
					}
					p.fail(n.column+i, 1, fmt.Sprintf("%q is not allowed in a canonical ID", r), hint)
				}
			}
		}
	}
	if next == 0 && len(p.problems) == 0 {
		p.fail(1, len(p.runes), "the scheme has no {next}, so it writes one number only", "add {next:8}, as in CUST-{next:8}-{check:mod97-10}")
	}
}

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

// String is the scheme as it was written.
func (c *Canonical) String() string { return c.text }

// Prefix is the number without {next} and {check}; one counter serves all
// schemes of one prefix.
func (c *Canonical) Prefix() string { return c.prefix }

// Capacity is the greatest counter value that can be written.
func (c *Canonical) Capacity() uint64 { return c.capacity }

// Warnings says, for people, in what ways the numbers could come to harm.
func (c *Canonical) Warnings() []string { return c.warnings }

// Append appends the number of counter value n, check characters included.
// Beyond Capacity it is [ErrExhausted], and dst comes back as it was: a number
// is never widened or cut.
func (c *Canonical) Append(dst []byte, n uint64) ([]byte, error) {
	if n > c.capacity {
		return dst, c.exhausted(n)
	}
	var digits [maxNext]byte
	first := len(digits)
	for v := n; v > 0 || first == len(digits) || len(digits)-first < c.digits; v /= 10 {
		first--
		digits[first] = byte('0' + v%10)
	}
	start := len(dst)
	check := 0
	for i := range c.form.elements {
		switch el := &c.form.elements[i]; el.kind {
		case literal:
			dst = append(dst, el.text...)
		case counter:
			dst = append(dst, digits[first:]...)
		case checker:
			var state uint64
			if c.form.checks[check].zone == nil {
				state = absorb(el.alg, 0, dst[start:])
			} else { // {next} is the only component that a check can name here
				state = absorb(el.alg, 0, digits[first:])
			}
			check++
			chars := el.alg.final(state)
			for k := range el.alg.width {
				dst = append(dst, chars[k])
			}
		}
	}
	return dst, nil
}

func (c *Canonical) exhausted(n uint64) error {
	return fmt.Errorf("write number %d of scheme %s, whose greatest is %d: %w", n, c.text, c.capacity, ErrExhausted)
}

// Counter is the counter value of one of the scheme's own numbers; ok is false
// for any other text, a wrong check among them.
func (c *Canonical) Counter(id string) (n uint64, ok bool) {
	var ends layout
	if !c.form.layOut(id, &ends) {
		return 0, false
	}
	for _, check := range c.form.checks {
		if !c.form.checkHolds(check, id, &ends) {
			return 0, false
		}
	}
	start := 0
	if c.counter > 0 {
		start = int(ends[c.counter-1])
	}
	digits := id[start:ends[c.counter]]
	if c.digits == 0 && len(digits) > 1 && digits[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil && n <= c.capacity
}
