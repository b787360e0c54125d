package scheme

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Drawer draws the numbers of a scheme with {random} or {hash}. It keeps
// scratch space and is for one goroutine.
//
// A drawn number is HMAC-SHA-256 (RFC 2104) under a key, of the name of the
// source, the key of the founding source ID, its incarnation (0: the first
// customer whom the source gave that ID) and the attempt, in base 32. The
// texts are preceded by their lengths, so that no two lists of them are alike.
// For {hash} the key is the secret of the configuration, so the same customer
// gets the same number in every crosswalk; for {random} it is drawn anew for
// each plan and forgotten, which makes the numbers as unpredictable as it is.
type Drawer struct {
	scheme  *Canonical
	mac     hash.Hash
	message []byte
	sum     []byte
}

// Drawer makes a drawer that draws under key.
func (c *Canonical) Drawer(key []byte) *Drawer {
	return &Drawer{scheme: c, mac: hmac.New(sha256.New, key)}
}

// incarnation counts the customers to whom a source gave one and the same ID.
const incarnation = 0

// Append appends the number that attempt draws for the customer founded by ID
// key of a source; attempts count from 0. Its error is [ErrSkip].
func (d *Drawer) Append(dst, gave []byte, source string, key []byte, attempt uint64) ([]byte, error) {
	m := binary.AppendUvarint(d.message[:0], uint64(len(source)))
	m = append(m, source...)
	m = binary.AppendUvarint(m, uint64(len(key)))
	m = append(m, key...)
	m = binary.AppendUvarint(m, incarnation)
	d.message = binary.AppendUvarint(m, attempt)
	d.mac.Reset()
	d.mac.Write(d.message)
	d.sum = d.mac.Sum(d.sum[:0])
	var drawn [maxDrawn]byte
	width := d.scheme.form.elements[d.scheme.issuer].min
	for i := range width { // five bits each, from the left
		at, shift := i*5/8, i*5%8
		bits := uint16(d.sum[at])<<8 | uint16(d.sum[at+1])
		drawn[i] = crockfordDigits[bits>>(11-shift)&31]
	}
	return d.scheme.write(dst, gave, drawn[:width])
}
