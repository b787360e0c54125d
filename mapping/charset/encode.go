package charset

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// Unit is how many bytes the smallest character takes: 2 in UTF-16, else 1.
func (c Charset) Unit() int {
	if c == UTF16LE || c == UTF16BE {
		return 2
	}
	return 1
}

// Mark is the byte order mark that text in c may start with; nil: it has none.
func (c Charset) Mark() []byte {
	if c == Unknown {
		c = UTF8
	}
	for _, b := range boms {
		if b.c == c {
			return b.mark
		}
	}
	return nil
}

// Decode appends the whole text of src, which is in c, as UTF-8. What is
// broken comes out as bytes that are not valid UTF-8.
func (c Charset) Decode(dst, src []byte) []byte {
	decode := decoders[c]
	if decode == nil {
		return append(dst, src...)
	}
	text, _ := decode(dst, src, true)
	return text
}

// Encode appends text, which is UTF-8, in c. ok is false where c has no such
// character.
func (c Charset) Encode(dst, text []byte) (out []byte, ok bool) {
	if c == UTF16LE || c == UTF16BE {
		return encodeUTF16(dst, text, c), utf8.Valid(text)
	}
	if firstHigh(text) == len(text) || c == UTF8 || c == Unknown {
		return append(dst, text...), utf8.Valid(text)
	}
	encoded, err := encoders[c].NewEncoder().Bytes(text)
	if err != nil || !utf8.Valid(text) {
		return dst, false
	}
	return append(dst, encoded...), true
}

// EncodeLike is Encode for a text that was made of like, which is in c: a
// character that c can write in several ways is written as it is there.
func (c Charset) EncodeLike(dst, text, like []byte) (out []byte, ok bool) {
	if again, ok := c.Encode(nil, c.Decode(nil, like)); !ok || bytes.Equal(again, like) {
		return c.Encode(dst, text)
	}
	other := map[rune][]byte{}
	for from, to := 0, 1; to <= len(like); to++ {
		r, size := utf8.DecodeRune(c.Decode(nil, like[from:to]))
		if r == utf8.RuneError && size <= 1 {
			continue // a part of a character
		}
		other[r] = like[from:to]
		from = to
	}
	for _, r := range string(text) {
		if as, known := other[r]; known {
			dst = append(dst, as...)
		} else if dst, ok = c.Encode(dst, utf8.AppendRune(nil, r)); !ok {
			return dst, false
		}
	}
	return dst, utf8.Valid(text)
}

var encoders = map[Charset]encoding.Encoding{
	GB18030:     simplifiedchinese.GB18030,
	ShiftJIS:    japanese.ShiftJIS,
	Big5:        traditionalchinese.Big5,
	Windows1250: charmap.Windows1250,
	Windows1251: charmap.Windows1251,
	Windows1252: charmap.Windows1252,
	Windows1253: charmap.Windows1253,
	Windows1254: charmap.Windows1254,
	Windows1255: charmap.Windows1255,
	Windows1256: charmap.Windows1256,
	Windows1257: charmap.Windows1257,
	Windows1258: charmap.Windows1258,
	Latin1:      charmap.ISO8859_1,
}

func encodeUTF16(dst, text []byte, c Charset) []byte {
	var order binary.AppendByteOrder = binary.LittleEndian
	if c == UTF16BE {
		order = binary.BigEndian
	}
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
			dst = order.AppendUint16(order.AppendUint16(dst, uint16(high)), uint16(low))
			continue
		}
		dst = order.AppendUint16(dst, uint16(r))
	}
	return dst
}

// masked stands in an outline for whatever is not ASCII.
const masked = 'x'

// Outline appends one byte for each unit of src, which is in c: an ASCII
// character as it is, everything else masked, so that no part of a longer
// character looks like one. An odd byte at the end of UTF-16 counts as a unit.
func (c Charset) Outline(dst, src []byte) []byte {
	dst = grow(dst, len(src))
	switch c {
	case UTF16LE, UTF16BE:
		low := 0
		if c == UTF16BE {
			low = 1
		}
		for ; len(src) >= 2; src = src[2:] {
			b := src[low]
			if b >= 0x80 || src[1-low] != 0 {
				b = masked
			}
			dst = append(dst, b)
		}
		if len(src) == 1 {
			dst = append(dst, masked)
		}
		return dst
	case GB18030:
		return gb18030().outline(dst, src)
	case ShiftJIS:
		return shiftJIS().outline(dst, src)
	case Big5:
		return big5().outline(dst, src)
	}
	for _, b := range src {
		if b >= 0x80 {
			b = masked
		}
		dst = append(dst, b)
	}
	return dst
}

func (m multiByte) outline(dst, src []byte) []byte {
	for len(src) > 0 {
		n := firstHigh(src)
		dst = append(dst, src[:n]...)
		for src = src[n:]; len(src) > 0 && src[0] >= 0x80; {
			_, size := m.char(src)
			size = max(1, size)
			for range size {
				dst = append(dst, masked)
			}
			src = src[size:]
		}
	}
	return dst
}

// Hides reports whether in c a byte that looks like this ASCII character
// may be part of a longer character.
func (c Charset) Hides(ascii byte) bool {
	return c.Unit() == 2 || (c == GB18030 || c == ShiftJIS || c == Big5) && (ascii >= 0x40 || isDigit(ascii))
}
