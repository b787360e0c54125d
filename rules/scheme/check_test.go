package scheme

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// vectorSchemes maps the names of testdata/check_vectors.csv to ours.
var vectorSchemes = map[string]string{
	"crockford32_mod37":  "crockford37",
	"damm":               "damm",
	"gb11643":            "gb11643",
	"gb11714":            "gb11714",
	"gb32100":            "gb32100",
	"gs1_mod10":          "gs1-mod10",
	"iban":               "mod97-10",
	"iso11649_rf":        "mod97-10",
	"iso7064_mod11_10":   "mod11-10",
	"iso7064_mod11_2":    "mod11-2",
	"iso7064_mod1271_36": "mod1271-36",
	"iso7064_mod27_26":   "mod27-26",
	"iso7064_mod37_2":    "mod37-2",
	"iso7064_mod37_36":   "mod37-36",
	"iso7064_mod661_26":  "mod661-26",
	"iso7064_mod97_10":   "mod97-10",
	"lei":                "mod97-10",
	"luhn":               "luhn",
	"luhn_mod16":         "luhn-mod-16",
	"luhn_mod36":         "luhn-mod-36",
	"noid_ncda":          "noid29",
	"sierra_mod11":       "sierra-mod11",
	"verhoeff":           "verhoeff",
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// arranged is the body as its check covers it, and a scheme that reads the
// whole number with the text of it.
func arranged(system, body, check string) (covered, scheme, id string) {
	alg := vectorSchemes[system]
	switch system {
	case "iban": // BBAN, country, 00
		return body[2:] + body[:2], "{letters:2}{check:mod97-10(alnum,letters)}{alnum}", body[:2] + check + body[2:]
	case "iso11649_rf": // reference, RF, 00
		return body + "RF", "{letters:2}{check:mod97-10(alnum,letters)}{alnum}", "RF" + check + body
	case "crockford32_mod37":
		return body, "{base32}{check:crockford37}", body + check
	case "noid_ncda":
		return body, "{any}{check:noid29}", body + check
	}
	return body, "{alnum}{check:" + alg + "}", body + check
}

func TestCheckVectors(t *testing.T) {
	t.Parallel()
	rows := readCSV(t, "testdata/check_vectors.csv")
	if len(rows) != 309 {
		t.Fatalf("%d vectors, want 309", len(rows))
	}
	seen := map[string]bool{}
	for _, row := range rows {
		system, body, check, valid := row[0], row[1], row[2], row[3] == "true"
		if system == "salesforce_18" {
			if got := SalesforceSuffix(body) == check; got != valid {
				t.Errorf("SalesforceSuffix(%s) = %s, which is %s: %v, want %v", body, SalesforceSuffix(body), check, got, valid)
			}
			continue
		}
		alg := vectorSchemes[system]
		seen[alg] = true
		covered, text, id := arranged(system, body, check)
		if got := CheckHolds(alg, covered, check); got != valid {
			t.Errorf("CheckHolds(%s, %s, %s) = %v, want %v (%s)", alg, covered, check, got, valid, row[4])
		}
		if got := CheckOf(alg, covered); (got == check) != valid {
			t.Errorf("CheckOf(%s, %s) = %s, want %s: %v (%s)", alg, covered, got, check, valid, row[4])
		}
		s, err := Compile(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Match(id); got != valid {
			t.Errorf("%s: Match(%s) = %v, want %v (%s)", s, id, got, valid, row[4])
		}
		if !valid {
			continue
		}
		p, err := s.Parse(id)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p.Parts {
			if p.Parts[i].Name == "check" {
				p.Parts[i].Text = ""
			}
		}
		if got, err := s.Format(p); err != nil || got != id {
			t.Errorf("%s: Format with the check left out is %s, %v, want %s", s, got, err, id)
		}
	}
	if len(seen) != len(CheckSystems()) {
		t.Errorf("vectors for %d algorithms of %d", len(seen), len(CheckSystems()))
	}
}

func TestEveryAlgorithmFindsEverySubstitution(t *testing.T) {
	t.Parallel()
	for _, name := range CheckSystems() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alphabet, checks, width := CheckAlphabet(name)
			switch name { // a letter can have the remainder of a digit
			case "mod97-10", "gb11714":
				alphabet = digits
			}
			rapid.Check(t, func(t *rapid.T) {
				// The promise of NOID ends at 28 characters, Sierra's at 9.
				body := []byte(strings.Join(rapid.SliceOfN(rapid.SampledFrom(strings.Split(alphabet, "")), 1, 8).Draw(t, "body"), ""))
				check := CheckOf(name, string(body))
				if len(check) != width || strings.Trim(check, checks) != "" {
					t.Fatalf("CheckOf(%s, %s) = %q, want %d of %s", name, body, check, width, checks)
				}
				if !CheckHolds(name, string(body), check) {
					t.Fatalf("%s: %s%s does not hold", name, body, check)
				}
				for _, wrong := range strings.Split(checks, "") {
					if wrong != check[width-1:] && CheckHolds(name, string(body), check[:width-1]+wrong) {
						t.Fatalf("%s: %s has the checks %s and %s", name, body, check, check[:width-1]+wrong)
					}
				}
				at := rapid.IntRange(0, len(body)-1).Draw(t, "at")
				was := body[at]
				for i := range len(alphabet) {
					if body[at] = alphabet[i]; alphabet[i] != was && CheckHolds(name, string(body), check) {
						t.Fatalf("%s: %s%s passes with %c for %c", name, body, check, alphabet[i], was)
					}
				}
			})
		})
	}
}

