package profile

import "math/bits"

// sum64 is a fixed 64-bit hash of a text, so that a profile is the same on
// every host. It multiplies and folds eight bytes at a time, as wyhash does.
// Texts of equal hash count as equal: among ten million different ones two
// meet in one source of 370,000.
func sum64[T string | []byte](text T) uint64 {
	h := mix(uint64(len(text))^0xa0761d6478bd642f, 0xe7037ed1a0b428db)
	i := 0
	for ; i+8 <= len(text); i += 8 {
		h = mix(h^eight(text, i), 0x8ebc6af09c88c6e3)
	}
	rest := uint64(0)
	for shift := 0; i < len(text); i, shift = i+1, shift+8 {
		rest |= uint64(text[i]) << shift
	}
	h = mix(h^rest, 0x589965cc75374cc3)
	return mix(h, 0x1d8e4e27c47d124f)
}

// eight reads eight bytes, the lowest first.
func eight[T string | []byte](text T, i int) uint64 {
	return uint64(text[i]) | uint64(text[i+1])<<8 | uint64(text[i+2])<<16 | uint64(text[i+3])<<24 |
		uint64(text[i+4])<<32 | uint64(text[i+5])<<40 | uint64(text[i+6])<<48 | uint64(text[i+7])<<56
}

func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}
