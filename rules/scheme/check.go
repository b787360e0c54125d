package scheme

// algorithm is one check-character system. It reads its body from left to
// right, one alphabet value at a time, so that a check can run over pieces of
// an ID and over numbers that are being written, without a buffer. Systems
// that are defined from the right carry what they would be for each place that
// the character just read could turn out to have.
type algorithm struct {
	name string
	// body and check are the characters that count and those that a check is
	// written with, in the order of their values.
	body, check string
	width       int // check characters

	// by says how the state, 0 at first, takes in a value; step does where by
	// is stepwise. Most systems are of the other kinds, which are quick.
	by    reading
	step  func(state, value uint64) uint64
	terms *alternation // where by is alternating
	// final gives the check characters; those beyond width are zero. All are
	// zero where the text cannot have a check, because it has a character that
	// the system forbids.
	final func(state uint64) [2]byte

	// spell gives the one spelling of a check character; nil where each has
	// one only, as it does in most systems. also are the other spellings.
	spell func(byte) byte
	also  string
	// values are the values of the characters of a body, by byte: -1 is
	// skipped. Nil means those of body, small letters counting as capitals.
	values *charValues

	class *class // of the check characters
}

// reading is how a system takes in a body.
type reading uint8

const (
	stepwise    reading = iota
	alternating         // two sums that change places
	doubling            // a number of base 2
	decimal             // a number of base 10
)

// The alphabets that several systems share.
const (
	alnumChars     = digits + capital
	hexChars       = "0123456789ABCDEF"
	crockfordChars = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	creditChars    = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	noidChars      = "0123456789bcdfghjkmnpqrstvwxz"
)

// algorithms are the check-character systems by their names in a scheme.
var algorithms = prepared([]*algorithm{
	{name: "luhn", body: digits, check: digits, width: 1, by: alternating, terms: alternate(10, luhnWeight(10)), final: luhnFinal},
	{name: "luhn-mod-16", body: hexChars, check: hexChars, width: 1, by: alternating, terms: alternate(16, luhnWeight(16)), final: luhn16Final, spell: upper, also: "abcdef"},
	{name: "luhn-mod-36", body: alnumChars, check: alnumChars, width: 1, by: alternating, terms: alternate(36, luhnWeight(36)), final: luhn36Final},
	{name: "verhoeff", body: digits, check: digits, width: 1, step: verhoeffStep, final: verhoeffFinal},
	{name: "damm", body: digits, check: digits, width: 1, step: dammStep, final: dammFinal},
	{name: "gs1-mod10", body: digits, check: digits, width: 1, by: alternating, terms: alternate(10, gs1Weight), final: luhnFinal},
	{name: "mod11-2", body: digits, check: digits + "X", width: 1, by: doubling, final: mod11Final},
	{name: "mod11-10", body: digits, check: digits, width: 1, step: hybrid10Step, final: hybrid10Final},
	{name: "mod27-26", body: capital, check: capital, width: 1, step: hybrid26Step, final: hybrid26Final},
	{name: "mod37-2", body: alnumChars, check: alnumChars + "*", width: 1, by: doubling, final: mod37Final},
	{name: "mod37-36", body: alnumChars, check: alnumChars, width: 1, step: hybrid36Step, final: hybrid36Final},
	{name: "mod97-10", body: alnumChars, check: digits, width: 2, by: decimal, final: mod97Final},
	{name: "mod661-26", body: capital, check: capital, width: 2, step: mod661Step, final: mod661Final},
	{name: "mod1271-36", body: alnumChars, check: alnumChars, width: 2, step: mod1271Step, final: mod1271Final},
	{
		name: "crockford37", body: crockfordChars, check: crockfordChars + "*~$=U", width: 1, step: crockfordStep, final: crockfordFinal,
		spell: crockfordSpelling, also: "ILOabcdefghijklmnopqrstuvwxyz", values: &crockfordValues,
	},
	{name: "noid29", body: noidChars, check: noidChars, width: 1, step: noidStep, final: noidFinal, values: &noidValues},
	{name: "gb11643", body: digits, check: digits + "X", width: 1, by: doubling, final: mod11Final, spell: upper, also: "x"},
	{name: "gb32100", body: creditChars, check: creditChars, width: 1, step: creditStep, final: creditFinal, values: &creditValues},
	{name: "gb11714", body: alnumChars, check: digits + "X", width: 1, by: doubling, final: gb11714Final},
	{name: "sierra-mod11", body: digits, check: digits + "x", width: 1, step: sierraStep, final: sierraFinal},
})

