package normalize

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// maxDigits is the longest row of digits that the fast path looks at.
const maxDigits = 20

// Phone is a telephone number in E.164 (+8613800138000). Country is the ISO
// 3166 code of the country whose national way of writing s may use; without
// it only international numbers (+86…, and 0086 before a Chinese mobile) can
// be read. An extension and a remark in brackets are dropped. It is not ok where s is no number, or one
// of a length that its country does not have; numbers that are possible but
// not assigned are ok.
//
// The answer is libphonenumber's. Numbers written in digits and the usual
// punctuation, which are nearly all, get it from the tables in numberplan.go
// some thirty times faster than by asking.
func Phone(s, country string) (e164 string, ok bool) {
	if !isASCII(s) {
		s = tidy(s)
	}
	s = strings.TrimSpace(s)
	if country == "CN" {
		s = withoutChineseExtension(s)
	}
	var buf [maxDigits]byte
	digits, plus, plain := dial(s, buf[:0])
	if plain {
		if national, ok := chineseMobile(digits, plus, country); ok {
			return e164Of(s, "86", national), true
		}
		if !plus && country == "" {
			return "", false // nobody can tell whose number it is
		}
		// The tables' patterns keep what they are given, so they get a copy.
		cc, national, verdict := plans().read(slices.Clone(digits), plus, country)
		switch verdict {
		case possible:
			return e164Of(s, cc, national), true
		case impossible:
			return "", false
		}
	}
	return ask(s, country)
}

// chineseMobile is the eleven digits of a Chinese mobile number, 13… to 19…:
// alone in China, or behind +86 or 0086 anywhere, or behind 86 in China.
func chineseMobile(digits []byte, plus bool, country string) (national []byte, ok bool) {
	lead := len(digits) - 11
	switch {
	case lead < 0:
		return nil, false
	case plus:
		ok = string(digits[:lead]) == "86"
	case lead == 4:
		ok = string(digits[:lead]) == "0086"
	default:
		ok = country == "CN" && (lead == 0 || string(digits[:lead]) == "86")
	}
	d := digits[lead:]
	// 179 is no mobile prefix but selects a carrier.
	return d, ok && d[0] == '1' && d[1] >= '3' && (d[1] != '7' || d[2] != '9')
}

// e164Of is "+" cc national, or s itself where it is that already.
func e164Of(s, cc string, national []byte) string {
	if len(s) == 1+len(cc)+len(national) && s[0] == '+' {
		return s // the digits are those of s, in their order
	}
	buf := make([]byte, 0, maxDigits+1)
	buf = append(append(append(buf, '+'), cc...), national...)
	return string(buf)
}

// dial strips the usual punctuation from a number. It is not plain where s
// holds anything else, or a + or brackets in a place that needs thought.
func dial(s string, buf []byte) (digits []byte, plus, plain bool) {
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			if len(buf) == maxDigits {
				return nil, false, false
			}
			buf = append(buf, c)
		case c == '+':
			if plus || len(buf) > 0 {
				return nil, false, false
			}
			plus = true
		case c == ' ' || c == '-' || c == '.' || c == '(' || c == ')':
		default:
			return nil, false, false
		}
	}
	return buf, plus, len(buf) > 2
}

// ask has the library read the number.
func ask(s, country string) (string, bool) {
	s = strings.Map(func(r rune) rune {
		if scheme.Invisible(r) {
			return -1
		}
		return r
	}, s)
	if country == "" {
		country = "ZZ"
	}
	s = withoutExtension(s)
	n, err := phonenumbers.Parse(s, country)
	if err != nil || phonenumbers.IsPossibleNumberWithReason(n) != phonenumbers.IS_POSSIBLE {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}
