package charset

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

var codings = map[Charset]encoding.Encoding{
	UTF8: encoding.Nop, GB18030: simplifiedchinese.GB18030, ShiftJIS: japanese.ShiftJIS,
	Windows1252: charmap.Windows1252, Latin1: charmap.ISO8859_1,
}

func encode(tb testing.TB, c Charset, text string) []byte {
	tb.Helper()
	b, err := codings[c].NewEncoder().Bytes([]byte(text))
	if err != nil {
		tb.Fatalf("encode %q as %s: %v", text, c, err)
	}
	return b
}

// texts are what customer files hold, each tried in every encoding that can
// write it and is listed.
var texts = []struct {
	text string
	in   []Charset
}{
	{"客户编号,姓名,手机号,地址\r\nYZ-110105-20190312-000123,张伟,13912345678,北京市朝阳区建国路八十八号\r\n", []Charset{UTF8, GB18030}},
	{"cust_no,cust_name\nDKH4300001234,长沙三一重工有限公司\n", []Charset{UTF8, GB18030}},
	{"no,name\n1,王芳\n", []Charset{UTF8, GB18030}},
	{"no,name\n1,李\n", []Charset{UTF8, GB18030}},
	{"no,name\n1,陈喆\n", []Charset{UTF8, GB18030}},
	{"no,name\n1,朱镕基\n2,阿依古丽·买买提\n", []Charset{UTF8, GB18030}},
	{"no,status\n1,正常\n2,冻结\n3,注销\n合计,3\n", []Charset{UTF8, GB18030}},
	{"no,name\n1,ＺＨＡＮＧ　Ｗｅｉ\n", []Charset{GB18030, ShiftJIS}},
	{"no;memo\n1;VIP客户，A座3楼（代收）\n", []Charset{UTF8, GB18030}},
	{"no,name\n1,𠮷田商店北京分公司\n", []Charset{UTF8, GB18030}},

	{"番号,氏名,フリガナ,住所\r\n0001,田中太郎,タナカタロウ,東京都千代田区丸の内一丁目\r\n", []Charset{UTF8, ShiftJIS}},
	{"no,name\n1,山田花子\n2,佐藤健\n", []Charset{UTF8, ShiftJIS}},
	{"no,name\n1,さくら\n", []Charset{UTF8, ShiftJIS}},
	{"no,name\n1,ﾔﾏﾀﾞ ﾊﾅｺ\n2,ｻﾄｳ ｹﾝ\n3,ｽｽﾞｷ ｲﾁﾛｳ\n", []Charset{UTF8, ShiftJIS}},
	{"no,name\n1,株式会社ソニー｜本社\n", []Charset{UTF8, ShiftJIS}},

	{"no,name\n1,Zoë Müller\n", []Charset{UTF8, Windows1252, Latin1}},
	{"no,name\n1,José\n", []Charset{UTF8, Windows1252, Latin1}},
	{"no,name\n1,Renée\n", []Charset{UTF8, Windows1252, Latin1}},
	{"no,name\n1,François Lefèvre\n2,Åsa Öberg\n3,Señor Ibáñez\n", []Charset{UTF8, Windows1252, Latin1}},
	{"no;str\n1;Größe Straße 5\n2;Ärztehaus\n", []Charset{UTF8, Windows1252, Latin1}},
	{"NO,NAME\n1,MÜLLER\n2,GARCÍA\n3,PEÑA NIÑO\n", []Charset{UTF8, Windows1252, Latin1}},
	{"no,note\n1,the “fish” man – it’s 5 €\n", []Charset{UTF8, Windows1252}},
	{"no,name\n1,Škoda Živković\n", []Charset{UTF8}},
	{"no,price\n1,£5\n2,20°C\n", []Charset{UTF8, Windows1252, Latin1}},

	{"no,size\n1,5½ m³\n2,Jean·Paul\n", []Charset{UTF8, Windows1252, Latin1}},

	{"no,name\n1,Łódź\n", []Charset{UTF8}},
	{"no,name\n1,Иванов Пётр\n", []Charset{UTF8}},
	{"no,name\n1,Παπαδόπουλος\n", []Charset{UTF8}},
	{"no,name\n1,김철수\n", []Charset{UTF8}},
	{"no,name\n1,محمد\n", []Charset{UTF8}},
	{"no,name\n1,😀 smile\n", []Charset{UTF8}},
}

