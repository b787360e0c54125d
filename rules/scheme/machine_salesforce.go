package scheme

// suffixes are the values of a character of a Salesforce suffix, 0 to 31.
const suffixes = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

var suffixValues = alphabet(suffixes).foldCase()

// spellSalesforce reads a record ID of 15 characters, in which case counts,
// and of 18, whose last three say the case of the others and must agree. 18
// characters are the one spelling. An 18-character ID whose case was changed
// is not read: see [SalesforceRestore].
func spellSalesforce(dst []byte, text string) ([]byte, bool) {
	if !fitsSalesforce(text) {
		return dst, false
	}
	suffix := salesforceSuffix(text[:15])
	return append(append(dst, text[:15]...), suffix[:]...), true
}

func fitsSalesforce(text string) bool {
	return len(text) == 15 && salesforceBody(text) || sameSalesforce(text)
}

func sameSalesforce(text string) bool {
	if len(text) != 18 || !salesforceBody(text[:15]) {
		return false
	}
	suffix := salesforceSuffix(text[:15])
	return text[15:] == string(suffix[:])
}

// salesforceBody reports whether the 15 characters can be a record's: letters
// and digits, not all of them 0.
func salesforceBody(id15 string) bool { return onlyOf(id15, classAlnum) }

// salesforceSuffix is one character for each five of the ID: bit j of its
// value says that the character j of the five is a capital.
func salesforceSuffix(id15 string) (suffix [3]byte) {
	for i := range suffix {
		bits := 0
		for j, b := range []byte(id15[5*i : 5*i+5]) {
			if 'A' <= b && b <= 'Z' {
				bits |= 1 << j
			}
		}
		suffix[i] = suffixes[bits]
	}
	return suffix
}

// SalesforceSuffix is what turns a Salesforce ID of 15 characters into one of
// 18: three characters that record which of the letters are capitals. It says
// nothing about digits, so a changed digit goes unseen. It is empty for a text
// that is no such ID.
func SalesforceSuffix(id15 string) string {
	if len(id15) != 15 || !salesforceBody(id15) {
		return ""
	}
	suffix := salesforceSuffix(id15)
	return string(suffix[:])
}

// SalesforceRestore gives a Salesforce ID of 18 characters the case back that
// its suffix records, the suffix itself in capitals. It fails where the suffix
// asks for a capital and finds no letter, so that the text is damaged
// otherwise or no such ID.
func SalesforceRestore(id18 string) (string, bool) {
	if len(id18) != 18 || !salesforceBody(id18[:15]) {
		return "", false
	}
	id := []byte(id18)
	for i := range 3 {
		bits := suffixValues[id[15+i]]
		if bits < 0 {
			return "", false
		}
		id[15+i] = suffixes[bits]
		for j := range 5 {
			b := &id[5*i+j]
			letter := 'A' <= *b&^0x20 && *b&^0x20 <= 'Z'
			switch {
			case bits>>j&1 == 0:
				if letter {
					*b |= 0x20
				}
			case letter:
				*b &^= 0x20
			default:
				return "", false
			}
		}
	}
	return string(id), true
}
