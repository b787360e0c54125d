package charset

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"
)

func TestLookup(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		want Charset
	}{
		{"", Unknown},
		{"utf-8", UTF8},
		{"UTF8", UTF8},
		{"utf-8-sig", UTF8},
		{"gbk", GB18030},
		{"GB2312", GB18030},
		{"gb18030", GB18030},
		{"CP936", GB18030},
		{"sjis", ShiftJIS},
		{"Shift_JIS", ShiftJIS},
		{"shift-jis", ShiftJIS},
		{"cp932", ShiftJIS},
		{"Windows-31J", ShiftJIS},
		{"cp1252", Windows1252},
		{"windows-1252", Windows1252},
		{"Windows 1252", Windows1252},
		{"latin1", Latin1},
		{"Latin-1", Latin1},
		{"iso-8859-1", Latin1},
		{"ISO8859-1", Latin1},
		{"utf-16le", UTF16LE},
		{"UTF-16BE", UTF16BE},
		{"utf16", utf16Any},
	}
	for _, tt := range tests {
		if got, err := Lookup(tt.name); got != tt.want || err != nil {
			t.Errorf("Lookup(%q) = %s, %v; want %s", tt.name, got, err, tt.want)
		}
	}
}

func TestLookupUnknown(t *testing.T) {
	t.Parallel()
	const known = " known: utf-8, utf-16, utf-16le, utf-16be, gb18030, gbk, big5, shift_jis, windows-1250 to windows-1258, latin1"
	for name, want := range map[string]string{
		"gkb":     `unknown encoding "gkb"; did you mean "gbk"?` + known,
		"shiftjs": `unknown encoding "shiftjs"; did you mean "shift-jis"?` + known,
		"klingon": `unknown encoding "klingon";` + known,
	} {
		_, err := Lookup(name)
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestSettle(t *testing.T) {
	t.Parallel()
	le := "i\x00d\x00,\x00n\x00a\x00m\x00e\x00\r\x00\n\x00" + "1\x00,\x00\x20\x5f\x1f\x4f\n\x00"
	be := "\x00i\x00d\x00,\x00n\x00a\x00m\x00e\x00\r\x00\n" + "\x001\x00,\x5f\x20\x4f\x1f\x00\n"
	tests := []struct {
		name  string
		asked Charset
		head  string
		want  Charset
		err   string
	}{
		{"nothing known", Unknown, "id,name\n", Unknown, ""},
		{"empty", Unknown, "", Unknown, ""},
		{"UTF-8 mark", Unknown, "\xEF\xBB\xBFid", UTF8, ""},
		{"UTF-16LE mark", Unknown, "\xFF\xFE" + le, UTF16LE, ""},
		{"UTF-16BE mark", Unknown, "\xFE\xFF" + be, UTF16BE, ""},
		{"GB18030 mark", Unknown, "\x84\x31\x95\x33id", GB18030, ""},
		{"UTF-16LE unmarked", Unknown, le, UTF16LE, ""},
		{"UTF-16BE unmarked", Unknown, be, UTF16BE, ""},
		{"zeros anywhere are not UTF-16", Unknown, "ab\x00c\x00d\x00\x00ef", Unknown, ""},
		{"asked", GB18030, "id,name\n", GB18030, ""},
		{"asked and marked", UTF8, "\xEF\xBB\xBFid", UTF8, ""},
		{"UTF-16 of either order, marked", utf16Any, "\xFE\xFF" + be, UTF16BE, ""},
		{"UTF-16 of either order, BE unmarked", utf16Any, be, UTF16BE, ""},
		{"UTF-16 of either order, LE unmarked", utf16Any, le, UTF16LE, ""},
		{"contradiction", GB18030, "\xEF\xBB\xBFid", Unknown, "the encoding is said to be GB18030, but the file starts with the byte order mark of UTF-8"},
		{"contradiction of UTF-16", utf16Any, "\xEF\xBB\xBFid", Unknown, "the encoding is said to be UTF-16, but the file starts with the byte order mark of UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Settle(tt.asked, []byte(tt.head))
			msg := ""
			if err != nil {
				msg = err.Error()
			}
			if got != tt.want || msg != tt.err {
				t.Errorf("got %s, %q; want %s, %q", got, msg, tt.want, tt.err)
			}
		})
	}
}

// read is everything that a Reader makes of raw, read whole and byte by byte.
func read(tb testing.TB, c Charset, raw []byte) string {
	tb.Helper()
	guess := func() (Charset, error) { return Guess(bytes.NewReader(raw)), nil }
	whole, err := io.ReadAll(NewReader(bytes.NewReader(raw), c, guess))
	if err != nil {
		tb.Fatalf("%s: %v", c, err)
	}
	bytewise, err := io.ReadAll(iotest.OneByteReader(NewReader(iotest.DataErrReader(iotest.OneByteReader(bytes.NewReader(raw))), c, guess)))
	if err != nil {
		tb.Fatalf("%s: %v", c, err)
	}
	if !bytes.Equal(whole, bytewise) {
		tb.Errorf("%s read byte by byte differs:\n%q\n%q", c, whole, bytewise)
	}
	return string(whole)
}

func TestReader(t *testing.T) {
	t.Parallel()
	for _, tt := range texts {
		for _, in := range tt.in {
			raw := encode(t, in, tt.text)
			for _, c := range []Charset{in, Unknown} {
				if got := read(t, c, raw); got != tt.text {
					t.Errorf("%s read as %s: got %q, want %q", in, c, got, tt.text)
				}
			}
			long := strings.Repeat(tt.text, 2*chunkBytes/len(tt.text))
			if got, err := io.ReadAll(NewReader(bytes.NewReader(encode(t, in, long)), in, nil)); string(got) != long || err != nil {
				t.Errorf("%s: long text of %q came out otherwise, error %v", in, tt.text, err)
			}
		}
		for c, coding := range map[Charset]unicode16{UTF16LE: {unicode.LittleEndian}, UTF16BE: {unicode.BigEndian}} {
			if got := read(t, c, coding.encode(t, tt.text)); got != tt.text {
				t.Errorf("%s: got %q, want %q", c, got, tt.text)
			}
		}
	}
}

type unicode16 struct{ order unicode.Endianness }

func (u unicode16) encode(tb testing.TB, text string) []byte {
	tb.Helper()
	b, err := unicode.UTF16(u.order, unicode.IgnoreBOM).NewEncoder().Bytes([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// TestReaderKeepsDamage checks what comes out of torn text: broken bytes
// where the damage is, and the neighbours whole.
func TestReaderKeepsDamage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		c    Charset
		raw  string
		want string
	}{
		{"GB18030: half a character before a comma", GB18030, "1,\xD5\xC5\xCE,x\n2,\xC0\xEE\n", "1,张\xFF,x\n2,李\n"},
		{"GB18030: half a character before a quote", GB18030, "1,\"\xD5\"\n2,\xC0\xEE\n", "1,\"\xFF\"\n2,李\n"},
		{"GB18030: half a character before a line end", GB18030, "1,\xD5\n2,\xC0\xEE\n", "1,\xFF\n2,李\n"},
		{"GB18030: half a character at the end", GB18030, "1,\xD5", "1,\xFF"},
		{"GB18030: half of four bytes", GB18030, "1,\x95\x32\n2,\xC0\xEE\n", "1,\xFF2\n2,李\n"},
		{"GB18030: three of four bytes", GB18030, "1,\x95\x32\x82,\n2,\xC0\xEE\n", "1,\xFF2\xFF,\n2,李\n"},
		{"GB18030: four bytes", GB18030, "1,\x95\x32\x82\x36\n", "1,𠀀\n"},
		{"GB18030: FF", GB18030, "1,\xFF\xC0\xEE\n", "1,\xFF李\n"},
		{"GB18030: a replacement character of its own", GB18030, "\x84\x31\xA4\x37\xC0\xEE\n", "\uFFFD李\n"},
		{"GB18030: both", GB18030, "\x84\x31\xA4\x37\xC0\n", "\uFFFD\xFF\n"},
		{"GB18030: a trail byte that is a pipe", GB18030, "1|\x81\x7C|x", "1|亅|x"},
		{"Shift-JIS: a trail byte that is a backslash", ShiftJIS, "1,\x95\x5C\n", "1,表\n"},
		{"Shift-JIS: half a character", ShiftJIS, "1,\x93\n2,\x93\x63,\x92", "1,\xFF\n2,田,\xFF"},
		{"Shift-JIS: never used", ShiftJIS, "\xFD\xA0\x93\x63", "\xFF\xFF田"},
		{"Windows-1252: never used", Windows1252, "Zo\xEB \x81\x9D\n", "Zoë \xFF\xFF\n"},
		{"Windows-1252: euro", Windows1252, "\x80\x93", "€“"},
		{"Latin-1: all used", Latin1, "Zo\xEB \x81", "Zoë \u0081"},
		{"UTF-8: passes", UTF8, "1,\xD5\n2,李\uFFFD\n", "1,\xD5\n2,李\uFFFD\n"},
		{"UTF-16LE: lone surrogate", UTF16LE, "1\x00\x00\xD8,\x00", "1\xED\xA0\x80,"},
		{"UTF-16LE: lone surrogate at the end", UTF16LE, "1\x00\x00\xD8", "1\xED\xA0\x80"},
		{"UTF-16LE: half a unit", UTF16LE, "1\x002", "1\xFF"},
		{"UTF-16BE: pair", UTF16BE, "\xD8\x42\xDF\xB7", "𠮷"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := read(t, tt.c, []byte(tt.raw)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestReaderStreamErrors(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	for _, c := range []Charset{Unknown, UTF8, GB18030, UTF16LE, Latin1} {
		src := io.MultiReader(strings.NewReader("a,b\n"), failed{nil, gone})
		text, err := io.ReadAll(NewReader(src, c, nil))
		if !errors.Is(err, gone) {
			t.Errorf("%s: error %v, want it passed on", c, err)
		}
		if c != UTF16LE && string(text) != "a,b\n" {
			t.Errorf("%s: got %q before the error", c, text)
		}
	}
	_, err := io.ReadAll(NewReader(strings.NewReader("a\xFF"), Unknown, func() (Charset, error) { return Unknown, gone }))
	if !errors.Is(err, gone) {
		t.Errorf("error of the guess: got %v", err)
	}
}

func TestGuessIsAskedOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	r := NewReader(strings.NewReader("a,b\n\xD5\xC5,\xCE\xB0\n"), Unknown, func() (Charset, error) { asked++; return GB18030, nil })
	text, err := io.ReadAll(r)
	if diff := cmp.Diff("a,b\n张,伟\n", string(text)); diff != "" || err != nil || asked != 1 {
		t.Errorf("asked %d times, error %v: %s", asked, err, diff)
	}
}

// FuzzReader: whatever the bytes, what separates records and fields comes
// out as it went in, and damage never turns into valid text.
func FuzzReader(f *testing.F) {
	f.Add([]byte("1,\xD5\xC5\xCE,x\n2,\xC0\xEE\n"), uint8(GB18030))
	f.Add([]byte("1,\x93\n2,\"\x93\x63\",\x92"), uint8(ShiftJIS))
	f.Add([]byte("Zo\xEB,\x81\x9D\r\n"), uint8(Windows1252))
	f.Fuzz(func(t *testing.T, raw []byte, c uint8) {
		cs := Charset(c)
		if cs != GB18030 && cs != ShiftJIS && cs != Windows1252 && cs != Latin1 {
			return
		}
		text := read(t, cs, raw)
		for _, sep := range []byte("\n\r\",;\t") {
			if in, out := bytes.Count(raw, []byte{sep}), strings.Count(text, string(sep)); in != out {
				t.Errorf("%s: %d of %q went in, %d came out", cs, in, sep, out)
			}
		}
		clean, err := codings[cs].NewDecoder().Bytes(raw)
		if err == nil && utf8.ValidString(text) && text != string(clean) && cs != Windows1252 {
			t.Errorf("%s: got %q, want %q", cs, text, clean)
		}
	})
}
