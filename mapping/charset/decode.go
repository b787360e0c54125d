package charset

import (
	"bytes"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/transform"
)

// broken stands in the UTF-8 text for a byte that could not be decoded. No
// UTF-8 text has it.
const broken = 0xFF

var decoders = map[Charset]decoder{
	UTF16LE:     func(dst, src []byte, last bool) ([]byte, int) { return utf16Text(dst, src, last, 0) },
	UTF16BE:     func(dst, src []byte, last bool) ([]byte, int) { return utf16Text(dst, src, last, 1) },
	GB18030:     func(dst, src []byte, last bool) ([]byte, int) { return gb18030().text(dst, src, last) },
	ShiftJIS:    func(dst, src []byte, last bool) ([]byte, int) { return shiftJIS().text(dst, src, last) },
	Big5:        func(dst, src []byte, last bool) ([]byte, int) { return big5().text(dst, src, last) },
	Windows1250: windows(charmap.Windows1250),
	Windows1251: windows(charmap.Windows1251),
	Windows1252: windows(charmap.Windows1252),
	Windows1253: windows(charmap.Windows1253),
	Windows1254: windows(charmap.Windows1254),
	Windows1255: windows(charmap.Windows1255),
	Windows1256: windows(charmap.Windows1256),
	Windows1257: windows(charmap.Windows1257),
	Windows1258: windows(charmap.Windows1258),
	Latin1:      singleByte(charmap.ISO8859_1, func(rune) bool { return true }),
}

// multiByte is an encoding whose characters take one byte, or a lead byte
// and a trail byte, or, if it has any, four bytes. Line ends, quotes and
// commas never are trail bytes.
//
// The library's own decoders are asked for one character at a time, once,
// because over a longer text they do not tell damage from a replacement
// character, and may take a separator for part of a broken character.
type multiByte struct {
	chars *charTable
	four  transform.Transformer // nil: there are no characters of four bytes
}

// charTable has the character of each byte and each pair of bytes, 0 where
// there is none.
type charTable struct {
	single [256]rune
	pair   [1 << 16]uint16
}

var (
	gb18030 = sync.OnceValue(func() multiByte {
		return multiByte{newCharTable(simplifiedchinese.GB18030), simplifiedchinese.GB18030.NewDecoder()}
	})
	big5     = sync.OnceValue(func() multiByte { return multiByte{newCharTable(traditionalchinese.Big5), nil} })
	shiftJIS = sync.OnceValue(func() multiByte { return multiByte{newCharTable(japanese.ShiftJIS), nil} })
)

func newCharTable(enc encoding.Encoding) *charTable {
	dec := enc.NewDecoder()
	t := new(charTable)
	for lead := range 256 {
		if r, ok := decodeOne(dec, byte(lead)); ok {
			t.single[lead] = r
			continue
		}
		for trail := 0x40; trail < 0xFF; trail++ {
			if r, ok := decodeOne(dec, byte(lead), byte(trail)); ok && r <= 0xFFFF {
				t.pair[lead<<8|trail] = uint16(r)
			}
		}
	}
	return t
}

// decodeOne decodes bytes that must be exactly one character.
func decodeOne(dec transform.Transformer, b ...byte) (rune, bool) {
	var text [4 * utf8.UTFMax]byte
	wrote, read, err := dec.Transform(text[:], b, true)
	r, size := utf8.DecodeRune(text[:wrote])
	return r, err == nil && read == len(b) && size == wrote && r != utf8.RuneError
}

// text is a decoder.
func (m multiByte) text(dst, src []byte, last bool) ([]byte, int) {
	dst = grow(dst, 3*len(src))
	for used := 0; used < len(src); {
		n := firstHigh(src[used:])
		dst = append(dst, src[used:used+n]...)
		for used += n; used < len(src) && src[used] >= 0x80; {
			r, size := m.char(src[used:])
			switch {
			case size > 0:
				dst = utf8.AppendRune(dst, r)
				used += size
			case size == 0 && !last:
				return dst, used
			default:
				dst = append(dst, broken)
				used++
			}
		}
	}
	return dst, len(src)
}

