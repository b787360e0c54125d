package normalize

import (
	"strings"
)

// PostalCode is a postal code as codes are compared: letters and digits, upper
// case, without the country before it (D-10115, CH-8001) and without the four
// digits that a ZIP code may have behind it. Area is its leading part, which a
// neighbouring code shares: the outward code in the United Kingdom, the part
// before the space in Canada and Ireland, the digits in the Netherlands, the
// letter and digits in Argentina, five digits in Brazil, else three, and of
// shorter codes all but the last. Both are empty where the text holds no
// letter and no digit.
func PostalCode(text string) (code, area string) {
	t := strings.ToUpper(simple(text))
	t = strings.TrimSuffix(strings.Trim(t, " ."), ".0") // a spreadsheet's number
	t = withoutCountry(t)
	shape, code := shapeOf(t)
	switch shape {
	case "99999-9999", "999999999":
		code = code[:5] // ZIP+4
	case "99999-999":
		return code, code[:5]
	}
	return code, code[:areaOf(shapeOfCode(code), len(code))]
}

// shapeOf is t with A for its letters, 9 for its digits and - for a hyphen
// inside, and t with only its letters and digits. Letters of other scripts
// are A for each of their bytes.
func shapeOf(t string) (shape, code string) {
	s, c := make([]byte, 0, len(t)), make([]byte, 0, len(t))
	for _, r := range t {
		switch {
		case '0' <= r && r <= '9':
			s, c = append(s, '9'), append(c, byte(r))
		case r == '-' && len(s) > 0:
			s = append(s, '-')
		case wordly(r):
			n := len(c)
			c = append(c, string(r)...)
			for range len(c) - n {
				s = append(s, 'A')
			}
		}
	}
	return strings.TrimRight(string(s), "-"), string(c)
}

func shapeOfCode(code string) string {
	shape, _ := shapeOf(code)
	return shape
}

// areaOf is how many bytes of a code of a shape are its area.
func areaOf(shape string, size int) int {
	switch shape {
	case "A99AA", "A999AA", "AA99AA", "AA999AA", "A9A9AA", "AA9A9AA": // A9 9AA to AA9A 9AA, United Kingdom
		return size - 3
	case "A9", "A99", "AA9", "AA99", "A9A", "AA9A": // outward codes alone, and Canada's
		return size
	case "A9A9A9", "A99AAAA", "A99A9A9", "A99AA99": // Canada, Ireland
		return 3
	case "9999AA": // Netherlands
		return 4
	case "A9999AAA": // Argentina
		return 5
	}
	if strings.HasPrefix(shape, "A99") && size == 7 {
		return 3 // Ireland: routing key and four characters
	}
	for n := range size { // never within a character
		if shape[n] == 'A' && size > 8 {
			return size
		}
	}
	if size <= 4 {
		return max(size-1, min(size, 1))
	}
	return 3
}

// countryPrefixes are those that are written before postal codes of digits.
var countryPrefixes = lazySet(`A|B|CH|CY|CZ|D|DE|DK|E|EE|ES|F|FI|FIN|FL|FR|GR|HR|HU|H|I|IT|L|LT|LU|LV|N|NL|NO|P|PL|PT|RO|RU|S|SE|SI|SK|TR|UA|US|AT|BE|BG|CN|JP|AU|NZ|CS`)

// withoutCountry drops D- and the like before three to six digits.
func withoutCountry(t string) string {
	t = strings.TrimPrefix(t, "〒")
	n := 0
	for n < len(t) && 'A' <= t[n] && t[n] <= 'Z' {
		n++
	}
	if n == 0 || n > 3 || n == len(t) || t[n] != '-' && t[n] != ' ' || !countryPrefixes()[t[:n]] {
		return t
	}
	rest := t[n+1:]
	count := 0
	for i := range len(rest) {
		switch c := rest[i]; {
		case '0' <= c && c <= '9':
			count++
		case c != ' ' && c != '-':
			return t
		}
	}
	if count < 3 || count > 8 {
		return t
	}
	return rest
}
