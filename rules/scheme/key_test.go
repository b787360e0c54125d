package scheme

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func keyer(t testing.TB, r KeyRule) Keyer {
	t.Helper()
	k, err := r.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestKeyVectors takes what testdata/normalize_vectors.csv recommends.
// reject_or_nfc is NFC here: letters of any script stay.
func TestKeyVectors(t *testing.T) {
	t.Parallel()
	rows := readCSV(t, "testdata/normalize_vectors.csv")
	if len(rows) != 33 {
		t.Fatalf("%d vectors, want 33", len(rows))
	}
	codepoints := func(s string) string {
		var b strings.Builder
		for _, f := range strings.Fields(s) {
			n, err := strconv.ParseInt(strings.TrimPrefix(f, "U+"), 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			b.WriteRune(rune(n))
		}
		return b.String()
	}
	k := keyer(t, KeyRule{})
	for _, row := range rows {
		in, action := codepoints(row[1]), row[6]
		key, err := k.Key(in)
		want := ""
		switch action {
		case "fold":
			want = codepoints(row[3])
		case "trim_and_report", "strip_and_report":
			want = "C001"
		case "fold_to_hyphen_and_report":
			want = "CUST-00123"
		case "reject_or_nfc":
			want = codepoints(row[2])
		case "reject", "reject_mixed_script", "reject_unless_profile_allows":
			if err == nil {
				t.Errorf("%s: key %q, want a reject", row[0], key)
			} else if strings.Contains(err.Error(), in) {
				t.Errorf("%s: the reason quotes the ID: %v", row[0], err)
			}
			continue
		default:
			t.Fatalf("%s: unknown action %s", row[0], action)
		}
		if row[0] == "full_width_hyphen" {
			want = "CUST-00123"
		}
		if err != nil || key != want {
			t.Errorf("%s: key %q, %v, want %q", row[0], key, err, want)
		}
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	exact := KeyRule{Space: "exact", Width: "exact"}
	for _, c := range []struct {
		rule     KeyRule
		in, want string // want is empty for a reject
	}{
		{in: "C001", want: "C001"},
		{in: "c001", want: "c001"},
		{in: "C 001", want: "C 001"},
		{in: "#A001", want: "#A001"},
		{in: " C001\t\r\n", want: "C001"},
		{in: "客户0001", want: "客户0001"},
		{in: "客户００１", want: "客户001"},
		{in: "VIP客户001", want: "VIP客户001"},
		{in: "顧客カナー1", want: "顧客カナー1"},
		{in: "ｶﾞ1", want: "ガ1"},
		{in: "고객1", want: "고객1"},
		{in: "二〇二四-1", want: "二〇二四-1"},
		{in: "émile-1", want: "émile-1"},
		{in: "e\u0301mile-1", want: "émile-1"},
		{in: "Müller", want: "Müller"},
		{in: "Клиент-001", want: "Клиент-001"},
		{in: "СОР", want: "СОР"}, // a word, in Cyrillic letters alone
		{in: "عميل-1", want: "عميل-1"},
		{in: "C\u00a0001", want: "C 001"},
		{in: "C\u200d001\ufe0f", want: "C001"},
		{in: "C\x7f001", want: "C001"},
		{in: "（A）＃1", want: "(A)#1"},
		{in: "A—1", want: "A-1"},
		{in: strings.Repeat("A", 255), want: strings.Repeat("A", 255)},
		{in: " " + strings.Repeat("A", 255) + "\ufeff", want: strings.Repeat("A", 255)},

		{in: ""},
		{in: "   "},
		{in: "\u3000\ufeff"},
		{in: strings.Repeat("A", 256)},
		{in: strings.Repeat("客", 86)},
		{in: "C\x00001"},
		{in: "C001\x00"},
		{in: "C\xff001"},
		{in: "C\ufffd001"},
		{in: "C\t001"},
		{in: "C\n001"},
		{in: "C\u2028001"},
		{in: "С001"},       // Cyrillic Es
		{in: "СС-0-1"},     // and twice
		{in: "CС1"},        // beside a Latin one
		{in: "客户С1"},       // beside a Han one
		{in: "Клиент-A1"},  // Cyrillic and Latin
		{in: "ΑС"},         // Greek and Cyrillic
		{in: "straße1"},    // see the vectors
		{in: "I\u0307d01"}, // composes to dotted I
		{in: "1\u0301"},
		{in: "A\u20dd"},
		{in: "№1"},
		{in: "\u212b1"}, // the Angstrom sign
		{in: "€1"},
		{in: "A·1"},
		{in: "😀1"},
		{in: "\ue0001"},
		{in: "￥1"},

		{rule: KeyRule{Case: "upper"}, in: "c001é", want: "C001é"},
		{rule: KeyRule{Case: "upper"}, in: "c001", want: "C001"},
		{rule: KeyRule{Case: "upper"}, in: "e\u03011", want: "é1"}, // as the composed one
		{rule: KeyRule{Case: "upper"}, in: "i\u03071"},             // would become a dotted I
		{rule: KeyRule{Case: "upper"}, in: "ｃ001", want: "C001"},
		{rule: KeyRule{Case: "lower"}, in: "C001É", want: "c001É"},
		{rule: KeyRule{Case: "exact"}, in: "cC", want: "cC"},

		{rule: KeyRule{Space: "exact"}, in: " C001 ", want: " C001 "},
		{rule: KeyRule{Space: "exact"}, in: "C\u00a01", want: "C\u00a01"},
		{rule: KeyRule{Space: "exact"}, in: "Ｃ1\u3000", want: "C1 "},
		{rule: KeyRule{Width: "exact"}, in: "Ｃ００１ ", want: "Ｃ００１"},
		{rule: KeyRule{Width: "exact"}, in: "С001", want: "С001"},
		{rule: KeyRule{Width: "exact"}, in: "C²–٠", want: "C²–٠"},
		{rule: KeyRule{Width: "exact"}, in: "C\ufeff1", want: "C1"},
		{rule: exact, in: " \tC\n ", want: " \tC\n "},
		{rule: exact, in: "e\u0301", want: "é"},
		{rule: exact, in: "C\x00"},
		{rule: exact, in: ""},
	} {
		key, err := keyer(t, c.rule).Key(c.in)
		if key != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%+v: Key(%+q) = %+q, %v, want %+q", c.rule, c.in, key, err, c.want)
		}
	}
	if key, err := (Keyer{}).Key(" C1 "); key != "C1" || err != nil {
		t.Errorf("the zero Keyer: %q, %v", key, err)
	}
}

func TestKeyRuleErrors(t *testing.T) {
	t.Parallel()
	for _, r := range []KeyRule{{Case: "UPPER"}, {Space: "none"}, {Width: "full"}} {
		if _, err := r.Compile(); err == nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

func TestKeyOfCleanASCIIDoesNotAllocate(t *testing.T) {
	for _, r := range []KeyRule{{}, {Case: "upper"}} {
		k := keyer(t, r)
		for _, in := range []string{"CUST-0012 3", " C001 "} {
			if n := testing.AllocsPerRun(100, func() {
				if _, err := k.Key(in); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%+v: Key(%q) allocates %v times", r, in, n)
			}
		}
	}
}

func FuzzKey(f *testing.F) {
	for _, s := range []string{"C001", " Ｃ００１ ", "e\u0301", "С001", "\ufeff客户-1", "ｶﾞ", "I\u0307", "i\u0307", "\u00df", "a\u2028b", "\x00", "\u0958", "\u1fbe\u0345", "ﾡ"} {
		for rule := range 12 {
			f.Add(s, uint8(rule))
		}
	}
	f.Fuzz(func(t *testing.T, in string, rule uint8) {
		r := KeyRule{Case: []string{"", "upper", "lower"}[rule%3]}
		if rule/3%2 == 1 {
			r.Space = "exact"
		}
		if rule/6%2 == 1 {
			r.Width = "exact"
		}
		k := keyer(t, r)
		key, err := k.Key(in)
		if err != nil {
			return
		}
		if !utf8.ValidString(key) || key == "" || len(key) > maxKey || strings.Contains(key, "\x00") {
			t.Fatalf("%+v: Key(%+q) = %+q", r, in, key)
		}
		again, err := k.Key(key)
		if err != nil || again != key {
			t.Fatalf("%+v: Key(%+q) = %+q, whose key is %+q, %v", r, in, key, again, err)
		}
	})
}

func TestCompare(t *testing.T) {
	t.Parallel()
	sorted := []string{
		"", "-1", "0", "00", "000", "01", "1", "2", "09", "9", "10", "99999999999999999998", "99999999999999999999", "A", "A-1",
		"A01", "A1", "A1B", "A2", "A10", "A10B1", "A10B02", "AA", "C9", "C10", "a", "客1", "客2", "客10",
	}
	for i, a := range sorted {
		for j, b := range sorted {
			if got, want := Compare(a, b), cmp.Compare(i, j); got != want {
				t.Errorf("Compare(%q, %q) = %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestCompareIsATotalOrder(t *testing.T) {
	t.Parallel()
	key := rapid.StringMatching(`[01A-]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := key.Draw(t, "a"), key.Draw(t, "b"), key.Draw(t, "c")
		if (Compare(a, b) == 0) != (a == b) {
			t.Fatalf("Compare(%q, %q) = %d", a, b, Compare(a, b))
		}
		if Compare(a, b) != -Compare(b, a) {
			t.Fatalf("Compare(%q, %q) = %d and back %d", a, b, Compare(a, b), Compare(b, a))
		}
		if Compare(a, b) <= 0 && Compare(b, c) <= 0 && Compare(a, c) > 0 {
			t.Fatalf("%q <= %q <= %q, but Compare(%q, %q) = %d", a, b, c, a, c, Compare(a, c))
		}
		if n, m := len(strings.TrimLeft(a, "0")), len(strings.TrimLeft(b, "0")); strings.Trim(a, "01") == "" && strings.Trim(b, "01") == "" && a != "" && b != "" && n < m && Compare(a, b) >= 0 {
			t.Fatalf("%q is the smaller number, but Compare says it is not before %q", a, b)
		}
	})
}

func TestJoinAndSplitParts(t *testing.T) {
	t.Parallel()
	if got, want := JoinParts([]string{"01", `A|B\`, ""}), `01|A\|B\\|`; got != want {
		t.Errorf("JoinParts = %s, want %s", got, want)
	}
	for _, bad := range []string{`a\`, `a\b|c`} {
		if parts, err := SplitParts(bad); err == nil {
			t.Errorf("SplitParts(%s) = %q", bad, parts)
		}
	}
	part := rapid.StringMatching(`[a|\\客]{0,4}`)
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(part, 1, 4).Draw(t, "parts")
		got, err := SplitParts(JoinParts(parts))
		if err != nil || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", parts) {
			t.Fatalf("%q comes back as %q, %v", parts, got, err)
		}
	})
}