func TestGuess(t *testing.T) {
	t.Parallel()
	for _, tt := range texts {
		for _, in := range tt.in {
			want := in
			if in == Latin1 {
				want = Windows1252
			}
			raw := encode(t, in, tt.text)
			row := raw[bytes.IndexByte(raw, '\n')+1:]
			forms := map[string][]byte{
				"short":                   raw,
				"without a line end":      bytes.TrimRight(raw, "\r\n"),
				"a thousand rows":         append(bytes.Clone(raw), bytes.Repeat(row, 1000)...),
				"after much ASCII":        append(bytes.Repeat([]byte("C001,Ann,1999-12-31\n"), 3*contextBytes/20), raw...),
				"one long line":           bytes.ReplaceAll(append(bytes.Repeat([]byte("ascii "), 30_000), raw...), []byte("\n"), []byte(";")),
				"one row of it, then not": append(bytes.Clone(raw), bytes.Repeat([]byte("C001,Ann,1999-12-31\n"), 3*contextBytes/20)...),
			}
			for form, b := range forms {
				if got := Guess(bytes.NewReader(b)); got != want {
					t.Errorf("%s, %s: got %s, want %s: %q", in, form, got, want, tt.text)
				}
			}
		}
	}
}

// TestGuessLate: one name after 20 MB that say nothing.
func TestGuessLate(t *testing.T) {
	t.Parallel()
	ascii := bytes.Repeat([]byte("C001,Ann,1999-12-31\n"), 1_000_000)
	for want, name := range map[Charset]string{GB18030: "张伟", UTF8: "张伟", ShiftJIS: "田中さくら", Windows1252: "Zoë"} {
		if got := Guess(io.MultiReader(bytes.NewReader(ascii), bytes.NewReader(encode(t, want, name)))); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestGuessSurvivesDamage tears bytes out of every twentieth row.
func TestGuessSurvivesDamage(t *testing.T) {
	t.Parallel()
	for _, tt := range texts {
		for _, in := range tt.in {
			if in == Latin1 {
				continue
			}
			raw := encode(t, in, tt.text)
			row := raw[bytes.IndexByte(raw, '\n')+1:]
			at := firstHigh(row)
			torn := append(bytes.Clone(row[:at]), row[at+1:]...)
			var b []byte
			for i := range 100 {
				if i%20 == 10 {
					b = append(b, torn...)
				}
				b = append(b, row...)
			}
			if got := Guess(bytes.NewReader(b)); got != in {
				t.Errorf("%s with torn rows: got %s: %q", in, got, tt.text)
			}
		}
	}
}

func TestGuessASCII(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "no,name\n1,Ann\n"} {
		if got := Guess(strings.NewReader(s)); got != UTF8 {
			t.Errorf("%q: got %s, want UTF-8", s, got)
		}
	}
}

func TestGuessOfBrokenStream(t *testing.T) {
	t.Parallel()
	raw := encode(t, GB18030, "no,name\n1,张伟\n2,李")
	src := io.MultiReader(bytes.NewReader(raw), failed{nil, errors.New("gone")})
	if got := Guess(src); got != GB18030 {
		t.Errorf("got %s, want GB18030 from what could be read", got)
	}
}

func BenchmarkGuessASCII(b *testing.B) {
	text := bytes.Repeat([]byte("C0000001,Ann Lee,ann@example.com,+86 139 1234 5678,1999-12-31,Beijing\n"), 100_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Guess(bytes.NewReader(text))
	}
}

func BenchmarkGuessChinese(b *testing.B) {
	text := bytes.Repeat(encode(b, GB18030, "YZ-110105-20190312-000123,张伟,13912345678,北京市朝阳区建国路八十八号\n"), 100_000)
	for b.Loop() {
		Guess(bytes.NewReader(text))
	}
}
