package scheme

import (
	"fmt"
	"strings"
	"time"
)

// Need is something that canonical numbers take from the record that founds a
// customer.
type Need struct {
	// Token is seq (a component of the source ID), field (a field, or else a
	// component) or date.
	Token string
	// Name is that of the field or component; empty for a date.
	Name string
	// Column is where the token starts in the text of the scheme, from 1.
	Column int

	text  string
	width int // of {seq:8}; 0 is as many digits as there are
	date  *dateLayout
}

// String is the token as it is written: {field:region}.
func (n Need) String() string { return n.text }

func needOf(el *element) Need {
	n := Need{Token: el.token, Name: el.arg, Column: el.column, date: el.date, text: "{" + el.token + "}"}
	if el.arg != "" {
		n.text = "{" + el.token + ":" + el.arg + "}"
	}
	switch {
	case el.token == "seq":
		n.Name = "seq"
		if !el.open {
			n.width = el.min
		}
	case el.date != nil:
		n.Name = ""
	}
	return n
}

// What the needs are given is one row of bytes: for each need its length and
// its text, or one byte that says why there is none.
const (
	lacksText = 0xff - iota
	lacksLegal
	lacksRoom
	lacksDate
	lacksAll = lacksDate
)

// Give appends what need no takes from a text: the value of the field, or the
// component. A text that cannot stand in a number is given as the lack of one,
// which [Canonical.Check] reports.
func (c *Canonical) Give(dst []byte, no int, text string) []byte {
	text = strings.TrimSpace(text)
	if text == "" {
		return append(dst, lacksText)
	}
	n := &c.needs[no]
	if n.width > 0 {
		text = strings.TrimLeft(text, "0")
		if len(text) > n.width {
			return append(dst, lacksRoom)
		}
		dst = append(dst, byte(n.width))
		for range n.width - len(text) {
			dst = append(dst, '0')
		}
		return append(dst, text...)
	}
	key, err := c.keyer.Key(text)
	if err != nil || !plainNumber(key) {
		return append(dst, lacksLegal)
	}
	if len(key) > MaxCanonical {
		return append(dst, lacksRoom)
	}
	return append(append(dst, byte(len(key))), key...)
}

// GiveDate appends what need no takes from a moment. It is in the time zone of
// the source; the zero time is the lack of one.
func (c *Canonical) GiveDate(dst []byte, no int, t time.Time) []byte {
	layout := c.needs[no].date
	if t.IsZero() {
		return append(dst, lacksDate)
	}
	start := len(dst)
	dst, ok := layout.write(append(dst, byte(len(layout.text))), t)
	if !ok {
		return append(dst[:start], lacksDate)
	}
	return dst
}

// plainNumber reports whether a text can stand inside a number, wherever: of
// [A-Z0-9], with single hyphens between.
func plainNumber(text string) bool {
	last := byte('-')
	for i := range len(text) {
		if !legal(rune(text[i])) || text[i] == '-' && last == '-' {
			return false
		}
		last = text[i]
	}
	return last != '-'
}

// Check says why no number can be made of what a record gives, or nil.
func (c *Canonical) Check(gave []byte) error {
	total := c.form.minLen
	for i := range c.needs {
		n := &c.needs[i]
		switch gave[0] {
		case lacksText:
			if n.Token == "seq" {
				return fmt.Errorf("no number can be made for it: its ID has no component seq for %s", n)
			}
			return fmt.Errorf("no number can be made for it: it has nothing for %s", n)
		case lacksLegal:
			return fmt.Errorf("no number can be made for it: what it has for %s is not of A-Z, 0-9 and single hyphens", n)
		case lacksRoom:
			return fmt.Errorf("no number can be made for it: what it has for %s is too long, and nothing is ever cut", n)
		case lacksDate:
			return fmt.Errorf("no number can be made for it: neither its ID nor the field created says the date for %s", n)
		}
		total += int(gave[0]) - c.least(i)
		gave = gave[1+int(gave[0]):]
	}
	if total > MaxCanonical {
		return fmt.Errorf("no number can be made for it: it would be longer than %d characters", MaxCanonical)
	}
	return nil
}

// least is the fewest characters of need no.
func (c *Canonical) least(no int) int {
	switch n := &c.needs[no]; {
	case n.width > 0:
		return n.width
	case n.date != nil:
		return len(n.date.text)
	}
	return 1
}

// Has reports whether IDs of the scheme can have the component.
func (s *Scheme) Has(component string) bool {
	for i := range s.forms {
		for k := range s.forms[i].elements {
			if el := &s.forms[i].elements[k]; el.kind != literal && el.name == component {
				return true
			}
		}
	}
	return false
}

// Says reports whether IDs of scheme s can tell the date that n takes.
func (n Need) Says(s *Scheme) bool {
	for i := range s.forms {
		for k := range s.forms[i].elements {
			if n.tells(&s.forms[i].elements[k]) {
				return true
			}
		}
	}
	return false
}

// tells reports whether a component tells all that the layout of n writes: a
// month does not tell the day.
func (n Need) tells(el *element) bool {
	if el.kind == literal || el.date == nil {
		return el.kind != literal && (el.token == "unix" || el.token == "unixms")
	}
	for _, want := range n.date.fields {
		found := false
		for _, has := range el.date.fields {
			found = found || has.unit == want.unit
		}
		if !found {
			return false
		}
	}
	return true
}

// Date is the date that n takes from an ID that scheme s has parsed into p, in
// loc; zero where the ID does not tell it.
func (n Need) Date(s *Scheme, p Parts, loc *time.Location) time.Time {
	no := 0
	for i := range s.forms[p.Form].elements {
		el := &s.forms[p.Form].elements[i]
		if el.kind == literal {
			continue
		}
		if n.tells(el) {
			if t, ok := s.Time(p, no, loc); ok {
				return t
			}
		}
		no++
	}
	return time.Time{}
}
