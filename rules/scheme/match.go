package scheme

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Part is one component of an ID: a token's name and the text it read.
type Part struct {
	Name string
	Text string
}

// Parts is what a scheme reads out of an ID: the components in their order,
// check characters among them. Form says which optional parts were there:
// 0 is all of them, and the others are the scheme's own business.
type Parts struct {
	Form  int
	Parts []Part
}

// Get is the text of the component of that name.
func (p Parts) Get(name string) (string, bool) {
	for _, part := range p.Parts {
		if part.Name == name {
			return part.Text, true
		}
	}
	return "", false
}

// MatchError says why a text is not an ID of a scheme. It does not quote the
// text.
type MatchError struct {
	Scheme string
	// Check is the algorithm whose check characters are wrong; empty where
	// the text has another shape.
	Check string
}

func (e *MatchError) Error() string {
	if e.Check != "" {
		return fmt.Sprintf("the %s check of scheme %s is wrong", e.Check, e.Scheme)
	}
	return "does not fit scheme " + e.Scheme
}

// Match reports whether key is an ID of the scheme, check characters
// included. It allocates nothing.
func (s *Scheme) Match(key string) bool {
	var ends layout
	return s.read(key, &ends) >= 0
}

// Parse reads the components of an ID. A text that the scheme does not read
// is a [*MatchError].
func (s *Scheme) Parse(id string) (Parts, error) {
	var p Parts
	if !s.ParseInto(&p, id) {
		return Parts{}, s.mismatch(id)
	}
	return p, nil
}

// ParseInto is Parse for many IDs: it reuses p, and says whether the scheme
// reads the ID.
func (s *Scheme) ParseInto(p *Parts, id string) bool {
	var ends layout
	at := s.read(id, &ends)
	if at < 0 {
		return false
	}
	s.forms[at].cut(p, at, id, &ends)
	return true
}

// cut fills p with the components of an ID.
func (f *form) cut(p *Parts, form int, id string, ends *layout) {
	p.Form = form
	parts := p.Parts[:0]
	start := 0
	for i, name := range f.names {
		end := int(ends[i])
		if name != "" {
			parts = append(parts, Part{name, id[start:end]})
		}
		start = end
	}
	p.Parts = parts
}

// mismatch finds out why no form reads id.
func (s *Scheme) mismatch(id string) error {
	var ends layout
	for i := range s.forms {
		f := &s.forms[i]
		if !f.layOut(id, &ends) || !f.validAll(id, &ends) {
			continue
		}
		for _, c := range f.checks {
			if !f.checkHolds(c, id, &ends) {
				return &MatchError{s.text, f.elements[c.element].alg.name}
			}
		}
	}
	return &MatchError{Scheme: s.text}
}

// layout holds where each element of a form ends in an ID, in bytes.
type layout [maxElements]uint8

// read finds the form that reads id and lays it out. It is -1 without one.
func (s *Scheme) read(id string, ends *layout) int {
	for i := range s.forms {
		if s.forms[i].reads(id, ends) {
			return i
		}
	}
	return -1
}

// reads lays an ID out where the form reads it, check characters included.
func (f *form) reads(id string, ends *layout) bool {
	return f.layOut(id, ends) && f.validAll(id, ends) && f.checksHold(id, ends)
}

// checksHold compares the check characters of an ID that was laid out.
func (f *form) checksHold(id string, ends *layout) bool {
	for _, c := range f.checks {
		if !f.checkHolds(c, id, ends) {
			return false
		}
	}
	return true
}

// validAll asks the elements whose class does not say everything. It comes
// after the layout, which is unique whatever they say.
func (f *form) validAll(id string, ends *layout) bool {
	for _, i := range f.valid {
		if !f.elements[i].valid(f.part(i, id, ends)) {
			return false
		}
	}
	return true
}

// part is the text of element i.
func (f *form) part(i int, id string, ends *layout) string {
	if i == 0 {
		return id[:ends[0]]
	}
	return id[ends[i-1]:ends[i]]
}

// layOut finds the only way in which the elements can cover id.
func (f *form) layOut(id string, ends *layout) bool {
	if len(id) < f.minLen || len(id) > maxKey {
		return false
	}
	if f.variable == several || f.wide && !isASCII(id) {
		if !f.tries {
			return f.search(id, 0, 0, ends, nil)
		}
		var m memo
		return f.search(id, 0, 0, ends, &m)
	}
	rest := len(id) - f.fixed // of the element of variable width
	if f.variable == none {
		if rest != 0 {
			return false
		}
	} else if el := &f.elements[f.variable]; rest < el.min || rest > el.max {
		return false
	}
	*ends = f.ends
	head, tail := f.bytes[:f.head], id[f.head:]
	for i, in := range head {
		if !in[id[i]] {
			return false
		}
	}
	if f.variable != none {
		in := &f.elements[f.variable].class.ascii
		for _, b := range []byte(tail[:rest]) {
			if !in[b] {
				return false
			}
		}
		tail = tail[rest:]
		for i := f.variable; i < len(f.elements); i++ {
			ends[i] += uint8(rest)
		}
	}
	for i, in := range f.bytes[f.head:] {
		if !in[tail[i]] {
			return false
		}
	}
	return true
}

// memo notes the places from which an element of variable width is known to
// lead nowhere, which bounds the search by elements × length².
type memo [maxElements][4]uint64

// search lays out elements[at:] over id[pos:]. It is for forms with several
// elements of variable width and for characters of several bytes. The memo is
// nil where no element has to try several widths.
func (f *form) search(id string, at, pos int, ends *layout, m *memo) bool {
	for ; at < len(f.elements); at++ {
		el := &f.elements[at]
		if el.kind == literal {
			if !strings.HasPrefix(id[pos:], el.text) {
				return false
			}
			pos += el.min
			ends[at] = uint8(pos)
			continue
		}
		start, n, must := pos, 0, el.min
		if el.whole {
			must = el.max
		}
		for ; n < must; n++ {
			size := el.class.one(id[pos:])
			if size == 0 {
				break
			}
			pos += size
		}
		if n < el.min {
			return false
		}
		if el.whole || el.min == el.max {
			ends[at] = uint8(pos)
			continue
		}
		if m[at][start>>6]&(1<<(start&63)) != 0 {
			return false
		}
		m[at][start>>6] |= 1 << (start & 63)
		for {
			ends[at] = uint8(pos)
			if f.search(id, at+1, pos, ends, m) {
				return true
			}
			size := el.class.one(id[pos:])
			if n == el.max || size == 0 {
				return false
			}
			n++
			pos += size
		}
	}
	return pos == len(id)
}

// checkHolds compares the check characters, however they are spelled, with
// what they should be.
func (f *form) checkHolds(c checkAt, id string, ends *layout) bool {
	alg := f.elements[c.element].alg
	start := int(ends[c.element]) - alg.width
	want := alg.final(zoneOf(c, alg, id, ends))
	for i := range alg.width {
		b := id[start+i]
		if alg.spell != nil {
			b = alg.spell(b)
		}
		if b != want[i] {
			return false
		}
	}
	return true
}

// zoneOf runs what a check of a form covers through its algorithm.
func zoneOf[T string | []byte](c checkAt, alg *algorithm, text T, ends *layout) uint64 {
	if c.zone == nil {
		return absorb(alg, 0, text[:int(ends[c.element])-alg.width])
	}
	var state uint64
	for _, e := range c.zone {
		from := uint8(0)
		if e > 0 {
			from = ends[e-1]
		}
		state = absorb(alg, state, text[from:ends[e]])
	}
	return state
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