// char decodes the character at the start of b. Its size is 0 where b is too
// short to say and -1 where the first byte starts no character.
func (m multiByte) char(b []byte) (r rune, size int) {
	if r := m.chars.single[b[0]]; r != 0 || b[0] == 0 {
		return r, 1
	}
	if len(b) < 2 {
		return 0, 0
	}
	if r := m.chars.pair[int(b[0])<<8|int(b[1])]; r != 0 {
		return rune(r), 2
	}
	if m.four == nil || !isDigit(b[1]) {
		return 0, -1
	}
	if len(b) < 4 {
		return 0, 0
	}
	if !isDigit(b[3]) {
		return 0, -1
	}
	if bytes.HasPrefix(b, gbReplacement) {
		return utf8.RuneError, 4
	}
	if r, ok := decodeOne(m.four, b[:4]...); ok {
		return r, 4
	}
	return 0, -1
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// gbReplacement is the replacement character as GB18030 writes it. Shift-JIS
// has none.
var gbReplacement = []byte{0x84, 0x31, 0xA4, 0x37}

// windows decodes a code page of Windows, in which bytes that would be control
// characters are not used.
func windows(m *charmap.Charmap) decoder {
	return singleByte(m, func(r rune) bool { return r != utf8.RuneError && (r < 0x80 || r > 0x9F) })
}

// singleByte decodes an encoding of one byte per character; used tells the
// characters that it has.
func singleByte(m *charmap.Charmap, used func(r rune) bool) decoder {
	table := sync.OnceValue(func() *[256][]byte {
		var chars [256][]byte
		for i := range chars {
			chars[i] = []byte{broken}
			if r := m.DecodeByte(byte(i)); used(r) {
				chars[i] = utf8.AppendRune(nil, r)
			}
		}
		return &chars
	})
	return func(dst, src []byte, _ bool) ([]byte, int) {
		chars := table()
		dst = grow(dst, 3*len(src))
		for used := 0; used < len(src); {
			n := firstHigh(src[used:])
			dst = append(dst, src[used:used+n]...)
			if used += n; used < len(src) {
				dst = append(dst, chars[src[used]]...)
				used++
			}
		}
		return dst, len(src)
	}
}

// utf16Text decodes UTF-16 whose low byte is at this offset of each pair. A
// lone surrogate comes out as its three bytes, which are not valid UTF-8.
func utf16Text(dst, src []byte, last bool, low int) ([]byte, int) {
	dst = grow(dst, 3*(len(src)/2)+utf8.UTFMax)
	used := 0
	for ; used+2 <= len(src); used += 2 {
		u := rune(src[used+low]) | rune(src[used+1-low])<<8
		if u < 0x80 {
			dst = append(dst, byte(u))
			continue
		}
		if !utf16.IsSurrogate(u) {
			dst = utf8.AppendRune(dst, u)
			continue
		}
		if used+4 > len(src) && !last {
			return dst, used
		}
		if used+4 <= len(src) {
			next := rune(src[used+2+low]) | rune(src[used+3-low])<<8
			if r := utf16.DecodeRune(u, next); r != utf8.RuneError {
				dst = utf8.AppendRune(dst, r)
				used += 2
				continue
			}
		}
		dst = append(dst, 0xE0|byte(u>>12), 0x80|byte(u>>6)&0x3F, 0x80|byte(u)&0x3F)
	}
	if last && used < len(src) {
		dst = append(dst, broken)
		used++
	}
	return dst, used
}

// grow makes room for n more bytes after dst.
func grow(dst []byte, n int) []byte {
	if cap(dst)-len(dst) >= n {
		return dst
	}
	return append(make([]byte, 0, len(dst)+n), dst...)
}
