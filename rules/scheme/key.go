package scheme

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// KeyRule says how a source ID becomes its key, the form in which it is
// compared byte for byte. The zero value is the default of DESIGN: invisible
// characters dropped, outer space trimmed, full-width letters and digits and
// dash variants folded, NFC, case kept.
type KeyRule struct {
	Case  string `yaml:"case"`  // "" or exact | upper | lower (ASCII letters only)
	Space string `yaml:"space"` // "" or trim | exact
	Width string `yaml:"width"` // "" or fold | exact (characters as they are: no look-alike is refused either)
}

// Keyer makes keys. The zero value is the default rule. It is safe for
// concurrent use.
type Keyer struct {
	upper, lower bool
	keepSpace    bool
	keepWidth    bool
	// dirty marks the ASCII characters that the rule would change or must
	// look at; nil is dirtyDefault.
	dirty *[256]bool
}

// Why an ID has no key. Reasons for single characters name the character and
// never the ID.
var (
	errEmpty     = errors.New("is empty")
	errLong      = errors.New("is longer than 255 bytes")
	errNUL       = errors.New("contains a NUL character")
	errUTF8      = errors.New("is not valid UTF-8")
	errLineBreak = errors.New("contains a tab or line break")
	errDamaged   = errors.New("contains U+FFFD, so its text was damaged by a wrong encoding")
)

var (
	dirtyDefault = dirtyTable(func(byte) bool { return false })
	dirtyUpper   = dirtyTable(func(b byte) bool { return 'a' <= b && b <= 'z' })
	dirtyLower   = dirtyTable(func(b byte) bool { return 'A' <= b && b <= 'Z' })
)

func dirtyTable(letter func(byte) bool) *[256]bool {
	var t [256]bool
	for i := range t {
		t[i] = i < ' ' || i > '~' || letter(byte(i))
	}
	return &t
}

// Compile checks the rule. The error says which setting is wrong and what it
// may be.
func (r KeyRule) Compile() (Keyer, error) {
	k := Keyer{dirty: dirtyDefault}
	switch r.Case {
	case "", "exact":
	case "upper":
		k.upper, k.dirty = true, dirtyUpper
	case "lower":
		k.lower, k.dirty = true, dirtyLower
	default:
		return Keyer{}, fmt.Errorf("key case %q: want exact, upper or lower", r.Case)
	}
	switch r.Space {
	case "", "trim":
	case "exact":
		k.keepSpace = true
	default:
		return Keyer{}, fmt.Errorf("key space %q: want trim or exact", r.Space)
	}
	switch r.Width {
	case "", "fold":
	case "exact":
		k.keepWidth = true
	default:
		return Keyer{}, fmt.Errorf("key width %q: want fold or exact", r.Width)
	}
	return k, nil
}

// Key is the key of an ID as it was received, or an error whose text says, as
// the end of a sentence and without quoting the ID, why it has none. A clean
// ASCII ID is returned itself. The key of a key is that key.
func (k Keyer) Key(verbatim string) (string, error) {
	dirty := k.dirty
	if dirty == nil {
		dirty = dirtyDefault
	}
	i := 0
	if dirty == dirtyDefault {
		i = printable(verbatim)
	}
	for ; i < len(verbatim); i++ {
		if dirty[verbatim[i]] {
			return k.clean(verbatim)
		}
	}
	key := verbatim
	if !k.keepSpace && key != "" && (key[0] == ' ' || key[len(key)-1] == ' ') {
		key = strings.Trim(verbatim, " ")
	}
	switch {
	case key == "":
		return "", errEmpty
	case len(key) > maxKey:
		return "", errLong
	}
	return key, nil
}

// printable counts bytes at the start of s, eight at a time, that are printable
// ASCII for sure.
func printable(s string) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		b := s[i : i+8]
		x := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		control := x - ones*' ' // borrows from the high bit of a byte below ' '
		deleted := x + ones     // carries into it from DEL
		if (x|control|deleted)&high != 0 {
			break
		}
	}
	return i
}

// clean is Key for IDs that have something to fold, drop or refuse.
func (k Keyer) clean(verbatim string) (string, error) {
	switch {
	case !utf8.ValidString(verbatim):
		return "", errUTF8
	case strings.IndexByte(verbatim, 0) >= 0:
		return "", errNUL
	}
	var stack [64]byte
	buf := stack[:0]
	for _, r := range verbatim {
		if Invisible(r) {
			continue
		}
		if !k.keepWidth {
			r = foldWidth(r)
		}
		if !k.keepSpace && !isBreak(r) && unicode.IsSpace(r) {
			r = ' '
		}
		buf = utf8.AppendRune(buf, r)
	}
	key := verbatim
	if string(buf) != verbatim {
		key = string(buf)
	}
	if !k.keepSpace {
		key = strings.TrimSpace(key)
		if strings.ContainsFunc(key, isBreak) {
			return "", errLineBreak
		}
	}
	if err := k.refuse(key); err != nil {
		return "", err
	}
	// Folding the case comes after NFC, so that é is one letter however it
	// was typed, and can itself make letters that compose (i̇ to İ).
	composed := norm.NFC.String(key)
	switch {
	case k.upper:
		composed = norm.NFC.String(mapASCII(composed, 'a', 'z'))
	case k.lower:
		composed = norm.NFC.String(mapASCII(composed, 'A', 'Z'))
	}
	if composed != key {
		if err := k.refuse(composed); err != nil {
			return "", err
		}
	}
	key = composed
	switch {
	case key == "":
		return "", errEmpty
	case len(key) > maxKey:
		return "", errLong
	}
	return key, nil
}

// fold is what becomes of a single character, 0 where it is dropped.
func (k Keyer) fold(r rune) rune {
	if Invisible(r) {
		return 0
	}
	if !k.keepWidth {
		r = foldWidth(r)
	}
	switch {
	case !k.keepSpace && unicode.IsSpace(r):
		return ' '
	case k.upper && 'a' <= r && r <= 'z', k.lower && 'A' <= r && r <= 'Z':
		return r ^ 0x20
	}
	return r
}

// mapASCII changes the case of the ASCII letters from low to high. Other
// letters are left alone: their upper and lower cases depend on the language.
func mapASCII(s string, low, high byte) string {
	b := []byte(s)
	for i, c := range b {
		if low <= c && c <= high {
			b[i] = c ^ 0x20
		}
	}
	return string(b)
}
