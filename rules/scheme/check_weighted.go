package scheme

// The systems that weigh characters by their place.

// forbidden marks a state that has seen a character which no number of the
// system may have.
const forbidden = 1 << 63

// sierraStep and sierraFinal are the check of record numbers of the library
// systems Millennium and Sierra: digits, weights 2, 3, 4 … from the right,
// modulo 11, x for 10. Exports carry it or leave it out. One more character
// raises every weight by one, so the state holds the plain sum in its high
// half beside the weighed one. The tenth place from the right weighs 11, so no
// change of it is seen.
func sierraStep(state, v uint64) uint64 {
	weighed, sum := state&(1<<32-1), state>>32
	return weighed + sum + 2*v | (sum+v)<<32
}

func sierraFinal(state uint64) [2]byte { return one("0123456789x"[state&(1<<32-1)%11]) }

// noidStep and noidFinal are the check of the Nice Opaque Identifier (NOID),
// its check digit algorithm: value times place from the left, the first place
// being 1, modulo 29. A character outside of the alphabet of 29 counts 0 and
// does take a place. What is covered differs among those who use it (name
// alone, authority and name, or with ark:/ too), so the scheme has to say so:
// {check:noid29(alnum)}. It finds all slips in up to 28 characters. Source:
// J. Kunze, noid(1), "NOID CHECK DIGIT ALGORITHM".
func noidStep(state, v uint64) uint64 {
	state += 1 << 32
	return state + state>>32*v
}

func noidFinal(state uint64) [2]byte { return one(noidChars[state&(1<<32-1)%29]) }

// noidValues has a value for the first byte of every character.
var noidValues = func() charValues {
	values := alphabet(noidChars)
	for b := range values {
		if values[b] < 0 && b&0xc0 != 0x80 {
			values[b] = 0
		}
	}
	return values
}()

// crockfordStep and crockfordFinal are the check symbol of Crockford's base 32:
// the number modulo 37, with * ~ $ = U for 32 to 36. Small letters are read as
// capitals, I and L as 1, O as 0; U is a check symbol only. Source: D.
// Crockford, Base 32, 2019.
func crockfordStep(state, v uint64) uint64 {
	if v >= 32 {
		return forbidden
	}
	if state >= placeRoom {
		if state >= forbidden {
			return state
		}
		state %= 37
	}
	return state*32 + v
}

func crockfordFinal(state uint64) [2]byte {
	if state >= forbidden {
		return [2]byte{}
	}
	return one((crockfordChars + "*~$=U")[state%37])
}

func crockfordSpelling(b byte) byte { return crockford[b] }

var crockfordValues = func() charValues {
	capitals := alphabet(crockfordChars + "U")
	values := capitals
	for _, b := range []byte(digits + capital + small) {
		values[b] = capitals[crockford[b]]
	}
	return values
}()

// creditStep and creditFinal are the check of China's unified social credit
// code: 31 characters, weights 3^(place-1) modulo 31 from the left. The
// letters I, O, S, V and Z are forbidden, not skipped: read for 1, 0, 5 and 2
// they are the commonest slips. Source: GB 32100-2015.
func creditStep(state, v uint64) uint64 {
	if v >= 31 {
		return state | forbidden
	}
	place := state >> 32 & 0xff
	return (state + v*creditWeights[place%30]) + 1<<32
}

func creditFinal(state uint64) [2]byte {
	if state >= forbidden {
		return [2]byte{}
	}
	return one(creditChars[(31-state&(1<<32-1)%31)%31])
}

// creditWeights are the powers of 3 modulo 31, which repeat after 30.
var creditWeights = func() (w [30]uint64) {
	w[0] = 1
	for i := range w[1:] {
		w[i+1] = w[i] * 3 % 31
	}
	return w
}()

var creditValues = alphabet(creditChars + "IOSVZ").foldCase()

// gb11714Final ends the check of China's organisation code, 8
// characters and the check: weights 3 7 9 10 5 8 4 2, which are the powers of
// 2 modulo 11 from the right; sum and check are congruent to 0. Characters 9 to
// 17 of a unified social credit code are one. Source: GB 11714-1997.
func gb11714Final(state uint64) [2]byte {
	return one("0123456789X"[(11-state%11*2%11)%11])
}
