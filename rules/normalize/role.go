package normalize

// Context is what a source knows about the values of its records.
type Context struct {
	Country string // ISO 3166 alpha-2, for phones; empty where unknown
	Dates   string // YMD (also when empty), DMY or MDY
}

// Func normalises one value. It is not ok for a blank, and for what is no
// value of its kind at all: such a value equals nothing.
type Func func(value string, c Context) (string, bool)

// roles are the field roles whose values have rules of their own. Every other
// role, and every attribute, is compared as text.
var roles = map[string]Func{
	"email":       func(v string, _ Context) (string, bool) { return Email(v) },
	"phone":       phone,
	"birth_date":  date,
	"tax_id":      func(v string, _ Context) (string, bool) { return code(v) },
	"national_id": func(v string, _ Context) (string, bool) { return code(v) },
	"name":        func(v string, _ Context) (string, bool) { return filled(name(v)) },
	"given_name":  func(v string, _ Context) (string, bool) { return filled(name(v)) },
	"family_name": func(v string, _ Context) (string, bool) { return filled(name(v)) },
}

// ByRole is how values of a field role are compared.
func ByRole(role string) func(value string, c Context) (string, bool) {
	if f := roles[role]; f != nil {
		return f
	}
	return text
}

func text(v string, _ Context) (string, bool) { return filled(Text(v)) }

func filled(v string) (string, bool) { return v, v != "" }

// phone is E.164 where that can be told, else the digits of a number whose
// country is not known, so that sources without a country can still agree
// with each other. Fewer than seven digits are no number.
func phone(v string, c Context) (string, bool) {
	if v == "" {
		return "", false
	}
	if n, ok := Phone(v, c.Country); ok {
		return n, true
	}
	b := make([]byte, 0, maxDigits)
	for _, r := range Text(v) {
		switch {
		case '0' <= r && r <= '9':
			b = append(b, byte(r))
		case 'a' <= r && r <= 'z', r == '@':
			return "", false
		}
	}
	return string(b), len(b) >= 7 && len(b) <= maxDigits
}

// date is the calendar date, else the text: a date that nobody can read is
// still the same as itself.
func date(v string, c Context) (string, bool) {
	if v == "" {
		return "", false
	}
	if d, ok := Date(v, c.Dates); ok {
		return d, true
	}
	return filled(Text(v))
}
