package scheme

import "slices"

// Outline is one form of a scheme (its optional parts decided) as a row of
// pieces, for who has to reason about IDs that the scheme does not read.
type Outline []Piece

// Piece is a literal or a token. A literal has only its text; a token has its
// name, its width in characters, and what characters it reads. Valid reports
// that it reads only some of the texts of its width and characters: real
// dates, members of a code list, machine IDs.
type Piece struct {
	Literal string
	Token   string
	Min     int
	Max     int
	Digits  bool // reads 0-9
	Letters bool // reads letters
	Other   bool // reads other characters too
	Check   bool // is a check over others
	Valid   bool
}

// Outlines lists the forms of the scheme, all optional parts present first.
func (s *Scheme) Outlines() []Outline {
	out := make([]Outline, len(s.forms))
	for i := range s.forms {
		for k := range s.forms[i].elements {
			out[i] = append(out[i], s.forms[i].elements[k].piece())
		}
	}
	return out
}

func (el *element) piece() Piece {
	if el.kind == literal {
		return Piece{Literal: el.text}
	}
	has := func(chars string) bool {
		return slices.ContainsFunc([]byte(chars), func(b byte) bool { return el.class.ascii[b] })
	}
	p := Piece{
		Token: el.token, Min: el.min, Max: el.max, Digits: has(digits), Letters: has(capital + small), Other: el.class.wide,
		Check: el.kind == checker, Valid: el.valid != nil || el.date != nil,
	}
	for b, in := range el.class.ascii {
		p.Other = p.Other || in && !classAlnum.ascii[b]
	}
	return p
}
