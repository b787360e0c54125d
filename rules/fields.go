package rules

import (
	"encoding/json"
	"unicode/utf8"
)

// DecodeFields reads the fields that the crosswalk keeps beside a link: role
// to values, the first being the main one. Empty input is no fields.
func DecodeFields(b []byte) (map[string][]string, error) {
	if len(b) == 0 {
		return nil, nil
	}
	var m map[string][]string
	err := json.Unmarshal(b, &m)
	return m, err
}

const hexDigits = "0123456789abcdef"

// appendJSON writes s as a JSON string, faster than encoding/json and with
// nothing escaped that JSON does not ask for.
func appendJSON(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, w := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && w == 1 {
				dst = append(dst, s[start:i]...)
				dst = append(dst, "\ufffd"...)
				i++
				start = i
				continue
			}
			i += w
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		if c == '"' || c == '\\' {
			dst = append(dst, '\\', c)
		} else {
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
