package damage

import "strings"

// aligner lays a damaged text over a form, and notes what it had to change.
// It is generous: whether the outcome is an ID is for the set to say.
type aligner struct {
	f     *form
	text  string
	first int // segment to start with: 1 where the prefix is missing

	out     [256]byte
	n       int
	added   int  // zeros put in front of numbers
	dropped int  // zeros taken off the front of numbers
	literal bool // the only zeros added are literal, and all of them were missing
	cased   int  // letters of literals in another case
	looks   int  // characters of numbers that look like digits
	glyphs  int  // characters of literals that look like others
	copied  int  // letters of tokens, whose case is anybody's guess
	zero    bool // a number that has room for more digits starts with 0
	led     bool // the first number starts with 0
	digits  int  // significant digits of the number that zeros were added to, or of the first
}

func (a *aligner) changed() bool {
	return a.added+a.dropped+a.cased+a.looks+a.glyphs > 0
}

func (a *aligner) result() string { return string(a.out[:a.n]) }

// align lays the text over the form.
func (a *aligner) align() bool {
	if len(a.text) > 64 {
		return false
	}
	rest := a.text
	for i := a.first; i < len(a.f.segs); i++ {
		s := &a.f.segs[i]
		var n int
		var ok bool
		switch {
		case s.literal != "":
			n, ok = a.takeLiteral(s, rest)
		case s.number:
			n, ok = a.takeNumber(s, rest, i)
		default:
			n, ok = a.takeOther(s, rest, i)
		}
		if !ok {
			return false
		}
		rest = rest[n:]
	}
	return rest == "" && a.n > 0
}

func (a *aligner) put(text string) bool {
	if a.n+len(text) > len(a.out) {
		return false
	}
	a.n += copy(a.out[a.n:], text)
	return true
}

// takeLiteral reads a literal in any case and with look-alikes.
func (a *aligner) takeLiteral(s *seg, rest string) (int, bool) {
	if len(rest) < len(s.literal) {
		return 0, false
	}
	if strings.HasPrefix(rest, s.literal) {
		return len(s.literal), a.put(s.literal)
	}
	for i := range len(s.literal) {
		want, got := s.literal[i], rest[i]
		switch {
		case want == got:
		case want|0x20 == got|0x20 && isLetter(want):
			a.cased++
		case looksLike(want) != 0 && looksLike(want) == looksLike(got):
			a.glyphs++
		default:
			return 0, false
		}
	}
	return len(s.literal), a.put(s.literal)
}

// takeNumber reads a run of digits, and brings it to the width of the form.
func (a *aligner) takeNumber(s *seg, rest string, i int) (int, bool) {
	n := digitRun(rest)
	if s.tail > 0 && n < len(rest) && isAlnum(rest[n]) {
		n = min(len(rest), n+s.tail)
	}
	if i == len(a.f.segs)-1 {
		n = len(rest)
	} else if n < s.min { // characters that are no digits may be meant for some
		for n < len(rest) && (isDigit(rest[n]) || digitFor(rest[n]) != 0) && !a.follows(i, rest[n:]) {
			n++
		}
	}
	if n == 0 || n < s.tail || s.max < s.min {
		return 0, false
	}
	text := rest[:n]
	lead := leadingZeros(text)
	a.zero = a.zero || n < s.min && lead > 0
	if a.digits == 0 {
		a.led, a.digits = lead > 0, n-lead
	}
	switch {
	case n < s.min:
		missing := s.min - n
		a.literal = a.added == 0 && missing == s.lead && lead == 0
		a.added, a.led, a.digits = a.added+missing, true, n-lead
		if missing > len(zeros) || !a.put(zeros[:missing]) {
			return 0, false
		}
	case n > s.max:
		if lead < n-s.max {
			return 0, false
		}
		a.dropped += n - s.max
		text = text[n-s.max:]
	}
	for k := range len(text) {
		b := text[k]
		if !isDigit(b) && k < len(text)-s.tail {
			d := digitFor(b)
			if d == 0 {
				return 0, false
			}
			b = d
			a.looks++
		}
		if a.n == len(a.out) {
			return 0, false
		}
		a.out[a.n] = b
		a.n++
	}
	return n, true
}

// follows reports whether the segment behind i can start here.
func (a *aligner) follows(i int, rest string) bool {
	if i+1 == len(a.f.segs) {
		return rest == ""
	}
	next := &a.f.segs[i+1]
	return next.literal != "" && len(rest) >= len(next.literal) && strings.EqualFold(rest[:len(next.literal)], next.literal)
}

// takeOther copies what a token of letters or other characters reads.
func (a *aligner) takeOther(s *seg, rest string, i int) (int, bool) {
	n := min(s.max, len(rest))
	if s.min == s.max {
		if len(rest) < s.min {
			return 0, false
		}
	} else if i < len(a.f.segs)-1 {
		n = 0
		for n < len(rest) && n < s.max && s.takes(rest[n]) && (n < s.min || !a.follows(i, rest[n:])) {
			n++
		}
	}
	if n < s.min {
		return 0, false
	}
	for k := range n {
		if !s.takes(rest[k]) {
			return 0, false
		}
		if isLetter(rest[k]) {
			a.copied++
		}
	}
	return n, a.put(rest[:n])
}

func (s *seg) takes(b byte) bool {
	return s.other || s.digits && isDigit(b) || s.letters && isLetter(b)
}

func leadingZeros(text string) int { return len(text) - len(strings.TrimLeft(text, "0")) }

func isLetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }

func isAlnum(b byte) bool { return isDigit(b) || isLetter(b) }

// digitFor is the digit that a character is taken for, or 0.
func digitFor(b byte) byte {
	switch b {
	case 'O', 'o':
		return '0'
	case 'I', 'l', 'i', '|':
		return '1'
	case 'S', 's':
		return '5'
	case 'B':
		return '8'
	}
	return 0
}

// looksLike sorts characters by what they look like; 0 is unlike any other.
func looksLike(b byte) byte {
	if d := digitFor(b); d != 0 {
		return d
	}
	if b == '0' || b == '1' || b == '5' || b == '8' {
		return b
	}
	return 0
}
