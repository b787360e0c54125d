package charset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// chunkBytes is how much a Reader decodes at a time.
const chunkBytes = 64 << 10

// Reader is the text of another reader as UTF-8.
type Reader struct {
	src   io.Reader
	guess func() (Charset, error)

	decode  decoder // nil: bytes pass through
	passing bool    // everything passes, not ASCII alone
	raw     []byte  // read and not decoded: the head of a character
	text    []byte  // decoded and not yet delivered
	buf     []byte  // text's memory
	err     error   // of src
}

// decoder appends the text of src to dst and says how much of src it used.
// Fewer than all bytes are left only where a character may go on; at the end
// of the file (last) none are.
type decoder func(dst, src []byte, last bool) (text []byte, used int)

// NewReader reads src, which is in c. If c is Unknown, guess is called at
// the first byte that is not ASCII; its error ends the stream.
func NewReader(src io.Reader, c Charset, guess func() (Charset, error)) *Reader {
	r := &Reader{src: src, guess: guess}
	if c != Unknown {
		r.settle(c)
	}
	return r
}

func (r *Reader) settle(c Charset) {
	r.guess = nil
	r.decode = decoders[c]
	r.passing = r.decode == nil
}

// Read implements [io.Reader].
func (r *Reader) Read(p []byte) (int, error) {
	if r.passing {
		return r.src.Read(p)
	}
	if r.decode == nil {
		return r.readASCII(p)
	}
	for len(r.text) == 0 {
		if r.err != nil && len(r.raw) == 0 {
			return 0, r.err
		}
		r.advance()
	}
	n := copy(p, r.text)
	r.text = r.text[n:]
	return n, nil
}

// readASCII reads up to the first byte that is not ASCII, and there settles
// the encoding.
func (r *Reader) readASCII(p []byte) (int, error) {
	n, err := r.src.Read(p)
	at := firstHigh(p[:n])
	if at == n {
		return n, err
	}
	c, guessErr := r.guess()
	if guessErr != nil {
		return at, guessErr
	}
	r.settle(c)
	if r.passing {
		return n, err
	}
	r.src = Again(bytes.Clone(p[at:n]), r.src, err)
	if at > 0 {
		return at, nil
	}
	return r.Read(p)
}

// Again reads what was read of src once more and then goes on with src, which
// has given err already; nil: it has not ended.
func Again(read []byte, src io.Reader, err error) io.Reader {
	return io.MultiReader(bytes.NewReader(read), failed{src, err})
}

// failed is a reader that keeps an error that it gave together with data.
type failed struct {
	io.Reader
	err error
}

func (f failed) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.Reader.Read(p)
}

// advance decodes the next chunk into text, which may stay empty.
func (r *Reader) advance() {
	if cap(r.raw) < chunkBytes {
		r.raw = append(make([]byte, 0, chunkBytes), r.raw...)
	}
	if r.err == nil {
		var n int
		n, r.err = r.src.Read(r.raw[len(r.raw):cap(r.raw)])
		r.raw = r.raw[:len(r.raw)+n]
	}
	last := errors.Is(r.err, io.EOF)
	text, used := r.decode(r.buf[:0], r.raw, last)
	r.buf, r.text = text, text
	r.raw = r.raw[:copy(r.raw, r.raw[used:])]
	if r.err != nil && !last {
		r.raw = r.raw[:0] // half a character before a broken stream
	}
}

// ASCII counts the bytes at the start of b that are ASCII.
func ASCII(b []byte) int { return firstHigh(b) }

// firstHigh is the index of the first byte that is not ASCII, or len(b).
func firstHigh(b []byte) int {
	const high = 0x8080808080808080
	i := 0
	for ; i+32 <= len(b); i += 32 {
		w := b[i : i+32 : i+32]
		if (binary.LittleEndian.Uint64(w)|binary.LittleEndian.Uint64(w[8:])|binary.LittleEndian.Uint64(w[16:])|binary.LittleEndian.Uint64(w[24:]))&high != 0 {
			break
		}
	}
	for ; i+8 <= len(b); i += 8 {
		if binary.LittleEndian.Uint64(b[i:])&high != 0 {
			break
		}
	}
	for i < len(b) && b[i] < 0x80 {
		i++
	}
	return i
}
