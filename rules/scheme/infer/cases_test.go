package infer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

// schemesOf lists the texts of the candidates.
func schemesOf(found []Candidate) []string {
	var texts []string
	for _, c := range found {
		texts = append(texts, c.Scheme)
	}
	return texts
}

func TestSmallSamples(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ids  string
		want []string
	}{
		{"", nil},
		{"C001", []string{"C{seq:3}"}},
		{"C001 C002 C003", []string{"C{seq:3}"}},
		{"C001 C002 C001 K-7", []string{"C{seq:3}", "K-{seq}"}},
		{"1 2 10 11", []string{"{seq}"}},
		{"A B C", []string{"{letters:1}"}},
		{"客户1 客户2", []string{"客户{seq}"}},
		{"U1001 U1002 U1003", []string{"U{seq:4}"}},
		{"CUST-2024-0001 CUST-2024-0002 CUST-2023-0001", []string{"CUST-{date:YYYY}-{seq:4}"}},
		{"20240101000123 20240101000124 20240102000001", []string{"{date:YYYYMMDD}{seq:6}"}},
		{"11010519491231002X 440524188001010014", []string{"{code:gb2260}{date:YYYYMMDD}{seq:3}{check:gb11643}"}},
		{"001D000000IRFmaIAH 001D000000IRFma", []string{"{salesforce}"}},
		{"550e8400-e29b-41d4-a716-446655440000", []string{"{uuid}"}},
		{"user_550e8400-e29b-41d4-a716-446655440000 user_017f22e2-79b0-7cc3-98c4-dc0c0c07398f", []string{"user_{uuid}"}},
		{"[12] [13] [14]", []string{`\[{seq:2}\]`}},
		{`C\{1} C\{2}`, []string{`C\\\{{seq}\}`}},
		{
			"YZ-440305-20190312-000123 YZ-110105-20200708-000456 YZ-510107-20210105-000714 YZ-310115-20230410-000061 YZ-440106-20170801-001046 YZ-330106-20180601-001038",
			[]string{"YZ-{code:gb2260}-{date:YYYYMMDD}-{seq:6}"},
		},
		{"BJ-001 SH-002 GZ-003 BJ-004", []string{"{letters:2}-{seq:3}"}},
	} {
		found := Schemes(strings.Fields(c.ids), Options{})
		check(t, strings.Fields(c.ids), found, nil)
		if diff := cmp.Diff(c.want, schemesOf(found)); diff != "" {
			t.Errorf("%s: %s", c.ids, diff)
		}
	}
}

