package normalize

import (
	"strings"
	"unicode/utf8"
)

// Mask is a value made fit to be shown to people who need not know it: the
// first letters of names (A**** S****, 张*), of the mailbox and the domain of
// an e-mail address (a***@d***.com), the last digits of a phone number, the
// year of a birth date, and the first letter of anything else.
func Mask(role, value string) string {
	value = strings.TrimSpace(value)
	switch role {
	case "email":
		return maskEmail(value)
	case "phone":
		return maskTail(value, '0', '9')
	case "tax_id", "national_id":
		return maskTail(value, '0', 'z')
	case "birth_date":
		if d, ok := Date(value, ""); ok {
			return d[:4] + "-**-**"
		}
	case "name", "given_name", "family_name", "company":
		words := strings.Fields(value)
		for i, w := range words {
			words[i] = maskWord(w)
		}
		return strings.Join(words, " ")
	}
	return initial(value, "***")
}

// initial is the first character of s and then stars; empty for an empty s.
func initial(s, stars string) string {
	if s == "" {
		return ""
	}
	_, n := utf8.DecodeRuneInString(s)
	return s[:n] + stars
}

// maskWord keeps the first character and the length.
func maskWord(w string) string {
	return initial(w, strings.Repeat("*", utf8.RuneCountInString(w)-1))
}

func maskEmail(v string) string {
	local, domain, found := strings.Cut(v, "@")
	if !found {
		return initial(v, "***")
	}
	host, top := domain, ""
	if dot := strings.LastIndexByte(domain, '.'); dot > 0 {
		host, top = domain[:dot], domain[dot:]
	}
	return initial(local, "***") + "@" + initial(host, "***") + top
}

// maskTail hides the characters from low to high but for the last four of
// eleven and more, the last two of six and more, and none of fewer.
func maskTail(v string, low, high byte) string {
	n := 0
	for i := range len(v) {
		if low <= v[i] && v[i] <= high {
			n++
		}
	}
	show := 0
	switch {
	case n >= 11:
		show = 4
	case n >= 6:
		show = 2
	}
	var b strings.Builder
	for _, r := range v {
		switch {
		case r >= utf8.RuneSelf:
			b.WriteByte('*')
		case r < rune(low) || r > rune(high):
			b.WriteRune(r)
		case n > show:
			b.WriteByte('*')
			n--
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
