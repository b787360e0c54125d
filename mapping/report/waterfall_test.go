package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/mapping"
)

func TestWaterfall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		in   []mapping.Evidence
		want string
	}{
		{"nothing", nil, ""},
		{"a sentence", []mapping.Evidence{{Says: "email agrees, but name contradicts"}}, "> email agrees, but name contradicts\n"},
		{
			"from the prior up and down again",
			[]mapping.Evidence{
				{Says: "alike, but not enough"},
				{On: "prior", Says: "any two records", Weight: -16},
				{On: "family_name", Says: "equal", Weight: 12},
				{On: "email", Says: "equal", Weight: 8},
				{On: "city", Says: "differs\n", Weight: -1},
			},
			`> alike, but not enough
> prior        any two records  -16.0  -16.0  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░│
> family_name  equal            +12.0   -4.0  ██████████████████████      │
> email        equal             +8.0   +4.0                       ███████│███████
> city         differs\n         -1.0   +3.0                              │    ░░░
> sum          88.8 % likely            +3.0                              │█████
`,
		},
	} {
		var out strings.Builder
		if err := Waterfall(&out, Style{}, c.in, "> "); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestProbabilityText(t *testing.T) {
	t.Parallel()
	for bits, want := range map[float64]string{
		0: "50.0 % likely", 3: "88.8 % likely", 7: "99.22 % likely", 10: "99.90 % likely", -10: "0.09 % likely", 20: "over 99.999 % likely", -60: "under 0.001 % likely",
	} {
		if got := probabilityText(bits); got != want {
			t.Errorf("%v bits: %s, want %s", bits, got, want)
		}
	}
}
