package scheme

import (
	"regexp"
	"testing"
)

func BenchmarkKey(b *testing.B) {
	for _, in := range []string{"CUST-0012345", "Ｃ００１２３", "客户0001", " C001 "} {
		b.Run(in, func(b *testing.B) {
			k := keyer(b, KeyRule{})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := k.Key(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, c := range []struct{ scheme, id, expr string }{
		{"C{seq:4}", "C0001", `^C[0-9]{4}$`},
		{"{seq}", "1234567", `^[0-9]+$`},
		{"{letters:2}{seq:6}", "AB123456", `^[A-Za-z]{2}[0-9]{6}$`},
		{"[K-]{seq:4}-{seq:2}", "K-0001-22", `^(?:K-)?[0-9]{4}-[0-9]{2}$`},
		{"{alnum}-{alnum}-{seq}", "AB12-XY34-123456", `^[A-Za-z0-9]+-[A-Za-z0-9]+-[0-9]+$`},
		{"{seq}{check:luhn}", "79927398713", ""},
	} {
		b.Run(c.scheme, func(b *testing.B) {
			s := compile(b, c.scheme)
			b.ReportAllocs()
			for b.Loop() {
				if !s.Match(c.id) {
					b.Fatal("no match")
				}
			}
		})
		if c.expr == "" {
			continue
		}
		b.Run(c.scheme+"/regexp", func(b *testing.B) {
			re := regexp.MustCompile(c.expr)
			for b.Loop() {
				if !re.MatchString(c.id) {
					b.Fatal("no match")
				}
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	c := canonical(b, "CUST-{next:8}-{check:mod97-10}")
	var buf [MaxCanonical]byte
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Append(buf[:0], nil, 1234567); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCounter(b *testing.B) {
	c := canonical(b, "CUST-{next:8}-{check:mod97-10}")
	for b.Loop() {
		if _, ok := c.Counter("CUST-00000001-81"); !ok {
			b.Fatal("not read back")
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	for b.Loop() {
		if Compare("CUST-0012345", "CUST-0012346") >= 0 {
			b.Fatal("wrong order")
		}
	}
}
