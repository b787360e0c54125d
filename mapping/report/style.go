package report

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Style decides whether text is coloured. The zero value is plain.
type Style struct{ Colour bool }

func (s Style) paint(code, text string) string {
	if !s.Colour || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// Bold is for what the eye should find first.
func (s Style) Bold(text string) string { return s.paint("1", text) }

// Dim is for what is there to be complete.
func (s Style) Dim(text string) string { return s.paint("2", text) }

// Red is for what was refused.
func (s Style) Red(text string) string { return s.paint("31", text) }

// Green is for what is new.
func (s Style) Green(text string) string { return s.paint("32", text) }

// Yellow is for what changes, and for warnings.
func (s Style) Yellow(text string) string { return s.paint("33", text) }

// Cyan is for what joins, and for what to do next.
func (s Style) Cyan(text string) string { return s.paint("36", text) }

// Magenta is for what a person must decide.
func (s Style) Magenta(text string) string { return s.paint("35", text) }

// Width is how many columns of a terminal text takes: East Asian wide
// characters take two, combining and invisible ones none.
func Width(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case r < 0x300:
			n++
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		default:
			n++
			if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
				n++
			}
		}
	}
	return n
}

// Clean makes the control characters of data harmless on a terminal, and
// visible.
func Clean(text string) string {
	if strings.IndexFunc(text, unsafeOnTerminal) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if unsafeOnTerminal(r) {
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// unsafeOnTerminal holds for control characters and for those that turn the
// reading direction around.
func unsafeOnTerminal(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// Number writes n with its thousands apart: 12,345.
func Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	start := len(s) % 3
	if n < 0 {
		start = (len(s)-1)%3 + 1
	}
	var b strings.Builder
	b.WriteString(s[:start])
	for i := start; i < len(s); i += 3 {
		if i > 0 && s[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteString(s[i : i+3])
	}
	return b.String()
}

// Neutral is text as a spreadsheet shows it rather than executes it: what
// would start a formula gets an apostrophe before it.
func Neutral(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
