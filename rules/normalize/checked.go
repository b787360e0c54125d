package normalize

import (
	"strings"
	"sync"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// Checked tells what the check characters of a tax or national ID, in the
// normal form of its role, say. Known is false where nothing that reads the
// ID has a check, or where numbers without one look the same: nine bare digits
// may be a number of the United States, which has none, as well as a wrong one
// of Portugal. So a number that many countries could have issued is never
// called invalid, and it is called valid only where an accident is rare: two
// check digits, or one and a date of birth.
//
// Read are: resident ID numbers and unified social credit codes of China; VAT
// numbers with the country in front, of the European Union, the United
// Kingdom, Switzerland and Norway; IBANs; LEIs; GSTINs of India; fiscal codes
// of Italy; CURPs of Mexico; identity numbers of Spain, Singapore and Taiwan;
// and of numbers of bare digits those in bareDigits.
func Checked(id string) (valid, known bool) {
	if len(id) < 7 || len(id) > 34 || !isASCII(id) {
		return false, false
	}
	shape, code := shapeOf(id)
	if code != id {
		return false, false
	}
	if valid, known = chinese(id, shape); known {
		return valid, true
	}
	if valid, known = vatNumber(id, shape[2:]); known {
		return valid, true
	}
	if size := ibanLengths()[id[:2]]; size == len(id) && digits(id[2:4]) {
		return scheme.CheckHolds("mod97-10", id[4:]+id[:2], id[2:4]), true
	}
	if check := lettered()[shape]; check != nil {
		return check(id)
	}
	if digits(id) {
		valid = bareDigits(id)
		return valid, valid
	}
	if len(id) == 20 && digits(id[18:]) && scheme.CheckHolds("mod97-10", id[:18], id[18:]) {
		return true, true // LEI, ISO 17442
	}
	if len(id) == 14 && digits(id[12:]) && cnpj(id) {
		return true, true
	}
	return false, false
}

// chinese reads a resident ID of 18 characters, which holds a date, and a
// unified social credit code, which starts with the authority, the kind and a
// region. Both may be 18 digits; one that holds as either is valid.
//
// Source: GB 11643, GB 32100-2015.
func chinese(id, shape string) (valid, known bool) {
	if len(id) != 18 {
		return false, false
	}
	if digits(id[:17]) && (shape[17] == '9' || id[17] == 'X') {
		if _, ok := Date(id[6:10]+"-"+id[10:12]+"-"+id[12:14], YMD); ok && (id[6:8] == "18" || id[6:8] == "19" || id[6:8] == "20") && id[0] != '0' {
			known = true
			valid = scheme.CheckHolds("gb11643", id[:17], id[17:])
		}
	}
	if strings.IndexByte("1234569ANY", id[0]) >= 0 && digits(id[2:8]) && scheme.Details("gb2260-2", id[2:4]) != nil {
		known = true
		valid = valid || scheme.CheckHolds("gb32100", id[:17], id[17:])
	}
	return valid, known
}

// lettered are the checks of IDs whose letters show what they are, by shape.
var lettered = sync.OnceValue(func() map[string]func(id string) (valid, known bool) {
	return map[string]func(id string) (valid, known bool){
		"99AAAAA9999A9AA": gstin, "99AAAAA9999A9A9": gstin, "99AAAAA9999AAAA": gstin, "99AAAAA9999AAA9": gstin,
		"AAAAAA99A99A999A":   fiscalCode,
		"AAAA999999AAAAAA99": curp, "AAAA999999AAAAAAA9": curp,
		"A9999999A": letterEnds, "99999999A": letterEnds,
		"A999999999": taiwan,
	}
})

// gstin is a GST number of India: a state, a PAN, a count, Z, and the Luhn
// check modulo 36.
//
// Source: Goods and Services Tax Network, GSTIN format.
func gstin(id string) (valid, known bool) {
	if id[13] != 'Z' {
		return false, false
	}
	return scheme.CheckHolds("luhn-mod-36", id[:14], id[14:]), true
}

// fiscalCode is a codice fiscale of Italy.
//
// Source: Decreto ministeriale 23 December 1976, no. 13813.
func fiscalCode(id string) (valid, known bool) {
	odd := [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	if strings.IndexByte("ABCDEHLMPRST", id[8]) < 0 {
		return false, false
	}
	sum := 0
	for i := range 15 {
		v := int(id[i] - '0')
		if id[i] >= 'A' {
			v = int(id[i] - 'A')
		}
		if i%2 == 0 {
			v = odd[v]
		}
		sum += v
	}
	return id[15] == byte('A'+sum%26), true
}

// curp is a population registry code of Mexico.
//
// Source: RENAPO, Instructivo normativo para la asignación de la CURP.
func curp(id string) (valid, known bool) {
	if id[10] != 'H' && id[10] != 'M' && id[10] != 'X' {
		return false, false
	}
	sum := 0
	for i := range 17 {
		v := int(id[i] - '0')
		if id[i] >= 'A' {
			if v = int(id[i]-'A') + 10; id[i] > 'N' {
				v++ // Ñ has a place of its own
			}
		}
		sum += v * (18 - i)
	}
	return int(id[17]-'0') == (10-sum%10)%10, true
}

// letterEnds are numbers that end in a check letter: identity numbers of Spain
// and of Singapore. Other countries have numbers of the shape, so a wrong one
// is not known to be any of these.
func letterEnds(id string) (valid, known bool) {
	valid = spanish(id) || singapore(id)
	return valid, valid
}

// singapore is an NRIC or FIN.
//
// Source: Immigration & Checkpoints Authority; the letters are common knowledge.
func singapore(id string) bool {
	letters, start := "", 0
	switch id[0] {
	case 'S':
		letters = "JZIHGFEDCBA"
	case 'T':
		letters, start = "JZIHGFEDCBA", 4
	case 'F':
		letters = "XWUTRQPNMLK"
	case 'G':
		letters, start = "XWUTRQPNMLK", 4
	default:
		return false
	}
	return letters[(start+weigh(id[1:8], 2, 7, 6, 5, 4, 3, 2))%11] == id[8]
}

// taiwan is a national ID of Taiwan: a letter of the place, 1 or 2 (8 and 9
// for residents), and a check digit.
//
// Source: Ministry of the Interior, uniform ID numbers.
func taiwan(id string) (valid, known bool) {
	if strings.IndexByte("1289", id[1]) < 0 {
		return false, false
	}
	place := strings.IndexByte("ABCDEFGHJKLMNPQRSTUVXYWZIO", id[0]) + 10
	return (place/10+place%10*9+weigh(id[1:], 8, 7, 6, 5, 4, 3, 2, 1, 1))%10 == 0, true
}

// weigh adds up digits, each times the weight of its place.
func weigh(digits string, weights ...int) (sum int) {
	for i, w := range weights {
		sum += int(digits[i]-'0') * w
	}
	return sum
}
