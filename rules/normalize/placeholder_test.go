package normalize

import "testing"

func TestPlaceholder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		role, value string // as received
		want        bool
	}{
		{"email", "none@none.com", true},
		{"email", "NO@EMAIL.COM", true},
		{"email", "noreply@acme.com", true},
		{"email", "test@test.com", true},
		{"email", "123456@qq.com", true},
		{"email", "x@nobody.invalid", true},
		{"email", "alice@example.com", false},
		{"email", "info@acme.com", false},
		{"email", "nora@acme.com", false},
		{"email", "nathan@none-such.com", false},

		{"phone", "13800138000", true},
		{"phone", "+86 138 0013 8000", true},
		{"phone", "11111111111", true},
		{"phone", "00000000", true},
		{"phone", "12345678", false},
		{"phone", "13812345678", false},
		{"email", "a@b.com", false},
		{"birth_date", "1800-01-01", false},
		{"tax_id", "111", false},
		{"phone", "13900000000", true},
		{"phone", "13800138001", false},
		{"phone", "010-65529988", false},
		{"phone", "13910001000", false},

		{"birth_date", "1900-01-01", true},
		{"birth_date", "19700101", true},
		{"birth_date", "0000-00-00", true},
		{"birth_date", "9999-12-31", true},
		{"birth_date", "unknown", true},
		{"birth_date", "1990-01-01", false},

		{"tax_id", "000-00-0000", true},
		{"tax_id", "123-45-6789", true},
		{"tax_id", "999999999999", true},
		{"tax_id", "n/a", true},
		{"tax_id", "DE000000000", true},
		{"tax_id", "无", true},
		{"tax_id", "078-05-1120", true},
		{"tax_id", "91110000MA01ABCD12", false},
		{"national_id", "11010519491231002X", false},
		{"national_id", "111111111111111111", true},

		{"name", "N/A", true},
		{"name", "NA", true},
		{"name", "Test Test", true},
		{"name", "测试", true},
		{"name", "微信用户", true},
		{"name", "-", true},
		{"name", "???", true},
		{"name", "xxx", true},
		{"name", "aaaa", false},
		{"name", "张三", false},
		{"name", "Bo", false},
		{"name", "丽丽", false},
		{"name", "Tester Meyer", false},
		{"family_name", "Na", false},
		{"family_name", "NA", false},
		{"given_name", "Nan", false},
		{"family_name", "No", false},
		{"family_name", "none", true},

		{"company", "self-employed", true},
		{"company", "个体户", true},
		{"company", "NA", true},
		{"company", "Consumidor Final", true},
		{"company", "散客", true},
		{"company", "Final Ltd", false},
		{"tax_id", "XAXX010101000", true},
		{"company", "Unknown Pleasures Ltd", false},
		{"address", "同上", true},
		{"address", "Homeless", true},
		{"address", "Ohne festen Wohnsitz", true},
		{"address", "到店自提", true},
		{"postal_code", "ZZ99 3VZ", true},
		{"postal_code", "EC1A 1BB", false},
		{"address", "12 High St", false},
		{"postal_code", "000000", true},
		{"postal_code", "11111", false},

		{"country", "NA", false},
		{"region", "na", false},
		{"region", "n/a", true},
		{"loyalty", "NA", false},
		{"loyalty", "NaN", true},
		{"loyalty", "null", true},
		{"loyalty", "-", true},
		{"loyalty", "不详", true},
		{"loyalty", "0", true},
		{"loyalty", "000000", true},
		{"loyalty", "9999999", true},
		{"loyalty", "12345678", true},
		{"loyalty", "1111", false},
		{"loyalty", "test", false},
		{"loyalty", "4711", false},
		{"loyalty", "5362384", false},
	} {
		v, ok := ByRole(c.role)(c.value, Context{Country: "CN"})
		if got := !ok || Placeholder(c.role, v); got != c.want {
			t.Errorf("%s %q (%q) is a placeholder: %v, want %v", c.role, c.value, v, got, c.want)
		}
	}
	for role := range roles {
		if !Placeholder(role, "") {
			t.Errorf("%s: a blank is evidence", role)
		}
	}
}

// TestPlaceholderListsAreNormal keeps entries out of the lists that no value
// could ever equal.
func TestPlaceholderListsAreNormal(t *testing.T) {
	t.Parallel()
	for role, lists := range map[string][]func() map[string]bool{
		"note":       {anyRole, naWords, noMailbox, noDomain},
		"name":       {placeholderNames},
		"company":    {placeholderCompanies},
		"address":    {placeholderAddresses},
		"email":      {placeholderEmails},
		"birth_date": {placeholderDates},
		"tax_id":     {placeholderCodes},
	} {
		for _, list := range lists {
			for v := range list() {
				if got, ok := ByRole(role)(v, Context{}); !ok || got != v {
					t.Errorf("%s: %q is normalised to %q, %v", role, v, got, ok)
				}
			}
		}
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"name", "张三", "张*"},
		{"name", "Alice Smith", "A**** S****"},
		{"name", " Élise  B ", "É**** B"},
		{"company", "Acme Ltd", "A*** L**"},
		{"email", "alice@domain.com", "a***@d***.com"},
		{"email", "a@mail.acme.co", "a***@m***.co"},
		{"email", "a@localhost", "a***@l***"},
		{"email", "not an address", "n***"},
		{"phone", "+8613800138001", "+*********8001"},
		{"phone", "138-0013-8001", "***-****-8001"},
		{"phone", "65529988", "******88"},
		{"phone", "110", "***"},
		{"phone", "１２", "**"},
		{"tax_id", "91110000MA01ABCD12", "**************CD12"},
		{"national_id", "A12", "***"},
		{"birth_date", "1990-02-01", "1990-**-**"},
		{"birth_date", "spring", "s***"},
		{"address", "北京市朝阳区 12 号", "北***"},
		{"loyalty", "", ""},
		{"name", "", ""},
		{"email", "", ""},
		{"phone", "", ""},
	} {
		if got := Mask(c[0], c[1]); got != c[2] {
			t.Errorf("Mask(%s, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func BenchmarkPlaceholder(b *testing.B) {
	for _, c := range [][2]string{{"email", "alice@example.com"}, {"phone", "+8613800138001"}, {"name", "alice smith"}, {"tax_id", "91110000MA01ABCD12"}} {
		b.Run(c[0], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Placeholder(c[0], c[1])
			}
		})
	}
}