// TestOptionalParts spells the IDs of one numbering in two or three ways.
// TestWidthsOfOneScheme proposes a scheme once, not again in the width that
// many of its IDs have, unless that says more about them.
func TestWidthsOfOneScheme(t *testing.T) {
	t.Parallel()
	r := random(3)
	digits := func(most int) string { return fmt.Sprint(1+r.IntN(9)) + chars(r, decimals, r.IntN(most)) }
	var counted, mixed []string
	for range 2000 {
		counted = append(counted, "C"+digits(7))
		mixed = append(mixed, "C"+digits(4), fmt.Sprintf("C%06d", r.IntN(300_000)))
	}
	for _, c := range []struct {
		ids  []string
		want []string
	}{
		{counted, []string{"C{seq}"}},
		{mixed, []string{"C{seq:6}", "C{seq}"}}, // C000123 and C123 are two
	} {
		found := Schemes(c.ids, Options{})
		check(t, c.ids, found, nil)
		if diff := cmp.Diff(c.want, schemesOf(found)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestOptionalParts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want   string
		spells func(n int) []string
	}{
		{"[.]b{seq:7}{check:sierra-mod11}", func(n int) []string {
			id := "b" + withCheck("sierra-mod11", fmt.Sprint(1000000+7*n))
			return []string{id, "." + id}
		}},
		{"[.]b{seq:7}[{check:sierra-mod11}]", func(n int) []string {
			body := "b" + fmt.Sprint(1000000+n)
			return []string{body, withCheck("sierra-mod11", body), "." + withCheck("sierra-mod11", body)}
		}},
		{"{seq:6}[-{check:damm}]", func(n int) []string {
			body := fmt.Sprintf("%06d", n)
			return []string{body, body + "-" + scheme.CheckOf("damm", body)}
		}},
		{"C[-]{seq:5}", func(n int) []string { return []string{fmt.Sprintf("C%05d", n), fmt.Sprintf("C-%05d", n)} }},
	} {
		r := random(1)
		var ids []string
		for n := range 1200 {
			spelt := c.spells(n)
			ids = append(ids, spelt[r.IntN(len(spelt))])
		}
		found := Schemes(ids, Options{})
		check(t, ids, found, nil)
		if diff := cmp.Diff([]string{c.want}, schemesOf(found)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestConfiguredCodes(t *testing.T) {
	t.Parallel()
	codes := scheme.Codes{
		"branch": {"BJ", "SH", "GZ", "SZ", "HZ", "CD", "XA", "WH"},
		"shop":   {"0107", "0211", "0399", "1450", "2718", "3141", "5000", "7777", "8080", "9001"},
	}
	r := random(3)
	var ids []string
	for n := range 1000 {
		ids = append(ids, codes["branch"][r.IntN(8)]+fmt.Sprintf("%06d", n), codes["shop"][r.IntN(10)]+fmt.Sprintf("-%05d", n))
	}
	found := Schemes(ids, Options{Codes: codes})
	check(t, ids, found, codes)
	if diff := cmp.Diff([]string{"{code:shop}-{seq:5}", "{code:branch}{seq:6}"}, schemesOf(found)); diff != "" {
		t.Error(diff)
	}
}

// TestCountersAreNoDates keeps counters that pass through dates from being
// taken for them.
func TestCountersAreNoDates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		format     string
		start, end int
		step       int
	}{
		{"%d", 20240101, 20240999, 1},
		{"%d", 20000001, 20009000, 3},
		{"%06d", 100101, 129999, 7},
		{"%d", 240101, 241299, 1},
		{"%d", 110101, 119999, 2},
		{"%d", 1000000001, 1009999999, 5003},
		{"%d", 1900, 2049, 1},
		{"%06d", 1, 9999, 1},
		{"K%08d", 1, 31129999, 7001},
	} {
		var ids []string
		for n := c.start; n <= c.end; n += c.step {
			ids = append(ids, fmt.Sprintf(c.format, n))
		}
		for _, f := range Schemes(ids, Options{}) {
			if strings.Contains(f.Scheme, "{date") || strings.Contains(f.Scheme, "{unix") || strings.Contains(f.Scheme, "{code") {
				t.Errorf("%s from %d to %d: %+v", c.format, c.start, c.end, f)
			}
		}
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	var ids []string
	for n := range 500 {
		ids = append(ids, withCheck("luhn", fmt.Sprintf("%08d", n)))
	}
	found := Schemes(ids, Options{})
	want := []Candidate{{
		Scheme: "{seq:8}{check:luhn}", Covers: 500, Share: 1, Family: "seq+check",
		Notes: []string{"The check luhn over all that stands before it holds for 100 % of the 500 IDs of this shape; chance gives 10 %, and the odds of so many by chance are below 1 in 10^394."},
	}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
}

func FuzzSchemes(f *testing.F) {
	for i := range numberings {
		f.Add(strings.Join(numberings[i].corpus(random(1), 12, 0.1), "\n"))
	}
	f.Add("\xff\n\x00\n\x01a\n{\n[\n\\\n" + strings.Repeat("9", 300))
	f.Fuzz(func(t *testing.T, text string) {
		ids := strings.Split(text, "\n")
		check(t, ids, Schemes(ids, Options{}), nil)
	})
}
