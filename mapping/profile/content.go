package profile

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xwalk-id/xwalk/rules/normalize"
)

// Content is the kind of values in a column, as far as their form tells.
type Content string

// The kinds of content.
const (
	Empty  Content = "empty"
	Email  Content = "e-mail"
	Date   Content = "date"
	Phone  Content = "phone"
	Flag   Content = "yes/no"
	Number Content = "number"
	Code   Content = "code" // letters and digits without spaces
	Link   Content = "link"
	Text   Content = "text"
	Mixed  Content = "mixed"
)

// sureShare is the share of a column's distinct values that have to be of a
// kind for the column to be.
const sureShare = 0.9

// kinds are tried in this order: a value belongs to the first that takes it.
var kinds = []struct {
	content Content
	is      func(string) bool
}{
	{Email, func(v string) bool { _, ok := normalize.Email(v); return ok }},
	{Link, func(v string) bool { return strings.HasPrefix(v, "http://") || strings.HasPrefix(v, "https://") }},
	{Flag, isFlag},
	{Date, isDate},
	{Phone, isPhone},
	{Number, isNumber},
	{Code, isCode},
	{Text, func(string) bool { return true }},
}

// contentOf judges a column by its distinct values, placeholders left out.
func contentOf(t *tally) Content {
	counts := make([]int, len(kinds))
	total := 0
	for _, s := range t.slots {
		if s.n == 0 || normalize.Placeholder("", normalize.Text(s.text)) {
			continue
		}
		total++
		text := strings.TrimSpace(s.text)
		for i, k := range kinds {
			if k.is(text) {
				counts[i]++
				break
			}
		}
	}
	if total == 0 {
		return Empty
	}
	for i, n := range counts {
		if float64(n) >= sureShare*float64(total) {
			return kinds[i].content
		}
	}
	// Numbers with letters in some of them are codes, as names with digits
	// in some of them are texts.
	at := func(c Content) int {
		for i, k := range kinds {
			if k.content == c {
				return counts[i]
			}
		}
		return 0
	}
	if codes := at(Code) + at(Number) + at(Phone); float64(codes) >= sureShare*float64(total) {
		return Code
	}
	if texts := at(Code) + at(Text) + at(Number) + at(Flag); at(Text) > 0 && float64(texts) >= sureShare*float64(total) {
		return Text
	}
	return Mixed
}

func isFlag(v string) bool {
	switch strings.ToLower(v) {
	case "true", "false", "yes", "no", "y", "n", "是", "否", "有", "无":
		return true
	}
	return false
}

// isDate leaves out bare numbers, but for real dates of eight digits.
func isDate(v string) bool {
	if digitsOnly(v) && len(v) != 8 {
		return false
	}
	if _, ok := normalize.Time(v, nil, normalize.YMD); ok {
		return true
	}
	_, ok := normalize.Time(v, nil, normalize.DMY)
	if !ok {
		_, ok = normalize.Time(v, nil, normalize.MDY)
	}
	return ok
}

// isPhone takes what is written as people write phones, and Chinese mobiles.
func isPhone(v string) bool {
	n := 0
	for _, r := range v {
		switch {
		case r >= '0' && r <= '9':
			n++
		case !strings.ContainsRune("+-() ./", r):
			return false
		}
	}
	if n < 7 || n > 15 {
		return false
	}
	if n == len(v) {
		return n == 11 && v[0] == '1' && v[1] >= '3'
	}
	return !isNumber(v)
}

func isNumber(v string) bool {
	v = strings.TrimLeft(v, "+-")
	whole, fraction, _ := strings.Cut(v, ".")
	return digitsOnly(strings.ReplaceAll(whole, ",", "")) && (fraction == "" || digitsOnly(fraction))
}

func digitsOnly(v string) bool {
	for i := range len(v) {
		if v[i]-'0' > 9 {
			return false
		}
	}
	return v != ""
}

func isCode(v string) bool {
	digits := false
	for _, r := range v {
		switch {
		case r >= '0' && r <= '9':
			digits = true
		case unicode.IsSpace(r), r > unicode.MaxASCII:
			return false
		}
	}
	return digits
}

// roles are the field roles by whose rules contents are masked.
var roles = map[Content]string{Email: "email", Phone: "phone", Date: "birth_date", Number: "national_id", Code: "national_id", Text: "name"}

// shown is a value as it may be shown: masked, unless it is nobody's.
func (c Content) shown(value string) (text string, placeholder bool) {
	role := roles[c]
	normal, ok := normalize.ByRole(role)(value, normalize.Context{})
	switch {
	case c == Flag:
		return value, false
	case ok && normalize.Placeholder(role, normal):
		return value, true
	case !ok: // not of the column's kind, so not to be masked as such
		role = ""
	}
	masked := normalize.Mask(role, value)
	if masked == value && utf8.RuneCountInString(value) == 1 && value[0] >= utf8.RuneSelf {
		return "*", false // a family name of one character
	}
	return masked, false
}
