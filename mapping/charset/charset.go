// Package charset reads the text of files, whatever encoding they are in, as
// UTF-8, and finds out which encoding that is.
//
// No damage is papered over: a byte that does not belong to the text of its
// encoding leaves a [Reader] as a byte that is not valid UTF-8, never as a
// replacement character. Whoever takes the text apart rejects the records
// that are not valid UTF-8 and goes on with the next.
//
// [Sniff] looks at the first bytes for what is certain: a byte order mark, or
// UTF-16. Where nothing is, a [Reader] of [Unknown] passes ASCII on, which
// means the same in all the other encodings, and asks for a [Guess] when the
// first other byte arrives.
package charset

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/xwalk-id/xwalk/mapping/diag"
)

// Charset is a character encoding.
type Charset uint8

// The encodings that are read. GB18030 stands for GBK and GB 2312 too, which
// it contains. Guess answers Windows1252 for Latin-1: they differ only where
// Latin-1 has invisible control characters. Those after Latin1 are not guessed.
const (
	Unknown Charset = iota
	UTF8
	UTF16LE
	UTF16BE
	GB18030
	ShiftJIS
	Windows1252
	Latin1
	Big5
	Windows1250
	Windows1251
	Windows1253
	Windows1254
	Windows1255
	Windows1256
	Windows1257
	Windows1258
	utf16Any // byte order to be found out
)

var labels = map[Charset]string{
	Unknown: "unknown", UTF8: "UTF-8", UTF16LE: "UTF-16LE", UTF16BE: "UTF-16BE", GB18030: "GB18030",
	ShiftJIS: "Shift-JIS", Windows1252: "Windows-1252", Latin1: "Latin-1", Big5: "Big5",
	Windows1250: "Windows-1250", Windows1251: "Windows-1251", Windows1253: "Windows-1253", Windows1254: "Windows-1254",
	Windows1255: "Windows-1255", Windows1256: "Windows-1256", Windows1257: "Windows-1257", Windows1258: "Windows-1258", utf16Any: "UTF-16",
}

// String is the encoding's usual name.
func (c Charset) String() string { return labels[c] }

// names holds what people call the encodings. Case, hyphens, underscores and
// spaces do not matter.
var names = map[string]Charset{
	"utf-8": UTF8, "utf-8-sig": UTF8, "utf-8-bom": UTF8, "ascii": UTF8, "us-ascii": UTF8,
	"utf-16": utf16Any, "utf-16le": UTF16LE, "utf-16be": UTF16BE,
	"gb18030": GB18030, "gbk": GB18030, "gb2312": GB18030, "cp936": GB18030, "euc-cn": GB18030,
	"shift_jis": ShiftJIS, "shift-jis": ShiftJIS, "sjis": ShiftJIS, "cp932": ShiftJIS, "ms932": ShiftJIS, "windows-31j": ShiftJIS,
	"big5": Big5, "cp950": Big5, "big5-hkscs": Big5,
	"windows-1252": Windows1252, "cp1252": Windows1252,
	"windows-1250": Windows1250, "cp1250": Windows1250,
	"windows-1251": Windows1251, "cp1251": Windows1251,
	"windows-1253": Windows1253, "cp1253": Windows1253,
	"windows-1254": Windows1254, "cp1254": Windows1254,
	"windows-1255": Windows1255, "cp1255": Windows1255,
	"windows-1256": Windows1256, "cp1256": Windows1256,
	"windows-1257": Windows1257, "cp1257": Windows1257,
	"windows-1258": Windows1258, "cp1258": Windows1258,
	"latin1": Latin1, "iso-8859-1": Latin1,
}

// usual is one spelling of each, for messages.
var usual = []string{"utf-8", "utf-16", "utf-16le", "utf-16be", "gb18030", "gbk", "big5", "shift_jis", "windows-1250 to windows-1258", "latin1"}

// Lookup finds an encoding by any of its common names. No name is Unknown.
func Lookup(name string) (Charset, error) {
	if name == "" {
		return Unknown, nil
	}
	all := make([]string, 0, len(names))
	for known, c := range names {
		if plain(known) == plain(name) {
			return c, nil
		}
		all = append(all, known)
	}
	slices.Sort(all)
	hint := ""
	if near := diag.Nearest(name, all); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return Unknown, fmt.Errorf("unknown encoding %q%s known: %s", name, orSemicolon(hint), strings.Join(usual, ", "))
}

func orSemicolon(hint string) string {
	if hint == "" {
		return ";"
	}
	return hint
}

func plain(name string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
}

var boms = []struct {
	c    Charset
	mark []byte
}{
	{UTF8, []byte{0xEF, 0xBB, 0xBF}},
	{UTF16LE, []byte{0xFF, 0xFE}},
	{UTF16BE, []byte{0xFE, 0xFF}},
	{GB18030, []byte{0x84, 0x31, 0x95, 0x33}},
}

// Settle decides what can be decided of a file that starts with head. The
// encoding that was asked for stands, unless a byte order mark gives it the
// lie: that is an error. Otherwise the answer is that of a mark, or UTF-16
// where the text is full of zero bytes, or Unknown.
func Settle(asked Charset, head []byte) (Charset, error) {
	marked := Unknown
	for _, b := range boms {
		if bytes.HasPrefix(head, b.mark) {
			marked = b.c
			break
		}
	}
	switch {
	case asked == utf16Any && (marked == UTF16LE || marked == UTF16BE):
		return marked, nil
	case asked != Unknown && marked != Unknown && asked != marked:
		return Unknown, fmt.Errorf("the encoding is said to be %s, but the file starts with the byte order mark of %s", asked, marked)
	case asked == utf16Any && looksUTF16(head, 0):
		return UTF16BE, nil
	case asked == utf16Any:
		return UTF16LE, nil
	case asked != Unknown:
		return asked, nil
	case marked != Unknown:
		return marked, nil
	case looksUTF16(head, 1):
		return UTF16LE, nil
	case looksUTF16(head, 0):
		return UTF16BE, nil
	}
	return Unknown, nil
}

// looksUTF16 reports whether zero bytes are frequent at offsets of this
// parity and rare at the others: ASCII characters, of which every table has
// some, in UTF-16.
func looksUTF16(head []byte, parity int) bool {
	head = head[:min(len(head), 4096)]
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	return zeros[parity] > len(head)/50 && zeros[parity] > 8*zeros[1-parity]
}
