package normalize

import (
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                         "",
		"   ":                      "",
		"\u3000\u00a0\ufeff\t\n":   "",
		"alice smith":              "alice smith",
		"Alice SMITH":              "alice smith",
		" alice  smith ":           "alice smith",
		"alice\tsmith\r\n":         "alice smith",
		"\u00a0Alice\u3000Smith":   "alice smith",
		"Ａｌｉｃｅ":                    "alice",
		"ｶﾞｽ":                      "ガス",
		"张三":                       "张三",
		" 张三\u3000":                "张三",
		"张 三":                      "张 三",
		"Straße":                   "strasse",
		"STRASSE":                  "strasse",
		"É":                        "é",
		"E\u0301":                  "é",
		"ΣΊΣΥΦΟΣ":                  "σίσυφοσ",
		"zero\u200bwidth\u00ad":    "zerowidth",
		"\u13a0\uab71\u13f0\u13f8": "\uab70\uab71\u13f8\u13f8",
		"Иванов":                   "иванов",
		"a\x00b":                   "ab",
		"A-1":                      "a-1",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%+q) = %+q, want %+q", in, got, want)
		}
		if got := Text(want); got != want {
			t.Errorf("Text(%+q) = %+q: not the same again", want, got)
		}
	}
}

// TestTextOfEveryCharacter looks for characters whose normal form is not
// normal.
func TestTextOfEveryCharacter(t *testing.T) {
	t.Parallel()
	for r := rune(0x80); r < 0x20000; r++ {
		if s := string(r); Text(Text(s)) != Text(s) {
			t.Errorf("Text(%+q) = %+q, then %+q", s, Text(s), Text(Text(s)))
		}
	}
}

func TestTextOfNormalTextDoesNotAllocate(t *testing.T) {
	for _, s := range []string{"alice smith", "北京市朝阳区 12 号", "ガス"} {
		if n := testing.AllocsPerRun(100, func() { Text(s) }); n != 0 {
			t.Errorf("Text(%q) allocates %v times", s, n)
		}
	}
}

func TestTextConcurrently(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				if got := Text("Straße ＭÜller"); got != "strasse müller" {
					t.Errorf("%q", got)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"Alice", " Ａ  b\u200b", "İI\u0307ıß", "\u0345Α", "ﬃ", "\xff", "e\u0323\u0301", "ẞ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if again := Text(got); again != got {
			t.Fatalf("Text(%+q) = %+q, then %+q", s, got, again)
		}
		if utf8.ValidString(s) && !utf8.ValidString(got) || strings.TrimSpace(got) != got || strings.Contains(got, "  ") {
			t.Fatalf("Text(%+q) = %+q", s, got)
		}
		for role := range roles {
			for _, c := range []Context{{}, {Country: "CN", Dates: DMY}} {
				if v, ok := ByRole(role)(s, c); ok {
					Placeholder(role, v)
				}
			}
			Mask(role, s)
		}
	})
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a@b.com":            "a@b.com",
		" Alice@Example.COM": "alice@example.com",
		"ａ＠ｂ．ｃｏｍ":            "a@b.com",
		"a\u200b@b.com":      "a@b.com",
		"\"x@y\"@b.com":      "\"x@y\"@b.com",
		"张三@例子.中国":           "张三@例子.中国",
		"":                   "",
		"n/a":                "",
		"@b.com":             "",
		"a@":                 "",
		"a b@c.com":          "",
	} {
		got, ok := Email(in)
		if got != want || ok != (want != "") {
			t.Errorf("Email(%q) = %q, %v, want %q", in, got, ok, want)
		}
	}
}

func TestFullName(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"Alice", "Smith", "Alice Smith"},
		{"三", "张", "张三"},
		{"太郎", "山田", "山田太郎"},
		{"민준", "김", "김민준"},
		{" Alice ", "", "Alice"},
		{"", "张", "张"},
		{"San", "张", "San 张"},
		{"", " ", ""},
	} {
		if got := FullName(c[0], c[1]); got != c[2] {
			t.Errorf("FullName(%q, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestByRole(t *testing.T) {
	t.Parallel()
	cn := Context{Country: "CN"}
	for _, c := range []struct {
		role, in string
		ctx      Context
		want     string
	}{
		{"email", " A@B.c ", cn, "a@b.c"},
		{"email", "ask me", cn, ""},
		{"phone", "138 0013 8001", cn, "+8613800138001"},
		{"phone", "138-0013-8001", Context{}, "13800138001"},
		{"phone", "08 1234 5678", Context{}, "0812345678"},
		{"phone", "12345", Context{}, ""},
		{"phone", "ask 1234567", Context{}, ""},
		{"birth_date", "1/2/1990", Context{Dates: DMY}, "1990-02-01"},
		{"birth_date", "19900201", Context{}, "1990-02-01"},
		{"birth_date", "Spring 1990", Context{}, "spring 1990"},
		{"birth_date", "0000-00-00", Context{}, "0000-00-00"},
		{"tax_id", "91.110000-ma01 x", Context{}, "91110000MA01X"},
		{"tax_id", "９１１", Context{}, "911"},
		{"national_id", "11010519491231002x", Context{}, "11010519491231002X"},
		{"national_id", "--", Context{}, ""},
		{"name", "张　三", Context{}, "张三"},
		{"name", "Li 四 五 Wang", Context{}, "li 四五 wang"},
		{"name", "Alice  Smith", Context{}, "alice smith"},
		{"city", "北京 市", Context{}, "北京 市"},
		{"soc_sec_id", " 00123 ", Context{}, "00123"},
		{"name", " \u3000", Context{}, ""},
		{"email", "", Context{}, ""},
		{"phone", "", Context{}, ""},
		{"birth_date", " ", Context{}, ""},
		{"tax_id", "", Context{}, ""},
		{"loyalty", "", Context{}, ""},
	} {
		got, ok := ByRole(c.role)(c.in, c.ctx)
		if ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s: %q is %q, %v, want %q", c.role, c.in, got, ok, c.want)
		}
	}
}

func BenchmarkText(b *testing.B) {
	for _, s := range []string{"alice smith", "Alice Smith", "张三", "Müller", "Ａｌｉｃｅ　Ｓ"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Text(s)
			}
		})
	}
}

func BenchmarkEmail(b *testing.B) {
	for _, s := range []string{"alice.smith@example.com", "Alice.Smith@Example.com"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Email(s)
			}
		})
	}
}
