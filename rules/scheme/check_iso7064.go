package scheme

// The systems of ISO/IEC 7064. Source: ISO/IEC 7064:2003.
//
// In the pure ones, mod M-r, the places of a text weigh the powers of r, and
// the sum of a text and its check is congruent to 1 modulo M: all single
// substitutions, swaps and twins are found.
//
// In those with two check characters such a sum alone would accept two checks
// of some bodies: 00 beside 97 and 01 beside 98 in mod97-10, 01 beside ZC in
// mod1271-36, AB beside ZM in mod661-26. Only the high form is ever written or
// accepted, so that a number has one spelling.
//
// The hybrid ones, mod m+1,m, have no check character beyond the alphabet.

// The state of a pure system is the body as a number of base r, reduced only
// when one more character could overflow it: placeRoom leaves a byte.
const placeRoom = 1 << 56

// absorbDoubling reads a body for M = 11 and M = 37, base 2: a multiple of both
// can be taken away.
func absorbDoubling[T string | []byte](values *charValues, state uint64, text T) uint64 {
	for i := range len(text) {
		if v := values[text[i]]; v >= 0 {
			if state >= placeRoom {
				state %= 11 * 37
			}
			state = state*2 + uint64(v)
		}
	}
	return state
}

// absorbDecimal reads a body for M = 97, base 10. A letter is the two digits of
// its value.
func absorbDecimal[T string | []byte](values *charValues, state uint64, text T) uint64 {
	for i := range len(text) {
		v := values[text[i]]
		if v < 0 {
			continue
		}
		if state >= placeRoom {
			state %= 97
		}
		if v < 10 {
			state = state*10 + uint64(v)
		} else {
			state = state*100 + uint64(v)
		}
	}
	return state
}

// mod11Final ends mod11-2: digits, check 0-9 or X. ISNI and ORCID use it, and
// gb11643, the resident number of China (GB 11643-1999), is the same with x as
// another spelling of X.
func mod11Final(state uint64) [2]byte {
	return one("0123456789X"[(12-state%11*2%11)%11])
}

// mod37Final ends mod37-2: 0-9 A-Z, check 0-9 A-Z or *. Blood donations
// (ISBT 128) use it.
func mod37Final(state uint64) [2]byte {
	return one((alnumChars + "*")[(38-state%37*2%37)%37])
}

// mod97Final ends mod97-10: digits, and the letters A-Z as the two digits of
// their values 10 to 35, as in IBAN (ISO 13616), RF references (ISO 11649) and
// LEI (ISO 17442). The check is 02 to 98.
func mod97Final(state uint64) [2]byte {
	c := 98 - state%97*100%97
	return [2]byte{byte('0' + c/10), byte('0' + c%10)}
}

// mod661Step and mod661Final are mod661-26: A-Z, two letters.
func mod661Step(state, v uint64) uint64 {
	if state >= placeRoom {
		state %= 661
	}
	return state*26 + v
}

func mod661Final(state uint64) [2]byte {
	c := 662 - state%661*(26*26)%661
	return [2]byte{capital[c/26], capital[c%26]}
}

// mod1271Step and mod1271Final are mod1271-36: 0-9 A-Z, two of them.
func mod1271Step(state, v uint64) uint64 {
	if state >= placeRoom {
		state %= 1271
	}
	return state*36 + v
}

func mod1271Final(state uint64) [2]byte {
	c := 1272 - state%1271*(36*36)%1271
	return [2]byte{alnumChars[c/36], alnumChars[c%36]}
}

// hybrid is a step of a hybrid system: twice the sum so far modulo m, modulo
// m+1, where 0 counts as m. The state 0 stands for the m that it begins with.
func hybrid(state, v, m uint64) uint64 {
	sum := state + v
	if sum > m {
		sum -= m
	}
	if sum == 0 {
		sum = m
	}
	sum *= 2
	if sum > m {
		sum -= m + 1
	}
	return sum
}

func hybridFinal(state, m uint64) uint64 { return (m + 1 - state) % m }

// mod11-10: digits.
func hybrid10Step(state, v uint64) uint64 { return hybrid(state, v, 10) }
func hybrid10Final(state uint64) [2]byte  { return one(digits[hybridFinal(state, 10)]) }

// mod27-26: A-Z.
func hybrid26Step(state, v uint64) uint64 { return hybrid(state, v, 26) }
func hybrid26Final(state uint64) [2]byte  { return one(capital[hybridFinal(state, 26)]) }

// mod37-36: 0-9 A-Z.
func hybrid36Step(state, v uint64) uint64 { return hybrid(state, v, 36) }
func hybrid36Final(state uint64) [2]byte  { return one(alnumChars[hybridFinal(state, 36)]) }
