package normalize

import (
	"testing"
)

func TestCompanyOfGroup(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Acme Holdings Ltd": true, "Acme Group": true, "Gruppo Acme S.p.A.": true, "Acme Intl GmbH": true,
		"丰盛集团": true, "丰盛集团有限公司": true, "迅信控股": true,
		"Acme Travel Ltd": false, "Groupon Travel": false, "丰盛教育咨询有限公司": false,
	} {
		if got := Company(text).OfGroup(); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestCompanyFormClass(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Acme Ltd", "Acme Limited", true},
		{"Acme Inc.", "Acme Corporation", true},
		{"Acme GmbH", "Acme G.m.b.H.", true},
		{"丰盛有限公司", "丰盛有限责任公司", true},
		{"Acme GmbH", "Acme AG", false},
		{"Acme GmbH", "Acme GmbH & Co. KG", false},
		{"丰盛有限公司", "丰盛股份有限公司", false},
	} {
		a, b := Company(c.a).FormClass(), Company(c.b).FormClass()
		if a == "" || b == "" || (a == b) != c.same {
			t.Errorf("%s is of class %q, %s of %q, want the same: %v", c.a, a, c.b, b, c.same)
		}
	}
	for _, loose := range []string{"Acme", "Acme & Co.", "丰盛公司"} {
		if got := Company(loose).FormClass(); got != "" {
			t.Errorf("%s is of class %q, want none", loose, got)
		}
	}
}
