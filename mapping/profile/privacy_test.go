package profile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/xwalk-id/xwalk/mapping/profile"
	"github.com/xwalk-id/xwalk/mapping/report"
)

// No format shows values of other columns in clear.
func TestPrivacy(t *testing.T) {
	t.Parallel()
	var src rows
	for i := range 30 {
		src = append(src, []string{fmt.Sprintf("C%03d", i), "Agatha Christie", "agatha@torquay.example", "+44 1803 292000", "1890-09-15"})
	}
	p := profiled(t, src, []string{"id", "name", "mail", "phone", "born"})
	text := everyFormat(t, p)
	for _, secret := range []string{"Agatha", "Christie", "agatha", "torquay", "1803", "09-15"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is shown", secret)
		}
	}
	if !strings.Contains(text, "C01") {
		t.Error("no number is shown")
	}
}

// Names, addresses and phone numbers that got into the column of the ID are
// masked in every format, and so is a column of them that is taken for one;
// numbers are not.
func TestPrivacyOfStrayValues(t *testing.T) {
	t.Parallel()
	twice := func(values ...string) []string { return append(values, values...) }
	codes := numbered("C%04d", 1, 60)
	tests := []struct {
		name    string
		ids     []string
		schemes []string
		hidden  []string
		shown   []string
	}{
		{
			"in two rows", append(twice("agatha@torquay.example", "Agatha Christie", "张爱玲", "+44 1803 292000", "C0001 "), codes...), nil,
			[]string{"agatha", "torquay", "Agatha", "Christie", "爱玲", "1803"},
			[]string{"C0001", "a***@t***.example"},
		},
		{
			"beside a scheme", append(twice("agatha@torquay.example", "Ａｇａｔｈａ Christie", "'Agatha"), codes...),
			[]string{"C{seq:4}"},
			[]string{"agatha", "torquay", "gatha", "Christie", "ａｇａｔｈａ"},
			[]string{"C0030"},
		},
		{
			"let pass by any", append(twice("agatha@torquay.example", "Agatha Christie"), codes...),
			[]string{"C{seq:4}", "{any}"},
			[]string{"agatha", "torquay", "Agatha", "Christie"},
			[]string{"C0031"},
		},
		{
			"names", twice("Agatha Christie", "Ellery Queen", "Rex Stout", "Ross Macdonald"), nil,
			[]string{"Agatha", "Christie", "Ellery", "Queen", "Stout", "Macdonald"},
			[]string{"A***** C*******"},
		},
		{"family names", twice("Christie", "Queen", "Stout", "Macdonald", "CHRISTIE"), nil, []string{"Christie", "Queen", "Stout", "CHRISTIE"}, nil},
		{"addresses", twice("agatha@torquay.example", "ellery@torquay.example", "rex@torquay.example", "ross@torquay.example"), nil, []string{"agatha", "ellery", "ross"}, nil},
		{"mobiles", twice("13912345671", "13912345672", "13912345673", "13912345675"), nil, []string{"1391234567"}, nil},
		{"letters that are configured", twice("ABCDEF", "GHIJKL"), []string{"{letters:6}"}, nil, []string{"ABCDEF"}},
		{"numbers with spaces", twice("K 17", "K 18", "K 19"), nil, nil, []string{"K 17"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := everyFormat(t, profiled(t, column(tt.ids...), []string{"id"}, tt.schemes...))
			for _, secret := range tt.hidden {
				if strings.Contains(text, secret) {
					t.Errorf("%s is shown:\n%s", secret, text)
				}
			}
			for _, id := range tt.shown {
				if !strings.Contains(text, id) {
					t.Errorf("%s is not shown:\n%s", id, text)
				}
			}
		})
	}
}

// everyFormat is a profile as text, JSON and CSV.
func everyFormat(t *testing.T, p *profile.Profile) string {
	t.Helper()
	var b strings.Builder
	if err := p.Text(&b, profile.TextOptions{Style: report.Style{}}); err != nil {
		t.Fatal(err)
	}
	if err := profile.JSON(&b, []*profile.Profile{p}); err != nil {
		t.Fatal(err)
	}
	if err := profile.CSV(&b, []*profile.Profile{p}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
