package normalize

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMailboxSame(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"jane.doe@gmail.com":          "janedoe@gmail.com",
		"janedoe+news@googlemail.com": "janedoe@gmail.com",
		"j.a.n.e@gmail.com":           "jane@gmail.com",
		"jane.doe+x@outlook.com":      "jane.doe@outlook.com",
		"jane.doe@hotmail.com":        "jane.doe@hotmail.com",
		"jane.doe@live.co.uk":         "jane.doe@live.co.uk",
		"jane-shop@yahoo.co.uk":       "jane@yahoo.co.uk",
		"jane-doe@yahoo.co.jp":        "jane-doe@yahoo.co.jp",
		"jane+x@me.com":               "jane@icloud.com",
		"jane@mac.com":                "jane@icloud.com",
		"jane.doe@icloud.com":         "jane.doe@icloud.com",
		"jane_doe+x@protonmail.com":   "janedoe@proton.me",
		"Jane-Doe@pm.me":              "JaneDoe@proton.me", // Email folds before
		"jane.doe@yandex.com":         "jane-doe@yandex.ru",
		"jane+x@fastmail.com":         "jane@fastmail.com",
		"shop@jane.fastmail.com":      "jane@fastmail.com",
		"jane@mail.ru":                "jane@mail.ru",
		"jane@bk.ru":                  "jane@bk.ru",
		"12345678@qq.com":             "12345678@qq.com",
		"12345678@vip.qq.com":         "12345678@vip.qq.com",
		"zhang@163.com":               "zhang@163.com",
		"zhang@126.com":               "zhang@126.com",
		"jane+news@acme.com":          "jane+news@acme.com",
		"j.doe@acme.com":              "j.doe@acme.com",
		"+@gmail.com":                 "+@gmail.com",
		"...@gmail.com":               "...@gmail.com",
		"jane@acme.com.":              "jane@acme.com",
		"jane@home@acme.com":          "jane@home@acme.com",
		"张伟@例子.公司":                    "张伟@例子.公司",
	} {
		m := MailboxOf(in)
		if got := m.Local + "@" + m.Domain; got != want {
			t.Errorf("MailboxOf(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestMailboxTells(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, words  string
		free, role bool
	}{
		{"jane.doe79@gmail.com", "jane doe", true, false},
		{"jane_doe+news@acme.com", "jane doe", false, false},
		{"12345678@qq.com", "", true, false},
		{"info@acme.com", "info", false, true},
		{"sales-uk@acme.com", "sales uk", false, true},
		{"sales2@acme.com", "sales", false, true},
		{"customer.service@acme.com", "customer service", false, true},
		{"customer.smith@acme.com", "customer smith", false, false},
		{"kontakt@acme.de", "kontakt", false, true},
		{"büro@acme.de", "buro", false, true},
		{"客服@acme.cn", "客服", false, true},
		{"jose@hotmail.es", "jose", true, false},
		{"a@yahoo.co.uk", "a", true, false},
		{"zhang.wei@163.com", "zhang wei", true, false},
		{"inga@web.de", "inga", true, false},
		{"salesman@acme.com", "salesman", false, false},
	} {
		m := MailboxOf(c.in)
		if got := strings.Join(m.Words, " "); got != c.words || m.Free != c.free || m.Role != c.role {
			t.Errorf("MailboxOf(%s) = %+v, want words %q, free %v, role %v", c.in, m, c.words, c.free, c.role)
		}
	}
}

func TestMailboxProperties(t *testing.T) {
	t.Parallel()
	domains := rapid.SampledFrom([]string{"gmail.com", "yahoo.de", "proton.me", "yandex.ru", "me.com", "live.com", "x.fastmail.com", "acme.com", ""})
	rapid.Check(t, func(t *rapid.T) {
		local := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9.+_-]{1,12}`)).Draw(t, "local")
		in := local + "@" + domains.Draw(t, "domain")
		m := MailboxOf(in)
		if local != "" && !strings.Contains(local, "@") && m.Local == "" {
			t.Fatalf("MailboxOf(%q) has no local part", in)
		}
		if again := MailboxOf(m.Local + "@" + m.Domain); again.Local != m.Local || again.Domain != m.Domain {
			t.Fatalf("MailboxOf(%q) = %+v, and again %+v", in, m, again)
		}
	})
}

func BenchmarkMailboxOf(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		MailboxOf("jane.doe79+news@googlemail.com")
	}
}
