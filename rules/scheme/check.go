package scheme

// algorithm is one check-character system. It reads its body from left to
// right, one alphabet value at a time, so that a check can run over pieces of
// an ID and over numbers that are being written, without a buffer. Systems
// that are defined from the right carry a sum for each parity.
type algorithm struct {
	name   string
	values *charValues // the value of a character, -1 outside of the alphabet
	class  *class      // of the check characters
	width  int         // check characters
	step   func(state uint64, value uint64) uint64
	// final gives the check characters; those beyond width are zero.
	final func(state uint64) [2]byte
}

// algorithms are the systems that can be used, by their names in a scheme.
var algorithms = []*algorithm{
	{name: "luhn", values: &digitValues, class: classDigit, width: 1, step: luhnStep, final: luhnFinal},
	{name: "mod97-10", values: &alnumValues, class: classDigit, width: 2, step: mod97Step, final: mod97Final},
	{name: "damm", values: &digitValues, class: classDigit, width: 1, step: dammStep, final: dammFinal},
}

// laterAlgorithms are part of the language but cannot be used yet.
var laterAlgorithms = []string{
	"luhn-mod-16", "luhn-mod-36", "verhoeff", "gs1-mod10", "mod11-2", "mod11-10", "mod27-26", "mod37-2", "mod37-36",
	"mod661-26", "mod1271-36", "crockford37", "noid29", "gb11643", "gb32100", "gb11714", "sierra-mod11",
}

func findAlgorithm(name string) *algorithm {
	for _, a := range algorithms {
		if a.name == name {
			return a
		}
	}
	return nil
}

// digitValues is the alphabet 0-9.
var digitValues = alphabet("0123456789")

// alnumValues is the alphabet 0-9 A-Z, letters counting 10 to 35.
var alnumValues = alphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")

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

// absorb runs the body text through the algorithm. Characters outside of its
// alphabet are skipped.
func absorb[T string | []byte](a *algorithm, state uint64, text T) uint64 {
	for i := range len(text) {
		if v := a.values[text[i]]; v >= 0 {
			state = a.step(state, uint64(v))
		}
	}
	return state
}

// luhnStep keeps two sums modulo 10: in the low half as if the character just
// read were the rightmost of the body (whose weight is 2), in the high half as
// if one more followed.
func luhnStep(state, v uint64) uint64 {
	last, next := state&0xff, state>>32
	double := 2 * v
	if double > 9 {
		double -= 9
	}
	return (next+double)%10 | (last+v)%10<<32
}

func luhnFinal(state uint64) [2]byte { return [2]byte{byte('0' + (10-state&0xff)%10)} }

// mod97Step is the remainder of the number so far, letters written as the two
// digits of their value.
func mod97Step(state, v uint64) uint64 {
	if v > 9 {
		return (state*100 + v) % 97
	}
	return (state*10 + v) % 97
}

// mod97Final gives 02 to 98. A congruence test alone would accept 00 and 01
// beside 97 and 98; only the high form is ever written or accepted.
func mod97Final(state uint64) [2]byte {
	c := 98 - state*100%97
	return [2]byte{byte('0' + c/10), byte('0' + c%10)}
}

// dammTable is the totally anti-symmetric quasigroup of order 10 whose first
// row is 0317598642.
var dammTable = [10]string{
	"0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
	"3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
}

func dammStep(state, v uint64) uint64 { return uint64(dammTable[state][v] - '0') }

func dammFinal(state uint64) [2]byte { return [2]byte{byte('0' + state)} }
