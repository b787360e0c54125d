package scheme

import (
	"errors"
	"fmt"
	"strconv"
)

// ErrExhausted is wrapped by what Append returns for a counter value that the
// scheme has no room for.
var ErrExhausted = errors.New("the canonical scheme is exhausted")

// ErrSkip is what Append returns for a number that has no check character, or
// one that no canonical ID may have: the number is not issued, and the next is
// tried.
var ErrSkip = errors.New("the check character cannot stand in a canonical ID")

// AppendPrefix appends the number without {next} and {check}: one counter
// serves all numbers of one prefix. gave is what the founding record gives for
// the needs, and has passed Check.
func (c *Canonical) AppendPrefix(dst, gave []byte) []byte {
	if len(c.needs) == 0 {
		return append(dst, c.prefix...)
	}
	return c.appendPrefix(dst, gave, "")
}

// AppendTally appends the name of the tally that counts how many numbers were
// drawn under one prefix: the number with the token still in it, such as
// C-{random:8}. No prefix of a counter looks like it.
func (c *Canonical) AppendTally(dst, gave []byte) []byte {
	el := &c.form.elements[c.issuer]
	return c.appendPrefix(dst, gave, "{"+el.token+":"+el.arg+"}")
}

func (c *Canonical) appendPrefix(dst, gave []byte, issued string) []byte {
	for i := range c.form.elements {
		switch el := &c.form.elements[i]; el.kind {
		case literal:
			dst = append(dst, el.text...)
		case given:
			dst = append(dst, gave[1:1+gave[0]]...)
			gave = gave[1+gave[0]:]
		case counter, drawn:
			dst = append(dst, issued...)
		}
	}
	return dst
}

// Append appends the number of counter value n under what the founding record
// gives (nil where the scheme needs nothing), check characters included; n
// counts only where the scheme has {next}. Beyond Capacity it is
// [ErrExhausted], and dst comes back as it was: a number is never widened or
// cut.
func (c *Canonical) Append(dst, gave []byte, n uint64) ([]byte, error) {
	if n > c.capacity {
		return dst, c.exhausted(n)
	}
	var digits [maxNext]byte
	first := len(digits)
	for v := n; v > 0 || first == len(digits) || len(digits)-first < c.digits; v /= 10 {
		first--
		digits[first] = byte('0' + v%10)
	}
	out, err := c.write(dst, gave, digits[first:])
	if errors.Is(err, errTooLong) { // only an open {next} grows
		err = c.exhausted(n)
	}
	return out, err
}

var errTooLong = fmt.Errorf("longer than %d characters", MaxCanonical)

// write appends the number whose {next}, {random} or {hash} is issued.
func (c *Canonical) write(dst, gave, issued []byte) ([]byte, error) {
	start := len(dst)
	var ends layout
	for i := range c.form.elements {
		switch el := &c.form.elements[i]; el.kind {
		case literal:
			dst = append(dst, el.text...)
		case counter, drawn:
			dst = append(dst, issued...)
		case given:
			dst = append(dst, gave[1:1+gave[0]]...)
			gave = gave[1+gave[0]:]
		case checker:
			dst = append(dst, "??????"[:el.min]...)
		}
		if len(dst)-start > MaxCanonical {
			return dst[:start], errTooLong
		}
		ends[i] = uint8(len(dst) - start)
	}
	number := dst[start:]
	for _, check := range c.form.checks {
		if !c.writeCheck(check, number, &ends) {
			return dst[:start], ErrSkip
		}
	}
	return dst, nil
}

// writeCheck fills check characters in; it fails where they are not legal.
func (c *Canonical) writeCheck(check checkAt, number []byte, ends *layout) bool {
	alg := c.form.elements[check.element].alg
	chars := alg.final(zoneOf(check, alg, number, ends))
	copy(number[int(ends[check.element])-alg.width:][:alg.width], chars[:])
	if c.skips {
		return legal(rune(chars[0]))
	}
	return chars[0] != 0
}

func (c *Canonical) exhausted(n uint64) error {
	return fmt.Errorf("write number %d of scheme %s, whose greatest is %d: %w", n, c.text, c.capacity, ErrExhausted)
}

// Match reports whether a text could be one of the scheme's numbers: its shape
// and its check are right.
func (c *Canonical) Match(id string) bool {
	var ends layout
	if c.form.variable != several {
		return c.read(id, &ends)
	}
	// Where fields of open width meet, a number can be cut up in several ways;
	// its check tells which is right.
	found, tried := false, 0
	if Legal(id) == nil {
		c.form.readings(id, func(cuts []int) bool {
			for i, end := range cuts {
				ends[i] = uint8(end)
			}
			found = c.form.checksHold(id, &ends)
			tried++
			return !found && tried < maxReadings
		})
	}
	return found
}

// maxReadings bounds the search of Match. Schemes of a few fields have some
// hundred readings at most.
const maxReadings = 10_000

func (c *Canonical) read(id string, ends *layout) bool {
	return Legal(id) == nil && c.form.layOut(id, ends) && c.form.checksHold(id, ends)
}

// Counter is the counter value of one of the scheme's own numbers; ok is false
// for any other text, a wrong check among them, and where the number does not
// tell which of its digits were counted.
func (c *Canonical) Counter(id string) (n uint64, ok bool) {
	var ends layout
	if c.issue != Counted || c.form.variable == several || !c.read(id, &ends) {
		return 0, false
	}
	digits := c.form.part(c.issuer, id, &ends)
	if c.digits == 0 && len(digits) > 1 && digits[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil && n <= c.capacity
}

// Prefix is that of one of the scheme's own numbers: what [Canonical.Counter]
// counts under, as [Canonical.AppendPrefix] names it. Empty for any other text.
func (c *Canonical) Prefix(id string) string {
	var ends layout
	if c.issue != Counted || c.form.variable == several || !c.read(id, &ends) {
		return ""
	}
	var prefix []byte
	for i := range c.form.elements {
		switch c.form.elements[i].kind {
		case literal, given:
			prefix = append(prefix, c.form.part(i, id, &ends)...)
		}
	}
	return string(prefix)
}
