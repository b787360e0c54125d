package scheme

import (
	"regexp"
	"strings"
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

// BenchmarkRead keys IDs and parses them, beside a regular expression written
// by hand that trims them, tells whether they fit, and cuts them up.
func BenchmarkRead(b *testing.B) {
	for _, c := range []struct{ scheme, id, expr string }{
		{"C{seq:4}", "C0001", `^C([0-9]{4})$`},
		{"{seq}", "1234567", `^([0-9]+)$`},
		{"CUST-{seq:5}", "CUST-00123", `^CUST-([0-9]{5})$`},
		{"{letters:2}{seq:6}", "AB123456", `^([A-Za-z]{2})([0-9]{6})$`},
		{"[K-]{seq:4}-{seq:2}", "K-0001-22", `^(?:K-)?([0-9]{4})-([0-9]{2})$`},
		{"YZ-{seq:6}-{date:YYYYMMDD}-{seq:6}", "YZ-440305-20190312-000123", `^YZ-([0-9]{6})-((?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))-([0-9]{6})$`},
		{"{alnum}-{alnum}-{seq}", "AB12-XY34-123456", `^([A-Za-z0-9]+)-([A-Za-z0-9]+)-([0-9]+)$`},
		{"{uuid}", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", `^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$`},
		{"{seq}{check:luhn}", "79927398713", `^([0-9]+)([0-9])$`}, // the expression leaves the check out
	} {
		b.Run(c.scheme+"/xwalk", func(b *testing.B) {
			s := set(b, c.scheme)
			k := keyer(b, KeyRule{})
			var p Parts
			b.ReportAllocs()
			for b.Loop() {
				if _, at, err := s.ReadAs(k, &p, c.id); at < 0 || err != nil {
					b.Fatal("not read")
				}
			}
		})
		b.Run(c.scheme+"/regexp", func(b *testing.B) {
			re := regexp.MustCompile(c.expr)
			b.ReportAllocs()
			for b.Loop() {
				if re.FindStringSubmatch(strings.TrimSpace(c.id)) == nil {
					b.Fatal("not read")
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
