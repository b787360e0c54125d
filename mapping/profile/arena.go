package profile

import (
	"encoding/binary"
	"iter"
	"strings"
)

// arena keeps the IDs of one column with their places, in the order of the
// source. It takes the bytes of an ID and two or three more each.
type arena struct {
	blocks []*block
}

// block is a part of an arena that can be read for itself.
type block struct {
	text  strings.Builder // length, bytes, step of the line, of one ID after the other
	start int64           // the line that steps count from
	last  int64
	n     int
}

// blockBytes is small enough for several readers to have work, and for what
// a small source takes.
const blockBytes = 256 << 10

func (a *arena) add(id string, line int64) {
	var b *block
	if len(a.blocks) > 0 {
		b = a.blocks[len(a.blocks)-1]
	}
	if need := len(id) + 2*binary.MaxVarintLen64; b == nil || b.text.Cap()-b.text.Len() < need {
		b = &block{start: line, last: line}
		size := blockBytes
		if len(a.blocks) == 0 {
			size /= 16
		}
		b.text.Grow(max(size, need))
		a.blocks = append(a.blocks, b)
	}
	var num [2 * binary.MaxVarintLen64]byte
	n := binary.PutUvarint(num[:], uint64(len(id)))
	b.text.Write(num[:n])
	b.text.WriteString(id)
	n = binary.PutVarint(num[:], line-b.last)
	b.text.Write(num[:n])
	b.last = line
	b.n++
}

// all yields the IDs of a block with their lines. The texts keep the whole
// block in memory.
func (b *block) all() iter.Seq2[string, int64] {
	return func(yield func(string, int64) bool) {
		text, line := b.text.String(), b.start
		for text != "" {
			size, n := uvarint(text)
			id := text[n : n+int(size)]
			text = text[n+int(size):]
			step, n := uvarint(text)
			text = text[n:]
			line += int64(step>>1) ^ -int64(step&1)
			if !yield(id, line) {
				return
			}
		}
	}
}

// uvarint is [binary.Uvarint] for texts.
func uvarint(s string) (x uint64, n int) {
	for shift := 0; ; shift += 7 {
		c := s[n]
		n++
		if c < 0x80 {
			return x | uint64(c)<<shift, n
		}
		x |= uint64(c&0x7f) << shift
	}
}
