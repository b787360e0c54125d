package damage

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/xwalk-id/xwalk/rules/scheme"
)

func examiner(t testing.TB, schemes ...string) *Examiner {
	t.Helper()
	var all []*scheme.Scheme
	for _, text := range schemes {
		s, err := scheme.Compile(text, scheme.Codes{"branch": {"S", "NYC"}})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return New(scheme.NewSet(all...))
}

// TestExamine shows each kind of damage on single IDs: what is proposed, and
// whether that is certain (!), may become so by the evidence of the source (~)
// or is for people to say (?).
func TestExamine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ schemes, id, want string }{
		{"{seq:5}", "123", "leading-zeros ~ 00123"},
		{"{seq:5}", "0123", "cut-off ?"},
		{"{seq:5}", "00123", ""},
		{"00{seq:4}", "1234", "leading-zeros ! 001234"},
		{"00{seq:4}", "234", "leading-zeros ~ 000234"},
		{"{seq:5}{check:luhn}", "18", "leading-zeros ~ 000018"},
		{"{seq:5}{check:luhn}", "19", "leading-zeros ?"},

		{"C{seq:4}", "C1", "padding ~ C0001"},
		{"C{seq:4}", "C00001", "padding ~ C0001"},
		{"C{seq:4}", "C01", "cut-off ?"},
		{"C{seq:4}", "C12345", ""},

		{"{seq}", "1.234567E+6", "scientific ~ 1234567"},
		{"{seq:7}", "1.234567E+6", "scientific ! 1234567"},
		{"{seq:7}", "1,234567E+06", "scientific ! 1234567"},
		{"{seq:10}", "1.234567E+6", "leading-zeros ~ 0001234567"},
		{"{seq:12}", "1.23457E+11", "scientific ?"},
		{"{alnum:4}", "1.20E+04", "scientific ? 12E3"},
		{"{any}", "1.23457E+11", "scientific ?"},
		{"{seq:16}", "1.234567890123457E+15", "scientific ? 1234567890123457"},
		{"", "1.23457E+11", "scientific ?"},

		{"{seq:19}", "1914310000010100000", "rounded ?"},
		{"{seq:19}", "1914310000010100016", ""},
		{"{snowflake}", "1914310000010100000", "rounded ?"},

		{"{seq:1}-{seq:1}", "2-Jan", "date ? 1-2 2-1"},
		{"{seq:2}-{seq:2}", "Jan-02", "date ? 01-02 02-01"},
		{"{seq}-{seq}-{seq}", "02/01/2024", "date ? 2-1-2024 02-01-2024 2024-2-1 2024-02-01 2-1-24"},
		{"{seq}-{seq}", "1月2日", "date ? 1-2 01-02 01-2 1-02 2-1"},
		{"{seq:1}-{seq:1}", "45293", "date ? 1-2 2-1"},
		{"MAR{seq:1}", "1-Mar", "date ? MAR1"},
		{"SEPT-{seq:2}", "14-Sep", "date ? SEPT-14"},

		{"{seq}", "123.0", "decimal ~ 123"},
		{"{seq:3}", "123.00", "decimal ! 123"},
		{"{seq:3}", "123,0", "decimal ! 123"},
		{"{seq:5}", "123.0", "leading-zeros ~ 00123"},
		{"{seq:6}", "123.000", "decimal ? 123000"},
		{"{seq:5}", "'00123", "apostrophe ! 00123"},
		{"{seq:5}", "’00123", "apostrophe ! 00123"},
		{"{seq:5}", `="00123"`, "formula ! 00123"},
		{"{seq:5}", `=""00123""`, "formula ! 00123"},
		{"C{seq:5}", `"C00123"`, "quotes ! C00123"},
		{"C{seq:5}", `“C00123”`, "quotes ! C00123"},
		{"{seq:7}", "1,234,567", "thousands ! 1234567"},
		{"{seq:7}", "1,234,567.00", "thousands ! 1234567"},
		{"{seq:7}", "1.234.567", "thousands ! 1234567"},
		{"{seq:7}", "1 234 567", "thousands ! 1234567"},
		{"{seq:7}", "1 234 567", "thousands ! 1234567"},
		{"{seq:7}", "1'234'567", "thousands ! 1234567"},
		{"{seq:4}", "1.234", "thousands ? 1234"},
		{"{seq:4}", "1,000", "thousands ~ 1000"},
		{"{seq}", "1,000", "thousands ~ 1000"},
		{"{seq:1}", "1,000", "thousands ? 1"},
		{"{seq:6}", "1,234", "leading-zeros ~ 001234"},
		{"{seq:6}", "1,000", "leading-zeros ~ 001000"},

		{"CUST-{seq:3}", "cust-001", "case ! CUST-001"},
		{"CUST-{letters:2}{seq:3}", "cust-ab001", "case ? CUST-AB001 CUST-ab001"},
		{"C{seq:3} K{seq:3}", "k001", "case ? K001"},
		{"{salesforce}", "00530000009m943aac", "case ! 00530000009M943AAC"},
		{"{salesforce}", "A0D30000001N7PIEAI", "case ~ a0D30000001n7PiEAI"},
		{"{salesforce}", "a0d30000001n7pieai", "case ! a0D30000001n7PiEAI"},

		{"C{seq:4}", "C0O01", "look-alike ~ C0001"},
		{"C{seq:4}{check:luhn}", "C0O018", "look-alike ! C00018"},
		{"C{seq:4}{check:luhn}", "C0S018", ""},
		{"CO-{seq:3}", "C0-001", "look-alike ! CO-001"},
		{"CUST-{seq:3}", "CU5T-001", "look-alike ! CUST-001"},

		{"CUST-{seq:3}", "CUST-CUST-001", "doubled-prefix ! CUST-001"},
		{"C{seq:3}", "CC001", "doubled-prefix ! C001"},
		{"C{alnum:4}", "CC0001", "doubled-prefix ? C0001"},
		{"CUST-{seq:3}", "001", "missing-prefix ? CUST-001"},
		{"CUST-{seq:3}", "CUST-", "cut-off ?"},
		{"{alnum:8}", "AB12", "cut-off ?"},
		{"{alnum:8}", "AB1", ""},
		{"CUST-{seq:9}", "CUST-12", "padding ~ CUST-000000012"},
		{"CUST-{seq:9}", "CUST-012", "cut-off ?"},
		{"{code:branch}{seq:3}", "X005", ""},
		{"{code:branch}{seq:3}", "S05", "cut-off ?"},
		{"{date:YYYYMMDD}{seq:2}", "2024130101", ""},
		{"{date:YYYYMMDD}{seq:2}", "202412", "cut-off ?"},
		{"{uuid}", "bad", ""},
		{"{uuid}", "6ba7b810-9dad-11d1-80b4-00c0", "cut-off ?"},

		{"C{seq:3}", "C\uFFFD01", "encoding ?"},
		{"京{seq:3}", "锟斤拷001", "encoding ?"},
		{"é{seq:3}", "Ã©001", "encoding ?"},
		{"C{seq:3}", "Ｃ００１", "full-width ! C001"},
		{"C{seq:3}", "C\u200b001", "invisible ! C001"},
		{"C-{seq:3}", "C–001", "dash ! C-001"},
		{"C{seq:3}", " C001", "space ! C001"},

		{"C{seq:4}", "X9", ""},
		{"C{seq:4}", "", ""},
		{"C{seq:4}", "n/a", ""},
	} {
		t.Run(c.schemes+" "+c.id, func(t *testing.T) {
			t.Parallel()
			e := examiner(t, strings.Fields(c.schemes)...)
			f, found := e.Examine(c.id)
			got := ""
			if found {
				sign := "?"
				if f.Certain {
					sign = "!"
				} else if f.Waits() {
					sign = "~"
				}
				got = strings.Join(append([]string{f.Kind, sign}, f.Proposals...), " ")
			}
			if got != c.want {
				t.Errorf("Examine(%q) under %s = %q, want %q (%s)", c.id, c.schemes, got, c.want, f.Why)
			}
			if found && f.Why == "" {
				t.Errorf("Examine(%q) does not say why", c.id)
			}
		})
	}
}

