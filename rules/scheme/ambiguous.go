package scheme

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A scheme is a machine that reads an ID character by character: it stands in
// some element of some form, with so many characters of it read. Two readings
// of one text are two walks that part and both arrive. refuseAmbiguous walks
// all pairs at once, so what it finds is the truth and not a rule of thumb.

// state is a place in a scheme: n characters (n ≥ 1) of an element read. Where
// the element has no greatest width, n stops at its least.
type state struct {
	form, element, n int16
}

// pair is two walks over the same text.
type pair struct{ a, b state }

// maxPairs bounds the proof. Schemes that people write need a few hundred.
const maxPairs = 1 << 17

// refuseAmbiguous reports a text that the scheme reads in two ways, if there
// is one.
func (p *parser) refuseAmbiguous(s *Scheme) {
	text, found, done := s.witness()
	switch {
	case !done:
		p.fail(1, len(p.runes), "the scheme is too complicated to prove that every ID has one reading",
			"give its tokens fixed widths, or list several simpler schemes")
	case found:
		one, other, column := s.twoReadings(text)
		p.fail(column, 1, fmt.Sprintf("ambiguous: %q is %s as well as %s", text, one, other),
			"give a token a fixed width, or put something between the two that neither reads")
	}
}

// witness looks for a text with two readings. It is not done where the proof
// would take too long.
func (s *Scheme) witness() (text string, found, done bool) {
	type step struct {
		from pair
		char rune
	}
	seen := map[pair]step{}
	var queue []pair
	push := func(from, to pair, r rune) {
		if _, ok := seen[to]; !ok {
			seen[to] = step{from, r}
			queue = append(queue, to)
		}
	}
	trace := func(at pair) string {
		var runes []rune
		for at != (pair{}) {
			runes = append(runes, seen[at].char)
			at = seen[at].from
		}
		slices.Reverse(runes)
		return string(runes)
	}
	for i := range s.forms {
		for j := i; j < len(s.forms); j++ {
			a, b := state{int16(i), 0, 1}, state{int16(j), 0, 1}
			if r, ok := s.common(a, b); ok {
				push(pair{}, pair{a, b}, r)
			}
		}
	}
	var buf [2][2]state
	for len(queue) > 0 {
		if len(seen) > maxPairs {
			return "", false, false
		}
		at := queue[0]
		queue = queue[1:]
		if at.a != at.b && s.accepts(at.a) && s.accepts(at.b) {
			return trace(at), true, true
		}
		for _, a := range s.after(at.a, &buf[0]) {
			for _, b := range s.after(at.b, &buf[1]) {
				r, ok := s.common(a, b)
				if !ok {
					continue
				}
				if a == b && at.a != at.b {
					return trace(at) + string(r) + s.finish(a), true, true
				}
				push(at, pair{a, b}, r)
			}
		}
	}
	return "", false, true
}

// width is how many characters the element of st has at least and at most.
func (s *Scheme) width(st state) (el *element, least, most int) {
	el = &s.forms[st.form].elements[st.element]
	if el.kind == literal {
		n := utf8.RuneCountInString(el.text)
		return el, n, n
	}
	return el, el.min, el.max
}

// accepts reports whether an ID may end here.
func (s *Scheme) accepts(st state) bool {
	_, least, _ := s.width(st)
	return int(st.element) == len(s.forms[st.form].elements)-1 && int(st.n) >= least
}

// after lists the states that one more character can lead to.
func (s *Scheme) after(st state, buf *[2]state) []state {
	out := buf[:0]
	el, least, most := s.width(st)
	switch {
	case el.open && int(st.n) == least:
		out = append(out, st)
	case int(st.n) < most:
		out = append(out, state{st.form, st.element, st.n + 1})
	}
	if int(st.n) >= least && int(st.element) < len(s.forms[st.form].elements)-1 {
		out = append(out, state{st.form, st.element + 1, 1})
	}
	return out
}