func TestChecksRunOverPieces(t *testing.T) {
	t.Parallel()
	for _, a := range algorithms {
		rapid.Check(t, func(t *rapid.T) {
			body := rapid.StringMatching(`[0-9A-Za-z-]{1,80}`).Draw(t, "body")
			cut := rapid.IntRange(0, len(body)).Draw(t, "cut")
			whole := a.final(absorb(a, 0, body))
			if pieces := a.final(absorb(a, absorb(a, 0, body[:cut]), []byte(body[cut:]))); pieces != whole {
				t.Fatalf("%s over %q: %q whole, %q cut at %d", a.name, body, whole, pieces, cut)
			}
		})
	}
}

func TestLongBodiesDoNotOverflow(t *testing.T) {
	t.Parallel()
	for _, a := range algorithms {
		last := a.body[len(a.body)-1:]
		body := strings.Repeat(last, maxKey)
		// Written out by definition, digit by digit and reduced each time.
		want := byDefinition(a.name, body)
		if got := CheckOf(a.name, body); got != want {
			t.Errorf("CheckOf(%s, %s × %d) = %s, want %s", a.name, last, maxKey, got, want)
		}
	}
}

// byDefinition computes a check from the right or the left as its standard
// says, slowly.
func byDefinition(name, body string) string {
	chars, checks, _ := CheckAlphabet(name)
	n := len(body)
	value := func(i int) int { return strings.IndexByte(chars, body[i]) }
	weighted := func(m int, weight func(place int) int, offset int) string { // place 1 is the rightmost
		sum := 0
		for i := range n {
			sum = (sum + value(i)*weight(n-i)) % m
		}
		return string(checks[((offset-sum)%m+m)%m])
	}
	power := func(r, m, exponent int) int {
		p := 1
		for range exponent {
			p = p * r % m
		}
		return p
	}
	pure := func(m, r int) string {
		return weighted(m, func(place int) int { return power(r, m, place) }, 1)
	}
	double := func(m, r int) string {
		p := 0
		for i := range n {
			v := value(i)
			if name == "mod97-10" && v > 9 {
				p = (p + v/10) * r % m
				v %= 10
			}
			p = (p + v) * r % m
		}
		c := m + 1 - p*r%m
		return string([]byte{checks[c/r], checks[c%r]})
	}
	hybrid := func(m int) string {
		p := m
		for i := range n {
			s := (p + value(i)) % m
			if s == 0 {
				s = m
			}
			p = 2 * s % (m + 1)
		}
		return string(checks[((1-p)%m+m)%m])
	}
	luhn := func(m int) string {
		sum := 0
		for i := range n {
			a := value(i)
			if (n-i)%2 == 1 {
				a = 2*a/m + 2*a%m
			}
			sum += a
		}
		return string(checks[(m-sum%m)%m])
	}
	switch name {
	case "luhn":
		return luhn(10)
	case "luhn-mod-16":
		return luhn(16)
	case "luhn-mod-36":
		return luhn(36)
	case "gs1-mod10":
		return weighted(10, func(place int) int { return 1 + 2*(place%2) }, 0)
	case "mod11-2", "gb11643":
		return pure(11, 2)
	case "gb11714":
		return weighted(11, func(place int) int { return power(2, 11, place) }, 0)
	case "mod37-2":
		return pure(37, 2)
	case "mod97-10":
		return double(97, 10)
	case "mod661-26":
		return double(661, 26)
	case "mod1271-36":
		return double(1271, 36)
	case "mod11-10":
		return hybrid(10)
	case "mod27-26":
		return hybrid(26)
	case "mod37-36":
		return hybrid(36)
	case "crockford37":
		p := 0
		for i := range n {
			p = (p*32 + value(i)) % 37
		}
		return string(checks[p])
	case "noid29":
		return weighted(29, func(place int) int { return place - n - 1 }, 0)
	case "gb32100":
		return weighted(31, func(place int) int { return power(3, 31, n-place) }, 0)
	case "sierra-mod11":
		return weighted(11, func(place int) int { return -1 - place }, 0)
	case "damm":
		p := 0
		for i := range n {
			p = int(dammTable[p][value(i)] - '0')
		}
		return string(checks[p])
	case "verhoeff":
		p := 0
		for i := n - 1; i >= 0; i-- {
			v := value(i)
			for range (n - i) % 8 {
				v = int("1576283094"[v] - '0')
			}
			p = int(dihedral[p][v] - '0')
		}
		return string("0432156789"[p])
	}
	return "unknown algorithm"
}

