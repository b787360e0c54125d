package normalize

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPostalCode(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"tq13 8df":   "TQ138DF TQ13",
		"TQ138DF":    "TQ138DF TQ13",
		"M1 1AE":     "M11AE M1",
		"EC1A 1BB":   "EC1A1BB EC1A",
		"W1A 0AX":    "W1A0AX W1A",
		"SW1A":       "SW1A SW1A",
		"60302":      "60302 603",
		"60302-1234": "60302 603",
		"603021234":  "60302 603",
		"60302.0":    "60302 603",
		"02134":      "02134 021",
		"K1A 0B1":    "K1A0B1 K1A",
		"k1a0b1":     "K1A0B1 K1A",
		"D02 AF30":   "D02AF30 D02",
		"A65 F4E2":   "A65F4E2 A65",
		"1012 AB":    "1012AB 1012",
		"D-10115":    "10115 101",
		"DE 10115":   "10115 101",
		"CH-8001":    "8001 800",
		"A-1010":     "1010 101",
		"FIN-00100":  "00100 001",
		"SE-113 51":  "11351 113",
		"L-1234":     "1234 123",
		"C1425ABC":   "C1425ABC C1425",
		"01310-100":  "01310100 01310",
		"00-950":     "00950 009",
		"1000-001":   "1000001 100",
		"〒100-0005":  "1000005 100",
		"１００-０００５":   "1000005 100",
		"200120":     "200120 200",
		"560 001":    "560001 560",
		"2600":       "2600 260",
		"101":        "101 10",
		"7":          "7 7",
		"١٢٣٤٥":      "12345 123",
		"AB10 1XY":   "AB101XY AB10",
		"B1 1AA":     "B11AA B1",
		"":           " ",
		"--":         " ",
	} {
		code, area := PostalCode(in)
		if got := code + " " + area; got != want {
			t.Errorf("PostalCode(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPostalCodeProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-z]{0,3}[- ]?[0-9]{0,6}[- ]?[0-9A-Z]{0,4}`), names).Draw(t, "code")
		code, area := PostalCode(in)
		if !strings.HasPrefix(code, area) || area == "" && code != "" {
			t.Fatalf("PostalCode(%q) = %q, %q", in, code, area)
		}
		if tells(simple(in)) && code == "" {
			t.Fatalf("PostalCode(%q) is empty", in)
		}
	})
}
