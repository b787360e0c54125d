package scheme

import (
	"fmt"
	"math/big"
	"unicode/utf8"
)

// Format writes components as an ID; what Parse read comes back unchanged. A
// check component whose Text is empty is computed, one that is wrong is an
// error, as is a text that its token could not have read.
func (s *Scheme) Format(p Parts) (string, error) {
	if p.Form < 0 || p.Form >= len(s.forms) {
		return "", fmt.Errorf("write scheme %s: no form %d", s.text, p.Form)
	}
	f := &s.forms[p.Form]
	var id []byte
	var ends layout
	next := 0
	for i, el := range f.elements {
		text := el.text
		if el.kind != literal {
			if next == len(p.Parts) || p.Parts[next].Name != el.name {
				return "", fmt.Errorf("write scheme %s: component %d must be %s", s.text, next+1, el.name)
			}
			text = p.Parts[next].Text
			next++
			if el.kind == checker && text == "" {
				text = string(make([]byte, el.min))
			} else if !el.takes(text) {
				return "", fmt.Errorf("write scheme %s: the text of %s does not fit its token", s.text, el.name)
			}
		}
		id = append(id, text...)
		if len(id) > maxKey {
			return "", fmt.Errorf("write scheme %s: longer than %d bytes", s.text, maxKey)
		}
		ends[i] = uint8(len(id))
	}
	if next != len(p.Parts) {
		return "", fmt.Errorf("write scheme %s: no component %s", s.text, p.Parts[next].Name)
	}
	for _, c := range f.checks {
		alg := f.elements[c.element].alg
		want := alg.final(zoneOf(c, alg, id, &ends))
		at := id[int(ends[c.element])-alg.width : ends[c.element]]
		switch {
		case want[0] == 0:
			return "", &MatchError{s.text, alg.name}
		case at[0] == 0:
			copy(at, want[:])
		case !f.checkHolds(c, string(id), &ends):
			return "", &MatchError{s.text, alg.name}
		}
	}
	return string(id), nil
}

// takes reports whether a token could have read text.
func (el *element) takes(text string) bool {
	n := utf8.RuneCountInString(text)
	if n < el.min || n > el.max {
		return false
	}
	for rest := text; len(rest) > 0; {
		size := el.class.one(rest)
		if size == 0 {
			return false
		}
		rest = rest[size:]
	}
	return el.valid == nil || el.valid(text)
}

// Capacity is how many IDs the scheme can write. It is not bounded, and nil,
// where a token has no greatest width, reads {any} or a machine ID.
func (s *Scheme) Capacity() (n *big.Int, bounded bool) {
	n = new(big.Int)
	for _, f := range s.forms {
		product := big.NewInt(1)
		for _, el := range f.elements {
			switch {
			case el.kind != reader:
				continue
			case el.count != nil:
				product.Mul(product, el.count)
				continue
			case el.open || el.class.symbols == 0 || findMachine(el.token) != nil:
				return nil, false
			}
			product.Mul(product, choices(el.class.symbols, el.min, el.max))
		}
		n.Add(n, product)
	}
	return n, true
}

// choices is how many texts of least to most characters an alphabet of size
// characters has.
func choices(size int64, least, most int) *big.Int {
	sum := new(big.Int)
	for w := least; w <= most; w++ {
		sum.Add(sum, new(big.Int).Exp(big.NewInt(size), big.NewInt(int64(w)), nil))
	}
	return sum
}
