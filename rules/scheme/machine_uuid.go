package scheme

import "strings"

// classUUID is what the spellings of a UUID are made of.
var classUUID = newClass(digits + "ABCDEFabcdef" + "{}-" + "URNIDurnid:")

// spellUUID reads 8-4-4-4-12 hexadecimal digits of either case, without the
// hyphens too, in braces, or behind urn:uuid:. Small letters with hyphens are
// the one spelling. Source: RFC 9562.
//
// A version of 1 to 8 needs the RFC's variant, bits 10, behind it. Other
// versions are taken as they come: SQL Server's sequential GUIDs, which
// Dynamics hands out, have their bytes in another order.
func spellUUID(dst []byte, text string) ([]byte, bool) {
	start := len(dst)
	bare, ok := bareUUID(text)
	if !ok {
		return dst, false
	}
	hyphens := len(bare) == 36
	some, all := false, true // digits other than 0; digits that are all f
	for i := 0; i < len(bare); i++ {
		if at := len(dst) - start; at == 8 || at == 13 || at == 18 || at == 23 {
			dst = append(dst, '-')
			if hyphens {
				if bare[i] != '-' {
					return dst[:start], false
				}
				i++
			}
		}
		b := lower(bare[i])
		if !classHex.ascii[b] {
			return dst[:start], false
		}
		some, all = some || b != '0', all && b == 'f'
		dst = append(dst, b)
	}
	if !some || all || !variantFits(dst[start+14], dst[start+19]) {
		return dst[:start], false
	}
	return dst, true
}

func fitsUUID(text string) bool {
	var one [36]byte
	_, ok := spellUUID(one[:0], text)
	return ok
}

// bareUUID takes braces or the prefix of a URN off.
func bareUUID(text string) (bare string, ok bool) {
	switch n := len(text); n {
	case 32, 36:
		return text, true
	case 34, 38:
		return text[1 : n-1], text[0] == '{' && text[n-1] == '}'
	case 41, 45:
		const urn = "urn:uuid:"
		return text[len(urn):], strings.EqualFold(text[:len(urn)], urn)
	}
	return "", false
}

func variantFits(version, variant byte) bool {
	return version < '1' || version > '8' || rfcVariant(variant)
}

// rfcVariant reports whether the hexadecimal digit starts with the bits 10.
func rfcVariant(digit byte) bool {
	return digit == '8' || digit == '9' || digit == 'a' || digit == 'b'
}

func sameUUID(text string) bool {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return false
	}
	some, all := byte(0), byte(15) // the bits of some digit, and of all
	for _, part := range [...]string{text[:8], text[9:13], text[14:18], text[19:23], text[24:]} {
		for i := range len(part) {
			v := smallHex[part[i]]
			some |= v
			all &= v
		}
	}
	return 0 < some && some < noHex && all < 15 && variantFits(text[14], text[19])
}

// smallHex are the values of the digits 0-9 a-f; noHex is that of all else.
var smallHex = func() (values [256]byte) {
	for i := range values {
		values[i] = noHex
	}
	for i := range len("0123456789abcdef") {
		values["0123456789abcdef"[i]] = byte(i)
	}
	return values
}()

const noHex = 16