func TestAlgorithmsAgreeWithTheirDefinitions(t *testing.T) {
	t.Parallel()
	for _, name := range CheckSystems() {
		chars, _, _ := CheckAlphabet(name)
		rapid.Check(t, func(t *rapid.T) {
			body := strings.Join(rapid.SliceOfN(rapid.SampledFrom(strings.Split(chars, "")), 1, 60).Draw(t, "body"), "")
			if got, want := CheckOf(name, body), byDefinition(name, body); got != want {
				t.Fatalf("CheckOf(%s, %s) = %s, want %s", name, body, got, want)
			}
		})
	}
}

func TestOneCheckOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, algorithm, body, check string
		want                         bool
	}{
		{"high form", "mod97-10", "5303", "97", true},
		{"low form", "mod97-10", "5303", "00", false},
		{"low form 01", "mod97-10", "5335", "01", false},
		{"low form of letters", "mod661-26", "A", "AB", false},
		{"low form of letters and digits", "mod1271-36", "0", "01", false},
		{"x of a resident number", "gb11643", "11010519491231002", "x", true},
		{"x is no check of mod11-2", "mod11-2", "11010519491231002", "x", false},
		{"small check symbol", "crockford37", "3rj0", "r", true},
		{"u as check symbol", "crockford37", "14", "u", true},
		{"I and L are 1", "crockford37", "iL", CheckOf("crockford37", "11"), true},
		{"hyphens are skipped", "crockford37", "1-6-J", "D", true},
		{"U in the body", "crockford37", "16JU", CheckOf("crockford37", "16J"), false},
		{"small hex", "luhn-mod-16", "deadbeef", "c", true},
		{"small letters count as capitals", "mod97-10", "cust00123", "26", true},
		{"a letter that credit codes do not have", "gb32100", "9111000060003734I", CheckOf("gb32100", "9111000060003734"), false},
		{"zone: name only", "noid29", "btv1b8449691", "v", true},
		{"zone: authority and name", "noid29", "13030/xf93gt2", "q", true},
		{"zone: all of it", "noid29", "ark:/13030/nq943d25", "1", true},
		{"the wrong zone", "noid29", "13030/nq943d25", "1", false},
		{"capitals take a place and count 0", "noid29", "Ab", "p", true},
		{"so do characters of several bytes", "noid29", "京b", "p", true},
		{"a check of nothing", "luhn", "--", "0", false},
		{"no such algorithm", "md5", "1", "0", false},
		{"too long", "luhn", "7894", "99", false},
		{"too short", "mod97-10", "794", "4", false},
	} {
		if got := CheckHolds(c.algorithm, c.body, c.check); got != c.want {
			t.Errorf("%s: CheckHolds(%s, %s, %s) = %v, want %v", c.name, c.algorithm, c.body, c.check, got, c.want)
		}
	}
	for _, body := range []string{"16JU", "--", ""} {
		if got := CheckOf("crockford37", body); got != "" {
			t.Errorf("CheckOf(crockford37, %q) = %q, want none", body, got)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, c := range []struct{ algorithm, body string }{
		{"luhn", "490154203237518490"},
		{"mod11-2", "11010519491231002"},
		{"mod97-10", "CUST00000001"},
		{"mod97-10", "36155444216779151"},
		{"gb32100", "91110000600037341"},
		{"mod37-36", "A12425GABC1234002"},
		{"mod1271-36", "CUST00123"},
		{"verhoeff", "123456789012"},
	} {
		a := findAlgorithm(c.algorithm)
		b.Run(c.algorithm+"/"+c.body, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a.of(c.body)
			}
		})
	}
}
