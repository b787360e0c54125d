// Package compare measures how alike two texts are.
//
// Everything works on characters, not on bytes: 张伟 and 张卫 differ in one
// character of two. Nothing allocates for texts of up to 64 characters, and
// everything is safe for concurrent use.
package compare

import "unicode/utf8"

// room is how many characters a text may have without allocating.
const room = 64

// runes decodes s into buf, or into a new slice where buf is too small. Bytes
// that are no UTF-8 are U+FFFD each.
func runes(s string, buf *[room]rune) []rune {
	if len(s) > room && utf8.RuneCountInString(s) > room {
		return []rune(s)
	}
	n := 0
	for _, r := range s {
		buf[n] = r
		n++
	}
	return buf[:n]
}

// trim cuts off what two texts have in common at the beginning and at the end.
func trim(a, b []rune) ([]rune, []rune) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b
}

// Signature is the set of characters of s, folded into 64 bits: two texts
// whose signatures differ in more than 2*n bits are more than n slips apart.
func Signature(s string) uint64 {
	var set uint64
	for _, r := range s {
		set |= 1 << (uint32(r) & 63)
	}
	return set
}
