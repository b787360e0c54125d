package charset

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// signs are characters of every encoding, some of whose bytes look like ASCII.
var signs = map[Charset]string{
	UTF8: "張é𠮷", UTF16LE: "∢Ⰿ𠮷", UTF16BE: "∢Ⰿ𠮷", GB18030: "亅張é𠮷", ShiftJIS: "表ソ張ｱ", Big5: "功許蓋", Windows1252: "é€", Latin1: "éÿ",
	Windows1250: "Łő", Windows1251: "Жя", Windows1253: "Ωή", Windows1254: "ğİ", Windows1255: "אש", Windows1256: "بپ", Windows1257: "ģž", Windows1258: "ơư",
}

// TestEncode writes characters of every encoding, reads them back, and outlines
// them: what is ASCII stands in its place, and nothing else looks like it.
func TestEncode(t *testing.T) {
	t.Parallel()
	for c := UTF8; c < utf16Any; c++ {
		text := "a|" + signs[c] + ",b\n" + signs[c] + signs[c] + "|"
		if signs[c] == "" {
			t.Errorf("%s has no characters here", c)
		}
		encoded, ok := c.Encode([]byte("x"), []byte(text))
		if !ok || encoded[0] != 'x' {
			t.Errorf("%s: %q becomes %q, %v", c, text, encoded, ok)
			continue
		}
		encoded = encoded[1:]
		if got := string(c.Decode(nil, encoded)); got != text {
			t.Errorf("%s: %q comes back as %q", c, text, got)
		}
		outline := string(c.Outline(nil, encoded))
		if len(outline)*c.Unit() != len(encoded) {
			t.Errorf("%s: the outline of %d bytes has %d", c, len(encoded), len(outline))
		}
		ascii := strings.Map(func(r rune) rune {
			if r >= utf8.RuneSelf {
				return -1
			}
			return r
		}, text)
		if got := strings.ReplaceAll(outline, string(rune(masked)), ""); got != ascii {
			t.Errorf("%s: the outline is %q, which shows %q, want %q", c, outline, got, ascii)
		}
		for ascii := byte(' '); ascii < 0x7F; ascii++ {
			if !c.Hides(ascii) && strings.Count(string(encoded), string(rune(ascii))) != strings.Count(text, string(rune(ascii))) {
				t.Errorf("%s hides %q", c, ascii)
			}
		}
	}
	for c, text := range map[Charset]string{Latin1: "€", Windows1252: "張", ShiftJIS: "Ж𠮷", Big5: "𠮷😀", GB18030: "\xff", UTF16LE: "a\xff", Windows1251: "é"} {
		if got, ok := c.Encode(nil, []byte(text)); ok {
			t.Errorf("%s writes %q as %q", c, text, got)
		}
	}
}

// FuzzOutline: an outline has a byte for each unit, and shows no ASCII that
// decoding does not.
func FuzzOutline(f *testing.F) {
	f.Add([]byte("a|\x81|\x81\x30|\xD5\x7C|\xD5"), uint8(GB18030))
	f.Add([]byte("\x83|\x83\x7C,"), uint8(ShiftJIS))
	f.Add([]byte("a\x00|"), uint8(UTF16LE))
	f.Fuzz(func(t *testing.T, text []byte, in uint8) {
		c := Charset(in%uint8(utf16Any-1)) + 1
		outline := c.Outline(nil, text)
		if want := (len(text) + c.Unit() - 1) / c.Unit(); len(outline) != want {
			t.Fatalf("%s: the outline of %q has %d bytes, want %d", c, text, len(outline), want)
		}
		decoded := c.Decode(nil, text)
		for _, sign := range []byte("|,\"\n;") {
			if got, want := strings.Count(string(outline), string(rune(sign))), strings.Count(string(decoded), string(rune(sign))); got != want {
				t.Fatalf("%s: the outline %q of %q shows %d %q, the text %q has %d", c, outline, text, got, sign, decoded, want)
			}
		}
	})
}
