package discover

import (
	"strings"
	"testing"
)

// TestContentHolds asks of values which roles they can have.
func TestContentHolds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, values string
		holds, not   string // roles
		role         string // without a header's help
	}{
		{"e-mails", "ann@example.com|bob@example.org|n/a|cy@example.net", "email", "name phone company birth_date", "email"},
		{"lists of e-mails", "a@example.com;b@example.com|c@example.com; d@example.com|e@example.com", "email", "name", "email"},
		{"Chinese mobiles", "13900990001|139-0099-0002|+86 139 0099 0003", "phone", "name birth_date", "phone"},
		{"international numbers", "+44 20 7946 0001|+49 30 5550001|+1 (202) 555-0101", "phone", "name", "phone"},
		{"national numbers", "020 7946 0001|(202) 555-0101|555-0102", "phone", "name email", ""},
		{"made-up names", "First1 Last2|First3 Last4", "name city", "phone email", ""},
		{"numbers of seven digits", "6988048|7364009|2635962", "phone national_id", "name email", ""},
		{"dates", "1996-05-18|1958-11-02|2001-01-31", "birth_date created", "name phone", ""},
		{"days without signs", "19960518|19581102|20010131", "birth_date", "name phone", ""},
		{"moments", "2026-01-01T00:00:07.000Z|2026-02-02T01:01:07Z|2026-03-03 02:02:07", "modified created", "phone name", ""},
		{"German dates", "18.05.1996|02.11.1958|31.01.2001", "birth_date", "phone", ""},
		{"Chinese names", "张三|李秀英|王䶮|赵敏", "name", "phone email", "name"},
		{"names", "Ann Ash|Bob Bush|Zoë O'Brien", "name given_name city", "phone email birth_date", ""},
		{"identity numbers", "999999199605180016|999999195811020023|999999198803270034", "national_id", "name email birth_date", "national_id"},
		{"credit codes", "91999999MA0000101C|91999999MA0000102F|91999999MA0000103J", "tax_id", "name", "tax_id"},
		{"postal codes", "518000|100020|TQ13 8DF", "postal_code", "name email", ""},
		{"amounts", "12.50|3,200.00|0.99", "", "name email birth_date tax_id", ""},
		{"yes and no", "true|false", "deleted", "email", ""},
		{"links", "https://a.example|https://b.example|www.c.example", "", "name company", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := lookAt(strings.Split(tt.values, "|"))
			for role := range strings.FieldsSeq(tt.holds) {
				if !c.holds(role) {
					t.Errorf("cannot be %s: %+v", role, c)
				}
			}
			for role := range strings.FieldsSeq(tt.not) {
				if c.holds(role) {
					t.Errorf("can be %s: %+v", role, c)
				}
			}
			if got := c.role(); got != tt.role {
				t.Errorf("by content alone they are %q, want %q", got, tt.role)
			}
		})
	}
}

func TestSeparatorOfEmails(t *testing.T) {
	t.Parallel()
	for values, want := range map[string]string{
		"a@example.com|b@example.com":                               "",
		"a@example.com;b@example.com|c@example.com":                 ";",
		"a@example.com, b@example.com|c@example.com,d@example.com;": ",",
		"a@example.com/b@example.com":                               "/",
		"a@example.com b@example.com":                               " ",
	} {
		if got := lookAt(strings.Split(values, "|")).separator(); got != want {
			t.Errorf("%s are split at %q, want %q", values, got, want)
		}
	}
}

// TestDateOrder tells what dates say about their own order.
func TestDateOrder(t *testing.T) {
	t.Parallel()
	for values, want := range map[string][3]int{ // day first, month first, either way
		"31/01/2020|02/03/2020": {1, 0, 1},
		"01/31/2020|02/03/2020": {0, 1, 1},
		"02/03/2020|05/05/2020": {0, 0, 1},
		"2020-01-31|31.01.2020": {0, 0, 0},
	} {
		c := lookAt(strings.Split(values, "|"))
		if got := [3]int{c.dmy, c.mdy, c.eitherWay}; got != want {
			t.Errorf("%s: %v, want %v", values, got, want)
		}
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"Individual": "person", "个人": "person", "Private": "person", "PERSON": "person", "Privat": "person",
		"Organization": "company", "企业": "company", "Business": "company", "Firma": "company", "B2B": "company",
		"Household": "household", "内部": "", "gold": "",
	} {
		if got := kindOf(value); got != want {
			t.Errorf("kindOf(%q) = %q, want %q", value, got, want)
		}
	}
}