// finish is a shortest text that leads from st to the end.
func (s *Scheme) finish(st state) string {
	var b strings.Builder
	elements := s.forms[st.form].elements
	n := int(st.n)
	for i := int(st.element); i < len(elements); i++ {
		_, least, _ := s.width(state{form: st.form, element: int16(i)})
		for ; n < least; n++ {
			at := state{st.form, int16(i), int16(n + 1)}
			r, _ := s.common(at, at)
			b.WriteRune(r)
		}
		n = 0
	}
	return b.String()
}

// common is a character by which both states can be entered.
func (s *Scheme) common(a, b state) (rune, bool) {
	ra, fixedA := s.char(a)
	rb, fixedB := s.char(b)
	ca := s.forms[a.form].elements[a.element].class
	cb := s.forms[b.form].elements[b.element].class
	switch {
	case fixedA && fixedB:
		return ra, ra == rb
	case fixedA:
		return ra, cb.has(ra)
	case fixedB:
		return rb, ca.has(rb)
	}
	return ca.common(cb)
}

// char is the character of a literal by which st is entered.
func (s *Scheme) char(st state) (rune, bool) {
	el := &s.forms[st.form].elements[st.element]
	if el.kind != literal {
		return 0, false
	}
	n := int(st.n)
	for _, r := range el.text {
		if n--; n == 0 {
			return r, true
		}
	}
	return 0, false
}

// twoReadings describes two readings of an ambiguous text, and the column of
// the token that reads differently. Check characters are not compared: they
// would only hide the ambiguity from some texts.
func (s *Scheme) twoReadings(text string) (one, other string, column int) {
	var found []string
	var first []element
	var firstEnds []int
	column = 1
	for i := range s.forms {
		f := &s.forms[i]
		f.readings(text, func(ends []int) bool {
			if len(found) == 1 {
				column = parting(first, f.elements, firstEnds, ends)
			}
			first, firstEnds = f.elements, slices.Clone(ends)
			found = append(found, f.describe(text, ends))
			return len(found) < 2
		})
		if len(found) == 2 {
			return found[0], found[1], column
		}
	}
	return "one reading", "another", column
}

// parting is the column of the element at which two readings part.
func parting(a, b []element, endsA, endsB []int) int {
	for k := range min(len(a), len(b)) {
		switch {
		case a[k].column != b[k].column:
			return min(a[k].column, b[k].column)
		case endsA[k] != endsB[k] && k+1 < len(a):
			return a[k+1].column
		}
	}
	return 1
}

// readings yields the ends of the elements of every reading of text, until
// yield says stop.
func (f *form) readings(text string, yield func(ends []int) bool) {
	var dead memo // from where no reading arrives
	stopped := false
	var walk func(ends []int, pos int) bool
	walk = func(ends []int, pos int) bool {
		if len(ends) == len(f.elements) {
			if pos < len(text) {
				return false
			}
			stopped = !yield(ends)
			return true
		}
		at := len(ends)
		if dead[at][pos>>6]&(1<<(pos&63)) != 0 {
			return false
		}
		arrived := false
		el := &f.elements[at]
		end := pos
		for n := 1; n <= el.max && !stopped; n++ {
			size := el.class.one(text[end:])
			if el.kind == literal {
				n, size = el.max, len(el.text)
				if !strings.HasPrefix(text[end:], el.text) {
					break
				}
			}
			if size == 0 {
				break
			}
			end += size
			if n >= el.min && walk(append(ends, end), end) {
				arrived = true
			}
		}
		if !arrived {
			dead[at][pos>>6] |= 1 << (pos & 63)
		}
		return arrived
	}
	if len(text) <= maxKey {
		walk(nil, 0)
	}
}

// describe is "C seq=01 check=3": the elements with what they read.
func (f *form) describe(text string, ends []int) string {
	var words []string
	start := 0
	for i, el := range f.elements {
		part := text[start:ends[i]]
		if el.kind != literal {
			part = el.name + "=" + part
		}
		words = append(words, part)
		start = ends[i]
	}
	return strings.Join(words, " ")
}
