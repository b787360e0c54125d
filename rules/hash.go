package rules

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/dchest/siphash"

	"github.com/xwalk-id/xwalk/rules/match"
)

// hasher is SipHash-2-4 under a key. With a secret it is a pseudorandom
// function, so that stored hashes cannot be guessed back; without one it
// still gives the same hashes on every host.
type hasher struct{ k0, k1 uint64 }

func newHasher(secret string) hasher {
	sum := sha256.Sum256([]byte("xwalk evidence\x00" + secret))
	return hasher{binary.LittleEndian.Uint64(sum[:8]), binary.LittleEndian.Uint64(sum[8:16])}
}

func (h hasher) sum64(b []byte) uint64 { return siphash.Hash(h.k0, h.k1, b) }

func (h hasher) sum128(b []byte) match.Hash {
	hi, lo := siphash.Hash128(h.k0, h.k1, b)
	return match.Hash{Hi: hi, Lo: lo}
}

// appendText writes s so that no two lists of texts look alike.
func appendText(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}
