package damage

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

var whySpelling = map[string]string{
	FullWidth: "it is written in full-width characters",
	Invisible: "it holds invisible characters",
	Dash:      "it is written with another dash than the hyphen",
	Space:     "it has space around it",
}

// Spelling says in what way an ID is spelled otherwise than its default key
// ([FullWidth], [Invisible], [Dash] or [Space], the first of them that
// applies). It is false for an ID that is not.
func Spelling(id string) (kind string, ok bool) {
	space := id != "" && (id[0] <= ' ' || id[len(id)-1] <= ' ')
	dash, invisible := false, false
	for _, r := range id {
		switch {
		case r >= ' ' && r < 0x7f:
		case scheme.Invisible(r):
			invisible = true
		case 0x2010 <= r && r <= 0x2015, r == 0x2212, r == 0xfe58, r == 0xfe63:
			dash = true
		case 0xff00 <= r && r <= 0xffef:
			return FullWidth, true
		case unicode.IsSpace(r):
			space = true
		}
	}
	switch {
	case invisible:
		return Invisible, true
	case dash:
		return Dash, true
	case space:
		return Space, true
	}
	return "", false
}

// encodingBroken reports whether the text shows that bytes were read in a
// wrong encoding: replacement characters, what GBK makes of them, or UTF-8
// that was read as Latin-1.
func encodingBroken(id string) bool {
	ascii := true
	for i := range len(id) {
		ascii = ascii && id[i] < utf8.RuneSelf
	}
	if ascii {
		return false
	}
	if !utf8.ValidString(id) || strings.ContainsRune(id, utf8.RuneError) || strings.Contains(id, "锟斤拷") || strings.Contains(id, "ï¿½") {
		return true
	}
	prev := rune(0)
	for _, r := range id {
		if (prev == 'Ã' || prev == 'Â') && 0x80 <= r && r <= 0xbf || prev == 'â' && r == '€' {
			return true
		}
		prev = r
	}
	return false
}

var straightener = strings.NewReplacer("’", "'", "‘", "'", "´", "'", "“", `"`, "”", `"`, "„", `"`, "＇", "'", "＂", `"`)

// straighten makes typographic quotation marks plain ones.
func straighten(id string) string { return straightener.Replace(id) }
