package translate

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// isEscaped reports whether the content of a JSON string is not what it means.
func isEscaped(raw []byte) bool { return bytes.IndexByte(raw, '\\') >= 0 }

// unescape appends what the content of a valid JSON string means to dst, and
// to offsets where in raw each byte of it comes from; the last entry is the
// end of raw. Half a surrogate pair means U+FFFD.
func unescape(dst []byte, offsets []int, raw []byte) ([]byte, []int) {
	for at := 0; at < len(raw); {
		from := at
		before := len(dst)
		if raw[at] != '\\' {
			dst = append(dst, raw[at])
			at++
		} else {
			at += 2
			switch c := raw[at-1]; c {
			case 'b':
				dst = append(dst, '\b')
			case 'f':
				dst = append(dst, '\f')
			case 'n':
				dst = append(dst, '\n')
			case 'r':
				dst = append(dst, '\r')
			case 't':
				dst = append(dst, '\t')
			case 'u':
				r := hexRune(raw[at:])
				at += 4
				if utf16.IsSurrogate(r) {
					pair := rune(utf8.RuneError)
					if len(raw)-at >= 6 && raw[at] == '\\' && raw[at+1] == 'u' {
						pair = utf16.DecodeRune(r, hexRune(raw[at+2:]))
					}
					if r = pair; r != utf8.RuneError {
						at += 6
					}
				}
				dst = utf8.AppendRune(dst, r)
			default:
				dst = append(dst, c)
			}
		}
		for range len(dst) - before {
			offsets = append(offsets, from)
		}
	}
	return dst, append(offsets, len(raw))
}

// hexRune reads four hexadecimal digits.
func hexRune(digits []byte) rune {
	var r rune
	for _, c := range digits[:4] {
		d, _ := hexDigit(c)
		r = r<<4 | rune(d)
	}
	return r
}

func hexDigit(c byte) (value byte, ok bool) {
	switch {
	case isDigit(c):
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// escaped is text as it stands inside a JSON string.
func escaped(text string) string {
	const hex = "0123456789abcdef"
	special := func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }
	if strings.IndexFunc(text, special) < 0 {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ':
			b.WriteString(`\u00`)
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
