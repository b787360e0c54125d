package scheme

// ResidentID18 is the 18-character number of the person whose 15-digit
// resident number of China is id15: 19 before the two digits of the year, and
// the check of GB 11643 behind. It fails where id15 is not 15 digits with a
// date of the 20th century in them.
func ResidentID18(id15 string) (string, bool) {
	if len(id15) != 15 {
		return "", false
	}
	body := id15[:6] + "19" + id15[6:]
	for i := range len(body) {
		if !classDigit.ascii[body[i]] {
			return "", false
		}
	}
	two := func(at int) int { return int(body[at]-'0')*10 + int(body[at+1]-'0') }
	if born := (dateFields{1900 + two(8), two(10), two(12)}); !born.real() {
		return "", false
	}
	return body + CheckOf("gb11643", body), true
}
