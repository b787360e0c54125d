package scheme

import (
	"strings"
	"unicode/utf8"
)

// class is a set of characters that a token reads: some of ASCII and, where
// wide, all others too.
type class struct {
	ascii   [256]bool // by byte, so that no look-up is out of range
	wide    bool
	symbols int64 // how many different characters it stands for; 0 is "no telling"
}

const (
	digits  = "0123456789"
	capital = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	small   = "abcdefghijklmnopqrstuvwxyz"
)

// The classes of the tokens; check characters have classes of their own.
var (
	classNone   = newClass("") // of literals
	classDigit  = newClass(digits)
	classLetter = newClass(capital + small)
	classAlnum  = newClass(digits + capital + small)
	classHex    = newClass(digits + "ABCDEFabcdef").of(16)
	// classBase32 is Crockford's alphabet with what people write for it: I and
	// L for 1, O for 0, and small letters. U is no digit.
	classBase32 = newClass(strings.NewReplacer("U", "", "u", "").Replace(digits + capital + small)).of(32)
	classAny    = anyClass()
)

func newClass(chars string) *class {
	c := &class{}
	for i := range len(chars) {
		c.ascii[chars[i]] = true
	}
	for _, in := range c.ascii {
		if in {
			c.symbols++
		}
	}
	return c
}

// of says that the class spells n characters in several ways.
func (c *class) of(n int64) *class {
	c.symbols = n
	return c
}

func anyClass() *class {
	c := &class{wide: true}
	for i := range utf8.RuneSelf {
		c.ascii[i] = true
	}
	return c
}

// has reports whether r belongs to the class.
func (c *class) has(r rune) bool {
	if r < utf8.RuneSelf {
		return c.ascii[r]
	}
	return c.wide && r != utf8.RuneError
}

// common is a character of both classes, the ones that people recognise first.
func (c *class) common(d *class) (rune, bool) {
	for _, r := range "1A" {
		if c.has(r) && d.has(r) {
			return r, true
		}
	}
	for b := range utf8.RuneSelf {
		if c.ascii[b] && d.ascii[b] {
			return rune(b), true
		}
	}
	return '客', c.wide && d.wide
}

// meets reports whether el can start with a character of the class.
func (c *class) meets(el *element) bool {
	if el.kind == literal {
		r, _ := utf8.DecodeRuneInString(el.text)
		return c.has(r)
	}
	_, ok := c.common(el.class)
	return ok
}

// one is the length in bytes of the character of the class that text starts
// with, or 0.
func (c *class) one(text string) int {
	if text == "" {
		return 0
	}
	if b := text[0]; b < utf8.RuneSelf {
		if c.ascii[b] {
			return 1
		}
		return 0
	}
	if !c.wide {
		return 0
	}
	r, n := utf8.DecodeRuneInString(text)
	if r == utf8.RuneError {
		return 0
	}
	return n
}
