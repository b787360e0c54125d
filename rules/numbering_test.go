package rules_test

import (
	"testing"

	"github.com/xwalk-id/xwalk/rules"
)

func TestChecked(t *testing.T) {
	t.Parallel()
	rs, problems := rules.Compile(rules.Config{
		Canonical: rules.Canonical{Scheme: "CUST-{next:6}-{check:luhn}"},
		Sources: []rules.Source{
			{
				Name: "legacy", ID: rules.IDRule{Columns: []string{"no"}, Schemes: []string{"C{seq:3}", "K{seq:3}{check:luhn}"}},
				Also: []rules.Also{{Name: "card", ID: rules.IDRule{Columns: []string{"card"}, Schemes: []string{"{seq:10}{check:luhn}"}}}},
			},
			{Name: "shop", ID: rules.IDRule{Columns: []string{"id"}}, As: "S-{next:4}"},
		},
	})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		space, id string
		want      bool
	}{
		{"legacy", "K0018", true},
		{"legacy", "K0019", false}, // the check is wrong
		{"legacy", "C001", false},  // there is none
		{"legacy.card", "49927398716", true},
		{"legacy.card", "49927398717", false},
		{"shop", "49927398716", false},
		{"elsewhere", "K0018", false},
	} {
		if got := rs.Checked(test.space, test.id); got != test.want {
			t.Errorf("Checked(%q, %q) = %v", test.space, test.id, got)
		}
	}
	for id, want := range map[string]bool{"CUST-000001-8": true, "CUST-000001-7": false, "S-0001": false, "": false} {
		if got := rs.CanonicalChecked(id); got != want {
			t.Errorf("CanonicalChecked(%q) = %v", id, got)
		}
	}
	if s := rs.Schemes("legacy.card").String(); s != "{seq:10}{check:luhn}" {
		t.Errorf("Schemes(legacy.card) = %s", s)
	}
	if rs.Schemes("legacy.code") != nil {
		t.Error("a space that the rules do not have has schemes")
	}
}
