package scheme

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func set(t testing.TB, texts ...string) *Set {
	t.Helper()
	var schemes []*Scheme
	for _, text := range texts {
		schemes = append(schemes, compile(t, text))
	}
	return NewSet(schemes...)
}

func TestSetKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		schemes []string
		ids     map[string]string // ID -> key; empty: no scheme reads it
	}{
		{"empty set", nil, map[string]string{"whatever": "whatever"}},
		{"plain", []string{"C{seq:4}", "K-{seq:6}"}, map[string]string{"C0001": "C0001", "K-000001": "K-000001", "c0001": "", "K000001": ""}},
		{"with or without check", []string{"B{seq:7}[{check:luhn}]"}, map[string]string{
			"B7992739": "B7992739", "B79927391": "", "B79927398": "B7992739",
		}},
		{"dotted and undotted, in one scheme", []string{"[.]b{seq:3}[-]{seq:2}[{check:damm}]"}, map[string]string{
			"b57201": "b57201", ".b57201": "b57201", ".b572-01": "b57201", "b572-01": "b57201", ".b572-018": "b57201", "b572-014": "",
		}},
		{"in two schemes", []string{"B{seq:7}{check:luhn}", "B{seq:7}"}, map[string]string{"B79927398": "B7992739", "B7992739": "B7992739"}},
		{"a shorter number could be a longer one with its check", []string{"{seq}{check:luhn}", "{seq}"}, map[string]string{"79927398713": "79927398713", "7992739871": "7992739871"}},
		{"letters tell numbers apart", []string{"[K-]{seq:4}"}, map[string]string{"K-0001": "K-0001", "0001": "0001"}},
		{"so do signs that are no separators", []string{"#{seq:3}", "@{seq:3}", "{seq:3}"}, map[string]string{"#001": "#001", "@001": "@001", "001": "001"}},
		{"optional parts that say something stay", []string{"{seq:4}[-{seq:2}]"}, map[string]string{"0001": "0001", "0001-22": "0001-22"}},
		{"Crockford", []string{"T{base32:4}"}, map[string]string{"T1a0B": "T1A0B", "TiaoB": "T1A0B", "TLAOB": "T1A0B", "TUAOB": ""}},
		{"UUID", []string{"{uuid}", "{any}"}, map[string]string{
			"017f22e2-79b0-7cc3-98c4-dc0c0c07398f":          "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
			"{017F22E2-79B0-7CC3-98C4-DC0C0C07398F}":        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
			"urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f": "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
			"017f22e279b07cc398c4dc0c0c07398f":              "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
			"017F":                                          "017F",
		}},
		{"Salesforce", []string{"{salesforce}"}, map[string]string{
			"70130000001tcyI": "70130000001tcyIAAQ", "70130000001tcyIAAQ": "70130000001tcyIAAQ", "70130000001TCYIAAQ": "", "70130000001tcyi": "70130000001tcyiAAA",
		}},
		{"old and new resident numbers", []string{"{code:gb2260}{date:YYMMDD}{seq:3}", "{code:gb2260}{date:YYYYMMDD}{seq:3}{check:gb11643}"}, map[string]string{
			"11010519491231002X": "11010519491231002X", "11010519491231002x": "11010519491231002X", "110105491231002": "11010519491231002X",
			"110105491331002": "", "110105000229001": "", "990105491231002": "", "110105194912310021": "",
		}},
		{"old resident numbers alone", []string{"{code:gb2260}{date:YYMMDD}{seq:3}"}, map[string]string{"110105491231002": "110105491231002"}},
		{"optional components are different ones", []string{"{seq:4}[-{seq:2}][.{seq:2}]"}, map[string]string{"0001-01": "0001-01", "0001.01": "0001.01"}},
		{"a key that another scheme reads first", []string{"{base32:4}", "{alnum:2}[-]{alnum:2}"}, map[string]string{
			"abcd": "ABCD", "AB-CD": "AB-CD", "ab-cd": "ab-cd", "UB-CD": "UBCD",
		}},
		{"the check of the spelling", []string{"[-]{seq:1}{base32:2}{check:luhn}"}, map[string]string{"1OO8": "1008", "1O09": "1008", "-1008": "1008", "1009": ""}},
		{"a number that has no check", []string{"{alnum:2}--{alnum:1}", "{alnum:2}{alnum:1}{check:gb32100}"}, map[string]string{"A1--2": "A120", "A1--I": "A1--I", "A120": "A120"}},
		{"the separator of a single form stays", []string{"C-{seq:2}-{seq:2}"}, map[string]string{"C-01-02": "C-01-02", "C0102": ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := set(t, c.schemes...)
			for id, want := range c.ids {
				key, at := s.Key(id)
				switch {
				case want == "" && at >= 0:
					t.Errorf("Key(%q) = %q by scheme %d", id, key, at)
				case want != "" && (at < 0 || key != want):
					t.Errorf("Key(%q) = %q, %d, want %q", id, key, at, want)
				case at < 0:
				default:
					if again, at := s.Key(key); again != key || at < 0 {
						t.Errorf("the key of %q is %q, whose key is %q, %d", id, key, again, at)
					}
				}
			}
		})
	}
}