// TestSentence: what is never certain says why not.
func TestSentence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ schemes, id, want string }{
		{"{seq:4}", "1.234", "it was read as a number and written with thousands separators: 1234 would fit, but its point may stand before thousands or before decimals"},
		{"{seq:1}", "1,000", "it was read as a number and written with thousands separators: 1 would fit, but that takes what follows the comma for decimals"},
		{"{seq:16}", "1.234567890123457E+15", "it was read as a number and written in scientific notation, which keeps 15 to 17 of its 16 digits; export the column as text, from the CRM and not from the spreadsheet: 1234567890123457 would fit, but its last digits are not certain"},
		{"CUST-{seq:3}", "001", "its prefix CUST- is missing: CUST-001 would fit, but it may be a number of something else"},
		{"C{alnum:4}", "CC0001", "its prefix C stands twice: C0001 would fit, but a slip may have made it, too"},
		{"C{seq:3} K{seq:3}", "k001", "its letters are of another case: K001 would fit, but the case of its other letters is not known, or it may be a number of another form"},
		{"CUST-{letters:2}{seq:3}", "cust-ab001", "its letters are of another case: CUST-AB001 or CUST-ab001 would fit, and nothing tells which"},
		{"K{seq:2}-{seq:2}", "K1-02", "zeros look dropped from its number: K01-02 would fit, but it has more than one number, and any of them may have lost them"},
		{"MAR{seq:1}", "1-Mar", "a spreadsheet read it as a date: MAR1 would fit, but other numbers give the same date"},
		{"{seq:5}", "123", "its leading zeros look lost: 00123 would fit"},
	} {
		f, _ := examiner(t, strings.Fields(c.schemes)...).Examine(c.id)
		if got := f.Sentence(); got != c.want {
			t.Errorf("%q under %s: %s\nwant %s", c.id, c.schemes, got, c.want)
		}
	}
}

// TestUncertainSaysWhy: every proposal that nothing can make certain says so.
func TestUncertainSaysWhy(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range corpora {
		e := examiner(t, strings.Fields(c.schemes)...)
		for _, in := range injuries {
			for n := range 50 {
				id := in.do(r, c.id(r, n))
				f, _ := e.Examine(id)
				if text := f.Sentence(); len(f.Proposals) > 0 && f.needs&hopeless != 0 && strings.HasSuffix(text, " would fit") {
					t.Errorf("%q under %s (%s): %s", id, c.schemes, in.name, text)
				}
			}
		}
	}
}