// prepared fills in what follows from the rest.
func prepared(all []*algorithm) []*algorithm {
	for _, a := range all {
		if a.values == nil {
			values := alphabet(a.body).foldCase()
			a.values = &values
		}
		a.class = newClass(a.check + a.also).of(int64(len(a.check)))
	}
	return all
}

func findAlgorithm(name string) *algorithm {
	for _, a := range algorithms {
		if a.name == name {
			return a
		}
	}
	return nil
}

// charValues are the values of the characters of an alphabet, -1 outside of
// it.
type charValues [256]int8

func alphabet(chars string) (values charValues) {
	for i := range values {
		values[i] = -1
	}
	for i := range len(chars) {
		values[chars[i]] = int8(i)
	}
	return values
}

// foldCase gives letters that have no value the value of their other case.
func (v charValues) foldCase() charValues {
	for b := byte('a'); b <= 'z'; b++ {
		upper := b &^ 0x20
		if v[b] < 0 {
			v[b] = v[upper]
		} else if v[upper] < 0 {
			v[upper] = v[b]
		}
	}
	return v
}

func upper(b byte) byte {
	if 'a' <= b && b <= 'z' {
		b &^= 0x20
	}
	return b
}

// absorb runs the body text through the algorithm. Characters outside of its
// alphabet are skipped.
func absorb[T string | []byte](a *algorithm, state uint64, text T) uint64 {
	switch a.by {
	case alternating:
		return absorbAlternating(a.terms, a.values, state, text)
	case doubling:
		return absorbDoubling(a.values, state, text)
	case decimal:
		return absorbDecimal(a.values, state, text)
	}
	for i := range len(text) {
		if v := a.values[text[i]]; v >= 0 {
			state = a.step(state, uint64(v))
		}
	}
	return state
}

// one is a check of one character.
func one(char byte) [2]byte { return [2]byte{char} }

// alphabet is how people call the characters that count.
func (a *algorithm) alphabet() string {
	switch a.body {
	case digits:
		return "digits"
	case capital:
		return "A-Z"
	case alnumChars:
		return "0-9 and A-Z"
	}
	return a.body
}

// CheckSystems lists the check algorithms that {check:…} can name.
func CheckSystems() []string {
	names := make([]string, len(algorithms))
	for i, a := range algorithms {
		names[i] = a.name
	}
	return names
}

// CheckAlphabet is the characters that count in a body, those that a check is
// written with, each in the order of their values, and how many check
// characters there are; 0 for an algorithm that does not exist.
func CheckAlphabet(algorithm string) (body, check string, width int) {
	a := findAlgorithm(algorithm)
	if a == nil {
		return "", "", 0
	}
	return a.body, a.check, a.width
}

// CheckOf is the check characters of a body. It is empty where the algorithm
// does not exist, nothing of the body counts, or a character of it is
// forbidden.
func CheckOf(algorithm, body string) string {
	a := findAlgorithm(algorithm)
	if a == nil {
		return ""
	}
	chars := a.of(body)
	if chars[0] == 0 {
		return ""
	}
	return string(chars[:a.width])
}

// CheckHolds reports whether check is the check characters of a body, which
// does not hold them itself. A second spelling that the algorithm knows, such
// as the x of gb11643, passes; a value that is merely congruent does not. It
// allocates nothing.
func CheckHolds(algorithm, body, check string) bool {
	a := findAlgorithm(algorithm)
	if a == nil || len(check) != a.width {
		return false
	}
	want := a.of(body)
	for i := range len(check) {
		b := check[i]
		if a.spell != nil {
			b = a.spell(b)
		}
		if b != want[i] || b == 0 {
			return false
		}
	}
	return true
}

// of is the check of a body, zero where it has none.
func (a *algorithm) of(body string) [2]byte {
	for i := range len(body) {
		if a.values[body[i]] >= 0 {
			return a.final(absorb(a, 0, body))
		}
	}
	return [2]byte{}
}
