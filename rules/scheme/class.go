package scheme

import "unicode/utf8"

// class is a set of characters that a token reads. Sets are single bits of
// charBits, so that one look-up decides membership.
type class uint8

const (
	classDigit class = 1 << iota
	classLetter
	classAlnum
	classAny // every ASCII character; the others are decided by rune
)

// charBits says to which classes an ASCII character belongs.
var charBits = func() (bits [256]class) {
	for c := range utf8.RuneSelf {
		bits[c] = classAny
		switch {
		case '0' <= c && c <= '9':
			bits[c] |= classDigit | classAlnum
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z':
			bits[c] |= classLetter | classAlnum
		}
	}
	return bits
}()

// size is how many characters the class has; 0 is "no telling".
func (c class) size() int64 {
	switch c {
	case classDigit:
		return 10
	case classLetter:
		return 52
	case classAlnum:
		return 62
	default:
		return 0
	}
}

// has reports whether r belongs to the class.
func (c class) has(r rune) bool {
	if r < utf8.RuneSelf {
		return charBits[r]&c != 0
	}
	return c == classAny && r != utf8.RuneError
}

// meets reports whether el can start with a character of the class.
func (c class) meets(el *element) bool {
	if el.kind == literal {
		r, _ := utf8.DecodeRuneInString(el.text)
		return c.has(r)
	}
	for _, bits := range charBits {
		if bits&c != 0 && bits&el.class != 0 {
			return true
		}
	}
	return false
}

// one is the length in bytes of the character of the class that text starts
// with, or 0.
func (c class) one(text string) int {
	if text == "" {
		return 0
	}
	if b := text[0]; b < utf8.RuneSelf {
		if charBits[b]&c != 0 {
			return 1
		}
		return 0
	}
	if c != classAny {
		return 0
	}
	r, n := utf8.DecodeRuneInString(text)
	if r == utf8.RuneError {
		return 0
	}
	return n
}