func TestWrongCheck(t *testing.T) {
	t.Parallel()
	s := set(t, "C{seq:4}", "K-{seq:4}{check:luhn}")
	if m := s.WrongCheck("K-00019"); m == nil || m.Scheme != "K-{seq:4}{check:luhn}" || m.Check != "luhn" {
		t.Errorf("a wrong check is told as %v", m)
	}
	if m := s.WrongCheck("X1"); m != nil {
		t.Errorf("another shape is told as %v", m)
	}
}

func TestSetFolding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		schemes, want string
	}{
		{"", ""},
		{"C{seq:4} K-{seq:6}", ""},
		{"{any} C{seq:4}[{check:luhn}]", "C{seq:4}[{check:luhn}]"},
		{"{any} B{seq:7} B{seq:7}{check:luhn} C{seq}", "B{seq:7} B{seq:7}{check:luhn}"},
	} {
		s := set(t, strings.Fields(c.schemes)...)
		var got []string
		for _, f := range s.Folding() {
			got = append(got, f.String())
		}
		if strings.Join(got, " ") != c.want || s.Folds() != (c.want != "") {
			t.Errorf("%s: folding are %q, want %q", c.schemes, got, c.want)
		}
	}
}

// TestFoldingSchemesAloneDecideKeys is what look-ups rely on: they know those
// schemes only.
func TestFoldingSchemesAloneDecideKeys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var schemes []*Scheme
		for range rapid.IntRange(1, 3).Draw(t, "schemes") {
			text := ""
			for range rapid.IntRange(1, 4).Draw(t, "parts") {
				text += rapid.SampledFrom([]string{"A", "-", "[-]", "[.]", "{seq:1}", "{seq:2}", "{base32:2}", "{alnum}", "{seq}", "{check:luhn}", "[{check:damm}]", "[A]"}).Draw(t, "part")
			}
			s, err := Compile(text, nil)
			if err != nil {
				t.Skip(err.Error())
			}
			schemes = append(schemes, s)
		}
		s := NewSet(schemes...)
		id := rapid.StringOfN(rapid.RuneFrom([]rune("012AO-.")), 1, 6, -1).Draw(t, "id")
		key, at := s.Key(id)
		if at < 0 {
			return
		}
		if again, _ := s.Key(key); again != key {
			t.Fatalf("%s: the key of %q is %q, whose key is %q", s, id, key, again)
		}
		if !s.Folds() {
			if key != id {
				t.Fatalf("%s: the key of %q is %q, and the set does not fold", s, id, key)
			}
			return
		}
		if alone, at := NewSet(s.Folding()...).Key(id); at >= 0 && alone != key {
			t.Fatalf("%s: the key of %q is %q, and %q by the folding schemes alone", s, id, key, alone)
		}
	})
}

// TestReadAsIsKeyThenRead holds the short cut for plain IDs to the long way.
func TestReadAsIsKeyThenRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var schemes []*Scheme
		for range rapid.IntRange(0, 3).Draw(t, "schemes") {
			s, err := Compile(rapid.SampledFrom([]string{"{any}", "{any:3}", "C{seq:2}", "[-]{alnum}", "{base32:3}", "C {seq}", "{letters}-{seq}", "{seq}{check:luhn}", "客{seq}"}).Draw(t, "scheme"), nil)
			if err != nil {
				t.Fatal(err)
			}
			schemes = append(schemes, s)
		}
		s := NewSet(schemes...)
		k, err := KeyRule{
			Case:  rapid.SampledFrom([]string{"", "upper", "lower"}).Draw(t, "case"),
			Space: rapid.SampledFrom([]string{"", "exact"}).Draw(t, "space"),
			Width: rapid.SampledFrom([]string{"", "exact"}).Draw(t, "width"),
		}.Compile()
		if err != nil {
			t.Fatal(err)
		}
		id := rapid.StringOfN(rapid.RuneFrom([]rune("C01oi -Ｃ客\u200b")), 0, 5, -1).Draw(t, "id")
		var short, long Parts
		key, at, err := s.ReadAs(k, &short, id)
		wantKey, wantErr := k.Key(id)
		if (err != nil) != (wantErr != nil) {
			t.Fatalf("%s: %q is refused with %v, and by the key rule with %v", s, id, err, wantErr)
		}
		if err != nil {
			return
		}
		wantKey, wantAt := s.Read(&long, wantKey)
		if key != wantKey || at != wantAt || !slices.Equal(short.Parts, long.Parts) {
			t.Fatalf("%s: %q is read as %q, %d, %v, and in two steps as %q, %d, %v", s, id, key, at, short, wantKey, wantAt, long)
		}
	})
}
