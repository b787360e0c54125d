package scheme

import "math/bits"

// The systems that weigh every second character from the right otherwise. As
// the right end is not known while reading, their state holds two sums: in the
// low half as if the character just read were the rightmost of the body, in
// the high half as if one more followed. Each character makes the two change
// places. An ID is too short for either half to overflow.

// alternation is, for each value, what it adds to the two sums: weighed as in
// the rightmost place of the body, and as it is.
type alternation [36]uint64

func alternate(n uint64, weigh func(v uint64) uint64) *alternation {
	var add alternation
	for v := range n {
		add[v] = weigh(v) | v<<32
	}
	return &add
}

func absorbAlternating[T string | []byte](add *alternation, values *charValues, state uint64, text T) uint64 {
	for i := range len(text) {
		if v := values[text[i]]; v >= 0 {
			state = bits.RotateLeft64(state, 32) + add[v]
		}
	}
	return state
}

// complement is what brings the low sum to a multiple of n.
func complement(state, n uint64) uint64 { return (n - state&(1<<32-1)%n) % n }

// luhnWeight is twice the value, its digits in base n added up.
func luhnWeight(n uint64) func(uint64) uint64 {
	return func(v uint64) uint64 { return 2*v/n + 2*v%n }
}

// luhnFinal ends the Luhn check of payment cards and IMEI: digits. It finds
// every single substitution and most swaps, but not 09 for 90 nor any jump swap
// (abc for cba). Source: ISO/IEC 7812-1, annex B. luhn-mod-16 (0-9 A-F, of
// which small letters are another spelling) and luhn-mod-36 (0-9 A-Z) do the
// same in a larger base.
func luhnFinal(state uint64) [2]byte   { return one(digits[complement(state, 10)]) }
func luhn16Final(state uint64) [2]byte { return one(hexChars[complement(state, 16)]) }
func luhn36Final(state uint64) [2]byte { return one(alnumChars[complement(state, 36)]) }

// gs1Weight, with luhnFinal, makes the check of GTIN, GLN and SSCC: digits,
// weights 3, 1, 3 … from the right. It misses the swap of two digits that
// differ by 5 and any jump swap. Source: GS1 General Specifications, section
// 7.9.
func gs1Weight(v uint64) uint64 { return 3 * v }
