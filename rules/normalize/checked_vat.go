package normalize

import (
	"strings"
	"sync"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// vatNumber reads a VAT number with its country in front; shape is that of
// what follows the country.
//
// Source of the checks: European Commission, VIES VAT number algorithms
// (BZST), and the tax authorities of the countries.
func vatNumber(id, shape string) (valid, known bool) {
	country, number := id[:2], id[2:]
	if country == "CH" {
		return swiss(number)
	}
	if country == "NO" {
		number = strings.TrimSuffix(number, "MVA")
		shape = shape[:len(number)]
	}
	if country == "LV" && number[0] <= '3' {
		return false, false // a person's, whose check is not published
	}
	check := vatChecks()[country][shape]
	if check == nil {
		return false, false
	}
	return check(number), true
}

// vatChecks are the checks of VAT numbers by country and shape. Kinds of
// numbers that have no check, or one that is not public, are not listed.
var vatChecks = sync.OnceValue(func() map[string]map[string]func(string) bool {
	return map[string]map[string]func(string) bool{
		"AT": {"A99999999": austria},
		"BE": {"9999999999": belgium, "999999999": func(n string) bool { return belgium("0" + n) }},
		"BG": {"999999999": func(n string) bool { return twice(n, [2]int{1, 3}, 99) }},
		"CY": {"99999999A": cyprus},
		"CZ": {"99999999": func(n string) bool { return eleven(n, 8) == n[7] }},
		"DE": {"999999999": func(n string) bool { return n[0] != '0' && hybrid(n) }},
		"DK": {"99999999": func(n string) bool { return weigh(n, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0 }},
		"EE": {"999999999": func(n string) bool { return weigh(n, 3, 7, 1, 3, 7, 1, 3, 7, 1)%10 == 0 }},
		"EL": {"999999999": greece},
		"GR": {"999999999": greece},
		"ES": {"99999999A": spanish, "A9999999A": spanish, "A99999999": spanish},
		"FI": {"99999999": func(n string) bool { return scheme.CheckHolds("gb11714", n[:7], n[7:]) }}, // the same weights
		"FR": {"99999999999": france},
		"GB": {"999999999": britain, "999999999999": britain},
		"XI": {"999999999": britain, "999999999999": britain},
		"HR": {"99999999999": hybrid},
		"HU": {"99999999": func(n string) bool { return weigh(n, 9, 7, 3, 1, 9, 7, 3, 1)%10 == 0 }},
		"IE": {"9999999A": ireland, "9999999AA": ireland, "9A99999A": ireland},
		"IT": {"99999999999": luhn},
		"LT": {"999999999": func(n string) bool { return n[7] == '1' && twice(n, [2]int{1, 3}, 9) }, "999999999999": func(n string) bool { return n[10] == '1' && twice(n, [2]int{1, 3}, 9) }},
		"LU": {"99999999": func(n string) bool { return number(n[:6])%89 == number(n[6:]) }},
		"LV": {"99999999999": func(n string) bool { return weigh(n, 9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1)%11 == 3 }},
		"MT": {"99999999": func(n string) bool { return weigh(n, 3, 4, 6, 7, 8, 9, 10, 1)%37 == 0 }},
		"NL": {"999999999A99": netherlands},
		"NO": {"999999999": func(n string) bool { return weigh(n, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0 }},
		"PL": {"9999999999": func(n string) bool { return weigh(n, 6, 5, 7, 2, 3, 4, 5, 6, 7)%11 == int(n[9]-'0') }},
		"PT": {"999999999": func(n string) bool { return (11-weigh(n, 9, 8, 7, 6, 5, 4, 3, 2)%11)%11%10 == int(n[8]-'0') }},
		"RO": romania(),
		"SE": {"999999999999": func(n string) bool { return luhn(n[:10]) && n[10:] != "00" }},
		"SI": {"99999999": slovenia},
		"SK": {"9999999999": func(n string) bool { return number(n)%11 == 0 }},
	}
})

func luhn(n string) bool { return scheme.CheckHolds("luhn", n[:len(n)-1], n[len(n)-1:]) }

func hybrid(n string) bool { return scheme.CheckHolds("mod11-10", n[:len(n)-1], n[len(n)-1:]) }

func austria(n string) bool {
	if n[0] != 'U' {
		return false
	}
	sum := 4
	for i, w := range []int{1, 2, 1, 2, 1, 2, 1} {
		v := int(n[1+i]-'0') * w
		sum += v/10 + v%10
	}
	return (10-sum%10)%10 == int(n[8]-'0')
}

func belgium(n string) bool { return n[0] <= '1' && 97-number(n[:8])%97 == number(n[8:]) }

// eleven is the check digit of a Czech company: weights from first down,
// modulo 11.
func eleven(n string, first int) byte {
	sum := 0
	for i := range first - 1 {
		sum += int(n[i]-'0') * (first - i)
	}
	check := (11 - sum%11) % 11
	if check == 0 {
		check = 1
	}
	return byte('0' + check%10)
}

// twice reports whether the last digit is the weighted sum of the others
// modulo 11, and where that is 10, that with the second weights, of which 10
// is 0. The weights count up from starts and begin again after most.
func twice(n string, starts [2]int, most int) bool {
	for _, start := range starts {
		sum := 0
		for i := range len(n) - 1 {
			sum += int(n[i]-'0') * ((start-1+i)%most + 1)
		}
		if sum %= 11; sum < 10 {
			return sum == int(n[len(n)-1]-'0')
		}
	}
	return n[len(n)-1] == '0'
}

func cyprus(n string) bool {
	odd := [10]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21}
	sum := 0
	for i := range 8 {
		if v := int(n[i] - '0'); i%2 == 0 {
			sum += odd[v]
		} else {
			sum += v
		}
	}
	return n[8] == byte('A'+sum%26)
}

func greece(n string) bool {
	return weigh(n, 256, 128, 64, 32, 16, 8, 4, 2)%11%10 == int(n[8]-'0')
}

func france(n string) bool { return (12+3*(number(n[2:])%97))%97 == number(n[:2]) }

// britain is modulo 97, since 2010 less 55.
func britain(n string) bool {
	sum := weigh(n, 8, 7, 6, 5, 4, 3, 2, 10, 1) % 97
	return sum == 0 || n[0] != '0' && (sum == 42 || sum == 55)
}

func ireland(n string) bool {
	const letters = "WABCDEFGHIJKLMNOPQRSTUV"
	body := n[:7]
	if n[1] > '9' { // the style before 2013: the digit before the letter comes last
		body = "0" + n[2:7] + n[:1]
	}
	sum := weigh(body, 8, 7, 6, 5, 4, 3, 2)
	if len(n) == 9 && n[8] <= 'I' {
		sum += 9 * int(n[8]-'A'+1)
	}
	return letters[sum%23] == n[7]
}

// netherlands is the eleven test of a company, or modulo 97 of a person.
func netherlands(n string) bool {
	if n[9] != 'B' {
		return false
	}
	eleven := weigh(n, 9, 8, 7, 6, 5, 4, 3, 2, -1)
	return eleven%11 == 0 || scheme.CheckHolds("mod97-10", "NL"+n[:10], n[10:])
}

// romania is 2 to 10 digits.
func romania() map[string]func(string) bool {
	checks := map[string]func(string) bool{}
	for size := 4; size <= 10; size++ {
		checks[strings.Repeat("9", size)] = func(n string) bool {
			n = strings.Repeat("0", 10-len(n)) + n
			return weigh(n, 7, 5, 3, 2, 1, 7, 5, 3, 2)*10%11%10 == int(n[9]-'0')
		}
	}
	return checks
}

func slovenia(n string) bool {
	check := 11 - weigh(n, 8, 7, 6, 5, 4, 3, 2)%11
	return check != 11 && check%10 == int(n[7]-'0')
}

// spanish is a DNI, an NIE, or a number of a company, whose check may be
// a digit or a letter.
//
// Source: Ministerio del Interior, cálculo del dígito de control del NIF-NIE.
func spanish(n string) bool {
	const letters = "TRWAGMYFPDXBNJZSQVHLCKE"
	first, last := n[0], n[8]
	switch {
	case first <= '9':
		return letters[number(n[:8])%23] == last
	case 'X' <= first && first <= 'Z':
		return letters[number(string('0'+first-'X')+n[1:8])%23] == last
	case 'K' <= first && first <= 'M':
		return letters[number(n[1:8])%23] == last
	case strings.IndexByte("ABCDEFGHJNPQRSUVW", first) < 0:
		return false
	}
	check := scheme.CheckOf("luhn", n[1:8])
	return check[0] == last || "JABCDEFGHI"[check[0]-'0'] == last
}

// swiss is a UID with CHE in front and MWST, TVA or IVA behind it.
func swiss(n string) (valid, known bool) {
	n, ok := strings.CutPrefix(n, "E")
	for _, suffix := range []string{"MWST", "TVA", "IVA", "HR"} {
		n = strings.TrimSuffix(n, suffix)
	}
	if !ok || len(n) != 9 || !digits(n) {
		return false, false
	}
	return weigh(n, 5, 4, 3, 2, 7, 6, 5, 4, 1)%11 == 0, true
}

// ibanLengths are the lengths of IBANs by country.
//
// Source: SWIFT IBAN Registry.
var ibanLengths = sync.OnceValue(func() map[string]int {
	lengths := map[string]int{}
	for size, countries := range map[int]string{
		15: "NO", 16: "BE", 18: "DK FI FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU XK", 21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA",
		23: "AE GI IL IQ TL OM SO", 24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "PT ST LY", 26: "IS TR", 27: "FR GR IT MC MR SM BI DJ", 28: "AL AZ BY CY DO GT HU LB NI PL SV",
		29: "BR EG PS QA UA", 30: "JO KW MU", 31: "MT SC", 32: "LC", 33: "RU",
	} {
		for country := range strings.FieldsSeq(countries) {
			lengths[country] = size
		}
	}
	return lengths
})
