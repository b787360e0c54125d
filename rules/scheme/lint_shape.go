package scheme

import (
	"regexp/syntax"
	"slices"
)

// shape is what the numbers of a scheme can look like, character by
// character. Check characters may be any of their alphabet.
type shape []spot

// spot is a place in a number, with the characters that may stand there, the
// ones that people recognise first before the others. Optional ones, and all
// behind them that are optional too, may be absent.
type spot struct {
	chars    []rune
	optional bool
}

// longShape is the width at which an open token ends: more characters come to
// no other harm.
const longShape = 18

// unknown stands for a character of a field.
const unknown = '\ufffd'

// shape lists the places of the scheme's numbers. With fields, a field may
// hold any letters and digits, and a {seq} any number of digits; without, a
// field is something that is like nothing else, and a {seq} ordinary.
func (c *Canonical) shape(fields bool) shape {
	var s shape
	for i := range c.form.elements {
		el := &c.form.elements[i]
		if el.kind == literal {
			for _, r := range el.text {
				s = append(s, spot{chars: []rune{r}})
			}
			continue
		}
		chars, most := charsOf(el.class), el.max
		if el.open {
			most = min(most, longShape)
		}
		switch {
		case el.kind == given && el.token == "field" && !fields:
			chars = []rune{unknown}
		case el.kind == given && el.token == "field":
			chars = charsOf(classAlnumCapital)
		case el.kind == given && el.token == "seq" && el.open && !fields:
			most = maxCarried
		}
		if el.date != nil {
			s = append(s, dateShape(el.date)...)
			continue
		}
		for n := range most {
			s = append(s, spot{chars: chars, optional: n >= el.min})
		}
	}
	return s
}

func dateShape(d *dateLayout) (s shape) {
	for _, r := range d.text {
		spot := spot{chars: charsOf(classDigit)}
		if r == '-' {
			spot.chars = []rune{r}
		}
		s = append(s, spot)
	}
	return s
}

var classAlnumCapital = newClass(digits + capital)

func charsOf(c *class) []rune {
	var out []rune
	for _, r := range "1A" {
		if c.has(r) {
			out = append(out, r)
		}
	}
	for b, in := range c.ascii {
		if r := rune(b); in && legal(r) && r != '1' && r != 'A' {
			out = append(out, r)
		}
	}
	return out
}

// pattern is a regular expression for whole numbers.
type pattern struct{ prog *syntax.Prog }

func newPattern(expr string) pattern {
	re, err := syntax.Parse("(?:"+expr+")", syntax.Perl)
	if err != nil { // the patterns are constants
		panic(err)
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		panic(err)
	}
	return pattern{prog}
}

// meets finds a number of the shape that the pattern fits. It walks the pairs
// of a place in the number and a place in the expression, which is the product
// of the two automata; the number that it finds is a shortest one.
func (p pattern) meets(s shape) (number string, found bool) {
	type step struct {
		from int32 // the pair that led here, or -1
		r    rune  // the character taken on the way, or 0
	}
	insts := p.prog.Inst
	came := make([]step, (len(s)+1)*len(insts)) // by pair: place in the number × instruction
	seen := make([]bool, len(came))
	var queue []int32
	var push func(at int, pc uint32, via step)
	push = func(at int, pc uint32, via step) {
		to := int32(at*len(insts) + int(pc))
		if seen[to] {
			return
		}
		seen[to], came[to] = true, via
		switch inst := &insts[pc]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			push(at, inst.Out, step{from: to})
			push(at, inst.Arg, step{from: to})
		case syntax.InstCapture, syntax.InstNop:
			push(at, inst.Out, step{from: to})
		default:
			queue = append(queue, to)
		}
	}
	push(0, uint32(p.prog.Start), step{from: -1})
	for len(queue) > 0 {
		from := queue[0]
		queue = queue[1:]
		at, inst := int(from)/len(insts), &insts[int(from)%len(insts)]
		if inst.Op == syntax.InstMatch {
			if !s.ends(at) {
				continue
			}
			var text []rune
			for ; from >= 0; from = came[from].from {
				if r := came[from].r; r != 0 {
					text = append(text, r)
				}
			}
			slices.Reverse(text)
			return string(text), true
		}
		for more := true; more && at < len(s); at++ {
			for _, r := range s[at].chars {
				if inst.MatchRune(r) {
					push(at+1, inst.Out, step{from, r})
				}
			}
			more = s[at].optional
		}
	}
	return "", false
}

// ends reports whether a number may end before place at.
func (s shape) ends(at int) bool {
	for _, spot := range s[at:] {
		if !spot.optional {
			return false
		}
	}
	return true
}
